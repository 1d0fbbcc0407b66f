//! The register: deals, their clauses and projects, the steps of promises, acts of states, precedents.
//!
//! The facts are compiled one by one, with the page of each. How a row is read (parties, form, legal force, rung, clauses beyond the plain
//! reading of a column, projects named) stands in `mapping/register_*.csv`; dated steps stand in `mapping/register_events.csv` as they are.
//! Rows that were recalled and not read have grade C and say so.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Reference, Tables};
use crate::{
    reference::mapping,
    text::{Input, rows},
};
use orecast::{
    base::{
        date::PartialDate,
        diagnostic::Diagnostics,
        id::{DealId, MineralId, PartyId, ProjectId, SourceId},
        unit::Grade,
    },
    world::{
        list::List,
        table::{
            AgreementRow, ClauseKind, ClauseRow, DealProjectRow, EventRow, Force, Form, Link, Step, Strength,
        },
    },
};

/// Source of rows that were recalled.
pub(super) const RECALLED: &str = "orecast-register";
/// What rows that were recalled say.
pub(super) const RECALLED_NOTE: &str = "recalled, not read at a page";

/// `mapping/register_deals.csv`: how a deal is read.
#[derive(Debug, Deserialize)]
struct Deal {
    fact: String,
    id: DealId,
    side_a: List<PartyId>,
    side_b: List<PartyId>,
    signatories: String,
    form: Form,
    force: Force,
    /// The rung at its date.
    first: Step,
    status: Step,
}

/// `mapping/register_clauses.csv`: cells that say another thing, or say it more or less firmly, than their column suggests.
#[derive(Debug, Deserialize)]
struct Reading {
    fact: String,
    column: String,
    clause: ClauseKind,
    /// Empty: the cell names no clause.
    strength: Option<Strength>,
}

/// `mapping/register_minerals.csv`: short names of minerals, and words that stand for none.
#[derive(Debug, Deserialize)]
struct Word {
    text: String,
    minerals: List<MineralId>,
}

/// `mapping/register_projects.csv`: projects that a deal names.
#[derive(Debug, Deserialize)]
struct Named {
    fact: String,
    project: ProjectId,
}

#[derive(Debug, Deserialize)]
struct Raw {
    id: String,
    date: PartialDate,
    name: String,
    legal_force: String,
    financing_usd_m: Option<f64>,
    financing_note: String,
    offtake: String,
    price_floor: String,
    tech_transfer: String,
    permitting: String,
    stockpile: String,
    investment_screening: String,
    export_commitment: String,
    named_projects: String,
    minerals: String,
    deadline_terms: String,
    status_last_seen: String,
    status_date: Option<PartialDate>,
    followthrough: String,
    source_url: String,
    source_date: String,
    evidence: String,
}

/// Minerals by their short names.
pub(super) struct Words(BTreeMap<String, List<MineralId>>);

impl Words {
    pub(super) fn load(problems: &mut Diagnostics) -> Self {
        let words: Vec<Word> =
            mapping("register_minerals.csv", include_str!("../mapping/register_minerals.csv"), problems);
        Self(words.into_iter().map(|word| (word.text, word.minerals)).collect())
    }

    /// The minerals of a text such as `W;broad`, and the words that name none.
    pub(super) fn split(&self, text: &str) -> (List<MineralId>, String) {
        let mut minerals: Vec<MineralId> = Vec::new();
        let mut others = Vec::new();
        for part in text.split(';').map(str::trim).filter(|part| !part.is_empty()) {
            match self.0.get(part) {
                Some(known) if known.is_empty() => others.push(part),
                Some(known) => minerals.extend(known.iter().cloned()),
                None => match part.parse() {
                    Ok(mineral) => minerals.push(mineral),
                    Err(_) => others.push(part),
                },
            }
        }
        let mut seen = std::collections::BTreeSet::new();
        minerals.retain(|mineral| seen.insert(mineral.clone()));
        (minerals.into_iter().collect(), others.join("; "))
    }
}

