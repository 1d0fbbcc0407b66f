//! What a reader gets: the answer, numbers written for people, result files, and tables for the terminal.

pub mod answer;
pub mod compare;
pub mod draft;
pub mod explain;
pub mod manifest;
pub mod number;
pub mod payers;
pub mod results;
pub mod risk;
pub mod rows;
pub mod run;
pub mod screen;
pub mod shock;
pub mod table;
pub mod unmodelled;
pub mod why;
