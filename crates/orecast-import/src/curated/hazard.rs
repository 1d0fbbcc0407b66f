//! How often exports are restricted: own counts on the OECD inventory of export restrictions.
//!
//! The inventory dates only what was still in force in its data year, so early rates are lower bounds. Rows of minerals
//! that have no market here are left out.

use serde::Deserialize;
use statrs::distribution::{Beta, ContinuousCDF, Gamma};

use super::{Reference, Tables};
use crate::text::{Input, rounded, rows};
use orecast::{
    base::{
        diagnostic::Diagnostics,
        id::{Iso3, MineralId, SourceId},
        unit::{Grade, Range},
    },
    world::table::{HazardEventRow, HazardRow},
};

/// Source of all rows.
const SOURCE: &str = "oecd-export-restrictions-2024";
/// Years that the inventory covers.
const WINDOW_YEARS: f64 = 16.0;
/// Standard normal quantile at 95 %.
const Z95: f64 = 1.645;

#[derive(Debug, Deserialize)]
struct RawRate {
    kind: String,
    group: String,
    level: String,
    event: String,
    events: Option<f64>,
    exposure_pair_years: Option<f64>,
    rate_per_year: f64,
    ci_lo: Option<f64>,
    ci_hi: Option<f64>,
    coef: Option<f64>,
    se: Option<f64>,
}

/// A count over an exposure, with the 90 % range of a Poisson rate (Jeffreys prior).
fn poisson(events: f64, exposure: f64) -> Range {
    let at = |q| Gamma::new(events + 0.5, exposure).map_or(f64::NAN, |gamma| gamma.inverse_cdf(q));
    Range::new(at(0.05), events / exposure, at(0.95))
}

/// A part of a count, with the 90 % range of a share (Jeffreys prior).
fn part(some: f64, all: f64) -> Range {
    let at = |q| Beta::new(some + 0.5, all - some + 0.5).map_or(f64::NAN, |beta| beta.inverse_cdf(q));
    Range::new(at(0.05), some / all, at(0.95))
}

/// `hazard_rates.csv`: yearly rates of restricting laws in calm and tense years, how many of a country's minerals a law
/// hits, how many measures are hard, and how the rate moves with alignment.
pub fn rates(input: &Input, _: &Reference, tables: &mut Tables, problems: &mut Diagnostics) {
    let Ok(source) = SOURCE.parse::<SourceId>() else { return };
    let raw: Vec<RawRate> = rows(input, problems).into_iter().map(|(_, row)| row).collect();
    let mut find = |kind: &str, group: &str, level: &str, event: &str| {
        let found =
            raw.iter().find(|r| r.kind == kind && r.group == group && r.level == level && r.event == event);
        if found.is_none() {
            let missing = format!("no row `{kind}`, `{group}`, `{level}`, `{event}`");
            problems.push(input.name(), 0, "", missing, "give the file that the curated facts have");
        }
        found
    };
    let law = "new restricting document (any mineral)";
    let all = find("country-level law events", "country-year", "all countries 2009-2024", law);
    let tense = find("country-level law events", "country-year", "all, 2023-2024", law);
    let hit = find(
        "inclusion share",
        "country-year with an event",
        "share of the country's own producer pairs hit in that year",
        "any",
    );
    let any = find("empirical rate", "all", "all producer pairs", "any");
    let hard = find("empirical rate", "all", "all producer pairs", "hard");
    let alignment = find("regression", "Poisson log link", "d_us", "any");
    let mut add = |parameter: &str, range: Option<Range>, note: &str| {
        let Some(range) = range else { return };
        tables.hazard.push(HazardRow {
            parameter: parameter.to_owned(),
            iso3: None,
            low: rounded(range.low),
            mid: rounded(range.mid),
            high: rounded(range.high),
            source: source.clone(),
            grade: Grade::B,
            note: note.to_owned(),
        });
    };
    let count = |row: Option<&RawRate>| row.and_then(|r| Some((r.events?, r.exposure_pair_years?)));
    let (all, tense) = (count(all), count(tense));
    add(
        "events",
        all.map(|(n, years)| poisson(n, years)),
        "New restricting laws per producing country and year, 2009 to 2024",
    );
    add(
        "events-calm",
        all.zip(tense).map(|((n, years), (m, tense))| poisson(n - m, years - tense)),
        "The same, 2009 to 2022",
    );
    add("events-tense", tense.map(|(n, years)| poisson(n, years)), "The same, 2023 and 2024");
    add("window-years", Some(Range::exact(WINDOW_YEARS)), "Years that the counts cover");
    add(
        "hit-share",
        hit.and_then(|r| Some(Range::new(r.ci_lo?, r.rate_per_year, r.ci_hi?))),
        "Share of a country's minerals that a year with a law hits: mean, 10th and 90th percentile",
    );
    add(
        "stop-share",
        count(any).zip(count(hard)).map(|((all, _), (hard, _))| part(hard, all)),
        "Share of hits that are hard: a ban, a quota, or a rate of 10 % or more",
    );
    add(
        "alignment",
        alignment.and_then(|r| {
            let (coef, se) = (r.coef?, r.se?);
            Some(Range::new(coef - Z95 * se, coef, coef + Z95 * se))
        }),
        "Logarithm of the rate per unit of distance between UN voting ideal points (to the United States)",
    );
}

#[derive(Debug, Deserialize)]
struct RawEvent {
    iso3: Iso3,
    mineral: MineralId,
    year: i32,
    hard: String,
    types: String,
}

/// `hazard_events.csv`: years in which a country newly restricted exports of a mineral.
pub fn events(input: &Input, _: &Reference, tables: &mut Tables, problems: &mut Diagnostics) {
    let Ok(source) = SOURCE.parse::<SourceId>() else { return };
    for (_, raw) in rows::<RawEvent>(input, problems) {
        if tables.minerals.iter().any(|row| row.id == raw.mineral) {
            tables.hazard_events.push(HazardEventRow {
                iso3: raw.iso3,
                mineral: raw.mineral,
                year: raw.year,
                hard: raw.hard == "True",
                measures: raw.types,
                source: source.clone(),
                grade: Grade::B,
            });
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn counts_bracket_their_rate() {
        let rate = poisson(61.0, 1024.0);
        assert!(
            rate.is_ordered() && (rate.mid - 0.0596).abs() < 1e-4 && rate.low > 0.047 && rate.high < 0.074
        );
        let share = part(19.0, 111.0);
        assert!(share.is_ordered() && share.low > 0.11 && share.high < 0.25);
    }

    #[test]
    fn a_missing_rate_is_reported_and_unknown_minerals_are_left_out() {
        let reference = Reference::load().unwrap();
        let (mut tables, mut problems) = (Tables::default(), Diagnostics::default());
        let text = "kind,group,level,event,events,exposure_pair_years,rate_per_year,ci_lo,ci_hi,coef,se\n\
            regression,Poisson log link,d_us,any,111,4752,3.5,2,6,1.2655,0.2725\n";
        rates(&Input::inline("rates.csv", text), &reference, &mut tables, &mut problems);
        assert_eq!(problems.iter().count(), 5);
        let alignment = tables.hazard.iter().find(|row| row.parameter == "alignment").unwrap();
        assert!((alignment.low - 0.817).abs() < 1e-3, "{alignment:?}");
        let text = "iso3,mineral,year,n_docs,hard,types\nAGO,diamonds,2011,1,True,M4;M6\n";
        events(&Input::inline("events.csv", text), &reference, &mut tables, &mut Diagnostics::default());
        assert!(tables.hazard_events.is_empty());
    }
}
