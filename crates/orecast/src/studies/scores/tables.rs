//! Scores of every balanced mineral, ranked.

use rayon::prelude::*;
use serde::Serialize;

use super::{eu as european, geopolrisk as two_ways, nassar as triad};
use crate::{
    base::{
        columns::{Cells, Columns},
        id::MineralId,
        unit::Range,
    },
    baseline::comparison::Without,
    indicator::{self, Group, View, support::Step},
    studies::situation::{Sampling, Situation},
    world::World,
};

/// A score of every balanced mineral, the highest first.
#[derive(Debug, Serialize)]
pub struct Scores<T> {
    /// Whose.
    pub group: Group,
    /// Balanced year.
    pub year: i32,
    /// How well each step of the method is known.
    pub steps: &'static [Step],
    /// One row for each mineral.
    pub rows: Vec<T>,
    /// Minerals without a balanced year, with the reason.
    pub without: Vec<Without>,
}

/// Scores every mineral with readings of its observations, and ranks.
fn ranked<T: Send>(
    situations: &[Situation<'_>],
    sampling: Sampling,
    score: impl Fn(&Situation<'_>, &[View<'static>]) -> T + Sync,
    key: impl Fn(&T) -> (f64, &MineralId),
) -> Vec<T> {
    let mut rows: Vec<T> =
        situations.par_iter().map(|situation| score(situation, &situation.drawn(sampling))).collect();
    rows.sort_by(|a, b| {
        let ((a, first), (b, second)) = (key(a), key(b));
        b.total_cmp(&a).then(first.cmp(second))
    });
    rows
}

/// `GeoPolRisk` by the published conventions and corrected.
pub fn geopolrisk(
    world: &World,
    group: &Group,
    year: i32,
    sampling: Sampling,
) -> Scores<two_ways::Comparison> {
    let (situations, without) = Situation::all(world, year, std::slice::from_ref(group));
    let rows = ranked(
        &situations,
        sampling,
        |situation, drawn| two_ways::compare(situation, drawn, group),
        |row| (row.corrected.unwrap_or(-1.0), &row.mineral),
    );
    Scores { group: group.clone(), year, steps: &[], rows, without }
}

/// Supply risk by the European method.
pub fn eu(world: &World, group: &Group, year: i32, sampling: Sampling) -> Scores<european::Assessment> {
    let sizes = european::Sizes::of(world, group);
    let (situations, without) = Situation::all(world, year, std::slice::from_ref(group));
    let rows = ranked(
        &situations,
        sampling,
        |situation, drawn| european::assess(situation, drawn, group, sizes.as_ref()),
        |row| (row.supply_risk.map_or(-1.0, |risk| risk.mid), &row.mineral),
    );
    Scores { group: group.clone(), year, steps: &indicator::eu::STEPS, rows, without }
}

/// Disruption potential, trade exposure and economic vulnerability.
pub fn nassar(world: &World, group: &Group, year: i32, sampling: Sampling) -> Scores<triad::Assessment> {
    let (situations, without) = Situation::all(world, year, std::slice::from_ref(group));
    let economics = triad::Economics::of(world, &situations, group);
    let rows = ranked(
        &situations,
        sampling,
        |situation, drawn| triad::assess(situation, drawn, group, economics.as_ref()),
        |row| (row.supply_risk.or(row.two_of_three).map_or(-1.0, |risk| risk.mid), &row.mineral),
    );
    Scores { group: group.clone(), year, steps: &indicator::nassar::STEPS, rows, without }
}

impl Scores<two_ways::Comparison> {
    /// All rows as a table for files.
    pub fn columns(&self) -> Columns {
        let rows = &self.rows;
        let text =
            |of: &dyn Fn(&two_ways::Comparison) -> Option<String>| Cells::Text(rows.iter().map(of).collect());
        let point = |of: fn(Range) -> f64| {
            Cells::Number(rows.iter().map(|row| row.corrected_range.map(of)).collect())
        };
        Columns::new([
            ("mineral", text(&|row| Some(row.mineral.to_string()))),
            ("published", Cells::Number(rows.iter().map(|row| Some(row.published)).collect())),
            ("corrected", point(|range| range.mid)),
            ("low", point(|range| range.low)),
            ("high", point(|range| range.high)),
            ("stage", text(&|row| row.stage.map(|stage| stage.to_string()))),
            ("difference", text(&|row| Some(row.words.clone()))),
        ])
    }
}
