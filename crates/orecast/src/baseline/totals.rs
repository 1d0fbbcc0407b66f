//! A country's own totals of trade: observations of a baseline, and a check on it.
//!
//! Each direction binds for itself, so that a country that publishes its imports and not its exports is held to what it
//! published. What passes through a country is in both of its totals and in neither flow of the chain.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::{
    Baseline, Evidence, Quantity,
    balance::Row,
    closeness,
    conditions::Condition,
    import_sources,
    observed::Prior,
    priors::PriorSet,
    reliance::{Scope, Step, parts, usable},
};
use crate::{
    base::{
        id::{Iso3, MineralId},
        unit::{Grade, Stage},
    },
    world::{World, table::Direction},
};

/// Softness of a published total of imports or exports, over the total.
const TOTAL_SIGMA: f64 = 0.05;
/// A balanced total this far from the published one, or farther, is listed with the tensions.
pub const FAR: f64 = 0.25;
/// Part of a published total that seen flows may lack before routes are added for the rest.
const UNSEEN: f64 = 0.25;
/// Doubt of a route that only a total shows.
const SPREAD_SIGMA: f64 = 1.0;

/// What a country's own statistics say it imported or exported, of a stage or of all forms.
pub(super) fn published_total(
    world: &World,
    mineral: &MineralId,
    (stage, country, year): (Option<Stage>, Iso3, i32),
    direction: Direction,
) -> Option<f64> {
    let mut rows = world.trade_totals(mineral).iter();
    let found =
        rows.find(|row| (row.stage, row.iso3, row.year, row.direction) == (stage, country, year, direction));
    found.and_then(|row| row.tonnes)
}

/// Imports less exports of a country as its own statistics give them.
pub(super) fn published_net_imports(
    world: &World,
    mineral: &MineralId,
    stage: Option<Stage>,
    country: Iso3,
    year: i32,
) -> Option<f64> {
    let total = |direction| published_total(world, mineral, (stage, country, year), direction);
    Some(total(Direction::Imports)? - total(Direction::Exports)?)
}

/// Countries with totals of their own in a year.
pub(super) fn with_totals(world: &World, mineral: &MineralId, year: i32) -> BTreeSet<Iso3> {
    let rows = world.trade_totals(mineral).iter();
    rows.filter(|row| row.year == year && row.tonnes.is_some()).map(|row| row.iso3).collect()
}

/// What passes through a country by its own totals of a stage: exports beyond what it makes, where what it makes is its
/// output or, if more, what its reliance implies. Absent where it publishes no totals of the stage; 0 where it does not
/// say what it exports.
pub(super) fn passed(
    world: &World,
    mineral: &MineralId,
    (stage, country, year): (Stage, Iso3, i32),
    made: Option<f64>,
) -> Option<Passed> {
    let total = |direction| published_total(world, mineral, (Some(stage), country, year), direction);
    let (imports, exports) = (total(Direction::Imports), total(Direction::Exports));
    if imports.is_none() && exports.is_none() {
        return None;
    }
    let (Some(imports), Some(exports), Some(made)) = (imports, exports, made) else {
        return Some(Passed { tonnes: 0.0, of_exports: 0.0 });
    };
    let implied = usable(world, mineral, year)
        .filter(|row| row.iso3 == country && row.stage.is_none_or(|s| s == stage))
        .filter_map(Step::of)
        .map(|step| (imports - exports) * (1.0 - step.middle) / step.middle)
        .fold(0.0, f64::max);
    let tonnes = (exports - made.max(implied)).clamp(0.0, imports.min(exports));
    Some(Passed { tonnes, of_exports: if exports > 0.0 { tonnes / exports } else { 0.0 } })
}

/// Trade that passes through a country by its own totals.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Passed {
    /// Tonnes.
    pub tonnes: f64,
    /// The same as a part of exports.
    pub of_exports: f64,
}

/// Totals of one country, form and direction that a chain is held to.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Own {
    country: Iso3,
    stage: Option<Stage>,
    direction: Direction,
    /// Published tonnes.
    tonnes: f64,
    /// Tonnes of them that pass through.
    passed: f64,
}

impl Own {
    fn condition(self) -> Condition {
        match self.direction {
            Direction::Imports => Condition::Imports(self.country, self.stage),
            Direction::Exports => Condition::Exports(self.country, self.stage),
        }
    }

    /// What the flows of the chain should add to.
    fn target(self) -> f64 {
        (self.tonnes - self.passed).max(0.0)
    }

