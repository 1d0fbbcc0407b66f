//! Disruption potential and trade exposure of the package's own balanced years.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Producer, disruption_potential, trade_exposure};
use crate::{
    id::{Iso3, MineralId},
    indicator::{
        Group, Situation, View,
        concentration::shares,
        dependence,
        governance::{poor_governance, voting_distance},
    },
    unit::Range,
    world::table::Stage,
};

/// Ability or willingness where nothing is published, 0 to 1.
const UNKNOWN: f64 = 0.5;

/// The parts of supply risk of one mineral for one group.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Assessment {
    /// Mineral.
    pub mineral: MineralId,
    /// Stage that counts: the one with the higher product of the first two parts, trickles left out.
    pub stage: Option<Stage>,
    /// Stages with their parts.
    pub stages: Vec<StageParts>,
    /// Disruption potential of that stage, 0 to 1.
    pub disruption_potential: Option<Range>,
    /// Trade exposure of that stage, 0 to 1.
    pub trade_exposure: Option<Range>,
    /// Geometric mean of the two, 0 to 1.
    pub two_of_three: Option<Range>,
}

/// The first two parts at one stage.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct StageParts {
    /// Stage.
    pub stage: Stage,
    /// Disruption potential, 0 to 1.
    pub disruption_potential: f64,
    /// Trade exposure, 0 to 1; absent where nothing is consumed.
    pub trade_exposure: Option<f64>,
}

impl StageParts {
    /// Geometric mean of the two parts.
    fn mean(&self) -> Option<f64> {
        Some((self.disruption_potential * self.trade_exposure?).sqrt())
    }
}

/// Assesses a mineral-year for a group, with the ranges that drawn years give.
pub fn assess(situation: &Situation<'_>, drawn: &[View<'static>], group: &Group) -> Assessment {
    let members: dependence::Pick<'_> = &|country| group.has(country);
    let sellers = situation.view.sellers.iter().map(|seller| seller.country);
    let attitude = |country: Iso3| {
        let inability = poor_governance(situation.world, country, situation.year).unwrap_or(UNKNOWN);
        (country, (inability, unwillingness(situation, group, country)))
    };
    let attitudes: BTreeMap<Iso3, (f64, f64)> = sellers.map(attitude).collect();
    let parts = |view: &View<'_>, stage: Stage| {
        Some(StageParts {
            stage,
            disruption_potential: potential(view, stage, &attitudes)?,
            trade_exposure: dependence::stage_reliance(view, stage, members).map(trade_exposure),
        })
    };
    let view = &situation.view;
    let stages: Vec<StageParts> = view.stages().iter().filter_map(|&stage| parts(view, stage)).collect();
    let key = |at: &StageParts| (!dependence::is_trickle(view, at.stage, members), at.mean().unwrap_or(-1.0));
    let counts = stages.iter().max_by(|a, b| {
        let (a, b) = (key(a), key(b));
        a.0.cmp(&b.0).then(a.1.total_cmp(&b.1))
    });
    let stage = counts.map(|at| at.stage);
    let ranged = |part: fn(&StageParts) -> Option<f64>| {
        stage.and_then(|stage| situation.ranged(drawn, |view| part(&parts(view, stage)?)))
    };
    Assessment {
        mineral: situation.mineral.id.clone(),
        stage,
        disruption_potential: ranged(|at| Some(at.disruption_potential)),
        trade_exposure: ranged(|at| at.trade_exposure),
        two_of_three: ranged(StageParts::mean),
        stages,
    }
}

fn potential(view: &View<'_>, stage: Stage, attitudes: &BTreeMap<Iso3, (f64, f64)>) -> Option<f64> {
    let producers: Vec<Producer> = shares(&view.outputs(stage))?
        .into_iter()
        .zip(view.sellers_at(stage))
        .map(|(share, seller)| {
            let (inability, unwillingness) =
                attitudes.get(&seller.country).copied().unwrap_or((UNKNOWN, UNKNOWN));
            Producer { share, inability, unwillingness }
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
