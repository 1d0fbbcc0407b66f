//! What runs in a year: capacity, the routes that it sells along, and use.

use std::collections::BTreeMap;

use super::ChainState;
use crate::{
    base::{
        draw::Draw,
        unit::{Range, Stage},
    },
    market::{Market, Sourcing, curve::supply},
    params::Params,
    pathway::{
        calibrate::{RUNNING, SCRAP, normalise},
        chain::Chain,
        drivers::{Driver, Drivers},
        host::Hosts,
        reference::{Reference, secondary},
        suspension::Suspensions,
    },
};

/// Expansion of running mines leaves at least this share of them in the first year, whatever projects are said to add.
const LEAST_RUNNING: f64 = 0.5;
/// Fastest that short reserves make running mines run down in a year.
const FASTEST_DEPLETION: f64 = 0.05;

/// Running capacity within a draw, each list by node.
#[derive(Debug)]
pub(super) struct Capacity {
    /// In the base year, tonnes.
    base: Vec<f64>,
    /// Over the base year's, before suspensions.
    pub growth: Vec<f64>,
    /// Taken out of reserves since the base year and not newly proven, tonnes.
    pub extracted: Vec<f64>,
    /// Yearly loss of running output without new investment, and what plans take it for.
    depletion: Vec<f64>,
    usual_depletion: f64,
    /// Growth that the scenario asks for, by stage and years since the base year.
    reference: BTreeMap<Stage, Vec<f64>>,
    /// What is suspended; absent when nothing can be.
    pub suspensions: Option<Suspensions>,
    /// Share of mines that runs over the usual share.
    pub running: Vec<f64>,
    /// Share of what hosts make recoverable that is not recovered yet.
    pub unrecovered: f64,
    /// How each refinery buys ore before any deal.
    pub sourcing: Vec<Option<Sourcing>>,
}

impl Capacity {
    /// The base year's, with a draw's responses in `market`.
    pub(super) fn new(
        chain: &Chain,
        market: &Market,
        draw: Draw,
        params: &Params<f64>,
        ranges: &Params<Range>,
        drivers: Drivers,
    ) -> Self {
        let base = uncertain(chain, draw);
        let runs_down = if drivers.has(Driver::Depletion) { params.depletion.max(0.0) } else { 0.0 };
        let growth = |of: &Reference| {
            if drivers == Drivers::ALL { of.growth.clone() } else { of.running(drivers, &ranges.mid()) }
        };
        Self {
            growth: vec![1.0; base.len()],
            extracted: vec![0.0; base.len()],
            base,
            depletion: depletion(chain, runs_down),
            usual_depletion: ranges.depletion.mid,
            reference: chain.reference.iter().map(|(&stage, of)| (stage, growth(of))).collect(),
            suspensions: drivers.has(Driver::Suspensions).then(|| Suspensions::new(chain, draw, params)),
            running: vec![1.0; market.nodes.len()],
            unrecovered: 0.0,
            sourcing: market.nodes.iter().map(|node| node.sourcing).collect(),
        }
    }

    /// Growth of a node's running capacity that the scenario asks for. Where it is a decline, nodes run down at their own
    /// speed. Without `scenario` they only run down.
    pub(super) fn reference_rate(&self, node: usize, stage: Stage, since: usize, scenario: bool) -> f64 {
        let rate = self.reference.get(&stage).and_then(|list| list.get(since)).copied().unwrap_or(0.0);
        let (own, usual) = (self.depletion[node], self.usual_depletion);
        if !scenario {
            return -own;
        }
        if rate < 0.0 && usual > 0.0 { (rate * own / usual).max(-own) } else { rate.max(-own) }
    }
}

