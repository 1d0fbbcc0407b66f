//! Levers that act on trade, ownership, stocks and scrap rather than on one project.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    base::{
        id::{BlocId, Iso3, MineralId, ProjectId},
        unit::Stage,
    },
    policy::quantity::{self, Quantity},
};

/// A route that makes transport cheaper from some countries to others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Infrastructure {
    /// Name of the route.
    pub route: String,
    /// Countries that send goods along it.
    #[schemars(length(min = 1), extend("x-names" = "country"))]
    pub exporters: Vec<Iso3>,
    /// Countries that receive them; empty for all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-names" = "country"))]
    pub importers: Vec<Iso3>,
    /// Minerals that use it; empty for all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-names" = "mineral"))]
    pub minerals: Vec<MineralId>,
    /// US dollars saved per tonne contained.
    #[schemars(schema_with = "quantity::amount")]
    pub saving_usd_per_t: Quantity,
    /// Most that the route can carry, tonnes contained a year.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "quantity::amount")]
    pub capacity_t_per_year: Option<Quantity>,
}

/// A tax on imports.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Duty {
    /// The mineral.
    #[schemars(extend("x-names" = "mineral"))]
    pub mineral: MineralId,
    /// The stage of the goods.
    pub stage: Stage,
    /// Origins that pay; empty for all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-names" = "country"))]
    pub exporters: Vec<Iso3>,
    /// Countries that levy it.
    #[schemars(length(min = 1), extend("x-names" = "country"))]
    pub importers: Vec<Iso3>,
    /// Percent of the value; or give `usd_per_t`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "quantity::amount")]
    pub percent: Option<Quantity>,
    /// US dollars per tonne contained.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "quantity::amount")]
    pub usd_per_t: Option<Quantity>,
}

/// How exports are held back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Restriction {
    /// Nothing leaves.
    Ban,
    /// A highest quantity leaves.
    Quota,
    /// Leaves with a licence only; `quota_share` says how much is still licensed.
    Licence,
    /// Leaves against a tax.
    Tax,
}

/// A ban, quota, licence or tax on exports.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ExportRestriction {
    /// The mineral.
    #[schemars(extend("x-names" = "mineral"))]
    pub mineral: MineralId,
    /// The stage of the goods.
    pub stage: Stage,
    /// Countries that restrict.
    #[schemars(length(min = 1), extend("x-names" = "country"))]
    pub exporters: Vec<Iso3>,
    /// Destinations that are hit; empty for all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-names" = "country"))]
    pub importers: Vec<Iso3>,
    /// The form.
    pub kind: Restriction,
    /// Quota or licensed volume as a share of the base year's exports, 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "quantity::share")]
    pub quota_share: Option<Quantity>,
    /// Quota in tonnes contained a year.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "quantity::amount")]
    pub t_per_year: Option<Quantity>,
    /// Tax in percent of the value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "quantity::amount")]
    pub percent: Option<Quantity>,
    /// Years that it lasts.
    #[schemars(schema_with = "quantity::amount")]
    pub years: Quantity,
}

/// Freedom from duties and export restrictions on some arcs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Exemption {
    /// The mineral; absent for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-names" = "mineral"))]
    pub mineral: Option<MineralId>,
    /// Origins that are freed.
    #[schemars(length(min = 1), extend("x-names" = "country"))]
    pub exporters: Vec<Iso3>,
    /// Destinations that are freed.
    #[schemars(length(min = 1), extend("x-names" = "country"))]
    pub importers: Vec<Iso3>,
}

/// A promise not to restrict exports.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Pledge {
    /// The mineral; absent for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-names" = "mineral"))]
    pub mineral: Option<MineralId>,
    /// Countries that promise.
    #[schemars(length(min = 1), extend("x-names" = "country"))]
    pub exporters: Vec<Iso3>,
    /// Countries that are promised; empty for all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-names" = "country"))]
    pub importers: Vec<Iso3>,
    /// Share by which the yearly probability of a restriction falls, 0 to 1.
    #[schemars(schema_with = "quantity::share")]
    pub probability_cut: Quantity,
}

/// A public stock that buys, holds and releases.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Stockpile {
    /// The mineral.
    #[schemars(extend("x-names" = "mineral"))]
    pub mineral: MineralId,
    /// The stage of the goods held.
    pub stage: Stage,
    /// The country that holds it.
    #[schemars(extend("x-names" = "country"))]
    pub holder: Iso3,
    /// Size aimed at, tonnes contained.
    #[schemars(schema_with = "quantity::amount")]
    pub t: Quantity,
    /// Years over which it is filled.
    #[schemars(schema_with = "quantity::amount")]
    pub fill_years: Quantity,
    /// Price at which it sells, as a multiple of the base year's.
    #[schemars(schema_with = "quantity::amount")]
    pub release_above: Quantity,
}

/// Refusal of owners from named countries.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OwnershipScreen {
    /// The country that screens.
    #[schemars(extend("x-names" = "country"))]
    pub country: Iso3,
    /// The bloc whose members may not take control of new projects.
    #[schemars(extend("x-names" = "bloc"))]
    pub against: BlocId,
    /// Minerals that are screened; empty for all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-names" = "mineral"))]
    pub minerals: Vec<MineralId>,
}

/// First call on uncommitted output.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RightOfFirstOffer {
    /// The project; or give `country` for all its projects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-names" = "project"))]
    pub project: Option<ProjectId>,
    /// The country that grants it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-names" = "country"))]
    pub country: Option<Iso3>,
    /// The country whose buyers are asked first.
    #[schemars(extend("x-names" = "country"))]
    pub buyer: Iso3,
    /// Share of the offers that the buyer takes up, 0 to 1.
    #[schemars(schema_with = "quantity::share")]
    pub take_up: Quantity,
}

/// A highest share of a country's supply that may come from one supplier.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ShareCap {
    /// The mineral.
    #[schemars(extend("x-names" = "mineral"))]
    pub mineral: MineralId,
    /// The stage of the goods.
    pub stage: Stage,
    /// Countries that keep to it.
    #[schemars(length(min = 1), extend("x-names" = "country"))]
    pub importers: Vec<Iso3>,
    /// The supplier; absent for any single one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-names" = "country"))]
    pub supplier: Option<Iso3>,
    /// Highest share of imports, 0 to 1.
    #[schemars(schema_with = "quantity::share")]
    pub max_share: Quantity,
}

/// Secondary supply as a share of a country's use.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Recycling {
    /// The mineral.
    #[schemars(extend("x-names" = "mineral"))]
    pub mineral: MineralId,
    /// The country.
    #[schemars(extend("x-names" = "country"))]
    pub country: Iso3,
    /// Share of use that is covered once the programme runs in full, 0 to 1.
    #[schemars(schema_with = "quantity::share")]
    pub share: Quantity,
    /// Years until it runs in full.
    #[schemars(schema_with = "quantity::amount")]
    pub ramp_years: Quantity,
}
