//! `orecast show`: what is known about a mineral or a country.

mod country;
mod mineral;

use clap::Args;
use orecast::{
    id::SourceId,
    world::{
        World,
        names::Subject,
        show::{country_sheet, mineral_sheet},
        table::{Flag, ObservationRow, ProjectRow},
    },
};
use serde::Serialize;
use serde_json::to_string_pretty;

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
            (Subject::Mineral(row), true) => to_string_pretty(&mineral_sheet(world, row))? + "\n",
            (Subject::Country(row), true) => to_string_pretty(&country_sheet(world, row))? + "\n",
            (Subject::Mineral(row), false) => mineral::print(world, &mineral_sheet(world, row)),
            (Subject::Country(row), false) => country::print(world, &country_sheet(world, row)),
        })
    }
}

/// A figure with its bound and range, such as `> 50 kt` or `3.4 kt (3 kt to 3.5 kt)`.
fn figure(row: &ObservationRow) -> String {
    let range = match (row.low, row.high) {
        (Some(low), Some(high)) if low == high && row.value == Some(low) => String::new(),
        (Some(low), Some(high)) => text::range(&text::tonnes(low), &text::tonnes(high)),
        (Some(low), None) => format!("(from {})", text::tonnes(low)),
        (None, Some(high)) => format!("(to {})", text::tonnes(high)),
        (None, None) => String::new(),
    };
    let value = match (row.value, row.flag) {
        (Some(value), Flag::AtLeast) => format!("> {}", text::tonnes(value)),
        (Some(value), Flag::AtMost) => format!("< {}", text::tonnes(value)),
        (Some(value), _) => text::tonnes(value),
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
            row.source.to_string(),
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
