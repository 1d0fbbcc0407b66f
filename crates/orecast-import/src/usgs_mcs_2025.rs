//! USGS Mineral Commodity Summaries, world data release in the format of 2025: output of the last year that is no estimate (2023
//! in that edition, which the release of 2026 no longer has).
//!
//! Download: <https://doi.org/10.5066/P13XCP3R>, file `MCS2025_World_Data.csv`. US public domain.
//!
//! Quirks: misspelt labels (`Gemanium`, `ilmentite`, `grosss`) and trailing blanks; country names carry footnote digits
//! and words in brackets (`World total (rounded) 10`); an empty cell may be zero, withheld or unknown, so it is left
//! out; titanium minerals say `metric tons` where the figures are thousand tonnes, which the conversion corrects. Figures
//! of 2024 are estimates that the release of 2026 replaces. World totals of two products in one row are passed over.
//! `RESERVES_2024` holds capacities for indium and magnesium, and reserves of iron ore and molybdenum are a thousand
//! times `UNIT_MEAS`, so that column is not taken: reserves come from the release of 2026.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::{
    Tables, edition, figure,
    reference::{Reference, mapping},
    rows::{Layout, Written, table_of},
    text::{Input, normal},
    usgs_mcs::{Sum, remark_new},
};
use orecast::base::{
    diagnostic::Diagnostics,
    id::MineralId,
    unit::{Grade, Stage},
};

/// Source of all rows.
pub const SOURCE: &str = "usgs-mcs-2025";

#[derive(Debug, Deserialize)]
struct Label {
    mineral: MineralId,
    stage: Stage,
    commodity: String,
    #[serde(rename = "type")]
    kind: String,
    unit: String,
    tonnes_per_unit: f64,
    grade: Grade,
    note: String,
}

/// Columns of the release besides those of the years.
const LAYOUT: Layout = Layout {
    what: "the USGS world data release (Mineral Commodity Summaries)",
    columns: &[
        ("SOURCE", &[]),
        ("COMMODITY", &[]),
        ("COUNTRY", &[]),
        ("TYPE", &[]),
        ("UNIT_MEAS", &["UNIT"]),
        ("PROD_NOTES", &[]),
    ],
};

/// The last year with reported output, and its column: `PROD_2023`, not the estimates of `PROD_EST_2024`.
fn reported(table: &Written) -> Option<(i32, usize)> {
    let years = table.header.iter().enumerate().filter_map(|(place, name)| {
        let year = figure::year(super::rows::plain(name).strip_prefix("prod")?)?;
        Some((year, place))
    });
    years.max()
}

/// A country name without what stands in brackets and without footnote digits.
fn bare_name(text: &str) -> &str {
    text.split('(').next().unwrap_or(text).trim_end_matches(|c: char| c.is_ascii_digit() || c == ' ')
}

