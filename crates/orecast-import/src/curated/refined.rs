//! `refined_by_country.csv`: refined output by country, much of it inferred.
//!
//! Products are converted to the mineral's contained basis (`mapping/refined_products.csv`); `product` stays empty for the mineral's own
//! refined product. Rows of closed sources are left out, and with them the "rest of the world" of the same table, which
//! has no meaning in a list with holes. Shares without tonnes are no output. Where a product is reported in parts (light and heavy rare
//! earths), the parts are added per country in years that have all of them.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::{Reference, Tables, flag, grade};
use crate::{
    reference::mapping,
    text::{Input, rounded, rows},
};
use orecast::{
    base::{
        diagnostic::Diagnostics,
        id::{Iso3, MineralId},
        unit::Stage,
    },
    world::table::{Flag, ObservationRow},
};

/// `mapping/refined_products.csv`: a product of the curated table.
#[derive(Debug, Clone, Deserialize)]
pub struct Conversion {
    #[serde(rename = "mineral_text")]
    mineral_as_written: String,
    #[serde(rename = "product_text")]
    as_written: String,
    /// Mineral.
    pub mineral: MineralId,
    /// Product, when it is not the mineral's own.
    pub product: String,
    /// Tonnes contained per unit of the table.
    pub factor: f64,
    flag: String,
    iso3: Option<Iso3>,
    parts: String,
    note: String,
}

impl Conversion {
    /// The mapping that the program carries.
    pub fn load(problems: &mut Diagnostics) -> Vec<Self> {
        mapping("refined_products.csv", include_str!("../mapping/refined_products.csv"), problems)
    }
}

#[derive(Debug, Deserialize)]
struct Raw {
    mineral: String,
    product: String,
    iso3: String,
    year: i32,
    quantity: Option<f64>,
    unit: String,
    kind: String,
    low: Option<f64>,
    high: Option<f64>,
    grade: String,
    source: String,
    source_date: String,
    note: String,
}

/// Reads refined output. Rows that repeat a table already imported from its publisher are passed over.
pub fn read(input: &Input, reference: &Reference, tables: &mut Tables, problems: &mut Diagnostics) {
    let products = Conversion::load(problems);
    let raw = rows::<Raw>(input, problems);
    let mut closed = BTreeSet::new();
    for (line, row) in raw.iter().filter(|(_, row)| !row.unit.is_empty()) {
        let rule = reference.source_or_note(&row.source, input.name(), *line, problems);
        if rule.is_some_and(|rule| !rule.may_ship()) {
            closed.insert((row.mineral.clone(), row.product.clone(), row.year));
        }
    }
    let mut found = Vec::new();
    for (line, row) in raw {
        if row.unit.is_empty() || row.unit == "share only" {
            continue;
        }
        let Some(rule) = reference.source(&row.source).filter(|rule| rule.may_ship()) else { continue };
        let Some(iso3) = reference.country_or_note(&row.iso3, input.name(), line, problems) else { continue };
        if iso3 == Iso3::REST && closed.contains(&(row.mineral.clone(), row.product.clone(), row.year)) {
            continue;
        }
        let named = |p: &&Conversion| p.mineral_as_written == row.mineral && p.as_written == row.product;
        let special = products.iter().filter(named).find(|p| p.iso3 == Some(iso3));
        let Some(product) = special.or_else(|| products.iter().filter(named).find(|p| p.iso3.is_none()))
        else {
            let found = format!("`{}` of {}", row.product, row.mineral);
            problems.push(input.name(), line, "product", found, "add it to mapping/refined_products.csv");
            continue;
        };
        if product.flag == "closed" {
            continue;
        }
        let scaled = |value: Option<f64>| value.map(|value| rounded(value * product.factor));
        let own = match row.kind.as_str() {
            "reported" => Flag::Reported,
            _ => Flag::Derived,
        };
        let remarks = [product.note.clone(), reference.open_remark(&row.note)];
        let remarks: Vec<&str> = remarks.iter().map(String::as_str).filter(|text| !text.is_empty()).collect();
        let observation = ObservationRow {
            mineral: product.mineral.clone(),
            stage: Stage::Refine,
            iso3,
            year: row.year,
            value: scaled(row.quantity),
            low: scaled(row.low),
            high: scaled(row.high),
            raw: row.quantity.map(|value| value.to_string()).unwrap_or_default(),
            raw_unit: row.unit,
            flag: if product.flag.is_empty() { own } else { flag(&product.flag) },
            product: product.product.clone(),
            source: rule.id.clone(),
            vintage: latest_date(&row.source_date),
            grade: grade(&row.grade),
            note: remarks.join("; "),
        };
        found.push((product.parts.clone(), observation));
    }
    let sums = sums_of_parts(&products, &found);
    let cell = |row: &ObservationRow| {
        let place = (row.mineral.clone(), row.stage, row.product.clone(), row.iso3, row.year);
        (row.source.clone(), place)
    };
    let repeats: BTreeSet<_> = tables.production.iter().map(cell).collect();
    let repeated = |row: &ObservationRow| repeats.contains(&cell(row));
    tables.production.extend(found.into_iter().map(|(_, row)| row).filter(|row| !repeated(row)));
    tables.production.extend(sums);
}

