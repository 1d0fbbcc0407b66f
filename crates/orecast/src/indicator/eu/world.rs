//! Supply risk of the package's own balanced years, for the European Union or any other group.

use serde::Serialize;

use super::{CRITICAL_SUPPLY_RISK, GOVERNANCE_SCALE, Source, SupplyRisk, concentration};
use crate::{
    id::{Iso3, MineralId},
    indicator::{Group, Situation, concentration::shares, dependence, governance::poor_governance},
    world::{
        World,
        table::{RecyclingRow, Stage},
    },
};

/// Trade parameter of members of the group.
const MEMBER: f64 = 0.8;
/// Governance where none is published, 0 to 1.
const UNKNOWN: f64 = 0.5;

/// Supply risk of one mineral.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Assessment {
    /// Mineral.
    pub mineral: MineralId,
    /// Supply risk on the official scale: the higher of the stages.
    pub supply_risk: Option<f64>,
    /// Whether it reaches the official threshold of supply risk.
    pub at_risk: bool,
    /// Stages.
    pub stages: Vec<StageRisk>,
    /// Share of supply from old scrap, 0 to 1; absent where none is published.
    pub recycling: Option<f64>,
}

/// Supply risk of one stage, with its terms.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StageRisk {
    /// Stage.
    pub stage: Stage,
    /// Concentration of world supply, weighted with governance from 0 to 10.
    pub global: Option<f64>,
    /// Concentration of the group's sourcing, likewise.
    pub sourcing: Option<f64>,
    /// Import reliance, 0 to 1.
    pub import_reliance: f64,
    /// Supply risk.
    pub supply_risk: Option<f64>,
    /// Country with the largest share of world output.
    pub largest: Option<Iso3>,
    /// Its share, 0 to 1.
    pub largest_share: Option<f64>,
}

/// Assesses a mineral-year for a group.
pub fn assess(situation: &Situation<'_>, group: &Group) -> Assessment {
    let recycling = end_of_life_rate(situation.world, &situation.mineral.id);
    let stages: Vec<StageRisk> = situation
        .view
        .stages()
        .iter()
        .map(|&stage| stage_risk(situation, group, stage, recycling.unwrap_or(0.0)))
        .collect();
    let supply_risk = stages.iter().filter_map(|stage| stage.supply_risk).max_by(f64::total_cmp);
    Assessment {
        mineral: situation.mineral.id.clone(),
        supply_risk,
        at_risk: supply_risk.is_some_and(|risk| risk >= CRITICAL_SUPPLY_RISK),
        stages,
        recycling,
    }
}

fn stage_risk(situation: &Situation<'_>, group: &Group, stage: Stage, recycling: f64) -> StageRisk {
    let view = &situation.view;
    let members: dependence::Pick<'_> = &|country| group.has(country);
    let weighted = |supply: &[(Iso3, f64)]| {
        let amounts: Vec<f64> = supply.iter().map(|(_, tonnes)| *tonnes).collect();
        let sources: Vec<Source> = shares(&amounts)?
            .into_iter()
            .zip(supply)
            .map(|(share, &(country, _))| Source {
                share,
                governance: GOVERNANCE_SCALE
                    * poor_governance(situation.world, country, situation.year).unwrap_or(UNKNOWN),
                trade: if group.has(country) { MEMBER } else { 1.0 },
            })
            .collect();
        Some(concentration(&sources))
    };
    let made: Vec<(Iso3, f64)> =
        view.sellers_at(stage).map(|seller| (seller.country, seller.output)).collect();
    let bought: Vec<(Iso3, f64)> = dependence::suppliers(view, stage, members).into_iter().collect();
    let (global, sourcing) = (weighted(&made), weighted(&bought));
    let import_reliance = dependence::stage_reliance(view, stage, members).unwrap_or(1.0).clamp(0.0, 1.0);
    let risk = SupplyRisk { global, sourcing, import_reliance, recycling, substitution: 1.0 };
    let countries = made.iter().filter(|(country, _)| !country.is_aggregate());
    let largest = countries.max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)));
    let world: f64 = made.iter().map(|(_, tonnes)| tonnes).sum();
    StageRisk {
        stage,
        global,
        sourcing,
        import_reliance,
        supply_risk: risk.value(),
        largest: largest.map(|(country, _)| *country),
        largest_share: largest.filter(|_| world > 0.0).map(|(_, tonnes)| tonnes / world),
    }
}

/// Published share of supply from old scrap: the better grade, then the newest year.
fn end_of_life_rate(world: &World, mineral: &MineralId) -> Option<f64> {
    let rows = world.tables().recycling.iter();
    let rows = rows.filter(|row| row.mineral == *mineral && row.metric == "eol-rir");
    let key = |row: &&RecyclingRow| (row.grade, -row.year);
    rows.min_by_key(key).map(|row| row.mid)
}
