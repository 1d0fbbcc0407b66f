//! World Bank commodity prices (the Pink Sheet): monthly series become yearly means in USD per tonne contained.
//!
//! Download: <https://www.worldbank.org/en/research/commodity-markets>, workbook `CMO-Historical-Data-Monthly.xlsx` (sheet `Monthly
//! Prices`), or that sheet saved as CSV, or a long table `month,series,unit,price`. CC BY 4.0.
//!
//! Quirks: titles stand above the names, units in brackets below them; names end in footnote stars; months are written
//! `1960M01`; a missing month is `…` or `..`; iron ore says `$/dmtu` but counts dollars per dry tonne of 62 % Fe; precious metals are
//! in troy ounces, potash in tonnes of chloride, phosphate in tonnes of rock. A year counts only when all twelve months are there. The
//! edition is the month after the last one of the file. Series and conversions are in `mapping/pink_sheet.csv`.

use std::collections::{BTreeMap, BTreeSet};

use csv::StringRecord;
use serde::Deserialize;

use super::{
    Tables, figure,
    reference::{Reference, mapping},
    rows::plain,
    sheet::{Sheet, sheets},
    text::{Input, rounded},
};
use orecast::{
    base::{
        diagnostic::Diagnostics,
        id::{MineralId, SourceId},
        unit::{Grade, Stage},
    },
    world::table::{Flag, PriceHistoryRow, PriceRow},
};

/// Source of the edition that the package carries.
pub const EDITION: &str = "wb-pink-sheet-2026-06";
/// First year whose months are kept.
const FIRST_YEAR: i32 = 1998;
/// How many of the latest complete years are kept.
const LATEST_YEARS: usize = 10;
/// Rows above the first month in which names and units may stand.
const MOST_TITLES: usize = 12;

/// `mapping/pink_sheet.csv`: a series and what a unit of it means.
#[derive(Debug, Deserialize)]
struct Series {
    #[serde(rename = "series")]
    name: String,
    unit: String,
    mineral: MineralId,
    stage: Stage,
    product: String,
    primary: bool,
    factor: f64,
    conversion: String,
}

/// One month of one series, as written.
struct Month {
    line: usize,
    series: String,
    unit: String,
    year: i32,
    number: u32,
    price: String,
}

/// Prices by series and year, then by month.
type Years = BTreeMap<(String, i32), BTreeMap<u32, f64>>;

/// What a file says of the mapped series.
struct File {
    series: Vec<Series>,
    source: SourceId,
    years: Years,
}

/// Reads the months of the mapped series and their yearly means.
pub fn read(input: &Input, _: &Reference, tables: &mut Tables, problems: &mut Diagnostics) {
    if let Some(file) = File::read(input, problems) {
        file.means(tables);
        file.history(tables);
    }
}

/// Reads the months of the mapped series alone.
pub fn read_history(input: &Input, _: &Reference, tables: &mut Tables, problems: &mut Diagnostics) {
    if let Some(file) = File::read(input, problems) {
        file.history(tables);
    }
}

impl File {
    fn read(input: &Input, problems: &mut Diagnostics) -> Option<Self> {
        let series: Vec<Series> = mapping("pink_sheet.csv", include_str!("mapping/pink_sheet.csv"), problems);
        let names: BTreeSet<String> = series.iter().map(|one| plain(&one.name)).collect();
        let found = sheets(input, problems);
        let empty = found.is_empty();
        let months: Vec<Month> =
            found.iter().map(|sheet| months(sheet, &names)).max_by_key(Vec::len).unwrap_or_default();
        let Some((year, month)) = months.iter().map(|one| (one.year, one.number)).max() else {
            if !empty {
                let remedy = "give CMO-Historical-Data-Monthly.xlsx, or its sheet Monthly Prices as CSV";
                problems.push(input.name(), 0, "", "no monthly prices of a known series", remedy);
            }
            return None;
        };
        let (year, month) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
        let source = format!("wb-pink-sheet-{year}-{month:02}").parse::<SourceId>().ok()?;
        let years = by_year(input.name(), &months, &series, problems);
        Some(Self { series, source, years })
    }