/// Reads the output of the last reported year.
pub fn read(input: &Input, reference: &Reference, tables: &mut Tables, problems: &mut Diagnostics) {
    let labels: Vec<Label> =
        mapping("usgs_mcs_2025.csv", include_str!("mapping/usgs_mcs_2025.csv"), problems);
    let mut by_key: BTreeMap<_, Vec<&Label>> = BTreeMap::new();
    for label in &labels {
        by_key.entry((normal(&label.commodity), normal(&label.kind))).or_default().push(label);
    }
    let Some(table) = table_of(input, &LAYOUT, problems) else { return };
    let Some((year, output)) = reported(&table) else {
        let remedy = format!("give {} with a column such as PROD_2023", LAYOUT.what);
        problems.push(input.name(), 1, "PROD", "no column of a year's output", remedy);
        return;
    };
    let column = |name| table.column(name).unwrap_or_default();
    let [commodity, country, kind, unit, notes] =
        ["COMMODITY", "COUNTRY", "TYPE", "UNIT_MEAS", "PROD_NOTES"].map(column);
    let mut sums = BTreeMap::new();
    let mut commodities = BTreeSet::new();
    for (line, raw) in &table.rows {
        let (line, kind) = (*line, normal(&raw[kind]));
        commodities.insert(normal(&raw[commodity]));
        let Some(meant) = by_key.get(&(normal(&raw[commodity]), kind.clone())) else { continue };
        let several = raw[country].contains(" and ") && raw[country].starts_with("World");
        if raw[output].is_empty() || several {
            continue;
        }
        let whole = reference.country(&raw[country]).is_some();
        let name = if whole { &raw[country] } else { bare_name(&raw[country]) };
        let Some(iso3) = reference.country_or_note(name, input.name(), line, problems) else { continue };
        let Some(figure) = figure::parse(&raw[output]) else {
            let remedy = "write a number that is not negative";
            problems.push(input.name(), line, &table.header[output], format!("`{}`", &raw[output]), remedy);
            continue;
        };
        for label in meant {
            let cell = (label.mineral.clone(), label.stage, String::new(), iso3, year);
            if !raw[unit].is_empty() && normal(&raw[unit]) != normal(&label.unit) {
                let found = format!("`{}` where `{}` is known", &raw[unit], label.unit);
                problems.push(input.name(), line, "UNIT_MEAS", found, "correct mapping/usgs_mcs_2025.csv");
            }
            let sum = sums.entry(cell).or_insert_with(|| Sum {
                figures: Vec::new(),
                unit: label.unit.clone(),
                estimated: false,
                grade: label.grade,
                note: label.note.clone(),
            });
            sum.figures.push((figure, label.tonnes_per_unit, raw[output].to_owned()));
            sum.estimated |= kind.contains("estimated") || normal(&raw[notes]).contains("estimated");
        }
    }
    let mapped = by_key.keys().map(|(commodity, _)| commodity.clone()).collect();
    remark_new(input.name(), &commodities, &mapped, problems);
    // The year after the reported one is estimated; the edition comes out in the year after that.
    let Some((source, vintage)) = edition(SOURCE, Some(year + 1)) else { return };
    tables.production.extend(sums.into_iter().map(|(cell, sum)| sum.into_row(cell, &source, &vintage)));
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn misspelt_labels_footnotes_and_wrong_units_are_handled() {
        let text = "\u{feff}SOURCE,COMMODITY,COUNTRY,TYPE,UNIT_MEAS,PROD_2023,PROD_EST_ 2024,PROD_NOTES,CAP_2023\n\
            MCS2025,Antimony,World total (rounded) 10,\"Mine production, antimony content\",metric tons,106000,100000,,\n\
            MCS2025,Tungsten ,\"Korea, North\",\"Mine production, tungsten content\",metric tons,1600,1700,estimated 2023,\n\
            MCS2025,Tungsten ,United States,\"Mine production, tungsten content\",metric tons,,,,\n\
            MCS2025,Chromium,Turkey,\"Mine production, grosss weight, marketable chromite ore\",thousand metric tons,8160,8000,,\n\
            MCS2025,Titanium Mineral Concentrates,Australia,\"Mine production, ilmentite, titanium dioxide (TiO2) content\",metric tons,400,400,,\n\
            MCS2025,Titanium Mineral Concentrates,Australia,\"Mine production, rutile, titanium dioxide (TiO2) content\",metric tons,200,200,,\n\
            MCS2025,Titanium Mineral Concentrates,\"World total (ilmenite and rutile, rounded)\",\"Mine production, ilmentite, titanium dioxide (TiO2) content\",metric tons,9430,9400,,\n\
            MCS2025,Copper ,Congo (Kinshasa),\"Refinery production, copper\",thousand metric tons,1900,2000,,\n";
        let mut tables = Tables::default();
        let mut problems = Diagnostics::default();
        read(&Input::inline("mcs25.csv", text), &Reference::load().unwrap(), &mut tables, &mut problems);
        assert!(problems.is_empty(), "{problems}");
        let found: Vec<_> =
            tables.production.iter().map(|r| format!("{} {} {:?}", r.mineral, r.iso3, r.value)).collect();
        assert_eq!(
            found,
            [
                "antimony WLD Some(106000.0)",
                "chromium TUR Some(1885776.0)",
                "copper COD Some(1900000.0)",
                "titanium AUS Some(359580.0)",
                "tungsten PRK Some(1600.0)"
            ]
        );
    }

    #[test]
    fn the_next_edition_has_a_new_year_and_capacity_in_the_reserves_column_is_not_taken() {
        let text = "SOURCE,Commodity,COUNTRY,TYPE,UNIT,PROD_2024,PROD_EST_2025,PROD_NOTES,CAP_2024,RESERVES_2025\n\
            MCS2026,Tungsten,China,\"Mine production, tungsten content\",metric tons,67000,66000,,,2500000\n\
            MCS2026,Indium,China,Refinery production,metric tons,700,750,,,1100\n\
            MCS2026,Unobtainium,China,\"Refinery production\",kilograms,1,2,,,\n";
        let mut tables = Tables::default();
        let mut problems = Diagnostics::default();
        read(&Input::inline("mcs.csv", text), &Reference::load().unwrap(), &mut tables, &mut problems);
        assert!(problems.is_empty(), "{problems}");
        let row = tables.production.iter().find(|row| row.mineral.as_str() == "tungsten").unwrap();
        assert_eq!((row.year, row.value, row.vintage.as_str()), (2024, Some(67_000.0), "2026"));
        assert!(tables.reserves.is_empty() && tables.capacity.is_empty());
        assert_eq!(problems.remarks()[0].found, "`unobtainium` is a new commodity");
    }

    #[test]
    fn negative_output_and_another_unit_are_refused() {
        let text = "SOURCE,COMMODITY,COUNTRY,TYPE,UNIT_MEAS,PROD_2023,PROD_NOTES\n\
            MCS2025,Tungsten,China,\"Mine production, tungsten content\",metric tons,-1,\n\
            MCS2025,Tungsten,Peru,\"Mine production, tungsten content\",kilograms,1,\n";
        let mut problems = Diagnostics::default();
        let input = Input::inline("mcs.csv", text);
        read(&input, &Reference::load().unwrap(), &mut Tables::default(), &mut problems);
        let fields: Vec<&str> = problems.iter().map(|problem| problem.field.as_str()).collect();
        assert_eq!(fields, ["PROD_2023", "UNIT_MEAS"]);
    }
}
