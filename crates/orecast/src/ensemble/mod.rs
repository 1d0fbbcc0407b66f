//! Many draws of every arm, and the ranges that come out.
//!
//! Arms share their draws, so a difference between arms is taken run by run and is far less noisy than either level. In a
//! draw, a chain is run once for all arms in which the same acts on it and on what it comes out of.

mod acting;
mod cells;
mod draws;
mod ledger;
pub mod money;
pub mod session;
mod summary;
#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;

use crate::{
    base::{
        control::{Cancelled, Control},
        draw::Draw,
        id::MineralId,
        unit::Grade,
    },
    indicator::{Indicator, Roles},
    pathway::Simulation,
    policy::Arm,
};

use acting::{Deeds, touched, with_hosts};
use cells::{Cells, Spill};
use draws::{DrawRuns, Plan, Setting, Worker};
use money::Accounts;

pub(crate) use acting::acts_on;
pub use session::Session;
pub use summary::{Difference, quantile, range_of};

/// Draws that are run before their numbers are put away.
const BATCH: usize = 128;
/// Numbers of a run beyond which they are put into a temporary file.
const IN_MEMORY: usize = 1 << 24;

/// An equilibrium that was not found: mineral, arm position and year.
pub type Failure = (MineralId, usize, i32);

/// The values of every indicator, arm, year and draw.
#[derive(Debug)]
pub struct Ensemble {
    /// Minerals, with their basis, indicators and grade.
    pub minerals: Vec<Panel>,
    /// Arms, the reference first.
    pub arms: Vec<Arm>,
    /// Years.
    pub years: Vec<i32>,
    /// Number of draws.
    pub draws: usize,
    /// Markets whose outcome is known: of every arm, year and draw, for each mineral that was run.
    pub answered: usize,
    /// Markets that had to be solved for that, those that did not converge included; the others are the same as one of them.
    pub solved: usize,
    /// Equilibria that did not converge, by mineral, position of the first arm with it, and year.
    pub failed: Vec<Failure>,
    /// What [`Self::amounts`] are about.
    pub accounts: Accounts,
    /// By mineral and arm.
    values: Vec<Vec<Arc<Cells>>>,
    /// By arm.
    amounts: Vec<Cells>,
}

/// One mineral's part of the results.
#[derive(Debug, Clone)]
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
    /// Whether it was run; if not, it has no values.
    pub computed: bool,
}

/// Which minerals of a simulation are run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// All of them.
    All,
    /// Those that some arm acts on, their by-products, and what these come out of.
    Touched,
}

/// Runs all draws of all arms.
pub fn run(simulation: &Simulation, arms: &[Arm], roles: &Roles, draws: usize, seed: u64) -> Ensemble {
    let plan = Plan::new(simulation, roles);
    Frame::new(simulation, arms, Scope::All).run(
        simulation,
        arms,
        roles,
        &plan,
        draws,
        seed,
        true,
        IN_MEMORY,
        &Control::default(),
    )
}

/// Runs all draws of all arms for some of the minerals; `control` hears of each draw.
///
/// # Errors
/// When `control` asks for an end before the last draw.
pub fn run_scope(
    simulation: &Simulation,
    arms: &[Arm],
    roles: &Roles,
    scope: Scope,
    draws: usize,
    seed: u64,
    control: &Control,
) -> Result<Ensemble, Cancelled> {
    let plan = Plan::new(simulation, roles);
    let frame = Frame::new(simulation, arms, scope);
    control.expect(draws);
    let found = frame.run(simulation, arms, roles, &plan, draws, seed, true, IN_MEMORY, control);
    if found.draws == draws { Ok(found) } else { Err(Cancelled) }
}

/// What the arms of a run act on.
#[derive(Debug, Clone, Default)]
struct Frame {
    deeds: Deeds,
    of_arms: Vec<Vec<usize>>,
    touched: Vec<bool>,
    wanted: Vec<bool>,
}

impl Frame {
    fn new(simulation: &Simulation, arms: &[Arm], scope: Scope) -> Self {
        let mut frame = Self::default();
        frame.take(simulation, arms, scope);
        frame
    }

    /// Looks at a set of arms; what is known of earlier ones stays known.
    fn take(&mut self, simulation: &Simulation, arms: &[Arm], scope: Scope) {
        self.of_arms = arms.iter().map(|arm| self.deeds.positions(simulation, arm)).collect();
        self.touched = touched(simulation, arms);
        self.wanted = match scope {
            Scope::All => vec![true; self.touched.len()],
            Scope::Touched => with_hosts(simulation, self.touched.clone()),
        };
    }

    fn setting<'a>(
        &'a self,
        simulation: &'a Simulation,
        arms: &'a [Arm],
        roles: &'a Roles,
        plan: &'a Plan,
        reuse: bool,
    ) -> Setting<'a> {
        Setting {
            simulation,
            roles,
            plan,
            arms,
            deeds: &self.deeds,
            of_arms: &self.of_arms,
            touched: &self.touched,
            wanted: &self.wanted,
            reuse,
        }
    }

    #[expect(clippy::too_many_arguments, reason = "what a run consists of")]
    fn run(
        &self,
        simulation: &Simulation,
        arms: &[Arm],
        roles: &Roles,
        plan: &Plan,
        draws: usize,
        seed: u64,
        reuse: bool,
        in_memory: usize,
        control: &Control,
    ) -> Ensemble {
        let setting = self.setting(simulation, arms, roles, plan, reuse);
        let mut ensemble = Ensemble::empty(&setting);
        let spill = (draws.saturating_mul(setting.numbers()) > in_memory).then(Spill::new);
        // Without a place for temporary files all stays in memory.
        let spill = spill.and_then(Result::ok).map(Arc::new);
        let workers: Mutex<Vec<Worker>> = Mutex::default();
        let none = vec![Vec::new(); simulation.chains.len()];
        for first in (0..draws).step_by(BATCH) {
            let batch = first..draws.min(first + BATCH);
            let found: Option<Vec<DrawRuns>> = batch
                .into_par_iter()
                .map(|d| {
                    if control.is_cancelled() {
                        return None;
                    }
                    let mut worker = take(&workers);
                    let runs = setting.of_draw(Draw::new(seed, d as u64), &none, &mut worker);
                    put(&workers, worker);
                    control.step().ok().map(|()| runs)
                })
                .collect();
            let Some(found) = found else { break };
            ensemble.extend(&setting, &found, spill.as_ref());
        }
        ensemble
    }
}

