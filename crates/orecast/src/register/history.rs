//! Threads: the steps of one promise, and the clocks between them.

use serde::Serialize;

use crate::{
    base::{
        date::{Days, PartialDate},
        id::{DealId, ThreadId},
    },
    world::{
        World,
        table::{EventRow, Step},
    },
};

/// Steps of one promise, in the order of their dates.
#[derive(Debug, Clone)]
pub struct PromiseHistory<'w> {
    /// Name.
    pub id: &'w ThreadId,
    /// Rows; never empty.
    pub steps: &'w [EventRow],
    /// Day that clocks count from: the first dated step, else the date of the deal.
    pub start: Option<PartialDate>,
}

/// Whether a step came, and when against its promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kept {
    /// Taken; nothing had been promised about its date.
    Taken,
    /// Taken by the promised date.
    OnTime,
    /// Taken after the promised date.
    Late,
    /// Taken about the promised date; the dates are too rough to tell.
    Unclear,
    /// Not taken when last looked at, before the promised date had passed.
    Open,
    /// Not taken when last looked at, after the promised date.
    Overdue,
    /// The promised date may have passed since anybody looked, or nobody did.
    Unseen,
}

/// One step with its clocks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Clock {
    /// The step.
    pub step: Step,
    /// When it was taken.
    pub date: Option<PartialDate>,
    /// When it was promised for.
    pub due: Option<PartialDate>,
    /// From the start to the step.
    pub took: Option<Days>,
    /// From the start to the promised date.
    pub promised: Option<Days>,
    /// From the promised date to the step; negative when it came early.
    pub slippage: Option<Days>,
    /// How it stands.
    pub kept: Kept,
}

/// Every thread of a world, in the order of their names.
pub fn histories(world: &World) -> Vec<PromiseHistory<'_>> {
    let groups = world.tables().events.chunk_by(|a, b| a.thread == b.thread);
    groups.map(|steps| PromiseHistory::new(world, steps)).collect()
}

impl<'w> PromiseHistory<'w> {
    fn new(world: &World, steps: &'w [EventRow]) -> Self {
        let deal = steps.iter().find_map(|row| row.deal.as_ref());
        let signed =
            || world.tables().agreements.iter().find(|row| Some(&row.id) == deal).map(|row| row.date);
        let start = steps.iter().filter_map(|row| row.date).min();
        // A promise made in a deal counts from the deal, also when its only step is the delivery.
        let only_end = steps.len() == 1 && !steps[0].step.is_offer();
        let start = if only_end { signed().or(start) } else { start.or_else(signed) };
        Self { id: &steps[0].thread, steps, start }
    }

    /// The deal that it belongs to.
    pub fn deal(&self) -> Option<&'w DealId> {
        self.steps.iter().find_map(|row| row.deal.as_ref())
    }

    /// Whether it counts in observed rates.
    pub fn counts(&self) -> bool {
        self.steps.iter().any(|row| row.counts)
    }

    /// The first step of a kind that was taken.
    pub fn taken(&self, is: impl Fn(Step) -> bool) -> Option<&'w EventRow> {
        self.steps.iter().find(|row| row.date.is_some() && is(row.step))
    }

    /// When it was last looked at.
    pub fn seen(&self) -> Option<PartialDate> {
        self.steps.iter().flat_map(|row| [row.seen, row.date]).flatten().max()
    }

    /// The clock of each step.
    pub fn clocks(&self) -> Vec<Clock> {
        self.steps.iter().map(|row| self.clock(row)).collect()
    }

    /// Days from one of its steps to another, where both were taken.
    pub fn between(&self, from: Step, to: Step) -> Option<Days> {
        let date = |step| self.taken(|other| other == step)?.date;
        Some(date(from)?.until(date(to)?))
    }

    /// Amount at the last step that names one, over the amount at the first.
    pub fn growth(&self) -> Option<f64> {
        let mut amounts =
            self.steps.iter().filter(|row| row.step != Step::Drawn).filter_map(|row| row.amount_musd);
        let first = amounts.next().filter(|&first| first > 0.0)?;
        amounts.next_back().map(|last| last / first)
    }

    fn clock(&self, row: &EventRow) -> Clock {
        let since = |date: Option<PartialDate>| self.start.zip(date).map(|(start, date)| start.until(date));
        let kept = match (row.date, row.due) {
            (Some(_), None) => Kept::Taken,
            (Some(date), Some(due)) if date.last() <= due.last() => Kept::OnTime,
            (Some(date), Some(due)) if date.first() > due.last() => Kept::Late,
            (Some(_), Some(_)) => Kept::Unclear,
            (None, Some(due)) => match row.seen {
                Some(seen) if seen.first() > due.last() => Kept::Overdue,
                Some(seen) if seen.last() <= due.last() => Kept::Open,
                _ => Kept::Unseen,
            },
            (None, None) => Kept::Unseen,
        };
        Clock {
            step: row.step,
            date: row.date,
            due: row.due,
            took: since(row.date),
            promised: since(row.due),
            slippage: row.due.zip(row.date).map(|(due, date)| due.until(date)),
            kept,
        }
    }
}
