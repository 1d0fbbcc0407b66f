//! Which figure stands when several sources give the same cell, and how far they differ.
//!
//! The rule, in order:
//! 1. a figure with a value or a bound comes before one that is withheld or unavailable;
//! 2. a figure under a source of [own data](super::layer) comes before those of the package, unless that source says
//!    otherwise; of several layers the last one;
//! 3. the preferred source: grade A (published for exactly this) before B (derived) before C (assumed);
//! 4. the newest vintage (editions are written as year or date, so the later text is the newer edition);
//! 5. the first source id in the alphabet, so that the choice never depends on the order of a file.
//!
//! Only the stage's usual product competes: rows whose product is empty or is the mineral's own product of the
//! stage. Other products (such as `TiO2 pigment`) are alternatives that must be asked for by name.
//! Figures that were not chosen stay in the tables; their [`spread`] is part of the uncertainty of the cell.

use std::{cmp::Ordering, collections::BTreeMap};

use serde::Serialize;

use super::{
    layer::Layer,
    table::{Flag, MineralRow, ObservationRow},
};
use crate::base::id::{Iso3, SourceId};
use crate::base::unit::Stage;

/// Which product of a stage is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Product<'a> {
    /// The stage's usual product.
    Usual,
    /// An alternative, by its name in the table.
    Named(&'a str),
}

/// Standing of sources: 0 for those of the package, more for own data.
#[derive(Debug, Clone, Default)]
pub struct Ranks(BTreeMap<SourceId, usize>);

impl Ranks {
    /// The standing that layers of own data give to their sources; a later layer has the last word.
    pub fn of(layers: &[Layer]) -> Self {
        let mut ranks = BTreeMap::new();
        for (place, layer) in layers.iter().enumerate() {
            for (source, standing) in &layer.sources {
                ranks.insert(source.clone(), if standing.preferred { place + 1 } else { 0 });
            }
        }
        Self(ranks)
    }

    /// The standing of a source.
    pub fn rank(&self, source: &SourceId) -> usize {
        if self.0.is_empty() { 0 } else { self.0.get(source).copied().unwrap_or(0) }
    }
}

/// Why a figure stands before the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// There is no other.
    OnlyFigure,
    /// The other has no value.
    HasValue,
    /// Own data comes first.
    OwnData,
    /// It has the better grade.
    BetterGrade,
    /// It is of a newer edition.
    NewerEdition,
    /// Its source comes first in the alphabet.
    FirstSource,
}

impl Reason {
    /// The reason in words.
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::OnlyFigure => "only figure",
            Self::HasValue => "has a value",
            Self::OwnData => "own data",
            Self::BetterGrade => "better grade",
            Self::NewerEdition => "newer edition",
            Self::FirstSource => "first source id",
        }
    }
}

/// Order of preference between two figures for the same cell, the smaller one stands, and what decides.
pub fn compare(a: &ObservationRow, b: &ObservationRow, ranks: &Ranks) -> (Ordering, Reason) {
    let steps = [
        (a.is_absent().cmp(&b.is_absent()), Reason::HasValue),
        (ranks.rank(&b.source).cmp(&ranks.rank(&a.source)), Reason::OwnData),
        (a.grade.cmp(&b.grade), Reason::BetterGrade),
        (b.vintage.cmp(&a.vintage), Reason::NewerEdition),
    ];
    let last = a.source.cmp(&b.source).then_with(|| a.product.cmp(&b.product));
    steps.into_iter().find(|(order, _)| order.is_ne()).unwrap_or((last, Reason::FirstSource))
}

/// Relative standard deviation that the disagreement of other sources gives a figure: half of the largest
/// `|ln(other / value)|`. Absent when no other source has a comparable figure. Bounds that the figure keeps and capacities
/// that stand in for output say nothing against it; a range without a value counts as its geometric mean. "Other
/// countries" are different ones for every publisher and have no spread.
pub fn spread<'a>(
    figure: &ObservationRow,
    others: impl IntoIterator<Item = &'a ObservationRow>,
) -> Option<f64> {
    let value = middle(figure).filter(|value| *value > 0.0 && figure.iso3 != Iso3::REST)?;
    let others = others.into_iter().filter(|other| other.source != figure.source);
    let against = others.filter_map(|other| {
        let tonnes = middle(other).filter(|tonnes| *tonnes > 0.0)?;
        let agrees = match other.flag {
            Flag::AtLeast => value >= tonnes,
            Flag::AtMost => value <= tonnes,
            Flag::Capacity => figure.flag != Flag::Capacity,
            _ => false,
        };
        (!agrees).then(|| (tonnes / value).ln().abs() / 2.0)
    });
    against.reduce(f64::max)
}

