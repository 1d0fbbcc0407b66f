//! Presets: what a form of deal usually brings, where a deal's text is silent or says `unknown`.
//!
//! The shipped presets are files in `deals/presets`; a file of the same id added with [`Presets::add`] takes
//! the place of a shipped one. The preset `any` holds the documented wide range of every lever's numbers: it
//! answers for `"unknown"`, and wherever an arm's own preset says nothing.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::LazyLock,
};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{
    check::{Checker, quantities, schema_of},
    commitment::Commitment,
    document::{self, Data, Node},
    lever::Instrument,
    names::{Names, Words},
    quantity::{Chance, Origin, Quantity},
};
use crate::{
    base::{
        diagnostic::{Diagnostics, did_you_mean},
        id::SourceId,
        unit::{Grade, Range},
    },
    register::rate::{PRIORS, Prior},
};

/// The preset that answers when no other does.
pub const ANY: &str = "any";

const SHIPPED: [(&str, &str); 6] = [
    ("deals/presets/any.toml", include_str!("../../../../deals/presets/any.toml")),
    ("deals/presets/mou.toml", include_str!("../../../../deals/presets/mou.toml")),
    ("deals/presets/framework.toml", include_str!("../../../../deals/presets/framework.toml")),
    ("deals/presets/framework-plus.toml", include_str!("../../../../deals/presets/framework-plus.toml")),
    ("deals/presets/joint-investment.toml", include_str!("../../../../deals/presets/joint-investment.toml")),
    (
        "deals/presets/right-of-first-offer.toml",
        include_str!("../../../../deals/presets/right-of-first-offer.toml"),
    ),
];
/// Folder beside a case file whose presets take the place of the shipped ones.
const FOLDER: &str = "presets";

/// Where a fact of a case or preset file was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SourceNote {
    /// Name by which the file's entries refer to it.
    #[schemars(extend("x-names" = "new"))]
    pub id: SourceId,
    /// Title.
    pub title: String,
    /// Address; absent for a documented assumption.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub url: String,
    /// Date of publication as far as it is known: `2026-03-12`, `2026-03` or `2026`.
    pub date: String,
}

/// What a form of deal brings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Preset {
    /// Name by which arms refer to it.
    #[schemars(extend("x-names" = "new"))]
    pub id: String,
    /// Title.
    pub title: String,
    /// What the form means.
    #[serde(default)]
    pub note: String,
    /// Where its numbers come from.
    #[serde(default, rename = "source")]
    pub sources: Vec<SourceNote>,
    /// What stands in where a commitment is silent.
    #[serde(default, rename = "default")]
    pub defaults: Vec<StandIn>,
    /// Commitments that the form adds by itself.
    #[serde(default, rename = "template")]
    pub templates: Vec<Template>,
}

/// What stands in for a kind of lever.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StandIn {
    /// The lever; absent for all that have no entry of their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-names" = "lever"))]
    pub lever: Option<String>,
    /// Only for project finance of this form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instrument: Option<Instrument>,
    /// Probability that it materialises; `observed:letter-of-interest` takes the rate that the register has observed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probability: Option<Chance>,
    /// Years from signature until it materialises.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delay_years: Option<Quantity>,
    /// The lever's numbers by field name.
    #[serde(default)]
    pub numbers: BTreeMap<String, Quantity>,
    /// Where the numbers come from.
    #[schemars(extend("x-names" = "source"))]
    pub source: SourceId,
    /// How well they are supported.
    pub grade: Grade,
    /// How they were derived.
    #[serde(default)]
    pub note: String,
}

/// What a template is repeated for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ForEach {
    /// Not repeated.
    Once,
    /// Every project in the case's `scope.new_projects`, as `{project}`.
    NewProject,
    /// Every mineral in `scope.new_refining`, as `{mineral}`.
    NewRefining,
    /// Every mineral in `scope.existing_refining`, as `{mineral}`.
    ExistingRefining,
}

/// A commitment with the words `{leader}`, `{host}`, `{project}` and `{mineral}` to be replaced. It gives way to
/// a commitment of the deal with the same lever and object.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Template {
    /// What it is repeated for.
    pub for_each: ForEach,
    /// The commitment.
    pub commitment: Map<String, Value>,
}

/// The JSON Schema of preset files.
pub fn preset_schema() -> &'static Value {
    static SCHEMA: LazyLock<Value> = LazyLock::new(schema_of::<Preset>);
    &SCHEMA
}

/// Schema of a commitment on its own.
pub(super) fn commitment_schema() -> &'static Value {
    static SCHEMA: LazyLock<Value> = LazyLock::new(schema_of::<Commitment>);
    &SCHEMA
}

/// Presets by id.
#[derive(Debug, Clone)]
pub struct Presets(BTreeMap<String, Loaded>);

