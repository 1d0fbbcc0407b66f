//! How well a step of a published method is known here, so that no reconstruction passes for the original.

use serde::Serialize;

/// Where a step comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Support {
    /// Confirmed against a published copy or a worked value.
    Confirmed,
    /// As recalled: the method's text could not be read.
    Remembered,
    /// The text could not be read and nothing is put in its place.
    Unread,
    /// Another figure stands in for one that the package does not have.
    StandIn,
    /// The package has no data for it, so it is left out.
    NoData,
}

impl Support {
    /// The word on screens.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Remembered => "as recalled, text not read",
            Self::Unread => "not read, left out",
            Self::StandIn => "stand-in",
            Self::NoData => "no data, left out",
        }
    }
}

/// One step of a method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Step {
    /// What the step is.
    pub what: &'static str,
    /// How well it is known.
    pub support: Support,
    /// What is done here.
    pub here: &'static str,
}
