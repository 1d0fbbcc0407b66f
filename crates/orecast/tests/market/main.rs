//! The market's equilibrium held against other solvers, exact results and laws that any equilibrium obeys.
#![allow(clippy::unwrap_used)]

mod conditions;
mod conic;
mod exact;
mod laws;
mod networks;
mod program;
