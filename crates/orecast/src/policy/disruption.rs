//! Disruption files: what happens in one bad year, and groups of exporters that may act together.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::LazyLock,
};

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    check::{Checker, schema_of},
    commitment::Commitment,
    document,
    lever::Lever,
    names::{Names, Words},
    preset::{Presets, read},
    quantity::{self, Quantity},
};
use crate::{
    base::{
        diagnostic::Diagnostics,
        id::{BlocId, Iso3, SourceId},
        unit::Range,
    },
    params::{Params, responses::TimeScale},
};

/// One bad year as it is written.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct DisruptionFile {
    /// Title.
    #[serde(default)]
    title: String,
    /// How long the market has had to respond: `short`, `medium` or `long`.
    #[serde(default)]
    horizon: Option<TimeScale>,
    /// Country that is looked at.
    #[serde(default)]
    #[schemars(extend("x-names" = "country"))]
    leader: Option<Iso3>,
    /// Share of what bans stop that still arrives, 0 to 1.
    #[serde(default)]
    #[schemars(schema_with = "quantity::share")]
    leakage: Option<Quantity>,
    /// Levers in force for the year.
    #[serde(default, rename = "shock")]
    #[expect(dead_code, reason = "describes the format; entries are read one by one")]
    shocks: Vec<ShockEntry>,
    /// Exporters that may stop together; read by the screen.
    #[serde(default, rename = "group")]
    groups: Vec<Group>,
    /// Parameters that take another value than the model's own.
    #[serde(default)]
    #[schemars(extend("x-keys" = "parameter"))]
    assumptions: BTreeMap<String, Quantity>,
}

/// One lever of a disruption file.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[schemars(extend("unevaluatedProperties" = false))]
struct ShockEntry {
    /// What it is called in tables.
    #[serde(default)]
    #[expect(dead_code, reason = "describes the format; entries are read one by one")]
    title: String,
    /// The instrument.
    #[serde(flatten)]
    #[expect(dead_code, reason = "describes the format; entries are read one by one")]
    lever: Lever,
}

/// Exporters that may stop together.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// Name in tables.
    pub id: String,
    /// Members.
    #[serde(default)]
    #[schemars(extend("x-names" = "country"))]
    pub exporters: Vec<Iso3>,
    /// A bloc whose members belong to it as well.
    #[serde(default)]
    #[schemars(extend("x-names" = "bloc"))]
    pub bloc: Option<BlocId>,
    /// Chance that all stop within a year; else the smallest of the members' own.
    #[serde(default)]
    #[schemars(schema_with = "quantity::known_share")]
    pub probability: Option<Quantity>,
}

/// What happens in one bad year.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Disruption {
    /// Title.
    pub title: String,
    /// How long the market has had to respond, where the file says it.
    pub horizon: Option<TimeScale>,
    /// Country that is looked at, where the file says it.
    pub leader: Option<Iso3>,
    /// Share of what bans stop that still arrives, where the file says it.
    pub leakage: Option<Quantity>,
    /// Levers in force, each with its title.
    pub shocks: Vec<(String, Commitment)>,
    /// Exporters that may stop together.
    pub groups: Vec<Group>,
    /// Ranges of the parameters.
    pub params: Params<Range>,
}

impl Disruption {
    /// Reads a file.
    ///
    /// # Errors
    /// The file cannot be read, or all problems of its text.
    pub fn load(path: &Path, names: &Names) -> Result<Self, Diagnostics> {
        let (file, text) = read(path)?;
        Self::parse(&file, &text, names)
    }

