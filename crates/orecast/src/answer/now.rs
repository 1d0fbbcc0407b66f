//! Today's market of a mineral, or of all: what is known compared with what the model says, and what explains it.

use super::{
    figure::Figure,
    view::{Cell, Column, Section, Sentence, Table, View, country_name, mineral_name},
};
use crate::{
    base::{
        id::Iso3,
        unit::{Grade, Range, Stage},
    },
    nowcast::Zone,
    studies::now::{KnownLine, NowcastReport, PartLine},
    world::World,
};

fn ratio(range: Range) -> Figure {
    Figure::derived(range, "ratio").graded(Grade::C)
}

/// All minerals: price over the base year's on both sides, measures, tension, age.
pub fn all(world: &World, found: &[NowcastReport]) -> View {
    let mut view = View::new(
        "Prices since the base year as the nowcast holds them, over the base year's: middle and 9 in 10 draws",
    );
    let mut table = Table::new([
        Column::words("Mineral"),
        Column::words("Year"),
        Column::numbers("Outside"),
        Column::numbers("Inside"),
        Column::numbers("Tension"),
        Column::words("Newest fact"),
        Column::numbers("Days old"),
        Column::words("Measures in force"),
    ]);
    for report in found {
        let last = report.prices.iter().map(|line| line.year).max();
        let at = |zone: Zone| {
            let line = report.prices.iter().find(|line| Some(line.year) == last && line.zone == zone);
            line.map_or(Cell::Empty, |line| ratio(line.over_base).into())
        };
        let standing: Vec<&str> =
            report.measures.iter().filter(|m| m.force > 0.0).map(|m| m.id.as_str()).collect();
        table.row([
            Cell::mineral(world, &report.mineral),
            last.map_or(Cell::Empty, |text| Cell::Year { text }),
            at(Zone::Outside),
            at(Zone::Inside),
            Cell::count(report.tension().count()),
            report.newest.as_ref().map_or(Cell::Empty, |fact| fact.date.to_string().into()),
            report.age_days.map_or(Cell::Empty, |days| days.to_string().into()),
            standing.join(", ").into(),
        ]);
    }
    view.push(Section::of("minerals", "", table));
    view.note("Outside and inside: the market outside the countries that restrict exports, and inside them, where a measure splits the market. Tension: published figures that no state explains within three spreads.");
    view
}

/// One mineral: prices by place, what explains them, what is known, the states, measures in force, tension.
pub fn one(world: &World, found: &NowcastReport) -> View {
    let mut view = View::new(format!("{} as known on {}", mineral_name(world, &found.mineral), found.as_of));
    view.say(match &found.newest {
        None => Sentence::new("newest", "Nothing newer than the base year is known."),
        Some(fact) => {
            let age = found.age_days.map_or_else(String::new, |days| format!(", {days} days old"));
            Sentence::new("newest", format!("The newest fact is of {} ({}){age}.", fact.date, fact.source))
        }
    });
    if !found.inside.is_empty() {
        let who = names(world, &found.inside);
        view.say(Sentence::new(
            "split",
            format!("A measure splits the market: inside is {who}, outside the rest."),
        ));
    }
    view.push(prices(found));
    view.push(known(world, found));
    view.push(states(found));
    view.push(measures(world, found));
    view.push(tension(world, found));
    view.note(format!("Base year {}; {} draws: middle and 9 in 10.", found.base_year, found.draws));
    view
}

fn names(world: &World, list: &[Iso3]) -> String {
    list.iter().map(|&country| country_name(world, country)).collect::<Vec<_>>().join(", ")
}

/// Prices by year and place, with the factors that explain them.
fn prices(found: &NowcastReport) -> Section {
    let mut table = Table::titled([
        "Year",
        "Place",
        ">USD/t",
        ">Over base",
        ">Path",
        ">Measures",
        ">Use",
        ">Output",
        ">Unexplained",
    ]);
    let price = format!("USD/{}", found.basis);
    for line in &found.prices {
        let part = found.parts.iter().find(|part| (part.year, part.zone) == (line.year, line.zone));
        let of = |pick: fn(&PartLine) -> f64| {
            part.map_or(Cell::Empty, |part| ratio(Range::exact(pick(part))).into())
        };
        table.row([
            Cell::Year { text: line.year },
            line.zone.as_str().into(),
            Figure::derived(line.price, &price).graded(Grade::C).into(),
            ratio(line.over_base).into(),
            of(|part| part.path),
            of(|part| part.measures),
            of(|part| part.used),
            of(|part| part.output),
            of(|part| part.unexplained),
        ]);
    }
    Section::of("prices", "Prices, and what explains them", table)
        .with_note("The factors of the middle draw multiply to the price over the base year's.")
}

