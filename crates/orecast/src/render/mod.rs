//! Renderers: leaves that turn an answer into text, JSON, CSV or Parquet. They hold no rule of the domain.

pub mod csv;
pub mod json;
pub mod results;
pub mod table;
pub mod terminal;
