//! What would change the conclusion: the named assumption that turns the order of the arms round, and where.

use rayon::prelude::*;
use serde::Serialize;

use crate::studies::{changes::Change, why::components};
use crate::{
    base::{
        draw::Draw,
        id::{ArmId, MineralId},
        unit::Range,
    },
    ensemble::Ensemble,
    indicator::{self, Indicator, Measure, Roles},
    market::Status,
    pathway::{Growth, Simulation},
    policy::Commitment,
};

/// Halvings of an assumption's range in search of the turning point.
const HALVINGS: usize = 5;
/// Arms whose means differ by less than this part of the spread of all arms count as equal.
const TIE: f64 = 0.01;

/// One assumption held at one value in all draws.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Mover {
    /// Name of the assumption.
    pub assumption: String,
    /// Its range, within which it was moved.
    pub range: Range,
    /// Mean difference of the last arm from the first at the low end, and at the high end.
    pub difference: [f64; 2],
    /// Where the order of the arms turns, between its middle and an end, and the order beyond; absent when it does not.
    pub turns: Option<Turn>,
}

/// A point at which the order of the arms changes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Turn {
    /// Value of the assumption.
    pub at: f64,
    /// Whether the order changes above it (else below).
    pub above: bool,
    /// Arms beyond it, from the lowest mean of the headline to the highest.
    pub order: Vec<ArmId>,
}

/// What was looked at, and what was found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Robustness {
    /// Mineral of the headline.
    pub mineral: MineralId,
    /// The headline.
    pub indicator: Indicator,
    /// What a tonne counts.
    pub basis: String,
    /// Draws used.
    pub draws: usize,
    /// Arms from the lowest mean to the highest as things stand.
    pub order: Vec<ArmId>,
    /// Mean difference of the last arm from the first as things stand.
    pub difference: f64,
    /// Assumptions, those that turn the order first, then by how far they move the difference.
    pub movers: Vec<Mover>,
}

/// Moves each named assumption alone through its range. Absent when no arm changes anything.
pub fn robustness(
    simulation: &mut Simulation,
    ensemble: &Ensemble,
    roles: &Roles,
    found: &[Change],
    year: usize,
    (draws, seed): (usize, u64),
) -> Option<Robustness> {
    let first = found.first()?;
    let of = |measure: Measure| {
        let mut same = found.iter().filter(|c| c.mineral == first.mineral);
        same.find(|c| ensemble.minerals[c.mineral].indicators[c.indicator].measure == measure)
    };
    let change = of(Measure::RivalContent).or_else(|| of(Measure::SupplyFromHost)).unwrap_or(first);
    let clauses: Vec<&Commitment> = ensemble.arms.iter().flat_map(crate::policy::Arm::events).collect();
    let component = components(simulation, &clauses).into_iter().find(|c| c.contains(&change.mineral))?;
    let skip: Vec<bool> = (0..simulation.chains.len()).map(|chain| !component.contains(&chain)).collect();
    let own = *simulation.params();
    let growths: Vec<Vec<Vec<Growth>>> = (0..draws as u64)
        .into_par_iter()
        .map(|d| simulation.run(&ensemble.arms[0], Draw::new(seed, d), None, &mut |_| {}))
        .collect();
    let trial = Trial { ensemble, roles, change, year, skip, growths, seed };
    let base = trial.means(simulation);
    let order = order(&base);
    let last = base.len() - 1;
    let mut movers = Vec::new();
    for (parameter, &range) in own.list() {
        if range.low == range.high {
            continue;
        }
        let mut at = |value: f64| {
            simulation.set_params(own.replaced(parameter.name, Range::exact(value)).unwrap_or(own));
            trial.means(simulation)
        };
        let ends = [at(range.low), at(range.high)];
        let turned = (0..2).find(|&end| differs(&order, &ends[end]));
        let turns = turned.map(|end| {
            let (mut same, mut other) = (range.mid, if end == 0 { range.low } else { range.high });
            let mut beyond = ends[end].clone();
            for _ in 0..HALVINGS {
                let middle = 0.5 * (same + other);
                let means = at(middle);
                if differs(&order, &means) {
                    (other, beyond) = (middle, means);
                } else {
                    same = middle;
                }
            }
            Turn { at: other, above: end == 1, order: names(ensemble, &self::order(&beyond)) }
        });
        let difference = ends.map(|means| means[last] - means[0]);
        movers.push(Mover { assumption: parameter.name.to_owned(), range, difference, turns });
    }
    simulation.set_params(own);
    let width = |mover: &Mover| (mover.difference[1] - mover.difference[0]).abs();
    movers.sort_by(|a, b| {
        let key = |mover: &Mover| mover.turns.is_none();
        key(a).cmp(&key(b)).then_with(|| width(b).total_cmp(&width(a)))
    });
    let panel = &ensemble.minerals[change.mineral];
    Some(Robustness {
        mineral: panel.mineral.clone(),
        indicator: panel.indicators[change.indicator].clone(),
        basis: panel.basis.clone(),
        draws,
        order: names(ensemble, &order),
        difference: base[last] - base[0],
        movers,
    })
}

