//! How the pathway would have done: output by country some years after an earlier base year, beside carrying the last value
//! forward.

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::Serialize;

use super::{Driver, Drivers, Simulation, assumption::Assumptions, forecast::groups};
use crate::{
    draw::Draw,
    id::{Iso3, MineralId},
    market::Status,
    world::{
        World,
        table::{Flag, Stage},
    },
};

/// Share of the counted output below which a country is not scored.
const SMALL: f64 = 0.01;
/// Countries that a row needs.
const FEWEST: usize = 3;

/// Errors of one mineral and stage.
#[derive(Debug, Clone, Serialize)]
pub struct HindcastRow {
    /// Mineral.
    pub mineral: MineralId,
    /// Stage.
    pub stage: Stage,
    /// Countries with published output in both years and at least 1 % of it.
    pub countries: usize,
    /// Mean absolute percentage error over the countries: running capacity that follows demand, without any project list.
    pub model: f64,
    /// The same with the project list of today, which knows what happened since.
    pub with_projects: f64,
    /// The same for the last value carried forward.
    pub naive: f64,
    /// Error of the sum of the countries: model, with projects, naive, as shares; positive is too high.
    pub total: [f64; 3],
}

/// Scores every mineral and stage whose output is published for both years. The base year's market is balanced from the
/// facts of that year; no later figure enters, but elasticities, the scenario's growth and (where said) projects are
/// today's.
pub fn hindcast(world: &World, scenario: &str, base_year: i32, year: i32) -> Vec<HindcastRow> {
    let minerals: Vec<MineralId> = world.market_minerals().map(|row| row.id.clone()).collect();
    let mut rows: Vec<HindcastRow> = groups(world, &minerals)
        .into_par_iter()
        .flat_map_iter(|group| {
            let assumptions = Assumptions::with([]);
            let (simulation, _) =
                Simulation::prepare(world, &group, base_year, year, scenario, &[], assumptions);
            let nothing_known = |driver: &Driver| *driver != Driver::Published;
            let without =
                |driver: &Driver| nothing_known(driver) && !matches!(driver, Driver::Named | Driver::Unnamed);
            let growth = |drivers| last_year(&simulation, drivers);
            let model = growth(Drivers::of(Driver::ALL.into_iter().filter(without)));
            let with_projects = growth(Drivers::of(Driver::ALL.into_iter().filter(nothing_known)));
            score(world, &simulation, year, &model, &with_projects)
        })
        .collect();
    rows.sort_by(|a, b| (&a.mineral, a.stage).cmp(&(&b.mineral, b.stage)));
    rows
}

/// Output of each node in the last year over the base year's, for each chain; empty where the year did not converge.
fn last_year(simulation: &Simulation, drivers: Drivers) -> Vec<Vec<f64>> {
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

fn score(
    world: &World,
    simulation: &Simulation,
    year: i32,
    model: &[Vec<f64>],
    with_projects: &[Vec<f64>],
) -> Vec<HindcastRow> {
    let mut rows = Vec::new();
    for (c, chain) in simulation.chains.iter().enumerate() {
        if model[c].is_empty() || with_projects[c].is_empty() {
            continue;
        }
        for stage in [Stage::Mine, Stage::Refine] {
            let before = published(world, &chain.mineral, stage, chain.baseline.year);
            let after = published(world, &chain.mineral, stage, year);
            let total: f64 = after.values().sum();
            let scored = before.iter().filter_map(|(&country, &before)| {
                let actual = *after.get(&country).filter(|tonnes| **tonnes >= SMALL * total)?;
                let node = chain.node(country, stage).filter(|&node| chain.node_base[node] > 0.0)?;
                Some(([before * model[c][node], before * with_projects[c][node], before], actual))
            });
            let scored: Vec<([f64; 3], f64)> = scored.collect();
            if scored.len() < FEWEST {
                continue;
            }
            let count = scored.len() as f64;
            let error = |k: usize| {
                scored.iter().map(|(guess, actual)| (guess[k] / actual - 1.0).abs()).sum::<f64>() / count
            };
            let actual: f64 = scored.iter().map(|(_, actual)| actual).sum();
            let sum = |k: usize| scored.iter().map(|(guess, _)| guess[k]).sum::<f64>() / actual - 1.0;
            rows.push(HindcastRow {
                mineral: chain.mineral.clone(),
                stage,
                countries: scored.len(),
                model: error(0),
                with_projects: error(1),
                naive: error(2),
                total: [sum(0), sum(1), sum(2)],
            });
        }
    }
    rows
}

/// Published output by country.
fn published(world: &World, mineral: &MineralId, stage: Stage, year: i32) -> BTreeMap<Iso3, f64> {
    let chosen = world.chosen_production(mineral, stage, year);
    let kept = chosen.into_iter().filter(|(country, row)| {
        !country.is_aggregate() && matches!(row.flag, Flag::Reported | Flag::Estimated)
    });
    kept.filter_map(|(country, row)| Some((country, row.value.filter(|tonnes| *tonnes > 0.0)?))).collect()
}
