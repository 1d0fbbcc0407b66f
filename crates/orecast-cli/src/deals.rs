//! `orecast deals`: what was promised, and what was delivered.

mod follow;
mod list;

use clap::{Args, Subcommand};
use orecast::{
    base::{date::PartialDate, id::PartyId},
    register::{Filter, deal, follow::follow, party, rate::rates},
    world::{
        World,
        names::Subject,
        table::{ClauseKind, Form, Step},
    },
};
use serde::Serialize;
use serde_json::to_string_pretty;

use crate::Outcome;

/// What was promised, and what was delivered
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Deals {
    #[command(subcommand)]
    command: Option<DealsCommand>,
    #[command(flatten)]
    wanted: Wanted,
    #[command(flatten)]
    form: Output,
}

#[derive(Subcommand)]
enum DealsCommand {
    /// Everything that one deal says
    Show(One),
    /// What became of one deal: clocks, projects, answers of others, trade before and after
    Follow(One),
    /// Which deals speak of which levers
    Clauses(Matrix),
    /// How often a promise becomes the next step
    Rates(Output),
}

/// Which deals are wanted.
#[derive(Args)]
struct Wanted {
    /// Deals with this country or bloc, also as a member of a bloc
    #[arg(long)]
    party: Option<String>,
    /// Deals that name this mineral
    #[arg(long)]
    mineral: Option<String>,
    /// Deals of this form, such as `memorandum`
    #[arg(long = "form", value_name = "FORM")]
    kind: Option<Form>,
    /// Deals that promise or name this clause, such as `price-floor`
    #[arg(long)]
    clause: Option<ClauseKind>,
    /// Deals last seen on this rung, such as `signed`
    #[arg(long)]
    status: Option<Step>,
    /// Deals of this date or later, such as 2025-10
    #[arg(long, value_name = "DATE")]
    since: Option<PartialDate>,
}

/// How to print.
#[derive(Args)]
struct Output {
    /// Print everything as JSON
    #[arg(long)]
    json: bool,
    /// Print comma-separated values
    #[arg(long, conflicts_with = "json")]
    csv: bool,
}

/// Arguments of `deals clauses`.
#[derive(Args)]
struct Matrix {
    #[command(flatten)]
    wanted: Wanted,
    #[command(flatten)]
    form: Output,
}

/// One deal.
#[derive(Args)]
struct One {
    /// Identifier, such as `US-KAZ-2025`
    id: String,
    /// Print everything as JSON
    #[arg(long)]
    json: bool,
}

impl Deals {
    pub(crate) fn run(&self, world: &World) -> Outcome {
        match &self.command {
            None => {
                let rows = self.wanted.filter(world)?.of(world);
                Ok(match (self.form.json, self.form.csv) {
                    (true, _) => to_string_pretty(&rows)? + "\n",
                    (_, true) => csv(&rows)?,
                    _ => list::deals(world, &rows, self.wanted.mineral.is_some()),
                })
            }
            Some(DealsCommand::Show(one)) => one.show(world),
            Some(DealsCommand::Follow(one)) => one.follow(world),
            Some(DealsCommand::Clauses(matrix)) => {
                let rows = matrix.wanted.filter(world)?.of(world);
                let clauses = &world.tables().clauses;
                let wanted = || clauses.iter().filter(|clause| rows.iter().any(|row| row.id == clause.deal));
                Ok(match (matrix.form.json, matrix.form.csv) {
                    (true, _) => to_string_pretty(&wanted().collect::<Vec<_>>())? + "\n",
                    (_, true) => csv(&wanted().collect::<Vec<_>>())?,
                    _ => list::clauses(world, &rows),
                })
            }
            Some(DealsCommand::Rates(form)) => {
                let found = rates(world);
                Ok(match (form.json, form.csv) {
                    (true, _) => to_string_pretty(&found)? + "\n",
                    (_, true) => list::rates_csv(&found),
                    _ => list::rates(&found),
                })
            }
        }
    }
}

impl Wanted {
    fn filter(&self, world: &World) -> Result<Filter, String> {
        let party: Option<PartyId> = self.party.as_deref().map(|text| party(world, text)).transpose()?;
        let mineral = match &self.mineral {
            None => None,
            Some(text) => match world.find(text).map_err(|error| error.to_string())? {
                Subject::Mineral(row) => Some(row.id.clone()),
                Subject::Country(row) => {
                    return Err(format!("`{}` is a country\n    name a mineral", row.iso3));
                }
            },
        };
        let Self { kind, clause, status, since, .. } = self;
        Ok(Filter { party, mineral, form: *kind, clause: *clause, status: *status, since: *since })
    }
}

impl One {
    fn show(&self, world: &World) -> Outcome {
        let found = follow(world, deal(world, &self.id)?);
        Ok(if self.json {
            let document = serde_json::json!({ "deal": found.deal, "clauses": found.clauses });
            to_string_pretty(&document)? + "\n"
        } else {
            follow::sheet(world, &found)
        })
    }

    fn follow(&self, world: &World) -> Outcome {
        let found = follow(world, deal(world, &self.id)?);
        Ok(if self.json { to_string_pretty(&found)? + "\n" } else { follow::print(world, &found) })
    }
}

/// Rows as comma-separated values, with a header.
fn csv<T: Serialize>(rows: &[T]) -> Outcome {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer.serialize(row)?;
    }
    Ok(String::from_utf8(writer.into_inner()?)?)
}
