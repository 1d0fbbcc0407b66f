//! One draw of all arms: each chain is run once for all arms in which the same acts on it and on its hosts.

use std::sync::Arc;

use super::{
    Failure, Panel,
    acting::{Act, Deeds},
    ledger::{Ledger, OF_GROUPS},
    money::{Accounts, Spending},
};
use crate::{
    base::draw::Draw,
    indicator::{
        self, Indicator, Roles,
        walk::{Buffers, Walk},
    },
    market::Status,
    pathway::{Growth, Runner, Simulation, Solvers, YearOutcome},
    policy::Arm,
};

/// What all draws of the arms of a simulation share.
#[derive(Debug)]
pub(super) struct Plan {
    walks: Vec<Walk>,
    ledgers: Vec<Ledger>,
    /// Whether something comes out of each chain.
    is_host: Vec<bool>,
    /// Indicators of each chain, and the positions of those that add up over the years.
    pub indicators: Vec<Vec<Indicator>>,
    sums: Vec<Vec<usize>>,
}

impl Plan {
    pub(super) fn new(simulation: &Simulation, roles: &Roles) -> Self {
        let chains = &simulation.chains;
        let mut is_host = vec![false; chains.len()];
        for c in 0..chains.len() {
            simulation.hosts_of(c).for_each(|host| is_host[host] = true);
        }
        let indicators: Vec<Vec<Indicator>> =
            chains.iter().map(|chain| indicator::indicators(chain, roles)).collect();
        let sums = |list: &Vec<Indicator>| {
            (0..list.len()).filter(|&k| list[k].measure.accumulates()).collect::<Vec<usize>>()
        };
        Self {
            walks: chains.iter().map(|chain| Walk::new(chain, roles)).collect(),
            ledgers: chains.iter().map(|chain| Ledger::new(chain, roles)).collect(),
            is_host,
            sums: indicators.iter().map(sums).collect(),
            indicators,
        }
    }
}

/// What acts on a chain and on its hosts in a draw. Runs of one chain and draw with the same key are the same.
#[derive(Debug, PartialEq)]
pub(super) struct Key {
    acts: Vec<Act>,
    hosts: Vec<Arc<Key>>,
}

/// The years of one chain in one arm of one draw.
#[derive(Debug)]
pub(super) struct ChainRun {
    key: Arc<Key>,
    /// The key of the reference arm's run that money is counted against; absent where it is itself that run.
    against: Option<Arc<Key>>,
    /// Indicators, one after the other for each, year by year.
    pub values: Vec<f64>,
    /// What groups gain, year by year.
    pub groups: Vec<f64>,
    /// What treasuries spend, by year (by position).
    pub spent: Vec<(usize, Spending)>,
    /// Years (by position) without an equilibrium.
    pub failed: Vec<usize>,
    /// Growth of output by year, where something comes out of the chain.
    growth: Vec<Growth>,
    /// What each year leaves for other arms to be compared with; empty where it has no equilibrium.
    left: Vec<Vec<f64>>,
}

/// What a thread keeps from draw to draw.
#[derive(Debug, Default)]
pub(super) struct Worker {
    solvers: Solvers,
    buffers: Buffers,
}

/// What all draws of one set of arms share.
#[derive(Debug)]
pub(super) struct Setting<'a> {
    pub simulation: &'a Simulation,
    pub roles: &'a Roles,
    pub plan: &'a Plan,
    pub arms: &'a [Arm],
    pub deeds: &'a Deeds,
    /// The positions of each arm's deeds.
    pub of_arms: &'a [Vec<usize>],
    /// Chains that some arm acts on.
    pub touched: &'a [bool],
    /// Chains that are run at all.
    pub wanted: &'a [bool],
    /// Whether runs are used again; if not, each arm runs each chain with all that it has.
    pub reuse: bool,
}

/// The runs of one draw.
#[derive(Debug, Clone, Default)]
pub(super) struct DrawRuns {
    /// Run of each arm and chain; absent for chains that are not wanted.
    pub arms: Vec<Vec<Option<Arc<ChainRun>>>>,
    /// Runs that were made for them, not known before.
    pub made: usize,
}

