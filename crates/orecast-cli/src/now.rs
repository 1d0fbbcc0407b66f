//! `orecast now`: today's market of a mineral, or of all: what is known beside what the model says, and what explains it.

use std::fmt::Write;

use clap::Args;
use orecast::{
    answer::number::{Style, Unit},
    base::{
        date::PartialDate,
        id::MineralId,
        unit::{Range, Stage},
    },
    nowcast::Zone,
    params::Params,
    render::table::{Align, Table},
    studies::{
        forecast::ForecastOptions,
        now::{KnownLine, NowcastReport, StateLine, now, now_all},
    },
    world::{World, names::Subject},
};

use crate::{
    Outcome,
    text::{CONFIDENTIAL, name, short},
};

/// Arguments of `now`.
#[derive(Args)]
pub(crate) struct Now {
    /// Mineral, such as `tungsten`; all when absent
    mineral: Option<String>,
    /// The day that is looked at, such as 2025-11-06: uses only what was known at its end
    #[arg(long, value_name = "DATE")]
    as_of: Option<PartialDate>,
    /// Demand scenario that use is measured against
    #[arg(long, default_value = "steps")]
    scenario: String,
    /// Draws for the ranges; 0 for the middle alone
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(0..=100_000))]
    draws: u32,
    /// Seed of the draws
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Print everything as JSON
    #[arg(long)]
    json: bool,
}

impl Now {
    pub(crate) fn run(&self, world: &World) -> Outcome {
        let options = ForecastOptions {
            last_year: world.base_year().ok_or("the package has no trade")? + 1,
            scenario: self.scenario.to_uppercase(),
            as_of: self.as_of,
            draws: self.draws as usize,
            seed: self.seed,
            params: Params::default(),
        };
        let mut text = String::new();
        if world.has_confidential() && !self.json {
            text.push_str(CONFIDENTIAL);
            text.push_str("\n\n");
        }
        let Some(mineral) = &self.mineral else {
            let found = now_all(world, &options);
            if self.json {
                return Ok(serde_json::to_string_pretty(&found)? + "\n");
            }
            return Ok(text + &overview(world, &found));
        };
        let id: MineralId = match world.find(mineral) {
            Ok(Subject::Mineral(row)) => row.market.clone(),
            Ok(Subject::Country(row)) => {
                return Err(format!("`{mineral}` is a country ({})\n    name a mineral", row.name).into());
            }
            Err(error) => return Err(error.to_string().into()),
        };
        let found = now(world, &id, &options)?;
        if self.json {
            return Ok(serde_json::to_string_pretty(&found)? + "\n");
        }
        Ok(text + &page(world, &found))
    }
}

fn title(world: &World, mineral: &MineralId) -> String {
    world.mineral(mineral.as_str()).map_or_else(|| mineral.to_string(), |row| row.name.clone())
}

fn ratio(range: Range) -> String {
    short(range, &Unit::Ratio, Style::TERMINAL)
}

fn times(value: f64) -> String {
    if value.is_finite() { format!("x{value:.2}") } else { "–".to_owned() }
}

/// All minerals: price over the base year's on both sides, measures, tension, age.
fn overview(world: &World, found: &[NowcastReport]) -> String {
    let mut table = Table::new([
        ("Mineral", Align::Left),
        ("Year", Align::Left),
        ("Outside, over base", Align::Left),
        ("Inside", Align::Left),
        ("Measures", Align::Left),
        ("Tension", Align::Right),
        ("Newest fact", Align::Left),
        ("Age, days", Align::Right),
    ]);
    for report in found {
        let last = report.prices.iter().map(|line| line.year).max();
        let at = |zone: Zone| {
            let line = report.prices.iter().find(|line| Some(line.year) == last && line.zone == zone);
            line.map_or_else(|| "–".to_owned(), |line| ratio(line.over_base))
        };
        let standing: Vec<&str> =
            report.measures.iter().filter(|m| m.force > 0.0).map(|m| m.id.as_str()).collect();
        table.row([
            title(world, &report.mineral),
            last.map_or_else(String::new, |year| year.to_string()),
            at(Zone::Outside),
            at(Zone::Inside),
            standing.join(", "),
            report.tension().count().to_string(),
            report.newest.as_ref().map_or_else(String::new, |fact| fact.date.to_string()),
            report.age_days.map_or_else(String::new, |days| days.to_string()),
        ]);
    }
    format!(
        "Prices since the base year as the model holds them, over the base year's: middle and 9 in 10 draws\n\n{table}\n\
         Tension: published figures that no state explains within three spreads. One mineral: orecast now tungsten\n"
    )
}

