//! Case files: a deal, the shocks around it, and the arms that are compared.

use std::{collections::BTreeMap, path::Path, sync::LazyLock};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    check::schema_of,
    commitment::{Commitment, Date},
    names::Names,
    overlay::{Branch, Overlay},
    preset::{Presets, SourceNote, read},
    quantity::Quantity,
    reading,
};
use crate::{
    base::{
        diagnostic::Diagnostics,
        id::{ArmId, BlocId, DealId, Iso3, MineralId, ProjectId},
        unit::Range,
    },
    params::{Params, responses::TimeScale},
};

/// The years that a case runs over, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Horizon {
    /// First year.
    pub from: i32,
    /// Last year.
    pub to: i32,
}

/// What a deal is about; presets make their template commitments from it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Scope {
    /// Projects that the deal wants built.
    #[schemars(extend("x-names" = "project"))]
    pub new_projects: Vec<ProjectId>,
    /// Minerals that the host is to refine from now on.
    #[schemars(extend("x-names" = "mineral"))]
    pub new_refining: Vec<MineralId>,
    /// Minerals that the host refines already, where the question is who gets the output.
    #[schemars(extend("x-names" = "mineral"))]
    pub existing_refining: Vec<MineralId>,
}

/// How much time supply and use have to answer a price within a year.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Response {
    /// Months: what stands can only be used more or less.
    Short,
    /// A year: the usual choice for a run of years.
    #[default]
    Medium,
    /// As long as it takes.
    Long,
}

impl Response {
    /// The time scale of a market's elasticities.
    pub const fn time_scale(self) -> TimeScale {
        match self {
            Self::Short => TimeScale::Short,
            Self::Medium => TimeScale::Medium,
            Self::Long => TimeScale::Long,
        }
    }
}

/// A further deal of a case, with a host and a date of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Deal {
    /// Name by which commitments refer to it.
    #[schemars(extend("x-names" = "new"))]
    pub id: DealId,
    /// Title.
    pub title: String,
    /// Country that has the supply.
    #[schemars(extend("x-names" = "country"))]
    pub host: Iso3,
    /// Day of signature; delays of its commitments count from here.
    pub signed: Date,
    /// What it is about.
    #[serde(default)]
    pub scope: Scope,
}

/// A case as it is written.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CaseFile {
    /// Name of the deal.
    #[schemars(extend("x-names" = "new"))]
    pub(super) id: DealId,
    /// Title.
    pub(super) title: String,
    /// Country that seeks supply.
    #[schemars(extend("x-names" = "country"))]
    pub(super) leader: Iso3,
    /// Country that has it.
    #[schemars(extend("x-names" = "country"))]
    pub(super) host: Iso3,
    /// Bloc that the leader signs for: use, dependence and public cost are those of its members together.
    #[serde(default)]
    #[schemars(extend("x-names" = "bloc"))]
    pub(super) leader_bloc: Option<BlocId>,
    /// Bloc that the host stands for: output and revenue are those of its members together.
    #[serde(default)]
    #[schemars(extend("x-names" = "bloc"))]
    pub(super) host_bloc: Option<BlocId>,
    /// Bloc that the leader wants to depend on less.
    #[schemars(extend("x-names" = "bloc"))]
    pub(super) rival: BlocId,
    /// Day of signature; delays count from here.
    pub(super) signed: Date,
    /// Year of the baseline.
    pub(super) base_year: i32,
    /// Years that are run.
    pub(super) years: Horizon,
    /// Year that the answer speaks of; 2035 when absent, or the last year if that comes first.
    #[serde(default)]
    pub(super) answer_year: Option<i32>,
    /// Minerals that are run.
    #[schemars(length(min = 1), extend("x-names" = "mineral"))]
    pub(super) minerals: Vec<MineralId>,
    /// Demand scenario, a word of `data/demand.csv`.
    #[schemars(extend("x-names" = "scenario"))]
    pub(super) demand_scenario: String,
    /// How much time supply and use have to answer a price within a year; `medium` when absent.
    #[serde(default)]
    pub(super) time_scale: Response,
    /// What the deal is about.
    #[serde(default)]
    pub(super) scope: Scope,
    /// Further deals, with hosts and dates of their own.
    #[serde(default, rename = "deal")]
    pub(super) deals: Vec<Deal>,
    /// Cells of the tables that take another value in this case.
    #[serde(default, rename = "overlay")]
    pub(super) overlays: Vec<Overlay>,
    /// Readings of facts in dispute: the whole case is run under each.
    #[serde(default, rename = "branch")]
    pub(super) branches: Vec<Branch>,
    /// Parameters that take another value than the model's own.
    #[serde(default)]
    #[schemars(extend("x-keys" = "parameter"))]
    pub(super) assumptions: BTreeMap<String, Quantity>,
    /// Where facts of this file were read.
    #[serde(default, rename = "source")]
    pub(super) sources: Vec<SourceNote>,
    /// Variants that are compared; the first is what the others are compared with.
    #[serde(rename = "arm")]
    #[schemars(length(min = 1))]
    pub(super) arms: Vec<ArmFile>,
    /// What was promised.
    #[serde(default, rename = "commitment")]
    #[expect(dead_code, reason = "describes the format; entries are read one by one for each arm")]
    pub(super) commitments: Vec<Commitment>,
    /// What nobody agreed to: restrictions, duties, a rival's answers.
    #[serde(default, rename = "shock")]
    #[expect(dead_code, reason = "describes the format; entries are read one by one for each arm")]
    pub(super) shocks: Vec<Commitment>,
    /// What others do because of a commitment: it happens only where that materialises.
    #[serde(default, rename = "response")]
    #[expect(dead_code, reason = "describes the format; entries are read one by one for each arm")]
    pub(super) responses: Vec<Commitment>,
}

