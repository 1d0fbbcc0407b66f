//! Why, in words: what each clause contributes, and what would turn the conclusion round.

use serde::Serialize;

use crate::answer::{
    number::{Style, Unit, figure},
    payers,
    run::Words,
};
use crate::{
    base::unit::{Range, Stage},
    ensemble::{
        Ensemble,
        money::{Account, Group},
    },
    indicator::Roles,
    pathway::Simulation,
    studies::{
        changes::{changes, last_stage},
        switching::{Mover, Robustness, robustness},
        why::{Contributions, Headline, Subject, contributions},
    },
    world::World,
};

/// Draws on which contributions are computed at most.
const DRAWS: usize = 32;
/// Draws on which assumptions are moved at most.
const TRIAL_DRAWS: usize = 16;
/// Clauses shown for a headline.
const SHOWN_CLAUSES: usize = 6;
/// Assumptions shown.
const SHOWN_MOVERS: usize = 4;

/// The answer to why.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Why {
    /// What each clause contributes; absent when the last arm lacks something that the first has.
    pub contributions: Option<Contributions>,
    /// What moving one assumption alone does; absent when no arm changes anything.
    pub robustness: Option<Robustness>,
    /// The same as text.
    #[serde(skip)]
    pub text: String,
}

/// Asks why, for the last arm against the first in a year (by position).
pub fn why(
    world: &World,
    simulation: &mut Simulation,
    ensemble: &Ensemble,
    roles: &Roles,
    year: usize,
    seed: u64,
) -> Why {
    let found = changes(ensemble, roles, year);
    let draws = ensemble.draws.min(DRAWS);
    let contributions = contributions(simulation, ensemble, roles, &found, year, draws, seed);
    let trial = (ensemble.draws.min(TRIAL_DRAWS), seed);
    let robustness = robustness(simulation, ensemble, roles, &found, year, trial);
    let words = Words::of(world, ensemble, roles);
    let text = in_words(world, ensemble, roles, &words, contributions.as_ref(), robustness.as_ref());
    Why { contributions, robustness, text }
}

fn in_words(
    world: &World,
    ensemble: &Ensemble,
    roles: &Roles,
    words: &Words,
    contributions: Option<&Contributions>,
    robustness: Option<&Robustness>,
) -> String {
    let mut lines = Vec::new();
    let two_stages = |mineral: &crate::base::id::MineralId| {
        ensemble
            .minerals
            .iter()
            .find(|panel| panel.mineral == *mineral)
            .is_some_and(|panel| last_stage(&panel.indicators) == Stage::Refine)
    };
    match contributions {
        Some(found) => {
            lines.push(format!(
                "Why: what each clause of {} adds to the difference from {}. Means over {} draws, averaged over the orders in \
                 which clauses could come (Shapley); in brackets what 9 of 10 draws give. They add up.",
                found.arm, found.reference, found.draws
            ));
            for headline in found.headlines.iter().filter(|headline| is_told(&headline.subject)) {
                let (label, unit) = match &headline.subject {
                    Subject::Indicator { mineral, basis, indicator } => (
                        format!("{}: {}", mineral.as_str().replace('_', " "), words.label(indicator, two_stages(mineral))),
                        Unit::parse(&indicator.measure.unit(basis)),
                    ),
                    Subject::Money { account } => (payers::label(world, roles, *account), Unit::parse("USD")),
                };
                lines.extend(headline_lines(headline, &label, &unit));
            }
        }
        None => lines.push(
            "Why: the last arm lacks something that the first one has, so the difference cannot be shared out among its clauses."
                .to_owned(),
        ),
    }
    if let Some(found) = robustness {
        let label = words.label(&found.indicator, two_stages(&found.mineral));
        lines.push(format!(
            "\nWhat would change the conclusion? The arms stand in the order {} by {} of {} (lowest mean first; {} draws).",
            join(&found.order),
            label,
            found.mineral.as_str().replace('_', " "),
            found.draws
        ));
        let turning: Vec<&Mover> = found.movers.iter().filter(|mover| mover.turns.is_some()).collect();
        if turning.is_empty() {
            lines.push(format!(
                "None of {} named assumptions, moved alone from the low to the high end of its range, turns that order.",
                found.movers.len()
            ));
        }
        for mover in turning {
            if let Some(turn) = &mover.turns {
                let side = if turn.above { "above" } else { "below" };
                let at = about(turn.at, &Unit::parse(""), Style::TERMINAL);
                lines.push(format!(
                    "With `{}` {side} {at} the order would be {}.",
                    mover.assumption,
                    join(&turn.order)
                ));
            }
        }
        let unit = Unit::parse(&found.indicator.measure.unit(&found.basis));
        let exact = |value: f64| about(value, &unit, Style::TERMINAL.difference());
        lines.push(format!(
            "The mean difference of the last arm from the first is {}. What moves it most, from the low to the high end:",
            exact(found.difference)
        ));
        for mover in found.movers.iter().filter(|m| m.difference[0] != m.difference[1]).take(SHOWN_MOVERS) {
            let [low, high] = mover.difference;
            lines.push(format!("  {:<24} {} to {}", mover.assumption, exact(low), exact(high)));
        }
    }
    lines.join("\n")
}

/// Whether text tells of it; other accounts stand in the JSON document.
const fn is_told(subject: &Subject) -> bool {
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

fn join<T: ToString>(list: &[T]) -> String {
    list.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn headline_lines(headline: &Headline, label: &str, unit: &Unit) -> Vec<String> {
    let style = Style::TERMINAL.difference();
    let whole = |mean: f64, range: Range| {
        // Where nearly all draws agree on nothing, a mean may lie outside what 9 in 10 give.
        if range.low <= mean && mean <= range.high && range.low < range.high {
            figure(Range { mid: mean, ..range }, unit, style).to_string()
        } else {
            about(mean, unit, style)
        }
    };
    let mut lines = vec![format!("\n{label}: {}", whole(headline.total, headline.range))];
    let moving: Vec<_> = headline.parts.iter().filter(|part| part.mean != 0.0).collect();
    for part in moving.iter().take(SHOWN_CLAUSES) {
        lines.push(format!("  {:<34} {}", part.clause, whole(part.mean, part.range)));
    }
    if moving.len() > SHOWN_CLAUSES {
        let rest: f64 = moving[SHOWN_CLAUSES..].iter().map(|part| part.mean).sum();
        let name = format!("{} others together", moving.len() - SHOWN_CLAUSES);
        lines.push(format!("  {name:<34} {}", about(rest, unit, style)));
    }
    lines
}

/// A mean without a range, to two digits.
fn about(mean: f64, unit: &Unit, style: Style) -> String {
    let step = 10_f64.powf(mean.abs().max(f64::MIN_POSITIVE).log10().floor() - 1.0);
    let rounded = if mean == 0.0 { 0.0 } else { (mean / step).round() * step };
    figure(Range::exact(rounded), unit, style).to_string()
}
