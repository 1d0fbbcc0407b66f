//! `orecast data gaps`: what is not known.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use clap::Args;
use orecast::{
    base::id::MineralId,
    world::{
        World,
        gaps::{Gap, GapKind, STALE_AFTER, gaps},
    },
};

use super::mineral;
use crate::{Outcome, text::wrapped};

/// Arguments of `data gaps`.
#[derive(Args)]
pub(crate) struct GapsArgs {
    /// One mineral only
    #[arg(long)]
    mineral: Option<String>,
    /// A figure older than so many years before the base year is stale
    #[arg(long, value_name = "YEARS", default_value_t = STALE_AFTER)]
    stale_after: i32,
    /// Print everything as JSON
    #[arg(long)]
    json: bool,
}

impl GapsArgs {
    pub(super) fn run(&self, world: &World) -> Outcome {
        let only = self.mineral.as_deref().map(|name| mineral(world, name)).transpose()?;
        let found = gaps(world, only, self.stale_after);
        Ok(if self.json { serde_json::to_string_pretty(&found)? + "\n" } else { print(world, &found) })
    }
}

fn print(world: &World, found: &[Gap]) -> String {
    let mut out = String::new();
    for kind in GapKind::ALL {
        let of_kind: Vec<&Gap> = found.iter().filter(|gap| gap.kind == kind).collect();
        if of_kind.is_empty() {
            continue;
        }
        let minerals: BTreeSet<&MineralId> = of_kind.iter().filter_map(|gap| gap.mineral.as_ref()).collect();
        let places = if of_kind.len() == 1 { "gap" } else { "gaps" };
        let (title, gaps) = (kind.in_words(), of_kind.len());
        let _ = match kind {
            GapKind::Newest => writeln!(out, "{title}, minerals: {}", minerals.len()),
            _ => writeln!(out, "{title}: {gaps} {places}, minerals: {}", minerals.len()),
        };
        // One line for a mineral and what is missing of it.
        let mut lines: BTreeMap<(Option<&MineralId>, &str), Vec<String>> = BTreeMap::new();
        for gap in of_kind {
            lines.entry((gap.mineral.as_ref(), &gap.what)).or_default().extend(detail(world, gap));
        }
        for ((mineral, what), details) in lines {
            let name = mineral.map_or("Several minerals", |mineral| {
                world.mineral(mineral.as_str()).map_or(mineral.as_str(), |row| &row.name)
            });
            out += &wrapped(&format!("{name}: {what}"), &details);
        }
        out.push('\n');
    }
    if out.is_empty() { "No gaps.\n".to_owned() } else { out }
}

/// What tells a gap from the others of its line.
fn detail(world: &World, gap: &Gap) -> Option<String> {
    let country =
        gap.country.map(|iso3| world.country(iso3).map_or(iso3.to_string(), |row| row.name.clone()));
    let code = gap.hs6.map(|hs6| format!("{hs6:06}"));
    let year = gap.year.map(|year| format!("{year}"));
    let date = gap.date.map(|date| date.to_string());
    let age = gap.months.map(|months| format!("({})", months_old(months)));
    let parts: Vec<String> = [code, country, year, date, age].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

/// How far a price lies behind the newest fact of the package.
fn months_old(months: i32) -> String {
    match months {
        0 => "as new as the package".to_owned(),
        1 => "1 month behind the newest fact".to_owned(),
        months => format!("{months} months behind the newest fact"),
    }
}
