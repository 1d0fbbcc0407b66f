//! `orecast data tension`: what balancing moved against what was published, and what pushed it.

use std::fmt::Write;

use clap::Args;
use orecast::{
    base::{diagnostic::did_you_mean, id::SourceId},
    baseline::{
        tension::{MOVED, TensionCell, TensionTable, tension_cells, tension_table},
        totals::{FAR, TotalCheck},
    },
    render::table::{Align, Table},
    world::{World, table::Direction},
};

use crate::{
    Outcome,
    text::{about_tonnes, number},
};

/// Quantities that are spelt out for the whole package.
const SPELT_OUT: usize = 10;

/// Arguments of `data tension`.
#[derive(Args)]
pub(crate) struct Tension {
    /// All quantities of one mineral, such as `tungsten`
    #[arg(long)]
    mineral: Option<String>,
    /// Year; the last one with complete trade when absent
    #[arg(long)]
    year: Option<i32>,
    /// Print everything as JSON
    #[arg(long)]
    json: bool,
}

impl Tension {
    pub(crate) fn run(&self, world: &World) -> Outcome {
        let year = self.year.or_else(|| world.base_year()).ok_or("the package has no trade")?;
        let Some(mineral) = &self.mineral else {
            let found = tension_table(world, year, SPELT_OUT);
            return Ok(if self.json {
                serde_json::to_string_pretty(&found)? + "\n"
            } else {
                overview(&found)
            });
        };
        if world.mineral(mineral).is_none() {
            let names = world.market_minerals().map(|row| row.id.as_str());
            let hint = did_you_mean(mineral, names, "`orecast show` lists what is known");
            return Err(format!("no mineral `{mineral}`\n    {hint}").into());
        }
        let cells = tension_cells(world, mineral, year)?;
        Ok(if self.json { serde_json::to_string_pretty(&cells)? + "\n" } else { one_mineral(&cells, year) })
    }
}

/// A move in standard deviations with its sign.
fn sigmas(value: f64) -> String {
    let digits = number(value.abs(), 2);
    match digits.as_str() {
        "0" => digits,
        _ if value < 0.0 => format!("\u{2212}{digits}"),
        _ => format!("+{digits}"),
    }
}

fn overview(found: &TensionTable) -> String {
    let mut table = Table::new([
        ("Mineral", Align::Left),
        ("Quantities", Align::Right),
        ("Median move", Align::Right),
        ("Largest", Align::Right),
        ("Beyond 2", Align::Right),
        ("Conflict", Align::Left),
    ]);
    for row in &found.minerals {
        let summary = &row.summary;
        table.row([
            row.mineral.to_string(),
            summary.cells.to_string(),
            number(summary.median, 2),
            number(summary.worst, 2),
            summary.moved.to_string(),
            if row.is_high { "in large quantities" } else { "" }.to_owned(),
        ]);
    }
    let moved: usize = found.minerals.iter().map(|row| row.summary.moved).sum();
    let cells: usize = found.minerals.iter().map(|row| row.summary.cells).sum();
    let mut text = format!(
        "How far balancing moved what was published for {}, in standard deviations of each figure\n\n{table}\n\
         {moved} of {cells} quantities moved more than {MOVED:.0} standard deviations\n\nThe largest moves\n",
        found.year
    );
    for (place, cell) in found.worst.iter().enumerate() {
        let _ = writeln!(text, "\n{}. {}, {}", place + 1, cell.mineral, in_words(cell));
    }
    text += &totals(&found.totals);
    text
}

/// Published totals of trade that the balanced year misses.
fn totals(found: &[TotalCheck]) -> String {
    if found.is_empty() {
        return String::new();
    }
    let mut table = Table::new([
        ("Mineral", Align::Left),
        ("Form", Align::Left),
        ("Country", Align::Left),
        ("Trade", Align::Left),
        ("Published", Align::Right),
        ("Balanced", Align::Right),
        ("Of it passes", Align::Right),
    ]);
    for check in found {
        table.row([
            check.mineral.to_string(),
            check.stage.map_or("all forms", |stage| stage.as_str()).to_owned(),
            check.country.to_string(),
            if check.direction == Direction::Imports { "imports" } else { "exports" }.to_owned(),
            about_tonnes(check.published),
            about_tonnes(check.balanced),
            about_tonnes(check.passed),
        ]);
    }
    format!(
        "\nTotals of trade in a country's own statistics that the balanced year misses by more than {:.0} %\n\n{table}",
        100.0 * FAR
    )
}

/// Where the observation comes from.
fn sources(cell: &TensionCell) -> String {
    let sources: Vec<&str> = cell.sources.iter().map(SourceId::as_str).collect();
    if sources.is_empty() { "inferred".to_owned() } else { sources.join(", ") }
}

fn in_words(cell: &TensionCell) -> String {
    format!(
        "{}: {} ({}, grade {}) became {}, {} standard deviations\n   {}",
        cell.label,
        about_tonnes(cell.observed),
        sources(cell),
        cell.grade,
        about_tonnes(cell.balanced),
        sigmas(cell.tension),
        cell.because
    )
}

fn one_mineral(cells: &[TensionCell], year: i32) -> String {
    let mut table = Table::new([
        ("Quantity", Align::Left),
        ("Before", Align::Right),
        ("Balanced", Align::Right),
        ("Move", Align::Right),
        ("Grade", Align::Left),
        ("Source", Align::Left),
    ]);
    for cell in cells {
        table.row([
            cell.label.clone(),
            about_tonnes(cell.observed),
            about_tonnes(cell.balanced),
            sigmas(cell.tension),
            cell.grade.to_string(),
            sources(cell),
        ]);
    }
    let mut text = format!(
        "What balancing moved in {year}: tonnes contained; moves in standard deviations of each figure\n\n{table}"
    );
    for cell in cells.iter().filter(|cell| cell.tension.abs() > MOVED).take(SPELT_OUT) {
        let _ = writeln!(text, "\n{}", in_words(cell));
    }
    text
}
