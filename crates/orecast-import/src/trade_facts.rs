//! Trade of codes that the flow files lack: published single figures and totals by origin.
//!
//! `published_flow_facts.csv` holds figures quoted from customs and energy agencies; only whole years, single pairs of countries and the
//! codes of `mapping/fact_codes.csv` are taken. `us_imports_by_origin_2021_2024.csv` holds the mean origin shares of USGS
//! times the imports of the year (`mapping/import_totals.csv`). `mapping/trade_facts.csv` carries figures derived by hand, with the way they were
//! derived. Flows from unnamed origins cannot be placed and are left out.

use std::ops::RangeInclusive;

use serde::Deserialize;

use super::{
    baci::{self, Flow},
    reference::{Reference, mapping},
    text::{Input, rounded, rows},
    trade::{Candidate, ImportTotal},
};
use orecast::{
    base::{
        diagnostic::Diagnostics,
        id::{Iso3, MineralId, SourceId},
        unit::{Grade, Stage},
    },
    world::table::{Flag, TradeRow},
};

#[derive(Debug, Deserialize)]
struct Heading {
    hs4: u32,
    hs6: u32,
    source: SourceId,
    grade: Grade,
}

/// Flows of whole headings (`mapping/hs_headings.csv`) under the code that stands for most of their goods.
pub fn headings(
    input: &Input,
    reference: &Reference,
    years: &RangeInclusive<i32>,
    problems: &mut Diagnostics,
) -> Vec<Flow> {
    let known: Vec<Heading> = mapping("hs_headings.csv", include_str!("mapping/hs_headings.csv"), problems);
    let of = |code: u32| known.iter().find(|row| row.hs4 == code);
    let flows =
        baci::read(input, reference, |year, code| years.contains(&year) && of(code).is_some(), problems);
    let renamed = |flow: Flow| {
        let heading = of(flow.hs6)?;
        Some(Flow { hs6: heading.hs6, source: heading.source.clone(), grade: heading.grade, ..flow })
    };
    flows.into_iter().filter_map(renamed).collect()
}

#[derive(Debug, Deserialize)]
struct FactCode {
    hs6: u32,
    product: String,
    mineral: MineralId,
    stage: Stage,
    content: f64,
    either: String,
    grade: Grade,
    source: SourceId,
}

#[derive(Debug, Deserialize)]
struct RawFact {
    year: i32,
    period: String,
    exp: String,
    imp: String,
    hs6: String,
    product: String,
    quantity_t: Option<f64>,
}

/// Published figures of a whole year between two named countries.
pub fn published(
    input: &Input,
    reference: &Reference,
    years: &RangeInclusive<i32>,
    problems: &mut Diagnostics,
) -> Vec<Candidate> {
    let codes: Vec<FactCode> = mapping("fact_codes.csv", include_str!("mapping/fact_codes.csv"), problems);
    let mut found = Vec::new();
    for (_, raw) in rows::<RawFact>(input, problems) {
        let wanted =
            |code: &&FactCode| raw.hs6 == code.hs6.to_string() && raw.product.starts_with(&code.product);
        let Some(code) = codes.iter().find(wanted) else { continue };
        let place = |text: &str| reference.country(text).filter(|country| !country.is_aggregate());
        let (Some(exporter), Some(importer), Some(gross)) =
            (place(&raw.exp), place(&raw.imp), raw.quantity_t)
        else {
            continue;
        };
        if raw.period != "year" || !years.contains(&raw.year) || exporter == importer {
            continue;
        }
        found.push(Candidate {
            row: TradeRow {
                mineral: code.mineral.clone(),
                stage: code.stage,
                exporter,
                importer,
                year: raw.year,
                hs6: code.hs6,
                tonnes: Some(rounded(gross * code.content)),
                gross_tonnes: Some(gross),
                kusd: None,
                flag: Flag::Reported,
                source: code.source.clone(),
                grade: code.grade,
            },
            either: code.either.clone(),
        });
    }
    found
}

#[derive(Debug, Deserialize)]
struct RawTotal {
    year: i32,
    exp: String,
    imp: String,
    hs6: String,
    q_t: f64,
    src: String,
}

