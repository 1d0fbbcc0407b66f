//! Every pair of arms, run by run: what a form adds over no deal and over the other forms.

use super::{LONGEST_TABLE, Words, label, unit};
use crate::{
    answer::{
        figure::Figure,
        number::{Style, Unit, figure, runs},
        view::{Cell, Column, Section, Table},
    },
    base::unit::Grade,
    ensemble::{Ensemble, range_of},
    studies::changes::Change,
};

/// The difference of an indicator between two arms, run by run.
#[derive(Debug, Clone)]
pub(super) struct Pair {
    /// Middle and 9 in 10 of the differences of each run.
    pub(super) figure: Figure,
    /// Runs in which the difference is at least the printed step below zero.
    pub(super) lower: usize,
    /// Runs in which it is at least the printed step above zero.
    pub(super) higher: usize,
    /// Runs in which it is less than the printed step.
    pub(super) same: usize,
    /// Runs that count.
    pub(super) runs: usize,
}

impl Pair {
    /// An arm against another in a year (by position). A difference smaller than the step in which it is printed counts as none.
    pub(super) fn of(ensemble: &Ensemble, change: &Change, arm: usize, from: usize, year: usize) -> Self {
        let unit = unit(ensemble, change);
        let gaps = ensemble.differences(change.mineral, change.indicator, arm, from, year);
        let range = range_of(gaps.iter().copied());
        let parsed = Unit::parse(&unit);
        let written = figure(range, &parsed, Style::TERMINAL.difference());
        let step = 0.5 * parsed.stored(written.step, range);
        let lower = gaps.iter().filter(|gap| **gap <= -step).count();
        let higher = gaps.iter().filter(|gap| **gap >= step).count();
        let figure = Figure::change(range, &unit).graded(Grade::C);
        Self { figure, lower, higher, same: gaps.len() - lower - higher, runs: gaps.len() }
    }

    /// The usual direction in words, and in how many runs it holds.
    pub(super) fn direction(&self) -> (&'static str, usize) {
        if self.lower > self.higher { ("lower", self.lower) } else { ("higher", self.higher) }
    }
}

/// Each change for every pair of arms; only where the case has several forms.
pub(super) fn section(ensemble: &Ensemble, found: &[Change], words: &Words, year: usize) -> Section {
    let arms = ensemble.arms.len();
    let pairs: Vec<(usize, usize)> =
        (0..arms).rev().flat_map(|arm| (0..arm).rev().map(move |from| (arm, from))).collect();
    let heading = format!("Every pair of arms in {}, run by run", ensemble.years[year]);
    if pairs.len() < 2 {
        return Section::new("pairs", heading);
    }
    let mut columns = vec![Column::words("Mineral"), Column::words("Indicator")];
    for (arm, from) in &pairs {
        let name = format!("{} minus {}", words.arms[*arm], words.arms[*from]);
        columns.push(Column::numbers(name.clone()));
        columns.push(Column::words("moves in").named(format!("{name}: runs")));
    }
    let mut table = Table::new(columns);
    for change in found.iter().take(LONGEST_TABLE) {
        let mut cells: Vec<Cell> =
            vec![words.mineral(ensemble, change.mineral).into(), label(ensemble, words, change, "").into()];
        for &(arm, from) in &pairs {
            let pair = Pair::of(ensemble, change, arm, from, year);
            let (word, count) = pair.direction();
            let moves = if count == 0 {
                "no run".to_owned()
            } else {
                format!("{word} in {}", runs(count, pair.runs))
            };
            cells.push(pair.figure.into());
            cells.push(moves.into());
        }
        table.row(cells);
    }
    Section::of("pairs", heading, table).with_note(
        "Middles and ranges are those of the differences of each run, not differences of middles. A difference smaller than half its \
         printed step counts as none.",
    )
}
