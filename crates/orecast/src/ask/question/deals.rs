//! The register of deals: lists, one deal, clauses, observed rates.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Ask;
use crate::{
    answer,
    ask::{Control, Data, Engine, Error, answer::Reply, records},
    register::{
        Filter, deal,
        follow::{Follow, follow},
        rate::{Rate, rates},
    },
    world::{
        World,
        table::{AgreementRow, ClauseRow},
    },
};

/// Deals: what was promised, by whom, in which form.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Deals {
    /// Deals with this country or bloc, also as a member of a bloc.
    #[serde(default)]
    pub party: Option<String>,
    /// Deals that name this mineral.
    #[serde(default)]
    pub mineral: Option<String>,
    /// Deals of this form, such as `memorandum`.
    #[serde(default)]
    pub form: Option<String>,
    /// Deals that promise or name this clause, such as `price-floor`.
    #[serde(default)]
    pub clause: Option<String>,
    /// Deals last seen on this rung, such as `signed`.
    #[serde(default)]
    pub status: Option<String>,
    /// Deals of this date or later, such as `2025-10`.
    #[serde(default)]
    pub since: Option<String>,
}

/// Which of the chosen deals speak of which levers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct DealClauses(pub Deals);

/// Everything that one deal says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DealShow {
    /// Identifier, such as `US-KAZ-2025`.
    pub id: String,
}

/// What became of one deal: clocks, projects, answers of others, trade before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DealFollow {
    /// Identifier, such as `US-KAZ-2025`.
    pub id: String,
}

/// How often a promise becomes the next step.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DealRates {}

impl Deals {
    fn filter(&self, engine: &Engine) -> Result<Filter, Error> {
        let names = engine.names()?;
        let party = self.party.as_deref().map(|text| names.party(text)).transpose()?;
        let mineral = self.mineral.as_deref().map(|text| names.mineral(text)).transpose()?;
        Ok(Filter {
            party,
            mineral: mineral.map(|mineral| mineral.named().clone()),
            form: word(self.form.as_deref())?,
            clause: word(self.clause.as_deref())?,
            status: word(self.status.as_deref())?,
            since: match self.since.as_deref() {
                Some(text) => Some(text.parse().map_err(|error: crate::base::date::InvalidDate| {
                    Error::refused(error.to_string(), "write a year, and a month and a day where they matter")
                })?),
                None => None,
            },
        })
    }
}

/// A word of a list.
fn word<T: std::str::FromStr<Err: std::fmt::Display>>(text: Option<&str>) -> Result<Option<T>, Error> {
    let read = |text: &str| {
        text.trim().parse().map_err(|error: T::Err| {
            let error = error.to_string();
            let (found, remedy) = error.split_once("; ").unwrap_or((&error, "see the list of deals"));
            Error::refused(found, remedy)
        })
    };
    text.map(read).transpose()
}

/// The deal of an identifier.
fn find<'w>(world: &'w World, id: &str) -> Result<&'w AgreementRow, Error> {
    deal(world, id).map_err(|said| {
        let (found, remedy) = said.split_once("\n    ").unwrap_or((&said, "see the list of deals"));
        Error::refused(found, remedy)
    })
}

impl Ask for Deals {
    fn reply(&self, engine: &Engine, _: &Control) -> Result<Reply, Error> {
        let world = engine.world()?;
        let rows = self.filter(engine)?.of(world);
        let view = answer::deals::view(world, &rows, self.mineral.is_some());
        let rows: Vec<AgreementRow> = rows.into_iter().cloned().collect();
        Ok(Reply::new(
            view,
            Data::of(rows.clone()).with_rows(move |out, mark| records::write(&rows, out, mark)),
        ))
    }
}

impl Ask for DealClauses {
    fn reply(&self, engine: &Engine, _: &Control) -> Result<Reply, Error> {
        let world = engine.world()?;
        let rows = self.0.filter(engine)?.of(world);
        let view = answer::deals::clauses(world, &rows);
        let of = |clause: &&ClauseRow| rows.iter().any(|row| row.id == clause.deal);
        let clauses: Vec<ClauseRow> = world.tables().clauses.iter().filter(of).cloned().collect();
        let data = Data::of(clauses.clone());
        Ok(Reply::new(view, data.with_rows(move |out, mark| records::write(&clauses, out, mark))))
    }
}

impl Ask for DealShow {
    fn reply(&self, engine: &Engine, _: &Control) -> Result<Reply, Error> {
        let world = engine.world()?;
        let found = follow(world, find(world, &self.id)?);
        let Follow { deal, clauses, projects, .. } = &found;
        let document = serde_json::json!({ "deal": deal, "clauses": clauses, "projects": projects });
        Ok(Reply::new(answer::deals::follow::sheet(world, &found), Data::of(document)))
    }
}

impl Ask for DealFollow {
    fn reply(&self, engine: &Engine, _: &Control) -> Result<Reply, Error> {
        let world = engine.world()?;
        let found = follow(world, find(world, &self.id)?);
        let document = serde_json::to_value(&found).unwrap_or_default();
        Ok(Reply::new(answer::deals::follow::view(world, &found), Data::of(document)))
    }
}

/// A rate as a row of the documented table.
#[derive(Serialize)]
struct RateRow {
    rate: &'static str,
    prior_a: f64,
    prior_b: f64,
    cases: usize,
    went_on: usize,
    lapsed: usize,
    open: usize,
    open_weight: f64,
    set_aside: usize,
    mean: f64,
    low: f64,
    mid: f64,
    high: f64,
}

impl From<&Rate> for RateRow {
    fn from(rate: &Rate) -> Self {
        let six = |value: f64| (value * 1e6).round() / 1e6;
        Self {
            rate: rate.prior.name,
            prior_a: rate.prior.a,
            prior_b: rate.prior.b,
            cases: rate.n,
            went_on: rate.converted,
            lapsed: rate.lapsed,
            open: rate.open,
            open_weight: six(rate.open_weight),
            set_aside: rate.set_aside,
            mean: six(rate.mean),
            low: six(rate.range.low),
            mid: six(rate.range.mid),
            high: six(rate.range.high),
        }
    }
}

impl Ask for DealRates {
    fn reply(&self, engine: &Engine, _: &Control) -> Result<Reply, Error> {
        let found = rates(engine.world()?);
        let view = answer::deals::rates(&found);
        let rows: Vec<RateRow> = found.iter().map(RateRow::from).collect();
        Ok(Reply::new(view, Data::of(found).with_rows(move |out, mark| records::write(&rows, out, mark))))
    }
}
