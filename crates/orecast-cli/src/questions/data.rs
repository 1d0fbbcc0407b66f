//! `orecast data`: looks after the facts.

use clap::{Args, Subcommand};
use serde::Serialize;

use crate::{Cli, Outcome, import::ImportArgs};

/// What can be done with the facts.
#[derive(Subcommand)]
pub(crate) enum Data {
    /// Check every table and say everything that is wrong, with file, line and remedy
    Check(Check),
    /// Minerals by kinds of facts: the best grade and how much there is
    Coverage(Coverage),
    /// What is not known: absent, withheld, one-sided, stale, without trade, or only inferred
    Gaps(Gaps),
    /// What an update changes: rows, values, and the selected figures
    Diff(Diff),
    /// Write an empty folder of own data
    NewLayer(NewLayer),
    /// Hold balanced years against published net import reliance
    Reliance(Reliance),
    /// What balancing moved against what was published, by how much, and what pushed it
    Tension(Tension),
    /// Turn publishers' files into rows of the tables
    Import(ImportArgs),
}

/// Arguments of `data check`.
#[derive(Args, Serialize)]
pub(crate) struct Check {}

/// Arguments of `data coverage`.
#[derive(Args, Serialize)]
pub(crate) struct Coverage {
    /// List of minerals
    #[arg(long, default_value = "US2025")]
    list: String,
}

/// Arguments of `data gaps`.
#[derive(Args, Serialize)]
pub(crate) struct Gaps {
    /// One mineral only
    #[arg(long)]
    mineral: Option<String>,
    /// A figure older than so many years before the base year is stale
    #[arg(long, value_name = "YEARS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    stale_after: Option<i32>,
}

/// Arguments of `data diff`.
#[derive(Args, Serialize)]
pub(crate) struct Diff {
    /// Folder of the old package; with `--vintage`, an edition such as `2025`
    old: String,
    /// Folder of the new package; with `--vintage`, an edition such as `2026`
    new: String,
    /// Compare two editions within the package
    #[arg(long)]
    vintage: bool,
    /// One table only
    #[arg(long)]
    table: Option<String>,
    /// One mineral only
    #[arg(long)]
    mineral: Option<String>,
}

/// Arguments of `data new-layer`.
#[derive(Args, Serialize)]
pub(crate) struct NewLayer {
    /// Folder to write; it must not exist, or be empty
    folder: String,
    /// A table that the folder begins with, more than once for several, beside `sources`
    #[arg(long)]
    table: Vec<String>,
}

/// Arguments of `data reliance`.
#[derive(Args, Serialize)]
pub(crate) struct Reliance {
    /// Balanced year; the last one with complete trade when absent
    #[arg(long)]
    year: Option<i32>,
}

/// Arguments of `data tension`.
#[derive(Args, Serialize)]
pub(crate) struct Tension {
    /// All quantities of one mineral, such as `tungsten`
    #[arg(long)]
    mineral: Option<String>,
    /// Balanced year; the last one with complete trade when absent
    #[arg(long)]
    year: Option<i32>,
}

impl Data {
    /// Asks the question, or imports.
    pub(crate) fn print(&self, cli: &Cli) -> Outcome {
        match self {
            Self::Check(args) => cli.print("data-check", args),
            Self::Coverage(args) => cli.print("data-coverage", args),
            Self::Gaps(args) => cli.print("data-gaps", args),
            Self::Diff(args) => cli.print("data-diff", args),
            Self::NewLayer(args) => cli.print("data-new-layer", args),
            Self::Reliance(args) => cli.print("data-reliance", args),
            Self::Tension(args) => cli.print("data-tension", args),
            Self::Import(args) => args.print(cli),
        }
    }
}