fn take(workers: &Mutex<Vec<Worker>>) -> Worker {
    workers.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default()
}

fn put(workers: &Mutex<Vec<Worker>>, worker: Worker) {
    workers.lock().unwrap_or_else(PoisonError::into_inner).push(worker);
}

impl Setting<'_> {
    /// Whether all arms of a chain are the same by construction.
    fn is_shared(&self, chain: usize) -> bool {
        self.reuse && !self.touched[chain]
    }

    /// Numbers that are kept of each draw.
    fn numbers(&self) -> usize {
        let years = self.simulation.years.len();
        let of_chain = |c: usize| {
            let arms = if self.is_shared(c) { 1 } else { self.arms.len() };
            if self.wanted[c] { arms * years * self.plan.indicators[c].len() } else { 0 }
        };
        let accounts = Accounts::of(self.arms).list.len() * self.arms.len() * years;
        accounts + (0..self.wanted.len()).map(of_chain).sum::<usize>()
    }
}

impl Ensemble {
    /// No draw yet.
    fn empty(setting: &Setting<'_>) -> Self {
        let panel = |(c, chain): (usize, &crate::pathway::Chain)| Panel {
            mineral: chain.base.mineral.clone(),
            basis: chain.base.market.basis.clone(),
            grade: chain.base.grade,
            indicators: setting.plan.indicators[c].clone(),
            touched: setting.touched[c],
            computed: setting.wanted[c],
        };
        let stores = |c: usize| {
            let own = if setting.is_shared(c) { 1 } else { setting.arms.len() };
            (0..own).map(|_| Arc::default()).collect()
        };
        Self {
            minerals: setting.simulation.chains.iter().enumerate().map(panel).collect(),
            arms: setting.arms.to_vec(),
            years: setting.simulation.years.clone(),
            draws: 0,
            answered: 0,
            solved: 0,
            failed: Vec::new(),
            accounts: Accounts::of(setting.arms),
            values: (0..setting.wanted.len()).map(stores).collect(),
            amounts: setting.arms.iter().map(|_| Cells::default()).collect(),
        }
    }

    /// Adds the draws that follow.
    fn extend(&mut self, setting: &Setting<'_>, draws: &[DrawRuns], spill: Option<&Arc<Spill>>) {
        let years = self.years.len();
        let run = |draw: &DrawRuns, arm: usize, chain: usize| draw.arms[arm][chain].clone();
        for (c, stores) in self.values.iter_mut().enumerate().filter(|(c, _)| setting.wanted[*c]) {
            for (a, store) in stores.iter_mut().enumerate() {
                let runs: Vec<_> = draws.iter().filter_map(|draw| run(draw, a, c)).collect();
                let values: Vec<&[f64]> = runs.iter().map(|run| run.values.as_slice()).collect();
                if let Some(store) = Arc::get_mut(store) {
                    store.push(self.minerals[c].indicators.len() * years, &values, spill);
                }
            }
        }
        for (a, store) in self.amounts.iter_mut().enumerate() {
            let amounts: Vec<Vec<f64>> =
                draws.iter().map(|draw| self.accounts.sum(draw.arms[a].iter().flatten(), years)).collect();
            let amounts: Vec<&[f64]> = amounts.iter().map(Vec::as_slice).collect();
            store.push(self.accounts.list.len() * years, &amounts, spill);
        }
        let wanted = setting.wanted.iter().filter(|wanted| **wanted).count();
        for draw in draws {
            self.draws += 1;
            self.answered += wanted * self.arms.len() * years;
            self.solved += draw.different() * years;
            self.failed.extend(draw.failures(&self.minerals, &self.years));
        }
    }

    /// Values of one indicator over the draws, for an arm and a year by position; none for a mineral that was not run.
    pub fn values(
        &self,
        mineral: usize,
        indicator: usize,
        arm: usize,
        year: usize,
    ) -> impl Iterator<Item = f64> + use<> {
        let stores = &self.values[mineral];
        // Where no arm acts, there is one store for all.
        let store = stores.get(arm).or(stores.first());
        let draws = store.map(|store| store.draws(indicator * self.years.len() + year));
        draws.unwrap_or_default().into_iter()
    }

    /// Sum of an account of an arm from the first year to one by position, over all minerals, for each draw, less that of
    /// the reference arm.
    pub fn amounts(&self, account: usize, arm: usize, year: usize) -> Vec<f64> {
        let sums = |arm: usize| {
            let mut sums = vec![0.0; self.draws];
            for y in 0..=year {
                let of_year = self.amounts[arm].draws(account * self.years.len() + y);
                sums.iter_mut().zip(of_year).for_each(|(sum, usd)| *sum += usd);
            }
            sums
        };
        sums(arm).into_iter().zip(sums(0)).map(|(arm, reference)| arm - reference).collect()
    }

    /// Position of a year.
    pub fn year(&self, year: i32) -> Option<usize> {
        self.years.iter().position(|&y| y == year)
    }
}
