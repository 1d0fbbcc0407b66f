//! USGS Minerals Yearbook: output by country in the last five years of an edition, as a table of
//! `commodity,stage,basis,iso3,year,quantity` in tonnes.
//!
//! Source: <https://www.usgs.gov/centers/national-minerals-information-center/minerals-yearbook>, world tables of each chapter. US
//! public domain.
//!
//! Quirks: the basis of a series may be gross weight where the market counts contents, so each series is named in
//! `mapping/usgs_yearbook.csv` with its factor, for single countries where they differ; a zero may be nothing, withheld or under half a unit, so
//! it is left out; the world total of magnesium stands under the United States, whose own output is withheld.

use std::collections::BTreeMap;

use serde::Deserialize;

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

/// Source of all rows.
pub const SOURCE: &str = "usgs-myb";

/// `mapping/usgs_yearbook.csv`: a series, or one country of it, and what it counts.
#[derive(Debug, Deserialize)]
struct Series {
    commodity: String,
    stage_read: String,
    basis: String,
    /// Only this country of the series; all others where it is empty.
    country: Option<Iso3>,
    mineral: MineralId,
    stage: Stage,
    /// What the country stands for, where the file has it under another.
    iso3: Option<Iso3>,
    tonnes_per_unit: f64,
    grade: Grade,
    note: String,
}

#[derive(Debug, Deserialize)]
struct Raw {
    commodity: String,
    stage: String,
    basis: String,
    iso3: String,
    year: String,
    quantity: String,
}

const LAYOUT: Layout = Layout {
    what: "the table of USGS Minerals Yearbook output",
    columns: &[
        ("commodity", &[]),
        ("stage", &[]),
        ("basis", &[]),
        ("iso3", &["country"]),
        ("year", &[]),
        ("quantity", &[]),
    ],
};

/// Reads output of every year and series that is mapped; a series that is not is remarked on.
pub fn read(input: &Input, reference: &Reference, tables: &mut Tables, problems: &mut Diagnostics) {
    let series: Vec<Series> =
        mapping("usgs_yearbook.csv", include_str!("mapping/usgs_yearbook.csv"), problems);
    let Ok(source) = SOURCE.parse::<SourceId>() else { return };
    let mut found: Vec<(&Series, ObservationRow)> = Vec::new();
    let mut editions: BTreeMap<&str, i32> = BTreeMap::new();
    for (line, raw) in rows_of::<Raw>(input, &LAYOUT, problems) {
        let Some(iso3) = reference.country_or_note(&raw.iso3, input.name(), line, problems) else { continue };
        let (Some(year), Some(quantity)) = (figure::year(&raw.year), figure::amount(&raw.quantity)) else {
            let found = format!("`{}` in `{}`", raw.quantity, raw.year);
            problems.push(
                input.name(),
                line,
                "quantity",
                found,
                "give tonnes that are not negative, and a year",
            );
            continue;
        };
        let same = |one: &&Series| {
            normal(&one.commodity) == normal(&raw.commodity)
                && one.stage_read == raw.stage
                && normal(&one.basis) == normal(&raw.basis)
        };
        let of = |country| series.iter().filter(same).find(|one| one.country == country);
        let Some(one) = of(Some(iso3)).or_else(|| of(None)) else {
            let found = format!("`{}`, {}, {} is not mapped", raw.commodity, raw.stage, raw.basis);
            let remedy = "it is passed over; to take it, add it to mapping/usgs_yearbook.csv";
            problems.remark(input.name(), line, "commodity", found, remedy);
            continue;
        };
        let last = editions.entry(one.commodity.as_str()).or_insert(year);
        *last = year.max(*last);
        if quantity <= 0.0 {
            continue;
        }
        let row = ObservationRow {
            mineral: one.mineral.clone(),
            stage: one.stage,
            iso3: one.iso3.unwrap_or(iso3),
            year,
            value: Some(rounded(quantity * one.tonnes_per_unit)),
            low: None,
            high: None,
            raw: rounded(quantity).to_string(),
            raw_unit: format!("t, {}", raw.basis),
            flag: Flag::Reported,
            product: String::new(),
            source: source.clone(),
            vintage: String::new(),
            grade: one.grade,
            note: one.note.clone(),
        };
        found.push((one, row));
    }
    // An edition is named after the last year of its tables.
    tables.production.extend(found.into_iter().map(|(one, row)| ObservationRow {
        vintage: editions.get(one.commodity.as_str()).map(ToString::to_string).unwrap_or_default(),
        ..row
    }));
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn import(rows: &str) -> (Vec<String>, Diagnostics) {
        let text = format!("commodity,stage,basis,iso3,year,quantity\n{rows}");
        let (mut tables, mut problems) = (Tables::default(), Diagnostics::default());
        read(&Input::inline("myb.csv", text), &Reference::load().unwrap(), &mut tables, &mut problems);
        let found = tables
            .production
            .iter()
            .map(|r| format!("{} {} {} {} {:?} {}", r.mineral, r.stage, r.iso3, r.year, r.value, r.vintage));
        (found.collect(), problems)
    }

    #[test]
    fn gross_weights_become_contents_and_editions_are_named_after_their_last_year() {
        let (found, problems) = import(
            "ferrochromium,refine,gross weight,ZAF,2018,3900000.0\nferrochromium,refine,gross weight,KAZ,2018,1740000.0\n\
             ferrochromium,refine,gross weight,ZAF,2020,0.0\nberyllium,mine,beryl gross weight,USA,2018,4130.0\n\
             rhenium,mine,Re content,CHL,2018,27.0\n",
        );
        assert!(problems.is_empty(), "{problems}");
        assert_eq!(
            found,
            [
                "chromium refine ZAF 2018 Some(2125500.0) 2020",
                "chromium refine KAZ 2018 Some(1183200.0) 2020",
                "beryllium mine USA 2018 Some(165.2) 2018",
                "rhenium refine CHL 2018 Some(27.0) 2018",
            ]
        );
    }

    #[test]
    fn the_world_total_of_magnesium_is_not_the_united_states() {
        let (found, _) = import(
            "magnesium,refine,primary Mg,USA,2018,1000000.0\nmagnesium,refine,primary Mg,CHN,2018,863000.0\n",
        );
        assert_eq!(
            found,
            [
                "magnesium refine WLD 2018 Some(1000000.0) 2018",
                "magnesium refine CHN 2018 Some(863000.0) 2018"
            ]
        );
    }

    #[test]
    fn unmapped_series_are_remarked_on_and_unreadable_figures_refused() {
        let (found, problems) =
            import("unobtainium,mine,content,CHN,2018,1\ntungsten,mine,W content,CHN,2018,-1\n");
        assert!(found.is_empty());
        assert_eq!(problems.remarks().len(), 1);
        assert!(problems.to_string().contains("`-1` in `2018`"), "{problems}");
    }
}
