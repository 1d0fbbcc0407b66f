//! What states and parties of deals did since the register was compiled: measures with their suspension and return, steps of promises.
//!
//! How a fact is read stands in `mapping/recent_measures.csv` and `mapping/recent_deals.csv`. A fact about a measure or a step that
//! the package has renews its state and the day on which it was last seen; it never makes a second row of it.

use serde::Deserialize;

use super::{Reference, Tables, grade, recent::Pages};
use crate::{
    reference::mapping,
    text::{Input, rows},
};
use orecast::{
    base::{
        date::PartialDate,
        diagnostic::Diagnostics,
        id::{DealId, MeasureId, MineralId, PartyId, ProjectId, SourceId, ThreadId},
        unit::Grade,
    },
    world::{
        list::List,
        table::{EventRow, MeasureRow, MeasureState, Step},
    },
};

/// What becomes of a fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Use {
    /// A row of its own.
    New,
    /// A later state of rows that are there.
    State,
    /// A later look at a step that is there.
    Seen,
    /// Told by another row.
    Skip,
}

/// `mapping/recent_measures.csv`: how a fact about a measure is read.
#[derive(Debug, Deserialize)]
struct Reading {
    actor: String,
    announced: String,
    goods: String,
    kind: String,
    seen: String,
    #[serde(rename = "use")]
    becomes: Use,
    /// The measure, or the measures that it tells the state of.
    id: List<MeasureId>,
    targets: List<PartyId>,
    minerals: List<MineralId>,
    others: String,
    as_kind: String,
    state: Option<MeasureState>,
    suspended: Option<PartialDate>,
    returns: Option<PartialDate>,
    /// `-` where the row's own end is none; empty where the fact's stands.
    to: String,
    grade: Option<Grade>,
}

/// What the facts call the extension of a suspension.
const EXTENSION: &str = "suspension-extended";

#[derive(Debug, Deserialize)]
struct RawMeasure {
    actor: PartyId,
    #[serde(rename = "stage/goods")]
    goods: String,
    kind: String,
    strength: String,
    announced: String,
    from: Option<PartialDate>,
    to: Option<PartialDate>,
    state_on_last_seen: String,
    last_seen: String,
    source_title: String,
    url: String,
    note: String,
}

/// Reads measures and later states of measures.
pub fn measures(input: &Input, reference: &Reference, tables: &mut Tables, problems: &mut Diagnostics) {
    let readings: Vec<Reading> =
        mapping("recent_measures.csv", include_str!("../mapping/recent_measures.csv"), problems);
    let pages = Pages::load(problems);
    for (line, raw) in rows::<RawMeasure>(input, problems) {
        let read = readings.iter().find(|row| {
            [&row.actor, &row.announced, &row.goods, &row.kind, &row.seen]
                == [raw.actor.as_str(), &raw.announced, &raw.goods, &raw.kind, &raw.last_seen]
        });
        let Some(read) = read else {
            let found = format!("`{} {} {}`", raw.actor, raw.announced, raw.goods);
            problems.push(input.name(), line, "kind", found, "add it to mapping/recent_measures.csv");
            continue;
        };
        let Some(state) = read.state.filter(|_| read.becomes != Use::Skip) else { continue };
        let at = (input.name(), line);
        let Some(source) = pages.source((&raw.source_title, &raw.url), at, problems) else { continue };
        if read.becomes == Use::New {
            tables.measures.extend(measure(&raw, read, state, source, reference));
            continue;
        }
        for id in read.id.iter() {
            let Some(row) = tables.measures.iter_mut().find(|row| row.id == *id) else {
                let found = format!("`{id}` is not in the package");
                problems.push(input.name(), line, "package_id", found, "read the fact as a new measure");
                continue;
            };
            renew(row, &raw, read, state, reference);
        }
    }
}

/// Takes over a later state.
fn renew(row: &mut MeasureRow, raw: &RawMeasure, read: &Reading, state: MeasureState, reference: &Reference) {
    let seen = raw.last_seen.parse().ok();
    if row.seen > seen {
        return;
    }
    row.state = state;
    row.seen = seen;
    row.state_note = reference.remark(&raw.state_on_last_seen);
    row.suspended = read.suspended.or(row.suspended);
    if row.returns.is_some() && row.returns < read.returns {
        row.returns_before = row.returns;
        row.extended = raw.announced.parse().ok();
    }
    row.returns = read.returns.or(row.returns);
    if read.to == "-" {
        row.to = None;
    }
}

