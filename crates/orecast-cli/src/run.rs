//! `orecast run`: what a case changes, arm by arm.

use std::path::PathBuf;

use clap::Args;
use orecast::{
    base::date::PartialDate,
    render::results::write_results,
    studies::run::{Document, Options, run},
    world::locate::Facts,
};

use crate::{Outcome, text};

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
    /// What each clause contributes to each headline, and which assumption would change the conclusion
    #[arg(long)]
    why: bool,
    /// The day to start from, such as 2025-11-06: uses only what was known at its end
    #[arg(long, value_name = "DATE")]
    as_of: Option<PartialDate>,
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
    pub(crate) fn run(&self, facts: &Facts) -> Outcome {
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
        for folder in &facts.layers {
            let name = folder.file_name().unwrap_or(folder.as_os_str());
            command.extend(["--data".to_owned(), name.to_string_lossy().into_owned()]);
        }
        if let Some(day) = self.as_of {
            command.extend(["--as-of".to_owned(), day.to_string()]);
        }
        let options = Options {
            draws: self.draws as usize,
            why: self.why,
            seed: self.seed,
            last_year: self.years,
            as_of: self.as_of,
            command,
        };
        let outcome = run(facts, &self.case, &options)?;
        let confidential = outcome.manifest.is_confidential();
        if let Some(folder) = &self.out {
            write_results(folder, outcome.rows.clone(), outcome.manifest.clone())?;
        }
        if self.json {
            let document = Document {
                confidential,
                case: &outcome.case,
                manifest: &outcome.manifest,
                arms: &outcome.case.arms,
                answer: &outcome.answer.sentences,
                branches: &outcome.branches,
                money: &outcome.money,
                why: outcome.why.as_ref(),
                rows: &outcome.rows,
            };
            return Ok(serde_json::to_string(&document)? + "\n");
        }
        let answer = &outcome.answer;
        let mut lines = vec![outcome.case.title.clone()];
        lines.extend(confidential.then(|| text::CONFIDENTIAL.to_owned()));
        lines.push(String::new());
        lines.extend_from_slice(&answer.sentences);
        for reading in &outcome.branches {
            lines.extend([String::new(), format!("Another reading: {}.", reading.branch.title)]);
            lines.extend_from_slice(&reading.answer);
        }
        lines.extend([String::new(), answer.table.to_string()]);
        if let Some((heading, table)) = &outcome.money_table {
            lines.extend([heading.clone(), table.to_string()]);
        }
        lines.extend(outcome.why.as_ref().map(|why| format!("{}\n", why.text)));
        lines.extend(Some(answer.unchanged.clone()).filter(|text| !text.is_empty()));
        lines.push(answer.limits.clone());
        lines.extend(self.out.as_ref().map(|folder| format!("\nFull results: {}", folder.display())));
        Ok(lines.join("\n") + "\n")
    }
}