/// A preset with its file, so that a fault of a template is reported where it stands.
#[derive(Debug, Clone)]
pub(super) struct Loaded {
    pub(super) file: String,
    pub(super) preset: Preset,
    pub(super) templates: Vec<(ForEach, Node)>,
}

impl Presets {
    /// The presets in `deals/presets`.
    ///
    /// # Errors
    /// The problems of the shipped files; none in a release.
    pub fn shipped() -> Result<Self, Diagnostics> {
        let mut presets = Self(BTreeMap::new());
        let mut report = Diagnostics::default();
        for (file, text) in SHIPPED {
            presets.add(file, text).unwrap_or_else(|problems| report.append(problems));
        }
        report.into_result(presets)
    }

    /// The shipped presets, with those in the folder `presets` beside a case file in their place.
    ///
    /// # Errors
    /// All problems of the files.
    pub fn beside(case: &Path) -> Result<Self, Diagnostics> {
        let mut presets = Self::shipped()?;
        let mut report = Diagnostics::default();
        for path in own_files(case) {
            presets.add_file(&path).unwrap_or_else(|problems| report.append(problems));
        }
        report.into_result(presets)
    }

    /// These presets with the observed rates as numbers; a rate that is not given is that of its prior.
    pub(super) fn observed(&self, rates: &BTreeMap<String, Range>) -> Self {
        let mut presets = self.clone();
        for default in presets.0.values_mut().flat_map(|loaded| &mut loaded.preset.defaults) {
            let name = default.probability.as_ref().and_then(Chance::observed);
            let range = name.and_then(|name| rates.get(name).copied().or_else(|| prior_range(name)));
            if let Some(range) = range {
                default.probability = Some(Chance::Known(Quantity { range, origin: Origin::Preset }));
            }
        }
        presets
    }

    /// What stands in for a lever under a preset, the most fitting first: that of the preset, then the wide ranges.
    pub fn stand_ins(
        &self,
        preset: Option<&str>,
        lever: &str,
        instrument: Option<Instrument>,
    ) -> Vec<&StandIn> {
        let mut defaults: Vec<&StandIn> = Vec::new();
        for file in preset.into_iter().chain([ANY]).filter_map(|id| self.get(id)) {
            let fits = |d: &&StandIn| {
                d.lever.as_ref().is_none_or(|name| *name == lever)
                    && (d.instrument.is_none() || d.instrument == instrument)
            };
            let mut matching: Vec<&StandIn> = file.defaults.iter().filter(fits).collect();
            matching.sort_by_key(|d| (d.lever.is_none(), d.instrument.is_none()));
            defaults.extend(matching);
        }
        defaults
    }

    /// Adds a preset from a text, in the place of one with the same id.
    ///
    /// # Errors
    /// All problems of the text.
    pub fn add(&mut self, file: &str, text: &str) -> Result<(), Diagnostics> {
        let root = document::parse(file, text)?;
        let mut words = Words::new(&Names::default());
        words.add("source", root.list("source").iter().filter_map(|s| s.text("id")).map(str::to_owned));
        let levers = super::check::tags(commitment_schema());
        words.add("lever", levers.into_iter().map(str::to_owned));
        let mut checker = Checker::new(file, preset_schema(), &words);
        checker.check(preset_schema(), &root, "");
        for default in root.list("default") {
            check_numbers(&mut checker, default);
        }
        let report = checker.report;
        if !report.is_empty() {
            return report.into_result(());
        }
        let preset: Preset = serde_json::from_value(root.to_json()).map_err(|error| unread(file, &error))?;
        let nodes = root.list("template").iter().filter_map(|template| template.get("commitment").cloned());
        let templates = preset.templates.iter().map(|template| template.for_each).zip(nodes).collect();
        self.0.insert(preset.id.clone(), Loaded { file: file.to_owned(), preset, templates });
        Ok(())
    }

    /// Adds a preset from a file.
    ///
    /// # Errors
    /// The file cannot be read, or all problems of its text.
    pub fn add_file(&mut self, path: &Path) -> Result<(), Diagnostics> {
        let (file, text) = read(path)?;
        self.add(&file, &text)
    }

    /// The preset of an id.
    pub fn get(&self, id: &str) -> Option<&Preset> {
        self.loaded(id).map(|loaded| &loaded.preset)
    }

