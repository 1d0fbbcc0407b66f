//! `orecast data coverage`: minerals by kinds of facts.

use clap::Args;
use orecast::world::{
    World,
    coverage::{COLUMNS, Counted, Coverage, CoverageCell, coverage},
};

use crate::{Outcome, text::Table};

/// Arguments of `data coverage`.
#[derive(Args)]
pub(crate) struct CoverageArgs {
    /// List of minerals
    #[arg(long, default_value = "US2025")]
    list: String,
    /// Print everything as JSON, with the sources of every cell
    #[arg(long)]
    json: bool,
}

impl CoverageArgs {
    pub(super) fn run(&self, world: &World) -> Outcome {
        let found = coverage(world, &self.list)?;
        Ok(if self.json { serde_json::to_string_pretty(&found)? + "\n" } else { print(&found) })
    }
}

fn print(found: &Coverage) -> String {
    let header: Vec<String> = COLUMNS.iter().map(|column| format!(">{}", column.name)).collect();
    let mut names = vec!["mineral"];
    names.extend(header.iter().map(String::as_str));
    let mut table = Table::new(&names);
    for mineral in &found.minerals {
        let mut row = vec![mineral.name.clone()];
        row.extend(mineral.cells.iter().zip(COLUMNS).map(|(found, column)| cell(found, column.counted)));
        table.row(row);
    }
    let total = |label: &str, count: fn(&orecast::world::coverage::ColumnTotal) -> usize| {
        let mut row = vec![label.to_owned()];
        row.extend(found.totals.iter().map(|total| count(total).to_string()));
        row
    };
    table.row(total("with rows of their own", |total| total.own));
    table.row(total("through their market", |total| total.through_market));
    table.row(total("absent", |total| total.absent));
    let rows: Vec<&str> =
        COLUMNS.iter().filter(|column| column.counted == Counted::Rows).map(|column| column.name).collect();
    format!(
        "What is known of the {} minerals of {}\n\n{}\nBest grade and number of countries ({}: rows). \
         In brackets: of the market that the mineral is sold in. –: no row.\n",
        found.minerals.len(),
        found.list,
        table.print(),
        rows.join(", "),
    )
}

/// A cell such as `A 12`, `(A 12)` through the market, or a dash.
fn cell(found: &CoverageCell, counted: Counted) -> String {
    let Some(grade) = found.grade else { return "–".to_owned() };
    let text = format!("{grade} {}", found.count(counted));
    if found.through.is_some() { format!("({text})") } else { text }
}
