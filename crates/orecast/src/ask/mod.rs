//! The one door: questions and answers.

pub mod draft;
pub mod manifest;
