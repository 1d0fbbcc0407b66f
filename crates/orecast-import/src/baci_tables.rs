//! The tables that come with CEPII BACI: countries and products of an edition.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::{
    reference::mapping,
    rows::{Layout, Written, table_of},
    text::Input,
};
use orecast::base::{diagnostic::Diagnostics, id::MineralId};

const COUNTRIES: Layout = Layout {
    what: "the table of countries of CEPII BACI",
    columns: &[
        ("country_code", &["i"]),
        ("country_name", &["country_name_full"]),
        ("country_iso3", &["iso_3digit_alpha"]),
    ],
};

const PRODUCTS: Layout = Layout {
    what: "the table of products of CEPII BACI",
    columns: &[("code", &["k"]), ("description", &[])],
};

/// What the tables say.
#[derive(Debug, Default)]
pub struct Tables {
    /// Code of a country, or its name where it has none, by BACI's number.
    countries: BTreeMap<String, String>,
    /// Codes of the edition; empty when the table was not given.
    products: BTreeSet<u32>,
}

/// What a file of the archive is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Flows of a year.
    Flows,
    /// Countries.
    Countries,
    /// Products.
    Products,
}

impl Kind {
    /// Tells the files of the archive apart by their first line.
    pub fn of(input: &Input) -> Self {
        let first = input.first_line().unwrap_or_default().to_lowercase();
        match first {
            _ if first.contains("description") => Self::Products,
            _ if first.contains("country_") || first.contains("iso_3digit") => Self::Countries,
            _ => Self::Flows,
        }
    }
}

impl Tables {
    /// Reads the tables among the files.
    pub fn read(inputs: &[Input], problems: &mut Diagnostics) -> Self {
        let mut tables = Self::default();
        for input in inputs {
            match Kind::of(input) {
                Kind::Flows => {}
                Kind::Countries => tables.read_countries(input, problems),
                Kind::Products => tables.read_products(input, problems),
            }
        }
        tables
    }

    fn read_countries(&mut self, input: &Input, problems: &mut Diagnostics) {
        let Some(table) = table_of(input, &COUNTRIES, problems) else { return };
        let [code, name, iso3] = places(&table, ["country_code", "country_name", "country_iso3"]);
        for (_, row) in &table.rows {
            let spelt = if row[iso3].len() == 3 && &row[iso3] != "N/A" { &row[iso3] } else { &row[name] };
            self.countries.insert(row[code].to_owned(), spelt.to_owned());
        }
    }

    fn read_products(&mut self, input: &Input, problems: &mut Diagnostics) {
        let Some(table) = table_of(input, &PRODUCTS, problems) else { return };
        let [code, _] = places(&table, ["code", "description"]);
        self.products.extend(table.rows.iter().filter_map(|(_, row)| row[code].parse::<u32>().ok()));
    }

    /// What the table says of a country's number.
    pub fn country(&self, number: &str) -> Option<&str> {
        self.countries.get(number).map(String::as_str)
    }

    /// Remarks on mapped codes that the edition does not have.
    pub fn remark_absent(&self, file: &str, problems: &mut Diagnostics) {
        if self.products.is_empty() {
            return;
        }
        let twins = twins(problems);
        let has = |code: u32| {
            let others = twins.iter().filter(|(_, kept)| **kept == code).map(|(other, _)| other);
            std::iter::once(&code).chain(others).any(|code| self.products.contains(code))
        };
        let absent: Vec<String> =
            mapped(problems).into_iter().filter(|code| !has(*code)).map(|code| code.to_string()).collect();
        if !absent.is_empty() {
            let remedy = "this classification has other codes for these goods; the flows stay out";
            problems.remark(file, 0, "k", format!("no product {}", absent.join(", ")), remedy);
        }
    }
}

fn places<const N: usize>(table: &Written, names: [&str; N]) -> [usize; N] {
    names.map(|name| table.column(name).unwrap_or_default())
}

/// A code and a mineral that it holds.
#[derive(Deserialize)]
struct Content {
    hs6: u32,
    mineral: MineralId,
}

