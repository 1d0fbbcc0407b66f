//! Runs arms and draws one after the other in the same buffers.

use super::{
    Simulation,
    deal::{self, Event},
    drivers::Drivers,
    host::{Growth, Hosts},
    room::Room,
    year::{Outlook, YearOutcome},
};
use crate::{base::draw::Draw, policy::Arm};

/// What one thread needs to run a [`Simulation`]: a market and a solver for each chain, used again for every arm, draw
/// and year. A run never starts from what an earlier one left, so that results do not depend on their order.
#[derive(Debug)]
pub struct Runner<'a> {
    simulation: &'a Simulation,
    rooms: Vec<Room>,
    drivers: Drivers,
}

impl<'a> Runner<'a> {
    pub(super) fn new(simulation: &'a Simulation) -> Self {
        let rooms = simulation.chains.iter().map(Room::new).collect();
        Self { simulation, rooms, drivers: Drivers::ALL }
    }

    /// The same with only some drivers at work, in the chains that are not known from another run.
    #[must_use]
    pub fn with_drivers(self, drivers: Drivers) -> Self {
        Self { drivers, ..self }
    }

    /// Runs one arm in one draw. `visit` sees each chain's market and equilibrium of each year.
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
        self.years(&deal::materialise(arm, draw), draw, known, visit)
    }

    /// Runs one draw in which nobody promises or restricts anything, see [`Runner::run`].
    pub fn undisturbed(
        &mut self,
        draw: Draw,
        known: Option<(&[bool], &[Vec<Growth>])>,
        visit: &mut dyn FnMut(&YearOutcome<'_>),
    ) -> Vec<Vec<Growth>> {
        self.years(&[], draw, known, visit)
    }

    fn years(
        &mut self,
        events: &[Event<'_>],
        draw: Draw,
        known: Option<(&[bool], &[Vec<Growth>])>,
        visit: &mut dyn FnMut(&YearOutcome<'_>),
    ) -> Vec<Vec<Growth>> {
        let (simulation, drivers) = (self.simulation, self.drivers);
        let params = simulation.params.draw(draw);
        let is_known = |c: usize| known.is_some_and(|(skip, _)| skip[c]);
        let mut outlooks: Vec<Option<Outlook<'_>>> = self
            .rooms
            .iter_mut()
            .enumerate()
            .map(|(c, room)| {
                (!is_known(c)).then(|| Outlook::new(simulation, c, room, draw, &params, events, drivers))
            })
            .collect();
        let mut growth: Vec<Vec<Growth>> = Vec::with_capacity(simulation.years.len());
        for (y, &year) in simulation.years.iter().enumerate() {
            let mut outputs: Vec<Growth> = Vec::with_capacity(simulation.chains.len());
            for (c, outlook) in outlooks.iter_mut().enumerate() {
                let grown = match (outlook, known) {
                    (Some(outlook), _) => {
                        let hosts = Hosts::new(&simulation.ceilings[c], &outputs);
                        outlook.step(year, c, hosts, events, visit)
                    }
                    (None, Some((_, before))) => before[y][c].clone(),
                    (None, None) => Growth::none(&simulation.chains[c]),
                };
                outputs.push(grown);
            }
            growth.push(outputs);
        }
        growth
    }
}
