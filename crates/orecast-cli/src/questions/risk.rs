//! `orecast risk`: how exposed a country or group is, and the risk scores people quote.

use clap::{Args, Subcommand};
use serde::Serialize;

use crate::{Cli, Outcome, Sampling};

/// How exposed a country or group is, to whom, at which stage; or one of the risk scores people quote
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct Risk {
    #[command(subcommand)]
    score: Option<Score>,
    #[command(flatten)]
    page: Page,
}

/// Arguments of the page.
#[derive(Args, Serialize)]
struct Page {
    /// Country, bloc or several: `USA`, `EU27`, `USA+JPN`
    #[arg(value_name = "COUNTRY|GROUP", required = true)]
    who: Option<String>,
    /// Year; the last one with complete trade when absent
    #[arg(long)]
    year: Option<i32>,
    /// Minerals that are listed
    #[arg(long, value_name = "N", default_value_t = 20)]
    top: usize,
    #[command(flatten)]
    #[serde(flatten)]
    sampling: Sampling,
}

/// A score with a method of its own.
#[derive(Subcommand)]
enum Score {
    /// Concentration times import risk: exactly as published, from a folder of inputs; or from the package, next to a
    /// corrected variant
    Geopolrisk(GeoPolRisk),
    /// Supply risk by the method of the European Union's list
    Eu(Assessed),
    /// Disruption potential, trade exposure and economic vulnerability after Nassar and others
    Nassar(Assessed),
    /// How likely exporters are to restrict: the model, its fit to past counts, its limits
    Hazard(Hazard),
}

/// Arguments of `risk geopolrisk`.
#[derive(Args)]
struct GeoPolRisk {
    /// Folder of inputs: every year, country and mineral they allow, by the published conventions
    #[arg(long, value_name = "DIR", conflicts_with_all = ["who", "year", "draws", "seed"])]
    inputs: Option<String>,
    /// Country, bloc or several, from the package
    #[arg(id = "who", long = "country", value_name = "COUNTRY|GROUP", required_unless_present = "inputs")]
    who: Option<String>,
    #[command(flatten)]
    rest: Rest,
}

/// The folder of published inputs.
#[derive(Serialize)]
struct Folder<'a> {
    inputs: &'a str,
}

/// Arguments of the other scores.
#[derive(Args, Serialize)]
struct Assessed {
    /// Country, bloc or several
    #[arg(id = "who", long = "country", value_name = "COUNTRY|GROUP")]
    who: String,
    #[command(flatten)]
    #[serde(flatten)]
    rest: Rest,
}

/// What all scores of the package take.
#[derive(Args, Serialize)]
struct Rest {
    /// Year; the last one with complete trade when absent
    #[arg(long)]
    year: Option<i32>,
    #[command(flatten)]
    #[serde(flatten)]
    sampling: Sampling,
}

/// A score of the package for a country or group.
#[derive(Serialize)]
struct OfPackage<'a> {
    who: &'a Option<String>,
    #[serde(flatten)]
    rest: &'a Rest,
}

/// Arguments of `risk hazard`.
#[derive(Args, Serialize)]
struct Hazard {
    /// Country or group that buys
    #[arg(id = "who", long = "country", value_name = "COUNTRY|GROUP")]
    who: String,
    /// Times that are assumed
    #[arg(long, default_value = "mixed", value_parser = ["calm", "tense", "mixed"])]
    regime: String,
}

impl Risk {
    /// Asks for the page or the score.
    pub(crate) fn print(&self, cli: &Cli) -> Outcome {
        match &self.score {
            None => cli.print("risk", &self.page),
            Some(Score::Geopolrisk(GeoPolRisk { inputs: Some(inputs), .. })) => {
                cli.print("risk-geopolrisk-folder", &Folder { inputs })
            }
            Some(Score::Geopolrisk(GeoPolRisk { who, rest, .. })) => {
                cli.print("risk-geopolrisk", &OfPackage { who, rest })
            }
            Some(Score::Eu(args)) => cli.print("risk-eu", args),
            Some(Score::Nassar(args)) => cli.print("risk-nassar", args),
            Some(Score::Hazard(args)) => cli.print("risk-hazard", args),
        }
    }
}
