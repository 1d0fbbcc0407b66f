//! `orecast path`: a mineral year by year without any deal.

mod outside;
mod why;

use std::fmt::Write;

use clap::Args;
use orecast::{
    answer::number::{Style, Unit},
    base::{
        date::PartialDate,
        id::{Iso3, MineralId},
        unit::{Range, Stage},
    },
    params::Params,
    render::table::{Align, Table},
    studies::{
        forecast::{
            Forecast, ForecastOptions, StageYear, UNUSUAL, forecast, forecast_all, simulate, with_hosts,
        },
        hindcast::{Hindcast, SPANS, Span, hindcast},
        outside::outside_views,
        price_drivers::why_price,
    },
    world::{World, names::Subject, table::StockClass},
};

use crate::{
    Outcome,
    hindcast::output_scores,
    shock::{country, name, short},
    text::CONFIDENTIAL,
};

/// Years whose producers are shown.
const SHOWN: [i32; 2] = [2030, 2035];
/// Producers shown for each year.
const PRODUCERS: usize = 6;
/// Last year of the hindcast whose base year today's list of projects is taken to fit.
const RECENT: i32 = 2023;
/// Year of the comparison with the outside view.
const OUTSIDE_YEAR: i32 = 2030;
/// Share of the base price under which a driver's part is not told as a cause.
const WORTH_TELLING: f64 = 0.25;

/// A mineral year by year without any deal: output, use, price, who makes it, and why
#[derive(Args)]
pub(crate) struct Path {
    /// Mineral, by id or name
    #[arg(required_unless_present_any = ["all", "hindcast", "outside"])]
    mineral: Option<String>,
    #[command(flatten)]
    world: Worldwide,
    /// Demand scenario of `demand.csv`: steps, aps, nze, or one of your own data
    #[arg(long, default_value = "steps")]
    scenario: String,
    /// Last year
    #[arg(long, default_value_t = 2040, value_parser = clap::value_parser!(i32).range(2026..=2060))]
    to: i32,
    /// The day to start from, such as 2025-11-06: uses only what was known at its end
    #[arg(long, value_name = "DATE")]
    as_of: Option<PartialDate>,
    /// Draws for the ranges; 0 for the middle alone
    #[arg(long, value_parser = clap::value_parser!(u32).range(0..=100_000))]
    draws: Option<u32>,
    /// Seed of the draws
    #[arg(long, default_value_t = 1)]
    seed: u64,
    #[command(flatten)]
    page: Page,
    /// Print one JSON document instead of text
    #[arg(long)]
    json: bool,
}

/// Views of all minerals at once.
#[derive(Args)]
struct Worldwide {
    /// One line for every mineral
    #[arg(long, conflicts_with_all = ["mineral", "hindcast", "outside"])]
    all: bool,
    /// How the model would have done from earlier base years, beside carrying the last value forward
    #[arg(long, conflicts_with_all = ["mineral", "outside"])]
    hindcast: bool,
    /// One base year of the hindcast alone: 2015, 2018 or 2023
    #[arg(long, value_name = "YEAR", requires = "hindcast")]
    base_year: Option<i32>,
    /// Growth to 2030 outside a country, such as CHN, beside that of the IEA base case
    #[arg(long, value_name = "COUNTRY", conflicts_with = "mineral")]
    outside: Option<String>,
}

/// What a mineral's page shows.
#[derive(Args)]
struct Page {
    /// What moves the price, year by year, in the middle draw
    #[arg(long, requires = "mineral")]
    why_price: bool,
    /// Producers by controlling country beside those by place
    #[arg(long, requires = "mineral")]
    control: bool,
}

/// Shares of a stage's output by country.
type Shares = fn(&StageYear) -> &[(Iso3, Range)];