impl Setting<'_> {
    /// The runs of a draw; those of `known` (by chain) are used again where they are the ones that are needed.
    pub(super) fn of_draw(&self, draw: Draw, known: &[Vec<Arc<ChainRun>>], worker: &mut Worker) -> DrawRuns {
        let chains = self.simulation.chains.len();
        let mut runner = Runner::with_solvers(self.simulation, std::mem::take(&mut worker.solvers));
        // Where all runs are known, nothing is drawn.
        let mut params = None;
        let mut found = DrawRuns { arms: Vec::with_capacity(self.arms.len()), made: 0 };
        for (arm, deeds) in self.arms.iter().zip(self.of_arms) {
            let acting = self.deeds.of_draw(arm, deeds, draw);
            let mut runs: Vec<Option<Arc<ChainRun>>> = vec![None; chains];
            for c in (0..chains).filter(|&c| self.wanted[c]) {
                let (acts, events) = self.deeds.on(c, &acting);
                let hosts = self.simulation.hosts_of(c).filter_map(|host| runs[host].as_ref());
                let key = Key { acts, hosts: hosts.map(|run| Arc::clone(&run.key)).collect() };
                let reference = found.arms.first().and_then(|runs| runs[c].clone());
                runs[c] = Some(match self.known(&key, c, &found.arms, &known[c]) {
                    Some(run) => run,
                    None => {
                        found.made += 1;
                        let growth: Vec<&[Growth]> = runs
                            .iter()
                            .map(|run| run.as_ref().map_or(&[][..], |run| run.growth.as_slice()))
                            .collect();
                        let all = &acting.events;
                        let events = if self.reuse { &events } else { all };
                        let params = params.get_or_insert_with(|| self.simulation.params().draw(draw));
                        let mut run = self.start(key, c, reference.as_deref());
                        let grown = runner.chain(c, events, draw, params, &growth, &mut |outcome| {
                            self.record(&mut run, reference.as_deref(), outcome, &mut worker.buffers);
                        });
                        if self.plan.is_host[c] {
                            run.growth = grown;
                        }
                        self.accumulate(&mut run, c);
                        Arc::new(run)
                    }
                });
            }
            found.arms.push(runs);
        }
        worker.solvers = runner.into_solvers();
        found
    }

    /// A run with this key that is there already.
    fn known(
        &self,
        key: &Key,
        chain: usize,
        before: &[Vec<Option<Arc<ChainRun>>>],
        known: &[Arc<ChainRun>],
    ) -> Option<Arc<ChainRun>> {
        if !self.reuse {
            return None;
        }
        let here = before.iter().filter_map(|runs| runs[chain].as_ref());
        let reference = before.first().and_then(|runs| runs[chain].as_ref());
        let against = reference.filter(|run| *run.key != *key).map(|run| &run.key);
        // A reference run that was made when no arm acted on its chain left nothing to be compared with.
        let left = reference.is_none() && self.touched[chain];
        let fits = |run: &&Arc<ChainRun>| {
            *run.key == *key && run.against.as_ref() == against && (!left || !run.left.is_empty())
        };
        here.chain(known).find(fits).cloned()
    }

    fn start(&self, key: Key, chain: usize, reference: Option<&ChainRun>) -> ChainRun {
        let years = self.simulation.years.len();
        let against = reference.filter(|run| *run.key != key || !self.reuse).map(|run| Arc::clone(&run.key));
        ChainRun {
            key: Arc::new(key),
            against,
            values: vec![f64::NAN; self.plan.indicators[chain].len() * years],
            groups: vec![0.0; OF_GROUPS * years],
            spent: Vec::new(),
            failed: Vec::new(),
            growth: Vec::new(),
            left: Vec::new(),
        }
    }

    /// Takes down a year.
    fn record(
        &self,
        run: &mut ChainRun,
        reference: Option<&ChainRun>,
        outcome: &YearOutcome<'_>,
        buffers: &mut Buffers,
    ) {
        let years = self.simulation.years.len();
        let year = (outcome.year - self.simulation.years[0]) as usize;
        let keep = reference.is_none() && self.touched[outcome.position];
        if outcome.equilibrium.status != Status::Converged {
            run.failed.push(year);
            if keep {
                run.left.push(Vec::new());
            }
            return;
        }
        let row = self.plan.walks[outcome.position].row(outcome, self.roles, buffers);
        for (k, value) in row.iter().enumerate() {
            run.values[k * years + year] = *value;
        }
        let ledger = &self.plan.ledgers[outcome.position];
        let before = reference.and_then(|run| run.left.get(year)).filter(|left| !left.is_empty());
        let groups = &mut run.groups[year * OF_GROUPS..(year + 1) * OF_GROUPS];
        ledger.add(before.map(Vec::as_slice), outcome, self.roles, groups);
        let spent = outcome.payments.by_kind.iter();
        run.spent.extend(spent.map(|(&(payer, kind), &usd)| (year, Spending { payer, kind, usd })));
        if keep {
            let mut left = Vec::with_capacity(ledger.stride());
            ledger.take_down(outcome.equilibrium, &mut left);
            run.left.push(left);
        }
    }

    /// Turns yearly amounts into sums since the first year, where the measure asks for that.
    fn accumulate(&self, run: &mut ChainRun, chain: usize) {
        let years = self.simulation.years.len();
        for &k in &self.plan.sums[chain] {
            let mut sum = 0.0;
            for cell in &mut run.values[k * years..(k + 1) * years] {
                sum += if cell.is_finite() { *cell } else { 0.0 };
                *cell = sum;
            }
        }
    }
}

