//! IEA Critical Minerals Data Explorer: mine and refined output of the base year for six minerals, and its base case of
//! output in later years.
//!
//! Download: <https://www.iea.org/data-and-statistics/data-tools/critical-minerals-data-explorer>, as JSON with
//! `supply → mineral → mining|refining → countries → country → year`, in kilotonnes. CC BY 4.0.
//!
//! Quirks: `total` stands beside `countries`; some country lists hold a note as if it were a country; later years are
//! projections of the base case (running and announced plants, weighted with their chances; old mines run down) and
//! are not output, so only the first year goes to production and all years go to the outlook; rare earths count the metal of
//! Nd, Pr, Dy and Tb only; refined graphite is battery grade, natural and synthetic.

use serde::Deserialize;
use serde_json::Value;

use super::{
    Tables, edition, figure,
    reference::{Reference, mapping},
    text::{Input, rounded},
};
use orecast::{
    base::{
        diagnostic::Diagnostics,
        id::{Iso3, MineralId, SourceId},
        unit::{Grade, Stage},
    },
    world::table::{Flag, ObservationRow, OutlookRow},
};

/// Source of all rows of the edition of 2025.
pub const SOURCE: &str = "iea-cm-explorer-2025";
/// Output of a mineral is never more, in kilotonnes.
const LARGEST: f64 = 1e7;

#[derive(Debug, Deserialize)]
struct Series {
    name: String,
    mineral: MineralId,
    stage: Stage,
    product: String,
    tonnes_per_unit: f64,
    note: String,
}

/// Reads output of the base year by country, with the rest of the world and the world total, and the base case.
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
    let Some(year) = base_year(&explorer) else {
        let remedy = "give the explorer's JSON with supply, mineral, mining or refining, total by year";
        problems.push(input.name(), 0, "supply", "no totals by year", remedy);
        return;
    };
    let Some((source, vintage)) = edition(SOURCE, Some(year)) else { return };
    for one in &series {
        let step = if one.stage == Stage::Mine { "mining" } else { "refining" };
        let field = format!("supply.{}.{step}", one.name);
        let table = &explorer["supply"][&one.name][step];
        let Some(countries) = table["countries"].as_object() else {
            problems.push(input.name(), 0, &field, "no countries", "give the whole JSON of the explorer");
            continue;
        };
        let mut push = |country: &str, values: &Value| {
            let known: Vec<(i32, f64)> = values
                .as_object()
                .into_iter()
                .flatten()
                .filter_map(|(year, value)| Some((figure::year(year)?, value.as_f64()?)))
                .collect();
            let legal = |kilotonnes: f64| (0.0..=LARGEST).contains(&kilotonnes);
            for (_, kilotonnes) in known.iter().filter(|(_, kilotonnes)| !legal(*kilotonnes)) {
                let found = format!("{country}: {kilotonnes:?}");
                problems.push(input.name(), 0, &field, found, "write kilotonnes from 0 to 10 million");
            }
            if known.is_empty() {
                return;
            }
            let Some(iso3) = reference.country_or_note(country, input.name(), 0, problems) else { return };
            for (of, kilotonnes) in known.into_iter().filter(|(_, kilotonnes)| legal(*kilotonnes)) {
                let row = one.row((iso3, of), kilotonnes, &source, &vintage);
                tables.outlook.push(OutlookRow {
                    mineral: row.mineral.clone(),
                    stage: row.stage,
                    iso3,
                    year: of,
                    value: row.value.unwrap_or_default(),
                    product: row.product.clone(),
                    source: row.source.clone(),
                    grade: if of == year { row.grade } else { Grade::C },
                    note: row.note.clone(),
                });
                tables.production.extend((of == year).then_some(row));
            }
        };
        for (country, values) in countries.iter().filter(|(country, _)| !country.starts_with("Notes")) {
            push(country, values);
        }
        push(Iso3::WORLD.as_str(), &table["total"]);
    }
    let known: Vec<&str> = series.iter().map(|one| one.name.as_str()).collect();
    let minerals = explorer["supply"].as_object().into_iter().flatten().map(|(name, _)| name);
    for name in minerals.filter(|name| !known.contains(&name.as_str())) {
        let remedy = "it is passed over; to take it, add it to mapping/iea_minerals.csv";
        problems.remark(input.name(), 0, "supply", format!("`{name}` is a new mineral"), remedy);
    }
}

/// The first year of any total: the last observed one, as the others are projections.
fn base_year(explorer: &Value) -> Option<i32> {
    let steps = explorer["supply"]
        .as_object()?
        .values()
        .flat_map(|mineral| [&mineral["mining"], &mineral["refining"]]);
    let years = steps.filter_map(|step| step["total"].as_object()).flat_map(|total| total.keys());
    years.filter_map(|year| figure::year(year)).min()
}

impl Series {
    fn row(
        &self,
        (iso3, year): (Iso3, i32),
        kilotonnes: f64,
        source: &SourceId,
        vintage: &str,
    ) -> ObservationRow {
        ObservationRow {
            mineral: self.mineral.clone(),
            stage: self.stage,
            iso3,
            year,
            value: Some(rounded(kilotonnes * self.tonnes_per_unit)),
            low: None,
            high: None,
            raw: kilotonnes.to_string(),
            raw_unit: "kt".to_owned(),
            flag: Flag::Reported,
            product: self.product.clone(),
            source: source.clone(),
            vintage: vintage.to_owned(),
            grade: if iso3 == Iso3::REST { Grade::B } else { Grade::A },
            note: self.note.clone(),
        }
    }
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
        let outlook = tables.outlook.iter().filter(|row| row.mineral.as_str() == "cobalt");
        let outlook: Vec<_> =
            outlook.map(|row| (row.iso3.to_string(), row.year, row.value, row.grade)).collect();
        assert_eq!(outlook[1], ("COD".to_owned(), 2030, 199_000.0, Grade::C));
        assert_eq!(outlook.len(), 5);
    }

    #[test]
    fn a_later_edition_has_a_later_base_year_and_odd_figures_are_refused() {
        let text = r#"{"supply": {"Copper": {"mining": {"countries": {"Peru": {"2025": -3}, "Chile": {"2025": 5300}},
            "total": {"2025": 23000, "2030": 25000}}}, "Uranium": {}}}"#;
        let mut tables = Tables::default();
        let mut problems = Diagnostics::default();
        read(&Input::inline("iea.json", text), &Reference::load().unwrap(), &mut tables, &mut problems);
        let row = &tables.production[0];
        assert_eq!((row.iso3.as_str(), row.year, row.source.as_str()), ("CHL", 2025, "iea-cm-explorer-2026"));
        assert_eq!(problems.remarks()[0].found, "`Uranium` is a new mineral");
        let text = problems.to_string();
        assert!(text.contains("Peru: -3.0") && text.contains("supply.Cobalt.mining: no countries"), "{text}");
    }
}
