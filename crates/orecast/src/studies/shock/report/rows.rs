//! What a shock's report holds.

use serde::Serialize;

use crate::{
    base::{
        id::{Iso3, MineralId},
        unit::{Grade, Range, Stage},
    },
    params::responses::TimeScale,
    studies::shock::effects::{Rent, Zone, price_ratio},
};

/// How the draws ended.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct Runs {
    /// Draws.
    pub draws: usize,
    /// Draws with an equilibrium.
    pub converged: usize,
    /// Draws in which what is imposed cannot be met.
    pub infeasible: usize,
    /// Draws in which the search failed.
    pub not_converged: usize,
    /// Draws in which some price left a fifth to five times its base.
    pub beyond_range: usize,
}

/// Sellers' price of a stage, inside and outside the restricting countries.
#[derive(Debug, Serialize)]
pub struct PriceRow {
    /// Stage.
    pub stage: Stage,
    /// Where.
    pub zone: Zone,
    /// Base price, USD/t.
    pub before_usd_per_t: f64,
    /// Price over the base price; in files a bound where it lies beyond what the model is made for.
    #[serde(serialize_with = "price_ratio")]
    pub ratio: Range,
}

/// Whose users: a country's or a group's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Buyer {
    /// A country; `WLD` for all, `ROW` for all that do not restrict.
    Country(Iso3),
    /// A group by its name, such as `EU27`: its members together.
    Group(String),
}

impl Buyer {
    /// As files name it.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Country(country) => country.as_str(),
            Self::Group(name) => name,
        }
    }
}

/// What happens to the users of a country.
#[derive(Debug, Serialize)]
pub struct BuyerRow {
    /// Country or group; `WLD` for all, `ROW` for all that do not restrict.
    pub country: Buyer,
    /// Use in the base year, tonnes.
    pub use_t: f64,
    /// Delivered price over the base price; in files a bound where it lies beyond what the model is made for.
    #[serde(serialize_with = "price_ratio")]
    pub price_ratio: Range,
    /// What is bought less, tonnes.
    pub shortage_t: Range,
    /// Part of it that stocks stand in for, tonnes.
    pub from_stocks_t: Range,
    /// Loss of the users: area beside the demand curve, million USD.
    pub loss_musd: Range,
    /// Extra spending, million USD; falls where use responds.
    pub bill_musd: Range,
}

/// What the producers of a country gain.
#[derive(Debug, Serialize)]
pub struct ProducerRow {
    /// Country; `WLD` for all, `ROW` for all that do not restrict.
    pub country: Iso3,
    /// Where it stands.
    pub zone: Zone,
    /// Gain, million USD.
    pub gain_musd: Range,
}

/// Money that a restriction makes.
#[derive(Debug, Serialize)]
pub struct RentRow {
    /// What earns it.
    pub kind: Rent,
    /// Country whose firms or treasury get it.
    pub country: Iso3,
    /// Million USD.
    pub musd: Range,
}

/// A flow that changes.
#[derive(Debug, Serialize)]
pub struct FlowRow {
    /// Stage of the goods.
    pub stage: Stage,
    /// From.
    pub exporter: Iso3,
    /// To.
    pub importer: Iso3,
    /// Base year, tonnes.
    pub before_t: f64,
    /// Change, tonnes.
    pub change_t: Range,
}

/// What happens to a mineral that comes out of the disturbed one.
#[derive(Debug, Serialize)]
pub struct ByproductRow {
    /// The by-product.
    pub mineral: MineralId,
    /// Share of its output that comes out of the disturbed mineral.
    pub host_share: f64,
    /// World output over the base year's.
    pub output_ratio: Range,
    /// World price over the base price; in files a bound where it lies beyond what the model is made for.
    #[serde(serialize_with = "price_ratio")]
    pub price_ratio: Range,
}

/// What one intervention contributes at middle parameters; the rows add up to the whole.
#[derive(Debug, Serialize)]
pub struct WhyRow {
    /// The intervention.
    pub label: String,
    /// Change of the price over the base price.
    pub price_change: f64,
    /// Tonnes.
    pub shortage_t: f64,
    /// Million USD.
    pub loss_musd: f64,
    /// Standard errors of the three, where orders were sampled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub standard_error: Option<[f64; 3]>,
}

/// What a shock does.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Mineral.
    pub mineral: MineralId,
    /// What a tonne counts.
    pub basis: String,
    /// Base year.
    pub year: i32,
    /// How long the market has had to respond.
    pub scale: TimeScale,
    /// What happens.
    #[serde(rename = "moves")]
    pub interventions: Vec<String>,
    /// Share of what bans stop that still arrives.
    pub leakage: f64,
    /// Country that is looked at, or the name of a group.
    pub leader: Option<String>,
    /// How the draws ended.
    pub runs: Runs,
    /// Worst grade that enters.
    pub grade: Grade,
    /// What a reader must know.
    pub notes: Vec<String>,
    /// Sellers' prices.
    pub prices: Vec<PriceRow>,
    /// Users: all, the leader, then by size of loss.
    pub buyers: Vec<BuyerRow>,
    /// Producers: all, then by size of gain or loss.
    pub producers: Vec<ProducerRow>,
    /// Rents, taxes and duties, the largest first.
    pub rents: Vec<RentRow>,
    /// Flows between countries, the largest change first.
    pub flows: Vec<FlowRow>,
    /// Minerals that come out of this one.
    pub byproducts: Vec<ByproductRow>,
    /// Contribution of each intervention to the leader's (else the world's) price, shortage and loss.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub why: Vec<WhyRow>,
}
