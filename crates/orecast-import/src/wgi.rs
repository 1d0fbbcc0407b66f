//! World Bank Worldwide Governance Indicators.
//!
//! Download: <https://www.worldbank.org/en/publication/worldwide-governance-indicators>, the workbook or CSV file of all indicators
//! (`code,countryname,year,indicator,estimate,...`), or extracts as `iso3,year,est` and `iso3,country,year,dimension,estimate`.
//! CC BY 4.0.
//!
//! Quirks: some extracts hold one dimension only and do not say which; the files name areas that are no countries today
//! (`ANT`, `R20`, `PUS`), which are passed over; estimates may be missing (empty or `..`); French Guiana carried the code of Guyana before
//! its series ended, so the later of two rows of a year counts; the scale runs from about -2.5 to 2.5 and is relative to each
//! year's world mean. The update is the one after the last year of the file.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::{
    Tables, edition, figure,
    reference::Reference,
    rows::{Layout, rows_of},
    text::{Input, rounded},
};
use orecast::{
    base::{diagnostic::Diagnostics, unit::Grade},
    world::table::GovernanceRow,
};

/// Source of political stability.
pub const STABILITY_SOURCE: &str = "wb-wgi-2025";
/// Source of the six dimensions.
pub const SIX_SOURCE: &str = "wb-wgi-2023";
/// How many of the latest years of a file with one dimension are kept.
const LATEST_YEARS: i32 = 10;
/// How many of the latest years of the six dimensions are kept.
const LATEST_YEARS_OF_SIX: i32 = 8;
/// Estimates are further from zero than this only by mistake.
const FURTHEST: f64 = 5.0;
/// The six dimensions: voice and accountability, political stability, government effectiveness, regulatory quality, rule of law,
/// control of corruption.
const DIMENSIONS: [&str; 6] = ["va", "pv", "ge", "rq", "rl", "cc"];

const LAYOUT: Layout = Layout {
    what: "a file of the Worldwide Governance Indicators",
    columns: &[
        ("iso3", &["code", "Country code", "Economy code"]),
        ("year", &[]),
        ("estimate", &["est", "Governance estimate", "value"]),
    ],
};

#[derive(Debug, Deserialize)]
struct Raw {
    iso3: String,
    year: String,
    estimate: String,
    #[serde(default, alias = "indicator", alias = "Indicator")]
    dimension: String,
}

/// One estimate.
struct Estimate {
    iso3: String,
    year: i32,
    dimension: String,
    value: f64,
}

/// Reads a file of one dimension, which is taken for political stability (`wgi-pv`) when it does not say, and keeps
/// the latest ten years.
pub fn read_stability(input: &Input, reference: &Reference, tables: &mut Tables, problems: &mut Diagnostics) {
    let mut estimates = estimates(input, problems);
    for estimate in estimates.iter_mut().filter(|estimate| estimate.dimension.is_empty()) {
        "pv".clone_into(&mut estimate.dimension);
    }
    estimates.retain(|estimate| estimate.dimension == "pv");
    push(estimates, LATEST_YEARS, STABILITY_SOURCE, reference, tables);
}

/// Reads five of the six dimensions (`wgi-va`, `wgi-ge`, `wgi-rq`, `wgi-rl`, `wgi-cc`) of the latest eight years; political stability
/// comes from [`read_stability`], whose file is newer in the shipped package.
pub fn read_six(input: &Input, reference: &Reference, tables: &mut Tables, problems: &mut Diagnostics) {
    let mut estimates = estimates(input, problems);
    if estimates.iter().any(|estimate| estimate.dimension.is_empty()) {
        let remedy = "give a file with all dimensions, or import it as `wgi-stability`";
        problems.push(input.name(), 1, "dimension", "the file does not name the dimension", remedy);
    }
    estimates.retain(|estimate| !matches!(estimate.dimension.as_str(), "" | "pv"));
    push(estimates, LATEST_YEARS_OF_SIX, SIX_SOURCE, reference, tables);
}

fn estimates(input: &Input, problems: &mut Diagnostics) -> Vec<Estimate> {
    let mut estimates = Vec::new();
    for (line, raw) in rows_of::<Raw>(input, &LAYOUT, problems) {
        if raw.estimate.is_empty() || matches!(raw.estimate.as_str(), ".." | "#N/A" | "NA") {
            continue;
        }
        let Some(year) = figure::year(&raw.year) else {
            problems.push(input.name(), line, "year", format!("`{}`", raw.year), "write a year such as 2024");
            continue;
        };
        let Some(value) = figure::number(&raw.estimate).filter(|value| value.abs() <= FURTHEST) else {
            let remedy = "write an estimate between -2.5 and 2.5";
            problems.push(input.name(), line, "estimate", format!("`{}`", raw.estimate), remedy);
            continue;
        };
        let dimension = raw.dimension.to_lowercase();
        let dimension = dimension.strip_suffix(".est").unwrap_or(&dimension).to_owned();
        if !dimension.is_empty() && !DIMENSIONS.contains(&dimension.as_str()) {
            let remedy = format!("write one of {}", DIMENSIONS.join(", "));
            problems.push(input.name(), line, "dimension", format!("`{}`", raw.dimension), remedy);
            continue;
        }
        estimates.push(Estimate { iso3: raw.iso3, year, dimension, value });
    }
    estimates
}

