//! Acts of states and published numbers on finance and levers.
//!
//! `policy_measures.csv` holds the OECD inventory of 2024, transcribed, and hand-merged rows; the page of each of the latter, and the deal that
//! it answers or carries out, stand in `mapping/register_measures.csv`. `policy_events.csv` is older and told by the same rows; it adds the day of
//! announcement and what was seen to follow. States are read from the words of the source by `mapping/register_states.csv`.

use serde::Deserialize;

use super::{
    Reference, Tables,
    register::{RECALLED, RECALLED_NOTE, Words},
};
use crate::{
    figure,
    reference::mapping,
    text::{Input, rows},
};
use orecast::{
    base::{
        date::PartialDate,
        diagnostic::Diagnostics,
        id::{DealId, MeasureId, PartyId, SourceId},
        unit::Grade,
    },
    world::{
        list::List,
        table::{ClauseKind, MeasureRow, MeasureState, PrecedentRow},
    },
};

/// Source of the inventory.
const INVENTORY: &str = "oecd-export-restrictions-2024";
/// What its rows begin with.
const INVENTORY_WORDS: &str = "OECD 2024 inventory: ";
/// Source of the precedents.
const PRECEDENTS: &str = "orecast-precedents";

/// `mapping/register_measures.csv`: where a hand-merged row was read.
#[derive(Debug, Deserialize)]
struct Merged {
    id: MeasureId,
    source: SourceId,
    deal: Option<DealId>,
    /// Row of `policy_events.csv` that tells the same.
    policy_event: String,
    /// `yes` where what that row saw to follow may be passed on.
    effect: String,
    grade: Grade,
}

/// `mapping/register_states.csv`: what a text about a state begins with.
#[derive(Debug, Deserialize)]
struct StateWord {
    starts: String,
    state: MeasureState,
}

#[derive(Debug, Deserialize)]
struct Raw {
    id: MeasureId,
    actor: PartyId,
    target: String,
    mineral: String,
    stage: String,
    lever: String,
    strength: String,
    from: Option<PartialDate>,
    to: Option<PartialDate>,
    status: String,
    source: String,
    evidence: String,
    scope: String,
    hs6: String,
    scrap_only: u8,
    duplicate_of: Option<MeasureId>,
    note: String,
}

fn merged(problems: &mut Diagnostics) -> Vec<Merged> {
    mapping("register_measures.csv", include_str!("../mapping/register_measures.csv"), problems)
}

/// Reads measures.
pub fn read(input: &Input, reference: &Reference, tables: &mut Tables, problems: &mut Diagnostics) {
    let merged = merged(problems);
    let states: Vec<StateWord> =
        mapping("register_states.csv", include_str!("../mapping/register_states.csv"), problems);
    let words = Words::load(problems);
    let Ok(inventory) = INVENTORY.parse::<SourceId>() else { return };
    for (line, raw) in rows::<Raw>(input, problems) {
        let page = merged.iter().find(|row| row.id == raw.id);
        let law = raw.source.strip_prefix(INVENTORY_WORDS);
        let (source, grade) = match (page, law) {
            (Some(page), _) => (page.source.clone(), page.grade),
            (None, Some(_)) => (inventory.clone(), Grade::A),
            (None, None) => {
                let remedy = "add it to mapping/register_measures.csv";
                problems.push(input.name(), line, "id", format!("`{}`", raw.id), remedy);
                continue;
            }
        };
        let Some(state) =
            states.iter().filter(|word| raw.status.starts_with(&word.starts)).max_by_key(|w| w.starts.len())
        else {
            let remedy = "add its beginning to mapping/register_states.csv";
            problems.push(input.name(), line, "status", format!("`{}`", raw.status), remedy);
            continue;
        };
        let (targets, target_note) = targets(&raw.target, reference);
        let (minerals, others) = words.split(&raw.mineral);
        let recalled = (raw.evidence.contains("memory")).then(|| match source.as_str() {
            RECALLED => RECALLED_NOTE.to_owned(),
            _ => reference.remark(&raw.evidence),
        });
        let note = [reference.remark(&raw.note), recalled.unwrap_or_default()];
        let note: Vec<&str> = note.iter().map(String::as_str).filter(|text| !text.is_empty()).collect();
        let kind = raw.lever.split(" (").next().unwrap_or_default();
        tables.measures.push(MeasureRow {
            id: raw.id,
            actor: raw.actor,
            targets,
            target_note,
            minerals,
            others,
            goods: raw.stage,
            kind: if kind == "MOU" { "memorandum".to_owned() } else { kind.to_owned() },
            strength: reference.remark(&raw.strength),
            announced: None,
            from: raw.from,
            to: raw.to,
            suspended: None,
            returns: None,
            extended: None,
            returns_before: None,
            state: state.state,
            seen: None,
            state_note: reference.remark(&raw.status),
            deal: page.and_then(|page| page.deal.clone()),
            hs6: raw.hs6,
            scope: reference.remark(&raw.scope),
            scrap_only: raw.scrap_only == 1,
            duplicate_of: raw.duplicate_of,
            effect: String::new(),
            source,
            reference: law.map(|law| reference.remark(law)).unwrap_or_default(),
            grade,
            note: note.join("; "),
        });
    }
}

