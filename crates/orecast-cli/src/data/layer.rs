//! `orecast data new-layer`: an empty folder of own data.

use std::path::PathBuf;

use clap::Args;
use orecast::{
    base::diagnostic::did_you_mean,
    world::{
        layer::write_new,
        locate::Facts,
        package::{Package, Resource},
    },
};

use crate::Outcome;

/// Arguments of `data new-layer`.
#[derive(Args)]
pub(crate) struct NewLayer {
    /// Folder to write; it must not exist, or be empty
    folder: PathBuf,
    /// A table that the folder begins with, more than once for several, beside `sources`
    #[arg(long)]
    table: Vec<String>,
}

impl NewLayer {
    pub(super) fn run(&self, facts: &Facts) -> Outcome {
        let package = Package::read(&facts.package)?;
        let tables = self.table.iter().map(|table| {
            let known = package.resources.iter().map(|resource| resource.name.as_str());
            package.resource(table).ok_or_else(|| {
                let remedy = did_you_mean(table, known, "see datapackage.json");
                format!("there is no table `{table}`\n    {remedy}")
            })
        });
        let tables: Vec<&Resource> = tables.collect::<Result<_, _>>()?;
        let folder = self.folder.display();
        let written =
            write_new(&self.folder, &package, &tables).map_err(|error| format!("{folder}: {error}"))?;
        Ok(format!(
            "{folder}: {}\nFill the tables, then: orecast --data {folder} data check\n",
            written.join(", ")
        ))
    }
}
