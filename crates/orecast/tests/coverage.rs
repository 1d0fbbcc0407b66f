//! What the shipped facts must cover, whatever else changes.
#![allow(clippy::unwrap_used)]

mod shipped;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use orecast::{
    base::{
        id::{BlocId, Iso3, MineralId, SourceId},
        unit::{Grade, Stage},
    },
    baseline::Baseline,
    world::{
        show::mineral_sheet,
        table::{Flag, MineralKind, ObservationRow},
    },
};
use shipped::WORLD;

const LIST: &str = "US2025";
const LISTED: usize = 60;
/// Minerals of the list that may lack a figure because nobody publishes it and nothing allows to infer it.
const MAY_LACK: usize = 2;
const MEGABYTES: u64 = 15;

fn listed() -> BTreeSet<&'static MineralId> {
    WORLD.tables().lists.iter().filter(|row| row.list == LIST).map(|row| &row.mineral).collect()
}

/// Holds that at most two of the listed minerals are not among those given.
fn nearly_all<'a>(what: &str, found: impl Iterator<Item = &'a MineralId>) {
    let found: BTreeSet<&MineralId> = found.collect();
    let lacking: Vec<&MineralId> = listed().into_iter().filter(|mineral| !found.contains(mineral)).collect();
    assert!(lacking.len() <= MAY_LACK, "no {what}: {lacking:?}");
}

#[test]
fn nearly_every_listed_mineral_has_output_and_a_price() {
    assert_eq!(listed().len(), LISTED);
    let tables = WORLD.tables();
    let base = WORLD.base_year().unwrap();
    // A balanced year may start from a figure of the year before or after.
    let near = |row: &&ObservationRow| row.year.abs_diff(base) <= 1 && row.value > Some(0.0);
    let output = tables.production.iter().filter(near);
    nearly_all("output", output.map(|row| &row.mineral));
    nearly_all("price", tables.prices.iter().filter(|row| row.year == base).map(|row| &row.mineral));
}

#[test]
fn every_listed_mineral_has_uses_recycling_elasticities_and_a_demand_index() {
    let tables = WORLD.tables();
    let complete = |what: &str, found: BTreeSet<&MineralId>| {
        let lacking: Vec<_> = listed().into_iter().filter(|mineral| !found.contains(mineral)).collect();
        assert!(lacking.is_empty(), "no {what}: {lacking:?}");
    };
    complete("end use", tables.end_uses.iter().map(|row| &row.mineral).collect());
    complete("recycling rate", tables.recycling.iter().map(|row| &row.mineral).collect());
    complete("elasticity", tables.elasticities.iter().map(|row| &row.mineral).collect());
    complete("demand index", tables.demand.iter().map(|row| &row.mineral).collect());
}

#[test]
fn every_listed_market_with_output_balances() {
    let base = WORLD.base_year().unwrap();
    let listed = listed();
    let lacking: Vec<&MineralId> = WORLD
        .market_minerals()
        .map(|row| &row.id)
        .filter(|id| listed.contains(id) && Baseline::build(&WORLD, id.as_str(), base, &[]).is_err())
        .collect();
    assert!(lacking.len() <= MAY_LACK, "no balanced year: {lacking:?}");
}

#[test]
fn elements_divide_the_output_of_their_market_in_every_country() {
    let tables = WORLD.tables();
    let base = WORLD.base_year().unwrap();
    let of = |mineral: &MineralId, stage| WORLD.chosen_production(mineral, stage, base);
    for market in tables.minerals.iter().filter(|row| row.kind == MineralKind::Aggregate) {
        let elements: Vec<_> = tables.minerals.iter().filter(|row| row.market == market.id).collect();
        for stage in [Stage::Mine, Stage::Refine] {
            let mut parts: BTreeMap<Iso3, f64> = BTreeMap::new();
            for element in elements.iter().filter(|row| row.id != market.id) {
                for (iso3, row) in of(&element.id, stage) {
                    assert_eq!(row.flag, Flag::Derived, "{} {iso3}", element.id);
                    assert!(row.grade >= Grade::B && row.low <= row.value && row.value <= row.high);
                    *parts.entry(iso3).or_default() += row.value.unwrap();
                }
            }
            let whole = of(&market.id, stage);
            for (iso3, row) in whole.iter().filter(|(iso3, _)| **iso3 != Iso3::WORLD) {
                let value = row.value.unwrap_or_default();
                let sum = parts.get(iso3).copied().unwrap_or_default();
                assert!(
                    (sum - value).abs() <= 0.01 * value,
                    "{} {stage} {iso3}: {sum} of {value}",
                    market.id
                );
            }
        }
    }
}

#[test]
fn an_element_can_be_asked_for_by_name() {
    for name in ["dysprosium", "samarium"] {
        let sheet = mineral_sheet(&WORLD, WORLD.mineral(name).unwrap());
        let stages: BTreeSet<Stage> = sheet.quantities.iter().map(|table| table.stage).collect();
        assert_eq!(stages.len(), 2, "{name} is mined and separated");
        assert!(!sheet.prices.is_empty() && !sheet.end_uses.is_empty() && !sheet.lists.is_empty());
        let market = sheet.market.unwrap();
        assert!(!market.reserves.is_empty() && !market.import_reliance.is_empty(), "{name}");
    }
}

#[test]
fn every_row_names_a_source_whose_terms_allow_passing_it_on() {
    let tables = WORLD.tables();
    let known: BTreeSet<&SourceId> = tables.sources.iter().map(|row| &row.id).collect();
    macro_rules! cited {
        ($($table:ident),*) => {
            $(for row in &tables.$table {
                assert!(known.contains(&row.source), "{} of {}", row.source, stringify!($table));
            })*
        };
    }
    cited!(
        blocs,
        production,
        capacity,
        reserves,
        stocks,
        trade,
        prices,
        elasticities,
        byproducts,
        baskets,
        lists,
        end_uses,
        use_industries,
        recycling,
        import_reliance,
        import_sources,
        demand,
        governance,
        projects,
        ownership,
        transit
    );
    for source in &tables.sources {
        assert!(!source.licence.is_empty(), "{}: no licence", source.id);
        assert!(source.note.ends_with("rows may be passed on"), "{}: {}", source.id, source.note);
    }
}

#[test]
fn blocs_are_whole_in_the_base_year_and_their_dates_agree_with_their_years() {
    let members = |bloc: &str, year| WORLD.bloc_members(&bloc.parse::<BlocId>().unwrap(), year).len();
    let expected = [("C5", 5), ("EU27", 27), ("G7", 7), ("MSP", 14), ("EAEU", 5), ("BRICS", 9), ("SCO", 10)];
    for (bloc, count) in expected {
        assert_eq!(members(bloc, 2024), count, "{bloc}");
    }
    assert_eq!(
        (members("FORGE", 2026), members("PAX-SILICA", 2025), members("PAX-SILICA", 2026)),
        (14, 7, 10)
    );
    for row in &WORLD.tables().blocs {
        assert!(row.joined.starts_with(&row.from.to_string()), "{} {}: {}", row.bloc, row.iso3, row.joined);
        assert_eq!(row.to.is_some(), !row.left.is_empty(), "{} {}", row.bloc, row.iso3);
    }
}

#[test]
fn the_package_stays_small() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data");
    let bytes: u64 = fs::read_dir(data).unwrap().map(|file| file.unwrap().metadata().unwrap().len()).sum();
    assert!(bytes < MEGABYTES * 1_000_000, "{bytes} bytes");
}
