//! A balanced year, and others that the same figures allow.
//!
//! A draw reads every observation anew within its doubt, `o·exp(σ z)`, every published total likewise, and a recovery from
//! its range, and balances what it read. For figures whose doubts are normal and whose balances are linear such draws are an
//! exact sample of what the figures allow together (randomised maximum likelihood: Kitanidis 1995; Oliver, He and Reynolds
//! 1996); a balance is close to that. A draw's numbers have names, so that the outputs and recoveries of a run's draw of
//! the same number are the same.

use super::{
    Baseline, Entry, Evidence, NoBaseline, Quantity,
    balance::{Balanced, Cell, Row, RowsOf, balance},
    conditions::{Condition, mass_balances},
    priors::PriorSet,
    reliance, requirements, totals,
};
use crate::{
    base::{
        draw::Draw,
        id::Iso3,
        unit::{Range, Stage},
    },
    world::World,
};

/// Largest open mass balance with which a draw counts as balanced.
const CLOSED: f64 = 1e-6;
/// Ends of a recovery.
const RECOVERY: (f64, f64) = (0.05, 0.999);

/// A mineral-year that can be balanced again from other readings of the same figures.
#[derive(Debug, Clone)]
pub struct Sampler<'w> {
    world: &'w World,
    /// Balanced from the figures as they are.
    middle: Baseline,
    conditions: Vec<Condition>,
    /// Every condition but published reliances, which pull only where a balance lies outside them.
    rows: Vec<Row>,
    recovery: Option<Range>,
    /// Multipliers without and with the published reliances: where the search of a draw begins.
    multipliers: [Vec<f64>; 2],
}

impl<'w> Sampler<'w> {
    /// Balances a mineral-year. Countries in `keep` stay separate however small they are.
    ///
    /// # Errors
    /// When the package has no such mineral, no output for it, or when it has no market of its own.
    pub fn new(world: &'w World, mineral: &str, year: i32, keep: &[Iso3]) -> Result<Self, NoBaseline> {
        let row = world.mineral(mineral).ok_or_else(|| NoBaseline::UnknownMineral(mineral.to_owned()))?;
        if row.market != row.id {
            return Err(NoBaseline::PartOf { mineral: row.id.clone(), market: row.market.clone() });
        }
        let mut draft = PriorSet::new(world, row, year, keep)
            .ok_or_else(|| NoBaseline::NoOutput { mineral: row.id.clone(), year })?;
        draft.read_published(world);
        let quantities: Vec<Quantity> = draft.priors.keys().copied().collect();
        let Baseline { last_stage, two_stages, recovery, .. } = draft.baseline;
        let mut rows = mass_balances(&quantities, last_stage, two_stages, recovery);
        rows.extend(draft.world_totals(&quantities));
        rows.extend(totals::rows(world, &draft.baseline, &quantities));
        rows.extend(requirements::rows(world, &draft.baseline, &quantities, draft.made()));
        let (conditions, rows) = rows.into_iter().unzip();
        let entry =
            |(&quantity, &(prior, evidence)): (&Quantity, &(super::observed::Prior, Evidence))| Entry {
                quantity,
                value: prior.value,
                prior: prior.value,
                sigma: prior.sigma,
                evidence,
                grade: prior.grade,
                binding: None,
            };
        let entries = draft.priors.iter().map(entry).collect();
        let mut sampler = Self {
            world,
            middle: Baseline { entries, ..draft.baseline },
            conditions,
            rows,
            recovery: row.recovery().filter(|_| two_stages),
            multipliers: [Vec::new(), Vec::new()],
        };
        sampler.settle();
        Ok(sampler)
    }

    /// Balances the figures as they are.
    fn settle(&mut self) {
        let cells: Vec<Cell> =
            self.middle.entries.iter().map(|e| Cell { prior: e.prior, sigma: e.sigma }).collect();
        let mut rows = self.rows.clone();
        let (first, found, pulling) = self.solve(&cells, &mut rows, |_, _| 0.0);
        let conditions: Vec<Condition> = self.conditions.iter().copied().chain(pulling).collect();
        let rows_of = RowsOf::new(cells.len(), &rows);
        self.middle.residual = found.residual;
        for (cell, entry) in self.middle.entries.iter_mut().enumerate() {
            entry.value = found.values[cell];
            entry.binding = found.binding(cell, entry.prior, &rows_of).map(|row| conditions[row]);
        }
        self.multipliers = [first, found.multipliers];
    }

