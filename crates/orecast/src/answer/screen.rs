//! Every exporter of every mineral stops for a year: which stop may cost most.

use super::{
    figure::Figure,
    shock::price,
    view::{Cell, Column, Section, Sentence, Table, View, country_name, mineral_name, with_article},
};
use crate::{
    base::unit::{Grade, Range},
    indicator::Group,
    studies::screen::{Screen, ScreenRow},
    world::World,
};

/// Exporters whose sums are listed.
const EXPORTERS: usize = 5;

/// What the answer does not cover.
pub fn limits(found: &Screen) -> Vec<String> {
    let mut limits: Vec<String> =
        ["by-products", "several stops at once", "what is lost beyond the mineral's own users"]
            .map(str::to_owned)
            .to_vec();
    if found.buyers.len() > 1 {
        limits.push("how the members of a group differ: the probability of a stop rests on the mean distance of their votes".to_owned());
    }
    limits.extend(found.left_out.iter().cloned());
    limits
}

/// An exporter by its name, a group of exporters by its id.
pub(super) fn exporter(world: &World, code: &str) -> Cell {
    code.parse().map_or_else(|_| Cell::text(code), |iso3| Cell::country(world, iso3))
}

/// The same in words.
pub(super) fn exporter_name(world: &World, code: &str) -> String {
    code.parse().map_or_else(|_| code.to_owned(), |iso3| country_name(world, iso3))
}

/// Millions of US dollars, which rest on a counterfactual.
pub(super) fn money(range: Range) -> Figure {
    Figure::derived(range, "M USD").graded(Grade::C)
}

/// Says that nothing was solved, where that is so; else nothing.
pub(super) fn nothing_solved(found: &Screen) -> Option<Sentence> {
    let solved = found.rows.iter().any(|row| row.loss_musd.is_some());
    let text = if found.rows.is_empty() {
        "No scenario could be made, so there is no answer."
    } else {
        "No scenario was solved, so there is no answer."
    };
    (!solved).then(|| Sentence::new("no-answer", text))
}

/// Price, loss, probability and expected loss of a row, with their ranges where it was drawn.
struct Figures {
    price: Range,
    loss: Range,
    probability: Range,
    expected: Range,
}

impl Figures {
    fn of(row: &ScreenRow) -> Self {
        let exact = |value: Option<f64>| Range::exact(value.unwrap_or(f64::NAN));
        let (change, loss, probability, expected) = match &row.ranges {
            Some(r) => (r.price_change_leader, r.loss_musd, r.probability, r.expected_loss_musd),
            None => (
                exact(row.price_change_leader),
                exact(row.loss_musd),
                exact(Some(row.probability)),
                exact(row.expected_loss_musd),
            ),
        };
        let price = Range::new(1.0 + change.low, 1.0 + change.mid, 1.0 + change.high);
        Self { price, loss, probability, expected }
    }
}

/// The stops with the largest expected loss, and sums by exporter.
pub fn view(world: &World, found: &Screen, group: &Group, top: usize) -> View {
    let who = with_article(&group.name);
    let mut view = View::new(format!("If one exporter stopped for a year: what {who} would lose"));
    if let Some(sentence) = nothing_solved(found) {
        view.say(sentence);
        return view;
    }
    let solved = || found.rows.iter().filter(|row| row.loss_musd.is_some());
    if let Some(first) = solved().next() {
        view.say(most(world, first));
    }
    let columns = [
        "Mineral",
        "Stage",
        "Exporter",
        ">Price paid",
        ">Loss in a full year",
        ">Probability a year",
        ">Expected loss a year",
    ];
    let mut table = Table::titled(columns);
    for row in solved().take(top) {
        let figures = Figures::of(row);
        table.row([
            Cell::mineral(world, &row.mineral),
            row.stage.map_or_else(|| Cell::text("all"), Cell::from),
            exporter(world, &row.exporter),
            price(figures.price),
            money(figures.loss).into(),
            Figure::share(figures.probability).graded(Grade::C).into(),
            money(figures.expected).into(),
        ]);
    }
    let more = solved().count().saturating_sub(top);
    let more = if more > 0 {
        format!("{more} more stops, each with a smaller expected loss.")
    } else {
        String::new()
    };
    view.push(Section::of("stops", "Stops by expected loss", table).with_note(more));
    let mut sums = Table::new([
        Column::words("Exporter"),
        Column::numbers("Expected loss a year"),
        Column::numbers("Markets"),
        Column::words("Largest"),
    ]);
    for sum in found.exporters.iter().take(EXPORTERS) {
        sums.row([
            exporter(world, &sum.exporter),
            money(Range::exact(sum.expected_loss_musd)).into(),
            Cell::count(sum.minerals),
            Cell::mineral(world, &sum.largest),
        ]);
    }
    view.push(Section::of("exporters", "By exporter", sums));
    scope(&mut view, found);
    view.note(
        "Loss: what users lose by paying more and by giving up use. Expected loss = loss in a full year x probability x share of the year that a stop lasts.",
    );
    view.note(if solved().any(|row| row.ranges.is_some()) {
        "Ranges hold 9 in 10 draws of responses and probabilities; grade C: all rests on assumed responses."
    } else {
        "Without ranges: nothing was drawn. Grade C: all rests on assumed responses."
    });
    view
}

/// The stop that is expected to cost most.
fn most(world: &World, row: &ScreenRow) -> Sentence {
    let figures = Figures::of(row);
    let (loss, expected) = (money(figures.loss), money(figures.expected));
    let probability = Figure::share(figures.probability).graded(Grade::C);
    let at = row.stage.map_or_else(|| "all stages".to_owned(), |stage| stage.to_string());
    let text = format!(
        "The largest expected loss: {} stops {} ({at}), probability {} a year; users would lose {} in a full year, {} expected.",
        exporter_name(world, &row.exporter),
        mineral_name(world, &row.mineral),
        probability.text,
        loss.text,
        expected.text
    );
    let sentence = Sentence::new("largest", text).with("probability", probability);
    sentence.with("loss", loss).with("expected-loss", expected)
}

/// How many scenarios there are, how they ended and what is assumed of them.
pub(super) fn scope(view: &mut View, found: &Screen) {
    let statuses: Vec<String> = found.statuses.iter().map(|(status, n)| format!("{n} {status}")).collect();
    view.note(format!(
        "{} scenarios over {} minerals, base year {}: {}.",
        found.rows.len(),
        found.minerals,
        found.year,
        statuses.join(", ")
    ));
    let assumed = found.rows.iter().filter(|row| !row.exports_seen).count();
    if assumed > 0 {
        view.note(format!(
            "In {assumed} of them no trade figure shows the exports that stop; they are assumed."
        ));
    }
}
