#![allow(clippy::unwrap_used)]

use super::*;
use crate::{
    base::{date::PartialDate, draw::Draw},
    market::{Solver, Status},
    params::Params,
    pathway::Chain,
    testing::{id, shipped_world},
    world::World,
};

fn day(text: &str) -> PartialDate {
    text.parse().unwrap()
}

fn chain(world: &World, mineral: &str, as_of: &str) -> Chain {
    let params = Params::default().mid();
    let mut chain = Chain::prepare(world, &id(mineral), 2024, 2025..=2026, "STEPS", &[], &params).unwrap();
    chain.learn(world, day(as_of));
    chain
}

/// Runs `check` on a frame of a chain's base year.
fn with_frame(chain: &Chain, check: impl FnOnce(&Knowledge, &mut Frame<'_>)) {
    let known = chain.known.as_ref().unwrap();
    let sourcing: Vec<_> = chain.base.market.nodes.iter().map(|node| node.sourcing).collect();
    let theta: Vec<f64> = chain.base.market.users.iter().map(|user| user.theta).collect();
    let extra = vec![0.0; theta.len()];
    let plain = Plain { market: &chain.base.market, sourcing: &sourcing, theta: &theta };
    let (mut market, mut solver) = (chain.base.market.clone(), Solver::default());
    check(known, &mut Frame::new(known, plain, &mut market, &mut solver, &extra));
}

#[test]
fn without_any_state_the_base_year_is_reproduced() {
    let world = shipped_world();
    for mineral in ["tungsten", "copper", "gallium"] {
        let chain = chain(&world, mineral, "2026-10-08");
        with_frame(&chain, |_, frame| {
            frame.apply(&Applied::default());
            let found = frame.solve().unwrap();
            for (i, node) in chain.base.market.nodes.iter().enumerate() {
                let Some(price) = found.price[i] else { continue };
                assert!((price / node.base_price - 1.0).abs() < 1e-9, "{mineral} {}", node.country);
                let output = found.node_output(i);
                assert!((output - chain.node_base[i]).abs() <= 1e-9 * chain.node_base[i].max(1.0));
            }
        });
    }
}

#[test]
fn one_level_moves_all_prices_and_no_quantity() {
    let world = shipped_world();
    let chain = chain(&world, "copper", "2026-10-08");
    with_frame(&chain, |_, frame| {
        frame.apply(&Applied { level: [0.7, 0.7], ..Applied::default() });
        let found = frame.solve().unwrap();
        assert_eq!(found.status, Status::Converged);
        for (i, node) in chain.base.market.nodes.iter().enumerate() {
            let Some(price) = found.price[i] else { continue };
            assert!((price / node.base_price / 0.7_f64.exp() - 1.0).abs() < 1e-9);
            assert!((found.node_output(i) - chain.node_base[i]).abs() <= 1e-9 * chain.node_base[i].max(1.0));
        }
    });
}

#[test]
fn derivatives_of_the_model_are_those_of_solving_again() {
    let world = shipped_world();
    let chain = chain(&world, "tungsten", "2026-10-08");
    with_frame(&chain, |known, frame| {
        let year = known.years.last().unwrap();
        let mut estimate = Estimate::new(known, "tungsten", Draw::MIDDLE, None);
        let force: Vec<f64> = known.measures.iter().map(|m| m.force(year.year, None)).collect();
        let states = estimate.priors(year, &force);
        let mut values: Vec<f64> = states.iter().map(|state| state.mean + 0.1 * state.spread).collect();
        let at = |values: &[f64]| {
            estimate::applied(known, &force, |kind| {
                states.iter().position(|state| state.kind == kind).map(|place| values[place])
            })
        };
        frame.apply(&at(&values));
        let found = frame.solve().unwrap();
        let rows = frame.jacobian(&found, &states, &values, &force, &year.observations).unwrap();
        let step = 1e-5;
        for s in 0..states.len() {
            let mut ends = Vec::new();
            for sign in [1.0, -1.0] {
                values[s] += sign * step;
                frame.apply(&at(&values));
                let moved = frame.solve().unwrap();
                ends.push(frame.predict(&moved, &year.observations));
                values[s] -= sign * step;
            }
            for (o, row) in rows.iter().enumerate() {
                let slope = (ends[0][o] - ends[1][o]) / (2.0 * step);
                assert!(
                    (slope - row[s]).abs() <= 2e-3 * (1.0 + slope.abs()),
                    "{:?} on {:?}: {slope} {}",
                    states[s].kind,
                    year.observations[o].quantity,
                    row[s]
                );
            }
        }
        let applied = estimate.year(frame, year);
        assert!(applied.caps.iter().flatten().all(|share| (0.0..=1.5).contains(share)));
    });
}

#[test]
fn what_is_known_later_changes_nothing_before() {
    let world = shipped_world();
    let cut = day("2025-12-31");
    let plain = chain(&world.known_by(cut), "tungsten", "2025-12-31").known;
    let mut tables = world.tables().clone();
    let quotes: Vec<_> = tables.quotes.iter().filter(|row| row.mineral == id("tungsten")).cloned().collect();
    let Some(mut late) = quotes.into_iter().next_back() else { return };
    late.date = day("2026-02-01");
    late.seen = Some(day("2026-02-02"));
    late.usd_per_t = 9e9;
    tables.quotes.push(late);
    let poisoned = world.with_tables(tables);
    let after = chain(&poisoned.known_by(cut), "tungsten", "2025-12-31").known;
    assert_eq!(plain, after);
    assert_ne!(
        chain(&poisoned, "tungsten", "2026-10-08").known,
        chain(&world, "tungsten", "2026-10-08").known
    );
}

#[test]
fn a_suspension_takes_a_measure_out_of_force_until_it_ends() {
    let world = shipped_world();
    let chain = chain(&world, "antimony", "2026-10-08");
    let known = chain.known.as_ref().unwrap();
    let ban = known.measures.iter().find(|m| m.regime == measure::Regime::Ban).unwrap();
    assert!(ban.force(2025, None) > 0.8 && ban.force(2025, None) < 0.9, "{}", ban.force(2025, None));
    assert_eq!(ban.force(2026, None), 0.0);
    let licence = known.measures.iter().find(|m| m.regime == measure::Regime::Licence).unwrap();
    assert!((licence.force(2026, None) - 1.0).abs() < 1e-9);
    assert!((licence.base_force - 0.295).abs() < 0.01, "{}", licence.base_force);
    assert!(known.split.splits() && known.groups.len() >= 2);
}
