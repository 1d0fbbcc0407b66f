//! The headline indicators of several countries or groups, side by side.

use rayon::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::studies::risk::{Concentration, Dependence, Stop, dependence_on, stops};
use crate::{
    base::{
        id::{Iso3, MineralId},
        unit::{Grade, Range, Stage},
    },
    baseline::comparison::Without,
    indicator::{Group, share_by_owner, share_by_place},
    studies::situation::{Sampling, Situation},
    world::World,
};

/// Groups side by side.
#[derive(Debug, Serialize)]
pub struct Comparison {
    /// Balanced year.
    pub year: i32,
    /// Readings of the observations behind each range.
    pub sampling: Sampling,
    /// Who is compared, in the order asked for.
    pub groups: Vec<Group>,
    /// One line for each mineral and stage, in the order of the minerals.
    pub lines: Vec<Line>,
    /// The stops with the largest expected loss of users, for each group; the largest first.
    pub stops: Vec<Vec<Stop>>,
    /// Minerals without a balanced year, with the reason.
    pub without: Vec<Without>,
}

/// What a table of the comparison shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CompareMeasure {
    /// Net imports over use of the stage's product.
    Imports,
    /// Largest foreign supplier and its share of purchases.
    Supplier,
    /// Foreign country whose owners control most of the purchases.
    Owner,
    /// Share of world output made there.
    Output,
    /// Share of world output that its owners control, at home and abroad.
    Owned,
    /// Output over what is bought.
    SelfSufficiency,
    /// The same with output that its owners control, at home and abroad.
    SelfSufficiencyByOwner,
    /// Number of equal suppliers that would be as concentrated.
    Diversification,
    /// The same by country of control.
    DiversificationByOwner,
}

/// One mineral at one stage.
#[derive(Debug, Serialize)]
pub struct Line {
    /// Mineral.
    pub mineral: MineralId,
    /// Stage.
    pub stage: Stage,
    /// Concentration of the world's output.
    pub world: Concentration,
    /// Grade of the outputs that make up two thirds of the world's.
    pub grade: Option<Grade>,
    /// One entry for each group.
    pub groups: Vec<Entry>,
}

/// One group's figures.
#[derive(Debug, Serialize)]
pub struct Entry {
    /// Share of world output made in the group, 0 to 1.
    pub output_share: Option<Range>,
    /// Share of world output that the group's owners control, 0 to 1.
    pub owned_share: Option<Range>,
    /// Net imports over apparent consumption of the stage's product.
    pub net_import_reliance: Option<Range>,
    /// Output over what the group buys.
    pub self_sufficiency: Option<Range>,
    /// Output that the group's owners control over what the group buys.
    pub self_sufficiency_by_owner: Option<Range>,
    /// Number of equal suppliers that would be as concentrated.
    pub diversification: Option<Range>,
    /// The same by country of control.
    pub diversification_by_owner: Option<Range>,
    /// Largest foreign supplier and its share of purchases.
    pub largest_supplier: Option<(Iso3, Range)>,
    /// Foreign country whose owners control most of the purchases, and their share.
    pub largest_owner: Option<(Iso3, Range)>,
}

/// Compares groups in a year, for all minerals or those named.
pub fn compare(
    world: &World,
    groups: &[Group],
    year: i32,
    minerals: &[MineralId],
    sampling: Sampling,
) -> Comparison {
    let (situations, without) = Situation::all(world, year, groups);
    let wanted = |id: &MineralId| minerals.is_empty() || minerals.contains(id);
    let lines = |situation: &Situation<'_>| -> Vec<Line> {
        let drawn = situation.drawn(sampling);
        let dependences: Vec<Option<Dependence>> =
            groups.iter().map(|group| dependence_on(situation, &drawn, group)).collect();
        let line = |&stage: &Stage| {
            let entry = |(group, dependence): (&Group, &Option<Dependence>)| {
                let stages = dependence.iter().flat_map(|dependence| &dependence.stages);
                let at = stages.into_iter().find(|at| at.stage == stage);
                let ours = |country: Iso3| group.has(country);
                Entry {
                    output_share: situation.ranged(&drawn, |view| share_by_place(view, stage, &ours)),
                    owned_share: situation.ranged(&drawn, |view| share_by_owner(view, stage, &ours)),
                    net_import_reliance: at.and_then(|at| at.net_import_reliance),
                    self_sufficiency: at.and_then(|at| at.self_sufficiency),
                    self_sufficiency_by_owner: at.and_then(|at| at.self_sufficiency_by_owner),
                    diversification: at.and_then(|at| at.diversification),
                    diversification_by_owner: at.and_then(|at| at.diversification_by_owner),
                    largest_supplier: at.and_then(|at| at.suppliers.first().copied()),
                    largest_owner: at.and_then(|at| at.owners.first().copied()),
                }
            };
            Line {
                mineral: situation.mineral.id.clone(),
                stage,
                world: Concentration::of(situation, &drawn, stage),
                grade: situation.output_grade(stage),
                groups: groups.iter().zip(&dependences).map(entry).collect(),
            }
        };
        situation.view.stages().iter().map(line).collect()
    };
    let lines: Vec<Vec<Line>> =
        situations.par_iter().filter(|situation| wanted(&situation.mineral.id)).map(lines).collect();
    let lines = lines.into_iter().flatten().collect();
    let stops = stops(world, groups, year, &situations, minerals, sampling);
    let stops = stops.into_iter().map(|stops| stops.rows).collect();
    Comparison { year, sampling, groups: groups.to_vec(), lines, stops, without }
}
