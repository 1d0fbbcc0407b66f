//! What a year leaves for the next: expectations, running capacity, and what is left in the ground.

use std::collections::BTreeMap;

use super::ChainState;
use crate::{
    base::unit::Stage,
    market::{Equilibrium, Status},
    nowcast::Zone,
    pathway::{calibrate::RUNNING, chain::Chain, drivers::Driver},
};

/// A stage on one side of the market.
type Place = (Stage, Zone);

/// Fastest decline of running capacity in a year.
const SLOWEST: f64 = -0.06;
/// Reserves over yearly output below which running mines wind down.
const LAST_YEARS: f64 = 5.0;
/// Reserves over yearly output below which no new mines are planned.
const ENOUGH_YEARS: f64 = 15.0;

/// What producers and users expect within a draw.
#[derive(Debug)]
pub(super) struct Expectations {
    /// Expected price over the base price, by stage and side of the market.
    expected: BTreeMap<Place, f64>,
    /// Logarithm of what past prices have done to use.
    pub adapted: BTreeMap<Place, f64>,
    /// Growth that waits for its lead time, by years since the base year.
    ordered: BTreeMap<Place, Vec<f64>>,
}

impl Expectations {
    /// Base prices, and nothing ordered.
    pub(super) fn new(chain: &Chain) -> Self {
        let years = chain.demand.len();
        let zones = chain.known.as_ref().map_or(&[Zone::Outside][..], |known| known.split.zones());
        let stages = [Stage::Mine, chain.base.baseline.last_stage];
        let places = || stages.into_iter().flat_map(|stage| zones.iter().map(move |&zone| (stage, zone)));
        Self {
            expected: places().map(|place| (place, 1.0)).collect(),
            adapted: BTreeMap::new(),
            ordered: places().map(|place| (place, vec![0.0; years + 1])).collect(),
        }
    }

    /// Expected price over the base price of what a stage sells on one side of the market.
    pub(super) fn at(&self, stage: Stage, zone: Zone) -> f64 {
        self.expected.get(&(stage, zone)).copied().unwrap_or(1.0)
    }
}

