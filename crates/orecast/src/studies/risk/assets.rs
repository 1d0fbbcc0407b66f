//! What a group has: reserves, output that others buy, and projects at home and abroad.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::{
    base::{
        id::{Iso3, MineralId, PartyId},
        unit::{Grade, Range, Stage},
    },
    indicator::{Group, View, share_by_owner, share_by_place},
    register::is_soft,
    studies::situation::Situation,
    world::{
        World,
        choice::Product,
        control::parse_control,
        table::{Force, ObservationRow, ProjectStatus},
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
    /// Stocks at home, the most years of use first.
    pub stocks: Vec<Stock>,
    /// Countries and blocs that it has deals with, the most deals first.
    pub partners: Vec<Partner>,
}

/// Stocks of one mineral, as published.
#[derive(Debug, Clone, Serialize)]
pub struct Stock {
    /// Mineral.
    pub mineral: MineralId,
    /// Stage.
    pub stage: Stage,
    /// Who holds them.
    pub holder: String,
    /// Year of the figure.
    pub year: i32,
    /// Tonnes contained.
    pub tonnes: f64,
    /// The same in years of what the group buys at the stage at which it buys most; absent where it buys nothing.
    pub years_of_use: Option<Range>,
    /// Grade.
    pub grade: Grade,
}

/// A party that the group has deals with.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Partner {
    /// Country or bloc.
    pub party: String,
    /// Deals in the register.
    pub deals: usize,
    /// Of these, those that bind in law.
    pub binding: usize,
    /// Date of the newest.
    pub newest: String,
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
    /// Share of world output made in the group, 0 to 1.
    pub world_share: Range,
    /// Share of world output that the group's owners control, 0 to 1.
    pub world_share_by_owner: Option<Range>,
    /// The largest buyers outside, with their shares of what is sold outside.
    pub buyers: Vec<(Iso3, Range)>,
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

/// Gathers them; `bought` is what the group buys of each mineral at the stage at which it buys most.
pub(super) fn of(
    world: &World,
    group: &Group,
    year: i32,
    mut sales: Vec<Sale>,
    bought: &[(MineralId, Range)],
) -> Assets {
    let mut reserves: Vec<Holding> =
        world.market_minerals().filter_map(|row| holding(world, group, &row.id)).collect();
    reserves.sort_by(|a, b| b.share.total_cmp(&a.share).then(a.mineral.cmp(&b.mineral)));
    sales.sort_by(|a, b| b.world_share.mid.total_cmp(&a.world_share.mid).then(a.mineral.cmp(&b.mineral)));
    Assets {
        reserves,
        sales,
        projects: openings(world, group, year),
        stocks: stocks(world, group, year, bought),
        partners: partners(world, group, year),
    }
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

/// Output of note of one mineral.
pub(super) fn sales(situation: &Situation<'_>, drawn: &[View<'static>], group: &Group) -> Vec<Sale> {
    let stages = situation.view.stages().iter();
    stages.filter_map(|&stage| sale(situation, drawn, group, stage)).collect()
}

fn sale(situation: &Situation<'_>, drawn: &[View<'static>], group: &Group, stage: Stage) -> Option<Sale> {
    let ours = |country: Iso3| group.has(country);
    let made = share_by_place(&situation.view, stage, &ours)?;
    if made < NOTABLE {
        return None;
    }
    let sold = |view: &View<'static>| {
        let mut sold: BTreeMap<Iso3, f64> = BTreeMap::new();
        for flow in view.flows_at(stage).filter(|flow| ours(view.origin(flow)) && !ours(flow.buyer)) {
            *sold.entry(flow.buyer).or_default() += flow.tonnes;
        }
        sold
    };
    let mut buyers: Vec<(Iso3, f64)> = sold(&situation.view).into_iter().collect();
    buyers.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    buyers.truncate(NAMED);
    let share = |buyer: Iso3| {
        let of = |view: &View<'static>| {
            let sold = sold(view);
            Some(sold.get(&buyer).copied().unwrap_or(0.0) / sold.values().sum::<f64>())
        };
        situation.ranged(drawn, of)
    };
    Some(Sale {
        mineral: situation.mineral.id.clone(),
        stage,
        world_share: situation.ranged(drawn, |view| share_by_place(view, stage, &ours))?,
        world_share_by_owner: situation.ranged(drawn, |view| share_by_owner(view, stage, &ours)),
        buyers: buyers.into_iter().filter_map(|(buyer, _)| Some((buyer, share(buyer)?))).collect(),
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

/// The newest figure of each holder, up to the year.
fn stocks(world: &World, group: &Group, year: i32, bought: &[(MineralId, Range)]) -> Vec<Stock> {
    let mut newest: BTreeMap<(&MineralId, Stage, Iso3, &str), &ObservationRow> = BTreeMap::new();
    let own = world.tables().stocks.iter().filter(|row| group.has(row.iso3) && row.year <= year);
    for row in own.filter(|row| row.value.is_some()) {
        let entry = newest.entry((&row.mineral, row.stage, row.iso3, &row.product)).or_insert(row);
        if row.year > entry.year {
            *entry = row;
        }
    }
    let mut list: Vec<Stock> = newest
        .into_values()
        .filter_map(|row| {
            let tonnes = row.value?;
            let bought = bought.iter().find(|(mineral, bought)| *mineral == row.mineral && bought.low > 0.0);
            Some(Stock {
                mineral: row.mineral.clone(),
                stage: row.stage,
                holder: row.product.clone(),
                year: row.year,
                tonnes,
                years_of_use: bought
                    .map(|(_, b)| Range::new(tonnes / b.high, tonnes / b.mid, tonnes / b.low)),
                grade: row.grade,
            })
        })
        .filter(|stock| stock.tonnes > 0.0)
        .collect();
    let key = |stock: &Stock| stock.years_of_use.map_or(0.0, |years| years.mid);
    list.sort_by(|a, b| key(b).total_cmp(&key(a)).then(a.mineral.cmp(&b.mineral)));
    list
}

/// Parties on the other side of the group's deals; deals among its own members are left out.
fn partners(world: &World, group: &Group, year: i32) -> Vec<Partner> {
    let ours = |party: &PartyId| world.party_members(party, year).iter().any(|c| group.has(*c));
    let mut found: BTreeMap<&PartyId, Partner> = BTreeMap::new();
    for deal in &world.tables().agreements {
        let (a, b) = (deal.side_a.iter().any(ours), deal.side_b.iter().any(ours));
        let others = if a { &deal.side_b } else { &deal.side_a };
        for party in others.iter().filter(|party| (a || b) && !ours(party)) {
            let date = deal.date.to_string();
            let partner = found.entry(party).or_insert_with(|| Partner {
                party: party.to_string(),
                deals: 0,
                binding: 0,
                newest: date.clone(),
            });
            partner.deals += 1;
            partner.binding += usize::from(!is_soft(deal.force) && deal.force != Force::Unstated);
            partner.newest = partner.newest.clone().max(date);
        }
    }
    let mut list: Vec<Partner> = found.into_values().collect();
    list.sort_by(|a, b| b.deals.cmp(&a.deals).then(a.party.cmp(&b.party)));
    list
}
