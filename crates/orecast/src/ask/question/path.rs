//! Minerals year by year without any deal, and how that would have done in the past.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Ask, first_seed};
use crate::{
    answer,
    ask::{
        Control, Data, Engine, Error,
        answer::{Reply, Unsolved},
    },
    params::Params,
    studies::{
        forecast::{Forecast, ForecastOptions, forecast, forecast_all, simulate, with_hosts},
        hindcast::{Hindcast as Found, SPANS, Span, hindcast},
        outside::outside_views,
        price_drivers::why_price,
    },
    world::World,
};

/// Last year of the hindcast whose base year today's list of projects is taken to fit.
const RECENT: i32 = 2023;
/// Year of the comparison with the outside view.
const OUTSIDE_YEAR: i32 = 2030;

const fn last_year() -> i32 {
    2040
}

const fn draws() -> usize {
    100
}

const fn draws_of_all() -> usize {
    20
}

fn scenario() -> String {
    "steps".to_owned()
}

/// A mineral year by year without any deal: output, use, price, who makes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Path {
    /// Mineral.
    pub mineral: String,
    /// Demand scenario of `demand.csv`: `steps`, `aps`, `nze`, or one of own data.
    #[serde(default = "scenario")]
    pub scenario: String,
    /// Last year.
    #[serde(default = "last_year")]
    pub to: i32,
    /// Whether producers are shown by controlling country as well.
    #[serde(default)]
    pub control: bool,
    /// Number of draws; 0 for the middle alone.
    #[serde(default = "draws")]
    pub draws: usize,
    /// Seed of the draws.
    #[serde(default = "first_seed")]
    pub seed: u64,
}

/// Every mineral year by year without any deal, one line each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PathAll {
    /// Demand scenario of `demand.csv`.
    #[serde(default = "scenario")]
    pub scenario: String,
    /// Last year.
    #[serde(default = "last_year")]
    pub to: i32,
    /// Number of draws; 0 for the middle alone.
    #[serde(default = "draws_of_all")]
    pub draws: usize,
    /// Seed of the draws.
    #[serde(default = "first_seed")]
    pub seed: u64,
}

/// What moves a mineral's price, year by year, in the middle draw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WhyPrice {
    /// Mineral.
    pub mineral: String,
    /// Demand scenario of `demand.csv`.
    #[serde(default = "scenario")]
    pub scenario: String,
    /// Last year.
    #[serde(default = "last_year")]
    pub to: i32,
}

/// Growth to 2030 outside a country, compared with that of the IEA base case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Outside {
    /// Country that is left out, such as `CHN`.
    pub outside: String,
    /// Demand scenario of `demand.csv`.
    #[serde(default = "scenario")]
    pub scenario: String,
    /// Last year.
    #[serde(default = "last_year")]
    pub to: i32,
}

/// How the model would have done from earlier base years, compared with carrying the last value forward.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Hindcast {
    /// One base year alone: 2015, 2018 or 2023; all when absent.
    #[serde(default)]
    pub base_year: Option<i32>,
    /// Demand scenario of `demand.csv` for the recent span.
    #[serde(default = "scenario")]
    pub scenario: String,
}

/// What a path is asked with.
fn options(
    world: &World,
    scenario: &str,
    to: i32,
    draws: usize,
    seed: u64,
) -> Result<ForecastOptions, Error> {
    let base = world.base_year().unwrap_or_default();
    if to <= base || to > base + 40 {
        let found = format!("the last year is {to}");
        return Err(Error::refused(found, format!("give a year from {} to {}", base + 1, base + 40)));
    }
    let scenario = known_scenario(world, scenario)?;
    Ok(ForecastOptions { last_year: to, scenario, as_of: None, draws, seed, params: Params::default() })
}

/// A scenario of the facts, in any case.
pub(super) fn known_scenario(world: &World, text: &str) -> Result<String, Error> {
    let mut known: Vec<&str> = world.tables().demand.iter().map(|row| row.scenario.as_str()).collect();
    known.sort_unstable();
    known.dedup();
    let found = known.iter().find(|one| one.eq_ignore_ascii_case(text)).map(|one| (*one).to_owned());
    found.ok_or_else(|| {
        Error::refused(
            format!("`{text}` is not a demand scenario"),
            format!(
                "the facts have {}; own ones come with own data that hold a demand.csv",
                known.join(", ")
            ),
        )
    })
}

