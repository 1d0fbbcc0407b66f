//! Many draws of every arm, and the ranges that come out.
//!
//! Arms share their draws, so a difference between arms is taken run by run and is far less noisy than either level.

pub mod money;
mod summary;

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::{
    base::{draw::Draw, id::MineralId, unit::Grade},
    indicator::{self, Indicator, Roles},
    market::Status,
    pathway::Simulation,
    policy::{
        Arm, Lever,
        lever::{Permitting, RightOfFirstOffer},
    },
};

use money::{Accounts, Snapshot};

pub use summary::{Difference, quantile, range_of};

/// An equilibrium that was not found: mineral, arm position and year.
pub type Failure = (MineralId, usize, i32);

/// The values of every indicator, arm, year and draw.
#[derive(Debug)]
pub struct Ensemble {
    /// Minerals, with their basis, indicators, grade, and where their values begin in a year's block.
    pub minerals: Vec<Panel>,
    /// Arms, the reference first.
    pub arms: Vec<Arm>,
    /// Years.
    pub years: Vec<i32>,
    /// Number of draws.
    pub draws: usize,
    /// Equilibria that were solved, and that did not converge.
    pub solved: usize,
    /// Equilibria that did not converge, by mineral, arm position and year.
    pub failed: Vec<Failure>,
    /// What [`Self::amounts`] are about.
    pub accounts: Accounts,
    width: usize,
    values: Vec<Vec<f64>>,
    amounts: Vec<Vec<f64>>,
}

/// What one draw gives.
struct DrawOutcome {
    values: Vec<f64>,
    amounts: Vec<f64>,
    solved: usize,
    failed: Vec<Failure>,
}

/// One mineral's part of the results.
#[derive(Debug)]
pub struct Panel {
    /// Mineral.
    pub mineral: MineralId,
    /// What a tonne counts.
    pub basis: String,
    /// Worst grade that enters its headline numbers.
    pub grade: Grade,
    /// Its indicators.
    pub indicators: Vec<Indicator>,
    /// Whether any arm acts on it at all; if none does, all arms are the same by construction.
    pub touched: bool,
    offset: usize,
}

/// Runs all draws of all arms.
pub fn run(simulation: &Simulation, arms: &[Arm], roles: &Roles, draws: usize, seed: u64) -> Ensemble {
    let mut offset = 0;
    let touched = touched(simulation, arms);
    let minerals: Vec<Panel> = simulation
        .chains
        .iter()
        .zip(touched)
        .map(|(chain, touched)| {
            let indicators = indicator::indicators(chain, roles);
            let panel = Panel {
                mineral: chain.mineral.clone(),
                basis: chain.market.basis.clone(),
                grade: chain.grade,
                touched,
                offset,
                indicators,
            };
            offset += panel.indicators.len();
            panel
        })
        .collect();
    let width = offset;
    let untouched: Vec<bool> = minerals.iter().map(|panel| !panel.touched).collect();
    let block = width * simulation.years.len();
    let accounts = Accounts::of(arms);
    let entries = accounts.list.len();
    let runs: Vec<DrawOutcome> = (0..draws)
        .into_par_iter()
        .map_init(
            || simulation.runner(),
            |runner, d| {
                let draw = Draw::new(seed, d as u64);
                let mut values = vec![f64::NAN; block * arms.len()];
                let mut amounts = vec![0.0; entries * simulation.years.len() * arms.len()];
                let (mut solved, mut failed) = (0, Vec::new());
                let mut row = Vec::new();
                let mut reference = Vec::new();
                let mut snapshots: BTreeMap<(usize, i32), Snapshot> = BTreeMap::new();
                for (a, arm) in arms.iter().enumerate() {
                    let known = (a > 0).then_some((untouched.as_slice(), reference.as_slice()));
                    let growth = runner.run(arm, draw, known, &mut |outcome| {
                        solved += 1;
                        let year = (outcome.year - simulation.years[0]) as usize;
                        let panel = &minerals[outcome.position];
                        let start = a * block + year * width + panel.offset;
                        if outcome.equilibrium.status != Status::Converged {
                            failed.push((panel.mineral.clone(), a, outcome.year));
                            return;
                        }
                        indicator::measure(outcome, roles, &mut row);
                        values[start..start + row.len()].copy_from_slice(&row);
                        let key = (outcome.position, outcome.year);
                        let before = if a == 0 { None } else { snapshots.get(&key) };
                        let at = (a * simulation.years.len() + year) * entries;
                        accounts.add(before, outcome, roles, &mut amounts[at..at + entries]);
                        if a == 0 && panel.touched {
                            snapshots.extend(Snapshot::solved(outcome).map(|snapshot| (key, snapshot)));
                        }
                    });
                    if a == 0 {
                        reference = growth;
                    } else {
                        copy_untouched(&mut values, &minerals, a * block, width, simulation.years.len());
                    }
                    accumulate(&mut values[a * block..(a + 1) * block], &minerals, width);
                }
                DrawOutcome { values, amounts, solved, failed }
            },
        )
        .collect();
    let mut ensemble = Ensemble {
        minerals,
        arms: arms.to_vec(),
        years: simulation.years.clone(),
        draws,
        solved: 0,
        failed: Vec::new(),
        accounts,
        width,
        values: Vec::with_capacity(draws),
        amounts: Vec::with_capacity(draws),
    };
    for run in runs {
        ensemble.solved += run.solved;
        ensemble.failed.extend(run.failed);
        ensemble.values.push(run.values);
        ensemble.amounts.push(run.amounts);
    }
    ensemble
}

