//! The hazard model as it is shown: its parameters, what it says of each country, and how well it fits.

use serde::Serialize;

use super::{
    Regime,
    fit::{Fit, model},
};
use crate::{
    base::{draw::Draw, id::Iso3, unit::Range},
    ensemble::range_of,
    indicator::Group,
    world::{World, table::HazardRow},
};

/// Draws behind the ranges of a country.
const DRAWS: u64 = 200;

/// The hazard model for one buyer.
#[derive(Debug, Serialize)]
pub struct HazardReport {
    /// Parameters, as the package has them.
    pub parameters: Vec<HazardRow>,
    /// Producing countries, the most laws first.
    pub countries: Vec<CountryHazard>,
    /// Predicted against observed.
    pub fit: Fit,
}

/// What the model says of one country.
#[derive(Debug, Serialize)]
pub struct CountryHazard {
    /// Country.
    pub country: Iso3,
    /// Restricting laws a year, at middle parameters.
    pub laws_a_year: f64,
    /// The same over the draws.
    pub laws: Range,
    /// Share of a year that a stop lasts.
    pub duration: Range,
}

/// The model of the package for whoever buys, in a year.
pub fn hazard_report(world: &World, group: &Group, year: i32, regime: Regime) -> HazardReport {
    let buyers = group.list();
    let hazard = model(world, &buyers, year, regime);
    let drawn = |of: &dyn Fn(Draw) -> f64| range_of((0..DRAWS).map(|i| of(Draw::new(1, i))));
    let country = |(country, laws_a_year): (Iso3, f64)| CountryHazard {
        country,
        laws_a_year,
        laws: drawn(&|draw| hazard.events_per_year(country, draw)),
        duration: drawn(&|draw| hazard.duration(country, draw)),
    };
    HazardReport {
        parameters: world.tables().hazard.clone(),
        countries: hazard.by_country().into_iter().map(country).collect(),
        fit: hazard.fit(world, &buyers),
    }
}