/// Reads deals with their clauses, and the step that each begins with.
pub fn agreements(input: &Input, reference: &Reference, tables: &mut Tables, problems: &mut Diagnostics) {
    let deals: Vec<Deal> =
        mapping("register_deals.csv", include_str!("../mapping/register_deals.csv"), problems);
    let readings: Vec<Reading> =
        mapping("register_clauses.csv", include_str!("../mapping/register_clauses.csv"), problems);
    let words = Words::load(problems);
    let Ok(recalled) = RECALLED.parse::<SourceId>() else { return };
    for (line, raw) in rows::<Raw>(input, problems) {
        let Some(deal) = deals.iter().find(|deal| deal.fact == raw.id) else {
            let remedy = "add it to mapping/register_deals.csv";
            problems.push(input.name(), line, "id", format!("`{}`", raw.id), remedy);
            continue;
        };
        let page =
            reference.sources.iter().find(|rule| !raw.source_url.is_empty() && rule.url == raw.source_url);
        if page.is_none() && !raw.source_url.is_empty() {
            let remedy = "add it to mapping/register_sources.csv";
            problems.push(input.name(), line, "source_url", format!("`{}`", raw.source_url), remedy);
        }
        let source = page.map_or_else(|| recalled.clone(), |rule| rule.id.clone());
        let was_recalled = raw.evidence.contains("memory");
        let grade = if raw.evidence == "seen" { Grade::B } else { Grade::C };
        let note = match (was_recalled, page.is_some()) {
            (true, true) => "text and date recalled; the page names the partner, not the text".to_owned(),
            (true, false) => RECALLED_NOTE.to_owned(),
            (false, _) if grade == Grade::C => "source of low quality".to_owned(),
            (false, _) => String::new(),
        };
        tables.clauses.extend(clauses(&raw, deal, &readings, reference, &source, grade));
        let Ok(thread) = deal.id.as_str().parse() else { continue };
        tables.events.push(EventRow {
            deal: Some(deal.id.clone()),
            thread,
            project: None,
            actor: None,
            step: deal.first,
            date: Some(raw.date),
            due: None,
            seen: raw.status_date.max(Some(raw.date)),
            amount_musd: None,
            counts: true,
            text: reference.remark(&raw.name),
            source: source.clone(),
            grade,
            note: note.clone(),
        });
        let (minerals, others) = words.split(&raw.minerals);
        tables.agreements.push(AgreementRow {
            id: deal.id.clone(),
            name: reference.remark(&raw.name),
            date: raw.date,
            side_a: deal.side_a.clone(),
            side_b: deal.side_b.clone(),
            signatories: deal.signatories.clone(),
            form: deal.form,
            force: deal.force,
            force_note: if raw.legal_force == deal.force.as_str() { String::new() } else { raw.legal_force },
            status: deal.status,
            status_date: raw.status_date,
            status_note: reference.remark(&raw.status_last_seen),
            minerals,
            others,
            money_musd: raw.financing_usd_m,
            money_note: reference.remark(&raw.financing_note),
            deadlines: reference.remark(&raw.deadline_terms),
            named_projects: if is_no(&raw.named_projects) {
                String::new()
            } else {
                reference.remark(&raw.named_projects)
            },
            outcome: reference.remark(&raw.followthrough),
            source,
            source_date: raw.source_date,
            grade,
            note,
        });
    }
}

/// Whether a cell says that there is none: `n`, `n (57 minerals listed)`.
fn is_no(cell: &str) -> bool {
    cell.is_empty() || cell == "n" || cell.starts_with("n ")
}

