//! Yearly means of prices from the months that are known.

use super::prior::Class;
use crate::base::{
    date::{Day, PartialDate},
    id::SourceId,
    unit::Grade,
};

/// Days in a year.
const YEAR: f64 = 365.25;
/// Of the random walk between known months, the part that the year's mean keeps.
const GAP: f64 = 0.7;

/// One quote: the logarithm of a price over the base year's.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// Date as published.
    pub date: PartialDate,
    /// Logarithm of the price over the base year's of its series.
    pub value: f64,
    /// Spread of the quote itself.
    pub spread: f64,
    /// Spread that all quotes of the series share: how well its base year is known.
    pub basis: f64,
    /// Source.
    pub source: SourceId,
    /// Grade.
    pub grade: Grade,
    /// What is quoted.
    pub product: String,
}

impl Point {
    /// Middle of its date, in years.
    fn at(&self) -> f64 {
        years(self.date.first()).midpoint(years(self.date.last()))
    }
}

fn years(day: Day) -> f64 {
    let start = Day::new(2000, 1, 1).unwrap_or(day);
    2000.0 + f64::from(start.days_to(day)) / YEAR
}

/// A year's mean of quotes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mean {
    /// Logarithm of the mean over the base year's.
    pub value: f64,
    /// Its spread.
    pub spread: f64,
    /// Logarithm of the last known price over the year's mean.
    pub carry: f64,
}

/// The mean over a year of what is known of a price: between known dates the price is interpolated, beyond them it stays.
/// Absent where no quote is of the year. The spread counts the quotes' own, their disagreement, the base year of the series,
/// and what the price may have done in the months that nobody quotes.
pub fn yearly(points: &[Point], year: i32, class: Class) -> Option<Mean> {
    let inside: Vec<&Point> = points.iter().filter(|p| p.date.year() == year).collect();
    if inside.is_empty() {
        return None;
    }
    let mut known: Vec<(f64, f64)> = points.iter().map(|p| (p.at(), p.value)).collect();
    known.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut sum, mut gap) = (0.0, 0.0);
    for month in 0..12 {
        let at = f64::from(year) + (f64::from(month) + 0.5) / 12.0;
        let (value, distance) = interpolate(&known, at);
        sum += value.exp() / 12.0;
        gap += distance / 12.0;
    }
    let n = inside.len() as f64;
    let mean_of = |pick: fn(&Point) -> f64| inside.iter().map(|p| pick(p)).sum::<f64>() / n;
    let own = mean_of(|p| p.spread) * n.sqrt().recip().max(0.5);
    let basis = inside.iter().map(|p| p.basis).fold(f64::INFINITY, f64::min);
    let apart = disagreement(&inside);
    let missing = GAP * class.volatility() * gap.sqrt();
    let value = sum.ln();
    let last = points.iter().filter(|p| p.date.year() <= year).max_by(|a, b| a.at().total_cmp(&b.at()))?;
    let spread = (own.powi(2) + basis.powi(2) + apart.powi(2) + missing.powi(2)).sqrt().max(0.02);
    Some(Mean { value, spread, carry: last.value - value })
}

/// The value at a time, and how far the nearest known date is, in years.
fn interpolate(known: &[(f64, f64)], at: f64) -> (f64, f64) {
    let after = known.partition_point(|point| point.0 < at);
    match (after.checked_sub(1).map(|i| known[i]), known.get(after).copied()) {
        (Some(a), Some(b)) => {
            let way = (at - a.0) / (b.0 - a.0).max(1e-9);
            (a.1 + way.clamp(0.0, 1.0) * (b.1 - a.1), (at - a.0).min(b.0 - at))
        }
        (Some(one), None) | (None, Some(one)) => (one.1, (at - one.0).abs()),
        (None, None) => (0.0, f64::INFINITY),
    }
}

/// Spread of quotes of the same month around each other, over the months that have several.
fn disagreement(points: &[&Point]) -> f64 {
    let (mut squares, mut count) = (0.0, 0.0);
    for month in 1..=12 {
        let of = |p: &&&Point| {
            let at = p.at() - f64::from(p.date.year());
            (at * 12.0).floor() as i32 + 1 == month
        };
        let values: Vec<f64> = points.iter().filter(of).map(|p| p.value).collect();
        if values.len() > 1 {
            let mean = values.iter().sum::<f64>() / values.len() as f64;
            squares += values.iter().map(|v| (v - mean).powi(2)).sum::<f64>();
            count += (values.len() - 1) as f64;
        }
    }
    if count > 0.0 { (squares / count).sqrt() } else { 0.0 }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn point(date: &str, value: f64) -> Point {
        Point {
            date: date.parse().unwrap(),
            value,
            spread: 0.05,
            basis: 0.0,
            source: "assumption".parse().unwrap(),
            grade: Grade::A,
            product: String::new(),
        }
    }

    #[test]
    fn a_year_that_is_quoted_every_month_is_its_mean() {
        let points: Vec<Point> =
            (1..=12).map(|m| point(&format!("2025-{m:02}"), (1.0 + f64::from(m) / 10.0).ln())).collect();
        let mean = yearly(&points, 2025, Class::Main).unwrap();
        assert!((mean.value.exp() - 1.65).abs() < 0.01, "{mean:?}");
        assert!(mean.spread < 0.04, "{mean:?}");
        assert!((mean.carry - (2.2_f64 / 1.65).ln()).abs() < 0.01);
    }

    #[test]
    fn one_quote_leaves_the_rest_of_the_year_open_and_none_leaves_nothing() {
        let one = yearly(&[point("2026-04", 1.0)], 2026, Class::Specialty).unwrap();
        assert!((one.value - 1.0).abs() < 1e-9 && one.spread > 0.1);
        assert_eq!(yearly(&[point("2026-04", 1.0)], 2025, Class::Specialty), None);
    }

    #[test]
    fn sources_that_disagree_widen_the_spread() {
        let agreed = yearly(&[point("2026-04", 1.0), point("2026-04-20", 1.0)], 2026, Class::Main).unwrap();
        let apart = yearly(&[point("2026-04", 0.6), point("2026-04-20", 1.4)], 2026, Class::Main).unwrap();
        assert!(apart.spread > agreed.spread + 0.2);
    }
}
