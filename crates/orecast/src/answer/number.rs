//! The one place that writes numbers for people.
//!
//! Digits come from doubt: a value is rounded to the largest power of ten not above a quarter of the half-width
//! of its 9-in-10 range, and the ends of the range share that step. A figure without a range keeps its digits.

use std::fmt;

use serde::Serialize;

use self::digits::Digits;
use crate::base::unit::Range;

mod digits;
#[cfg(test)]
mod tests;

/// Digits of a derived figure that comes without a range.
const DERIVED: usize = 3;
/// Digits that a published figure keeps; beyond them lies only the noise of unit conversion.
const PUBLISHED: usize = 7;

/// Joins a value to its unit; a line never breaks there.
const NO_BREAK: &str = "\u{a0}";

/// What a figure counts. Decides scale, unit text and digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unit {
    /// Tonnes contained, of the named substance (`W`, `REO`; empty for gross tonnes). Written in t, kt or Mt.
    Mass(String),
    /// US dollars per tonne, of the named substance (may be empty).
    Price(String),
    /// US dollars. Written in USD, M USD or bn USD.
    Money,
    /// Millions of US dollars, written like [`Unit::Money`].
    Millions,
    /// A fraction of a whole. Written in percent; a difference in percentage points.
    Share,
    /// A figure already in percent, as published.
    Percent,
    /// A multiple, such as a price over its base: `2.6×`.
    Ratio,
    /// Herfindahl-Hirschman index, 0 to 10,000. Written without unit.
    Hhi,
    /// A calendar year. Written without comma and unit.
    Year,
    /// Anything else, with the text that follows the number (empty for a plain count).
    Other(String),
}

impl Unit {
    /// The unit named in a result table: `t`, `t W`, `USD/t`, `USD`, `share`, `%`, `ratio`, `HHI`, `year`;
    /// any other text stands after the number as it is.
    pub fn parse(text: &str) -> Self {
        let substance = |rest: &str| rest.trim().to_owned();
        match text.trim() {
            "USD" => Self::Money,
            "M USD" => Self::Millions,
            "share" => Self::Share,
            "%" => Self::Percent,
            "ratio" => Self::Ratio,
            "HHI" => Self::Hhi,
            "year" => Self::Year,
            "t" => Self::Mass(String::new()),
            "USD/t" => Self::Price(String::new()),
            other => match (other.strip_prefix("t "), other.strip_prefix("USD/t ")) {
                (Some(rest), _) => Self::Mass(substance(rest)),
                (_, Some(rest)) => Self::Price(substance(rest)),
                _ => Self::Other(other.to_owned()),
            },
        }
    }

    /// A written step back in the unit of the stored figures, for a figure of this range.
    pub fn stored(&self, written: f64, range: Range) -> f64 {
        written / self.scale(largest(&[range]), Style::TERMINAL).0
    }

    /// A value rounded to the step in which a range is written, both in the unit of the stored figures.
    pub fn rounded(&self, value: f64, range: Range, style: Style) -> f64 {
        let step = self.stored(figure(range, self, style).step, range);
        if step > 0.0 { (value / step).round() * step } else { value }
    }

    /// Factor from the stored to the written value, and the text after the number, for figures up to `largest`.
    fn scale(&self, largest: f64, style: Style) -> (f64, String) {
        let named = |prefix: &str, substance: &str| {
            let gap = if substance.is_empty() { "" } else { NO_BREAK };
            format!("{NO_BREAK}{prefix}{gap}{}", substance.replace(' ', NO_BREAK))
        };
        let percent = || match (style.difference, style.spacing) {
            (true, _) => format!("{NO_BREAK}pp"),
            (false, Spacing::Terminal) => format!("{NO_BREAK}%"),
            (false, Spacing::Screen) => "\u{202f}%".to_owned(),
        };
        match self {
            Self::Mass(of) if largest >= 1e6 => (1e-6, named("Mt", of)),
            Self::Mass(of) if largest >= 1e3 => (1e-3, named("kt", of)),
            Self::Mass(of) => (1.0, named("t", of)),
            Self::Price(of) => (1.0, named("USD/t", of)),
            Self::Money if largest >= 1e9 => (1e-9, named("bn", "USD")),
            Self::Money if largest >= 1e5 => (1e-6, named("M", "USD")),
            Self::Money => (1.0, named("USD", "")),
            Self::Millions => {
                let (factor, suffix) = Self::Money.scale(largest * 1e6, style);
                (factor * 1e6, suffix)
            }
            Self::Share => (100.0, percent()),
            Self::Percent => (1.0, percent()),
            Self::Ratio => (1.0, "×".to_owned()),
            Self::Hhi | Self::Year => (1.0, String::new()),
            Self::Other(text) if text.is_empty() => (1.0, String::new()),
            Self::Other(text) => (1.0, format!("{NO_BREAK}{}", text.replace(' ', NO_BREAK))),
        }
    }
}

