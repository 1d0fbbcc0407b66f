//! What the facts are, what they lack, and what an update changes.

pub mod diff;
pub mod tension;

use std::collections::{BTreeMap, BTreeSet};

use super::{
    figure::{Bound, Figure},
    number::grouped,
    view::{Cell, Column, RowKind, Section, Sentence, Table, View, country_name, mineral_name},
};
use crate::{
    base::{id::MineralId, unit::Range},
    baseline::comparison::{OriginCheck, RelianceCheck, RelianceTable},
    world::{
        World,
        coverage::{COLUMNS, ColumnTotal, Counted, Coverage, CoverageCell},
        gaps::{Gap, GapKind},
        layer::Layer,
        table::Flag,
    },
};

/// A difference up to this many points counts as agreement.
const CLOSE: f64 = 10.0;
/// Origins whose share is furthest from the published one that are shown.
const FURTHEST: usize = 10;

/// That all tables are sound, and what own data lies over them.
pub fn check(world: &World, package: &str, tables: usize) -> View {
    let mut view = View::new(format!("{package}: {tables} tables, no problems"));
    let rows = world.tables().row_count();
    let mut table = Table::titled(["", ">"]);
    table.row(["rows".into(), Cell::count(rows)]);
    view.push(Section::of("rows", "", table));
    for layer in world.layers() {
        view.say(Sentence::new(format!("own-{}", layer.name), Layer::in_words(layer)));
    }
    view
}

/// Minerals by kinds of facts: the best grade and how much there is.
pub fn coverage(found: &Coverage) -> View {
    let mut view =
        View::new(format!("What is known of the {} minerals of {}", found.minerals.len(), found.list));
    let mut columns = vec![Column::words("Mineral")];
    columns.extend(COLUMNS.iter().map(|column| Column::numbers(column.name)));
    let mut table = Table::new(columns);
    for mineral in &found.minerals {
        let cells = mineral.cells.iter().zip(COLUMNS).map(|(found, column)| covered(found, column.counted));
        table.row(std::iter::once(mineral.name.clone().into()).chain(cells));
    }
    let mut total = |kind: RowKind, label: &str, count: fn(&ColumnTotal) -> usize| {
        let cells = found.totals.iter().map(|total| Cell::count(count(total)));
        table.add(kind, std::iter::once(label.into()).chain(cells));
    };
    total(RowKind::Sum, "with rows of their own", |total| total.own);
    total(RowKind::Plain, "through their market", |total| total.through_market);
    total(RowKind::Plain, "absent", |total| total.absent);
    view.push(Section::of("coverage", "", table));
    let rows: Vec<&str> =
        COLUMNS.iter().filter(|column| column.counted == Counted::Rows).map(|column| column.name).collect();
    view.note(format!(
        "Best grade and number of countries ({}: rows). In brackets: of the market that the mineral is sold in. –: no row.",
        rows.join(", ")
    ));
    view
}

/// A cell such as `A 12`, `(A 12)` through the market, or a dash.
fn covered(found: &CoverageCell, counted: Counted) -> Cell {
    let Some(grade) = found.grade else { return "–".into() };
    let text = format!("{grade} {}", found.count(counted));
    if found.through.is_some() { format!("({text})") } else { text }.into()
}

/// What is not known, by kind.
pub fn gaps(world: &World, found: &[Gap]) -> View {
    let mut view = View::new("What is not known");
    if found.is_empty() {
        view.say(Sentence::new("none", "No gaps."));
    }
    for kind in GapKind::ALL {
        let of_kind: Vec<&Gap> = found.iter().filter(|gap| gap.kind == kind).collect();
        let minerals: BTreeSet<&MineralId> = of_kind.iter().filter_map(|gap| gap.mineral.as_ref()).collect();
        let heading = format!("{}: {}, minerals: {}", kind.in_words(), of_kind.len(), minerals.len());
        // One line for a mineral and what is missing of it.
        let mut lines: BTreeMap<(Option<&MineralId>, &str), Vec<String>> = BTreeMap::new();
        for gap in of_kind {
            lines.entry((gap.mineral.as_ref(), &gap.what)).or_default().extend(detail(world, gap));
        }
        let mut table = Table::titled(["Mineral", "What", "Where and when"]);
        for ((mineral, what), details) in lines {
            let name =
                mineral.map_or_else(|| "several minerals".into(), |mineral| Cell::mineral(world, mineral));
            table.row([name, what.into(), details.join(", ").into()]);
        }
        let id = serde_json::to_value(kind).ok().and_then(|v| v.as_str().map(str::to_owned));
        view.push(Section::of(id.unwrap_or_default(), heading, table));
    }
    view
}

