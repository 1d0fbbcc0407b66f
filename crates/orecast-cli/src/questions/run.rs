//! `orecast run`: what a case changes.

use std::path::PathBuf;

use clap::Args;
use orecast::render::results::write_results;
use serde::Serialize;

use crate::{Cli, Outcome, Sampling};

/// Arguments of `run`.
#[derive(Args, Serialize)]
pub(crate) struct Run {
    /// Case file, such as `deals/us-kazakhstan-2025.toml`, or the name of a shipped case, such as `us-kazakhstan-2025`
    case: String,
    /// Folder for results.parquet, results.csv and manifest.json
    #[arg(long, value_name = "DIR")]
    #[serde(skip)]
    out: Option<PathBuf>,
    /// Run and print minerals that no arm acts on, too; with `--out` they always are
    #[arg(long)]
    all: bool,
    /// What each clause contributes to each headline, and which assumption would change the conclusion
    #[arg(long)]
    why: bool,
    /// Last year to run
    #[arg(long, value_name = "YEAR")]
    years: Option<i32>,
    #[command(flatten)]
    #[serde(flatten)]
    sampling: Sampling,
}

impl Run {
    /// Runs the case, writes its files where that was asked, and prints the answer.
    pub(crate) fn print(&self, cli: &Cli) -> Outcome {
        let mut asked = serde_json::to_value(self)?;
        if self.out.is_some() {
            asked["all"] = true.into();
        }
        let answer = cli.ask("run", &asked)?;
        let mut text = cli.output.write(&answer)?;
        if let (Some(folder), Some(results)) = (&self.out, answer.data.results()) {
            write_results(folder, results.rows.clone(), results.manifest.clone())?;
            if !cli.output.json && !cli.output.csv {
                text = format!("{text}\nFull results: {}\n", folder.display());
            }
        }
        Ok(text)
    }
}
