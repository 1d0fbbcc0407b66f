//! The command `orecast`: words to a question, an answer to the terminal.
//!
//! Answers go to standard output, progress and problems to standard error. Input problems end with exit code 2.

mod import;
mod output;
mod questions;

use std::{
    error::Error,
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
};

use clap::{Args, Parser, Subcommand};
use orecast::ask::{Answer, DataSource, Engine};
use serde::Serialize;

use output::Output;

/// What a command prints, or why it cannot.
type Outcome = Result<String, Box<dyn Error>>;

/// An answer that is printed although the command fails: its market has no equilibrium.
#[derive(Debug)]
pub(crate) struct NotSolved(pub(crate) String);

impl std::fmt::Display for NotSolved {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for NotSolved {}

/// What a critical-minerals deal really changes: supply, price, dependence, money, security.
#[derive(Parser)]
#[command(name = "orecast", version, max_term_width = 110)]
struct Cli {
    #[command(flatten)]
    facts: FactArgs,
    #[command(flatten)]
    output: Output,
    /// Threads; all cores when absent. Results do not depend on it
    #[arg(long, global = true, value_name = "N", help_heading = "Computing", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    #[command(subcommand)]
    command: Command,
}

/// Where facts come from.
#[derive(Args)]
#[command(next_help_heading = "Facts")]
struct FactArgs {
    /// Folder of own data over the facts, more than once for several, the last on top; else `ORECAST_DATA`
    #[arg(long, visible_alias = "data", global = true, value_name = "DIR")]
    own: Vec<PathBuf>,
    /// Folder of the facts themselves; else `ORECAST_PACKAGE`, else a folder `data` that is near
    #[arg(long, global = true, value_name = "DIR")]
    package: Option<PathBuf>,
}

/// Draws and their seed, for every command that computes.
#[derive(Debug, Args, Serialize)]
#[command(next_help_heading = "Computing")]
pub(crate) struct Sampling {
    /// Number of draws behind every range; 0 for none where a question can be answered without
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=1_000_000))]
    #[serde(skip_serializing_if = "Option::is_none")]
    draws: Option<u32>,
    /// Seed of the draws
    #[arg(long, value_name = "N")]
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<u64>,
}

#[derive(Subcommand)]
enum Command {
    /// What a case changes, arm by arm, with ranges
    Run(questions::Run),
    /// What a restriction, a stop or a duty does within a year, and to whom
    Shock(Box<questions::Shock>),
    /// Every exporter of every mineral stops for a year: price, shortage, loss, probability, expected loss
    Screen(questions::Screen),
    /// A mineral year by year without any deal: output, use, price, who makes it, and why
    Path(questions::Path),
    /// Today's market of a mineral: what is known since the base year, and what explains it
    Now(questions::Now),
    /// Who mines, refines, holds and buys a mineral; what a country mines, refines and exports
    Show(questions::Show),
    /// How exposed a country or group is, to whom, at which stage; risk scores
    Risk(questions::Risk),
    /// Headline indicators of several countries or groups, side by side
    Compare(questions::Compare),
    /// Mines and plants that may add output: capacity, dates, probability, control
    Projects(questions::Projects),
    /// One project: times, cost, price it needs, what the host takes, sources
    Project(questions::Project),
    /// What holding a licence obliges to and costs; what a register of licences means
    Licence(questions::Licence),
    /// What was promised, and what was delivered
    Deals(questions::Deals),
    /// Check a case file, explain it, start a new one
    #[command(subcommand)]
    Case(questions::Case),
    /// Look after the directory of facts
    #[command(subcommand)]
    Data(questions::Data),
    /// One mineral and year as a market: write it, solve it
    #[command(subcommand)]
    Market(questions::Market),
}

impl Cli {
    fn run(&self) -> Outcome {
        if let Some(threads) = self.threads {
            rayon::ThreadPoolBuilder::new().num_threads(usize::from(threads)).build_global()?;
        }
        match &self.command {
            Command::Run(run) => run.print(self),
            Command::Compare(compare) => self.print("compare", compare),
            Command::Market(market) => market.print(self),
            Command::Shock(shock) => shock.print(self),
            Command::Screen(screen) => screen.print(self),
            Command::Path(path) => path.print(self),
            Command::Now(now) => self.print("now", now),
            Command::Show(show) => self.print("show", show),
            Command::Risk(risk) => risk.print(self),
            Command::Data(data) => data.print(self),
            Command::Projects(projects) => projects.print(self),
            Command::Project(project) => self.print("project", project),
            Command::Licence(licence) => self.print("licence", licence),
            Command::Deals(deals) => deals.print(self),
            Command::Case(case) => case.print(self),
        }
    }

    /// The answer to the question of a kind whose fields are the arguments of a command.
    fn ask(&self, kind: &str, args: &impl Serialize) -> Result<Answer, Box<dyn Error>> {
        let mut fields = serde_json::to_value(args)?;
        fields["ask"] = kind.into();
        let source = DataSource { package: self.facts.package.clone(), own: self.facts.own.clone() };
        let control = self.output.control();
        // The process ends with the answer, and the system takes its memory back faster than the engine could free it.
        let engine: &'static Engine = Box::leak(Box::new(Engine::lazy(&source)));
        Ok(engine.ask(&serde_json::from_value(fields)?, &control)?)
    }

    /// That answer in the form that was asked for.
    fn print(&self, kind: &str, args: &impl Serialize) -> Outcome {
        self.output.write(&self.ask(kind, args)?)
    }
}

fn main() -> ExitCode {
    match Cli::parse().run() {
        Ok(text) => answered(&text, ExitCode::SUCCESS),
        Err(report) => {
            if let Some(NotSolved(text)) = report.downcast_ref::<NotSolved>() {
                answered(text, ExitCode::FAILURE)
            } else {
                let _ = writeln!(io::stderr(), "{report}");
                ExitCode::from(2)
            }
        }
    }
}

/// Prints an answer, and ends with a code.
fn answered(text: &str, code: ExitCode) -> ExitCode {
    match io::stdout().lock().write_all(text.as_bytes()) {
        // A reader such as `head` may have seen enough.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            let _ = writeln!(io::stderr(), "cannot write the result: {error}");
            ExitCode::FAILURE
        }
        _ => code,
    }
}
