//! What is expected of supply before prices move: named projects at their probabilities, additions that no project names, and
//! secondary feed; and how running capacity follows the demand that these leave.

use std::collections::BTreeMap;

use super::{
    chain::{Chain, ProjectSite},
    drivers::{Driver, Drivers},
    project::ramp,
};
use crate::{
    base::{id::Iso3, unit::Stage},
    market::{Feed, curve::supply},
    params::Params,
    pathway::calibrate::SCRAP,
    world::World,
};

/// What is expected of one stage, by years since the base year (which is the first entry).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reference {
    /// Output in the base year, tonnes.
    pub output: f64,
    /// Secondary output in the base year, tonnes.
    pub scrap: f64,
    /// Share that comes from mines of its own, which run down.
    pub mined: f64,
    /// What named projects add, tonnes: middle increment at the middle date, ramped, times the probability of the status.
    pub named: Vec<f64>,
    /// What is added beyond named projects, tonnes, times the share that is expected to come.
    pub unnamed: Vec<f64>,
    /// World use over the base year's in the middle of the scenario.
    pub index: Vec<f64>,
    /// Growth of running capacity in each year over the year before, with all drivers at work.
    pub growth: Vec<f64>,
}

impl Reference {
    /// The expectations of each stage of a chain whose nodes, projects and demand are set, at the middles of the parameters.
    pub(crate) fn by_stage(chain: &Chain, mid: &Params<f64>) -> BTreeMap<Stage, Self> {
        let first = chain.base.baseline.year;
        let last = chain.demand.keys().next_back().copied().unwrap_or(first);
        let index: Vec<f64> =
            (first..=last).map(|year| chain.demand.get(&year).map_or(1.0, |range| range.mid)).collect();
        let mut stages: BTreeMap<Stage, Self> = BTreeMap::new();
        for (i, node) in chain.base.market.nodes.iter().enumerate() {
            let stage = stages.entry(node.stage).or_insert_with(|| Self {
                named: vec![0.0; index.len()],
                unnamed: vec![0.0; index.len()],
                index: index.clone(),
                ..Self::default()
            });
            let scrap: f64 = node
                .tranches
                .iter()
                .filter(|t| t.id == SCRAP)
                .map(|t| supply(t.capacity, t.drive, 1.0, 1.0, 1.0).value)
                .sum();
            stage.output += chain.base_output[i] + scrap;
            stage.scrap += scrap;
            if node.tranches.iter().any(|t| t.feed == Feed::Ground) {
                stage.mined = chain.own_share();
            }
            for (sum, extra) in stage.unnamed.iter_mut().zip(&chain.unnamed[i]) {
                *sum += mid.unnamed_share * extra;
            }
        }
        for site in &chain.sites {
            for (node, _) in [site.mine, site.refine].into_iter().flatten() {
                let Some(stage) = stages.get_mut(&chain.base.market.nodes[node].stage) else { continue };
                for (sum, year) in stage.named.iter_mut().zip(first..=last).skip(1) {
                    *sum += risked(site, mid, year);
                }
            }
        }
        for stage in stages.values_mut() {
            stage.growth = stage.running(Drivers::ALL, mid);
        }
        stages
    }

    /// Growth of running capacity, year by year: what meets the scenario's middle demand at unchanged prices beside all
    /// else, but never a faster decline than running mines have by themselves. What is added thus first replaces what runs
    /// down.
    pub fn running(&self, drivers: Drivers, mid: &Params<f64>) -> Vec<f64> {
        let if_on = |driver: Driver, value: f64| if drivers.has(driver) { value } else { 0.0 };
        let decline = self.mined * if_on(Driver::Depletion, mid.depletion);
        let collected = if_on(Driver::Recycling, mid.secondary_growth);
        let mut before = self.output - self.scrap;
        let mut growth = vec![0.0];
        for k in 1..self.index.len() {
            let index = 1.0 + if_on(Driver::Demand, self.index[k] - 1.0);
            let scrap = self.scrap
                * if drivers.has(Driver::Recycling) {
                    secondary(k, index, collected, mid.scrap_growth)
                } else {
                    1.0
                };
            let wanted = self.output * index;
            let added = if_on(Driver::Named, self.named[k]) + if_on(Driver::Unnamed, self.unnamed[k]) + scrap;
            let now = (before * (1.0 - decline)).max(wanted - added);
            growth.push(if before > 0.0 { now / before - 1.0 } else { 0.0 });
            before = now;
        }
        growth
    }
}

