//! How exposed a country or group is: what it depends on, at which stage, on whom, how that changes, and what it has.
//!
//! Levels are those of one balanced year of observations; no range is computed for them. Each carries the grade of the
//! figures behind it: A published, B derived, C assumed.

mod assets;
mod stops;

use std::collections::BTreeSet;

use rayon::prelude::*;
use serde::Serialize;

pub use assets::{Assets, Holding, Opening, Partner, Sale, Stock};
pub use stops::{Stop, Stops, stops};

use crate::{
    baseline::{comparison::Without, reliance::published},
    id::{BlocId, Iso3, MineralId},
    indicator::{Group, Situation, dependence, geopolrisk, mean_price},
    unit::Grade,
    world::{
        World,
        table::{Flag, Stage},
    },
};

/// Share of the world's purchases of a stage's product below which a group buys too little to be ranked.
pub const SMALLEST_BUYER: f64 = 0.001;
/// Foreign suppliers that are named.
const NAMED: usize = 3;

/// Everything the page says.
#[derive(Debug, Serialize)]
pub struct Page {
    /// Whom it is about.
    pub group: Group,
    /// Balanced year.
    pub year: i32,
    /// What the group depends on, the largest foreign supplier's share first.
    pub dependences: Vec<Dependence>,
    /// Minerals of which it buys too little to be ranked.
    pub small: Vec<MineralId>,
    /// What the stop of an exporter would cost it; empty where nobody asked.
    pub stops: Stops,
    /// What it has.
    pub assets: Assets,
    /// Larger blocs that it or all its members belong to.
    pub blocs: Vec<BlocId>,
    /// Minerals without a balanced year, with the reason.
    pub without: Vec<Without>,
}

/// What a group depends on for one mineral.
#[derive(Debug, Serialize)]
pub struct Dependence {
    /// Mineral.
    pub mineral: MineralId,
    /// Its name.
    pub name: String,
    /// What a tonne counts.
    pub basis: String,
    /// Stage at which one foreign supplier has the largest share; its place in `stages`.
    pub worst: usize,
    /// Stages at which the group buys.
    pub stages: Vec<StageDependence>,
    /// Net imports over apparent consumption, all forms, of the balanced year; negative for a net exporter.
    pub net_import_reliance: Option<f64>,
    /// The same as published, in percent, where the group is one country that has it.
    pub published_reliance: Option<Published>,
    /// Corrected `GeoPolRisk` score, 0 to 1.
    pub geopolrisk: Option<f64>,
}

/// A published net import reliance.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Published {
    /// Percent of apparent consumption; absent for a net exporter.
    pub percent: Option<f64>,
    /// Bound, or net exporter.
    pub flag: Flag,
    /// Source.
    pub source: String,
}

/// What a group buys at one stage.
#[derive(Debug, Serialize)]
pub struct StageDependence {
    /// Stage.
    pub stage: Stage,
    /// Purchases, tonnes contained a year.
    pub bought: f64,
    /// Purchases at the year's price, USD; absent without a published price.
    pub value_usd: Option<f64>,
    /// Share of the world's purchases, 0 to 1.
    pub world_share: f64,
    /// Share that comes from the group itself, 0 to 1.
    pub from_home: f64,
    /// The largest foreign suppliers with their shares of the purchases, largest first.
    pub suppliers: Vec<(Iso3, f64)>,
    /// Number of equal suppliers that would be as concentrated.
    pub diversification: Option<f64>,
    /// Net imports over apparent consumption of the stage's product.
    pub net_import_reliance: Option<f64>,
    /// Output over purchases.
    pub self_sufficiency: Option<f64>,
    /// Share of the largest foreign supplier in recorded imports from outside, by year of trade.
    pub trend: Vec<(i32, Option<f64>)>,
    /// Grade of the flows that make up two thirds of the purchases.
    pub grade: Option<Grade>,
}

/// Gathers the page of a group for a year.
pub fn page(world: &World, group: &Group, year: i32) -> Page {
    let (situations, without) = Situation::all(world, year, std::slice::from_ref(group));
    Page { stops: stops(world, group, year, &[]), ..page_of(world, group, year, &situations, without) }
}

