//! Input-output accounts of the United States, benchmark detail of 2017: who makes and who uses what, in 402 industries.
//!
//! Download: <https://www.bea.gov/industry/input-output-accounts-data>, detail tables of 2017 before redefinitions: make, use at producers'
//! prices, imports, and gross output by industry; as matrices in CSV with codes in the first line and column, as the
//! `useeior` package of the US Environmental Protection Agency holds them. US public domain. The four files are read together.
//!
//! Quirks: industries and commodities share most codes but not all (scrap, used goods and non-comparable imports are no industries); totals
//! (`T001` to `T008`) and value added (`V00100` to `V00300`) stand among the codes; two columns have no name (`NA`); inventories,
//! imports and a few uses are negative; figures are million dollars, rounded, so sums differ by a few.
//!
//! Every figure that is not zero is kept: 55,000 rows hold the accounts without loss, so no threshold is needed.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::{
    Tables, figure,
    reference::{Reference, mapping},
    rows::{Layout, Written, table_of},
    text::Input,
};
use orecast::{
    base::{
        diagnostic::Diagnostics,
        id::{PartyId, SourceId},
        unit::Grade,
    },
    world::table::{IoMakeRow, IoSectorRow, IoUseRow, ValueAddedRow},
};

/// Source of all rows.
pub const SOURCE: &str = "bea-io-2017";
/// Year of the accounts.
const YEAR: i32 = 2017;
/// No cell is further from zero, in million dollars.
const LARGEST: f64 = 1e8;
/// Sums of rounded figures may differ by this share.
const ROUNDING: f64 = 1e-3;
/// Sums of rounded figures may differ by this much, in million dollars.
const ROUNDING_MUSD: f64 = 250.0;

const LAYOUT: Layout =
    Layout { what: "a detail table of the BEA input-output accounts", columns: &[("rownames", &["code"])] };

/// `mapping/bea_industries.csv`: the titles of the detail industries and commodities of 2017.
#[derive(Debug, Deserialize)]
struct Title {
    code: String,
    name: String,
}

/// `mapping/divisions.csv`: the division of the international classification that codes with a prefix belong to.
#[derive(Debug, Deserialize)]
struct Division {
    prefix: String,
    division: String,
}

/// Value added of the accounts' year by division.
fn value_added(sectors: &[IoSectorRow], place: &PartyId, source: &SourceId) -> Vec<ValueAddedRow> {
    let mut sums: BTreeMap<&str, f64> = BTreeMap::new();
    for sector in sectors.iter().filter(|sector| !sector.division.is_empty()) {
        *sums.entry(&sector.division).or_default() += sector.value_added_musd.unwrap_or(0.0);
    }
    let row = |(division, value): (&str, f64)| ValueAddedRow {
        place: place.clone(),
        division: division.to_owned(),
        year: YEAR,
        value,
        source: source.clone(),
        grade: Grade::B,
    };
    sums.into_iter().filter(|(_, value)| *value > 0.0).map(row).collect()
}

/// A matrix by code of its rows and columns.
#[derive(Debug, Default)]
struct Matrix {
    name: String,
    rows: BTreeMap<String, BTreeMap<String, f64>>,
    columns: BTreeSet<String>,
}

impl Matrix {
    fn read(input: &Input, table: &Written, problems: &mut Diagnostics) -> Self {
        let mut matrix = Self { name: input.name().to_owned(), ..Self::default() };
        matrix.columns.extend(table.header.iter().skip(1).map(str::to_owned));
        for (line, row) in &table.rows {
            let mut cells = BTreeMap::new();
            for (name, cell) in table.header.iter().zip(row).skip(1) {
                if cell.is_empty() || cell == "NA" {
                    continue;
                }
                match figure::number(cell).filter(|value| value.abs() <= LARGEST) {
                    Some(value) if value != 0.0 => {
                        cells.insert(name.to_owned(), value);
                    }
                    Some(_) => {}
                    None => {
                        let remedy = "write million dollars";
                        problems.push(input.name(), *line, name, format!("`{cell}`"), remedy);
                    }
                }
            }
            matrix.rows.insert(row[0].to_owned(), cells);
        }
        matrix
    }

