//! Comparisons between arms: what a form of deal changes, how sure that is, and what changes most.

use serde::{Deserialize, Serialize};

use crate::{
    base::{
        id::Iso3,
        unit::{Range, Stage},
    },
    ensemble::{Difference, Ensemble},
    indicator::{Indicator, Measure, Roles},
};

/// Change of a share under which nothing is said to change.
const SMALL_SHARE: f64 = 0.005;
/// Change of output over world output, and of a price over itself, under which nothing is said to change.
const SMALL_RATIO: f64 = 0.002;

/// One indicator on which some arm differs from the reference.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// Position of the mineral in the ensemble.
    pub mineral: usize,
    /// Position of the indicator in the mineral's panel.
    pub indicator: usize,
    /// The arms' differences from the reference, in the order of the ensemble's arms after the first.
    pub differences: Vec<Difference>,
    /// Typical size of the largest difference in multiples of what is worth saying.
    pub weight: f64,
}

/// What a reader is told about each mineral, in this order.
pub fn headline_indicators(roles: &Roles, last_stage: Stage) -> Vec<Indicator> {
    let of = |measure, stage, actor: String| Indicator { measure, stage, actor };
    let (leader, host) = (roles.leader_actor(), roles.host_actor());
    vec![
        of(Measure::Production, Some(Stage::Mine), host.clone()),
        of(Measure::Production, Some(Stage::Refine), host.clone()),
        of(Measure::SupplyFromHost, None, leader.clone()),
        of(Measure::RivalContent, None, leader.clone()),
        of(Measure::NetImportReliance, None, leader.clone()),
        of(Measure::Price, Some(last_stage), Iso3::WORLD.to_string()),
        of(Measure::HostRevenue, None, host),
        of(Measure::PublicFinance, None, leader.clone()),
        of(Measure::PublicCost, None, leader),
    ]
}

/// Whether an arm changes anything worth saying, for each headline of each mineral in a year (by position), largest
/// first by mineral, headlines in their own order.
pub fn changes(ensemble: &Ensemble, roles: &Roles, year: usize) -> Vec<Change> {
    let mut by_mineral: Vec<(f64, Vec<Change>)> = Vec::new();
    for (m, panel) in ensemble.minerals.iter().enumerate() {
        let last = last_stage(&panel.indicators);
        let mut found = Vec::new();
        for headline in headline_indicators(roles, last) {
            let Some(k) = panel.indicators.iter().position(|i| *i == headline) else { continue };
            let differences: Vec<Difference> =
                (1..ensemble.arms.len()).map(|arm| ensemble.difference(m, k, arm, 0, year)).collect();
            let scale = scale(ensemble, m, &headline, year);
            let size = differences
                .iter()
                .map(|d| (d.range.low.abs().max(d.range.high.abs()), typical(d.range)))
                .filter(|(size, _)| size.is_finite())
                .fold((0.0, 0.0), |a: (f64, f64), b| (a.0.max(b.0), a.1.max(b.1)));
            let weight = size.1 / scale;
            if size.0 >= scale {
                found.push(Change { mineral: m, indicator: k, differences, weight });
            }
        }
        // Money alone is no change of the market.
        let weight = found
            .iter()
            .filter(|c| !is_money(panel.indicators[c.indicator].measure))
            .map(|c| c.weight)
            .fold(0.0, f64::max);
        if weight > 0.0 {
            by_mineral.push((weight, found));
        }
    }
    by_mineral.sort_by(|a, b| b.0.total_cmp(&a.0));
    by_mineral.into_iter().flat_map(|(_, found)| found).collect()
}

/// Stage whose product is used, by the indicators of a panel.
pub fn last_stage(indicators: &[Indicator]) -> Stage {
    indicators.iter().filter_map(|i| i.stage).max().unwrap_or(Stage::Refine)
}

const fn is_money(measure: Measure) -> bool {
    matches!(measure, Measure::HostRevenue | Measure::PublicCost | Measure::PublicFinance)
}

/// Mean size of a difference over its range.
fn typical(range: Range) -> f64 {
    Range::new(range.low.abs(), range.mid.abs(), range.high.abs()).mean()
}

/// The size of a change that is just worth saying.
fn scale(ensemble: &Ensemble, mineral: usize, indicator: &Indicator, year: usize) -> f64 {
    const MILLION: f64 = 1e6;
    let panel = &ensemble.minerals[mineral];
    let reference = |measure: Measure, stage: Option<Stage>| {
        let world = Iso3::WORLD.to_string();
        let wanted = Indicator { measure, stage, actor: world };
        panel
            .indicators
            .iter()
            .position(|i| *i == wanted)
            .map_or(f64::INFINITY, |k| ensemble.range(mineral, k, 0, year).mid)
    };
    match indicator.measure {
        Measure::Production => SMALL_RATIO * reference(Measure::Production, indicator.stage),
        Measure::Price => SMALL_RATIO * reference(Measure::Price, indicator.stage),
        measure if is_money(measure) => MILLION,
        _ => SMALL_SHARE,
    }
}

/// An arm's money and dependence over all minerals, next to the reference.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Totals {
    /// Public money lent, guaranteed or invested by the leader since the first year, USD.
    pub public_finance: Vec<f64>,
    /// Expected public cost to the leader since the first year, USD.
    pub public_cost: Vec<f64>,
    /// Change of the host's yearly revenue against the reference, USD.
    pub host_revenue: Vec<f64>,
}

/// Sums over all minerals, draw by draw, for an arm in a year (by position).
pub fn totals(ensemble: &Ensemble, arm: usize, year: usize) -> Totals {
    let sum = |measure: Measure, change: bool| {
        let mut sums = vec![0.0; ensemble.draws];
        for (m, panel) in ensemble.minerals.iter().enumerate() {
            for (k, _) in panel.indicators.iter().enumerate().filter(|(_, i)| i.measure == measure) {
                let reference = ensemble.values(m, k, 0, year);
                for ((sum, value), base) in
                    sums.iter_mut().zip(ensemble.values(m, k, arm, year)).zip(reference)
                {
                    let value = if change { value - base } else { value };
                    *sum += if value.is_finite() { value } else { 0.0 };
                }
            }
        }
        sums
    };
    Totals {
        public_finance: sum(Measure::PublicFinance, false),
        public_cost: sum(Measure::PublicCost, false),
        host_revenue: sum(Measure::HostRevenue, true),
    }
}
