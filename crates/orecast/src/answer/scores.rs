//! The risk scores people quote.

use super::{
    compare::left_out,
    figure::Figure,
    view::{Cell, Column, Section, Sentence, Table, View, Why},
};
use crate::{
    base::unit::{Grade, Range, Stage},
    indicator::{self, geopolrisk::folder::Case, support::Step},
    studies::{
        Sampling,
        scores::{eu, geopolrisk, nassar, tables::Scores},
    },
    world::World,
};

/// What the ranges of these pages are.
fn ranges(sampling: Sampling) -> String {
    match sampling.draws {
        0 => "Without ranges: nothing was drawn.".to_owned(),
        draws => format!(
            "Ranges hold 9 in 10 of {draws} readings of the published figures within their uncertainty; terms from other tables have none."
        ),
    }
}

fn score(range: Option<Range>) -> Cell {
    Cell::known(range.map(|range| Figure::derived(range, "").graded(Grade::B)))
}

fn exact(value: Option<f64>) -> Cell {
    score(value.map(Range::exact))
}

fn share(value: Option<f64>) -> Cell {
    Cell::known(value.map(|value| Figure::share(Range::exact(value)).graded(Grade::B)))
}

fn stage_of(stage: Option<Stage>) -> Cell {
    stage.map_or_else(|| Cell::absent(Why::NotKnown), Cell::from)
}

/// Says that no mineral could be scored, where that is so.
fn nothing<T>(found: &Scores<T>) -> Option<Sentence> {
    found.rows.is_empty().then(|| {
        Sentence::new(
            "no-answer",
            format!("No mineral has a balanced {}, so there is no answer.", found.year),
        )
    })
}

/// Every case that a folder of inputs allows.
pub fn folder(cases: &[Case]) -> View {
    let mut view = View::new(format!("GeoPolRisk by the published conventions, {} cases", cases.len()));
    if cases.is_empty() {
        view.say(Sentence::new("no-answer", "The folder allows no case, so there is no answer."));
    }
    let mut table = Table::titled([
        "Year",
        "Country",
        "Mineral",
        ">HHI",
        ">Import risk",
        ">Score",
        ">USD/kg",
        ">kg Cu-eq/kg",
    ]);
    let number = |value: f64| Cell::from(Figure::derived(Range::exact(value), ""));
    for case in cases {
        table.row([
            Cell::Year { text: case.year },
            case.country.clone().into(),
            case.mineral.clone().into(),
            number(case.hhi),
            number(case.import_risk),
            number(case.score),
            number(case.price_kusd_per_t),
            number(case.characterisation),
        ]);
    }
    view.push(Section::of("cases", "", table));
    view
}

/// `GeoPolRisk` of the package: by the published conventions and corrected.
pub fn geopolrisk(world: &World, found: &Scores<geopolrisk::Comparison>, sampling: Sampling) -> View {
    let mut view = View::new(format!(
        "GeoPolRisk of {}, {}: concentration x import risk, 0 to 1",
        found.group.name, found.year
    ));
    view.lead.extend(nothing(found));
    let mut table = Table::titled(["Mineral", ">As published", ">Corrected", "Stage", "Why they differ"]);
    for row in &found.rows {
        let corrected = match row.corrected_range {
            Some(range) => score(Some(range)),
            None => Cell::Absent { why: Why::NotDefined, text: "unknown".to_owned() },
        };
        table.row([
            Cell::mineral(world, &row.mineral),
            exact(Some(row.published)),
            corrected,
            stage_of(row.stage),
            row.words.clone().into(),
        ]);
    }
    view.push(Section::of("scores", "", table));
    view.note(
        "As published: gross tonnes of all customs codes together, concentration of the first stage, all output at home safe. \
         Corrected: the stage with the higher score of the balanced year. Both are derived from published figures and give Taiwan and \
         every other customs partner its own governance where it is published, 0.5 where not.",
    );
    view.note(ranges(sampling));
    view.note(left_out(&found.without));
    view
}

