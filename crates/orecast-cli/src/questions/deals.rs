//! What was promised, and what was delivered.

use clap::{Args, Subcommand};
use serde::Serialize;
use serde_json::json;

use crate::{Cli, Outcome};

/// Arguments of `deals`.
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Deals {
    #[command(subcommand)]
    command: Option<DealsCommand>,
    #[command(flatten)]
    wanted: Wanted,
}

#[derive(Subcommand)]
enum DealsCommand {
    /// Everything that one deal says
    Show(One),
    /// What became of one deal: clocks, projects, answers of others, trade before and after
    Follow(One),
    /// Which deals speak of which levers
    Clauses(Wanted),
    /// How often a promise becomes the next step
    Rates,
}

/// Which deals are wanted.
#[derive(Args, Serialize)]
struct Wanted {
    /// Deals with this country or bloc, also as a member of a bloc
    #[arg(long)]
    party: Option<String>,
    /// Deals that name this mineral
    #[arg(long)]
    mineral: Option<String>,
    /// Deals of this form, such as `memorandum`
    #[arg(long)]
    form: Option<String>,
    /// Deals that promise or name this clause, such as `price-floor`
    #[arg(long)]
    clause: Option<String>,
    /// Deals last seen on this rung, such as `signed`
    #[arg(long)]
    status: Option<String>,
    /// Deals of this date or later, such as 2025-10
    #[arg(long, value_name = "DATE")]
    since: Option<String>,
}

/// One deal.
#[derive(Args, Serialize)]
struct One {
    /// Identifier, such as `US-KAZ-2025`
    id: String,
}

impl Deals {
    pub(crate) fn print(&self, cli: &Cli) -> Outcome {
        match &self.command {
            None => cli.print("deals", &self.wanted),
            Some(DealsCommand::Show(one)) => cli.print("deal-show", one),
            Some(DealsCommand::Follow(one)) => cli.print("deal-follow", one),
            Some(DealsCommand::Clauses(wanted)) => cli.print("deal-clauses", wanted),
            Some(DealsCommand::Rates) => cli.print("deal-rates", &json!({})),
        }
    }
}
