//! Ideal points of countries from votes in the United Nations General Assembly.
//!
//! Download: <https://doi.org/10.7910/DVN/LEJUQZ> (Voeten, Strezhnev, Bailey), file of ideal points by country and
//! session. CC0.
//!
//! Quirks: Latin-1; a session spans two calendar years and `year` is its first, which is 1945 plus the session, so files without
//! `year` are read all the same; countries that no longer exist (`YUG` before 2006) keep old codes; points may be missing (`NA`).

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

/// Source of all rows of the edition of 2024.
pub const SOURCE: &str = "voeten-ideal-points-2024";
/// How many of the latest years are kept.
const LATEST_YEARS: i32 = 9;
/// The first session of the General Assembly came in the year after this one.
const BEFORE_FIRST_SESSION: i32 = 1945;
/// Points are further from zero than this only by mistake.
const FURTHEST: f64 = 10.0;

const LAYOUT: Layout = Layout {
    what: "the file of UN ideal points by country and session",
    columns: &[("iso3c", &["iso3"]), ("session", &[]), ("IdealPointAll", &["IdealPoint"])],
};

#[derive(Debug, Deserialize)]
struct Raw {
    iso3c: String,
    session: String,
    #[serde(rename = "IdealPointAll")]
    ideal_point: String,
    #[serde(default)]
    year: String,
}

/// Reads ideal points (`ideal-point`; a larger distance between two countries means less agreement) of the latest nine years.
pub fn read(input: &Input, reference: &Reference, tables: &mut Tables, problems: &mut Diagnostics) {
    let mut points = Vec::new();
    for (line, raw) in rows_of::<Raw>(input, &LAYOUT, problems) {
        if matches!(raw.ideal_point.as_str(), "" | "NA" | ".") {
            continue;
        }
        let of_session = || raw.session.parse().ok().and_then(|s: i32| s.checked_add(BEFORE_FIRST_SESSION));
        let year = if raw.year.is_empty() { of_session() } else { raw.year.parse().ok() };
        let Some(year) = year.filter(|year| figure::YEARS.contains(year)) else {
            let found = format!("`{}`", raw.session);
            problems.push(input.name(), line, "session", found, "write the number of a session such as 78");
            continue;
        };
        let Some(value) = figure::number(&raw.ideal_point).filter(|value| value.abs() <= FURTHEST) else {
            let found = format!("`{}`", raw.ideal_point);
            problems.push(input.name(), line, "IdealPointAll", found, "write a number such as -0.51");
            continue;
        };
        points.extend(reference.country(&raw.iso3c).map(|iso3| (iso3, year, value)));
    }
    let last = points.iter().map(|(_, year, _)| *year).max();
    let (Some((source, _)), Some(last)) = (edition(SOURCE, last), last) else { return };
    for (iso3, year, value) in points.into_iter().filter(|(_, year, _)| *year > last - LATEST_YEARS) {
        tables.governance.push(GovernanceRow {
            iso3,
            indicator: "ideal-point".to_owned(),
            year,
            value: rounded(value),
            source: source.clone(),
            grade: Grade::A,
        });
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn import(bytes: impl Into<Vec<u8>>) -> (Vec<(String, i32, f64)>, Diagnostics) {
        let mut tables = Tables::default();
        let mut problems = Diagnostics::default();
        read(&Input::inline("unga.csv", bytes), &Reference::load().unwrap(), &mut tables, &mut problems);
        (tables.governance.iter().map(|r| (r.iso3.to_string(), r.year, r.value)).collect(), problems)
    }

    #[test]
    fn recent_years_of_known_countries() {
        let text = "iso3c,session,IdealPointAll,Q5%All,year\nKAZ,78,-0.31,-0.4,2023\nKAZ,60,0.1,0.0,2005\nXYZ,78,1,1,2023\nKAZ,77,NA,NA,2022\n";
        let (found, problems) = import(text);
        assert!(problems.is_empty(), "{problems}");
        assert_eq!(found, [("KAZ".to_owned(), 2023, -0.31)]);
    }

    #[test]
    fn latin_1_is_read_and_a_session_gives_its_year() {
        let bytes =
            b"ccode,session,iso3c,Countryname,IdealPointAll\n437,78,CIV,C\xf4te d'Ivoire,-0.7\n".to_vec();
        let (found, problems) = import(bytes);
        assert!(problems.is_empty(), "{problems}");
        assert_eq!(found, [("CIV".to_owned(), 2023, -0.7)]);
    }

    #[test]
    fn odd_sessions_and_points_are_reported() {
        let (_, problems) =
            import("iso3c,session,IdealPointAll\nKAZ,2147483647,0\nKAZ,78,inf\nKAZ,78,-1e9\n");
        let lines: Vec<usize> = problems.iter().map(|problem| problem.line).collect();
        assert_eq!(lines, [2, 3, 4]);
    }
}
