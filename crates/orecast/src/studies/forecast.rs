//! Every mineral year by year without any deal: output, use, price, and who makes it, by place and by owner.

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::Serialize;

use crate::{
    base::{
        date::PartialDate,
        draw::Draw,
        id::{Iso3, MineralId},
        unit::{Range, Stage},
    },
    ensemble::range_of,
    indicator::{View, mean_price},
    market::Status,
    nowcast::{Zone, usual_day},
    params::Params,
    world::{World, table::StockClass},
};
use crate::{
    pathway::{
        Simulation, YearOutcome,
        chain::{Chain, NoChain},
        holding::{Account, Holding},
    },
    studies::price_drivers::{Why, why_price},
};

/// A price beyond this multiple of the base year's, or under its inverse, is told with its cause.
pub const UNUSUAL: f64 = 5.0;

/// How a forecast is made.
#[derive(Debug, Clone)]
pub struct ForecastOptions {
    /// Last year.
    pub last_year: i32,
    /// Demand scenario, a word of `data/demand.csv`.
    pub scenario: String,
    /// The day that the run is made from; absent for all that is known.
    pub as_of: Option<PartialDate>,
    /// Draws; with none the one in which everything uncertain is at its median.
    pub draws: usize,
    /// Seed of the draws.
    pub seed: u64,
    /// Ranges of the parameters.
    pub params: Params<Range>,
}

/// One stage in one year, with the range that holds 9 draws in 10.
#[derive(Debug, Clone, Serialize)]
pub struct StageYear {
    /// Calendar year.
    pub year: i32,
    /// Stage.
    pub stage: Stage,
    /// World output, tonnes contained.
    pub output: Range,
    /// Output-weighted mean price at the sellers' gate, USD/t contained; in a market that a measure splits the price that
    /// users outside pay.
    pub price: Range,
    /// That price over the base year's.
    pub over_base: Range,
    /// Price that users inside pay, USD/t contained; absent where no measure splits the market.
    pub inside: Option<Range>,
    /// Use of what the stage sells, tonnes contained.
    pub used: Range,
    /// Share of world output by place, largest first.
    pub by_place: Vec<(Iso3, Range)>,
    /// Share of world output by controlling country, largest first.
    pub by_owner: Vec<(Iso3, Range)>,
}

/// How the solutions of one year ended.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Solved {
    /// Calendar year.
    pub year: i32,
    /// Draws whose certificate holds.
    pub converged: usize,
    /// Draws.
    pub draws: usize,
    /// Largest relative excess over the draws.
    pub excess: f64,
}

/// One stock in one year, tonnes, with ranges over the draws. In each draw opening + bought - released = closing.
#[derive(Debug, Clone, Serialize)]
pub struct StockYear {
    /// Calendar year.
    pub year: i32,
    /// Where it is held; the world for what is in everybody's hands.
    pub holder: Iso3,
    /// Kind of holder.
    pub class: StockClass,
    /// At the start of the year.
    pub opening: Range,
    /// Bought in it.
    pub bought: Range,
    /// Let go in it.
    pub released: Range,
    /// At its end.
    pub closing: Range,
}

/// A mineral's years.
#[derive(Debug, Clone, Serialize)]
pub struct Forecast {
    /// Mineral.
    pub mineral: MineralId,
    /// What a tonne counts.
    pub basis: String,
    /// Base year.
    pub base_year: i32,
    /// Stage whose product is used.
    pub last_stage: Stage,
    /// Demand scenario, and whether it says anything about the mineral.
    pub scenario: String,
    /// Whether the scenario has the mineral; use stays as it was otherwise.
    pub has_scenario: bool,
    /// The base year and the years after it, by year and stage.
    pub years: Vec<StageYear>,
    /// Certificates, by year.
    pub solved: Vec<Solved>,
    /// Stocks known in the base year, of which those that are not held as money are bought and let go.
    pub holdings: Vec<Holding>,
    /// These through the years.
    pub stocks: Vec<StockYear>,
    /// What moves the price in the middle draw, where it leaves the usual range.
    pub causes: Vec<Cause>,
}

/// Why a price is unusual.
#[derive(Debug, Clone, Serialize)]
pub struct Cause {
    /// Calendar year.
    pub year: i32,
    /// Price over the base price.
    pub multiple: f64,
    /// What moves it most, largest first, as multiples of the base price.
    pub drivers: Vec<(crate::pathway::Driver, f64)>,
}

