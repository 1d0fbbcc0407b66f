//! An ensemble as result rows.

use rayon::prelude::*;

use crate::render::results::ResultRow;
use crate::{
    base::unit::{Grade, Range},
    ensemble::{Ensemble, Panel},
    indicator::Indicator,
};

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
                    // What an arm adds to the base rests on assumptions.
                    grade: if a == 0 { panel.grade } else { Grade::C },
                });
            };
            // Where no arm acts, all are the same.
            let same = a == 0 || !panel.touched;
            push(
                indicator.measure.as_str(),
                if same { reference[y] } else { ensemble.range(m, k, a, y) },
            );
            if a > 0 && same {
                let none = if reference[y].mid.is_nan() { f64::NAN } else { 0.0 };
                push(&change, Range::exact(none));
            } else if a > 0 {
                push(&change, ensemble.difference(m, k, a, 0, y).range);
            }
        }
    }
    rows
}
