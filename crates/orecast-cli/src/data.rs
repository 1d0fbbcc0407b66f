//! `orecast data`: looks after the directory of facts.

mod coverage;
mod diff;
mod gaps;
mod layer;

use std::error::Error;

use clap::{Args, Subcommand};
use orecast::{
    baseline::comparison::{OriginCheck, RelianceCheck, RelianceTable, reliance_table},
    render::table::{Align, Table},
    world::{
        World,
        layer::Layer,
        locate::{Facts, NoPackage},
        names::Subject,
        package::Package,
        table::{Flag, MineralRow},
    },
};

use crate::{
    Outcome,
    import::{self, ImportArgs},
    tension::Tension,
    text::{grouped, number},
};

/// What can be done with the facts.
#[derive(Subcommand)]
pub(crate) enum Data {
    /// Check every table and say everything that is wrong, with file, line and remedy
    Check,
    /// Minerals by kinds of facts: the best grade and how much there is
    Coverage(coverage::CoverageArgs),
    /// What is not known: absent, withheld, one-sided, stale, without trade, or only inferred
    Gaps(gaps::GapsArgs),
    /// What an update changes: rows, values, and the figures that stand
    Diff(diff::DiffArgs),
    /// Write an empty folder of own data
    NewLayer(layer::NewLayer),
    /// Hold balanced years against published net import reliance
    Reliance(Reliance),
    /// What balancing moved against what was published, by how much, and what pushed it
    Tension(Tension),
    /// Turn publishers' files into rows of the tables
    Import(ImportArgs),
}

/// Arguments of `data reliance`.
#[derive(Args)]
pub(crate) struct Reliance {
    /// Year; the last one with complete trade when absent
    #[arg(long)]
    year: Option<i32>,
    /// Print everything as JSON
    #[arg(long)]
    json: bool,
}

impl Data {
    /// Runs the command; `facts` says where the facts are.
    pub(crate) fn run(&self, facts: impl Fn() -> Result<Facts, NoPackage>) -> Outcome {
        match self {
            Self::Check => check(&facts()?),
            Self::Coverage(args) => args.run(&facts()?.load()?),
            Self::Gaps(args) => args.run(&facts()?.load()?),
            Self::Diff(args) => args.run(facts),
            Self::NewLayer(args) => args.run(&facts()?),
            Self::Reliance(args) => args.run(&facts()?.load()?),
            Self::Tension(args) => args.run(&facts()?.load()?),
            Self::Import(args) => Ok(import::run(args)? + "\n"),
        }
    }
}

fn check(facts: &Facts) -> Outcome {
    let world = facts.load()?;
    let tables = Package::read(&facts.package)?.resources.len();
    let rows = grouped(&world.tables().row_count().to_string());
    let mut lines = vec![format!("{}: {tables} tables, {rows} rows, no problems", facts.package.display())];
    lines.extend(world.layers().iter().map(Layer::in_words));
    Ok(lines.join("\n") + "\n")
}

/// The mineral that a name stands for.
fn mineral<'w>(world: &'w World, name: &str) -> Result<&'w MineralRow, Box<dyn Error>> {
    match world.find(name)? {
        Subject::Mineral(row) => Ok(row),
        Subject::Country(row) => Err(format!("`{name}` is a country ({}), not a mineral", row.name).into()),
    }
}

impl Reliance {
    fn run(&self, world: &World) -> Outcome {
        let year = self.year.or_else(|| world.base_year()).ok_or("the package has no trade")?;
        let found = reliance_table(world, year);
        Ok(if self.json { serde_json::to_string_pretty(&found)? + "\n" } else { print(&found) })
    }
}

/// Gaps up to this many points count as agreement.
const CLOSE: f64 = 10.0;

fn print(found: &RelianceTable) -> String {
    let mut table = Table::new([
        ("Mineral", Align::Left),
        ("Form", Align::Left),
        ("Country", Align::Left),
        ("Published", Align::Right),
        ("Balanced", Align::Right),
        ("Gap, points", Align::Right),
    ]);
    let rounded = |value: Option<f64>, unit: &str| {
        // Adding zero turns a rounded minus zero into zero.
        value.map_or_else(|| "–".to_owned(), |value| format!("{}{unit}", value.round() + 0.0))
    };
    for row in &found.rows {
        let form = match row.stage {
            _ if !row.product.is_empty() => row.product.clone(),
            Some(stage) => stage.to_string(),
            None => "all forms".to_owned(),
        };
        table.row([
            row.mineral.to_string(),
            form,
            row.country.to_string(),
            published(row),
            rounded(row.balanced, " %"),
            rounded(row.gap_points, ""),
        ]);
    }
    let close = found.rows.iter().filter(|row| row.gap_points.is_some_and(|gap| gap <= CLOSE)).count();
    let mut lines = vec![
        format!("Net imports over apparent consumption, {}\n\n{table}", found.year),
        format!("{close} of {} within {CLOSE:.0} points or inside the published bound", found.rows.len()),
    ];
    lines.push(origins(&found.origins));
    lines.extend(found.without.iter().map(|row| format!("{}: {}", row.mineral, row.reason)));
    lines.join("\n") + "\n"
}

/// Origins whose share is furthest from the published one that are shown.
const FURTHEST: usize = 10;

/// How published shares of imports by origin are met, and where they are not.
fn origins(checks: &[OriginCheck]) -> String {
    let mut ranked: Vec<&OriginCheck> = checks.iter().collect();
    ranked.sort_by(|a, b| b.gap_points().total_cmp(&a.gap_points()));
    let mut table = Table::new([
        ("Mineral", Align::Left),
        ("Form", Align::Left),
        ("Route", Align::Left),
        ("Published", Align::Right),
        ("Balanced", Align::Right),
    ]);
    for check in ranked.iter().take(FURTHEST) {
        table.row([
            check.mineral.to_string(),
            check.stage.map_or_else(|| "all forms".to_owned(), |stage| stage.to_string()),
            format!("{} to {}", check.exporter, check.importer),
            format!("{} %", check.published),
            format!("{} %", check.balanced.round() + 0.0),
        ]);
    }
    let close = checks.iter().filter(|check| check.gap_points() <= CLOSE).count();
    let median = ranked.get(ranked.len() / 2).map_or(0.0, |check| check.gap_points());
    format!(
        "\nShares of imports by origin: {close} of {} within {CLOSE:.0} points of the published four-year mean, half within \
         {}\nThe furthest:\n\n{table}",
        checks.len(),
        number(median, 2)
    )
}

/// A published reliance with its bound, such as `> 50 %`.
fn published(row: &RelianceCheck) -> String {
    match (row.flag, row.published) {
        (Flag::NetExporter, _) => "net exporter".to_owned(),
        (Flag::AtLeast, Some(bound)) => format!("> {bound} %"),
        (Flag::AtMost, Some(bound)) => format!("< {bound} %"),
        (_, Some(percent)) => format!("{percent} %"),
        (_, None) => "–".to_owned(),
    }
}
