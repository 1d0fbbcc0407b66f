//! Follow-through: everything that is known to have come of one deal.

use serde::Serialize;

use super::{
    TradeLine, clauses,
    history::{Clock, histories},
    trade::trade,
};
use crate::{
    base::id::{ProjectId, SourceId, ThreadId},
    world::{
        World,
        table::{AgreementRow, ClauseRow, EventRow, Link, MeasureRow, ProjectRow},
    },
};

/// One promise of a deal with its clocks.
#[derive(Debug, Clone, Serialize)]
pub struct Promise<'w> {
    /// Name.
    pub thread: &'w ThreadId,
    /// Steps with their clocks, by date.
    pub steps: Vec<(&'w EventRow, Clock)>,
    /// Amount at the last step over the amount at the first.
    pub growth: Option<f64>,
}

/// A project of a deal.
#[derive(Debug, Clone, Serialize)]
pub struct LinkedProject<'w> {
    /// How it belongs.
    pub link: Link,
    /// The project.
    pub project: &'w ProjectRow,
}

/// What was promised and what came of it.
#[derive(Debug, Clone, Serialize)]
pub struct Follow<'w> {
    /// The deal.
    pub deal: &'w AgreementRow,
    /// What it says about each lever.
    pub clauses: Vec<&'w ClauseRow>,
    /// Its promises, the deal itself first.
    pub promises: Vec<Promise<'w>>,
    /// Its projects, those it names first.
    pub projects: Vec<LinkedProject<'w>>,
    /// Measures that answer it or carry it out.
    pub measures: Vec<&'w MeasureRow>,
    /// Trade from side B to side A, the largest by value first.
    pub trade: Vec<TradeLine>,
    /// Last year for which trade is published.
    pub last_trade_year: Option<i32>,
}

/// Gathers what is known to have come of a deal. Its promises include those about projects that it names.
pub fn follow<'w>(world: &'w World, deal: &'w AgreementRow) -> Follow<'w> {
    let tables = world.tables();
    let links = tables.deal_projects.iter().filter(|link| link.deal == deal.id);
    let projects: Vec<LinkedProject<'w>> = links
        .filter_map(|link| Some(LinkedProject { link: link.link, project: project(world, &link.project)? }))
        .collect();
    let named =
        |id: &ProjectId| projects.iter().any(|linked| linked.link == Link::Named && linked.project.id == *id);
    let all = histories(world);
    let ours = all.iter().filter(|thread| {
        thread.deal() == Some(&deal.id)
            || thread.steps.iter().any(|row| row.project.as_ref().is_some_and(&named))
    });
    let mut promises: Vec<Promise<'w>> = ours
        .map(|thread| Promise {
            thread: thread.id,
            steps: thread.steps.iter().zip(thread.clocks()).collect(),
            growth: thread.growth(),
        })
        .collect();
    promises.sort_by_key(|promise| promise.thread.as_str() != deal.id.as_str());
    Follow {
        deal,
        clauses: clauses(world, deal).collect(),
        promises,
        projects,
        measures: tables.measures.iter().filter(|measure| measure.deal.as_ref() == Some(&deal.id)).collect(),
        trade: trade(world, deal),
        last_trade_year: world.base_year(),
    }
}

impl Follow<'_> {
    /// Sources of everything that it shows, besides trade.
    pub fn sources(&self) -> Vec<&SourceId> {
        let mut sources = vec![&self.deal.source];
        sources.extend(self.clauses.iter().map(|row| &row.source));
        sources.extend(
            self.promises.iter().flat_map(|promise| promise.steps.iter().map(|(row, _)| &row.source)),
        );
        sources.extend(self.projects.iter().map(|linked| &linked.project.source));
        sources.extend(self.measures.iter().map(|row| &row.source));
        sources
    }
}

fn project<'w>(world: &'w World, id: &ProjectId) -> Option<&'w ProjectRow> {
    world.tables().projects.iter().find(|row| row.id == *id)
}
