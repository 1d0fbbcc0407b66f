//! The arguments of each command, which are the fields of its question.

mod compare;
mod data;
mod path;
mod risk;
mod run;
mod screen;
mod shock;
mod show;

pub(crate) use compare::Compare;
pub(crate) use data::Data;
pub(crate) use path::Path;
pub(crate) use risk::Risk;
pub(crate) use run::Run;
pub(crate) use screen::Screen;
pub(crate) use shock::Shock;
pub(crate) use show::Show;
