//! Trade between the sides of a deal, before and after it.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::{
    base::{
        id::{Iso3, MineralId, PartyId},
        unit::Stage,
    },
    world::{World, table::AgreementRow},
};

/// What side B sold side A in a year.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct YearFlow {
    /// Calendar year.
    pub year: i32,
    /// Tonnes contained.
    pub tonnes: f64,
    /// Thousand US dollars.
    pub kusd: f64,
    /// What side A bought from everybody outside it, tonnes contained.
    pub all_tonnes: f64,
}

/// Trade of one mineral and stage from side B to side A.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TradeLine {
    /// Mineral.
    pub mineral: MineralId,
    /// Stage.
    pub stage: Stage,
    /// The years that the package has, in order.
    pub years: Vec<YearFlow>,
    /// Mean over the years up to that of the deal.
    pub before: Option<YearFlow>,
    /// Mean over the years after it; absent where no trade is published yet.
    pub after: Option<YearFlow>,
}

impl YearFlow {
    /// Share of side A's imports that comes from side B.
    pub fn share(&self) -> Option<f64> {
        (self.all_tonnes > 0.0).then(|| self.tonnes / self.all_tonnes)
    }
}

/// Trade from side B to side A in the minerals of a deal, or in all where it covers more than it names; the largest by value first.
/// Nothing when a deal has one side, or both are the same countries.
pub(super) fn trade(world: &World, deal: &AgreementRow) -> Vec<TradeLine> {
    let years = world.trade_years();
    let market = |id: &MineralId| world.mineral(id.as_str()).map(|row| row.market.clone());
    let minerals: BTreeSet<MineralId> = if deal.minerals.is_empty() || !deal.others.is_empty() {
        world.market_minerals().map(|row| row.id.clone()).collect()
    } else {
        deal.minerals.iter().filter_map(market).collect()
    };
    let mut lines = Vec::new();
    for mineral in minerals {
        for stage in [Stage::Mine, Stage::Refine] {
            let flows: Vec<YearFlow> =
                years.iter().filter_map(|&year| flow(world, deal, &mineral, stage, year)).collect();
            if flows.iter().any(|flow| flow.kusd > 0.0 || flow.tonnes > 0.0) {
                let signed = deal.date.year();
                let before = mean(flows.iter().filter(|flow| flow.year <= signed));
                let after = mean(flows.iter().filter(|flow| flow.year > signed));
                lines.push(TradeLine { mineral: mineral.clone(), stage, years: flows, before, after });
            }
        }
    }
    let value = |line: &TradeLine| line.years.iter().map(|flow| flow.kusd).sum::<f64>();
    lines.sort_by(|a, b| value(b).total_cmp(&value(a)));
    lines
}

fn flow(
    world: &World,
    deal: &AgreementRow,
    mineral: &MineralId,
    stage: Stage,
    year: i32,
) -> Option<YearFlow> {
    let side = |parties: &[PartyId]| -> BTreeSet<Iso3> {
        parties.iter().flat_map(|party| world.party_members(party, year)).collect()
    };
    let (buyers, sellers) = (side(&deal.side_a), side(&deal.side_b));
    let sellers: BTreeSet<Iso3> = sellers.difference(&buyers).copied().collect();
    if sellers.is_empty() {
        return None;
    }
    let mut sum = YearFlow { year, tonnes: 0.0, kusd: 0.0, all_tonnes: 0.0 };
    for flow in world.flows(mineral, stage, year) {
        if buyers.contains(&flow.importer) && !buyers.contains(&flow.exporter) {
            sum.all_tonnes += flow.tonnes.unwrap_or(0.0);
            if sellers.contains(&flow.exporter) {
                sum.tonnes += flow.tonnes.unwrap_or(0.0);
                sum.kusd += flow.kusd.unwrap_or(0.0);
            }
        }
    }
    Some(sum)
}

/// Mean of some years, dated with the last; nothing of none.
fn mean<'f>(flows: impl Iterator<Item = &'f YearFlow>) -> Option<YearFlow> {
    let flows: Vec<&YearFlow> = flows.collect();
    let of =
        |field: fn(&YearFlow) -> f64| flows.iter().map(|flow| field(flow)).sum::<f64>() / flows.len() as f64;
    Some(YearFlow {
        year: flows.last()?.year,
        tonnes: of(|flow| flow.tonnes),
        kusd: of(|flow| flow.kusd),
        all_tonnes: of(|flow| flow.all_tonnes),
    })
}
