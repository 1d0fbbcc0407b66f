//! What a year leaves for the next: expectations, running capacity, and what is left in the ground.

use std::collections::BTreeMap;

use super::Outlook;
use crate::{
    base::unit::Stage,
    market::{Equilibrium, Status},
    pathway::{assumption::middle, calibrate::RUNNING, chain::Chain, drivers::Driver},
};

/// Fastest decline of running capacity in a year.
const SLOWEST: f64 = -0.06;
/// Reserves over yearly output below which running mines wind down.
const LAST_YEARS: f64 = 5.0;
/// Reserves over yearly output below which no new mines are planned.
const ENOUGH_YEARS: f64 = 15.0;
/// Fastest that short reserves make running mines run down in a year.
const FASTEST_DEPLETION: f64 = 0.05;

impl Outlook<'_> {
    /// Growth of a node's running capacity that the scenario asks for. Where it is a decline, nodes run down at their own
    /// speed.
    pub(super) fn reference_rate(&self, node: usize, stage: Stage, since: usize) -> f64 {
        let rate = self.reference.get(&stage).and_then(|list| list.get(since)).copied().unwrap_or(0.0);
        let own = self.depletion[node];
        if !self.drivers.has(Driver::Expectations) {
            return -own;
        }
        let usual = middle("depletion");
        if rate < 0.0 { (rate * own / usual).max(-own) } else { rate }
    }

    /// Moves expectations, running capacity and what is left in the ground. Running capacity runs down, grows with the
    /// scenario's demand beside all that is expected to be added, the same in every arm, and answers to prices: up to a
    /// limit within a year, beyond it after the lead time of a new mine or plant.
    pub(super) fn learn(&mut self, year: i32, eq: &Equilibrium) {
        if eq.status != Status::Converged {
            return;
        }
        let mean = self.mean_prices(eq);
        for (&stage, &(now, _)) in &mean {
            self.stocks.price.insert(stage, now);
        }
        if self.drivers.has(Driver::Expectations) {
            self.expect(self.since(year), &mean);
        }
        let next = self.since(year) + 1;
        for (i, node) in self.room.market.nodes.iter().enumerate() {
            let output = eq.node_output(i);
            self.extracted[i] += (1.0 - self.renewal) * output;
            let new_mines = self.ordered.get(&node.stage).and_then(|list| list.get(next)).copied();
            let enough = self.chain.reserves[i].is_none_or(|r| r > ENOUGH_YEARS * self.chain.base_output[i]);
            let new_mines = new_mines.filter(|_| enough).unwrap_or(0.0);
            let mut pull = self.pull(node.stage, node.sourcing.is_some()).min(self.brownfield);
            if pull < 0.0 && node.sourcing.is_none() {
                // Mines of its own answer low prices by standing still.
                pull *= 1.0 - self.idle.as_ref().map_or(0.0, |idle| idle.own);
            }
            let wanted = self.reference_rate(i, node.stage, next) + pull + new_mines;
            let mut rate = wanted.clamp(SLOWEST, self.fastest);
            if let Some(reserves) = self.chain.reserves[i] {
                let left = (reserves - self.extracted[i]).max(0.0);
                if left < LAST_YEARS * output {
                    rate = rate.min(left / (LAST_YEARS * output).max(f64::MIN_POSITIVE) - 1.0).max(-0.5);
                }
            }
            self.growth[i] *= 1.0 + rate;
        }
        self.pass(year);
    }

    /// Lets mines be suspended and restarted at expected prices, under a floor at least at the floor.
    fn pass(&mut self, year: i32) {
        let Some(mut idle) = self.idle.take() else { return };
        let seen = |node: usize, t: usize| {
            let node = &self.room.market.nodes[node];
            let expected = self.expected.get(&node.stage).copied().unwrap_or(1.0);
            let floor = node.tranches.get(t).and_then(|tranche| tranche.floor);
            floor.map_or(expected, |floor| expected.max(floor / node.base_price))
        };
        let running = |node: usize| {
            let tranches = &self.room.market.nodes[node].tranches;
            seen(node, tranches.iter().position(|t| t.id == RUNNING).unwrap_or(usize::MAX))
        };
        let project = |p: usize| {
            let (node, t) = self.chain.slots[p].refine.or(self.chain.slots[p].mine)?;
            self.started[p].filter(|start| *start <= f64::from(year) + 0.5).map(|_| seen(node, t))
        };
        idle.pass(year, &running, &project);
        self.idle = Some(idle);
    }

    /// How expected prices move the capacity of a stage, a share a year.
    fn pull(&self, stage: Stage, refines: bool) -> f64 {
        let expected = self.expected.get(&stage).copied().unwrap_or(1.0).max(0.05);
        let response = if refines {
            self.responses.refine_supply_long
        } else {
            // Hosts recover more while they recover less than they could.
            let recovery = (1.0 - self.chain.own_share()) * self.unrecovered * self.recovery_response;
            self.responses.mine_supply_long.max(recovery)
        };
        response * expected.ln() / self.adjustment
    }

    /// Output-weighted mean of price over base price by stage, and whether the stage refines ore.
    fn mean_prices(&self, eq: &Equilibrium) -> BTreeMap<Stage, (f64, bool)> {
        let mut sums: BTreeMap<Stage, (f64, f64, bool)> = BTreeMap::new();
        for (i, node) in self.room.market.nodes.iter().enumerate() {
            if let Some(price) = eq.price[i] {
                let output = eq.node_output(i);
                let entry = sums.entry(node.stage).or_default();
                entry.0 += (price / node.base_price).max(0.05) * output;
                entry.1 += output;
                entry.2 |= node.sourcing.is_some();
            }
        }
        let mean = |(sum, weight, refines)| (if weight > 0.0 { sum / weight } else { 1.0 }, refines);
        sums.into_iter().map(|(stage, sums)| (stage, mean(sums))).collect()
    }

    /// Moves expectations after a solved year, what they have done to use, and what they order for later.
    fn expect(&mut self, year: usize, mean: &BTreeMap<Stage, (f64, bool)>) {
        for (stage, (now, _)) in mean {
            if let Some(expected) = self.expected.get_mut(stage) {
                *expected += self.speed * (now - *expected);
            }
        }
        let slow = (self.responses.demand_long - self.responses.demand).max(0.0);
        for (&stage, &expected) in &self.expected {
            let adapted = self.adapted.entry(stage).or_default();
            *adapted += (-slow * expected.max(0.05).ln() - *adapted) / self.adjustment;
        }
        for (&stage, &(_, refines)) in mean {
            let beyond = self.pull(stage, refines) - self.brownfield;
            let lead = if refines {
                self.build_years
            } else if self.chain.own_share() < 0.5 {
                self.circuit_years
            } else {
                self.greenfield_years
            };
            let due = self.ordered.get_mut(&stage).and_then(|list| list.get_mut(year + lead));
            if let Some(due) = due.filter(|_| beyond > 0.0) {
                *due += beyond;
            }
        }
    }
}

/// How fast the mines of each node run down by themselves: at the usual speed, or, where reserves are short, so that half
/// of the mines are gone when the reserves would be. Plants that buy ore do not run down.
pub(super) fn depletion(chain: &Chain, usual: f64) -> Vec<f64> {
    let nodes = chain.market.nodes.iter().enumerate();
    nodes
        .map(|(i, node)| {
            if node.sourcing.is_some() || usual <= 0.0 {
                return 0.0;
            }
            let short = chain.reserves[i].map_or(0.0, |reserves| 0.5 * chain.base_output[i] / reserves);
            // What comes out of hosts runs down with them.
            chain.own_share() * usual.max(short.min(FASTEST_DEPLETION))
        })
        .collect()
}