impl ChainState<'_> {
    /// Moves expectations, running capacity and what is left in the ground. Running capacity runs down, grows with the
    /// scenario's demand beside all that is expected to be added, the same in every arm, and answers to prices: up to a
    /// limit within a year, beyond it after the lead time of a new mine or plant.
    pub(super) fn learn(&mut self, year: i32, eq: &Equilibrium) {
        if eq.status != Status::Converged {
            return;
        }
        let mean = self.mean_prices(eq);
        for (&(stage, zone), &(now, _)) in &mean {
            if zone == Zone::Outside {
                self.stocks.promised.price.insert(stage, now);
            }
        }
        if self.drivers.has(Driver::Expectations) {
            self.expect(self.since(year), &mean);
        }
        let next = self.since(year) + 1;
        let (renewal, fastest) = (self.params.reserve_renewal.min(1.0), self.params.fastest_growth.max(0.0));
        let follows = self.drivers.has(Driver::Expectations);
        for (i, node) in self.solver.market.nodes.iter().enumerate() {
            let output = eq.node_output(i);
            self.capacity.extracted[i] += (1.0 - renewal) * output;
            let place = (node.stage, self.chain.zone(node.country));
            let new_mines = self.expectations.ordered.get(&place).and_then(|list| list.get(next)).copied();
            let enough = self.chain.reserves[i].is_none_or(|r| r > ENOUGH_YEARS * self.chain.base_output[i]);
            let new_mines = new_mines.filter(|_| enough).unwrap_or(0.0);
            let mut pull = self.pull(place, node.sourcing.is_some()).min(self.brownfield());
            if pull < 0.0 && node.sourcing.is_none() {
                // Mines of its own respond to low prices by suspensions.
                pull *= 1.0 - self.capacity.suspensions.as_ref().map_or(0.0, |suspensions| suspensions.own);
            }
            let wanted = self.capacity.reference_rate(i, node.stage, next, follows) + pull + new_mines;
            let mut rate = wanted.clamp(SLOWEST, fastest);
            if let Some(reserves) = self.chain.reserves[i] {
                let left = (reserves - self.capacity.extracted[i]).max(0.0);
                if left < LAST_YEARS * output {
                    rate = rate.min(left / (LAST_YEARS * output).max(f64::MIN_POSITIVE) - 1.0).max(-0.5);
                }
            }
            self.capacity.growth[i] *= 1.0 + rate;
        }
        self.pass(year);
    }

    /// Lets mines be suspended and restarted at expected prices, under a floor at least at the floor.
    fn pass(&mut self, year: i32) {
        let Some(mut suspensions) = self.capacity.suspensions.take() else { return };
        let seen = |node: usize, t: usize| {
            let base = self.chain.base.market.nodes[node].base_price;
            let node = &self.solver.market.nodes[node];
            let expected = self.expectations.at(node.stage, self.chain.zone(node.country));
            let floor = node.tranches.get(t).and_then(|tranche| tranche.floor);
            floor.map_or(expected, |floor| expected.max(floor / base))
        };
        let running = |node: usize| {
            let tranches = &self.solver.market.nodes[node].tranches;
            seen(node, tranches.iter().position(|t| t.id == RUNNING).unwrap_or(usize::MAX))
        };
        let project = |p: usize| {
            let (node, t) = self.chain.sites[p].refine.or(self.chain.sites[p].mine)?;
            self.investment.started[p].filter(|start| *start <= f64::from(year) + 0.5).map(|_| seen(node, t))
        };
        suspensions.pass(year, &running, &project);
        self.capacity.suspensions = Some(suspensions);
    }

    /// How expected prices move the capacity of a stage, a share a year.
    fn pull(&self, (stage, zone): Place, refines: bool) -> f64 {
        let expected = self.expectations.at(stage, zone).max(0.05);
        let response = if refines {
            self.responses.refine_supply_long
        } else {
            // Hosts recover more while they recover less than they could.
            let recovery = (1.0 - self.chain.own_share())
                * self.capacity.unrecovered
                * self.params.recovery_response.max(0.0);
            self.responses.mine_supply_long.max(recovery)
        };
        response * expected.ln() / self.adjustment()
    }

    /// Most that high prices let running capacity grow in a year.
    fn brownfield(&self) -> f64 {
        self.params.brownfield_limit.max(0.0)
    }

    /// Years in which use and capacity reach their long-run response.
    fn adjustment(&self) -> f64 {
        self.params.adjustment_years.max(1.0)
    }

    /// Output-weighted mean of price over base price by stage and side of the market, and whether the stage refines ore.
    fn mean_prices(&self, eq: &Equilibrium) -> BTreeMap<Place, (f64, bool)> {
        let mut sums: BTreeMap<Place, (f64, f64, bool)> = BTreeMap::new();
        for (i, node) in self.solver.market.nodes.iter().enumerate() {
            if let Some(price) = eq.price[i] {
                let output = eq.node_output(i);
                let entry = sums.entry((node.stage, self.chain.zone(node.country))).or_default();
                entry.0 += (price / self.chain.base.market.nodes[i].base_price).max(0.05) * output;
                entry.1 += output;
                entry.2 |= node.sourcing.is_some();
            }
        }
        let mean = |(sum, weight, refines)| (if weight > 0.0 { sum / weight } else { 1.0 }, refines);
        sums.into_iter().map(|(place, sums)| (place, mean(sums))).collect()
    }

    /// Moves expectations after a solved year, what they have done to use, and what they order for later.
    fn expect(&mut self, year: usize, mean: &BTreeMap<Place, (f64, bool)>) {
        let (speed, adjustment) = (self.params.expectation_speed, self.adjustment());
        let state = &mut self.expectations;
        for (place, (now, _)) in mean {
            if let Some(expected) = state.expected.get_mut(place) {
                *expected += speed * (now - *expected);
            }
        }
        let slow = (self.responses.demand_long - self.responses.demand).max(0.0);
        for (&place, &expected) in &state.expected {
            let adapted = state.adapted.entry(place).or_default();
            *adapted += (-slow * expected.max(0.05).ln() - *adapted) / adjustment;
        }
        let whole_years = |years: f64| years.round().max(1.0) as usize;
        for (&place, &(_, refines)) in mean {
            let beyond = self.pull(place, refines) - self.brownfield();
            let lead = if refines {
                whole_years(self.params.build_refinery_years)
            } else if self.chain.own_share() < 0.5 {
                whole_years(self.params.circuit_years)
            } else {
                whole_years(self.params.greenfield_years)
            };
            let due = self.expectations.ordered.get_mut(&place).and_then(|list| list.get_mut(year + lead));
            if let Some(due) = due.filter(|_| beyond > 0.0) {
                *due += beyond;
            }
        }
    }
}
