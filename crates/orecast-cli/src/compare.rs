//! `orecast compare`: countries and groups side by side.

use std::fmt::Write;

use clap::{Args, ValueEnum};
use orecast::{
    answer::number::{Style, Unit, figure},
    base::{
        id::{Iso3, MineralId},
        unit::{Range, Stage},
    },
    indicator::Group,
    render::table::{Align, Table},
    studies::compare::{Comparison, Entry, compare},
    world::{World, names::Subject},
};
use serde_json::to_string_pretty;

use crate::{
    Outcome,
    risk::{grade, left_out},
    shock::{name, short},
    text::{Readings, level, reliance, share_of},
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
    /// What is compared, one table for each
    #[arg(long, value_enum, value_name = "MEASURE", value_delimiter = ',', default_values = ["imports", "supplier"])]
    measure: Vec<Measure>,
    #[command(flatten)]
    readings: Readings,
    /// Print everything as JSON
    #[arg(long)]
    json: bool,
}

/// What a table of the comparison shows.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Measure {
    /// Net imports over use of the stage's product
    Imports,
    /// Largest foreign supplier and its share of purchases
    Supplier,
    /// Foreign country whose owners control most of the purchases
    Owner,
    /// Share of world output made there
    Output,
    /// Share of world output that its owners control, at home and abroad
    Owned,
    /// Output over what is bought
    SelfSufficiency,
    /// The same with output that its owners control, at home and abroad
    SelfSufficiencyByOwner,
    /// Number of equal suppliers that would be as concentrated
    Diversification,
    /// The same by country of control
    DiversificationByOwner,
}

impl Measure {
    /// Title of its table.
    const fn title(self) -> &'static str {
        match self {
            Self::Imports => "Net imports over use of the stage's product",
            Self::Supplier => "Largest foreign supplier and its share of what is bought",
            Self::Owner => "Foreign country whose owners control most of what is bought",
            Self::Output => "Share of world output made there",
            Self::Owned => "Share of world output that its owners control, at home and abroad",
            Self::SelfSufficiency => "Output over what is bought (1 is self-sufficient)",
            Self::SelfSufficiencyByOwner => {
                "Output that its owners control, at home and abroad, over what is bought"
            }
            Self::Diversification => "Diversification: equal suppliers that would be as concentrated",
            Self::DiversificationByOwner => "Diversification by country of control",
        }
    }

    /// One group's figure.
    fn cell(self, entry: &Entry) -> String {
        let number = |range: Range| level(range, &Unit::Other(String::new()), 2);
        let named = |(country, share): (Iso3, Range)| format!("{country} {}", share_of(share));
        let found = match self {
            Self::Imports => entry.net_import_reliance.map(reliance),
            Self::Supplier => entry.largest_supplier.map(named),
            Self::Owner => entry.largest_owner.map(named),
            Self::Output => entry.output_share.map(share_of),
            Self::Owned => entry.owned_share.map(share_of),
            Self::SelfSufficiency => entry.self_sufficiency.map(number),
            Self::SelfSufficiencyByOwner => entry.self_sufficiency_by_owner.map(number),
            Self::Diversification => entry.diversification.map(number),
            Self::DiversificationByOwner => entry.diversification_by_owner.map(number),
        };
        found.unwrap_or_else(|| "–".to_owned())
    }
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
        let mut found = compare(world, &groups, year, &minerals, self.readings.start()?);
        found.lines.retain(|line| self.stage.is_none_or(|stage| line.stage == stage));
        Ok(if self.json { to_string_pretty(&found)? + "\n" } else { print(world, &found, &self.measure) })
    }
}

fn print(world: &World, found: &Comparison, measures: &[Measure]) -> String {
    let mut text = format!("Who makes, imports and depends, side by side ({})\n", found.year);
    for measure in measures {
        let mut columns = vec![
            ("Mineral".to_owned(), Align::Left),
            ("Stage".to_owned(), Align::Left),
            ("HHI".to_owned(), Align::Left),
        ];
        columns.extend(found.groups.iter().map(|group| (group.name.clone(), Align::Left)));
        columns.push(("Grade".to_owned(), Align::Left));
        let mut table = Table::new(columns);
        for line in &found.lines {
            let hhi = line.world.hhi.map_or_else(|| "–".to_owned(), |hhi| level(hhi, &Unit::Hhi, 3));
            let mut cells = vec![line.mineral.to_string(), line.stage.to_string(), hhi];
            cells.extend(line.groups.iter().map(|entry| measure.cell(entry)));
            cells.push(grade(line.grade));
            table.row(cells);
        }
        let _ = write!(text, "\n{}\n\n{table}", measure.title());
    }
    let ranges = match found.sampling.draws {
        0 => "without ranges: --draws was 0".to_owned(),
        draws => format!("ranges: 9 in 10 of {draws} readings of the published figures within their doubt"),
    };
    let _ = write!(
        text,
        "\nAll derived from one balanced year; {ranges}. HHI: concentration of world output by country, 0 to 10,000.\n\
         Grade of the outputs behind a line: A published, B derived from published figures, C assumed. Other measures: --measure.\n"
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
