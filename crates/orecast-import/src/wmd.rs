//! World Mining Data (Austrian Federal Ministry of Finance), chapter 6.4: output of each mineral by country.
//!
//! Download: <https://www.world-mining-data.info>, workbook `6.4. Production of Mineral Raw Materials of individual Countries by
//! Minerals`. Its terms do not say that rows may be passed on: users import their own copy, and nothing of it is shipped.
//!
//! Quirks: one sheet per mineral, with a title above the header `Country, unit, years, data source`; the basis stands in the name of the
//! sheet (`Cr2O3`, `Li2O`, `TiO2`, `U3O8`, ...) and is converted by stoichiometry; niobium and tantalum are named oxides but their
//! world totals fit the metal, so no factor is applied and the grade is C; beryllium is gross concentrate; precious metals and rhenium are in
//! kilograms; the data source is `r` reported, `e` estimated, `p` provisional. Factors are in `mapping/wmd_minerals.csv`.

use std::collections::BTreeMap;

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
    world::table::{Flag, ObservationRow},
};

/// Source of all rows; its terms forbid passing them on.
pub const SOURCE: &str = "wmd";
/// The edition of a year holds output up to two years before.
const YEARS_BEFORE_EDITION: i32 = 2;
/// Lines above the header.
const MOST_TITLES: usize = 10;

/// `mapping/wmd_minerals.csv`: a sheet and what it counts.
#[derive(Debug, Deserialize)]
struct Meaning {
    table: String,
    mineral: MineralId,
    stage: Stage,
    product: String,
    tonnes_per_tonne: f64,
    grade: Grade,
    note: String,
}

/// Reads output by country and the world totals of every sheet that names a mineral of ours.
pub fn read(input: &Input, reference: &Reference, tables: &mut Tables, problems: &mut Diagnostics) {
    let meanings: Vec<Meaning> =
        mapping("wmd_minerals.csv", include_str!("mapping/wmd_minerals.csv"), problems);
    let by_table: BTreeMap<String, &Meaning> =
        meanings.iter().map(|meaning| (plain(&meaning.table), meaning)).collect();
    let Ok(source) = SOURCE.parse::<SourceId>() else { return };
    let sheets = sheets(input, problems);
    let mut known = 0;
    for sheet in &sheets {
        // A workbook names its sheets; of a single table saved as CSV the title line says which it is.
        let title = sheet.rows.first().and_then(|(_, row)| row.get(0)).unwrap_or_default();
        let meaning = by_table.get(&plain(&sheet.name)).or_else(|| by_table.get(&plain(title)));
        let Some(meaning) = meaning else { continue };
        known += 1;
        let Some(header) = header(sheet) else {
            let remedy = "give a sheet with the columns Country, unit and years";
            problems.push(input.name(), 0, "", format!("no header for {}", meaning.table), remedy);
            continue;
        };
        let rows = Rows { file: input.name(), header, meaning, source: &source, reference };
        rows.read(sheet, tables, problems);
    }
    if known == 0 && !sheets.is_empty() {
        let remedy = "give the workbook of chapter 6.4, output by minerals";
        problems.push(input.name(), 0, "", "no table of a known mineral", remedy);
    }
}

/// Where the columns of a sheet stand.
struct Header {
    row: usize,
    country: usize,
    unit: usize,
    years: Vec<(i32, usize)>,
    data_source: Option<usize>,
}

fn header(sheet: &Sheet) -> Option<Header> {
    sheet.rows.iter().take(MOST_TITLES).enumerate().find_map(|(row, (_, cells))| {
        let column = |name: &str| cells.iter().position(|cell| plain(cell) == name);
        let years = cells.iter().enumerate().filter_map(|(place, cell)| Some((year(cell)?, place))).collect();
        let (country, unit) = (column("country")?, column("unit")?);
        let data_source = column("datasource").or_else(|| column("source"));
        Some(Header { row, country, unit, years, data_source })
    })
}

/// A year as a workbook holds it: `2024`, or the number 2024.0.
fn year(cell: &str) -> Option<i32> {
    figure::year(cell.strip_suffix(".0").unwrap_or(cell))
}

/// Tonnes in a unit of the workbook.
fn tonnes(unit: &str) -> Option<f64> {
    match plain(unit).as_str() {
        "t" | "metrt" | "metrict" | "tonnes" => Some(1.0),
        "kg" => Some(0.001),
        "1000t" | "kt" => Some(1000.0),
        _ => None,
    }
}

/// The rows of one sheet.
struct Rows<'a> {
    file: &'a str,
    header: Header,
    meaning: &'a Meaning,
    source: &'a SourceId,
    reference: &'a Reference,
}

