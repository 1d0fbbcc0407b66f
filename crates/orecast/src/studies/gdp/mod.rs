//! Gross domestic product at risk when exporters stop, USGS-style.
//!
//! The United States Geological Survey published such a screen (Open-File Report 2025-1047); its equations are not
//! reproduced in full anywhere we could read, so this is our reconstruction from the abstract and public descriptions and
//! must never be quoted as theirs. What users of a mineral lack becomes lost output of the industries that need it, the
//! [input-output accounts](accounts) say what hangs on that output, [rationing] finds the cheapest way to do with less, and
//! what is bought dearer and what the leader's own producers gain are added. `docs/src/indicators.md` gives the formulas.

pub mod accounts;
pub mod economy;
pub mod rationing;
pub mod report;

pub use accounts::Accounts;
pub use economy::{Assumptions, Basis, Economy, Loss};
pub use report::{GdpScreen, MineralRisk, gdp_screen, gdp_screen_by};

use serde::Serialize;

/// Expected loss from which a mineral is listed, million USD a year: the floor that is reported of the published method
/// (second-hand). The cut-offs above and below it were not found; ours are powers of ten of it.
const FLOOR_MUSD: f64 = 2.0;

/// How much a mineral puts at risk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RiskClass {
    /// The economy gains.
    Negative,
    /// Under a tenth of the floor.
    Negligible,
    /// Under the floor.
    Limited,
    /// From the floor.
    Moderate,
    /// From ten times the floor.
    Elevated,
    /// From a hundred times the floor.
    High,
}

impl RiskClass {
    /// The class of an expected loss, million USD a year.
    pub fn of(expected_loss_musd: f64) -> Self {
        match expected_loss_musd / FLOOR_MUSD {
            x if x >= 100.0 => Self::High,
            x if x >= 10.0 => Self::Elevated,
            x if x >= 1.0 => Self::Moderate,
            x if x >= 0.1 => Self::Limited,
            x if x >= 0.0 => Self::Negligible,
            _ => Self::Negative,
        }
    }

    /// The word on screens.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Negative => "negative",
            Self::Negligible => "negligible",
            Self::Limited => "limited",
            Self::Moderate => "moderate",
            Self::Elevated => "elevated",
            Self::High => "high",
        }
    }
}
