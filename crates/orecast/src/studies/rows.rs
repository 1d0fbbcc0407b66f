//! An ensemble as result rows.

use crate::render::results::ResultRow;
use crate::{
    base::unit::{Grade, Range},
    ensemble::Ensemble,
};

/// Every indicator of every arm and year, and for arms after the first the change against the first, run by run,
/// named `<indicator>:change`.
pub fn rows(ensemble: &Ensemble) -> Vec<ResultRow> {
    let mut rows = Vec::new();
    for (m, panel) in ensemble.minerals.iter().enumerate() {
        for (k, indicator) in panel.indicators.iter().enumerate() {
            for (a, arm) in ensemble.arms.iter().enumerate() {
                for (y, &year) in ensemble.years.iter().enumerate() {
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
                            // What an arm adds to the base rests on assumptions.
                            grade: if a == 0 { panel.grade } else { Grade::C },
                        });
                    };
                    push(indicator.measure.as_str().to_owned(), ensemble.range(m, k, a, y));
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
