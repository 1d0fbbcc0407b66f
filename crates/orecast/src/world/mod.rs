//! The facts: tables of observations with source, vintage and grade, and what is asked of them.

pub mod import;
pub mod table;