/// Secondary feed some years after the base year over the base year's: it follows use, but no faster than the use of years
/// ago from which scrap comes back grew a year (`past`), and grows with collection (`collected`) besides.
pub(super) fn secondary(years: usize, index: f64, collected: f64, past: f64) -> f64 {
    let years = years as f64;
    index.min((1.0 + past).powf(years)) * (1.0 + collected).powf(years)
}

/// What a project is expected to add in a year as things stand, tonnes.
pub(crate) fn risked(site: &ProjectSite, mid: &Params<f64>, year: i32) -> f64 {
    expected(site, site.probability_at_its_price(mid), mid, year)
}

/// What a project adds in a year at its middle size and date when it materialises with a probability, tonnes.
fn expected(site: &ProjectSite, probability: f64, mid: &Params<f64>, year: i32) -> f64 {
    let project = &site.project;
    let ramp_years = project.timetable.as_ref().map_or(mid.ramp_years, |like| like.lead_time.ramp.median());
    let running = ramp(f64::from(year) + 0.5 - project.start.mid, ramp_years);
    probability * project.increment.mid * running
}

/// What is added beyond the named projects at their probabilities, by node and years since the base year, tonnes: what an agency's base
/// case has each country add, less what its projects are expected to.
pub(super) fn unnamed(chain: &Chain, mid: &Params<f64>) -> Vec<Vec<f64>> {
    let first = chain.base.baseline.year;
    let nodes = chain.agency.iter().enumerate();
    nodes
        .map(|(i, agency)| {
            let sites = chain.sites.iter().filter(|s| [s.mine, s.refine].iter().flatten().any(|p| p.0 == i));
            let sites: Vec<_> = sites.collect();
            let named = |year: i32| -> f64 {
                sites.iter().map(|site| expected(site, site.probability(mid), mid, year)).sum()
            };
            agency.iter().zip(first..).map(|(all, year)| (all - named(year)).max(0.0)).collect()
        })
        .collect()
}

/// What an agency's base case has each country add since the base year, by node and years since the base year, tonnes. Nothing for
/// country groups, for countries without output in the base year, and for those whose exports of the mineral are under a quota. The
/// agency's growth is applied as a ratio, so that what it counts (magnet metals, battery grade) need not be what the market counts.
pub(super) fn agency_growth(world: &World, chain: &Chain) -> Vec<Vec<f64>> {
    let first = chain.base.baseline.year;
    let last = chain.demand.keys().next_back().copied().unwrap_or(first);
    let nodes = chain.base.market.nodes.iter().enumerate();
    nodes
        .map(|(i, node)| {
            let ratio = outlook(world, chain, node.stage, node.country);
            let base = chain.base_output[i];
            if ratio.is_empty() || base <= 0.0 || has_quota(world, chain, node.country) {
                return Vec::new();
            }
            let extra = |year| if year == first { 0.0 } else { base * (interpolate(&ratio, year) - 1.0) };
            (first..=last).map(extra).collect()
        })
        .collect()
}

/// Output that an agency expects of a country over its output in the base year, by year; empty where it has none.
fn outlook(world: &World, chain: &Chain, stage: Stage, country: Iso3) -> BTreeMap<i32, f64> {
    let rows = world.outlook(&chain.base.mineral).iter().filter(|r| r.stage == stage && r.iso3 == country);
    let values: BTreeMap<i32, f64> = rows.map(|row| (row.year, row.value)).collect();
    let Some(&base) = values.get(&chain.base.baseline.year).filter(|_| !country.is_aggregate()) else {
        return BTreeMap::new();
    };
    if base <= 0.0 {
        return BTreeMap::new();
    }
    values.into_iter().map(|(year, value)| (year, value / base)).collect()
}

/// A value between the years given; the nearest beyond them.
fn interpolate(points: &BTreeMap<i32, f64>, year: i32) -> f64 {
    let before = points.range(..=year).next_back();
    let after = points.range(year..).next();
    match (before, after) {
        (Some((&from, a)), Some((&to, b))) if from < to => {
            a + (b - a) * f64::from(year - from) / f64::from(to - from)
        }
        (Some((_, value)), _) | (None, Some((_, value))) => *value,
        (None, None) => 1.0,
    }
}

/// Whether a country holds its exports of the mineral under a quota that still runs after the base year.
fn has_quota(world: &World, chain: &Chain, country: Iso3) -> bool {
    let after = format!("{}-12-31", chain.base.baseline.year);
    world.tables().restrictions.iter().any(|row| {
        row.exporter == country
            && row.mineral == chain.base.mineral
            && row.measure == "quota"
            && !row.scrap_only
            && (row.to.is_empty() || row.to > after)
    })
}