/// Draws and years asked for and not solved.
fn unsolved<'a>(found: impl IntoIterator<Item = &'a Forecast>) -> Unsolved {
    found.into_iter().flat_map(|one| &one.solved).fold(Unsolved::default(), |sum, year| Unsolved {
        markets: sum.markets + year.draws,
        failed: sum.failed + year.draws - year.converged,
    })
}

/// Why a mineral has no path.
pub(super) fn no_path(error: impl std::fmt::Display) -> Error {
    let text = error.to_string();
    match text.split_once("\n    ") {
        Some((found, remedy)) => Error::refused(found, remedy),
        None => Error::refused(text, "ask for a mineral whose year can be balanced"),
    }
}

impl Ask for Path {
    fn reply(&self, engine: &Engine, _: &Control) -> Result<Reply, Error> {
        let (world, names) = (engine.world()?, engine.names()?);
        let mineral = names.market(&self.mineral, "the path")?;
        let options = options(world, &self.scenario, self.to, self.draws, self.seed)?;
        let found = forecast(world, &mineral, &options).map_err(no_path)?;
        let view = answer::path::one(world, &found, &options.params, self.control);
        let unsolved = unsolved([&found]);
        let mut reply = Reply::new(view, Data::of(found)).drawn(self.draws, self.seed);
        reply.unsolved = unsolved;
        Ok(reply)
    }
}

impl Ask for PathAll {
    fn reply(&self, engine: &Engine, _: &Control) -> Result<Reply, Error> {
        let world = engine.world()?;
        let options = options(world, &self.scenario, self.to, self.draws, self.seed)?;
        let (found, failed) = forecast_all(world, &options);
        let view = answer::path::all(world, &found, &options);
        let unsolved = unsolved(&found);
        let mut reply = Reply::new(view, Data::of(found)).drawn(self.draws, self.seed);
        reply.unsolved = unsolved;
        reply.limits = failed.iter().map(|(mineral, reason)| format!("{mineral}: {reason}")).collect();
        Ok(reply)
    }
}

impl Ask for WhyPrice {
    fn reply(&self, engine: &Engine, _: &Control) -> Result<Reply, Error> {
        let (world, names) = (engine.world()?, engine.names()?);
        let mineral = names.market(&self.mineral, "the path")?;
        let options = options(world, &self.scenario, self.to, 0, 1)?;
        let (simulation, failed) =
            simulate(world, &with_hosts(world, std::slice::from_ref(&mineral)), &options);
        let Some(position) = simulation.chains.iter().position(|chain| chain.base.mineral == mineral) else {
            let reason = failed.into_iter().find(|(of, _)| *of == mineral);
            return Err(no_path(reason.map_or_else(String::new, |(_, reason)| reason.to_string())));
        };
        let why = why_price(&simulation, position);
        let view = answer::path::why_price::view(world, &why, &options.scenario);
        Ok(Reply::new(view, Data::of(why)))
    }
}

impl Ask for Outside {
    fn reply(&self, engine: &Engine, _: &Control) -> Result<Reply, Error> {
        let (world, names) = (engine.world()?, engine.names()?);
        let without = names.country(&self.outside)?;
        let options = options(world, &self.scenario, self.to.max(OUTSIDE_YEAR), 0, 1)?;
        let rows = outside_views(world, &options, OUTSIDE_YEAR, without);
        Ok(Reply::new(answer::path::outside::view(world, &rows, without, OUTSIDE_YEAR), Data::of(rows)))
    }
}

impl Ask for Hindcast {
    fn reply(&self, engine: &Engine, _: &Control) -> Result<Reply, Error> {
        let world = engine.world()?;
        let scenario = known_scenario(world, &self.scenario)?;
        let wanted = |span: &Span| self.base_year.is_none_or(|year| year == span.base_year);
        let spans: Vec<Span> = SPANS.into_iter().filter(wanted).collect();
        if spans.is_empty() {
            let years: Vec<String> = SPANS.iter().map(|span| span.base_year.to_string()).collect();
            return Err(Error::refused(
                format!("no hindcast starts from {}", self.base_year.unwrap_or_default()),
                format!("the facts carry output and trade of {}", years.join(", ")),
            ));
        }
        let run = |span: Span| hindcast(world, span, (span.base_year >= RECENT).then_some(scenario.as_str()));
        let found: Vec<Found> = spans.into_iter().map(run).collect();
        Ok(Reply::new(answer::path::hindcast::view(world, &found), Data::of(found)))
    }
}
