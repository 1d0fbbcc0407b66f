//! What a group has: reserves, output that others buy, and projects at home and abroad.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::{
    id::{Iso3, MineralId},
    indicator::{Group, Situation, share_by_place},
    unit::Grade,
    world::{
        World,
        choice::Product,
        control::parse_control,
        table::{ProjectStatus, Stage},
    },
};

/// Share of the world from which reserves and output are listed.
const NOTABLE: f64 = 0.03;
/// Buyers that are named.
const NAMED: usize = 3;

/// What a group has.
#[derive(Debug, Serialize)]
pub struct Assets {
    /// Reserves of note, largest share first.
    pub reserves: Vec<Holding>,
    /// Output of note and who outside the group buys it, largest share first.
    pub sales: Vec<Sale>,
    /// Projects that may add output, most projects first.
    pub projects: Vec<Opening>,
}

/// Reserves of one mineral.
#[derive(Debug, Serialize)]
pub struct Holding {
    /// Mineral.
    pub mineral: MineralId,
    /// Year of the figure.
    pub year: i32,
    /// Tonnes contained.
    pub tonnes: f64,
    /// Share of the published world total, else of the sum of countries, 0 to 1.
    pub share: f64,
    /// The worst grade among the members' figures.
    pub grade: Grade,
}

/// Output of one stage.
#[derive(Debug, Serialize)]
pub struct Sale {
    /// Mineral.
    pub mineral: MineralId,
    /// Stage.
    pub stage: Stage,
    /// Share of world output, 0 to 1.
    pub world_share: f64,
    /// The largest buyers outside, with their shares of what is sold outside.
    pub buyers: Vec<(Iso3, f64)>,
    /// Grade of the outputs that make up two thirds of the world's.
    pub grade: Option<Grade>,
}

/// Projects of one mineral.
#[derive(Debug, PartialEq, Serialize)]
pub struct Opening {
    /// Mineral.
    pub mineral: MineralId,
    /// Projects in the group that may add output.
    pub at_home: usize,
    /// Of these, those with money in hand or further.
    pub decided: usize,
    /// Of these, those controlled for the larger part from outside the group.
    pub foreign_controlled: usize,
    /// Projects elsewhere that are controlled for the larger part from the group.
    pub abroad: usize,
}

pub(super) fn of(world: &World, group: &Group, year: i32, situations: &[Situation<'_>]) -> Assets {
    let mut reserves: Vec<Holding> =
        world.market_minerals().filter_map(|row| holding(world, group, &row.id)).collect();
    reserves.sort_by(|a, b| b.share.total_cmp(&a.share).then(a.mineral.cmp(&b.mineral)));
    let mut sales: Vec<Sale> = situations
        .iter()
        .flat_map(|situation| {
            situation.view.stages().iter().filter_map(|&stage| sale(situation, group, stage))
        })
        .collect();
    sales.sort_by(|a, b| b.world_share.total_cmp(&a.world_share).then(a.mineral.cmp(&b.mineral)));
    Assets { reserves, sales, projects: openings(world, group, year) }
}

fn holding(world: &World, group: &Group, mineral: &MineralId) -> Option<Holding> {
    let table = &world.tables().reserves;
    let of_mineral = table.iter().filter(|row| row.mineral == *mineral);
    let own = of_mineral.filter(|row| group.has(row.iso3) && row.value.is_some());
    let year = own.map(|row| row.year).max()?;
    let chosen = world.chosen(table, mineral, Stage::Mine, year, Product::Usual);
    let members: Vec<_> = chosen.iter().filter(|(iso3, _)| group.has(**iso3)).map(|(_, row)| row).collect();
    let tonnes: f64 = members.iter().filter_map(|row| row.value).sum();
    let parts = chosen.iter().filter(|(iso3, _)| **iso3 != Iso3::WORLD).filter_map(|(_, row)| row.value);
    let sum: f64 = parts.sum();
    // A published total that is a lower bound may be below the sum of what countries report.
    let total = chosen.get(&Iso3::WORLD).and_then(|row| row.value).map_or(sum, |total| total.max(sum));
    let share = if total > 0.0 { tonnes / total } else { 0.0 };
    let grade = members.iter().map(|row| row.grade).max()?;
    (share >= NOTABLE).then(|| Holding { mineral: mineral.clone(), year, tonnes, share, grade })
}

fn sale(situation: &Situation<'_>, group: &Group, stage: Stage) -> Option<Sale> {
    let view = &situation.view;
    let world_share = share_by_place(view, stage, &|country| group.has(country))?;
    let mut sold: BTreeMap<Iso3, f64> = BTreeMap::new();
    for flow in view.flows_at(stage).filter(|flow| group.has(view.origin(flow)) && !group.has(flow.buyer)) {
        *sold.entry(flow.buyer).or_default() += flow.tonnes;
    }
    let sum: f64 = sold.values().sum();
    let mut buyers: Vec<(Iso3, f64)> =
        sold.into_iter().map(|(buyer, tonnes)| (buyer, tonnes / sum)).collect();
    buyers.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    buyers.truncate(NAMED);
    (world_share >= NOTABLE).then(|| Sale {
        mineral: situation.mineral.id.clone(),
        stage,
        world_share,
        buyers,
        grade: situation.output_grade(stage),
    })
}

fn openings(world: &World, group: &Group, year: i32) -> Vec<Opening> {
    let mut by_mineral: BTreeMap<&MineralId, Opening> = BTreeMap::new();
    let pending = world.tables().projects.iter().filter(|row| {
        let over = matches!(row.status, ProjectStatus::Lapsed | ProjectStatus::Suspended);
        row.counts && !over && row.start_high.is_none_or(|start| start >= year)
    });
    for row in pending {
        let control = parse_control(&row.control).unwrap_or_default();
        let sum = |inside: bool| -> f64 {
            control.iter().filter(|(c, _)| group.has(*c) == inside).map(|(_, share)| share.0).sum()
        };
        let (home, ours, theirs) = (group.has(row.iso3), sum(true) > 0.5, sum(false) > 0.5);
        if !home && !ours {
            continue;
        }
        let nothing = || Opening {
            mineral: row.mineral.clone(),
            at_home: 0,
            decided: 0,
            foreign_controlled: 0,
            abroad: 0,
        };
        let opening = by_mineral.entry(&row.mineral).or_insert_with(nothing);
        if home {
            opening.at_home += 1;
            opening.decided += usize::from(row.status >= ProjectStatus::Financed);
            opening.foreign_controlled += usize::from(theirs);
        } else {
            opening.abroad += 1;
        }
    }
    let mut list: Vec<Opening> = by_mineral.into_values().collect();
    list.sort_by(|a, b| (b.at_home + b.abroad).cmp(&(a.at_home + a.abroad)).then(a.mineral.cmp(&b.mineral)));
    list
}