struct Trial<'a> {
    ensemble: &'a Ensemble,
    roles: &'a Roles,
    change: &'a Change,
    year: usize,
    skip: Vec<bool>,
    growths: Vec<Vec<Vec<Growth>>>,
    seed: u64,
}

impl Trial<'_> {
    /// Mean of the headline under each arm, over the draws in which all of them were solved.
    fn means(&self, simulation: &Simulation) -> Vec<f64> {
        let rows: Vec<Vec<f64>> = (0..self.growths.len())
            .into_par_iter()
            .map(|d| {
                let draw = Draw::new(self.seed, d as u64);
                self.ensemble
                    .arms
                    .iter()
                    .map(|arm| self.value(simulation, arm, draw, &self.growths[d]))
                    .collect()
            })
            .collect();
        let whole: Vec<&Vec<f64>> = rows.iter().filter(|row| row.iter().all(|v| v.is_finite())).collect();
        let mean = |arm: usize| whole.iter().map(|row| row[arm]).sum::<f64>() / whole.len().max(1) as f64;
        (0..self.ensemble.arms.len()).map(mean).collect()
    }

    fn value(
        &self,
        simulation: &Simulation,
        arm: &crate::policy::Arm,
        draw: Draw,
        growth: &[Vec<Growth>],
    ) -> f64 {
        let panel = &self.ensemble.minerals[self.change.mineral];
        let sums = panel.indicators[self.change.indicator].measure.accumulates();
        let last = self.ensemble.years[self.year];
        let mut value = 0.0;
        let mut row = Vec::new();
        simulation.run(arm, draw, Some((&self.skip, growth)), &mut |outcome| {
            let wanted = outcome.year == last || (sums && outcome.year < last);
            if outcome.position != self.change.mineral || !wanted {
                return;
            }
            if outcome.equilibrium.status == Status::Converged {
                indicator::measure(outcome, self.roles, &mut row);
                value += row[self.change.indicator];
            } else {
                value = f64::NAN;
            }
        });
        value
    }
}

/// Arms from the lowest mean to the highest.
fn order(means: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..means.len()).collect();
    order.sort_by(|&a, &b| means[a].total_cmp(&means[b]));
    order
}

/// Whether some arm clearly passes its neighbour of the given order.
fn differs(order: &[usize], means: &[f64]) -> bool {
    let spread =
        means.iter().copied().fold(f64::MIN, f64::max) - means.iter().copied().fold(f64::MAX, f64::min);
    order.windows(2).any(|pair| means[pair[0]] - means[pair[1]] > TIE * spread.max(f64::MIN_POSITIVE))
}

fn names(ensemble: &Ensemble, order: &[usize]) -> Vec<ArmId> {
    order.iter().map(|&arm| ensemble.arms[arm].id.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arms_that_are_all_but_equal_do_not_turn() {
        let base = order(&[3.0, 1.0, 2.0]);
        assert_eq!(base, [1, 2, 0]);
        assert!(!differs(&base, &[3.0, 2.001, 2.0]));
        assert!(differs(&base, &[3.0, 2.5, 2.0]));
        assert!(!differs(&base, &[2.0, 2.0, 2.0]));
    }
}
