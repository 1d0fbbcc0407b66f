//! The arguments of each command, which are the fields of its question.

mod case;
mod compare;
mod data;
mod deals;
mod market;
mod now;
mod path;
mod projects;
mod risk;
mod run;
mod screen;
mod shock;
mod show;

use orecast::ask::Answer;

pub(crate) use case::Case;
pub(crate) use compare::Compare;
pub(crate) use data::Data;
pub(crate) use deals::Deals;
pub(crate) use market::Market;
pub(crate) use now::Now;
pub(crate) use path::Path;
pub(crate) use projects::{Licence, Project, Projects};
pub(crate) use risk::Risk;
pub(crate) use run::Run;
pub(crate) use screen::Screen;
pub(crate) use shock::Shock;
pub(crate) use show::Show;

use crate::Outcome;

/// The file that an answer holds.
fn file(answer: &Answer) -> Outcome {
    let document = answer.data.value()?;
    Ok(document["file"].as_str().unwrap_or_default().to_owned())
}