impl Path {
    pub(crate) fn run(&self, world: &World) -> Outcome {
        let draws = self.draws.unwrap_or(if self.world.all { 20 } else { 100 });
        let options = ForecastOptions {
            as_of: self.as_of,
            last_year: self.to,
            scenario: scenario(world, &self.scenario)?,
            draws: draws as usize,
            seed: self.seed,
            params: Params::default(),
        };
        let mut text = String::new();
        if world.has_confidential() && !self.json {
            text.push_str(CONFIDENTIAL);
            text.push_str("\n\n");
        }
        if self.world.hindcast {
            let found = self.world.hindcasts(world, &options.scenario)?;
            if self.json {
                return Ok(serde_json::to_string(&found)? + "\n");
            }
            let pages: Vec<String> = found.iter().map(output_scores).collect();
            return Ok(text + &pages.join("\n"));
        }
        if let Some(without) = &self.world.outside {
            let without = country(world, without)?;
            let rows = outside_views(world, &options, OUTSIDE_YEAR, without);
            let json = || serde_json::to_string(&rows).map(|text| text + "\n");
            return if self.json { Ok(json()?) } else { Ok(text + &outside::views(world, &rows, without)) };
        }
        let Some(mineral) = &self.mineral else {
            let (found, failed) = forecast_all(world, &options);
            if self.json {
                return Ok(serde_json::to_string(&found)? + "\n");
            }
            text.push_str(&overview(world, &found, &options));
            for (mineral, reason) in failed {
                let _ = writeln!(text, "Left out: {mineral}: {reason}");
            }
            return Ok(text);
        };
        let mineral = named(world, mineral)?;
        if self.page.why_price {
            let (simulation, failed) =
                simulate(world, &with_hosts(world, std::slice::from_ref(&mineral)), &options);
            let Some(position) = simulation.chains.iter().position(|chain| chain.base.mineral == mineral)
            else {
                let reason = failed.into_iter().find(|(of, _)| *of == mineral);
                return Err(reason.map_or_else(String::new, |(_, reason)| reason.to_string()).into());
            };
            let why = why_price(&simulation, position);
            if self.json {
                return Ok(serde_json::to_string(&why)? + "\n");
            }
            return Ok(text + &why::reasons(world, &why, &options.scenario));
        }
        let found = forecast(world, &mineral, &options)?;
        if self.json {
            return Ok(serde_json::to_string(&found)? + "\n");
        }
        Ok(text + &page(world, &found, &options.params, self.page.control))
    }
}

/// A scenario of the facts, in any case.
fn scenario(world: &World, text: &str) -> Result<String, String> {
    let mut known: Vec<&str> = world.tables().demand.iter().map(|row| row.scenario.as_str()).collect();
    known.sort_unstable();
    known.dedup();
    known.iter().find(|one| one.eq_ignore_ascii_case(text)).map(|one| (*one).to_owned()).ok_or_else(|| {
        format!(
            "`{text}` is not a demand scenario\n    the facts have {}; own ones come with --data and a demand.csv",
            known.join(", ")
        )
    })
}

/// A mineral with a market, by id or name.
fn named(world: &World, text: &str) -> Result<MineralId, String> {
    match world.find(text) {
        Ok(Subject::Mineral(row)) => Ok(row.market.clone()),
        Ok(Subject::Country(row)) => Err(format!("`{text}` is a country ({})\n    name a mineral", row.name)),
        Err(error) => Err(error.to_string()),
    }
}

fn title(world: &World, mineral: &MineralId) -> String {
    world.mineral(mineral.as_str()).map_or_else(|| mineral.to_string(), |row| row.name.clone())
}

fn multiple(range: Option<Range>) -> String {
    range.map_or_else(|| "–".to_owned(), |range| short(range, &Unit::Ratio, Style::TERMINAL))
}

fn share(range: Range) -> String {
    short(range, &Unit::Share, Style::TERMINAL)
}

fn stage_words(stage: Stage) -> &'static str {
    match stage {
        Stage::Mine => "Mined",
        Stage::Refine => "Refined",
    }
}

