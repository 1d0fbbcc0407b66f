//! What was known on a day: the facts without anything that is dated later.
//!
//! Prices, measures, deals, steps, guidance and output after the base year are dated and are dropped or set back to their state of
//! that day. The base year itself, reserves, projects, response parameters and outlooks are read in their newest edition: they are what a market
//! starts from, not news of it.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::{
    Tables, World,
    table::{
        AgreementRow, EventRow, MeasureRow, MeasureState, ObservationRow, PriceHistoryRow, PriceRow,
        SourceRow, Step,
    },
};
use crate::base::{
    date::{Day, PartialDate},
    id::{DealId, MineralId, SourceId},
};

/// The newest thing that is known of a mineral.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NewestFact {
    /// Its date.
    pub date: PartialDate,
    /// The table that has it.
    pub table: &'static str,
    /// Its source.
    pub source: SourceId,
}

impl World {
    /// The facts as they were known at the end of a day, or of the month or year given.
    ///
    /// A yearly figure after the base year is known once its year is over and its source has come out. A measure that was suspended, extended or
    /// ended later is set back to what it was; a step that was taken later is open again where it was promised for a date, and gone where it was not.
    #[must_use]
    pub fn known_by(&self, date: PartialDate) -> Self {
        let mut tables = self.tables().clone();
        Cut { day: date.last(), date, base_year: self.base_year(), out: published(&tables.sources) }
            .apply(&mut tables);
        self.with_tables(tables)
    }

    /// The newest dated fact about a mineral's market: price, measure, guidance or published output.
    pub fn newest_fact(&self, mineral: &MineralId) -> Option<NewestFact> {
        let tables = self.tables();
        let out = published(&tables.sources);
        let measures = tables.measures.iter().filter(|row| row.minerals.contains(mineral));
        let measures = measures.filter_map(|row| {
            let date = [row.announced, row.from, row.suspended, row.extended, row.seen].into_iter().flatten();
            // What is due says nothing of what is known.
            let known = row.seen.or_else(|| out.get(&row.source).copied());
            let date = date.filter(|date| known.is_none_or(|known| date.first() <= known.last())).max()?;
            Some(NewestFact { date, table: "measures", source: row.source.clone() })
        });
        let said = self.guidance(mineral).iter().filter_map(|row| {
            Some(NewestFact { date: row.seen?, table: "guidance", source: row.source.clone() })
        });
        let made = Self::of_mineral(&tables.production, mineral).iter().filter(|row| !row.is_absent());
        let made = made.filter_map(|row| {
            let date = out.get(&row.source).copied()?;
            Some(NewestFact { date, table: "production", source: row.source.clone() })
        });
        self.newest_price(mineral).into_iter().chain(measures).chain(said).chain(made).max_by(newer)
    }

    /// The newest price of a mineral, as quoted or as a published mean.
    pub fn newest_price(&self, mineral: &MineralId) -> Option<NewestFact> {
        let fact = |date, table, source: &SourceId| NewestFact { date, table, source: source.clone() };
        let quotes = self.quotes(mineral).iter().map(|row| fact(row.date, "quotes", &row.source));
        let history = self.price_history(mineral).iter();
        let history = history.map(|row| fact(row.date, "price_history", &row.source));
        let means = self.prices(mineral).iter();
        let means = means.map(|row| fact(PartialDate::of_year(row.year), "prices", &row.source));
        quotes.chain(history).chain(means).max_by(newer)
    }

    /// The newest dated price, measure or guidance of all minerals.
    pub fn newest_date(&self) -> Option<PartialDate> {
        let minerals = self.tables().minerals.iter();
        minerals.filter_map(|row| self.newest_fact(&row.id)).map(|fact| fact.date).max()
    }
}

/// The later fact: by the first day that a date can be, so that a bare year is no news of its December.
fn newer(a: &NewestFact, b: &NewestFact) -> std::cmp::Ordering {
    a.date.cmp(&b.date).then_with(|| b.table.cmp(a.table)).then_with(|| b.source.cmp(&a.source))
}

/// When each source came out or was read, as far as it says.
fn published(sources: &[SourceRow]) -> BTreeMap<SourceId, PartialDate> {
    sources.iter().filter_map(|row| Some((row.id.clone(), row.retrieved.parse().ok()?))).collect()
}

/// The end of what is known.
struct Cut {
    day: Day,
    date: PartialDate,
    base_year: Option<i32>,
    /// When sources came out.
    out: BTreeMap<SourceId, PartialDate>,
}

