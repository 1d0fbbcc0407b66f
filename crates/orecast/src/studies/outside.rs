//! What an agency expects beside what the project list and the pathway give, outside the largest producer's country.

use rayon::prelude::*;
use serde::Serialize;

use crate::{
    base::{
        draw::Draw,
        id::{Iso3, MineralId},
        unit::Stage,
    },
    market::{Equilibrium, Market},
    world::World,
};
use crate::{
    pathway::{Driver, Drivers, Simulation, reference::risked},
    studies::forecast::{ForecastOptions, simulate, with_hosts},
};

/// Growth since the base year outside one country, as shares of output there in the base year.
#[derive(Debug, Clone, Serialize)]
pub struct OutsideView {
    /// Mineral.
    pub mineral: MineralId,
    /// Stage.
    pub stage: Stage,
    /// Calendar year.
    pub year: i32,
    /// Net growth that the agency expects: additions less what running mines lose.
    pub agency: f64,
    /// What named projects add at their chances.
    pub named: f64,
    /// Named projects over the agency's growth; absent where the agency expects none.
    pub named_over_agency: Option<f64>,
    /// What is added beyond named projects where the agency expects more, at the share that is expected to come.
    pub unnamed: f64,
    /// Growth in the pathway's middle draw.
    pub pathway: f64,
    /// Growth in the same draw if running capacity followed neither prices nor demand: additions less depletion alone.
    pub additions_only: f64,
}

/// Compares every mineral that an agency has an outlook for, outside `without`.
pub fn outside_views(world: &World, options: &ForecastOptions, year: i32, without: Iso3) -> Vec<OutsideView> {
    let mut minerals: Vec<MineralId> = world.tables().outlook.iter().map(|row| row.mineral.clone()).collect();
    minerals.sort();
    minerals.dedup();
    let found: Vec<Vec<OutsideView>> =
        minerals.par_iter().map(|mineral| of_mineral(world, mineral, options, year, without)).collect();
    found.into_iter().flatten().collect()
}

fn of_mineral(
    world: &World,
    mineral: &MineralId,
    options: &ForecastOptions,
    year: i32,
    without: Iso3,
) -> Vec<OutsideView> {
    let (simulation, _) = simulate(world, &with_hosts(world, std::slice::from_ref(mineral)), options);
    let Some(position) = simulation.chains.iter().position(|chain| chain.base.mineral == *mineral) else {
        return Vec::new();
    };
    let chain = &simulation.chains[position];
    let supply_side = Driver::ALL.into_iter().filter(|driver| !matches!(driver, Driver::Expectations));
    let full = outputs(&simulation, position, year, Drivers::ALL);
    let alone = outputs(&simulation, position, year, Drivers::of(supply_side));
    let mut views = Vec::new();
    for stage in [Stage::Mine, Stage::Refine] {
        let Some(agency) = agency_growth(world, mineral, stage, chain.base.baseline.year, year, without)
        else {
            continue;
        };
        let counts = |i: usize| {
            let node = &chain.base.market.nodes[i];
            node.stage == stage && node.country != without
        };
        let nodes: Vec<usize> = (0..chain.base.market.nodes.len()).filter(|&i| counts(i)).collect();
        let base: f64 = nodes.iter().map(|&i| chain.node_base[i]).sum();
        let sites = chain
            .sites
            .iter()
            .filter(|site| [site.mine, site.refine].iter().flatten().any(|(i, _)| nodes.contains(i)));
        let mid = simulation.params().mid();
        let named = sites.map(|site| risked(site, &mid, year)).sum::<f64>() / base;
        let at = (year - chain.base.baseline.year) as usize;
        let extra = |i: &usize| chain.unnamed[*i].get(at).copied().unwrap_or(0.0);
        let unnamed: f64 = nodes.iter().map(extra).sum::<f64>() * simulation.params().unnamed_share.mid;
        let growth = |found: &[f64]| nodes.iter().map(|&i| found[i]).sum::<f64>() / base - 1.0;
        if base > 0.0 && !full.is_empty() && !alone.is_empty() {
            views.push(OutsideView {
                mineral: mineral.clone(),
                stage,
                year,
                agency,
                named,
                named_over_agency: (agency > 0.0).then(|| named / agency),
                unnamed: unnamed / base,
                pathway: growth(&full),
                additions_only: growth(&alone),
            });
        }
    }
    views
}

/// Output of each node of a chain in a year of the middle draw, tonnes; empty when the year is not run.
fn outputs(simulation: &Simulation, position: usize, year: i32, drivers: Drivers) -> Vec<f64> {
    let mut found = Vec::new();
    simulation.runner().with_drivers(drivers).undisturbed(Draw::MIDDLE, None, &mut |outcome| {
        if outcome.position == position && outcome.year == year {
            found = node_outputs(outcome.market, outcome.equilibrium);
        }
    });
    found
}

fn node_outputs(market: &Market, found: &Equilibrium) -> Vec<f64> {
    (0..market.nodes.len()).map(|i| found.node_output(i)).collect()
}

/// An agency's growth of world output outside a country between two years, as a share.
fn agency_growth(
    world: &World,
    mineral: &MineralId,
    stage: Stage,
    from: i32,
    to: i32,
    without: Iso3,
) -> Option<f64> {
    let value = |iso3: Iso3, year: i32| {
        let rows = world.outlook(mineral).iter();
        rows.filter(|r| r.stage == stage).find(|r| r.iso3 == iso3 && r.year == year).map(|r| r.value)
    };
    let outside = |year| Some(value(Iso3::WORLD, year)? - value(without, year).unwrap_or(0.0));
    let (before, after) = (outside(from)?, outside(to)?);
    (before > 0.0).then(|| after / before - 1.0)
}
