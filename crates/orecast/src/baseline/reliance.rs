//! Published net import reliance and totals of trade, as observations of a baseline and as a check on it.

use std::collections::BTreeMap;

use super::{
    Baseline, Evidence, Quantity,
    balance::Row,
    conditions::Condition,
    observed::Prior,
    totals::{net_imports_of_priors, published_net_imports},
};
use crate::{
    base::{
        id::{Iso3, MineralId},
        unit::{Grade, Stage},
    },
    world::{
        World,
        table::{Flag, ImportRelianceRow},
    },
};

/// Softness of a published reliance: a standard deviation of three points of consumption.
const POINTS: f64 = 0.03;
/// How far inside a published bound the balance is pulled when it starts outside.
const INSIDE: f64 = 0.03;
/// Bounds that publishers use, in percent: a bound opens the step to the next of them.
const BOUNDS: [f64; 6] = [0.0, 25.0, 50.0, 75.0, 95.0, 100.0];

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
pub(super) fn coefficients(quantity: Quantity, country: Iso3, scope: Scope, one_stage: bool) -> (f64, f64) {
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

/// Where a published reliance lies.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Step {
    /// The figure, or the middle of the step that a bound opens: `> 50 %` is read as 50 to 75 %, since the publisher would
    /// else have said `> 75 %`.
    pub middle: f64,
    /// Half the width of the step; 0 for a figure.
    pub half: f64,
}

impl Step {
    /// Absent for a net exporter, and where no production follows: at 0 and at 100 %.
    pub(super) fn of(row: &ImportRelianceRow) -> Option<Self> {
        let percent = row.percent.filter(|p| *p > 0.0 && *p < 100.0)?;
        let (low, high) = match row.flag {
            Flag::AtLeast => (percent, BOUNDS.into_iter().find(|b| *b > percent)?),
            Flag::AtMost => (BOUNDS.into_iter().rev().find(|b| *b < percent)?, percent),
            _ => (percent, percent),
        };
        Some(Self { middle: f64::midpoint(low, high) / 100.0, half: (high - low) / 200.0 })
    }

    /// Whether the reliance is a figure, not a bound.
    pub(super) fn is_figure(self) -> bool {
        self.half == 0.0
    }
}

/// Published reliances of a year that say something.
pub(super) fn usable<'w>(
    world: &'w World,
    mineral: &MineralId,
    year: i32,
) -> impl Iterator<Item = &'w ImportRelianceRow> {
    let rows = world.import_reliance(mineral).iter();
    rows.filter(move |row| row.year == year && (row.percent.is_some() || row.flag == Flag::NetExporter))
}

/// Imports less exports of a country: as its own statistics give them, else from customs flows.
pub(super) fn net_imports(
    world: &World,
    mineral: &MineralId,
    stage: Option<Stage>,
    country: Iso3,
    year: i32,
) -> f64 {
    if let Some(net) = published_net_imports(world, mineral, stage, country, year) {
        return net;
    }
    let stages = stage.map_or(vec![Stage::Mine, Stage::Refine], |stage| vec![stage]);
    let flows = stages.into_iter().flat_map(|stage| world.flows(mineral, stage, year));
    flows
        .map(|flow| {
            let sign = i8::from(flow.importer == country) - i8::from(flow.exporter == country);
            f64::from(sign) * flow.tonnes.unwrap_or(0.0)
        })
        .sum()
}

/// Whether a chain has the form that a published figure counts.
fn has_form(baseline: &Baseline, stage: Option<Stage>) -> bool {
    stage.is_none_or(|stage| baseline.two_stages || stage == baseline.last_stage)
}