/// Imports by origin of codes without flows of their own; `seen` is what the flows already show.
pub fn totals(
    input: &Input,
    reference: &Reference,
    years: &RangeInclusive<i32>,
    seen: &[Candidate],
    problems: &mut Diagnostics,
) -> Vec<Candidate> {
    let totals = ImportTotal::load(problems);
    let mut found = Vec::new();
    for (line, raw) in rows::<RawTotal>(input, problems) {
        let Some(total) = totals.iter().find(|total| total.code == raw.hs6) else { continue };
        let exporter = reference.country_or_note(&raw.exp, input.name(), line, problems);
        let importer = reference.country_or_note(&raw.imp, input.name(), line, problems);
        let source = reference.source_or_note(&raw.src, input.name(), line, problems);
        let (Some(exporter), Some(importer), Some(source)) = (exporter, importer, source) else { continue };
        if years.contains(&raw.year) && !exporter.is_aggregate() {
            found.extend(total.row((exporter, importer, raw.year), raw.q_t, &source.id, seen));
        }
    }
    found
}

#[derive(Debug, Deserialize)]
struct Derived {
    year: i32,
    exporter: Iso3,
    importer: Iso3,
    hs6: u32,
    mineral: MineralId,
    stage: Stage,
    tonnes: f64,
    gross_tonnes: Option<f64>,
    flag: Flag,
    either: String,
    grade: Grade,
    source: SourceId,
}

/// Figures derived by hand from published ones.
pub fn derived(problems: &mut Diagnostics) -> Vec<Candidate> {
    let facts: Vec<Derived> = mapping("trade_facts.csv", include_str!("mapping/trade_facts.csv"), problems);
    let row = |fact: Derived| Candidate {
        row: TradeRow {
            mineral: fact.mineral,
            stage: fact.stage,
            exporter: fact.exporter,
            importer: fact.importer,
            year: fact.year,
            hs6: fact.hs6,
            tonnes: Some(fact.tonnes),
            gross_tonnes: fact.gross_tonnes,
            kusd: None,
            flag: fact.flag,
            source: fact.source,
            grade: fact.grade,
        },
        either: fact.either,
    };
    facts.into_iter().map(row).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_years_between_named_countries_are_taken() {
        let text = "year,period,exp,imp,hs6,product,quantity_t,share\n\
            2024,year,KAZ,USA,284410,\"uranium purchased by US reactor owners, by origin (U3O8e)\",5160,0.24\n\
            2024,year,USA,USA,284410,\"uranium purchased by US reactor owners, by origin (U3O8e)\",1720,0.08\n\
            2022,year,KAZ,EU27,284410,natural uranium delivered to EU utilities,3144,0.27\n\
            2024,2024-11,ZAF,CHN,720241,high-carbon ferrochrome,174800,\n\
            2024,year,WLD,CHN,740200,copper anode / blister,896000,1\n\
            2023,year,RUS,USA,284420,enriched uranium (t),702,\n";
        let mut problems = Diagnostics::default();
        let reference = Reference::load().unwrap();
        let found = published(&Input::inline("facts.csv", text), &reference, &(2022..=2024), &mut problems);
        assert!(problems.is_empty(), "{problems}");
        let rows: Vec<_> = found
            .iter()
            .map(|c| format!("{}>{} {:?}", c.row.exporter, c.row.importer, c.row.tonnes))
            .collect();
        assert_eq!(rows, ["KAZ>USA Some(5160.0)", "RUS>USA Some(4169.88)"]);
    }

    #[test]
    fn a_heading_stands_under_one_of_its_codes() {
        let text = "year,hs4,commodity,exp,imp,v_kusd,q_t\n\
            2024,3104,potash,CAN,USA,3000000,9500000\n2024,7403,copper,CHL,CHN,1,1\n2019,3104,potash,CAN,USA,1,1\n";
        let mut problems = Diagnostics::default();
        let reference = Reference::load().unwrap();
        let found = headings(&Input::inline("headings.csv", text), &reference, &(2022..=2024), &mut problems);
        assert!(problems.is_empty(), "{problems}");
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].hs6, found[0].gross), (310_420, Some(9_500_000.0)));
    }

    #[test]
    fn derived_figures_fit_their_type_and_name_known_sources() {
        let mut problems = Diagnostics::default();
        let reference = Reference::load().unwrap();
        let found = derived(&mut problems);
        assert!(problems.is_empty() && !found.is_empty(), "{problems}");
        for candidate in found {
            assert!(reference.sources.iter().any(|rule| rule.id == candidate.row.source));
        }
    }
}