/// What a published figure is about.
fn about(world: &World, line: &KnownLine) -> String {
    let stage = if line.stage == Some(Stage::Mine) { "ore " } else { "" };
    let place = match (line.zone, line.country) {
        (Some(zone), _) => format!(", {}", zone.as_str()),
        (None, Some(country)) => format!(", {}", country_name(world, country)),
        (None, None) => String::new(),
    };
    format!("{stage}{}{place}", line.about)
}

/// What is known compared with what the model says.
fn known(world: &World, found: &NowcastReport) -> Section {
    let mut table =
        Table::titled(["Year", "What", ">Published", ">Model", "In range", "Newest", "Grade", "Source"]);
    for line in &found.known {
        let unit = match line.about {
            "price" => format!("USD/{}", found.basis),
            "output" => found.basis.clone(),
            _ => "ratio".to_owned(),
        };
        let sources: Vec<&str> = line.sources.iter().map(super::super::base::id::SourceId::as_str).collect();
        let source = match sources.as_slice() {
            [first, rest @ ..] if !rest.is_empty() => format!("{first} and {} more", rest.len()),
            list => list.join(", "),
        };
        table.row([
            Cell::Year { text: line.year },
            about(world, line).into(),
            Figure::derived(line.known, &unit).graded(line.grade).into(),
            Figure::derived(line.model, &unit).graded(Grade::C).into(),
            if line.held { "yes" } else { "no" }.into(),
            line.date.to_string().into(),
            line.grade.into(),
            source.into(),
        ]);
    }
    Section::of("known", "What is known, and what the model says", table)
}

fn states(found: &NowcastReport) -> Section {
    let mut table = Table::titled(["State", "Of", "Year", ">Prior", ">Estimate"]);
    for line in found.states.iter().filter(|line| line.kind != "output") {
        table.row([
            line.kind.into(),
            line.of.clone().into(),
            Cell::Year { text: line.year },
            ratio(line.prior).into(),
            ratio(line.value).into(),
        ]);
    }
    Section::of("states", "States", table)
}

fn measures(world: &World, found: &NowcastReport) -> Section {
    let heading = "Measures since the base year";
    let mut table = Table::titled(["Measure", "By", "Against", "From", "To", ">In force this year", "State"]);
    for line in &found.measures {
        let ends = match (line.returns, line.to) {
            (Some(day), _) => format!("suspended to {day}"),
            (None, Some(day)) => day.to_string(),
            (None, None) => String::new(),
        };
        let against =
            if line.importers.is_empty() { "all".to_owned() } else { names(world, &line.importers) };
        table.row([
            line.id.clone().into(),
            names(world, &line.exporters).into(),
            against.into(),
            line.from.to_string().into(),
            ends.into(),
            Figure::share(Range::exact(line.force)).into(),
            line.note.clone().into(),
        ]);
    }
    if found.measures.is_empty() {
        let text = "No measure since the base year holds exports back.";
        return Section::new("measures", heading).with_sentence(Sentence::new("none", text));
    }
    Section::of("measures", heading, table)
}

/// Published figures that no state explains.
fn tension(world: &World, found: &NowcastReport) -> Section {
    let mut section = Section::new("tension", "Tension");
    for (place, line) in found.tension().enumerate() {
        let sources: Vec<&str> = line.sources.iter().map(super::super::base::id::SourceId::as_str).collect();
        let far = Figure::derived(Range::exact(line.distance), "");
        let text = format!(
            "{} {} is {} spreads from the model ({}).",
            line.year,
            about(world, line),
            far.text,
            sources.join(", ")
        );
        section =
            section.with_sentence(Sentence::new(format!("tension-{}", place + 1), text).with("spreads", far));
    }
    if section.is_empty() {
        let text = "None: every published figure lies within three spreads of the model.";
        section = section.with_sentence(Sentence::new("none", text));
    }
    section
}
