//! Baselines beside what publishers say about dependence: a check that needs no model.

use serde::Serialize;

use super::{
    Baseline, NoBaseline, import_sources,
    reliance::{Scope, gap_points, published},
};
use crate::{
    base::{
        id::{Iso3, MineralId, SourceId},
        unit::Stage,
    },
    world::{
        World,
        table::{Flag, ImportRelianceRow},
    },
};

/// A published net import reliance beside that of the balanced year.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RelianceCheck {
    /// Mineral.
    pub mineral: MineralId,
    /// Calendar year.
    pub year: i32,
    /// Country that depends.
    pub country: Iso3,
    /// Form that is counted; all forms together when absent.
    pub stage: Option<Stage>,
    /// Publisher's wording for the product.
    pub product: String,
    /// Whether the published figure is a bound; a net exporter has none.
    pub flag: Flag,
    /// Published percent of apparent consumption.
    pub published: Option<f64>,
    /// Percent in the balanced year; absent when the country uses nothing.
    pub balanced: Option<f64>,
    /// Distance between the two in points, 0 inside a published bound.
    pub gap_points: Option<f64>,
    /// Who published it.
    pub source: SourceId,
}

/// A published share of imports beside that of the balanced year.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OriginCheck {
    /// Mineral.
    pub mineral: MineralId,
    /// Form that is counted; all forms together when absent.
    pub stage: Option<Stage>,
    /// Country that imports.
    pub importer: Iso3,
    /// Country of origin.
    pub exporter: Iso3,
    /// Published percent of imports, a mean of several years.
    pub published: f64,
    /// Percent of imports in the balanced year.
    pub balanced: f64,
}

impl OriginCheck {
    /// Distance between the two in points.
    pub fn gap_points(&self) -> f64 {
        (self.balanced - self.published).abs()
    }
}

/// A mineral that cannot be compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Without {
    /// Mineral.
    pub mineral: MineralId,
    /// Why.
    pub reason: String,
}

/// The comparison for every mineral with a market.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RelianceTable {
    /// Calendar year.
    pub year: i32,
    /// One row for each published figure, by mineral.
    pub rows: Vec<RelianceCheck>,
    /// Published shares of imports by origin beside those of the balanced year.
    pub origins: Vec<OriginCheck>,
    /// Minerals without a comparison, with the reason.
    pub without: Vec<Without>,
}

/// Compares every mineral with a market; see [`reliance`].
pub fn reliance_table(world: &World, year: i32) -> RelianceTable {
    let mut table = RelianceTable { year, rows: Vec::new(), origins: Vec::new(), without: Vec::new() };
    for mineral in world.market_minerals() {
        let without = |reason: String| Without { mineral: mineral.id.clone(), reason };
        match reliance(world, &mineral.id, year) {
            Ok((rows, origins)) => {
                if rows.is_empty() {
                    table.without.push(without(format!("no reliance is published for {year}")));
                }
                table.rows.extend(rows);
                table.origins.extend(origins);
            }
            Err(reason) => table.without.push(without(reason.to_string())),
        }
    }
    table
}

/// Compares a mineral's balanced year with every reliance and every origin of imports that is published for it.
///
/// # Errors
/// When the year cannot be balanced.
pub fn reliance(
    world: &World,
    mineral: &MineralId,
    year: i32,
) -> Result<(Vec<RelianceCheck>, Vec<OriginCheck>), NoBaseline> {
    let mut countries: Vec<Iso3> = world.import_reliance(mineral).iter().map(|row| row.iso3).collect();
    countries.dedup();
    let baseline = Baseline::build(world, mineral.as_str(), year, &countries)?;
    let check = |row: &ImportRelianceRow| {
        let reliance = baseline.dependence(row.iso3, Scope::of(row)).reliance();
        RelianceCheck {
            mineral: mineral.clone(),
            year,
            country: row.iso3,
            stage: row.stage,
            product: row.product.clone(),
            flag: row.flag,
            published: row.percent,
            balanced: reliance.map(|share| 100.0 * share),
            gap_points: reliance.map(|share| gap_points(row, share)),
            source: row.source.clone(),
        }
    };
    let rows = published(world, &baseline).into_iter().map(check).collect();
    Ok((rows, origins(world, &baseline)))
}

/// Published shares of imports beside balanced ones, for origins that sell in this chain.
fn origins(world: &World, baseline: &Baseline) -> Vec<OriginCheck> {
    let mut checks = Vec::new();
    for form in import_sources::published(world, baseline) {
        let entries = baseline.entries.iter().filter(|entry| form.holds(entry.quantity));
        let imported: f64 = entries.map(|entry| entry.value).sum();
        checks.extend(form.rows.iter().filter(|_| imported > 0.0).map(|row| OriginCheck {
            mineral: baseline.mineral.clone(),
            stage: row.stage,
            importer: form.importer,
            exporter: row.exporter,
            published: row.percent,
            balanced: 100.0 * baseline.value(form.flow(row.exporter)) / imported,
        }));
    }
    checks
}
