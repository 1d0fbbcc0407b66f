//! From published figures to priors: a value and a relative standard deviation for each quantity.

use std::collections::BTreeMap;

use crate::{
    id::Iso3,
    unit::Grade,
    world::{
        World,
        table::{Flag, MineralRow, ObservationRow, Stage},
    },
};

/// A prior for one quantity.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Prior {
    /// Tonnes contained.
    pub value: f64,
    /// Relative standard deviation.
    pub sigma: f64,
    /// Grade of the evidence.
    pub grade: Grade,
}

/// Output of a stage by country, as far as it is published.
#[derive(Debug, Default)]
pub(super) struct Output {
    /// Countries with a figure (zero included).
    pub known: BTreeMap<Iso3, Prior>,
    /// Countries that are named without a figure: withheld or not available.
    pub unknown: Vec<Iso3>,
    /// Published world total.
    pub world: Option<Prior>,
}

impl Output {
    /// Sum over the countries with a figure, tonnes.
    pub(super) fn total(&self) -> f64 {
        self.known.values().map(|prior| prior.value).sum()
    }
}

/// Relative standard deviation that a grade stands for, when the source gives no range.
fn sigma_of_grade(row: &ObservationRow) -> f64 {
    match (row.grade, row.flag) {
        (Grade::A, Flag::Reported) => 0.05,
        (Grade::A, _) => 0.10,
        (Grade::B, _) => 0.15,
        (Grade::C, _) => 0.50,
    }
}

/// A source's range holds 9 cases in 10: 2 · 1.645 standard deviations of the logarithm.
fn sigma_of_range(row: &ObservationRow) -> Option<f64> {
    let (low, high) = (row.low?, row.high?);
    (low > 0.0 && high > low).then(|| (high / low).ln() / 3.29)
}

/// Output of a stage in a year. A country without a row for the year is taken from the year before, the year after or
/// two years before, in this order, each year of distance adding 10 % of doubt; not where the year has a world total.
pub(super) fn output(world: &World, mineral: &MineralRow, stage: Stage, year: i32) -> Output {
    let mut found = Output::default();
    for (distance, at) in [(0, year), (1, year - 1), (1, year + 1), (2, year - 2)] {
        let rows = world.chosen_production(&mineral.id, stage, at);
        let complete = distance == 0 && rows.values().any(|row| row.value.is_some_and(|v| v > 0.0));
        for (&iso3, row) in &rows {
            if found.known.contains_key(&iso3) || found.unknown.contains(&iso3) {
                continue;
            }
            if distance > 0 && iso3.is_aggregate() {
                continue;
            }
            match prior(world, row, f64::from(distance)) {
                Some(prior) if iso3 == Iso3::WORLD => {
                    if matches!(row.flag, Flag::Reported | Flag::Estimated | Flag::Derived) {
                        found.world = Some(prior);
                    }
                }
                Some(prior) => {
                    found.known.insert(iso3, prior);
                }
                None if distance == 0 && iso3 != Iso3::WORLD => found.unknown.push(iso3),
                None => {}
            }
        }
        // A table with a world total is complete: countries that it does not name are in its "other" row.
        if complete && found.world.is_some() {
            break;
        }
    }
    found
}

fn prior(world: &World, row: &ObservationRow, years_away: f64) -> Option<Prior> {
    let value = match (row.value, row.low, row.high) {
        (Some(value), _, _) => value,
        (None, Some(low), Some(high)) => (low * high).sqrt(),
        _ => return None,
    };
    let own = sigma_of_range(row).unwrap_or_else(|| sigma_of_grade(row)).clamp(0.03, 1.5);
    let spread = world.spread(row).unwrap_or(0.0);
    Some(Prior { value, sigma: own.max(spread) + 0.1 * years_away, grade: row.grade })
}
