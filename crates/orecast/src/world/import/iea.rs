//! IEA Critical Minerals Data Explorer, edition of May 2025: mine and refined output of 2024 for six minerals.
//!
//! Download: <https://www.iea.org/data-and-statistics/data-tools/critical-minerals-data-explorer>, as JSON with
//! `supply → mineral → mining|refining → countries → country → year`, in kilotonnes. CC BY 4.0.
//!
//! Quirks: `total` stands beside `countries`; some country lists hold a note as if it were a country; later years are
//! projections of the base case and are not output, so only the base year is taken; rare earths count the metal of
//! Nd, Pr, Dy and Tb only; refined graphite is battery grade, natural and synthetic.

use serde::Deserialize;
use serde_json::Value;

use super::{
    Tables,
    reference::{Reference, mapping},
    text::{Input, rounded},
};
use crate::{
    diagnostic::Diagnostics,
    id::{Iso3, MineralId, SourceId},
    unit::Grade,
    world::table::{Flag, ObservationRow, Stage},
};

/// Source of all rows.
pub const SOURCE: &str = "iea-cm-explorer-2025";
/// The only year that is an observation in this edition.
const BASE_YEAR: i32 = 2024;

#[derive(Debug, Deserialize)]
struct Series {
    name: String,
    mineral: MineralId,
    stage: Stage,
    product: String,
    tonnes_per_unit: f64,
    note: String,
}

/// Reads output of the base year by country, with the rest of the world and the world total.
pub fn read(input: &Input, reference: &Reference, tables: &mut Tables, problems: &mut Diagnostics) {
    let series: Vec<Series> = mapping("iea_minerals.csv", include_str!("mapping/iea_minerals.csv"), problems);
    let explorer: Value = match input.text().map(|text| serde_json::from_str(&text)) {
        Ok(Ok(value)) => value,
        Ok(Err(error)) => {
            problems.push(input.name(), error.line(), "", error.to_string(), "give the explorer's JSON");
            return;
        }
        Err(error) => {
            problems.push(input.name(), 0, "", error.to_string(), "give a readable file");
            return;
        }
    };
    for one in &series {
        let step = if one.stage == Stage::Mine { "mining" } else { "refining" };
        let table = &explorer["supply"][&one.name][step];
        let Some(countries) = table["countries"].as_object() else {
            let field = format!("supply.{}.{step}", one.name);
            problems.push(input.name(), 0, &field, "no countries", "give the edition of May 2025");
            continue;
        };
        let year = BASE_YEAR.to_string();
        let figure = |values: &Value| values[&year].as_f64();
        for (country, values) in countries {
            let Some(kilotonnes) = figure(values).filter(|_| !country.starts_with("Notes")) else { continue };
            if let Some(iso3) = reference.country_or_note(country, input.name(), 0, problems) {
                push(tables, one, iso3, kilotonnes);
            }
        }
        if let Some(kilotonnes) = figure(&table["total"]) {
            push(tables, one, Iso3::WORLD, kilotonnes);
        }
    }
}

fn push(tables: &mut Tables, one: &Series, iso3: Iso3, kilotonnes: f64) {
    let Ok(source) = SOURCE.parse::<SourceId>() else { return };
    tables.production.push(ObservationRow {
        mineral: one.mineral.clone(),
        stage: one.stage,
        iso3,
        year: BASE_YEAR,
        value: Some(rounded(kilotonnes * one.tonnes_per_unit)),
        low: None,
        high: None,
        raw: kilotonnes.to_string(),
        raw_unit: "kt".to_owned(),
        flag: Flag::Reported,
        product: one.product.clone(),
        source,
        vintage: "2025".to_owned(),
        grade: if iso3 == Iso3::REST { Grade::B } else { Grade::A },
        note: one.note.clone(),
    });
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_base_year_is_read_and_notes_are_not_countries() {
        let mut explorer = serde_json::json!({ "supply": {} });
        for mineral in ["Copper", "Cobalt", "Lithium", "Nickel", "Graphite", "Rare Earth Elements"] {
            explorer["supply"][mineral] = serde_json::json!({
                "mining": {
                    "countries": {
                        "Democratic Republic of Congo": { "2024": 220.5, "2030": 199.0 },
                        "Rest of world": { "2024": 4.0 },
                        "Notes: supply projections": { "2024": null },
                    },
                    "total": { "2024": 224.5 },
                },
                "refining": { "countries": {}, "total": { "2030": 1.0 } },
            });
        }
        let mut tables = Tables::default();
        let mut problems = Diagnostics::default();
        let input = Input::inline("iea.json", explorer.to_string());
        read(&input, &Reference::load().unwrap(), &mut tables, &mut problems);
        assert!(problems.is_empty(), "{problems}");
        let of = |mineral: &str| -> Vec<_> {
            let rows = tables.production.iter().filter(|row| row.mineral.as_str() == mineral);
            rows.map(|row| (row.iso3.to_string(), row.value.unwrap())).collect()
        };
        let expected = [("COD", 220_500.0), ("ROW", 4000.0), ("WLD", 224_500.0)];
        assert_eq!(of("cobalt"), expected.map(|(iso3, value)| (iso3.to_owned(), value)));
        assert_eq!(of("rare_earths")[1].1, 4680.0, "metal becomes oxide");
    }
}
