//! Pieces that several answers share.

use super::{
    figure::Figure,
    view::{Cell, Column, Section, Table},
};
use crate::{
    base::{
        id::{Iso3, PartyId},
        unit::Range,
    },
    world::table::AgreementRow,
};

/// Names with what is said of each, one a line.
#[derive(Debug)]
pub struct Facts(Table);

impl Default for Facts {
    fn default() -> Self {
        Self::new()
    }
}

impl Facts {
    /// No facts yet.
    pub fn new() -> Self {
        Self(Table::new([Column::words("").named("fact"), Column::words("").named("value")]))
    }

    /// Adds a fact, unless nothing is said.
    pub fn say(&mut self, name: &str, cell: impl Into<Cell>) {
        let cell = cell.into();
        if cell != Cell::Empty {
            self.0.row([name.into(), cell]);
        }
    }

    /// Adds a fact that begins a group.
    pub fn group(&mut self, name: &str, cell: impl Into<Cell>) {
        self.0.group([name.into(), cell.into()]);
    }

    /// The facts as a section.
    pub fn section(self, id: &str, heading: impl Into<String>) -> Section {
        Section::of(id, heading, self.0)
    }
}

/// A year with its range, `2031 (2029 to 2036)`; years are whole.
pub fn years(range: Range) -> Figure {
    let (low, mid, high) = (range.low.round(), range.mid.round(), range.high.round());
    let text = if low >= high { mid.to_string() } else { format!("{mid} ({low} to {high})") };
    Figure {
        low: range.low.min(range.mid),
        high: range.high.max(range.mid),
        ..Figure::published(range.mid, "year")
    }
    .said(|_| text)
}

/// A probability in whole percent of five: elicited probabilities are not known better.
pub fn probability(share: f64) -> Figure {
    let text = match (share * 20.0).round() * 5.0 {
        percent if percent <= 0.0 => "under 5\u{a0}%".to_owned(),
        percent if percent >= 100.0 => "over 95\u{a0}%".to_owned(),
        percent => format!("{percent}\u{a0}%"),
    };
    Figure::share(Range::exact(share)).said(|_| text)
}

/// `USA 70 %, KAZ 30 %`; not known where nobody is.
pub fn shares(parts: &[(Iso3, f64)]) -> String {
    match parts {
        [] => "not known".to_owned(),
        [(country, share)] if *share > 0.999 => country.to_string(),
        _ => {
            let each = parts.iter().map(|(country, share)| format!("{country} {:.0}\u{a0}%", share * 100.0));
            each.collect::<Vec<_>>().join(", ")
        }
    }
}

/// `USA, KAZ`, or the first and how many more.
pub fn parties(parties: &[PartyId]) -> String {
    let names: Vec<&str> = parties.iter().map(PartyId::as_str).collect();
    if names.len() > 4 { format!("{} and {} more", names[0], names.len() - 1) } else { names.join(", ") }
}

/// The two sides of a deal; one where it has no other.
pub fn sides(row: &AgreementRow) -> String {
    let between = format!("{} – {}", parties(&row.side_a), parties(&row.side_b));
    between.trim_end_matches(" – ").to_owned()
}

/// `1 clause`, `2 clauses`.
pub fn plural(count: usize, thing: &str) -> String {
    if count == 1 { format!("1 {thing}") } else { format!("{count} {thing}s") }
}

/// The minerals that a deal names, and what else it covers.
pub fn minerals(row: &AgreementRow) -> String {
    let mut words: Vec<String> = row.minerals.iter().map(ToString::to_string).collect();
    words.extend(Some(row.others.clone()).filter(|others| !others.is_empty()));
    words.join(", ")
}
