//! What a reader gets: sentences, tables and figures, and numbers written for people.

pub mod explain;
pub mod number;
pub mod payers;
pub mod run;
pub mod why;
