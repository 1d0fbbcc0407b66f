//! `orecast show`: what is known about a mineral or a country.

mod country;
mod mineral;

use clap::Args;
use orecast::{
    base::id::SourceId,
    world::{
        World,
        layer::Layer,
        names::Subject,
        show::{country_sheet, mineral_sheet},
        table::{Flag, ObservationRow, ProjectRow},
    },
};
use serde::Serialize;
use serde_json::{Value, to_string_pretty};

use crate::{
    Outcome,
    text::{self, Table},
};

/// Who mines, refines, holds and buys a mineral; what a country mines, refines and exports
#[derive(Args)]
pub(crate) struct Show {
    /// A mineral or a country: identifier, code, name or symbol, such as `tungsten` or `KAZ`
    name: String,
    /// Print everything as JSON
    #[arg(long)]
    json: bool,
}

impl Show {
    pub(crate) fn run(&self, world: &World) -> Outcome {
        Ok(match (world.find(&self.name)?, self.json) {
            (Subject::Mineral(row), true) => document(world, mineral_sheet(world, row))?,
            (Subject::Country(row), true) => document(world, country_sheet(world, row))?,
            (Subject::Mineral(row), false) => {
                mineral::print(world, &mineral_sheet(world, row)) + &own_data(world, row.id.as_str())
            }
            (Subject::Country(row), false) => {
                country::print(world, &country_sheet(world, row)) + &own_data(world, row.iso3.as_str())
            }
        })
    }
}

/// A sheet as JSON, with the own data that it rests on.
#[derive(Serialize)]
struct Document<'w, T> {
    /// Whether confidential own data is among the facts.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    confidential: bool,
    #[serde(skip_serializing_if = "<[Layer]>::is_empty")]
    own_data: &'w [Layer],
    #[serde(flatten)]
    sheet: T,
}

/// Prints a sheet as JSON. A file is easily passed on, so figures of confidential sources are left out of it.
fn document(world: &World, sheet: impl Serialize) -> Result<String, serde_json::Error> {
    let own_data = world.layers();
    let document = Document { confidential: world.has_confidential(), own_data, sheet };
    let mut value = serde_json::to_value(&document)?;
    if document.confidential {
        withhold(world, &mut value);
    }
    Ok(to_string_pretty(&value)? + "\n")
}

/// What a withheld row still says: what it is about and where it is from.
const NAMED: [&str; 11] = [
    "mineral", "stage", "iso3", "exporter", "importer", "year", "id", "source", "sources", "vintage", "grade",
];
/// Numbers computed from rows, from which a withheld figure could be found again.
const COMPUTED: [&str; 5] = ["share", "sum", "spread", "rank", "world"];

/// Empties every row of a confidential source but for what names it, and leaves out what is computed from rows.
fn withhold(world: &World, value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| withhold(world, item)),
        Value::Object(fields) => {
            let cited = ["source", "sources"].into_iter().filter_map(|name| fields.get(name));
            let cited: Vec<&str> = cited
                .flat_map(|cited| match cited {
                    Value::Array(ids) => ids.iter().filter_map(Value::as_str).collect(),
                    id => id.as_str().into_iter().collect::<Vec<_>>(),
                })
                .collect();
            let is_row = fields.contains_key("source");
            if cited.iter().filter_map(|id| id.parse().ok()).any(|id| world.is_confidential(&id)) {
                fields.retain(|name, _| NAMED.contains(&name.as_str()));
                fields.insert("confidential".to_owned(), true.into());
            } else if !is_row {
                fields.retain(|name, _| !COMPUTED.contains(&name.as_str()));
            }
            fields.values_mut().for_each(|field| withhold(world, field));
        }
        _ => {}
    }
}

/// What own data changes about a mineral or country, named as keys name it.
fn own_data(world: &World, subject: &str) -> String {
    let mut lines = Vec::new();
    for layer in world.layers() {
        lines.push(format!("  {}", layer.in_words()));
        for (what, rows) in [("replaced", &layer.replaced), ("withdrawn", &layer.withdrawn)] {
            let about = rows.iter().filter(|row| row.key.iter().any(|cell| cell == subject));
            lines.extend(about.map(|row| format!("  {what}: {} {}", row.table, row.key.join(", "))));
        }
    }
    if lines.is_empty() { String::new() } else { format!("\nOwn data\n{}\n", lines.join("\n")) }
}

