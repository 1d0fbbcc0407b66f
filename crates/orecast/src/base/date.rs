//! Calendar dates as far as they are known: a year, a half-year, a quarter, a month or a day.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// Mean length of a month in days.
pub const DAYS_PER_MONTH: f64 = 365.25 / 12.0;

/// A calendar day, counted from 1 January 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(i32);

impl Day {
    /// The day of a year, a month and a day of the month; nothing when the calendar has no such day.
    pub fn new(year: i32, month: u32, day: u32) -> Option<Self> {
        let legal = (1..=12).contains(&month) && (1..=days_in(year, month)).contains(&day);
        legal.then(|| {
            // Years begin in March, so that the leap day is the last one (Hinnant, "days_from_civil").
            let year = if month <= 2 { year - 1 } else { year };
            let era = year.div_euclid(400);
            let year_of_era = year.rem_euclid(400);
            let day_of_year = ((153 * ((month + 9) % 12) + 2) / 5 + day - 1).cast_signed();
            let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
            Self(era * 146_097 + day_of_era - 719_468)
        })
    }

    /// Days from this one to another; negative when the other comes before.
    pub const fn days_to(self, other: Self) -> i32 {
        other.0 - self.0
    }
}

fn days_in(year: i32, month: u32) -> u32 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// A date with the precision at which it was published: `2026`, `2025-H1`, `2025-Q4`, `2026-02` or `2026-02-04`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PartialDate {
    year: i32,
    part: Part,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Part {
    Year,
    Half(u32),
    Quarter(u32),
    Month(u32),
    Day(u32, u32),
}

impl PartialDate {
    /// The calendar year.
    pub const fn year(self) -> i32 {
        self.year
    }

    /// A whole year.
    pub const fn of_year(year: i32) -> Self {
        Self { year, part: Part::Year }
    }

    /// The first day that it can be.
    pub fn first(self) -> Day {
        let (month, day) = match self.part {
            Part::Year => (1, 1),
            Part::Half(half) => (half * 6 - 5, 1),
            Part::Quarter(quarter) => (quarter * 3 - 2, 1),
            Part::Month(month) => (month, 1),
            Part::Day(month, day) => (month, day),
        };
        Day::new(self.year, month, day).unwrap_or(Day(0))
    }

    /// The last day that it can be.
    pub fn last(self) -> Day {
        let (month, day) = match self.part {
            Part::Year => (12, 31),
            Part::Half(half) => (half * 6, 31),
            Part::Quarter(quarter) => (quarter * 3, 31),
            Part::Month(month) => (month, 31),
            Part::Day(month, day) => (month, day),
        };
        Day::new(self.year, month, day.min(days_in(self.year, month))).unwrap_or(Day(0))
    }

    /// Days from this date to a later one, as far as both are known.
    pub fn until(self, later: Self) -> Days {
        Days { least: self.last().days_to(later.first()), most: self.first().days_to(later.last()) }
    }
}

/// Order of the first days, then of the last ones.
impl Ord for PartialDate {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.first(), self.last()).cmp(&(other.first(), other.last()))
    }
}

impl PartialOrd for PartialDate {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// Why a text is no date.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a date such as 2026, 2025-H1, 2025-Q4, 2026-02 or 2026-02-04")]
pub struct InvalidDate(String);

impl FromStr for PartialDate {
    type Err = InvalidDate;
    fn from_str(text: &str) -> Result<Self, InvalidDate> {
        let invalid = || InvalidDate(text.to_owned());
        let number = |digits: &str, length: usize| {
            let legal = digits.len() == length && digits.bytes().all(|byte| byte.is_ascii_digit());
            legal.then(|| digits.parse::<u32>().ok()).flatten()
        };
        let mut parts = text.trim().split('-');
        let year = parts.next().and_then(|year| number(year, 4)).ok_or_else(invalid)?.cast_signed();
        let part = match (parts.next(), parts.next(), parts.next()) {
            (None, ..) => Some(Part::Year),
            (Some("H1"), None, _) => Some(Part::Half(1)),
            (Some("H2"), None, _) => Some(Part::Half(2)),
            (Some(part), None, _) => match part.strip_prefix('Q') {
                Some(quarter) => {
                    number(quarter, 1).filter(|quarter| (1..=4).contains(quarter)).map(Part::Quarter)
                }
                None => number(part, 2).filter(|month| (1..=12).contains(month)).map(Part::Month),
            },
            (Some(month), Some(day), None) => {
                number(month, 2).zip(number(day, 2)).and_then(|(month, day)| {
                    Day::new(year, month, day)?;
                    Some(Part::Day(month, day))
                })
            }
            _ => None,
        };
        Ok(Self { year, part: part.ok_or_else(invalid)? })
    }
}

impl TryFrom<String> for PartialDate {
    type Error = InvalidDate;
    fn try_from(text: String) -> Result<Self, InvalidDate> {
        text.parse()
    }
}

impl From<PartialDate> for String {
    fn from(date: PartialDate) -> Self {
        date.to_string()
    }
}

impl fmt::Display for PartialDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let year = self.year;
        f.pad(&match self.part {
            Part::Year => format!("{year:04}"),
            Part::Half(half) => format!("{year:04}-H{half}"),
            Part::Quarter(quarter) => format!("{year:04}-Q{quarter}"),
            Part::Month(month) => format!("{year:04}-{month:02}"),
            Part::Day(month, day) => format!("{year:04}-{month:02}-{day:02}"),
        })
    }
}

