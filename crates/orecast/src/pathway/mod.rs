//! The years of one arm in one draw: capacity, projects, demand, and an equilibrium for each mineral and year.
//!
//! Each year: demand grows with its scenario and responds to expected prices; running capacity runs down and follows
//! demand and expected prices, limited by lead times, by reserves and, for by-products, by the hosts; projects that were
//! decided start and ramp up; the commitments in force impose their conditions; the market is solved, hosts before
//! by-products; expectations follow.

pub mod calibrate;
pub mod chain;
mod chain_solver;
pub mod deal;
pub mod drivers;
pub mod holding;
mod host;
pub mod project;
pub mod reference;
pub mod routes;
mod runner;
mod suspension;
#[cfg(test)]
mod tests;
mod users;
mod year;

pub use chain::{BaseMarket, Chain, NoChain};
pub use deal::Payments;
pub use drivers::{Driver, Drivers};
pub use host::Growth;
pub use runner::Runner;
pub(crate) use runner::Solvers;
pub use year::{ChainState, YearOutcome};

use std::sync::{Arc, OnceLock};

use crate::{
    base::{
        date::PartialDate,
        draw::Draw,
        id::{BlocId, Iso3, MineralId},
        unit::Range,
    },
    nowcast::Estimated,
    params::{Params, responses::TimeScale},
    policy::Arm,
    world::World,
};

/// What all draws of a run share.
#[derive(Debug)]
pub struct Simulation {
    /// Chains, hosts before by-products.
    pub chains: Vec<Chain>,
    /// Years that are run, after the base year.
    pub years: Vec<i32>,
    /// How much time supply and use have to answer a price within a year.
    pub time_scale: TimeScale,
    /// Members of the blocs that the case's levers name.
    pub blocs: std::collections::BTreeMap<BlocId, Vec<Iso3>>,
    params: Params<Range>,
    /// Risk premium of each host over a low-risk country, as a rate.
    premiums: std::collections::BTreeMap<Iso3, f64>,
    /// What limits each chain as a by-product.
    ceilings: Vec<host::Ceiling>,
    /// States since the base year in the middle draw, by chain.
    middle: OnceLock<Vec<Option<Arc<Estimated>>>>,
}

/// Country risk premium where no risk table covers a country.
pub(crate) const TYPICAL_PREMIUM: f64 = 0.03;

impl Simulation {
    /// Prepares the minerals of a run with the parameters of its case; those that cannot be run come back with the reason, in their order.
    pub fn prepare(
        world: &World,
        minerals: &[MineralId],
        base_year: i32,
        last_year: i32,
        scenario: &str,
        roles: &[Iso3],
        params: Params<Range>,
    ) -> (Self, Vec<NoChain>) {
        use rayon::prelude::*;
        let years = base_year + 1..=last_year;
        let prepared: Vec<Result<Chain, NoChain>> = minerals
            .par_iter()
            .map(|mineral| {
                Chain::prepare(world, mineral, base_year, years.clone(), scenario, roles, &params.mid())
            })
            .collect();
        let (mut chains, mut failed) = (Vec::new(), Vec::new());
        for result in prepared {
            match result {
                Ok(chain) => chains.push(chain),
                Err(reason) => failed.push(reason),
            }
        }
        let chains = hosts_first(chains);
        let premium = |iso3: Iso3| {
            let known = world.governance(iso3, "country-risk-premium", last_year);
            (iso3, known.map_or(TYPICAL_PREMIUM, |row| row.value))
        };
        let places = chains.iter().flat_map(|c| c.base.market.nodes.iter().map(|n| n.country));
        let premiums = places.map(premium).collect();
        let ceilings =
            chains.iter().enumerate().map(|(c, chain)| host::Ceiling::of(chain, &chains[..c])).collect();
        let (time_scale, blocs) = (TimeScale::Medium, std::collections::BTreeMap::new());
        let (years, middle) = (years.collect(), OnceLock::new());
        (Self { chains, years, time_scale, blocs, params, premiums, ceilings, middle }, failed)
    }

    /// The same run from what `world` knew at the end of a day: the years since the base year agree with all that was known of
    /// them. A world knows no more than [`World::known_by`] leaves it.
    #[must_use]
    pub fn as_of(mut self, world: &World, day: PartialDate) -> Self {
        use rayon::prelude::*;
        self.chains.par_iter_mut().for_each(|chain| chain.learn(world, day));
        self.middle = OnceLock::new();
        self
    }

    /// States of a chain since the base year in the middle draw.
    pub fn middle_states(&self, position: usize) -> Option<Arc<Estimated>> {
        let all = self.middle.get_or_init(|| {
            let mut runner = self.runner();
            let params = self.params.draw(Draw::MIDDLE);
            (0..self.chains.len()).map(|c| runner.states(c, Draw::MIDDLE, &params)).collect()
        });
        all.get(position).cloned().flatten()
    }

    /// Ranges of the parameters.
    pub const fn params(&self) -> &Params<Range> {
        &self.params
    }

    /// Puts other ranges in their place; what all draws plan with follows their middles.
    pub fn set_params(&mut self, params: Params<Range>) {
        let mid = params.mid();
        for chain in &mut self.chains {
            chain.plan(&mid);
        }
        self.middle = OnceLock::new();
        self.params = params;
    }

    /// Positions of the chains that a chain comes out of, all before it.
    pub(crate) fn hosts_of(&self, position: usize) -> impl Iterator<Item = usize> {
        self.ceilings[position].hosts()
    }

    /// What one thread needs to run draws and arms one after the other.
    pub fn runner(&self) -> Runner<'_> {
        Runner::new(self)
    }

    /// Runs one arm in one draw, see [`Runner::run`].
    pub fn run(
        &self,
        arm: &Arm,
        draw: Draw,
        known: Option<(&[bool], &[Vec<Growth>])>,
        visit: &mut dyn FnMut(&YearOutcome<'_>),
    ) -> Vec<Vec<Growth>> {
        self.runner().run(arm, draw, known, visit)
    }
}

/// Orders chains so that every host that is among them comes before its by-products.
fn hosts_first(chains: Vec<Chain>) -> Vec<Chain> {
    let mut waiting = chains;
    let mut ordered: Vec<Chain> = Vec::new();
    while !waiting.is_empty() {
        let pending: Vec<MineralId> = waiting.iter().map(|c| c.base.mineral.clone()).collect();
        let ready = |chain: &Chain| {
            !chain.hosts.iter().any(|(host, ..)| pending.contains(host) && *host != chain.base.mineral)
        };
        let next = waiting.iter().position(ready).unwrap_or(0);
        ordered.push(waiting.remove(next));
    }
    ordered
}
