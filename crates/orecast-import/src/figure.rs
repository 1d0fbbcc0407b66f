//! A figure as publishers print it: numbers with thousands commas, bounds, ranges and words for absence.

use std::ops::RangeInclusive;

use orecast::world::table::Flag;

/// No quantity in any publisher's unit and no sum in thousand dollars is larger.
const LARGEST: f64 = 1e13;
/// Years that a file of this field can mean.
pub const YEARS: RangeInclusive<i32> = 1900..=2100;

/// What a cell says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Figure {
    /// The number, or the bound, or the middle of a range; absent when the publisher gives none.
    pub value: Option<f64>,
    /// Ends of a printed range.
    pub range: Option<(f64, f64)>,
    /// What the publisher said besides the number.
    pub flag: Flag,
}

impl Figure {
    const fn absent(flag: Flag) -> Self {
        Self { value: None, range: None, flag }
    }

    const fn number(value: f64, flag: Flag) -> Self {
        Self { value: Some(value), range: None, flag }
    }
}

/// Reads a cell of a USGS table. `None` means that the text is not understood.
///
/// An em dash is zero. `W` is withheld, `NA` and `XX` are not available, `E` is a net exporter, `>` and `<` are bounds,
/// `s` and words such as `Large` or `Small` carry no number.
pub fn parse(text: &str) -> Option<Figure> {
    let text = text.trim();
    match text {
        "—" | "–" | "-" => return Some(Figure::number(0.0, Flag::Reported)),
        "W" => return Some(Figure::absent(Flag::Withheld)),
        "E" => return Some(Figure::absent(Flag::NetExporter)),
        "" | "NA" | "XX" | "s" | "Large" | "Moderate" | "Moderate to large" | "Small" | "Very small" => {
            return Some(Figure::absent(Flag::Unavailable));
        }
        _ => {}
    }
    if text.starts_with("Variable") {
        return Some(Figure::absent(Flag::Unavailable));
    }
    if let Some(bound) = text.strip_prefix('>') {
        return amount(bound).map(|value| Figure::number(value, Flag::AtLeast));
    }
    if let Some(bound) = text.strip_prefix('<') {
        return amount(bound).map(|value| Figure::number(value, Flag::AtMost));
    }
    if let Some(value) = amount(text) {
        return Some(Figure::number(value, Flag::Reported));
    }
    let (low, high) = text.split_once(['–', '-'])?;
    let (low, high) = (amount(low)?, amount(high)?);
    let range =
        Figure { value: Some(f64::midpoint(low, high)), range: Some((low, high)), flag: Flag::Reported };
    (low <= high).then_some(range)
}

/// A number with thousands commas.
pub fn number(text: &str) -> Option<f64> {
    let digits: String = text.trim().chars().filter(|&c| c != ',').collect();
    digits.parse().ok().filter(|value: &f64| value.is_finite())
}

/// A number that can be a quantity or a sum of money: not negative and not beyond reason.
pub fn amount(text: &str) -> Option<f64> {
    number(text).filter(|value| (0.0..=LARGEST).contains(value))
}

/// A calendar year.
pub fn year(text: &str) -> Option<i32> {
    text.trim().parse().ok().filter(|year| YEARS.contains(year))
}

/// The first and last year of `2024` or `2021–24`.
pub fn years(text: &str) -> Option<(i32, i32)> {
    let text = text.trim();
    let Some((first, last)) = text.split_once(['–', '-']) else {
        return year(text).map(|year| (year, year));
    };
    let start = year(first)?;
    let end = match last.trim().parse().ok()? {
        short @ 0..=99 => start / 100 * 100 + short,
        end => end,
    };
    (start <= end && YEARS.contains(&end)).then_some((start, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value_and_flag(text: &str) -> Option<(Option<f64>, Flag)> {
        parse(text).map(|figure| (figure.value, figure.flag))
    }

    #[test]
    fn numbers_bounds_and_words() {
        for (text, expected) in [
            ("67,000", (Some(67000.0), Flag::Reported)),
            ("—", (Some(0.0), Flag::Reported)),
            ("W", (None, Flag::Withheld)),
            ("NA", (None, Flag::Unavailable)),
            ("XX", (None, Flag::Unavailable)),
            ("Large", (None, Flag::Unavailable)),
            (">4,700,000", (Some(4.7e6), Flag::AtLeast)),
            ("<25", (Some(25.0), Flag::AtMost)),
            ("E", (None, Flag::NetExporter)),
            ("7\u{a0}", (Some(7.0), Flag::Reported)),
            ("10–15", (Some(12.5), Flag::Reported)),
        ] {
            assert_eq!(value_and_flag(text), Some(expected), "{text}");
        }
        assert_eq!(parse("10 - 15").and_then(|f| f.range), Some((10.0, 15.0)));
        for wrong in ["about 5", ">x", "1–2–3", "inf", "-5", "1e300", "15–10", ">-1", "nan"] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn years_may_span() {
        assert_eq!(years("2024"), Some((2024, 2024)));
        assert_eq!(years("2021–24"), Some((2021, 2024)));
        assert_eq!(years("1998-2003"), Some((1998, 2003)));
        for wrong in ["soon", "24", "2024–21", "2021-99999999", "-2024", "2147483647–99", "–"] {
            assert_eq!(years(wrong), None, "{wrong}");
        }
    }
}
