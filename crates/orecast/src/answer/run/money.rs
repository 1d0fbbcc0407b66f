//! Who pays and who gains because of a deal: expected, and at the ends of the range.

use super::Words;
use crate::{
    answer::{
        figure::Figure,
        view::{Column, Section, Table},
    },
    base::unit::{Grade, Range},
    ensemble::Ensemble,
    studies::payers::{Entry, entries},
};

/// Amounts that are never above this, in US dollars, are not shown.
const SMALL: f64 = 50_000.0;

/// The accounts of the last arm that move.
pub(super) fn section(words: &Words, ensemble: &Ensemble, year: usize) -> Section {
    let (Some(first), Some(last)) = (ensemble.arms.first(), ensemble.arms.last()) else {
        return Section::default();
    };
    let heading = format!(
        "Money under {} against {}, {} to {} together",
        last.id, first.id, ensemble.years[0], ensemble.years[year]
    );
    let mut table = Table::new([
        Column::words("Who pays, who gains"),
        Column::numbers("Expected"),
        Column::numbers("Middle and 9 of 10 runs").named("range"),
    ]);
    let moved = |entry: &Entry| {
        [entry.range.low, entry.range.high, entry.expected].iter().any(|usd| usd.abs() > SMALL)
    };
    for entry in entries(ensemble, year).into_iter().filter(|entry| entry.arm == last.id && moved(entry)) {
        table.row([
            words.account(entry.account).into(),
            Figure::change(Range::exact(entry.expected), "USD").graded(Grade::C).into(),
            Figure::change(entry.range, "USD").graded(Grade::C).into(),
        ]);
    }
    let section = Section::of("money", heading, table);
    if section.is_empty() {
        return section;
    }
    section.with_note(
        "Not discounted; a treasury's plus is spending, any other plus is gain. Expected is the mean of the runs, which rare large amounts can \
         carry outside what 9 in 10 runs give.",
    )
}