impl Cut {
    fn apply(&self, tables: &mut Tables) {
        tables.quotes.retain(|row| self.has(row.date));
        tables.price_history.retain(|row: &PriceHistoryRow| self.has(row.date));
        tables.prices.retain(|row: &PriceRow| self.has_year(row.year, &row.source));
        tables.guidance.retain(|row| self.has(row.seen.unwrap_or(row.from)));
        for table in [&mut tables.production, &mut tables.capacity, &mut tables.stocks] {
            table.retain(|row: &ObservationRow| self.has_year(row.year, &row.source));
        }
        tables.trade_totals.retain(|row| self.has_year(row.year, &row.source));
        tables.import_reliance.retain(|row| self.has_year(row.year, &row.source));
        tables.governance.retain(|row| self.has_year(row.year, &row.source));
        tables.restrictions.retain(|row| row.from.parse().map_or(true, |from| self.has(from)));
        tables.price_events.retain(|row| row.began.parse().map_or(true, |began| self.has(began)));
        tables.unknowns.retain(|row| self.has(row.looked));
        tables.lists.retain(|row| row.from.parse().map_or(true, |from: PartialDate| self.began(from)));
        for row in &mut tables.lists {
            if row.to.parse().is_ok_and(|to: PartialDate| !self.began(to)) {
                row.to.clear();
            }
        }
        tables.blocs.retain(|row| row.joined.parse().map_or(true, |joined: PartialDate| self.began(joined)));
        tables.measures.retain_mut(|row| self.measure(row));
        let first = first_steps(&tables.events);
        tables.agreements.retain_mut(|row| self.agreement(row, &tables.events));
        let deals: BTreeSet<DealId> = tables.agreements.iter().map(|row| row.id.clone()).collect();
        tables.clauses.retain(|row| deals.contains(&row.deal));
        tables.deal_projects.retain(|row| deals.contains(&row.deal));
        tables.events.retain_mut(|row| {
            row.deal.as_ref().is_none_or(|deal| deals.contains(deal)) && self.event(row, &first)
        });
    }

    /// Whether a date is over.
    fn has(&self, date: PartialDate) -> bool {
        date.last() <= self.day
    }

    /// Whether a date has begun.
    fn began(&self, date: PartialDate) -> bool {
        date.first() <= self.day
    }

    /// Whether a yearly figure is known: those of the base year and before are what a market starts from.
    fn has_year(&self, year: i32, source: &SourceId) -> bool {
        if self.base_year.is_some_and(|base| year <= base) {
            return true;
        }
        let is_out = self.out.get(source).is_none_or(|&out| self.has(out));
        let is_over = self.has(PartialDate::of_year(year));
        is_out && is_over
    }

    /// Sets a measure back to its state of the day; false when it was not known.
    fn measure(&self, row: &mut MeasureRow) -> bool {
        let known = row.announced.or(row.from).or_else(|| self.out.get(&row.source).copied());
        if known.is_some_and(|known| !self.began(known)) {
            return false;
        }
        let later = |date: Option<PartialDate>| date.is_some_and(|date| !self.began(date));
        let in_force = if later(row.from) { MeasureState::Announced } else { MeasureState::InForce };
        let mut changed = later(row.seen);
        if later(row.extended) {
            (row.returns, row.returns_before, row.extended) = (row.returns_before, None, None);
            changed = true;
        }
        if later(row.suspended) {
            (row.suspended, row.returns, row.returns_before, row.extended) = (None, None, None, None);
            if row.state == MeasureState::Suspended {
                row.state = in_force;
            }
            changed = true;
        }
        match row.state {
            MeasureState::Ended if later(row.to) => {
                // That it would end was not known.
                (row.state, row.to) = (in_force, None);
                changed = true;
            }
            MeasureState::EndedOrRenewed if later(row.to) => {
                row.state = in_force;
                changed = true;
            }
            MeasureState::InForce if later(row.from) => {
                row.state = in_force;
                changed = true;
            }
            _ => {}
        }
        if changed {
            row.seen = row.seen.map(|seen| if later(Some(seen)) { self.date } else { seen });
            row.state_note.clear();
            row.effect.clear();
            row.note.clear();
        }
        true
    }

    /// Sets a deal back to its rung of the day; false when it was not known.
    fn agreement(&self, row: &mut AgreementRow, events: &[EventRow]) -> bool {
        if !self.began(row.date) {
            return false;
        }
        if row.status_date.is_some_and(|date| !self.began(date)) {
            let own = events.iter().filter(|event| event.thread.as_str() == row.id.as_str());
            let taken = own.filter(|event| event.date.is_some_and(|date| self.began(date)));
            row.status = taken.map(|event| event.step).max().unwrap_or(Step::Announced);
            row.status_date = Some(self.date);
            row.status_note.clear();
            row.outcome.clear();
        }
        true
    }

    /// Opens a step that was taken later; false when nothing of it was known.
    fn event(&self, row: &mut EventRow, first: &BTreeMap<String, PartialDate>) -> bool {
        let promised = first.get(row.thread.as_str()).is_some_and(|&date| self.began(date));
        match row.date {
            Some(date) if self.began(date) => {}
            // It ends only once it has.
            Some(_) if row.step.is_end() || row.due.is_none() || !promised => return false,
            Some(_) => {
                row.date = None;
                row.note.clear();
            }
            None if first.contains_key(row.thread.as_str()) && !promised => return false,
            None => {}
        }
        if row.seen.is_some_and(|seen| !self.began(seen)) {
            row.seen = Some(self.date);
        }
        true
    }
}

/// The day of the first step of each thread.
fn first_steps(events: &[EventRow]) -> BTreeMap<String, PartialDate> {
    let mut first: BTreeMap<String, PartialDate> = BTreeMap::new();
    for (thread, date) in events.iter().filter_map(|row| Some((row.thread.as_str(), row.date?))) {
        let known = first.entry(thread.to_owned()).or_insert(date);
        *known = date.min(*known);
    }
    first
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
