//! How likely it is that a country stops exporting a mineral within a year.
//!
//! A country restricts by law, now and then; a law hits some of its minerals, and some of what it hits comes to a stop. The
//! rate of laws differs by alignment with the leader, by political stability and by the country's own record, and by
//! whether times are calm or tense. A country may have a process of its own. All numbers are rows of `data/hazard.csv`
//! and can be overridden from a file.

pub mod fit;
pub mod report;

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    base::{
        diagnostic::{Diagnostics, did_you_mean},
        draw::Draw,
        id::{Iso3, MineralId},
        unit::{Range, Stage},
    },
    world::World,
};

/// A restriction in these years before the base year or later counts as part of the present.
const RECENT_YEARS: i32 = 5;
/// Voting distance and stability of a country that no table covers: the middle of the world.
const TYPICAL_DISTANCE: f64 = 2.5;
const TYPICAL_STABILITY: f64 = 0.0;
/// Name of the parameter that only some countries have.
const AGAIN: &str = "hit-share-again";

/// Which times are assumed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Regime {
    /// A mix, by the chance of tense times.
    #[default]
    Mixed,
    /// Like the years before 2023.
    Calm,
    /// Like 2023 and 2024.
    Tense,
}

/// Mean distance of a country's votes from those of the buyers; absent where the votes of either are not on file.
fn distance(buyers: &[Iso3], country: Iso3, point: impl Fn(Iso3) -> Option<f64>) -> Option<f64> {
    let there = point(country)?;
    let known: Vec<f64> = buyers.iter().filter_map(|&buyer| Some((there - point(buyer)?).abs())).collect();
    (!known.is_empty()).then(|| known.iter().sum::<f64>() / known.len() as f64)
}

/// A probability that somebody states instead of the model.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stated {
    exporter: Iso3,
    mineral: Option<MineralId>,
    stage: Option<Stage>,
    probability: Number,
}

/// `0.3` or `[0.1, 0.3, 0.5]`.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(untagged)]
enum Number {
    One(f64),
    Three([f64; 3]),
}

impl From<Number> for Range {
    fn from(number: Number) -> Self {
        match number {
            Number::One(value) => Self::exact(value),
            Number::Three([low, mid, high]) => Self::new(low, mid, high),
        }
    }
}

/// What a file overrides.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Overrides {
    parameters: BTreeMap<String, Number>,
    country: BTreeMap<Iso3, BTreeMap<String, Number>>,
    stated: Vec<Stated>,
}

/// The hazard model for one country that buys, or several that count as one.
#[derive(Debug, Clone)]
pub struct Hazard {
    parameters: BTreeMap<(String, Option<Iso3>), Range>,
    stated: Vec<Stated>,
    regime: Regime,
    /// Voting distance to the buyers and political stability.
    traits: BTreeMap<Iso3, (f64, f64)>,
    /// Years with a new restriction of any mineral, within the window of the counts.
    record: BTreeMap<Iso3, f64>,
    /// Minerals (by market) that a country restricted lately.
    recent: BTreeSet<(Iso3, MineralId)>,
    /// The market of each element of an aggregate.
    market_of: BTreeMap<MineralId, MineralId>,
}

impl Hazard {
    /// The model of the package, for stops that hit `buyers`: of several the mean distance of votes counts. `producers` are
    /// the countries whose mean rate is the observed one.
    pub fn of(
        world: &World,
        buyers: &[Iso3],
        base_year: i32,
        producers: &BTreeSet<Iso3>,
        regime: Regime,
    ) -> Self {
        let tables = world.tables();
        let row = |r: &crate::world::table::HazardRow| {
            ((r.parameter.clone(), r.iso3), Range::new(r.low, r.mid, r.high))
        };
        let point = |c: Iso3| world.governance(c, "ideal-point", base_year).map(|r| r.value);
        let of = |&c: &Iso3| {
            let distance = distance(buyers, c, point).unwrap_or(TYPICAL_DISTANCE);
            let stability = world.governance(c, "wgi-pv", base_year).map_or(TYPICAL_STABILITY, |r| r.value);
            (c, (distance, stability))
        };
        let market =
            |id: &MineralId| world.mineral(id.as_str()).map_or_else(|| id.clone(), |row| row.market.clone());
        let mut record: BTreeMap<Iso3, BTreeSet<i32>> = BTreeMap::new();
        for event in &tables.hazard_events {
            record.entry(event.iso3).or_default().insert(event.year);
        }
        let parameters: BTreeMap<_, _> = tables.hazard.iter().map(row).collect();
        let window = parameters.get(&("window-years".to_owned(), None)).map_or(0.0, |r: &Range| r.mid);
        let counted = |years: &BTreeSet<i32>| (years.len() as f64).min(window);
        Self {
            stated: Vec::new(),
            regime,
            traits: producers.iter().map(of).collect(),
            record: record.iter().map(|(c, years)| (*c, counted(years))).collect(),
            recent: tables
                .hazard_events
                .iter()
                .filter(|event| event.year >= base_year - RECENT_YEARS)
                .map(|event| (event.iso3, market(&event.mineral)))
                .collect(),
            market_of: tables
                .minerals
                .iter()
                .filter(|row| row.market != row.id)
                .map(|row| (row.id.clone(), row.market.clone()))
                .collect(),
            parameters,
        }
    }

