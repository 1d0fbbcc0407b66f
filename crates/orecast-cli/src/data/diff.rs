//! `orecast data diff`: what an update of the facts changes.

use std::{fmt::Write as _, path::PathBuf};

use clap::Args;
use orecast::{
    base::diagnostic::did_you_mean,
    world::{
        diff::{Diff, RowChange, StandingChange, TableDiff, Wanted, between_editions, between_packages},
        locate::{Facts, NoPackage},
        package::Package,
    },
};

use crate::{
    Outcome,
    text::{self, Table},
};

/// Lines of a list that are printed when no table or mineral is asked for.
const LINES: usize = 15;

/// Arguments of `data diff`.
#[derive(Args)]
pub(crate) struct DiffArgs {
    /// Folder of the old package; with `--vintage`, an edition such as `2025`
    old: String,
    /// Folder of the new package; with `--vintage`, an edition such as `2026`
    new: String,
    /// Compare two editions within the package
    #[arg(long)]
    vintage: bool,
    /// One table only
    #[arg(long)]
    table: Option<String>,
    /// One mineral only, by its identifier
    #[arg(long)]
    mineral: Option<String>,
    /// Print everything as JSON
    #[arg(long)]
    json: bool,
}

impl DiffArgs {
    pub(super) fn run(&self, facts: impl Fn() -> Result<Facts, NoPackage>) -> Outcome {
        let (old, new) = (PathBuf::from(&self.old), PathBuf::from(&self.new));
        let package = if self.vintage { facts()?.package } else { new.clone() };
        let tables = Package::read(&package)?.resources;
        if let Some(table) = &self.table
            && tables.iter().all(|known| known.name != *table)
        {
            let remedy = did_you_mean(table, tables.iter().map(|t| t.name.as_str()), "see datapackage.json");
            return Err(format!("there is no table `{table}`\n    {remedy}").into());
        }
        let mineral = self.mineral.as_ref().map(|mineral| mineral.parse()).transpose()?;
        let wanted = Wanted { table: self.table.clone(), mineral };
        let diff = if self.vintage {
            between_editions(&package, &self.old, &self.new, &wanted)?
        } else {
            between_packages(&old, &new, &wanted)?
        };
        Ok(if self.json { serde_json::to_string_pretty(&diff)? + "\n" } else { self.print(&diff) })
    }

    fn print(&self, diff: &Diff) -> String {
        if diff.tables.is_empty() && diff.standing.is_empty() {
            return "No differences.\n".to_owned();
        }
        let lines = if self.table.is_some() || self.mineral.is_some() { usize::MAX } else { LINES };
        summary(diff) + &standing(&diff.standing, lines) + &details(&diff.tables, lines)
    }
}

fn summary(diff: &Diff) -> String {
    let mut table = Table::new(&["table", ">rows added", ">removed", ">changed"]);
    for of in &diff.tables {
        let count = |rows: usize| text::grouped(&rows.to_string());
        table.row([
            of.table.clone(),
            count(of.added.len()),
            count(of.removed.len()),
            count(of.changed.len()),
        ]);
    }
    let by_change = diff.standing.iter().filter(|change| change.change.is_some()).count();
    format!(
        "{}\nFigures in use: {} with another value, {} that appear or vanish.\n",
        table.print(),
        text::grouped(&by_change.to_string()),
        text::grouped(&(diff.standing.len() - by_change).to_string()),
    )
}

fn standing(changes: &[StandingChange], lines: usize) -> String {
    let mut table = Table::new(&["mineral", "table", "stage", "country", "year", ">old", ">new", ">change"]);
    let tonnes = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), text::tonnes);
    for change in changes.iter().take(lines) {
        table.row([
            change.mineral.to_string(),
            change.quantity.as_str().to_owned(),
            change.stage.to_string(),
            change.iso3.to_string(),
            change.year.to_string(),
            tonnes(change.old),
            tonnes(change.new),
            percent(change.change),
        ]);
    }
    let body = table.print();
    if body.is_empty() { body } else { format!("\nFigures in use\n{body}{}", rest(changes.len(), lines)) }
}

/// Every table: values that change, then rows that come and go.
fn details(tables: &[TableDiff], lines: usize) -> String {
    let mut out = String::new();
    for of in tables {
        let _ = writeln!(out, "\n{} ({})", of.table, of.key.join(", "));
        for RowChange { key, cells } in of.changed.iter().take(lines) {
            let cells: Vec<String> = cells
                .iter()
                .map(|cell| {
                    let change = cell.change.map_or_else(String::new, |c| format!(" ({})", percent(Some(c))));
                    format!("{} {} -> {}{change}", cell.column, shown(&cell.old), shown(&cell.new))
                })
                .collect();
            let _ = writeln!(out, "  changed  {}: {}", key.join(", "), cells.join("; "));
        }
        out += &rest(of.changed.len(), lines);
        for (word, keys) in [("added", &of.added), ("removed", &of.removed)] {
            for key in keys.iter().take(lines) {
                let _ = writeln!(out, "  {word:<7}  {}", key.join(", "));
            }
            out += &rest(keys.len(), lines);
        }
    }
    out
}

fn shown(cell: &str) -> &str {
    if cell.is_empty() { "(empty)" } else { cell }
}

/// How many lines are not printed.
fn rest(all: usize, printed: usize) -> String {
    match all.saturating_sub(printed) {
        0 => String::new(),
        more => format!("  and {} more: see --json, --table, --mineral\n", text::grouped(&more.to_string())),
    }
}

/// A relative change such as `+12.5 %`; a dash when there is none.
fn percent(change: Option<f64>) -> String {
    change
        .map_or_else(|| "–".to_owned(), |change| format!("{:+.1} %", 100.0 * change).replace('-', "\u{2212}"))
}