    /// Balances with published reliances where they pull: the multipliers without them, the balance, their conditions.
    fn solve(
        &self,
        cells: &[Cell],
        rows: &mut Vec<Row>,
        shift: impl Fn(Condition, &Row) -> f64,
    ) -> (Vec<f64>, Balanced, Vec<Condition>) {
        let quantities: Vec<Quantity> = self.middle.entries.iter().map(|entry| entry.quantity).collect();
        let first = balance(cells, rows, &self.multipliers[0]);
        let pulling = reliance::rows(self.world, &self.middle, &quantities, &first.values);
        if pulling.is_empty() {
            return (first.multipliers.clone(), first, Vec::new());
        }
        let mut conditions = Vec::new();
        for (condition, mut row) in pulling {
            row.target += shift(condition, &row);
            conditions.push(condition);
            rows.push(row);
        }
        let start = if self.multipliers[1].is_empty() { &first.multipliers } else { &self.multipliers[1] };
        let found = balance(cells, rows, start);
        (first.multipliers, found, conditions)
    }

    /// The year balanced from the figures as they are.
    pub fn middle(&self) -> &Baseline {
        &self.middle
    }

    /// The same, without what else is needed for draws.
    pub fn into_middle(self) -> Baseline {
        self.middle
    }

    /// The year balanced from another reading of the figures; absent where that could not be balanced.
    pub fn draw(&self, draw: Draw) -> Option<Baseline> {
        self.drawn(draw, 1.0)
    }

    /// A draw in which the standard deviation of every figure is multiplied by `doubt`.
    fn drawn(&self, draw: Draw, doubt: f64) -> Option<Baseline> {
        if doubt == 0.0 {
            return Some(self.middle.clone());
        }
        let mineral = &self.middle.mineral;
        let normal = |what: &str| draw.normal(&format!("{mineral}/{what}"));
        let cells: Vec<Cell> = self
            .middle
            .entries
            .iter()
            .map(|entry| {
                // A route that nobody saw is no observation.
                let factor = match entry.evidence {
                    Evidence::Seeded => 1.0,
                    _ => (doubt * entry.sigma * normal(&name(entry.quantity))).exp(),
                };
                Cell { prior: entry.prior * factor, sigma: entry.sigma }
            })
            .collect();
        let shift =
            |condition: Condition, row: &Row| doubt * row.softness * normal(&condition_name(condition));
        let recovery = match self.recovery {
            Some(range) => {
                let drawn = draw.range(&format!("{mineral}/recovery"), range).clamp(RECOVERY.0, RECOVERY.1);
                self.middle.recovery + doubt * (drawn - self.middle.recovery)
            }
            None => self.middle.recovery,
        };
        let mut rows = self.rows.clone();
        for (row, condition) in rows.iter_mut().zip(&self.conditions) {
            if row.softness > 0.0 {
                row.target += shift(*condition, row);
            }
            if matches!(condition, Condition::Refining(_)) {
                for (cell, factor) in &mut row.terms {
                    if matches!(self.middle.entries[*cell].quantity, Quantity::Intake(_)) {
                        *factor = recovery;
                    }
                }
            }
        }
        let (_, found, _) = self.solve(&cells, &mut rows, shift);
        if found.residual > CLOSED || found.values.iter().any(|value| !value.is_finite()) {
            return None;
        }
        let mut drawn = Baseline { recovery, residual: found.residual, ..self.middle.clone() };
        for ((entry, value), cell) in drawn.entries.iter_mut().zip(found.values).zip(&cells) {
            (entry.value, entry.prior, entry.binding) = (value, cell.prior, None);
        }
        Some(drawn)
    }
}

