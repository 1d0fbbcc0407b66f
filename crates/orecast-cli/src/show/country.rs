//! A country's sheet in print.

use orecast::{
    base::id::{BlocId, Iso3, MineralId, SourceId},
    world::{
        World,
        show::{CountrySheet, Quantity},
    },
};

use super::{cite, figure, projects, remark, section, sources};
use crate::text::{self, Table};

pub(super) fn print(world: &World, sheet: &CountrySheet<'_>) -> String {
    let mut out = format!("{} ({})\n", sheet.country.name, sheet.country.iso3);
    if !sheet.blocs.is_empty() {
        let blocs: Vec<&str> = sheet.blocs.iter().map(BlocId::as_str).collect();
        out += &["  blocs  ", &blocs.join(", "), "\n"].concat();
    }
    for quantity in Quantity::ALL {
        out += &output(world, sheet, quantity);
    }
    out += &lists(world, sheet);
    out += &exports(world, sheet);
    out += &projects(world, &sheet.projects, true);
    out += &ownership(world, sheet);
    out += &governance(sheet);
    out += &sources(world, cited(sheet));
    out
}

fn output(world: &World, sheet: &CountrySheet<'_>, quantity: Quantity) -> String {
    let mut table = Table::new(&[
        "mineral",
        "stage",
        "year",
        ">figure",
        ">world share",
        ">rank",
        "flag",
        "grade",
        "source",
        "vintage",
    ]);
    for line in sheet.output.iter().filter(|line| line.quantity == quantity) {
        let row = line.figure;
        table.row([
            world.mineral(row.mineral.as_str()).map_or_else(String::new, |mineral| mineral.name.clone()),
            row.stage.to_string(),
            row.year.to_string(),
            figure(row),
            line.share.map(text::percent).unwrap_or_default(),
            line.rank.map(|rank| format!("{rank} of {}", line.of)).unwrap_or_default(),
            remark(row.flag).to_owned(),
            row.grade.to_string(),
            cite(world, &row.source),
            row.vintage.clone(),
        ]);
    }
    let title = match quantity {
        Quantity::Production => "Output",
        Quantity::Capacity => "Capacity",
        Quantity::Reserves => "Reserves",
        Quantity::Requirements => "Use",
        Quantity::Stocks => "Stocks",
    };
    section(title, &table)
}

fn lists(world: &World, sheet: &CountrySheet<'_>) -> String {
    let mut table = Table::new(&["list", "from", "until", ">on it", ">made here"]);
    let mut which = String::new();
    let name = |mineral: &MineralId| {
        world.mineral(mineral.as_str()).map_or_else(|| mineral.to_string(), |row| row.name.clone())
    };
    for line in sheet.lists.iter().filter(|line| !line.made.is_empty()) {
        table.row([
            line.list.clone(),
            line.from.clone(),
            line.to.clone(),
            line.listed.to_string(),
            line.made.len().to_string(),
        ]);
        which += &text::wrapped(&line.list, &line.made.iter().map(name).collect::<Vec<_>>());
        if !line.within.is_empty() {
            let head = format!("{}, sold within others that are made", line.list);
            which += &text::wrapped(&head, &line.within.iter().map(name).collect::<Vec<_>>());
        }
    }
    let title = "On lists of critical minerals (mined or refined here, by the newest figure of each)";
    section(title, &table) + &which
}

fn exports(world: &World, sheet: &CountrySheet<'_>) -> String {
    let mut table = Table::new(&[
        "mineral",
        "stage",
        "year",
        ">contained",
        ">world share",
        ">rank",
        ">thousand USD",
        "main destinations",
        "grade",
        "source",
    ]);
    for line in &sheet.exports {
        let destinations: Vec<String> = line
            .destinations
            .iter()
            .map(|&(iso3, share)| format!("{} {}", name_of(world, iso3), text::percent(share)))
            .collect();
        let cited: Vec<&str> = line.sources.iter().map(SourceId::as_str).collect();
        table.row([
            world.mineral(line.mineral.as_str()).map_or_else(String::new, |mineral| mineral.name.clone()),
            line.stage.to_string(),
            line.year.to_string(),
            text::about_tonnes(line.tonnes),
            text::percent(line.share),
            line.rank.to_string(),
            line.kusd.map(|kusd| text::number(kusd.round(), 15)).unwrap_or_default(),
            destinations.join(", "),
            line.grade.to_string(),
            cited.join(", "),
        ]);
    }
    section("Exports", &table)
}

fn ownership(world: &World, sheet: &CountrySheet<'_>) -> String {
    let mut table =
        Table::new(&["mineral", "stage", "place", "controlled by", ">share", "grade", "source", "reference"]);
    for row in &sheet.ownership {
        table.row([
            row.mineral.to_string(),
            row.stage.to_string(),
            name_of(world, row.iso3),
            name_of(world, row.controller),
            text::percent(row.share),
            row.grade.to_string(),
            row.source.to_string(),
            row.reference.clone(),
        ]);
    }
    section("Control of running output", &table)
}

fn governance(sheet: &CountrySheet<'_>) -> String {
    let mut table = Table::new(&["indicator", "year", ">value", "grade", "source"]);
    for row in &sheet.governance {
        table.row([
            row.indicator.clone(),
            row.year.to_string(),
            text::number(row.value, 4),
            row.grade.to_string(),
            row.source.to_string(),
        ]);
    }
    section("Governance", &table)
}

fn name_of(world: &World, iso3: Iso3) -> String {
    world.country(iso3).map_or_else(|| iso3.to_string(), |row| row.name.clone())
}

fn cited<'a>(sheet: &'a CountrySheet<'_>) -> Vec<&'a SourceId> {
    let mut cited: Vec<&SourceId> = sheet.output.iter().map(|line| &line.figure.source).collect();
    cited.extend(sheet.exports.iter().flat_map(|line| &line.sources));
    cited.extend(sheet.projects.iter().map(|row| &row.source));
    cited.extend(sheet.ownership.iter().map(|row| &row.source));
    cited.extend(sheet.governance.iter().map(|row| &row.source));
    cited
}
