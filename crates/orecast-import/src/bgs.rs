//! British Geological Survey, World Mineral Statistics: output by country.
//!
//! Download: <https://ogcapi.bgs.ac.uk/collections/world-mineral-statistics>, as CSV or `GeoJSON`. Its terms do not allow passing rows on:
//! users import their own copy, and nothing of it is shipped.
//!
//! Quirks: a year is a date (`2023-01-01T00:00:00Z`); one file holds output, imports and exports; metals and gross weights stand side by
//! side; the list of ferrochrome producers has gaps (China and South Africa in 2023), so no share may be formed from it, and
//! no world totals are formed here; quantities may be empty. Names and factors are in `mapping/bgs_minerals.csv`.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;

use super::{
    Tables, figure,
    reference::{Reference, mapping},
    rows::{Layout, rows_of},
    text::{Input, normal, rounded},
};
use orecast::{
    base::{
        diagnostic::Diagnostics,
        id::{Iso3, MineralId, SourceId},
        unit::{Grade, Stage},
    },
    world::table::{Flag, ObservationRow},
};

/// Source of all rows; its terms forbid passing them on.
pub const SOURCE: &str = "bgs";

const LAYOUT: Layout = Layout {
    what: "the world mineral statistics of the British Geological Survey",
    columns: &[
        ("bgs_commodity_trans", &["commodity"]),
        ("bgs_statistic_type_trans", &["statistic type"]),
        ("country_trans", &["country"]),
        ("year", &[]),
        ("quantity", &[]),
        ("units", &["unit"]),
    ],
};

/// `mapping/bgs_minerals.csv`: a commodity and what it counts.
#[derive(Debug, Deserialize)]
struct Meaning {
    commodity: String,
    sub_commodity: String,
    mineral: MineralId,
    stage: Stage,
    product: String,
    tonnes_per_tonne: f64,
    grade: Grade,
    note: String,
}

#[derive(Debug, Default, Deserialize)]
struct Raw {
    #[serde(rename = "bgs_commodity_trans")]
    commodity: String,
    #[serde(rename = "bgs_sub_commodity_trans", default)]
    sub_commodity: String,
    #[serde(rename = "bgs_statistic_type_trans")]
    statistic: String,
    #[serde(rename = "country_iso3_code", default)]
    iso3: String,
    #[serde(rename = "country_trans")]
    country: String,
    year: String,
    quantity: String,
    units: String,
}

/// Reads output by country. Several forms of a commodity that count alike are added.
pub fn read(input: &Input, reference: &Reference, tables: &mut Tables, problems: &mut Diagnostics) {
    let meanings: Vec<Meaning> =
        mapping("bgs_minerals.csv", include_str!("mapping/bgs_minerals.csv"), problems);
    let Ok(source) = SOURCE.parse::<SourceId>() else { return };
    let raw = raw_rows(input, problems);
    let mut others = BTreeSet::new();
    let mut sums: BTreeMap<(usize, Iso3, i32), (f64, String)> = BTreeMap::new();
    for (line, row) in raw.iter().filter(|(_, row)| row.statistic.eq_ignore_ascii_case("production")) {
        let means = |meaning: &Meaning| {
            normal(&meaning.commodity) == normal(&row.commodity)
                && (meaning.sub_commodity.is_empty()
                    || normal(&meaning.sub_commodity) == normal(&row.sub_commodity))
        };
        let Some(place) = meanings.iter().position(means) else {
            others.insert(normal(&row.commodity));
            continue;
        };
        if row.quantity.is_empty() {
            continue;
        }
        let year = row.year.get(..4).and_then(figure::year);
        let (Some(year), Some(quantity)) = (year, figure::amount(&row.quantity)) else {
            let found = format!("`{}` in `{}`", row.quantity, row.year);
            problems.push(
                input.name(),
                *line,
                "quantity",
                found,
                "write a number that is not negative and a year",
            );
            continue;
        };
        let factor = match normal(&row.units) {
            unit if unit.starts_with("tonnes") => 1.0,
            unit if unit.starts_with("kilograms") => 0.001,
            _ => {
                let found = format!("`{}` of {}", row.units, row.commodity);
                problems.push(input.name(), *line, "units", found, "write Tonnes (metric) or Kilograms");
                continue;
            }
        };
        let name = if reference.country(&row.iso3).is_some() { &row.iso3 } else { &row.country };
        let Some(iso3) = reference.country_or_note(name, input.name(), *line, problems) else { continue };
        let sum = sums.entry((place, iso3, year)).or_insert_with(|| (0.0, row.units.clone()));
        sum.0 += quantity * factor;
    }
    if !others.is_empty() {
        let names: Vec<String> = others.into_iter().collect();
        let remedy = "they are passed over; to take one, add it to mapping/bgs_minerals.csv";
        problems.remark(
            input.name(),
            0,
            "commodity",
            format!("other commodities: {}", names.join("; ")),
            remedy,
        );
    }
    let last = sums.keys().map(|(.., year)| *year).max().unwrap_or_default();
    for ((place, iso3, year), (tonnes, unit)) in sums {
        let meaning = &meanings[place];
        tables.production.push(ObservationRow {
            mineral: meaning.mineral.clone(),
            stage: meaning.stage,
            iso3,
            year,
            value: Some(rounded(tonnes * meaning.tonnes_per_tonne)),
            low: None,
            high: None,
            raw: rounded(tonnes).to_string(),
            raw_unit: unit,
            flag: Flag::Reported,
            product: meaning.product.clone(),
            source: source.clone(),
            vintage: last.saturating_add(1).to_string(),
            grade: meaning.grade,
            note: meaning.note.clone(),
        });
    }
}

