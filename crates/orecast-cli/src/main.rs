//! The command `orecast`: reads facts and cases, asks the library, prints what it says.
//!
//! Results go to standard output. Input problems go to standard error with exit code 2.

mod case;
mod compare;
mod data;
mod deals;
mod hindcast;
mod import;
mod licence;
mod market;
mod now;
mod path;
mod projects;
mod risk;
mod run;
mod screen;
mod shock;
mod show;
mod tension;
mod text;

use std::{
    error::Error,
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
};

use clap::{Parser, Subcommand};
use orecast::world::locate::{Facts, NoPackage};

/// What a command prints, or why it cannot.
type Outcome = Result<String, Box<dyn Error>>;

/// What a critical-minerals deal really changes: supply, price, dependence, money, security.
#[derive(Parser)]
#[command(name = "orecast", version, max_term_width = 110)]
struct Cli {
    /// Directory of facts; else `ORECAST_PACKAGE`, else `data` here, in a parent or beside the program
    #[arg(long, global = true, value_name = "DIR")]
    package: Option<PathBuf>,
    /// Folder of own data over the facts, more than once for several, the last on top; else `ORECAST_DATA`
    #[arg(long, global = true, value_name = "DIR")]
    data: Vec<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// What a case changes, arm by arm, with ranges
    Run(run::Run),
    /// What a restriction, a stop or a duty does within a year, and to whom
    Shock(Box<shock::Shock>),
    /// Every exporter of every mineral stops for a year: price, shortage, loss, chance, expected loss
    Screen(screen::ScreenCommand),
    /// A mineral year by year without any deal: output, use, price, who makes it, and why
    Path(path::Path),
    /// Today's market of a mineral: what is known since the base year, and what explains it
    Now(now::Now),
    /// Who mines, refines, holds and buys a mineral; what a country mines, refines and exports
    Show(show::Show),
    /// How exposed a country or group is, to whom, at which stage; risk scores
    Risk(risk::Risk),
    /// Headline indicators of several countries or groups, side by side
    Compare(compare::Compare),
    /// Mines and plants that may add output: capacity, dates, chance, control
    Projects(projects::Projects),
    /// One project: times, cost, price it needs, what the host takes, sources
    Project(projects::Project),
    /// What holding a licence obliges to and costs; what a register of licences means
    Licence(licence::Licence),
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
        match &self.command {
            Command::Run(run) => run.run(&self.facts()?),
            Command::Market(market::MarketCommand::Dump(dump)) => dump.run(&self.facts()?.load()?),
            Command::Market(market::MarketCommand::Solve(solve)) => solve.run(),
            Command::Shock(shock) => shock.run(&self.facts()?.load()?),
            Command::Screen(screen) => screen.run(&self.facts()?.load()?),
            Command::Path(path) => path.run(&self.facts()?.load()?),
            Command::Now(now) => now.run(&self.facts()?.load()?),
            Command::Show(show) => show.run(&self.facts()?.load()?),
            Command::Risk(risk) => risk.run(|| Ok(self.facts()?.load()?)),
            Command::Compare(compare) => compare.run(&self.facts()?.load()?),
            Command::Data(data) => data.run(|| self.facts()),
            Command::Projects(projects) => projects.run(&self.facts()?.load()?),
            Command::Project(project) => project.run(&self.facts()?.load()?),
            Command::Licence(licence) => licence.run(&self.facts()?.load()?),
            Command::Deals(deals) => deals.run(&self.facts()?.load()?),
            Command::Case(case) => case.run(&self.facts()?.load()?),
        }
    }

    /// Where the facts are.
    fn facts(&self) -> Result<Facts, NoPackage> {
        Facts::find(self.package.as_deref(), &self.data)
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