fn measure(
    raw: &RawMeasure,
    read: &Reading,
    state: MeasureState,
    source: SourceId,
    reference: &Reference,
) -> Option<MeasureRow> {
    // A fact about an extension tells when it was agreed and the day from which it holds.
    let is_extension = raw.kind == EXTENSION;
    let (announced, from) = (raw.announced.parse::<PartialDate>().ok(), raw.from);
    Some(MeasureRow {
        id: read.id.first()?.clone(),
        actor: raw.actor.clone(),
        targets: read.targets.clone(),
        target_note: String::new(),
        minerals: read.minerals.clone(),
        others: read.others.clone(),
        goods: raw.goods.clone(),
        kind: read.as_kind.clone(),
        strength: reference.remark(&raw.strength),
        announced: announced.filter(|_| !is_extension).filter(|said| not_after(*said, from)),
        from: from.filter(|_| !is_extension),
        to: raw.to.filter(|_| read.to != "-"),
        suspended: read.suspended,
        returns: read.returns,
        extended: announced.filter(|_| is_extension),
        returns_before: from.filter(|_| is_extension),
        state,
        seen: raw.last_seen.parse().ok(),
        state_note: reference.remark(&raw.state_on_last_seen),
        deal: None,
        hs6: String::new(),
        scope: String::new(),
        scrap_only: false,
        duplicate_of: None,
        effect: String::new(),
        source,
        reference: String::new(),
        grade: read.grade.unwrap_or(Grade::C),
        note: reference.remark(&raw.note),
    })
}

/// Whether a day of announcement can be that of a measure in force from another day.
fn not_after(announced: PartialDate, from: Option<PartialDate>) -> bool {
    from.is_none_or(|from| announced.first() <= from.last())
}

/// `mapping/recent_deals.csv`: how a step is read.
#[derive(Debug, Deserialize)]
struct StepReading {
    thread: String,
    step: String,
    #[serde(rename = "use")]
    becomes: Use,
    deal: Option<DealId>,
    as_thread: ThreadId,
    project: Option<ProjectId>,
    rung: Option<Step>,
    /// `-` where the step is still open.
    date: String,
    due: Option<PartialDate>,
    /// Whether it was recorded whatever came of it; a step that was found because it was taken was not.
    counts: Option<bool>,
}

#[derive(Debug, Deserialize)]
struct RawStep {
    thread: String,
    actor: Option<PartyId>,
    step: String,
    seen: Option<PartialDate>,
    amount_musd: Option<f64>,
    text: String,
    source: String,
    url: String,
    grade: String,
    note: String,
}

/// Reads steps of promises and later looks at steps that are open.
pub fn deals(input: &Input, reference: &Reference, tables: &mut Tables, problems: &mut Diagnostics) {
    let readings: Vec<StepReading> =
        mapping("recent_deals.csv", include_str!("../mapping/recent_deals.csv"), problems);
    let pages = Pages::load(problems);
    for (line, raw) in rows::<RawStep>(input, problems) {
        let read = readings.iter().find(|row| row.thread == raw.thread && row.step == raw.step);
        let Some(read) = read else {
            let found = format!("`{} {}`", raw.thread, raw.step);
            problems.push(input.name(), line, "thread", found, "add it to mapping/recent_deals.csv");
            continue;
        };
        if read.becomes == Use::Seen {
            let same =
                |row: &&mut EventRow| row.thread.as_str() == raw.thread && row.step.as_str() == raw.step;
            if let Some(row) = tables.events.iter_mut().find(same) {
                row.seen = row.seen.max(raw.seen);
            } else {
                let found = format!("`{} {}` is not in the package", raw.thread, raw.step);
                problems.push(input.name(), line, "step", found, "read the fact as a new step");
            }
            continue;
        }
        let Some((rung, counts)) = read.rung.zip(read.counts) else { continue };
        let at = (input.name(), line);
        let Some(source) = pages.source((&raw.source, &raw.url), at, problems) else { continue };
        tables.events.push(EventRow {
            deal: read.deal.clone(),
            thread: read.as_thread.clone(),
            project: read.project.clone(),
            actor: raw.actor,
            step: rung,
            date: read.date.parse().ok(),
            due: read.due,
            seen: raw.seen,
            amount_musd: raw.amount_musd,
            counts,
            text: reference.remark(&raw.text),
            source,
            grade: grade(&raw.grade),
            note: reference.remark(&raw.note),
        });
    }
}
