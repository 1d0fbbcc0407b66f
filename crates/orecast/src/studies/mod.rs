//! What runs the engine: each study asks one kind of question of worlds, markets and pathways, and returns typed results.

pub mod changes;
pub mod compare;
pub mod forecast;
pub mod gdp;
pub mod hazard;
pub mod hindcast;
pub mod manifest;
pub mod now;
pub mod now_scores;
pub mod outside;
pub mod payers;
pub mod price_drivers;
pub mod risk;
pub mod rows;
pub mod run;
pub mod scores;
pub mod screen;
pub mod shock;
pub mod situation;
pub mod switching;
pub mod unmodelled;
pub mod why;

pub use situation::{Sampling, Situation};
