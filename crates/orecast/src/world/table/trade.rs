//! Trade: flows, totals, customs codes, transit, distance, and what publishers say of dependence.

use serde::{Deserialize, Serialize};

use super::Flag;
use crate::base::unit::Stage;
use crate::base::{
    id::{Iso3, MineralId, SourceId},
    unit::Grade,
};

/// `trade.csv`: one year's flow under one customs code.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TradeRow {
    /// Mineral contained.
    pub mineral: MineralId,
    /// Stage that the code belongs to.
    pub stage: Stage,
    /// Exporter.
    pub exporter: Iso3,
    /// Importer.
    pub importer: Iso3,
    /// Calendar year.
    pub year: i32,
    /// Customs code, HS 6 digits.
    pub hs6: u32,
    /// Tonnes contained; absent when no quantity was published and none could be repaired.
    pub tonnes: Option<f64>,
    /// Gross tonnes as published.
    pub gross_tonnes: Option<f64>,
    /// Value in thousand US dollars.
    pub kusd: Option<f64>,
    /// How the tonnes came about.
    pub flag: Flag,
    /// Source.
    pub source: SourceId,
    /// Evidence grade of the contained tonnes.
    pub grade: Grade,
}

/// Which way goods go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// Into the country.
    Imports,
    /// Out of the country.
    Exports,
}

/// `trade_totals.csv`: a country's imports or exports of a form in a year, from its own statistics.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TradeTotalRow {
    /// Mineral.
    pub mineral: MineralId,
    /// Stage; absent when all forms are counted together.
    pub stage: Option<Stage>,
    /// Country.
    pub iso3: Iso3,
    /// Calendar year.
    pub year: i32,
    /// Imports or exports.
    pub direction: Direction,
    /// Tonnes contained; absent when withheld or unknown.
    pub tonnes: Option<f64>,
    /// The publisher's own text, parts joined by ` + `.
    pub raw: String,
    /// What the publisher said besides the number.
    pub flag: Flag,
    /// Source.
    pub source: SourceId,
    /// Edition.
    pub vintage: String,
}

/// What the package holds of the trade under a customs code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Coverage {
    /// Flows between countries, complete or nearly so.
    Flows,
    /// Flows of a few countries, derived from published totals and single figures.
    Partial,
    /// Nothing.
    Absent,
}

/// `trade_codes.csv`: a customs code, what a tonne under it contains, and what is known of its trade.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TradeCodeRow {
    /// Customs code, HS 6 digits.
    pub hs6: u32,
    /// Mineral contained.
    pub mineral: MineralId,
    /// Stage that the code belongs to.
    pub stage: Stage,
    /// Tonnes contained in a tonne of the goods: low.
    pub content_low: f64,
    /// Middle.
    pub content: f64,
    /// High.
    pub content_high: f64,
    /// Share of the code's tonnage that is this mineral's goods; below 1 in a basket.
    pub share: f64,
    /// Exporters for which another content or share is used, separated by `;`.
    pub exceptions: String,
    /// What the package holds of its trade.
    pub coverage: Coverage,
    /// Why flows are absent or partial.
    pub why: String,
    /// Source of the content.
    pub source: SourceId,
    /// Grade of content and share.
    pub grade: Grade,
    /// Remark.
    pub note: String,
}

/// `import_reliance.csv`: published net import reliance.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ImportRelianceRow {
    /// Mineral.
    pub mineral: MineralId,
    /// Stage it is defined for; absent when all forms are counted together.
    pub stage: Option<Stage>,
    /// Publisher's wording for the product; empty for the chain's own product where the publisher gives several.
    pub product: String,
    /// Country.
    pub iso3: Iso3,
    /// Calendar year.
    pub year: i32,
    /// Percent of apparent consumption; absent when withheld or a net exporter.
    pub percent: Option<f64>,
    /// Bound or reason for absence.
    pub flag: Flag,
    /// Publisher's definition.
    pub definition: String,
    /// Source.
    pub source: SourceId,
    /// Edition.
    pub vintage: String,
}

/// `import_sources.csv`: published shares of a country's imports by origin.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ImportSourceRow {
    /// Mineral.
    pub mineral: MineralId,
    /// Stage, absent when all forms are counted together.
    pub stage: Option<Stage>,
    /// Publisher's wording for the product; empty for the chain's own product where the publisher gives several.
    pub product: String,
    /// Importer.
    pub importer: Iso3,
    /// Origin; `ROW` for "other".
    pub exporter: Iso3,
    /// First year of the period.
    pub from: i32,
    /// Last year of the period.
    pub to: i32,
    /// Percent of imports.
    pub percent: f64,
    /// Source.
    pub source: SourceId,
    /// Edition.
    pub vintage: String,
}

/// `distance.csv`: kilometres between two countries, each pair once (`a` < `b`), and within one (`a` = `b`).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DistanceRow {
    /// First country.
    pub a: Iso3,
    /// Second country.
    pub b: Iso3,
    /// Population-weighted distance in km.
    pub km: f64,
}

/// `transit.csv`: a place that trade passes through, taken out of the chain before balancing.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TransitRow {
    /// Mineral, absent when the place is a hub for all.
    pub mineral: Option<MineralId>,
    /// Stage, absent for both.
    pub stage: Option<Stage>,
    /// The place.
    pub iso3: Iso3,
    /// Source.
    pub source: SourceId,
    /// Remark.
    pub note: String,
}
