//! What the facts are, what they lack, and what an update changes.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Ask;
use crate::{
    answer::{self, data::tension::SPELT_OUT},
    ask::{Control, Data, Engine, Error, answer::Reply},
    base::{diagnostic::did_you_mean, id::MineralId},
    baseline::{
        comparison::reliance_table,
        tension::{tension_cells, tension_table},
    },
    world::{
        coverage::coverage,
        diff::{Wanted, between_editions, between_packages},
        gaps::{STALE_AFTER, gaps},
        layer::{Layer, write_new},
        package::{Package, Resource},
    },
};

/// Checks every table and says everything that is wrong, with file, line and remedy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DataCheck {}

/// Minerals of a list by kinds of facts: the best grade and how much there is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DataCoverage {
    /// List of minerals, such as `US2025`.
    #[serde(default = "newest_list")]
    pub list: String,
}

/// What is not known: absent, withheld, one-sided, stale, without trade, looked for and not found, or only inferred.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DataGaps {
    /// One mineral only.
    #[serde(default)]
    pub mineral: Option<String>,
    /// A figure older than so many years before the base year is stale.
    #[serde(default = "stale_after")]
    pub stale_after: i32,
}

/// What an update changes: rows, values, and the selected figures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DataDiff {
    /// Folder of the old package; an edition such as `2025` where editions are compared.
    pub old: String,
    /// Folder of the new package; an edition such as `2026` where editions are compared.
    pub new: String,
    /// Whether two editions within the package are compared.
    #[serde(default)]
    pub vintage: bool,
    /// One table only.
    #[serde(default)]
    pub table: Option<String>,
    /// One mineral only.
    #[serde(default)]
    pub mineral: Option<String>,
}

/// Balanced years held against published net import reliance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DataReliance {
    /// Balanced year; the last one with complete trade when absent.
    #[serde(default)]
    pub year: Option<i32>,
}

/// What balancing moved against what was published, by how much, and what pushed it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DataTension {
    /// All quantities of one mineral; an overview when absent.
    #[serde(default)]
    pub mineral: Option<String>,
    /// Balanced year; the last one with complete trade when absent.
    #[serde(default)]
    pub year: Option<i32>,
}

/// Begins a folder of own data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DataNewLayer {
    /// Folder to write; it must not exist, or be empty.
    pub folder: String,
    /// Tables that the folder begins with, beside `sources`.
    #[serde(default)]
    pub table: Vec<String>,
}

fn newest_list() -> String {
    "US2025".to_owned()
}

const fn stale_after() -> i32 {
    STALE_AFTER
}

/// A table of a package by name.
fn table<'p>(package: &'p Package, name: &str) -> Result<&'p Resource, Error> {
    package.resource(name).ok_or_else(|| {
        let known = package.resources.iter().map(|resource| resource.name.as_str());
        let remedy = did_you_mean(name, known, "datapackage.json names them");
        Error::refused(format!("there is no table `{name}`"), remedy)
    })
}

/// What a check found.
#[derive(Serialize)]
struct Checked {
    tables: usize,
    rows: usize,
    own_data: Vec<Layer>,
}

impl Ask for DataCheck {
    fn reply(&self, engine: &Engine, _: &Control) -> Result<Reply, Error> {
        let world = engine.world()?;
        let folder = &engine.facts()?.package;
        let tables = Package::read(folder)?.resources.len();
        let view = answer::data::check(world, &folder.display().to_string(), tables);
        let own_data = world.layers().to_vec();
        Ok(Reply::new(view, Data::of(Checked { tables, rows: world.tables().row_count(), own_data })))
    }
}

impl Ask for DataCoverage {
    fn reply(&self, engine: &Engine, _: &Control) -> Result<Reply, Error> {
        let found = coverage(engine.world()?, &self.list).map_err(|error| {
            let text = error.to_string();
            let (found, remedy) = text.split_once("\n    ").unwrap_or((&text, "name a list such as US2025"));
            Error::refused(found, remedy)
        })?;
        Ok(Reply::new(answer::data::coverage(&found), Data::of(found)))
    }
}

impl Ask for DataGaps {
    fn reply(&self, engine: &Engine, _: &Control) -> Result<Reply, Error> {
        let (world, names) = (engine.world()?, engine.names()?);
        let only = self.mineral.as_deref().map(|text| names.mineral(text)).transpose()?;
        let only = only.as_ref().and_then(|name| world.mineral(name.named().as_str()));
        let found = gaps(world, only, self.stale_after);
        Ok(Reply::new(answer::data::gaps(world, &found), Data::of(found)))
    }
}

impl Ask for DataDiff {
    fn reply(&self, engine: &Engine, _: &Control) -> Result<Reply, Error> {
        let (old, new) = (PathBuf::from(&self.old), PathBuf::from(&self.new));
        let folder = if self.vintage { engine.facts()?.package.clone() } else { new.clone() };
        let package = Package::read(&folder)?;
        if let Some(name) = &self.table {
            table(&package, name)?;
        }
        let mineral: Option<MineralId> = match &self.mineral {
            None => None,
            Some(text) if self.vintage => Some(engine.names()?.mineral(text)?.named().clone()),
            Some(text) => Some(text.parse().map_err(|_| {
                Error::refused(format!("`{text}` is no identifier"), "write one such as tungsten")
            })?),
        };
        let all = self.table.is_some() || mineral.is_some();
        let wanted = Wanted { table: self.table.clone(), mineral };
        let found = if self.vintage {
            between_editions(&folder, &self.old, &self.new, &wanted)?
        } else {
            between_packages(&old, &new, &wanted)?
        };
        Ok(Reply::new(answer::data::diff::view(None, &found, all), Data::of(found)))
    }
}

impl Ask for DataReliance {
    fn reply(&self, engine: &Engine, _: &Control) -> Result<Reply, Error> {
        let (world, names) = (engine.world()?, engine.names()?);
        let found = reliance_table(world, names.base_year(self.year)?);
        Ok(Reply::new(answer::data::reliance(world, &found), Data::of(found)))
    }
}

impl Ask for DataTension {
    fn reply(&self, engine: &Engine, _: &Control) -> Result<Reply, Error> {
        let (world, names) = (engine.world()?, engine.names()?);
        let year = names.base_year(self.year)?;
        let Some(text) = &self.mineral else {
            let found = tension_table(world, year, SPELT_OUT);
            return Ok(Reply::new(answer::data::tension::overview(world, &found), Data::of(found)));
        };
        let mineral = names.market(text, "the balanced year")?;
        let cells = tension_cells(world, mineral.as_str(), year).map_err(|error| {
            Error::refused(error.to_string(), "ask for a mineral whose year can be balanced")
        })?;
        Ok(Reply::new(answer::data::tension::one(&cells, year), Data::of(cells)))
    }
}

impl Ask for DataNewLayer {
    fn reply(&self, engine: &Engine, _: &Control) -> Result<Reply, Error> {
        let package = Package::read(&engine.facts()?.package)?;
        let tables: Vec<&Resource> =
            self.table.iter().map(|name| table(&package, name)).collect::<Result<_, _>>()?;
        let folder = PathBuf::from(&self.folder);
        let written = write_new(&folder, &package, &tables).map_err(Error::file(folder))?;
        Ok(Reply::new(answer::data::new_layer(&self.folder, &written), Data::of(written)))
    }
}
