//! What is known since the base year, within a draw: the states of each year and what they do to its market.

use std::sync::Arc;

use super::{ChainState, YearOutcome};
use crate::{
    base::unit::Stage,
    market::Limit,
    nowcast::{Applied, Estimate, Estimated, Frame, Knowledge, Plain, Zone, frame},
    pathway::{
        deal::{self, Stocks},
        drivers::Driver,
        host::Hosts,
    },
};

/// Where the states of a chain come from.
#[derive(Debug)]
pub(in crate::pathway) enum States<'a> {
    /// There are none: the run starts from the base year.
    None,
    /// They are being estimated in a run without any deal.
    Estimating(Box<Estimate<'a>>),
    /// They were estimated for this draw.
    Known(Arc<Estimated>),
}

impl ChainState<'_> {
    /// What is known of the chain, where states are in play.
    fn known(&self) -> Option<&Knowledge> {
        match self.states {
            States::None => None,
            _ => self.chain.known.as_ref(),
        }
    }

    /// What the states do in a year: as estimated before, or estimated now from all that is known of the year.
    pub(super) fn states_of(&mut self, year: i32, hosts: Hosts<'_>) -> Applied {
        let mut applied = match &self.states {
            States::None => return Applied::default(),
            States::Known(states) => states.applied.get(&year).cloned().unwrap_or_default(),
            States::Estimating(_) => self.estimate(year, hosts),
        };
        if !self.drivers.has(Driver::Measures) {
            applied.caps.iter_mut().for_each(|cap| *cap = None);
        }
        if !self.drivers.has(Driver::Use) {
            applied.used = [0.0; 2];
        }
        if !self.drivers.has(Driver::Unexplained) {
            applied.level = [0.0; 2];
        }
        if !self.drivers.has(Driver::Published) {
            applied.output.clear();
        }
        applied
    }

    /// Estimates a year on the market that would be without any state.
    fn estimate(&mut self, year: i32, hosts: Hosts<'_>) -> Applied {
        let chain = self.chain;
        let Some((known, of_year)) = chain.known.as_ref().and_then(|known| Some((known, known.at(year)?)))
        else {
            return Applied::default();
        };
        self.now = Applied::default();
        self.set_capacity(year, hosts);
        self.set_demand(year);
        let accounts = self.stocks.held.clone();
        let extra = self.trade_stocks();
        self.stocks.held = accounts;
        for (user, extra) in self.solver.market.users.iter_mut().zip(&extra) {
            user.demand.quantity -= extra;
        }
        let (market, stocks) = (&mut self.solver.market, &mut Stocks::default());
        deal::impose(&chain.base, &[], &[], year, market, stocks, Vec::new());
        let States::Estimating(estimate) = &mut self.states else { return Applied::default() };
        let plain =
            Plain { market: &chain.base.market, sourcing: &self.capacity.sourcing, theta: &self.tastes };
        let (market, solver) = (&mut self.solver.market, &mut self.solver.solver);
        estimate.year(&mut Frame::new(known, plain, market, solver, &extra), of_year)
    }

    /// Lets holders of stocks trade; returns what they add to each user's purchases, tonnes.
    pub(super) fn trade_stocks(&mut self) -> Vec<f64> {
        let last = self.chain.base.baseline.last_stage;
        let before = self.stocks.promised.price.get(&last).copied().unwrap_or(1.0);
        let expected = self.expectations.at(last, Zone::Outside);
        let users = &self.solver.market.users;
        let used: Vec<f64> = users.iter().map(|user| user.demand.quantity).collect();
        self.stocks.held.trade(&mut self.solver.market, last, before, expected);
        let users = self.solver.market.users.iter();
        users.zip(used).map(|(user, used)| user.demand.quantity - used).collect()
    }

    /// Moves use and the level of prices by the year's states, beside what stocks add to purchases; returns the limits that
    /// measures set.
    pub(super) fn apply_states(&mut self, extra: &[f64]) -> Vec<Limit> {
        if self.known().is_none() {
            return Vec::new();
        }
        let Some(known) = self.chain.known.as_ref() else { return Vec::new() };
        for (j, user) in self.solver.market.users.iter_mut().enumerate() {
            let used = self.now.used[known.users[j].index()];
            if used != 0.0 {
                let own = user.demand.quantity - extra[j];
                user.demand.quantity = own * used.exp() + extra[j];
            }
        }
        let plain =
            Plain { market: &self.chain.base.market, sourcing: &self.capacity.sourcing, theta: &self.tastes };
        self.now.set_level(&mut self.solver.market, &plain, &known.node_zones, &known.users);
        let groups = known.groups.iter().zip(&self.now.caps);
        groups.filter_map(|(group, cap)| cap.map(|share| group.limit(share))).collect()
    }

    /// Whether a project ran in a year that is known, so that what is published of its country is of it as well.
    pub(super) fn is_known(&self, p: usize) -> bool {
        let last = self.known().and_then(|known| known.years.last()).map(|known| f64::from(known.year) + 1.0);
        last.is_some_and(|end| self.investment.started[p].is_some_and(|start| start <= end))
    }

    /// Ends the estimate: the states of all years of the run.
    pub(in crate::pathway) fn into_states(self, years: &[i32]) -> Estimated {
        match self.states {
            States::Estimating(estimate) => estimate.onward(years),
            _ => Estimated::default(),
        }
    }
}

impl YearOutcome<'_> {
    /// Price of what a stage sells in a zone, USD/t contained, in a market that a measure splits: delivered to its users, or
    /// at its sellers' gates where it has none. Absent where nothing splits the market, or nobody trades there.
    pub fn zone_price(&self, stage: Stage, zone: Zone) -> Option<f64> {
        let known = self.chain.known.as_ref().filter(|known| known.split.splits())?;
        let base = self.chain.base.base_price(stage);
        let over = frame::over_base(known, &self.chain.base.market, self.equilibrium, stage, zone)?;
        Some(base * over.exp())
    }
}
