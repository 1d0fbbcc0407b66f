//! Which figure stands when several sources give the same cell.
//!
//! The rule, in order:
//! 1. a figure with a value or a bound comes before one that is withheld or unavailable;
//! 2. the preferred source: grade A (published for exactly this) before B (derived) before C (assumed);
//! 3. the newest vintage (editions are written as year or date, so the later text is the newer edition);
//! 4. the first source id in the alphabet, so that the choice never depends on the order of a file.
//!
//! Only the stage's usual product competes: rows whose product is empty or is the mineral's own product of the
//! stage. Other products (such as `TiO2 pigment`) are alternatives that must be asked for by name.
//! Figures that were not chosen stay in the tables; their spread is part of the uncertainty of the cell.

use std::{cmp::Ordering, collections::BTreeMap};

use super::table::{MineralRow, ObservationRow, Stage};
use crate::id::Iso3;

/// Which product of a stage is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Product<'a> {
    /// The stage's usual product.
    Usual,
    /// An alternative, by its name in the table.
    Named(&'a str),
}

/// Order of preference between two figures for the same cell: the smaller one stands.
pub fn preference(a: &ObservationRow, b: &ObservationRow) -> Ordering {
    let is_absent = |row: &ObservationRow| row.value.is_none() && row.low.is_none() && row.high.is_none();
    is_absent(a)
        .cmp(&is_absent(b))
        .then_with(|| a.grade.cmp(&b.grade))
        .then_with(|| b.vintage.cmp(&a.vintage))
        .then_with(|| a.source.cmp(&b.source))
        .then_with(|| a.product.cmp(&b.product))
}

/// The figure that stands among several for the same cell.
pub fn choose<'a>(rows: impl IntoIterator<Item = &'a ObservationRow>) -> Option<&'a ObservationRow> {
    rows.into_iter().min_by(|a, b| preference(a, b))
}

/// The figure that stands for each country (and for the aggregates `WLD` and `ROW`) among rows of one
/// mineral, stage and year.
pub fn choose_by_country<'a>(
    rows: impl IntoIterator<Item = &'a ObservationRow>,
) -> BTreeMap<Iso3, &'a ObservationRow> {
    let mut chosen: BTreeMap<Iso3, &ObservationRow> = BTreeMap::new();
    for row in rows {
        let best = chosen.entry(row.iso3).or_insert(row);
        if preference(row, best) == Ordering::Less {
            *best = row;
        }
    }
    chosen
}

/// Whether a row counts the product that is meant; `mineral` is the row's own mineral.
pub fn counts(row: &ObservationRow, product: Product<'_>, mineral: &MineralRow) -> bool {
    match product {
        Product::Usual => row.product.is_empty() || row.product == mineral.product(row.stage),
        Product::Named(name) => row.product == name,
    }
}

impl MineralRow {
    /// The usual product of a stage; empty when the mineral has no such stage of its own.
    pub fn product(&self, stage: Stage) -> &str {
        match stage {
            Stage::Mine => &self.mine_product,
            Stage::Refine => &self.refined_product,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::{
        testing::{MiniPackage, id},
        unit::Grade,
    };

    /// A figure for one cell.
    fn figure(source: &str, vintage: &str, grade: Grade, value: Option<f64>) -> ObservationRow {
        let mut row = MiniPackage::new().load().unwrap().tables().production[0].clone();
        (row.source, row.vintage, row.grade, row.value) = (id(source), vintage.to_owned(), grade, value);
        (row.low, row.high) = (None, None);
        row
    }

    #[test]
    fn a_better_grade_beats_a_newer_vintage() {
        let rows = [figure("a", "2026", Grade::B, Some(1.0)), figure("b", "2025", Grade::A, Some(2.0))];
        assert_eq!(choose(&rows).unwrap().value, Some(2.0));
    }

    #[test]
    fn among_equal_grades_the_newest_vintage_stands_then_the_first_source() {
        let rows = [
            figure("b", "2026-02", Grade::A, Some(1.0)),
            figure("a", "2025-11-30", Grade::A, Some(2.0)),
            figure("a", "2026-02", Grade::A, Some(3.0)),
        ];
        assert_eq!(choose(&rows).unwrap().value, Some(3.0));
        assert_eq!(choose(rows.iter().rev()).unwrap().value, Some(3.0));
    }

    #[test]
    fn a_figure_beats_a_withheld_one_of_a_better_source() {
        let rows = [figure("a", "2026", Grade::A, None), figure("b", "2024", Grade::C, Some(5.0))];
        assert_eq!(choose(&rows).unwrap().value, Some(5.0));
        assert_eq!(choose(&rows[..1]).unwrap().value, None);
    }
}
