//! Flows between countries: the rows of `trade.csv` under several customs codes, added up.

use std::collections::BTreeSet;

use serde::Serialize;

use super::{World, table::TradeRow};
use crate::base::unit::Stage;
use crate::base::{
    id::{Iso3, MineralId, SourceId},
    unit::Grade,
};

/// What one country sold another of a mineral at a stage in a year, over all customs codes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Flow {
    /// Exporter.
    pub exporter: Iso3,
    /// Importer.
    pub importer: Iso3,
    /// Tonnes contained; absent when no code has a quantity.
    pub tonnes: Option<f64>,
    /// Gross tonnes as published; absent when no code has any.
    pub gross_tonnes: Option<f64>,
    /// Value in thousand US dollars; absent when no code has one, and when some codes have tonnes alone or a value alone, so
    /// that tonnes and value would be of different goods.
    pub kusd: Option<f64>,
    /// The worst grade among the codes.
    pub grade: Grade,
    /// Sources of the codes.
    pub sources: BTreeSet<SourceId>,
}

impl World {
    /// Flows of a mineral at a stage in a year, by exporter and importer.
    ///
    /// When several sources give the same customs code between the same countries, a row with a quantity comes before
    /// one without, then the better grade, then the first source id.
    pub fn flows(&self, mineral: &MineralId, stage: Stage, year: i32) -> Vec<Flow> {
        let mut flows: Vec<Flow> = Vec::new();
        // Whether some code of the flow has tonnes without a value, or the other way round.
        let mut mixed: Vec<(bool, bool)> = Vec::new();
        let mut previous: Option<&TradeRow> = None;
        for row in self.trade(mineral, stage, year) {
            let is_same_code =
                |p: &TradeRow| (p.exporter, p.importer, p.hs6) == (row.exporter, row.importer, row.hs6);
            if previous.replace(row).is_some_and(is_same_code) {
                continue;
            }
            if let Some(flow) = flows.last_mut()
                && (flow.exporter, flow.importer) == (row.exporter, row.importer)
            {
                flow.tonnes = add(flow.tonnes, row.tonnes);
                flow.gross_tonnes = add(flow.gross_tonnes, row.gross_tonnes);
                flow.kusd = add(flow.kusd, row.kusd);
                flow.grade = flow.grade.max(row.grade);
                flow.sources.insert(row.source.clone());
                if let Some(sides) = mixed.last_mut() {
                    let of_row = sides_of(row);
                    *sides = (sides.0 | of_row.0, sides.1 | of_row.1);
                }
            } else {
                mixed.push(sides_of(row));
                flows.push(Flow {
                    exporter: row.exporter,
                    importer: row.importer,
                    tonnes: row.tonnes,
                    gross_tonnes: row.gross_tonnes,
                    kusd: row.kusd,
                    grade: row.grade,
                    sources: [row.source.clone()].into(),
                });
            }
        }
        for (flow, (tonnes_alone, value_alone)) in flows.iter_mut().zip(mixed) {
            if flow.tonnes.is_some() && (tonnes_alone || value_alone) {
                flow.kusd = None;
            }
        }
        flows
    }
}

/// Whether a row has tonnes without a value, and a value without tonnes.
fn sides_of(row: &TradeRow) -> (bool, bool) {
    let has = |value: Option<f64>| value.is_some_and(|value| value > 0.0);
    (has(row.tonnes) && !has(row.kusd), has(row.kusd) && !has(row.tonnes))
}

fn add(a: Option<f64>, b: Option<f64>) -> Option<f64> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a + b),
        (known, None) | (None, known) => known,
    }
}
