//! Runs arms and draws one after the other in the same buffers.

use super::{
    Simulation,
    chain_solver::ChainSolver,
    deal::{self, Event},
    drivers::Drivers,
    host::{Growth, Hosts},
    year::{ChainState, States, YearOutcome},
};
use std::sync::Arc;

use crate::{
    base::draw::Draw,
    nowcast::{Estimate, Estimated},
    params::Params,
    policy::Arm,
};

/// What one thread needs to run a [`Simulation`]: a market and a solver for each chain, used again for every arm, draw
/// and year. A run never starts from what an earlier one left, so that results do not depend on their order.
#[derive(Debug)]
pub struct Runner<'a> {
    simulation: &'a Simulation,
    solvers: Solvers,
    drivers: Drivers,
}

/// The markets and solvers of a [`Runner`] between its uses; each chain's is made when it is first run.
#[derive(Debug, Default)]
pub(crate) struct Solvers(Vec<Option<ChainSolver>>);

impl<'a> Runner<'a> {
    pub(super) fn new(simulation: &'a Simulation) -> Self {
        Self::with_solvers(simulation, Solvers::default())
    }

    /// A runner that goes on in the solvers of an earlier one of the same simulation.
    pub(crate) fn with_solvers(simulation: &'a Simulation, mut solvers: Solvers) -> Self {
        solvers.0.resize_with(simulation.chains.len(), || None);
        Self { simulation, solvers, drivers: Drivers::ALL }
    }

    /// Hands the solvers back.
    pub(crate) fn into_solvers(self) -> Solvers {
        self.solvers
    }

    /// The same with only some drivers at work, in the chains that are not known from another run.
    #[must_use]
    pub fn with_drivers(self, drivers: Drivers) -> Self {
        Self { drivers, ..self }
    }

    /// Runs one arm in one draw, chain by chain, hosts before by-products. `visit` sees each chain's market and
    /// equilibrium of each year.
    ///
    /// `known` names chains (by position) that need no run, because nothing in the arm touches them, with the growth of
    /// their output from an arm where they ran in the same draw. Returns that growth for all chains, by year.
    pub fn run(
        &mut self,
        arm: &Arm,
        draw: Draw,
        known: Option<(&[bool], &[Vec<Growth>])>,
        visit: &mut dyn FnMut(&YearOutcome<'_>),
    ) -> Vec<Vec<Growth>> {
        self.chains(&deal::materialise(arm, draw), draw, known, visit)
    }

    /// Runs one draw in which nobody promises or restricts anything, see [`Runner::run`].
    pub fn undisturbed(
        &mut self,
        draw: Draw,
        known: Option<(&[bool], &[Vec<Growth>])>,
        visit: &mut dyn FnMut(&YearOutcome<'_>),
    ) -> Vec<Vec<Growth>> {
        self.chains(&[], draw, known, visit)
    }

    fn chains(
        &mut self,
        events: &[Event<'_>],
        draw: Draw,
        known: Option<(&[bool], &[Vec<Growth>])>,
        visit: &mut dyn FnMut(&YearOutcome<'_>),
    ) -> Vec<Vec<Growth>> {
        let params = self.simulation.params.draw(draw);
        let mut growth: Vec<Vec<Growth>> = Vec::with_capacity(self.simulation.chains.len());
        for c in 0..self.simulation.chains.len() {
            let grown = match known {
                Some((skip, before)) if skip[c] => before[c].clone(),
                _ => {
                    let hosts: Vec<&[Growth]> = growth.iter().map(Vec::as_slice).collect();
                    self.chain(c, events, draw, &params, &hosts, visit)
                }
            };
            growth.push(grown);
        }
        growth
    }

    /// The states of a chain since the base year in a draw: estimated in a run without any deal, its hosts before it, and kept
    /// for all arms.
    pub(crate) fn states(
        &mut self,
        position: usize,
        draw: Draw,
        params: &Params<f64>,
    ) -> Option<Arc<Estimated>> {
        let simulation = self.simulation;
        let chain = &simulation.chains[position];
        let known = chain.known.as_ref()?;
        let kept = self.solvers.0[position].as_ref().and_then(|solver| solver.states.as_ref());
        if let Some((_, states, _)) = kept.filter(|(of, ..)| *of == draw) {
            return Some(Arc::clone(states));
        }
        let mut growth: Vec<Vec<Growth>> = vec![Vec::new(); position];
        for host in simulation.hosts_of(position) {
            self.states(host, draw, params);
            let kept = self.solvers.0[host].as_ref().and_then(|solver| solver.states.as_ref());
            growth[host] = kept.map(|(.., grown)| grown.clone()).unwrap_or_default();
        }
        let hosts: Vec<&[Growth]> = growth.iter().map(Vec::as_slice).collect();
        let middle = (draw != Draw::MIDDLE).then(|| simulation.middle_states(position)).flatten();
        let estimate = Estimate::new(known, chain.base.mineral.as_str(), draw, middle);
        let solver = self.solvers.0[position].get_or_insert_with(|| ChainSolver::new(chain));
        let states = States::Estimating(Box::new(estimate));
        let mut state =
            ChainState::new(simulation, position, solver, draw, params, &[], Drivers::ALL, states);
        let years = simulation.years.iter().enumerate().take_while(|(_, year)| known.covers(**year));
        let grown: Vec<Growth> = years
            .map(|(y, &year)| {
                let hosts = Hosts::new(&simulation.ceilings[position], &hosts, y);
                state.step(year, position, hosts, &[], &mut |_| {})
            })
            .collect();
        let states = Arc::new(state.into_states(&simulation.years));
        let solver = self.solvers.0[position].get_or_insert_with(|| ChainSolver::new(chain));
        solver.states = Some((draw, Arc::clone(&states), grown));
        Some(states)
    }

    /// Runs all years of one chain. `hosts` holds the growth of the chains before it, by year; those that it does not come
    /// out of may be empty.
    pub(crate) fn chain(
        &mut self,
        position: usize,
        events: &[Event<'_>],
        draw: Draw,
        params: &Params<f64>,
        hosts: &[&[Growth]],
        visit: &mut dyn FnMut(&YearOutcome<'_>),
    ) -> Vec<Growth> {
        let simulation = self.simulation;
        let states = self.states(position, draw, params).map_or(States::None, States::Known);
        let solver =
            self.solvers.0[position].get_or_insert_with(|| ChainSolver::new(&simulation.chains[position]));
        let mut state =
            ChainState::new(simulation, position, solver, draw, params, events, self.drivers, states);
        let years = simulation.years.iter().enumerate();
        years
            .map(|(y, &year)| {
                let hosts = Hosts::new(&simulation.ceilings[position], hosts, y);
                state.step(year, position, hosts, events, visit)
            })
            .collect()
    }
}
