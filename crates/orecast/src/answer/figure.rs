//! A figure with its range, unit, grade and bound, and the text that people read.

use serde::Serialize;

use super::number::{self, Style, Unit};
use crate::base::{
    id::SourceId,
    unit::{Grade, Range},
};

pub use crate::studies::shock::effects::CALIBRATED;

/// What a figure says about the true value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Bound {
    /// The value itself.
    #[default]
    Exact,
    /// The value is this or more: the model cannot tell how much.
    AtLeast,
    /// The value is this or less.
    AtMost,
    /// More leaves than comes in, so there is no dependence to measure; the figure itself stays in the data.
    NetExporter,
}

/// A figure as it was made: once, in the library. Faces print [`Figure::text`] and never round.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figure {
    /// Value that 5 % of cases lie under, in [`Figure::unit`].
    pub low: f64,
    /// Middle case.
    pub mid: f64,
    /// Value that 5 % of cases lie above.
    pub high: f64,
    /// Unit of the three numbers, as in result tables: `t W`, `USD/t`, `M USD`, `share`.
    pub unit: String,
    /// Grade of the evidence, where it was graded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grade: Option<Grade>,
    /// What the figure says about the true value.
    pub bound: Bound,
    /// Whether it is a difference between two figures.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub difference: bool,
    /// Sources that it rests on, where they were followed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<SourceId>,
    /// As people read it, with range and unit.
    pub text: String,
    /// Whether it must not leave in a document: it rests on confidential own data that could be read from it.
    #[serde(skip)]
    pub secret: bool,
}

impl Figure {
    /// A derived figure: digits come from its range, three where it has none.
    pub fn derived(range: Range, unit: &str) -> Self {
        let written = number::derived(range, &Unit::parse(unit), Style::TERMINAL);
        Self::written(range, unit, written.to_string())
    }

    /// A published figure with all its digits.
    pub fn published(value: f64, unit: &str) -> Self {
        Self::written(Range::exact(value), unit, number::published(value, &Unit::parse(unit)).to_string())
    }

    /// A difference between two figures.
    pub fn change(range: Range, unit: &str) -> Self {
        let written = number::derived(range, &Unit::parse(unit), Style::TERMINAL.difference());
        Self { difference: true, ..Self::written(range, unit, written.to_string()) }
    }

    /// The figures of a row of the same kind, written in one scale without their unit, and that unit: it stands at the head of the row.
    pub fn row(ranges: &[Range], unit: &str) -> (Vec<Self>, String) {
        let written = number::row(ranges, &Unit::parse(unit), Style::TERMINAL);
        let head = written.first().map_or_else(String::new, |figure| figure.unit.trim().to_owned());
        let bare = |written: &number::Figure| match &written.range {
            Some(range) => format!("{} {range}", written.number),
            None => written.number.clone(),
        };
        let figures =
            ranges.iter().zip(&written).map(|(&range, written)| Self::written(range, unit, bare(written)));
        (figures.collect(), head)
    }

    /// A price over its base price: a lower bound where the middle lies beyond what the model is made for.
    pub fn price_ratio(range: Range) -> Self {
        if range.mid > CALIBRATED {
            let bound = Range::exact(CALIBRATED);
            let written = number::figure(bound, &Unit::Ratio, Style::TERMINAL);
            let text = written.at_least();
            return Self { bound: Bound::AtLeast, ..Self::written(bound, "ratio", text) };
        }
        Self::derived(range, "ratio")
    }

    /// A share in percent: whole percent, small ones with one decimal.
    pub fn share(range: Range) -> Self {
        Self::derived(range, "share")
    }

    /// Net imports over use; a net exporter's share of its use is no figure that anyone quotes.
    pub fn reliance(range: Range) -> Self {
        if range.mid >= 0.0 {
            return Self::share(range);
        }
        let text = if range.high > 0.005 {
            let high = number::derived(Range::exact(range.high), &Unit::Share, Style::TERMINAL);
            format!("net exporter (to {high})")
        } else {
            "net exporter".to_owned()
        };
        Self { bound: Bound::NetExporter, ..Self::written(range, "share", text) }
    }

    /// A figure whose text is written already.
    fn written(range: Range, unit: &str, text: String) -> Self {
        let Range { low, mid, high } = range;
        Self {
            low,
            mid,
            high,
            unit: unit.to_owned(),
            grade: None,
            bound: Bound::Exact,
            difference: false,
            sources: Vec::new(),
            text,
            secret: false,
        }
    }

    /// The same with its grade.
    #[must_use]
    pub fn graded(self, grade: Grade) -> Self {
        Self { grade: Some(grade), ..self }
    }

    /// The same with a source that it rests on.
    #[must_use]
    pub fn from_source(mut self, source: &SourceId) -> Self {
        self.sources.push(source.clone());
        self
    }

    /// The same with words before or after it in the text, such as `about`.
    #[must_use]
    pub fn said(self, say: impl FnOnce(&str) -> String) -> Self {
        Self { text: say(&self.text), ..self }
    }

    /// The same as a secret, where that is so.
    #[must_use]
    pub fn secret_if(self, secret: bool) -> Self {
        Self { secret, ..self }
    }

    /// The three numbers.
    pub const fn range(&self) -> Range {
        Range::new(self.low, self.mid, self.high)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(figure: &Figure) -> String {
        figure.text.replace('\u{a0}', " ")
    }

    #[test]
    fn digits_come_from_the_range_and_published_ones_stay() {
        assert_eq!(
            plain(&Figure::derived(Range::new(7_213.0, 12_345.0, 17_999.0), "t W")),
            "12 kt W (7 to 18)"
        );
        assert_eq!(plain(&Figure::derived(Range::exact(81_437.0), "t W")), "81.4 kt W");
        assert_eq!(plain(&Figure::published(3_456.0, "t W")), "3.456 kt W");
        assert_eq!(plain(&Figure::change(Range::new(-0.09, -0.04, 0.0), "share")), "−4 pp (−9 to 0)");
        assert_eq!(plain(&Figure::derived(Range::exact(1_234.0), "M USD")), "1.23 bn USD");
    }

    #[test]
    fn what_lies_beyond_the_calibrated_range_is_a_bound_in_numbers_and_text() {
        let beyond = Figure::price_ratio(Range::new(2.0, 13.5, 40.0));
        assert_eq!((beyond.mid, beyond.high, beyond.bound), (5.0, 5.0, Bound::AtLeast));
        assert_eq!(plain(&beyond), "at least 5×");
        assert_eq!(plain(&Figure::price_ratio(Range::new(1.2, 1.6, 2.4))), "1.6× (1.2 to 2.4)");
    }

    #[test]
    fn a_net_exporter_is_named_as_one() {
        assert_eq!(plain(&Figure::reliance(Range::new(-2.0, -1.5, -1.0))), "net exporter");
        assert_eq!(plain(&Figure::reliance(Range::new(-0.4, -0.1, 0.2))), "net exporter (to 20 %)");
        assert_eq!(plain(&Figure::reliance(Range::new(0.4, 0.5, 0.6))), "50 % (40 to 60)");
    }

    #[test]
    fn a_row_shares_its_unit() {
        let (figures, unit) = Figure::row(&[Range::new(1e3, 7e3, 13e3), Range::new(5e3, 12e3, 18e3)], "t W");
        assert_eq!(unit.replace('\u{a0}', " "), "kt W");
        assert_eq!(figures.iter().map(plain).collect::<Vec<_>>(), ["7 (1 to 13)", "12 (5 to 18)"]);
    }
}
