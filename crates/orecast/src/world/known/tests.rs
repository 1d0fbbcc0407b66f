use super::*;
use crate::{
    base::{id::Iso3, unit::Stage},
    testing::{MiniPackage, id, shipped_world},
    world::table::Place,
};

fn day(text: &str) -> PartialDate {
    text.parse().unwrap()
}

/// Every table as its rows are written.
fn written(world: &World) -> BTreeMap<&'static str, String> {
    let folder = tempfile::tempdir().unwrap();
    let tables = world.tables().write(folder.path()).unwrap();
    let read = |table: &str| std::fs::read_to_string(folder.path().join(format!("{table}.csv"))).unwrap();
    tables.into_iter().map(|(table, _)| (table, read(table))).collect()
}

#[test]
fn rows_of_a_later_date_change_no_bit_of_what_was_known() {
    let later = [
        (
            "quotes.csv",
            "tungsten,mine,poison,concentrate,outside,CHN,2026-04,spot,9e9,,,1,USD,,2026-04,orecast,A,",
        ),
        (
            "quotes.csv",
            "tungsten,mine,poison,concentrate,outside,CHN,2025-12-31,spot,9e9,,,1,USD,,2026-01,orecast,A,",
        ),
        (
            "quotes.csv",
            "tungsten,mine,poison,concentrate,outside,CHN,2025,mean,9e9,,,1,USD,,2026-01,orecast,A,",
        ),
        ("price_history.csv", "zinc,refine,LME,2026-01,9e9,orecast,A"),
        ("prices.csv", "zinc,refine,LME,true,2025,9e9,,,,,orecast,A"),
        ("production.csv", "zinc,mine,KAZ,2026,9e9,,,1,t,,,orecast,2027,A,"),
        ("guidance.csv", "zinc,mine,KAZ,,guidance,2026,,9e9,,,1,t,,2025-12-20,orecast,A,"),
        ("events.csv", "US-KAZ-2024,poison,,USA,committed,2025-12-24,,2025-12-24,9,true,late,orecast,A,"),
        (
            "measures.csv",
            "POISON,CHN,,,tungsten,,metal,ban,all,2025-12-01,2025-12-05,,,,,,in-force,,,,,,false,,,orecast,,A,",
        ),
        ("unknowns.csv", "zinc,price,2026,2025-12,"),
    ];
    let at = day("2025-11-06");
    let sound = written(&MiniPackage::new().load().unwrap().known_by(at));
    for (file, line) in later {
        let poisoned = MiniPackage::new().with_line(file, line).load().unwrap();
        assert_ne!(written(&poisoned), written(&MiniPackage::new().load().unwrap()), "{file} took the row");
        assert!(written(&poisoned.known_by(at)) == sound, "{file}: {line}");
    }
}

#[test]
fn the_base_year_stays_and_figures_after_it_wait_for_their_source() {
    let world = MiniPackage::new().load().unwrap();
    let years = |at: &str| -> Vec<i32> {
        let known = world.known_by(day(at));
        let rows = World::of_mineral(&known.tables().production, &id("tungsten")).to_vec();
        rows.iter().filter(|row| row.iso3.as_str() == "KAZ").map(|row| row.year).collect()
    };
    // The source came out on 1 February 2026.
    assert_eq!(years("2026-01-31"), [2024]);
    assert_eq!(years("2026-02-01"), [2024, 2025]);
    let known = world.known_by(day("2025"));
    assert_eq!(known.base_year(), world.base_year());
    let places: Vec<Place> = known.quotes(&id("tungsten")).iter().map(|row| row.place).collect();
    assert_eq!(places, [Place::Outside]);
    assert!(world.known_by(day("2025-06-17")).quotes(&id("tungsten")).is_empty());
}

