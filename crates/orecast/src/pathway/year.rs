//! One chain from year to year within a draw.

use std::sync::Arc;

use super::{
    Simulation, TYPICAL_PREMIUM,
    chain::{Chain, Control},
    chain_solver::ChainSolver,
    deal::{self, Event, Payment, Payments, Screen, Stocks},
    drivers::{Driver, Drivers},
    holding::{Account, Holdings},
    host::{Growth, Hosts},
};
use crate::{
    base::{draw::Draw, id::Iso3},
    market::{Equilibrium, Market},
    nowcast::Applied,
    params::{Params, responses::Responses},
};

mod capacity;
mod expectation;
mod investment;
mod known;
pub(super) mod take;

use capacity::Capacity;
use expectation::Expectations;
use investment::Investment;
pub(super) use known::States;
use take::Levies;

/// A solved year of one chain.
#[derive(Debug)]
pub struct YearOutcome<'a> {
    /// Position of the chain in the simulation.
    pub position: usize,
    /// The chain.
    pub chain: &'a Chain,
    /// Calendar year.
    pub year: i32,
    /// The market that was solved.
    pub market: &'a Market,
    /// Its equilibrium.
    pub equilibrium: &'a Equilibrium,
    /// Money.
    pub payments: &'a Payments,
    /// Who controls each tranche of each node, shares that sum to 1.
    pub control: &'a [Vec<Control>],
    /// Stocks through the year.
    pub stocks: &'a [Account],
}

/// The state of one chain within a draw and an arm.
#[derive(Debug)]
pub struct ChainState<'a> {
    chain: &'a Chain,
    solver: &'a mut ChainSolver,
    drivers: Drivers,
    /// Values of the parameters.
    params: Params<f64>,
    /// Responses on the time scale of the run.
    responses: Responses<f64>,
    /// Standard normal number that places use within its scenario.
    demand_random: f64,
    capacity: Capacity,
    investment: Investment,
    expectations: Expectations,
    stocks: StockState,
    /// What hosts take.
    levies: Arc<Levies>,
    /// Screens of owners.
    screens: Vec<Screen>,
    /// Taste of each user for the cheapest source at base prices, per USD/t.
    tastes: Vec<f64>,
    /// States since the base year, and what they do in the year that is run.
    states: States<'a>,
    now: Applied,
}

/// What is held, and who trades it.
#[derive(Debug)]
struct StockState {
    /// Stocks that a deal builds up.
    promised: Stocks,
    /// Stocks of the base year.
    held: Holdings,
}

impl<'a> ChainState<'a> {
    /// A chain at the end of the base year, in one draw.
    #[expect(clippy::too_many_arguments, reason = "all that a draw and an arm are made of")]
    pub(super) fn new(
        simulation: &'a Simulation,
        position: usize,
        solver: &'a mut ChainSolver,
        draw: Draw,
        params: &Params<f64>,
        events: &[Event<'_>],
        drivers: Drivers,
        states: States<'a>,
    ) -> Self {
        let chain = &simulation.chains[position];
        let name = |field: &str| format!("{}/{field}", chain.base.mineral);
        let responses = chain
            .base
            .responses
            .map(|field, range| draw.range(&name(field), range))
            .at(simulation.time_scale, params.adjustment_years.max(1.0));
        let recovery = draw.range(&name("recovery"), chain.recovery).clamp(0.05, 0.999);
        solver.reset(chain);
        chain.base.bend(&mut solver.market, &responses, recovery);
        let levies = Levies::shared(&mut solver.levies, chain, draw, params);
        let premium = |country: Iso3| simulation.premiums.get(&country).copied().unwrap_or(TYPICAL_PREMIUM);
        let held = if drivers.has(Driver::Stocks) {
            Holdings::new(chain, draw, params)
        } else {
            Holdings::default()
        };
        Self {
            drivers,
            params: *params,
            responses,
            demand_random: draw.normal(&name("demand-growth")),
            capacity: Capacity::new(chain, &solver.market, draw, params, simulation.params(), drivers),
            investment: Investment::new(chain, draw, params, &premium, events),
            expectations: Expectations::new(chain),
            stocks: StockState { promised: Stocks::default(), held },
            levies,
            screens: deal::screens(chain, events, &simulation.blocs),
            tastes: solver.market.users.iter().map(|user| user.theta).collect(),
            states,
            now: Applied::default(),
            solver,
            chain,
        }
    }

    /// Years since the base year.
    fn since(&self, year: i32) -> usize {
        (year - self.chain.base.baseline.year).max(0) as usize
    }

    /// Runs a year beside its hosts; returns output over the base year's.
    pub(super) fn step(
        &mut self,
        year: i32,
        position: usize,
        hosts: Hosts<'_>,
        events: &[Event<'_>],
        visit: &mut dyn FnMut(&YearOutcome<'_>),
    ) -> Growth {
        self.investment.decide(self.chain, &self.expectations, year);
        if year == self.chain.base.baseline.year + 1 {
            self.take_first_step(year);
        }
        self.now = self.states_of(year, hosts);
        self.set_capacity(year, hosts);
        self.set_demand(year);
        let extra = self.trade_stocks();
        let standing = self.apply_states(&extra);
        let payments = deal::impose(
            &self.chain.base,
            &self.chain.sites,
            events,
            year,
            &mut self.solver.market,
            &mut self.stocks.promised,
            standing,
        );
        let equilibrium = self.solver.solve();
        let money = self.settle(year, &payments, &equilibrium);
        let control = deal::control(self.chain, events, &self.screens, &self.investment.decided, year);
        visit(&YearOutcome {
            control: control.as_deref().unwrap_or(&self.chain.control),
            position,
            chain: self.chain,
            year,
            market: &self.solver.market,
            equilibrium: &equilibrium,
            payments: &money,
            stocks: self.stocks.held.accounts(),
        });
        self.learn(year, &equilibrium);
        Growth::of(self.chain, &equilibrium, self.capacity.running.clone())
    }

    /// What floors, credits and finance cost, and what hosts earn.
    fn settle(&mut self, year: i32, payments: &[Payment], eq: &Equilibrium) -> Payments {
        let projects = self.investment.projects();
        let lost = self.params.loan_subsidy;
        let mut money = deal::settle(self.chain, &self.solver.market, eq, payments, year, &projects, lost);
        self.take(year, eq, &mut money);
        money
    }
}
