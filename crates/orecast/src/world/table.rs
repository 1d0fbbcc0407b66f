//! One struct per table of the data package; a field is a column, in the order of the file.
//!
//! Absent is not zero: a withheld or unknown figure has no value and says so in its flag.

#[macro_use]
mod words;

mod accounts;
mod development;
mod project;
mod recent;
mod register;
mod response;
mod restriction;
mod trade;
mod uses;

use serde::{Deserialize, Serialize};

pub use accounts::{IoMakeRow, IoSectorRow, IoUseRow, ValueAddedRow};
pub use development::{FindingRow, FiscalRow, Levy, LicenceRuleRow, RuleKind, StockClass, StockHolderRow};
pub use project::{OwnershipRow, ProjectRow, ProjectStage, ProjectStatus};
pub use recent::{GuidanceKind, GuidanceRow, Place, PriceHistoryRow, QuoteKind, QuoteRow, UnknownRow};
pub use response::{
    ByproductRow, DemandRow, ElasticityRow, Horizon, OutlookRow, PriceRow, RecyclingRow, Side,
};
pub use restriction::{HazardEventRow, HazardRow, PriceEventRow, RestrictionRow};
pub use trade::{
    Coverage, Direction, DistanceRow, ImportRelianceRow, ImportSourceRow, TradeCodeRow, TradeRow,
    TradeTotalRow, TransitRow,
};
pub use uses::{BasketRow, EndUseRow, ListRow, UseIndustryRow};

use crate::base::{
    id::{BlocId, Iso3, MineralId, SourceId},
    unit::{Grade, Range, Stage},
};

pub use register::{
    AgreementRow, ClauseKind, ClauseRow, DealProjectRow, EventRow, Force, Form, Link, MeasureRow,
    MeasureState, PrecedentRow, Step, Strength,
};

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

impl BlocRow {
    /// Whether the membership holds in a year.
    pub fn holds(&self, year: i32) -> bool {
        self.from <= year && self.to.is_none_or(|last| year <= last)
    }
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
