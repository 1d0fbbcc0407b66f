//! Conditions on a market: which arcs they touch, and quotas, share caps, sanctions and leaky bans made of them.

use serde::{Deserialize, Serialize};

use super::network::{Limit, Market, Recipient};
use crate::base::{id::Iso3, unit::Stage};

/// One number of a market set anew. Applying it gives back the change that undoes it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// Whether an arc is closed by a ban.
    Banned(usize, bool),
    /// Cost on an arc above the base year's, USD/t.
    Cost(usize, f64),
    /// Ad valorem duty on an arc above the base year's.
    Duty(usize, f64),
    /// Weight of an arc.
    Weight(usize, f64),
    /// Capacity of a node's tranche, tonnes a year.
    Capacity(usize, usize, f64),
    /// Net subsidy of a node's tranche, USD/t.
    Subsidy(usize, usize, f64),
    /// Guaranteed price of a node's tranche, USD/t.
    Floor(usize, usize, Option<f64>),
    /// Use of a user at base prices, tonnes a year.
    Demand(usize, f64),
}

impl Change {
    /// Sets the number in `market`; returns what it was. Indices must be those of the market.
    #[must_use = "it undoes the change"]
    pub fn apply(self, market: &mut Market) -> Self {
        use std::mem::replace;
        match self {
            Self::Banned(a, new) => Self::Banned(a, replace(&mut market.arcs[a].banned, new)),
            Self::Cost(a, new) => Self::Cost(a, replace(&mut market.arcs[a].cost, new)),
            Self::Duty(a, new) => Self::Duty(a, replace(&mut market.arcs[a].duty, new)),
            Self::Weight(a, new) => Self::Weight(a, replace(&mut market.arcs[a].weight, new)),
            Self::Capacity(i, t, new) => {
                Self::Capacity(i, t, replace(&mut market.nodes[i].tranches[t].capacity, new))
            }
            Self::Subsidy(i, t, new) => {
                Self::Subsidy(i, t, replace(&mut market.nodes[i].tranches[t].subsidy, new))
            }
            Self::Floor(i, t, new) => Self::Floor(i, t, replace(&mut market.nodes[i].tranches[t].floor, new)),
            Self::Demand(j, new) => Self::Demand(j, replace(&mut market.users[j].demand.quantity, new)),
        }
    }
}

/// What a scenario changes in a market that is otherwise the same.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Conditions {
    /// Numbers set anew, in order.
    #[serde(default)]
    pub changes: Vec<Change>,
    /// Limits beside those the market has.
    #[serde(default)]
    pub limits: Vec<Limit>,
}

impl Market {
    /// Arcs between countries on which a stage's products are sold; no stage, exporters or importers named means all.
    pub fn arcs_abroad(&self, stage: Option<Stage>, exporters: &[Iso3], importers: &[Iso3]) -> Vec<usize> {
        let named = |list: &[Iso3], country| list.is_empty() || list.contains(&country);
        let fits = |&a: &usize| {
            let seller = &self.nodes[self.arcs[a].from];
            let buyer = self.recipient_country(self.arcs[a].to);
            seller.country != buyer
                && stage.is_none_or(|s| s == seller.stage)
                && named(exporters, seller.country)
                && named(importers, buyer)
        };
        (0..self.arcs.len()).filter(fits).collect()
    }

    /// Tonnes that moved along an arc in the base year: its share of what its buyer took at base prices.
    pub fn base_flow(&self, arc: usize) -> f64 {
        let arc = &self.arcs[arc];
        arc.weight * self.base_purchases(arc.to)
    }

    /// What a buyer takes at base prices, tonnes a year.
    fn base_purchases(&self, buyer: Recipient) -> f64 {
        match buyer {
            Recipient::User(j) => self.users[j].demand.quantity,
            Recipient::Node(k) => self.nodes[k].base_intake(),
        }
    }

    /// Holds the flow from `supplier` to the importers' buyers of a stage at no more than the share `most` of all they
    /// buy of it from abroad in the same year: `Σ(1 − most)·f − Σ most·f' ≤ 0` over the supplier's arcs and the rest.
    pub fn cap_share(&mut self, id: &str, stage: Stage, supplier: Iso3, importers: &[Iso3], most: f64) {
        let arcs = self.arcs_abroad(Some(stage), &[], importers);
        let ours = |&a: &usize| self.nodes[self.arcs[a].from].country == supplier;
        let weights = arcs.iter().map(|a| f64::from(u8::from(ours(a))) - most).collect();
        self.limits.push(Limit { weights, ..Limit::cap(id, arcs, 0.0) });
    }

    /// Sanctions between two groups of countries: no arc between them, in either direction, stays open.
    pub fn sanction(&mut self, one: &[Iso3], other: &[Iso3]) {
        for (from, to) in [(one, other), (other, one)] {
            for a in self.arcs_abroad(None, from, to) {
                self.arcs[a].banned = true;
            }
        }
    }

    /// A ban through which the share `leakage` of the arcs' base flow finds a way, at `extra` USD/t more: the arcs stay
    /// open as one group with a cap. Its rent is what evasion earns. Without leakage it is a ban.
    pub fn ban_with_leakage(&mut self, id: &str, arcs: &[usize], leakage: f64, extra: f64) {
        let past: f64 = arcs.iter().map(|&a| self.base_flow(a)).sum();
        let tonnes = leakage * past;
        for &a in arcs {
            let arc = &mut self.arcs[a];
            if tonnes > 0.0 { arc.cost += extra } else { arc.banned = true }
        }
        if tonnes > 0.0 {
            self.limits.push(Limit::cap(id, arcs.to_vec(), tonnes));
        }
    }
}
