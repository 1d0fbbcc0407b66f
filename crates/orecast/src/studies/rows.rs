//! An ensemble as result rows.

use std::cmp::Ordering;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{
    base::{
        id::{ArmId, MineralId},
        unit::{Grade, Range, Stage},
    },
    ensemble::{Ensemble, Panel},
    indicator::{Indicator, Measure},
};

/// One number of one arm: an indicator with its 9-in-10 range.
///
/// A point that is not a finite number counts as absent: empty in CSV, null in Parquet and JSON.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ResultRow {
    /// Mineral.
    pub mineral: MineralId,
    /// Stage; absent when the indicator has none.
    pub stage: Option<Stage>,
    /// Indicator, such as `production`, or `production:change` for its difference from the first arm.
    pub indicator: String,
    /// Country or bloc that the number belongs to; `WLD` for the world.
    pub actor: String,
    /// Arm of the case.
    pub arm: ArmId,
    /// Calendar year.
    pub year: i32,
    /// Unit, as read by [`Unit::parse`](crate::answer::number::Unit::parse).
    pub unit: String,
    /// Value that 5 % of runs lie under.
    #[serde(with = "finite_or_absent")]
    pub low: f64,
    /// Middle run.
    #[serde(with = "finite_or_absent")]
    pub mid: f64,
    /// Value that 5 % of runs lie above.
    #[serde(with = "finite_or_absent")]
    pub high: f64,
    /// How well the number is supported.
    pub grade: Grade,
}

impl ResultRow {
    /// The three points as a range.
    pub const fn range(&self) -> Range {
        Range::new(self.low, self.mid, self.high)
    }

    /// The one order of rows in every result file: by the named columns from left to right, then grade, then points.
    pub fn order(&self, other: &Self) -> Ordering {
        fn key(row: &ResultRow) -> impl Ord + '_ {
            (&row.mineral, row.stage, &row.indicator, &row.actor, &row.arm, row.year, &row.unit, row.grade)
        }
        key(self)
            .cmp(&key(other))
            .then_with(|| self.mid.total_cmp(&other.mid))
            .then_with(|| self.low.total_cmp(&other.low))
            .then_with(|| self.high.total_cmp(&other.high))
    }
}

/// Sorts rows into the order of result files.
pub fn sort(rows: &mut [ResultRow]) {
    rows.par_sort_unstable_by(ResultRow::order);
}

/// Every indicator of every arm and year of the minerals that were run, and for arms after the first the change against the
/// first, run by run, named `<indicator>:change`.
pub fn rows(ensemble: &Ensemble) -> Vec<ResultRow> {
    let of_mineral = |(m, panel): (usize, &Panel)| {
        let of_indicator = move |k: usize| of_indicator(ensemble, m, panel, k);
        (0..panel.indicators.len()).into_par_iter().flat_map_iter(of_indicator).collect::<Vec<_>>()
    };
    let computed = ensemble.minerals.par_iter().enumerate().filter(|(_, panel)| panel.computed);
    computed.flat_map_iter(of_mineral).collect()
}

/// The rows of one indicator.
fn of_indicator(ensemble: &Ensemble, m: usize, panel: &Panel, k: usize) -> Vec<ResultRow> {
    let indicator: &Indicator = &panel.indicators[k];
    let unit = indicator.measure.unit(&panel.basis);
    let change = format!("{}:change", indicator.measure.as_str());
    let years = ensemble.years.len();
    let mut rows = Vec::with_capacity((2 * ensemble.arms.len() - 1) * years);
    let reference: Vec<Range> = (0..years).map(|y| ensemble.range(m, k, 0, y)).collect();
    for (a, arm) in ensemble.arms.iter().enumerate() {
        for (y, &year) in ensemble.years.iter().enumerate() {
            let mut push = |name: &str, range: Range| {
                rows.push(ResultRow {
                    mineral: panel.mineral.clone(),
                    stage: indicator.stage,
                    indicator: name.to_owned(),
                    actor: indicator.actor.clone(),
                    arm: arm.id.clone(),
                    year,
                    unit: unit.clone(),
                    low: range.low,
                    mid: range.mid,
                    high: range.high,
                    // A year that is run is published by nobody; what an arm adds rests on assumptions.
                    grade: if a == 0 { panel.grade.max(Grade::B) } else { Grade::C },
                });
            };
            // Where no arm acts, all are the same.
            let same = a == 0 || !panel.touched;
            let level = if same { reference[y] } else { ensemble.range(m, k, a, y) };
            if is_withheld(indicator.measure, level) {
                push(indicator.measure.as_str(), Range::exact(f64::NAN));
                if a > 0 {
                    push(&change, Range::exact(f64::NAN));
                }
                continue;
            }
            push(indicator.measure.as_str(), level);
            if a > 0 && same {
                let none = if level.mid.is_nan() { f64::NAN } else { 0.0 };
                push(&change, Range::exact(none));
            } else if a > 0 {
                push(&change, ensemble.difference(m, k, a, 0, y).range);
            }
        }
    }
    rows
}

/// Net import reliance under which its rows are withheld: a country that exports more than it uses depends on nobody, and how
/// much more says where plants are listed, not what it needs.
const LEAST_RELIANCE: f64 = -1.0;

fn is_withheld(measure: Measure, level: Range) -> bool {
    measure == Measure::NetImportReliance && level.mid < LEAST_RELIANCE
}

/// What [`rows`] withholds, each with the reason.
pub fn withheld(ensemble: &Ensemble) -> Vec<String> {
    let mut list = Vec::new();
    for (m, panel) in ensemble.minerals.iter().enumerate().filter(|(_, panel)| panel.computed) {
        for (k, indicator) in panel.indicators.iter().enumerate() {
            if indicator.measure != Measure::NetImportReliance {
                continue;
            }
            let arms = 0..ensemble.arms.len();
            let is_any =
                |y: usize| arms.clone().any(|a| is_withheld(indicator.measure, ensemble.range(m, k, a, y)));
            let years: Vec<i32> =
                (0..ensemble.years.len()).filter(|&y| is_any(y)).map(|y| ensemble.years[y]).collect();
            if let (Some(first), Some(last)) = (years.first(), years.last()) {
                list.push(format!(
                    "net import reliance of {} for {} is withheld in {first} to {last}: the plants listed there make more than \
                     twice what it uses, and who will use the rest is not foreseen",
                    indicator.actor, panel.mineral
                ));
            }
        }
    }
    list
}

/// A number that may be absent, as an optional value.
mod finite_or_absent {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde calls")]
    pub(super) fn serialize<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
        Some(*value).filter(|value| value.is_finite()).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
        Ok(Option::deserialize(deserializer)?.unwrap_or(f64::NAN))
    }
}
