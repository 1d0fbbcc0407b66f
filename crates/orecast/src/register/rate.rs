//! Observed rates: how often a step is followed by the next, as Beta posteriors.
//!
//! Every rate starts from a stated prior Beta(a, b). Each promise that was taken into the register whatever came of it adds to it: 1 to `a` when the
//! next step came, 1 to `b` when it lapsed. One that is still open adds to `b` only the share of next steps that would have come by its
//! age, `F(t) = Phi(ln(t / median) / sd)` of a log-normal delay: a letter of four months says nearly nothing, one of six years counts in
//! full. (The exact likelihood of an open case is `1 - p F(t)`; `(1 - p)^F(t)` agrees with it to first order in `p` and keeps the posterior a
//! Beta.) Promises that are known because of how they ended are shown and not counted.

use serde::Serialize;
use statrs::distribution::{Beta, ContinuousCDF, Normal};

use super::{
    history::{Kept, PromiseHistory, histories},
    is_soft,
};
use crate::{
    base::{date::Days, unit::Range},
    world::{
        World,
        table::{Form, Step},
    },
};

/// What a rate starts from.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Prior {
    /// Name, as `observed:NAME` refers to it.
    pub name: &'static str,
    /// What becomes of what.
    pub meaning: &'static str,
    /// First parameter of the Beta distribution: cases that went on.
    pub a: f64,
    /// Second parameter: cases that did not.
    pub b: f64,
    /// Middle of the delay in months; absent where a case is decided on its date.
    pub median_months: Option<f64>,
    /// What the prior rests on.
    pub basis: &'static str,
}

/// Standard deviation of the logarithm of a delay.
pub const DELAY_SD: f64 = 0.5;

/// The rates and their priors.
pub const PRIORS: [Prior; 4] = [
    Prior {
        name: "letter-of-interest",
        meaning: "a lender's letter of interest becomes committed money",
        a: 3.0,
        b: 9.0,
        median_months: Some(24.0),
        basis: "between 0.08 (signed over pipeline after two years, Make More in America) and 0.28 (approvals over \
                letters by value, an upper bound)",
    },
    Prior {
        name: "conditional",
        meaning: "conditional approval of a lender becomes committed money",
        a: 1.0,
        b: 1.0,
        median_months: Some(12.0),
        basis: "flat; 3 to 24 months in the paths recorded",
    },
    Prior {
        name: "dated-promise",
        meaning: "what was promised for a date is there by that date",
        a: 1.0,
        b: 1.0,
        median_months: None,
        basis: "flat",
    },
    Prior {
        name: "non-binding-deal",
        meaning: "a memorandum or framework is followed by committed money or a definitive contract",
        a: 1.0,
        b: 1.0,
        median_months: Some(24.0),
        basis: "flat; the delay is that of letters",
    },
];

impl Prior {
    /// 5 %, median and 95 % of the prior.
    pub fn range(&self) -> Range {
        Rate::of(*self, &[]).range
    }
}

/// A rate as observed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Rate {
    /// What it starts from.
    #[serde(flatten)]
    pub prior: Prior,
    /// Cases that count.
    pub n: usize,
    /// Of these, those where the next step came.
    pub converted: usize,
    /// Of these, those that lapsed.
    pub lapsed: usize,
    /// Of these, those still open, or decided by nobody's knowledge.
    pub open: usize,
    /// What the open ones weigh together.
    pub open_weight: f64,
    /// Cases that are known because of how they ended, and do not count.
    pub set_aside: usize,
    /// Of these, those where the next step came.
    pub set_aside_converted: usize,
    /// Months that the next step took, in every case where it came, shortest first.
    pub months: Vec<f64>,
    /// Mean of the posterior.
    pub mean: f64,
    /// 5 %, median and 95 % of the posterior.
    pub range: Range,
}

/// One case of a rate.
struct Trial {
    counts: bool,
    outcome: Outcome,
    took: Option<Days>,
}

enum Outcome {
    Converted,
    Lapsed,
    /// Still open at an age in months.
    Open(f64),
}

/// Every rate, in the order of [`PRIORS`].
pub fn rates(world: &World) -> Vec<Rate> {
    let histories = histories(world);
    PRIORS
        .iter()
        .map(|prior| {
            let trials = match prior.name {
                "letter-of-interest" => money(&histories, Step::LetterOfInterest),
                "conditional" => money(&histories, Step::Conditional),
                "dated-promise" => promises(&histories),
                _ => soft_deals(world, &histories),
            };
            Rate::of(*prior, &trials)
        })
        .collect()
}

