//! Orecast: what a critical-minerals deal really changes, for whom, by when, with ranges and sources.
//!
//! Data flows one way through the modules; each uses only those above it:
//! [`world`] facts → [`params`] what rests on judgement → [`register`] promises and deliveries → [`baseline`] one balanced mineral-year → [`market`] one solvable mineral-year →
//! [`policy`] levers and deals → [`fiscal`], [`project`] and [`licence`] one mine or plant → [`pathway`] years → [`indicator`] numbers people quote →
//! [`strategy`] comparisons between arms → [`brief`] what a reader gets.
//! [`ensemble`] drives pathways and indicators over many draws; [`shock`] asks what a single bad year does, with
//! [`attribution`] to say which lever does it.

pub mod attribution;
pub mod baseline;
pub mod brief;
pub mod date;
pub mod diagnostic;
pub mod draw;
pub mod ensemble;
pub mod fiscal;
pub mod id;
pub mod indicator;
pub mod licence;
mod linear;
pub mod market;
pub mod params;
pub mod pathway;
pub mod policy;
pub mod project;
pub mod register;
pub mod shock;
pub mod strategy;
pub mod unit;
pub mod world;

#[cfg(test)]
pub(crate) mod testing;