impl Forecast {
    /// One stage in one year.
    pub fn at(&self, year: i32, stage: Stage) -> Option<&StageYear> {
        self.years.iter().find(|row| row.year == year && row.stage == stage)
    }

    /// Price of the last stage over the base year's.
    pub fn price_multiple(&self, year: i32) -> Option<Range> {
        Some(self.at(year, self.last_stage)?.over_base)
    }
}

/// The minerals, with the hosts that they come out of and the hosts' hosts.
pub fn with_hosts(world: &World, minerals: &[MineralId]) -> Vec<MineralId> {
    let mut list = minerals.to_vec();
    let mut next = 0;
    while next < list.len() {
        for row in world.hosts(&list[next]).iter().filter(|row| row.share_mid > 0.0) {
            let market = world.mineral(row.host.as_str()).map_or(&row.host, |of| &of.market);
            if !list.contains(market) {
                list.push(market.clone());
            }
        }
        next += 1;
    }
    list
}

/// Groups of minerals that have no host in common with others, so that each can be run by itself.
pub fn groups(world: &World, minerals: &[MineralId]) -> Vec<Vec<MineralId>> {
    let mut groups: Vec<Vec<MineralId>> = Vec::new();
    for mineral in minerals {
        let mut joined = with_hosts(world, std::slice::from_ref(mineral));
        let (touching, apart) =
            groups.into_iter().partition(|group| group.iter().any(|other| joined.contains(other)));
        groups = apart;
        let touching: Vec<Vec<MineralId>> = touching;
        joined.extend(touching.into_iter().flatten());
        joined.sort();
        joined.dedup();
        groups.push(joined);
    }
    groups.sort();
    groups
}

/// The years of one mineral, its hosts running beside it.
///
/// # Errors
/// When the mineral has no balanced base year or no price.
pub fn forecast(world: &World, mineral: &MineralId, options: &ForecastOptions) -> Result<Forecast, NoChain> {
    let (simulation, failed) = simulate(world, &with_hosts(world, std::slice::from_ref(mineral)), options);
    match simulation.chains.iter().position(|chain| chain.base.mineral == *mineral) {
        Some(position) => Ok(run(world, &simulation, &[position], options).remove(0)),
        None => Err(failed
            .into_iter()
            .find(|(of, _)| of == mineral)
            .map_or_else(|| NoChain::NoPrice(mineral.clone()), |(_, reason)| reason)),
    }
}

/// Prepares minerals without any deal; those that cannot be run come back with the reason.
pub fn simulate(
    world: &World,
    minerals: &[MineralId],
    options: &ForecastOptions,
) -> (Simulation, Vec<(MineralId, NoChain)>) {
    let cut = options.as_of.map(|day| world.known_by(day));
    let world = cut.as_ref().unwrap_or(world);
    let base = world.base_year().unwrap_or(options.last_year);
    let last = options.last_year.max(base + 1);
    let (simulation, failed) =
        Simulation::prepare(world, minerals, base, last, &options.scenario, &[], options.params);
    let simulation = match options.as_of.or_else(|| usual_day(world)) {
        Some(day) => simulation.as_of(world, day),
        None => simulation,
    };
    let run: Vec<&MineralId> = simulation.chains.iter().map(|chain| &chain.base.mineral).collect();
    let missing = minerals.iter().filter(|mineral| !run.contains(mineral)).cloned();
    let missing: Vec<MineralId> = missing.collect();
    (simulation, missing.into_iter().zip(failed).collect())
}

/// The years of every mineral that has a market, by mineral; those that cannot be run come back with the reason.
pub fn forecast_all(world: &World, options: &ForecastOptions) -> (Vec<Forecast>, Vec<(MineralId, NoChain)>) {
    let minerals: Vec<MineralId> = world.market_minerals().map(|row| row.id.clone()).collect();
    let results: Vec<_> = groups(world, &minerals)
        .into_par_iter()
        .map(|group| {
            let (simulation, failed) = simulate(world, &group, options);
            let all: Vec<usize> = (0..simulation.chains.len()).collect();
            (run(world, &simulation, &all, options), failed)
        })
        .collect();
    let (mut found, mut failed) = (Vec::new(), Vec::new());
    for (forecasts, reasons) in results {
        found.extend(forecasts);
        failed.extend(reasons);
    }
    found.sort_by(|a: &Forecast, b| a.mineral.cmp(&b.mineral));
    failed.sort_by(|a: &(MineralId, NoChain), b| a.0.cmp(&b.0));
    (found, failed)
}

