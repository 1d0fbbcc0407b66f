//! One chain from year to year within a draw.

use std::collections::BTreeMap;

use super::{
    Host,
    assumption::Sampled,
    chain::{Chain, Control},
    deal::{self, Event, Payment, Payments, Screen, Stocks},
    project::{Plan, Terms, ramp},
};
use crate::{
    draw::Draw,
    id::{BlocId, Iso3, MineralId},
    market::{
        Equilibrium, Feed, Market, Solver, Sourcing, Status,
        calibrate::{RUNNING, Responses, TimeScale, normalise},
    },
    world::table::Stage,
};

/// Fastest decline and growth of running capacity in a year.
const SLOWEST: f64 = -0.06;
const FASTEST: f64 = 0.10;
/// Reserves over yearly output below which running mines wind down.
const LAST_YEARS: f64 = 5.0;

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
    base_demand: Vec<f64>,
    demand_luck: f64,
    /// How each refinery buys ore before any deal.
    sourcing: Vec<Option<Sourcing>>,
    market: Market,
    solver: Solver,
    speed: f64,
    adjustment: f64,
    ramp_years: f64,
    tie: f64,
    royalty: f64,
    profit_share: f64,
    loan_subsidy: f64,
    hosts: BTreeMap<Iso3, Host>,
    base_output: f64,
    stocks: Stocks,
    screens: Vec<Screen>,
}