fn page(world: &World, found: &Forecast, params: &Params<Range>, control: bool) -> String {
    let runs = found.solved.first().map_or(0, |year| year.draws);
    let middle = if runs == 1 {
        "middle values alone".to_owned()
    } else {
        format!("{runs} draws: middle and 9 in 10")
    };
    let mut text = format!(
        "{} without any deal, demand scenario {}, base year {}, {middle}\n",
        title(world, &found.mineral),
        found.scenario,
        found.base_year
    );
    if !found.has_scenario {
        text.push_str("The scenario says nothing about it: use is held where it was, but for prices.\n");
    }
    text.push('\n');
    let two = found.years.iter().any(|row| row.stage == Stage::Mine && found.last_stage == Stage::Refine);
    let stages = if two { vec![Stage::Mine, Stage::Refine] } else { vec![found.last_stage] };
    let mut columns = vec![("Year".to_owned(), Align::Left)];
    columns.extend(stages.iter().map(|stage| (stage_words(*stage).to_owned(), Align::Left)));
    for column in ["Used", "Price", "Over base price", "Solved"] {
        columns.push((column.to_owned(), Align::Left));
    }
    let mut table = Table::new(columns);
    let mut years: Vec<i32> = found.years.iter().map(|row| row.year).collect();
    years.sort_unstable();
    years.dedup();
    let mass = Unit::parse(&found.basis);
    let price = Unit::parse(&format!("USD/{}", found.basis));
    for year in years {
        let mut cells = vec![year.to_string()];
        let at = |stage| found.at(year, stage);
        cells.extend(stages.iter().map(|&stage| {
            at(stage).map_or_else(String::new, |row| short(row.output, &mass, Style::TERMINAL))
        }));
        let last = at(found.last_stage);
        cells.push(last.map_or_else(String::new, |row| short(row.used, &mass, Style::TERMINAL)));
        cells.push(last.map_or_else(String::new, |row| short(row.price, &price, Style::TERMINAL)));
        cells.push(multiple(found.price_multiple(year)));
        let solved = found.solved.iter().find(|one| one.year == year);
        cells.push(solved.map_or_else(
            || "balanced".to_owned(),
            |one| {
                if one.converged == one.draws {
                    "all".to_owned()
                } else {
                    format!("{} of {}", one.converged, one.draws)
                }
            },
        ));
        table.row(cells);
    }
    text.push_str(&table.to_string());
    for &stage in &stages {
        text.push_str(&producers(world, found, stage, control));
    }
    text.push_str(&stocks(world, found, params));
    for cause in &found.causes {
        let _ = write!(text, "\n{}: {}", cause.year, cause_words(cause));
    }
    if !found.causes.is_empty() {
        text.push('\n');
    }
    let worst = found.solved.iter().map(|year| year.excess).fold(0.0, f64::max);
    let _ = write!(
        text,
        "\nCertificate: largest excess of supply over use in any year {worst:.0e} of a seller's throughput.\n\
         Solved: draws whose balance closes. Why the price moves: orecast path {} --why-price\n",
        found.mineral
    );
    text
}

/// Largest producers of a stage in the years shown beside the base year's.
fn producers(world: &World, found: &Forecast, stage: Stage, control: bool) -> String {
    let shown: Vec<&StageYear> =
        std::iter::once(found.base_year).chain(SHOWN).filter_map(|year| found.at(year, stage)).collect();
    let mut text = String::new();
    let by: [(&str, Shares); 2] = [("place", |row| &row.by_place), ("owner", |row| &row.by_owner)];
    for (word, list) in by.into_iter().take(if control { 2 } else { 1 }) {
        let mut columns = vec![(format!("{} by {word}", stage_words(stage)), Align::Left)];
        columns.extend(shown.iter().map(|row| (row.year.to_string(), Align::Left)));
        let mut table = Table::new(columns);
        let Some(last) = shown.last() else { continue };
        for (country, _) in list(last).iter().take(PRODUCERS) {
            let of = |row: &&StageYear| {
                let found = list(row).iter().find(|(c, _)| c == country);
                found.map_or_else(|| "–".to_owned(), |(_, range)| share(*range))
            };
            table.row(std::iter::once(name(world, *country)).chain(shown.iter().map(of)));
        }
        let _ = write!(text, "\n{table}");
    }
    text
}

/// Stocks in the years shown, or that none is known.
fn stocks(world: &World, found: &Forecast, params: &Params<Range>) -> String {
    let mass = Unit::parse(&found.basis);
    let tonnes = |range: Range| short(range, &mass, Style::TERMINAL);
    let who = |class: StockClass, holder: Iso3| {
        let place = if holder == Iso3::WORLD { String::new() } else { format!(", {}", name(world, holder)) };
        format!("{}{place}", class.as_str())
    };
    let mut table = Table::new(
        std::iter::once(("Stocks at the end of".to_owned(), Align::Left))
            .chain(std::iter::once(found.base_year).chain(SHOWN).map(|year| (year.to_string(), Align::Left))),
    );
    for holding in &found.holdings {
        let at = |year: &i32| {
            let known = found
                .stocks
                .iter()
                .find(|row| (row.year, row.holder, row.class) == (*year, holding.holder, holding.class));
            known.map_or_else(|| "–".to_owned(), |row| tonnes(row.closing))
        };
        let cells = [who(holding.class, holding.holder), tonnes(holding.tonnes)];
        table.row(cells.into_iter().chain(SHOWN.iter().map(at)));
    }
    if found.holdings.is_empty() {
        return "\nStocks: none is known, so none is released or bought.\n".to_owned();
    }
    let level = |range: Range| short(Range::exact(range.mid), &Unit::Ratio, Style::TERMINAL);
    format!(
        "\n{table}Holders release above {} (public reserves) or {} (inventories) the base price and buy back under {}, in the middle of \
         assumed ranges.\n",
        level(params.reserve_release_above),
        level(params.inventory_release_above),
        level(params.stock_buy_below),
    )
}

