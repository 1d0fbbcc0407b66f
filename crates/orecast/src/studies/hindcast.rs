//! How the pathway would have done: output by country some years after an earlier base year, beside carrying the last value
//! forward and extrapolating each country's own trend.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;
use serde::Serialize;

use crate::{
    base::{
        draw::Draw,
        id::{Iso3, MineralId},
        unit::{Range, Stage},
    },
    market::Status,
    params::Params,
    world::{
        Tables, World,
        table::{Flag, ObservationRow, PriceRow},
    },
};
use crate::{
    pathway::{Chain, Driver, Drivers, Simulation, reference::Reference},
    studies::forecast::groups,
};

/// Spans that the facts carry, longest first.
pub const SPANS: [Span; 3] = [Span::of(2015, 2024), Span::of(2018, 2024), Span::of(2023, 2025)];

/// Share of the counted output below which a country is not scored.
const SMALL: f64 = 0.01;
/// Countries that a row needs.
const FEWEST: usize = 3;
/// Years before the base year that a trend looks back on at most, and at least.
const LOOK_BACK: [i32; 2] = [10, 2];
/// Yearly growth of use where no earlier world total is published: that of the main metals over the two decades before 2015.
const GENERAL_GROWTH: f64 = 0.03;
/// Slowest and fastest yearly growth that running capacity can follow.
const PACE: [f64; 2] = [-0.06, 0.10];

/// Price of a mineral that has none as of then, USD/t.
const UNIT_PRICE: f64 = 1000.0;

/// A base year and the year that is scored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Span {
    /// Year whose facts are known.
    pub base_year: i32,
    /// Year whose output is foretold.
    pub year: i32,
}

impl Span {
    const fn of(base_year: i32, year: i32) -> Self {
        Self { base_year, year }
    }
}

/// One number for each way of telling the future. Those marked "given the total" know the sum over the scored countries, so
/// that they test the division between countries alone.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Ways {
    /// Running capacity follows use that grows as the mineral's world output did before the base year; no project list.
    pub model: f64,
    /// Output stays as it was.
    pub last_value: f64,
    /// Each country's output goes on along the line through its earliest known and its last figure.
    pub own_trend: Option<f64>,
    /// The model with the project list, the outlook and the scenario of today, which know what happened since.
    pub with_projects: Option<f64>,
    /// The model, given the total.
    pub model_given_total: f64,
    /// Shares stay as they were, given the total.
    pub shares_given_total: f64,
}

/// Errors of one mineral and stage.
#[derive(Debug, Clone, Serialize)]
pub struct HindcastRow {
    /// Mineral.
    pub mineral: MineralId,
    /// Stage.
    pub stage: Stage,
    /// Countries whose output the same publisher gives for both years, with at least 1 % of it.
    pub countries: usize,
    /// Yearly growth of use that the model was given.
    pub growth: f64,
    /// Mean over the countries of `|foretold / published - 1|`.
    pub error: Ways,
    /// Error of the countries' sum, as a share; positive is too high.
    pub total: Ways,
}

/// One span's errors.
#[derive(Debug, Clone, Serialize)]
pub struct Hindcast {
    /// The span.
    pub span: Span,
    /// By mineral and stage.
    pub rows: Vec<HindcastRow>,
}

/// Scores every mineral and stage whose output one publisher gives for both years of a span. The base year's market is balanced
/// from facts of that year and before: no later output, trade, price or reserve, no project and no scenario. Elasticities,
/// recoveries, by-product shares and distances are today's. Where `scenario` is given, the way with today's
/// projects is run beside.
pub fn hindcast(world: &World, span: Span, scenario: Option<&str>) -> Hindcast {
    let known = as_known(world, span.base_year);
    let both = |mineral: &MineralId| {
        [Stage::Mine, Stage::Refine].into_iter().any(|stage| {
            [span.base_year, span.year]
                .iter()
                .all(|&year| published(world, mineral, stage, year).len() >= FEWEST)
        })
    };
    let minerals: Vec<MineralId> = world.market_minerals().map(|row| row.id.clone()).filter(both).collect();
    let mut rows: Vec<HindcastRow> = groups(world, &minerals)
        .into_par_iter()
        .flat_map_iter(|group| {
            let prepare = |world: &World, scenario: &str| {
                let params = Params::default();
                Simulation::prepare(world, &group, span.base_year, span.year, scenario, &[], params).0
            };
            let mut simulation = prepare(&known, "");
            let growth: Vec<f64> = simulation
                .chains
                .iter()
                .map(|chain| growth_before(&known, &chain.base.mineral, span.base_year))
                .collect();
            set_growth(&mut simulation, &growth);
            let model = last_year(&simulation);
            let came: Vec<f64> = simulation
                .chains
                .iter()
                .zip(&growth)
                .map(|(chain, usual)| growth_that_came(world, &chain.base.mineral, span).unwrap_or(*usual))
                .collect();
            set_growth(&mut simulation, &came);
            let given_total = last_year(&simulation);
            let today = scenario.map(|scenario| prepare(world, scenario));
            let today = today.map(|today| (last_year(&today), today));
            let guesses = Guesses { model, given_total, today };
            let scored = simulation.chains.iter().enumerate();
            let scored = scored.flat_map(|(c, chain)| score(world, chain, span, (c, growth[c]), &guesses));
            scored.collect::<Vec<HindcastRow>>()
        })
        .collect();
    rows.sort_by(|a, b| (&a.mineral, a.stage).cmp(&(&b.mineral, b.stage)));
    Hindcast { span, rows }
}

