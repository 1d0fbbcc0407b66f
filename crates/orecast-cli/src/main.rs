//! The command `orecast`: reads facts and cases, asks the library, prints what it says.
//!
//! Results go to standard output. Input problems go to standard error with exit code 2.

mod case;
mod data;
mod deals;
mod import;
mod market;
mod run;
mod show;
mod text;

use std::{
    error::Error,
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
};

use clap::{Parser, Subcommand};
use orecast::world::{World, locate::find_package};

/// What a command prints, or why it cannot.
type Outcome = Result<String, Box<dyn Error>>;

/// What a critical-minerals deal really changes: supply, price, dependence, money, security.
#[derive(Parser)]
#[command(name = "orecast", version, max_term_width = 110)]
struct Cli {
    /// Directory of facts; else `ORECAST_PACKAGE`, else `data` here, in a parent or beside the program
    #[arg(long, global = true, value_name = "DIR")]
    package: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// What a case changes, arm by arm, with ranges
    Run(run::Run),
    /// Who mines, refines, holds and buys a mineral; what a country mines, refines and exports
    Show(show::Show),
    /// What was promised, and what was delivered
    Deals(deals::Deals),
    /// Check a case file, explain it, start a new one
    #[command(subcommand)]
    Case(case::Case),
    /// Look after the directory of facts
    #[command(subcommand)]
    Data(data::Data),
    /// One mineral and year as a market: write it, solve it
    #[command(subcommand)]
    Market(market::MarketCommand),
}

impl Cli {
    fn run(&self) -> Outcome {
        let package = self.package.as_deref();
        match &self.command {
            Command::Run(run) => run.run(&find_package(package)?),
            Command::Market(market::MarketCommand::Dump(dump)) => {
                dump.run(&World::load(&find_package(package)?)?)
            }
            Command::Market(market::MarketCommand::Solve(solve)) => solve.run(),
            Command::Show(show) => show.run(&World::load(&find_package(package)?)?),
            Command::Deals(deals) => deals.run(&World::load(&find_package(package)?)?),
            Command::Case(case) => case.run(&World::load(&find_package(package)?)?),
            Command::Data(data) => data.run(package),
        }
    }
}

fn main() -> ExitCode {
    match Cli::parse().run() {
        Ok(text) => match io::stdout().lock().write_all(text.as_bytes()) {
            // A reader such as `head` may have seen enough.
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                eprintln!("cannot write the result: {error}");
                ExitCode::FAILURE
            }
            _ => ExitCode::SUCCESS,
        },
        Err(report) => {
            eprintln!("{report}");
            ExitCode::from(2)
        }
    }
}
