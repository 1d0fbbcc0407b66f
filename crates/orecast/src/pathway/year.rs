//! One chain from year to year within a draw.

use std::collections::BTreeMap;

use super::{
    Host, Simulation,
    assumption::Sampled,
    chain::{Chain, Control},
    deal::{self, Event, Payment, Payments, Screen, Stocks},
    drivers::{Driver, Drivers},
    host::Growth,
    project::{Plan, Terms, ramp},
    reference::secondary,
    room::Room,
};
use crate::{
    draw::Draw,
    id::Iso3,
    market::{
        Equilibrium, Feed, Market, Sourcing, Status,
        calibrate::{RUNNING, Responses, SCRAP, normalise},
        curve::supply,
    },
    world::table::Stage,
};

/// Fastest decline and growth of running capacity in a year.
const SLOWEST: f64 = -0.06;
const FASTEST: f64 = 0.10;
/// Reserves over yearly output below which running mines wind down.
const LAST_YEARS: f64 = 5.0;
/// Reserves over yearly output below which no new mines are planned.
const ENOUGH_YEARS: f64 = 15.0;
/// Fastest that short reserves make running mines run down in a year.
const FASTEST_DEPLETION: f64 = 0.05;
/// Expansion of running mines leaves at least this share of them in the first year, whatever projects are said to add.
const LEAST_RUNNING: f64 = 0.5;

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
    ramp_years: f64,
    tie: f64,
    royalty: f64,
    profit_share: f64,
    loan_subsidy: f64,
    hosts: BTreeMap<Iso3, Host>,
    stocks: Stocks,
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
        let host = |iso3| simulation.hosts.get(&iso3).copied().unwrap_or(Host::TYPICAL);
        let name = |field: &str| format!("{}/{field}", chain.mineral);
        let adjustment = sampled.get("adjustment-years").max(1.0);
        let responses = chain
            .responses
            .map(|field, range| draw.range(&name(field), range))
            .at(simulation.time_scale, adjustment);
        let recovery = draw.range(&name("recovery"), chain.recovery).clamp(0.05, 0.999);
        chain.bend(&mut room.market, &responses, recovery);
        room.reset();
        let base_capacity = doubted(chain, draw);
        let hosts = chain.market.nodes.iter().map(|n| (n.country, host(n.country))).collect();
        let premium = |country: Iso3| host(country).premium;
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
            depletion: depletion(chain, runs_down),
            brownfield: sampled.get("brownfield-limit").max(0.0),
            greenfield_years: whole_years("greenfield-years"),
            build_years: whole_years("build-refinery-years"),
            unnamed_share: sampled.get("unnamed-share").clamp(0.0, 1.5),
            secondary_growth: sampled.get("secondary-growth"),
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
            ramp_years: sampled.get("ramp-years"),
            tie: sampled.get("control-tie").clamp(0.0, 1.0),
            royalty: sampled.get("royalty"),
            profit_share: sampled.get("profit-share"),
            loan_subsidy: sampled.get("loan-subsidy"),
            hosts,
            stocks: Stocks::default(),
            screens: deal::screens(chain, events, &simulation.blocs),
            chain,
        }
    }

    /// Years since the base year.
    fn since(&self, year: i32) -> usize {
        (year - self.chain.baseline.year).max(0) as usize
    }

    /// Runs a year; returns output over the base year's. `hold` says how far a node's running capacity may be above the
    /// base year's when by itself it would be a given multiple of it.
    pub(super) fn step(
        &mut self,
        year: i32,
        position: usize,
        hold: &dyn Fn(usize, f64) -> f64,
        events: &[Event<'_>],
        visit: &mut dyn FnMut(&YearOutcome<'_>),
    ) -> Growth {
        self.decide(year);
        if year == self.chain.baseline.year + 1 {
            self.take_first_step(year);
        }
        self.set_capacity(year, hold);
        self.set_demand(year);
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
        });
        self.learn(year, &equilibrium);
        Growth::of(self.chain, &equilibrium)
    }

    /// Output of projects and unnamed additions at each node in a year, tonnes at base prices.
    fn additions(&self, year: i32) -> Vec<f64> {
        let mut added = vec![0.0; self.growth.len()];
        for (p, slot) in self.chain.slots.iter().enumerate() {
            for (node, _) in [slot.mine, slot.refine].into_iter().flatten() {
                added[node] += self.project_output(p, year);
            }
        }
        for (i, added) in added.iter_mut().enumerate() {
            *added += self.unnamed_output(i, year);
        }
        added
    }

    /// What a project adds in a year at base prices, tonnes.
    fn project_output(&self, p: usize, year: i32) -> f64 {
        let running = |start: f64| ramp(f64::from(year) + 0.5 - start, self.ramp_years);
        if self.drivers.has(Driver::Named) {
            self.plans[p].increment * self.started[p].map_or(0.0, running)
        } else {
            0.0
        }
    }

    /// What a node adds in a year beyond named projects at base prices, tonnes.
    fn unnamed_output(&self, node: usize, year: i32) -> f64 {
        let extra = self.chain.unnamed[node].get(self.since(year)).copied().unwrap_or(0.0);
        if self.drivers.has(Driver::Unnamed) { self.unnamed_share * extra } else { 0.0 }
    }

    /// The first year's running output: what is published for it, less what projects and unnamed additions have in it;
    /// where nothing is published, what the scenario asks for.
    fn take_first_step(&mut self, year: i32) {
        let added = self.additions(year);
        for (i, added) in added.into_iter().enumerate() {
            let stage = self.chain.market.nodes[i].stage;
            let output = self.chain.base_output[i];
            self.growth[i] = match self.chain.first_step[i] {
                Some(step) if self.drivers.has(Driver::Published) && output > 0.0 => {
                    (step - added / output).max(LEAST_RUNNING * step)
                }
                _ => 1.0 + self.reference_rate(i, stage, 1),
            };
        }
    }

    /// Growth of a node's running capacity that the scenario asks for. Where it is a decline, nodes run down at their own
    /// speed.
    fn reference_rate(&self, node: usize, stage: Stage, since: usize) -> f64 {
        let rate = self.reference.get(&stage).and_then(|list| list.get(since)).copied().unwrap_or(0.0);
        let own = self.depletion[node];
        if !self.drivers.has(Driver::Expectations) {
            return -own;
        }
        let usual = super::assumption::middle("depletion");
        if rate < 0.0 { (rate * own / usual).max(-own) } else { rate }
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
            let price = base * self.expected.get(&stage).copied().unwrap_or(1.0);
            if plan.is_built(&slot.project, terms, now, price, base) {
                // What was due before the first year is on its way; a decision that comes later starts later.
                let late = year > self.chain.baseline.year + 1 && now - due > 1.0;
                self.started[p] = Some(if late { now + plan.build_years } else { start });
                self.decided[p] = Some(year);
            }
        }
    }

    /// Sets capacity and the weight of every arc.
    fn set_capacity(&mut self, year: i32, hold: &dyn Fn(usize, f64) -> f64) {
        let chain = self.chain;
        let secondary = if self.drivers.has(Driver::Recycling) {
            let index = if self.drivers.has(Driver::Demand) { self.index(year) } else { 1.0 };
            secondary(self.since(year), index, self.secondary_growth)
        } else {
            1.0
        };
        for i in 0..self.room.market.nodes.len() {
            let base: f64 = chain.base_capacity[i];
            let scale = if base > 0.0 { self.base_capacity[i] / base } else { 1.0 };
            let mut growth = self.growth[i];
            if chain.base_output[i] > 0.0 {
                growth += self.unnamed_output(i, year) / chain.base_output[i];
            }
            if self.drivers.has(Driver::Ceiling) {
                growth = hold(i, growth);
            }
            let node = &mut self.room.market.nodes[i];
            // A technology gain of last year's conditions must not be built upon.
            node.sourcing = self.sourcing[i];
            for (tranche, before) in node.tranches.iter_mut().zip(&chain.market.nodes[i].tranches) {
                if tranche.id == RUNNING {
                    tranche.capacity = before.capacity * scale * growth;
                } else if tranche.id == SCRAP {
                    tranche.capacity = before.capacity * secondary;
                }
            }
        }
        let mut added = vec![0.0; chain.slots.len()];
        for (p, slot) in chain.slots.iter().enumerate() {
            let output = self.project_output(p, year);
            for (node, t) in [slot.mine, slot.refine].into_iter().flatten() {
                let tranche = &mut self.room.market.nodes[node].tranches[t];
                tranche.capacity = output / supply(1.0, tranche.drive, 1.0, 1.0, 1.0).value;
                added[p] = tranche.capacity;
            }
        }
        let grown: Vec<f64> = self
            .room
            .market
            .nodes
            .iter()
            .zip(&chain.base_capacity)
            .map(|(node, &base)| {
                let running =
                    node.tranches.iter().filter(|t| t.id == RUNNING).map(|t| t.capacity).sum::<f64>();
                if base > 0.0 { running / base } else { 1.0 }
            })
            .collect();
        let screened: Vec<bool> = chain
            .slots
            .iter()
            .zip(&self.decided)
            .map(|(slot, decided)| {
                decided.is_some_and(|year| self.screens.iter().any(|s| s.holds(slot, year)))
            })
            .collect();
        for (a, arc) in self.room.market.arcs.iter_mut().enumerate() {
            let new: f64 = chain.ties[a]
                .iter()
                .map(|tie| {
                    let bound = if screened[tie.slot] { 0.0 } else { self.tie };
                    added[tie.slot] * ((1.0 - bound) * tie.open + bound * tie.owned)
                })
                .sum();
            arc.weight = chain.base_weight[a] * grown[arc.from] + new;
        }
        normalise(&mut self.room.market.arcs);
    }

    /// World use in the scenario over the base year's.
    fn index(&self, year: i32) -> f64 {
        self.chain.demand.get(&year).map_or(1.0, |range| {
            let z = self.demand_luck / 1.645;
            let side = if z < 0.0 { range.mid - range.low } else { range.high - range.mid };
            (range.mid + z * side).max(0.05)
        })
    }

    /// Sets use: the scenario's growth, less what past prices have pushed out.
    fn set_demand(&mut self, year: i32) {
        let index = if self.drivers.has(Driver::Demand) { self.index(year) } else { 1.0 };
        for (user, base) in self.room.market.users.iter_mut().zip(&self.chain.market.users) {
            let adapted = self.adapted.get(&user.stage).copied().unwrap_or(0.0);
            user.demand.quantity = base.demand.quantity * index * adapted.exp();
        }
    }

    /// What floors, credits and finance cost, and what hosts earn.
    fn settle(&self, year: i32, payments: &[Payment], eq: &Equilibrium) -> Payments {
        let projects: Vec<_> = self
            .plans
            .iter()
            .zip(&self.terms)
            .zip(&self.decided)
            .map(|((plan, terms), decided)| (plan, terms, *decided))
            .collect();
        let mut money =
            deal::settle(self.chain, &self.room.market, eq, payments, year, &projects, self.loan_subsidy);
        for (i, node) in self.room.market.nodes.iter().enumerate() {
            let Some(price) = eq.price[i].filter(|p| *p > 0.0) else { continue };
            let primary: f64 = (0..node.tranches.len())
                .filter(|&t| node.tranches[t].feed != Feed::Scrap)
                .map(|t| eq.output[i][t])
                .sum();
            let from_ground = node.tranches.iter().any(|t| t.feed == Feed::Ground);
            let royalty = if from_ground { self.royalty } else { 0.0 };
            // Refining is taxed on the value it adds.
            let added = node.sourcing.map_or(1.0, |s| (s.base_margin / node.base_price).clamp(0.0, 1.0));
            let tax = self.hosts.get(&node.country).map_or(0.0, |h| h.tax) * self.profit_share * added;
            *money.host_revenue.entry(node.country).or_default() += (royalty + tax) * price * primary;
        }
        money
    }

    /// Moves expectations, running capacity and what is left in the ground. Running capacity runs down, grows with the
    /// scenario's demand beside all that is expected to be added, the same in every arm, and answers to prices: up to a
    /// limit within a year, beyond it after the lead time of a new mine or plant.
    fn learn(&mut self, year: i32, eq: &Equilibrium) {
        if eq.status != Status::Converged {
            return;
        }
        if self.drivers.has(Driver::Expectations) {
            self.expect(self.since(year), eq);
        }
        let next = self.since(year) + 1;
        for (i, node) in self.room.market.nodes.iter().enumerate() {
            let output = eq.node_output(i);
            self.extracted[i] += (1.0 - self.renewal) * output;
            let new_mines = self.ordered.get(&node.stage).and_then(|list| list.get(next)).copied();
            let enough = self.chain.reserves[i].is_none_or(|r| r > ENOUGH_YEARS * self.chain.base_output[i]);
            let new_mines = new_mines.filter(|_| enough).unwrap_or(0.0);
            let pull = self.pull(node.stage, node.sourcing.is_some()).min(self.brownfield);
            let wanted = self.reference_rate(i, node.stage, next) + pull + new_mines;
            let mut rate = wanted.clamp(SLOWEST, FASTEST);
            if let Some(reserves) = self.chain.reserves[i] {
                let left = (reserves - self.extracted[i]).max(0.0);
                if left < LAST_YEARS * output {
                    rate = rate.min(left / (LAST_YEARS * output).max(f64::MIN_POSITIVE) - 1.0).max(-0.5);
                }
            }
            self.growth[i] *= 1.0 + rate;
        }
    }

    /// How expected prices move the capacity of a stage, a share a year.
    fn pull(&self, stage: Stage, refines: bool) -> f64 {
        let expected = self.expected.get(&stage).copied().unwrap_or(1.0).max(0.05);
        let response =
            if refines { self.responses.refine_supply_long } else { self.responses.mine_supply_long };
        response * expected.ln() / self.adjustment
    }

    /// Moves expectations after a solved year, what they have done to use, and what they order for later.
    fn expect(&mut self, year: usize, eq: &Equilibrium) {
        let mut mean: BTreeMap<Stage, (f64, f64, bool)> = BTreeMap::new();
        for (i, node) in self.room.market.nodes.iter().enumerate() {
            if let Some(price) = eq.price[i] {
                let output = eq.node_output(i);
                let entry = mean.entry(node.stage).or_default();
                entry.0 += (price / node.base_price).max(0.05) * output;
                entry.1 += output;
                entry.2 |= node.sourcing.is_some();
            }
        }
        for (&stage, (sum, weight, _)) in &mean {
            let now = if *weight > 0.0 { sum / weight } else { 1.0 };
            self.stocks.price.insert(stage, now);
            if let Some(expected) = self.expected.get_mut(&stage) {
                *expected += self.speed * (now - *expected);
            }
        }
        let slow = (self.responses.demand_long - self.responses.demand).max(0.0);
        for (&stage, &expected) in &self.expected {
            let adapted = self.adapted.entry(stage).or_default();
            *adapted += (-slow * expected.max(0.05).ln() - *adapted) / self.adjustment;
        }
        for (&stage, &(_, _, refines)) in &mean {
            let beyond = self.pull(stage, refines) - self.brownfield;
            let lead = if refines { self.build_years } else { self.greenfield_years };
            let due = self.ordered.get_mut(&stage).and_then(|list| list.get_mut(year + lead));
            if let Some(due) = due.filter(|_| beyond > 0.0) {
                *due += beyond;
            }
        }
    }
}