/// One stage of a chain in one year and draw.
struct Snapshot {
    output: f64,
    price: f64,
    inside: Option<f64>,
    used: f64,
    by_place: BTreeMap<Iso3, f64>,
    by_owner: BTreeMap<Iso3, f64>,
}

impl Snapshot {
    fn of(view: &View<'_>, stage: Stage) -> Self {
        let mut found = Self {
            output: 0.0,
            price: mean_price(view, stage).unwrap_or(f64::NAN),
            inside: None,
            used: 0.0,
            by_place: BTreeMap::new(),
            by_owner: BTreeMap::new(),
        };
        for seller in view.sellers_at(stage) {
            found.output += seller.output;
            *found.by_place.entry(seller.country).or_default() += seller.output;
        }
        for part in view.parts.iter().filter(|part| view.sellers[part.seller].stage == stage) {
            for &(owner, share) in part.control.iter() {
                *found.by_owner.entry(owner).or_default() += share * part.output;
            }
        }
        found.used = view.flows_at(stage).map(|flow| flow.tonnes).sum();
        for shares in [&mut found.by_place, &mut found.by_owner] {
            for tonnes in shares.values_mut() {
                *tonnes /= found.output;
            }
        }
        found
    }
}

/// What one draw leaves of one year.
struct YearSnapshot {
    /// Its stages where it converged.
    stages: Option<Vec<Snapshot>>,
    /// Largest excess.
    excess: f64,
    stocks: Vec<Account>,
}

/// Runs the draws and keeps the chains at some positions.
fn run(world: &World, simulation: &Simulation, wanted: &[usize], options: &ForecastOptions) -> Vec<Forecast> {
    let draws: Vec<Draw> = if options.draws == 0 {
        vec![Draw::MIDDLE]
    } else {
        (0..options.draws as u64).map(|index| Draw::new(options.seed, index)).collect()
    };
    let runs: Vec<Vec<Vec<YearSnapshot>>> = draws
        .par_iter()
        .map_init(
            || simulation.runner(),
            |runner, &draw| {
                let mut kept: Vec<Vec<YearSnapshot>> = wanted.iter().map(|_| Vec::new()).collect();
                runner.undisturbed(draw, None, &mut |outcome| {
                    if let Some(place) = wanted.iter().position(|&at| at == outcome.position) {
                        kept[place].push(snapshot(outcome));
                    }
                });
                kept
            },
        )
        .collect();
    wanted
        .iter()
        .enumerate()
        .map(|(place, &position)| {
            let chain = &simulation.chains[position];
            let own: Vec<&Vec<YearSnapshot>> = runs.iter().map(|run| &run[place]).collect();
            let mut forecast = gather(world, chain, simulation, options, &own);
            forecast.causes = causes(&forecast, simulation, position);
            forecast
        })
        .collect()
}

fn snapshot(outcome: &YearOutcome<'_>) -> YearSnapshot {
    let stages = (outcome.equilibrium.status == Status::Converged).then(|| {
        let view = View::of_outcome(outcome);
        let of = |&stage: &Stage| {
            let mut found = Snapshot::of(&view, stage);
            found.price = outcome.zone_price(stage, Zone::Outside).unwrap_or(found.price);
            found.inside = outcome.zone_price(stage, Zone::Inside);
            found
        };
        view.stages().iter().map(of).collect()
    });
    YearSnapshot { stages, excess: outcome.equilibrium.certificate.excess, stocks: outcome.stocks.to_vec() }
}

