//! World Bank Worldwide Governance Indicators.
//!
//! Download: <https://www.worldbank.org/en/publication/worldwide-governance-indicators>. CC BY 4.0. Two layouts: one
//! dimension as `iso3,year,est`, and six dimensions as `iso3,country,year,dimension,estimate,...`.
//!
//! Quirks: the files name areas that are no countries today (`ANT`, `R20`, `PUS`), which are passed over; estimates may be
//! missing; French Guiana carried the code of Guyana before its series ended, so the later of two rows of a year counts;
//! the scale runs from about -2.5 to 2.5 and is relative to each year's world mean.

use std::{collections::BTreeMap, ops::RangeInclusive};

use serde::Deserialize;

use super::{
    Tables,
    reference::Reference,
    text::{Input, rounded, rows},
};
use crate::{diagnostic::Diagnostics, id::SourceId, unit::Grade, world::table::GovernanceRow};

/// Source of political stability.
pub const STABILITY_SOURCE: &str = "wb-wgi-2025";
/// Source of the six dimensions.
pub const SIX_SOURCE: &str = "wb-wgi-2023";
/// How many of the latest years of political stability are kept.
const LATEST_YEARS: i32 = 10;
/// Years of the six dimensions that are kept.
const SIX_YEARS: RangeInclusive<i32> = 2015..=2022;

#[derive(Debug, Deserialize)]
struct Raw {
    iso3: String,
    year: i32,
    #[serde(alias = "est")]
    estimate: Option<f64>,
    #[serde(default)]
    dimension: String,
}

/// Reads political stability (`wgi-pv`) of the latest ten years.
pub fn read_stability(input: &Input, reference: &Reference, tables: &mut Tables, problems: &mut Diagnostics) {
    let raw = rows::<Raw>(input, problems);
    let last = raw.iter().map(|(_, row)| row.year).max().unwrap_or(0);
    let Ok(source) = STABILITY_SOURCE.parse::<SourceId>() else { return };
    let kept = last - LATEST_YEARS + 1..=last;
    push(raw, &kept, |_| Some("wgi-pv".to_owned()), &source, reference, tables);
}

/// Reads five of the six dimensions (`wgi-va`, `wgi-ge`, `wgi-rq`, `wgi-rl`, `wgi-cc`); political stability comes from the
/// newer update.
pub fn read_six(input: &Input, reference: &Reference, tables: &mut Tables, problems: &mut Diagnostics) {
    let raw = rows::<Raw>(input, problems);
    for (line, row) in raw.iter().filter(|(_, row)| row.dimension.is_empty()) {
        problems.push(
            input.name(),
            *line,
            "dimension",
            format!("none for {}", row.iso3),
            "name the dimension",
        );
    }
    let Ok(source) = SIX_SOURCE.parse::<SourceId>() else { return };
    let name = |row: &Raw| match row.dimension.to_lowercase().as_str() {
        "" | "pv" => None,
        dimension => Some(format!("wgi-{dimension}")),
    };
    push(raw, &SIX_YEARS, name, &source, reference, tables);
}

fn push(
    raw: Vec<(usize, Raw)>,
    years: &RangeInclusive<i32>,
    indicator: impl Fn(&Raw) -> Option<String>,
    source: &SourceId,
    reference: &Reference,
    tables: &mut Tables,
) {
    let mut latest = BTreeMap::new();
    for (_, row) in raw.into_iter().filter(|(_, row)| years.contains(&row.year)) {
        if let (Some(iso3), Some(value), Some(indicator)) =
            (reference.country(&row.iso3), row.estimate, indicator(&row))
        {
            latest.insert((iso3, indicator, row.year), value);
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

    #[test]
    fn the_latest_ten_years_of_today_s_countries() {
        let text = "iso3,year,est\nKAZ,2024,-0.2\nKAZ,2015,-0.1\nKAZ,2014,0.1\nGUY,2019,0.24\nGUY,2019,-0.25\nANT,2020,0.5\nUSA,2024,\n";
        let mut tables = Tables::default();
        let mut problems = Diagnostics::default();
        let reference = Reference::load().unwrap();
        read_stability(&Input::inline("pv.csv", text), &reference, &mut tables, &mut problems);
        assert!(problems.is_empty(), "{problems}");
        let found: Vec<_> =
            tables.governance.iter().map(|r| (r.indicator.as_str(), r.year, r.value)).collect();
        assert_eq!(found, [("wgi-pv", 2019, -0.25), ("wgi-pv", 2015, -0.1), ("wgi-pv", 2024, -0.2)]);
    }

    #[test]
    fn dimensions_keep_their_names_and_stability_is_left_to_the_newer_update() {
        let text = "iso3,country,year,dimension,estimate,stderr,source,grade\n\
            KAZ,Kazakhstan,2022,RL,-0.5,0.1,x,A\nKAZ,Kazakhstan,2005,RL,-0.9,0.1,x,A\n\
            KAZ,Kazakhstan,2022,PV,-0.3,0.1,x,A\n";
        let mut tables = Tables::default();
        let reference = Reference::load().unwrap();
        read_six(&Input::inline("six.csv", text), &reference, &mut tables, &mut Diagnostics::default());
        assert_eq!(tables.governance.len(), 1);
        assert_eq!(tables.governance[0].indicator, "wgi-rl");
    }
}