impl ChainState<'_> {
    /// Output of projects and unnamed additions at each node in a year, tonnes at base prices.
    fn additions(&self, year: i32) -> Vec<f64> {
        let mut added = vec![0.0; self.capacity.growth.len()];
        for (p, site) in self.chain.sites.iter().enumerate() {
            for (node, _) in [site.mine, site.refine].into_iter().flatten() {
                added[node] += self.project_output(p, year);
            }
        }
        for (i, added) in added.iter_mut().enumerate() {
            *added += self.unnamed_output(i, year);
        }
        added
    }

    /// What a project adds in a year at base prices, tonnes; nothing while projects are left out.
    fn project_output(&self, p: usize, year: i32) -> f64 {
        if self.drivers.has(Driver::Named) { self.investment.output(p, year) } else { 0.0 }
    }

    /// What a node adds in a year beyond named projects at base prices, tonnes.
    fn unnamed_output(&self, node: usize, year: i32) -> f64 {
        let extra = self.chain.unnamed[node].get(self.since(year)).copied().unwrap_or(0.0);
        if self.drivers.has(Driver::Unnamed) {
            self.params.unnamed_share.clamp(0.0, 1.5) * extra
        } else {
            0.0
        }
    }

    /// The first year's running output: what is published for it, less what projects and unnamed additions have in it;
    /// where nothing is published, what the scenario asks for.
    pub(super) fn take_first_step(&mut self, year: i32) {
        let added = self.additions(year);
        let follows = self.drivers.has(Driver::Expectations);
        for (i, added) in added.into_iter().enumerate() {
            let stage = self.chain.base.market.nodes[i].stage;
            let output = self.chain.base_output[i];
            self.capacity.growth[i] = match self.chain.first_step[i] {
                Some(step) if self.drivers.has(Driver::Published) && output > 0.0 => {
                    (step - added / output).max(LEAST_RUNNING * step)
                }
                _ => 1.0 + self.capacity.reference_rate(i, stage, 1, follows),
            };
        }
    }

    /// Sets capacity and the weight of every arc.
    pub(super) fn set_capacity(&mut self, year: i32, hosts: Hosts<'_>) {
        let chain = self.chain;
        let secondary = if self.drivers.has(Driver::Recycling) {
            let index = if self.drivers.has(Driver::Demand) { self.index(year) } else { 1.0 };
            secondary(self.since(year), index, self.params.secondary_growth, self.params.scrap_growth)
        } else {
            1.0
        };
        let (mut recovered, mut recoverable) = (0.0, 0.0_f64);
        for i in 0..self.solver.market.nodes.len() {
            let base: f64 = chain.base_capacity[i];
            let scale = if base > 0.0 { self.capacity.base[i] / base } else { 1.0 };
            let mut growth = self.capacity.growth[i];
            if chain.base_output[i] > 0.0 {
                growth += self.unnamed_output(i, year) / chain.base_output[i];
            }
            if self.drivers.has(Driver::Ceiling) {
                growth = hosts.hold(i, growth);
            }
            if let Some(most) = hosts.recoverable(i) {
                recovered += growth * chain.base_output[i];
                recoverable += most * chain.base_output[i];
            }
            if let Some(suspensions) = &self.capacity.suspensions {
                self.capacity.running[i] = hosts.running(i, suspensions.running(i));
                growth *= self.capacity.running[i];
            }
            growth *= self.now.output_of(i).exp();
            let node = &mut self.solver.market.nodes[i];
            // A technology gain of last year's conditions must not be built upon.
            node.sourcing = self.capacity.sourcing[i];
            for (tranche, before) in node.tranches.iter_mut().zip(&chain.base.market.nodes[i].tranches) {
                if tranche.id == RUNNING {
                    tranche.capacity = before.capacity * scale * growth;
                } else if tranche.id == SCRAP {
                    tranche.capacity = before.capacity * secondary;
                }
            }
        }
        self.capacity.unrecovered = (1.0 - recovered / recoverable.max(f64::MIN_POSITIVE)).clamp(0.0, 1.0);
        let mut added = vec![0.0; chain.sites.len()];
        let known: Vec<bool> = (0..chain.sites.len()).map(|p| self.is_known(p)).collect();
        for (p, site) in chain.sites.iter().enumerate() {
            let output = self.project_output(p, year);
            for (node, t) in [site.mine, site.refine].into_iter().flatten() {
                let runs =
                    self.capacity.suspensions.as_ref().map_or(1.0, |suspensions| {
                        hosts.running(node, suspensions.project_running(p)).min(1.0)
                    });
                let tranche = &mut self.solver.market.nodes[node].tranches[t];
                tranche.capacity = runs * output / supply(1.0, tranche.drive, 1.0, 1.0, 1.0).value;
                if known[p] {
                    tranche.capacity *= self.now.output_of(node).exp();
                }
                added[p] = tranche.capacity;
            }
        }
        let grown: Vec<f64> = self
            .solver
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
            .sites
            .iter()
            .zip(&self.investment.decided)
            .map(|(site, decided)| {
                decided.is_some_and(|year| self.screens.iter().any(|s| s.holds(site, year)))
            })
            .collect();
        let tied = self.params.control_tie.clamp(0.0, 1.0);
        for (a, arc) in self.solver.market.arcs.iter_mut().enumerate() {
            let new: f64 = chain.affinities[a]
                .iter()
                .map(|affinity| {
                    let bound = if screened[affinity.site] { 0.0 } else { tied };
                    added[affinity.site] * ((1.0 - bound) * affinity.open + bound * affinity.owned)
                })
                .sum();
            arc.weight = chain.base_weight[a] * grown[arc.from] + new;
        }
        normalise(&mut self.solver.market.arcs);
    }

    /// World use in the scenario over the base year's.
    fn index(&self, year: i32) -> f64 {
        self.chain.demand.get(&year).map_or(1.0, |range| {
            let z = self.demand_random / 1.645;
            let side = if z < 0.0 { range.mid - range.low } else { range.high - range.mid };
            (range.mid + z * side).max(0.05)
        })
    }

    /// Sets use: the scenario's growth, less what past prices have pushed out.
    pub(super) fn set_demand(&mut self, year: i32) {
        let grows = self.drivers.has(Driver::Demand);
        let index = if grows { self.index(year) } else { 1.0 };
        let since = self.since(year);
        for (j, (user, base)) in
            self.solver.market.users.iter_mut().zip(&self.chain.base.market.users).enumerate()
        {
            let place = (user.stage, self.chain.zone(user.country));
            let adapted = self.expectations.adapted.get(&place).copied().unwrap_or(0.0);
            let of_world = self.chain.use_growth.get(j).and_then(|list| list.get(since)).filter(|_| grows);
            user.demand.quantity =
                base.demand.quantity * index * of_world.copied().unwrap_or(1.0) * adapted.exp();
        }
    }
}

