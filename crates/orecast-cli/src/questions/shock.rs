//! `orecast shock`: what a restriction, a stop or a duty does within a year, and to whom.

use clap::Args;
use serde::Serialize;

use crate::{Cli, Outcome, Sampling};

/// What a restriction, a stop or a duty does within a year, and to whom
///
/// WHO and WHOM are countries (codes or names) or blocs, several with `+` between; `@mine` or `@refine` names one stage.
#[derive(Args, Serialize)]
pub(crate) struct Shock {
    /// Mineral, such as `gallium`
    #[arg(required_unless_present = "hindcast")]
    mineral: Option<String>,
    /// How prices moved after dated restrictions, and what the market would have said, compared with no change
    #[arg(long, conflicts_with_all = ["mineral", "ban", "quota", "licence", "tax", "duty", "stop", "sanction", "share_cap", "leakage", "case", "leader", "horizon", "why"])]
    #[serde(skip)]
    hindcast: bool,
    /// Nothing leaves WHO, or nothing for WHOM: `CHN`, `CHN:USA`, `CHN@refine`
    #[arg(long, value_name = "WHO[:WHOM]")]
    ban: Vec<String>,
    /// No more leaves than a share of past exports or a tonnage: `CHN=50%`, `CHN=1200t`
    #[arg(long, value_name = "WHO=SHARE")]
    quota: Vec<String>,
    /// So much of past exports is licensed, the first after some months: `CHN=60%`, `CHN=60%+3m`
    #[arg(long, value_name = "WHO=SHARE[+DELAY]")]
    licence: Vec<String>,
    /// Exports pay a share of their value: `IDN=20%`
    #[arg(long, value_name = "WHO=RATE")]
    tax: Vec<String>,
    /// Imports of WHO from WHOM pay a share of their value: `USA:CHN=25%`
    #[arg(long, value_name = "WHO:WHOM=RATE")]
    duty: Vec<String>,
    /// Output halts: `KAZ`, `KAZ@refine`
    #[arg(long, value_name = "WHO")]
    stop: Vec<String>,
    /// WHO buys nothing from WHOM: `G7:RUS`
    #[arg(long, value_name = "WHO:WHOM")]
    sanction: Vec<String>,
    /// WHO buys at most a share of its imports from WHOM, or from any one country: `USA:CHN=40%`, `USA=40%`
    #[arg(long, value_name = "WHO[:WHOM]=SHARE")]
    share_cap: Vec<String>,
    /// Share of what bans and sanctions stop that still arrives, such as `20%`
    #[arg(long, value_name = "SHARE")]
    leakage: Option<String>,
    /// File with levers of the deal language, see docs/src/shock.md
    #[arg(long, value_name = "FILE")]
    case: Option<String>,
    /// Country or group to look at
    #[arg(long = "for", value_name = "COUNTRY|GROUP")]
    #[serde(rename = "for")]
    leader: Option<String>,
    /// How long the market has had to respond: short (months), medium (a year), long (years)
    #[arg(long, value_name = "TIME", value_parser = ["short", "medium", "long"])]
    horizon: Option<String>,
    /// Divide the effect between the moves
    #[arg(long)]
    why: bool,
    #[command(flatten)]
    #[serde(flatten)]
    sampling: Sampling,
}

impl Shock {
    /// Asks for the shock, or for how well shocks would have told past prices.
    pub(crate) fn print(&self, cli: &Cli) -> Outcome {
        if self.hindcast { cli.print("shock-hindcast", &self.sampling) } else { cli.print("shock", self) }
    }
}