/// Takes the reference arm's values for the minerals that an arm does not touch. Sums over years are made afterwards, so
/// the reference's are taken back apart.
fn copy_untouched(values: &mut [f64], minerals: &[Panel], arm: usize, width: usize, years: usize) {
    for panel in minerals.iter().filter(|panel| !panel.touched) {
        for (k, indicator) in panel.indicators.iter().enumerate() {
            let mut before = 0.0;
            for year in 0..years {
                let cell = year * width + panel.offset + k;
                let value = values[cell];
                values[arm + cell] = if indicator.measure.accumulates() { value - before } else { value };
                before = value;
            }
        }
    }
}

/// Turns yearly amounts into sums since the first year, where the measure asks for that.
fn accumulate(values: &mut [f64], minerals: &[Panel], width: usize) {
    for panel in minerals {
        for (k, _) in panel.indicators.iter().enumerate().filter(|(_, i)| i.measure.accumulates()) {
            let mut sum = 0.0;
            for cell in values.iter_mut().skip(panel.offset + k).step_by(width) {
                sum += if cell.is_finite() { *cell } else { 0.0 };
                *cell = sum;
            }
        }
    }
}

/// Which chains differ between arms: those that some arm's commitments or shocks act on, and the by-products of such.
fn touched(simulation: &Simulation, arms: &[Arm]) -> Vec<bool> {
    let chains = &simulation.chains;
    let mut touched: Vec<bool> = chains
        .iter()
        .map(|chain| arms.iter().flat_map(Arm::events).any(|event| acts_on(&event.lever, chain)))
        .collect();
    // Hosts come before their by-products.
    for c in 0..chains.len() {
        let by_host =
            (0..c).any(|h| touched[h] && chains[c].hosts.iter().any(|(id, ..)| *id == chains[h].mineral));
        touched[c] |= by_host;
    }
    touched
}

/// Whether a lever can change anything about a chain.
pub(crate) fn acts_on(lever: &Lever, chain: &crate::pathway::Chain) -> bool {
    if let Some(project) = lever.project() {
        return chain.slots.iter().any(|slot| slot.project.id == *project);
    }
    match lever {
        // It acts through the restrictions that it prevents, which are in the arm themselves.
        Lever::PledgeNotToRestrict(_) => return false,
        Lever::Permitting(Permitting { country, .. })
        | Lever::RightOfFirstOffer(RightOfFirstOffer { country, .. }) => {
            return chain.slots.iter().any(|slot| Some(slot.project.country) == *country);
        }
        _ => {}
    }
    let named = lever.minerals();
    named.is_empty() || named.contains(&chain.mineral)
}

impl Ensemble {
    /// Values of one indicator over the draws, for an arm and a year by position.
    pub fn values(
        &self,
        mineral: usize,
        indicator: usize,
        arm: usize,
        year: usize,
    ) -> impl Iterator<Item = f64> + '_ {
        let block = self.width * self.years.len();
        let cell = arm * block + year * self.width + self.minerals[mineral].offset + indicator;
        self.values.iter().map(move |draw| draw[cell])
    }

    /// Sum of an account of an arm from the first year to one by position, over all minerals, for each draw, less that of
    /// the reference arm.
    pub fn amounts(&self, account: usize, arm: usize, year: usize) -> Vec<f64> {
        let entries = self.accounts.list.len();
        let sum = |draw: &[f64], arm: usize| -> f64 {
            (0..=year).map(|y| draw[(arm * self.years.len() + y) * entries + account]).sum()
        };
        self.amounts.iter().map(|draw| sum(draw, arm) - sum(draw, 0)).collect()
    }

    /// Position of a year.
    pub fn year(&self, year: i32) -> Option<usize> {
        self.years.iter().position(|&y| y == year)
    }
}
