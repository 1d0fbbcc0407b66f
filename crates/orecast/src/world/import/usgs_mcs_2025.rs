//! USGS Mineral Commodity Summaries 2025, world data release: output of 2023, which the release of 2026 no longer has.
//!
//! Download: <https://doi.org/10.5066/P13XCP3R>, file `MCS2025_World_Data.csv`. US public domain.
//!
//! Quirks: misspelt labels (`Gemanium`, `ilmentite`, `grosss`) and trailing blanks; country names carry footnote digits
//! and words in brackets (`World total (rounded) 10`); an empty cell may be zero, withheld or unknown, so it is left
//! out; titanium minerals say `metric tons` where the figures are thousand tonnes, which the conversion corrects. Figures
//! of 2024 are estimates that the release of 2026 replaces. World totals of two products in one row are passed over.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{
    Tables, figure,
    reference::{Reference, mapping},
    text::{Input, normal, rows},
    usgs_mcs::Sum,
};
use crate::{
    diagnostic::Diagnostics,
    id::{MineralId, SourceId},
    unit::Grade,
    world::table::Stage,
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

#[derive(Debug, Deserialize)]
struct Raw {
    #[serde(rename = "COMMODITY")]
    commodity: String,
    #[serde(rename = "COUNTRY")]
    country: String,
    #[serde(rename = "TYPE")]
    kind: String,
    #[serde(rename = "UNIT_MEAS")]
    unit: String,
    #[serde(rename = "PROD_2023")]
    output_2023: String,
    #[serde(rename = "PROD_NOTES")]
    notes: String,
}

/// A country name without what stands in brackets and without footnote digits.
fn bare_name(text: &str) -> &str {
    text.split('(').next().unwrap_or(text).trim_end_matches(|c: char| c.is_ascii_digit() || c == ' ')
}

/// Reads the output of 2023.
pub fn read(input: &Input, reference: &Reference, tables: &mut Tables, problems: &mut Diagnostics) {
    let labels: Vec<Label> =
        mapping("usgs_mcs_2025.csv", include_str!("mapping/usgs_mcs_2025.csv"), problems);
    let mut by_key: BTreeMap<_, Vec<&Label>> = BTreeMap::new();
    for label in &labels {
        by_key.entry((normal(&label.commodity), normal(&label.kind))).or_default().push(label);
    }
    let mut sums = BTreeMap::new();
    for (line, raw) in rows::<Raw>(input, problems) {
        let Some(meant) = by_key.get(&(normal(&raw.commodity), normal(&raw.kind))) else { continue };
        let several = raw.country.contains(" and ") && raw.country.starts_with("World");
        if raw.output_2023.is_empty() || several {
            continue;
        }
        let whole = reference.country(&raw.country).is_some();
        let name = if whole { &raw.country } else { bare_name(&raw.country) };
        let Some(iso3) = reference.country_or_note(name, input.name(), line, problems) else { continue };
        let Some(figure) = figure::parse(&raw.output_2023) else {
            problems.push(
                input.name(),
                line,
                "PROD_2023",
                format!("`{}`", raw.output_2023),
                "write a number",
            );
            continue;
        };
        for label in meant {
            let cell = (label.mineral.clone(), label.stage, String::new(), iso3, 2023);
            if !raw.unit.is_empty() && normal(&raw.unit) != normal(&label.unit) {
                let found = format!("`{}` where `{}` is known", raw.unit, label.unit);
                problems.push(input.name(), line, "UNIT_MEAS", found, "correct mapping/usgs_mcs_2025.csv");
            }
            let sum = sums.entry(cell).or_insert_with(|| Sum {
                figures: Vec::new(),
                unit: label.unit.clone(),
                estimated: false,
                grade: label.grade,
                note: label.note.clone(),
            });
            sum.figures.push((figure, label.tonnes_per_unit, raw.output_2023.clone()));
            sum.estimated |=
                normal(&raw.kind).contains("estimated") || normal(&raw.notes).contains("estimated");
        }
    }
    let Ok(source) = SOURCE.parse::<SourceId>() else { return };
    tables.production.extend(sums.into_iter().map(|(cell, sum)| sum.into_row(cell, &source, "2025")));
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
}
