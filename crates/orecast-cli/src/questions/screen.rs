//! `orecast screen`: every exporter of every mineral stops for a year.

use std::path::PathBuf;

use clap::Args;
use orecast::render::results::write_table;
use serde::Serialize;

use crate::{Cli, Outcome, Sampling};

/// Every exporter of every mineral stops for a year: price, shortage, loss, probability, expected loss
#[derive(Args, Serialize)]
pub(crate) struct Screen {
    /// Country or group that buys, such as `USA` or `EU27`
    #[arg(value_name = "COUNTRY|GROUP")]
    who: String,
    /// File with groups of exporters, see docs/src/shock.md
    #[arg(long, value_name = "FILE")]
    case: Option<String>,
    /// File with probabilities in place of the package's, see docs/src/shock.md
    #[arg(long, value_name = "FILE")]
    hazard: Option<String>,
    /// Times that are assumed
    #[arg(long, default_value = "mixed", value_parser = ["calm", "tense", "mixed"])]
    regime: String,
    /// How long the market has had to respond: short (months), medium (a year), long (years)
    #[arg(long, value_name = "TIME", value_parser = ["short", "medium", "long"])]
    horizon: Option<String>,
    /// What the economy would lose, by mineral and industry (USGS-style, our reconstruction)
    #[arg(long)]
    #[serde(skip)]
    gdp: bool,
    /// With --gdp: cost of a mineral over the price of what cannot be made without it, such as `1%`, for uses of which no
    /// cost share is on file; else 0.2 to 5 %
    #[arg(long, value_name = "SHARE", requires = "gdp")]
    #[serde(skip_serializing_if = "Option::is_none")]
    cost_share: Option<String>,
    /// With --gdp: how far what is left goes to the users that lose most without it, from `0%` (all lack the same share) to
    /// `100%`; else the whole range
    #[arg(long, value_name = "SHARE", requires = "gdp")]
    #[serde(skip_serializing_if = "Option::is_none")]
    by_value: Option<String>,
    /// With --gdp: part of what users lack that becomes lost output, such as `60%`; else 25 to 100 %
    #[arg(long, value_name = "SHARE", requires = "gdp")]
    #[serde(skip_serializing_if = "Option::is_none")]
    lost_output: Option<String>,
    /// Share of what a stop holds back that still arrives, such as `20%`
    #[arg(long, value_name = "SHARE")]
    leakage: Option<String>,
    /// Rows to show
    #[arg(long, default_value_t = 20)]
    top: usize,
    /// Folder for screen.csv and screen.parquet
    #[arg(long, value_name = "DIR")]
    #[serde(skip)]
    out: Option<PathBuf>,
    #[command(flatten)]
    #[serde(flatten)]
    sampling: Sampling,
}

impl Screen {
    /// Screens, writes the rows where that was asked, and prints the answer.
    pub(crate) fn print(&self, cli: &Cli) -> Outcome {
        let answer = cli.ask(if self.gdp { "screen-gdp" } else { "screen" }, self)?;
        let mut text = cli.output.write(&answer)?;
        if let (Some(folder), Some(table)) = (&self.out, answer.data.columns()) {
            let table = orecast::base::columns::Columns::clone(table).marked(answer.head.confidential);
            write_table(folder, "screen", &table)?;
            if !cli.output.json && !cli.output.csv {
                text = format!("{text}\nAll rows: {}\n", folder.display());
            }
        }
        Ok(text)
    }
}
