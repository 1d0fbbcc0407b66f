//! Overlays: cells of the tables that take another value in a case, and branches, readings of facts in dispute.

use std::{borrow::Cow, collections::BTreeMap, fmt};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::Case;
use crate::{
    base::{
        diagnostic::Diagnostics,
        id::{BranchId, SourceId},
    },
    world::World,
};

/// Key of the schema that marks a cell.
pub(super) const MARK: &str = "x-cell";

/// One cell as it is written: a text, a number or a truth.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Cell {
    /// `true` or `false`.
    Truth(bool),
    /// Whole number.
    Whole(i64),
    /// Number with a fraction.
    Number(f64),
    /// Text; the empty text stands for an unknown.
    Text(String),
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Truth(truth) => truth.fmt(f),
            Self::Whole(number) => number.fmt(f),
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => text.fmt(f),
        }
    }
}

impl JsonSchema for Cell {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Cell".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": ["string", "number", "boolean"], MARK: true })
    }
}

/// Cells of a table that take another value. The base is never edited: the change holds within the case.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Overlay {
    /// The table, such as `projects`.
    #[schemars(extend("x-names" = "table"))]
    pub table: String,
    /// Cells by which the rows are known; all rows that have them are changed.
    #[serde(rename = "where")]
    pub rows: BTreeMap<String, Cell>,
    /// Cells that take another value.
    pub set: BTreeMap<String, Cell>,
    /// The branch in which it holds; absent: in all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-names" = "branch"))]
    pub branch: Option<BranchId>,
    /// Where the value was read.
    #[schemars(extend("x-names" = "source"))]
    pub source: SourceId,
    /// What was read, what was assumed.
    #[serde(default)]
    pub note: String,
    /// Line of the file.
    #[serde(skip)]
    pub(super) line: usize,
}

/// One reading of facts in dispute; its overlays name it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Branch {
    /// Name.
    #[schemars(extend("x-names" = "new"))]
    pub id: BranchId,
    /// The reading in words.
    pub title: String,
}

impl Case {
    /// The world as the case sees it, under one of its branches or none.
    ///
    /// # Errors
    /// All overlays that fit no row or whose value the column cannot hold; `file` names the case in the report.
    pub fn world<'w>(
        &self,
        world: &'w World,
        branch: Option<&BranchId>,
        file: &str,
    ) -> Result<Cow<'w, World>, Diagnostics> {
        let fits = |overlay: &&Overlay| overlay.branch.is_none() || overlay.branch.as_ref() == branch;
        if self.overlays.iter().all(|overlay| !fits(&overlay)) {
            return Ok(Cow::Borrowed(world));
        }
        let mut tables = world.tables().clone();
        let mut report = Diagnostics::default();
        for overlay in self.overlays.iter().filter(fits) {
            let texts = |cells: &BTreeMap<String, Cell>| {
                cells.iter().map(|(key, cell)| (key.clone(), cell.to_string())).collect::<BTreeMap<_, _>>()
            };
            match tables.change(&overlay.table, &texts(&overlay.rows), &texts(&overlay.set)) {
                Ok(0) => {
                    let remedy = format!("see data/{}.csv for the rows that exist", overlay.table);
                    report.push(file, overlay.line, "overlay.where", "no row has these cells", &remedy);
                }
                Ok(_) => {}
                Err(error) => {
                    let remedy = format!("see data/README.md for what the columns of {} hold", overlay.table);
                    report.push(file, overlay.line, "overlay.set", &error, &remedy);
                }
            }
        }
        report.into_result(()).map(|()| Cow::Owned(world.with_tables(tables)))
    }
}
