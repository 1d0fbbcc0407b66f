//! The arguments of each command, which are the fields of its question.

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
    /// Run and write minerals that no arm acts on, too
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
        let answer = cli.ask("run", self)?;
        let mut text = cli.output.write(&answer)?;
        if let (Some(folder), Some(results)) = (&self.out, answer.data.results()) {
            write_results(folder, results.rows.clone(), results.manifest.clone())?;
            if !cli.output.json && !cli.output.csv {
                text += &format!("\nFull results: {}\n", folder.display());
            }
        }
        Ok(text)
    }
}

/// Headline indicators of several countries or groups, side by side
#[derive(Args, Serialize)]
pub(crate) struct Compare {
    /// Countries, blocs or several: `USA EU27 JPN CHN USA+JPN`
    #[arg(required = true, value_name = "COUNTRY|GROUP")]
    who: Vec<String>,
    /// Balanced year; the last one with complete trade when absent
    #[arg(long)]
    year: Option<i32>,
    /// Only these minerals
    #[arg(long, value_name = "MINERAL", value_delimiter = ',')]
    minerals: Vec<String>,
    /// Only this stage: `mine` or `refine`
    #[arg(long)]
    stage: Option<String>,
    /// What is compared, a table for each: imports, supplier, owner, output, owned, self-sufficiency, self-sufficiency-by-owner,
    /// diversification, diversification-by-owner
    #[arg(long, value_name = "MEASURE", value_delimiter = ',', default_values = ["imports", "supplier"])]
    measure: Vec<String>,
    #[command(flatten)]
    #[serde(flatten)]
    sampling: Sampling,
}