fn gather(
    world: &World,
    chain: &Chain,
    simulation: &Simulation,
    options: &ForecastOptions,
    runs: &[&Vec<YearSnapshot>],
) -> Forecast {
    let base = View::of_baseline(world, &chain.base.baseline);
    let stages = base.stages();
    let at_base: Vec<Snapshot> = stages.iter().map(|&stage| Snapshot::of(&base, stage)).collect();
    let base_year = chain.base.baseline.year;
    let mut years: Vec<StageYear> = stages
        .iter()
        .zip(&at_base)
        .map(|(&stage, snapshot)| stage_year(base_year, stage, snapshot.price, &[snapshot]))
        .collect();
    let (mut solved, mut stocks) = (Vec::new(), Vec::new());
    for (y, &year) in simulation.years.iter().enumerate() {
        for (s, &stage) in stages.iter().enumerate() {
            let found: Vec<&Snapshot> =
                runs.iter().filter_map(|run| run[y].stages.as_ref().map(|all| &all[s])).collect();
            years.push(stage_year(year, stage, at_base[s].price, &found));
        }
        solved.push(Solved {
            year,
            converged: runs.iter().filter(|run| run[y].stages.is_some()).count(),
            draws: runs.len(),
            excess: runs.iter().map(|run| run[y].excess).fold(0.0, f64::max),
        });
        stocks.extend(stock_years(year, y, runs));
    }
    Forecast {
        mineral: chain.base.mineral.clone(),
        basis: chain.base.market.basis.clone(),
        base_year: chain.base.baseline.year,
        last_stage: chain.base.baseline.last_stage,
        scenario: options.scenario.clone(),
        has_scenario: world.demand_index(&chain.base.mineral, &options.scenario, options.last_year).is_some(),
        years,
        solved,
        holdings: chain.holdings.clone(),
        stocks,
        causes: Vec::new(),
    }
}

/// Ranges over the draws of each stock in a year.
fn stock_years(year: i32, y: usize, runs: &[&Vec<YearSnapshot>]) -> Vec<StockYear> {
    let known = runs.first().map_or(&[][..], |run| &run[y].stocks);
    let one = |(place, account): (usize, &Account)| {
        let of = |value: fn(&Account) -> f64| range_of(runs.iter().map(|run| value(&run[y].stocks[place])));
        StockYear {
            year,
            holder: account.holder,
            class: account.class,
            opening: of(|account| account.opening),
            bought: of(|account| account.bought),
            released: of(|account| account.released),
            closing: of(|account| account.closing),
        }
    };
    known.iter().enumerate().map(one).collect()
}

/// Ranges over the draws of one stage and year.
fn stage_year(year: i32, stage: Stage, base_price: f64, found: &[&Snapshot]) -> StageYear {
    let of = |value: fn(&Snapshot) -> f64| range_of(found.iter().map(|snapshot| value(snapshot)));
    let shares = |list: fn(&Snapshot) -> &BTreeMap<Iso3, f64>| {
        let mut countries: Vec<Iso3> = found.iter().flat_map(|one| list(one).keys().copied()).collect();
        countries.sort_unstable();
        countries.dedup();
        let share =
            |country| range_of(found.iter().map(|one| list(one).get(&country).copied().unwrap_or(0.0)));
        let mut shares: Vec<(Iso3, Range)> = countries.into_iter().map(|c| (c, share(c))).collect();
        shares.sort_by(|a, b| b.1.mid.total_cmp(&a.1.mid).then(a.0.cmp(&b.0)));
        shares
    };
    StageYear {
        year,
        stage,
        output: of(|one| one.output),
        price: of(|one| one.price),
        over_base: range_of(found.iter().map(|one| one.price / base_price)),
        inside: found
            .iter()
            .any(|one| one.inside.is_some())
            .then(|| range_of(found.iter().filter_map(|one| one.inside))),
        used: of(|one| one.used),
        by_place: shares(|one| &one.by_place),
        by_owner: shares(|one| &one.by_owner),
    }
}

/// What moves prices that leave the usual range, in the middle draw.
fn causes(forecast: &Forecast, simulation: &Simulation, position: usize) -> Vec<Cause> {
    let unusual = |multiple: f64| !(1.0 / UNUSUAL..=UNUSUAL).contains(&multiple);
    let years: Vec<(i32, f64)> = simulation
        .years
        .iter()
        .filter_map(|&year| Some((year, forecast.price_multiple(year)?.mid)))
        .filter(|(_, multiple)| unusual(*multiple))
        .collect();
    if years.is_empty() {
        return Vec::new();
    }
    let why: Why = why_price(simulation, position);
    let causes = years.into_iter().filter_map(|(year, multiple)| {
        let mut drivers = why.year(year)?.over_base(why.base_price);
        drivers.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
        Some(Cause { year, multiple, drivers })
    });
    causes.collect()
}