/// A span of days between two dates, as far as they are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Days {
    /// Fewest days it can be.
    pub least: i32,
    /// Most days it can be.
    pub most: i32,
}

impl Days {
    /// The days, when both dates are known to the day.
    pub fn exact(self) -> Option<i32> {
        (self.least == self.most).then_some(self.least)
    }

    /// Middle of the span in days.
    pub fn middle(self) -> f64 {
        f64::midpoint(f64::from(self.least), f64::from(self.most))
    }

    /// Middle of the span in months.
    pub fn months(self) -> f64 {
        self.middle() / DAYS_PER_MONTH
    }
}

/// `79 days`, `24 to 55 days`, or months where the dates are rough and far apart: `25 months (25 to 26)`.
impl fmt::Display for Days {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self.exact() {
            Some(1) => "1 day".to_owned(),
            Some(days) => format!("{days} days"),
            None if self.middle().abs() < 150.0 => format!("{} to {} days", self.least, self.most),
            None => {
                let months = |days: i32| (f64::from(days) / DAYS_PER_MONTH).round();
                let (least, most) = (months(self.least), months(self.most));
                let middle = self.months().round();
                if least == most {
                    format!("{middle} months")
                } else {
                    format!("{middle} months ({least} to {most})")
                }
            }
        };
        f.pad(&text.replace('-', "\u{2212}"))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn date(text: &str) -> PartialDate {
        text.parse().unwrap()
    }

    #[test]
    fn spans_between_days_are_exact() {
        for (from, to, days) in [
            ("2026-02-04", "2026-04-24", 79),
            ("2025-04-30", "2025-12-18", 232),
            ("2024-02-28", "2024-03-01", 2),
            ("2023-02-28", "2023-03-01", 1),
            ("2026-04-24", "2026-02-04", -79),
        ] {
            assert_eq!(date(from).until(date(to)).exact(), Some(days), "{from} {to}");
        }
        assert_eq!(Day::new(1970, 1, 1).unwrap().days_to(Day::new(2000, 3, 1).unwrap()), 11_017);
    }

    #[test]
    fn rough_dates_give_rough_spans() {
        let span = date("2024-04").until(date("2026-05-21"));
        assert_eq!((span.least, span.most), (751, 780));
        assert_eq!(span.to_string(), "25 months (25 to 26)");
        assert_eq!(date("2026-02-04").until(date("2026-03")).to_string(), "25 to 55 days");
        assert_eq!(date("2025").until(date("2025")).to_string(), "\u{2212}364 to 364 days");
        assert_eq!(date("2025-H1").last(), date("2025-06-30").first());
        assert_eq!(date("2025-Q4").first(), date("2025-10-01").first());
        assert_eq!(date("2024-02").last(), date("2024-02-29").last());
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "",
            "25",
            "2025-13",
            "2025-00",
            "2025-02-29",
            "2025-H3",
            "2025-Q5",
            "2025-1",
            "soon",
            "2025-01-01-1",
        ] {
            assert!(text.parse::<PartialDate>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn dates_print_as_they_were_read(year in 1000_i32..=9999, month in 1_u32..=12, day in 1_u32..=28) {
            let texts = [format!("{year}"), format!("{year}-{month:02}"), format!("{year}-{month:02}-{day:02}")];
            for text in texts {
                let read = date(&text);
                prop_assert_eq!(read.to_string(), text);
                prop_assert!(read.first() <= read.last());
            }
        }
    }
}
