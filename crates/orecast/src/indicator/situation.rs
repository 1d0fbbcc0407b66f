//! A mineral-year of observations made ready for indicators.

use rayon::prelude::*;

use super::{Group, View, dependence::Pick};
use crate::{
    baseline::{Baseline, NoBaseline, Quantity, comparison::Without},
    id::Iso3,
    unit::Grade,
    world::{
        World,
        table::{MineralRow, Stage},
    },
};

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
        let baseline = Baseline::build(world, mineral.id.as_str(), year, &keep)?;
        let view = View::of_baseline(world, &baseline);
        Ok(Self { world, mineral, year, baseline, view })
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
