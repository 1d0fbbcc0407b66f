//! What is known: minerals by kind of fact, with the best grade and how much there is.

use std::collections::BTreeSet;

use serde::Serialize;

use super::{
    World,
    choice::{Product, counts},
    table::{MineralRow, ObservationRow},
};
use crate::base::unit::Stage;
use crate::base::{
    diagnostic::did_you_mean,
    id::{Iso3, MineralId, SourceId},
    unit::Grade,
};

/// A row of a table, as far as coverage asks.
#[derive(Debug, Clone)]
pub struct Fact<'w> {
    /// Its grade.
    pub grade: Grade,
    /// Countries that it is about; none for a fact about the world.
    pub countries: Vec<Iso3>,
    /// Its source.
    pub source: &'w SourceId,
}

/// A kind of fact.
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// What its cells count.
    pub counted: Counted,
    /// The rows that a mineral has.
    facts: for<'w> fn(&'w World, &MineralRow) -> Vec<Fact<'w>>,
}

/// What a cell counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Counted {
    /// Countries with a figure.
    Countries,
    /// Rows.
    Rows,
}

/// The kinds of facts, in the order in which they are shown.
pub const COLUMNS: &[Column] = &[
    Column {
        name: "mine",
        counted: Counted::Countries,
        facts: |world, mineral| figures(&world.tables().production, mineral, Stage::Mine),
    },
    Column {
        name: "refined",
        counted: Counted::Countries,
        facts: |world, mineral| figures(&world.tables().production, mineral, Stage::Refine),
    },
    Column {
        name: "reserves",
        counted: Counted::Countries,
        facts: |world, mineral| figures(&world.tables().reserves, mineral, Stage::Mine),
    },
    Column {
        name: "price",
        counted: Counted::Rows,
        facts: |world, mineral| {
            let rows = world.prices(&mineral.id).iter();
            rows.map(|row| Fact { grade: row.grade, countries: Vec::new(), source: &row.source }).collect()
        },
    },
    Column {
        name: "elasticity",
        counted: Counted::Rows,
        facts: |world, mineral| {
            let rows = world.elasticities(&mineral.id).iter();
            rows.map(|row| Fact { grade: row.grade, countries: Vec::new(), source: &row.source }).collect()
        },
    },
    Column {
        name: "trade",
        counted: Counted::Countries,
        facts: |world, mineral| {
            let rows = world.trade_of(&mineral.id).iter().filter(|row| row.tonnes.is_some());
            rows.map(|row| Fact {
                grade: row.grade,
                countries: vec![row.exporter, row.importer],
                source: &row.source,
            })
            .collect()
        },
    },
    Column {
        name: "end use",
        counted: Counted::Rows,
        facts: |world, mineral| {
            let rows = world.end_uses(&mineral.id).iter();
            rows.map(|row| Fact { grade: row.grade, countries: Vec::new(), source: &row.source }).collect()
        },
    },
];

/// Figures of the usual product of a stage that have a value or a bound.
fn figures<'w>(table: &'w [ObservationRow], mineral: &MineralRow, stage: Stage) -> Vec<Fact<'w>> {
    let rows = World::of_mineral(table, &mineral.id).iter().filter(|row| row.stage == stage);
    let known = rows.filter(|row| counts(row, Product::Usual, mineral) && !row.is_absent());
    known
        .map(|row| {
            let countries = Some(row.iso3).filter(|iso3| !iso3.is_aggregate()).into_iter().collect();
            Fact { grade: row.grade, countries, source: &row.source }
        })
        .collect()
}

/// What one mineral has of each kind of fact.
#[derive(Debug, Serialize)]
pub struct MineralCoverage {
    /// Mineral.
    pub mineral: MineralId,
    /// Its name.
    pub name: String,
    /// What it has, one cell for every column.
    pub cells: Vec<CoverageCell>,
}

/// What a mineral has of one kind of fact.
#[derive(Debug, Serialize)]
pub struct CoverageCell {
    /// The column.
    pub column: &'static str,
    /// The best grade; nothing when there is no row.
    pub grade: Option<Grade>,
    /// Countries with a figure.
    pub countries: usize,
    /// Rows.
    pub rows: usize,
    /// The market that the rows belong to, where the mineral itself has none and is sold within another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub through: Option<MineralId>,
    /// Sources of the rows.
    pub sources: BTreeSet<SourceId>,
}

impl CoverageCell {
    /// What a cell of its column counts.
    pub fn count(&self, counted: Counted) -> usize {
        match counted {
            // Facts about the world alone name no country.
            Counted::Countries if self.countries > 0 => self.countries,
            _ => self.rows,
        }
    }
}

/// How many minerals have a kind of fact.
#[derive(Debug, Serialize)]
pub struct ColumnTotal {
    /// The column.
    pub column: &'static str,
    /// Minerals with rows of their own.
    pub own: usize,
    /// Minerals that have them through their market.
    pub through_market: usize,
    /// Minerals without.
    pub absent: usize,
}

/// Minerals of a list by kinds of facts.
#[derive(Debug, Serialize)]
pub struct Coverage {
    /// The list.
    pub list: String,
    /// Minerals, by identifier.
    pub minerals: Vec<MineralCoverage>,
    /// Totals, one for every column.
    pub totals: Vec<ColumnTotal>,
}

