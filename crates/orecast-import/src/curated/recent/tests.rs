use super::*;
use crate::testing::{id, shipped_world};
use orecast::world::table::{MineralKind, MineralRow};

const HEADER: &str = "mineral,stage,product,place,date,value,unit,usd_per_t_contained,conversion,source_title,publisher,url,seen_date,confidence,note";

fn tungsten() -> MineralRow {
    MineralRow {
        id: id("tungsten"),
        name: "Tungsten".to_owned(),
        symbol: "W".to_owned(),
        kind: MineralKind::Critical,
        market: id("tungsten"),
        basis: "t W".to_owned(),
        mine_product: String::new(),
        refined_product: String::new(),
        recovery_low: None,
        recovery_mid: None,
        recovery_high: None,
        recovery_grade: None,
        mine_utilisation: None,
        refine_utilisation: None,
        lists: String::new(),
        source: id("orecast"),
        note: String::new(),
    }
}

fn import(rows: &str) -> (Vec<QuoteRow>, String) {
    let mut tables = Tables { minerals: vec![tungsten()], ..Tables::default() };
    let mut problems = Diagnostics::default();
    let input = Input::inline("prices.csv", format!("{HEADER}\n{rows}"));
    quotes(&input, &Reference::load().unwrap(), &mut tables, &mut problems);
    (tables.quotes, problems.to_string())
}

#[test]
fn a_range_keeps_its_ends_and_a_place_its_country() {
    let (found, problems) = import(
        "tungsten,refine,APT CIF Rotterdam,outside,2025-06-18,410-450,USD/mtu WO3,54224,x 126.103 (t W),\
         SMM Tungsten Daily Review 19 Jun 2025,SMM,https://news.metal.com/newscontent/103385170,2025-06-19,A,\n\
         sulphur,refine,sulphur,world,2026-05,1,USD/t,1,as quoted,sulfur tracker signal notes,x,,2026-08,C,\n",
    );
    assert_eq!(problems, "0 problems");
    let [row] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!((row.place, row.iso3, row.kind), (Place::Outside, Some(id("CHN")), QuoteKind::Spot));
    let ends = [row.low.unwrap(), row.usd_per_t, row.high.unwrap()].map(f64::round);
    assert_eq!(ends, [51_702.0, 54_224.0, 56_746.0]);
    assert_eq!(row.series, "APT, derived");
}

#[test]
fn a_peak_is_no_level_and_a_mean_of_the_year_has_the_year() {
    let (found, problems) = import(
        "tungsten,refine,APT CIF Rotterdam,outside,2026-04,3185,USD/mtu WO3,401638,x 126.103 (t W),\
         SMM peak of April 2026 via mineral.watch tungsten page,mineral.watch,https://mineral.watch/tungsten/,2026-09-30,B,\n\
         tungsten,mine,concentrate 65% WO3,outside,2025-12,380,USD/mtu WO3,47919,x 126.103 (t W),\
         USGS MCS 2026 (Argus) mean of 2025 via mineral.watch,mineral.watch,https://mineral.watch/tungsten/,2026-09-30,B,\n",
    );
    assert_eq!(problems, "0 problems");
    let read: Vec<_> = found.iter().map(|row| (row.kind, row.date.to_string())).collect();
    assert_eq!(read, [(QuoteKind::Extreme, "2026-04".to_owned()), (QuoteKind::Mean, "2025".to_owned())]);
}

#[test]
fn an_unknown_page_or_product_stops_the_import() {
    let (found, problems) = import(
        "tungsten,refine,APT CIF Rotterdam,outside,2026-11-20,1,USD/mtu WO3,1,x,A new page,x,https://example.org,2026-11-20,A,\n\
         tungsten,refine,new product,outside,2026-11-20,1,USD/mtu WO3,1,x,market table latest-toman.json,x,\
         https://raw.githubusercontent.com/hidevs/tabloo/main/data/latest-toman.json,2026-11-20,A,\n",
    );
    assert!(found.is_empty());
    assert!(
        problems.contains("mapping/recent_pages.csv") && problems.contains("mapping/quotes.csv"),
        "{problems}"
    );
}

#[test]
fn every_series_named_is_one_of_the_yearly_prices_and_ratios_make_sense() {
    let world = shipped_world();
    let mut compared = 0;
    for row in world.tables().quotes.iter().filter(|row| !row.series.is_empty()) {
        let base = world.prices(&row.mineral).iter().find(|price| {
            price.stage == row.stage && price.product == row.series && Some(price.year) == world.base_year()
        });
        let base = base.unwrap_or_else(|| panic!("{} has no `{}`", row.mineral, row.series));
        let ratio = row.usd_per_t / base.usd_per_t;
        // Yttrium outside China stands at 180 times the Chinese price of 2024.
        assert!((0.3..200.0).contains(&ratio), "{} {} {ratio}", row.mineral, row.product);
        compared += 1;
    }
    assert!(compared > 150, "{compared}");
}