/// The rows of a CSV file, or the properties of the features of a `GeoJSON` file.
fn raw_rows(input: &Input, problems: &mut Diagnostics) -> Vec<(usize, Raw)> {
    let is_json = input.first_line().is_ok_and(|line| line.trim_start().starts_with('{'));
    if !is_json {
        return rows_of(input, &LAYOUT, problems);
    }
    let parsed = input.text().map_err(|error| (0, error.to_string())).and_then(|text| {
        serde_json::from_str::<Value>(&text).map_err(|error| (error.line(), error.to_string()))
    });
    let features = match parsed {
        Ok(mut value) => value.get_mut("features").map(Value::take).unwrap_or_default(),
        Err((line, error)) => {
            problems.push(input.name(), line, "", error, format!("give {} as GeoJSON or CSV", LAYOUT.what));
            return Vec::new();
        }
    };
    let Some(features) = features.as_array() else {
        problems.push(input.name(), 0, "features", "no features", format!("give {}", LAYOUT.what));
        return Vec::new();
    };
    let text = |value: &Value| match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let row = |feature: &Value| {
        let of = |name: &str| text(&feature["properties"][name]);
        Raw {
            commodity: of("bgs_commodity_trans"),
            sub_commodity: of("bgs_sub_commodity_trans"),
            statistic: of("bgs_statistic_type_trans"),
            iso3: of("country_iso3_code"),
            country: of("country_trans"),
            year: of("year"),
            quantity: of("quantity"),
            units: of("units"),
        }
    };
    features.iter().map(|feature| (0, row(feature))).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn import(text: &str) -> (Vec<String>, Diagnostics) {
        let mut tables = Tables::default();
        let mut problems = Diagnostics::default();
        read(&Input::inline("bgs.csv", text), &Reference::load().unwrap(), &mut tables, &mut problems);
        let row = |r: &ObservationRow| {
            format!("{} {} {} {} {:?} {} {}", r.mineral, r.stage, r.iso3, r.year, r.value, r.grade, r.source)
        };
        (tables.production.iter().map(row).collect(), problems)
    }

    const HEADER: &str = "bgs_commodity_trans,bgs_sub_commodity_trans,bgs_statistic_type_trans,country_trans,country_iso3_code,year,quantity,units\n";

    #[test]
    fn only_output_is_taken_and_forms_that_count_alike_are_added() {
        let (found, problems) = import(&format!(
            "{HEADER}\"cobalt, mine\",,Production,\"Congo, Democratic Republic\",COD,2023-01-01T00:00:00Z,130000,Tonnes (metric)\n\
            \"cobalt, mine\",,Imports,China,CHN,2023-01-01,999,Tonnes (metric)\n\
            \"nickel, smelter/refinery\",Metal,Production,China,CHN,2023,100,Tonnes (metric)\n\
            \"nickel, smelter/refinery\",Ferro-nickel,Production,China,CHN,2023,50,Tonnes (metric)\n\
            \"gallium, primary\",,Production,China,CHN,2023,,Kilograms\n\
            germanium metal,,Production,China,CHN,2023,1500,Kilograms\n\
            salt,Rock salt,Production,China,CHN,2023,1,Tonnes (metric)\n"
        ));
        assert!(problems.is_empty(), "{problems}");
        assert_eq!(
            found,
            [
                "cobalt mine COD 2023 Some(130000.0) A bgs",
                "germanium refine CHN 2023 Some(1.5) A bgs",
                "nickel refine CHN 2023 Some(150.0) A bgs",
            ]
        );
        assert_eq!(problems.remarks()[0].found, "other commodities: salt");
    }

    #[test]
    fn ferrochrome_has_gaps_so_no_world_total_is_formed_and_the_note_says_so() {
        let text = format!(
            "{HEADER}ferro-alloys,Ferro-chrome,Production,Kazakhstan,KAZ,2023-01-01,1000000,Tonnes (metric)\n"
        );
        let mut tables = Tables::default();
        let reference = Reference::load().unwrap();
        read(&Input::inline("bgs.csv", text), &reference, &mut tables, &mut Diagnostics::default());
        let row = &tables.production[0];
        assert_eq!((row.value, row.grade), (Some(545_000.0), Grade::C));
        assert!(row.note.contains("gaps") && tables.production.len() == 1);
    }

    #[test]
    fn geojson_is_read_like_csv() {
        let text = r#"{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {
            "bgs_commodity_trans": "tungsten, mine", "bgs_sub_commodity_trans": null, "bgs_statistic_type_trans": "Production",
            "country_trans": "China", "country_iso3_code": "CHN", "year": "2023-01-01T00:00:00Z", "quantity": 60000.0,
            "units": "Tonnes (metric)"}}]}"#;
        assert_eq!(import(text).0, ["tungsten mine CHN 2023 Some(60000.0) A bgs"]);
        for wrong in ["{", "{\"features\": 3}", "{}"] {
            assert!(!import(wrong).1.is_empty(), "{wrong}");
        }
    }

    #[test]
    fn odd_units_years_and_quantities_are_reported() {
        let (_, problems) = import(&format!(
            "{HEADER}\"zinc, mine\",,Production,China,CHN,2023,1,Carats\n\"zinc, mine\",,Production,China,CHN,23,1,Tonnes (metric)\n\
            \"zinc, mine\",,Production,China,CHN,2023,-1,Tonnes (metric)\n\"zinc, mine\",,Production,China,CHN,20é3,1,Tonnes (metric)\n"
        ));
        let fields: Vec<_> = problems.iter().map(|p| (p.line, p.field.as_str())).collect();
        assert_eq!(fields, [(2, "units"), (3, "quantity"), (4, "quantity"), (5, "quantity")]);
    }
}
