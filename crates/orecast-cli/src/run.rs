//! `orecast run`: what a case changes, arm by arm.

use std::path::{Path, PathBuf};

use clap::Args;
use orecast::brief::{
    results::write_results,
    run::{Document, Options, run},
};

use crate::Outcome;

/// Arguments of `run`.
#[derive(Args)]
pub(crate) struct Run {
    /// Case file, such as `deals/us-kazakhstan-2025.toml`
    case: PathBuf,
    /// Print one JSON document instead of text
    #[arg(long)]
    json: bool,
    /// Folder for results.parquet, results.csv and manifest.json
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Number of draws
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    draws: u32,
    /// Seed of the draws
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Threads; all cores when absent. Results do not depend on it
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    /// Last year to run
    #[arg(long, value_name = "YEAR")]
    years: Option<i32>,
}

impl Run {
    pub(crate) fn run(&self, package: &Path) -> Outcome {
        if let Some(threads) = self.threads {
            rayon::ThreadPoolBuilder::new().num_threads(usize::from(threads)).build_global()?;
        }
        let mut command = vec!["orecast".to_owned(), "run".to_owned()];
        command
            .push(self.case.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned()));
        command.extend([
            "--draws".to_owned(),
            self.draws.to_string(),
            "--seed".to_owned(),
            self.seed.to_string(),
        ]);
        if let Some(year) = self.years {
            command.extend(["--years".to_owned(), year.to_string()]);
        }
        let options = Options { draws: self.draws as usize, seed: self.seed, last_year: self.years, command };
        let outcome = run(package, &self.case, &options)?;
        if let Some(folder) = &self.out {
            write_results(folder, outcome.rows.clone(), outcome.manifest.clone())?;
        }
        if self.json {
            let document = Document {
                case: &outcome.case,
                manifest: &outcome.manifest,
                arms: &outcome.case.arms,
                answer: &outcome.answer.sentences,
                rows: &outcome.rows,
            };
            return Ok(serde_json::to_string(&document)? + "\n");
        }
        let answer = &outcome.answer;
        let mut lines = vec![outcome.case.title.clone(), String::new()];
        lines.extend_from_slice(&answer.sentences);
        lines.extend([String::new(), answer.table.to_string()]);
        lines.extend(Some(answer.unchanged.clone()).filter(|text| !text.is_empty()));
        lines.push(answer.limits.clone());
        lines.extend(self.out.as_ref().map(|folder| format!("\nFull results: {}", folder.display())));
        Ok(lines.join("\n") + "\n")
    }
}