    /// Reads a text.
    ///
    /// # Errors
    /// All problems of the text at once, each with its line.
    pub fn parse(file: &str, text: &str, names: &Names) -> Result<Self, Diagnostics> {
        let root = document::parse(file, text)?;
        let presets = Presets::shipped()?;
        let words = Words::new(names);
        let mut checker = Checker::new(file, disruption_schema(), &words);
        checker.check(disruption_schema(), &root, "");
        let mut shocks = Vec::new();
        for node in root.list("shock") {
            let Value::Object(mut fields) = node.to_json() else { continue };
            let title = fields.remove("title").and_then(|t| t.as_str().map(str::to_owned));
            let id = format!("line {}", node.line);
            fields.insert("id".to_owned(), id.into());
            fields.insert("materialises".to_owned(), json!({ "probability": 1, "year": 0 }));
            fields.insert("source".to_owned(), SourceId::assumption().as_str().into());
            fields.insert("grade".to_owned(), "C".into());
            // A shock lasts for the year that is asked about.
            fields.entry("years").or_insert_with(|| 1.into());
            for key in presets.fill(&mut fields, None, 0.0) {
                let found = format!("`{key}` is open");
                checker.fault(
                    node.line_of(&key),
                    &format!("shock.{key}"),
                    found,
                    "write a number or a range",
                );
            }
            // What the text has wrong is reported already.
            if let Ok(commitment) = serde_json::from_value::<Commitment>(fields.into()) {
                for (key, found, remedy) in commitment.lever.faults(names) {
                    let path = if key.is_empty() { "shock".to_owned() } else { format!("shock.{key}") };
                    checker.fault(node.line_of(key), &path, found, remedy);
                }
                shocks.push((title.unwrap_or_else(|| describe(&commitment.lever)), commitment));
            }
        }
        let mut seen = BTreeSet::new();
        for node in root.list("group") {
            let empty = node.list("exporters").is_empty() && node.get("bloc").is_none();
            if empty {
                checker.fault(node.line, "group", "it has no members", "give `exporters` or a `bloc`");
            }
            if let Some(id) = node.text("id").filter(|id| !seen.insert((*id).to_owned())) {
                checker.fault(
                    node.line_of("id"),
                    "group.id",
                    format!("`{id}` is taken"),
                    "give it another id",
                );
            }
        }
        checker.report.into_result(())?;
        let mut fields = root.to_json();
        if let Some(fields) = fields.as_object_mut() {
            fields.remove("shock");
        }
        let head: DisruptionFile =
            serde_json::from_value(fields).map_err(|error| super::preset::unread(file, &error))?;
        let DisruptionFile { title, horizon, leader, leakage, groups, assumptions, .. } = head;
        let params = Params::with(assumptions.iter().map(|(name, quantity)| (name.as_str(), quantity.range)));
        Ok(Self { title, horizon, leader, leakage, shocks, groups, params })
    }
}

/// A lever in a few words: its name and whom it touches.
fn describe(lever: &Lever) -> String {
    let names: Vec<String> = lever.countries().iter().map(ToString::to_string).collect();
    format!("{}, {}", lever.name(), names.join("+"))
}

/// The JSON Schema of disruption files.
pub fn disruption_schema() -> &'static Value {
    static SCHEMA: LazyLock<Value> = LazyLock::new(schema_of::<DisruptionFile>);
    &SCHEMA
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::testing::id;

    fn names() -> Names {
        Names {
            minerals: [id("antimony")].into(),
            countries: ["CHN", "RUS", "USA"].map(id).into(),
            ..Names::default()
        }
    }

    #[test]
    fn levers_take_hold_without_chance_and_date() {
        let text = "horizon = \"short\"\nleakage = 0.2\n[[shock]]\nlever = \"export-restriction\"\nmineral = \"antimony\"\n\
            stage = \"refine\"\nexporters = [\"CHN\"]\nkind = \"licence\"\nquota_share = [0.2, 0.4, 0.6]\n\
            [[group]]\nid = \"two\"\nexporters = [\"CHN\", \"RUS\"]\n";
        let file = Disruption::parse("year.toml", text, &names()).unwrap();
        assert_eq!(file.horizon, Some(TimeScale::Short));
        assert_eq!((file.shocks.len(), file.groups.len()), (1, 1));
        assert_eq!(file.shocks[0].0, "export-restriction, CHN");
    }

    #[test]
    fn a_bad_year_may_set_parameters_by_their_names_and_no_others() {
        let mut names = names();
        names.parameters.insert("inventory-release-rate".to_owned());
        let text = "[assumptions]\ninventory-release-rate = [0.1, 0.2, 0.3]\n";
        let file = Disruption::parse("year.toml", text, &names).unwrap();
        assert_eq!(file.params.inventory_release_rate, Range::new(0.1, 0.2, 0.3));
        assert!(Disruption::parse("year.toml", &text.replace("rate", "raet"), &names).is_err());
    }

    #[test]
    fn all_problems_come_at_once() {
        let text = "horizn = \"short\"\nleader = \"UAS\"\n[[shock]]\nlever = \"export-restriction\"\nmineral = \"antimny\"\n\
            stage = \"refine\"\nexporters = [\"CHN\"]\nkind = \"quota\"\n[[shock]]\nlever = \"duty\"\nmineral = \"antimony\"\n\
            stage = \"refine\"\nimporters = [\"USA\"]\npercent = -4\n[[group]]\nid = \"none\"\n";
        insta::assert_snapshot!(Disruption::parse("year.toml", text, &names()).unwrap_err().to_string());
    }
}
