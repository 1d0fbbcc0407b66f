//! Supply risk of the package's own balanced years, for the European Union or any other group.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::indicator::eu::{
    CRITICAL_SUPPLY_RISK, GOVERNANCE_SCALE, SectorUse, Source, SupplyRisk, concentration, economic_importance,
};
use crate::{
    base::{
        id::{Iso3, MineralId},
        unit::{Range, Stage},
    },
    indicator::{Group, View, concentration::shares, dependence, governance::poor_governance},
    studies::situation::Situation,
    world::{World, table::RecyclingRow},
};

/// Trade parameter of members of the group.
const MEMBER: f64 = 0.8;
/// Largest economic importance: uses outside manufacturing may lie in a division above the largest manufacturing one.
const GREATEST_IMPORTANCE: f64 = 10.0;
/// Governance where none is published, 0 to 1.
const UNKNOWN: f64 = 0.5;

/// Supply risk of one mineral.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Assessment {
    /// Mineral.
    pub mineral: MineralId,
    /// Supply risk on the official scale: the higher of the stages.
    pub supply_risk: Option<Range>,
    /// Economic importance, 0 to 10; absent without value added by division for the group.
    pub importance: Option<f64>,
    /// Whether it reaches the official threshold of supply risk.
    pub at_risk: bool,
    /// Share of the drawn years in which it does; absent without draws.
    pub at_risk_share: Option<f64>,
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

impl Assessment {
    /// The stage that counts: the one with the higher supply risk.
    pub fn stage(&self) -> Option<&StageRisk> {
        let known = self.stages.iter().filter(|stage| stage.supply_risk.is_some());
        known.max_by(|a, b| a.supply_risk.unwrap_or(0.0).total_cmp(&b.supply_risk.unwrap_or(0.0)))
    }
}

/// Value added of a group by division of industry.
#[derive(Debug, Clone, PartialEq)]
pub struct Sizes(BTreeMap<String, f64>);

impl Sizes {
    /// Reads the newest year of the group as a whole, else of each of its members; absent where one has none.
    pub fn of(world: &World, group: &Group) -> Option<Self> {
        let whole = newest(world, &group.name);
        let parts = || group.members.iter().map(|member| newest(world, member.as_str()));
        let mut sums = BTreeMap::new();
        for (division, value) in whole.or_else(|| Some(parts().collect::<Option<Vec<_>>>()?.concat()))? {
            *sums.entry(division).or_default() += value;
        }
        Some(Self(sums))
    }

    /// Economic importance of a mineral, without substitutes: what it is used for as in the package.
    pub fn importance(&self, world: &World, mineral: &MineralId) -> Option<f64> {
        let division = |code: &str| {
            let sectors = &world.tables().io_sectors;
            sectors.iter().find(|sector| sector.code == code).map(|sector| sector.division.as_str())
        };
        let mut uses = Vec::new();
        for row in world.end_uses(mineral).iter().filter(|row| row.stands_for_world) {
            for made in world.use_industries(&row.end_use) {
                let value_added = division(&made.industry).and_then(|division| self.0.get(division));
                uses.extend(
                    value_added.map(|&value_added| SectorUse { share: row.share * made.share, value_added }),
                );
            }
        }
        let known: f64 = uses.iter().map(|at| at.share).sum();
        for at in &mut uses {
            at.share /= known;
        }
        let manufacturing = self.0.iter().filter(|(division, _)| ("10".."34").contains(&division.as_str()));
        let largest = manufacturing.map(|(_, value)| *value).fold(0.0, f64::max);
        let value = economic_importance(&uses, largest, 1.0).filter(|_| known > 0.0);
        value.map(|value| value.min(GREATEST_IMPORTANCE))
    }
}

/// Value added of a place by division in its newest year.
fn newest(world: &World, place: &str) -> Option<Vec<(String, f64)>> {
    let own = || world.tables().value_added.iter().filter(|row| row.place.as_str() == place);
    let year = own().map(|row| row.year).max()?;
    Some(own().filter(|row| row.year == year).map(|row| (row.division.clone(), row.value)).collect())
}