/// What tells a gap from the others of its line.
fn detail(world: &World, gap: &Gap) -> Option<String> {
    let age = gap.months.map(|months| match months {
        0 => "(as new as the package)".to_owned(),
        1 => "(1 month behind the newest fact)".to_owned(),
        months => format!("({months} months behind the newest fact)"),
    });
    let parts = [
        gap.hs6.map(|hs6| format!("{hs6:06}")),
        gap.country.map(|iso3| country_name(world, iso3)),
        gap.year.map(|year| year.to_string()),
        gap.date.map(|date| date.to_string()),
        age,
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

/// Balanced years held against published net import reliance and origins of imports.
pub fn reliance(world: &World, found: &RelianceTable) -> View {
    let mut view = View::new(format!("Net imports over apparent consumption, {}", found.year));
    let percent = |value: f64| Figure::derived(Range::exact(value), "%");
    let mut table = Table::titled(["Mineral", "Form", "Country", ">Published", ">Balanced", ">Gap"]);
    for row in &found.rows {
        let form = match row.stage {
            _ if !row.product.is_empty() => row.product.clone(),
            Some(stage) => stage.to_string(),
            None => "all forms".to_owned(),
        };
        let gap = row.gap_points.map(|gap| percent(gap).said(|text| text.replace('%', "pp")));
        table.row([
            Cell::mineral(world, &row.mineral),
            form.into(),
            Cell::country(world, row.country),
            published(row),
            row.balanced.map(percent).into(),
            gap.into(),
        ]);
    }
    let close = found.rows.iter().filter(|row| row.gap_points.is_some_and(|gap| gap <= CLOSE)).count();
    let text =
        format!("{close} of {} lie within {CLOSE} points or inside the published bound.", found.rows.len());
    view.say(Sentence::new("close", text));
    view.push(Section::of("reliance", "", table));
    view.push(origins(world, &found.origins));
    for row in &found.without {
        view.note(format!("{}: {}", mineral_name(world, &row.mineral), row.reason));
    }
    view
}

/// How published shares of imports by origin are met, and where they are not.
fn origins(world: &World, checks: &[OriginCheck]) -> Section {
    let mut ranked: Vec<&OriginCheck> = checks.iter().collect();
    ranked.sort_by(|a, b| b.gap_points().total_cmp(&a.gap_points()));
    let mut table = Table::titled(["Mineral", "Form", "From", "To", ">Published", ">Balanced"]);
    for check in ranked.iter().take(FURTHEST) {
        table.row([
            Cell::mineral(world, &check.mineral),
            check.stage.map_or_else(|| "all forms".into(), Cell::from),
            Cell::country(world, check.exporter),
            Cell::country(world, check.importer),
            Figure::published(check.published, "%").into(),
            Figure::derived(Range::exact(check.balanced), "%").into(),
        ]);
    }
    let close = checks.iter().filter(|check| check.gap_points() <= CLOSE).count();
    let median = ranked.get(ranked.len() / 2).map_or(0.0, |check| check.gap_points());
    let half = Figure::derived(Range::exact(median), "");
    Section::of("origins", "Shares of imports by origin: the furthest from what is published", table)
        .with_note(format!(
            "{close} of {} lie within {CLOSE} points of the published four-year mean, half within {}.",
            checks.len(),
            half.text
        ))
}

/// A published reliance with its bound, such as `> 50 %`.
fn published(row: &RelianceCheck) -> Cell {
    let bounded = |percent: f64, bound: Bound, sign: &str| {
        let figure = Figure { bound, ..Figure::published(percent, "%") };
        figure.said(|text| format!("{sign}{text}")).into()
    };
    match (row.flag, row.published) {
        (Flag::NetExporter, _) => "net exporter".into(),
        (Flag::AtLeast, Some(percent)) => bounded(percent, Bound::AtLeast, "> "),
        (Flag::AtMost, Some(percent)) => bounded(percent, Bound::AtMost, "< "),
        (_, Some(percent)) => Figure::published(percent, "%").into(),
        (_, None) => Cell::known(None),
    }
}

/// A folder of own data that was begun.
pub fn new_layer(folder: &str, written: &[String]) -> View {
    let mut view = View::new(format!("{folder}: {}", written.join(", ")));
    view.note("Fill the tables, then check the facts with this folder as own data.");
    view
}

/// A count with commas.
fn count(rows: usize) -> String {
    grouped(&rows.to_string())
}
