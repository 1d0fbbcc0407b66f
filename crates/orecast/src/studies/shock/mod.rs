//! One bad year: what happens when exporters stop, restrict or are shut out, to whom, and how likely it is.
//!
//! A [`ShockMarket`] is a mineral's base year on a [time scale](crate::params::responses::TimeScale). [`Intervention`]s change it; what they do
//! is [measured](effects) against the undisturbed base, draw by draw, and reported in a [`Report`]. The `screen` asks the same of
//! every exporter of every mineral and weighs the answer with a `Hazard`. `docs/src/shock.md` gives the formulas.

pub mod effects;
pub mod hindcast;
pub mod interventions;
pub mod market;
pub mod report;
mod surplus;

pub use interventions::{Context, Intervention, InterventionKind};
pub use market::ShockMarket;
pub use report::{Report, Request, run};

#[cfg(test)]
mod tests;
