//! What a reader gets: numbers written for people, result files, and tables for the terminal.

pub mod manifest;
pub mod number;
pub mod results;
pub mod table;
