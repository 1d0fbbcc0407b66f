//! Orecast: what a critical-minerals deal really changes, for whom, by when, with ranges and sources.
//!
//! The rooms, in the order of use; each uses only those above it (`tests/architecture.rs` holds them to this order):
//!
//! | room | holds |
//! |---|---|
//! | [`base`] | ids, units, dates, draws, diagnostics |
//! | [`world`] | facts: tables, checks, choice between sources, look-up by name |
//! | [`params`] | the named assumptions as types |
//! | [`register`] | promises and deliveries |
//! | [`baseline`] | one balanced mineral-year |
//! | [`market`] | one solvable mineral-year; knows numbers only |
//! | [`policy`] | levers, commitments, cases |
//! | [`project`] | one mine or plant: lead times, cost, government take, licence |
//! | [`nowcast`] | from the base year to today: what is known since, as states of the market |
//! | [`pathway`] | the years of one arm in one draw |
//! | [`indicator`] | numbers people quote |
//! | [`ensemble`] | many draws of every arm |
//! | [`studies`] | what runs the engine: run, path, hindcast, shock, screen, GDP at risk, risk |
//! | [`answer`] | what a reader gets: sentences, tables, figures |
//! | [`ask`] | the one door: questions and answers |
//! | [`render`] | text, CSV, Parquet |

pub mod answer;
pub mod ask;
pub mod base;
pub mod baseline;
pub mod ensemble;
pub mod indicator;
pub mod market;
pub mod nowcast;
pub mod params;
pub mod pathway;
pub mod policy;
pub mod project;
pub mod register;
pub mod render;
pub mod studies;
pub mod world;

#[cfg(test)]
pub(crate) mod testing;