/// The own product of a mineral whose table is split into parts, for years in which every part has rows.
fn sums_of_parts(products: &[Conversion], found: &[(String, ObservationRow)]) -> Vec<ObservationRow> {
    let mut parts: BTreeMap<(&str, &MineralId), BTreeSet<&str>> = BTreeMap::new();
    for product in products.iter().filter(|product| !product.parts.is_empty()) {
        parts.entry((&product.parts, &product.mineral)).or_default().insert(&product.product);
    }
    let mut sums = Vec::new();
    for ((group, mineral), wanted) in parts {
        let mut cells: BTreeMap<(i32, Iso3), Vec<&ObservationRow>> = BTreeMap::new();
        let mut present: BTreeMap<i32, BTreeSet<&str>> = BTreeMap::new();
        for (_, row) in found.iter().filter(|(part_of, row)| part_of == group && &row.mineral == mineral) {
            cells.entry((row.year, row.iso3)).or_default().push(row);
            present.entry(row.year).or_default().insert(&row.product);
        }
        for ((year, _), rows) in cells {
            let Some(first) = rows.first().filter(|_| present.get(&year) == Some(&wanted)) else { continue };
            let add = |pick: fn(&ObservationRow) -> Option<f64>| {
                rows.iter().filter_map(|row| pick(row)).reduce(|a, b| a + b).map(rounded)
            };
            let raw: Vec<&str> = rows.iter().map(|row| row.raw.as_str()).collect();
            let names: Vec<&str> = rows.iter().map(|row| row.product.as_str()).collect();
            sums.push(ObservationRow {
                value: add(|row| row.value),
                low: add(|row| row.low),
                high: add(|row| row.high),
                raw: raw.join(" + "),
                product: String::new(),
                flag: rows
                    .iter()
                    .map(|row| row.flag)
                    .find(|flag| *flag != Flag::Reported)
                    .unwrap_or_default(),
                grade: rows.iter().map(|row| row.grade).max().unwrap_or(first.grade),
                note: names.join(" + "),
                ..(*first).clone()
            });
        }
    }
    sums
}

