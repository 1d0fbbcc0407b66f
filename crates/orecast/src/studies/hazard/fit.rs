//! How well the hazard model describes the counts it comes from, against a rate that is the same everywhere.
//!
//! One case is a producing country in a year; it comes true when the country newly restricted some mineral. Every forecast
//! is made without what it is scored on: the level without the country, the country's own record without the year. Calm
//! and tense times are told apart with hindsight for all forecasts but the naive one.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::studies::hazard::{Hazard, Regime, TYPICAL_DISTANCE, TYPICAL_STABILITY, distance};
use crate::{
    base::{draw::Draw, id::Iso3, unit::Stage},
    world::World,
};

/// Years that the counts cover.
const YEARS: std::ops::RangeInclusive<i32> = 2009..=2024;
/// First of the tense years.
const TENSE: i32 = 2023;
/// Before it the tables have neither governance nor votes; its values stand for earlier years.
const FIRST_TRAITS: i32 = 2015;
/// Periods, by their last year.
const PERIODS: [i32; 4] = [2014, 2019, 2022, 2024];
/// Voting distances that part groups of countries.
const DISTANCES: [f64; 3] = [1.5, 2.75, 3.25];
/// Share of a stage's output that makes a country a producer.
const PRODUCER: f64 = 0.005;
/// A forecast never says less than this, so that the logarithm stays finite.
const LEAST: f64 = 1e-4;

/// Predicted against observed cases in a part of the sample.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Part {
    /// What the part is.
    pub label: String,
    /// Country-years.
    pub cases: usize,
    /// Country-years with a new restriction.
    pub observed: usize,
    /// Expected number by one rate for all.
    pub naive: f64,
    /// Expected number by alignment, stability and times.
    pub predictors: f64,
    /// Expected number with the country's own record as well: the model.
    pub model: f64,
}

/// Mean scores of a forecast over all cases; smaller is better.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Score {
    /// Mean squared error of the probability.
    pub brier: f64,
    /// Mean of the negative logarithm of the probability of what happened.
    pub log: f64,
}

/// The fit.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Fit {
    /// Predicted against observed: all, by period, by voting distance, and countries with a process of their own.
    pub parts: Vec<Part>,
    /// One rate for all.
    pub naive: Score,
    /// Alignment, stability and times.
    pub predictors: Score,
    /// The model.
    pub model: Score,
}

/// Countries with half a percent or more of the published output of some stage in a year.
pub fn producers(world: &World, year: i32) -> BTreeSet<Iso3> {
    let mut list = BTreeSet::new();
    for mineral in world.market_minerals() {
        for stage in [Stage::Mine, Stage::Refine] {
            let chosen = world.chosen_production(&mineral.id, stage, year);
            let made: Vec<(Iso3, f64)> = chosen
                .iter()
                .filter(|(country, _)| !country.is_aggregate())
                .filter_map(|(country, row)| Some((*country, row.value?)))
                .collect();
            let sum: f64 = made.iter().map(|(_, tonnes)| tonnes).sum();
            list.extend(made.iter().filter(|(_, tonnes)| *tonnes > PRODUCER * sum).map(|(c, _)| *c));
        }
    }
    list
}

struct Case {
    country: Iso3,
    year: i32,
    distance: f64,
    happened: bool,
    /// Naive, predictors, model.
    chance: [f64; 3],
}

impl Hazard {
    /// Scores the model on the counts of the package, for the countries that buy.
    pub fn fit(&self, world: &World, buyers: &[Iso3]) -> Fit {
        let cases = self.cases(world, buyers);
        let part = |label: String, pick: &dyn Fn(&Case) -> bool| {
            let list: Vec<&Case> = cases.iter().filter(|case| pick(case)).collect();
            let expected = |i: usize| list.iter().map(|case| case.chance[i]).sum();
            Part {
                label,
                cases: list.len(),
                observed: list.iter().filter(|case| case.happened).count(),
                naive: expected(0),
                predictors: expected(1),
                model: expected(2),
            }
        };
        let mut parts = vec![part("all".to_owned(), &|_| true)];
        let mut first = *YEARS.start();
        for last in PERIODS {
            parts.push(part(format!("{first} to {last}"), &|case| (first..=last).contains(&case.year)));
            first = last + 1;
        }
        let ends = std::iter::once(0.0).chain(DISTANCES).zip(DISTANCES.into_iter().chain([f64::INFINITY]));
        for (low, high) in ends {
            let label = if high.is_finite() {
                format!("voting distance {low} to {high}")
            } else {
                format!("voting distance {low} and more")
            };
            parts.push(part(label, &|case| (low..high).contains(&case.distance)));
        }
        let special: BTreeSet<Iso3> = self.parameters.keys().filter_map(|(_, country)| *country).collect();
        for country in special {
            parts.push(part(format!("{country} (inventory only)"), &|case| case.country == country));
        }
        let score = |i: usize| {
            let n = cases.len().max(1) as f64;
            let of = |error: &dyn Fn(f64, bool) -> f64| {
                cases.iter().map(|case| error(case.chance[i], case.happened)).sum::<f64>() / n
            };
            Score {
                brier: of(&|p, happened| (p - f64::from(u8::from(happened))).powi(2)),
                log: of(&|p, happened| -(if happened { p } else { 1.0 - p }).ln()),
            }
        };
        Fit { parts, naive: score(0), predictors: score(1), model: score(2) }
    }