    /// Whether a quantity is one of the flows that the total counts.
    fn counts(self, quantity: Quantity, one_stage: bool) -> bool {
        coefficient(quantity, (self.country, self.stage), self.direction, one_stage) != 0.0
    }
}

/// Coefficient of a quantity in a country's imports or exports of a form.
pub(super) fn coefficient(
    quantity: Quantity,
    (country, stage): (Iso3, Option<Stage>),
    direction: Direction,
    one_stage: bool,
) -> f64 {
    let (from, to) = match quantity {
        Quantity::OreFlow(from, to) if stage != Some(Stage::Refine) => (from, to),
        Quantity::ProductFlow(from, to) if one_stage || stage != Some(Stage::Mine) => (from, to),
        _ => return 0.0,
    };
    let own = if direction == Direction::Imports { to } else { from };
    f64::from(u8::from(from != to && own == country))
}

/// The totals that a chain is held to. A chain with one stage sells the only form there is.
fn own_totals(world: &World, baseline: &Baseline) -> Vec<Own> {
    let has_form =
        |stage: Option<Stage>| stage.is_none_or(|s| baseline.two_stages || s == baseline.last_stage);
    let rows = world.trade_totals(&baseline.mineral).iter();
    rows.filter(|row| row.year == baseline.year && has_form(row.stage))
        .filter_map(|row| {
            let through = baseline
                .transit
                .iter()
                .filter(|(at, place, _)| *place == row.iso3 && row.stage.is_none_or(|s| s == *at));
            let passed: f64 = through.map(|(.., tonnes)| tonnes).sum();
            let tonnes = row.tonnes?;
            Some(Own {
                country: row.iso3,
                stage: row.stage,
                direction: row.direction,
                tonnes,
                passed: passed.min(tonnes),
            })
        })
        .collect()
}

/// Soft rows that hold a country's imports and its exports to its own statistics.
pub(super) fn rows(world: &World, baseline: &Baseline, quantities: &[Quantity]) -> Vec<(Condition, Row)> {
    let one_stage = !baseline.two_stages;
    let row = |own: Own| {
        let cells = quantities.iter().enumerate().filter(|(_, quantity)| own.counts(**quantity, one_stage));
        let terms: Vec<(usize, f64)> = cells.map(|(cell, _)| (cell, 1.0)).collect();
        let softness = TOTAL_SIGMA * own.tonnes;
        (!terms.is_empty() && softness > 0.0)
            .then(|| (own.condition(), Row { terms, target: own.target(), softness }))
    };
    own_totals(world, baseline).into_iter().filter_map(row).collect()
}

/// A published total of a country's trade beside that of the balanced year.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TotalCheck {
    /// Mineral.
    pub mineral: MineralId,
    /// Form that is counted; all forms together when absent.
    pub stage: Option<Stage>,
    /// Country whose statistics they are.
    pub country: Iso3,
    /// Imports or exports.
    pub direction: Direction,
    /// Published tonnes contained.
    pub published: f64,
    /// Tonnes of the balanced year, what passes through included.
    pub balanced: f64,
    /// Tonnes of them that pass through the country.
    pub passed: f64,
}

impl TotalCheck {
    /// Balanced over published; 1 where both are nothing.
    pub fn ratio(&self) -> f64 {
        if self.published == self.balanced { 1.0 } else { self.balanced / self.published }
    }

    /// Whether the two differ by more than [`FAR`].
    pub fn is_far(&self) -> bool {
        (self.ratio() - 1.0).abs().is_nan() || (self.ratio() - 1.0).abs() > FAR
    }
}

/// Every published total of a mineral beside the balanced year's.
pub fn total_checks(world: &World, baseline: &Baseline) -> Vec<TotalCheck> {
    let one_stage = !baseline.two_stages;
    let check = |own: Own| {
        let flows = baseline.entries.iter().filter(|entry| own.counts(entry.quantity, one_stage));
        TotalCheck {
            mineral: baseline.mineral.clone(),
            stage: own.stage,
            country: own.country,
            direction: own.direction,
            published: own.tonnes,
            balanced: flows.map(|entry| entry.value).sum::<f64>() + own.passed,
            passed: own.passed,
        }
    };
    own_totals(world, baseline).into_iter().map(check).collect()
}

