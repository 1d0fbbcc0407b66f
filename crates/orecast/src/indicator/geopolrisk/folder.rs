//! `GeoPolRisk` from a folder of inputs, by the conventions of the published program.
//!
//! The folder holds five tables: `countries.csv` (label, member codes), `hs_map.csv` (the minerals), `production.csv` (by
//! country, one column a year such as `y2018`), `trade_imports.csv` (by year, mineral, reporter and partner) and
//! `wgi_pv_normalised.csv` (instability by country and year, 0 to 1). Countries are numeric codes; governance under the code
//! `NA` belongs to no customs partner.
//!
//! Conventions kept on purpose, some of them doubtful: production is cut to whole numbers of the table's own unit before
//! shares are taken; all producers count, also those of the assessed group; imports from members stay in the
//! denominator with no risk; domestic production counts in full, exported or not; a missing quantity counts as 0 while
//! its value counts; a partner without governance gets 0.5; no trade means no risk.

use std::path::Path;

use serde::Serialize;

use super::{
    Terms, UNKNOWN,
    sheet::{CODES, Row, Sheet},
};
use crate::{base::diagnostic::Diagnostics, indicator::concentration::herfindahl};

/// One row of results.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Case {
    /// Calendar year.
    pub year: i32,
    /// Country or group, by its label.
    pub country: String,
    /// Mineral, by its name in the inputs.
    pub mineral: String,
    /// Sum of squared shares of producers, 0 to 1.
    pub hhi: f64,
    /// Import risk, 0 to 1.
    pub import_risk: f64,
    /// Unit value of imports, thousand USD per tonne.
    pub price_kusd_per_t: f64,
    /// Score, 0 to 1.
    pub score: f64,
    /// Characterisation factor, kg copper equivalents per kg.
    #[serde(rename = "cf_kgCu_eq_per_kg")]
    pub characterisation: f64,
    /// Imports, tonnes.
    #[serde(rename = "trade_q_t")]
    pub imports: f64,
    /// Domestic production, tonnes.
    #[serde(rename = "domestic_prod_t_own")]
    pub domestic: f64,
}

/// The inputs of all cases.
#[derive(Debug, Clone)]
pub struct Inputs {
    countries: Vec<(String, Vec<u16>)>,
    minerals: Vec<String>,
    years: Vec<Period>,
    /// Sorted by [`Import::key`].
    imports: Vec<Import>,
}

/// What is known of one year.
#[derive(Debug, Clone)]
struct Period {
    year: i32,
    /// By mineral.
    production: Vec<Production>,
    /// By country code.
    instability: Vec<f64>,
}

/// Producers of one mineral in one year.
#[derive(Debug, Clone, Default)]
struct Production {
    /// Whole numbers of the table's own unit.
    truncated: Vec<f64>,
    concentration: f64,
    /// Tonnes by country; the first row of a country counts.
    tonnes: Vec<(u16, f64)>,
}

#[derive(Debug, Clone, Copy)]
struct Import {
    key: (u16, u16, u16),
    partner: u16,
    tonnes: f64,
    kusd: f64,
}

impl Inputs {
    /// Reads a folder.
    ///
    /// # Errors
    /// Everything that is wrong with its files.
    pub fn read(folder: &Path) -> Result<Self, Diagnostics> {
        let mut problems = Diagnostics::default();
        let mut inputs =
            Self { countries: Vec::new(), minerals: Vec::new(), years: Vec::new(), imports: Vec::new() };
        for row in Sheet::read(folder, "countries.csv", &["label", "member_codes"], &mut problems).rows() {
            let list = row.text("member_codes").split(';');
            let codes = list.filter_map(|code| row.parse_code(code.trim(), "member_codes", &mut problems));
            let codes = codes.collect();
            inputs.countries.push((row.text("label").to_owned(), codes));
        }
        for row in Sheet::read(folder, "hs_map.csv", &["mineral"], &mut problems).rows() {
            inputs.minerals.push(row.text("mineral").to_owned());
        }
        inputs.read_production(folder, &mut problems);
        let columns = ["country_code", "year", "risk"];
        for row in Sheet::read(folder, "wgi_pv_normalised.csv", &columns, &mut problems).rows() {
            if row.text("country_code") == "NA" {
                continue;
            }
            let code = row.parse_code(row.text("country_code"), "country_code", &mut problems);
            let risk = row.number("risk", &mut problems);
            let (Some(code), Some(risk), Some(year)) = (code, risk, inputs.year(&row, &mut problems)) else {
                continue;
            };
            inputs.years[year].instability[usize::from(code)] = risk;
        }
        inputs.read_trade(folder, &mut problems);
        problems.into_result(inputs)
    }

