//! Numbers and tables as they are printed.

use std::fmt::Write;

use orecast::{
    answer::number::{Style, Unit},
    base::{
        id::{Iso3, SourceId},
        unit::Range,
    },
    world::{World, names::Subject},
};
use serde::Serialize;

/// Stands at the head of what was computed from confidential own data.
pub(crate) const CONFIDENTIAL: &str = "Confidential: own data marked as confidential is among the inputs.";

/// Width of a printed line that is broken.
const WIDTH: usize = 110;

/// A country by code or name.
pub(crate) fn country(world: &World, text: &str) -> Result<Iso3, String> {
    match world.find(text) {
        Ok(Subject::Country(row)) if !row.iso3.is_aggregate() => Ok(row.iso3),
        Ok(_) => Err(format!("`{text}` is not a country\n    name a country such as USA")),
        Err(error) => Err(error.to_string()),
    }
}

/// A country as readers know it.
pub(crate) fn name(world: &World, iso3: Iso3) -> String {
    orecast::answer::view::country_name(world, iso3)
}

/// A figure whose digits come from its range, or three digits where it has none.
pub(crate) fn short(range: Range, unit: &Unit, style: Style) -> String {
    orecast::answer::number::derived(range, unit, style).to_string()
}

/// Digits with a comma between thousands; signs and decimals are left alone.
pub(crate) fn grouped(digits: &str) -> String {
    let (sign, digits) = digits.strip_prefix('-').map_or(("", digits), |rest| ("-", rest));
    let (whole, decimals) = digits.split_once('.').map_or((digits, None), |(a, b)| (a, Some(b)));
    let mut text = sign.to_owned();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if let Some(decimals) = decimals {
        let _ = write!(text, ".{decimals}");
    }
    text
}

/// A number rounded to so many digits, without trailing zeros after the point.
pub(crate) fn number(value: f64, significant: usize) -> String {
    grouped(&rounded(value, significant).to_string())
}

fn rounded(value: f64, significant: usize) -> f64 {
    let text = format!("{value:.*e}", significant.saturating_sub(1));
    text.parse().unwrap_or(value)
}

/// Digits that a published figure keeps; beyond them lies only the noise of unit conversion.
const PUBLISHED: usize = 7;
/// Digits of a sum or another derived figure.
const DERIVED: usize = 3;

/// A published quantity in tonnes: t below 1,000, then kt, then Mt, with all its digits.
pub(crate) fn tonnes(value: f64) -> String {
    scaled(value, PUBLISHED)
}

/// A derived quantity in tonnes, to three digits.
pub(crate) fn about_tonnes(value: f64) -> String {
    scaled(value, DERIVED)
}

fn scaled(value: f64, significant: usize) -> String {
    let value = rounded(value, significant);
    let (factor, unit) = match value.abs() {
        size if size < 1e3 => (1.0, "t"),
        size if size < 1e6 => (1e3, "kt"),
        _ => (1e6, "Mt"),
    };
    format!("{} {unit}", number(value / factor, significant))
}

/// A share as percent with one decimal.
pub(crate) fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

/// A price or another plain number with all its published digits.
pub(crate) fn plain(value: f64) -> String {
    number(value, PUBLISHED)
}

/// "(28 to 56)".
pub(crate) fn range(low: &str, high: &str) -> String {
    format!("({low} to {high})")
}

/// A table with aligned columns, printed without rules.
pub(crate) struct Table {
    /// Whether a column is flush right.
    right: Vec<bool>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table of these columns; a name that begins with `>` makes its column flush right.
    pub(crate) fn new(header: &[&str]) -> Self {
        let right = header.iter().map(|name| name.starts_with('>')).collect();
        let names = header.iter().map(|name| name.trim_start_matches('>').to_owned()).collect();
        Self { right, rows: vec![names] }
    }

