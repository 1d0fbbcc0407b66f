//! What balancing moved against what was published, by how much, and what pushed it.

use super::{Cell, Figure, Section, Sentence, Table, View};
use crate::{
    base::{id::SourceId, unit::Range},
    baseline::{
        tension::{MOVED, TensionCell, TensionTable},
        totals::{FAR, TotalCheck},
    },
    world::{World, table::Direction},
};

/// Quantities that are spelt out.
pub const SPELT_OUT: usize = 10;

fn tonnes(value: f64) -> Figure {
    Figure::derived(Range::exact(value), "t")
}

/// A move in standard deviations, with its sign.
fn sigmas(value: f64) -> Figure {
    Figure::change(Range::exact(value), "")
}

/// Every mineral, the largest moves, and published totals that the balanced year misses.
pub fn overview(world: &World, found: &TensionTable) -> View {
    let mut view = View::new(format!(
        "How far balancing moved what was published for {}, in standard deviations of each figure",
        found.year
    ));
    let mut table =
        Table::titled(["Mineral", ">Quantities", ">Median move", ">Largest", ">Beyond 2", "Conflict"]);
    let plain = |value: f64| Figure::derived(Range::exact(value), "");
    for row in &found.minerals {
        let summary = &row.summary;
        table.row([
            Cell::mineral(world, &row.mineral),
            Cell::count(summary.cells),
            plain(summary.median).into(),
            plain(summary.worst).into(),
            Cell::count(summary.moved),
            if row.is_high { "in large quantities" } else { "" }.into(),
        ]);
    }
    let moved: usize = found.minerals.iter().map(|row| row.summary.moved).sum();
    let cells: usize = found.minerals.iter().map(|row| row.summary.cells).sum();
    let text = format!("{moved} of {cells} quantities moved more than {MOVED} standard deviations.");
    view.say(Sentence::new("moved", text));
    view.push(Section::of("minerals", "", table));
    view.push(reasons("The largest moves", found.worst.iter()));
    view.push(totals(world, &found.totals));
    view
}

/// Published totals of trade that the balanced year misses.
fn totals(world: &World, found: &[TotalCheck]) -> Section {
    let mut table =
        Table::titled(["Mineral", "Form", "Country", "Trade", ">Published", ">Balanced", ">Of it passes"]);
    for check in found {
        table.row([
            Cell::mineral(world, &check.mineral),
            check.stage.map_or_else(|| "all forms".into(), Cell::from),
            Cell::country(world, check.country),
            if check.direction == Direction::Imports { "imports" } else { "exports" }.into(),
            tonnes(check.published).into(),
            tonnes(check.balanced).into(),
            tonnes(check.passed).into(),
        ]);
    }
    let far = Figure::share(Range::exact(FAR));
    let heading = format!(
        "Totals of trade in a country's own statistics that the balanced year misses by more than {}",
        far.text
    );
    Section::of("totals", heading, table)
}

/// Where the observation comes from.
fn sources(cell: &TensionCell) -> String {
    let sources: Vec<&str> = cell.sources.iter().map(SourceId::as_str).collect();
    if sources.is_empty() { "inferred".to_owned() } else { sources.join(", ") }
}

/// Moves with what pushed them.
fn reasons<'a>(heading: &str, cells: impl Iterator<Item = &'a TensionCell>) -> Section {
    let mut section = Section::new("reasons", heading);
    for (place, cell) in cells.enumerate() {
        let (before, after, by) = (tonnes(cell.observed), tonnes(cell.balanced), sigmas(cell.tension));
        let text = format!(
            "{}, {}: {} ({}, grade {}) became {}, {} standard deviations. {}",
            cell.mineral,
            cell.label,
            before.text,
            sources(cell),
            cell.grade,
            after.text,
            by.text,
            cell.because
        );
        let sentence = Sentence::new(format!("move-{}", place + 1), text);
        section = section
            .with_sentence(sentence.with("published", before).with("balanced", after).with("move", by));
    }
    section
}

/// All quantities of one mineral.
pub fn one(cells: &[TensionCell], year: i32) -> View {
    let mut view = View::new(format!(
        "What balancing moved in {year}: tonnes contained; moves in standard deviations of each figure"
    ));
    let mut table = Table::titled(["Quantity", ">Before", ">Balanced", ">Move", "Grade", "Source"]);
    for cell in cells {
        table.row([
            cell.label.clone().into(),
            tonnes(cell.observed).graded(cell.grade).into(),
            tonnes(cell.balanced).into(),
            sigmas(cell.tension).into(),
            cell.grade.into(),
            sources(cell).into(),
        ]);
    }
    view.push(Section::of("quantities", "", table));
    view.push(reasons("Why", cells.iter().filter(|cell| cell.tension.abs() > MOVED).take(SPELT_OUT)));
    view
}