impl PriorSet {
    /// Prepares the flows of countries with totals of their own: none where nothing was traded, at least half the gap of
    /// the logarithms as doubt where flows and total disagree, and routes for what no flow shows.
    pub(super) fn read_totals(&mut self, world: &World) {
        let one_stage = !self.baseline.two_stages;
        let origins: BTreeSet<(Iso3, Option<Stage>)> = import_sources::published(world, &self.baseline)
            .iter()
            .flat_map(|form| form.rows.iter().map(|row| (form.importer, row.stage)))
            .collect();
        let all: Vec<Own> = own_totals(world, &self.baseline).into_iter().collect();
        for own in all.iter().filter(|own| own.tonnes == 0.0) {
            self.priors.retain(|quantity, _| !own.counts(*quantity, one_stage));
        }
        // All totals are held against the flows as they were seen, so that the order of countries does not matter.
        let mut doubts: BTreeMap<Quantity, f64> = BTreeMap::new();
        let mut routes: BTreeMap<Quantity, f64> = BTreeMap::new();
        for own in all.into_iter().filter(|own| own.tonnes != 0.0 && own.target() > 0.0) {
            let target = own.target();
            let seen = self.sum(|quantity| own.counts(quantity, one_stage));
            if seen > 0.0 {
                let doubt = (target / seen).ln().abs() / 2.0;
                for quantity in self.priors.keys().filter(|quantity| own.counts(**quantity, one_stage)) {
                    let most = doubts.entry(*quantity).or_insert(0.0);
                    *most = most.max(doubt);
                }
            }
            let is_known = own.direction == Direction::Imports
                && origins.contains(&(own.country, own.stage.or(Some(self.baseline.last_stage))));
            if target - seen > UNSEEN * target && !is_known {
                for (quantity, tonnes) in self.spread(world, own, target - seen) {
                    let most = routes.entry(quantity).or_insert(0.0);
                    *most = most.max(tonnes);
                }
            }
        }
        for (quantity, doubt) in doubts {
            if let Some((prior, _)) = self.priors.get_mut(&quantity) {
                prior.sigma = prior.sigma.max(doubt);
            }
        }
        for (quantity, value) in routes {
            self.add(quantity, Prior { value, sigma: SPREAD_SIGMA, grade: Grade::C }, Evidence::Inferred);
        }
    }

    /// Spreads what a total holds beyond the flows seen over sellers by output, or over users by use, and by closeness.
    fn spread(&self, world: &World, own: Own, missing: f64) -> Vec<(Quantity, f64)> {
        let ore = self.baseline.two_stages && own.stage == Some(Stage::Mine);
        let last = self.baseline.last_stage;
        let made = self.sums(|quantity| match quantity {
            Quantity::Mined(c) if ore || last == Stage::Mine => Some(c),
            Quantity::Refined(c) if !ore => Some(c),
            _ => None,
        });
        let bought = |quantity: Quantity| match quantity {
            Quantity::OreFlow(from, to) if ore && from != to => Some(to),
            Quantity::ProductFlow(from, to) if !ore && from != to => Some(to),
            _ => None,
        };
        let partners = match own.direction {
            Direction::Imports => made,
            Direction::Exports if made.contains_key(&own.country) => self.sums(bought),
            Direction::Exports => return Vec::new(),
        };
        let pull = |partner: Iso3, size: f64| size * closeness(world, own.country, partner);
        let pulls: BTreeMap<Iso3, f64> = partners
            .into_iter()
            .filter(|(partner, _)| *partner != own.country && *partner != Iso3::UNTRACED)
            .map(|(partner, size)| (partner, pull(partner, size)))
            .collect();
        let total: f64 = pulls.values().sum();
        let route = |(partner, pull): (Iso3, f64)| {
            let (from, to) = match own.direction {
                Direction::Imports => (partner, own.country),
                Direction::Exports => (own.country, partner),
            };
            let quantity = if ore { Quantity::OreFlow(from, to) } else { Quantity::ProductFlow(from, to) };
            (quantity, missing * pull / total)
        };
        pulls.into_iter().filter(|(_, pull)| *pull > 0.005 * total).map(route).collect()
    }
}

/// What net imports of a country are by the published totals, else by the priors of flows.
pub(super) fn net_imports_of_priors(
    world: &World,
    baseline: &Baseline,
    country: Iso3,
    scope: Scope,
    priors: &BTreeMap<Quantity, (Prior, Evidence)>,
) -> (f64, f64) {
    let quantities: Vec<Quantity> = priors.keys().copied().collect();
    let values: Vec<f64> = priors.values().map(|(prior, _)| prior.value).collect();
    let (mut net, mut production) = (0.0, 0.0);
    for (cell, imports, made) in parts(baseline, &quantities, country, scope) {
        net += imports * values[cell];
        production += made * values[cell];
    }
    let published = published_net_imports(world, &baseline.mineral, scope.stage, country, baseline.year);
    (published.unwrap_or(net), production)
}
