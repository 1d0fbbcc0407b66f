//! Today's market of each mineral: what is known beside what the model says of it, and how much of the price each state
//! explains.

use rayon::prelude::*;
use serde::Serialize;

use super::forecast::{ForecastOptions, groups, simulate, with_hosts};
use crate::{
    base::{
        date::PartialDate,
        draw::Draw,
        id::{Iso3, MineralId, SourceId},
        unit::{Grade, Range, Stage},
    },
    ensemble::range_of,
    market::Status,
    nowcast::{Fit, Knowledge, Observation, Quantity, StateKind, Zone, newest_day, observation_value},
    pathway::{Chain, Driver, Drivers, NoChain, Simulation},
    world::{NewestFact, World},
};

/// A published figure further than so many spreads from the model is told as tension.
pub const TENSION: f64 = 3.0;
/// Normal quantile at 95 %.
const Z95: f64 = 1.644_853_626_951_472_2;

/// A published figure beside the model's.
#[derive(Debug, Clone, Serialize)]
pub struct KnownLine {
    /// Calendar year.
    pub year: i32,
    /// What it is about: `price`, `output` or `exports`.
    pub about: &'static str,
    /// Stage.
    pub stage: Option<Stage>,
    /// Side of the market, for prices.
    pub zone: Option<Zone>,
    /// Country, for output and exports.
    pub country: Option<Iso3>,
    /// What was quoted or counted.
    pub label: String,
    /// The figure with the range that its own spread gives: USD/t contained, tonnes, or a share of base exports.
    pub known: Range,
    /// What the model says of it, with the range over the draws.
    pub model: Range,
    /// Whether the model's range holds the figure.
    pub held: bool,
    /// Distance of the middle draw from the figure, in spreads of the figure.
    pub distance: f64,
    /// Whether it stays unexplained.
    pub tension: bool,
    /// Newest date that enters it.
    pub date: PartialDate,
    /// Sources.
    pub sources: Vec<SourceId>,
    /// Grade.
    pub grade: Grade,
}

/// A state with its prior.
#[derive(Debug, Clone, Serialize)]
pub struct StateLine {
    /// Calendar year.
    pub year: i32,
    /// What it is: `use`, `unexplained`, `share` or `output`.
    pub kind: &'static str,
    /// Its place: a side of the market, a measure or a country.
    pub of: String,
    /// Prior, as a factor on use, price or output, or as a share of base exports.
    pub prior: Range,
    /// Estimate, in the same terms.
    pub value: Range,
}

/// What moves the price of a year, as factors whose product is the price over the base year's.
#[derive(Debug, Clone, Serialize)]
pub struct PartLine {
    /// Calendar year.
    pub year: i32,
    /// Side of the market.
    pub zone: Zone,
    /// Price over the base year's in the middle draw.
    pub over_base: f64,
    /// Scenario, projects and responses: what the path would be if nothing were known.
    pub path: f64,
    /// Measures that hold exports back.
    pub measures: f64,
    /// Use and stock building beyond the scenario.
    pub used: f64,
    /// Output that is published.
    pub output: f64,
    /// What nothing explains.
    pub unexplained: f64,
}

/// A measure in force.
#[derive(Debug, Clone, Serialize)]
pub struct MeasureLine {
    /// Identifier.
    pub id: String,
    /// Who restricts.
    pub exporters: Vec<Iso3>,
    /// Whom it is aimed at; empty for all.
    pub importers: Vec<Iso3>,
    /// Share of the newest year in which it is in force, on known dates.
    pub force: f64,
    /// Since when.
    pub from: PartialDate,
    /// Until when, where a date is set.
    pub to: Option<PartialDate>,
    /// Last day of its suspension, where it is suspended.
    pub returns: Option<PartialDate>,
    /// State in the source's words.
    pub note: String,
    /// Source.
    pub source: SourceId,
}

/// Price of a year in a zone.
#[derive(Debug, Clone, Serialize)]
pub struct PriceLine {
    /// Calendar year.
    pub year: i32,
    /// Side of the market.
    pub zone: Zone,
    /// USD/t contained, with the range over the draws.
    pub price: Range,
    /// The same over the base year's.
    pub over_base: Range,
}

/// Today's market of one mineral.
#[derive(Debug, Clone, Serialize)]
pub struct NowcastReport {
    /// Mineral.
    pub mineral: MineralId,
    /// What a tonne counts.
    pub basis: String,
    /// Base year.
    pub base_year: i32,
    /// The day that it is known on.
    pub as_of: PartialDate,
    /// The newest fact.
    pub newest: Option<NewestFact>,
    /// Age of the newest fact on that day, in days.
    pub age_days: Option<i32>,
    /// Price of the product in the base year, USD/t contained.
    pub base_price: f64,
    /// Countries behind a measure; none where nothing splits the market.
    pub inside: Vec<Iso3>,
    /// Prices by year and zone.
    pub prices: Vec<PriceLine>,
    /// What is known beside what the model says.
    pub known: Vec<KnownLine>,
    /// States.
    pub states: Vec<StateLine>,
    /// What explains the price.
    pub parts: Vec<PartLine>,
    /// Measures.
    pub measures: Vec<MeasureLine>,
    /// Draws.
    pub draws: usize,
}

