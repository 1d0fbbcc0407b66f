//! How exposed a country or group is: what it depends on, at which stage, on whom, how that changes, and what it has.
//!
//! Levels are those of one balanced year of observations; their ranges hold 9 in 10 other readings of the same figures
//! within their doubt. Each carries the grade of the figures behind it: A published, B derived, C assumed.

mod assets;
mod stops;

use std::collections::BTreeSet;

use rayon::prelude::*;
use serde::Serialize;

pub use assets::{Assets, Holding, Opening, Partner, Sale, Stock};
pub use stops::{Stop, Stops, stops};

use crate::{
    baseline::{comparison::Without, reliance::published},
    ensemble::range_of,
    id::{BlocId, Iso3, MineralId},
    indicator::{
        Group, Sampling, Situation, View, concentration, control,
        dependence::{self, Pick},
        fragmentation, geopolrisk, mean_price,
    },
    unit::{Grade, Range},
    world::{
        World,
        table::{Flag, Stage},
    },
};

/// Share of the world's purchases of a stage's product below which a group buys too little to be ranked.
pub const SMALLEST_BUYER: f64 = 0.001;
/// Share of a group's purchases from which one foreign supplier counts as having most of them.
pub const MOST: f64 = 0.5;
/// Foreign suppliers that are named.
const NAMED: usize = 3;

/// Everything the page says.
#[derive(Debug, Serialize)]
pub struct Page {
    /// Whom it is about.
    pub group: Group,
    /// Balanced year.
    pub year: i32,
    /// Readings of the observations behind each range of levels.
    pub sampling: Sampling,
    /// What the group depends on, the largest foreign supplier's share first.
    pub dependences: Vec<Dependence>,
    /// How many of these it buys for more than half from one foreign country.
    pub leaning: Range,
    /// Minerals of which it buys too little to be ranked.
    pub small: Vec<MineralId>,
    /// What the stop of an exporter would cost it; empty where nobody asked.
    pub stops: Stops,
    /// What it has.
    pub assets: Assets,
    /// Larger blocs that it or all its members belong to, and how far the world trades across their lines.
    pub blocs: Vec<Fragmentation>,
    /// Minerals without a balanced year, with the reason.
    pub without: Vec<Without>,
}