    fn read_production(&mut self, folder: &Path, problems: &mut Diagnostics) {
        let sheet = Sheet::read(folder, "production.csv", &["mineral", "country_code", "unit"], problems);
        let columns: Vec<String> =
            sheet.headers.iter().filter(|name| year_of(name).is_some()).cloned().collect();
        self.years = columns
            .iter()
            .filter_map(|name| year_of(name))
            .map(|year| Period {
                year,
                production: vec![Production::default(); self.minerals.len()],
                instability: vec![UNKNOWN; CODES],
            })
            .collect();
        if columns.is_empty() && !sheet.headers.is_empty() {
            problems.push(
                &sheet.file,
                1,
                "",
                "no column of a year",
                "name the columns of output `y2018`, `y2019`, ...",
            );
        }
        for row in sheet.rows() {
            let code = row.parse_code(row.text("country_code"), "country_code", problems);
            let per_unit = match row.text("unit") {
                "metr. t" => 1.0,
                "kg" => 1e-3,
                other => {
                    let found = format!("`{other}` is not a known unit");
                    problems.push(row.file, row.line, "unit", found, "write `metr. t` or `kg`");
                    continue;
                }
            };
            let (Some(code), Some(mineral)) = (code, self.mineral(&row, problems)) else { continue };
            for (y, column) in columns.iter().enumerate() {
                let Some(amount) = row.amount(column, problems) else { continue };
                let production = &mut self.years[y].production[mineral];
                production.truncated.push(amount.trunc());
                if production.tonnes.iter().all(|(known, _)| *known != code) {
                    production.tonnes.push((code, amount * per_unit));
                }
            }
        }
        for production in self.years.iter_mut().flat_map(|year| &mut year.production) {
            production.concentration = herfindahl(&production.truncated).unwrap_or(0.0);
        }
    }

    fn read_trade(&mut self, folder: &Path, problems: &mut Diagnostics) {
        let columns = ["year", "mineral", "reporter_code", "partner_code", "qty_t", "value_kusd"];
        for row in Sheet::read(folder, "trade_imports.csv", &columns, problems).rows() {
            let reporter = row.parse_code(row.text("reporter_code"), "reporter_code", problems);
            let partner = row.parse_code(row.text("partner_code"), "partner_code", problems);
            let tonnes = row.amount("qty_t", problems).unwrap_or(0.0);
            let kusd = row.amount("value_kusd", problems).unwrap_or(0.0);
            let (year, mineral) = (self.year(&row, problems), self.mineral(&row, problems));
            let (Some(reporter), Some(partner), Some(year), Some(mineral)) =
                (reporter, partner, year, mineral)
            else {
                continue;
            };
            self.imports.push(Import { key: (year as u16, mineral as u16, reporter), partner, tonnes, kusd });
        }
        self.imports.sort_by_key(|row| (row.key, row.partner));
    }

    /// Position of a row's year; absent for years without production, which no case has.
    fn year(&self, row: &Row<'_>, problems: &mut Diagnostics) -> Option<usize> {
        let year = row.number("year", problems)?;
        self.years.iter().position(|known| f64::from(known.year) == year)
    }

