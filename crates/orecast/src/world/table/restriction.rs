//! Measures that restrict exports, and how often they come.

use serde::{Deserialize, Serialize};

use crate::base::{
    id::{Iso3, MineralId, SourceId},
    unit::Grade,
};

/// `hazard.csv`: a parameter of how often exports are stopped.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct HazardRow {
    /// Name; `docs/src/shock.md` says what each means.
    pub parameter: String,
    /// Country that it holds for; absent for all that have no row of their own.
    pub iso3: Option<Iso3>,
    /// Low end of the range.
    pub low: f64,
    /// Middle.
    pub mid: f64,
    /// High end.
    pub high: f64,
    /// Source.
    pub source: SourceId,
    /// Evidence grade.
    pub grade: Grade,
    /// How it was counted.
    pub note: String,
}

/// `hazard_events.csv`: a year in which a country newly restricted exports of a mineral.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct HazardEventRow {
    /// Country.
    pub iso3: Iso3,
    /// Mineral.
    pub mineral: MineralId,
    /// Year of the measure.
    pub year: i32,
    /// Whether it was a ban, a quota, or a rate of 10 % or more.
    pub hard: bool,
    /// Measures, in the codes of the inventory or in words.
    pub measures: String,
    /// Source.
    pub source: SourceId,
    /// Evidence grade.
    pub grade: Grade,
}

/// `restrictions.csv`: a measure that restricts exports of a mineral.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RestrictionRow {
    /// Identifier of the measure; a measure on several minerals has a row for each.
    pub id: String,
    /// Country that restricts.
    pub exporter: Iso3,
    /// Mineral.
    pub mineral: MineralId,
    /// Customs codes covered, HS 2007 6 digits, separated by `;`.
    pub hs6: String,
    /// Forms of these codes (`ore`, `intermediate`, `chemical`, `metal`, `ferroalloy`, `scrap`), separated by `;`.
    pub forms: String,
    /// Whether it concerns scrap only.
    pub scrap_only: bool,
    /// Type, such as `ban`, `quota`, `licence`, `export-tax`.
    pub measure: String,
    /// Rate in percent of value, for taxes that are.
    pub rate_percent: Option<f64>,
    /// Amount in another unit, and conditions, as published.
    pub terms: String,
    /// Date of introduction as year, month and day as far as known; empty when unknown.
    pub from: String,
    /// Date of end; empty when none is stated.
    pub to: String,
    /// Stated purpose.
    pub purpose: String,
    /// Law or notice.
    pub document: String,
    /// Source.
    pub source: SourceId,
    /// Evidence grade.
    pub grade: Grade,
}

/// `price_events.csv`: a price before and after a restriction, and the move that stands for it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PriceEventRow {
    /// Identifier.
    pub id: String,
    /// What happened.
    pub event: String,
    /// When it began, as year, month or day.
    pub began: String,
    /// Mineral.
    pub mineral: MineralId,
    /// Product and place of the price.
    pub product: String,
    /// Days or years between which the price is compared.
    pub window: String,
    /// Price before; 1 where only a ratio is published.
    pub before: f64,
    /// Price after.
    pub after: f64,
    /// Unit of both.
    pub unit: String,
    /// Base year of the run; absent where the event cannot be run.
    pub base_year: Option<i32>,
    /// Time scale of the run: `short` or `medium`.
    pub horizon: String,
    /// Option of `orecast shock` that stands for the event.
    pub option: String,
    /// Its argument, such as `CHN=27%`.
    pub argument: String,
    /// Whether the share that still left is an assumption; else it follows from published figures.
    pub assumed: bool,
    /// Why it cannot be run, or where the share comes from.
    pub reason: String,
    /// Source of the prices.
    pub source: SourceId,
    /// Page read.
    pub reference: String,
    /// Evidence grade of the prices.
    pub grade: Grade,
}