/// The last year of a span such as `2017-2026`; other dates as they are.
fn latest_date(text: &str) -> String {
    match text.split_once('-') {
        Some((_, last)) if last.len() == 4 => last.to_owned(),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn import(tables: &mut Tables, rows: &str) -> Vec<String> {
        let text = format!(
            "mineral,product,iso3,year,quantity,unit,share_of_world,kind,low,high,grade,source,source_date,capacity,note\n{rows}"
        );
        let mut problems = Diagnostics::default();
        let before = tables.production.len();
        read(&Input::inline("refined.csv", text), &Reference::load().unwrap(), tables, &mut problems);
        assert!(problems.is_empty(), "{problems}");
        let line = |r: &ObservationRow| {
            format!("{} {} {:?} {:?} {} [{}]", r.iso3, r.year, r.value, r.flag, r.grade, r.product)
        };
        tables.production[before..].iter().map(line).collect()
    }

    #[test]
    fn gross_products_become_contained_with_the_exporter_s_own_content() {
        let found = import(
            &mut Tables::default(),
            "chromium,ferrochrome (gross),KAZ,2024,1700000,t gross,0.1,inferred from trade balance,1580000,1830000,B,own inference: k x (mine),2026,,\n\
             chromium,ferrochrome (gross),FIN,2024,380000,t gross,0.1,inferred from trade balance,,,B,own inference: k x (mine),2026,,BGS 2023 390\n\
             uranium,U3O8->UF6 conversion (nameplate),CAN,2024,12500,tU/y,0.2,capacity-weighted guess,,,A,WNA via ec.europa.eu,2026,,\n\
             lithium,lithium chemicals (Li content),CHN,2025,0.74,share only,0.74,share x world total,,,B,IEA 2026 edition,2026,,\n",
        );
        assert_eq!(
            found,
            [
                "KAZ 2024 Some(1156000.0) Derived B []",
                "FIN 2024 Some(207100.0) Derived B []",
                "CAN 2024 Some(12500.0) Capacity A []"
            ]
        );
    }

    #[test]
    fn closed_rows_take_the_rest_of_the_world_with_them() {
        let found = import(
            &mut Tables::default(),
            "zinc,refined zinc (primary+secondary),KOR,2024,880000,t,0.1,share x world total,,,B,\"BGS World Mineral Statistics scrape, 2021\",2021,,\n\
             zinc,refined zinc (primary+secondary),ROW,2024,9000,t,0.1,share x world total,,,B,own inference from BACI 2024 refined-metal trade,2021,,\n\
             zinc,refined zinc (primary+secondary),KAZ,2024,262000,t,0.1,inferred from trade balance,,,B,own inference from BACI 2024 refined-metal trade,2021,,\n",
        );
        assert_eq!(found, ["KAZ 2024 Some(262000.0) Derived B []"]);
    }

    #[test]
    fn parts_add_up_only_in_years_that_have_all_of_them() {
        let guess = "capacity-weighted guess,,,C,own capacity-weighted guess; x,2026,,";
        let rows = format!(
            "rare earths,\"separated REO, light (La-Nd incl. SEG conc.)\",CHN,2024,298000,t REO,0.9,{guess}\n\
             rare earths,\"separated REO, heavy (Sm/Gd-Lu, Y)\",CHN,2024,21000,t REO,0.9,{guess}\n\
             rare earths,\"separated REO, heavy (Sm/Gd-Lu, Y)\",CHN,2025,21000,t REO,0.9,{guess}\n"
        );
        let found = import(&mut Tables::default(), &rows);
        assert_eq!(
            found,
            [
                "CHN 2024 Some(298000.0) Derived C [light separated REO]",
                "CHN 2024 Some(21000.0) Derived C [heavy separated REO]",
                "CHN 2025 Some(21000.0) Derived C [heavy separated REO]",
                "CHN 2024 Some(319000.0) Derived C []"
            ]
        );
    }

    #[test]
    fn a_table_imported_from_its_publisher_is_not_repeated() {
        let mut tables = Tables::default();
        let usgs = "magnesium,primary magnesium metal,CHN,2024,953000,t,0.9,reported,,,A,USGS Mineral Commodity Summaries 2026 data release,2026,,\n";
        assert_eq!(import(&mut tables, usgs).len(), 1);
        assert_eq!(import(&mut tables, usgs).len(), 0);
        tables.production[0].stage = Stage::Mine;
        assert_eq!(import(&mut tables, usgs).len(), 1, "another stage is another figure");
    }
}