/// How fast the mines of each node run down by themselves: at the usual speed, or, where reserves are short, so that half
/// of the mines are gone when the reserves would be. Plants that buy ore do not run down.
fn depletion(chain: &Chain, usual: f64) -> Vec<f64> {
    let nodes = chain.market.nodes.iter().enumerate();
    nodes
        .map(|(i, node)| {
            if node.sourcing.is_some() || usual <= 0.0 {
                return 0.0;
            }
            let short = chain.reserves[i].map_or(0.0, |reserves| 0.5 * chain.base_output[i] / reserves);
            usual.max(short.min(FASTEST_DEPLETION))
        })
        .collect()
}

/// Base capacities with the doubt about each country's output; the world's sum at each stage stays.
fn doubted(chain: &Chain, draw: Draw) -> Vec<f64> {
    let factor: Vec<f64> = chain
        .market
        .nodes
        .iter()
        .zip(&chain.doubt)
        .map(|(node, doubt)| {
            let name = format!("{}/output/{}/{}", chain.mineral, node.stage, node.country);
            if *doubt > 0.0 { (doubt * draw.normal(&name)).exp() } else { 1.0 }
        })
        .collect();
    let mut sums: BTreeMap<Stage, (f64, f64)> = BTreeMap::new();
    for (i, node) in chain.market.nodes.iter().enumerate() {
        let entry = sums.entry(node.stage).or_default();
        entry.0 += chain.base_capacity[i];
        entry.1 += chain.base_capacity[i] * factor[i];
    }
    (0..factor.len())
        .map(|i| {
            let (plain, moved) = sums[&chain.market.nodes[i].stage];
            chain.base_capacity[i] * factor[i] * if moved > 0.0 { plain / moved } else { 1.0 }
        })
        .collect()
}