    /// Adds a row with a cell for every column.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// The table, each line indented by two blanks; nothing when it has no rows. Columns without any text are left out.
    pub(crate) fn print(&self) -> String {
        let mut text = String::new();
        if self.rows.len() < 2 {
            return text;
        }
        let cells =
            |column: usize| self.rows.iter().map(move |row| row.get(column).map_or("", String::as_str));
        let shown: Vec<usize> = (0..self.right.len())
            .filter(|&column| cells(column).skip(1).any(|cell| !cell.is_empty()))
            .collect();
        let widths: Vec<usize> = shown
            .iter()
            .map(|&column| cells(column).map(|cell| cell.chars().count()).max().unwrap_or_default())
            .collect();
        for row in &self.rows {
            let mut line = String::new();
            for (&column, &width) in shown.iter().zip(&widths) {
                let cell = row.get(column).map_or("", String::as_str);
                let _ = if self.right[column] {
                    write!(line, "  {cell:>width$}")
                } else {
                    write!(line, "  {cell:<width$}")
                };
            }
            let _ = writeln!(text, "{}", line.trim_end());
        }
        text
    }
}

/// A line with its details, broken between them where it grows too long.
pub(crate) fn wrapped(head: &str, details: &[String]) -> String {
    let mut out = format!("  {head}");
    let mut width = out.chars().count();
    for (place, detail) in details.iter().enumerate() {
        let mark = if place == 0 { "  " } else { ", " };
        let longer = mark.len() + detail.chars().count();
        if width + longer > WIDTH {
            out += if place == 0 { "\n      " } else { ",\n      " };
            width = 6;
        } else {
            out += mark;
        }
        out += detail;
        width += longer;
    }
    out + "\n"
}

/// The sources that were cited, with their titles.
pub(crate) fn sources(world: &World, mut cited: Vec<&SourceId>) -> String {
    cited.sort_unstable();
    cited.dedup();
    let mut table = Table::new(&["source", "title", "publisher", "licence"]);
    for row in cited.into_iter().filter_map(|id| world.source(id)) {
        table.row([row.id.to_string(), row.title.clone(), row.publisher.clone(), row.licence.clone()]);
    }
    section("Sources", &table)
}

/// A titled table, or nothing when the table is empty.
pub(crate) fn section(title: &str, table: &Table) -> String {
    let body = table.print();
    if body.is_empty() { body } else { format!("\n{title}\n{body}") }
}

/// The word that files use for a value of a list.
pub(crate) fn word(value: &impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_figures_keep_their_digits_and_take_a_readable_unit() {
        for (value, expected) in [
            (0.0, "0 t"),
            (0.68, "0.68 t"),
            (848.0, "848 t"),
            (3456.0, "3.456 kt"),
            (67_000.0, "67 kt"),
            (999_999.0, "999.999 kt"),
            (1_234_567.0, "1.234567 Mt"),
            (2_500_000_000.0, "2,500 Mt"),
            (118_447.500_000_000_01, "118.4475 kt"),
        ] {
            assert_eq!(tonnes(value), expected);
        }
    }

    #[test]
    fn derived_figures_have_three_digits() {
        assert_eq!(about_tonnes(81_437.0), "81.4 kt");
        assert_eq!(about_tonnes(999_960.0), "1 Mt");
        assert_eq!(about_tonnes(4_876_543_210.0), "4,880 Mt");
        assert_eq!(about_tonnes(0.012_345), "0.0123 t");
        assert_eq!(percent(0.827_16), "82.7 %");
    }

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!(grouped("1234567.125"), "1,234,567.125");
        assert_eq!(grouped("-1234"), "-1,234");
        assert_eq!(grouped("100"), "100");
    }

    #[test]
    fn columns_line_up_and_empty_ones_vanish() {
        let mut table = Table::new(&["country", ">output", "note", "grade"]);
        table.row(["China", "67 kt", "", "A"].map(str::to_owned));
        table.row(["Viet Nam", "3.4 kt", "", "B"].map(str::to_owned));
        let expected = "  country   output  grade\n  China      67 kt  A\n  Viet Nam  3.4 kt  B\n";
        assert_eq!(table.print(), expected);
    }
}
