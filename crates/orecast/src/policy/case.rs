//! Case files: a deal, the shocks around it, and the arms that are compared.

use std::{collections::BTreeMap, path::Path, sync::LazyLock};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    check::schema_of,
    commitment::{Commitment, Date},
    names::Names,
    preset::{Presets, SourceNote, read},
    quantity::Quantity,
    reading,
};
use crate::{
    diagnostic::Diagnostics,
    id::{ArmId, BlocId, DealId, Iso3, MineralId, ProjectId},
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
    /// Bloc that the leader wants to depend on less.
    #[schemars(extend("x-names" = "bloc"))]
    pub(super) rival: BlocId,
    /// Day of signature; delays count from here.
    pub(super) signed: Date,
    /// Year of the baseline.
    pub(super) base_year: i32,
    /// Years that are run.
    pub(super) years: Horizon,
    /// Minerals that are run.
    #[schemars(length(min = 1), extend("x-names" = "mineral"))]
    pub(super) minerals: Vec<MineralId>,
    /// Demand scenario, a word of `data/demand.csv`.
    #[schemars(extend("x-names" = "scenario"))]
    pub(super) demand_scenario: String,
    /// What the deal is about.
    #[serde(default)]
    pub(super) scope: Scope,
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
    /// Bloc that the leader wants to depend on less.
    pub rival: BlocId,
    /// Day of signature.
    pub signed: Date,
    /// Year of the baseline.
    pub base_year: i32,
    /// Years that are run.
    pub years: Horizon,
    /// Minerals that are run, in the order of the file.
    pub minerals: Vec<MineralId>,
    /// Demand scenario.
    pub demand_scenario: String,
    /// What the deal is about.
    pub scope: Scope,
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

    /// The arm of an id.
    pub fn arm(&self, id: &ArmId) -> Option<&Arm> {
        self.arms.iter().find(|arm| arm.id == *id)
    }
}

impl Arm {
    /// Everything that may happen in the arm: commitments, then shocks.
    pub fn events(&self) -> impl Iterator<Item = &Commitment> {
        self.commitments.iter().chain(&self.shocks)
    }
}

/// The JSON Schema of case files.
pub fn case_schema() -> &'static Value {
    static SCHEMA: LazyLock<Value> = LazyLock::new(schema_of::<CaseFile>);
    &SCHEMA
}
