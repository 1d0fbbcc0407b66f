//! How likely exporters are to restrict: the model, its fit and its limits.

use super::{
    figure::Figure,
    view::{Cell, Section, Sentence, Table, View, with_article},
};
use crate::{
    base::unit::Range,
    indicator::Group,
    studies::hazard::{
        fit::{Fit, Score},
        report::HazardReport,
    },
    world::World,
};

/// Countries that are listed.
const COUNTRIES: usize = 12;

/// What the answer does not cover.
pub fn limits(group: &Group) -> Vec<String> {
    let mut limits = vec!["China's packages in the counts of the fit".to_owned()];
    if group.members.len() > 1 {
        limits
            .push("differences within the group: the mean distance of its members' votes counts".to_owned());
    }
    limits
}

/// The parameters, what they say of countries, and predicted against observed counts.
pub fn view(world: &World, found: &HazardReport, group: &Group) -> View {
    let mut view = View::new(format!(
        "How likely is it that an exporter restricts? (seen from {})",
        with_article(&group.name)
    ));
    view.say(Sentence::new(
        "model",
        "A country now and then passes a restricting law; a law hits some of its minerals; some of what is hit stops.",
    ));
    view.push(parameters(world, found));
    view.push(countries(world, found));
    view.push(fit(&found.fit));
    view.note(
        "Smaller scores are better. Each forecast leaves out what it is scored on (the level: the country; the record: the year); calm and tense years are told apart with hindsight, and the pull of alignment was estimated on these same years.",
    );
    view.note(
        "Observed counts are what was still in force in 2024, so early ones are too low. Associations, not causes; for another buyer than the United States no data supports the pull of alignment.",
    );
    view.note("Any of these numbers can be replaced in a hazard file, which the screen reads.");
    view
}

fn parameters(world: &World, found: &HazardReport) -> Section {
    let mut table = Table::titled(["Parameter", "Where", ">Middle and range", "Grade", "Source"]);
    for row in &found.parameters {
        let range = Range::new(row.low, row.mid, row.high);
        table.row([
            row.parameter.clone().into(),
            row.iso3.map_or_else(|| Cell::text("all"), |iso3| Cell::country(world, iso3)),
            Figure::derived(range, "").graded(row.grade).from_source(&row.source).into(),
            row.grade.into(),
            row.source.to_string().into(),
        ]);
    }
    Section::of("parameters", "Parameters, 9 in 10", table)
}

fn countries(world: &World, found: &HazardReport) -> Section {
    let mut table = Table::titled(["Country", ">Laws a year", ">A stop lasts, of a year"]);
    for row in found.countries.iter().take(COUNTRIES) {
        table.row([
            Cell::country(world, row.country),
            Figure::derived(row.laws, "").into(),
            Figure::share(row.duration).into(),
        ]);
    }
    Section::of("countries", "Laws a year by producing country, the most first", table)
}

fn fit(fit: &Fit) -> Section {
    let mut table =
        Table::titled(["Part", ">Country-years", ">Observed", ">One rate for all", ">Predictors", ">Model"]);
    let expected = |value: f64| Cell::from(Figure::derived(Range::exact(value), ""));
    for part in &fit.parts {
        table.row([
            part.label.clone().into(),
            Cell::count(part.cases),
            Cell::count(part.observed),
            expected(part.naive),
            expected(part.predictors),
            expected(part.model),
        ]);
    }
    let score =
        |of: fn(&Score) -> f64| [fit.naive, fit.predictors, fit.model].map(|score| expected(of(&score)));
    let words = |label: &str| [Cell::text(label), Cell::Empty, Cell::Empty];
    table.group(words("Brier score").into_iter().chain(score(|s| s.brier)));
    table.row(words("log score").into_iter().chain(score(|s| s.log)));
    Section::of(
        "fit",
        "Predicted against observed: producing countries and years with a new restriction",
        table,
    )
}