impl Rows<'_> {
    fn read(&self, sheet: &Sheet, tables: &mut Tables, problems: &mut Diagnostics) {
        let Self { file, header, meaning, source, reference } = self;
        let last = header.years.iter().map(|(year, _)| *year).max().unwrap_or_default();
        for (line, row) in &sheet.rows[header.row + 1..] {
            let cell = |place: usize| row.get(place).unwrap_or_default();
            let name = cell(header.country);
            if name.is_empty() || is_blank(row, header) {
                continue;
            }
            let Some(iso3) = reference.country_or_note(name, file, *line, problems) else { continue };
            let Some(factor) = tonnes(cell(header.unit)) else {
                let found = format!("`{}` of {}", cell(header.unit), meaning.table);
                problems.push(file, *line, "unit", found, "write metr. t or kg");
                continue;
            };
            let estimated = header.data_source.is_some_and(|place| cell(place) == "e");
            for (year, place) in header.years.iter().filter(|(_, place)| !cell(*place).is_empty()) {
                let Some(value) = figure::amount(cell(*place)) else {
                    let found = format!("`{}`", cell(*place));
                    problems.push(
                        file,
                        *line,
                        &year.to_string(),
                        found,
                        "write a number that is not negative",
                    );
                    continue;
                };
                tables.production.push(ObservationRow {
                    mineral: meaning.mineral.clone(),
                    stage: meaning.stage,
                    iso3,
                    year: *year,
                    value: Some(rounded(value * factor * meaning.tonnes_per_tonne)),
                    low: None,
                    high: None,
                    raw: cell(*place).to_owned(),
                    raw_unit: cell(header.unit).to_owned(),
                    flag: if estimated { Flag::Estimated } else { Flag::Reported },
                    product: meaning.product.clone(),
                    source: (*source).clone(),
                    vintage: (last + YEARS_BEFORE_EDITION).to_string(),
                    grade: meaning.grade,
                    note: meaning.note.clone(),
                });
            }
        }
    }
}

/// Whether a row has no unit and no figure, as remarks below a table do.
fn is_blank(row: &StringRecord, header: &Header) -> bool {
    let places = header.years.iter().map(|(_, place)| *place).chain([header.unit]);
    places.into_iter().all(|place| row.get(place).unwrap_or_default().is_empty())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn import(name: &str, bytes: impl Into<Vec<u8>>) -> (Vec<String>, Tables, Diagnostics) {
        let mut tables = Tables::default();
        let mut problems = Diagnostics::default();
        read(&Input::inline(name, bytes), &Reference::load().unwrap(), &mut tables, &mut problems);
        let row = |r: &ObservationRow| {
            format!("{} {} {} {:?} {:?} {}", r.mineral, r.iso3, r.year, r.value, r.flag, r.vintage)
        };
        (tables.production.iter().map(row).collect(), tables, problems)
    }

    fn sheet(title: &str, rows: &str) -> String {
        format!("{title},,,,\nCountry,unit,2023,2024,data source\n{rows}")
    }

    #[test]
    fn a_workbook_has_a_sheet_per_mineral_with_its_basis_in_the_name() {
        let book = include_bytes!("../tests/fixtures/wmd.xlsx");
        let (found, tables, problems) = import("6.4.xlsx", book.to_vec());
        assert!(problems.is_empty(), "{problems}");
        assert_eq!(
            found,
            [
                "chromium KAZ 2023 Some(684200.0) Reported 2026",
                "chromium KAZ 2024 Some(752620.0) Reported 2026",
                "chromium WLD 2024 Some(13684000.0) Reported 2026",
                "rhenium UZB 2024 Some(0.5) Estimated 2026",
            ]
        );
        assert_eq!(tables.production[0].raw, "1000000");
    }

    #[test]
    fn oxides_become_metal_by_stoichiometry() {
        for (title, expected) in [
            ("Lithium (Li2O)", 0.4645),
            ("Uranium (U3O8)", 0.848),
            ("Titanium (TiO2)", 0.5993),
            ("Rare Earths (REO)", 1.0),
        ] {
            let (_, tables, problems) = import("x.csv", sheet(title, "China,metr. t,,10000,r\n"));
            assert!(problems.is_empty(), "{problems}");
            assert_eq!(tables.production[0].value, Some(rounded(10_000.0 * expected)), "{title}");
        }
    }

    #[test]
    fn niobium_and_tantalum_are_taken_as_metal_with_a_low_grade() {
        for title in ["Niobium (Nb2O5)", "Tantalum (Ta2O5)"] {
            let (_, tables, _) = import("x.csv", sheet(title, "Brazil,metr. t,,2500,r\n"));
            let row = &tables.production[0];
            assert_eq!((row.value, row.grade), (Some(2500.0), Grade::C));
            assert!(row.note.contains("no factor"));
        }
    }

    #[test]
    fn remarks_below_a_table_are_no_countries_and_odd_cells_are_reported() {
        let text = sheet(
            "Tungsten (W)",
            "Note: provisional,,,,\nChina,metr. t,-1,1e300,r\nPeru,carat,1,2,r\nAtlantis,metr. t,1,2,r\n",
        );
        let (found, _, problems) = import("x.csv", text);
        assert!(found.is_empty());
        let fields: Vec<_> = problems.iter().map(|p| (p.line, p.field.as_str())).collect();
        assert_eq!(fields, [(4, "2023"), (4, "2024"), (5, "unit"), (6, "country")]);
        assert!(import("x.csv", "a,b\n1,2\n").2.to_string().contains("no table of a known mineral"));
    }
}
