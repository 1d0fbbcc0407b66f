//! Damodaran's country risk premiums and corporate tax rates.
//!
//! Download: <https://pages.stern.nyu.edu/~adamodar/>, table of January 2025. Free use with attribution.
//!
//! Quirks: emirates have codes of their own (`ARE-AD`), which are no countries here; some rows have a name but no code; names end in
//! stray quotes; a premium of zero is a value.

use serde::Deserialize;

use super::{
    Tables, figure,
    reference::Reference,
    rows::{Layout, rows_of},
    text::{Input, rounded},
};
use orecast::{
    base::{diagnostic::Diagnostics, id::SourceId, unit::Grade},
    world::table::GovernanceRow,
};

/// Source of all rows.
pub const SOURCE: &str = "damodaran-2025-01";
/// Year of the edition.
const YEAR: i32 = 2025;

const LAYOUT: Layout = Layout {
    what: "the table of country risk premiums",
    columns: &[
        ("iso3", &[]),
        ("country", &[]),
        ("country_risk_premium", &[]),
        ("corporate_tax_rate", &[]),
        ("grade", &[]),
    ],
};

#[derive(Debug, Deserialize)]
struct Raw {
    iso3: String,
    country: String,
    country_risk_premium: String,
    corporate_tax_rate: String,
    grade: Grade,
}

/// Reads `country-risk-premium` and `corporate-tax` as fractions.
pub fn read(input: &Input, reference: &Reference, tables: &mut Tables, problems: &mut Diagnostics) {
    let Ok(source) = SOURCE.parse::<SourceId>() else { return };
    for (line, raw) in rows_of::<Raw>(input, &LAYOUT, problems) {
        let name = if raw.iso3.is_empty() { &raw.country } else { &raw.iso3 };
        let Some(iso3) = reference.country(name) else { continue };
        let values =
            [("country-risk-premium", &raw.country_risk_premium), ("corporate-tax", &raw.corporate_tax_rate)];
        for (indicator, text) in values.into_iter().filter(|(_, text)| !text.is_empty()) {
            let Some(value) = figure::amount(text).filter(|value| *value <= 1.0) else {
                let remedy = "write a fraction from 0 to 1";
                problems.push(input.name(), line, indicator, format!("`{text}`"), remedy);
                continue;
            };
            tables.governance.push(GovernanceRow {
                iso3,
                indicator: indicator.to_owned(),
                year: YEAR,
                value: rounded(value),
                source: source.clone(),
                grade: raw.grade,
            });
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn emirates_are_no_countries_and_names_stand_in_for_codes() {
        let text = "iso3,country,moodys_rating,country_risk_premium,corporate_tax_rate,grade\n\
            ARE-AD,Abu Dhabi,Aa2,0.0066,0.15,B\nKAZ,Kazakhstan,Baa1,0.0213,0.2,B\n,Trinidad &' Tobago,Ba2,0.04,,B\n";
        let mut tables = Tables::default();
        let mut problems = Diagnostics::default();
        read(&Input::inline("erp.csv", text), &Reference::load().unwrap(), &mut tables, &mut problems);
        assert!(problems.is_empty(), "{problems}");
        let found: Vec<_> =
            tables.governance.iter().map(|r| format!("{} {} {}", r.iso3, r.indicator, r.value)).collect();
        assert_eq!(
            found,
            ["KAZ country-risk-premium 0.0213", "KAZ corporate-tax 0.2", "TTO country-risk-premium 0.04"]
        );
    }
}
