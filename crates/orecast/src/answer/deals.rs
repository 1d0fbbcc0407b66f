//! Deals as lists: what was promised, which clauses they hold, how often a promise becomes the next step.

pub mod follow;
mod rates;

pub use rates::rates;

use super::{
    figure::Figure,
    parts::{minerals, sides},
    view::{Cell, Column, Section, Sentence, Table, View, cited},
};
use crate::world::{
    World,
    table::{AgreementRow, ClauseKind, Strength},
};

/// Deals, one a row; `by_mineral` says that one mineral was asked for.
pub fn view(world: &World, rows: &[&AgreementRow], by_mineral: bool) -> View {
    let all = world.tables().agreements.len();
    let mut view = View::new("Deals");
    if rows.is_empty() {
        let more = if by_mineral {
            ". A broad deal covers minerals without naming them: ask without the mineral to see those"
        } else {
            ""
        };
        view.say(Sentence::new("none", format!("No deal of {all} fits{more}.")));
        return view;
    }
    view.say(Sentence::new("fits", format!("{} of {all} deals.", rows.len())));
    let mut table =
        Table::titled(["Deal", "Date", "Between", "Form", "Minerals", ">Money", "Status", "Seen", "Grade"]);
    for row in rows {
        table.row([
            row.id.to_string().into(),
            row.date.to_string().into(),
            sides(row).into(),
            format!("{}, {}", row.form, row.force).into(),
            minerals(row).into(),
            money(row),
            row.status.to_string().into(),
            row.status_date.map_or(Cell::Empty, |date| date.to_string().into()),
            row.grade.into(),
        ]);
    }
    view.push(Section::of("deals", "", table));
    view.note("Money is as announced, public and private together. Status is the rung last seen.");
    let recalled = rows.iter().filter(|row| row.note.contains("recalled")).count();
    if recalled > 0 {
        view.note(format!("{recalled} of them are recalled and not read, grade C."));
    }
    view
}

/// Money of a deal, where it names any.
fn money(row: &AgreementRow) -> Cell {
    row.money_musd.map_or(Cell::Empty, |musd| Figure::published(musd, "M USD").graded(row.grade).into())
}

/// What a deal says of a clause.
fn says(world: &World, row: &AgreementRow, kind: ClauseKind) -> Option<Strength> {
    let mut all = world.tables().clauses.iter();
    all.find(|clause| clause.deal == row.id && clause.clause == kind).map(|clause| clause.strength)
}

/// Which deals speak of which levers: a matrix, and how many promise each.
pub fn clauses(world: &World, rows: &[&AgreementRow]) -> View {
    let of = |row: &AgreementRow, kind| says(world, row, kind);
    let kinds: Vec<ClauseKind> = ClauseKind::ALL
        .iter()
        .copied()
        .filter(|&kind| rows.iter().any(|row| of(row, kind).is_some()))
        .collect();
    let speaks = |row: &AgreementRow| kinds.iter().any(|&kind| of(row, kind).is_some());
    let silent = rows.iter().filter(|row| !speaks(row)).count();
    let mut view = View::new("Clauses of deals");
    view.say(Sentence::new(
        "deals",
        format!("{} deals, {silent} of them without a typed clause.", rows.len()),
    ));
    let letters = kinds
        .iter()
        .enumerate()
        .map(|(place, kind)| Column::numbers((place + 1).to_string()).named(kind.to_string()));
    let mut table = Table::new(std::iter::once(Column::words("Deal")).chain(letters));
    for row in rows.iter().filter(|row| speaks(row)) {
        let cells = kinds.iter().map(|&kind| match of(row, kind) {
            Some(Strength::Promised) => "●".into(),
            Some(Strength::Named) => "○".into(),
            Some(Strength::Unknown) => "?".into(),
            None => Cell::Empty,
        });
        table.row(std::iter::once(row.id.to_string().into()).chain(cells));
    }
    view.push(Section::of("deals", "", table).with_note("● promised   ○ named   ? text not public"));
    let mut legend = Table::titled([">No.", "Clause", ">Promised", ">Named", ">Not public", "In the model"]);
    for (place, &kind) in kinds.iter().enumerate() {
        let count = |strength| Cell::count(rows.iter().filter(|row| of(row, kind) == Some(strength)).count());
        legend.row([
            (place + 1).to_string().into(),
            kind.to_string().into(),
            count(Strength::Promised),
            count(Strength::Named),
            count(Strength::Unknown),
            if kind.is_lever() { "lever" } else { "no lever" }.into(),
        ]);
    }
    view.push(Section::of("clauses", "How many deals say it", legend));
    view.sources = cited(world, rows.iter().map(|row| &row.source));
    view
}
