//! Published net import reliance and import sources, as observations of a baseline and as a check on it.

use std::collections::{BTreeMap, BTreeSet};

use super::{Baseline, Evidence, Quantity, balance::Row, observed::Prior};
use crate::{
    id::Iso3,
    unit::Grade,
    world::{
        World,
        table::{Flag, ImportRelianceRow, Stage},
    },
};

/// Softness of a published reliance: a standard deviation of three points of consumption.
const POINTS: f64 = 0.03;
/// How far inside a published bound the balance is pulled when it starts outside.
const INSIDE: f64 = 0.03;
/// Doubt of a published four-year mean share of imports.
const SOURCE_SIGMA: f64 = 0.25;

/// Net imports and supply of a country, counted over the forms that a reliance is defined for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Dependence {
    /// Imports less exports, tonnes contained.
    pub net_imports: f64,
    /// Output from mines and scrap (all forms) or from the stage itself, tonnes contained.
    pub production: f64,
}

impl Dependence {
    /// Net imports over apparent consumption; absent when nothing is consumed.
    pub fn reliance(self) -> Option<f64> {
        let consumption = self.net_imports + self.production;
        (consumption > 0.0).then(|| self.net_imports / consumption)
    }
}

/// What a reliance counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scope {
    /// The form counted; all when absent.
    pub stage: Option<Stage>,
    /// Whether output from scrap counts as production when all forms are counted.
    pub secondary: bool,
}

impl Scope {
    /// All forms, scrap included.
    pub const ALL: Self = Self { stage: None, secondary: true };

    /// What a published row counts. A reliance of 100 % counts no secondary output, which exists almost everywhere.
    pub fn of(row: &ImportRelianceRow) -> Self {
        let whole = row.flag != Flag::AtLeast && row.percent.is_some_and(|p| p >= 100.0);
        Self { stage: row.stage, secondary: !whole }
    }
}

/// Coefficients of one quantity in net imports and in production.
///
/// Counting all forms, production is what the country mines and what it makes from scrap; counting one stage, it is
/// that stage's output (USGS, Mineral Commodity Summaries, definitions with each chapter).
fn coefficients(quantity: Quantity, country: Iso3, scope: Scope, one_stage: bool) -> (f64, f64) {
    let stage = scope.stage;
    let trade = |from: Iso3, to: Iso3| f64::from(i8::from(to == country) - i8::from(from == country));
    let at = |c: Iso3, counts: bool| if c == country && counts { 1.0 } else { 0.0 };
    match quantity {
        Quantity::OreFlow(from, to) if stage != Some(Stage::Refine) => (trade(from, to), 0.0),
        Quantity::ProductFlow(from, to) if one_stage || stage != Some(Stage::Mine) => (trade(from, to), 0.0),
        Quantity::Mined(c) => (0.0, at(c, one_stage || stage != Some(Stage::Refine))),
        Quantity::Scrap(c) => (0.0, at(c, stage.is_none() && scope.secondary)),
        Quantity::Refined(c) => (0.0, at(c, one_stage || stage == Some(Stage::Refine))),
        _ => (0.0, 0.0),
    }
}

impl Baseline {
    /// A country's dependence.
    pub fn dependence(&self, country: Iso3, scope: Scope) -> Dependence {
        let mut sum = Dependence { net_imports: 0.0, production: 0.0 };
        for entry in &self.entries {
            let (imports, production) = coefficients(entry.quantity, country, scope, !self.two_stages);
            sum.net_imports += imports * entry.value;
            sum.production += production * entry.value;
        }
        sum
    }
}

/// The published reliances that a baseline is compared with: the base year's, one for each form counted.
pub fn published<'w>(world: &'w World, baseline: &Baseline) -> Vec<&'w ImportRelianceRow> {
    let mut rows: Vec<&ImportRelianceRow> = Vec::new();
    for row in world.import_reliance(&baseline.mineral) {
        let usable = row.percent.is_some() || row.flag == Flag::NetExporter;
        let counted =
            row.stage != Some(Stage::Mine) || baseline.two_stages || baseline.last_stage == Stage::Mine;
        if row.year != baseline.year || !usable || !counted {
            continue;
        }
        // Of several products at a stage, the chain's own carries no name.
        match rows.iter_mut().find(|other| other.iso3 == row.iso3 && other.stage == row.stage) {
            Some(other) if row.product.is_empty() => *other = row,
            Some(_) => {}
            None => rows.push(row),
        }
    }
    rows
}

/// The gap between a reliance and a published one, in points; 0 inside a published bound.
pub fn gap_points(row: &ImportRelianceRow, reliance: f64) -> f64 {
    let percent = 100.0 * reliance;
    match (row.flag, row.percent) {
        (Flag::NetExporter, _) => percent.max(0.0),
        (Flag::AtLeast, Some(bound)) => (bound - percent).max(0.0),
        (Flag::AtMost, Some(bound)) => (percent - bound).max(0.0),
        (_, Some(value)) => (percent - value).abs(),
        _ => 0.0,
    }
}

