//! Laws that every shock keeps, on the shipped facts.
#![allow(clippy::unwrap_used)]

use std::{collections::BTreeSet, path::PathBuf, sync::LazyLock};

use proptest::prelude::*;

use crate::studies::{
    hazard::{Hazard, Regime},
    screen::{ScreenOptions, ScreenRow, screen},
    shock::{
        Context, Intervention, InterventionKind, Report, Request, ShockMarket,
        effects::{Disturbed, Effects, Key, Zone},
        run,
    },
};
use crate::{
    base::{
        draw::Draw,
        id::Iso3,
        unit::{Range, Stage},
    },
    indicator::Group,
    market::Solver,
    params::{Params, responses::TimeScale},
    testing::id,
    world::World,
};

const YEAR: i32 = 2024;

static WORLD: LazyLock<World> =
    LazyLock::new(|| World::load(&PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../data")).unwrap());

fn shock(mineral: &str, scale: TimeScale) -> ShockMarket {
    ShockMarket::prepare(&WORLD, &id(mineral), YEAR, scale, &[id("USA"), id("CHN"), id("KAZ")]).unwrap()
}

static TUNGSTEN: LazyLock<ShockMarket> = LazyLock::new(|| shock("tungsten", TimeScale::Medium));

fn parsed(shock: &ShockMarket, kind: InterventionKind, text: &str) -> Result<Intervention, String> {
    let stages = shock.stages();
    let mineral = &shock.base.mineral;
    let context = Context { world: &WORLD, mineral, stages: &stages, year: YEAR, scale: shock.scale };
    Intervention::parse(kind, text, &context).map_err(|error| error.to_string())
}

fn moved(shock: &ShockMarket, kind: InterventionKind, text: &str) -> Intervention {
    parsed(shock, kind, text).unwrap()
}

fn effects(shock: &ShockMarket, interventions: &[&Intervention], leakage: f64, draw: Draw) -> Effects {
    let before = shock.market(draw);
    let mut after = before.clone();
    shock.impose(&mut after, interventions, leakage, draw);
    let equilibrium = ShockMarket::solve(&mut Solver::default(), &after);
    Disturbed { shock, interventions, draw, before: &before, after: &after, equilibrium: &equilibrium }
        .measure()
        .unwrap()
}

/// Gains of producers and rents less losses of users, USD.
fn welfare(found: &Effects) -> f64 {
    let rents: f64 = found.iter().filter(|(k, _)| matches!(k, Key::Rent(..))).map(|(_, v)| v).sum();
    found[&Key::Gain(Iso3::WORLD)] - found[&Key::Loss(Iso3::WORLD)] + rents
}

#[test]
fn without_moves_nothing_changes_on_any_time_scale() {
    for scale in [TimeScale::Short, TimeScale::Medium, TimeScale::Long] {
        let shock = shock("tungsten", scale);
        for draw in [Draw::MIDDLE, Draw::new(1, 3)] {
            let found = effects(&shock, &[], 0.0, draw);
            for (key, value) in &found {
                let still = if matches!(key, Key::Price(..) | Key::Delivered(_)) { 1.0 } else { 0.0 };
                assert!(value.is_nan() || (value - still).abs() < 1e-3, "{scale:?} {key:?} {value}");
            }
        }
    }
}

#[test]
fn a_ban_costs_the_world_and_splits_the_price() {
    let ban = moved(&TUNGSTEN, InterventionKind::Ban, "CHN");
    let found = effects(&TUNGSTEN, &[&ban], 0.0, Draw::MIDDLE);
    assert!(found[&Key::Price(Stage::Refine, Zone::Outside)] > 1.2);
    assert!(found[&Key::Price(Stage::Refine, Zone::Inside)] < 1.0);
    assert!(found[&Key::Loss(id("USA"))] > 0.0 && found[&Key::Shortage(id("USA"))] > 0.0);
    assert!(found[&Key::FromStocks(id("USA"))] > 0.0);
    assert!(found[&Key::Gain(id("CHN"))] < 0.0);
    assert!(welfare(&found) < 0.0);
}

#[test]
fn leakage_and_time_soften_a_ban() {
    let price = |scale, leakage| {
        let shock = shock("gallium", scale);
        let ban = moved(&shock, InterventionKind::Ban, "CHN");
        effects(&shock, &[&ban], leakage, Draw::MIDDLE)[&Key::Delivered(id("USA"))]
    };
    let year = price(TimeScale::Medium, 0.0);
    assert!(price(TimeScale::Medium, 0.3) < year);
    assert!(price(TimeScale::Long, 0.0) < year);
}

#[test]
fn a_quota_pays_its_holders_and_a_duty_its_treasury() {
    let quota = moved(&TUNGSTEN, InterventionKind::Quota, "CHN=50%");
    let found = effects(&TUNGSTEN, &[&quota], 0.0, Draw::MIDDLE);
    assert!(found[&Key::Rent(super::effects::Rent::Licences, id("CHN"))] > 0.0);
    assert!(welfare(&found) < 0.0);
    let duty = moved(&TUNGSTEN, InterventionKind::Duty, "USA:CHN=25%");
    let found = effects(&TUNGSTEN, &[&duty], 0.0, Draw::MIDDLE);
    assert!(found[&Key::Rent(super::effects::Rent::ImportDuty, id("USA"))] > 0.0);
    assert!(found[&Key::Delivered(id("USA"))] > 1.0);
}

#[test]
fn a_licence_that_comes_late_is_a_smaller_one() {
    let exports = |scale, text: &str| -> f64 {
        let shock = shock("gallium", scale);
        let licence = moved(&shock, InterventionKind::Licence, text);
        let found = effects(&shock, &[&licence], 0.0, Draw::MIDDLE);
        let sold = |(key, change): (&Key, &f64)| match key {
            Key::Flow(stage, from, to) if *from == id("CHN") && *to != id("CHN") => {
                Some(shock.base_trade(*stage, *from, *to) + change)
            }
            _ => None,
        };
        found.iter().filter_map(sold).sum()
    };
    let at_once = exports(TimeScale::Medium, "CHN=60%");
    assert!((exports(TimeScale::Medium, "CHN=60%+3m") / at_once - 0.75).abs() < 1e-6);
    assert!((exports(TimeScale::Short, "CHN=60%+3m") / at_once - 0.25).abs() < 1e-6);
    let late = exports(TimeScale::Long, "CHN=60%+3m") / exports(TimeScale::Long, "CHN=60%");
    assert!((late - 1.0).abs() < 1e-6);
}

#[test]
fn a_cap_on_a_share_holds_and_leaves_the_rest_of_the_balance_whole() {
    let share = |interventions: &[&Intervention]| {
        let found = effects(&TUNGSTEN, interventions, 0.0, Draw::MIDDLE);
        let bought = |pick: &dyn Fn(Iso3) -> bool| -> f64 {
            let into = found.iter().filter_map(|(key, change)| match key {
                Key::Flow(Stage::Refine, from, to)
                    if *to == id("USA") && *from != id("USA") && pick(*from) =>
                {
                    Some(TUNGSTEN.base_trade(Stage::Refine, *from, *to) + change)
                }
                _ => None,
            });
            into.sum()
        };
        (bought(&|from| from == id("CHN")) / bought(&|_| true), welfare(&found))
    };
    let (before, _) = share(&[]);
    let half = format!("USA:CHN@refine={}%", 50.0 * before);
    let (after, welfare) = share(&[&moved(&TUNGSTEN, InterventionKind::ShareCap, &half)]);
    assert!((after / before - 0.5).abs() < 1e-3, "{before} {after}");
    assert!(welfare < 0.0);
}

#[test]
fn an_element_of_an_aggregate_stops_alone() {
    let shock = shock("dysprosium", TimeScale::Medium);
    assert_eq!(shock.base.mineral, id("dysprosium"));
    let still = effects(&shock, &[], 0.0, Draw::MIDDLE);
    assert!(still[&Key::Loss(Iso3::WORLD)].abs() < 1e-3);
    let ban = moved(&shock, InterventionKind::Ban, "CHN@refine");
    assert!(effects(&shock, &[&ban], 0.0, Draw::MIDDLE)[&Key::Delivered(id("USA"))] > 1.2);
}

#[test]
fn a_stop_of_a_host_lowers_its_by_products() {
    let shock = shock("zinc", TimeScale::Medium);
    let stop = [moved(&shock, InterventionKind::Stop, "CHN")];
    let request = Request { interventions: &stop, leakage: 0.0, leader: None, draws: 4, seed: 1, why: false };
    let report = run(&WORLD, &shock, &request);
    assert!(!report.byproducts.is_empty());
    for row in &report.byproducts {
        assert!(row.output_ratio.mid < 1.0 && row.price_ratio.mid > 1.0, "{row:?}");
    }
}

#[test]
fn contributions_add_up_to_the_whole() {
    let shock = &*TUNGSTEN;
    let interventions =
        [moved(shock, InterventionKind::Ban, "CHN"), moved(shock, InterventionKind::Sanction, "G7:RUS")];
    let leader = Group::country(id("USA"));
    let request = Request {
        interventions: &interventions,
        leakage: 0.0,
        leader: Some(&leader),
        draws: 1,
        seed: 1,
        why: true,
    };
    let report: Report = run(&WORLD, shock, &request);
    let both: Vec<&Intervention> = interventions.iter().collect();
    let whole = effects(shock, &both, 0.0, Draw::MIDDLE);
    let sum: f64 = report.why.iter().map(|row| row.loss_musd).sum();
    assert!((sum * 1e6 / whole[&Key::Loss(id("USA"))] - 1.0).abs() < 1e-6);
    let price: f64 = report.why.iter().map(|row| row.price_change).sum();
    assert!((price - (whole[&Key::Delivered(id("USA"))] - 1.0)).abs() < 1e-9);
}

#[test]
fn a_screen_depends_on_neither_order_nor_draws_and_weighs_by_alignment() {
    let options = |draws| ScreenOptions { draws, ranged: 2, ..ScreenOptions::middle(YEAR) };
    let found = screen(&WORLD, &Group::country(id("USA")), &options(0)).unwrap();
    assert!(found.rows.len() >= 1000, "{}", found.rows.len());
    let unsolved = found.rows.iter().filter(|row| row.status != "converged").count();
    assert!(unsolved * 100 <= found.rows.len(), "{:?}", found.statuses);
    let alone = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let again = alone.install(|| screen(&WORLD, &Group::country(id("USA")), &options(2)).unwrap());
    for (a, b) in found.rows.iter().zip(&again.rows) {
        assert_eq!(
            (&a.mineral, a.stage, &a.exporter, a.loss_musd),
            (&b.mineral, b.stage, &b.exporter, b.loss_musd)
        );
    }
    assert!(again.rows[0].ranges.is_some() && again.rows[2].ranges.is_none());
    assert!(found.rows.iter().all(|row| (0.0..=1.0).contains(&row.probability)));
    // Who buys metal from whom stops loses, but for refiners whose idle ore makes metal cheaper elsewhere.
    let bought = |row: &&ScreenRow| {
        row.stage == Some(Stage::Refine) && row.share_of_purchases.is_some_and(|share| share >= 0.02)
    };
    let losses: Vec<f64> = found.rows.iter().filter(bought).filter_map(|row| row.loss_musd).collect();
    let gains = losses.iter().filter(|loss| **loss <= 0.0).count();
    assert!(losses.len() > 100 && gains * 50 <= losses.len(), "{gains} of {}", losses.len());
}

#[test]
fn hazards_follow_alignment_record_and_regime() {
    let producers: BTreeSet<Iso3> = ["AUS", "CAN", "CHL", "COD", "RUS", "ZAF", "CHN"].map(id).into();
    let of = |regime| Hazard::of(&WORLD, &[id("USA")], YEAR, &producers, regime);
    let chance = |hazard: &Hazard, who: &str, mineral: &str| {
        hazard.probability(id(who), &id(mineral), Stage::Refine, Draw::MIDDLE)
    };
    let mixed = of(Regime::Mixed);
    assert!(chance(&mixed, "CAN", "cobalt") < 0.3 * chance(&mixed, "ZAF", "cobalt"));
    assert!(chance(&mixed, "COD", "cobalt") > chance(&mixed, "ZAF", "cobalt"));
    assert!(chance(&of(Regime::Calm), "COD", "cobalt") < chance(&of(Regime::Tense), "COD", "cobalt"));
    assert!(chance(&mixed, "CHN", "gallium") > 2.0 * chance(&mixed, "CHN", "titanium"));
    let stated = "[[stated]]\nexporter = \"COD\"\nprobability = 0.5\n";
    let stated = mixed.clone().overridden("my.toml", stated, &WORLD).unwrap();
    assert!((chance(&stated, "COD", "cobalt") - 0.5).abs() < 1e-12);
    let wrong = "[parameters]\ntense-shar = 0.5\nmemory = [3, 2, 1]\n[[stated]]\nexporter = \"XXX\"\nprobability = 5\n";
    insta::assert_snapshot!(mixed.overridden("my.toml", wrong, &WORLD).unwrap_err().to_string());
}

#[test]
fn a_move_that_cannot_be_read_says_what_would_be_right() {
    let shock = &*TUNGSTEN;
    let wrong = [
        (InterventionKind::Ban, "Chna"),
        (InterventionKind::Ban, "CHN=50%"),
        (InterventionKind::Ban, "CHN@smelt"),
        (InterventionKind::Ban, "tungsten"),
        (InterventionKind::Ban, "CHN:CHN"),
        (InterventionKind::Quota, "CHN"),
        (InterventionKind::Quota, "CHN=150%"),
        (InterventionKind::Quota, "CHN=half"),
        (InterventionKind::Tax, "CHN=-5%"),
        (InterventionKind::Duty, "USA:CHN=25t"),
        (InterventionKind::Stop, "KAZ:USA"),
        (InterventionKind::Sanction, "RUS"),
        (InterventionKind::Licence, "CHN=60%+soon"),
        (InterventionKind::ShareCap, "USA:CHN"),
        (InterventionKind::ShareCap, "USA:CHN=140%"),
    ];
    let said: Vec<String> =
        wrong.iter().map(|(kind, text)| parsed(shock, *kind, text).unwrap_err()).collect();
    insta::assert_snapshot!(said.join("\n"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Users lose when their suppliers stop, a joint stop is no better than any of its parts, and the world loses.
    #[test]
    fn a_joint_stop_is_at_least_as_bad_as_each_alone(a in 0..40_usize, b in 0..40_usize, d in 0..50_u64) {
        let shock = &*TUNGSTEN;
        let nodes = &shock.base.market.nodes;
        let (a, b) = (nodes[a % nodes.len()].country, nodes[b % nodes.len()].country);
        let draw = Draw::new(1, d);
        let stages = shock.stages();
        let stop = |c: Iso3| Intervention::export_stop(&shock.base.mineral, &[c], &stages);
        let loss = |interventions: &[&Intervention]| effects(shock, interventions, 0.0, draw)[&Key::Loss(Iso3::WORLD)];
        let (one, other) = (stop(a), stop(b));
        let both = effects(shock, &[&one, &other], 0.0, draw);
        let scale = both[&Key::Loss(Iso3::WORLD)].abs().max(1.0);
        prop_assert!(welfare(&both) <= 1e-6 * scale);
        let alone = effects(shock, &[&one], 0.0, draw);
        prop_assert!(welfare(&both) <= welfare(&alone) + 1e-6 * scale);
        prop_assert!(loss(&[]).abs() < 1e-3);
    }

    /// A ban by a country that makes next to nothing changes next to nothing.
    #[test]
    fn a_tiny_exporter_changes_little(pick in 0..40_usize, d in 0..50_u64) {
        let shock = &*TUNGSTEN;
        let nodes = &shock.base.market.nodes;
        let world: f64 = (0..nodes.len()).map(|i| shock.base_output(i)).sum();
        let tiny: Vec<usize> = (0..nodes.len()).filter(|&i| shock.base_output(i) < 1e-3 * world).collect();
        let country = nodes[tiny[pick % tiny.len()]].country;
        let made: f64 = (0..nodes.len()).filter(|&i| nodes[i].country == country).map(|i| shock.base_output(i)).sum();
        let stop = Intervention::export_stop(&shock.base.mineral, &[country], &shock.stages());
        let found = effects(shock, &[&stop], 0.0, Draw::new(3, d));
        let spent = world * shock.base.prices.product;
        let effect = found[&Key::Loss(Iso3::WORLD)].abs();
        prop_assert!(effect <= 20.0 * made * shock.base.prices.product && effect < 0.05 * spent, "{country} {effect}");
    }

    /// The order in which interventions are written does not matter.
    #[test]
    fn the_order_of_moves_does_not_matter(d in 0..50_u64) {
        let shock = &*TUNGSTEN;
        let interventions = [moved(shock, InterventionKind::Quota, "CHN=60%"), moved(shock, InterventionKind::Duty, "USA:VNM=10%")];
        let draw = Draw::new(2, d);
        let one = effects(shock, &[&interventions[0], &interventions[1]], 0.1, draw);
        let other = effects(shock, &[&interventions[1], &interventions[0]], 0.1, draw);
        for (key, value) in &one {
            let near = (value - other[key]).abs() <= 1e-6 * (1.0 + value.abs());
            prop_assert!(value.is_nan() || near, "{key:?}");
        }
    }
}

#[test]
fn a_case_sets_how_much_of_inventories_is_released_and_how_fast_responses_grow() {
    let ban = moved(&TUNGSTEN, InterventionKind::Ban, "CHN");
    let price = |params: Params<Range>| {
        let shock = shock("tungsten", TimeScale::Medium).with_params(params);
        effects(&shock, &[&ban], 0.0, Draw::MIDDLE)[&Key::Delivered(id("USA"))]
    };
    let inventories = |share| Params { inventory_release_rate: Range::exact(share), ..Params::default() };
    assert!(price(inventories(0.05)) > 1.01 * price(inventories(0.9)));
    let years = |years| Params { adjustment_years: Range::exact(years), ..Params::default() };
    assert!(price(years(20.0)) > 1.01 * price(years(2.0)));
}

#[test]
fn shocks_and_pathways_draw_the_same_share_of_inventories() {
    let shock = |share: f64| {
        let params = Params { inventory_release_rate: Range::exact(share), ..Params::default() };
        shock("tungsten", TimeScale::Medium).with_params(params)
    };
    for draw in (0..4).map(|index| Draw::new(1, index)) {
        let share = Params::default().draw(draw).inventory_release_rate;
        assert_eq!(TUNGSTEN.market(draw), shock(share).market(draw));
    }
}
