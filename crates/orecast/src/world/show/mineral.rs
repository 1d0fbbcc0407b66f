//! What is known about one mineral.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::{Cell, Quantity, name_of, world_total};
use crate::{
    base::{id::Iso3, unit::Stage},
    world::{
        World,
        choice::{self, Product, Reason, counts},
        flow::Flow,
        table::{
            ByproductRow, ElasticityRow, EndUseRow, ImportRelianceRow, ImportSourceRow, ListRow, MineralRow,
            ObservationRow, PriceRow, ProjectRow, RecyclingRow, UseIndustryRow,
        },
    },
};

/// Newest years of output that are shown per stage.
const YEARS_OF_OUTPUT: usize = 2;
/// Largest flows that are shown per stage.
const FLOWS: usize = 10;

/// What is known about one mineral.
#[derive(Debug, Serialize)]
pub struct MineralSheet<'w> {
    /// The mineral.
    pub mineral: &'w MineralRow,
    /// Lists that name it, oldest first.
    pub lists: &'w [ListRow],
    /// Output in the newest years; capacity, reserves and stocks in the newest year.
    pub quantities: Vec<YearTable<'w>>,
    /// Primary price series.
    pub prices: Vec<&'w PriceRow>,
    /// Largest flows of the base year.
    pub flows: Vec<FlowTable>,
    /// Net import reliance in the newest year of each country and product.
    pub import_reliance: Vec<&'w ImportRelianceRow>,
    /// Origins of imports in the newest period of each importer and product, largest first, "other" last.
    pub import_sources: Vec<&'w ImportSourceRow>,
    /// What it is used for, largest share first, each with the industries that make it.
    pub end_uses: Vec<UseLine<'w>>,
    /// Scrap as a share of supply.
    pub recycling: Vec<&'w RecyclingRow>,
    /// What is known of the market that it is sold in, when that is another mineral's.
    pub market: Option<MarketSheet<'w>>,
    /// Response parameters.
    pub elasticities: &'w [ElasticityRow],
    /// Minerals that it comes out of.
    pub hosts: &'w [ByproductRow],
    /// Minerals that come out of it.
    pub byproducts: Vec<&'w ByproductRow>,
    /// Projects.
    pub projects: &'w [ProjectRow],
}

/// What a mineral shares with the others of its market.
#[derive(Debug, Serialize)]
pub struct MarketSheet<'w> {
    /// The market.
    pub mineral: &'w MineralRow,
    /// Its reserves in the newest year.
    pub reserves: Vec<YearTable<'w>>,
    /// Its net import reliance, as of a mineral.
    pub import_reliance: Vec<&'w ImportRelianceRow>,
    /// Origins of its imports, as of a mineral.
    pub import_sources: Vec<&'w ImportSourceRow>,
}

/// A use and who makes what it names.
#[derive(Debug, Serialize)]
pub struct UseLine<'w> {
    /// The use.
    #[serde(flatten)]
    pub row: &'w EndUseRow,
    /// Industries.
    pub industries: &'w [UseIndustryRow],
}

/// Figures of one quantity, stage, product and year by country.
#[derive(Debug, Serialize)]
pub struct YearTable<'w> {
    /// What is counted.
    pub quantity: Quantity,
    /// Stage.
    pub stage: Stage,
    /// Product.
    pub product: String,
    /// Year.
    pub year: i32,
    /// Countries, largest first, then "other", then absent figures.
    pub lines: Vec<ProducerLine<'w>>,
    /// The published world total that stands.
    pub published_total: Option<&'w ObservationRow>,
    /// Sum of the lines that have a value; absent when none has one.
    pub sum: Option<f64>,
}

/// A country's figure and those it stands against.
#[derive(Debug, Serialize)]
pub struct ProducerLine<'w> {
    /// Country.
    pub iso3: Iso3,
    /// Its name.
    pub name: String,
    /// Share of the published world total, else of the sum, 0 to 1.
    pub share: Option<f64>,
    /// The figure that stands.
    pub figure: &'w ObservationRow,
    /// Why it stands before the next one.
    pub reason: Reason,
    /// Relative standard deviation that the other sources give it; absent when none has a comparable figure.
    pub spread: Option<f64>,
    /// Competing figures that do not stand, in order of preference.
    pub others: Vec<&'w ObservationRow>,
}

