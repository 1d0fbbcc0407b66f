//! Published shares of imports by origin, as observations of flows.

use std::collections::{BTreeMap, BTreeSet};

use super::{Baseline, Evidence, Quantity, observed::Prior, totals::published_total};
use crate::{
    base::{
        id::Iso3,
        unit::{Grade, Stage},
    },
    world::{
        World,
        table::{Direction, ImportSourceRow},
    },
};

/// Doubt of a published four-year mean share of imports.
const SOURCE_SIGMA: f64 = 0.25;

/// Published origins of the imports of one form of a chain.
pub(super) struct Origins<'w> {
    /// Whether the form is ore in a chain that refines.
    ore: bool,
    /// Country that imports.
    pub importer: Iso3,
    /// Origins of the chain's own product.
    pub rows: Vec<&'w ImportSourceRow>,
}

impl Origins<'_> {
    /// The flow from an origin.
    pub(super) fn flow(&self, from: Iso3) -> Quantity {
        if self.ore {
            Quantity::OreFlow(from, self.importer)
        } else {
            Quantity::ProductFlow(from, self.importer)
        }
    }

    /// Whether a quantity is an import of this form.
    pub(super) fn holds(&self, quantity: Quantity) -> bool {
        match quantity {
            Quantity::OreFlow(from, to) => self.ore && to == self.importer && from != to,
            Quantity::ProductFlow(from, to) => !self.ore && to == self.importer && from != to,
            _ => false,
        }
    }
}

/// The published origins that a chain is held to, by form.
pub(super) fn published<'w>(world: &'w World, baseline: &Baseline) -> Vec<Origins<'w>> {
    let form = |stage: Stage| {
        let ore = stage == Stage::Mine && baseline.two_stages;
        if !ore && stage != baseline.last_stage {
            return None;
        }
        let mut rows: Vec<_> = world
            .import_sources(&baseline.mineral)
            .iter()
            .filter(|row| row.stage == Some(stage) || (row.stage.is_none() && !ore))
            .filter(|row| (row.from..=row.to).contains(&baseline.year) && !row.exporter.is_aggregate())
            .collect();
        // Of several products at a stage, the chain's own carries no name.
        let products: BTreeSet<&str> = rows.iter().map(|row| row.product.as_str()).collect();
        let product = *products.first().filter(|p| p.is_empty() || products.len() == 1)?;
        let importer = rows.first()?.importer;
        rows.retain(|row| row.product == product && row.importer == importer);
        Some(Origins { ore, importer, rows })
    };
    [Stage::Mine, Stage::Refine].into_iter().filter_map(form).collect()
}

/// Blends published shares of imports by origin into the priors of flows: the mean of the two figures' logarithms,
/// weighted by how sure each is. An origin that customs flows miss enters with the published share.
pub(super) fn blend(world: &World, baseline: &Baseline, priors: &mut BTreeMap<Quantity, (Prior, Evidence)>) {
    for origins in published(world, baseline) {
        let seen: f64 =
            priors.iter().filter(|(q, _)| origins.holds(**q)).map(|(_, (prior, _))| prior.value).sum();
        // Where the country says itself what it takes in, that is what its shares are of.
        let form = origins.rows.first().and_then(|row| row.stage);
        let of = (form, origins.importer, baseline.year);
        let through = baseline
            .transit
            .iter()
            .filter(|(stage, place, _)| *place == origins.importer && form.is_none_or(|form| form == *stage));
        let passed: f64 = through.map(|(.., tonnes)| tonnes).sum();
        let own = published_total(world, &baseline.mineral, of, Direction::Imports);
        let imported = own.map(|own| own - passed).filter(|own| *own > 0.0).unwrap_or(seen);
        for row in &origins.rows {
            let share = imported * row.percent / 100.0;
            let seller = if origins.ore || baseline.last_stage == Stage::Mine {
                Quantity::Mined(row.exporter)
            } else {
                Quantity::Refined(row.exporter)
            };
            if share <= 0.0 || !priors.contains_key(&seller) {
                continue;
            }
            priors
                .entry(origins.flow(row.exporter))
                .and_modify(|(prior, _)| {
                    let (own, other) = (prior.sigma.powi(-2), SOURCE_SIGMA.powi(-2));
                    let log = (own * prior.value.ln() + other * share.ln()) / (own + other);
                    let spread = (prior.value / share).ln().abs() / 2.0;
                    *prior = Prior {
                        value: log.exp(),
                        sigma: (own + other).sqrt().recip().max(0.5 * spread),
                        grade: prior.grade,
                    };
                })
                .or_insert((
                    Prior { value: share, sigma: 2.0 * SOURCE_SIGMA, grade: Grade::B },
                    Evidence::Observed,
                ));
        }
    }
}