/// The facts of a year and before, with what does not change over the years; no projects, outlooks and scenarios. Where no
/// price of then is known a unit price stands in: what is scored depends on ratios of prices alone.
fn as_known(world: &World, last: i32) -> World {
    let all = world.tables();
    macro_rules! until {
        ($($table:ident),*) => {
            Tables {
                $($table: all.$table.iter().filter(|row| row.year <= last).cloned().collect(),)*
                minerals: all.minerals.clone(),
                countries: all.countries.clone(),
                blocs: all.blocs.clone(),
                baskets: all.baskets.clone(),
                elasticities: all.elasticities.clone(),
                byproducts: all.byproducts.clone(),
                recycling: all.recycling.clone(),
                distance: all.distance.clone(),
                transit: all.transit.clone(),
                ..Tables::default()
            }
        };
    }
    let mut tables =
        until!(production, capacity, reserves, stocks, trade, trade_totals, prices, import_reliance);
    let priced: BTreeSet<MineralId> = tables.prices.iter().map(|row| row.mineral.clone()).collect();
    let units = all.minerals.iter().filter(|row| !priced.contains(&row.id)).filter_map(|row| {
        let like = all.prices.iter().find(|price| price.mineral == row.id && price.primary)?;
        Some(PriceRow { year: last, usd_per_t: UNIT_PRICE, low: None, high: None, ..like.clone() })
    });
    tables.prices.extend(units);
    world.with_tables(tables)
}

/// What each way gives for the chains of a simulation: growth of each node.
struct Guesses {
    model: Vec<Vec<f64>>,
    given_total: Vec<Vec<f64>>,
    today: Option<(Vec<Vec<f64>>, Simulation)>,
}

impl Guesses {
    /// Growth of a country's node with today's projects.
    fn today(&self, chain: &Chain, country: Iso3, stage: Stage) -> Option<f64> {
        let (growth, simulation) = self.today.as_ref()?;
        let c = simulation.chains.iter().position(|other| other.base.mineral == chain.base.mineral)?;
        growth[c].get(simulation.chains[c].base.node(country, stage)?).copied()
    }
}

/// Lets use grow at a yearly rate, one for each chain.
fn set_growth(simulation: &mut Simulation, rates: &[f64]) {
    let mid = simulation.params().mid();
    for (chain, rate) in simulation.chains.iter_mut().zip(rates) {
        let first = chain.base.baseline.year;
        for (year, index) in &mut chain.demand {
            *index = Range::exact((1.0 + rate).powi(year - first));
        }
        chain.reference = Reference::by_stage(chain, &mid);
    }
}

/// Yearly growth of a mineral's published world output up to a year, over the longest run of at most ten years; of the
/// last stage that has one.
fn growth_before(world: &World, mineral: &MineralId, last: i32) -> f64 {
    let run = |stage| {
        let now = world_total(world, mineral, stage, last)?;
        (last - LOOK_BACK[0]..=last - LOOK_BACK[1]).find_map(|year| {
            let then = world_total(world, mineral, stage, year)?;
            Some((last - year, (now / then).powf(1.0 / f64::from(last - year)) - 1.0))
        })
    };
    let runs = [run(Stage::Refine), run(Stage::Mine)].into_iter().flatten();
    let longest = runs.max_by_key(|(years, _)| *years);
    longest.map_or(GENERAL_GROWTH, |(_, rate)| rate.clamp(PACE[0], PACE[1]))
}

