//! What a deal costs whom in a year: floors, credits, finance, technology and stocks.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    base::id::Iso3,
    market::{Equilibrium, Market},
    pathway::{
        chain::Chain,
        project::{Plan, Terms},
    },
};

/// What public money is spent on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Making up prices to a floor, less the share of what exceeds it.
    Floors,
    /// Production credits.
    Credits,
    /// Grants, and the expected loss on loans, guarantees and equity.
    Finance,
    /// Technology that is given.
    Technology,
    /// Stocks bought, less those sold.
    Stocks,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 5] = [Self::Floors, Self::Credits, Self::Finance, Self::Technology, Self::Stocks];

    /// The word on screens.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Floors => "price floors",
            Self::Credits => "production credits",
            Self::Finance => "grants and expected losses on finance",
            Self::Technology => "technology",
            Self::Stocks => "stocks bought less sold",
        }
    }
}

/// What the year costs and brings in, in US dollars.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Payments {
    /// Cost by payer: floors, credits, grants, technology, stocks, and the expected loss on loans of the year.
    pub public_cost: BTreeMap<Iso3, f64>,
    /// The same by payer and what it is for.
    pub by_kind: BTreeMap<(Iso3, Kind), f64>,
    /// Money lent, guaranteed or invested in the year, by payer.
    pub public_finance: BTreeMap<Iso3, f64>,
    /// What producers receive from floors and credits beyond the price, by country.
    pub support: BTreeMap<Iso3, f64>,
    /// What buyers pay on floors that no treasury stands behind, by country.
    pub contract: BTreeMap<Iso3, f64>,
    /// Royalty and profit tax by host.
    pub host_revenue: BTreeMap<Iso3, f64>,
}

impl Payments {
    fn spend(&mut self, payer: Option<Iso3>, kind: Kind, usd: f64) {
        if let Some(payer) = payer {
            *self.public_cost.entry(payer).or_default() += usd;
            *self.by_kind.entry((payer, kind)).or_default() += usd;
        }
    }
}

/// A payment that depends on what the market does, to be settled once it is solved.
#[derive(Debug, Clone, PartialEq)]
pub enum Payment {
    /// A floor on a tranche of a node: USD/t, and the payer's share of the excess.
    Floor {
        /// Payer; absent: those who buy the output.
        payer: Option<Iso3>,
        /// Node and tranche.
        tranche: (usize, usize),
        /// Floor, USD/t.
        floor: f64,
        /// Share of the excess over the floor that the payer receives.
        upside: f64,
    },
    /// A credit per tonne on a tranche.
    Credit {
        /// Payer.
        payer: Option<Iso3>,
        /// Node and tranche.
        tranche: (usize, usize),
        /// USD/t.
        usd_per_t: f64,
    },
    /// Technology paid for in the year.
    Technology {
        /// Payer.
        payer: Option<Iso3>,
        /// Amount in US dollars.
        usd: f64,
    },
    /// Goods bought for a stock; negative when sold.
    Stock {
        /// Payer.
        payer: Option<Iso3>,
        /// User through whom it trades, by index.
        user: usize,
        /// Tonnes contained.
        tonnes: f64,
    },
}

/// What a year's payments come to at its equilibrium, and the finance that flows in it. `decided` is the year of each
/// project's decision: before it nothing flows, and together the offers cannot exceed what the project costs.
pub fn settle(
    chain: &Chain,
    market: &Market,
    eq: &Equilibrium,
    payments: &[Payment],
    year: i32,
    projects: &[(&Plan, &Terms, Option<i32>)],
    loan_subsidy: f64,
) -> Payments {
    let mut money = Payments::default();
    for payment in payments {
        match *payment {
            Payment::Floor { payer, tranche: (i, t), floor, upside } => {
                let gap = eq.price[i].map_or(0.0, |price| floor - price);
                let usd = if gap > 0.0 { gap } else { upside * gap } * eq.output[i][t];
                *money.support.entry(market.nodes[i].country).or_default() += usd;
                if payer.is_some() {
                    money.spend(payer, Kind::Floors, usd);
                } else {
                    share_among_buyers(market, eq, i, usd, &mut money.contract);
                }
            }
            Payment::Credit { payer, tranche: (i, t), usd_per_t } => {
                let usd = usd_per_t * eq.output[i][t];
                *money.support.entry(market.nodes[i].country).or_default() += usd;
                money.spend(payer, Kind::Credits, usd);
            }
            Payment::Technology { payer, usd } => {
                if let Some(payer) = payer {
                    *money.public_finance.entry(payer).or_default() += usd;
                }
                money.spend(payer, Kind::Technology, usd);
            }
            Payment::Stock { payer, user, tonnes } => {
                let price = eq.delivered_price[user].unwrap_or(market.users[user].base_price);
                money.spend(payer, Kind::Stocks, tonnes * price);
            }
        }
    }
    for (site, &(plan, terms, decided)) in chain.sites.iter().zip(projects) {
        let Some(decided) = decided else { continue };
        let cost = plan.capex(&site.project, chain.decision_price(site));
        let offered: f64 = terms.finance().map(|f| f.usd).sum();
        let fit = (cost / offered.max(f64::MIN_POSITIVE)).min(1.0);
        for finance in terms.finance().filter(|f| (f.from.floor() as i32).max(decided) == year) {
            let Some(payer) = finance.payer else { continue };
            let usd = finance.usd * fit;
            *money.public_finance.entry(payer).or_default() += usd;
            money.spend(Some(payer), Kind::Finance, usd * finance.lost.unwrap_or(loan_subsidy));
        }
    }
    money
}

/// Spreads an amount over those who buy from a node, by what they buy.
fn share_among_buyers(
    market: &Market,
    eq: &Equilibrium,
    node: usize,
    usd: f64,
    to: &mut BTreeMap<Iso3, f64>,
) {
    let sold = || market.arcs.iter().zip(&eq.flow).filter(|(arc, flow)| arc.from == node && **flow > 0.0);
    let total: f64 = sold().map(|(_, flow)| flow).sum();
    for (arc, flow) in sold() {
        *to.entry(market.recipient_country(arc.to)).or_default() += usd * flow / total;
    }
}