/// Name of a quantity in draws. Outputs are named as in a run.
fn name(quantity: Quantity) -> String {
    match quantity {
        Quantity::Mined(c) => format!("output/{}/{c}", Stage::Mine),
        Quantity::Refined(c) => format!("output/{}/{c}", Stage::Refine),
        Quantity::OreFlow(from, to) => format!("observed/ore/{from}/{to}"),
        Quantity::ProductFlow(from, to) => format!("observed/product/{from}/{to}"),
        Quantity::OreUse(c) => format!("observed/ore-use/{c}"),
        Quantity::Intake(c) => format!("observed/intake/{c}"),
        Quantity::Scrap(c) => format!("observed/scrap/{c}"),
    }
}

/// Name of a condition in draws.
fn condition_name(condition: Condition) -> String {
    let form = |stage: Option<Stage>| stage.map_or("all", |stage| stage.as_str());
    match condition {
        Condition::WorldTotal(stage) => format!("observed/world/{stage}"),
        Condition::Imports(c, stage) => format!("observed/imports/{}/{c}", form(stage)),
        Condition::Exports(c, stage) => format!("observed/exports/{}/{c}", form(stage)),
        Condition::Use(c) => format!("observed/use/{c}"),
        Condition::Reliance(c, stage) => format!("observed/reliance/{}/{c}", form(stage)),
        Condition::OreSales(c) | Condition::OreAtHand(c) | Condition::Refining(c) | Condition::Sales(c) => {
            format!("balance/{c}")
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::testing::{MiniPackage, shipped_world};

    fn tungsten(world: &World) -> Sampler<'_> {
        Sampler::new(world, "tungsten", 2024, &[]).unwrap()
    }

    /// The law also holds where a draw takes the whole way: with a doubt so small that nothing moves.
    #[test]
    fn without_doubt_every_draw_is_the_middle_bit_for_bit() {
        let world = MiniPackage::new().load().unwrap();
        let sampler = tungsten(&world);
        for index in 0..8 {
            let draw = Draw::new(3, index);
            assert_eq!(sampler.drawn(draw, 0.0).unwrap().entries, sampler.middle().entries);
            let nearly = sampler.drawn(draw, 1e-9).unwrap();
            for (a, b) in nearly.entries.iter().zip(&sampler.middle().entries) {
                assert!((a.value / b.value - 1.0).abs() < 1e-6, "{a:?} {b:?}");
            }
        }
    }

    #[test]
    fn a_draw_closes_its_balances_and_depends_on_seed_and_number_alone() {
        let world = shipped_world();
        let sampler = tungsten(&world);
        let Baseline { last_stage, two_stages, .. } = *sampler.middle();
        for index in 0..4 {
            let draw = Draw::new(1, index);
            let drawn = sampler.draw(draw).unwrap();
            assert_eq!(drawn, tungsten(&world).draw(draw).unwrap());
            assert_ne!(drawn.entries, sampler.middle().entries);
            let quantities: Vec<Quantity> = drawn.entries.iter().map(|entry| entry.quantity).collect();
            for (condition, row) in mass_balances(&quantities, last_stage, two_stages, drawn.recovery) {
                let terms = row.terms.iter().map(|&(cell, factor)| factor * drawn.entries[cell].value);
                let (gap, size) =
                    terms.fold((0.0, 0.0), |(gap, size): (f64, f64), t| (gap + t, size + t.abs()));
                assert!(gap.abs() <= 1e-6 * size, "{condition:?}: {gap} of {size}");
            }
        }
    }

    /// Where a figure stands alone, drawing and balancing gives it the spread that it has.
    #[test]
    fn a_figure_that_no_other_contradicts_keeps_its_doubt() {
        let world = MiniPackage::new().load().unwrap();
        let sampler = Sampler::new(&world, "gallium", 2024, &[]).unwrap();
        let entry = &sampler.middle().entries[0];
        assert_eq!(entry.quantity, Quantity::Refined("CHN".parse().unwrap()));
        let logs: Vec<f64> = (0..400)
            .map(|index| (sampler.draw(Draw::new(5, index)).unwrap().entries[0].value / entry.value).ln())
            .collect();
        let mean = logs.iter().sum::<f64>() / 400.0;
        let sd = (logs.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 399.0).sqrt();
        assert!(
            mean.abs() < 0.2 * entry.sigma && (sd / entry.sigma - 1.0).abs() < 0.2,
            "{mean} {sd} {entry:?}"
        );
    }
}
