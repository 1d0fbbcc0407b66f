//! How countries are governed and how far apart they stand, on scales from 0 (good, close) to 1.

use crate::{base::id::Iso3, world::World};

use super::geopolrisk::instability;

/// The six dimensions of the Worldwide Governance Indicators (World Bank).
const DIMENSIONS: [&str; 6] = ["wgi-cc", "wgi-ge", "wgi-pv", "wgi-rl", "wgi-rq", "wgi-va"];

/// Political instability in a year or the last one before it that is published; 0 stable, 1 not.
pub fn political_instability(world: &World, country: Iso3, year: i32) -> Option<f64> {
    world.governance(country, "wgi-pv", year).map(|row| instability(row.value))
}

/// Mean of the six governance dimensions, as far as they are published, turned round; 0 well governed, 1 badly.
pub fn poor_governance(world: &World, country: Iso3, year: i32) -> Option<f64> {
    let known: Vec<f64> = DIMENSIONS
        .iter()
        .filter_map(|dimension| world.governance(country, dimension, year))
        .map(|row| instability(row.value))
        .collect();
    (!known.is_empty()).then(|| known.iter().sum::<f64>() / known.len() as f64)
}

/// Distance of votes in the United Nations General Assembly (ideal points), over the largest between any two countries
/// of that year; 0 for countries that vote alike.
pub fn voting_distance(world: &World, a: Iso3, b: Iso3, year: i32) -> Option<f64> {
    let point = |country| world.governance(country, "ideal-point", year).map(|row| row.value);
    let points = world.tables().countries.iter().filter_map(|row| point(row.iso3));
    let (least, most) = points
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), point| (least.min(point), most.max(point)));
    let distance = (point(a)? - point(b)?).abs();
    (most > least).then(|| distance / (most - least))
}
