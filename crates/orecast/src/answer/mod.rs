//! What a reader gets: sentences, tables and figures, and numbers written for people. One file for each question.

pub mod case;
pub mod cell;
pub mod compare;
pub mod data;
pub mod deals;
pub mod explain;
pub mod figure;
pub mod gdp;
pub mod hazard;
pub mod lead_times;
pub mod licence;
pub mod market;
pub mod now;
pub mod number;
pub mod parts;
pub mod path;
pub mod price_hindcast;
pub mod project;
pub mod projects;
pub mod risk;
pub mod run;
pub mod scores;
pub mod screen;
pub mod shock;
pub mod show;
pub mod view;
