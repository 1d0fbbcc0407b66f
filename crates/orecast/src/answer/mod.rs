//! What a reader gets: sentences, tables and figures, and numbers written for people. One file for each question.

pub mod compare;
pub mod data;
pub mod explain;
pub mod figure;
pub mod gdp;
pub mod hazard;
pub mod number;
pub mod path;
pub mod price_hindcast;
pub mod risk;
pub mod run;
pub mod scores;
pub mod screen;
pub mod shock;
pub mod show;
pub mod view;
