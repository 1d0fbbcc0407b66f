#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;
use crate::testing::{MiniPackage, id};

fn world() -> World {
    MiniPackage::new().load().unwrap()
}

#[test]
fn the_order_of_rows_in_a_file_changes_nothing() {
    let sorted = world();
    let mut tables = sorted.tables().clone();
    tables.production.reverse();
    tables.trade.reverse();
    let reversed = World::from_tables(tables);
    let (tungsten, mine) = (id("tungsten"), Stage::Mine);
    let values = |world: &World| -> Vec<(Iso3, Option<f64>)> {
        let chosen = world.chosen_production(&tungsten, mine, 2024);
        chosen.into_iter().map(|(iso3, row)| (iso3, row.value)).collect()
    };
    assert_eq!(values(&sorted), values(&reversed));
    assert_eq!(sorted.flows(&tungsten, mine, 2024), reversed.flows(&tungsten, mine, 2024));
}

#[test]
fn production_is_chosen_among_usual_products_and_alternatives_by_name() {
    let world = world();
    let (tungsten, china) = (id("tungsten"), id::<Iso3>("CHN"));
    assert_eq!(world.observations(&tungsten, Stage::Mine, 2024).len(), 6);
    let mined = world.chosen_production(&tungsten, Stage::Mine, 2024);
    assert_eq!(mined[&china].value, Some(67_000.0));
    assert_eq!(mined[&Iso3::WORLD].value, Some(81_000.0));
    let refined = world.chosen_production(&tungsten, Stage::Refine, 2024);
    assert_eq!(refined[&china].value, Some(60_000.0));
    let table = &world.tables().production;
    let other = world.chosen(table, &tungsten, Stage::Refine, 2024, Product::Named("ferrotungsten"));
    assert_eq!(other[&china].value, Some(1_200.0));
    assert!(world.chosen_production(&tungsten, Stage::Mine, 1990).is_empty());
}

#[test]
fn flows_add_up_customs_codes_and_take_each_code_once() {
    let twice = "tungsten,refine,CHN,USA,2024,284180,950,1300,31000,,orecast,C";
    let world = MiniPackage::new().with_line("trade.csv", twice).load().unwrap();
    let flows = world.flows(&id("tungsten"), Stage::Refine, 2024);
    assert_eq!(flows.len(), 1);
    assert_eq!((flows[0].tonnes, flows[0].kusd), (Some(1_500.0), Some(55_000.0)));
    assert_eq!(flows[0].grade, crate::base::unit::Grade::C);
    assert_eq!(world.base_year(), Some(2024));
}

#[test]
fn a_flow_with_tonnes_of_which_no_value_is_known_has_no_value() {
    let without = "tungsten,refine,CHN,USA,2024,810194,300,300,,,orecast,C";
    let world = MiniPackage::new().with_line("trade.csv", without).load().unwrap();
    let flows = world.flows(&id("tungsten"), Stage::Refine, 2024);
    assert_eq!((flows[0].tonnes, flows[0].kusd), (Some(1_800.0), None));
}

#[test]
fn membership_of_a_bloc_has_dates() {
    let world = world();
    let codes = |year| -> Vec<String> {
        world.bloc_members(&id("TPP"), year).iter().map(ToString::to_string).collect()
    };
    assert_eq!(codes(2015), Vec::<String>::new());
    assert_eq!(codes(2017), ["USA", "VNM"]);
    assert_eq!(codes(2018), ["VNM"]);
}

#[test]
fn the_market_takes_the_primary_price_and_the_right_curve() {
    let world = world();
    let tungsten = id("tungsten");
    assert_eq!(world.price(&tungsten, Stage::Mine, 2024).map(|row| row.usd_per_t), Some(31_778.0));
    assert!(world.price(&tungsten, Stage::Refine, 2024).is_none());
    let curve = |side, stage, horizon| world.elasticity(&tungsten, side, stage, horizon).map(|row| row.mid);
    assert_eq!(curve(Side::Supply, Stage::Mine, Horizon::Long), Some(0.9));
    assert_eq!(curve(Side::Demand, Stage::Refine, Horizon::Short), Some(-0.2));
    assert_eq!(curve(Side::Demand, Stage::Refine, Horizon::Long), None);
    assert_eq!(world.recovery(&tungsten).map(|range| range.mid), Some(0.93));
}

#[test]
fn governance_is_the_latest_known_and_distance_has_no_direction() {
    let world = world();
    let (kaz, usa): (Iso3, Iso3) = (id("KAZ"), id("USA"));
    let value = |year| world.governance(kaz, "wgi-rl", year).map(|row| row.value);
    assert_eq!([value(2020), value(2022), value(2030)], [None, Some(-0.48), Some(-0.45)]);
    assert_eq!(world.distance_km(usa, kaz), Some(10_257.0));
    assert_eq!(world.distance_km(kaz, usa), Some(10_257.0));
    assert_eq!(world.distance_km(kaz, kaz), Some(900.0));
    assert_eq!(world.distance_km(usa, usa), None);
}

#[test]
fn hosts_projects_and_markets_are_found() {
    let world = world();
    let hosts: Vec<&str> = world.hosts(&id("gallium")).iter().map(|row| row.host.as_str()).collect();
    assert_eq!(hosts, ["alumina", "zinc"]);
    assert_eq!(world.projects(&id("tungsten")).len(), 1);
    assert!(world.market_minerals().all(|row| row.id.as_str() != "dysprosium"));
    assert_eq!(world.market_minerals().count(), 5);
}

#[test]
fn the_demand_index_starts_at_one_and_ends_flat() {
    let world = world();
    let mid = |year| world.demand_index(&id("tungsten"), "STEPS", year).map(|range| range.mid);
    assert_eq!([mid(2020), mid(2024), mid(2030), mid(2050)], [Some(1.0), Some(1.0), Some(1.2), Some(1.6)]);
    // Half way at one rate.
    assert!((mid(2027).unwrap() - 1.2_f64.sqrt()).abs() < 1e-12);
    assert_eq!(world.demand_index(&id("tungsten"), "NZE", 2030), None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn a_rising_demand_index_never_falls_between_years(year in 2000_i32..2100) {
        let world = world();
        let index = |year| world.demand_index(&id("tungsten"), "STEPS", year).unwrap();
        let (now, next) = (index(year), index(year + 1));
        prop_assert!(now.is_ordered() && next.is_ordered());
        prop_assert!(now.low <= next.low && now.mid <= next.mid && now.high <= next.high);
    }
}

#[test]
fn sources_that_disagree_widen_a_figure_however_they_name_the_usual_product() {
    let world = world();
    let china = world.chosen_production(&id("tungsten"), Stage::Mine, 2024)[&id("CHN")];
    // The other source writes `concentrate`, this one leaves the product empty: the same good.
    let expected = (67_000.0_f64 / 63_000.0).ln() / 2.0;
    assert!((world.spread(china).unwrap() - expected).abs() < 1e-12);
    let viet_nam = world.chosen_production(&id("tungsten"), Stage::Mine, 2024)[&id("VNM")];
    assert_eq!(world.spread(viet_nam), None);
}

#[test]
fn years_of_trade_are_those_without_a_gap() {
    let package =
        MiniPackage::new().with_line("trade.csv", "tungsten,refine,CHN,USA,2015,284180,900,,,,baci-2026,B");
    let world = package.load().unwrap();
    let first = world.tables().trade.iter().map(|row| row.year).min();
    assert_eq!((first, world.trade_years().last()), (Some(2015), world.base_year().as_ref()));
    assert!(!world.trade_years().contains(&2015));
}
