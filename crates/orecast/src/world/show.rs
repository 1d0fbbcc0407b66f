//! What is known about one mineral or one country, gathered for a reader. Nothing is computed here beyond shares,
//! sums and ranks; every figure keeps its source, vintage and grade.

mod country;
mod group;
mod mineral;

use serde::Serialize;

pub use country::{CountrySheet, ExportLine, ListLine, OutputLine, country_sheet};
pub use group::{GroupLine, GroupSheet, group_sheet};
pub use mineral::{
    FlowLine, FlowTable, MarketSheet, MineralSheet, ProducerLine, UseLine, YearTable, mineral_sheet,
};

use super::{World, choice::Product, table::ObservationRow};
use crate::base::id::{Iso3, MineralId};

/// A table of published figures by country and year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Quantity {
    /// Output of a year.
    Production,
    /// Capacity in a year.
    Capacity,
    /// Reserves.
    Reserves,
    /// Use of a year.
    Requirements,
    /// Stocks at the end of a year.
    Stocks,
}

impl Quantity {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 5] =
        [Self::Production, Self::Capacity, Self::Reserves, Self::Requirements, Self::Stocks];

    /// The word used on screens.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Production => "production",
            Self::Capacity => "capacity",
            Self::Reserves => "reserves",
            Self::Requirements => "requirements",
            Self::Stocks => "stocks",
        }
    }

    /// Its table.
    pub fn table(self, world: &World) -> &[ObservationRow] {
        let tables = world.tables();
        match self {
            Self::Production => &tables.production,
            Self::Capacity => &tables.capacity,
            Self::Reserves => &tables.reserves,
            Self::Requirements => &tables.requirements,
            Self::Stocks => &tables.stocks,
        }
    }
}

/// A country's name, or its code when it has none.
fn name_of(world: &World, iso3: Iso3) -> String {
    world.country(iso3).map_or_else(|| iso3.to_string(), |row| row.name.clone())
}

/// The figure that shares are taken of: the published world total, else the sum of all countries and "other".
fn world_total(world: &World, quantity: Quantity, cell: &Cell<'_>) -> Total {
    let chosen = world.chosen(quantity.table(world), cell.mineral, cell.stage, cell.year, cell.product);
    let published = chosen.get(&Iso3::WORLD).and_then(|row| row.value);
    let parts = chosen.iter().filter(|(iso3, _)| **iso3 != Iso3::WORLD).filter_map(|(_, row)| row.value);
    let sum = known_sum(parts);
    let whole = |year: i32| {
        let chosen = world.chosen(quantity.table(world), cell.mineral, cell.stage, year, cell.product);
        let published = chosen.get(&Iso3::WORLD).and_then(|row| row.value);
        published.or_else(|| known_sum(chosen.values().filter_map(|row| row.value)))
    };
    let years = (cell.year - YEARS_BESIDE..=cell.year + YEARS_BESIDE).filter_map(whole);
    let expected = published.unwrap_or_else(|| years.fold(0.0, f64::max));
    let is_complete = sum.is_some_and(|sum| sum >= NEARLY_COMPLETE * expected);
    Total { published, sum, is_complete }
}

/// Part of a world total that a list must hold to be ranked, and, where none is published, to be shared out.
const NEARLY_COMPLETE: f64 = 0.75;
/// Years around a list in which a fuller one is looked for.
const YEARS_BESIDE: i32 = 2;

/// Sum of what is known; absent, not zero, when nothing is.
fn known_sum(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    values.into_iter().reduce(|sum, value| sum + value)
}

/// A world total two ways.
#[derive(Debug, Clone, Copy)]
struct Total {
    published: Option<f64>,
    /// Absent when no country has a figure.
    sum: Option<f64>,
    /// Whether the countries with a figure make nearly all of it.
    is_complete: bool,
}

impl Total {
    /// Share of a value in the total; absent when the total is zero, or when it is a list that lacks large countries.
    fn share(self, value: f64) -> Option<f64> {
        let total = self.published.or(self.sum.filter(|_| self.is_complete))?;
        (total > 0.0).then_some(value / total)
    }
}

/// One mineral, stage, year and product.
struct Cell<'a> {
    mineral: &'a MineralId,
    stage: crate::base::unit::Stage,
    year: i32,
    product: Product<'a>,
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::{base::unit::Stage, testing::MiniPackage, world::names::Subject};

    fn mini(name: &str, check: impl Fn(&World, Subject<'_>)) {
        let world = MiniPackage::new().load().unwrap();
        check(&world, world.find(name).unwrap());
    }

    #[test]
    fn a_mineral_shows_its_newest_years_with_shares_and_competing_figures() {
        mini("tungsten", |world, subject| {
            let Subject::Mineral(row) = subject else { panic!("not a mineral") };
            let sheet = mineral_sheet(world, row);
            let mined: Vec<i32> = sheet
                .quantities
                .iter()
                .filter(|table| table.quantity == Quantity::Production && table.stage == Stage::Mine)
                .map(|table| table.year)
                .collect();
            assert_eq!(mined, [2025, 2024]);
            let table = &sheet.quantities[1];
            let order: Vec<&str> = table.lines.iter().map(|line| line.iso3.as_str()).collect();
            assert_eq!(order, ["CHN", "VNM", "KAZ", "USA"]);
            let china = &table.lines[0];
            assert_eq!(china.share, Some(67.0 / 81.0));
            assert_eq!(china.others[0].value, Some(63_000.0));
            assert_eq!(table.lines[3].share, None);
            assert_eq!((table.published_total.unwrap().value, table.sum), (Some(81_000.0), Some(70_400.0)));
            let other = sheet.quantities.iter().find(|table| table.product == "ferrotungsten");
            assert_eq!(other.and_then(|table| table.sum), Some(1_200.0));
            assert_eq!(sheet.flows[0].lines[0].flow.tonnes, Some(500.0));
            assert_eq!(sheet.import_sources[0].percent, 27.0);
        });
    }

    #[test]
    fn what_nobody_published_is_absent_and_not_zero() {
        let world = MiniPackage::new()
            .with_line("stocks.csv", "tungsten,refine,WLD,2024,900,,,900,t,,,orecast,2026,C,")
            .with("trade.csv", "120,240,2600", "120,240,")
            .load()
            .unwrap();
        let sheet = mineral_sheet(&world, world.mineral("tungsten").unwrap());
        let stocks = sheet.quantities.iter().find(|table| table.quantity == Quantity::Stocks).unwrap();
        assert_eq!((stocks.lines.len(), stocks.sum), (0, None));
        let Ok(Subject::Country(row)) = world.find("KAZ") else { panic!("not a country") };
        assert_eq!(country_sheet(&world, row).exports[0].kusd, None);
    }

    #[test]
    fn a_country_shows_its_rank_share_and_exports() {
        mini("KAZ", |world, subject| {
            let Subject::Country(row) = subject else { panic!("not a country") };
            let sheet = country_sheet(world, row);
            let tungsten = &sheet.output[0];
            assert_eq!((tungsten.figure.year, tungsten.rank, tungsten.of), (2025, Some(2), 2));
            assert_eq!(tungsten.share, Some(2_400.0 / 67_400.0));
            let export = &sheet.exports[0];
            assert_eq!((export.tonnes, export.rank), (120.0, 2));
            assert_eq!(export.share, 120.0 / 620.0);
            assert_eq!(sheet.governance[0].year, 2023);
            assert_eq!(sheet.projects.len(), 1);
            assert_eq!(sheet.ownership.len(), 1);
        });
    }
}