/// Which space stands before a percent sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Spacing {
    /// An ordinary no-break space, for fixed-width type.
    #[default]
    Terminal,
    /// A thin no-break space, for proportional type.
    Screen,
}

/// Where and how a figure is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Style {
    /// Space before a percent sign.
    pub spacing: Spacing,
    /// Whether the figure is a difference: plus signs are written and percents become percentage points (pp).
    pub difference: bool,
}

impl Style {
    /// A level on a terminal.
    pub const TERMINAL: Self = Self { spacing: Spacing::Terminal, difference: false };
    /// A level on a page or in the app.
    pub const SCREEN: Self = Self { spacing: Spacing::Screen, difference: false };

    /// The same place, for a difference between arms.
    #[must_use]
    pub const fn difference(self) -> Self {
        Self { difference: true, ..self }
    }
}

/// A written figure. `Display` gives value and range: `41 % (28 to 56)`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figure {
    /// The number alone, `41`; `under 0.1` when the rounded value is zero and the true one is not; `–` when absent.
    pub number: String,
    /// The number with its unit, `41 %`.
    pub value: String,
    /// The 9-in-10 range, `(28 to 56)`; absent when the figure is exact or missing.
    pub range: Option<String>,
    /// The unit alone, `%`, `kt W`; empty where there is none.
    pub unit: String,
    /// Distance between neighbouring written values, in the written unit.
    pub step: f64,
}

impl Figure {
    /// The figure as a lower bound, for results beyond the calibrated range: `at least 2.6×`.
    pub fn at_least(&self) -> String {
        format!("at least {}", self.value)
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.range {
            Some(range) => f.pad(&format!("{} {range}", self.value)),
            None => f.pad(&self.value),
        }
    }
}

/// Writes one figure with its 9-in-10 range.
pub fn figure(range: Range, unit: &Unit, style: Style) -> Figure {
    let (factor, suffix) = unit.scale(largest(&[range]), style);
    write_scaled(range, unit, style, factor, &suffix)
}

/// Writes the figures of one table row, all in the unit that suits the largest.
pub fn row(ranges: &[Range], unit: &Unit, style: Style) -> Vec<Figure> {
    let (factor, suffix) = unit.scale(largest(ranges), style);
    ranges.iter().map(|&range| write_scaled(range, unit, style, factor, &suffix)).collect()
}

/// Writes a figure in the unit's own scale: an exact published mass stays in tonnes, `2,400 t W`.
pub fn unscaled(range: Range, unit: &Unit, style: Style) -> Figure {
    let (factor, suffix) = unit.scale(0.0, style);
    write_scaled(range, unit, style, factor, &suffix)
}

/// A difference in words for a sentence: `13 points lower, 4 to 22`. `words` name a fall and a rise, such as
/// `["lower", "higher"]` or `["less", "more"]`.
pub fn change_in_words(range: Range, unit: &Unit, words: [&str; 2]) -> String {
    let (factor, suffix) = unit.scale(largest(&[range]), Style::TERMINAL);
    let suffix = if matches!(unit, Unit::Share | Unit::Percent) { "\u{a0}points" } else { &suffix };
    let scaled = [range.low * factor, range.mid * factor, range.high * factor];
    let Some(digits) = Digits::of(scaled, unit) else {
        return "not known".to_owned();
    };
    let [low, mid, high] = scaled.map(|value| digits.round(value));
    let direction = |value: f64| words[usize::from(value > 0.0)];
    let in_full = |value: f64| {
        let number = digits.magnitude(value);
        let suffix = if number == "1" { suffix.strip_suffix('s').unwrap_or(suffix) } else { suffix };
        format!("{number}{suffix} {}", direction(value))
    };
    let middle = if mid == 0.0 { "about the same".to_owned() } else { in_full(mid) };
    if digits.exact {
        return middle;
    }
    if low < 0.0 && high > 0.0 {
        return format!("{middle}, from {} to {}", in_full(low), in_full(high));
    }
    let (near, far) = if low.abs() <= high.abs() { (low, high) } else { (high, low) };
    let far = if mid == 0.0 { in_full(far) } else { digits.magnitude(far) };
    format!("{middle}, {} to {far}", digits.magnitude(near))
}

