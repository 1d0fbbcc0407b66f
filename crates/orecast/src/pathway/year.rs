//! One chain from year to year within a draw.

use std::{collections::BTreeMap, sync::Arc};

use super::{
    Simulation, TYPICAL_PREMIUM,
    assumption::Sampled,
    chain::{Chain, Control},
    deal::{self, Event, Payment, Payments, Screen, Stocks},
    drivers::{Driver, Drivers},
    holding::{Account, Holdings},
    host::{Growth, Hosts},
    idle::Idle,
    project::{Plan, Terms},
    room::Room,
};
use crate::{
    base::{draw::Draw, id::Iso3, unit::Stage},
    market::{Equilibrium, Market, Sourcing},
    params::responses::Responses,
};

mod capacity;
mod expectation;
pub(super) mod take;

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
pub struct Outlook<'a> {
    chain: &'a Chain,
    room: &'a mut Room,
    drivers: Drivers,
    /// Growth of running capacity that the scenario asks for, by stage and years since the base year.
    reference: BTreeMap<Stage, Vec<f64>>,
    /// Growth that waits for its lead time, by stage and years since the base year.
    ordered: BTreeMap<Stage, Vec<f64>>,
    /// Yearly loss of running output without new investment, by node.
    depletion: Vec<f64>,
    brownfield: f64,
    greenfield_years: usize,
    build_years: usize,
    unnamed_share: f64,
    secondary_growth: f64,
    scrap_growth: f64,
    renewal: f64,
    responses: Responses<f64>,
    plans: Vec<Plan>,
    terms: Vec<Terms>,
    /// First output of each project that was decided, as a year with a fraction.
    started: Vec<Option<f64>>,
    /// Year in which it was decided.
    decided: Vec<Option<i32>>,
    base_capacity: Vec<f64>,
    growth: Vec<f64>,
    extracted: Vec<f64>,
    /// Expected price over the base price, at the mine and of the product.
    expected: BTreeMap<Stage, f64>,
    /// Logarithm of what past prices have done to use, by stage.
    adapted: BTreeMap<Stage, f64>,
    demand_luck: f64,
    /// How each refinery buys ore before any deal.
    sourcing: Vec<Option<Sourcing>>,
    speed: f64,
    adjustment: f64,
    tie: f64,
    loan_subsidy: f64,
    levies: Arc<Levies>,
    /// Losses that each project carries forward, US dollars.
    losses: Vec<f64>,
    /// What stands still; absent when nothing can.
    idle: Option<Idle>,
    /// Share of each node's mines that runs over the usual share.
    running: Vec<f64>,
    /// Share of what hosts make recoverable that is not recovered yet.
    unrecovered: f64,
    recovery_response: f64,
    circuit_years: usize,
    fastest: f64,
    stocks: Stocks,
    holdings: Holdings,
    screens: Vec<Screen>,
}

