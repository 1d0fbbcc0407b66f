//! Published use by country, such as what reactors require, as an observation of a baseline.

use std::collections::BTreeMap;

use super::{
    Baseline, Evidence, Quantity, balance::Row, closeness, conditions::Condition, observed::Prior,
    priors::PriorSet,
};
use crate::{
    base::{
        id::{Iso3, MineralId},
        unit::{Grade, Stage},
    },
    world::{World, choice::Product},
};

/// Softness of a published use, over the use.
const USE_SIGMA: f64 = 0.05;
/// Doubt of a route that only a published use shows.
const SPREAD_SIGMA: f64 = 1.0;

/// Use of the last stage's product by country. Absent where no list with a world total is published for the year.
fn published(world: &World, mineral: &MineralId, (stage, year): (Stage, i32)) -> Option<BTreeMap<Iso3, f64>> {
    let rows = world.chosen(&world.tables().requirements, mineral, stage, year, Product::Usual);
    let mut used: BTreeMap<Iso3, f64> =
        rows.into_iter().filter_map(|(country, row)| Some((country, row.value?))).collect();
    used.remove(&Iso3::WORLD)?;
    used.retain(|_, tonnes| *tonnes > 0.0);
    (!used.is_empty()).then_some(used)
}

/// Part of what is required that the world's output gives: at most all. The rest comes out of stocks.
fn met(required: &BTreeMap<Iso3, f64>, made: f64) -> f64 {
    (made / required.values().sum::<f64>()).min(1.0)
}

impl PriorSet {
    /// Countries of which a use is published stay separate.
    pub(super) fn users(&self, world: &World) -> Vec<Iso3> {
        let Baseline { mineral, last_stage, year, .. } = &self.baseline;
        published(world, mineral, (*last_stage, *year))
            .into_iter()
            .flatten()
            .map(|(country, _)| country)
            .collect()
    }

    /// Where a complete list of uses is published, product goes to the countries on it and to no other; a country whose
    /// flows do not show what it uses gets routes from all makers.
    pub(super) fn read_requirements(&mut self, world: &World) {
        let Baseline { mineral, last_stage, year, .. } = &self.baseline;
        let Some(required) = published(world, mineral, (*last_stage, *year)) else { return };
        self.priors.retain(|quantity, _| match quantity {
            Quantity::ProductFlow(_, to) => required.contains_key(to),
            _ => true,
        });
        let made = self.sums(|quantity| match quantity {
            Quantity::Mined(c) if *last_stage == Stage::Mine => Some(c),
            Quantity::Refined(c) => Some(c),
            _ => None,
        });
        let met = met(&required, made.values().sum());
        for (&user, tonnes) in &required {
            let seen = self.sum(|quantity| matches!(quantity, Quantity::ProductFlow(_, to) if to == user));
            let missing = met * tonnes - seen;
            if seen > 0.0 {
                let doubt = (met * tonnes / seen).ln().abs() / 2.0;
                for (quantity, (prior, _)) in &mut self.priors {
                    if matches!(quantity, Quantity::ProductFlow(_, to) if *to == user) {
                        prior.sigma = prior.sigma.max(doubt);
                    }
                }
            }
            if missing <= 0.0 {
                continue;
            }
            let pull =
                |from: Iso3, size: f64| if from == user { size } else { size * closeness(world, from, user) };
            let total: f64 = made.iter().map(|(&from, &size)| pull(from, size)).sum();
            for (&from, &size) in &made {
                let prior =
                    Prior { value: missing * pull(from, size) / total, sigma: SPREAD_SIGMA, grade: Grade::C };
                self.add(Quantity::ProductFlow(from, user), prior, Evidence::Inferred);
            }
        }
    }
}

/// Soft rows that hold the use of countries to what is published; what output does not cover comes out of stocks, everywhere
/// in the same proportion.
pub(super) fn rows(
    world: &World,
    baseline: &Baseline,
    quantities: &[Quantity],
    made: f64,
) -> Vec<(Condition, Row)> {
    let stage = (baseline.last_stage, baseline.year);
    let Some(required) = published(world, &baseline.mineral, stage) else { return Vec::new() };
    let met = met(&required, made);
    let row = |(user, tonnes): (Iso3, f64)| {
        let into = |quantity: &Quantity| matches!(quantity, Quantity::ProductFlow(_, to) if *to == user);
        let cells = quantities.iter().enumerate().filter(|(_, quantity)| into(quantity));
        let terms: Vec<(usize, f64)> = cells.map(|(cell, _)| (cell, 1.0)).collect();
        let target = met * tonnes;
        (!terms.is_empty())
            .then_some((Condition::Use(user), Row { terms, target, softness: USE_SIGMA * target }))
    };
    required.into_iter().filter_map(row).collect()
}