/// What moves an unusual price most.
fn cause_words(cause: &orecast::studies::forecast::Cause) -> String {
    let parts: Vec<String> = cause
        .drivers
        .iter()
        .filter(|(_, part)| part.abs() >= WORTH_TELLING)
        .take(3)
        .map(|(driver, part)| {
            let part = short(Range::exact(*part), &Unit::Ratio, Style::TERMINAL.difference());
            format!("{} {part}", driver.title())
        })
        .collect();
    let price = short(Range::exact(cause.multiple), &Unit::Ratio, Style::TERMINAL);
    format!(
        "the price is {price} the base price because of {} (multiples of the base price)",
        parts.join(", ")
    )
}

fn overview(world: &World, found: &[Forecast], options: &ForecastOptions) -> String {
    let mut text = format!(
        "Every mineral without any deal, demand scenario {}: price over the base year's, and the largest producer's share\n\n",
        options.scenario
    );
    let mut table = Table::new([
        ("Mineral", Align::Left),
        ("Price 2030", Align::Left),
        ("Price 2035", Align::Left),
        ("Leader", Align::Left),
        ("Base", Align::Right),
        ("2030", Align::Left),
        ("2035", Align::Left),
        ("Solved", Align::Right),
    ]);
    for one in found {
        let base = one.at(one.base_year, one.last_stage);
        let Some((leader, was)) = base.and_then(|row| row.by_place.first()) else { continue };
        let at = |year| {
            let row = one.at(year, one.last_stage);
            let found = row.and_then(|row| row.by_place.iter().find(|(c, _)| c == leader));
            found.map_or_else(|| "–".to_owned(), |(_, range)| share(*range))
        };
        let (converged, all) =
            one.solved.iter().fold((0, 0), |(some, all), year| (some + year.converged, all + year.draws));
        table.row([
            one.mineral.to_string(),
            multiple(one.price_multiple(SHOWN[0])),
            multiple(one.price_multiple(SHOWN[1])),
            name(world, *leader),
            share(*was),
            at(SHOWN[0]),
            at(SHOWN[1]),
            if converged == all { "all".to_owned() } else { format!("{converged} of {all}") },
        ]);
    }
    let _ = writeln!(text, "{table}");
    for one in found {
        if let Some(cause) = one.causes.iter().max_by(|a, b| a.multiple.total_cmp(&b.multiple)) {
            let _ = writeln!(text, "{} {}: {}", one.mineral, cause.year, cause_words(cause));
        }
    }
    let unusual = short(Range::exact(UNUSUAL), &Unit::Ratio, Style::TERMINAL);
    let _ = writeln!(
        text,
        "Leader: largest producer of the base year at the last stage, by place. Middle and 9 in 10 draws. Prices beyond {unusual} are told with their cause."
    );
    text
}

pub(crate) fn signed(share: f64) -> String {
    format!("{:+.0} %", share * 100.0)
}

impl Worldwide {
    /// The hindcasts that are asked for.
    fn hindcasts(&self, world: &World, scenario: &str) -> Result<Vec<Hindcast>, String> {
        let spans: Vec<_> = SPANS
            .into_iter()
            .filter(|span| self.base_year.is_none_or(|year| year == span.base_year))
            .collect();
        if spans.is_empty() {
            let years: Vec<String> = SPANS.iter().map(|span| span.base_year.to_string()).collect();
            return Err(format!(
                "no hindcast starts from {}\n    the facts carry output and trade of {}",
                self.base_year.unwrap_or_default(),
                years.join(", ")
            ));
        }
        let run = |span: Span| hindcast(world, span, (span.base_year >= RECENT).then_some(scenario));
        Ok(spans.into_iter().map(run).collect())
    }
}
