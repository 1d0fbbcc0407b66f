//! What a reader gets: sentences, tables and figures, and numbers written for people. One file for each question.

pub mod compare;
pub mod explain;
pub mod figure;
pub mod number;
pub mod run;
pub mod view;