    /// The ids of all presets.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    pub(super) fn loaded(&self, id: &str) -> Option<&Loaded> {
        self.0.get(id)
    }

    /// Fills what a commitment leaves open from a preset and, behind it, from [`ANY`].
    ///
    /// `signed` is the date of the deal in years. Without a preset nobody promised anything, so the chance and the
    /// date must be written (or `unknown`). Returns the keys that nobody could fill.
    pub(super) fn fill(
        &self,
        entry: &mut Map<String, Value>,
        preset: Option<&str>,
        signed: f64,
    ) -> Vec<String> {
        let lever = entry.get("lever").and_then(Value::as_str).unwrap_or_default().to_owned();
        let instrument = entry.get("instrument").cloned();
        let instrument: Option<Instrument> = instrument.and_then(|value| serde_json::from_value(value).ok());
        let defaults = self.stand_ins(preset, &lever, instrument);
        let mut missing = Vec::new();
        for (key, (_, required)) in quantities(commitment_schema(), &lever) {
            let stand_in = defaults.iter().find_map(|default| default.numbers.get(key)).map(|q| q.range);
            if !settle(entry, key, stand_in, required, true) {
                missing.push(key.to_owned());
            }
        }
        let chance = defaults.iter().find_map(|default| match default.probability.as_ref()? {
            Chance::Known(quantity) => Some(quantity.range),
            Chance::Observed(_) => prior_range(default.probability.as_ref()?.observed()?),
        });
        let delay = defaults.iter().find_map(|default| default.delay_years).map(|q| q.range);
        let year = delay.map(|d| Range::new(signed + d.low, signed + d.mid, signed + d.high));
        let materialises = entry.entry("materialises").or_insert_with(|| json!({}));
        if let Some(materialises) = materialises.as_object_mut() {
            for (key, stand_in) in [("probability", chance), ("year", year)] {
                if !settle(materialises, key, stand_in, true, preset.is_some()) {
                    missing.push(format!("materialises.{key}"));
                }
            }
        }
        missing
    }
}

/// Files in the folder `presets` beside a case that are not word for word those of the program, by name.
pub fn own_files(case: &Path) -> Vec<PathBuf> {
    let folder = case.parent().unwrap_or(Path::new("")).join(FOLDER);
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let is_own = |path: &PathBuf| {
        path.extension().is_some_and(|extension| extension == "toml")
            && std::fs::read_to_string(path)
                .is_ok_and(|text| SHIPPED.iter().all(|&(_, shipped)| shipped != text))
    };
    let mut files: Vec<PathBuf> =
        entries.filter_map(|entry| Some(entry.ok()?.path())).filter(is_own).collect();
    files.sort();
    files
}

/// The range that a rate starts from.
fn prior_range(name: &str) -> Option<Range> {
    PRIORS.iter().find(|prior| prior.name == name).map(Prior::range)
}

/// Settles one number: what is `unknown` gets the range that stands in, and so does what is required but absent
/// where silence may be filled. False when the number stays open.
fn settle(
    entry: &mut Map<String, Value>,
    key: &str,
    range: Option<Range>,
    required: bool,
    may_fill: bool,
) -> bool {
    let origin = match entry.get(key) {
        None if !required => return true,
        None if !may_fill => return false,
        None => Origin::Preset,
        Some(Value::String(text)) if text == "unknown" => Origin::Unknown,
        Some(_) => return true,
    };
    let Some(range) = range else { return false };
    entry.insert(key.to_owned(), json!(Quantity { range, origin }));
    true
}

/// The numbers of a default must be numbers of its lever, within the lever's bounds.
fn check_numbers(checker: &mut Checker<'_>, default: &Node) {
    let fields = quantities(commitment_schema(), default.text("lever").unwrap_or_default());
    let Some(Data::Table(numbers)) = default.get("numbers").map(|node| &node.data) else { return };
    if default.get("lever").is_none() && !numbers.is_empty() {
        let remedy = "add `lever = ...`; without one only `probability` and `delay_years` can stand in";
        checker.fault(default.line_of("numbers"), "default.numbers", "numbers of no lever", remedy);
    }
    for (key, node) in numbers.iter().filter(|_| !fields.is_empty()) {
        let path = format!("default.numbers.{key}");
        if let Some(&(field, _)) = fields.get(key.as_str()) {
            checker.check(field, node, &path);
        } else {
            let all = fields.keys().copied().collect::<Vec<_>>().join(", ");
            let remedy = did_you_mean(key, fields.keys().copied(), &format!("its numbers are: {all}"));
            checker.fault(node.line, &path, "the lever has no such number", remedy);
        }
    }
}

/// The name and the text of a file.
pub(super) fn read(path: &Path) -> Result<(String, String), Diagnostics> {
    let file = path.display().to_string();
    std::fs::read_to_string(path).map(|text| (file.clone(), text)).map_err(|error| {
        let mut report = Diagnostics::default();
        report.push(&file, 0, "", format!("cannot be read: {error}"), "name a TOML file that exists");
        report
    })
}

/// What the schema let through but the types refuse.
pub(super) fn unread(file: &str, error: &serde_json::Error) -> Diagnostics {
    let mut report = Diagnostics::default();
    report.push(file, 0, "", error.to_string(), "see docs/schemas for the format");
    report
}
