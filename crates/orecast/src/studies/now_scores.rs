//! Not fitted: what the years after a day turned out to be, beside what was expected of them on that day.

use rayon::prelude::*;
use serde::Serialize;

use super::forecast::{ForecastOptions, groups, simulate};
use crate::{
    base::{
        date::PartialDate,
        draw::Draw,
        id::MineralId,
        unit::{Grade, Range, Stage},
    },
    ensemble::range_of,
    market::Status,
    nowcast::{Class, Knowledge, Quantity, Zone, newest_day, observation_value},
    pathway::Simulation,
    world::World,
};

/// Share of cases outside the range that is scored.
const ALPHA: f64 = 0.1;
/// Normal quantile at 95 %.
const Z95: f64 = 1.644_853_626_951_472_2;

/// One price that came, beside what was expected.
#[derive(Debug, Clone, Serialize)]
pub struct Score {
    /// Mineral.
    pub mineral: MineralId,
    /// Stage.
    pub stage: Stage,
    /// Side of the market.
    pub zone: Zone,
    /// Worst grade of what came.
    pub grade: Grade,
    /// Price that came, over the base year's.
    pub came: f64,
    /// What was expected: middle and 9 in 10.
    pub expected: Range,
    /// Last known price over the base year's, with the usual spread of a year: no change.
    pub no_change: Range,
}

impl Score {
    /// Whether the range holds what came.
    pub fn holds(&self) -> bool {
        (self.expected.low..=self.expected.high).contains(&self.came)
    }

    /// Interval score of the expectation and of no change, on logarithms; lower is better.
    pub fn interval_scores(&self) -> (f64, f64) {
        (interval_score(self.expected, self.came), interval_score(self.no_change, self.came))
    }
}

/// Width of a range with what it misses, on logarithms (Gneiting and Raftery 2007).
fn interval_score(range: Range, came: f64) -> f64 {
    let (low, high, x) = (range.low.ln(), range.high.ln(), came.ln());
    (high - low) + 2.0 / ALPHA * ((low - x).max(0.0) + (x - high).max(0.0))
}

/// Prices of `year` as known in `world`, beside what was expected of them at the end of `day`.
pub fn scores(world: &World, day: PartialDate, year: i32, options: &ForecastOptions) -> Vec<Score> {
    let minerals: Vec<MineralId> = world.market_minerals().map(|row| row.id.clone()).collect();
    let before = ForecastOptions { as_of: Some(day), last_year: year, ..options.clone() };
    let after = ForecastOptions { as_of: newest_day(world), last_year: year, ..options.clone() };
    let found: Vec<Vec<Score>> = groups(world, &minerals)
        .into_par_iter()
        .map(|group| {
            let (expected, _) = simulate(world, &group, &before);
            let (came, _) = simulate(world, &group, &after);
            let of = |chain: &crate::pathway::Chain| {
                let position = expected.chains.iter().position(|c| c.base.mineral == chain.base.mineral)?;
                Some(of_mineral(&expected, position, chain.known.as_ref()?, year, options))
            };
            came.chains.iter().filter_map(of).flatten().collect()
        })
        .collect();
    let mut found: Vec<Score> = found.into_iter().flatten().collect();
    found.sort_by(|a, b| (&a.mineral, a.stage, a.zone).cmp(&(&b.mineral, b.stage, b.zone)));
    found
}

fn of_mineral(
    expected: &Simulation,
    position: usize,
    came: &Knowledge,
    year: i32,
    options: &ForecastOptions,
) -> Vec<Score> {
    let chain = &expected.chains[position];
    let (Some(known), Some(outcome)) = (chain.known.as_ref(), came.at(year)) else { return Vec::new() };
    let mut prices: Vec<(Stage, Zone, f64, f64, Grade)> = Vec::new();
    for one in &outcome.observations {
        let Quantity::Price(stage, zone) = one.quantity else { continue };
        let zone = if known.split.splits() { zone } else { Zone::Outside };
        let better = prices.iter().position(|(s, z, ..)| (*s, *z) == (stage, zone));
        match better {
            Some(place) if prices[place].3 <= one.spread => {}
            Some(place) => prices[place] = (stage, zone, one.value, one.spread, one.grade),
            None => prices.push((stage, zone, one.value, one.spread, one.grade)),
        }
    }
    if prices.is_empty() {
        return Vec::new();
    }
    let draws: Vec<Vec<f64>> = (0..options.draws as u64)
        .into_par_iter()
        .map(|index| {
            let mut found = Vec::new();
            expected.runner().undisturbed(Draw::new(options.seed, index), None, &mut |outcome| {
                if outcome.position != position || outcome.year != year {
                    return;
                }
                if outcome.equilibrium.status == Status::Converged {
                    let value = |&(stage, zone, ..): &(Stage, Zone, f64, f64, Grade)| {
                        let quantity = Quantity::Price(stage, zone);
                        observation_value(known, &outcome.chain.base.market, outcome.equilibrium, quantity)
                    };
                    found = prices.iter().map(value).collect();
                }
            });
            found
        })
        .collect();
    let class = Class::of(&chain.base.mineral);
    let scored = prices.iter().enumerate().map(|(p, &(stage, zone, value, _, grade))| {
        let last = last_known(known, stage, zone);
        let width = Z95 * class.price();
        Score {
            mineral: chain.base.mineral.clone(),
            stage,
            zone,
            grade,
            came: value.exp(),
            expected: range_of(draws.iter().filter_map(|draw| draw.get(p)).map(|over| over.exp())),
            no_change: Range::new((last - width).exp(), last.exp(), (last + width).exp()),
        }
    });
    scored.filter(|score| score.expected.mid.is_finite()).collect()
}

/// Logarithm of the last known price over the base year's; the base year's where none is newer.
fn last_known(known: &Knowledge, stage: Stage, zone: Zone) -> f64 {
    let years = known.years.iter().rev();
    let last = years.filter_map(|year| {
        let of = |one: &&crate::nowcast::Observation| one.quantity == Quantity::Price(stage, zone);
        let one = year.observations.iter().find(of)?;
        let carry = if stage == known.last_stage { year.carry[zone.index()] } else { 0.0 };
        Some(one.value + carry)
    });
    last.into_iter().next().unwrap_or(0.0)
}
