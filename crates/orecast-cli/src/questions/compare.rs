//! `orecast compare`: countries and groups side by side.

use clap::Args;
use serde::Serialize;

use crate::Sampling;

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