/// Paths of money from one step to its commitment.
fn money(histories: &[PromiseHistory<'_>], from: Step) -> Vec<Trial> {
    let cases = histories.iter().filter_map(|thread| {
        let begin = thread.taken(|step| step == from)?.date?;
        let next = thread.taken(Step::is_committed).and_then(|row| row.date);
        let age = thread.seen().map_or(0.0, |seen| begin.until(seen).months());
        let outcome = match next {
            Some(_) => Outcome::Converted,
            None if thread.taken(Step::is_end).is_some() => Outcome::Lapsed,
            None => Outcome::Open(age),
        };
        // A letter that led through conditional approval is one case of each rate.
        Some(Trial { counts: thread.counts(), outcome, took: next.map(|next| begin.until(next)) })
    });
    cases.collect()
}

/// Promises with a date whose outcome at that date is known.
fn promises(histories: &[PromiseHistory<'_>]) -> Vec<Trial> {
    let mut trials = Vec::new();
    for thread in histories {
        for (row, clock) in thread.steps.iter().zip(thread.clocks()).filter(|(row, _)| row.due.is_some()) {
            let outcome = match clock.kept {
                Kept::OnTime => Outcome::Converted,
                Kept::Late | Kept::Overdue => Outcome::Lapsed,
                Kept::Open | Kept::Unseen | Kept::Unclear | Kept::Taken => Outcome::Open(0.0),
            };
            trials.push(Trial { counts: row.counts, outcome, took: clock.took });
        }
    }
    trials
}

/// Memoranda and frameworks, which bind nobody.
fn soft_deals(world: &World, histories: &[PromiseHistory<'_>]) -> Vec<Trial> {
    let deals = world.tables().agreements.iter();
    let soft =
        deals.filter(|row| is_soft(row.force) && matches!(row.form, Form::Memorandum | Form::Framework));
    let cases = soft.map(|row| {
        let of: Vec<&PromiseHistory<'_>> =
            histories.iter().filter(|thread| thread.deal() == Some(&row.id)).collect();
        let contract = |thread: &&PromiseHistory<'_>| {
            // A paper that was delivered is no money: only commitments count.
            thread.taken(|step| step.is_committed() && step != Step::Delivered).and_then(|event| event.date)
        };
        let next = of.iter().filter_map(contract).min();
        let seen = of.iter().filter_map(|thread| thread.seen()).chain(row.status_date).max();
        let age = seen.map_or(0.0, |seen| row.date.until(seen).months());
        let outcome = match next {
            Some(_) => Outcome::Converted,
            None if row.status.is_end() => Outcome::Lapsed,
            None => Outcome::Open(age),
        };
        Trial { counts: true, outcome, took: next.map(|next| row.date.until(next)) }
    });
    cases.collect()
}

impl Rate {
    fn of(prior: Prior, trials: &[Trial]) -> Self {
        let is_converted = |trial: &&Trial| matches!(trial.outcome, Outcome::Converted);
        let counted: Vec<&Trial> = trials.iter().filter(|trial| trial.counts).collect();
        let aside = trials.iter().filter(|trial| !trial.counts);
        let converted = counted.iter().copied().filter(|trial| is_converted(trial)).count();
        let lapsed = counted.iter().filter(|trial| matches!(trial.outcome, Outcome::Lapsed)).count();
        let open_weight: f64 = counted
            .iter()
            .map(|trial| match trial.outcome {
                Outcome::Open(months) => share_by(months, prior.median_months),
                Outcome::Converted | Outcome::Lapsed => 0.0,
            })
            .sum();
        let mut months: Vec<f64> =
            trials.iter().filter(is_converted).filter_map(|trial| Some(trial.took?.months())).collect();
        months.sort_by(f64::total_cmp);
        let (a, b) = (prior.a + converted as f64, prior.b + lapsed as f64 + open_weight);
        let quantile = |p: f64| Beta::new(a, b).map_or(f64::NAN, |beta| beta.inverse_cdf(p));
        Self {
            prior,
            n: counted.len(),
            converted,
            lapsed,
            open: counted.len() - converted - lapsed,
            open_weight,
            set_aside: trials.len() - counted.len(),
            set_aside_converted: aside.filter(is_converted).count(),
            months,
            mean: a / (a + b),
            range: Range::new(quantile(0.05), quantile(0.5), quantile(0.95)),
        }
    }
}

/// Share of next steps that come within so many months, among those that come at all.
fn share_by(months: f64, median: Option<f64>) -> f64 {
    let Some(median) = median.filter(|_| months > 0.0) else { return 0.0 };
    Normal::standard().cdf((months / median).ln() / DELAY_SD)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn trial(counts: bool, outcome: Outcome) -> Trial {
        Trial { counts, outcome, took: None }
    }

    #[test]
    fn without_cases_the_posterior_is_the_prior() {
        let rate = Rate::of(PRIORS[0], &[]);
        assert_eq!((rate.n, rate.mean), (0, 0.25));
        // Beta(3, 9): quantiles by the incomplete beta function.
        for (found, expected) in
            [(rate.range.low, 0.0788), (rate.range.mid, 0.2358), (rate.range.high, 0.4701)]
        {
            assert!((found - expected).abs() < 2e-3, "{found} {expected}");
        }
    }

    #[test]
    fn cases_move_the_posterior_and_those_set_aside_do_not() {
        let mean = |trials: Vec<Trial>| Rate::of(PRIORS[0], &trials).mean;
        assert_eq!(mean(vec![trial(true, Outcome::Converted)]), 4.0 / 13.0);
        assert_eq!(mean(vec![trial(true, Outcome::Lapsed)]), 3.0 / 13.0);
        assert_eq!(mean(vec![trial(false, Outcome::Converted)]), 0.25);
        let young = mean(vec![trial(true, Outcome::Open(4.0))]);
        let old = mean(vec![trial(true, Outcome::Open(96.0))]);
        assert!(young > 0.2499 && old < 0.2315 && old > 3.0 / 13.0, "{young} {old}");
    }

    #[test]
    fn half_of_the_delays_are_under_the_median() {
        assert!((share_by(24.0, Some(24.0)) - 0.5).abs() < 1e-9);
        assert_eq!(share_by(0.0, Some(24.0)), 0.0);
        assert_eq!(share_by(50.0, None), 0.0);
    }
}
