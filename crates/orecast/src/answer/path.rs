//! Minerals year by year without any deal.

pub mod hindcast;
pub mod outside;
pub mod why_price;

use std::collections::BTreeSet;

use super::{
    figure::Figure,
    view::{Cell, Column, Section, Sentence, Table, View, Why, country_name, mineral_name},
};
use crate::{
    base::{
        id::Iso3,
        unit::{Grade, Range, Stage},
    },
    params::Params,
    studies::forecast::{Cause, Forecast, ForecastOptions, StageYear, UNUSUAL},
    world::{World, table::StockClass},
};

/// Years whose producers are shown.
const SHOWN: [i32; 2] = [2030, 2035];
/// Producers shown for each year.
const PRODUCERS: usize = 6;
/// Share of the base price under which a driver's part is not named as a cause.
const WORTH_TELLING: f64 = 0.25;

/// Shares of a stage's output by country.
type Shares = fn(&StageYear) -> &[(Iso3, Range)];

fn stage_words(stage: Stage) -> &'static str {
    match stage {
        Stage::Mine => "Mined",
        Stage::Refine => "Refined",
    }
}

fn multiple(range: Option<Range>) -> Cell {
    Cell::known(range.map(|range| Figure::derived(range, "ratio").graded(Grade::C)))
}

fn share(range: Range) -> Cell {
    Figure::share(range).graded(Grade::C).into()
}

/// One mineral: output, use and price by year, who makes it, stocks, and why the price is unusual.
pub fn one(world: &World, found: &Forecast, params: &Params<Range>, by_owner: bool) -> View {
    let runs = found.solved.first().map_or(0, |year| year.draws);
    let middle = if runs == 1 {
        "middle values alone".to_owned()
    } else {
        format!("{runs} draws: middle and 9 in 10")
    };
    let name = world
        .mineral(found.mineral.as_str())
        .map_or_else(|| found.mineral.to_string(), |row| row.name.clone());
    let mut view = View::new(format!(
        "{name} without any deal, demand scenario {}, base year {}, {middle}",
        found.scenario, found.base_year
    ));
    if !found.has_scenario {
        let text = "The scenario says nothing about it: use is held where it was, but for prices.";
        view.say(Sentence::new("no-scenario", text));
    }
    for cause in &found.causes {
        view.say(Sentence::new(
            format!("cause-{}", cause.year),
            format!("{}: {}.", cause.year, in_words(cause)),
        ));
    }
    let two = found.years.iter().any(|row| row.stage == Stage::Mine && found.last_stage == Stage::Refine);
    let stages = if two { vec![Stage::Mine, Stage::Refine] } else { vec![found.last_stage] };
    view.push(Section::of("years", "", years(found, &stages)));
    for &stage in &stages {
        for section in producers(world, found, stage, by_owner) {
            view.push(section);
        }
    }
    view.push(stocks(world, found, params));
    let worst = found.solved.iter().map(|year| year.excess).fold(0.0, f64::max);
    view.note(format!(
        "Largest excess of supply over use in any year: {worst:.0e} of a seller's throughput. Solved: draws whose balance closes."
    ));
    view
}

fn years(found: &Forecast, stages: &[Stage]) -> Table {
    let mut columns = vec![Column::words("Year")];
    columns.extend(stages.iter().map(|stage| Column::numbers(stage_words(*stage))));
    columns.extend(["Used", "Price", "Over base price"].map(Column::numbers));
    columns.push(Column::words("Solved"));
    let mut table = Table::new(columns);
    let years: BTreeSet<i32> = found.years.iter().map(|row| row.year).collect();
    let price = format!("USD/{}", found.basis);
    for year in years {
        let at = |stage| found.at(year, stage);
        let figure =
            |range: Range, unit: &str| -> Cell { Figure::derived(range, unit).graded(Grade::C).into() };
        let mut cells = vec![Cell::Year { text: year }];
        cells.extend(
            stages.iter().map(|&s| at(s).map_or(Cell::Empty, |row| figure(row.output, &found.basis))),
        );
        let last = at(found.last_stage);
        cells.push(last.map_or(Cell::Empty, |row| figure(row.used, &found.basis)));
        cells.push(last.map_or(Cell::Empty, |row| figure(row.price, &price)));
        cells.push(multiple(found.price_multiple(year)));
        let solved = found.solved.iter().find(|one| one.year == year);
        cells.push(solved.map_or_else(|| "balanced".into(), |one| all_of(one.converged, one.draws)));
        table.row(cells);
    }
    table
}

/// `all`, or how many of how many.
fn all_of(some: usize, all: usize) -> Cell {
    if some == all { "all".into() } else { format!("{some} of {all}").into() }
}

/// Largest producers of a stage in the years shown beside the base year's.
fn producers(world: &World, found: &Forecast, stage: Stage, by_owner: bool) -> Vec<Section> {
    let shown: Vec<&StageYear> =
        std::iter::once(found.base_year).chain(SHOWN).filter_map(|year| found.at(year, stage)).collect();
    let by: [(&str, Shares); 2] = [("place", |row| &row.by_place), ("owner", |row| &row.by_owner)];
    let Some(last) = shown.last() else { return Vec::new() };
    let section = |(word, list): (&str, Shares)| {
        let mut columns = vec![Column::words("Country")];
        columns.extend(shown.iter().map(|row| Column::numbers(row.year.to_string())));
        let mut table = Table::new(columns);
        for (country, _) in list(last).iter().take(PRODUCERS) {
            let of = |row: &&StageYear| {
                let found = list(row).iter().find(|(c, _)| c == country);
                found.map_or_else(|| Cell::absent(Why::NotKnown), |(_, range)| share(*range))
            };
            table.row(std::iter::once(Cell::country(world, *country)).chain(shown.iter().map(of)));
        }
        let heading = format!("{} by {word}", stage_words(stage));
        Section::of(format!("{stage}-by-{word}"), heading, table)
    };
    by.into_iter().take(if by_owner { 2 } else { 1 }).map(section).collect()
}

