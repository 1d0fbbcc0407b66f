//! Published shares of imports by origin, as observations of flows.

use std::collections::{BTreeMap, BTreeSet};

use super::{Baseline, Evidence, Quantity, observed::Prior, reliance::published_net_imports};
use crate::{
    id::Iso3,
    unit::Grade,
    world::{World, table::Stage},
};

/// Doubt of a published four-year mean share of imports.
const SOURCE_SIGMA: f64 = 0.25;

/// Blends published shares of imports by origin into the priors of flows: the mean of the two figures' logarithms,
/// weighted by how sure each is. An origin that customs flows miss enters with the published share.
pub(super) fn blend(
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
        // Where customs flows show less than the country says it takes in, its own figure stands.
        let form = sources.iter().find(|row| row.product == product).and_then(|row| row.stage);
        let own = published_net_imports(world, &baseline.mineral, form, importer, baseline.year);
        let imported = own.map_or(seen, |(net, _)| seen.max(net));
        for row in sources.iter().filter(|row| row.product == product && row.importer == importer) {
            let published = imported * row.percent / 100.0;
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