/// The value of a figure, or the geometric mean of its range.
pub fn middle(row: &ObservationRow) -> Option<f64> {
    row.value.or_else(|| Some((row.low? * row.high?).sqrt()))
}

/// The figure that stands for each country (and for the aggregates `WLD` and `ROW`) among rows of one mineral, stage
/// and year.
pub fn choose_by_country<'a>(
    rows: impl IntoIterator<Item = &'a ObservationRow>,
    ranks: &Ranks,
) -> BTreeMap<Iso3, &'a ObservationRow> {
    let mut chosen: BTreeMap<Iso3, &ObservationRow> = BTreeMap::new();
    for row in rows {
        let best = chosen.entry(row.iso3).or_insert(row);
        if compare(row, best, ranks).0.is_lt() {
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
        base::unit::Grade,
        testing::{MiniPackage, id},
    };

    /// A figure for one cell.
    fn figure(source: &str, vintage: &str, grade: Grade, value: Option<f64>) -> ObservationRow {
        let mut row = MiniPackage::new().load().unwrap().tables().production[0].clone();
        (row.source, row.vintage, row.grade, row.value) = (id(source), vintage.to_owned(), grade, value);
        (row.low, row.high, row.flag) = (None, None, Flag::Reported);
        row
    }

    /// The value that stands between two figures, and why.
    fn stands(a: &ObservationRow, b: &ObservationRow, ranks: &Ranks) -> (Option<f64>, Reason) {
        let (order, reason) = compare(a, b, ranks);
        assert_eq!(compare(b, a, ranks), (order.reverse(), reason));
        (if order.is_lt() { a.value } else { b.value }, reason)
    }

    #[test]
    fn grade_then_vintage_then_source_decide() {
        let ranks = Ranks::default();
        let old = figure("b", "2025", Grade::A, Some(2.0));
        let derived = figure("a", "2026", Grade::B, Some(1.0));
        assert_eq!(stands(&derived, &old, &ranks), (Some(2.0), Reason::BetterGrade));
        let newer = figure("z", "2025-11-30", Grade::A, Some(3.0));
        assert_eq!(stands(&old, &newer, &ranks), (Some(3.0), Reason::NewerEdition));
        let same = figure("a", "2025", Grade::A, Some(4.0));
        assert_eq!(stands(&old, &same, &ranks), (Some(4.0), Reason::FirstSource));
    }

    #[test]
    fn a_figure_beats_a_withheld_one_of_a_better_source() {
        let withheld = figure("a", "2026", Grade::A, None);
        let other = figure("b", "2024", Grade::C, Some(5.0));
        assert_eq!(stands(&withheld, &other, &Ranks::default()), (Some(5.0), Reason::HasValue));
    }

    #[test]
    fn own_data_wins_unless_its_source_says_otherwise() {
        let own = figure("mine", "2020", Grade::C, Some(7.0));
        let published = figure("a", "2026", Grade::A, Some(5.0));
        let layer = |preferred| Layer {
            sources: [(id("mine"), super::super::layer::Standing { confidential: false, preferred })].into(),
            ..Layer::default()
        };
        assert_eq!(stands(&own, &published, &Ranks::of(&[layer(true)])), (Some(7.0), Reason::OwnData));
        let modest = Ranks::of(&[layer(true), layer(false)]);
        assert_eq!(stands(&own, &published, &modest), (Some(5.0), Reason::BetterGrade));
    }

    #[test]
    fn the_spread_is_half_the_largest_gap_and_bounds_that_hold_do_not_count() {
        let chosen = figure("a", "2026", Grade::A, Some(100.0));
        let mut others = [
            figure("b", "2025", Grade::A, Some(110.0)),
            figure("c", "2025", Grade::B, Some(80.0)),
            figure("a", "2025", Grade::A, Some(300.0)),
            figure("d", "2025", Grade::A, None),
        ];
        let sigma = spread(&chosen, &others).unwrap();
        assert!((sigma - 1.25_f64.ln() / 2.0).abs() < 1e-12, "{sigma}");
        others[1].flag = Flag::AtLeast;
        let sigma = spread(&chosen, &others).unwrap();
        assert!((sigma - 1.1_f64.ln() / 2.0).abs() < 1e-12, "{sigma}");
        let rest = ObservationRow { iso3: Iso3::REST, ..chosen.clone() };
        assert_eq!(spread(&rest, &others), None);
        others[0].flag = Flag::Capacity;
        assert_eq!(spread(&chosen, &others), None);
    }
}
