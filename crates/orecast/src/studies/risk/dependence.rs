//! What a group depends on for one mineral, stage by stage, on whom, and how that changed.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::studies::risk::{SMALLEST_BUYER, over_draws};
use crate::{
    base::{
        id::{Iso3, MineralId},
        unit::{Grade, Range, Stage},
    },
    baseline::reliance::published,
    indicator::{
        Group, View, concentration, control,
        dependence::{self, Pick},
        mean_price,
    },
    studies::{scores::geopolrisk, situation::Situation},
    world::table::Flag,
};

/// Foreign suppliers that are named.
const NAMED: usize = 3;

/// What a group depends on for one mineral.
#[derive(Debug, Serialize)]
pub struct Dependence {
    /// Mineral.
    pub mineral: MineralId,
    /// Its name.
    pub name: String,
    /// What a tonne counts.
    pub basis: String,
    /// Stage at which one foreign supplier has the largest share, trickles left out; its place in `stages`.
    pub worst: usize,
    /// Stages at which the group buys.
    pub stages: Vec<StageDependence>,
    /// Net imports over apparent consumption, all forms, of the balanced year; negative for a net exporter.
    pub net_import_reliance: Option<Range>,
    /// The same as published, in percent, where the group is one country that has it: all forms or one.
    pub published_reliance: Vec<Published>,
    /// Corrected `GeoPolRisk` score, 0 to 1.
    pub geopolrisk: Option<Range>,
}

/// A published net import reliance.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Published {
    /// Form that is counted; all when absent.
    pub stage: Option<Stage>,
    /// Percent of apparent consumption; absent for a net exporter.
    pub percent: Option<f64>,
    /// Bound, or net exporter.
    pub flag: Flag,
    /// Source.
    pub source: String,
}

/// What a group buys at one stage, by place of the seller and by who controls it.
#[derive(Debug, Serialize)]
pub struct StageDependence {
    /// Stage.
    pub stage: Stage,
    /// Purchases, tonnes contained a year.
    pub bought: Range,
    /// Purchases at the year's price, USD; absent without a published price.
    pub value_usd: Option<Range>,
    /// Share of the world's purchases, 0 to 1.
    pub world_share: Range,
    /// Share that comes from the group itself, 0 to 1.
    pub from_home: Range,
    /// The largest foreign suppliers with their shares of the purchases, largest first.
    pub suppliers: Vec<(Iso3, Range)>,
    /// The foreign countries whose owners control most of the purchases, with their shares, largest first.
    pub owners: Vec<(Iso3, Range)>,
    /// Number of equal suppliers that would be as concentrated.
    pub diversification: Option<Range>,
    /// The same by country of control.
    pub diversification_by_owner: Option<Range>,
    /// Net imports over apparent consumption of the stage's product.
    pub net_import_reliance: Option<Range>,
    /// Output over purchases.
    pub self_sufficiency: Option<Range>,
    /// Output that the group's owners control, at home and abroad, over purchases.
    pub self_sufficiency_by_owner: Option<Range>,
    /// Concentration of the world's output.
    pub world: Concentration,
    /// Share of the largest foreign supplier in recorded imports from outside, by year of trade.
    pub trend: Vec<(i32, Option<f64>)>,
    /// Grade of the flows that make up two thirds of the purchases.
    pub grade: Option<Grade>,
}

/// How concentrated the world's output of a stage is.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Concentration {
    /// Herfindahl-Hirschman index by place, 0 to 10,000.
    pub hhi: Option<Range>,
    /// The same by country of control.
    pub hhi_by_owner: Option<Range>,
    /// Share of the three countries that make most.
    pub top_three: Option<Range>,
    /// Share of the three countries whose owners control most.
    pub top_three_by_owner: Option<Range>,
}