impl DrawRuns {
    /// The runs of a chain.
    pub(super) fn of_chain(&self, chain: usize) -> impl Iterator<Item = Arc<ChainRun>> {
        self.arms.iter().filter_map(move |runs| runs[chain].clone())
    }

    /// How many runs differ.
    pub(super) fn different(&self) -> usize {
        let is_first = |a: usize, c: usize, run: &Arc<ChainRun>| {
            let mut before = self.arms[..a].iter().filter_map(|runs| runs[c].as_ref());
            before.all(|other| !Arc::ptr_eq(other, run))
        };
        let runs = self.arms.iter().enumerate().flat_map(|(a, runs)| {
            runs.iter().enumerate().filter_map(move |(c, run)| run.as_ref().map(|run| (a, c, run)))
        });
        runs.filter(|&(a, c, run)| is_first(a, c, run)).count()
    }

    /// Markets of a draw without an equilibrium: each run once, with the first arm that has it.
    pub(super) fn failures(&self, minerals: &[Panel], years: &[i32]) -> Vec<Failure> {
        let mut list = Vec::new();
        for (a, runs) in self.arms.iter().enumerate() {
            for (c, run) in runs.iter().enumerate() {
                let Some(run) = run.as_ref().filter(|run| !run.failed.is_empty()) else { continue };
                let before = self.arms[..a].iter().filter_map(|runs| runs[c].as_ref());
                if before.clone().all(|other| !Arc::ptr_eq(other, run)) {
                    list.extend(run.failed.iter().map(|&y| (minerals[c].mineral.clone(), a, years[y])));
                }
            }
        }
        list
    }
}

impl Accounts {
    /// Amounts of an arm's runs in a draw over all chains: for each account one for each year.
    pub(super) fn sum<'r>(&self, runs: impl Iterator<Item = &'r Arc<ChainRun>>, years: usize) -> Vec<f64> {
        let mut sums = vec![0.0; self.list.len() * years];
        let groups = self.list.len() - OF_GROUPS;
        for run in runs {
            for &(year, spending) in &run.spent {
                if let Some(account) = self.spending(spending) {
                    sums[account * years + year] += spending.usd;
                }
            }
            for (year, of_year) in run.groups.chunks_exact(OF_GROUPS).enumerate() {
                for (group, usd) in of_year.iter().enumerate() {
                    sums[(groups + group) * years + year] += usd;
                }
            }
        }
        sums
    }
}
