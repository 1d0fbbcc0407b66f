//! The market as data: nodes that sell, users that buy, arcs between them, and limits on flows.
//!
//! A chain may have any number of steps: a node with [`Node::sourcing`] buys from other nodes, which may themselves
//! buy. An activity may have several outputs ([`Tranche::joint`]).
//!
//! A [`Market`] serialises to the JSON that `orecast market dump` writes and `orecast market solve` reads.

use serde::{Deserialize, Serialize};

use super::curve::{Backstop, drive};
use crate::base::{
    id::{Iso3, MineralId},
    unit::Stage,
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
    /// A stock: what is released answers to the node's price, up to what is held ([`Tranche::stock`]).
    Stock,
}

/// A further output of a tranche: what another node sells.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Joint {
    /// Node that sells it, by index.
    pub node: usize,
    /// Tonnes of it for each tonne of the tranche's output.
    pub tonnes: f64,
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
    /// Share of what the price exceeds the floor by that the producer hands to the floor's payer, 0 to 1.
    #[serde(default)]
    pub upside: f64,
    /// Further outputs, in fixed proportion: the elements of a rare-earth basket, a by-product of its host. The
    /// tranche answers to its revenue per tonne, the sum of all its outputs' prices times their tonnes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub joint: Vec<Joint>,
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
            upside: 0.0,
            joint: Vec::new(),
        }
    }

    /// A stock of `held` tonnes that may be sold within the year. Nine tenths of it are out once the price is
    /// `multiple` (above 1) times the base price; at the base price about `multiple^-12` of it is.
    pub fn stock(id: &str, held: f64, multiple: f64) -> Self {
        const STEEPNESS: f64 = 12.0;
        Self {
            capacity: held,
            drive: multiple.powf(-STEEPNESS),
            ..Self::calibrated(id, Feed::Stock, 0.0, 0.5, STEEPNESS)
        }
    }

    /// Producer price per tonne when the market pays `price`: floor, upside share and subsidy included.
    pub fn producer_price(&self, price: f64) -> f64 {
        self.guaranteed(price) + self.subsidy
    }

    /// What the producer keeps of `price` under the floor.
    pub(super) fn guaranteed(&self, price: f64) -> f64 {
        self.floor.map_or(price, |floor| price.max(floor) - self.upside * (price - floor).max(0.0))
    }
}

/// How a plant turns what it buys into what it sells.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Sourcing {
    /// Tonnes of product for each tonne bought: the share of the ore's content that reaches it.
    pub recovery: f64,
    /// Taste for the cheapest source, per USD/t.
    pub theta: f64,
    /// Margin at base prices, USD per tonne of product, with the revenue of joint outputs.
    pub base_margin: f64,
}

/// A seller: the mines or the refineries of one country, with one price.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Node {
    /// Country.
    pub country: Iso3,
    /// Stage.
    pub stage: Stage,
    /// What it sells, where that is not the stage's own product: `magnets`, `neodymium`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product: Option<String>,
    /// Price at which the node is calibrated, USD per tonne contained.
    pub base_price: f64,
    /// Its output, part by part.
    pub tranches: Vec<Tranche>,
    /// Set for nodes that buy what other nodes sell: refineries, and plants further down the chain.
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
    /// What it buys, where that is not the stage's own product.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product: Option<String>,
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

/// A limit on a weighted sum of flows: no more, or no less, than `tonnes`.
///
/// With weights of 1, the default, it is a quota, a licence or a committed flow. With the weights of
/// [`Market::cap_share`] it holds a supplier's share of what a buyer takes in the same year.
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
    /// Weight of each arc's flow, in the order of `arcs`; 1 where absent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub weights: Vec<f64>,
}

impl Limit {
    /// No more than `tonnes` over `arcs`.
    pub fn cap(id: impl Into<String>, arcs: Vec<usize>, tonnes: f64) -> Self {
        Self { id: id.into(), kind: LimitKind::Cap, arcs, tonnes, weights: Vec::new() }
    }

    /// No less than `tonnes` over `arcs`.
    pub fn floor(id: impl Into<String>, arcs: Vec<usize>, tonnes: f64) -> Self {
        Self { kind: LimitKind::Floor, ..Self::cap(id, arcs, tonnes) }
    }

    /// Arcs with their weights.
    pub fn terms(&self) -> impl Iterator<Item = (usize, f64)> + '_ {
        let weight = |place: usize| self.weights.get(place).copied().unwrap_or(1.0);
        self.arcs.iter().enumerate().map(move |(place, &arc)| (arc, weight(place)))
    }
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

impl Market {
    /// Index of a country's node for a stage's own product.
    pub fn node(&self, country: Iso3, stage: Stage) -> Option<usize> {
        self.nodes.iter().position(|n| n.country == country && n.stage == stage && n.product.is_none())
    }

    /// Country of a buyer.
    pub fn recipient_country(&self, to: Recipient) -> Iso3 {
        match to {
            Recipient::Node(k) => self.nodes[k].country,
            Recipient::User(j) => self.users[j].country,
        }
    }
}

impl Node {
    /// What the node buys at base prices, tonnes a year.
    pub(super) fn base_intake(&self) -> f64 {
        let refined = |t: &&Tranche| t.feed == Feed::Ore && t.capacity > 0.0;
        let output = |t: &Tranche| super::curve::supply(t.capacity, t.drive, 1.0, 1.0, 1.0).value;
        self.sourcing
            .map_or(0.0, |s| self.tranches.iter().filter(refined).map(output).sum::<f64>() / s.recovery)
    }
}

/// Scales the weights of each buyer's arcs to sum to 1.
pub fn normalise(arcs: &mut [TradeArc]) {
    let slot = |to: Recipient| match to {
        Recipient::Node(k) => 2 * k,
        Recipient::User(j) => 2 * j + 1,
    };
    let slots = arcs.iter().map(|arc| slot(arc.to) + 1).max().unwrap_or(0);
    let mut sums = vec![0.0; slots];
    for arc in arcs.iter() {
        sums[slot(arc.to)] += arc.weight;
    }
    for arc in arcs.iter_mut() {
        let sum = sums[slot(arc.to)];
        if sum > 0.0 {
            arc.weight /= sum;
        }
    }
}
