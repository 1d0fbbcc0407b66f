//! `orecast now`: today's market.

use clap::Args;
use serde::Serialize;

use crate::Sampling;

/// Arguments of `now`.
#[derive(Args, Serialize)]
pub(crate) struct Now {
    /// Mineral, such as `tungsten`; all when absent
    mineral: Option<String>,
    /// The day that is looked at, such as 2025-11-06: uses only what was known at its end
    #[arg(long, value_name = "DATE")]
    as_of: Option<String>,
    /// Demand scenario that use is compared with
    #[arg(long, default_value = "steps")]
    scenario: String,
    #[command(flatten)]
    #[serde(flatten)]
    sampling: Sampling,
}
