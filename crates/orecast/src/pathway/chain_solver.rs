//! Where the years of one chain are solved.

use std::sync::Arc;

use super::{chain::Chain, host::Growth, year::take::Levies};
use crate::{
    base::draw::Draw,
    market::{Equilibrium, Market, Solver},
    nowcast::Estimated,
};

/// The market and the solver of one chain, used again for every arm, draw and year.
#[derive(Debug)]
pub(super) struct ChainSolver {
    pub market: Market,
    pub solver: Solver,
    /// Prices of the last year and of the one before, from which the next search starts.
    last: Vec<f64>,
    before: Vec<f64>,
    /// What hosts take in the draw that was run last: the same in every arm.
    pub levies: Option<(Draw, Arc<Levies>)>,
    /// The states since the base year in the draw that was run last, the same in every arm, with the growth of output in the
    /// years that were estimated.
    pub states: Option<(Draw, Arc<Estimated>, Vec<Growth>)>,
}

impl ChainSolver {
    pub(super) fn new(chain: &Chain) -> Self {
        Self {
            market: chain.base.market.clone(),
            solver: Solver::default(),
            last: Vec::new(),
            before: Vec::new(),
            levies: None,
            states: None,
        }
    }

    /// Forgets the years of another run, and the level of prices that they ended at.
    pub(super) fn reset(&mut self, chain: &Chain) {
        for (node, base) in self.market.nodes.iter_mut().zip(&chain.base.market.nodes) {
            node.base_price = base.base_price;
        }
        for (user, base) in self.market.users.iter_mut().zip(&chain.base.market.users) {
            user.base_price = base.base_price;
        }
        self.solver.reset();
        self.last.clear();
        self.before.clear();
    }

    /// Solves a year, starting from where the last two years' prices lead.
    pub(super) fn solve(&mut self) -> Equilibrium {
        /// Longest move of a price that is followed.
        const FOLLOWED: f64 = 1.2;
        if !self.before.is_empty() {
            let lead =
                |(&last, &before): (&f64, &f64)| last * (last / before).clamp(1.0 / FOLLOWED, FOLLOWED);
            let start: Vec<f64> = self.last.iter().zip(&self.before).map(lead).collect();
            self.solver.start_from(&start);
        }
        let found = self.solver.solve(&self.market);
        std::mem::swap(&mut self.last, &mut self.before);
        self.last.clear();
        let price = found
            .price
            .iter()
            .zip(&self.market.nodes)
            .map(|(price, node)| price.filter(|price| *price > 0.0).unwrap_or(node.base_price));
        self.last.extend(price);
        found
    }
}
