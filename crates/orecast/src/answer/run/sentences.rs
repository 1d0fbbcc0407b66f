//! The sentences of a run that can be quoted.

use super::{Words, by_arm, pairs::Pair, unit};
use crate::{
    answer::{
        figure::Figure,
        number::{Style, Unit, change_in_words, row, runs},
        view::Sentence,
    },
    base::unit::{Range, Stage},
    ensemble::{Ensemble, range_of},
    indicator::Measure,
    studies::changes::{Change, totals},
};

/// The answer in sentences: forms against each other, output, dependence, money; each with its range.
pub(super) fn sentences(ensemble: &Ensemble, found: &[Change], words: &Words, year: usize) -> Vec<Sentence> {
    let Some(first) = found.first() else {
        return vec![nothing(ensemble, words, year)];
    };
    let of = |measure: Measure| {
        found.iter().find(|c| {
            c.mineral == first.mineral
                && ensemble.minerals[c.mineral].indicators[c.indicator].measure == measure
        })
    };
    let output = of(Measure::Production);
    let dependence = of(Measure::RivalContent).or_else(|| of(Measure::SupplyFromHost));
    let mut list = Vec::new();
    list.extend(output.or(dependence).and_then(|change| forms(ensemble, change, words, year)));
    list.extend(output.map(|change| outputs(ensemble, change, words, year)));
    list.extend(dependence.and_then(|change| dependences(ensemble, change, words, year)));
    list.extend(money(ensemble, words, year));
    list
}

/// That nothing changes, where it was computed; that nothing was computed, where it was not.
fn nothing(ensemble: &Ensemble, words: &Words, year: usize) -> Sentence {
    let solved = ensemble.solved.saturating_sub(ensemble.failed.len());
    // What no arm acts on need not be solved to be known not to change.
    let acted_on = ensemble.minerals.is_empty() || ensemble.minerals.iter().any(|panel| panel.touched);
    if solved == 0 && acted_on {
        return Sentence::new(
            "unsolved",
            "No market was solved, so nothing can be said of what the arms change.",
        );
    }
    Sentence::new(
        "nothing",
        format!(
            "By {} no arm would change output, price or dependence of any mineral measurably against {}.",
            ensemble.years[year], words.arms[0]
        ),
    )
}

/// The strongest form against the form before it, where the case compares several.
fn forms(ensemble: &Ensemble, change: &Change, words: &Words, year: usize) -> Option<Sentence> {
    let last = ensemble.arms.len() - 1;
    let weaker = last.checked_sub(1).filter(|&arm| arm > 0)?;
    let pair = Pair::of(ensemble, change, last, weaker, year);
    let (strong, weak) = (&words.arms[last], &words.arms[weaker]);
    let what = super::label(ensemble, words, change, "");
    let what = format!("{} {what}", words.mineral(ensemble, change.mineral));
    let when = ensemble.years[year];
    let unit = unit(ensemble, change);
    let Pair { figure, same, runs: all, .. } = &pair;
    let text = if *same == *all {
        format!("In {} {strong} changes nothing over {weak} in {what} by {when}.", runs(*same, *all))
    } else {
        let (end, verb) = if figure.high.abs() >= figure.low.abs() {
            (figure.high, "adds more than")
        } else {
            (-figure.low, "takes away more than")
        };
        // The end as the range beside it writes it.
        let end = Unit::parse(&unit).rounded(end, figure.range(), Style::TERMINAL.difference());
        let far = Figure::derived(Range::exact(end), &unit);
        format!(
            "In {} {strong} changes nothing over {weak} in {what} by {when}; the middle difference is {}, and in 1 of 20 runs it {verb} {}.",
            runs(*same, *all),
            figure.text,
            far.text
        )
    };
    Some(
        Sentence::new("forms", text)
            .with(format!("{strong} minus {weak}"), figure.clone())
            .in_runs(*same, *all),
    )
}

