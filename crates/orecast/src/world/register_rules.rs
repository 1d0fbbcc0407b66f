//! Rules of the register's tables: parties and minerals in lists exist, dates are in order.

use std::collections::{BTreeMap, BTreeSet};

use super::tables::{Lines, Tables};
use crate::base::{
    date::PartialDate,
    diagnostic::{Diagnostics, did_you_mean},
    id::{MineralId, PartyId},
};

/// Checks all rules; `file` gives the path of a table as it is shown to the user.
pub(super) fn check(tables: &Tables, lines: &Lines, file: impl Fn(&str) -> String, report: &mut Diagnostics) {
    // Without one of the two tables the fault lies there, and is reported there.
    let complete = !tables.countries.is_empty() && !tables.blocs.is_empty();
    let countries = tables.countries.iter().map(|row| row.iso3.as_str());
    let parties = countries.chain(tables.blocs.iter().map(|row| row.bloc.as_str())).filter(|_| complete);
    let parties = Known::new(parties, "countries.csv or blocs.csv");
    let minerals = Known::new(tables.minerals.iter().map(|row| row.id.as_str()), "minerals.csv");
    let mut sheet = Sheet { file: file("agreements"), line: 0, report };
    for (row, &line) in tables.agreements.iter().zip(lines.of("agreements")) {
        sheet.line = line;
        sheet.known("side_a", row.side_a.iter().map(PartyId::as_str), &parties);
        sheet.known("side_b", row.side_b.iter().map(PartyId::as_str), &parties);
        sheet.known("minerals", row.minerals.iter().map(MineralId::as_str), &minerals);
        sheet.in_order(("date", Some(row.date)), ("status_date", row.status_date));
        if row.side_a.is_empty() {
            sheet.fault("side_a", "nobody is named".to_owned(), "name a country or a bloc");
        }
    }
    let deals: BTreeMap<&str, PartialDate> =
        tables.agreements.iter().map(|row| (row.id.as_str(), row.date)).collect();
    sheet.file = file("events");
    for (row, &line) in tables.events.iter().zip(lines.of("events")) {
        sheet.line = line;
        sheet.known("actor", row.actor.iter().map(PartyId::as_str), &parties);
        if row.date.is_none() && row.due.is_none() {
            let remedy = "write when the step was taken, or when it was promised for";
            sheet.fault("date", "the step has no date".to_owned(), remedy);
        }
        let signed = row.deal.as_ref().and_then(|deal| deals.get(deal.as_str()).copied());
        sheet.in_order(("date of the deal", signed), ("date", row.date));
        sheet.in_order(("date of the deal", signed), ("due", row.due));
        if row.date.is_none() && row.step.is_end() {
            let found = format!("`{}` is only due", row.step);
            sheet.fault("step", found, "write its date, or another step");
        }
    }
    sheet.file = file("measures");
    for (row, &line) in tables.measures.iter().zip(lines.of("measures")) {
        sheet.line = line;
        sheet.known("actor", [row.actor.as_str()], &parties);
        sheet.known("targets", row.targets.iter().map(PartyId::as_str), &parties);
        sheet.known("minerals", row.minerals.iter().map(MineralId::as_str), &minerals);
        sheet.in_order(("announced", row.announced), ("from", row.from));
        sheet.in_order(("from", row.from), ("to", row.to));
        sheet.in_order(("suspended", row.suspended), ("returns", row.returns));
        sheet.in_order(("returns_before", row.returns_before), ("returns", row.returns));
        if row.returns.is_some() && row.suspended.is_none() {
            let remedy = "write when it was suspended, or leave the day of its return empty";
            sheet.fault("returns", "the measure returns but was not suspended".to_owned(), remedy);
        }
        if row.duplicate_of.as_ref() == Some(&row.id) {
            sheet.fault("duplicate_of", "the row repeats itself".to_owned(), "name another row, or nothing");
        }
    }
}

/// Names that exist, and where.
struct Known<'a> {
    names: BTreeSet<&'a str>,
    place: &'static str,
}

impl<'a> Known<'a> {
    fn new(names: impl Iterator<Item = &'a str>, place: &'static str) -> Self {
        Self { names: names.collect(), place }
    }
}

/// The row that is being checked.
struct Sheet<'r> {
    file: String,
    line: usize,
    report: &'r mut Diagnostics,
}

impl Sheet<'_> {
    fn fault(&mut self, field: &str, found: String, remedy: impl Into<String>) {
        self.report.push(&self.file, self.line, field, found, remedy);
    }

    /// Names must exist; where there are none at all the fault lies with their table.
    fn known<'a>(&mut self, field: &str, names: impl IntoIterator<Item = &'a str>, known: &Known<'_>) {
        for name in names.into_iter().filter(|name| !known.names.is_empty() && !known.names.contains(name)) {
            let otherwise = format!("use a name that {} has", known.place);
            let remedy = did_you_mean(name, known.names.iter().copied(), &otherwise);
            self.fault(field, format!("`{name}` is not in {}", known.place), remedy);
        }
    }

    fn in_order(&mut self, earlier: (&str, Option<PartialDate>), later: (&str, Option<PartialDate>)) {
        if let (Some(from), Some(to)) = (earlier.1, later.1)
            && from.first() > to.last()
        {
            let found = format!("{} {from} is after {} {to}", earlier.0, later.0);
            self.fault(later.0, found, "put the dates in order");
        }
    }
}
