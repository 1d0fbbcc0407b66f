//! How likely exporters are to restrict, in print: the model, its fit and its limits.

use std::fmt::Write;

use clap::Args;
use orecast::{
    answer::number::{Style, Unit, figure},
    base::{draw::Draw, id::Iso3, unit::Range},
    render::table::{Align, Table},
    studies::hazard::{
        Hazard, Regime,
        fit::{Fit, Score, model},
    },
    world::World,
};
use serde_json::{json, to_string_pretty};

use crate::{
    Outcome,
    shock::{country, name},
};

/// Countries that are listed.
const COUNTRIES: usize = 12;

/// Arguments of `risk hazard`.
#[derive(Args)]
pub(super) struct HazardArgs {
    /// Country that buys
    #[arg(long, value_name = "COUNTRY")]
    country: String,
    /// Times that are assumed: calm, tense or mixed
    #[arg(long, default_value = "mixed")]
    regime: Regime,
    /// Print everything as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(world: &World, args: &HazardArgs) -> Outcome {
    let leader = country(world, &args.country)?;
    let year = world.base_year().ok_or("the package has no trade")?;
    let hazard = model(world, leader, year, args.regime);
    let fit = hazard.fit(world, leader);
    if args.json {
        let countries: Vec<_> = hazard
            .by_country()
            .into_iter()
            .map(|(iso3, laws)| json!({"country": iso3, "laws_a_year": laws}))
            .collect();
        let parameters = &world.tables().hazard;
        return Ok(
            to_string_pretty(&json!({"parameters": parameters, "countries": countries, "fit": fit}))? + "\n"
        );
    }
    Ok(text(world, leader, &hazard, &fit))
}

fn text(world: &World, leader: Iso3, hazard: &Hazard, fit: &Fit) -> String {
    let mut out = format!(
        "How likely is it that an exporter restricts? (seen from {})\n\n\
         A country now and then passes a restricting law; a law hits some of its minerals; some of what is hit stops. Parameters, 9 in 10:\n\n",
        name(world, leader)
    );
    let mut parameters = Table::new([
        ("Parameter", Align::Left),
        ("Where", Align::Left),
        ("Middle and range", Align::Left),
        ("Grade", Align::Left),
        ("Source", Align::Left),
    ]);
    for row in &world.tables().hazard {
        parameters.row([
            row.parameter.clone(),
            row.iso3.map_or_else(|| "all".to_owned(), |iso3| name(world, iso3)),
            number(Range::new(row.low, row.mid, row.high)),
            row.grade.to_string(),
            row.source.to_string(),
        ]);
    }
    let _ = write!(out, "{parameters}\nLaws a year by producing country, the most first\n\n");
    let mut countries =
        Table::new([("Country", Align::Left), ("Laws a year", Align::Left), ("A stop lasts", Align::Left)]);
    for (iso3, _) in hazard.by_country().into_iter().take(COUNTRIES) {
        let drawn =
            |of: &dyn Fn(Draw) -> f64| orecast::ensemble::range_of((0..200).map(|i| of(Draw::new(1, i))));
        let lasts = drawn(&|draw| hazard.duration(iso3, draw));
        countries.row([
            name(world, iso3),
            number(drawn(&|draw| hazard.events_per_year(iso3, draw))),
            format!("{} of a year", figure(lasts, &Unit::Share, Style::TERMINAL)),
        ]);
    }
    let _ = write!(
        out,
        "{countries}\nPredicted against observed: producing countries and years with a new restriction\n\n"
    );
    let mut parts = Table::new([
        ("Part", Align::Left),
        ("Country-years", Align::Right),
        ("Observed", Align::Right),
        ("One rate for all", Align::Right),
        ("Predictors", Align::Right),
        ("Model", Align::Right),
    ]);
    for part in &fit.parts {
        let expected = |value: f64| format!("{value:.1}");
        parts.row([
            part.label.clone(),
            part.cases.to_string(),
            part.observed.to_string(),
            expected(part.naive),
            expected(part.predictors),
            expected(part.model),
        ]);
    }
    parts.rule();
    let score =
        |of: fn(&Score) -> f64| [fit.naive, fit.predictors, fit.model].map(|s| format!("{:.4}", of(&s)));
    for (label, [naive, predictors, model]) in
        [("Brier score", score(|s| s.brier)), ("log score", score(|s| s.log))]
    {
        parts.row([label.to_owned(), String::new(), String::new(), naive, predictors, model]);
    }
    let _ = writeln!(out, "{parts}");
    out += "Smaller scores are better. Each forecast leaves out what it is scored on (the level: the country; the record: the year); calm and tense years are told apart with hindsight, and the pull of alignment was estimated on these same years.\n\
        Observed counts are what was still in force in 2024, so early ones are too low. Associations, not causes; for another buyer than the United States no data supports the pull of alignment.\n\
        Override any of it: orecast screen --hazard FILE.\n";
    out
}

fn number(range: Range) -> String {
    figure(range, &Unit::Other(String::new()), Style::TERMINAL).to_string()
}
