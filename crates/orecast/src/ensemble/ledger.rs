//! The accounts of a chain's years, planned once: who stands behind each node, user and route.
//!
//! [`Accounts::add`](super::money::Accounts) gives the same amounts from the formulas one by one.

use super::money::{Group, LimitSides};
use crate::{
    indicator::Roles,
    market::{Equilibrium, Feed, Recipient},
    pathway::{Chain, YearOutcome},
};

/// Groups of producers, of buyers and of those who collect duties.
pub(crate) const OF_GROUPS: usize = 3 * Group::ALL.len();
const PRODUCERS: usize = 0;
const BUYERS: usize = Group::ALL.len();
const DUTIES: usize = 2 * Group::ALL.len();

/// The plan of one chain.
#[derive(Debug)]
pub(crate) struct Ledger {
    /// Group of each node, and its tranches that earn: all but scrap.
    nodes: Vec<(usize, Vec<usize>)>,
    users: Vec<usize>,
    /// Group of each route's buyer.
    buyers: Vec<usize>,
    /// Routes to refineries with their sellers and buyers' groups.
    ore: Vec<(usize, usize, usize)>,
}

impl Ledger {
    pub(crate) fn new(chain: &Chain, roles: &Roles) -> Self {
        let market = &chain.base.market;
        let group = |country| Group::of(roles, country);
        let earning = |node: &crate::market::Node| {
            let earns = node.tranches.iter().enumerate().filter(|(_, t)| t.feed != Feed::Scrap);
            earns.map(|(t, _)| t).collect()
        };
        let arcs = market.arcs.iter().enumerate();
        let buyer = |to: Recipient| group(market.recipient_country(to));
        Self {
            nodes: market.nodes.iter().map(|node| (group(node.country), earning(node))).collect(),
            users: market.users.iter().map(|user| group(user.country)).collect(),
            buyers: market.arcs.iter().map(|arc| buyer(arc.to)).collect(),
            ore: arcs
                .filter(|(_, arc)| matches!(arc.to, Recipient::Node(_)))
                .map(|(a, arc)| (a, arc.from, buyer(arc.to)))
                .collect(),
        }
    }

    /// Numbers that a year leaves for other arms to be compared with.
    pub(crate) fn stride(&self) -> usize {
        2 * self.nodes.len() + 2 * self.users.len() + self.ore.len()
    }

    fn sold(&self, node: usize, found: &Equilibrium) -> f64 {
        self.nodes[node].1.iter().map(|&t| found.output[node][t]).sum()
    }

    /// Takes down a solved year; what has no price is not a number.
    pub(crate) fn take_down(&self, found: &Equilibrium, to: &mut Vec<f64>) {
        to.extend(found.price.iter().map(|price| price.unwrap_or(f64::NAN)));
        to.extend((0..self.nodes.len()).map(|node| self.sold(node, found)));
        to.extend(found.delivered_price.iter().map(|price| price.unwrap_or(f64::NAN)));
        to.extend(&found.used);
        to.extend(self.ore.iter().map(|&(arc, ..)| found.flow[arc]));
    }

    /// Adds what producers, buyers and importing treasuries gain in a year against the reference's, US dollars.
    pub(crate) fn add(
        &self,
        reference: Option<&[f64]>,
        outcome: &YearOutcome<'_>,
        roles: &Roles,
        to: &mut [f64],
    ) {
        let (market, found) = (outcome.market, outcome.equilibrium);
        for (&country, usd) in &outcome.payments.support {
            to[PRODUCERS + Group::of(roles, country)] += usd;
        }
        for (&country, usd) in &outcome.payments.contract {
            to[BUYERS + Group::of(roles, country)] -= usd;
        }
        for ((arc, flow), buyer) in market.arcs.iter().zip(&found.flow).zip(&self.buyers) {
            if arc.duty != 0.0 {
                to[DUTIES + buyer] += arc.duty * (found.price[arc.from].unwrap_or(0.0) * flow);
            }
        }
        let sides = LimitSides { producers: PRODUCERS, buyers: BUYERS };
        super::money::settle_limits(outcome, roles, sides, to);
        let Some(before) = reference else { return };
        let (price, before) = before.split_at(self.nodes.len());
        let (sold, before) = before.split_at(self.nodes.len());
        let (delivered, before) = before.split_at(self.users.len());
        let (used, ore) = before.split_at(self.users.len());
        let change =
            |now: Option<f64>, then: f64| now.map_or(0.0, |now| if then.is_nan() { 0.0 } else { now - then });
        for (i, (group, _)) in self.nodes.iter().enumerate() {
            let mean = 0.5 * (sold[i] + self.sold(i, found));
            to[PRODUCERS + group] += change(found.price[i], price[i]) * mean;
        }
        for (&(arc, from, buyer), before) in self.ore.iter().zip(ore) {
            // What a refinery pays more for its ore is its own loss.
            let mean = 0.5 * (before + found.flow[arc]);
            to[PRODUCERS + buyer] -= change(found.price[from], price[from]) * mean;
        }
        for (j, group) in self.users.iter().enumerate() {
            let mean = 0.5 * (used[j] + found.used[j]);
            to[BUYERS + group] -= change(found.delivered_price[j], delivered[j]) * mean;
        }
    }
}
