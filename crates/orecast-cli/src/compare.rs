//! `orecast compare`: countries and groups side by side.

use clap::Args;
use orecast::{
    brief::{
        compare::{Comparison, Entry, compare},
        number::{Style, Unit, figure},
        table::{Align, Table},
    },
    id::MineralId,
    indicator::Group,
    unit::Range,
    world::{World, names::Subject, table::Stage},
};
use serde_json::to_string_pretty;

use crate::{
    Outcome,
    risk::{grade, left_out},
    shock::{name, short},
    text::number,
};

/// The headline indicators of several countries or groups, side by side
#[derive(Args)]
pub(crate) struct Compare {
    /// Countries, blocs or several: `USA EU27 JPN CHN USA+JPN`
    #[arg(required = true, num_args = 1..=8, value_name = "COUNTRY|GROUP")]
    who: Vec<String>,
    /// Year; the last one with complete trade when absent
    #[arg(long)]
    year: Option<i32>,
    /// Only these minerals
    #[arg(long, value_name = "MINERAL", value_delimiter = ',')]
    minerals: Vec<String>,
    /// Only this stage: `mine` or `refine`
    #[arg(long, value_parser = stage)]
    stage: Option<Stage>,
    /// Print everything as JSON
    #[arg(long)]
    json: bool,
}

fn stage(text: &str) -> Result<Stage, String> {
    [Stage::Mine, Stage::Refine]
        .into_iter()
        .find(|stage| stage.as_str() == text)
        .ok_or_else(|| "write `mine` or `refine`".to_owned())
}

impl Compare {
    pub(crate) fn run(&self, world: &World) -> Outcome {
        let year = self.year.or_else(|| world.base_year()).ok_or("the package has no trade")?;
        let groups: Vec<Group> =
            self.who.iter().map(|who| Group::parse(world, who, year)).collect::<Result<_, _>>()?;
        let mut minerals: Vec<MineralId> = Vec::new();
        for name in &self.minerals {
            match world.find(name)? {
                Subject::Mineral(row) => minerals.push(row.market.clone()),
                Subject::Country(row) => return Err(format!("`{name}` is a country: {}", row.name).into()),
            }
        }
        let mut found = compare(world, &groups, year, &minerals);
        found.lines.retain(|line| self.stage.is_none_or(|stage| line.stage == stage));
        Ok(if self.json { to_string_pretty(&found)? + "\n" } else { print(world, &found) })
    }
}

fn print(world: &World, found: &Comparison) -> String {
    let mut columns = vec![
        ("Mineral".to_owned(), Align::Left),
        ("Stage".to_owned(), Align::Left),
        ("HHI".to_owned(), Align::Right),
        ("Grade".to_owned(), Align::Left),
    ];
    for group in &found.groups {
        columns.push((group.name.clone(), Align::Left));
    }
    let mut table = Table::new(columns);
    for line in &found.lines {
        let hhi = line.hhi.map_or_else(|| "–".to_owned(), |hhi| number(hhi.round(), 3));
        let mut cells = vec![line.mineral.to_string(), line.stage.to_string(), hhi, grade(line.grade)];
        cells.extend(line.groups.iter().map(cell));
        table.row(cells);
    }
    let text = format!(
        "Who makes, imports and depends, side by side ({})\n\n{table}\n\
         Each cell, in percent: share of world output / net imports over use at that stage / largest foreign supplier's share of what is bought.\n\
         All derived from one balanced year, so without a range. HHI: concentration of world output by country, 0 to 10,000.\n\
         Grade of the outputs behind a line: A published, B derived from published figures, C assumed.\n",
        found.year
    );
    let mut stops = Table::new([
        ("Stop that costs its users most", Align::Left),
        ("Loss in a full year", Align::Left),
        ("Chance a year", Align::Left),
        ("Expected loss a year", Align::Left),
    ]);
    for (group, rows) in found.groups.iter().zip(&found.stops) {
        let Some(row) = rows.first() else { continue };
        let money = |musd: Range| {
            let usd = Range::new(musd.low * 1e6, musd.mid * 1e6, musd.high * 1e6);
            short(usd, &Unit::Money, Style::TERMINAL)
        };
        let exporter = row.exporter.parse().map_or_else(|_| row.exporter.clone(), |iso3| name(world, iso3));
        let stage = row.stage.map_or("all", |stage| stage.as_str());
        stops.row([
            format!("{}: {} stops {} ({stage})", group.name, exporter, row.mineral),
            money(row.loss_musd),
            figure(row.probability, &Unit::Share, Style::TERMINAL).to_string(),
            money(row.expected_loss_musd),
        ]);
    }
    let left_out = left_out(&found.without);
    format!(
        "{text}\n{stops}The stop of one exporter with the largest expected loss; middle and 9 in 10 draws.\n{}\n",
        left_out.trim_start()
    )
}

fn cell(entry: &Entry) -> String {
    let share = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), whole_percent);
    let imports = match entry.net_import_reliance {
        Some(reliance) if reliance < 0.0 => "exporter".to_owned(),
        reliance => share(reliance),
    };
    let supplier = entry
        .largest_supplier
        .map_or_else(|| "–".to_owned(), |(country, share)| format!("{country} {}", whole_percent(share)));
    format!("{} / {imports} / {supplier}", share(entry.output_share))
}

/// A share in whole percent without the sign, which the note gives.
fn whole_percent(share: f64) -> String {
    match 100.0 * share {
        percent if percent > 0.0 && percent < 0.5 => "<1".to_owned(),
        percent => format!("{:.0}", percent + 0.0),
    }
}
