//! What a case changes: sentences with ranges, the headline table, every pair of arms, money, why, and what cannot be said.

mod money;
mod pairs;
mod sentences;
mod why;
mod words;

use super::{
    figure::Figure,
    view::{Cell, Column, Section, Sentence, Table, View},
};
use crate::{
    base::unit::{Grade, Range, Stage},
    ensemble::Ensemble,
    policy::{Branch, Case},
    studies::{
        changes::{Change, changes, last_stage},
        run::Outcome,
    },
    world::World,
};
use words::Words;

/// Changes shown in the headline table at most.
const LONGEST_TABLE: usize = 24;

/// What a run says, with the same case under each reading of facts in dispute.
pub fn view(world: &World, case: &Case, outcome: &Outcome, branches: &[(&Branch, Outcome)]) -> View {
    let Outcome { ensemble, roles, year, .. } = outcome;
    let words = Words::of(world, ensemble, roles);
    let found = changes(ensemble, roles, *year);
    let mut view = View::new(case.title.clone());
    view.lead = sentences::sentences(ensemble, &found, &words, *year);
    for (branch, outcome) in branches {
        view.push(reading(world, branch, outcome, &view.lead));
    }
    view.push(Section::of("headlines", "", table(ensemble, &found, &words, *year)));
    view.push(pairs::section(ensemble, &found, &words, *year));
    view.push(money::section(&words, ensemble, *year));
    if let Some(why) = &outcome.why {
        for section in why::sections(&words, ensemble, why) {
            view.push(section);
        }
    }
    view.note(unchanged(world, ensemble, &found));
    view.note(format!(
        "Base year {}; ranges hold 9 in 10 of {} runs; grade C: the difference between arms rests on assumed probabilities and costs.",
        case.base_year, ensemble.draws
    ));
    view
}

/// What the case says under another reading of facts in dispute, and whether that differs.
fn reading(world: &World, branch: &Branch, outcome: &Outcome, usual: &[Sentence]) -> Section {
    let Outcome { ensemble, roles, year, .. } = outcome;
    let words = Words::of(world, ensemble, roles);
    let found = changes(ensemble, roles, *year);
    let mut section =
        Section::new(format!("reading-{}", branch.id), format!("Another reading: {}", branch.title));
    let lead = sentences::sentences(ensemble, &found, &words, *year);
    if lead.iter().map(|s| &s.text).eq(usual.iter().map(|s| &s.text)) {
        let same = "The answer is the same under this reading, to the digits that are shown.";
        return section.with_sentence(Sentence::new("same", same));
    }
    section.lead = lead;
    section
}

/// The sentences of a run that can be quoted.
pub fn lead(world: &World, outcome: &Outcome) -> Vec<Sentence> {
    let Outcome { ensemble, roles, year, .. } = outcome;
    let words = Words::of(world, ensemble, roles);
    sentences::sentences(ensemble, &changes(ensemble, roles, *year), &words, *year)
}

/// What a run does not cover.
pub fn limits(left_out: &[String]) -> Vec<String> {
    let usual = "export controls that began after the base year are not part of any arm unless the case lists them as shocks";
    std::iter::once(usual.to_owned()).chain(left_out.iter().cloned()).collect()
}

/// The ranges of an indicator in every arm.
fn by_arm(ensemble: &Ensemble, change: &Change, year: usize) -> Vec<Range> {
    let arms = 0..ensemble.arms.len();
    arms.map(|arm| ensemble.range(change.mineral, change.indicator, arm, year)).collect()
}

/// The unit of a change, as result tables name it.
fn unit(ensemble: &Ensemble, change: &Change) -> String {
    let panel = &ensemble.minerals[change.mineral];
    panel.indicators[change.indicator].measure.unit(&panel.basis)
}

/// What a change is about, with the unit of its row.
fn label(ensemble: &Ensemble, words: &Words, change: &Change, shown: &str) -> String {
    let panel = &ensemble.minerals[change.mineral];
    let two_stages = last_stage(&panel.indicators) == Stage::Refine;
    let label = words.label(&panel.indicators[change.indicator], two_stages);
    if shown.is_empty() { label } else { format!("{label}, {shown}") }
}

fn table(ensemble: &Ensemble, found: &[Change], words: &Words, year: usize) -> Table {
    let mut columns = vec![
        Column::words("Mineral"),
        Column::words(format!("In {}", ensemble.years[year])).named("indicator"),
    ];
    columns.extend(words.arms.iter().map(|arm| Column::numbers(arm.clone())));
    let last = words.arms.last().cloned().unwrap_or_default();
    columns.push(Column::numbers(format!("{last} minus {}, run by run", words.arms[0])).named("difference"));
    columns.push(Column::words("Grade"));
    let mut table = Table::new(columns);
    let mut previous = usize::MAX;
    for change in found.iter().take(LONGEST_TABLE) {
        let unit = unit(ensemble, change);
        let (figures, shown) = Figure::row(&by_arm(ensemble, change, year), &unit);
        let starts = change.mineral != previous;
        let mut cells = vec![
            if starts { words.mineral(ensemble, change.mineral).into() } else { Cell::Empty },
            label(ensemble, words, change, &shown).into(),
        ];
        cells.extend(figures.into_iter().map(|figure| figure.graded(Grade::C).into()));
        // A difference may need a smaller unit than its row, so it carries its own.
        let difference = change.differences.last();
        cells
            .push(difference.map_or(Cell::Empty, |d| Figure::change(d.range, &unit).graded(Grade::C).into()));
        // Every row compares arms, and what an arm adds rests on assumptions.
        cells.push(Grade::C.into());
        if starts && previous != usize::MAX {
            table.group(cells);
        } else {
            table.row(cells);
        }
        previous = change.mineral;
    }
    table
}

/// Minerals that no arm changes measurably, in one line; empty when there are none.
fn unchanged(world: &World, ensemble: &Ensemble, found: &[Change]) -> String {
    let names: Vec<String> = ensemble
        .minerals
        .iter()
        .enumerate()
        .filter(|(m, _)| !found.iter().any(|c| c.mineral == *m))
        .map(|(_, panel)| super::view::mineral_name(world, &panel.mineral))
        .collect();
    if names.is_empty() { String::new() } else { format!("No measurable change: {}.", names.join(", ")) }
}