fn push(raw: Vec<Estimate>, years: i32, known: &str, reference: &Reference, tables: &mut Tables) {
    let last = raw.iter().map(|row| row.year).max();
    let (Some((source, _)), Some(last)) = (edition(known, last), last) else { return };
    let kept: BTreeSet<i32> = (last - years + 1..=last).collect();
    let mut latest = BTreeMap::new();
    for row in raw.into_iter().filter(|row| kept.contains(&row.year)) {
        if let Some(iso3) = reference.country(&row.iso3) {
            latest.insert((iso3, format!("wgi-{}", row.dimension), row.year), row.value);
        }
    }
    tables.governance.extend(latest.into_iter().map(|((iso3, indicator, year), value)| GovernanceRow {
        iso3,
        indicator,
        year,
        value: rounded(value),
        source: source.clone(),
        grade: Grade::A,
    }));
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    type Read = fn(&Input, &Reference, &mut Tables, &mut Diagnostics);

    fn import(read: Read, text: &str) -> (Vec<String>, Diagnostics) {
        let mut tables = Tables::default();
        let mut problems = Diagnostics::default();
        read(&Input::inline("wgi.csv", text), &Reference::load().unwrap(), &mut tables, &mut problems);
        let row =
            |r: &GovernanceRow| format!("{} {} {} {} {}", r.iso3, r.indicator, r.year, r.value, r.source);
        (tables.governance.iter().map(row).collect(), problems)
    }

    #[test]
    fn the_latest_ten_years_of_today_s_countries() {
        let text = "iso3,year,est\nKAZ,2024,-0.2\nKAZ,2015,-0.1\nKAZ,2014,0.1\nGUY,2019,0.24\nGUY,2019,-0.25\nANT,2020,0.5\nUSA,2024,\n";
        let (found, problems) = import(read_stability, text);
        assert!(problems.is_empty(), "{problems}");
        let expected = ["GUY wgi-pv 2019 -0.25", "KAZ wgi-pv 2015 -0.1", "KAZ wgi-pv 2024 -0.2"]
            .map(|row| format!("{row} wb-wgi-2025"));
        assert_eq!(found, expected);
    }

    #[test]
    fn dimensions_keep_their_names_and_stability_is_left_to_the_newer_update() {
        let text = "iso3,country,year,dimension,estimate,stderr,source,grade\n\
            KAZ,Kazakhstan,2022,RL,-0.5,0.1,x,A\nKAZ,Kazakhstan,2005,RL,-0.9,0.1,x,A\n\
            KAZ,Kazakhstan,2022,PV,-0.3,0.1,x,A\n";
        assert_eq!(import(read_six, text).0, ["KAZ wgi-rl 2022 -0.5 wb-wgi-2023"]);
    }

    #[test]
    fn the_world_bank_s_own_layout_is_read_and_a_later_update_is_a_source_of_its_own() {
        let text = "codeindyr,code,countryname,year,indicator,estimate,stddev,nsource,pctrank\n\
            KAZpv2025,KAZ,Kazakhstan,2025,pv,-0.2,0.2,8,40\nKAZcc2025,KAZ,Kazakhstan,2025,cc,..,..,..,..\n\
            KAZge2025,KAZ,Kazakhstan,2025,ge,0.1,0.2,8,40\n";
        assert_eq!(import(read_stability, text).0, ["KAZ wgi-pv 2025 -0.2 wb-wgi-2026"]);
        assert_eq!(import(read_six, text).0, ["KAZ wgi-ge 2025 0.1 wb-wgi-2026"]);
    }

    #[test]
    fn one_dimension_without_its_name_is_no_file_of_six_and_odd_cells_are_reported() {
        let (found, problems) = import(read_six, "iso3,year,est\nKAZ,2024,-0.2\n");
        assert!(found.is_empty() && problems.to_string().contains("does not name the dimension"));
        let text = "code,year,indicator,estimate\nKAZ,99999999999,rl,1\nKAZ,2024,rl,NaN\nKAZ,2024,rl,-70\nKAZ,2024,xx,1\n";
        let fields: Vec<_> = import(read_six, text).1.iter().map(|p| (p.line, p.field.clone())).collect();
        let expected = [(2, "year"), (3, "estimate"), (4, "estimate"), (5, "dimension")];
        assert_eq!(fields, expected.map(|(line, field)| (line, field.to_owned())));
    }
}
