//! One bad year: what happens when exporters stop, restrict or are shut out, to whom, and how likely it is.
//!
//! A [`Scene`] is a mineral's base year on a [time scale](crate::params::responses::TimeScale). [`Move`]s change it; what they do
//! is [measured](effects) against the undisturbed base, draw by draw, and told in a [`Report`]. The [screen] asks the same of
//! every exporter of every mineral and weighs the answer with a [`Hazard`]. `docs/src/shock.md` gives the formulas.

pub mod effects;
pub mod hindcast;
pub mod moves;
pub mod report;
pub mod scene;
mod surplus;

pub use moves::{Context, Move, MoveKind};
pub use report::{Report, Request, run};
pub use scene::Scene;

#[cfg(test)]
mod tests;