/// A source id, marked where it is own data.
fn cite(world: &World, source: &SourceId) -> String {
    let own = world.layers().iter().any(|layer| layer.sources.contains_key(source));
    match (world.is_confidential(source), own) {
        (true, _) => format!("{source} (own, confidential)"),
        (false, true) => format!("{source} (own)"),
        (false, false) => source.to_string(),
    }
}

/// A figure with its bound and range, such as `> 50 kt` or `3.4 kt (3 kt to 3.5 kt)`.
fn figure(row: &ObservationRow) -> String {
    // A published figure keeps its digits, a derived one has three.
    let tonnes = if row.flag == Flag::Derived { text::about_tonnes } else { text::tonnes };
    let range = match (row.low, row.high) {
        (Some(low), Some(high)) if low == high && row.value == Some(low) => String::new(),
        (Some(low), Some(high)) => text::range(&tonnes(low), &tonnes(high)),
        (Some(low), None) => format!("(from {})", tonnes(low)),
        (None, Some(high)) => format!("(to {})", tonnes(high)),
        (None, None) => String::new(),
    };
    let value = match (row.value, row.flag) {
        (Some(value), Flag::AtLeast) => format!("> {}", tonnes(value)),
        (Some(value), Flag::AtMost) => format!("< {}", tonnes(value)),
        (Some(value), _) => tonnes(value),
        (None, Flag::Withheld) => "withheld".to_owned(),
        (None, _) if range.is_empty() => "unknown".to_owned(),
        (None, _) => String::new(),
    };
    [value, range].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// What a publisher said besides the number; nothing where the figure itself says it.
fn remark(flag: Flag) -> &'static str {
    match flag {
        Flag::Estimated => "estimated",
        Flag::Derived => "derived",
        Flag::Capacity => "capacity",
        Flag::NetExporter => "net exporter",
        Flag::Unavailable => "unavailable",
        Flag::Reported | Flag::Withheld | Flag::AtLeast | Flag::AtMost => "",
    }
}

/// The sources that were cited, with their titles.
pub(crate) fn sources(world: &World, mut cited: Vec<&SourceId>) -> String {
    cited.sort_unstable();
    cited.dedup();
    let mut table = Table::new(&["source", "title", "publisher", "licence"]);
    for row in cited.into_iter().filter_map(|id| world.source(id)) {
        table.row([row.id.to_string(), row.title.clone(), row.publisher.clone(), row.licence.clone()]);
    }
    section("Sources", &table)
}

/// A titled table, or nothing when the table is empty.
pub(crate) fn section(title: &str, table: &Table) -> String {
    let body = table.print();
    if body.is_empty() { body } else { format!("\n{title}\n{body}") }
}

/// Projects, one a line.
fn projects(world: &World, rows: &[&ProjectRow], names_mineral: bool) -> String {
    let mut table = Table::new(&[
        "project",
        "name",
        "country",
        "mineral",
        "stage",
        "status",
        ">adds t/yr",
        "start",
        ">capex MUSD",
        "control",
        "grade",
        "source",
        "of",
    ]);
    for row in rows {
        table.row([
            row.id.to_string(),
            row.name.clone(),
            if names_mineral { String::new() } else { country_name(world, row) },
            if names_mineral { row.mineral.to_string() } else { String::new() },
            word(&row.stage),
            word(&row.status),
            spread(row.increment_low, row.increment_mid, row.increment_high, text::plain),
            spread(
                row.start_low.map(f64::from),
                row.start_mid.map(f64::from),
                row.start_high.map(f64::from),
                |year| format!("{year}"),
            ),
            row.capex_musd.map(text::plain).unwrap_or_default(),
            row.control.clone(),
            format!("{}/{}", row.grade_existence, row.grade_numbers),
            cite(world, &row.source),
            row.source_date.clone(),
        ]);
    }
    section("Projects (grades: existence/numbers)", &table)
}

fn country_name(world: &World, row: &ProjectRow) -> String {
    world.country(row.iso3).map_or_else(|| row.iso3.to_string(), |country| country.name.clone())
}

/// A middle value with its range, as far as they are known and differ.
fn spread(low: Option<f64>, mid: Option<f64>, high: Option<f64>, print: impl Fn(f64) -> String) -> String {
    let mid_text = mid.map(&print).unwrap_or_default();
    match (low, high) {
        (Some(low), Some(high)) if low < high => {
            format!("{mid_text} {}", text::range(&print(low), &print(high))).trim_start().to_owned()
        }
        _ => mid_text,
    }
}

/// The word that files use for a value of a list.
pub(crate) fn word(value: &impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}