/// Countries and blocs that are aimed at; `all` is none, other words are kept as they are.
fn targets(text: &str, reference: &Reference) -> (List<PartyId>, String) {
    if text == "all" {
        return (List::default(), String::new());
    }
    let parts = text.split(';').map(str::trim);
    let parties: Option<Vec<PartyId>> = parts
        .map(|part| match part {
            "EU" => "EU27".parse().ok(),
            code => {
                code.parse().ok().filter(|&iso3| reference.is_country(iso3)).and_then(|_| code.parse().ok())
            }
        })
        .collect();
    match parties {
        Some(parties) => (parties.into_iter().collect(), String::new()),
        None => (List::default(), text.trim_start_matches("company:").to_owned()),
    }
}

#[derive(Debug, Deserialize)]
struct RawPolicyEvent {
    event_id: String,
    announced: Option<PartialDate>,
    observed_effect: String,
}

/// Adds days of announcement and effects to the measures that tell the same.
pub fn read_policy_events(
    input: &Input,
    reference: &Reference,
    tables: &mut Tables,
    problems: &mut Diagnostics,
) {
    let merged = merged(problems);
    for (line, raw) in rows::<RawPolicyEvent>(input, problems) {
        let Some(row) = merged.iter().find(|row| row.policy_event == raw.event_id) else {
            let remedy = "name it in mapping/register_measures.csv";
            problems.push(input.name(), line, "event_id", format!("`{}`", raw.event_id), remedy);
            continue;
        };
        if let Some(measure) = tables.measures.iter_mut().find(|measure| measure.id == row.id) {
            measure.announced = raw.announced;
            if row.effect == "yes" {
                measure.effect = reference.open_remark(&raw.observed_effect);
            }
        }
    }
}

/// A row of `finance.csv`.
#[derive(Debug, Deserialize)]
pub(super) struct RawFinance {
    pub(super) id: String,
    pub(super) topic: String,
    pub(super) parameter: String,
    pub(super) mineral: String,
    pub(super) country: String,
    pub(super) stage: String,
    pub(super) value: Option<f64>,
    pub(super) low: Option<f64>,
    pub(super) high: Option<f64>,
    pub(super) unit: String,
    pub(super) n: Option<f64>,
    pub(super) period: String,
    pub(super) source: String,
    pub(super) source_date: String,
    pub(super) grade: Grade,
    pub(super) use_note: String,
}

/// Topics of `finance.csv` that are precedents of deals; the others are parameters of projects.
pub(super) const TOPICS: [&str; 2] = ["loi_conversion", "lever_finance"];
/// A price service, whose rows may not be passed on.
pub(super) const CLOSED: &str = "Argus";
/// Words of a figure that was not read at a page.
pub(super) const FROM_MEMORY: &str = "from memory";

