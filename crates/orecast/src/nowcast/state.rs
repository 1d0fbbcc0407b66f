//! States of a mineral-year and what they do to a market.

use serde::Serialize;

use super::{prior, zone::Zone};
use crate::market::{Market, Sourcing};

/// What a state is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum StateKind {
    /// Shift of use in a zone, stock building included: logarithm of use over the scenario's.
    Use(Zone),
    /// Part of prices in a zone that nothing explains: logarithm.
    Level(Zone),
    /// What still leaves under a measure, by its position: on the logit for licences and bans, else the logarithm.
    Share(usize),
    /// Output of a node: logarithm of its capacity over what it would run.
    Output(usize),
}

/// A state with its prior.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct State {
    /// What it is.
    pub kind: StateKind,
    /// Middle of the prior.
    pub mean: f64,
    /// Spread of the prior.
    pub spread: f64,
}

/// What states do to a market, in the market's own terms.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Applied {
    /// Logarithm of use over the scenario's, by zone.
    pub used: [f64; 2],
    /// Logarithm of prices beyond what is explained, by zone.
    pub level: [f64; 2],
    /// Logarithm of capacity over what would run, by node; empty where none moves.
    pub output: Vec<f64>,
    /// Share of base exports that leaves under each group of measures; absent where nothing restricts it.
    pub caps: Vec<Option<f64>>,
}

impl Applied {
    /// Logarithm of a node's capacity over what would run.
    pub fn output_of(&self, node: usize) -> f64 {
        self.output.get(node).copied().unwrap_or(0.0)
    }

    /// Whether nothing moves.
    pub fn is_nothing(&self) -> bool {
        self.used == [0.0; 2]
            && self.level == [0.0; 2]
            && self.output.iter().all(|k| *k == 0.0)
            && self.caps.iter().all(Option::is_none)
    }

    /// Sets the level of prices that the curves of a market are made for: that of `plain`, times the zone's level. Tastes
    /// and margins go with it, so that where both zones have the same level all prices move by it and no quantity does.
    pub fn set_level(&self, market: &mut Market, plain: &Plain<'_>, nodes: &[Zone], users: &[Zone]) {
        let factor = |zone: &Zone| self.level[zone.index()].exp();
        for (i, node) in market.nodes.iter_mut().enumerate() {
            let factor = factor(&nodes[i]);
            node.base_price = plain.market.nodes[i].base_price * factor;
            node.sourcing = plain.sourcing[i].map(|sourcing| Sourcing {
                theta: sourcing.theta / factor,
                base_margin: sourcing.base_margin * factor,
                ..sourcing
            });
        }
        for (j, user) in market.users.iter_mut().enumerate() {
            let factor = factor(&users[j]);
            user.base_price = plain.market.users[j].base_price * factor;
            user.theta = plain.theta[j] / factor;
        }
    }
}

/// What the curves of a market are made for before any state moves them.
#[derive(Debug, Clone, Copy)]
pub struct Plain<'a> {
    /// The market of the base year: its base prices.
    pub market: &'a Market,
    /// How each node buys.
    pub sourcing: &'a [Option<Sourcing>],
    /// Taste of each user for the cheapest source, per USD/t.
    pub theta: &'a [f64],
}

/// The share that a measure's state stands for, and its derivative.
pub fn share_of(state: f64, on_logit: bool) -> (f64, f64) {
    if on_logit {
        let share = prior::share(state);
        (share, share * (1.0 - share))
    } else {
        let share = state.exp();
        (share, share)
    }
}