/// Assesses a mineral-year for a group, with the range that drawn years give.
pub fn assess(
    situation: &Situation<'_>,
    drawn: &[View<'static>],
    group: &Group,
    sizes: Option<&Sizes>,
) -> Assessment {
    let recycling = end_of_life_rate(situation.world, &situation.mineral.id);
    let sellers = situation.view.sellers.iter().map(|seller| seller.country);
    let governance = sellers.map(|country| {
        let poor = poor_governance(situation.world, country, situation.year).unwrap_or(UNKNOWN);
        (country, GOVERNANCE_SCALE * poor)
    });
    let terms = Terms { group, governance: governance.collect(), recycling: recycling.unwrap_or(0.0) };
    let stages = |view: &View<'_>| -> Vec<StageRisk> {
        view.stages().iter().map(|&stage| terms.stage(view, stage)).collect()
    };
    let highest = |view: &View<'_>| {
        stages(view).into_iter().filter_map(|stage| stage.supply_risk).max_by(f64::total_cmp)
    };
    let supply_risk = situation.ranged(drawn, |view| highest(view));
    let critical = |risk: f64| risk >= CRITICAL_SUPPLY_RISK;
    let reached = drawn.iter().filter(|view| highest(view).is_some_and(critical)).count();
    Assessment {
        mineral: situation.mineral.id.clone(),
        supply_risk,
        importance: sizes.and_then(|sizes| sizes.importance(situation.world, &situation.mineral.id)),
        at_risk: supply_risk.is_some_and(|risk| critical(risk.mid)),
        at_risk_share: (!drawn.is_empty()).then(|| reached as f64 / drawn.len() as f64),
        stages: stages(&situation.view),
        recycling,
    }
}

/// What supply risk takes from elsewhere than the balanced year.
struct Terms<'g> {
    group: &'g Group,
    /// Bad governance of each seller, 0 to 10.
    governance: BTreeMap<Iso3, f64>,
    recycling: f64,
}

impl Terms<'_> {
    fn stage(&self, view: &View<'_>, stage: Stage) -> StageRisk {
        let members: dependence::Pick<'_> = &|country| self.group.has(country);
        let weighted = |supply: &[(Iso3, f64)]| {
            let amounts: Vec<f64> = supply.iter().map(|(_, tonnes)| *tonnes).collect();
            let sources: Vec<Source> = shares(&amounts)?
                .into_iter()
                .zip(supply)
                .map(|(share, &(country, _))| Source {
                    share,
                    governance: self.governance.get(&country).copied().unwrap_or(GOVERNANCE_SCALE * UNKNOWN),
                    trade: if self.group.has(country) { MEMBER } else { 1.0 },
                })
                .collect();
            Some(concentration(&sources))
        };
        let made: Vec<(Iso3, f64)> =
            view.sellers_at(stage).map(|seller| (seller.country, seller.output)).collect();
        let bought: Vec<(Iso3, f64)> = dependence::suppliers(view, stage, members).into_iter().collect();
        let (global, sourcing) = (weighted(&made), weighted(&bought));
        let import_reliance = dependence::stage_reliance(view, stage, members).unwrap_or(1.0).clamp(0.0, 1.0);
        let risk =
            SupplyRisk { global, sourcing, import_reliance, recycling: self.recycling, substitution: 1.0 };
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
}

/// Published share of supply from old scrap: the better grade, then the newest year.
fn end_of_life_rate(world: &World, mineral: &MineralId) -> Option<f64> {
    let rows = world.tables().recycling.iter();
    let rows = rows.filter(|row| row.mineral == *mineral && row.metric == "eol-rir");
    let key = |row: &&RecyclingRow| (row.grade, -row.year);
    rows.min_by_key(key).map(|row| row.mid)
}