impl<'a> Outlook<'a> {
    /// A chain at the end of the base year, in one draw.
    pub(super) fn new(
        simulation: &'a Simulation,
        position: usize,
        room: &'a mut Room,
        draw: Draw,
        sampled: &Sampled,
        events: &[Event<'_>],
        drivers: Drivers,
    ) -> Self {
        let chain = &simulation.chains[position];
        let name = |field: &str| format!("{}/{field}", chain.mineral);
        let adjustment = sampled.get("adjustment-years").max(1.0);
        let responses = chain
            .responses
            .map(|field, range| draw.range(&name(field), range))
            .at(simulation.time_scale, adjustment);
        let recovery = draw.range(&name("recovery"), chain.recovery).clamp(0.05, 0.999);
        chain.bend(&mut room.market, &responses, recovery);
        room.reset();
        let levies = Levies::shared(&mut room.levies, chain, draw, sampled);
        let base_capacity = capacity::doubted(chain, draw);
        let premium = |country: Iso3| simulation.premiums.get(&country).copied().unwrap_or(TYPICAL_PREMIUM);
        let plans: Vec<Plan> = chain
            .slots
            .iter()
            .map(|slot| Plan::new(&slot.project, draw, sampled, premium(slot.project.country)))
            .collect();
        let years = chain.demand.len();
        let reference = chain.reference.iter().map(|(&stage, of)| {
            (stage, if drivers == Drivers::ALL { of.growth.clone() } else { of.running(drivers) })
        });
        let runs_down = if drivers.has(Driver::Depletion) { sampled.get("depletion").max(0.0) } else { 0.0 };
        let whole_years = |name: &str| sampled.get(name).round().max(1.0) as usize;
        Self {
            responses,
            terms: deal::project_terms(chain, &plans, events),
            plans,
            drivers,
            reference: reference.collect(),
            ordered: chain.reference.keys().map(|&stage| (stage, vec![0.0; years + 1])).collect(),
            depletion: expectation::depletion(chain, runs_down),
            brownfield: sampled.get("brownfield-limit").max(0.0),
            greenfield_years: whole_years("greenfield-years"),
            build_years: whole_years("build-refinery-years"),
            unnamed_share: sampled.get("unnamed-share").clamp(0.0, 1.5),
            secondary_growth: sampled.get("secondary-growth"),
            scrap_growth: sampled.get("scrap-growth"),
            renewal: sampled.get("reserve-renewal").min(1.0),
            started: vec![None; chain.slots.len()],
            decided: vec![None; chain.slots.len()],
            growth: vec![1.0; base_capacity.len()],
            extracted: vec![0.0; base_capacity.len()],
            base_capacity,
            expected: BTreeMap::from([(Stage::Mine, 1.0), (chain.baseline.last_stage, 1.0)]),
            demand_luck: draw.normal(&name("demand-growth")),
            sourcing: room.market.nodes.iter().map(|n| n.sourcing).collect(),
            room,
            speed: sampled.get("expectation-speed"),
            adjustment,
            adapted: BTreeMap::new(),
            tie: sampled.get("control-tie").clamp(0.0, 1.0),
            loan_subsidy: sampled.get("loan-subsidy"),
            levies,
            losses: vec![0.0; chain.slots.len()],
            idle: drivers.has(Driver::Idle).then(|| Idle::new(chain, draw, sampled)),
            running: vec![1.0; chain.market.nodes.len()],
            unrecovered: 0.0,
            recovery_response: sampled.get("recovery-response").max(0.0),
            circuit_years: whole_years("circuit-years"),
            fastest: sampled.get("fastest-growth").max(0.0),
            stocks: Stocks::default(),
            holdings: if drivers.has(Driver::Stocks) {
                Holdings::new(chain, draw, sampled)
            } else {
                Holdings::default()
            },
            screens: deal::screens(chain, events, &simulation.blocs),
            chain,
        }
    }

    /// Years since the base year.
    fn since(&self, year: i32) -> usize {
        (year - self.chain.baseline.year).max(0) as usize
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
        self.decide(year);
        if year == self.chain.baseline.year + 1 {
            self.take_first_step(year);
        }
        self.set_capacity(year, hosts);
        self.set_demand(year);
        let last = self.chain.baseline.last_stage;
        let before = self.stocks.price.get(&last).copied().unwrap_or(1.0);
        let expected = self.expected.get(&last).copied().unwrap_or(1.0);
        self.holdings.trade(&mut self.room.market, last, before, expected);
        let payments = deal::impose(self.chain, events, year, &mut self.room.market, &mut self.stocks);
        let equilibrium = self.room.solve();
        let money = self.settle(year, &payments, &equilibrium);
        let control = deal::control(self.chain, events, &self.screens, &self.decided, year);
        visit(&YearOutcome {
            control: control.as_deref().unwrap_or(&self.chain.control),
            position,
            chain: self.chain,
            year,
            market: &self.room.market,
            equilibrium: &equilibrium,
            payments: &money,
            stocks: self.holdings.accounts(),
        });
        self.learn(year, &equilibrium);
        Growth::of(self.chain, &equilibrium, self.running.clone())
    }

    /// Takes the investment decisions that are due.
    fn decide(&mut self, year: i32) {
        let now = f64::from(year) + 0.5;
        for (p, slot) in self.chain.slots.iter().enumerate() {
            if self.started[p].is_some() {
                continue;
            }
            let (plan, terms) = (&self.plans[p], &self.terms[p]);
            let start = plan.earliest_start(&slot.project, terms);
            let due = start - plan.build_years;
            if now < due {
                continue;
            }
            let stage = self.chain.sold_stage(slot);
            let base = self.chain.base_price(stage);
            let price = base * slot.own_effect * self.expected.get(&stage).copied().unwrap_or(1.0);
            if plan.is_built(&slot.project, terms, now, price, base) {
                // What was due before the first year is on its way; a decision that comes later starts later.
                let late = year > self.chain.baseline.year + 1 && now - due > 1.0;
                self.started[p] = Some(if late { now + plan.build_years } else { start });
                self.decided[p] = Some(year);
            }
        }
    }

    /// What floors, credits and finance cost, and what hosts earn.
    fn settle(&mut self, year: i32, payments: &[Payment], eq: &Equilibrium) -> Payments {
        let projects: Vec<_> = self
            .plans
            .iter()
            .zip(&self.terms)
            .zip(&self.decided)
            .map(|((plan, terms), decided)| (plan, terms, *decided))
            .collect();
        let mut money =
            deal::settle(self.chain, &self.room.market, eq, payments, year, &projects, self.loan_subsidy);
        self.take(year, eq, &mut money);
        money
    }
}
