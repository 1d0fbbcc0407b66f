//! The market as data: nodes that sell, users that buy, arcs between them, and limits on flows.
//!
//! A [`Market`] serialises to the JSON that `orecast market dump` writes and `orecast market solve` reads.

use serde::{Deserialize, Serialize};

use super::curve::{Backstop, drive};
use crate::{
    id::{Iso3, MineralId},
    world::table::Stage,
};

/// What a tranche of output is made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Feed {
    /// The ground (or a host's ore): output answers to the node's price.
    Ground,
    /// Bought ore: output answers to the margin between the node's price and the cost of ore.
    Ore,
    /// Scrap and other secondary feed: output answers to the node's price.
    Scrap,
}

/// Part of a node's output with a curve of its own: running capacity, one project, or scrap.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Tranche {
    /// Name: `running`, `scrap` or a project id.
    pub id: String,
    /// What it is made from.
    pub feed: Feed,
    /// Capacity, tonnes contained a year.
    pub capacity: f64,
    /// Calibrated drive `x`: the output at base prices is `capacity · σ(x)`.
    pub drive: f64,
    /// Elasticity of output to price (ground, scrap) or to margin (ore).
    pub elasticity: f64,
    /// Net subsidy, USD per tonne of output; a production credit is positive, a tax negative.
    #[serde(default)]
    pub subsidy: f64,
    /// Guaranteed producer price, USD per tonne, where there is one.
    #[serde(default)]
    pub floor: Option<f64>,
}

impl Tranche {
    /// A tranche that yields `output` at base prices when `utilisation` (below 1) of its capacity is in use.
    pub fn calibrated(id: &str, feed: Feed, output: f64, utilisation: f64, elasticity: f64) -> Self {
        Self {
            id: id.to_owned(),
            feed,
            capacity: output / utilisation,
            drive: drive(utilisation),
            elasticity,
            subsidy: 0.0,
            floor: None,
        }
    }

    /// Producer price per tonne when the market pays `price`: floor and subsidy included.
    pub fn producer_price(&self, price: f64) -> f64 {
        self.floor.map_or(price, |floor| price.max(floor)) + self.subsidy
    }
}

/// How a refinery turns ore into product.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Sourcing {
    /// Share of the ore's content that reaches the product.
    pub recovery: f64,
    /// Taste for the cheapest ore, per USD/t.
    pub theta: f64,
    /// Margin at base prices, USD per tonne of product.
    pub base_margin: f64,
}

/// A seller: the mines or the refineries of one country, with one price.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Node {
    /// Country.
    pub country: Iso3,
    /// Stage.
    pub stage: Stage,
    /// Price at which the node is calibrated, USD per tonne contained.
    pub base_price: f64,
    /// Its output, part by part.
    pub tranches: Vec<Tranche>,
    /// Set for refineries that buy ore.
    #[serde(default)]
    pub sourcing: Option<Sourcing>,
}

/// How use answers to the delivered price.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Demand {
    /// Use at base prices, tonnes a year.
    pub quantity: f64,
    /// Price elasticity of use (positive number).
    pub elasticity: f64,
    /// Where use gives way fast.
    pub backstop: Backstop,
}

/// A buyer who uses: one country's use of what one stage sells.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct User {
    /// Country.
    pub country: Iso3,
    /// Stage whose product it buys; use of ore itself is `mine`.
    pub stage: Stage,
    /// Delivered price at which use is calibrated, USD per tonne.
    pub base_price: f64,
    /// Taste for the cheapest source, per USD/t.
    pub theta: f64,
    /// Its demand.
    pub demand: Demand,
}

/// The buying end of an arc.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Recipient {
    /// A refinery, by its index among the nodes.
    Node(usize),
    /// A user, by its index among the users.
    User(usize),
}

/// A route from a seller to a buyer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct TradeArc {
    /// Selling node, by index.
    pub from: usize,
    /// Buyer.
    pub to: Recipient,
    /// Weight of the source in the buyer's choice: affinity times the source's size.
    pub weight: f64,
    /// Cost on the way above the base year's, USD per tonne: specific duty, transport; negative when cheaper.
    #[serde(default)]
    pub cost: f64,
    /// Ad valorem duty above the base year's, as a share of the seller's price.
    #[serde(default)]
    pub duty: f64,
    /// Closed by a ban.
    #[serde(default)]
    pub banned: bool,
}

/// Which way a limit binds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LimitKind {
    /// No more than: a quota or a licence. Its multiplier is the licence rent.
    Cap,
    /// No less than: a committed flow. Its multiplier is the support the flow needs.
    Floor,
}