    fn get(&self, row: &str, column: &str) -> Option<f64> {
        self.rows.get(row)?.get(column).copied()
    }

    /// Sum of the columns of a row whose code begins with one of some letters.
    fn sum(&self, row: &str, prefixes: &[&str]) -> Option<f64> {
        let cells =
            self.rows.get(row)?.iter().filter(|(code, _)| prefixes.iter().any(|p| code.starts_with(p)));
        cells.map(|(_, value)| *value).reduce(|a, b| a + b)
    }
}

/// The four tables.
#[derive(Debug, Default)]
struct Accounts {
    uses: Matrix,
    makes: Matrix,
    imports: Matrix,
    output: Matrix,
}

/// Whether a code is one of a sector rather than a total, value added or final use.
fn is_sector(code: &str) -> bool {
    code.starts_with(|c: char| c.is_ascii_digit() || c == 'S' || c == 'G')
}

/// Reads the four tables into sectors, makes and uses.
pub fn read(inputs: &[Input], _: &Reference, tables: &mut Tables, problems: &mut Diagnostics) {
    let mut accounts = Accounts::default();
    for input in inputs {
        let Some(table) = table_of(input, &LAYOUT, problems) else { continue };
        let matrix = Matrix::read(input, &table, problems);
        let has_row = |code: &str| matrix.rows.contains_key(code);
        let has_column = |code: &str| matrix.columns.contains(code);
        if has_row("V00100") && has_column("F01000") {
            accounts.uses = matrix;
        } else if has_column("F05000") {
            accounts.imports = matrix;
        } else if has_column("2017") {
            accounts.output = matrix;
        } else if has_row("T007") || has_column("T008") {
            accounts.makes = matrix;
        } else {
            let remedy = "give the detail tables of make, use, imports and gross output";
            problems.push(input.name(), 1, "", "not a known table of the accounts", remedy);
        }
    }
    let Accounts { uses, makes, imports, output } = &accounts;
    for (what, matrix) in [("use", uses), ("make", makes), ("import", imports), ("gross output", output)] {
        if matrix.rows.is_empty() {
            let file = inputs.first().map_or("", Input::name);
            problems.push(file, 0, "", format!("no {what} table"), "give all four tables together");
        }
    }
    if !problems.is_empty() {
        return;
    }
    let industries = || uses.columns.iter().filter(|code| is_sector(code));
    let all: BTreeSet<&String> =
        industries().chain(makes.rows.keys().filter(|code| is_sector(code))).collect();
    accounts.check(&all, problems);
    let codes: BTreeSet<&String> =
        industries().chain(uses.rows.keys().filter(|code| is_sector(code))).collect();
    let titles: Vec<Title> =
        mapping("bea_industries.csv", include_str!("mapping/bea_industries.csv"), problems);
    let divisions: Vec<Division> = mapping("divisions.csv", include_str!("mapping/divisions.csv"), problems);
    let titles: BTreeMap<String, String> = titles.into_iter().map(|title| (title.code, title.name)).collect();
    for code in codes {
        let name = titles.get(code).cloned().unwrap_or_else(|| {
            let remedy = "add its title to mapping/bea_industries.csv";
            problems.push(&uses.name, 0, "", format!("no title for the sector {code}"), remedy);
            code.clone()
        });
        // The longest prefix counts.
        let of = divisions.iter().filter(|row| code.starts_with(&row.prefix));
        let division = of.max_by_key(|row| row.prefix.len()).map_or("", |row| &row.division);
        tables.io_sectors.push(accounts.sector(code, name, division));
    }
    let Some((place, source)) = "USA".parse().ok().zip(SOURCE.parse().ok()) else { return };
    tables.value_added.extend(value_added(&tables.io_sectors, &place, &source));
    for (industry, cells) in makes.rows.iter().filter(|(code, _)| is_sector(code)) {
        tables.io_makes.extend(cells.iter().filter(|(code, _)| is_sector(code)).map(|(commodity, musd)| {
            IoMakeRow { industry: industry.clone(), commodity: commodity.clone(), musd: *musd }
        }));
    }
    for (commodity, cells) in uses.rows.iter().filter(|(code, _)| is_sector(code)) {
        tables.io_uses.extend(cells.iter().filter(|(code, _)| is_sector(code)).map(|(industry, musd)| {
            IoUseRow {
                commodity: commodity.clone(),
                industry: industry.clone(),
                musd: *musd,
                imported_musd: imports.get(commodity, industry),
            }
        }));
    }
}

