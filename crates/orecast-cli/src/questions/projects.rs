//! Mines, plants and licences.

use clap::Args;
use serde::Serialize;
use serde_json::json;

use crate::{Cli, Outcome};

/// Arguments of `projects`.
#[derive(Args, Serialize)]
pub(crate) struct Projects {
    /// Projects of this mineral
    #[arg(long)]
    mineral: Option<String>,
    /// Projects in this country or group, such as `KAZ` or `C5`
    #[arg(long, value_name = "COUNTRY|GROUP")]
    country: Option<String>,
    /// Projects of this status, such as `construction`
    #[arg(long)]
    status: Option<String>,
    /// Projects of which this country or group controls a part, wherever they are
    #[arg(long, value_name = "COUNTRY|GROUP")]
    control: Option<String>,
    /// Instead: published times, costs and probabilities compared with what the samplers give
    #[arg(long, conflicts_with_all = ["mineral", "country", "status", "control"])]
    #[serde(skip)]
    lead_times: bool,
}

/// Arguments of `project`.
#[derive(Args, Serialize)]
pub(crate) struct Project {
    /// Identifier, such as `KZ-W-NKATPAR`
    id: String,
}

/// Arguments of `licence`.
#[derive(Args, Serialize)]
#[command(group(clap::ArgGroup::new("what").required(true).args(["regime", "register"])))]
pub(crate) struct Licence {
    /// Regime, such as `kazakhstan` or `western-australia`
    #[arg(long)]
    regime: Option<String>,
    /// Blocks of the licence; 1 when absent
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    blocks: Option<u32>,
    /// Years that it is held; 6 when absent
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    years: Option<u32>,
    /// Register of licences, CSV or `GeoJSON`
    #[arg(long, value_name = "FILE", conflicts_with_all = ["blocks", "years"])]
    register: Option<String>,
    /// Year in which the register is looked at; two years after the base year when absent
    #[arg(long, requires = "register")]
    now: Option<i32>,
}

impl Projects {
    pub(crate) fn print(&self, cli: &Cli) -> Outcome {
        if self.lead_times { cli.print("lead-times", &json!({})) } else { cli.print("projects", self) }
    }
}