impl<'a> Outlook<'a> {
    /// A chain at the end of the base year, in one draw.
    pub(super) fn new(
        chain: &'a Chain,
        draw: Draw,
        sampled: &Sampled,
        time_scale: TimeScale,
        events: &[Event<'_>],
        blocs: &BTreeMap<BlocId, Vec<Iso3>>,
        host: &dyn Fn(Iso3) -> Host,
    ) -> Self {
        let name = |field: &str| format!("{}/{field}", chain.mineral);
        let adjustment = sampled.get("adjustment-years").max(1.0);
        let responses =
            chain.responses.map(|field, range| draw.range(&name(field), range)).at(time_scale, adjustment);
        let mut market = chain.market.clone();
        let recovery = draw.range(&name("recovery"), chain.recovery).clamp(0.05, 0.999);
        chain.bend(&mut market, &responses, recovery);
        let base_capacity = doubted(chain, draw);
        let hosts = chain.market.nodes.iter().map(|n| (n.country, host(n.country))).collect();
        let premium = |country: Iso3| host(country).premium;
        let plans: Vec<Plan> = chain
            .slots
            .iter()
            .map(|slot| Plan::new(&slot.project, draw, sampled, premium(slot.project.country)))
            .collect();
        Self {
            responses,
            terms: deal::project_terms(chain, &plans, events),
            plans,
            started: vec![None; chain.slots.len()],
            decided: vec![None; chain.slots.len()],
            growth: vec![1.0; base_capacity.len()],
            extracted: vec![0.0; base_capacity.len()],
            base_capacity,
            expected: BTreeMap::from([(Stage::Mine, 1.0), (chain.baseline.last_stage, 1.0)]),
            base_demand: chain.market.users.iter().map(|u| u.demand.quantity).collect(),
            demand_luck: draw.normal(&name("demand-growth")),
            sourcing: market.nodes.iter().map(|n| n.sourcing).collect(),
            market,
            solver: Solver::default(),
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
            screens: deal::screens(chain, events, blocs),
            base_output: chain.baseline.output(chain.baseline.last_stage).iter().map(|(_, v)| v).sum(),
            chain,
        }
    }

    /// Growth of the hosts since the base year, weighted by how much of this mineral comes out of each, and how far output
    /// may grow beyond it; hosts that are not part of the run count as unchanged. Absent for minerals that are no
    /// by-product.
    pub(super) fn host_growth(&self, output_of: &dyn Fn(&MineralId) -> Option<f64>) -> Option<(f64, f64)> {
        let share: f64 = self.chain.hosts.iter().map(|(_, share, _)| share).sum();
        if share < 0.5 {
            return None;
        }
        let growth: f64 =
            self.chain.hosts.iter().map(|(host, share, _)| share * output_of(host).unwrap_or(1.0)).sum();
        let most: f64 = self.chain.hosts.iter().map(|&(_, share, most)| share * most).sum();
        Some((growth / share, most / share))
    }

    /// Runs a year; returns world output over the base year's.
    pub(super) fn step(
        &mut self,
        year: i32,
        position: usize,
        host_growth: Option<(f64, f64)>,
        events: &[Event<'_>],
        visit: &mut dyn FnMut(&YearOutcome<'_>),
    ) -> f64 {
        if year == self.chain.baseline.year + 1 {
            self.growth.clone_from(&self.chain.first_step);
        }
        self.decide(year);
        self.set_capacity(year, host_growth);
        self.set_demand(year);
        let payments = deal::impose(self.chain, events, year, &mut self.market, &mut self.stocks);
        let equilibrium = self.solver.solve(&self.market);
        let money = self.settle(year, &payments, &equilibrium);
        let control = deal::control(self.chain, events, &self.screens, &self.decided, year);
        visit(&YearOutcome {
            control: control.as_deref().unwrap_or(&self.chain.control),
            position,
            chain: self.chain,
            year,
            market: &self.market,
            equilibrium: &equilibrium,
            payments: &money,
        });
        self.learn(year, &equilibrium);
        let last = self.chain.baseline.last_stage;
        let output: f64 = (0..self.market.nodes.len())
            .filter(|&i| self.market.nodes[i].stage == last)
            .map(|i| equilibrium.node_output(i))
            .sum();
        output / self.base_output
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
    fn set_capacity(&mut self, year: i32, host_growth: Option<(f64, f64)>) {
        let chain = self.chain;
        for (i, node) in self.market.nodes.iter_mut().enumerate() {
            // A technology gain of last year's conditions must not be built upon.
            node.sourcing = self.sourcing[i];
            let base: f64 = chain.base_capacity[i];
            let scale = if base > 0.0 { self.base_capacity[i] / base } else { 1.0 };
            let (host, most) = host_growth.unwrap_or((1.0, f64::INFINITY));
            let growth = self.growth[i].min(most) * host;
            for (t, tranche) in node.tranches.iter_mut().enumerate() {
                if tranche.id == RUNNING {
                    tranche.capacity = chain.market.nodes[i].tranches[t].capacity * scale * growth;
                }
            }
        }
        let now = f64::from(year) + 0.5;
        let mut added = vec![0.0; chain.slots.len()];
        for (p, slot) in chain.slots.iter().enumerate() {
            let running = self.started[p].map_or(0.0, |start| ramp(now - start, self.ramp_years));
            let output = self.plans[p].increment * running;
            for (node, t) in [slot.mine, slot.refine].into_iter().flatten() {
                let tranche = &mut self.market.nodes[node].tranches[t];
                let full = crate::market::curve::supply(1.0, tranche.drive, 1.0, 1.0, 1.0).value;
                tranche.capacity = output / full;
                added[p] = tranche.capacity;
            }
        }
        let grown: Vec<f64> = self
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
        for (a, arc) in self.market.arcs.iter_mut().enumerate() {
            let new: f64 = chain.ties[a]
                .iter()
                .map(|tie| {
                    let bound = if screened[tie.slot] { 0.0 } else { self.tie };
                    added[tie.slot] * ((1.0 - bound) * tie.open + bound * tie.owned)
                })
                .sum();
            arc.weight = chain.base_weight[a] * grown[arc.from] + new;
        }
        normalise(&mut self.market.arcs);
    }

    /// Sets use: the scenario's growth, less what past prices have pushed out.
    fn set_demand(&mut self, year: i32) {
        let index = self.chain.demand.get(&year).map_or(1.0, |range| {
            let z = self.demand_luck / 1.645;
            let side = if z < 0.0 { range.mid - range.low } else { range.high - range.mid };
            (range.mid + z * side).max(0.05)
        });
        for (user, base) in self.market.users.iter_mut().zip(&self.base_demand) {
            let adapted = self.adapted.get(&user.stage).copied().unwrap_or(0.0);
            user.demand.quantity = base * index * adapted.exp();
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
            deal::settle(self.chain, &self.market, eq, payments, year, &projects, self.loan_subsidy);
        for (i, node) in self.market.nodes.iter().enumerate() {
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

    /// Moves expectations, running capacity and what is left in the ground. Running capacity grows with the scenario's
    /// demand beside the projects expected as things stand, the same in every arm, and with prices.
    fn learn(&mut self, year: i32, eq: &Equilibrium) {
        if eq.status != Status::Converged {
            return;
        }
        let mut mean: BTreeMap<Stage, (f64, f64)> = BTreeMap::new();
        for (i, node) in self.market.nodes.iter().enumerate() {
            if let Some(price) = eq.price[i] {
                let output = eq.node_output(i);
                let entry = mean.entry(node.stage).or_default();
                entry.0 += (price / node.base_price).max(0.05) * output;
                entry.1 += output;
            }
        }
        for (stage, (sum, weight)) in mean {
            let now = if weight > 0.0 { sum / weight } else { 1.0 };
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
        for (i, node) in self.market.nodes.iter().enumerate() {
            let output = eq.node_output(i);
            self.extracted[i] += output;
            let expected = self.expected.get(&node.stage).copied().unwrap_or(1.0).max(0.05);
            let response = if node.sourcing.is_some() {
                self.responses.refine_supply_long
            } else {
                self.responses.mine_supply_long
            };
            let pull = response * expected.ln() / self.adjustment;
            let mut rate = (self.chain.reference_growth(node.stage, year) + pull).clamp(SLOWEST, FASTEST);
            if let Some(reserves) = self.chain.reserves[i] {
                let left = (reserves - self.extracted[i]).max(0.0);
                if left < LAST_YEARS * output {
                    rate = rate.min(left / (LAST_YEARS * output).max(f64::MIN_POSITIVE) - 1.0).max(-0.5);
                }
            }
            self.growth[i] *= 1.0 + rate;
        }
    }
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
