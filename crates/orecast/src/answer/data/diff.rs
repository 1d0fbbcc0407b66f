//! What an update of the facts changes.

use super::{Cell, Column, Figure, Section, Sentence, Table, View, count};
use crate::{
    base::unit::Range,
    world::{
        World,
        diff::{Diff, StandingChange, TableDiff},
    },
};

/// Rows of a list that are shown when no table or mineral is asked for.
const LINES: usize = 15;

/// Rows that come, go and change, and selected figures that move; `all` shows every row.
pub fn view(world: Option<&World>, diff: &Diff, all: bool) -> View {
    let mut view = View::new("What the update changes");
    if diff.tables.is_empty() && diff.standing.is_empty() {
        view.say(Sentence::new("none", "No differences."));
        return view;
    }
    let lines = if all { usize::MAX } else { LINES };
    let mut table = Table::titled(["Table", ">Rows added", ">Removed", ">Changed"]);
    for of in &diff.tables {
        table.row([
            of.table.clone().into(),
            Cell::count(of.added.len()),
            Cell::count(of.removed.len()),
            Cell::count(of.changed.len()),
        ]);
    }
    let by_change = diff.standing.iter().filter(|change| change.change.is_some()).count();
    let text = format!(
        "Selected figures: {} with another value, {} that appear or vanish.",
        count(by_change),
        count(diff.standing.len() - by_change)
    );
    view.say(Sentence::new("selected", text));
    view.push(Section::of("tables", "", table));
    view.push(selected(world, &diff.standing, lines));
    for of in &diff.tables {
        view.push(details(of, lines));
    }
    view
}

fn change(change: Option<f64>) -> Cell {
    change.map_or(Cell::Empty, |change| {
        Figure::change(Range::exact(change), "share").said(|text| text.replace("pp", "%")).into()
    })
}

fn selected(world: Option<&World>, changes: &[StandingChange], lines: usize) -> Section {
    let mut table =
        Table::titled(["Mineral", "Table", "Stage", "Country", "Year", ">Old", ">New", ">Change"]);
    let tonnes = |value: Option<f64>| Cell::known(value.map(|value| Figure::published(value, "t")));
    for row in changes.iter().take(lines) {
        let country =
            world.map_or_else(|| row.iso3.to_string().into(), |world| Cell::country(world, row.iso3));
        table.row([
            row.mineral.to_string().into(),
            row.quantity.as_str().into(),
            row.stage.into(),
            country,
            Cell::Year { text: row.year },
            tonnes(row.old),
            tonnes(row.new),
            change(row.change),
        ]);
    }
    Section::of("selected", "Selected figures", table).with_note(rest(changes.len(), lines))
}

/// One table: values that change, then rows that come and go.
fn details(of: &TableDiff, lines: usize) -> Section {
    let shown = |cell: &str| if cell.is_empty() { "(empty)".to_owned() } else { cell.to_owned() };
    let mut table = Table::new([
        Column::words("What"),
        Column::words("Row"),
        Column::words("Column"),
        Column::words("Old"),
        Column::words("New"),
        Column::numbers("Change"),
    ]);
    for row in of.changed.iter().take(lines) {
        for cell in &row.cells {
            table.row([
                "changed".into(),
                row.key.join(", ").into(),
                cell.column.clone().into(),
                shown(&cell.old).into(),
                shown(&cell.new).into(),
                change(cell.change),
            ]);
        }
    }
    for (word, keys) in [("added", &of.added), ("removed", &of.removed)] {
        for key in keys.iter().take(lines) {
            table.row([word.into(), key.join(", ").into()]);
        }
    }
    let left: usize = [of.changed.len(), of.added.len(), of.removed.len()]
        .iter()
        .map(|all| all.saturating_sub(lines))
        .sum();
    Section::of(format!("table-{}", of.table), format!("{} ({})", of.table, of.key.join(", ")), table)
        .with_note(rest(left + lines.min(usize::MAX / 2), lines.min(usize::MAX / 2)))
}

/// How many rows are not shown.
fn rest(all: usize, shown: usize) -> String {
    match all.saturating_sub(shown) {
        0 => String::new(),
        more => format!("And {} more: ask for one table or mineral, or for the data.", count(more)),
    }
}