fn page(world: &World, found: &NowcastReport) -> String {
    let newest = found.newest.as_ref().map_or_else(
        || "nothing newer is known".to_owned(),
        |fact| {
            let age = found.age_days.map_or_else(String::new, |days| format!(", {days} days old"));
            format!("newest fact of {} ({}){age}", fact.date, fact.source)
        },
    );
    let mut text = format!(
        "{} as known on {}; {newest}\nBase year {}; {} draws: middle and 9 in 10\n",
        title(world, &found.mineral),
        found.as_of,
        found.base_year,
        found.draws
    );
    if !found.inside.is_empty() {
        let who: Vec<String> = found.inside.iter().map(|&country| name(world, country)).collect();
        let _ = writeln!(text, "A measure splits the market: inside is {}, outside the rest", who.join(", "));
    }
    let price = Unit::parse(&format!("USD/{}", found.basis));
    let mut table = Table::new([
        ("Price", Align::Left),
        ("Side", Align::Left),
        ("USD/t", Align::Left),
        ("Over base", Align::Left),
        ("Path", Align::Right),
        ("Measures", Align::Right),
        ("Use", Align::Right),
        ("Output", Align::Right),
        ("Unexplained", Align::Right),
    ]);
    for line in &found.prices {
        let part = found.parts.iter().find(|part| (part.year, part.zone) == (line.year, line.zone));
        let of = |pick: fn(&orecast::studies::now::PartLine) -> f64| {
            part.map_or_else(String::new, |part| times(pick(part)))
        };
        table.row([
            line.year.to_string(),
            line.zone.as_str().to_owned(),
            short(line.price, &price, Style::TERMINAL),
            ratio(line.over_base),
            of(|part| part.path),
            of(|part| part.measures),
            of(|part| part.used),
            of(|part| part.output),
            of(|part| part.unexplained),
        ]);
    }
    let _ = write!(
        text,
        "\n{table}The factors of the middle draw multiply to the price over the base year's.\n\n{}\n{}",
        known_table(world, found),
        states_table(&found.states)
    );
    text.push_str(&measures(world, found));
    let tension: Vec<&KnownLine> = found.tension().collect();
    if tension.is_empty() {
        text.push_str("\nTension: none; every published figure lies within three spreads of the model.\n");
    }
    for line in tension {
        let sources: Vec<&str> = line.sources.iter().map(|source| source.as_str()).collect();
        let _ = write!(
            text,
            "\nTension: {} {} is {:.1} spreads from the model ({})\n",
            line.year,
            about(world, line),
            line.distance,
            sources.join(", ")
        );
    }
    text
}

fn about(world: &World, line: &KnownLine) -> String {
    let stage = line.stage.map_or("", |stage| match stage {
        Stage::Mine => "ore ",
        Stage::Refine => "",
    });
    let place = match (line.zone, line.country) {
        (Some(zone), _) => format!(", {}", zone.as_str()),
        (None, Some(country)) => format!(", {}", name(world, country)),
        (None, None) => String::new(),
    };
    format!("{stage}{}{place}", line.about)
}

fn known_table(world: &World, found: &NowcastReport) -> String {
    let mut table = Table::new([
        ("Known", Align::Left),
        ("What", Align::Left),
        ("Published", Align::Left),
        ("Model", Align::Left),
        ("In range", Align::Left),
        ("Newest", Align::Left),
        ("Grade", Align::Left),
        ("Source", Align::Left),
    ]);
    for line in &found.known {
        let unit = match line.about {
            "price" => Unit::parse(&format!("USD/{}", found.basis)),
            "output" => Unit::parse(&found.basis),
            _ => Unit::Ratio,
        };
        let sources: Vec<&str> = line.sources.iter().map(|source| source.as_str()).collect();
        table.row([
            line.year.to_string(),
            about(world, line),
            short(line.known, &unit, Style::TERMINAL),
            short(line.model, &unit, Style::TERMINAL),
            if line.held { "yes" } else { "no" }.to_owned(),
            line.date.to_string(),
            line.grade.to_string(),
            match sources.as_slice() {
                [first, rest @ ..] if !rest.is_empty() => format!("{first} and {} more", rest.len()),
                list => list.join(", "),
            },
        ]);
    }
    table.to_string()
}

fn states_table(states: &[StateLine]) -> String {
    let mut table = Table::new([
        ("State", Align::Left),
        ("Of", Align::Left),
        ("Year", Align::Left),
        ("Prior", Align::Left),
        ("Estimate", Align::Left),
    ]);
    for line in states.iter().filter(|line| line.kind != "output") {
        table.row([
            line.kind.to_owned(),
            line.of.clone(),
            line.year.to_string(),
            ratio(line.prior),
            ratio(line.value),
        ]);
    }
    table.to_string()
}

fn measures(world: &World, found: &NowcastReport) -> String {
    if found.measures.is_empty() {
        return "\nNo measure since the base year holds exports back.\n".to_owned();
    }
    let mut table = Table::new([
        ("Measure", Align::Left),
        ("By", Align::Left),
        ("Against", Align::Left),
        ("From", Align::Left),
        ("To", Align::Left),
        ("In force this year", Align::Right),
        ("State", Align::Left),
    ]);
    let names = |list: &[orecast::base::id::Iso3]| {
        let all: Vec<String> = list.iter().map(|&country| name(world, country)).collect();
        if all.is_empty() { "all".to_owned() } else { all.join(", ") }
    };
    for line in &found.measures {
        let ends = match (line.returns, line.to) {
            (Some(day), _) => format!("suspended to {day}"),
            (None, Some(day)) => day.to_string(),
            (None, None) => "–".to_owned(),
        };
        table.row([
            line.id.clone(),
            names(&line.exporters),
            names(&line.importers),
            line.from.to_string(),
            ends,
            format!("{:.0} %", 100.0 * line.force),
            line.note.clone(),
        ]);
    }
    format!("\n{table}")
}