/// Soft rows that pull a balance towards published reliance: figures always, bounds only when broken.
pub(super) fn rows(world: &World, baseline: &Baseline, quantities: &[Quantity], values: &[f64]) -> Vec<Row> {
    let mut rows = Vec::new();
    for row in published(world, baseline) {
        let parts: Vec<(usize, f64, f64)> = quantities
            .iter()
            .enumerate()
            .map(|(cell, &q)| {
                let (imports, production) = coefficients(q, row.iso3, Scope::of(row), !baseline.two_stages);
                (cell, imports, production)
            })
            .filter(|&(_, imports, production)| imports != 0.0 || production != 0.0)
            .collect();
        let net_imports: f64 = parts.iter().map(|&(cell, imports, _)| imports * values[cell]).sum();
        let production: f64 = parts.iter().map(|&(cell, _, made)| made * values[cell]).sum();
        let Some(reliance) = (Dependence { net_imports, production }).reliance() else { continue };
        let target = match (row.flag, row.percent) {
            (Flag::NetExporter, _) if reliance > 0.0 => -INSIDE,
            (Flag::AtLeast, Some(bound)) if reliance < bound / 100.0 => (bound / 100.0 + INSIDE).min(0.99),
            (Flag::AtMost, Some(bound)) if reliance > bound / 100.0 => bound / 100.0 - INSIDE,
            (Flag::NetExporter | Flag::AtLeast | Flag::AtMost, _) | (_, None) => continue,
            (_, Some(value)) => value / 100.0,
        };
        // Net imports = target · (net imports + production).
        let terms = parts
            .iter()
            .map(|&(cell, imports, made)| (cell, (1.0 - target) * imports - target * made))
            .filter(|&(_, factor)| factor != 0.0)
            .collect();
        rows.push(Row { terms, target: 0.0, softness: POINTS * (net_imports + production).abs() });
    }
    rows
}

/// Adds the secondary output that a published reliance implies. Refined output by country is mostly primary; where the
/// publisher's reliance is below what trade and primary output give, the rest of supply is scrap.
pub(super) fn imply_secondary(
    world: &World,
    baseline: &Baseline,
    priors: &mut BTreeMap<Quantity, (Prior, Evidence)>,
) {
    if !baseline.two_stages {
        return;
    }
    for row in published(world, baseline) {
        let Some(percent) = row.percent.filter(|p| *p > 0.0 && *p < 100.0) else { continue };
        if row.stage == Some(Stage::Mine) || !matches!(row.flag, Flag::Reported | Flag::Estimated) {
            continue;
        }
        let (mut net_imports, mut production) = (0.0, 0.0);
        for (&quantity, (prior, _)) in priors.iter() {
            let (imports, made) = coefficients(quantity, row.iso3, Scope::of(row), false);
            net_imports += imports * prior.value;
            production += made * prior.value;
        }
        let implied = net_imports * (100.0 - percent) / percent - production;
        if implied <= 0.0 {
            continue;
        }
        let scrap = Prior { value: implied, sigma: 0.5, grade: Grade::B };
        for quantity in [Quantity::Scrap(row.iso3), Quantity::Refined(row.iso3)] {
            let (prior, _) =
                priors.entry(quantity).or_insert((Prior { value: 0.0, ..scrap }, Evidence::Inferred));
            let sum = prior.value + implied;
            prior.sigma = (prior.sigma * prior.value + scrap.sigma * implied) / sum;
            prior.value = sum;
            prior.grade = prior.grade.max(scrap.grade);
        }
        priors
            .entry(Quantity::ProductFlow(row.iso3, row.iso3))
            .and_modify(|(prior, _)| prior.value += implied)
            .or_insert((Prior { sigma: 1.0, ..scrap }, Evidence::Inferred));
    }
}

/// Blends published shares of imports by origin into the priors of flows: the mean of the two figures' logarithms,
/// weighted by how sure each is. An origin that customs flows miss enters with the published share.
pub(super) fn blend_import_sources(
    world: &World,
    baseline: &Baseline,
    priors: &mut BTreeMap<Quantity, (Prior, Evidence)>,
) {
    for stage in [Stage::Mine, Stage::Refine] {
        let ore = stage == Stage::Mine && baseline.two_stages;
        if !ore && stage != baseline.last_stage {
            continue;
        }
        let sources: Vec<_> = world
            .import_sources(&baseline.mineral)
            .iter()
            .filter(|row| row.stage == Some(stage) || (row.stage.is_none() && !ore))
            .filter(|row| (row.from..=row.to).contains(&baseline.year) && !row.exporter.is_aggregate())
            .collect();
        // Of several products at a stage, the chain's own carries no name.
        let products: BTreeSet<&str> = sources.iter().map(|row| row.product.as_str()).collect();
        let Some(&product) = products.first().filter(|p| p.is_empty() || products.len() == 1) else {
            continue;
        };
        let Some(importer) = sources.first().map(|row| row.importer) else { continue };
        let flow = |from: Iso3| {
            if ore { Quantity::OreFlow(from, importer) } else { Quantity::ProductFlow(from, importer) }
        };
        let seen: f64 = priors
            .iter()
            .filter(|(q, _)| match **q {
                Quantity::OreFlow(from, to) => ore && to == importer && from != to,
                Quantity::ProductFlow(from, to) => !ore && to == importer && from != to,
                _ => false,
            })
            .map(|(_, (prior, _))| prior.value)
            .sum();
        for row in sources.iter().filter(|row| row.product == product && row.importer == importer) {
            let published = seen * row.percent / 100.0;
            let seller = if ore || baseline.last_stage == Stage::Mine {
                Quantity::Mined(row.exporter)
            } else {
                Quantity::Refined(row.exporter)
            };
            if published <= 0.0 || !priors.contains_key(&seller) {
                continue;
            }
            let entry = priors.entry(flow(row.exporter));
            entry
                .and_modify(|(prior, _)| {
                    let (own, other) = (prior.sigma.powi(-2), SOURCE_SIGMA.powi(-2));
                    let log = (own * prior.value.ln() + other * published.ln()) / (own + other);
                    let spread = (prior.value / published).ln().abs() / 2.0;
                    *prior = Prior {
                        value: log.exp(),
                        sigma: (own + other).sqrt().recip().max(0.5 * spread),
                        grade: prior.grade,
                    };
                })
                .or_insert((
                    Prior { value: published, sigma: 2.0 * SOURCE_SIGMA, grade: Grade::B },
                    Evidence::Observed,
                ));
        }
    }
}
