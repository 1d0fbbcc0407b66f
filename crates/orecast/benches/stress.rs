//! `cargo bench -p orecast --bench stress`: random networks under random conditions, the extremes among them, and how
//! each solution ended. `-- 1000` solves another number of them.
#![allow(clippy::unwrap_used)]

#[allow(dead_code)]
#[path = "../tests/market/networks.rs"]
mod networks;

use std::collections::BTreeMap;

use networks::{KINDS, extreme};
use orecast::market::{Solver, Status};
use rayon::prelude::*;

/// How solutions under one kind of condition ended.
#[derive(Default, Clone)]
struct Tally {
    converged: usize,
    infeasible: usize,
    not_converged: usize,
    worst: f64,
    steps: usize,
    broken: Vec<u64>,
}

impl Tally {
    fn add(&mut self, other: &Self) {
        self.converged += other.converged;
        self.infeasible += other.infeasible;
        self.not_converged += other.not_converged;
        self.worst = self.worst.max(other.worst);
        self.steps = self.steps.max(other.steps);
        self.broken.extend(&other.broken);
    }
}

/// One network: what was imposed on it and how it ended.
fn one(seed: u64) -> (Vec<usize>, Tally) {
    let (market, kinds) = extreme(seed);
    assert_eq!(market.problems(), [], "network {seed}");
    let found = Solver::default().solve(&market);
    let mut tally = Tally { steps: found.certificate.iterations, ..Tally::default() };
    match found.status {
        Status::Converged => {
            tally.converged = 1;
            tally.worst = found.certificate.excess;
        }
        Status::Infeasible => tally.infeasible = 1,
        Status::NotConverged => {
            tally.not_converged = 1;
            tally.broken.push(seed);
        }
    }
    (kinds, tally)
}

fn main() {
    let count = std::env::args().skip(1).find_map(|text| text.parse().ok()).unwrap_or(100_000_u64);
    let results: Vec<(Vec<usize>, Tally)> = (0..count).into_par_iter().map(one).collect();
    let mut tallies: BTreeMap<usize, Tally> = BTreeMap::new();
    let mut all = Tally::default();
    for (mut kinds, tally) in results {
        all.add(&tally);
        if kinds.is_empty() {
            kinds.push(KINDS.len());
        }
        kinds.sort_unstable();
        kinds.dedup();
        for kind in kinds {
            tallies.entry(kind).or_default().add(&tally);
        }
    }
    println!(
        "{:<26}{:>10}{:>12}{:>15}{:>11}{:>7}",
        "", "converged", "infeasible", "not converged", "excess", "steps"
    );
    let line = |name: &str, t: &Tally| {
        println!(
            "{name:<26}{:>10}{:>12}{:>15}{:>11.1e}{:>7}",
            t.converged, t.infeasible, t.not_converged, t.worst, t.steps
        );
    };
    for (kind, tally) in &tallies {
        line(KINDS.get(*kind).unwrap_or(&"none"), tally);
    }
    line("all networks", &all);
    println!(
        "A network may have up to three conditions and counts under each. Excess and steps are the largest."
    );
    assert!(all.worst <= 1e-9, "a certificate does not hold");
    if !all.broken.is_empty() {
        println!("not converged: {:?}", &all.broken[..all.broken.len().min(20)]);
    }
}