/// Yearly growth of a mineral's published world output over a span.
fn growth_that_came(world: &World, mineral: &MineralId, span: Span) -> Option<f64> {
    [Stage::Refine, Stage::Mine].into_iter().find_map(|stage| {
        let total = |year| world_total(world, mineral, stage, year);
        let ratio = total(span.year)? / total(span.base_year)?;
        Some(ratio.powf(1.0 / f64::from(span.year - span.base_year)) - 1.0)
    })
}

/// A published world total.
fn world_total(world: &World, mineral: &MineralId, stage: Stage, year: i32) -> Option<f64> {
    world.chosen_production(mineral, stage, year).get(&Iso3::WORLD)?.value.filter(|tonnes| *tonnes > 0.0)
}

/// Output of each node in the last year over the base year's, for each chain; empty where the year did not converge.
fn last_year(simulation: &Simulation) -> Vec<Vec<f64>> {
    let drivers = Drivers::of(Driver::ALL.into_iter().filter(|driver| *driver != Driver::Published));
    let mut found = vec![Vec::new(); simulation.chains.len()];
    let last = simulation.years.last().copied();
    simulation.runner().with_drivers(drivers).undisturbed(Draw::MIDDLE, None, &mut |outcome| {
        if Some(outcome.year) == last && outcome.equilibrium.status == Status::Converged {
            let base = &outcome.chain.node_base;
            let growth = |i: usize| outcome.equilibrium.node_output(i) / base[i];
            found[outcome.position] = (0..base.len()).map(growth).collect();
        }
    });
    found
}

/// One country: what each way says of it, and what came.
struct Scored {
    base: f64,
    model: f64,
    given_total: f64,
    own_trend: Option<f64>,
    today: Option<f64>,
    actual: f64,
}

fn score(
    world: &World,
    chain: &Chain,
    span: Span,
    (c, growth): (usize, f64),
    guesses: &Guesses,
) -> Vec<HindcastRow> {
    if guesses.model[c].is_empty() || guesses.given_total[c].is_empty() {
        return Vec::new();
    }
    let row = |stage| {
        let before = published(world, &chain.base.mineral, stage, span.base_year);
        let after = published(world, &chain.base.mineral, stage, span.year);
        let total: f64 = after.values().map(|figure| figure.tonnes).sum();
        let trends = earliest(world, &chain.base.mineral, stage, span.base_year);
        let scored = before.iter().filter_map(|(country, figure)| {
            let base = figure.tonnes;
            let actual = after.get(country).filter(|after| after.publisher == figure.publisher)?.tonnes;
            if actual < SMALL * total {
                return None;
            }
            let node = chain.base.node(*country, stage).filter(|&node| chain.node_base[node] > 0.0)?;
            let ahead = f64::from(span.year - span.base_year);
            let trend = |&(year, tonnes): &(i32, f64)| {
                let step = (base - tonnes) / f64::from(span.base_year - year);
                (base + step * ahead).max(0.0)
            };
            Some(Scored {
                base,
                model: base * guesses.model[c][node],
                given_total: base * guesses.given_total[c][node],
                own_trend: trends.get(country).map(trend),
                today: guesses.today(chain, *country, stage).map(|growth| base * growth),
                actual,
            })
        });
        let scored: Vec<Scored> = scored.collect();
        (scored.len() >= FEWEST).then(|| HindcastRow {
            mineral: chain.base.mineral.clone(),
            stage,
            countries: scored.len(),
            growth,
            error: ways(&scored, |guess, actual| {
                let errors = guess.iter().zip(actual).map(|(guess, actual)| (guess / actual - 1.0).abs());
                errors.sum::<f64>() / actual.len() as f64
            }),
            total: ways(&scored, |guess, actual| {
                guess.iter().sum::<f64>() / actual.iter().sum::<f64>() - 1.0
            }),
        })
    };
    [Stage::Mine, Stage::Refine].into_iter().filter_map(row).collect()
}