    fn mineral(&self, row: &Row<'_>, problems: &mut Diagnostics) -> Option<usize> {
        let name = row.text("mineral");
        let found = self.minerals.iter().position(|mineral| mineral == name);
        if found.is_none() {
            let text = format!("`{name}` is not in hs_map.csv");
            problems.push(row.file, row.line, "mineral", text, "use a name from there, or add it");
        }
        found
    }

    /// Every case: each year that has production and trade, each country, each mineral, in the order of the files.
    pub fn table(&self) -> Vec<Case> {
        let mut cases = Vec::with_capacity(self.years.len() * self.countries.len() * self.minerals.len());
        let members: Vec<Vec<bool>> = self
            .countries
            .iter()
            .map(|(_, codes)| (0..CODES as u16).map(|code| codes.contains(&code)).collect())
            .collect();
        for (y, year) in self.years.iter().enumerate() {
            if self.rows((y as u16, 0, 0), (y as u16 + 1, 0, 0)).is_empty() {
                continue;
            }
            for ((label, codes), members) in self.countries.iter().zip(&members) {
                for (m, mineral) in self.minerals.iter().enumerate() {
                    let terms = self.terms(y, m, codes, members);
                    cases.push(Case {
                        year: year.year,
                        country: label.clone(),
                        mineral: mineral.clone(),
                        hhi: terms.concentration,
                        import_risk: terms.import_risk(),
                        price_kusd_per_t: terms.price(),
                        score: terms.score(),
                        characterisation: terms.characterisation(),
                        imports: terms.imports,
                        domestic: terms.domestic,
                    });
                }
            }
        }
        cases
    }

    fn terms(&self, y: usize, m: usize, codes: &[u16], is_member: &[bool]) -> Terms {
        let year = &self.years[y];
        let production = &year.production[m];
        let mut terms = Terms { concentration: production.concentration, ..Terms::default() };
        for &code in codes {
            let key = (y as u16, m as u16, code);
            for import in self.rows(key, (key.0, key.1, key.2 + 1)) {
                let partner = usize::from(import.partner);
                let instability = if is_member[partner] { 0.0 } else { year.instability[partner] };
                terms.at_risk += instability * import.tonnes;
                terms.imports += import.tonnes;
                terms.kusd += import.kusd;
            }
            terms.domestic +=
                production.tonnes.iter().filter(|(known, _)| *known == code).map(|(_, t)| t).sum::<f64>();
        }
        terms
    }

    /// Imports with keys from `first` to before `end`.
    fn rows(&self, first: (u16, u16, u16), end: (u16, u16, u16)) -> &[Import] {
        let from = self.imports.partition_point(|row| row.key < first);
        let rest = &self.imports[from..];
        &rest[..rest.partition_point(|row| row.key < end)]
    }
}