/// A list that no mineral is on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no mineral is on the list `{list}`: {remedy}")]
pub struct UnknownList {
    list: String,
    remedy: String,
}

/// What is known about the minerals of a list, such as `US2025`.
///
/// # Errors
/// When no mineral is on the list.
pub fn coverage(world: &World, list: &str) -> Result<Coverage, UnknownList> {
    let all = world.tables().minerals.iter();
    let listed: Vec<&MineralRow> = all.clone().filter(|row| row.is_listed(list)).collect();
    if listed.is_empty() {
        let known: BTreeSet<&str> = all.flat_map(MineralRow::listed).collect();
        let otherwise = format!("write one of {}", known.iter().copied().collect::<Vec<_>>().join(", "));
        let remedy = did_you_mean(list, known, &otherwise);
        return Err(UnknownList { list: list.to_owned(), remedy });
    }
    let minerals: Vec<MineralCoverage> = listed.into_iter().map(|row| of_mineral(world, row)).collect();
    let totals = COLUMNS.iter().enumerate().map(|(place, column)| {
        let cells = || minerals.iter().map(|mineral| &mineral.cells[place]);
        let absent = cells().filter(|cell| cell.rows == 0).count();
        let through_market = cells().filter(|cell| cell.through.is_some()).count();
        let own = minerals.len() - absent - through_market;
        ColumnTotal { column: column.name, own, through_market, absent }
    });
    let totals = totals.collect();
    Ok(Coverage { list: list.to_owned(), minerals, totals })
}

/// What is known about one mineral.
pub fn of_mineral(world: &World, mineral: &MineralRow) -> MineralCoverage {
    let market = world.mineral(mineral.market.as_str()).filter(|market| market.id != mineral.id);
    let cells = COLUMNS.iter().map(|column| {
        let own = (column.facts)(world, mineral);
        match market.filter(|_| own.is_empty()) {
            None => cell(column, &own, None),
            Some(market) => cell(column, &(column.facts)(world, market), Some(&market.id)),
        }
    });
    MineralCoverage { mineral: mineral.id.clone(), name: mineral.name.clone(), cells: cells.collect() }
}

fn cell(column: &Column, facts: &[Fact<'_>], through: Option<&MineralId>) -> CoverageCell {
    let countries: BTreeSet<Iso3> = facts.iter().flat_map(|fact| fact.countries.iter().copied()).collect();
    CoverageCell {
        column: column.name,
        grade: facts.iter().map(|fact| fact.grade).min(),
        countries: countries.len(),
        rows: facts.len(),
        through: through.filter(|_| !facts.is_empty()).cloned(),
        sources: facts.iter().map(|fact| fact.source.clone()).collect(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::testing::{MiniPackage, id};

    fn cell_of<'a>(found: &'a Coverage, mineral: &str, column: &str) -> &'a CoverageCell {
        let mineral = found.minerals.iter().find(|m| m.mineral.as_str() == mineral).unwrap();
        mineral.cells.iter().find(|cell| cell.column == column).unwrap()
    }

    #[test]
    fn cells_hold_the_best_grade_the_countries_and_their_sources() {
        let world = MiniPackage::new().load().unwrap();
        let found = coverage(&world, "US2025").unwrap();
        let mined = cell_of(&found, "tungsten", "mine");
        // The United States withhold theirs, and the world total is no country.
        assert_eq!((mined.grade, mined.countries, mined.rows), (Some(Grade::A), 3, 7));
        assert_eq!(mined.sources, [id("usgs-mcs-2025"), id("usgs-mcs-2026")].into());
        let refined = cell_of(&found, "tungsten", "refined");
        assert_eq!((refined.grade, refined.countries), (Some(Grade::C), 1));
        assert_eq!(cell_of(&found, "tungsten", "trade").countries, 4);
    }

    #[test]
    fn no_cell_without_a_source_and_none_absent_with_one() {
        let world = MiniPackage::new().load().unwrap();
        let found = coverage(&world, "US2025").unwrap();
        for cell in found.minerals.iter().flat_map(|mineral| &mineral.cells) {
            assert_eq!(cell.rows == 0, cell.sources.is_empty());
            assert_eq!(cell.rows == 0, cell.grade.is_none());
        }
        for total in &found.totals {
            assert_eq!(total.own + total.through_market + total.absent, found.minerals.len());
        }
    }

    #[test]
    fn an_element_has_what_its_market_has() {
        let line = "rare_earths,mine,CHN,2024,270000,,,270000,t,,,usgs-mcs-2026,2026,A,";
        let world = MiniPackage::new().with_line("production.csv", line).load().unwrap();
        let found = coverage(&world, "US2025").unwrap();
        let cell = cell_of(&found, "dysprosium", "mine");
        assert_eq!((cell.through.clone(), cell.countries), (Some(id("rare_earths")), 1));
        assert!(cell_of(&found, "dysprosium", "price").through.is_none());
        assert_eq!(found.totals[0].through_market, 1);
    }

    #[test]
    fn an_unknown_list_gets_the_nearest_one() {
        let world = MiniPackage::new().load().unwrap();
        let message = coverage(&world, "US2026").unwrap_err().to_string();
        assert_eq!(message, "no mineral is on the list `US2026`: did you mean `US2025`?");
    }
}