#[test]
fn a_suspension_is_undone_before_its_day_and_its_extension_before_theirs() {
    let line = "CN-OCT,CHN,,,tungsten,,metal,licence,all,2025-10-09,2025-11-08,,2025-11-07,2027-01-10,2026-09-23,\
                2026-11-10,suspended,2026-10-08,suspended,,,,false,,,orecast,,A,";
    let world = MiniPackage::new().with_line("measures.csv", line).load().unwrap();
    let state = |at: &str| {
        let known = world.known_by(day(at));
        let row = known.tables().measures.iter().find(|row| row.id.as_str() == "CN-OCT").cloned();
        row.map(|row| {
            (row.state, row.returns.map(|date| date.to_string()), row.seen.map(|date| date.to_string()))
        })
    };
    let (suspended, announced) = (MeasureState::Suspended, MeasureState::Announced);
    assert_eq!(state("2025-10-08"), None);
    let now = |at: &str| Some(at.to_owned());
    assert_eq!(state("2025-11-06"), Some((announced, None, now("2025-11-06"))));
    assert_eq!(state("2026-06-30"), Some((suspended, now("2026-11-10"), now("2026-06-30"))));
    assert_eq!(state("2026-10-31"), Some((suspended, now("2027-01-10"), now("2026-10-08"))));
}

#[test]
fn deals_and_steps_are_those_of_the_day() {
    let world = MiniPackage::new().load().unwrap();
    let known = world.known_by(day("2024-04"));
    let steps: Vec<(String, Option<PartialDate>)> =
        known.tables().events.iter().map(|row| (row.thread.to_string(), row.date)).collect();
    // The plan of work was promised, its first step came later; the loan was not there yet; the output is still due.
    assert_eq!(steps, [("bank-north".to_owned(), Some(day("2024-03-05"))), ("output".to_owned(), None)]);
    assert!(known.tables().events.iter().all(|row| row.seen.is_none_or(|seen| seen <= day("2024-04"))));
    assert_eq!(known.tables().agreements.len(), 2);
    assert!(world.known_by(day("2023-12")).tables().deal_projects.is_empty());
}

#[test]
fn own_data_has_these_tables_too_and_is_cut_alike() {
    let own = crate::testing::OwnData::new(&[
        (
            "quotes.csv",
            "mineral,stage,product,series,place,iso3,date,kind,usd_per_t,low,high,raw,raw_unit,conversion,seen,source,grade,note\n\
             tungsten,mine,desk,concentrate,outside,CHN,2026-11-20,spot,400000,,,400000,USD/t,,,desk,B,\n",
        ),
        (
            "production.csv",
            "mineral,stage,iso3,year,value,low,high,raw,raw_unit,flag,product,source,vintage,grade,note\n\
             tungsten,mine,KAZ,2025,2500,,,2500,t,,,desk,2026,A,\n",
        ),
        (
            "sources.csv",
            "id,title,publisher,url,licence,retrieved,sha256,note\ndesk,Desk,Us,,own,2026-11-20,,\n",
        ),
    ]);
    let world = MiniPackage::new().load_with(&[&own]).unwrap();
    let kaz = |world: &World| {
        let chosen = world.chosen_production(&id("tungsten"), Stage::Mine, 2025);
        chosen.get(&id::<Iso3>("KAZ")).and_then(|row| row.value)
    };
    assert_eq!((kaz(&world), world.quotes(&id("tungsten")).len()), (Some(2_500.0), 3));
    assert_eq!(world.newest_price(&id("tungsten")).unwrap().date, day("2026-11-20"));
    let known = world.known_by(day("2026-11-19"));
    assert_eq!((kaz(&known), known.quotes(&id("tungsten")).len()), (Some(2_400.0), 2));
}

#[test]
fn the_shipped_facts_are_as_new_as_they_say() {
    let world = shipped_world();
    let newest = world.newest_date().unwrap();
    assert!(newest >= day("2026-10-08"), "{newest}");
    let tungsten = world.newest_price(&id("tungsten")).unwrap();
    assert_eq!((tungsten.date, tungsten.table), (day("2026-10-08"), "quotes"));
    // On the day of the memorandum: the base year, and no price of the year after.
    let known = world.known_by(day("2025-11-06"));
    for mineral in &known.tables().minerals {
        let price = known.newest_price(&mineral.id);
        assert!(price.is_none_or(|price| price.date.last() <= day("2025-11-06").last()), "{}", mineral.id);
    }
    let october: Vec<&MeasureRow> =
        known.tables().measures.iter().filter(|row| row.id.as_str().starts_with("CN-2025-OCT")).collect();
    assert!(october.iter().all(|row| row.state != MeasureState::Suspended && row.returns.is_none()));
}