/// How far the world's trade stays on one side of the line between a bloc and everyone else: all minerals with a price,
/// by value.
#[derive(Debug, Serialize)]
pub struct Fragmentation {
    /// Bloc.
    pub bloc: BlocId,
    /// Share of cross-border trade on one side, sellers by place, 0 to 1.
    pub trade_inside: Option<Range>,
    /// The same, sellers by country of control.
    pub trade_inside_by_owner: Option<Range>,
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

/// Gathers the page of a group for a year.
pub fn page(world: &World, group: &Group, year: i32, sampling: Sampling) -> Page {
    let (situations, without) = Situation::all(world, year, std::slice::from_ref(group));
    let page = page_of(world, group, year, &situations, without, sampling);
    Page { stops: stops(world, group, year, &[], sampling), ..page }
}

/// What one mineral adds to a page.
struct Part {
    dependence: Option<Dependence>,
    /// Whether one foreign country has most of the purchases, in each drawn year.
    leaning: Vec<bool>,
    sales: Vec<assets::Sale>,
    /// Cross-border trade by bloc, in the balanced year and in each drawn one.
    trade: Vec<Vec<Crossing>>,
}

/// The page from minerals that are balanced already, with the group's members kept separate.
pub fn page_of(
    world: &World,
    group: &Group,
    year: i32,
    situations: &[Situation<'_>],
    without: Vec<Without>,
    sampling: Sampling,
) -> Page {
    let names: BTreeSet<&BlocId> = world.tables().blocs.iter().map(|row| &row.bloc).collect();
    let blocs: Vec<(&BlocId, BTreeSet<Iso3>)> = names
        .into_iter()
        .map(|bloc| (bloc, world.bloc_members(bloc, year).into_iter().collect::<BTreeSet<Iso3>>()))
        .filter(|(_, members)| members.len() > 1 && group.members.is_subset(members))
        .collect();
    let part = |situation: &Situation<'_>| {
        let drawn = situation.drawn(sampling);
        let dependence = dependence_on(situation, &drawn, group);
        let most = |view: &View<'static>| {
            let stage = dependence.as_ref()?.worst_stage().stage;
            let largest = foreign(view, stage, group).first().map(|(_, share)| *share);
            Some(largest.is_some_and(|share| share > MOST))
        };
        let trade = |(_, members): &(&BlocId, BTreeSet<Iso3>)| {
            let years = std::iter::once(&situation.view).chain(&drawn);
            years.map(|view| Crossing::of(view, &|c| members.contains(&c))).collect()
        };
        Part {
            leaning: drawn.iter().filter_map(most).collect(),
            sales: assets::sales(situation, &drawn, group),
            trade: blocs.iter().map(trade).collect(),
            dependence,
        }
    };
    let parts: Vec<Part> = situations.par_iter().map(part).collect();
    let fragmentation = |(place, (bloc, _)): (usize, &(&BlocId, BTreeSet<Iso3>))| {
        let years = |year: usize| parts.iter().filter_map(move |part| part.trade[place].get(year));
        let shares: Vec<Crossing> = (0..=sampling.draws).map(|year| years(year).sum()).collect();
        Fragmentation {
            bloc: (*bloc).clone(),
            trade_inside: over_draws(&shares, |c| c.inside / c.all),
            trade_inside_by_owner: over_draws(&shares, |c| c.inside_by_owner / c.all),
        }
    };
    let blocs = blocs.iter().enumerate().map(fragmentation).collect();
    let is_small = |dependence: &Dependence| {
        dependence.stages.iter().all(|stage| stage.world_share.mid < SMALLEST_BUYER)
    };
    let (mut all, mut small, mut sales, mut bought) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut leaning = vec![0.0; sampling.draws];
    for part in parts {
        sales.extend(part.sales);
        let Some(dependence) = part.dependence else { continue };
        let most = dependence.stages.iter().map(|stage| stage.bought).max_by(|a, b| a.mid.total_cmp(&b.mid));
        bought.extend(most.map(|most| (dependence.mineral.clone(), most)));
        if is_small(&dependence) {
            small.push(dependence.mineral);
            continue;
        }
        leaning.iter_mut().zip(&part.leaning).for_each(|(sum, most)| *sum += f64::from(u8::from(*most)));
        all.push(dependence);
    }
    all.sort_by(|a, b| b.largest_share().total_cmp(&a.largest_share()).then(a.mineral.cmp(&b.mineral)));
    let count = all.iter().filter(|dependence| dependence.largest_share() > MOST).count() as f64;
    leaning.insert(0, count);
    Page {
        group: group.clone(),
        year,
        sampling,
        leaning: over_draws(&leaning, |count| *count).unwrap_or(Range::exact(count)),
        dependences: all,
        small,
        stops: Stops::default(),
        assets: assets::of(world, group, year, sales, &bought),
        blocs,
        without,
    }
}

/// The first value with the ends that hold 9 in 10 of the others and it.
fn over_draws<T>(years: &[T], value: impl Fn(&T) -> f64) -> Option<Range> {
    let (first, others) = years.split_first()?;
    let mid = value(first);
    let range = range_of(others.iter().map(value));
    let ends = if others.is_empty() { Range::exact(mid) } else { range };
    mid.is_finite().then(|| Range::new(ends.low.min(mid), mid, ends.high.max(mid)))
}

/// Cross-border trade of one mineral, USD a year.
#[derive(Debug, Clone, Copy, Default)]
struct Crossing {
    all: f64,
    inside: f64,
    inside_by_owner: f64,
}

impl Crossing {
    /// Of the stages with a price.
    fn of(view: &View<'_>, bloc: Pick<'_>) -> Self {
        let stage = |&stage: &Stage| {
            let crossing = view.flows_at(stage).filter(|flow| view.origin(flow) != flow.buyer);
            let all = mean_price(view, stage)? * crossing.map(|flow| flow.tonnes).sum::<f64>();
            let inside = all * fragmentation::trade_inside(view, stage, bloc)?;
            Some(Self { all, inside, inside_by_owner: all * control::trade_inside(view, stage, bloc)? })
        };
        view.stages().iter().filter_map(stage).sum()
    }
}

impl std::iter::Sum for Crossing {
    fn sum<I: Iterator<Item = Self>>(parts: I) -> Self {
        parts.fold(Self::default(), |a, b| Self {
            all: a.all + b.all,
            inside: a.inside + b.inside,
            inside_by_owner: a.inside_by_owner + b.inside_by_owner,
        })
    }
}

impl<'a> std::iter::Sum<&'a Self> for Crossing {
    fn sum<I: Iterator<Item = &'a Self>>(parts: I) -> Self {
        parts.copied().sum()
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
    let scored = geopolrisk::world::Scored::new(situation, group);
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
fn foreign(view: &View<'_>, stage: Stage, group: &Group) -> Vec<(Iso3, f64)> {
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
    let own: BTreeSet<i32> =
        world.tables().trade.iter().filter(|row| row.mineral == *mineral).map(|row| row.year).collect();
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
