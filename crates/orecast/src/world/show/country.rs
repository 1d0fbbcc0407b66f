//! What is known about one country.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::{Cell, Quantity, known_sum, world_total};
use crate::{
    base::{
        id::{BlocId, Iso3, MineralId, SourceId},
        unit::{Grade, Stage},
    },
    world::{
        World,
        choice::{Product, counts},
        table::{CountryRow, GovernanceRow, ObservationRow, OwnershipRow, ProjectRow},
    },
};

/// Destinations that are named per export.
const DESTINATIONS: usize = 3;

/// What is known about one country.
#[derive(Debug, Serialize)]
pub struct CountrySheet<'w> {
    /// The country.
    pub country: &'w CountryRow,
    /// Blocs it is in today, which is the newest year of the facts.
    pub blocs: Vec<BlocId>,
    /// What it mines, refines, could make, holds and stores, in the newest year of each.
    pub output: Vec<OutputLine<'w>>,
    /// Lists of critical minerals, and which of their minerals it makes.
    pub lists: Vec<ListLine>,
    /// What it exports in the base year.
    pub exports: Vec<ExportLine>,
    /// Projects in the country.
    pub projects: Vec<&'w ProjectRow>,
    /// Who controls running output here, and what it controls elsewhere.
    pub ownership: Vec<&'w OwnershipRow>,
    /// Indicators in their newest year.
    pub governance: Vec<&'w GovernanceRow>,
}

/// A country's figure with its place in the world.
#[derive(Debug, Serialize)]
pub struct OutputLine<'w> {
    /// What is counted.
    pub quantity: Quantity,
    /// Share of the published world total, else of the sum, 0 to 1.
    pub share: Option<f64>,
    /// Place among countries, 1 for the largest; absent for an absent figure or zero.
    pub rank: Option<usize>,
    /// Countries with a figure above zero.
    pub of: usize,
    /// The figure that stands.
    pub figure: &'w ObservationRow,
}

/// A list of critical minerals and how many of them a country makes.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct ListLine {
    /// The list.
    pub list: String,
    /// Date from which it holds.
    pub from: String,
    /// Date until which it held; empty for a list in force.
    pub to: String,
    /// Minerals on it, single elements counted one by one.
    pub listed: usize,
    /// Those that the country mines or refines, by its newest figure of each.
    pub made: Vec<MineralId>,
    /// Those on it through a mineral that the country makes but that has no figure of its own: elements of an aggregate.
    pub within: Vec<MineralId>,
}

/// What a country exports of one mineral at one stage.
#[derive(Debug, Serialize)]
pub struct ExportLine {
    /// Mineral.
    pub mineral: MineralId,
    /// Stage.
    pub stage: Stage,
    /// Year.
    pub year: i32,
    /// Tonnes contained.
    pub tonnes: f64,
    /// Value in thousand US dollars; absent when none is published.
    pub kusd: Option<f64>,
    /// Share of all tonnes exported by all countries, 0 to 1.
    pub share: f64,
    /// Place among exporters, 1 for the largest.
    pub rank: usize,
    /// Main destinations with their share of these exports.
    pub destinations: Vec<(Iso3, f64)>,
    /// The worst grade among the flows.
    pub grade: Grade,
    /// Sources of the flows.
    pub sources: BTreeSet<SourceId>,
}

/// Gathers what is known about a country.
pub fn country_sheet<'w>(world: &'w World, country: &'w CountryRow) -> CountrySheet<'w> {
    let iso3 = country.iso3;
    let tables = world.tables();
    CountrySheet {
        country,
        blocs: blocs_of(world, iso3),
        output: Quantity::ALL.into_iter().flat_map(|quantity| output_of(world, quantity, iso3)).collect(),
        lists: lists_of(world, iso3),
        exports: exports_of(world, iso3),
        projects: tables.projects.iter().filter(|row| row.iso3 == iso3).collect(),
        ownership: tables.ownership.iter().filter(|row| row.iso3 == iso3 || row.controller == iso3).collect(),
        governance: newest_indicators(world, iso3),
    }
}

fn blocs_of(world: &World, iso3: Iso3) -> Vec<BlocId> {
    let year = world.tables().production.iter().map(|row| row.year).max().or(world.base_year());
    let Some(year) = year else { return Vec::new() };
    let blocs: BTreeSet<&BlocId> = world.tables().blocs.iter().map(|row| &row.bloc).collect();
    blocs.into_iter().filter(|bloc| world.bloc_members(bloc, year).contains(&iso3)).cloned().collect()
}