    /// Yearly means of the latest years that have all twelve months.
    fn means(&self, tables: &mut Tables) {
        for one in &self.series {
            let key = plain(&one.name);
            let whole =
                self.years.iter().filter(|((series, _), months)| *series == key && months.len() == 12);
            for ((_, year), months) in whole.rev().take(LATEST_YEARS) {
                let mean = months.values().sum::<f64>() / 12.0;
                tables.prices.push(PriceRow {
                    mineral: one.mineral.clone(),
                    stage: one.stage,
                    product: one.product.clone(),
                    primary: one.primary,
                    year: *year,
                    usd_per_t: rounded(mean * one.factor),
                    low: None,
                    high: None,
                    conversion: one.conversion.clone(),
                    flag: Flag::Reported,
                    source: self.source.clone(),
                    grade: Grade::A,
                });
            }
        }
    }

    /// The months since [`FIRST_YEAR`].
    fn history(&self, tables: &mut Tables) {
        for one in &self.series {
            let key = plain(&one.name);
            let kept = self.years.iter().filter(|((series, year), _)| *series == key && *year >= FIRST_YEAR);
            for ((_, year), months) in kept {
                for (month, price) in months {
                    let Ok(date) = format!("{year}-{month:02}").parse() else { continue };
                    tables.price_history.push(PriceHistoryRow {
                        mineral: one.mineral.clone(),
                        stage: one.stage,
                        product: one.product.clone(),
                        date,
                        usd_per_t: rounded(price * one.factor),
                        source: self.source.clone(),
                        grade: Grade::A,
                    });
                }
            }
        }
    }
}

/// Prices by year and month, in the published unit. Prices that make no sense and other units are
/// reported.
fn by_year(file: &str, months: &[Month], series: &[Series], problems: &mut Diagnostics) -> Years {
    let units: BTreeMap<String, String> =
        series.iter().map(|one| (plain(&one.name), plain(&one.unit))).collect();
    let mut years = Years::new();
    let mut other_units = BTreeSet::new();
    for one in months {
        let Some(unit) = units.get(&one.series) else { continue };
        if plain(&one.unit) != *unit {
            if other_units.insert(&one.series) {
                let found = format!("`{}` for {}", one.unit, one.series);
                problems.push(file, one.line, "unit", found, "correct the factor in mapping/pink_sheet.csv");
            }
            continue;
        }
        if matches!(one.price.as_str(), "" | "…" | ".." | "...") {
            continue;
        }
        if let Some(price) = figure::amount(&one.price).filter(|price| *price > 0.0) {
            years.entry((one.series.clone(), one.year)).or_default().insert(one.number, price);
        } else {
            let found = format!("`{}`", one.price);
            problems.push(file, one.line, &one.series, found, "write a price above zero");
        }
    }
    years
}

/// The months of a sheet in either layout; none when it has neither.
fn months(sheet: &Sheet, names: &BTreeSet<String>) -> Vec<Month> {
    let Some((_, header)) = sheet.rows.first() else { return Vec::new() };
    let column = |name: &str| header.iter().position(|cell| plain(cell) == name);
    if let (Some(month), Some(series), Some(unit), Some(price)) =
        (column("month"), column("series"), column("unit"), column("price"))
    {
        return sheet.rows[1..].iter().filter_map(|row| long(row, [month, series, unit, price])).collect();
    }
    let Some(first) = sheet.rows.iter().position(|(_, row)| row.get(0).and_then(year_and_month).is_some())
    else {
        return Vec::new();
    };
    let titles = &sheet.rows[first.saturating_sub(MOST_TITLES)..first];
    let known = |row: &StringRecord| row.iter().filter(|cell| names.contains(&plain(cell))).count();
    let Some((place, header)) = titles.iter().enumerate().max_by_key(|(_, (_, row))| known(row)) else {
        return Vec::new();
    };
    let unit = |column: usize| {
        let below = titles[place + 1..].iter().filter_map(|(_, row)| row.get(column));
        below.into_iter().find(|cell| cell.contains('$')).unwrap_or_default().to_owned()
    };
    let columns: Vec<(usize, String, String)> = header
        .1
        .iter()
        .enumerate()
        .map(|(column, name)| (column, plain(name), unit(column)))
        .filter(|(_, name, _)| names.contains(name))
        .collect();
    let mut months = Vec::new();
    for (line, row) in &sheet.rows[first..] {
        let Some((year, month)) = row.get(0).and_then(year_and_month) else { continue };
        for (column, series, unit) in &columns {
            let price = row.get(*column).unwrap_or_default().to_owned();
            let (series, unit) = (series.clone(), unit.clone());
            months.push(Month { line: *line, series, unit, year, number: month, price });
        }
    }
    months
}

