//! One struct per table of the data package; a field is a column, in the order of the file.
//!
//! Absent is not zero: a withheld or unknown figure has no value and says so in its flag.

mod development;
mod uses;

use serde::{Deserialize, Serialize};

pub use development::{FindingRow, FiscalRow, Levy, LicenceRuleRow, RuleKind};
pub use uses::{BasketRow, EndUseRow, ListRow, UseIndustryRow};

use crate::{
    id::{BlocId, Iso3, MineralId, ProjectId, SourceId},
    unit::{Grade, Range},
};

mod register;

pub use register::{
    AgreementRow, ClauseKind, ClauseRow, DealProjectRow, EventRow, Force, Form, Link, MeasureRow,
    MeasureState, PrecedentRow, Step, Strength,
};

/// Where in the chain a quantity is counted.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// Out of the ground, as ore or concentrate.
    Mine,
    /// Out of the refinery, smelter or separation plant, in the form that users buy.
    Refine,
}

impl Stage {
    /// The word used in files and on screens.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Mine => "mine",
            Self::Refine => "refine",
        }
    }
}

impl std::fmt::Display for Stage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

/// What a mineral is in this model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MineralKind {
    /// On a list of critical minerals, with a market of its own.
    Critical,
    /// A market that stands for several listed minerals (rare earths).
    Aggregate,
    /// An element sold within an aggregate market.
    Element,
    /// Carried because other minerals come out of it.
    Host,
}

/// `minerals.csv`: a mineral.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct MineralRow {
    /// Identifier.
    pub id: MineralId,
    /// English name.
    pub name: String,
    /// Chemical symbol or short form.
    pub symbol: String,
    /// Role in the model.
    pub kind: MineralKind,
    /// Mineral whose market prices it; itself unless it is an element of an aggregate.
    pub market: MineralId,
    /// What a tonne counts, such as `t W`.
    pub basis: String,
    /// Product of the mine stage; empty when the mineral has no mine stage of its own.
    pub mine_product: String,
    /// Product of the refine stage; empty when it has none.
    pub refined_product: String,
    /// Share of contained mineral that refining recovers: low.
    pub recovery_low: Option<f64>,
    /// Middle of the recovery.
    pub recovery_mid: Option<f64>,
    /// High end of the recovery.
    pub recovery_high: Option<f64>,
    /// Grade of the recovery.
    pub recovery_grade: Option<Grade>,
    /// Mine output over mine capacity in a normal year.
    pub mine_utilisation: Option<f64>,
    /// Refined output over refining capacity in a normal year.
    pub refine_utilisation: Option<f64>,
    /// Lists that name it, separated by `;` (US2022, US2025, EU2023, EU-STRATEGIC).
    pub lists: String,
    /// Source of the row.
    pub source: SourceId,
    /// Remark.
    pub note: String,
}

impl MineralRow {
    /// Lists that name it.
    pub fn listed(&self) -> impl Iterator<Item = &str> {
        self.lists.split(';').map(str::trim).filter(|list| !list.is_empty())
    }

    /// Whether a list names it.
    pub fn is_listed(&self, list: &str) -> bool {
        self.listed().any(|on| on == list)
    }

    /// Recovery of the refine stage as a range, when one is known.
    pub fn recovery(&self) -> Option<Range> {
        Some(Range::new(self.recovery_low?, self.recovery_mid?, self.recovery_high?))
    }
}

/// `countries.csv`: a country or one of the two aggregates `WLD`, `ROW`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CountryRow {
    /// ISO 3166-1 alpha-3 code.
    pub iso3: Iso3,
    /// ISO 3166-1 numeric code; absent for aggregates.
    pub iso_numeric: Option<u16>,
    /// English short name.
    pub name: String,
    /// Other spellings used by publishers, separated by `;`.
    pub aliases: String,
}

/// `blocs.csv`: a country's membership of a bloc.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct BlocRow {
    /// The bloc.
    pub bloc: BlocId,
    /// Member.
    pub iso3: Iso3,
    /// First year of membership.
    pub from: i32,
    /// Last year, when it has ended.
    pub to: Option<i32>,
    /// Date of joining, as exact as it is known: year, month or day.
    pub joined: String,
    /// Date of leaving, as exact as it is known; empty for members.
    pub left: String,
    /// Source of the row.
    pub source: SourceId,
    /// Remark.
    pub note: String,
}