impl NowcastReport {
    /// Figures that stay unexplained.
    pub fn tension(&self) -> impl Iterator<Item = &KnownLine> {
        self.known.iter().filter(|line| line.tension)
    }
}

/// One mineral's report.
///
/// # Errors
/// When the mineral has no balanced base year or no price.
pub fn now(world: &World, mineral: &MineralId, options: &ForecastOptions) -> Result<NowcastReport, NoChain> {
    let group = with_hosts(world, std::slice::from_ref(mineral));
    let (simulation, failed) = simulate(world, &group, &to_today(world, options));
    let position = simulation.chains.iter().position(|chain| chain.base.mineral == *mineral);
    position.and_then(|position| report(&simulation, position, options)).ok_or_else(|| {
        let reason = failed.into_iter().find(|(of, _)| of == mineral).map(|(_, reason)| reason);
        reason.unwrap_or_else(|| NoChain::NoPrice(mineral.clone()))
    })
}

/// Reports of all minerals that have a market.
pub fn now_all(world: &World, options: &ForecastOptions) -> Vec<NowcastReport> {
    let minerals: Vec<MineralId> = world.market_minerals().map(|row| row.id.clone()).collect();
    let today = to_today(world, options);
    let found: Vec<Vec<NowcastReport>> = groups(world, &minerals)
        .into_par_iter()
        .map(|group| {
            let (simulation, _) = simulate(world, &group, &today);
            (0..simulation.chains.len()).filter_map(|c| report(&simulation, c, options)).collect()
        })
        .collect();
    let mut found: Vec<NowcastReport> = found.into_iter().flatten().collect();
    found.sort_by(|a, b| a.mineral.cmp(&b.mineral));
    found
}

/// Options for the years up to the day that is looked at.
fn to_today(world: &World, options: &ForecastOptions) -> ForecastOptions {
    let day = options.as_of.or_else(|| newest_day(world));
    let last_year = day.map_or(options.last_year, PartialDate::year);
    ForecastOptions { last_year, as_of: day, ..options.clone() }
}

/// What one draw leaves of the years.
#[derive(Debug, Default)]
struct Snapshot {
    /// Model's figures, by year and observation.
    known: Vec<Vec<f64>>,
    /// Logarithm of the price over the base year's, by year and zone.
    over: Vec<[f64; 2]>,
    states: Vec<Fit>,
}

fn report(simulation: &Simulation, position: usize, options: &ForecastOptions) -> Option<NowcastReport> {
    let chain = &simulation.chains[position];
    let known = chain.known.as_ref()?;
    let draws: Vec<Draw> = (0..options.draws as u64).map(|index| Draw::new(options.seed, index)).collect();
    let middle = snapshot(simulation, position, known, Draw::MIDDLE, Drivers::ALL);
    let runs: Vec<Snapshot> =
        draws.par_iter().map(|&draw| snapshot(simulation, position, known, draw, Drivers::ALL)).collect();
    let runs: Vec<&Snapshot> = if runs.is_empty() { vec![&middle] } else { runs.iter().collect() };
    let mut report = NowcastReport {
        mineral: chain.base.mineral.clone(),
        basis: chain.base.market.basis.clone(),
        base_year: chain.base.baseline.year,
        as_of: known.as_of,
        newest: known.newest.clone(),
        age_days: known.newest.as_ref().map(|fact| fact.date.last().days_to(known.as_of.last()).max(0)),
        base_price: chain.base.base_price(chain.base.baseline.last_stage),
        inside: known.split.inside.clone(),
        prices: Vec::new(),
        known: Vec::new(),
        states: Vec::new(),
        parts: parts(simulation, position, known),
        measures: measures(known),
        draws: options.draws,
    };
    for (y, year) in known.years.iter().enumerate() {
        for &zone in known.split.zones() {
            let over = range_of(runs.iter().map(|run| run.over[y][zone.index()].exp()));
            report.prices.push(PriceLine {
                year: year.year,
                zone,
                price: scaled(over, report.base_price),
                over_base: over,
            });
        }
        for (o, one) in year.observations.iter().enumerate() {
            let model = range_of(runs.iter().map(|run| run.known[y][o].exp()));
            report.known.push(known_line(chain, year.year, one, model, middle.known[y][o]));
        }
        states(known, &middle, &runs, y, &mut report.states);
    }
    Some(report)
}

fn scaled(range: Range, by: f64) -> Range {
    Range::new(range.low * by, range.mid * by, range.high * by)
}