fn long((line, row): &(usize, StringRecord), [month, series, unit, price]: [usize; 4]) -> Option<Month> {
    let (year, month) = year_and_month(row.get(month)?)?;
    let (series, unit, price) =
        (plain(row.get(series)?), row.get(unit)?.to_owned(), row.get(price)?.to_owned());
    Some(Month { line: *line, series, unit, year, number: month, price })
}

/// `1960M01` or `1960-01`.
fn year_and_month(text: &str) -> Option<(i32, u32)> {
    let (year, month) = text.split_once(['M', '-'])?;
    let month = month.parse().ok().filter(|month| (1..=12).contains(month))?;
    Some((figure::year(year)?, month))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::fmt::Write;

    use super::*;

    fn import(text: &str) -> (Vec<String>, Diagnostics) {
        let mut tables = Tables::default();
        let mut problems = Diagnostics::default();
        read(&Input::inline("cmo.csv", text), &Reference::load().unwrap(), &mut tables, &mut problems);
        let row = |r: &PriceRow| format!("{} {} {} {} {}", r.mineral, r.stage, r.year, r.usd_per_t, r.source);
        (tables.prices.iter().map(row).collect(), problems)
    }

    /// The sheet `Monthly Prices` as CSV: two series over two years, the second one cut short.
    fn monthly(names: &str, units: &str, row: impl Fn(i32, u32) -> String) -> String {
        let mut text = format!(
            "World Bank Commodity Price Data (The Pink Sheet),,\nmonthly prices in nominal US dollars,,\n,,\n,{names}\n,{units}\n"
        );
        for (year, month) in (1..=12).map(|m| (2024, m)).chain((1..=5).map(|m| (2025, m))) {
            writeln!(text, "{year}M{month:02},{}", row(year, month)).unwrap();
        }
        text
    }

    #[test]
    fn months_become_means_of_whole_years_in_tonnes_contained() {
        let text = monthly("\"Iron ore, cfr spot\",Potassium chloride **", "($/dmtu),($/mt)", |_, m| {
            format!("{},{}", 62 * m, 610)
        });
        let (found, problems) = import(&text);
        assert!(problems.is_empty(), "{problems}");
        // The mean of 62 to 744 is 403 dollars per dry tonne of 62 % Fe; 610 dollars per tonne of chloride of 61 % K2O.
        assert_eq!(
            found,
            ["iron_ore mine 2024 650 wb-pink-sheet-2025-06", "potash mine 2024 1000 wb-pink-sheet-2025-06"]
        );
    }

    #[test]
    fn a_year_with_a_missing_month_has_no_mean() {
        let text = monthly("Gold,Phosphate rock", "($/troy oz),($/mt)", |_, m| {
            format!("2000,{}", if m == 11 { "…" } else { "150" })
        });
        let (found, problems) = import(&text);
        assert!(problems.is_empty(), "{problems}");
        assert_eq!(found, ["gold mine 2024 64301490 wb-pink-sheet-2025-06"]);
    }

    #[test]
    fn every_month_since_1998_is_kept_as_it_is() {
        let rows = [
            "1997-12,Tin,$/mt,5000,x",
            "1998-01,Tin,$/mt,5100,x",
            "2026-05,Potassium chloride **,$/mt,305,x",
        ];
        let text = format!("month,series,unit,price,source\n{}\n", rows.join("\n"));
        let mut tables = Tables::default();
        let mut problems = Diagnostics::default();
        let input = Input::inline("cmo.csv", text);
        read_history(&input, &Reference::load().unwrap(), &mut tables, &mut problems);
        assert!(problems.is_empty() && tables.prices.is_empty(), "{problems}");
        let row = |r: &PriceHistoryRow| format!("{} {} {} {}", r.mineral, r.date, r.usd_per_t, r.source);
        let found: Vec<String> = tables.price_history.iter().map(row).collect();
        assert_eq!(
            found,
            ["potash 2026-05 500 wb-pink-sheet-2026-06", "tin 1998-01 5100 wb-pink-sheet-2026-06"]
        );
    }

    #[test]
    fn the_long_table_is_read_too() {
        let rows: Vec<String> = (1..=12).map(|m| format!("2025-{m:02},Tin,$/mt,30000,x\n")).collect();
        let (found, _) = import(&format!("month,series,unit,price,source\n{}", rows.concat()));
        assert_eq!(found, ["tin refine 2025 30000 wb-pink-sheet-2026-01"]);
    }

    #[test]
    fn the_workbook_s_monthly_sheet_is_found() {
        let book = include_bytes!("../tests/fixtures/pink_sheet.xlsx");
        let mut tables = Tables::default();
        let mut problems = Diagnostics::default();
        let input = Input::inline("cmo.xlsx", book.to_vec());
        read(&input, &Reference::load().unwrap(), &mut tables, &mut problems);
        assert!(problems.is_empty(), "{problems}");
        // Gold lacks a month.
        let found: Vec<_> = tables.prices.iter().map(|r| (r.mineral.to_string(), r.usd_per_t)).collect();
        assert_eq!(found, [("copper".to_owned(), 9050.5)]);
    }

    #[test]
    fn another_unit_an_impossible_price_and_another_file_are_reported() {
        let text =
            monthly("Gold,Tin", "($/kg),($/mt)", |_, m| format!("1,{}", if m == 3 { "-5" } else { "1" }));
        let (_, problems) = import(&text);
        let fields: Vec<_> = problems.iter().map(|p| (p.line, p.field.as_str())).collect();
        assert_eq!(fields, [(6, "unit"), (8, "tin"), (20, "tin")]);
        assert!(import("iso_o,iso_d\nKAZ,CHN\n").1.to_string().contains("no monthly prices"));
    }

    #[test]
    #[ignore = "reads a publisher's file in the folder `shared` beside the repository"]
    fn the_shipped_prices_come_out_of_the_publishers_file() {
        let path = crate::testing::raw_file("prices/pinksheet_minerals_monthly_1960_2026-05.csv");
        let mut tables = Tables::default();
        let mut problems = Diagnostics::default();
        read(&Input::file(&path), &Reference::load().unwrap(), &mut tables, &mut problems);
        assert!(problems.is_empty(), "{problems}");
        let shipped = crate::testing::shipped_world();
        let of_source =
            shipped.tables().prices.iter().filter(|row| row.source.as_str().starts_with("wb-pink-sheet"));
        let mut compared = 0;
        for row in of_source {
            let same = tables.prices.iter().find(|other| {
                (&other.mineral, other.stage, &other.product, other.year)
                    == (&row.mineral, row.stage, &row.product, row.year)
            });
            let same = same.unwrap_or_else(|| panic!("{} {}", row.mineral, row.year));
            assert!((same.usd_per_t / row.usd_per_t - 1.0).abs() < 1e-3, "{} {}", row.mineral, row.year);
            assert_eq!((same.primary, &same.source), (row.primary, &row.source));
            compared += 1;
        }
        assert!(compared > 50, "{compared}");
    }
}