/// Largest flows of one stage.
#[derive(Debug, Serialize)]
pub struct FlowTable {
    /// Stage.
    pub stage: Stage,
    /// Year.
    pub year: i32,
    /// Tonnes contained in all flows.
    pub world: f64,
    /// Number of all flows.
    pub count: usize,
    /// Largest flows by tonnes contained.
    pub lines: Vec<FlowLine>,
}

/// A flow with its share of world trade.
#[derive(Debug, Serialize)]
pub struct FlowLine {
    /// The flow.
    #[serde(flatten)]
    pub flow: Flow,
    /// Name of the exporter.
    pub exporter_name: String,
    /// Name of the importer.
    pub importer_name: String,
    /// Share of all tonnes traded at this stage, 0 to 1.
    pub share: Option<f64>,
}

/// Gathers what is known about a mineral.
pub fn mineral_sheet<'w>(world: &'w World, mineral: &'w MineralRow) -> MineralSheet<'w> {
    let id = &mineral.id;
    let mut quantities = Vec::new();
    for quantity in Quantity::ALL {
        for stage in [Stage::Mine, Stage::Refine] {
            quantities.extend(year_tables(world, mineral, quantity, stage));
        }
    }
    MineralSheet {
        mineral,
        lists: world.lists(id),
        quantities,
        prices: world.prices(id).iter().filter(|row| row.primary).collect(),
        flows: [Stage::Mine, Stage::Refine]
            .into_iter()
            .filter_map(|stage| flow_table(world, mineral, stage))
            .collect(),
        import_reliance: newest_reliance(world, mineral),
        import_sources: newest_sources(world, mineral),
        end_uses: world
            .end_uses(id)
            .iter()
            .map(|row| UseLine { row, industries: world.use_industries(&row.end_use) })
            .collect(),
        recycling: world.tables().recycling.iter().filter(|row| row.mineral == *id).collect(),
        market: world.mineral(mineral.market.as_str()).filter(|of| of.id != *id).map(|of| MarketSheet {
            mineral: of,
            reserves: year_tables(world, of, Quantity::Reserves, Stage::Mine),
            import_reliance: newest_reliance(world, of),
            import_sources: newest_sources(world, of),
        }),
        elasticities: world.elasticities(id),
        hosts: world.hosts(id),
        byproducts: world.tables().byproducts.iter().filter(|row| row.host == *id).collect(),
        projects: world.projects(id),
    }
}

/// Tables of a quantity at a stage, usual product first, newest year first.
fn year_tables<'w>(
    world: &'w World,
    mineral: &'w MineralRow,
    quantity: Quantity,
    stage: Stage,
) -> Vec<YearTable<'w>> {
    let rows = quantity.table(world).iter().filter(|row| row.mineral == mineral.id && row.stage == stage);
    let rows: Vec<&ObservationRow> = rows.collect();
    let named: BTreeSet<&str> = rows
        .iter()
        .filter(|row| !counts(row, Product::Usual, mineral))
        .map(|row| row.product.as_str())
        .collect();
    let products = std::iter::once(Product::Usual).chain(named.into_iter().map(Product::Named));
    let years_shown = if quantity == Quantity::Production { YEARS_OF_OUTPUT } else { 1 };
    products
        .flat_map(|product| {
            let of_product = rows.iter().filter(move |row| counts(row, product, mineral));
            let years: BTreeSet<i32> =
                of_product.filter(|row| row.value.is_some()).map(|row| row.year).collect();
            years.into_iter().rev().take(years_shown).map(move |year| (product, year))
        })
        .map(|(product, year)| {
            year_table(world, mineral, quantity, &Cell { mineral: &mineral.id, stage, year, product })
        })
        .collect()
}