/// Output in the host under each arm.
fn outputs(ensemble: &Ensemble, change: &Change, words: &Words, year: usize) -> Sentence {
    let strongest = ensemble.arms.len() - 1;
    let indicator = &ensemble.minerals[change.mineral].indicators[change.indicator];
    let unit = unit(ensemble, change);
    let ranges = by_arm(ensemble, change, year);
    let written = row(&ranges, &Unit::parse(&unit), Style::TERMINAL);
    let verb = if indicator.stage == Some(Stage::Mine) { "mine" } else { "refine" };
    let pair = Pair::of(ensemble, change, strongest, 0, year);
    let (word, count) = pair.direction();
    let name = words.mineral(ensemble, change.mineral);
    let forms: Vec<String> = std::iter::once(strongest)
        .chain(1..strongest)
        .map(|a| {
            let of = if a == strongest { format!(" of {name}") } else { String::new() };
            format!("{}{of} under {}", written[a], words.arms[a])
        })
        .collect();
    let text = format!(
        "By {} {} would {verb} {}, against {} under {}: {word} in {}.",
        ensemble.years[year],
        words.host,
        forms.join(" and "),
        written[0],
        words.arms[0],
        runs(count, pair.runs)
    );
    let sentence = Sentence::new("output", text).in_runs(count, pair.runs);
    words.arms.iter().zip(ranges).zip(written).fold(sentence, |said, ((arm, range), text)| {
        said.with(arm.clone(), Figure::derived(range, &unit).said(|_| text.to_string()))
    })
}

/// Dependence of the leader under the strongest arm.
fn dependences(ensemble: &Ensemble, change: &Change, words: &Words, year: usize) -> Option<Sentence> {
    let strongest = ensemble.arms.len() - 1;
    let difference = change.differences.last()?;
    let indicator = &ensemble.minerals[change.mineral].indicators[change.indicator];
    let unit = unit(ensemble, change);
    let range = |arm: usize| ensemble.range(change.mineral, change.indicator, arm, year);
    let written = row(&[range(0), range(strongest)], &Unit::parse(&unit), Style::TERMINAL);
    let (what, word) = if indicator.measure == Measure::RivalContent {
        (format!("refined in {} or made from its ore", words.rival), "lower")
    } else {
        (format!("bought from {}", words.host), "higher")
    };
    let pair = Pair::of(ensemble, change, strongest, 0, year);
    let count = if word == "lower" { pair.lower } else { pair.higher };
    let text = format!(
        "The share of {} used in {} that is {what} would be {} instead of {} ({}; {word} in {}).",
        words.mineral(ensemble, change.mineral),
        words.leader,
        written[1],
        written[0],
        change_in_words(difference.range, &Unit::parse(&unit), ["lower", "higher"]),
        runs(count, pair.runs),
    );
    let figure = |arm: usize, at: usize| Figure::derived(range(arm), &unit).said(|_| written[at].to_string());
    Some(
        Sentence::new("dependence", text)
            .with(words.arms[0].clone(), figure(0, 0))
            .with(words.arms[strongest].clone(), figure(strongest, 1))
            .with("difference", Figure::change(difference.range, &unit))
            .in_runs(count, pair.runs),
    )
}

/// What the strongest arm costs the leader and brings the host; absent where neither moves.
fn money(ensemble: &Ensemble, words: &Words, year: usize) -> Option<Sentence> {
    let strongest = ensemble.arms.len() - 1;
    let money = totals(ensemble, strongest, year);
    let range = |values: &[f64]| range_of(values.iter().copied());
    let is_nothing = |range: Range| range.low.abs().max(range.high.abs()) < 1.0;
    let (finance, cost) = (range(&money.public_finance), range(&money.public_cost));
    let gained = range(&money.host_revenue);
    let [lent, paid] = [finance, cost].map(|range| Figure::derived(range, "USD"));
    let earned = Figure::change(gained, "USD");
    let spent = format!(
        "{} would by {} have lent or invested {} of public money under {}, at an expected cost of {}",
        words.leader, ensemble.years[year], lent.text, words.arms[strongest], paid.text,
    );
    let change =
        format!("what {} earns in royalty and tax would change by {} a year", words.host, earned.text);
    let (spends, earns) = (!is_nothing(finance) || !is_nothing(cost), !is_nothing(gained));
    let text = match (spends, earns) {
        (false, false) => return None,
        (false, true) => format!("Over all minerals {change}."),
        (true, false) => format!("Over all minerals {spent}."),
        (true, true) => format!("Over all minerals {spent}; {change}."),
    };
    let mut sentence = Sentence::new("money", text);
    if spends {
        sentence = sentence.with("public finance", lent).with("public cost", paid);
    }
    if earns {
        sentence = sentence.with("host revenue", earned);
    }
    Some(sentence)
}
