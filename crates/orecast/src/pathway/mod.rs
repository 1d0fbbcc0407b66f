//! The years of one arm in one draw: capacity, projects, demand, and an equilibrium for each mineral and year.
//!
//! Each year: demand grows with its scenario and gives way to expected prices; running capacity follows expected
//! prices, limited by reserves and, for by-products, by the host; projects that were decided start and ramp up; the
//! commitments in force impose their conditions; the market is solved, hosts before by-products; expectations follow.

pub mod assumption;
pub mod chain;
pub mod deal;
pub mod project;
pub mod routes;
mod year;

pub use chain::{Chain, NoChain};
pub use deal::Payments;
pub use year::{Outlook, YearOutcome};

use crate::{
    draw::Draw,
    id::{BlocId, Iso3, MineralId},
    market::calibrate::TimeScale,
    policy::Arm,
    world::World,
};

use assumption::Assumptions;

/// What all draws of a run share.
#[derive(Debug)]
pub struct Simulation {
    /// Chains, hosts before by-products.
    pub chains: Vec<Chain>,
    /// Years that are run, after the base year.
    pub years: Vec<i32>,
    /// Ranges of the named assumptions.
    pub assumptions: Assumptions,
    /// How much time supply and use have to answer a price within a year.
    pub time_scale: TimeScale,
    /// Members of the blocs that the case's levers name.
    pub blocs: std::collections::BTreeMap<BlocId, Vec<Iso3>>,
    /// Country risk premium and corporate tax of each project's host.
    hosts: std::collections::BTreeMap<Iso3, Host>,
}

/// What a pathway knows of a host country.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Host {
    /// Risk premium over a low-risk country, as a rate.
    pub premium: f64,
    /// Tax on profits, as a share.
    pub tax: f64,
}

impl Host {
    /// Stands in for countries that no risk table covers.
    pub(crate) const TYPICAL: Self = Self { premium: 0.03, tax: 0.25 };
}

impl Simulation {
    /// Prepares the minerals of a run; those that cannot be run come back with the reason.
    pub fn prepare(
        world: &World,
        minerals: &[MineralId],
        base_year: i32,
        last_year: i32,
        scenario: &str,
        roles: &[Iso3],
        assumptions: Assumptions,
    ) -> (Self, Vec<NoChain>) {
        use rayon::prelude::*;
        let years = base_year + 1..=last_year;
        let prepared: Vec<Result<Chain, NoChain>> = minerals
            .par_iter()
            .map(|mineral| Chain::prepare(world, mineral, base_year, years.clone(), scenario, roles))
            .collect();
        let (mut chains, mut failed) = (Vec::new(), Vec::new());
        for result in prepared {
            match result {
                Ok(chain) => chains.push(chain),
                Err(reason) => failed.push(reason),
            }
        }
        let chains = hosts_first(chains);
        let host = |iso3: Iso3| {
            let latest = |indicator| world.governance(iso3, indicator, last_year).map(|row| row.value);
            (
                iso3,
                Host {
                    premium: latest("country-risk-premium").unwrap_or(Host::TYPICAL.premium),
                    tax: latest("corporate-tax").unwrap_or(Host::TYPICAL.tax),
                },
            )
        };
        let places = chains.iter().flat_map(|c| c.market.nodes.iter().map(|n| n.country));
        let hosts = places.map(host).collect();
        (
            Self {
                chains,
                years: years.collect(),
                assumptions,
                time_scale: TimeScale::Medium,
                blocs: std::collections::BTreeMap::new(),
                hosts,
            },
            failed,
        )
    }

    /// Runs one arm in one draw. `visit` sees each chain's market and equilibrium of each year.
    ///
    /// `known` names chains (by position) that need no run, because nothing in the arm touches them, with the growth of
    /// their output from an arm where they ran in the same draw. Returns that growth for all chains, by year: world
    /// output over the base year's.
    pub fn run(
        &self,
        arm: &Arm,
        draw: Draw,
        known: Option<(&[bool], &[Vec<f64>])>,
        visit: &mut dyn FnMut(&YearOutcome<'_>),
    ) -> Vec<Vec<f64>> {
        let events = deal::materialise(arm, draw);
        let sampled = self.assumptions.sample(draw);
        let is_known = |c: usize| known.is_some_and(|(skip, _)| skip[c]);
        let mut outlooks: Vec<Option<Outlook<'_>>> = self
            .chains
            .iter()
            .enumerate()
            .map(|(c, chain)| {
                let host = |iso3| self.hosts.get(&iso3).copied().unwrap_or(Host::TYPICAL);
                (!is_known(c)).then(|| {
                    Outlook::new(chain, draw, &sampled, self.time_scale, &events, &self.blocs, &host)
                })
            })
            .collect();
        let mut growth = Vec::with_capacity(self.years.len());
        for (y, &year) in self.years.iter().enumerate() {
            let mut outputs: Vec<f64> = known.map_or_else(Vec::new, |(_, before)| before[y].clone());
            outputs.resize(self.chains.len(), 1.0);
            for (c, outlook) in outlooks.iter_mut().enumerate() {
                let Some(outlook) = outlook else { continue };
                let output_of = |host: &MineralId| {
                    self.chains
                        .iter()
                        .position(|chain| chain.mineral == *host)
                        .map(|position| outputs[position])
                };
                let host_growth = outlook.host_growth(&output_of);
                outputs[c] = outlook.step(year, c, host_growth, &events, visit);
            }
            growth.push(outputs);
        }
        growth
    }
}

/// Orders chains so that every host that is among them comes before its by-products.
fn hosts_first(chains: Vec<Chain>) -> Vec<Chain> {
    let mut waiting = chains;
    let mut ordered: Vec<Chain> = Vec::new();
    while !waiting.is_empty() {
        let pending: Vec<MineralId> = waiting.iter().map(|c| c.mineral.clone()).collect();
        let ready = |chain: &Chain| {
            !chain.hosts.iter().any(|(host, ..)| pending.contains(host) && *host != chain.mineral)
        };
        let next = waiting.iter().position(ready).unwrap_or(0);
        ordered.push(waiting.remove(next));
    }
    ordered
}
