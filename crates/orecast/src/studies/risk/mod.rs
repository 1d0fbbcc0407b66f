//! How exposed a country or group is: what it depends on, at which stage, on whom, how that changes, and what it has.
//!
//! Levels are those of one balanced year of observations; their ranges hold 9 in 10 other readings of the same figures
//! within their doubt. Each carries the grade of the figures behind it: A published, B derived, C assumed.

mod assets;
mod dependence;
mod stops;

use std::collections::BTreeSet;

use rayon::prelude::*;
use serde::Serialize;

pub use assets::{Assets, Holding, Opening, Partner, Sale, Stock};
pub use dependence::{Concentration, Dependence, Published, StageDependence, dependence_on};
pub use stops::{Stop, Stops, stops};

use crate::{
    base::{
        id::{BlocId, Iso3, MineralId},
        unit::{Range, Stage},
    },
    baseline::comparison::Without,
    ensemble::{quantile, range_of},
    indicator::{Group, View, control, dependence::Pick, fragmentation, mean_price},
    studies::situation::{Sampling, Situation},
    world::World,
};

/// Share of the world's purchases of a stage's product below which a group buys too little to be ranked.
pub const SMALLEST_BUYER: f64 = 0.001;
/// Share of a group's purchases from which one foreign supplier counts as having most of them.
pub const MOST: f64 = 0.5;

/// Everything the page says.
#[derive(Debug, Serialize)]
pub struct RiskReport {
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
    /// Customs value of imports a tonne outside the bloc over inside, less 1: the median of the minerals and stages, and the
    /// ends that hold half of them.
    pub customs_gap: Option<Range>,
}

/// Gathers the page of a group for a year.
pub fn page(world: &World, group: &Group, year: i32, sampling: Sampling) -> RiskReport {
    let (situations, without) = Situation::all(world, year, std::slice::from_ref(group));
    let page = page_of(world, group, year, &situations, without, sampling);
    let mut stops = stops(world, std::slice::from_ref(group), year, &situations, &[], sampling);
    RiskReport { stops: stops.pop().unwrap_or_default(), ..page }
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
) -> RiskReport {
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
            let largest = dependence::foreign(view, stage, group).first().map(|(_, share)| *share);
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
    let fragmentation = |(place, (bloc, members)): (usize, &(&BlocId, BTreeSet<Iso3>))| {
        let stages = situations
            .iter()
            .flat_map(|situation| situation.view.stages().iter().map(move |stage| (situation, *stage)));
        let gap = |(situation, stage): (&Situation<'_>, Stage)| {
            fragmentation::customs_gap(world, &situation.mineral.id, stage, year, &|c| members.contains(&c))
        };
        let mut gaps: Vec<f64> = stages.filter_map(gap).collect();
        gaps.sort_by(f64::total_cmp);
        let at = |q: f64| quantile(&gaps, q);
        let years = |year: usize| parts.iter().filter_map(move |part| part.trade[place].get(year));
        let shares: Vec<Crossing> = (0..=sampling.draws).map(|year| years(year).sum()).collect();
        Fragmentation {
            bloc: (*bloc).clone(),
            trade_inside: over_draws(&shares, |c| c.inside / c.all),
            trade_inside_by_owner: over_draws(&shares, |c| c.inside_by_owner / c.all),
            customs_gap: (!gaps.is_empty()).then(|| Range::new(at(0.25), at(0.5), at(0.75))),
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
    RiskReport {
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
