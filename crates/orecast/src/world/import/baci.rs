//! CEPII BACI: yearly bilateral flows by customs code.
//!
//! Download: <https://www.cepii.fr/CEPII/en/bdd_modele/bdd_modele_item.asp?id=37>, yearly files
//! `BACI_HS92_Y2024_V202601.csv` with columns `t,i,j,k,v,q` (year, exporter, importer, code, thousand USD, tonnes), or the
//! tidy layout `year,exp,imp,hs6,v_kusd,q_t,src` of merged editions, or with `hs4` for whole headings. Etalab Open Licence 2.0. Files are streamed, plain or gzip.
//!
//! Quirks: country codes are BACI's own numbers (490 is Taiwan, 251 France, 757 Switzerland, 842 the United States);
//! quantities may be missing (`NA` or empty); leading zeros of codes are lost; numbers are padded with blanks.

use serde::Deserialize;

use super::{
    reference::Reference,
    text::{Input, for_each_row},
};
use crate::{
    diagnostic::Diagnostics,
    id::{Iso3, SourceId},
    unit::Grade,
};

/// One flow under one customs code, before it is converted to contained tonnes.
#[derive(Debug, Clone, PartialEq)]
pub struct Flow {
    /// Calendar year.
    pub year: i32,
    /// Exporter.
    pub exporter: Iso3,
    /// Importer.
    pub importer: Iso3,
    /// Customs code, HS 6 digits.
    pub hs6: u32,
    /// Value in thousand US dollars.
    pub kusd: Option<f64>,
    /// Gross tonnes.
    pub gross: Option<f64>,
    /// Source.
    pub source: SourceId,
    /// Grade of the quantity when it is not as published.
    pub grade: Grade,
}

/// A row of either layout.
#[derive(Debug, Deserialize)]
struct Raw {
    #[serde(alias = "t")]
    year: i32,
    #[serde(alias = "i")]
    exp: String,
    #[serde(alias = "j")]
    imp: String,
    #[serde(alias = "k", alias = "hs4")]
    hs6: String,
    #[serde(alias = "v")]
    v_kusd: String,
    #[serde(alias = "q")]
    q_t: String,
    #[serde(default)]
    src: String,
    #[serde(default)]
    grade: Option<Grade>,
}

/// Source of rows in CEPII's own layout.
const YEARLY: &str = "cepii-baci";

/// Streams a file and keeps the flows that `wanted` asks for by year and code.
pub fn read(
    input: &Input,
    reference: &Reference,
    wanted: impl Fn(i32, u32) -> bool,
    problems: &mut Diagnostics,
) -> Vec<Flow> {
    let mut flows = Vec::new();
    let yearly = YEARLY.parse::<SourceId>();
    for_each_row(input, problems, |line, raw: Raw, problems| {
        let Ok(hs6) = raw.hs6.parse() else { return };
        if !wanted(raw.year, hs6) {
            return;
        }
        let exporter = reference.country_or_note(&raw.exp, input.name(), line, problems);
        let importer = reference.country_or_note(&raw.imp, input.name(), line, problems);
        let source = if raw.src.is_empty() {
            yearly.clone().ok()
        } else {
            reference.source_or_note(&raw.src, input.name(), line, problems).map(|rule| rule.id.clone())
        };
        let (Some(exporter), Some(importer), Some(source)) = (exporter, importer, source) else { return };
        flows.push(Flow {
            year: raw.year,
            exporter,
            importer,
            hs6,
            kusd: positive(&raw.v_kusd),
            gross: positive(&raw.q_t),
            source,
            grade: raw.grade.unwrap_or(Grade::A),
        });
    });
    flows
}

/// A number above zero; BACI's zero quantities are roundings of nothing known.
fn positive(text: &str) -> Option<f64> {
    text.trim().parse().ok().filter(|value: &f64| value.is_finite() && *value > 0.0)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn import(text: &str) -> (Vec<Flow>, Diagnostics) {
        let mut problems = Diagnostics::default();
        let reference = Reference::load().unwrap();
        let flows =
            read(&Input::inline("baci.csv", text), &reference, |y, k| y > 2021 && k > 99, &mut problems);
        (flows, problems)
    }

    #[test]
    fn the_yearly_layout_with_its_own_country_numbers() {
        let (flows, problems) = import(
            "t,i,j,k,v,q\n2024,490,842,811292,  12.5,  0.040\n2024,251,757,050100,1.0,NA\n2021,4,8,811292,1,1\n",
        );
        assert!(problems.is_empty(), "{problems}");
        let found: Vec<_> =
            flows.iter().map(|f| format!("{}>{} {} {:?}", f.exporter, f.importer, f.hs6, f.gross)).collect();
        assert_eq!(found, ["TWN>USA 811292 Some(0.04)", "FRA>CHE 50100 None"]);
        assert_eq!(flows[0].source.as_str(), "cepii-baci");
    }

    #[test]
    fn the_tidy_layout_names_its_edition_and_grade() {
        let (flows, problems) = import(
            "year,exp,imp,hs6,v_kusd,q_t,src,grade,scope,q_flag\n\
             2024,KAZ,CHN,720241,1079032,978001.8,derived_from_hs7202_top200_x_exporter_mix,B,720241+720249,\n\
             2024,ZAR,XXX,720241,1,1,gpr_baci_hs92,B,,\n",
        );
        assert_eq!(flows.len(), 1);
        assert_eq!((flows[0].source.as_str(), flows[0].grade), ("orecast-ferroalloy-split", Grade::B));
        assert!(problems.into_result(()).unwrap_err().to_string().contains("`XXX` is not a known country"));
    }
}
