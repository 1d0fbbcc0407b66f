//! `end_uses.csv` and `end_use_to_bea.csv`: what minerals go into, and the industries that make it.
//!
//! Shares printed by a publisher have grade A. Where a text says "more than 90 %" or names uses together, the share is our
//! reading of it (B); what no text says is assumed (C). The remark of a row keeps what was read.

use serde::Deserialize;

use super::{Reference, Tables, grade, parameters::open_rows};
use crate::{reference::mapping, text::Input};
use orecast::{
    base::{
        diagnostic::Diagnostics,
        id::{Iso3, MineralId},
    },
    world::table::{EndUseRow, UseIndustryRow},
};

#[derive(Debug, Deserialize)]
struct RawUse {
    mineral: MineralId,
    end_use: String,
    scope: String,
    share: f64,
    default_world: u8,
    default_us: u8,
    note: String,
    source: String,
    source_year: i32,
    grade: String,
}

/// `mapping/cost_shares.csv`: our assumption on what a mineral costs over the price of what is made with it, where that is
/// far from the usual; the last column says from what.
#[derive(Debug, Deserialize)]
struct CostShare {
    mineral: MineralId,
    end_use: String,
    low: f64,
    mid: f64,
    high: f64,
}

/// Reads end uses. A scope such as `US (sponge metal)` is a country and the part of its use that is split.
pub fn read(input: &Input, reference: &Reference, tables: &mut Tables, problems: &mut Diagnostics) {
    let national = reference.country("USA");
    let costs: Vec<CostShare> =
        mapping("cost_shares.csv", include_str!("../mapping/cost_shares.csv"), problems);
    for (_, raw, source) in open_rows::<RawUse>(input, reference, problems, |raw| &raw.source) {
        let part = match raw.scope.strip_prefix("US") {
            Some("/world") | None => None,
            Some(part) => Some(part.trim_matches([' ', '(', ')']).replace('+', " and ")),
        };
        let iso3 = part.as_ref().and(national).unwrap_or(Iso3::WORLD);
        // What follows the name of the source says how it was read.
        let read_as = raw.source.split_once(") (").map_or("", |(_, rest)| rest.trim_end_matches(')'));
        let cost = costs.iter().find(|cost| cost.mineral == raw.mineral && cost.end_use == raw.end_use);
        let remarks = [reference.open_remark(&raw.note), reference.open_remark(read_as)];
        let remarks: Vec<&str> = remarks.iter().map(String::as_str).filter(|text| !text.is_empty()).collect();
        tables.end_uses.push(EndUseRow {
            mineral: raw.mineral,
            end_use: raw.end_use,
            iso3,
            part: part.unwrap_or_default(),
            year: raw.source_year,
            share: raw.share,
            cost_share_low: cost.map(|cost| cost.low),
            cost_share_mid: cost.map(|cost| cost.mid),
            cost_share_high: cost.map(|cost| cost.high),
            stands_for_world: raw.default_world == 1,
            stands_for_us: raw.default_us == 1,
            source,
            grade: grade(&raw.grade),
            note: remarks.join("; "),
        });
    }
}

#[derive(Debug, Deserialize)]
struct RawIndustry {
    end_use: String,
    bea_2017_detail: String,
    bea_name: String,
    weight: f64,
    source: String,
    grade: String,
}

/// Reads the industries of uses.
pub fn industries(input: &Input, reference: &Reference, tables: &mut Tables, problems: &mut Diagnostics) {
    for (_, raw, source) in open_rows::<RawIndustry>(input, reference, problems, |raw| &raw.source) {
        tables.use_industries.push(UseIndustryRow {
            end_use: raw.end_use,
            industry: raw.bea_2017_detail,
            name: raw.bea_name,
            share: raw.weight,
            source,
            grade: grade(&raw.grade),
        });
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_a_country_and_a_part_and_a_reading_is_kept() {
        let text = "mineral,end_use,scope,share,share_raw,default_world,default_us,note,source,source_year,grade\n\
            titanium,aerospace,US (sponge metal),0.8,80,0,1,,USGS Minerals Yearbook tables 2018-2021 editions (hist/myb),2020,A\n\
            bismuth,pharma,US,0.5,50,1,1,,USGS MCS 2026 chapter text (via x) (chemicals most; shares assumed),2025,C\n\
            tin,solder,US/world,0.2,20,1,1,,USGS MCS 2026 chapter text (via x),2025,B\n\
            rhenium,superalloys,world,0.8,80,1,0,printed,USGS MCS 2026 chapter text (via x),2025,A\n";
        let mut tables = Tables::default();
        let mut problems = Diagnostics::default();
        let reference = Reference::load().unwrap();
        read(&Input::inline("uses.csv", text), &reference, &mut tables, &mut problems);
        assert!(problems.is_empty(), "{problems}");
        let found: Vec<_> = tables
            .end_uses
            .iter()
            .map(|r| format!("{} [{}] {} {}", r.iso3, r.part, r.grade, r.note))
            .collect();
        assert_eq!(
            found,
            [
                "USA [sponge metal] A ",
                "USA [] C chemicals most; shares assumed",
                "WLD [] B ",
                "WLD [] A printed"
            ]
        );
    }
}
