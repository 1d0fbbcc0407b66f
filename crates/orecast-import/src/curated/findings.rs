//! How long projects take, how often they come about, and what they cost.
//!
//! Country risk premiums of rated countries are left out: the newer edition stands in `governance.csv`. Levies of hosts are typed rows
//! of `mapping/fiscal.csv`. What no publisher says is added as assumptions (`mapping/lead_times.csv`, `mapping/finance.csv`).

use serde::Deserialize;

use super::{
    Reference, Tables,
    measures::{CLOSED, FROM_MEMORY, RawFinance, TOPICS},
    register::RECALLED_NOTE,
};
use crate::text::{Input, rows};
use orecast::{
    base::{
        diagnostic::Diagnostics,
        id::{Iso3, SourceId},
        unit::Grade,
    },
    world::table::{FindingRow, MineralRow},
};

/// Source of the lead times.
const LEAD_TIMES: &str = "orecast-lead-times";
/// Source of the figures on cost.
const FINANCE: &str = "orecast-finance";
/// Topics that other tables hold.
const ELSEWHERE: [&str; 2] = ["country_risk_premium", "tax_regime"];

#[derive(Debug, Deserialize)]
struct RawTime {
    id: String,
    parameter: String,
    mineral: String,
    scope: String,
    stage_from: String,
    stage_to: String,
    statistic: String,
    value: Option<f64>,
    low: Option<f64>,
    high: Option<f64>,
    unit: String,
    n: Option<f64>,
    period: String,
    source: String,
    source_date: String,
    grade: Grade,
    use_note: String,
}

/// Reads `lead_times.csv`.
pub fn lead_times(input: &Input, reference: &Reference, tables: &mut Tables, problems: &mut Diagnostics) {
    let Ok(source) = LEAD_TIMES.parse::<SourceId>() else { return };
    let open = |raw: &RawTime| !raw.source.contains(CLOSED);
    for (_, raw) in rows::<RawTime>(input, problems).into_iter().filter(|(_, raw)| open(raw)) {
        let row = FindingRow {
            mineral: mineral(&tables.minerals, &raw.mineral),
            iso3: country(reference, &raw.scope),
            id: raw.id,
            topic: raw.parameter,
            name: reference.remark(&raw.statistic),
            subject: raw.mineral,
            scope: reference.remark(&raw.scope),
            from: raw.stage_from,
            to: raw.stage_to,
            value: raw.value,
            low: raw.low,
            high: raw.high,
            unit: raw.unit,
            n: raw.n,
            period: raw.period,
            source: source.clone(),
            reference: raw.source,
            source_date: raw.source_date,
            grade: raw.grade,
            note: raw.use_note,
        };
        tables.lead_times.push(finished(row, reference));
    }
}

/// Reads the rows of `finance.csv` that are no precedents of deals and stand in no other table.
pub fn finance(input: &Input, reference: &Reference, tables: &mut Tables, problems: &mut Diagnostics) {
    let Ok(source) = FINANCE.parse::<SourceId>() else { return };
    let wanted = |raw: &RawFinance| {
        let topic = raw.topic.as_str();
        let unrated = topic == "country_risk_premium" && raw.low.is_some();
        !raw.source.contains(CLOSED) && !TOPICS.contains(&topic) && (unrated || !ELSEWHERE.contains(&topic))
    };
    for (_, raw) in rows::<RawFinance>(input, problems).into_iter().filter(|(_, raw)| wanted(raw)) {
        let row = FindingRow {
            mineral: mineral(&tables.minerals, &raw.mineral),
            iso3: country(reference, &raw.country),
            id: raw.id,
            topic: raw.topic,
            name: reference.remark(&raw.parameter),
            subject: raw.mineral,
            scope: reference.remark(&raw.country),
            from: raw.stage,
            to: String::new(),
            value: raw.value,
            low: raw.low,
            high: raw.high,
            unit: raw.unit,
            n: raw.n,
            period: raw.period,
            source: source.clone(),
            reference: raw.source,
            source_date: raw.source_date,
            grade: raw.grade,
            note: raw.use_note,
        };
        tables.finance.push(finished(row, reference));
    }
}

