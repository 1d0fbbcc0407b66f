//! The facts: tables of observations with source, vintage and grade, and what is asked of them.
//!
//! [`World::load`] reads a directory of tables described by [`package`]; [`choice`] says which figure stands
//! when sources disagree; [`show`] gathers what is known about one mineral or country.

pub mod built_in;
mod cell;
mod check;
pub mod choice;
pub mod control;
pub mod coverage;
mod derived;
pub mod diff;
pub mod flow;
pub mod gaps;
mod key;
mod known;
pub mod layer;
pub mod list;
mod load;
pub mod locate;
mod lookup;
pub mod names;
pub mod package;
mod register_rules;
mod row;
mod rules;
mod shares;
pub mod show;
pub mod table;
mod tables;
mod write;

pub use known::NewestFact;
pub use lookup::{DEMAND_BASE_YEAR, World};
pub use tables::Tables;
pub(crate) use tables::columns;
