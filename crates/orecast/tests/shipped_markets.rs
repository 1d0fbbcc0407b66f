//! The markets made of the shipped facts: balanced, reproduced without conditions, and solved under every export stop.
#![allow(clippy::unwrap_used)]

mod shipped;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use orecast::{
    base::{id::Iso3, unit::Stage},
    baseline::{Baseline, Quantity},
    market::{Equilibrium, Market, Node, Recipient, Solver, Status},
    params::responses::Responses,
    pathway::calibrate::{BasePrices, Utilisation, calibrate},
};
use shipped::WORLD;

const YEAR: i32 = 2024;
const MINERALS: [&str; 16] = [
    "tungsten",
    "chromium",
    "titanium",
    "beryllium",
    "tantalum",
    "rhenium",
    "antimony",
    "gallium",
    "germanium",
    "copper",
    "uranium",
    "rare_earths",
    "lithium",
    "graphite",
    "cobalt",
    "magnesium",
];
const EXACT: f64 = 1e-9;

static MARKETS: LazyLock<Vec<(Baseline, Market)>> =
    LazyLock::new(|| MINERALS.iter().map(|mineral| market(mineral).unwrap()).collect());

/// A mineral's balanced year and its market; nothing where no output or price is published.
fn market(mineral: &str) -> Option<(Baseline, Market)> {
    let baseline = Baseline::build(&WORLD, mineral, YEAR, &[]).ok()?;
    let prices = BasePrices::of(&WORLD, &baseline)?;
    let responses = Responses::of(&WORLD, &baseline.mineral, baseline.two_stages, baseline.last_stage).mid();
    let market = calibrate(&baseline, "t", &prices, &Utilisation::of(&WORLD, &baseline), &responses);
    Some((baseline, market))
}