/// Stocks in the years shown, or that none is known.
fn stocks(world: &World, found: &Forecast, params: &Params<Range>) -> Section {
    let heading = "Stocks at the end of the year";
    if found.holdings.is_empty() {
        let text = "None is known, so none is released or bought.";
        return Section::new("stocks", heading).with_sentence(Sentence::new("none", text));
    }
    let tonnes = |range: Range| -> Cell { Figure::derived(range, &found.basis).graded(Grade::C).into() };
    let who = |class: StockClass, holder: Iso3| {
        let place =
            if holder == Iso3::WORLD { String::new() } else { format!(", {}", country_name(world, holder)) };
        format!("{}{place}", class.as_str())
    };
    let mut columns = vec![Column::words("Holder"), Column::numbers(found.base_year.to_string())];
    columns.extend(SHOWN.iter().map(|year| Column::numbers(year.to_string())));
    let mut table = Table::new(columns);
    for holding in &found.holdings {
        let at = |year: &i32| {
            let mut rows = found.stocks.iter();
            let known =
                rows.find(|row| (row.year, row.holder, row.class) == (*year, holding.holder, holding.class));
            known.map_or_else(|| Cell::absent(Why::NotKnown), |row| tonnes(row.closing))
        };
        let cells = [who(holding.class, holding.holder).into(), tonnes(holding.tonnes)];
        table.row(cells.into_iter().chain(SHOWN.iter().map(at)));
    }
    let level = |range: Range| Figure::derived(Range::exact(range.mid), "ratio").text;
    Section::of("stocks", heading, table).with_note(format!(
        "Holders release above {} (public reserves) or {} (inventories) the base price and buy back under {}, in the middle of \
         assumed ranges.",
        level(params.reserve_release_above),
        level(params.inventory_release_above),
        level(params.stock_buy_below),
    ))
}

/// What moves an unusual price most.
fn in_words(cause: &Cause) -> String {
    let told = cause.drivers.iter().filter(|(_, part)| part.abs() >= WORTH_TELLING).take(3);
    let parts: Vec<String> = told
        .map(|(driver, part)| {
            format!("{} {}", driver.title(), Figure::change(Range::exact(*part), "ratio").text)
        })
        .collect();
    let price = Figure::derived(Range::exact(cause.multiple), "ratio").text;
    format!(
        "the price is {price} the base price because of {} (multiples of the base price)",
        parts.join(", ")
    )
}

/// Every mineral, one line each.
pub fn all(world: &World, found: &[Forecast], options: &ForecastOptions) -> View {
    let mut view = View::new(format!(
        "Every mineral without any deal, demand scenario {}: price over the base year's, and the largest producer's share",
        options.scenario
    ));
    let year = |what: &str, year: i32| Column::numbers(format!("{what} {year}"));
    let mut table = Table::new([
        Column::words("Mineral"),
        year("Use", SHOWN[1]),
        year("Price", SHOWN[0]),
        year("Price", SHOWN[1]),
        Column::words("Leader"),
        Column::numbers("Base"),
        Column::numbers(SHOWN[0].to_string()),
        Column::numbers(SHOWN[1].to_string()),
        Column::words("Solved"),
    ]);
    for one in found {
        let base = one.at(one.base_year, one.last_stage);
        let Some((leader, was)) = base.and_then(|row| row.by_place.first()) else { continue };
        let at = |year| {
            let row = one.at(year, one.last_stage);
            let found = row.and_then(|row| row.by_place.iter().find(|(c, _)| c == leader));
            found.map_or_else(|| Cell::absent(Why::NotKnown), |(_, range)| share(*range))
        };
        let used = one
            .at(SHOWN[1], one.last_stage)
            .map(|row| Figure::derived(row.used, &one.basis).graded(Grade::C));
        let (converged, all) =
            one.solved.iter().fold((0, 0), |(some, all), year| (some + year.converged, all + year.draws));
        table.row([
            Cell::mineral(world, &one.mineral),
            Cell::known(used),
            multiple(one.price_multiple(SHOWN[0])),
            multiple(one.price_multiple(SHOWN[1])),
            Cell::country(world, *leader),
            share(*was),
            at(SHOWN[0]),
            at(SHOWN[1]),
            all_of(converged, all),
        ]);
    }
    let unusual = Figure::derived(Range::exact(UNUSUAL), "ratio").text;
    view.push(Section::of("minerals", "", table).with_note(format!(
        "Leader: largest producer of the base year at the last stage, by place. Middle and 9 in 10 draws. Prices beyond {unusual} the \
         base price are named with their cause."
    )));
    let mut causes = Section::new("causes", "Unusual prices");
    for one in found {
        if let Some(cause) = one.causes.iter().max_by(|a, b| a.multiple.total_cmp(&b.multiple)) {
            let text = format!("{}, {}: {}.", mineral_name(world, &one.mineral), cause.year, in_words(cause));
            causes = causes.with_sentence(Sentence::new(one.mineral.as_str(), text));
        }
    }
    view.push(causes);
    view
}