/// What a publisher said besides the number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "kebab-case")]
pub enum Flag {
    /// Nothing: an ordinary figure.
    #[default]
    #[serde(rename = "")]
    Reported,
    /// The publisher estimated it.
    Estimated,
    /// Withheld by the publisher; no value.
    Withheld,
    /// Not available to the publisher; no value.
    Unavailable,
    /// The true figure is above the value.
    AtLeast,
    /// The true figure is below the value.
    AtMost,
    /// Net exporter (net import reliance only); no value.
    NetExporter,
    /// Derived by a stated method.
    Derived,
    /// Capacity stands in for output.
    Capacity,
}

/// A row of `production.csv`, `capacity.csv`, `reserves.csv` or `stocks.csv`: one published figure.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ObservationRow {
    /// Mineral.
    pub mineral: MineralId,
    /// Stage; for reserves always `mine`.
    pub stage: Stage,
    /// Country, `WLD` for a published world total, `ROW` for "other countries".
    pub iso3: Iso3,
    /// Calendar year.
    pub year: i32,
    /// Tonnes contained on the mineral's basis; absent when withheld or unknown.
    pub value: Option<f64>,
    /// Low end where the source gives one.
    pub low: Option<f64>,
    /// High end where the source gives one.
    pub high: Option<f64>,
    /// The publisher's own text for the figure.
    pub raw: String,
    /// The publisher's unit.
    pub raw_unit: String,
    /// What the publisher said besides the number.
    pub flag: Flag,
    /// Product counted, where a stage has several (such as `TiO2 pigment`).
    pub product: String,
    /// Source.
    pub source: SourceId,
    /// Edition, as year or date.
    pub vintage: String,
    /// Evidence grade.
    pub grade: Grade,
    /// Remark.
    pub note: String,
}

impl ObservationRow {
    /// Whether it has neither a value nor a bound.
    pub fn is_absent(&self) -> bool {
        self.value.is_none() && self.low.is_none() && self.high.is_none()
    }
}

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

/// `governance.csv`: a yearly indicator of a country (`wgi-*`, `ideal-point`, `country-risk-premium`, ...).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct GovernanceRow {
    /// Country.
    pub iso3: Iso3,
    /// Indicator.
    pub indicator: String,
    /// Calendar year.
    pub year: i32,
    /// Value in the indicator's own scale.
    pub value: f64,
    /// Source.
    pub source: SourceId,
    /// Evidence grade.
    pub grade: Grade,
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

/// How far a project has come. The ladder of DESIGN section 7 begins where this one ends.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum ProjectStatus {
    /// Given up.
    Lapsed,
    /// Named in public, nothing more.
    Announced,
    /// A resource estimate exists.
    Resource,
    /// Pre-feasibility study.
    Pfs,
    /// Definitive feasibility study.
    Dfs,
    /// Permits in hand.
    Permitted,
    /// Money in hand.
    Financed,
    /// Being built.
    Construction,
    /// Starting up.
    Commissioning,
    /// Running.
    Producing,
    /// Stopped for now.
    Suspended,
}

/// Which stages a project adds to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ProjectStage {
    /// Mine only.
    Mine,
    /// Refinery only.
    Refine,
    /// Mine and refinery.
    Both,
}