    fn cases(&self, world: &World, buyers: &[Iso3]) -> Vec<Case> {
        let mut seen: BTreeMap<Iso3, BTreeSet<i32>> = BTreeMap::new();
        for event in world.tables().hazard_events.iter().filter(|event| YEARS.contains(&event.year)) {
            seen.entry(event.iso3).or_default().insert(event.year);
        }
        let nothing = BTreeSet::new();
        let own = |country: &Iso3| seen.get(country).unwrap_or(&nothing);
        let of = |name: &str| self.parameters.get(&(name.to_owned(), None)).map_or(0.0, |range| range.mid);
        let traits = |country: Iso3, year: i32| {
            let year = year.max(FIRST_TRAITS);
            let point = |c| world.governance(c, "ideal-point", year).map(|row| row.value);
            let distance = distance(buyers, country, point).unwrap_or(TYPICAL_DISTANCE);
            let stability =
                world.governance(country, "wgi-pv", year).map_or(TYPICAL_STABILITY, |row| row.value);
            (distance, (of("alignment") * distance + of("governance") * stability).exp())
        };
        let countries: Vec<Iso3> = self.traits.keys().copied().filter(|c| !buyers.contains(c)).collect();
        let years = YEARS.count() as f64;
        let events: f64 = countries.iter().map(|c| own(c).len() as f64).sum();
        let times = |year: i32| of(if year < TENSE { "events-calm" } else { "events-tense" }) / of("events");
        let mean_times = YEARS.map(times).sum::<f64>() / years;
        let weight: BTreeMap<(Iso3, i32), (f64, f64)> = countries
            .iter()
            .flat_map(|&c| YEARS.map(move |y| (c, y)))
            .map(|at| (at, traits(at.0, at.1)))
            .collect();
        let mut cases = Vec::new();
        for &country in &countries {
            // The level comes from all other countries.
            let elsewhere = events - own(&country).len() as f64;
            let others = (countries.len() as f64 - 1.0).max(1.0) * years;
            let expected: f64 =
                weight.iter().filter(|((c, _), _)| *c != country).map(|((_, y), (_, w))| w * times(*y)).sum();
            for year in YEARS {
                let (distance, strength) = weight[&(country, year)];
                let from_traits = elsewhere * strength / expected.max(1e-9);
                let record = own(&country).iter().filter(|at| **at != year).count() as f64;
                let memory = of("memory");
                let usual = (memory + record) / (memory / (from_traits * mean_times).max(1e-9) + years - 1.0);
                let rates = [elsewhere / others, from_traits * times(year), usual * times(year) / mean_times];
                cases.push(Case {
                    country,
                    year,
                    distance,
                    happened: own(&country).contains(&year),
                    chance: rates.map(|rate| (1.0 - (-rate).exp()).clamp(LEAST, 1.0 - LEAST)),
                });
            }
        }
        cases
    }

    /// Restricting laws a year at middle parameters by producing country, the most first.
    pub fn by_country(&self) -> Vec<(Iso3, f64)> {
        let mut list: Vec<(Iso3, f64)> = self
            .traits
            .keys()
            .map(|&country| (country, self.events_per_year(country, Draw::MIDDLE)))
            .collect();
        list.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        list
    }
}

/// The model of the package for the countries that buy, with the producers that the observations name.
pub fn model(world: &World, buyers: &[Iso3], year: i32, regime: Regime) -> Hazard {
    Hazard::of(world, buyers, year, &producers(world, year), regime)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{id, shipped_world};

    #[test]
    fn the_model_beats_one_rate_for_all_on_what_it_has_not_seen() {
        let world = shipped_world();
        let fit = model(&world, &[id("USA")], 2024, Regime::Mixed).fit(&world, &[id("USA")]);
        assert!(fit.model.brier < fit.naive.brier && fit.model.log < fit.naive.log, "{fit:?}");
        assert!(fit.predictors.log < fit.naive.log, "{fit:?}");
        let all = &fit.parts[0];
        let by_period: usize = fit.parts[1..5].iter().map(|part| part.observed).sum();
        let by_distance: usize = fit.parts[5..9].iter().map(|part| part.cases).sum();
        assert!(all.observed > 40 && by_period == all.observed && by_distance == all.cases, "{fit:?}");
        // In all, as many as there were; and no friend of the leader ever.
        assert!((all.naive / all.observed as f64 - 1.0).abs() < 0.1, "{all:?}");
        assert!(fit.parts[5].model < 0.35 * fit.parts[5].naive, "{:?}", fit.parts[5]);
    }
}