/// One draw of the years, with some drivers at work.
fn snapshot(
    simulation: &Simulation,
    position: usize,
    known: &Knowledge,
    draw: Draw,
    drivers: Drivers,
) -> Snapshot {
    let mut found = Snapshot::default();
    let mut runner = simulation.runner().with_drivers(drivers);
    runner.undisturbed(draw, None, &mut |outcome| {
        let Some(year) = known.at(outcome.year).filter(|_| outcome.position == position) else { return };
        let solved = outcome.equilibrium.status == Status::Converged;
        let value = |quantity| {
            if solved {
                observation_value(known, &outcome.chain.base.market, outcome.equilibrium, quantity)
            } else {
                f64::NAN
            }
        };
        found.known.push(year.observations.iter().map(|one| value(one.quantity)).collect());
        let last = known.last_stage;
        found.over.push(Zone::ALL.map(|zone| value(Quantity::Price(last, zone))));
    });
    let params = simulation.params().draw(draw);
    if let Some(states) = runner.states(position, draw, &params) {
        found.states.clone_from(&states.fits);
    }
    found
}

fn known_line(chain: &Chain, year: i32, one: &Observation, model: Range, middle: f64) -> KnownLine {
    let base = |stage| chain.base.base_price(stage);
    let (about, stage, zone, unit) = match one.quantity {
        Quantity::Price(stage, zone) => ("price", Some(stage), Some(zone), base(stage)),
        Quantity::Output(node) => ("output", Some(chain.base.market.nodes[node].stage), None, 1.0),
        Quantity::Exports(_) => ("exports", None, None, 1.0),
    };
    let width = Z95 * one.spread;
    let known = Range::new((one.value - width).exp(), one.value.exp(), (one.value + width).exp());
    let distance = (middle - one.value) / one.spread;
    let close = |a: f64, b: f64| a <= b * (1.0 + 1e-9);
    KnownLine {
        year,
        about,
        stage,
        zone,
        country: one.country,
        label: one.label.clone(),
        held: close(model.low, known.mid) && close(known.mid, model.high),
        known: scaled(known, unit),
        model: scaled(model, unit),
        distance,
        tension: distance.abs() > TENSION,
        date: one.date,
        sources: one.sources.clone(),
        grade: one.grade,
    }
}

/// The states of a year with their priors.
fn states(known: &Knowledge, middle: &Snapshot, runs: &[&Snapshot], y: usize, lines: &mut Vec<StateLine>) {
    let Some(fit) = middle.states.get(y) else { return };
    for state in &fit.states {
        let told = |value: f64| match state.kind {
            StateKind::Share(m) => known.measures[m].share(value).0,
            _ => value.exp(),
        };
        let (kind, of) = match state.kind {
            StateKind::Use(zone) => ("use", zone.as_str().to_owned()),
            StateKind::Level(zone) => ("unexplained", zone.as_str().to_owned()),
            StateKind::Share(m) => ("share", known.measures[m].id.clone()),
            StateKind::Output(node) => ("output", known.node_names[node].clone()),
        };
        let width = Z95 * state.spread;
        let of_run = |run: &&Snapshot| run.states.get(y)?.value(state.kind);
        let value = range_of(runs.iter().filter_map(of_run).map(told));
        lines.push(StateLine {
            year: fit.year,
            kind,
            of,
            prior: Range::new(told(state.mean - width), told(state.mean), told(state.mean + width)),
            value,
        });
    }
}

/// What explains the price in the middle draw: the Shapley value of measures, use, output and the rest on the logarithm of
/// the price, with all else at work.
fn parts(simulation: &Simulation, position: usize, known: &Knowledge) -> Vec<PartLine> {
    let players = [Driver::Measures, Driver::Use, Driver::Published, Driver::Unexplained];
    let others = Driver::ALL.into_iter().filter(|driver| !players.contains(driver));
    let others: Vec<Driver> = others.collect();
    let worth = |mask: u64| -> Vec<f64> {
        let on = players.iter().enumerate().filter(|(bit, _)| mask & (1 << bit) != 0);
        let drivers = Drivers::of(others.iter().copied().chain(on.map(|(_, &driver)| driver)));
        let run = snapshot(simulation, position, known, Draw::MIDDLE, drivers);
        run.over.iter().flatten().copied().collect()
    };
    let nothing = worth(0);
    let values = crate::base::shapley::shapley(players.len(), worth);
    let mut lines = Vec::new();
    for (y, year) in known.years.iter().enumerate() {
        for &zone in known.split.zones() {
            let at = 2 * y + zone.index();
            let part = |player: usize| values[player].value[at].exp();
            let parts = [part(0), part(1), part(2), part(3)];
            let path = nothing[at].exp();
            lines.push(PartLine {
                year: year.year,
                zone,
                over_base: path * parts.iter().product::<f64>(),
                path,
                measures: parts[0],
                used: parts[1],
                output: parts[2],
                unexplained: parts[3],
            });
        }
    }
    lines
}

fn measures(known: &Knowledge) -> Vec<MeasureLine> {
    let last = known.years.last().map_or(0, |year| year.year);
    let line = |m: &crate::nowcast::Standing| MeasureLine {
        id: m.id.clone(),
        exporters: m.exporters.clone(),
        importers: m.importers.clone(),
        force: m.force(last, None),
        from: m.from,
        to: m.to,
        returns: m.returns,
        note: m.note.clone(),
        source: m.source.clone(),
    };
    known.measures.iter().map(line).collect()
}
