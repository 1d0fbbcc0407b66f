//! Renderers: text tables, CSV, Parquet.

pub mod results;
pub mod screen;
pub mod shock;
pub mod table;
