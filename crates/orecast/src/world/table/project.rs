//! Projects and who controls running output.

use serde::{Deserialize, Serialize};

use crate::base::unit::Stage;
use crate::base::{
    id::{Iso3, MineralId, ProjectId, SourceId},
    unit::Grade,
};

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