/// `projects.csv`: a mine or plant that may add output.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ProjectRow {
    /// Identifier.
    pub id: ProjectId,
    /// Name.
    pub name: String,
    /// Host country.
    pub iso3: Iso3,
    /// Mineral.
    pub mineral: MineralId,
    /// Stages it adds to.
    pub stage: ProjectStage,
    /// Status.
    pub status: ProjectStatus,
    /// Latitude in degrees.
    pub lat: Option<f64>,
    /// Longitude in degrees.
    pub lon: Option<f64>,
    /// Output added to the base year's, tonnes contained a year: low.
    pub increment_low: Option<f64>,
    /// Middle increment.
    pub increment_mid: Option<f64>,
    /// High increment.
    pub increment_high: Option<f64>,
    /// What the increment is if the source's unit means one thing or another, `W:5000;WO3:3965`; empty when it is clear.
    pub readings: String,
    /// Earliest start of output.
    pub start_low: Option<i32>,
    /// Middle start year.
    pub start_mid: Option<i32>,
    /// Latest start year.
    pub start_high: Option<i32>,
    /// Capital cost in million US dollars.
    pub capex_musd: Option<f64>,
    /// Years of output.
    pub life_years: Option<f64>,
    /// Owners as published.
    pub owner: String,
    /// Controlling countries with shares, `CHN` or `USA:0.7;KAZ:0.3`; empty when unknown.
    pub control: String,
    /// Who has bought the output, as published.
    pub offtake: String,
    /// Countries that contracted output goes to, with shares of the whole, `JPN:1` or `USA:0.6`; empty when unknown.
    pub buyers: String,
    /// Whether it adds output (some rows only record ownership or quotas).
    pub counts: bool,
    /// Source.
    pub source: SourceId,
    /// Date of the source.
    pub source_date: String,
    /// Page or document read.
    pub reference: String,
    /// Grade of the existence and status.
    pub grade_existence: Grade,
    /// Grade of the numbers.
    pub grade_numbers: Grade,
    /// Remark.
    pub note: String,
}

/// `ownership.csv`: who controls running output of a country, where it is not the country itself.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OwnershipRow {
    /// Mineral.
    pub mineral: MineralId,
    /// Stage.
    pub stage: Stage,
    /// Place of the output.
    pub iso3: Iso3,
    /// Country that controls the share.
    pub controller: Iso3,
    /// Share of the country's output at that stage, 0 to 1.
    pub share: f64,
    /// Source.
    pub source: SourceId,
    /// Page or document read.
    pub reference: String,
    /// Evidence grade.
    pub grade: Grade,
}

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

/// `io_sectors.csv`: an industry or commodity of the US input-output accounts, in million US dollars of the accounts' year.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct IoSectorRow {
    /// BEA detail code, of an industry, a commodity or, mostly, both.
    pub code: String,
    /// Gross output of the industry.
    pub output_musd: Option<f64>,
    /// Value added of the industry.
    pub value_added_musd: Option<f64>,
    /// Compensation of employees within value added.
    pub compensation_musd: Option<f64>,
    /// Taxes less subsidies within value added.
    pub taxes_musd: Option<f64>,
    /// Gross operating surplus within value added.
    pub surplus_musd: Option<f64>,
    /// Domestic output of the commodity, by whatever industry.
    pub commodity_output_musd: Option<f64>,
    /// Household use of the commodity.
    pub household_musd: Option<f64>,
    /// Private fixed investment in the commodity.
    pub investment_musd: Option<f64>,
    /// Change of inventories of the commodity.
    pub inventories_musd: Option<f64>,
    /// Exports of the commodity.
    pub exports_musd: Option<f64>,
    /// Imports of the commodity.
    pub imports_musd: Option<f64>,
    /// Government use of and investment in the commodity.
    pub government_musd: Option<f64>,
    /// Imports of the commodity that go to final use, at customs value.
    pub imported_final_musd: Option<f64>,
    /// Gross output of the industry in the latest year known, in dollars of that year.
    pub latest_output_musd: Option<f64>,
    /// That year.
    pub latest_year: Option<i32>,
}

/// `io_makes.csv`: what an industry makes of a commodity.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct IoMakeRow {
    /// Industry.
    pub industry: String,
    /// Commodity.
    pub commodity: String,
    /// Million US dollars at producers' prices.
    pub musd: f64,
}

/// `io_uses.csv`: what an industry uses of a commodity. Over the industry's output it is the direct requirement.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct IoUseRow {
    /// Commodity.
    pub commodity: String,
    /// Industry that uses it.
    pub industry: String,
    /// Million US dollars at producers' prices, domestic and imported.
    pub musd: f64,
    /// Of which imported, as far as the import table says (customs value, by the share of imports in supply).
    pub imported_musd: Option<f64>,
}

/// `sources.csv`: where figures come from and on what terms.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SourceRow {
    /// Identifier.
    pub id: SourceId,
    /// Title with edition.
    pub title: String,
    /// Publisher.
    pub publisher: String,
    /// Address or DOI.
    pub url: String,
    /// Licence.
    pub licence: String,
    /// Date of retrieval or of the edition read.
    pub retrieved: String,
    /// Hash of the raw file that was imported; empty for single facts.
    pub sha256: String,
    /// Remark.
    pub note: String,
}
