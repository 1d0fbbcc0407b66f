//! The headline indicators of several countries or groups, side by side.

use serde::Serialize;

use super::risk::{Dependence, Stop, dependence_on, stops};
use crate::{
    baseline::comparison::Without,
    id::{Iso3, MineralId},
    indicator::{Group, Situation, concentration::hhi, share_by_place},
    unit::Grade,
    world::{World, table::Stage},
};

/// Groups side by side.
#[derive(Debug, Serialize)]
pub struct Comparison {
    /// Balanced year.
    pub year: i32,
    /// Who is compared, in the order asked for.
    pub groups: Vec<Group>,
    /// One line for each mineral and stage, in the order of the minerals.
    pub lines: Vec<Line>,
    /// The stops with the largest expected loss of users, for each group; the largest first.
    pub stops: Vec<Vec<Stop>>,
    /// Minerals without a balanced year, with the reason.
    pub without: Vec<Without>,
}

/// One mineral at one stage.
#[derive(Debug, Serialize)]
pub struct Line {
    /// Mineral.
    pub mineral: MineralId,
    /// Stage.
    pub stage: Stage,
    /// Herfindahl-Hirschman index of world output, 0 to 10,000.
    pub hhi: Option<f64>,
    /// Grade of the outputs that make up two thirds of the world's.
    pub grade: Option<Grade>,
    /// One entry for each group.
    pub groups: Vec<Entry>,
}

/// One group's figures.
#[derive(Debug, Serialize)]
pub struct Entry {
    /// Share of world output made by the group, 0 to 1.
    pub output_share: Option<f64>,
    /// Net imports over apparent consumption of the stage's product.
    pub net_import_reliance: Option<f64>,
    /// Number of equal suppliers that would be as concentrated.
    pub diversification: Option<f64>,
    /// Largest foreign supplier and its share of purchases.
    pub largest_supplier: Option<(Iso3, f64)>,
}

/// Compares groups in a year, for all minerals or those named.
pub fn compare(world: &World, groups: &[Group], year: i32, minerals: &[MineralId]) -> Comparison {
    let (situations, without) = Situation::all(world, year, groups);
    let wanted = |id: &MineralId| minerals.is_empty() || minerals.contains(id);
    let mut lines = Vec::new();
    for situation in situations.iter().filter(|situation| wanted(&situation.mineral.id)) {
        let dependences: Vec<Option<Dependence>> =
            groups.iter().map(|group| dependence_on(situation, group)).collect();
        for &stage in situation.view.stages() {
            let entry = |(group, dependence): (&Group, &Option<Dependence>)| {
                let stages = dependence.iter().flat_map(|dependence| &dependence.stages);
                let at = stages.into_iter().find(|at| at.stage == stage);
                Entry {
                    output_share: share_by_place(&situation.view, stage, &|country| group.has(country)),
                    net_import_reliance: at.and_then(|at| at.net_import_reliance),
                    diversification: at.and_then(|at| at.diversification),
                    largest_supplier: at.and_then(|at| at.suppliers.first().copied()),
                }
            };
            lines.push(Line {
                mineral: situation.mineral.id.clone(),
                stage,
                hhi: hhi(&situation.view.outputs(stage)),
                grade: situation.output_grade(stage),
                groups: groups.iter().zip(&dependences).map(entry).collect(),
            });
        }
    }
    let stops = groups.iter().map(|group| stops(world, group, year, minerals).rows).collect();
    Comparison { year, groups: groups.to_vec(), lines, stops, without }
}
