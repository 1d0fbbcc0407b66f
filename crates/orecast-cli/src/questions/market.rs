//! One mineral and year as a market.

use std::{fs, path::PathBuf};

use clap::{Args, Subcommand};
use serde::Serialize;

use crate::{Cli, NotSolved, Outcome, questions::file};

/// What can be done with a market.
#[derive(Subcommand)]
pub(crate) enum Market {
    /// Write the calibrated market of a mineral and year as JSON
    Dump(Dump),
    /// Solve a market from JSON: prices, flows, multipliers, certificate
    Solve(Solve),
}

/// Arguments of `market dump`.
#[derive(Args, Serialize)]
pub(crate) struct Dump {
    /// Mineral, such as `tungsten`
    mineral: String,
    /// Year; the last one with complete trade when absent
    #[arg(long)]
    year: Option<i32>,
    /// File to write; standard output when absent
    #[arg(short, long, value_name = "FILE")]
    #[serde(skip)]
    out: Option<PathBuf>,
}

/// Arguments of `market solve`.
#[derive(Args, Serialize)]
pub(crate) struct Solve {
    /// Market as JSON, as `market dump` writes it
    #[serde(rename = "market")]
    file: String,
}

impl Market {
    pub(crate) fn print(&self, cli: &Cli) -> Outcome {
        match self {
            Self::Dump(dump) => dump.print(cli),
            Self::Solve(solve) => {
                let answer = cli.ask("market-solve", solve)?;
                let text = cli.output.write(&answer)?;
                if answer.head.unsolved.failed > 0 { Err(NotSolved(text).into()) } else { Ok(text) }
            }
        }
    }
}

impl Dump {
    fn print(&self, cli: &Cli) -> Outcome {
        let answer = cli.ask("market-dump", self)?;
        if let Some(out) = &self.out {
            fs::write(out, file(&answer)?).map_err(|error| format!("{}: {error}", out.display()))?;
        }
        match &self.out {
            _ if cli.output.json || cli.output.csv => cli.output.write(&answer),
            None => file(&answer),
            Some(out) => Ok(format!("{} written\n\n{}", out.display(), cli.output.write(&answer)?)),
        }
    }
}
