//! One market, many scenarios: solved once as it is, then under light sets of conditions, each from the base solution.

use super::{
    condition::{Change, Conditions},
    network::Market,
    outcome::Equilibrium,
    solve::{Ending, Solver},
};

/// A market with its solution without further conditions. It is shared by threads; each works with a
/// [`Workspace`] of its own.
#[derive(Debug, Clone)]
pub struct Prepared {
    market: Market,
    base: Equilibrium,
    start: Vec<f64>,
}

impl Prepared {
    /// Solves a market whose [`Market::problems`] are none.
    pub fn new(market: Market) -> Self {
        let base = Solver::default().solve(&market);
        let start = base
            .price
            .iter()
            .zip(&market.nodes)
            .map(|(price, node)| price.unwrap_or(node.base_price))
            .collect();
        Self { market, base, start }
    }

    /// The market.
    pub fn market(&self) -> &Market {
        &self.market
    }

    /// Its equilibrium.
    pub fn base(&self) -> &Equilibrium {
        &self.base
    }

    /// What one thread needs to solve scenarios.
    pub fn workspace(&self) -> Workspace<'_> {
        Workspace { prepared: self, market: self.market.clone(), solver: Solver::default(), undo: Vec::new() }
    }
}

/// Solves scenarios of one market. A search starts from the base solution, never from the scenario before, so results
/// are the same to the last bit in any order and on any number of threads.
#[derive(Debug)]
pub struct Workspace<'a> {
    prepared: &'a Prepared,
    market: Market,
    solver: Solver,
    undo: Vec<Change>,
}

impl Workspace<'_> {
    /// The equilibrium under `conditions`, whose indices must be those of the market.
    pub fn solve(&mut self, conditions: &Conditions) -> Equilibrium {
        self.with(conditions, Solver::equilibrium)
    }

    /// Finds the equilibrium under `conditions` and lets `read` take from the solver what it needs, without copying out
    /// the rest.
    pub fn with<T>(
        &mut self,
        conditions: &Conditions,
        read: impl FnOnce(&Solver, &Market, Ending) -> T,
    ) -> T {
        self.undo.clear();
        self.undo.extend(conditions.changes.iter().map(|change| change.apply(&mut self.market)));
        let limits = self.market.limits.len();
        self.market.limits.extend(conditions.limits.iter().cloned());
        self.solver.start_from(&self.prepared.start);
        let ending = self.solver.find(&self.market);
        let result = read(&self.solver, &self.market, ending);
        self.market.limits.truncate(limits);
        while let Some(change) = self.undo.pop() {
            let _ = change.apply(&mut self.market);
        }
        result
    }
}
