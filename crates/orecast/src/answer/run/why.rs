//! Why, in tables: what each clause contributes, and what would turn the conclusion round.

use super::Words;
use crate::{
    answer::{
        figure::Figure,
        number::significant,
        view::{Cell, Column, Section, Sentence, Table, mineral_name},
    },
    base::{
        id::MineralId,
        unit::{Grade, Range, Stage},
    },
    ensemble::{
        Ensemble,
        money::{Account, Group},
    },
    studies::{
        changes::last_stage,
        run::Why,
        switching::Robustness,
        why::{Contributions, Headline, Subject},
    },
};

/// Clauses shown for a headline.
const SHOWN_CLAUSES: usize = 6;
/// Assumptions shown.
const SHOWN_MOVERS: usize = 6;

/// What each clause contributes, and what would change the conclusion.
pub(super) fn sections(words: &Words, ensemble: &Ensemble, why: &Why) -> Vec<Section> {
    let clauses = match &why.contributions {
        Some(found) => clauses(words, ensemble, found),
        None => Section::new("why", "Why").with_sentence(Sentence::new(
            "no-order",
            "The last arm lacks something that the first one has, so the difference cannot be shared out among its clauses.",
        )),
    };
    let mut list = vec![clauses];
    list.extend(why.robustness.as_ref().map(|found| switching(words, ensemble, found)));
    list
}

fn two_stages(ensemble: &Ensemble, mineral: &MineralId) -> bool {
    let panel = ensemble.minerals.iter().find(|panel| panel.mineral == *mineral);
    panel.is_some_and(|panel| last_stage(&panel.indicators) == Stage::Refine)
}

fn clauses(words: &Words, ensemble: &Ensemble, found: &Contributions) -> Section {
    let heading =
        format!("Why: what each clause of {} adds to the difference from {}", found.arm, found.reference);
    let mut table = Table::new([
        Column::words("Difference"),
        Column::words("Clause"),
        Column::numbers("Mean and 9 of 10 draws").named("part"),
    ]);
    for headline in found.headlines.iter().filter(|headline| is_shown(&headline.subject)) {
        let (label, unit) = match &headline.subject {
            Subject::Indicator { mineral, basis, indicator } => (
                format!(
                    "{}: {}",
                    mineral_name(words.world(), mineral),
                    words.label(indicator, two_stages(ensemble, mineral))
                ),
                indicator.measure.unit(basis),
            ),
            Subject::Money { account } => (words.account(*account), "USD".to_owned()),
        };
        rows(&mut table, headline, &label, &unit);
    }
    Section::of("why", heading, table).with_note(format!(
        "Means over {} draws, averaged over the orders in which clauses could come (Shapley); in brackets what 9 of 10 draws give. The \
         parts add up to the whole.",
        found.draws
    ))
}

/// Whether a table shows it; other accounts stand in the data.
const fn is_shown(subject: &Subject) -> bool {
    match subject {
        Subject::Indicator { .. } => true,
        Subject::Money { account } => matches!(
            account,
            Account::Treasury { .. }
                | Account::Producers { group: Group::Host }
                | Account::Buyers { group: Group::Leader }
        ),
    }
}

fn rows(table: &mut Table, headline: &Headline, label: &str, unit: &str) {
    let figure = |mean: f64, range: Range| -> Cell {
        // Where nearly all draws agree on nothing, a mean may lie outside what 9 in 10 give.
        let within = range.low <= mean && mean <= range.high && range.low < range.high;
        let range = if within { Range { mid: mean, ..range } } else { Range::exact(significant(mean, 2)) };
        Figure::change(range, unit).graded(Grade::C).into()
    };
    table.group([label.into(), "all clauses".into(), figure(headline.total, headline.range)]);
    let moving: Vec<_> = headline.parts.iter().filter(|part| part.mean != 0.0).collect();
    for part in moving.iter().take(SHOWN_CLAUSES) {
        table.row([Cell::Empty, part.clause.clone().into(), figure(part.mean, part.range)]);
    }
    if moving.len() > SHOWN_CLAUSES {
        let rest: f64 = moving[SHOWN_CLAUSES..].iter().map(|part| part.mean).sum();
        let name = format!("{} others together", moving.len() - SHOWN_CLAUSES);
        table.sum([Cell::Empty, name.into(), figure(rest, Range::exact(rest))]);
    }
}

fn switching(words: &Words, ensemble: &Ensemble, found: &Robustness) -> Section {
    let label = words.label(&found.indicator, two_stages(ensemble, &found.mineral));
    let order = found.order.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let mut section =
        Section::new("switching", "What would change the conclusion").with_sentence(Sentence::new(
            "order",
            format!(
                "The arms stand in the order {order} by {} {label} (lowest mean first; {} draws).",
                mineral_name(words.world(), &found.mineral),
                found.draws
            ),
        ));
    let mut turns = 0;
    for mover in &found.movers {
        let Some(turn) = &mover.turns else { continue };
        turns += 1;
        let side = if turn.above { "above" } else { "below" };
        let at = Figure::derived(Range::exact(turn.at), "");
        let order = turn.order.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let text = format!("With `{}` {side} {} the order would be {order}.", mover.assumption, at.text);
        section = section.with_sentence(
            Sentence::new(format!("turn-{}", mover.assumption), text).with("switching value", at),
        );
    }
    if turns == 0 {
        let text = format!(
            "None of {} named assumptions, moved alone from the low to the high end of its range, turns that order.",
            found.movers.len()
        );
        section = section.with_sentence(Sentence::new("no-turn", text));
    }
    let unit = found.indicator.measure.unit(&found.basis);
    let exact = |value: f64| Figure::change(Range::exact(significant(value, 2)), &unit).graded(Grade::C);
    let mut table = Table::new([
        Column::words("Assumption"),
        Column::numbers("Difference at its low end").named("low-end"),
        Column::numbers("At its high end").named("high-end"),
    ]);
    table.row(["as it is".into(), exact(found.difference).into(), exact(found.difference).into()]);
    for mover in found.movers.iter().filter(|m| m.difference[0] != m.difference[1]).take(SHOWN_MOVERS) {
        let [low, high] = mover.difference;
        table.row([mover.assumption.clone().into(), exact(low).into(), exact(high).into()]);
    }
    section.table = Some(table);
    section
}