impl Accounts {
    fn sector(&self, code: &str, name: String, division: &str) -> IoSectorRow {
        let Self { uses, makes, imports, output } = self;
        let latest = output.rows.get(code).and_then(|years| years.last_key_value());
        let value_added = |row: &str| uses.get(row, code);
        let imported_final = imports.sum(code, &["F01", "F02", "F06", "F07", "F10"]);
        IoSectorRow {
            code: code.to_owned(),
            name,
            division: division.to_owned(),
            output_musd: makes.get(code, "T008"),
            value_added_musd: uses.get("T006", code),
            compensation_musd: value_added("V00100"),
            taxes_musd: value_added("V00200"),
            surplus_musd: value_added("V00300"),
            commodity_output_musd: makes.get("T007", code),
            household_musd: uses.get(code, "F01000"),
            investment_musd: uses.sum(code, &["F02"]),
            inventories_musd: uses.get(code, "F03000"),
            exports_musd: uses.get(code, "F04000"),
            imports_musd: uses.get(code, "F05000").map(|imports| -imports),
            government_musd: uses.sum(code, &["F06", "F07", "F10"]),
            imported_final_musd: imported_final,
            latest_output_musd: latest.map(|(_, value)| *value),
            latest_year: latest.and_then(|(year, _)| figure::year(year)),
        }
    }

