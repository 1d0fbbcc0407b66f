//! Policy: levers, and deals made of them.
//!
//! A deal is a list of commitments, each with a probability of materialising and a date, never a label. Labels
//! (`mou`, `framework`) are [presets](preset) that fill in what a deal leaves open. A [`Case`] compares arms:
//! the same world with no deal, with the deal as signed, and with stronger or weaker forms of it.

pub mod case;
mod check;
pub mod commitment;
pub mod disruption;
mod document;
pub mod lever;
mod names;
pub mod overlay;
pub mod preset;
pub mod quantity;
mod reading;
mod rules;
#[cfg(test)]
mod tests;

pub use case::{Arm, Case, Deal, Horizon, Response, Scope, case_schema};
pub use commitment::{Commitment, Date, Materialises};
pub use disruption::Disruption;
pub use lever::Lever;
pub use names::Names;
pub use overlay::{Branch, Cell, Overlay};
pub use preset::{Preset, Presets, SourceNote, own_files};
pub use quantity::{Chance, Origin, Quantity};
