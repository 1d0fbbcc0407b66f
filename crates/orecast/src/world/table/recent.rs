//! What is known since the base year, finer than a year: prices by place and date, what is said of output, and what was
//! looked for and not found.

use serde::{Deserialize, Serialize};

use crate::base::{
    date::PartialDate,
    id::{Iso3, MineralId, SourceId},
    unit::{Grade, Stage},
};

words! {
    /// Where a price is paid.
    Place {
        /// On an exchange or in a market that no measure splits.
        World = "world",
        /// Inside the country named, behind its measures where it has any.
        Inside = "inside",
        /// Outside the country named.
        Outside = "outside",
    }
}

words! {
    /// What a quoted price is.
    QuoteKind {
        /// Mean over its date.
        Mean = "mean",
        /// A trade, an offer or an assessment of its date.
        Spot = "spot",
        /// A futures contract.
        Future = "future",
        /// A long-term contract.
        Term = "term",
        /// A retail price, which lies above the trade price.
        Retail = "retail",
        /// The highest or lowest of a period, no level of it.
        Extreme = "extreme",
    }
}

/// `quotes.csv`: a price as quoted, by place and date. Sources that disagree have a row each.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct QuoteRow {
    /// Mineral.
    pub mineral: MineralId,
    /// Stage.
    pub stage: Stage,
    /// Product quoted.
    pub product: String,
    /// Product of `prices.csv` that it may be compared with; empty when that table has none.
    pub series: String,
    /// Where it is paid.
    pub place: Place,
    /// The country that the place is inside or outside of; empty for the world.
    pub iso3: Option<Iso3>,
    /// Day, month or year that it holds for.
    pub date: PartialDate,
    /// What it is.
    pub kind: QuoteKind,
    /// USD per tonne contained, on the basis of `prices.csv`, without value-added tax.
    pub usd_per_t: f64,
    /// Low end of a quoted range.
    pub low: Option<f64>,
    /// High end of a quoted range.
    pub high: Option<f64>,
    /// The figure as published.
    pub raw: String,
    /// Its unit.
    pub raw_unit: String,
    /// How it was converted.
    pub conversion: String,
    /// When the source was published or read.
    pub seen: Option<PartialDate>,
    /// Source.
    pub source: SourceId,
    /// Evidence grade.
    pub grade: Grade,
    /// Remark.
    pub note: String,
}

/// `price_history.csv`: a published mean price over a month, or over a year where no months are published.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PriceHistoryRow {
    /// Mineral.
    pub mineral: MineralId,
    /// Stage.
    pub stage: Stage,
    /// Product quoted, as in `prices.csv`.
    pub product: String,
    /// Month or year.
    pub date: PartialDate,
    /// USD per tonne contained.
    pub usd_per_t: f64,
    /// Source.
    pub source: SourceId,
    /// Evidence grade.
    pub grade: Grade,
}

words! {
    /// What is said of output.
    GuidanceKind {
        /// Output of a company or a mine over a period.
        CompanyOutput = "company-output",
        /// Output of a part of a year.
        PartYear = "part-year",
        /// What a producer says that it will make.
        Guidance = "guidance",
        /// The most that a state allows to be made or exported.
        Quota = "quota",
        /// Output a year that a mine or plant is built for.
        Target = "target",
        /// Capacity that is shut.
        Outage = "outage",
        /// Exports over a period.
        Exports = "exports",
        /// Output less use of the world.
        Balance = "balance",
        /// Money or another figure that is no tonnage.
        Other = "other",
    }
}

/// `guidance.csv`: what is said of output that is no published output of a country in a year.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct GuidanceRow {
    /// Mineral.
    pub mineral: MineralId,
    /// Stage.
    pub stage: Stage,
    /// Country, `WLD` for the world.
    pub iso3: Iso3,
    /// Company or mine; empty for the whole country.
    pub who: String,
    /// What is said.
    pub kind: GuidanceKind,
    /// First day, month or year that it is for.
    pub from: PartialDate,
    /// Last one, where it is another.
    pub to: Option<PartialDate>,
    /// Tonnes contained over the period, or a year for a target; absent where the figure is no tonnage.
    pub value: Option<f64>,
    /// Low end.
    pub low: Option<f64>,
    /// High end.
    pub high: Option<f64>,
    /// The figure as published.
    pub raw: String,
    /// Its unit.
    pub raw_unit: String,
    /// What is behind it.
    pub detail: String,
    /// When it was published or read.
    pub seen: Option<PartialDate>,
    /// Source.
    pub source: SourceId,
    /// Evidence grade.
    pub grade: Grade,
    /// Remark.
    pub note: String,
}

/// `unknowns.csv`: something that was looked for and not found.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct UnknownRow {
    /// Mineral; empty for what concerns several.
    pub mineral: Option<MineralId>,
    /// What was looked for.
    pub what: String,
    /// The date or period that it was wanted for.
    pub wanted: Option<PartialDate>,
    /// When it was last looked for.
    pub looked: PartialDate,
    /// What is known instead.
    pub note: String,
}
