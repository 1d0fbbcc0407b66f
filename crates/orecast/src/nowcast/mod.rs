//! From the base year to today: what is known since, as states of the market.
//!
//! For each mineral and each year since the base year a few states (shifts of use inside and outside a restricting
//! country, what still leaves under each measure in force, output of producers, and the part of prices that nothing
//! explains) are estimated so that the year's equilibrium agrees with all that was published about it. Draws perturb
//! priors and observations and estimate again, so that all that follows carries the uncertainty.
//! `docs/src/nowcast.md` gives equations, priors and checks.

/// Whether runs and paths that name no day start from all that is known since the base year. Until the checks of
/// `docs/src/nowcast.md` have passed on the shipped package they start from the base year alone; with a day named, and in
/// `studies::now`, the nowcast is always part of them.
pub const START_TODAY: bool = false;

pub mod estimate;
pub mod frame;
pub mod knowledge;
pub mod measure;
pub mod observation;
pub mod prior;
pub mod series;
pub mod state;
#[cfg(test)]
mod tests;
pub mod zone;

pub use estimate::{Estimate, Estimated, Fit};
pub use frame::{Frame, value as observation_value};
pub use knowledge::{Base, Knowledge, YearKnown, newest_day, usual_day};
pub use measure::{CapGroup, Standing};
pub use observation::{Observation, Quantity};
pub use prior::Class;
pub use state::{Applied, Plain, State, StateKind};
pub use zone::{Split, Zone};