impl Concentration {
    /// The concentration of a stage's output.
    pub fn of(situation: &Situation<'_>, drawn: &[View<'static>], stage: Stage) -> Self {
        Self {
            hhi: situation.ranged(drawn, |view| concentration::hhi(&view.outputs(stage))),
            hhi_by_owner: situation.ranged(drawn, |view| control::hhi(&control::outputs(view, stage))),
            top_three: situation.ranged(drawn, |view| concentration::top_share(&view.outputs(stage), 3)),
            top_three_by_owner: situation
                .ranged(drawn, |view| control::top_share(&control::outputs(view, stage), 3)),
        }
    }
}

impl Dependence {
    /// The stage at which one foreign supplier has the largest share.
    pub fn worst_stage(&self) -> &StageDependence {
        &self.stages[self.worst]
    }

    /// Share of the largest foreign supplier at the worst stage.
    pub fn largest_share(&self) -> f64 {
        self.worst_stage().suppliers.first().map_or(0.0, |(_, share)| share.mid)
    }

    /// The net import reliance that a row leads with, and as published: that of the worst stage, unless a publisher
    /// counts all forms together. The stage is absent for all forms.
    pub fn reliance(&self) -> (Option<Stage>, Option<Range>, Option<&Published>) {
        let worst = self.worst_stage();
        let published = |stage| self.published_reliance.iter().find(|row| row.stage == stage);
        match (published(Some(worst.stage)), published(None)) {
            (None, Some(all)) => (None, self.net_import_reliance, Some(all)),
            (own, _) => (Some(worst.stage), worst.net_import_reliance, own),
        }
    }
}

