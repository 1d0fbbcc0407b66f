//! Output that follows from another mineral's: the elements of an aggregate market and minor metals of an ore.
//!
//! A row of `baskets.csv` times the figure that stands for the other mineral (see [`super::choice`]) gives one figure with
//! flag `derived`. Low and high multiply low and high; the grade is the worse of the two.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    choice::{Product, Ranks, choose_by_country, counts},
    table::{BasketRow, Flag, ObservationRow},
    tables::Tables,
};
use crate::base::unit::Stage;
use crate::{
    base::id::{Iso3, MineralId, SourceId},
    base::text::rounded,
};

/// Replaces the derived output of the tables by what their baskets and their published output give now.
pub(super) fn renew(tables: &mut Tables, ranks: &Ranks) {
    let derived: BTreeSet<(&MineralId, &SourceId)> =
        tables.baskets.iter().map(|row| (&row.mineral, &row.source)).collect();
    tables
        .production
        .retain(|row| row.flag != Flag::Derived || !derived.contains(&(&row.mineral, &row.source)));
    let output = output(tables, ranks);
    tables.production.extend(output);
}

/// Derived output of all minerals that have a basket.
fn output(tables: &Tables, ranks: &Ranks) -> Vec<ObservationRow> {
    let mut parents: BTreeMap<(&MineralId, Stage, &str), Vec<&BasketRow>> = BTreeMap::new();
    for row in &tables.baskets {
        parents.entry((&row.of, row.stage, &row.product)).or_default().push(row);
    }
    let mut sums: BTreeMap<(&MineralId, Stage, i32, Iso3), ObservationRow> = BTreeMap::new();
    for ((of, stage, product), baskets) in parents {
        let Some(parent) = tables.minerals.iter().find(|row| row.id == *of) else { continue };
        let product = if product.is_empty() { Product::Usual } else { Product::Named(product) };
        let mut years: BTreeMap<i32, Vec<&ObservationRow>> = BTreeMap::new();
        for row in &tables.production {
            if row.mineral == *of && row.stage == stage && counts(row, product, parent) {
                years.entry(row.year).or_default().push(row);
            }
        }
        let places: BTreeMap<(&MineralId, Iso3), &BasketRow> =
            baskets.iter().map(|row| ((&row.mineral, row.iso3), *row)).collect();
        let minerals: BTreeSet<&MineralId> = baskets.iter().map(|row| &row.mineral).collect();
        for (year, rows) in years {
            for (iso3, figure) in choose_by_country(rows, ranks) {
                for mineral in minerals.iter().filter(|_| iso3 != Iso3::WORLD) {
                    let own = places.get(&(*mineral, iso3)).or_else(|| places.get(&(*mineral, Iso3::WORLD)));
                    let Some(part) = own.and_then(|basket| part(basket, figure)) else { continue };
                    sums.entry((mineral, stage, year, iso3))
                        .and_modify(|sum| add(sum, &part))
                        .or_insert(part);
                }
            }
        }
    }
    sums.into_values().collect()
}

/// What one basket makes of one figure; nothing where the figure is absent.
fn part(basket: &BasketRow, of: &ObservationRow) -> Option<ObservationRow> {
    let value = of.value?;
    Some(ObservationRow {
        mineral: basket.mineral.clone(),
        value: Some(rounded(value * basket.mid)),
        low: Some(rounded(of.low.unwrap_or(value) * basket.low)),
        high: Some(rounded(of.high.unwrap_or(value) * basket.high)),
        raw: format!("{} of {value}", basket.mid),
        raw_unit: format!("t of {}", basket.of),
        flag: Flag::Derived,
        product: String::new(),
        source: basket.source.clone(),
        grade: basket.grade.max(of.grade),
        note: format!("share of {} output ({} {})", basket.of, of.source, of.vintage),
        ..of.clone()
    })
}

/// Adds what another product of the same country gives.
fn add(sum: &mut ObservationRow, part: &ObservationRow) {
    let plus = |a: Option<f64>, b: Option<f64>| a.zip(b).map(|(a, b)| rounded(a + b));
    sum.value = plus(sum.value, part.value);
    sum.low = plus(sum.low, part.low);
    sum.high = plus(sum.high, part.high);
    sum.grade = sum.grade.max(part.grade);
    sum.raw = format!("{} + {}", sum.raw, part.raw);
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use crate::{
        base::unit::{Grade, Stage},
        testing::MiniPackage,
        world::{World, table::Flag},
    };

    fn mini() -> MiniPackage {
        let output = |iso3: &str, value: &str| {
            format!("rare_earths,mine,{iso3},2024,{value},,,{value},t,,,usgs-mcs-2026,2026,A,")
        };
        MiniPackage::new()
            .with_line("production.csv", &output("CHN", "1000"))
            .with_line("production.csv", &output("VNM", "100"))
            .with_line("production.csv", &output("WLD", "1100"))
            .with_line("baskets.csv", "dysprosium,rare_earths,mine,,CHN,0.002,0.004,0.006,clay,orecast,B,")
            .with_line("baskets.csv", "dysprosium,rare_earths,mine,,WLD,0.01,0.03,0.05,clay,orecast,C,")
            .with_line("baskets.csv", "rest,rare_earths,mine,,CHN,0.99,0.996,1,clay,orecast,B,")
            .with_line("baskets.csv", "rest,rare_earths,mine,,WLD,0.9,0.97,1,clay,orecast,C,")
            .with_line(
                "minerals.csv",
                "rest,Other elements,X,element,rare_earths,t oxide,,,,,,,,,,usgs-mcs-2026,",
            )
    }

    fn dysprosium(world: &World) -> Vec<(String, f64, Grade, Flag)> {
        let id = crate::testing::id("dysprosium");
        let rows = world.observations(&id, Stage::Mine, 2024).iter();
        rows.map(|row| (row.iso3.to_string(), row.value.unwrap(), row.grade, row.flag)).collect()
    }

    #[test]
    fn an_element_is_its_share_of_the_market_s_output_country_by_country() {
        let world = mini().load().unwrap();
        let expected = [("CHN", 4.0, Grade::B), ("VNM", 3.0, Grade::C)]
            .map(|(iso3, value, grade)| (iso3.to_owned(), value, grade, Flag::Derived));
        assert_eq!(dysprosium(&world), expected);
        let again = World::from_tables(world.tables().clone());
        assert_eq!(dysprosium(&again), expected, "deriving twice changes nothing");
    }

    #[test]
    fn other_output_gives_another_derived_figure() {
        let mut tables = mini().load().unwrap().tables().clone();
        let china = |row: &&mut crate::world::table::ObservationRow| {
            row.mineral.as_str() == "rare_earths" && row.iso3.as_str() == "CHN"
        };
        tables.production.iter_mut().find(china).unwrap().value = Some(2000.0);
        assert_eq!(dysprosium(&World::from_tables(tables))[0].1, 8.0);
    }
}