/// A limit on the sum of flows over some arcs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Limit {
    /// Name of the condition that set it.
    pub id: String,
    /// Which way it binds.
    pub kind: LimitKind,
    /// Arcs, by index.
    pub arcs: Vec<usize>,
    /// Tonnes a year, counted at the seller.
    pub tonnes: f64,
}

/// One mineral, one year: calibrated curves and the conditions imposed on them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Market {
    /// Mineral.
    pub mineral: MineralId,
    /// Calendar year of the calibration.
    pub year: i32,
    /// What a tonne counts.
    pub basis: String,
    /// Sellers.
    pub nodes: Vec<Node>,
    /// Users.
    pub users: Vec<User>,
    /// Routes.
    pub arcs: Vec<TradeArc>,
    /// Limits on flows.
    #[serde(default)]
    pub limits: Vec<Limit>,
}

/// Why a market cannot be solved as it is written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {problem}")]
pub struct InvalidMarket {
    /// Where, in the words of the JSON.
    pub place: String,
    /// What is wrong, and what would be right.
    pub problem: String,
}

impl Market {
    /// Index of a country's node at a stage.
    pub fn node(&self, country: Iso3, stage: Stage) -> Option<usize> {
        self.nodes.iter().position(|n| n.country == country && n.stage == stage)
    }

    /// Country of a buyer.
    pub fn recipient_country(&self, to: Recipient) -> Iso3 {
        match to {
            Recipient::Node(k) => self.nodes[k].country,
            Recipient::User(j) => self.users[j].country,
        }
    }

    /// Every way in which the numbers or indices break the rules of the format.
    pub fn problems(&self) -> Vec<InvalidMarket> {
        let mut found = Vec::new();
        let mut note = |place: String, problem: &str| {
            found.push(InvalidMarket { place, problem: problem.to_owned() });
        };
        let positive = |x: f64| x.is_finite() && x > 0.0;
        let not_negative = |x: f64| x.is_finite() && x >= 0.0;
        for (i, node) in self.nodes.iter().enumerate() {
            let place = format!("nodes[{i}]");
            if !positive(node.base_price) {
                note(place.clone(), "base_price must be a positive number");
            }
            if let Some(s) = &node.sourcing
                && !(positive(s.recovery) && positive(s.theta) && positive(s.base_margin))
            {
                note(place.clone(), "recovery, theta and base_margin must be positive");
            }
            for (u, t) in node.tranches.iter().enumerate() {
                let place = format!("{place}.tranches[{u}]");
                if !(not_negative(t.capacity) && not_negative(t.drive) && not_negative(t.elasticity)) {
                    note(place.clone(), "capacity, drive and elasticity must be numbers of at least 0");
                }
                if !t.subsidy.is_finite() || t.floor.is_some_and(|f| !not_negative(f)) {
                    note(place.clone(), "subsidy must be a number, floor at least 0");
                }
                if (t.feed == Feed::Ore) && node.sourcing.is_none() {
                    note(place, "a tranche fed by ore needs the node's `sourcing`");
                }
            }
        }
        for (j, user) in self.users.iter().enumerate() {
            let d = &user.demand;
            let fine = positive(user.base_price)
                && positive(user.theta)
                && not_negative(d.quantity)
                && not_negative(d.elasticity)
                && positive(d.backstop.multiple)
                && not_negative(d.backstop.elasticity);
            if !fine {
                note(
                    format!("users[{j}]"),
                    "base_price, theta and backstop.multiple must be positive, the rest at least 0",
                );
            }
        }
        for (a, arc) in self.arcs.iter().enumerate() {
            let place = format!("arcs[{a}]");
            let Some(seller) = self.nodes.get(arc.from) else {
                note(place, "`from` must be the index of a node");
                continue;
            };
            let sells_to = match arc.to {
                Recipient::Node(k) => {
                    self.nodes.get(k).map(|n| (n.stage == Stage::Refine && n.sourcing.is_some(), Stage::Mine))
                }
                Recipient::User(j) => self.users.get(j).map(|u| (true, u.stage)),
            };
            match sells_to {
                Some((true, stage)) if stage == seller.stage => {}
                Some(_) => note(place.clone(), "the buyer must buy what the seller's stage sells"),
                None => note(place.clone(), "`to` must be the index of a node or a user"),
            }
            if !(not_negative(arc.weight) && arc.cost.is_finite() && arc.duty.is_finite() && arc.duty > -1.0)
            {
                note(place, "weight must be at least 0, cost a number, duty above -1");
            }
        }
        for (c, limit) in self.limits.iter().enumerate() {
            if !not_negative(limit.tonnes) || limit.arcs.iter().any(|&a| a >= self.arcs.len()) {
                note(format!("limits[{c}]"), "tonnes must be at least 0 and arcs must be indices of arcs");
            }
        }
        found
    }
}
