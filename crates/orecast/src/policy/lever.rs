//! Levers: the instruments that a deal, a shock or a rival's answer can consist of.
//!
//! Every number is a [`Quantity`]. A field that is a plain `Quantity` is filled by the preset when the file is
//! silent; one that is optional is an alternative (`share` or `t_per_year`) and stays away unless written.
//! When and with what chance a lever takes hold is not part of it: see
//! [`Materialises`](super::commitment::Materialises).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::quantity::{self, Quantity};
use crate::base::{
    id::{Iso3, MineralId, ProjectId},
    unit::Stage,
};

mod trade;

pub use trade::{
    Duty, Exemption, ExportRestriction, Infrastructure, OwnershipScreen, Pledge, Recycling, Restriction,
    RightOfFirstOffer, ShareCap, Stockpile,
};

/// One policy instrument with its numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "lever", rename_all = "kebab-case")]
pub enum Lever {
    /// Public money or public risk cover for a project.
    ProjectFinance(ProjectFinance),
    /// A promise to buy part of an output.
    Offtake(Offtake),
    /// A lowest price that producers receive.
    PriceFloor(PriceFloor),
    /// Money for every tonne made.
    ProductionCredit(ProductionCredit),
    /// Know-how that adds or improves a refining stage.
    TechTransfer(TechTransfer),
    /// Shorter waiting for permits.
    Permitting(Permitting),
    /// A route that makes transport cheaper.
    Infrastructure(Infrastructure),
    /// A tax on imports.
    Duty(Duty),
    /// A ban, quota, licence or tax on exports.
    ExportRestriction(ExportRestriction),
    /// Freedom from duties and export restrictions.
    Exemption(Exemption),
    /// A promise not to restrict exports.
    PledgeNotToRestrict(Pledge),
    /// A public stock that buys and releases.
    Stockpile(Stockpile),
    /// Refusal of owners from named countries.
    OwnershipScreen(OwnershipScreen),
    /// First call on output or stakes that come up for sale.
    RightOfFirstOffer(RightOfFirstOffer),
    /// A highest share of a country's supply that may come from one supplier.
    ShareCap(ShareCap),
    /// Secondary supply.
    Recycling(Recycling),
}

/// How public money reaches a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Instrument {
    /// Not paid back; lowers the capital cost.
    Grant,
    /// A share of the company; lowers the capital to be raised.
    Equity,
    /// Lent at the stated rate.
    Loan,
    /// Another's loan, covered by the payer.
    Guarantee,
    /// Willingness to lend; it becomes a loan when it materialises.
    LetterOfInterest,
}

/// Public money or risk cover for a project.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ProjectFinance {
    /// The project.
    #[schemars(extend("x-names" = "project"))]
    pub project: ProjectId,
    /// The form of the money.
    pub instrument: Instrument,
    /// Amount in million US dollars; or give `capex_share`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "quantity::amount")]
    pub amount_musd: Option<Quantity>,
    /// Amount as a share of the project's capital cost, 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "quantity::share")]
    pub capex_share: Option<Quantity>,
    /// Interest in real percent a year; zero for a grant or equity.
    #[schemars(schema_with = "quantity::amount")]
    pub rate_percent: Quantity,
}

/// A promise to buy part of an output: of a project, or of a country's stage.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Offtake {
    /// The project whose output is bought; or give `mineral`, `stage` and `country`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-names" = "project"))]
    pub project: Option<ProjectId>,
    /// The mineral.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-names" = "mineral"))]
    pub mineral: Option<MineralId>,
    /// The stage.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<Stage>,
    /// The country that makes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-names" = "country"))]
    pub country: Option<Iso3>,
    /// The country whose users receive it.
    #[schemars(extend("x-names" = "country"))]
    pub buyer: Iso3,
    /// Share of the output, 0 to 1; or give `t_per_year`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "quantity::share")]
    pub share: Option<Quantity>,
    /// Tonnes contained a year.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "quantity::amount")]
    pub t_per_year: Option<Quantity>,
    /// Years that the contract runs.
    #[schemars(schema_with = "quantity::amount")]
    pub years: Quantity,
}

/// A lowest price: the payer makes up the difference when the market pays less.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PriceFloor {
    /// The mineral.
    #[schemars(extend("x-names" = "mineral"))]
    pub mineral: MineralId,
    /// The stage whose price is meant.
    pub stage: Stage,
    /// The project that is covered; or give `country` for all its producers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-names" = "project"))]
    pub project: Option<ProjectId>,
    /// The country whose producers are covered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-names" = "country"))]
    pub country: Option<Iso3>,
    /// The floor in US dollars per tonne contained; or give `times_base_price`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "quantity::amount")]
    pub usd_per_t: Option<Quantity>,
    /// The floor as a multiple of the base year's mean price.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "quantity::amount")]
    pub times_base_price: Option<Quantity>,
    /// Years that the floor holds.
    #[schemars(schema_with = "quantity::amount")]
    pub years: Quantity,
    /// Share of the excess over the floor that the payer receives, 0 to 1.
    #[schemars(schema_with = "quantity::share")]
    pub upside_share: Quantity,
}

/// Money for every tonne made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ProductionCredit {
    /// The mineral.
    #[schemars(extend("x-names" = "mineral"))]
    pub mineral: MineralId,
    /// The stage that is paid.
    pub stage: Stage,
    /// The project that is paid; or give `country` for all its producers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-names" = "project"))]
    pub project: Option<ProjectId>,
    /// The country whose producers are paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-names" = "country"))]
    pub country: Option<Iso3>,
    /// US dollars per tonne contained; or give `percent`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "quantity::amount")]
    pub usd_per_t: Option<Quantity>,
    /// Percent of the cost of production.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "quantity::amount")]
    pub percent: Option<Quantity>,
    /// Years that it is paid.
    #[schemars(schema_with = "quantity::amount")]
    pub years: Quantity,
}

/// Know-how that adds or improves refining in a country.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TechTransfer {
    /// The mineral.
    #[schemars(extend("x-names" = "mineral"))]
    pub mineral: MineralId,
    /// The country that receives it.
    #[schemars(extend("x-names" = "country"))]
    pub country: Iso3,
    /// Added to the share of contained mineral that refining recovers, in points of 1.
    #[schemars(schema_with = "quantity::share")]
    pub recovery_gain: Quantity,
    /// Refining capacity that it opens, tonnes contained a year; absent: as much as the deal's mines deliver.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "quantity::amount")]
    pub t_per_year: Option<Quantity>,
    /// Capital cost in million US dollars, where it is not part of a project's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "quantity::amount")]
    pub capex_musd: Option<Quantity>,
    /// Years from the transfer to output.
    #[schemars(schema_with = "quantity::amount")]
    pub lead_time_years: Quantity,
}

/// Shorter waiting for permits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Permitting {
    /// The project; or give `country` for all its projects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-names" = "project"))]
    pub project: Option<ProjectId>,
    /// The country.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-names" = "country"))]
    pub country: Option<Iso3>,
    /// Months by which the start comes earlier.
    #[schemars(schema_with = "quantity::amount")]
    pub months_saved: Quantity,
}
