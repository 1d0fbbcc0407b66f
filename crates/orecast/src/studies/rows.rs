//! An ensemble as result rows.

use crate::render::results::ResultRow;
use crate::{
    base::unit::{Grade, Range},
    ensemble::Ensemble,
    indicator::Measure,
};

/// Every indicator of every arm and year, and for arms after the first the change against the first, run by run,
/// named `<indicator>:change`.
pub fn rows(ensemble: &Ensemble) -> Vec<ResultRow> {
    let mut rows = Vec::new();
    for (m, panel) in ensemble.minerals.iter().enumerate() {
        for (k, indicator) in panel.indicators.iter().enumerate() {
            for (a, arm) in ensemble.arms.iter().enumerate() {
                for (y, &year) in ensemble.years.iter().enumerate() {
                    let level = ensemble.range(m, k, a, y);
                    if is_withheld(indicator.measure, level) {
                        continue;
                    }
                    let mut push = |name: String, range: Range| {
                        rows.push(ResultRow {
                            mineral: panel.mineral.clone(),
                            stage: indicator.stage,
                            indicator: name,
                            actor: indicator.actor.clone(),
                            arm: arm.id.clone(),
                            year,
                            unit: indicator.measure.unit(&panel.basis),
                            low: range.low,
                            mid: range.mid,
                            high: range.high,
                            // A year that is run is published by nobody; what an arm adds rests on assumptions.
                            grade: if a == 0 { panel.grade.max(Grade::B) } else { Grade::C },
                        });
                    };
                    push(indicator.measure.as_str().to_owned(), level);
                    if a > 0 {
                        let change = ensemble.difference(m, k, a, 0, y).range;
                        push(format!("{}:change", indicator.measure.as_str()), change);
                    }
                }
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
    for (m, panel) in ensemble.minerals.iter().enumerate() {
        for (k, indicator) in panel.indicators.iter().enumerate() {
            let years: Vec<i32> = (0..ensemble.years.len())
                .filter(|&y| {
                    (0..ensemble.arms.len())
                        .any(|a| is_withheld(indicator.measure, ensemble.range(m, k, a, y)))
                })
                .map(|y| ensemble.years[y])
                .collect();
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