/// The clauses of a deal: `y` promises, other words name, `n` is none.
fn clauses(
    raw: &Raw,
    deal: &Deal,
    readings: &[Reading],
    reference: &Reference,
    source: &SourceId,
    grade: Grade,
) -> Vec<ClauseRow> {
    let money = if raw.financing_usd_m.is_some() { raw.financing_note.as_str() } else { "" };
    let columns = [
        ("financing", money, ClauseKind::ProjectFinance, Strength::Promised),
        ("offtake", &raw.offtake, ClauseKind::Offtake, Strength::Named),
        ("price_floor", &raw.price_floor, ClauseKind::PriceFloor, Strength::Named),
        ("tech_transfer", &raw.tech_transfer, ClauseKind::TechTransfer, Strength::Named),
        ("permitting", &raw.permitting, ClauseKind::Permitting, Strength::Named),
        ("stockpile", &raw.stockpile, ClauseKind::Stockpile, Strength::Named),
        ("investment_screening", &raw.investment_screening, ClauseKind::OwnershipScreen, Strength::Named),
        ("export_commitment", &raw.export_commitment, ClauseKind::PledgeNotToRestrict, Strength::Named),
    ];
    let mut found: Vec<ClauseRow> = Vec::new();
    for (column, cell, clause, strength) in columns.into_iter().filter(|(_, cell, ..)| !is_no(cell)) {
        let terms = cell.strip_prefix('y').filter(|rest| rest.is_empty() || rest.starts_with(' '));
        let plain = (clause, Some(if terms.is_some() { Strength::Promised } else { strength }));
        let read = readings.iter().find(|reading| reading.fact == raw.id && reading.column == column);
        let (clause, Some(strength)) = read.map_or(plain, |reading| (reading.clause, reading.strength))
        else {
            continue;
        };
        let terms = terms.unwrap_or(cell).trim();
        let terms = terms.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).unwrap_or(terms);
        let text = reference.remark(terms);
        // Two columns may speak of one thing.
        if let Some(row) = found.iter_mut().find(|row| row.clause == clause) {
            row.text = [row.text.as_str(), &text].join("; ");
            row.strength = row.strength.min(strength);
            continue;
        }
        found.push(ClauseRow {
            deal: deal.id.clone(),
            clause,
            strength,
            text,
            source: source.clone(),
            grade,
        });
    }
    found
}

#[derive(Debug, Deserialize)]
struct RawLink {
    id: ProjectId,
    deal_ids: String,
    grade_existence: Grade,
}

/// Reads which projects belong to which deals, for projects that the package has.
pub fn deal_projects(input: &Input, _: &Reference, tables: &mut Tables, problems: &mut Diagnostics) {
    let deals: Vec<Deal> =
        mapping("register_deals.csv", include_str!("../mapping/register_deals.csv"), problems);
    let named: Vec<Named> =
        mapping("register_projects.csv", include_str!("../mapping/register_projects.csv"), problems);
    let Ok(source) = super::projects::SOURCE.parse::<SourceId>() else { return };
    for (line, raw) in rows::<RawLink>(input, problems) {
        for fact in raw.deal_ids.split(';').map(str::trim).filter(|fact| !fact.is_empty()) {
            let Some(deal) = deals.iter().find(|deal| deal.fact == fact) else {
                let remedy = "add it to mapping/register_deals.csv";
                problems.push(input.name(), line, "deal_ids", format!("`{fact}`"), remedy);
                continue;
            };
            let link = if named.iter().any(|row| row.fact == fact && row.project == raw.id) {
                Link::Named
            } else {
                Link::InScope
            };
            let grade = if link == Link::Named { raw.grade_existence } else { Grade::C };
            tables.deal_projects.push(DealProjectRow {
                deal: deal.id.clone(),
                project: raw.id.clone(),
                link,
                source: source.clone(),
                grade,
            });
        }
    }
}

/// The steps that the program carries as they are.
pub(super) fn events(tables: &mut Tables, problems: &mut Diagnostics) {
    tables.events.extend(mapping::<EventRow>(
        "register_events.csv",
        include_str!("../mapping/register_events.csv"),
        problems,
    ));
}
