//! How projects come about and what they pay: published figures, taxes of hosts, rules of licences.

use serde::{Deserialize, Serialize};

use crate::base::{
    id::{Iso3, MineralId, SourceId},
    unit::{Grade, Range},
};

/// `lead_times.csv` and `finance.csv`: a figure on how projects come about, or on what they cost.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FindingRow {
    /// Identifier.
    pub id: String,
    /// What is measured, such as `lead_time`, `permit_time`, `capex_overrun`.
    pub topic: String,
    /// What the figure is: mean, share, case.
    pub name: String,
    /// Minerals or kind of project, as published.
    pub subject: String,
    /// Mineral, where the figure is for one.
    pub mineral: Option<MineralId>,
    /// Place or sample, as published.
    pub scope: String,
    /// Country, where the figure is for one.
    pub iso3: Option<Iso3>,
    /// Step or status that it starts from.
    pub from: String,
    /// Step or status that it leads to.
    pub to: String,
    /// The figure.
    pub value: Option<f64>,
    /// Low end.
    pub low: Option<f64>,
    /// High end.
    pub high: Option<f64>,
    /// Unit.
    pub unit: String,
    /// Number of cases.
    pub n: Option<f64>,
    /// Period.
    pub period: String,
    /// Source.
    pub source: SourceId,
    /// Page or document read.
    pub reference: String,
    /// Date of the source.
    pub source_date: String,
    /// Evidence grade.
    pub grade: Grade,
    /// Remark.
    pub note: String,
}

impl FindingRow {
    /// The figure with its ends; an end that is not published is the figure itself.
    pub fn range(&self) -> Option<Range> {
        let mid = self.value?;
        Some(Range::new(self.low.unwrap_or(mid).min(mid), mid, self.high.unwrap_or(mid).max(mid)))
    }
}

/// What a host takes of a mine or plant.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Levy {
    /// Royalty or extraction tax: share of the value of output.
    Royalty,
    /// Royalty or mining tax on operating profit: share of it.
    ProfitRoyalty,
    /// Tax on profits of companies: share of taxable profit.
    IncomeTax,
    /// Shares that the state holds without paying for them: share of what is distributed.
    FreeShare,
}

impl Levy {
    /// The words used on screens.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Royalty => "royalty or extraction tax",
            Self::ProfitRoyalty => "royalty on profit",
            Self::IncomeTax => "income tax",
            Self::FreeShare => "state's free share",
        }
    }
}

/// `fiscal.csv`: a levy of a host.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FiscalRow {
    /// Host; absent for what stands in where no row of a host does.
    pub iso3: Option<Iso3>,
    /// Mineral; absent for all that have no row of their own.
    pub mineral: Option<MineralId>,
    /// What is taken.
    pub levy: Levy,
    /// Low rate, as a share.
    pub low: f64,
    /// Middle rate.
    pub mid: f64,
    /// High rate.
    pub high: f64,
    /// Source.
    pub source: SourceId,
    /// Page or document read; empty when recalled.
    pub reference: String,
    /// Evidence grade.
    pub grade: Grade,
    /// Remark.
    pub note: String,
}

/// Who holds a stock, and so whether it is let go when metal is short.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum StockClass {
    /// A government, against shortages.
    Public,
    /// Makers, users, traders and exchanges.
    Commercial,
    /// A treasury, as money: not let go because metal is short.
    Monetary,
}

impl StockClass {
    /// The words used on screens.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public reserve",
            Self::Commercial => "commercial inventories",
            Self::Monetary => "held as money",
        }
    }
}

/// `stock_holders.csv`: what kind of holder a product of `stocks.csv` names. Stocks whose product is not listed are part of
/// commercial inventories and are not counted again.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StockHolderRow {
    /// Product of `stocks.csv`.
    pub product: String,
    /// Kind of holder.
    pub class: StockClass,
    /// Sold since the year of the figure, tonnes contained.
    pub sold_since_t: f64,
    /// Source.
    pub source: SourceId,
    /// Evidence grade.
    pub grade: Grade,
    /// Remark.
    pub note: String,
}

/// A rule of a licensing regime: what it is about.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum RuleKind {
    /// Law that the regime rests on; in words.
    Law,
    /// How licences are given; in words.
    Allocation,
    /// Years of the first term.
    Term,
    /// Years that one extension adds.
    Extension,
    /// Number of extensions.
    Extensions,
    /// Blocks that a licence must have to be extended.
    ExtensionFromBlocks,
    /// Percent of the blocks given up on extension.
    Relinquishment,
    /// Most blocks of a licence.
    MostBlocks,
    /// Square kilometres of a block.
    BlockArea,
    /// Spending a year that is due for the licence.
    Spend,
    /// Spending a year that is due for each block from `from_blocks` on, beside that for the licence.
    SpendPerBlock,
    /// What spending a year must come to at least.
    SpendAtLeast,
    /// Payment a year for each block.
    RentPerBlock,
    /// Payment a year for each square kilometre.
    RentPerArea,
    /// Local currency in one unit of the rules.
    UnitValue,
    /// Local currency for one US dollar.
    Dollar,
    /// Days from application to grant.
    DaysToGrant,
    /// Another duty or right; in words.
    Duty,
}

impl RuleKind {
    /// The words used on screens.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Law => "law",
            Self::Allocation => "how licences are given",
            Self::Term => "first term",
            Self::Extension => "extension",
            Self::Extensions => "number of extensions",
            Self::ExtensionFromBlocks => "blocks needed for an extension",
            Self::Relinquishment => "ground given up",
            Self::MostBlocks => "most blocks",
            Self::BlockArea => "area of a block",
            Self::Spend => "spending for the licence",
            Self::SpendPerBlock => "spending for each block",
            Self::SpendAtLeast => "least spending",
            Self::RentPerBlock => "payment for each block",
            Self::RentPerArea => "payment for each square kilometre",
            Self::UnitValue => "value of the unit",
            Self::Dollar => "rate of exchange",
            Self::DaysToGrant => "days to grant",
            Self::Duty => "duty or right",
        }
    }
}

/// `licence_rules.csv`: a rule of a licensing regime.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LicenceRuleRow {
    /// Regime, such as `kazakhstan`.
    pub regime: String,
    /// Country.
    pub iso3: Iso3,
    /// Licence, such as `exploration` or `mining`; empty for what holds for all.
    pub licence: String,
    /// What the rule is about.
    pub rule: RuleKind,
    /// First year of the licence that it holds for.
    pub from_year: Option<u32>,
    /// Last year of the licence that it holds for.
    pub to_year: Option<u32>,
    /// Fewest blocks that it holds for.
    pub from_blocks: Option<u32>,
    /// Most blocks that it holds for.
    pub to_blocks: Option<u32>,
    /// The number; absent for rules in words.
    pub value: Option<f64>,
    /// Low end.
    pub low: Option<f64>,
    /// High end.
    pub high: Option<f64>,
    /// Unit: `years`, `MCI`, `AUD`, `percent`, ...
    pub unit: String,
    /// The rule in words.
    pub text: String,
    /// Whether the rule was read at a source; else it is recalled.
    pub seen: bool,
    /// Source.
    pub source: SourceId,
    /// Page or document read; empty when recalled.
    pub reference: String,
    /// Evidence grade.
    pub grade: Grade,
}