/// The page from minerals that are balanced already, with the group's members kept separate.
pub fn page_of(
    world: &World,
    group: &Group,
    year: i32,
    situations: &[Situation<'_>],
    without: Vec<Without>,
) -> Page {
    let mut all: Vec<Dependence> =
        situations.par_iter().filter_map(|situation| dependence_on(situation, group)).collect();
    let is_small =
        |dependence: &Dependence| dependence.stages.iter().all(|stage| stage.world_share < SMALLEST_BUYER);
    let small: Vec<MineralId> =
        all.iter().filter(|dependence| is_small(dependence)).map(|d| d.mineral.clone()).collect();
    all.retain(|dependence| !is_small(dependence));
    all.sort_by(|a, b| b.largest_share().total_cmp(&a.largest_share()).then(a.mineral.cmp(&b.mineral)));
    let blocs: BTreeSet<&BlocId> = world.tables().blocs.iter().map(|row| &row.bloc).collect();
    let has_all = |bloc: &&BlocId| {
        let members = world.bloc_members(bloc, year);
        members.len() > group.members.len() && group.members.iter().all(|member| members.contains(member))
    };
    Page {
        group: group.clone(),
        year,
        dependences: all,
        small,
        stops: Stops::default(),
        assets: assets::of(world, group, year, situations),
        blocs: blocs.into_iter().filter(has_all).cloned().collect(),
        without,
    }
}

impl Dependence {
    /// The stage at which one foreign supplier has the largest share.
    pub fn worst_stage(&self) -> &StageDependence {
        &self.stages[self.worst]
    }

    /// Share of the largest foreign supplier at the worst stage.
    pub fn largest_share(&self) -> f64 {
        self.worst_stage().suppliers.first().map_or(0.0, |(_, share)| *share)
    }
}

/// What a group depends on for one mineral; absent where it buys nothing.
pub fn dependence_on(situation: &Situation<'_>, group: &Group) -> Option<Dependence> {
    let members: dependence::Pick<'_> = &|country| group.has(country);
    let stages: Vec<StageDependence> = situation
        .view
        .stages()
        .iter()
        .filter_map(|&stage| stage_dependence(situation, group, stage))
        .collect();
    // Among the stages at which the group is a buyer of note, the one with the largest foreign supplier.
    let key = |stage: &StageDependence| {
        let largest = stage.suppliers.first().map_or(0.0, |(_, share)| *share);
        (stage.world_share >= SMALLEST_BUYER, largest)
    };
    let worst = (0..stages.len()).max_by(|&a, &b| {
        let (a, b) = (key(&stages[a]), key(&stages[b]));
        a.0.cmp(&b.0).then(a.1.total_cmp(&b.1))
    })?;
    let row = situation.mineral;
    Some(Dependence {
        mineral: row.id.clone(),
        name: row.name.clone(),
        basis: row.basis.clone(),
        worst,
        stages,
        net_import_reliance: dependence::net_import_reliance(&situation.view, members),
        published_reliance: published_reliance(situation, group),
        geopolrisk: geopolrisk::world::compare(situation, group).corrected,
    })
}

fn stage_dependence(situation: &Situation<'_>, group: &Group, stage: Stage) -> Option<StageDependence> {
    let members: dependence::Pick<'_> = &|country| group.has(country);
    let view = &situation.view;
    let bought = dependence::suppliers(view, stage, members);
    let sum: f64 = bought.values().sum();
    let world: f64 = view.flows_at(stage).map(|flow| flow.tonnes).sum();
    if sum <= 0.0 {
        return None;
    }
    let named = bought.iter().filter(|(c, _)| !group.has(**c) && !c.is_aggregate());
    let mut foreign: Vec<(Iso3, f64)> = named.map(|(c, tonnes)| (*c, tonnes / sum)).collect();
    foreign.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    let from_home = bought.iter().filter(|(c, _)| group.has(**c)).map(|(_, tonnes)| tonnes / sum).sum();
    foreign.truncate(NAMED);
    Some(StageDependence {
        stage,
        bought: sum,
        value_usd: mean_price(view, stage).map(|price| price * sum),
        world_share: sum / world,
        from_home,
        diversification: dependence::diversification(view, stage, members),
        net_import_reliance: dependence::stage_reliance(view, stage, members),
        self_sufficiency: dependence::self_sufficiency(view, stage, members),
        trend: foreign.first().map_or_else(Vec::new, |(top, _)| trend(situation, group, stage, *top)),
        grade: situation.purchases_grade(stage, members),
        suppliers: foreign,
    })
}

/// Share of a supplier in the imports that customs record, by year; absent in a year without any.
fn trend(situation: &Situation<'_>, group: &Group, stage: Stage, supplier: Iso3) -> Vec<(i32, Option<f64>)> {
    let (world, mineral) = (situation.world, &situation.mineral.id);
    let years: BTreeSet<i32> =
        world.tables().trade.iter().filter(|row| row.mineral == *mineral).map(|row| row.year).collect();
    let share = |year| {
        let (mut theirs, mut all) = (0.0, 0.0);
        for flow in world.flows(mineral, stage, year) {
            if group.has(flow.importer) && !group.has(flow.exporter) {
                let tonnes = flow.tonnes.unwrap_or(0.0);
                all += tonnes;
                theirs += if flow.exporter == supplier { tonnes } else { 0.0 };
            }
        }
        (all > 0.0).then(|| theirs / all)
    };
    years.into_iter().map(|year| (year, share(year))).collect()
}

/// The published reliance of a single country, that of all forms before that of a stage.
fn published_reliance(situation: &Situation<'_>, group: &Group) -> Option<Published> {
    let &country = group.members.first().filter(|_| group.members.len() == 1)?;
    let rows = published(situation.world, &situation.baseline);
    let own = rows.into_iter().filter(|row| row.iso3 == country);
    let row = own.min_by_key(|row| row.stage.map(std::cmp::Reverse))?;
    Some(Published { percent: row.percent, flag: row.flag, source: row.source.to_string() })
}