/// One number for each way.
fn ways(scored: &[Scored], measure: impl Fn(&[f64], &[f64]) -> f64) -> Ways {
    let actual: Vec<f64> = scored.iter().map(|one| one.actual).collect();
    let total: f64 = actual.iter().sum();
    let of = |pick: &dyn Fn(&Scored) -> f64| measure(&scored.iter().map(pick).collect::<Vec<f64>>(), &actual);
    let given_total = |pick: fn(&Scored) -> f64| {
        let scale = total / scored.iter().map(pick).sum::<f64>();
        of(&|one| pick(one) * scale)
    };
    // A country without an earlier figure keeps its last value.
    let any_trend = scored.iter().any(|one| one.own_trend.is_some());
    let all_today = scored.iter().all(|one| one.today.is_some());
    Ways {
        model: of(&|one| one.model),
        last_value: of(&|one| one.base),
        own_trend: any_trend.then(|| of(&|one| one.own_trend.unwrap_or(one.base))),
        with_projects: all_today.then(|| of(&|one| one.today.unwrap_or(one.base))),
        model_given_total: given_total(|one| one.given_total),
        shares_given_total: given_total(|one| one.base),
    }
}

/// Each country's earliest published output in the years that a trend looks back on, with its year.
fn earliest(world: &World, mineral: &MineralId, stage: Stage, last: i32) -> BTreeMap<Iso3, (i32, f64)> {
    let mut found = BTreeMap::new();
    for year in last - LOOK_BACK[0]..=last - LOOK_BACK[1] {
        for (country, figure) in published(world, mineral, stage, year) {
            found.entry(country).or_insert((year, figure.tonnes));
        }
    }
    found
}

/// Published output by country.
fn published(world: &World, mineral: &MineralId, stage: Stage, year: i32) -> BTreeMap<Iso3, Published> {
    let chosen = world.chosen_production(mineral, stage, year);
    let kept = chosen.into_iter().filter(|(country, row)| {
        !country.is_aggregate() && matches!(row.flag, Flag::Reported | Flag::Estimated)
    });
    let figure = |row: &ObservationRow| {
        let tonnes = row.value.filter(|tonnes| *tonnes > 0.0)?;
        // Whoever passed a table on stands after its publisher.
        let publisher = world.source(&row.source)?.publisher.split(';').next()?.to_owned();
        Some(Published { tonnes, publisher })
    };
    kept.filter_map(|(country, row)| Some((country, figure(row)?))).collect()
}

/// A figure of output and who publishes it: publishers differ in what they count.
struct Published {
    tonnes: f64,
    publisher: String,
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::testing::{MiniPackage, id};

    fn world() -> World {
        let line = |year, tonnes| format!("tungsten,mine,WLD,{year},{tonnes},,,,t,,,usgs-mcs-2026,2026,A,");
        let package = MiniPackage::new();
        let package = package.with_line("production.csv", &line(2014, 40_500));
        package.with_line("production.csv", &line(2012, 1)).load().unwrap()
    }

    #[test]
    fn use_grows_as_world_output_did_over_ten_years_at_most() {
        let world = world();
        let rate = growth_before(&world, &id("tungsten"), 2024);
        assert!((rate - (2.0_f64.powf(0.1) - 1.0)).abs() < 1e-12, "{rate}");
        assert_eq!(growth_before(&world, &id("zinc"), 2024), GENERAL_GROWTH);
        assert_eq!(growth_before(&world, &id("tungsten"), 2014), PACE[1], "held to what capacity can follow");
    }

    #[test]
    fn what_came_later_is_not_known() {
        let world = world();
        assert!(world.tables().production.iter().any(|row| row.year == 2025));
        let known = as_known(&world, 2024);
        let tables = known.tables();
        assert!(tables.production.iter().all(|row| row.year <= 2024) && tables.projects.is_empty());
        assert_eq!(known.price(&id("tungsten"), Stage::Mine, 2024).unwrap().usd_per_t, 31_778.0);
        let before = as_known(&world, 2023);
        assert_eq!(before.price(&id("tungsten"), Stage::Mine, 2023).unwrap().usd_per_t, UNIT_PRICE);
    }

    #[test]
    fn what_is_given_the_total_does_not_depend_on_its_own() {
        let one = |base: f64, actual: f64| Scored {
            base,
            model: 2.0 * base,
            given_total: 3.0 * base,
            own_trend: None,
            today: None,
            actual,
        };
        let found = ways(&[one(10.0, 20.0), one(30.0, 20.0)], |guess, actual| {
            guess.iter().zip(actual).map(|(g, a)| (g / a - 1.0).abs()).sum::<f64>() / 2.0
        });
        assert_eq!((found.model, found.last_value), (1.0, 0.5));
        assert_eq!((found.model_given_total, found.shares_given_total), (0.5, 0.5));
        assert_eq!((found.own_trend, found.with_projects), (None, None));
    }
}