/// The published reliances that a baseline is compared with: the base year's, one for each form counted.
pub fn published<'w>(world: &'w World, baseline: &Baseline) -> Vec<&'w ImportRelianceRow> {
    let mut rows: Vec<&ImportRelianceRow> = Vec::new();
    for row in usable(world, &baseline.mineral, baseline.year) {
        // A chain without refining sells the only form there is.
        if row.stage == Some(Stage::Mine) && !has_form(baseline, row.stage) {
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

/// Cells that enter a country's net imports and production, with their coefficients.
pub(super) fn parts(
    baseline: &Baseline,
    quantities: &[Quantity],
    country: Iso3,
    scope: Scope,
) -> Vec<(usize, f64, f64)> {
    let of = |(cell, &quantity): (usize, &Quantity)| {
        let (imports, production) = coefficients(quantity, country, scope, !baseline.two_stages);
        (imports != 0.0 || production != 0.0).then_some((cell, imports, production))
    };
    quantities.iter().enumerate().filter_map(of).collect()
}

/// Soft rows that pull a balance towards published reliance: figures always, bounds only when the balance found without
/// them lies outside the step that they open.
pub(super) fn rows(
    world: &World,
    baseline: &Baseline,
    quantities: &[Quantity],
    values: &[f64],
) -> Vec<(Condition, Row)> {
    let mut rows = Vec::new();
    for row in published(world, baseline) {
        let parts = parts(baseline, quantities, row.iso3, Scope::of(row));
        let net_imports: f64 = parts.iter().map(|&(cell, imports, _)| imports * values[cell]).sum();
        let production: f64 = parts.iter().map(|&(cell, _, made)| made * values[cell]).sum();
        let Some(reliance) = (Dependence { net_imports, production }).reliance() else { continue };
        let target = match (row.flag, Step::of(row)) {
            (Flag::NetExporter, _) if reliance > 0.0 => -INSIDE,
            (Flag::AtLeast | Flag::AtMost, Some(step)) if reliance < step.middle - step.half => {
                (step.middle - step.half + INSIDE).min(step.middle)
            }
            (Flag::AtLeast | Flag::AtMost, Some(step)) if reliance > step.middle + step.half => {
                (step.middle + step.half - INSIDE).max(step.middle)
            }
            (Flag::NetExporter | Flag::AtLeast | Flag::AtMost, _) => continue,
            (..) => match row.percent {
                Some(percent) => percent / 100.0,
                None => continue,
            },
        };
        // Net imports = target · (net imports + production).
        let terms = parts
            .iter()
            .map(|&(cell, imports, made)| (cell, (1.0 - target) * imports - target * made))
            .filter(|&(_, factor)| factor != 0.0)
            .collect();
        let softness = POINTS * (net_imports + production).abs();
        rows.push((Condition::Reliance(row.iso3, row.stage), Row { terms, target: 0.0, softness }));
    }
    rows
}

/// Adds the secondary output that a published reliance implies, and returns it. Output by country is mostly primary; where
/// the publisher's reliance is below what trade and primary output give, the rest of supply is scrap.
pub(super) fn imply_secondary(
    world: &World,
    baseline: &Baseline,
    priors: &mut BTreeMap<Quantity, (Prior, Evidence)>,
) -> Vec<(Iso3, f64)> {
    let mut added = Vec::new();
    for row in published(world, baseline) {
        let Some(step) = Step::of(row) else { continue };
        if row.stage == Some(Stage::Mine) && baseline.two_stages {
            continue;
        }
        let (net_imports, production) =
            net_imports_of_priors(world, baseline, row.iso3, Scope::of(row), priors);
        let implied = net_imports * (1.0 - step.middle) / step.middle - production;
        // Within the step that a bound opens, trade and output say enough.
        let is_inside =
            !step.is_figure() && net_imports <= (step.middle + step.half) * (net_imports + production);
        if implied <= 0.0 || is_inside {
            continue;
        }
        let (sigma, grade) = if step.is_figure() { (0.5, Grade::B) } else { (0.7, Grade::C) };
        let secondary = Prior { value: implied, sigma, grade };
        let made: &[Quantity] = match (baseline.two_stages, baseline.last_stage) {
            (true, _) => &[Quantity::Scrap(row.iso3), Quantity::Refined(row.iso3)],
            (false, Stage::Refine) => &[Quantity::Refined(row.iso3)],
            (false, Stage::Mine) => &[Quantity::Mined(row.iso3)],
        };
        for &quantity in made {
            let (prior, _) =
                priors.entry(quantity).or_insert((Prior { value: 0.0, ..secondary }, Evidence::Inferred));
            let sum = prior.value + implied;
            prior.sigma = (prior.sigma * prior.value + sigma * implied) / sum;
            prior.value = sum;
            prior.grade = prior.grade.max(grade);
        }
        priors
            .entry(Quantity::ProductFlow(row.iso3, row.iso3))
            .and_modify(|(prior, _)| prior.value += implied)
            .or_insert((Prior { sigma: 1.0, ..secondary }, Evidence::Inferred));
        added.push((row.iso3, implied));
    }
    added
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::testing::MiniPackage;

    #[test]
    fn a_bound_opens_the_step_to_the_next_one() {
        let mut row = MiniPackage::new().load().unwrap().tables().import_reliance[0].clone();
        let mut step = |flag, percent| {
            (row.flag, row.percent) = (flag, percent);
            Step::of(&row).map(|step| (step.middle, step.half))
        };
        assert_eq!(step(Flag::AtLeast, Some(50.0)), Some((0.625, 0.125)));
        assert_eq!(step(Flag::AtLeast, Some(95.0)), Some((0.975, 0.025)));
        assert_eq!(step(Flag::AtMost, Some(25.0)), Some((0.125, 0.125)));
        assert_eq!(step(Flag::Estimated, Some(70.0)), Some((0.7, 0.0)));
        assert_eq!(step(Flag::Reported, Some(100.0)), None);
        assert_eq!(step(Flag::NetExporter, None), None);
    }
}