/// A country's newest figure of every mineral and stage in one table, usual product only.
fn output_of(world: &World, quantity: Quantity, iso3: Iso3) -> Vec<OutputLine<'_>> {
    let table = quantity.table(world);
    let is_usual = |row: &ObservationRow| {
        world.mineral(row.mineral.as_str()).is_some_and(|mineral| counts(row, Product::Usual, mineral))
    };
    let mut newest: BTreeMap<(&MineralId, Stage), i32> = BTreeMap::new();
    for row in table.iter().filter(|row| row.iso3 == iso3 && row.value.is_some() && is_usual(row)) {
        let year = newest.entry((&row.mineral, row.stage)).or_insert(row.year);
        *year = row.year.max(*year);
    }
    let lines = newest.into_iter().filter_map(|((mineral, stage), year)| {
        let product = Product::Usual;
        let chosen = world.chosen(table, mineral, stage, year, product);
        let figure = *chosen.get(&iso3)?;
        let countries = chosen.iter().filter(|(country, _)| !country.is_aggregate());
        let above: Vec<f64> =
            countries.filter_map(|(_, row)| row.value).filter(|value| *value > 0.0).collect();
        let total = world_total(world, quantity, &Cell { mineral, stage, year, product });
        Some(OutputLine {
            quantity,
            share: figure.value.and_then(|value| total.share(value)),
            rank: figure
                .value
                .filter(|value| *value > 0.0 && total.is_complete)
                .map(|value| rank(value, &above)),
            of: above.len(),
            figure,
        })
    });
    lines.collect()
}

/// Lists in force and the last one that each replaced, with the minerals that a country makes.
fn lists_of(world: &World, iso3: Iso3) -> Vec<ListLine> {
    let newest = output_of(world, Quantity::Production, iso3);
    let above = newest.iter().filter(|line| line.figure.value.is_some_and(|value| value > 0.0));
    let made: BTreeSet<&MineralId> = above.map(|line| &line.figure.mineral).collect();
    let mut lists: BTreeMap<&str, ListLine> = BTreeMap::new();
    for row in &world.tables().lists {
        let line = lists.entry(&row.list).or_insert_with(|| ListLine {
            list: row.list.clone(),
            from: row.from.clone(),
            to: row.to.clone(),
            listed: 0,
            made: Vec::new(),
            within: Vec::new(),
        });
        line.listed += 1;
        let market = world.mineral(row.mineral.as_str()).map(|mineral| &mineral.market);
        if made.contains(&row.mineral) {
            line.made.push(row.mineral.clone());
        } else if market.is_some_and(|market| *market != row.mineral && made.contains(market)) {
            line.within.push(row.mineral.clone());
        }
    }
    let mut lines: Vec<ListLine> = lists.into_values().collect();
    // The newest first; of lists that ended, those that a list in force took over from.
    lines.sort_by(|a, b| (&b.from, &a.list).cmp(&(&a.from, &b.list)));
    let begun: BTreeSet<String> =
        lines.iter().filter(|line| line.to.is_empty()).map(|line| line.from.clone()).collect();
    lines.retain(|line| line.to.is_empty() || begun.contains(&line.to));
    lines
}

fn exports_of(world: &World, iso3: Iso3) -> Vec<ExportLine> {
    let Some(year) = world.base_year() else { return Vec::new() };
    let sold = world.tables().trade.iter().filter(|row| row.exporter == iso3 && row.year == year);
    let cells: BTreeSet<(&MineralId, Stage)> = sold.map(|row| (&row.mineral, row.stage)).collect();
    cells.into_iter().filter_map(|(mineral, stage)| export_line(world, mineral, stage, year, iso3)).collect()
}

fn export_line(
    world: &World,
    mineral: &MineralId,
    stage: Stage,
    year: i32,
    exporter: Iso3,
) -> Option<ExportLine> {
    let flows = world.flows(mineral, stage, year);
    let mut by_exporter: BTreeMap<Iso3, f64> = BTreeMap::new();
    for flow in &flows {
        *by_exporter.entry(flow.exporter).or_default() += flow.tonnes.unwrap_or_default();
    }
    let tonnes = by_exporter.get(&exporter).copied().filter(|tonnes| *tonnes > 0.0)?;
    let own: Vec<_> = flows.into_iter().filter(|flow| flow.exporter == exporter).collect();
    let mut destinations: Vec<(Iso3, f64)> =
        own.iter().filter_map(|flow| Some((flow.importer, flow.tonnes? / tonnes))).collect();
    destinations.sort_by(|a, b| b.1.total_cmp(&a.1));
    destinations.truncate(DESTINATIONS);
    let exporters: Vec<f64> =
        by_exporter.iter().filter(|(iso3, _)| !iso3.is_aggregate()).map(|(_, tonnes)| *tonnes).collect();
    Some(ExportLine {
        mineral: mineral.clone(),
        stage,
        year,
        tonnes,
        kusd: known_sum(own.iter().filter_map(|flow| flow.kusd))
            .filter(|_| own.iter().all(|flow| flow.tonnes.is_none() || flow.kusd.is_some())),
        share: tonnes / by_exporter.values().sum::<f64>(),
        rank: rank(tonnes, &exporters),
        destinations,
        grade: own.iter().map(|flow| flow.grade).max()?,
        sources: own.into_iter().flat_map(|flow| flow.sources).collect(),
    })
}

/// Place of a value among all, 1 for the largest; equal values share a place.
fn rank(value: f64, all: &[f64]) -> usize {
    1 + all.iter().filter(|other| **other > value).count()
}

fn newest_indicators(world: &World, iso3: Iso3) -> Vec<&GovernanceRow> {
    let rows = world.tables().governance.iter().filter(|row| row.iso3 == iso3);
    let indicators: BTreeSet<&str> = rows.map(|row| row.indicator.as_str()).collect();
    indicators.into_iter().filter_map(|indicator| world.governance(iso3, indicator, i32::MAX)).collect()
}
