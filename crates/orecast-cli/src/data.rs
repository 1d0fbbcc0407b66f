//! `orecast data`: looks after the directory of facts.

use std::path::Path;

use clap::Subcommand;
use orecast::world::{World, locate::find_package, package::Package};

use crate::{
    Outcome,
    import::{self, ImportArgs},
    text::grouped,
};

/// What can be done with the facts.
#[derive(Subcommand)]
pub(crate) enum Data {
    /// Check every table and say everything that is wrong, with file, line and remedy
    Check,
    /// Turn publishers' files into rows of the tables
    Import(ImportArgs),
}

impl Data {
    pub(crate) fn run(&self, package: Option<&Path>) -> Outcome {
        match self {
            Self::Check => check(&find_package(package)?),
            Self::Import(args) => Ok(import::run(args)? + "\n"),
        }
    }
}

fn check(directory: &Path) -> Outcome {
    let world = World::load(directory)?;
    let tables = Package::read(directory)?.resources.len();
    let rows = grouped(&world.tables().row_count().to_string());
    Ok(format!("{}: {tables} tables, {rows} rows, no problems\n", directory.display()))
}