/// What a group depends on for one mineral, with ranges from drawn years; absent where it buys nothing.
pub fn dependence_on(
    situation: &Situation<'_>,
    drawn: &[View<'static>],
    group: &Group,
) -> Option<Dependence> {
    let members: Pick<'_> = &|country| group.has(country);
    let stages: Vec<StageDependence> = situation
        .view
        .stages()
        .iter()
        .filter_map(|&stage| stage_dependence(situation, drawn, group, stage))
        .collect();
    // Among the stages at which the group is a buyer of note, the one with the largest foreign supplier.
    let key = |stage: &StageDependence| {
        let largest = stage.suppliers.first().map_or(0.0, |(_, share)| share.mid);
        let of_note = stage.world_share.mid >= SMALLEST_BUYER
            && !dependence::is_trickle(&situation.view, stage.stage, members);
        (of_note, largest)
    };
    let worst = (0..stages.len()).max_by(|&a, &b| {
        let (a, b) = (key(&stages[a]), key(&stages[b]));
        a.0.cmp(&b.0).then(a.1.total_cmp(&b.1))
    })?;
    let row = situation.mineral;
    let scored = geopolrisk::Scored::new(situation, group);
    Some(Dependence {
        mineral: row.id.clone(),
        name: row.name.clone(),
        basis: row.basis.clone(),
        worst,
        stages,
        net_import_reliance: situation.ranged(drawn, |view| dependence::net_import_reliance(view, members)),
        published_reliance: published_reliance(situation, group),
        geopolrisk: situation.ranged(drawn, |view| scored.highest(view)),
    })
}

/// Shares of a stage's purchases that come from foreign countries by place, largest first.
pub(super) fn foreign(view: &View<'_>, stage: Stage, group: &Group) -> Vec<(Iso3, f64)> {
    let bought = dependence::suppliers(view, stage, &|country| group.has(country));
    largest_foreign(bought.into_iter().collect(), group)
}

/// The same by country of control.
fn foreign_owners(view: &View<'_>, stage: Stage, group: &Group) -> Vec<(Iso3, f64)> {
    largest_foreign(control::suppliers(view, stage, &|country| group.has(country)), group)
}

fn largest_foreign(bought: Vec<(Iso3, f64)>, group: &Group) -> Vec<(Iso3, f64)> {
    let sum: f64 = bought.iter().map(|(_, tonnes)| tonnes).sum();
    let named = bought.into_iter().filter(|(c, _)| !group.has(*c) && !c.is_aggregate());
    let mut list: Vec<(Iso3, f64)> = named.map(|(c, tonnes)| (c, tonnes / sum)).collect();
    list.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    list
}

fn stage_dependence(
    situation: &Situation<'_>,
    drawn: &[View<'static>],
    group: &Group,
    stage: Stage,
) -> Option<StageDependence> {
    let members: Pick<'_> = &|country| group.has(country);
    let bought = |view: &View<'static>| -> f64 {
        view.flows_at(stage).filter(|flow| members(flow.buyer)).map(|flow| flow.tonnes).sum()
    };
    let world = |view: &View<'static>| -> f64 { view.flows_at(stage).map(|flow| flow.tonnes).sum() };
    if bought(&situation.view) <= 0.0 {
        return None;
    }
    let ranged = |indicator: &dyn Fn(&View<'static>) -> Option<f64>| situation.ranged(drawn, indicator);
    let home = |view: &View<'static>| {
        let own = view.flows_at(stage).filter(|flow| members(flow.buyer) && members(view.origin(flow)));
        Some(own.map(|flow| flow.tonnes).sum::<f64>() / bought(view))
    };
    // Those that are largest in the balanced year, with their shares in every drawn one.
    let shares = |of: fn(&View<'_>, Stage, &Group) -> Vec<(Iso3, f64)>| -> Vec<(Iso3, Range)> {
        let years: Vec<Vec<(Iso3, f64)>> =
            std::iter::once(&situation.view).chain(drawn).map(|view| of(view, stage, group)).collect();
        let share = |year: &Vec<(Iso3, f64)>, who: Iso3| {
            year.iter().find(|(country, _)| *country == who).map_or(0.0, |(_, share)| *share)
        };
        let named = years[0].iter().take(NAMED);
        named.filter_map(|(who, _)| Some((*who, over_draws(&years, |year| share(year, *who))?))).collect()
    };
    let suppliers = shares(foreign);
    Some(StageDependence {
        stage,
        bought: ranged(&|view| Some(bought(view)))?,
        value_usd: ranged(&|view| Some(mean_price(view, stage)? * bought(view))),
        world_share: ranged(&|view| Some(bought(view) / world(view)))?,
        from_home: ranged(&home)?,
        owners: shares(foreign_owners),
        diversification: ranged(&|view| dependence::diversification(view, stage, members)),
        diversification_by_owner: ranged(&|view| control::diversification(view, stage, members)),
        net_import_reliance: ranged(&|view| dependence::stage_reliance(view, stage, members)),
        self_sufficiency: ranged(&|view| dependence::self_sufficiency(view, stage, members)),
        self_sufficiency_by_owner: ranged(&|view| control::self_sufficiency(view, stage, members)),
        world: Concentration::of(situation, drawn, stage),
        trend: suppliers.first().map_or_else(Vec::new, |(top, _)| trend(situation, group, stage, *top)),
        grade: situation.purchases_grade(stage, members),
        suppliers,
    })
}

/// Share of a supplier in the imports that customs record, by year; absent in a year without any.
fn trend(situation: &Situation<'_>, group: &Group, stage: Stage, supplier: Iso3) -> Vec<(i32, Option<f64>)> {
    let (world, mineral) = (situation.world, &situation.mineral.id);
    let own: BTreeSet<i32> = world.trade_of(mineral).iter().map(|row| row.year).collect();
    let years = world.trade_years().into_iter().filter(|year| own.contains(year));
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
    years.map(|year| (year, share(year))).collect()
}

/// The published reliances of a single country.
fn published_reliance(situation: &Situation<'_>, group: &Group) -> Vec<Published> {
    let Some(&country) = group.members.first().filter(|_| group.members.len() == 1) else {
        return Vec::new();
    };
    let rows = published(situation.world, &situation.baseline);
    rows.into_iter()
        .filter(|row| row.iso3 == country)
        .map(|row| Published {
            stage: row.stage,
            percent: row.percent,
            flag: row.flag,
            source: row.source.to_string(),
        })
        .collect()
}