/// How often an outcome came about: `19 of 20 runs`. Never rounds to certainty: that needs every run.
pub fn runs(count: usize, draws: usize) -> String {
    const BASE: usize = 20;
    if draws == 0 {
        return "no runs".to_owned();
    }
    let count = count.min(draws);
    let plural = if draws == 1 { "" } else { "s" };
    if count == draws {
        return format!("all {draws} run{plural}").replace("all 1 ", "the only ");
    }
    if count == 0 {
        return format!("none of {draws} run{plural}");
    }
    if draws <= BASE {
        return format!("{count} of {draws} runs");
    }
    match (count * BASE + draws / 2) / draws {
        0 => format!("fewer than 1 of {BASE} runs"),
        BASE => format!("more than {} of {BASE} runs", BASE - 1),
        share => format!("{share} of {BASE} runs"),
    }
}

/// A derived figure: digits by its range, three where it has none.
pub fn derived(range: Range, unit: &Unit, style: Style) -> Figure {
    let range = if range.low == range.high { Range::exact(significant(range.mid, DERIVED)) } else { range };
    figure(range, unit, style)
}

/// A published figure: all its digits, masses in the unit that suits their size.
pub fn published(value: f64, unit: &Unit) -> Figure {
    figure(Range::exact(significant(value, PUBLISHED)), unit, Style::TERMINAL)
}

/// A number rounded to so many digits.
pub fn significant(value: f64, digits: usize) -> f64 {
    format!("{value:.*e}", digits.saturating_sub(1)).parse().unwrap_or(value)
}

/// Digits with a comma between thousands; signs and decimals are left alone.
pub fn grouped(digits: &str) -> String {
    let (sign, digits) = digits.strip_prefix('-').map_or(("", digits), |rest| ("-", rest));
    let (whole, decimals) = digits.split_once('.').map_or((digits, None), |(a, b)| (a, Some(b)));
    let mut text = sign.to_owned();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    decimals.map_or_else(|| text.clone(), |decimals| format!("{text}.{decimals}"))
}

/// Largest finite magnitude among the points of the ranges.
fn largest(ranges: &[Range]) -> f64 {
    let points = ranges.iter().flat_map(|range| [range.low, range.mid, range.high]);
    points.filter(|point| point.is_finite()).fold(0.0, |most, point| most.max(point.abs()))
}

/// Rounds and writes a range whose scale is decided.
fn write_scaled(range: Range, unit: &Unit, style: Style, factor: f64, suffix: &str) -> Figure {
    let unit_text = suffix.trim_start_matches(['\u{a0}', '\u{202f}']).to_owned();
    let [low, mid, high] = [range.low * factor, range.mid * factor, range.high * factor];
    let Some(digits) = Digits::of([low, mid, high], unit) else {
        let dash = "–".to_owned();
        return Figure { number: dash.clone(), value: dash, range: None, unit: unit_text, step: 0.0 };
    };
    let write = |value: f64| digits.signed(value, style.difference);
    let hidden = mid > 0.0 && low >= 0.0 && digits.round(mid) == 0.0 && !style.difference;
    let number = if hidden { format!("under {}", digits.magnitude(digits.step())) } else { write(mid) };
    Figure {
        value: format!("{}{suffix}", number.replace(' ', NO_BREAK)),
        number,
        range: (!digits.exact).then(|| format!("({} to {})", write(low), write(high))),
        unit: unit_text,
        step: digits.step(),
    }
}
