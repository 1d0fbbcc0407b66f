//! Who pays and who gains, against the reference arm of the same draw.
//!
//! Producers and buyers of a country are followed node by node: what they sold or bought in the two arms, times the change
//! of price between them (the trapezoid under the curve). Output that only the deal brings about gains little by this
//! measure: it is taken to earn what it costs.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::{
    base::id::Iso3,
    indicator::Roles,
    market::{Feed, LimitKind, Recipient, Status},
    pathway::{YearOutcome, deal::Kind},
    policy::Arm,
};

/// A part in the deal, as readers tell them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Group {
    /// The leader, or those it signs for.
    Leader,
    /// The host, or those it stands for.
    Host,
    /// Members of the rival bloc.
    Rival,
    /// Everyone else.
    Others,
}

impl Group {
    /// All groups.
    pub const ALL: [Self; 4] = [Self::Leader, Self::Host, Self::Rival, Self::Others];

    pub(super) fn of(roles: &Roles, country: Iso3) -> usize {
        if roles.leads(country) {
            0
        } else if roles.hosts(country) {
            1
        } else if roles.rival_members.contains(&country) {
            2
        } else {
            3
        }
    }
}

/// One amount that changes hands because of a deal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "who", rename_all = "kebab-case")]
pub enum Account {
    /// A country's treasury spends on something; a negative amount comes in.
    Treasury {
        /// Country.
        payer: Iso3,
        /// What for.
        kind: Kind,
    },
    /// Producers gain, support included; negative when they lose.
    Producers {
        /// Whose.
        group: Group,
    },
    /// Buyers gain; negative when they lose.
    Buyers {
        /// Whose.
        group: Group,
    },
    /// Duties that importing treasuries collect.
    Duties {
        /// Whose.
        group: Group,
    },
}

/// What a treasury spends on something in a year; a negative amount comes in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spending {
    pub payer: Iso3,
    pub kind: Kind,
    /// US dollars.
    pub usd: f64,
}

/// The accounts of a run: every payer and kind of spending, then producers and buyers by group.
#[derive(Debug, Clone)]
pub struct Accounts {
    /// Accounts, in the order of their amounts.
    pub list: Vec<Account>,
    payers: Vec<Iso3>,
}

impl Accounts {
    /// The accounts that some arms' payers make necessary.
    pub fn of(arms: &[Arm]) -> Self {
        let mut payers: Vec<Iso3> =
            arms.iter().flat_map(Arm::events).filter_map(|event| event.payer).collect();
        payers.sort_unstable();
        payers.dedup();
        let spent = payers.iter().flat_map(|&payer| Kind::ALL.map(|kind| Account::Treasury { payer, kind }));
        let producers = Group::ALL.map(|group| Account::Producers { group });
        let buyers = Group::ALL.map(|group| Account::Buyers { group });
        let duties = Group::ALL.map(|group| Account::Duties { group });
        Self { list: spent.chain(producers).chain(buyers).chain(duties).collect(), payers }
    }

    /// Position of the account of what a treasury spends.
    pub(super) fn spending(&self, Spending { payer, kind, .. }: Spending) -> Option<usize> {
        let place = self.payers.iter().position(|p| *p == payer)?;
        Some(place * Kind::ALL.len() + Kind::ALL.iter().position(|k| *k == kind)?)
    }

