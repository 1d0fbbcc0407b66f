//! What is known of a chain's mines and plants: uncertainty, reserves, owners, levies, hosts.

use std::collections::BTreeMap;

use super::{Chain, Control};
use crate::{
    base::{
        id::{Iso3, MineralId},
        unit::{Grade, Stage},
    },
    baseline::{Baseline, Quantity},
    market::curve::supply,
    params::Params,
    pathway::{
        calibrate::{RUNNING, SCRAP},
        reference::{Reference, unnamed},
        users,
    },
    project::fiscal,
    world::{World, table::Flag},
};

/// Largest change between a base-year figure and the next year's estimate that is taken as real.
const LARGEST_STEP: f64 = 2.0;
/// Recoverable over realised output of a by-product where it is not known.
const USUAL_HEADROOM: f64 = 1.5;

impl Chain {
    /// How large each project is against world use in the year of its first output, and how much use and supply respond.
    pub(super) fn weigh_projects(&mut self) {
        let responses = self.base.responses.mid();
        for p in 0..self.sites.len() {
            let site = &self.sites[p];
            let stage = self.sold_stage(site);
            let nodes = self.base.market.nodes.iter().zip(&self.node_base);
            let made: f64 = nodes.filter(|(node, _)| node.stage == stage).map(|(_, output)| output).sum();
            let first = site.project.start.mid as i32;
            let index = self.demand.range(..=first).next_back().or_else(|| self.demand.iter().next());
            let used = made * index.map_or(1.0, |(_, index)| index.mid);
            let size = site.project.increment.mid / used.max(f64::MIN_POSITIVE);
            self.sites[p].size = size;
            self.sites[p].response = responses.demand_long + responses.mine_supply_long;
        }
    }

    /// What all draws plan with when the parameters have these middles: additions that no project names, and what is expected of supply
    /// before prices move.
    pub(crate) fn plan(&mut self, mid: &Params<f64>) {
        self.unnamed = unnamed(self, mid);
        self.reference = Reference::by_stage(self, mid);
        self.use_growth = users::growth(self, mid);
    }

    /// What the hosts of its mines and plants take.
    pub(super) fn levies(&self, world: &World) -> BTreeMap<(Iso3, bool), fiscal::Terms> {
        let places = self.base.market.nodes.iter().map(|node| node.country);
        let both = places.flat_map(|host| [(host, true), (host, false)]);
        let year = self.base.baseline.year + 1;
        both.map(|(host, mined)| {
            ((host, mined), fiscal::Terms::of(world, host, &self.base.mineral, mined, year))
        })
        .collect()
    }

    /// Uncertainty, first step, reserves and control of each node.
    pub(super) fn describe_nodes(&mut self, world: &World) {
        let next = self.base.baseline.year + 1;
        for node in &self.base.market.nodes {
            let made = |running_only: bool| {
                let counted = node.tranches.iter().filter(|t| !running_only || t.id == RUNNING);
                counted.map(|t| supply(t.capacity, t.drive, 1.0, 1.0, 1.0).value).sum()
            };
            self.base_output.push(made(true));
            self.node_base.push(made(false));
            let quantity = match node.stage {
                Stage::Mine => Quantity::Mined(node.country),
                Stage::Refine => Quantity::Refined(node.country),
            };
            let sigma =
                self.base.baseline.entries.iter().find(|e| e.quantity == quantity).map_or(0.0, |e| e.sigma);
            self.uncertainty.push(sigma.min(0.4));
            let chosen = |year| {
                let rows = world.chosen_production(&self.base.mineral, node.stage, year);
                rows.get(&node.country)
                    .filter(|row| matches!(row.flag, Flag::Reported | Flag::Estimated))
                    .and_then(|row| row.value)
                    .filter(|v| *v > 0.0)
            };
            let step = match (chosen(self.base.baseline.year), chosen(next)) {
                (Some(before), Some(after)) => Some((after / before).clamp(1.0 / LARGEST_STEP, LARGEST_STEP)),
                _ => None,
            };
            self.first_step.push(step);
            // The publisher's other countries are not those that are merged here.
            let mines = node.stage == Stage::Mine && !node.country.is_aggregate();
            let reserves = mines.then(|| reserves(world, &self.base.mineral, node.country)).flatten();
            self.reserves.push(reserves);
            let owners = running_control(world, &self.base.mineral, node.stage, node.country);
            let control = node
                .tranches
                .iter()
                .map(|t| match self.sites.iter().find(|s| s.project.id.as_str() == t.id) {
                    Some(site) => site.project.control.clone(),
                    None if t.id == SCRAP => vec![(node.country, 1.0)],
                    None => owners.clone(),
                })
                .collect();
            self.control.push(control);
        }
    }
}

/// Who controls the running output of a country: what `ownership.csv` says, the rest being the country's own.
pub fn running_control(world: &World, mineral: &MineralId, stage: Stage, country: Iso3) -> Control {
    let mut owners: Control = world
        .tables()
        .ownership
        .iter()
        .filter(|row| row.mineral == *mineral && row.stage == stage && row.iso3 == country)
        .map(|row| (row.controller, row.share))
        .collect();
    let abroad: f64 = owners.iter().map(|(_, share)| share).sum();
    if abroad < 1.0 {
        owners.push((country, 1.0 - abroad));
    }
    owners
}

/// Latest published reserves of a country.
fn reserves(world: &World, mineral: &MineralId, country: Iso3) -> Option<f64> {
    let rows = world.tables().reserves.iter().filter(|r| r.mineral == *mineral && r.iso3 == country);
    // Another product at the stage, such as resources that are not reserves, is a series of its own.
    rows.filter(|r| r.product.is_empty() && r.value.is_some_and(|v| v > 0.0))
        .max_by_key(|r| (r.year, r.vintage.clone()))?
        .value
}

pub(super) fn hosts(world: &World, mineral: &MineralId) -> Vec<(MineralId, f64, f64, Stage)> {
    let rows = world.hosts(mineral).iter().filter(|row| row.share_mid > 0.0);
    rows.map(|row| {
        let most = row.max_over_realised.unwrap_or(USUAL_HEADROOM);
        (row.host.clone(), row.share_mid, most, row.host_stage)
    })
    .collect()
}

/// The grade of the largest outputs: the worst among those that make up two thirds of the last stage.
pub(super) fn headline_grade(baseline: &Baseline) -> Grade {
    let list = baseline.output(baseline.last_stage);
    let total: f64 = list.iter().map(|(_, v)| v).sum();
    let mut seen = 0.0;
    let mut worst = Grade::A;
    for (country, value) in list {
        if seen > 2.0 / 3.0 * total {
            break;
        }
        seen += value;
        let quantity = if baseline.last_stage == Stage::Mine {
            Quantity::Mined(country)
        } else {
            Quantity::Refined(country)
        };
        if let Some(entry) = baseline.entries.iter().find(|e| e.quantity == quantity) {
            worst = worst.max(entry.grade);
        }
    }
    worst
}
