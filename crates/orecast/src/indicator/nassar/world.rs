//! Disruption potential and trade exposure of the package's own balanced years.

use serde::Serialize;

use super::{Producer, disruption_potential, trade_exposure};
use crate::{
    id::{Iso3, MineralId},
    indicator::{
        Group, Situation,
        concentration::shares,
        dependence,
        governance::{poor_governance, voting_distance},
    },
    world::table::Stage,
};

/// Ability or willingness where nothing is published, 0 to 1.
const UNKNOWN: f64 = 0.5;

/// The parts of supply risk that the package has data for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Assessment {
    /// Mineral.
    pub mineral: MineralId,
    /// Disruption potential of each stage, 0 to 1.
    pub stages: Vec<(Stage, f64)>,
    /// Disruption potential, 0 to 1: the higher of the stages.
    pub disruption_potential: Option<f64>,
    /// Trade exposure, 0 to 1; absent where nothing is consumed.
    pub trade_exposure: Option<f64>,
    /// Geometric mean of the two, 0 to 1: an incomplete score, for ranking only.
    pub two_of_three: Option<f64>,
}

/// Assesses a mineral-year for a group.
pub fn assess(situation: &Situation<'_>, group: &Group) -> Assessment {
    let stages: Vec<(Stage, f64)> = situation
        .view
        .stages()
        .iter()
        .filter_map(|&stage| Some((stage, potential(situation, group, stage)?)))
        .collect();
    let highest = stages.iter().map(|(_, potential)| *potential).max_by(f64::total_cmp);
    let exposure =
        dependence::net_import_reliance(&situation.view, &|country| group.has(country)).map(trade_exposure);
    Assessment {
        mineral: situation.mineral.id.clone(),
        stages,
        disruption_potential: highest,
        trade_exposure: exposure,
        two_of_three: highest.zip(exposure).map(|(potential, exposure)| (potential * exposure).sqrt()),
    }
}

fn potential(situation: &Situation<'_>, group: &Group, stage: Stage) -> Option<f64> {
    let sellers: Vec<_> = situation.view.sellers_at(stage).collect();
    let amounts: Vec<f64> = sellers.iter().map(|seller| seller.output).collect();
    let producers: Vec<Producer> = shares(&amounts)?
        .into_iter()
        .zip(sellers)
        .map(|(share, seller)| Producer {
            share,
            inability: poor_governance(situation.world, seller.country, situation.year).unwrap_or(UNKNOWN),
            unwillingness: unwillingness(situation, group, seller.country),
        })
        .collect();
    Some(disruption_potential(&producers))
}

/// Distance of a country from the group: the mean over its members; 0 for a member.
fn unwillingness(situation: &Situation<'_>, group: &Group, country: Iso3) -> f64 {
    if group.has(country) {
        return 0.0;
    }
    let distances: Vec<f64> = group
        .members
        .iter()
        .filter_map(|member| voting_distance(situation.world, country, *member, situation.year))
        .collect();
    if distances.is_empty() { UNKNOWN } else { distances.iter().sum::<f64>() / distances.len() as f64 }
}