fn contents(problems: &mut Diagnostics) -> Vec<Content> {
    let mut contents: Vec<Content> = mapping("hs_codes.csv", include_str!("mapping/hs_codes.csv"), problems);
    contents.extend(mapping::<Content>(
        "hs_exporters.csv",
        include_str!("mapping/hs_exporters.csv"),
        problems,
    ));
    contents
}

/// Codes that the mapping uses.
fn mapped(problems: &mut Diagnostics) -> BTreeSet<u32> {
    contents(problems).into_iter().map(|content| content.hs6).collect()
}

/// Groups of codes that share minerals, directly or through other codes: from code to the number of its group.
pub fn groups(problems: &mut Diagnostics) -> BTreeMap<u32, usize> {
    let contents = contents(problems);
    let mut groups: BTreeMap<u32, usize> =
        contents.iter().enumerate().map(|(number, content)| (content.hs6, number)).collect();
    loop {
        let mut least: BTreeMap<&MineralId, usize> = BTreeMap::new();
        for content in &contents {
            let group = groups[&content.hs6];
            least.entry(&content.mineral).and_modify(|known| *known = group.min(*known)).or_insert(group);
        }
        let mut settled = true;
        for content in &contents {
            let group = groups.entry(content.hs6).or_default();
            if least[&content.mineral] < *group {
                *group = least[&content.mineral];
                settled = false;
            }
        }
        if settled {
            return groups;
        }
    }
}

/// Codes of other editions for the goods of a mapped code: from code to mapped code (`mapping/hs_twins.csv`).
pub fn twins(problems: &mut Diagnostics) -> BTreeMap<u32, u32> {
    #[derive(Deserialize)]
    struct Twin {
        hs6: u32,
        mapped: u32,
    }
    let twins: Vec<Twin> = mapping("hs_twins.csv", include_str!("mapping/hs_twins.csv"), problems);
    twins.into_iter().map(|twin| (twin.hs6, twin.mapped)).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_told_from_flows_and_say_what_numbers_and_codes_mean() {
        let inputs = [
            Input::inline("flows.csv", "t,i,j,k,v,q\n"),
            Input::inline(
                "country_codes_V202601.csv",
                "country_code,country_name,country_iso2,country_iso3\n4,Afghanistan,AF,AFG\n490,\"Other Asia, nes\",N/A,N/A\n",
            ),
            Input::inline(
                "product_codes_HS92_V202601.csv",
                "code,description\n010111,Horses\n810310,\"Tantalum; unwrought\"\n",
            ),
        ];
        let mut problems = Diagnostics::default();
        let tables = Tables::read(&inputs, &mut problems);
        tables.remark_absent("flows.csv", &mut problems);
        assert!(problems.is_empty(), "{problems}");
        assert_eq!((tables.country("4"), tables.country("490")), (Some("AFG"), Some("Other Asia, nes")));
        let remark = &problems.remarks()[0].found;
        assert!(remark.contains("740311") && !remark.contains("810320"), "{remark}");
        assert_eq!(Kind::of(&inputs[0]), Kind::Flows);
    }

    #[test]
    fn codes_that_share_a_mineral_are_in_one_group() {
        let mut problems = Diagnostics::default();
        let groups = groups(&mut problems);
        for content in contents(&mut problems) {
            for other in contents(&mut problems).iter().filter(|other| other.mineral == content.mineral) {
                assert_eq!(groups[&content.hs6], groups[&other.hs6], "{} {}", content.hs6, other.hs6);
            }
        }
        let count = groups.values().collect::<BTreeSet<_>>().len();
        assert!(count > 10, "{count}");
    }

    #[test]
    fn twins_name_a_mapped_code_and_are_not_mapped_themselves() {
        let mut problems = Diagnostics::default();
        let mapped = mapped(&mut problems);
        let twins = twins(&mut problems);
        assert!(problems.is_empty() && !twins.is_empty(), "{problems}");
        for (other, kept) in twins {
            assert!(mapped.contains(&kept) && !mapped.contains(&other), "{other} {kept}");
        }
        assert!(!mapped.contains(&811_230), "germanium has no code of its own since HS 2007");
    }
}