/// An arm as it is written.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ArmFile {
    /// Name.
    #[schemars(extend("x-names" = "new"))]
    pub(super) id: ArmId,
    /// Title.
    pub(super) title: String,
    /// Form of deal that fills in what commitments leave open; absent: the arm has only commitments that name it.
    #[serde(default)]
    #[schemars(extend("x-names" = "preset"))]
    pub(super) preset: Option<String>,
}

/// One variant of a case.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Arm {
    /// Name.
    pub id: ArmId,
    /// Title.
    pub title: String,
    /// Form of deal, when it has one.
    pub preset: Option<String>,
    /// What was promised, with every number filled in; in the order of their ids.
    pub commitments: Vec<Commitment>,
    /// What nobody agreed to, in the order of their ids.
    pub shocks: Vec<Commitment>,
    /// What others do because of a commitment of the arm, in the order of their ids.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub responses: Vec<Commitment>,
}

/// A base world's overlay: a deal in its variants, with shocks and assumptions.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Case {
    /// Name of the deal.
    pub id: DealId,
    /// Title.
    pub title: String,
    /// Country that seeks supply.
    pub leader: Iso3,
    /// Country that has it.
    pub host: Iso3,
    /// Bloc that the leader signs for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leader_bloc: Option<BlocId>,
    /// Bloc that the host stands for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host_bloc: Option<BlocId>,
    /// Bloc that the leader wants to depend on less.
    pub rival: BlocId,
    /// Day of signature.
    pub signed: Date,
    /// Year of the baseline.
    pub base_year: i32,
    /// Years that are run.
    pub years: Horizon,
    /// Year that the answer speaks of, where the case names one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer_year: Option<i32>,
    /// Minerals that are run, in the order of the file.
    pub minerals: Vec<MineralId>,
    /// Demand scenario.
    pub demand_scenario: String,
    /// How much time supply and use have to answer a price within a year.
    pub time_scale: Response,
    /// What the deal is about.
    pub scope: Scope,
    /// Further deals, with hosts and dates of their own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub deals: Vec<Deal>,
    /// Cells of the tables that take another value in this case.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub overlays: Vec<Overlay>,
    /// Readings of facts in dispute.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub branches: Vec<Branch>,
    /// Parameters that take another value than the model's own.
    pub assumptions: BTreeMap<String, Quantity>,
    /// Variants in the order of the file; the first is what the others are compared with.
    pub arms: Vec<Arm>,
    /// Where the facts of the file and of its presets were read.
    pub sources: Vec<SourceNote>,
}

impl Case {
    /// Reads a case file and fills it from the shipped presets, or those in the folder `presets` beside it.
    ///
    /// # Errors
    /// The file cannot be read, or all problems of its text.
    pub fn load(path: &Path, names: &Names) -> Result<Self, Diagnostics> {
        let (file, text) = read(path)?;
        Self::parse(&file, &text, names, &Presets::beside(path)?)
    }

    /// Reads a case from a text and fills it from the presets.
    ///
    /// # Errors
    /// All problems of the text at once, each with its line; a syntax error hides what comes after it.
    pub fn parse(file: &str, text: &str, names: &Names, presets: &Presets) -> Result<Self, Diagnostics> {
        reading::read_case(file, text, names, presets)
    }

    /// The documented ranges of the parameters with those of the case in their place.
    pub fn params(&self) -> Params<Range> {
        Params::with(self.assumptions.iter().map(|(name, quantity)| (name.as_str(), quantity.range)))
    }

    /// The arm of an id.
    pub fn arm(&self, id: &ArmId) -> Option<&Arm> {
        self.arms.iter().find(|arm| arm.id == *id)
    }
}

impl Arm {
    /// Everything that may happen in the arm: commitments, then shocks, then responses.
    pub fn events(&self) -> impl Iterator<Item = &Commitment> {
        self.commitments.iter().chain(&self.shocks).chain(&self.responses)
    }
}

/// The JSON Schema of case files.
pub fn case_schema() -> &'static Value {
    static SCHEMA: LazyLock<Value> = LazyLock::new(schema_of::<CaseFile>);
    &SCHEMA
}
