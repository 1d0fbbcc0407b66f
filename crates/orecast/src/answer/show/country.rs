//! A country's sheet.

use super::{
    Cell, Column, Figure, Section, Sentence, Table, View, cite, country_name, mineral_name, observation,
    own_data, projects, remark, share,
};
use crate::{
    answer::view::cited,
    base::{
        id::{BlocId, MineralId, SourceId},
        unit::Range,
    },
    world::{
        World,
        show::{CountrySheet, Quantity},
    },
};

/// What a country mines, refines and exports, on which lists that stands, what is planned, and who controls it.
pub fn view(world: &World, sheet: &CountrySheet<'_>) -> View {
    let mut view = View::new(format!("{} ({})", sheet.country.name, sheet.country.iso3));
    if !sheet.blocs.is_empty() {
        let blocs: Vec<&str> = sheet.blocs.iter().map(BlocId::as_str).collect();
        view.say(Sentence::new("blocs", format!("Member of {}.", blocs.join(", "))));
    }
    for quantity in Quantity::ALL {
        view.push(quantities(world, sheet, quantity));
    }
    view.push(lists(world, sheet));
    view.push(exports(world, sheet));
    view.push(projects(world, &sheet.projects, true));
    view.push(ownership(world, sheet));
    view.push(governance(sheet));
    own_data(world, sheet.country.iso3.as_str(), &mut view);
    view.sources = cited(world, sources(sheet));
    view
}

/// Heading of a quantity's table.
pub(super) const fn heading(quantity: Quantity) -> &'static str {
    match quantity {
        Quantity::Production => "Output",
        Quantity::Capacity => "Capacity",
        Quantity::Reserves => "Reserves",
        Quantity::Stocks => "Stocks",
        Quantity::Requirements => "Use",
    }
}

fn quantities(world: &World, sheet: &CountrySheet<'_>, quantity: Quantity) -> Section {
    let mut table = Table::titled([
        "Mineral",
        "Stage",
        "Year",
        ">Figure",
        ">World share",
        ">Rank",
        "Flag",
        "Grade",
        "Source",
        "Vintage",
    ]);
    for line in sheet.output.iter().filter(|line| line.quantity == quantity) {
        let row = line.figure;
        table.row([
            Cell::mineral(world, &row.mineral),
            row.stage.into(),
            Cell::Year { text: row.year },
            observation(world, row),
            share(world, line.share),
            line.rank.map_or(Cell::Empty, |rank| format!("{rank} of {}", line.of).into()),
            remark(row.flag),
            row.grade.into(),
            cite(world, &row.source),
            row.vintage.clone().into(),
        ]);
    }
    Section::of(quantity.as_str(), heading(quantity), table)
}

/// On which lists of critical minerals its minerals stand.
fn lists(world: &World, sheet: &CountrySheet<'_>) -> Section {
    let mut table = Table::new([
        Column::words("List"),
        Column::words("From"),
        Column::words("Until"),
        Column::numbers("On it"),
        Column::numbers("Made here"),
        Column::words("Which"),
    ]);
    let names = |minerals: &[MineralId]| {
        minerals.iter().map(|mineral| mineral_name(world, mineral)).collect::<Vec<_>>().join(", ")
    };
    for line in sheet.lists.iter().filter(|line| !line.made.is_empty()) {
        let mut which = names(&line.made);
        if !line.within.is_empty() {
            which = format!("{which}; sold within others that are made: {}", names(&line.within));
        }
        table.row([
            line.list.clone().into(),
            line.from.clone().into(),
            line.to.clone().into(),
            Cell::count(line.listed),
            Cell::count(line.made.len()),
            which.into(),
        ]);
    }
    let heading = "On lists of critical minerals (mined or refined here, by the newest figure of each)";
    Section::of("lists", heading, table)
}

fn exports(world: &World, sheet: &CountrySheet<'_>) -> Section {
    let mut table = Table::titled([
        "Mineral",
        "Stage",
        "Year",
        ">Contained",
        ">World share",
        ">Rank",
        ">Value",
        "Main destinations",
        "Grade",
        "Source",
    ]);
    for line in &sheet.exports {
        let share_of = |share: f64| Figure::share(Range::exact(share)).text;
        let destinations: Vec<String> = line
            .destinations
            .iter()
            .map(|&(iso3, share)| format!("{} {}", country_name(world, iso3), share_of(share)))
            .collect();
        let cited: Vec<&str> = line.sources.iter().map(SourceId::as_str).collect();
        table.row([
            Cell::mineral(world, &line.mineral),
            line.stage.into(),
            Cell::Year { text: line.year },
            Figure::derived(Range::exact(line.tonnes), "t").graded(line.grade).into(),
            share(world, Some(line.share)),
            Cell::count(line.rank),
            line.kusd.map_or(Cell::Empty, |kusd| Figure::derived(Range::exact(kusd * 1e3), "USD").into()),
            destinations.join(", ").into(),
            line.grade.into(),
            cited.join(", ").into(),
        ]);
    }
    Section::of("exports", "Exports", table)
}

fn ownership(world: &World, sheet: &CountrySheet<'_>) -> Section {
    let mut table = Table::titled([
        "Mineral",
        "Stage",
        "Place",
        "Controlled by",
        ">Share",
        "Grade",
        "Source",
        "Reference",
    ]);
    for row in &sheet.ownership {
        table.row([
            Cell::mineral(world, &row.mineral),
            row.stage.into(),
            Cell::country(world, row.iso3),
            Cell::country(world, row.controller),
            share(world, Some(row.share)),
            row.grade.into(),
            cite(world, &row.source),
            row.reference.clone().into(),
        ]);
    }
    Section::of("control", "Control of running output", table)
}

fn governance(sheet: &CountrySheet<'_>) -> Section {
    let mut table = Table::titled(["Indicator", "Year", ">Value", "Grade", "Source"]);
    for row in &sheet.governance {
        table.row([
            row.indicator.clone().into(),
            Cell::Year { text: row.year },
            Figure::published(row.value, "").into(),
            row.grade.into(),
            row.source.to_string().into(),
        ]);
    }
    Section::of("governance", "Governance", table)
}

fn sources<'a>(sheet: &'a CountrySheet<'_>) -> Vec<&'a SourceId> {
    let mut cited: Vec<&SourceId> = sheet.output.iter().map(|line| &line.figure.source).collect();
    cited.extend(sheet.exports.iter().flat_map(|line| &line.sources));
    cited.extend(sheet.projects.iter().map(|row| &row.source));
    cited.extend(sheet.ownership.iter().map(|row| &row.source));
    cited.extend(sheet.governance.iter().map(|row| &row.source));
    cited
}