    /// Checks that each industry's inputs and value added make up its output.
    fn check(&self, industries: &BTreeSet<&String>, problems: &mut Diagnostics) {
        let mut inputs: BTreeMap<&str, f64> = BTreeMap::new();
        for (_, cells) in self.uses.rows.iter().filter(|(code, _)| is_sector(code)) {
            for (industry, value) in cells {
                *inputs.entry(industry).or_default() += value;
            }
        }
        for industry in industries {
            let added = self.uses.get("T006", industry).unwrap_or(0.0);
            let used = inputs.get(industry.as_str()).copied().unwrap_or(0.0);
            let made = self.makes.get(industry, "T008").unwrap_or(0.0);
            if (used + added - made).abs() > ROUNDING_MUSD + ROUNDING * made.abs() {
                let found =
                    format!("inputs {used:.0} and value added {added:.0} are not the output {made:.0}");
                let remedy = "give tables of one edition, before redefinitions, at producers' prices";
                problems.push(&self.uses.name, 0, industry, found, remedy);
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const USE: &str = "rownames,2122A0,331410,T001,F01000,F02E00,F03000,F04000,F05000,F10C00,NA\n\
        2122A0,100,900,1000,0,5,-3,60,-62,0,1\nS00401,0,50,50,0,0,0,0,0,0,50\nT005,100,950,,,,,,,,\n\
        V00100,500,300,800,0,0,0,0,0,0,800\nV00200,100,50,150,0,0,0,0,0,0,150\nV00300,300,200,500,0,0,0,0,0,0,500\n\
        T006,900,550,1450,0,0,0,0,0,0,\nT008,1000,1500,2500,0,0,0,0,0,0,\n";
    const MAKE: &str = "rownames,2122A0,331410,S00401,T008\n2122A0,1000,0,0,1000\n331410,0,1450,50,1500\nT007,1000,1450,50,2500\n";
    const IMPORT: &str = "rownames,2122A0,331410,F01000,F02E00,F05000\n2122A0,0,57,0,5,-62\n";
    const OUTPUT: &str = "rownames,2016,2017,2023\n2122A0,990,1000,1700\n331410,1400,1500,2100\n";

    fn import(texts: &[&str]) -> (Tables, Diagnostics) {
        let mut tables = Tables::default();
        let mut problems = Diagnostics::default();
        let inputs: Vec<Input> = texts.iter().map(|text| Input::inline("io.csv", *text)).collect();
        read(&inputs, &Reference::load().unwrap(), &mut tables, &mut problems);
        (tables, problems)
    }

    #[test]
    fn four_matrices_become_sectors_makes_and_uses() {
        let (tables, problems) = import(&[USE, MAKE, IMPORT, OUTPUT]);
        assert!(problems.is_empty(), "{problems}");
        let uses: Vec<_> = tables
            .io_uses
            .iter()
            .map(|r| format!("{}>{} {} {:?}", r.commodity, r.industry, r.musd, r.imported_musd))
            .collect();
        assert_eq!(uses, ["2122A0>2122A0 100 None", "2122A0>331410 900 Some(57.0)", "S00401>331410 50 None"]);
        let makes: Vec<_> =
            tables.io_makes.iter().map(|r| format!("{}>{} {}", r.industry, r.commodity, r.musd)).collect();
        assert_eq!(makes, ["2122A0>2122A0 1000", "331410>331410 1450", "331410>S00401 50"]);
        let ore = &tables.io_sectors[0];
        assert_eq!(ore.name, "Iron, gold, silver, and other metal ore mining");
        let sizes: Vec<_> =
            tables.value_added.iter().map(|r| format!("{} {} {}", r.place, r.division, r.value)).collect();
        assert_eq!(sizes, ["USA 07 900", "USA 24 550"]);
        assert_eq!(
            (ore.output_musd, ore.value_added_musd, ore.imports_musd),
            (Some(1000.0), Some(900.0), Some(62.0))
        );
        assert_eq!((ore.inventories_musd, ore.imported_final_musd), (Some(-3.0), Some(5.0)));
        assert_eq!((ore.latest_output_musd, ore.latest_year), (Some(1700.0), Some(2023)));
        let scrap = &tables.io_sectors[2];
        assert_eq!(
            (scrap.code.as_str(), scrap.output_musd, scrap.commodity_output_musd),
            ("S00401", None, Some(50.0))
        );
    }

    #[test]
    fn missing_tables_odd_cells_and_accounts_that_do_not_add_up_are_reported() {
        let text = import(&[USE, MAKE]).1.to_string();
        assert!(text.contains("no import table") && text.contains("no gross output table"), "{text}");
        let odd = OUTPUT.replace("1700", "many");
        assert!(import(&[USE, MAKE, IMPORT, &odd]).1.to_string().contains("2023: `many`"));
        let other = MAKE.replace("1450,50,1500", "1450,50,9500");
        let text = import(&[USE, &other, IMPORT, OUTPUT]).1.to_string();
        assert!(text.contains("331410: inputs 950 and value added 550 are not the output 9500"), "{text}");
        assert!(import(&["a,b\n1,2\n"]).1.to_string().contains("rownames"));
    }

    #[test]
    fn the_shipped_accounts_add_up_to_the_gross_domestic_product_of_2017() {
        let world = crate::testing::shipped_world();
        let sectors = &world.tables().io_sectors;
        let sum = |pick: fn(&IoSectorRow) -> Option<f64>| sectors.iter().filter_map(pick).sum::<f64>();
        let added = sum(|row| row.value_added_musd);
        let used = sum(|row| row.household_musd)
            + sum(|row| row.investment_musd)
            + sum(|row| row.inventories_musd)
            + sum(|row| row.government_musd)
            + sum(|row| row.exports_musd)
            - sum(|row| row.imports_musd);
        // 19.61 trillion dollars from either side; figures are rounded to millions.
        assert!((added - 19_612_000.0).abs() < 1000.0 && (added - used).abs() < 100.0, "{added} {used}");
        assert_eq!(sectors.iter().filter(|row| row.value_added_musd.is_some()).count(), 402);
    }
}
