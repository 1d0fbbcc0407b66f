//! Ideal points of countries from votes in the United Nations General Assembly.
//!
//! Download: <https://doi.org/10.7910/DVN/LEJUQZ> (Voeten, Strezhnev, Bailey), file of ideal points by country and
//! session. CC0. Quirks: countries that no longer exist (`YUG` before 2006) keep old codes; a session spans two calendar years, the
//! file's `year` is its first.

use std::ops::RangeInclusive;

use serde::Deserialize;

use super::{
    Tables,
    reference::Reference,
    text::{Input, rounded, rows},
};
use crate::{diagnostic::Diagnostics, id::SourceId, unit::Grade, world::table::GovernanceRow};

/// Source of all rows.
pub const SOURCE: &str = "voeten-ideal-points-2024";
/// Years that are kept.
const YEARS: RangeInclusive<i32> = 2015..=2023;

#[derive(Debug, Deserialize)]
struct Raw {
    iso3c: String,
    #[serde(rename = "IdealPointAll")]
    ideal_point: Option<f64>,
    year: i32,
}

/// Reads ideal points (`ideal-point`; a larger distance between two countries means less agreement).
pub fn read(input: &Input, reference: &Reference, tables: &mut Tables, problems: &mut Diagnostics) {
    let Ok(source) = SOURCE.parse::<SourceId>() else { return };
    for (_, raw) in rows::<Raw>(input, problems) {
        let (Some(iso3), Some(value)) = (reference.country(&raw.iso3c), raw.ideal_point) else { continue };
        if YEARS.contains(&raw.year) {
            tables.governance.push(GovernanceRow {
                iso3,
                indicator: "ideal-point".to_owned(),
                year: raw.year,
                value: rounded(value),
                source: source.clone(),
                grade: Grade::A,
            });
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn recent_years_of_known_countries() {
        let text = "iso3c,session,IdealPointAll,Q5%All,year\nKAZ,78,-0.31,-0.4,2023\nKAZ,60,0.1,0.0,2005\nXYZ,78,1,1,2023\n";
        let mut tables = Tables::default();
        let reference = Reference::load().unwrap();
        read(&Input::inline("unga.csv", text), &reference, &mut tables, &mut Diagnostics::default());
        let found: Vec<_> = tables.governance.iter().map(|r| (r.iso3.to_string(), r.year, r.value)).collect();
        assert_eq!(found, [("KAZ".to_owned(), 2023, -0.31)]);
    }
}
