//! A mineral-year of observations made ready for indicators.

use rayon::prelude::*;
use serde::Serialize;

use crate::indicator::{Group, View, dependence::Pick};
use crate::{
    base::{
        draw::Draw,
        id::Iso3,
        unit::{Grade, Range, Stage},
    },
    baseline::{Baseline, NoBaseline, Quantity, Sampler, comparison::Without},
    ensemble::quantile,
    world::{World, table::MineralRow},
};

/// How many readings of the observations stand behind a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Sampling {
    /// Draws; 0 for none, and so no ranges.
    pub draws: usize,
    /// Seed of the draws.
    pub seed: u64,
}

impl Sampling {
    /// No ranges.
    pub const NONE: Self = Self { draws: 0, seed: 0 };
}

impl Default for Sampling {
    fn default() -> Self {
        Self { draws: 40, seed: 1 }
    }
}

/// One mineral in one year, as balanced from observations, with the facts it came from.
#[derive(Debug, Clone)]
pub struct Situation<'w> {
    /// The facts.
    pub world: &'w World,
    /// The mineral.
    pub mineral: &'w MineralRow,
    /// Calendar year.
    pub year: i32,
    /// The balanced year.
    pub baseline: Baseline,
    /// What indicators read of it.
    pub view: View<'static>,
    sampler: Sampler<'w>,
}

impl<'w> Situation<'w> {
    /// Balances a mineral-year; the members of `groups` stay separate countries however small they are.
    ///
    /// # Errors
    /// When the mineral-year has no baseline.
    pub fn build(
        world: &'w World,
        mineral: &'w MineralRow,
        year: i32,
        groups: &[Group],
    ) -> Result<Self, NoBaseline> {
        let mut keep: Vec<Iso3> = groups.iter().flat_map(|group| group.members.iter().copied()).collect();
        keep.sort_unstable();
        keep.dedup();
        let sampler = Sampler::new(world, mineral.id.as_str(), year, &keep)?;
        let baseline = sampler.middle().clone();
        let view = View::of_baseline(world, &baseline);
        Ok(Self { world, mineral, year, baseline, view, sampler })
    }

    /// The year as other readings of the same observations have it. A reading that cannot be balanced is left out.
    pub fn drawn(&self, sampling: Sampling) -> Vec<View<'static>> {
        let view = |index: usize| {
            let baseline = self.sampler.draw(Draw::new(sampling.seed, index as u64))?;
            Some(View::of_baseline(self.world, &baseline))
        };
        (0..sampling.draws).into_par_iter().filter_map(view).collect()
    }

    /// An indicator of the year, with the ends that hold 9 in 10 of the drawn years and the year itself.
    pub fn ranged(
        &self,
        drawn: &[View<'static>],
        indicator: impl Fn(&View<'static>) -> Option<f64>,
    ) -> Option<Range> {
        let known = |view| indicator(view).filter(|value| value.is_finite());
        let mid = known(&self.view)?;
        Some(around(mid, drawn.iter().filter_map(known).collect()))
    }

    /// Every mineral with a market of its own, in the order of their ids, and why some have no balanced year.
    pub fn all(world: &'w World, year: i32, groups: &[Group]) -> (Vec<Self>, Vec<Without>) {
        let minerals: Vec<&MineralRow> = world.market_minerals().collect();
        let built: Vec<Result<Self, NoBaseline>> =
            minerals.par_iter().map(|mineral| Self::build(world, mineral, year, groups)).collect();
        let (mut found, mut without) = (Vec::new(), Vec::new());
        for (mineral, result) in minerals.into_iter().zip(built) {
            match result {
                Ok(situation) => found.push(situation),
                Err(reason) => {
                    without.push(Without { mineral: mineral.id.clone(), reason: reason.to_string() });
                }
            }
        }
        (found, without)
    }

    /// The grade that covers two thirds of a group's purchases of what a stage sells.
    pub fn purchases_grade(&self, stage: Stage, members: Pick<'_>) -> Option<Grade> {
        let ore = stage == Stage::Mine && self.baseline.two_stages;
        let bought = self.baseline.entries.iter().filter_map(|entry| match entry.quantity {
            Quantity::OreFlow(_, to) if ore && members(to) => Some((entry.grade, entry.value)),
            Quantity::ProductFlow(_, to) if !ore && members(to) => Some((entry.grade, entry.value)),
            _ => None,
        });
        grade_of(bought)
    }

    /// The grade that covers two thirds of the world's output of a stage.
    pub fn output_grade(&self, stage: Stage) -> Option<Grade> {
        let made = self.baseline.entries.iter().filter_map(|entry| match (entry.quantity, stage) {
            (Quantity::Mined(_), Stage::Mine) | (Quantity::Refined(_), Stage::Refine) => {
                Some((entry.grade, entry.value))
            }
            _ => None,
        });
        grade_of(made)
    }
}

/// A middle value with the ends that hold 9 in 10 of some values and the middle.
fn around(mid: f64, mut values: Vec<f64>) -> Range {
    if values.is_empty() {
        return Range::exact(mid);
    }
    values.sort_by(f64::total_cmp);
    Range::new(quantile(&values, 0.05).min(mid), mid, quantile(&values, 0.95).max(mid))
}

/// The best grade that, with those better, covers two thirds of the tonnes.
fn grade_of(tonnes: impl Iterator<Item = (Grade, f64)>) -> Option<Grade> {
    let mut by_grade = [0.0; 3];
    for (grade, value) in tonnes {
        by_grade[grade as usize] += value;
    }
    let sum: f64 = by_grade.iter().sum();
    let mut covered = 0.0;
    [Grade::A, Grade::B, Grade::C].into_iter().find(|grade| {
        covered += by_grade[*grade as usize];
        sum > 0.0 && covered >= 2.0 / 3.0 * sum
    })
}
