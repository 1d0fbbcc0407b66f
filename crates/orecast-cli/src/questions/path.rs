//! `orecast path`: minerals year by year without any deal.

use clap::Args;
use serde::Serialize;

use crate::{Cli, Outcome, Sampling};

/// A mineral year by year without any deal: output, use, price, who makes it, and why
#[derive(Args)]
#[expect(clippy::struct_excessive_bools, reason = "one for each flag")]
pub(crate) struct Path {
    /// Mineral, by identifier, name or symbol
    #[arg(required_unless_present_any = ["all", "hindcast", "outside"])]
    mineral: Option<String>,
    /// One line for every mineral
    #[arg(long, conflicts_with_all = ["mineral", "hindcast", "outside"])]
    all: bool,
    /// How the model would have done from earlier base years, compared with carrying the last value forward
    #[arg(long, conflicts_with_all = ["mineral", "outside", "draws", "seed", "to"])]
    hindcast: bool,
    /// One base year of the hindcast alone: 2015, 2018 or 2023
    #[arg(long, value_name = "YEAR", requires = "hindcast")]
    base_year: Option<i32>,
    /// Growth to 2030 outside a country, such as CHN, compared with that of the IEA base case
    #[arg(long, value_name = "COUNTRY", conflicts_with_all = ["mineral", "draws", "seed"])]
    outside: Option<String>,
    /// Demand scenario of `demand.csv`: steps, aps, nze, or one of your own data
    #[arg(long, default_value = "steps")]
    scenario: String,
    /// Last year; 2040 when absent
    #[arg(long, value_name = "YEAR")]
    to: Option<i32>,
    /// What moves the price, year by year, in the middle draw
    #[arg(long, requires = "mineral", conflicts_with_all = ["draws", "seed", "control"])]
    why_price: bool,
    /// Producers by controlling country as well as by place
    #[arg(long, requires = "mineral")]
    control: bool,
    #[command(flatten)]
    sampling: Sampling,
}

/// The fields that the questions share, as far as they are given.
#[derive(Serialize)]
struct Fields<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    mineral: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    outside: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    base_year: Option<i32>,
    scenario: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<i32>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    control: bool,
    #[serde(flatten)]
    sampling: &'a Sampling,
}

impl Path {
    /// Asks the question that the options make.
    pub(crate) fn print(&self, cli: &Cli) -> Outcome {
        let fields = Fields {
            mineral: self.mineral.as_deref(),
            outside: self.outside.as_deref(),
            base_year: self.base_year,
            scenario: &self.scenario,
            to: self.to,
            control: self.control,
            sampling: &self.sampling,
        };
        let kind = match self {
            Self { hindcast: true, .. } => "hindcast",
            Self { outside: Some(_), .. } => "outside",
            Self { why_price: true, .. } => "why-price",
            Self { all: true, .. } => "path-all",
            _ => "path",
        };
        cli.print(kind, &fields)
    }
}
