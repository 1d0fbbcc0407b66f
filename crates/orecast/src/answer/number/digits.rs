//! Rounding by doubt, and digits as text.

use crate::answer::number::Unit;

/// The true minus sign.
const MINUS: char = '\u{2212}';
/// Most significant digits of a published figure and of a range, whatever the doubt.
const DIGITS: i32 = 6;
/// Significant digits of a derived figure (share, ratio) that comes without a range.
const DERIVED_DIGITS: i32 = 3;
/// Figures below a billionth of their unit count as zero.
const FINEST: i32 = -9;

/// How the three points of one figure are rounded and written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Digits {
    /// Everything is a multiple of ten to this power.
    exponent: i32,
    /// Whether there is no range to show at this rounding.
    pub(super) exact: bool,
    commas: bool,
}

impl Digits {
    /// Digits for `low, mid, high` in the written unit; `None` when there is no value.
    pub(super) fn of([low, mid, high]: [f64; 3], unit: &Unit) -> Option<Self> {
        if !mid.is_finite() {
            return None;
        }
        let commas = *unit != Unit::Year;
        let largest = [low, mid, high]
            .iter()
            .filter(|point| point.is_finite())
            .fold(0.0, |most: f64, point| most.max(point.abs()));
        let quarter = (high - low) / 8.0;
        if quarter > 0.0 && quarter.is_finite() {
            // A hair of tolerance, so that 0.3 to 1.1 has the half-width 0.4 that a reader sees.
            let from_doubt = exponent_of(quarter * (1.0 + 1e-9)).max(digit_cap(largest, DIGITS));
            let exponent = if *unit == Unit::Year { 0 } else { from_doubt };
            let ranged = Self { exponent, exact: false, commas };
            if ranged.round(low) < ranged.round(high) {
                return Some(ranged);
            }
        }
        let exponent = match unit {
            Unit::Share | Unit::Ratio => digit_cap(largest, DERIVED_DIGITS).min(0),
            Unit::Hhi | Unit::Year => 0,
            _ => digit_cap(largest, DIGITS).min(0),
        };
        let open_ended = low < high && !quarter.is_finite();
        Some(Self { exponent, exact: !open_ended, commas })
    }

    /// Distance between neighbouring written values.
    pub(super) fn step(self) -> f64 {
        power(self.exponent)
    }

    /// Nearest written value.
    pub(super) fn round(self, value: f64) -> f64 {
        if self.exponent >= 0 {
            let step = power(self.exponent);
            (value / step).round() * step
        } else {
            // Dividing by a whole number gives the nearest float to the decimal that is written.
            let steps = power(-self.exponent);
            (value * steps).round() / steps
        }
    }

    /// The rounded value with its sign: true minus, plus only where asked for, none on zero.
    pub(super) fn signed(self, value: f64, plus: bool) -> String {
        let value = self.round(value);
        let text = self.magnitude(value);
        if value < 0.0 {
            format!("{MINUS}{text}")
        } else if plus && value > 0.0 {
            format!("+{text}")
        } else {
            text
        }
    }

    /// The rounded value without sign: thousands commas, decimals as far as the step. Zero is `0`.
    pub(super) fn magnitude(self, value: f64) -> String {
        let value = self.round(value).abs();
        if value == 0.0 {
            return "0".to_owned();
        }
        if value.is_infinite() {
            return "∞".to_owned();
        }
        let text = format!("{value:.*}", usize::try_from(-self.exponent).unwrap_or(0));
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
        let fraction = if self.exact { fraction.trim_end_matches('0') } else { fraction };
        let mut written = String::with_capacity(text.len() + text.len() / 3);
        for (position, digit) in whole.chars().enumerate() {
            if self.commas && position > 0 && (whole.len() - position).is_multiple_of(3) {
                written.push(',');
            }
            written.push(digit);
        }
        if !fraction.is_empty() {
            written.push('.');
            written.push_str(fraction);
        }
        written
    }
}

/// Largest `n` with `10^n` not above a positive `value`.
fn exponent_of(value: f64) -> i32 {
    let guess = value.log10().floor() as i32;
    if power(guess + 1) <= value {
        guess + 1
    } else if power(guess) > value {
        guess - 1
    } else {
        guess
    }
}

/// Exponent that leaves at most `digits` significant digits of the largest point.
fn digit_cap(largest: f64, digits: i32) -> i32 {
    if largest > 0.0 { (exponent_of(largest) + 1 - digits).max(FINEST) } else { 0 }
}

fn power(exponent: i32) -> f64 {
    if exponent >= 0 { 10f64.powi(exponent) } else { 1.0 / 10f64.powi(-exponent) }
}
