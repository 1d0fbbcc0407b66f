//! What every room uses: ids, units, dates, draws, diagnostics, and two small pieces of mathematics.

pub mod columns;
pub mod control;
pub mod date;
pub mod diagnostic;
pub mod draw;
pub mod id;
pub(crate) mod linear;
pub mod shapley;
pub mod text;
pub mod unit;
