//! Net import reliance of the United States and the origins of its imports, from the same USGS release as
//! [`super::usgs_mcs`].
//!
//! Quirks: `E` is a net exporter; figures are often bounds (`>75`, `<25`); the period of origins is written `2021–24`;
//! wording differs by chapter, so the stage of each product is set in `mapping/usgs_reliance.csv`.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{
    Tables, edition, figure,
    reference::{Reference, mapping},
    rows::rows_of,
    text::{Input, normal},
    usgs_mcs::{LAYOUT, SOURCE},
};
use orecast::{
    base::{diagnostic::Diagnostics, id::MineralId, unit::Stage},
    world::table::{Flag, ImportRelianceRow, ImportSourceRow},
};

/// `mapping/usgs_reliance.csv`: a product of the release, its mineral and stage.
#[derive(Debug, Deserialize)]
struct Meaning {
    kind: String,
    chapter: String,
    commodity: String,
    detail: String,
    mineral: MineralId,
    stage: Option<Stage>,
    product: String,
}

#[derive(Debug, Deserialize)]
struct Raw {
    #[serde(rename = "MCS chapter")]
    chapter: String,
    #[serde(rename = "Commodity")]
    commodity: String,
    #[serde(rename = "Country")]
    country: String,
    #[serde(rename = "Statistics")]
    statistics: String,
    #[serde(rename = "Statistics_detail")]
    detail: String,
    #[serde(rename = "Year")]
    year: String,
    #[serde(rename = "Value")]
    value: String,
    #[serde(rename = "Notes")]
    notes: String,
}

fn products(problems: &mut Diagnostics) -> Vec<Meaning> {
    mapping("usgs_reliance.csv", include_str!("mapping/usgs_reliance.csv"), problems)
}

/// Chapters that have a product of ours.
pub(super) fn chapters(problems: &mut Diagnostics) -> Vec<String> {
    products(problems).iter().map(|product| normal(&product.chapter)).collect()
}

/// Reads both tables. Products of chapters without a mineral of ours are passed over.
pub fn read(input: &Input, reference: &Reference, tables: &mut Tables, problems: &mut Diagnostics) {
    let products = products(problems);
    let by_key: BTreeMap<_, &Meaning> = products
        .iter()
        .map(|p| ((p.kind.as_str(), normal(&p.chapter), normal(&p.commodity), normal(&p.detail)), p))
        .collect();
    let raw_rows = rows_of::<Raw>(input, &LAYOUT, problems);
    let last = raw_rows.iter().filter_map(|(_, raw)| Some(figure::years(&raw.year)?.1)).max();
    let (Some((source, vintage)), Some(usa)) = (edition(SOURCE, last), reference.country("USA")) else {
        return;
    };
    for (line, raw) in raw_rows {
        let kind = match raw.statistics.as_str() {
            "Net import reliance" => "reliance",
            text if text.starts_with("Import sources") => "sources",
            _ => continue,
        };
        let key = (kind, normal(&raw.chapter), normal(&raw.commodity), normal(&raw.detail));
        let Some(product) = by_key.get(&key) else { continue };
        let (Some(figure), Some((from, to))) = (figure::parse(&raw.value), figure::years(&raw.year)) else {
            let found = format!("`{}` in `{}`", raw.value, raw.year);
            problems.push(input.name(), line, "Value", found, "write a number, a bound or `E`, and a year");
            continue;
        };
        if figure.value.is_some_and(|percent| percent > 100.0) {
            let found = format!("`{}` percent", raw.value);
            problems.push(input.name(), line, "Value", found, "write a percentage up to 100");
            continue;
        }
        if kind == "reliance" {
            let estimated = raw.notes.starts_with("Estimated") && figure.flag == Flag::Reported;
            tables.import_reliance.push(ImportRelianceRow {
                mineral: product.mineral.clone(),
                stage: product.stage,
                product: product.product.clone(),
                iso3: usa,
                year: from,
                percent: figure.value,
                flag: if estimated { Flag::Estimated } else { figure.flag },
                definition: basis(&raw.detail),
                source: source.clone(),
                vintage: vintage.clone(),
            });
        } else if let (Some(exporter), Some(percent)) =
            (reference.country_or_note(&raw.country, input.name(), line, problems), figure.value)
        {
            tables.import_sources.push(ImportSourceRow {
                mineral: product.mineral.clone(),
                stage: product.stage,
                product: product.product.clone(),
                importer: usa,
                exporter,
                from,
                to,
                percent,
                source: source.clone(),
                vintage: vintage.clone(),
            });
        }
    }
}

/// What the percentage is of.
fn basis(detail: &str) -> String {
    let bases = ["apparent consumption", "estimated consumption", "reported consumption"];
    let found = bases.into_iter().find(|basis| detail.contains(basis)).unwrap_or("consumption");
    format!("net imports over {found}")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn exporters_bounds_and_periods() {
        let text = "MCS chapter,Section,Commodity,Country,Statistics,Statistics_detail,Unit,Year,Value,Notes\n\
            BERYLLIUM,S,Beryllium,United States,Net import reliance,Net import reliance as a percentage of apparent consumption,percent,2024,E,\n\
            TUNGSTEN,S,Tungsten,United States,Net import reliance,Net import reliance as a percentage of apparent consumption,percent,2025,>50,Estimated.\n\
            CHROMIUM,S,Chromium,United States,Net import reliance,Net import reliance as a percentage of apparent consumption,percent,2025,79,Estimated. -- x\n\
            TITANIUM AND TITANIUM DIOXIDE,I,Titanium Sponge Metal,Japan,Import sources 2021-2024,Titanium Sponge Metal,percent,2021–24,77,\n\
            COPPER,I,Copper,Other countries,Import sources 2021-2024,Copper content of ore and concentrate,percent,2021–24,<1,\n\
            SALT,I,Salt,Mexico,Import sources 2021-2024,All,percent,2021–24,26,\n";
        let mut tables = Tables::default();
        let mut problems = Diagnostics::default();
        read(&Input::inline("mcs.csv", text), &Reference::load().unwrap(), &mut tables, &mut problems);
        assert!(problems.is_empty(), "{problems}");
        let reliance: Vec<_> = tables.import_reliance.iter().map(|r| (r.percent, r.flag, r.stage)).collect();
        assert_eq!(
            reliance,
            [
                (None, Flag::NetExporter, None),
                (Some(50.0), Flag::AtLeast, None),
                (Some(79.0), Flag::Estimated, None)
            ]
        );
        let origins: Vec<_> =
            tables.import_sources.iter().map(|r| (r.exporter.to_string(), r.stage, r.from, r.to)).collect();
        assert_eq!(
            origins,
            [
                ("JPN".to_owned(), Some(Stage::Refine), 2021, 2024),
                ("ROW".to_owned(), Some(Stage::Mine), 2021, 2024)
            ]
        );
    }
}