/// Reads numbers on public finance: what became of letters, on what terms money was given.
pub fn finance(input: &Input, reference: &Reference, tables: &mut Tables, problems: &mut Diagnostics) {
    let Ok(source) = PRECEDENTS.parse::<SourceId>() else { return };
    let wanted = |raw: &RawFinance| TOPICS.contains(&raw.topic.as_str()) && !raw.source.contains(CLOSED);
    for (_, raw) in rows::<RawFinance>(input, problems).into_iter().filter(|(_, raw)| wanted(raw)) {
        let recalled = raw.source.contains(FROM_MEMORY);
        let note = [
            reference.open_remark(&raw.use_note),
            if recalled { RECALLED_NOTE.to_owned() } else { String::new() },
        ];
        let note: Vec<&str> = note.iter().map(String::as_str).filter(|text| !text.is_empty()).collect();
        tables.precedents.push(PrecedentRow {
            id: raw.id,
            topic: raw.topic,
            clause: Some(ClauseKind::ProjectFinance),
            name: reference.remark(&raw.parameter),
            subject: raw.mineral,
            place: raw.country,
            stage: raw.stage,
            value: raw.value,
            low: raw.low.zip(raw.high).map(|(low, high)| low.min(high)).or(raw.low),
            high: raw.low.zip(raw.high).map(|(low, high)| low.max(high)).or(raw.high),
            raw: String::new(),
            unit: raw.unit,
            n: raw.n,
            period: raw.period,
            source: source.clone(),
            reference: reference.remark(&raw.source),
            source_date: raw.source_date,
            grade: if recalled { Grade::C } else { raw.grade },
            note: note.join("; "),
        });
    }
}

/// `mapping/register_precedents.csv`: the lever of a precedent.
#[derive(Debug, Deserialize)]
struct LeverWord {
    text: String,
    clause: ClauseKind,
}

#[derive(Debug, Deserialize)]
struct RawLever {
    lever: String,
    precedent: String,
    value: String,
    unit: String,
    term_years: String,
    public_cost_basis: String,
    source: String,
    #[serde(rename = "use")]
    meaning: String,
}

/// Reads published terms of levers.
pub fn lever_precedents(
    input: &Input,
    reference: &Reference,
    tables: &mut Tables,
    problems: &mut Diagnostics,
) {
    let words: Vec<LeverWord> =
        mapping("register_precedents.csv", include_str!("../mapping/register_precedents.csv"), problems);
    let Ok(source) = PRECEDENTS.parse::<SourceId>() else { return };
    for (place, (line, raw)) in rows::<RawLever>(input, problems).into_iter().enumerate() {
        let Some(word) = words.iter().find(|word| word.text == raw.lever) else {
            let remedy = "add it to mapping/register_precedents.csv";
            problems.push(input.name(), line, "lever", format!("`{}`", raw.lever), remedy);
            continue;
        };
        let absent = |text: &str| if text == "-" { String::new() } else { reference.remark(text) };
        let value = figure::number(&raw.value);
        tables.precedents.push(PrecedentRow {
            id: format!("LP{:03}", place + 1),
            topic: "lever".to_owned(),
            clause: Some(word.clause),
            name: raw.precedent,
            subject: String::new(),
            place: String::new(),
            stage: raw.lever,
            value,
            low: None,
            high: None,
            raw: if value.is_none() { absent(&raw.value) } else { String::new() },
            unit: raw.unit,
            n: None,
            period: absent(&raw.term_years),
            source: source.clone(),
            reference: reference.remark(&raw.source),
            source_date: String::new(),
            grade: Grade::B,
            note: [absent(&raw.public_cost_basis), absent(&raw.meaning)]
                .join("; ")
                .trim_matches([';', ' '])
                .to_owned(),
        });
    }
}