fn year_table<'w>(
    world: &'w World,
    mineral: &'w MineralRow,
    quantity: Quantity,
    cell: &Cell<'_>,
) -> YearTable<'w> {
    let mut by_country: BTreeMap<Iso3, Vec<&ObservationRow>> = BTreeMap::new();
    for row in World::cells(quantity.table(world), cell.mineral, cell.stage, cell.year) {
        if counts(row, cell.product, mineral) {
            by_country.entry(row.iso3).or_default().push(row);
        }
    }
    let total = world_total(world, quantity, cell);
    let mut published_total = None;
    let mut lines = Vec::new();
    for (iso3, figures) in by_country {
        let Some((&figure, others)) = figures.split_first() else { continue };
        if iso3 == Iso3::WORLD {
            published_total = Some(figure);
            continue;
        }
        lines.push(ProducerLine {
            iso3,
            name: name_of(world, iso3),
            share: figure.value.and_then(|value| total.share(value)),
            figure,
            reason: others
                .first()
                .map_or(Reason::OnlyFigure, |next| choice::compare(figure, next, world.ranks()).1),
            spread: choice::spread(figure, others.iter().copied()),
            others: others.to_vec(),
        });
    }
    // Stable: countries with equal figures stay in the order of their codes.
    lines.sort_by(|a, b| {
        let last = |line: &ProducerLine<'_>| (line.figure.value.is_none(), line.iso3.is_aggregate());
        let value = |line: &ProducerLine<'_>| line.figure.value.unwrap_or_default();
        last(a).cmp(&last(b)).then_with(|| value(b).total_cmp(&value(a)))
    });
    let product = match cell.product {
        Product::Usual => mineral.product(cell.stage),
        Product::Named(name) => name,
    };
    YearTable {
        quantity,
        stage: cell.stage,
        product: product.to_owned(),
        year: cell.year,
        lines,
        published_total,
        sum: total.sum,
    }
}

fn flow_table(world: &World, mineral: &MineralRow, stage: Stage) -> Option<FlowTable> {
    let year = world.base_year()?;
    let mut flows = world.flows(&mineral.id, stage, year);
    if flows.is_empty() {
        return None;
    }
    let count = flows.len();
    let world_tonnes: f64 = flows.iter().filter_map(|flow| flow.tonnes).sum();
    flows.sort_by(|a, b| b.tonnes.unwrap_or(-1.0).total_cmp(&a.tonnes.unwrap_or(-1.0)));
    let lines = flows.into_iter().take(FLOWS).map(|flow| FlowLine {
        exporter_name: name_of(world, flow.exporter),
        importer_name: name_of(world, flow.importer),
        share: flow.tonnes.filter(|_| world_tonnes > 0.0).map(|tonnes| tonnes / world_tonnes),
        flow,
    });
    Some(FlowTable { stage, year, world: world_tonnes, count, lines: lines.collect() })
}

/// The newest year of each country, stage and product; of several editions the newest.
fn newest_reliance<'w>(world: &'w World, mineral: &MineralRow) -> Vec<&'w ImportRelianceRow> {
    let mut newest = BTreeMap::new();
    for row in world.import_reliance(&mineral.id) {
        let best = newest.entry((row.iso3, row.stage, row.product.as_str())).or_insert(row);
        let edition = |row: &'w ImportRelianceRow| (row.year, world.ranks().rank(&row.source), &row.vintage);
        if edition(row) > edition(best) {
            *best = row;
        }
    }
    newest.into_values().collect()
}

/// The newest period of each importer, stage and product; of several editions the newest.
fn newest_sources<'w>(world: &'w World, mineral: &MineralRow) -> Vec<&'w ImportSourceRow> {
    let mut newest: BTreeMap<_, Vec<&ImportSourceRow>> = BTreeMap::new();
    for row in world.import_sources(&mineral.id) {
        let best = newest.entry((row.importer, row.stage, row.product.as_str())).or_default();
        let edition = |row: &ImportSourceRow| (row.to, world.ranks().rank(&row.source), row.vintage.clone());
        match best.first().map(|first| edition(row).cmp(&edition(first))) {
            Some(std::cmp::Ordering::Less) => {}
            Some(std::cmp::Ordering::Greater) => *best = vec![row],
            Some(std::cmp::Ordering::Equal) | None => best.push(row),
        }
    }
    newest
        .into_values()
        .flat_map(|mut rows| {
            let is_other = |row: &ImportSourceRow| row.exporter.is_aggregate();
            rows.sort_by(|a, b| is_other(a).cmp(&is_other(b)).then_with(|| b.percent.total_cmp(&a.percent)));
            rows
        })
        .collect()
}