/// The year of a column such as `y2018`.
fn year_of(column: &str) -> Option<i32> {
    column.strip_prefix('y').filter(|digits| digits.len() == 4)?.parse().ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::fs;

    use insta::assert_snapshot;
    use tempfile::TempDir;

    use super::*;

    /// A world of three countries made up for this test: 1 and 2 form a club, 3 supplies, 4 has no governance.
    const FILES: [(&str, &str); 5] = [
        ("countries.csv", "label,member_codes\nOne,1\nClub,1;2\n"),
        ("hs_map.csv", "mineral,hs92_codes\nUnobtainium,999999\nDust,999998\n"),
        (
            "production.csv",
            "mineral,country,country_code,unit,y2020,y2021,source_flag\n\
             Unobtainium,One,1,kg,1000.9,,r\nUnobtainium,Three,3,kg,3000,3000,r\nDust,Two,2,metr. t,8,8,e\n",
        ),
        (
            "trade_imports.csv",
            "year,mineral,reporter_code,partner_code,qty_t,value_kusd\n\
             2020,Unobtainium,1,2,1,30\n2020,Unobtainium,1,3,2,50\n2020,Unobtainium,1,4,,20\n\
             2020,Unobtainium,2,4,1,10\n",
        ),
        (
            "wgi_pv_normalised.csv",
            "country_code,year,risk\nNA,2020,0.9\n1,2020,0.1\n2,2020,0.2\n3,2020,0.7\n",
        ),
    ];

    fn folder(edit: impl Fn(&str, &str) -> String) -> TempDir {
        let place = tempfile::tempdir().unwrap();
        for (name, text) in FILES {
            fs::write(place.path().join(name), edit(name, text)).unwrap();
        }
        place
    }

    #[test]
    fn each_convention_of_the_published_program_is_kept() {
        let place = folder(|_, text| text.to_owned());
        let cases = Inputs::read(place.path()).unwrap().table();
        // 2021 has production but no trade, so only 2020 gives cases.
        let what: Vec<String> =
            cases.iter().map(|case| format!("{} {} {}", case.year, case.country, case.mineral)).collect();
        assert_eq!(
            what,
            ["2020 One Unobtainium", "2020 One Dust", "2020 Club Unobtainium", "2020 Club Dust"]
        );
        let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-12, "{a} {b}");
        let one = &cases[0];
        // 1,000 and 3,000 kg after the cut; 1.0009 t at home without it.
        close(one.hhi, 10.0 / 16.0);
        close(one.domestic, 1.0009);
        // 0.2 of 1 t, 0.7 of 2 t; the partner without quantity adds its value only.
        close(one.import_risk, 1.6 / 4.0009);
        close(one.price_kusd_per_t, 100.0 / 3.0);
        close(one.characterisation, one.hhi * one.import_risk * 100.0 / 3.0 / 0.409_412_948);
        let club = &cases[2];
        // Trade within the club carries no risk and stays below the line; the partner 4 counts as 0.5.
        close(club.imports, 4.0);
        close(club.import_risk, (0.7 * 2.0 + 0.5) / 5.0009);
        assert_eq!((cases[1].hhi, cases[1].score, cases[1].price_kusd_per_t), (1.0, 0.0, 0.0));
        assert_eq!(cases[3].domestic, 8.0);
    }

    #[test]
    fn everything_that_is_wrong_is_reported_at_once() {
        let place = folder(|name, text| match name {
            "production.csv" => text.replace("kg,3000", "Mio m3,3000").replace("8,8", "-8,x"),
            "trade_imports.csv" => {
                text.replace("2,4,1,10", "2,4444,1,10").replace("Unobtainium,1,2", "Gold,1,2")
            }
            "wgi_pv_normalised.csv" => text.replace("risk", "estimate"),
            "countries.csv" => text.replace("1;2", "1;two"),
            _ => text.to_owned(),
        });
        let report = Inputs::read(place.path()).unwrap_err().to_string();
        let report = report.replace(&format!("{}/", place.path().display()), "");
        assert_snapshot!(report, @r"
        countries.csv:3: member_codes: `two` is not a country code
            write a number from 0 to 999
        production.csv:3: unit: `Mio m3` is not a known unit
            write `metr. t` or `kg`
        production.csv:4: y2020: -8 is below 0
            write an amount of 0 or more, or nothing
        production.csv:4: y2021: `x` is not a number
            write a plain number such as 12.5
        trade_imports.csv:2: mineral: `Gold` is not in hs_map.csv
            use a name from there, or add it
        trade_imports.csv:5: partner_code: `4444` is not a country code
            write a number from 0 to 999
        wgi_pv_normalised.csv:1: risk: the column is missing
            add it to the header
        7 problems
        ");
        fs::remove_file(place.path().join("hs_map.csv")).unwrap();
        let report = Inputs::read(place.path()).unwrap_err().to_string();
        assert!(report.contains("hs_map.csv") && report.contains("a CSV file with the columns mineral"));
    }
}