/// The mineral that a subject names, when it is exactly one.
fn mineral(minerals: &[MineralRow], subject: &str) -> Option<orecast::base::id::MineralId> {
    let name = subject.trim().to_lowercase();
    minerals
        .iter()
        .find(|row| row.id.as_str() == name || row.name.to_lowercase() == name)
        .map(|row| row.id.clone())
}

/// The country that a scope is, when it is nothing but its code.
fn country(reference: &Reference, scope: &str) -> Option<Iso3> {
    scope.parse().ok().filter(|&code| reference.is_country(code))
}

/// Ends in order, working texts replaced, and a recalled figure marked and graded as such.
fn finished(mut row: FindingRow, reference: &Reference) -> FindingRow {
    let recalled = row.reference.contains(FROM_MEMORY);
    if let (Some(low), Some(high)) = (row.low, row.high) {
        (row.low, row.high) = (Some(low.min(high)), Some(low.max(high)));
    }
    row.reference = reference.open_remark(&row.reference);
    let note =
        [reference.open_remark(&row.note), if recalled { RECALLED_NOTE.to_owned() } else { String::new() }];
    let note: Vec<&str> = note.iter().map(String::as_str).filter(|text| !text.is_empty()).collect();
    row.note = note.join("; ");
    if recalled {
        row.grade = Grade::C;
    }
    row
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn recalled_figures_are_graded_c_and_places_and_minerals_are_typed() {
        let mut tables = Tables::default();
        let mut problems = Diagnostics::default();
        let reference = Reference::load().unwrap();
        let text = "id,parameter,mineral,scope,stage_from,stage_to,statistic,value,low,high,unit,n,period,source,source_date,grade,use_note\n\
            A,lead_time,all metals,USA,discovery,production,mean,29,,,years,268,to 2024,https://example.org,2024,B,\n\
            B,p_production,all,default prior,dfs,producing within 5 years,elicited prior,22,32,12,%,,,\"from memory, unverified\",2026,B,\n\
            C,lead_time,copper,world,discovery,production,mean,24,,,years,,,Argus,2024,B,\n";
        lead_times(&Input::inline("lead_times.csv", text), &reference, &mut tables, &mut problems);
        assert!(problems.is_empty(), "{problems}");
        let [country, prior] = &tables.lead_times[..] else { panic!("two open rows") };
        assert_eq!((country.iso3.unwrap().as_str(), country.mineral.is_none()), ("USA", true));
        assert_eq!((prior.grade, prior.low, prior.high), (Grade::C, Some(12.0), Some(32.0)));
        assert_eq!(prior.reference, "");
    }

    #[test]
    fn levies_precedents_and_old_premiums_stay_out_of_the_figures_on_cost() {
        let mut tables = Tables::default();
        let mut problems = Diagnostics::default();
        let text = "id,topic,parameter,mineral,country,stage,value,low,high,unit,n,period,source,source_date,grade,use_note\n\
            A,capex_overrun,mean,mining,world,BFS,1.14,,,ratio,63,,https://example.org,2008,A,\n\
            B,country_risk_premium,premium,all,KAZ,any,1.88,,,pp,1,,x,2022,A,\n\
            C,country_risk_premium,not rated,all,KGZ/TKM,any,8,6,10,pp,,,x,,C,\n\
            D,tax_regime,royalty,all,KAZ,,7,,,%,,,x,,C,\n\
            E,loi_conversion,x,all,USA,,7,,,%,,,x,,C,\n";
        finance(&Input::inline("finance.csv", text), &Reference::load().unwrap(), &mut tables, &mut problems);
        assert!(problems.is_empty(), "{problems}");
        let kept: Vec<&str> = tables.finance.iter().map(|row| row.id.as_str()).collect();
        assert_eq!(kept, ["A", "C"]);
    }
}