/// Both sides of each mass balance, by what is balanced.
fn balances(baseline: &Baseline) -> BTreeMap<(&'static str, Iso3), [f64; 2]> {
    let mut sides: BTreeMap<(&'static str, Iso3), [f64; 2]> = BTreeMap::new();
    for entry in &baseline.entries {
        let mut put = |balance, country, side: usize, factor: f64| {
            sides.entry((balance, country)).or_default()[side] += factor * entry.value;
        };
        let sold = if baseline.last_stage == Stage::Mine { "mine product" } else { "product" };
        match entry.quantity {
            Quantity::Mined(c) if baseline.last_stage == Stage::Mine => put("mine product", c, 0, 1.0),
            Quantity::Mined(c) => put("ore at the mine", c, 0, 1.0),
            Quantity::OreFlow(from, to) => {
                put("ore at the mine", from, 1, 1.0);
                put("ore at the buyer", to, 0, 1.0);
            }
            Quantity::OreUse(c) => put("ore at the buyer", c, 1, 1.0),
            Quantity::Intake(c) => {
                put("ore at the buyer", c, 1, 1.0);
                put("refining", c, 0, baseline.recovery);
            }
            Quantity::Scrap(c) => put("refining", c, 0, 1.0),
            Quantity::Refined(c) => {
                if baseline.two_stages {
                    put("refining", c, 1, 1.0);
                }
                put("product", c, 0, 1.0);
            }
            Quantity::ProductFlow(from, _) => put(sold, from, 1, 1.0),
        }
    }
    sides
}

/// Whether two figures agree; a figure below a billionth of the market counts as nothing.
fn agree(a: f64, b: f64, market: f64) -> bool {
    (a - b).abs() <= EXACT * a.abs().max(b.abs()).max(EXACT * market)
}

/// Output at the last stage of the world, tonnes.
fn size(baseline: &Baseline) -> f64 {
    baseline.output(baseline.last_stage).iter().map(|(_, tonnes)| tonnes).sum()
}

#[test]
fn every_baseline_closes_its_mass_balances() {
    for (baseline, _) in &*MARKETS {
        let sides = balances(baseline);
        assert!(sides.len() > 2, "{}", baseline.mineral);
        for ((balance, country), [supply, disposal]) in sides {
            assert!(
                agree(supply, disposal, size(baseline)),
                "{}, {balance} in {country}: {supply} against {disposal}",
                baseline.mineral
            );
        }
        assert!(baseline.entries.iter().all(|entry| entry.value >= 0.0));
    }
}

/// What a solution says about each quantity of the baseline it was calibrated to.
fn reproduced(market: &Market, found: &Equilibrium) -> BTreeMap<Quantity, f64> {
    let mut values: BTreeMap<Quantity, f64> = BTreeMap::new();
    for (i, node) in market.nodes.iter().enumerate() {
        let quantity = match node.stage {
            Stage::Mine => Quantity::Mined(node.country),
            Stage::Refine => Quantity::Refined(node.country),
        };
        *values.entry(quantity).or_default() += found.node_output(i);
    }
    let last = market.users.iter().map(|user| user.stage).max().unwrap();
    for (a, arc) in market.arcs.iter().enumerate() {
        let (from, to) = (&market.nodes[arc.from], market.recipient_country(arc.to));
        let mut add = |quantity| *values.entry(quantity).or_default() += found.flow[a];
        match arc.to {
            Recipient::User(j) if market.users[j].stage == last => {
                add(Quantity::ProductFlow(from.country, to));
            }
            Recipient::User(_) => {
                add(Quantity::OreFlow(from.country, to));
                add(Quantity::OreUse(to));
            }
            Recipient::Node(_) => {
                add(Quantity::OreFlow(from.country, to));
                add(Quantity::Intake(to));
            }
        }
    }
    values
}

fn assert_reproduces(baseline: &Baseline, market: &Market, found: &Equilibrium) {
    assert_eq!(found.status, Status::Converged, "{}", baseline.mineral);
    let values = reproduced(market, found);
    for entry in baseline.entries.iter().filter(|e| !matches!(e.quantity, Quantity::Scrap(_))) {
        let value = values.get(&entry.quantity).copied().unwrap_or(0.0);
        assert!(
            agree(value, entry.value, size(baseline)),
            "{}, {:?}: {value} against {}",
            baseline.mineral,
            entry.quantity,
            entry.value
        );
    }
    for (j, user) in market.users.iter().enumerate() {
        assert!(agree(found.used[j], user.demand.quantity, size(baseline)), "use in {}", user.country);
    }
    for (node, price) in market.nodes.iter().zip(&found.price) {
        assert!(agree(price.unwrap(), node.base_price, 0.0), "price in {}", node.country);
    }
}

/// The same market in other money: every price times a factor.
fn in_other_money(market: &Market, factor: f64) -> Market {
    let mut scaled = market.clone();
    for node in &mut scaled.nodes {
        node.base_price *= factor;
        if let Some(sourcing) = &mut node.sourcing {
            sourcing.base_margin *= factor;
            sourcing.theta /= factor;
        }
    }
    for user in &mut scaled.users {
        user.base_price *= factor;
        user.theta /= factor;
    }
    scaled
}

#[test]
fn without_conditions_the_market_is_its_baseline_from_any_start() {
    for (baseline, market) in &*MARKETS {
        assert_reproduces(baseline, market, &Solver::default().solve(market));
        for factor in [0.7, 1.3] {
            // The search begins where the solver's last one ended: at prices 30 % off.
            let mut solver = Solver::default();
            let other = solver.solve(&in_other_money(market, factor));
            let gap = |(price, node): (&Option<f64>, &Node)| {
                (price.unwrap() / (factor * node.base_price) - 1.0).abs()
            };
            assert!(other.price.iter().zip(&market.nodes).map(gap).fold(0.0, f64::max) < EXACT);
            assert_reproduces(baseline, market, &solver.solve(market));
        }
    }
}

/// Sellers that export, by stage, as the baseline has them.
fn exporters(baseline: &Baseline) -> BTreeSet<(Stage, Iso3)> {
    let abroad = baseline.entries.iter().filter(|entry| entry.value > 0.0).filter_map(|e| match e.quantity {
        Quantity::OreFlow(from, to) if from != to => Some((Stage::Mine, from)),
        Quantity::ProductFlow(from, to) if from != to => Some((baseline.last_stage, from)),
        _ => None,
    });
    abroad.collect()
}

/// Largest difference between what a seller makes and what it sells, over the larger of its output and a millionth of
/// the world's: the certificate, computed without the solver.
fn open_balance(market: &Market, found: &Equilibrium) -> f64 {
    let mut sold = vec![0.0; market.nodes.len()];
    market.arcs.iter().zip(&found.flow).for_each(|(arc, flow)| sold[arc.from] += flow);
    let made: Vec<f64> = (0..market.nodes.len()).map(|i| found.node_output(i)).collect();
    let least = 1e-6 * made.iter().sum::<f64>();
    let gap = |(made, sold): (&f64, &f64)| (made - sold).abs() / made.max(least);
    made.iter().zip(&sold).map(gap).fold(0.0, f64::max)
}

/// Stops every exporter at every stage, one at a time, and holds each solution to its certificate.
fn stop_each_exporter(markets: &[(Baseline, Market)]) -> usize {
    let mut solved = 0;
    let (mut worst, mut steps) = (0.0_f64, 0);
    for (baseline, market) in markets {
        let mut solver = Solver::default();
        for (stage, country) in exporters(baseline) {
            let seller = market.node(country, stage).unwrap();
            let mut stopped = market.clone();
            let mut banned = 0;
            for arc in stopped.arcs.iter_mut().filter(|arc| arc.from == seller) {
                arc.banned = market.recipient_country(arc.to) != country;
                banned += usize::from(arc.banned);
            }
            assert!(banned > 0);
            let found = solver.solve(&stopped);
            let what = format!("{} {stage} {country}: {:?}", baseline.mineral, found.certificate);
            assert_eq!(found.status, Status::Converged, "{what}");
            assert!(found.certificate.excess <= EXACT && found.certificate.limits <= EXACT, "{what}");
            let leaks =
                stopped.arcs.iter().zip(&found.flow).filter(|(arc, flow)| arc.banned && **flow != 0.0);
            assert_eq!(leaks.count(), 0, "{what}");
            assert!(open_balance(&stopped, &found) <= EXACT, "{what}");
            worst = worst.max(found.certificate.excess);
            steps = steps.max(found.certificate.iterations);
            solved += 1;
        }
    }
    println!("{solved} export stops, largest excess {worst:.1e}, at most {steps} steps");
    let expected: usize = markets.iter().map(|(baseline, _)| exporters(baseline).len()).sum();
    assert_eq!(solved, expected);
    solved
}

#[test]
fn every_exporter_may_stop() {
    assert!(stop_each_exporter(&MARKETS) > 350);
}

#[test]
fn every_exporter_of_every_other_mineral_may_stop() {
    let others: Vec<&str> =
        WORLD.market_minerals().map(|row| row.id.as_str()).filter(|id| !MINERALS.contains(id)).collect();
    let markets: Vec<(Baseline, Market)> = others.iter().filter_map(|mineral| market(mineral)).collect();
    println!("{} of {} other minerals have a market", markets.len(), others.len());
    assert!(stop_each_exporter(&markets) > 400);
}