    /// Takes the numbers of a TOML text in place of the package's.
    ///
    /// # Errors
    /// All problems of the text.
    pub fn overridden(mut self, file: &str, text: &str, world: &World) -> Result<Self, Diagnostics> {
        let mut report = Diagnostics::default();
        let overrides: Overrides = match toml::from_str(text) {
            Ok(overrides) => overrides,
            Err(error) => {
                let line = error.span().map_or(0, |span| 1 + text[..span.start].matches('\n').count());
                let remedy = "write [parameters], [country.XXX] or [[stated]] as docs/src/shock.md shows";
                report.push(file, line, "", error.message(), remedy);
                return Err(report);
            }
        };
        let mut names: Vec<String> = self.parameters.keys().map(|(name, _)| name.clone()).collect();
        names.dedup();
        let line_of = |word: &str| text.lines().position(|l| l.contains(word)).map_or(0, |l| l + 1);
        let general = overrides.parameters.into_iter().map(|(name, number)| (name, None, number));
        let special = overrides.country.into_iter().flat_map(|(country, list)| {
            list.into_iter().map(move |(name, number)| (name, Some(country), number))
        });
        for (name, country, number) in general.chain(special) {
            let range = Range::from(number);
            if !names.contains(&name) {
                let remedy = did_you_mean(&name, names.iter().map(String::as_str), "see data/hazard.csv");
                report.push(file, line_of(&name), &name, "no such parameter", remedy);
            } else if !range.is_ordered() || (range.low < 0.0 && name != "governance" && name != "alignment")
            {
                let remedy = "write a number of at least 0, or [low, middle, high] in this order";
                report.push(file, line_of(&name), &name, "not a range", remedy);
            }
            self.parameters.insert((name, country), range);
        }
        for stated in &overrides.stated {
            let range = Range::from(stated.probability);
            if !range.is_ordered() || range.low < 0.0 || range.high > 1.0 {
                let found = format!("the probability for {} is not between 0 and 1", stated.exporter);
                report.push(
                    file,
                    line_of("probability"),
                    "stated.probability",
                    found,
                    "write 0.3 or [0.1, 0.3, 0.5]",
                );
            }
            if world.country(stated.exporter).is_none() {
                let known = world.tables().countries.iter().map(|row| row.iso3.as_str());
                let remedy = did_you_mean(stated.exporter.as_str(), known, "see data/countries.csv");
                let found = format!("`{}` is not a country", stated.exporter);
                report.push(file, line_of(stated.exporter.as_str()), "stated.exporter", found, remedy);
            }
            if let Some(mineral) = stated.mineral.as_ref().filter(|m| world.mineral(m.as_str()).is_none()) {
                let known = world.tables().minerals.iter().map(|row| row.id.as_str());
                let remedy = did_you_mean(mineral.as_str(), known, "see data/minerals.csv");
                let found = format!("`{mineral}` is not a mineral");
                report.push(file, line_of(mineral.as_str()), "stated.mineral", found, remedy);
            }
        }
        self.stated = overrides.stated;
        report.into_result(self)
    }

    /// A parameter for a country, else for all; 0 where the package has none.
    fn range(&self, name: &str, country: Iso3) -> Option<(Range, bool)> {
        let own = self.parameters.get(&(name.to_owned(), Some(country)));
        let general = self.parameters.get(&(name.to_owned(), None));
        own.map(|r| (*r, true)).or_else(|| general.map(|r| (*r, false)))
    }

    fn number(&self, name: &str, country: Iso3, draw: Draw) -> f64 {
        self.range(name, country).map_or(0.0, |(range, own)| {
            let owner = if own { country.as_str() } else { "" };
            draw.range(&format!("hazard/{name}/{owner}"), range)
        })
    }

    /// Restricting laws or packages of a country a year.
    pub fn events_per_year(&self, country: Iso3, draw: Draw) -> f64 {
        let of = |name| self.number(name, country, draw);
        let all = of("events");
        if self.range("events", country).is_some_and(|(_, own)| own) {
            return all;
        }
        let (alignment, governance) = (of("alignment"), of("governance"));
        let rate = |(distance, stability): (f64, f64)| (alignment * distance + governance * stability).exp();
        let mean = self.traits.values().map(|&t| rate(t)).sum::<f64>() / self.traits.len().max(1) as f64;
        let own = self.traits.get(&country).copied().unwrap_or((TYPICAL_DISTANCE, TYPICAL_STABILITY));
        let expected = all * rate(own) / mean;
        // A gamma prior of `memory` events around what the other predictors expect meets the country's own record.
        let (memory, seen) = (of("memory"), self.record.get(&country).copied().unwrap_or(0.0));
        let rate = (memory + seen) / (memory / expected.max(1e-9) + of("window-years"));
        let tense = match self.regime {
            Regime::Mixed => of("tense-share"),
            Regime::Calm => 0.0,
            Regime::Tense => 1.0,
        };
        rate * ((1.0 - tense) * of("events-calm") + tense * of("events-tense")) / all
    }

    /// Probability that a country stops exporting a mineral within a year.
    pub fn probability(&self, exporter: Iso3, mineral: &MineralId, stage: Stage, draw: Draw) -> f64 {
        let market = self.market_of.get(mineral).unwrap_or(mineral);
        let fits = |s: &&Stated| {
            s.exporter == exporter
                && s.mineral.as_ref().is_none_or(|m| m == mineral || m == market)
                && s.stage.is_none_or(|at| at == stage)
        };
        if let Some(stated) = self.stated.iter().find(fits) {
            return draw.range(&format!("hazard/stated/{exporter}"), stated.probability.into());
        }
        let again =
            self.recent.contains(&(exporter, market.clone())) && self.range(AGAIN, exporter).is_some();
        let hit = self.number(if again { AGAIN } else { "hit-share" }, exporter, draw);
        let stops = self.number("stop-share", exporter, draw);
        1.0 - (-self.events_per_year(exporter, draw) * hit.min(1.0) * stops.min(1.0)).exp()
    }

    /// Share of the year that a stop lasts.
    pub fn duration(&self, exporter: Iso3, draw: Draw) -> f64 {
        self.number("duration", exporter, draw).clamp(0.0, 1.0)
    }
}
