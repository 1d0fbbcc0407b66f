//! Input-output accounts.

use serde::{Deserialize, Serialize};

use crate::base::{
    id::{PartyId, SourceId},
    unit::Grade,
};

/// `io_sectors.csv`: an industry or commodity of the US input-output accounts, in million US dollars of the accounts' year.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct IoSectorRow {
    /// BEA detail code, of an industry, a commodity or, mostly, both.
    pub code: String,
    /// Title of the industry or commodity.
    pub name: String,
    /// Division of the international classification of industries (ISIC Rev. 4, NACE Rev. 2) that holds most of it; empty
    /// where no mineral goes into it.
    pub division: String,
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

/// `value_added.csv`: the size of a division of industry.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ValueAddedRow {
    /// Country or bloc.
    pub place: PartyId,
    /// Division of the international classification of industries (ISIC Rev. 4, NACE Rev. 2).
    pub division: String,
    /// Calendar year.
    pub year: i32,
    /// Value added in million units of one currency, the same for all rows of a place and year.
    pub value: f64,
    /// Source.
    pub source: SourceId,
    /// Evidence grade.
    pub grade: Grade,
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