    /// Adds a year's amounts, in US dollars, against the reference.
    pub(crate) fn add(
        &self,
        reference: Option<&Snapshot>,
        outcome: &YearOutcome<'_>,
        roles: &Roles,
        to: &mut [f64],
    ) {
        let market = outcome.market;
        for (&(payer, kind), &usd) in &outcome.payments.by_kind {
            if let Some(account) = self.spending(Spending { payer, kind, usd }) {
                to[account] += usd;
            }
        }
        let producers = self.payers.len() * Kind::ALL.len();
        let (buyers, duties) = (producers + Group::ALL.len(), producers + 2 * Group::ALL.len());
        let mut credit = |list: &BTreeMap<Iso3, f64>, start: usize, sign: f64| {
            for (&country, usd) in list {
                to[start + Group::of(roles, country)] += sign * usd;
            }
        };
        credit(&outcome.payments.support, producers, 1.0);
        credit(&outcome.payments.contract, buyers, -1.0);
        for (arc, flow) in market.arcs.iter().zip(&outcome.equilibrium.flow) {
            let value = outcome.equilibrium.price[arc.from].unwrap_or(0.0) * flow;
            to[duties + Group::of(roles, market.recipient_country(arc.to))] += arc.duty * value;
        }
        settle_limits(outcome, roles, LimitSides { producers, buyers }, to);
        let Some(before) = reference else { return };
        let after = Snapshot::of(outcome);
        let change =
            |now: Option<f64>, then: Option<f64>| now.zip(then).map_or(0.0, |(now, then)| now - then);
        for (i, node) in market.nodes.iter().enumerate() {
            let sold = 0.5 * (before.output[i] + after.output[i]);
            to[producers + Group::of(roles, node.country)] += change(after.price[i], before.price[i]) * sold;
        }
        for (a, arc) in market.arcs.iter().enumerate() {
            // What a refinery pays more for its ore is its own loss.
            if matches!(arc.to, Recipient::Node(_)) {
                let bought = 0.5 * (before.flow[a] + after.flow[a]);
                let country = market.recipient_country(arc.to);
                to[producers + Group::of(roles, country)] -=
                    change(after.price[arc.from], before.price[arc.from]) * bought;
            }
        }
        for (j, user) in market.users.iter().enumerate() {
            let bought = 0.5 * (before.used[j] + after.used[j]);
            to[buyers + Group::of(roles, user.country)] -=
                change(after.delivered[j], before.delivered[j]) * bought;
        }
    }
}

/// Where the accounts of producers and of buyers begin.
#[derive(Debug, Clone, Copy)]
pub(super) struct LimitSides {
    pub producers: usize,
    pub buyers: usize,
}

/// Who stands behind the multipliers of limits. A cap's rent belongs to those who hold the licences: producers of the
/// exporting country. What moves a committed flow beyond what the market would send is borne by the buyers who promised to
/// take it; without that their lower price would be money from nowhere. A cap on shares moves both ways among buyers.
pub(super) fn settle_limits(
    outcome: &YearOutcome<'_>,
    roles: &Roles,
    LimitSides { producers, buyers }: LimitSides,
    to: &mut [f64],
) {
    let (market, found) = (outcome.market, outcome.equilibrium);
    for (limit, multiplier) in market.limits.iter().zip(&found.multiplier) {
        for (a, weight) in limit.terms() {
            let usd = multiplier * weight * found.flow[a];
            let arc = &market.arcs[a];
            let buyer = buyers + Group::of(roles, market.recipient_country(arc.to));
            let seller = producers + Group::of(roles, market.nodes[arc.from].country);
            match limit.kind {
                LimitKind::Floor => to[buyer] -= usd,
                LimitKind::Cap if limit.weights.is_empty() => to[seller] += usd,
                LimitKind::Cap => to[buyer] += usd,
            }
        }
    }
}

/// What the reference arm's year leaves behind for the others to be held against.
#[derive(Debug, Clone)]
pub(crate) struct Snapshot {
    price: Vec<Option<f64>>,
    output: Vec<f64>,
    delivered: Vec<Option<f64>>,
    used: Vec<f64>,
    flow: Vec<f64>,
}

impl Snapshot {
    /// Takes down a solved year; scrap earns nothing by this measure, its collectors being many and unknown.
    pub(crate) fn of(outcome: &YearOutcome<'_>) -> Self {
        let found = outcome.equilibrium;
        let primary = |i: usize| -> f64 {
            let tranches = outcome.market.nodes[i].tranches.iter().zip(&found.output[i]);
            tranches.filter(|(t, _)| t.feed != Feed::Scrap).map(|(_, made)| made).sum()
        };
        Self {
            price: found.price.clone(),
            output: (0..outcome.market.nodes.len()).map(primary).collect(),
            delivered: found.delivered_price.clone(),
            used: found.used.clone(),
            flow: found.flow.clone(),
        }
    }

    /// The same where a market was solved.
    pub(crate) fn solved(outcome: &YearOutcome<'_>) -> Option<Self> {
        (outcome.equilibrium.status == Status::Converged).then(|| Self::of(outcome))
    }
}
