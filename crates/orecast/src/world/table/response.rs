//! Prices and what answers them: elasticities, by-products, recycling, demand and an agency's outlook.

use serde::{Deserialize, Serialize};

use super::Flag;
use crate::base::unit::Stage;
use crate::base::{
    id::{Iso3, MineralId, SourceId},
    unit::Grade,
};

/// `prices.csv`: a yearly mean price.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PriceRow {
    /// Mineral.
    pub mineral: MineralId,
    /// Stage.
    pub stage: Stage,
    /// Product quoted.
    pub product: String,
    /// Whether this is the series the market uses; others are alternatives.
    pub primary: bool,
    /// Calendar year.
    pub year: i32,
    /// USD per tonne contained.
    pub usd_per_t: f64,
    /// Low end.
    pub low: Option<f64>,
    /// High end.
    pub high: Option<f64>,
    /// How the publisher's unit was converted.
    pub conversion: String,
    /// What the publisher said besides the number.
    pub flag: Flag,
    /// Source.
    pub source: SourceId,
    /// Evidence grade.
    pub grade: Grade,
}

/// Which curve an elasticity belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// Output to own price.
    Supply,
    /// Use to own price (negative).
    Demand,
    /// By-product output to the host's output.
    SupplyToHost,
    /// Substitution between origins.
    Trade,
}

/// Time over which a curve responds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Horizon {
    /// Within a year.
    Short,
    /// After capacity has moved.
    Long,
}

/// `elasticities.csv`: a response parameter.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ElasticityRow {
    /// Mineral.
    pub mineral: MineralId,
    /// Curve.
    pub side: Side,
    /// Stage of the curve; demand and trade use the stage that users buy.
    pub stage: Stage,
    /// Time scale.
    pub horizon: Horizon,
    /// Low end (towards zero or below the middle).
    pub low: f64,
    /// Middle.
    pub mid: f64,
    /// High end.
    pub high: f64,
    /// Source.
    pub source: SourceId,
    /// Evidence grade.
    pub grade: Grade,
}

/// `byproducts.csv`: a mineral that comes out of another's ore or plant.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ByproductRow {
    /// The by-product.
    pub mineral: MineralId,
    /// The host.
    pub host: MineralId,
    /// Host's stage at which it is recovered.
    pub host_stage: Stage,
    /// Share of the by-product's world output that comes from this host: low.
    pub share_low: f64,
    /// Middle share.
    pub share_mid: f64,
    /// High share.
    pub share_high: f64,
    /// Recoverable output over realised output, where known.
    pub max_over_realised: Option<f64>,
    /// Source.
    pub source: SourceId,
    /// Evidence grade.
    pub grade: Grade,
}

/// `recycling.csv`: scrap as a share of supply.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RecyclingRow {
    /// Mineral.
    pub mineral: MineralId,
    /// Measure, such as `eol-rir` (old scrap), `input-rate` (old and new), `us-share`.
    pub metric: String,
    /// Country, or `WLD`.
    pub iso3: Iso3,
    /// Calendar year.
    pub year: i32,
    /// Low end.
    pub low: Option<f64>,
    /// Middle share.
    pub mid: f64,
    /// High end.
    pub high: Option<f64>,
    /// Source.
    pub source: SourceId,
    /// Evidence grade.
    pub grade: Grade,
}

/// `demand.csv`: an index of world use, 2024 = 1.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DemandRow {
    /// Mineral.
    pub mineral: MineralId,
    /// Scenario, such as `STEPS`.
    pub scenario: String,
    /// Calendar year.
    pub year: i32,
    /// Low end.
    pub low: f64,
    /// Middle.
    pub mid: f64,
    /// High end.
    pub high: f64,
    /// Source.
    pub source: SourceId,
    /// Evidence grade.
    pub grade: Grade,
}

/// `outlook.csv`: output by country that an agency expects in its base case.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OutlookRow {
    /// Mineral.
    pub mineral: MineralId,
    /// Stage.
    pub stage: Stage,
    /// Country, `ROW` for the agency's other countries, `WLD` for the world.
    pub iso3: Iso3,
    /// Calendar year; the first is the agency's last observed one.
    pub year: i32,
    /// Output, tonnes contained.
    pub value: f64,
    /// What is counted, where that is not all of the mineral's output at the stage.
    pub product: String,
    /// Source.
    pub source: SourceId,
    /// Evidence grade.
    pub grade: Grade,
    /// Remark.
    pub note: String,
}
