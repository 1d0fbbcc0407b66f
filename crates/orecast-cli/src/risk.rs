//! `orecast risk`: how exposed a country or group is, and the risk scores people quote.

mod hazard;
mod page;
mod scores;

pub(crate) use page::{grade, left_out};

use std::path::PathBuf;

use clap::{Args, Subcommand};
use orecast::{indicator::Group, studies::risk::page, world::World};
use serde_json::to_string_pretty;

use crate::{Outcome, text::Readings};

/// How exposed a country or group is, to whom, at which stage; or one of the risk scores people quote
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct Risk {
    #[command(subcommand)]
    score: Option<Score>,
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
    readings: Readings,
    /// Print everything as JSON
    #[arg(long)]
    json: bool,
}

/// A score with a method of its own.
#[derive(Subcommand)]
enum Score {
    /// Concentration times import risk: exactly as published, from a folder of inputs; or from the package, beside a
    /// corrected variant
    Geopolrisk(GeoPolRisk),
    /// Supply risk by the method of the European Union's list
    Eu(Assessed),
    /// Disruption potential, trade exposure and economic vulnerability after Nassar and others
    Nassar(Assessed),
    /// How likely exporters are to restrict: the model, its fit to past counts, its limits
    Hazard(hazard::HazardArgs),
}

/// Arguments of `risk geopolrisk`.
#[derive(Args)]
struct GeoPolRisk {
    /// Folder of inputs: every year, country and mineral they allow, by the published conventions
    #[arg(long, value_name = "DIR", conflicts_with_all = ["country", "year"])]
    inputs: Option<PathBuf>,
    /// Country, bloc or several, from the package
    #[arg(long, value_name = "COUNTRY|GROUP", required_unless_present = "inputs")]
    country: Option<String>,
    /// Year; the last one with complete trade when absent
    #[arg(long)]
    year: Option<i32>,
    #[command(flatten)]
    readings: Readings,
    /// Print rows as JSON
    #[arg(long, conflicts_with = "csv")]
    json: bool,
    /// Print rows as CSV
    #[arg(long)]
    csv: bool,
}

/// Arguments of the other scores.
#[derive(Args)]
struct Assessed {
    /// Country, bloc or several
    #[arg(long, value_name = "COUNTRY|GROUP")]
    country: String,
    /// Year; the last one with complete trade when absent
    #[arg(long)]
    year: Option<i32>,
    #[command(flatten)]
    readings: Readings,
    /// Print everything as JSON
    #[arg(long)]
    json: bool,
}

impl Risk {
    /// Runs the command; `world` reads the package where the command needs it.
    pub(crate) fn run(&self, world: impl FnOnce() -> Result<World, Box<dyn std::error::Error>>) -> Outcome {
        match &self.score {
            Some(Score::Geopolrisk(args)) => match &args.inputs {
                Some(folder) => scores::folder(folder, args.json, args.csv),
                None => scores::geopolrisk(&world()?, args),
            },
            Some(Score::Eu(args)) => scores::eu(&world()?, args),
            Some(Score::Nassar(args)) => scores::nassar(&world()?, args),
            Some(Score::Hazard(args)) => hazard::run(&world()?, args),
            None => {
                let world = world()?;
                let (group, year) = asked(&world, self.who.as_deref().unwrap_or_default(), self.year)?;
                let found = page(&world, &group, year, self.readings.start()?);
                Ok(if self.json {
                    to_string_pretty(&found)? + "\n"
                } else {
                    page::print(&world, &found, self.top)
                })
            }
        }
    }
}

/// The group and the year that are meant.
pub(crate) fn asked(
    world: &World,
    who: &str,
    year: Option<i32>,
) -> Result<(Group, i32), Box<dyn std::error::Error>> {
    let year = year.or_else(|| world.base_year()).ok_or("the package has no trade")?;
    Ok((Group::parse(world, who, year)?, year))
}