/// Supply risk by the European method.
pub fn eu(world: &World, found: &Scores<eu::Assessment>, sampling: Sampling) -> View {
    let mut view = View::new(format!(
        "Supply risk of {}, {}, after the European method (not the European Commission's scores)",
        found.group.name, found.year
    ));
    match nothing(found) {
        Some(sentence) => view.say(sentence),
        None => view.say(at_risk(&found.rows)),
    }
    let mut table = Table::new([
        Column::words("Mineral"),
        Column::numbers("Supply risk"),
        Column::numbers("Importance"),
        Column::words("Stage"),
        Column::numbers("World supply"),
        Column::numbers("Own sourcing"),
        Column::numbers("Import reliance"),
        Column::numbers("Recycling"),
        Column::words("Largest maker"),
    ]);
    for row in &found.rows {
        let stage = row.stage();
        let largest = stage.and_then(|stage| Some((stage.largest?, stage.largest_share?)));
        table.row([
            Cell::mineral(world, &row.mineral),
            score(row.supply_risk),
            exact(row.importance),
            stage_of(stage.map(|stage| stage.stage)),
            exact(stage.and_then(|stage| stage.global)),
            exact(stage.and_then(|stage| stage.sourcing)),
            share(stage.map(|stage| stage.import_reliance)),
            share(row.recycling),
            largest.map_or(Cell::Empty, |(country, share)| {
                Figure::share(Range::exact(share)).said(|text| format!("{country} {text}")).into()
            }),
        ]);
    }
    view.push(Section::of("scores", "", table));
    view.push(method(found.steps));
    view.note("Derived from one balanced year.");
    view.note(ranges(sampling));
    view.note(left_out(&found.without));
    view
}

/// How many minerals reach the threshold, and for how many that is open.
fn at_risk(rows: &[eu::Assessment]) -> Sentence {
    let open = rows.iter().filter(|row| row.at_risk_share.is_some_and(|share| 0.05 < share && share < 0.95));
    let text = format!(
        "{} of {} minerals reach the threshold of {:.1}; for {} of all it depends on the reading of the figures.",
        rows.iter().filter(|row| row.at_risk).count(),
        rows.len(),
        indicator::eu::CRITICAL_SUPPLY_RISK,
        open.count()
    );
    Sentence::new("at-risk", text)
}

/// Disruption potential and trade exposure.
pub fn nassar(world: &World, found: &Scores<nassar::Assessment>, sampling: Sampling) -> View {
    let mut view = View::new(format!(
        "Supply risk of {}, {}, after Nassar and others (not the figures of the United States Geological Survey)",
        found.group.name, found.year
    ));
    view.lead.extend(nothing(found));
    let mut table = Table::titled([
        "Mineral",
        "Stage",
        ">Disruption potential",
        ">Trade exposure",
        ">Economic vulnerability",
        ">Supply risk",
        ">Mean of the first two",
    ]);
    for row in &found.rows {
        table.row([
            Cell::mineral(world, &row.mineral),
            stage_of(row.stage),
            score(row.disruption_potential),
            Cell::known(row.trade_exposure.map(|range| Figure::share(range).graded(Grade::B))),
            score(row.economic_vulnerability),
            score(row.supply_risk),
            score(row.two_of_three),
        ]);
    }
    view.push(Section::of("scores", "", table));
    view.push(method(found.steps));
    if !found.rows.is_empty() && found.rows.iter().all(|row| row.economic_vulnerability.is_none()) {
        view.note(
            "Economic vulnerability needs the accounts of the country, which the package has for one country only: no supply risk.",
        );
    }
    view.note(ranges(sampling));
    view.note(left_out(&found.without));
    view
}

/// How well each step of a method is known.
fn method(steps: &[Step]) -> Section {
    let mut table = Table::titled(["Step", "Known", "Done here"]);
    for step in steps {
        table.row([step.what.into(), step.support.as_str().into(), step.here.into()]);
    }
    Section::of("method", "How well each step of the method is known", table)
}