/// Base capacities with the uncertainty of each country's output; the world's sum at each stage stays.
fn uncertain(chain: &Chain, draw: Draw) -> Vec<f64> {
    let factor: Vec<f64> = chain
        .base
        .market
        .nodes
        .iter()
        .zip(&chain.uncertainty)
        .map(|(node, uncertainty)| {
            let name = format!("{}/output/{}/{}", chain.base.mineral, node.stage, node.country);
            if *uncertainty > 0.0 { (uncertainty * draw.normal(&name)).exp() } else { 1.0 }
        })
        .collect();
    let mut sums: BTreeMap<Stage, (f64, f64)> = BTreeMap::new();
    for (i, node) in chain.base.market.nodes.iter().enumerate() {
        let entry = sums.entry(node.stage).or_default();
        entry.0 += chain.base_capacity[i];
        entry.1 += chain.base_capacity[i] * factor[i];
    }
    (0..factor.len())
        .map(|i| {
            let (plain, moved) = sums[&chain.base.market.nodes[i].stage];
            chain.base_capacity[i] * factor[i] * if moved > 0.0 { plain / moved } else { 1.0 }
        })
        .collect()
}

/// How fast the mines of each node run down by themselves: at the usual speed, or, where reserves are short, so that half
/// of the mines are gone when the reserves would be. Plants that buy ore do not run down.
fn depletion(chain: &Chain, usual: f64) -> Vec<f64> {
    let nodes = chain.base.market.nodes.iter().enumerate();
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
