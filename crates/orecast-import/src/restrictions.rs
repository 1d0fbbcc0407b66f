//! OECD Inventory of Export Restrictions on Critical Raw Materials: who restricts which exports, how, from when to when.
//!
//! Download: the OECD's data service without a key, data flow `OECD.TAD.ADM,DSD_QDD_TAD_EXP_RESTRIC@DF_QDD_TAD_EXP_RESTRIC`, as CSV
//! with labels (<https://data-explorer.oecd.org>), or a table with one row per measure. CC BY 4.0.
//!
//! Quirks: in the service's file a measure is many rows, one for each thing that is said of it (`VAL`, `DATI`, `END`, ...), as text in
//! `OBS_VALUE`; dates are `dd/mm/yyyy` or `nd`; commodities are lines of HS 2007 (`HS07_260300`); rows of `NO_RESTRICTION` are none. Most
//! measures are laws on scrap, so the table says which; one line (811292) covers seven metals and is written for each. Lines
//! that are no raw or unwrought form of a mineral are passed over (`mapping/oecd_commodities.csv`).

use std::collections::{BTreeMap, BTreeSet};

use csv::StringRecord;
use serde::Deserialize;

use super::{
    Tables, edition, figure,
    reference::{Reference, mapping},
    rows::{Layout, Written, table_of},
    text::Input,
};
use orecast::{
    base::{
        diagnostic::Diagnostics,
        id::{Iso3, MineralId, SourceId},
        unit::Grade,
    },
    world::table::RestrictionRow,
};

/// Source of all rows of data year 2024.
pub const SOURCE: &str = "oecd-export-restrictions-2024";

/// One row per measure.
const LIST: Layout = Layout {
    what: "the OECD inventory of export restrictions, as a list of measures or the CSV file of the data service",
    columns: &[
        ("measure_id", &[]),
        ("iso3", &[]),
        ("hs6_lines", &[]),
        ("oecd_type", &[]),
        ("value", &[]),
        ("unit", &[]),
        ("condition", &[]),
        ("introduced", &[]),
        ("ends", &[]),
        ("purpose", &[]),
        ("document", &[]),
    ],
};

/// One row per statement on a measure.
const SERVICE: Layout = Layout {
    what: "the CSV file of the OECD data service",
    columns: &[
        ("REF_AREA", &[]),
        ("COMMODITY", &[]),
        ("POLICY_TYPE", &[]),
        ("POLICY_VARIATION", &[]),
        ("POLICY_DESCRIPTION", &[]),
        ("TIME_PERIOD", &[]),
        ("OBS_VALUE", &[]),
    ],
};

/// A measure in either layout, as written.
#[derive(Debug, Default)]
struct Measure {
    line: usize,
    id: String,
    country: String,
    lines: Vec<String>,
    /// Minerals that the list names, when it names some of a basket.
    minerals: Vec<String>,
    kind: String,
    /// Statements by the names of the data service.
    says: BTreeMap<String, String>,
}

/// `mapping/oecd_commodities.csv`: a customs code, its minerals and their form.
#[derive(Debug, Deserialize)]
struct Commodity {
    hs6: u32,
    minerals: String,
    form: String,
}

#[derive(Debug, Deserialize)]
struct Kind {
    code: String,
    measure: String,
}

/// Reads the measures of the latest data year.
pub fn read(input: &Input, reference: &Reference, tables: &mut Tables, problems: &mut Diagnostics) {
    let first = input.first_line().unwrap_or_default();
    let (measures, year) = if first.contains("POLICY_TYPE") {
        let Some(table) = table_of(input, &SERVICE, problems) else { return };
        of_service(input.name(), &table, problems)
    } else {
        let Some(table) = table_of(input, &LIST, problems) else { return };
        let measures: Vec<Measure> =
            table.rows.iter().map(|(line, row)| of_list(*line, row, &table)).collect();
        let year = measures.iter().filter_map(|measure| year_of(&measure.id)).max();
        (measures, year)
    };
    // The inventory is named after its data year, other sources after the year that follows their data.
    let Some((source, _)) = edition(SOURCE, year.map(|year| year - 1)) else { return };
    let writer = Writer::new(input.name(), source, problems);
    for measure in &measures {
        writer.write(measure, reference, tables, problems);
    }
}

/// The data year that the list writes into its identifiers (`OECD24-0001`).
fn year_of(id: &str) -> Option<i32> {
    let digits = id.strip_prefix("OECD")?.split('-').next()?;
    figure::year(&format!("20{digits}"))
}

fn of_list(line: usize, row: &StringRecord, table: &Written) -> Measure {
    let cell =
        |name: &str| table.column(name).and_then(|place| row.get(place)).unwrap_or_default().to_owned();
    let minerals = cell("mineral_id");
    let named = if minerals.contains('(') { "" } else { &minerals };
    Measure {
        line,
        id: cell("measure_id"),
        country: cell("iso3"),
        lines: cell("hs6_lines").split(';').map(str::to_owned).collect(),
        minerals: named.split(';').filter(|name| !name.is_empty()).map(str::to_owned).collect(),
        kind: cell("oecd_type"),
        says: [
            ("VAL", "value"),
            ("VAL_UNIT", "unit"),
            ("VAL_CONDITION", "condition"),
            ("DATI", "introduced"),
            ("END", "ends"),
            ("POM", "purpose"),
            ("NOD", "document"),
            ("SCRAP", "scrap_only"),
        ]
        .map(|(key, name)| (key.to_owned(), cell(name)))
        .into(),
    }
}

/// Measures of the latest year of the service's file, and that year.
fn of_service(file: &str, table: &Written, problems: &mut Diagnostics) -> (Vec<Measure>, Option<i32>) {
    let names = SERVICE.columns.iter().map(|(name, _)| table.column(name).unwrap_or_default());
    let places: Vec<usize> = names.collect();
    let [area, commodity, kind, variation, description, period, value] = places[..] else {
        return (Vec::new(), None);
    };
    let year = table.rows.iter().filter_map(|(_, row)| figure::year(&row[period])).max();
    let mut measures: BTreeMap<String, Measure> = BTreeMap::new();
    for (line, row) in &table.rows {
        let Some(of_row) = figure::year(&row[period]) else {
            let found = format!("`{}`", &row[period]);
            problems.push(file, *line, "TIME_PERIOD", found, "write a year such as 2024");
            continue;
        };
        if Some(of_row) != year || &row[kind] == "NO_RESTRICTION" {
            continue;
        }
        let code = row[commodity].rsplit('_').next().unwrap_or_default();
        let id = format!("OECD-{}-{code}-{}-{}", &row[area], &row[kind], &row[variation]);
        let measure = measures.entry(id.clone()).or_insert_with(|| Measure {
            line: *line,
            id,
            country: row[area].to_owned(),
            lines: vec![code.to_owned()],
            minerals: Vec::new(),
            kind: row[kind].to_owned(),
            says: BTreeMap::new(),
        });
        measure.says.insert(row[description].to_owned(), row[value].to_owned());
    }
    (measures.into_values().collect(), year)
}

/// Turns measures into rows.
struct Writer<'a> {
    file: &'a str,
    source: SourceId,
    commodities: BTreeMap<u32, Commodity>,
    kinds: BTreeMap<String, String>,
}

impl<'a> Writer<'a> {
    fn new(file: &'a str, source: SourceId, problems: &mut Diagnostics) -> Self {
        let commodities: Vec<Commodity> =
            mapping("oecd_commodities.csv", include_str!("mapping/oecd_commodities.csv"), problems);
        let kinds: Vec<Kind> =
            mapping("oecd_measures.csv", include_str!("mapping/oecd_measures.csv"), problems);
        Self {
            file,
            source,
            commodities: commodities.into_iter().map(|commodity| (commodity.hs6, commodity)).collect(),
            kinds: kinds.into_iter().map(|kind| (kind.code, kind.measure)).collect(),
        }
    }

    fn write(
        &self,
        measure: &Measure,
        reference: &Reference,
        tables: &mut Tables,
        problems: &mut Diagnostics,
    ) {
        let place = reference.country_or_note(&measure.country, self.file, measure.line, problems);
        let Some(exporter) = place else { return };
        let Some(kind) = self.kinds.get(&measure.kind) else {
            let remedy = "it is passed over; to take it, add it to mapping/oecd_measures.csv";
            let found = format!("`{}` is a new type of measure", measure.kind);
            problems.remark(self.file, measure.line, "type", found, remedy);
            return;
        };
        let dates = ["DATI", "END"].map(|key| {
            let text = measure.said(key);
            day(text).unwrap_or_else(|| {
                let remedy = "write a date such as 2024-12-31 or 31/12/2024";
                problems.push(self.file, measure.line, key, format!("`{text}`"), remedy);
                String::new()
            })
        });
        for (mineral, lines) in self.minerals(measure) {
            let row = self.row(measure, kind, exporter, mineral, &lines, dates.clone());
            tables.restrictions.extend(row);
        }
    }

    /// The minerals of a measure with their lines; a list may name some of the minerals that share a line.
    fn minerals(&self, measure: &Measure) -> BTreeMap<&str, BTreeSet<u32>> {
        let mut found: BTreeMap<&str, BTreeSet<u32>> = BTreeMap::new();
        let commodities =
            measure.lines.iter().filter_map(|line| self.commodities.get(&line.trim().parse().ok()?));
        for commodity in commodities {
            for mineral in commodity.minerals.split(';') {
                found.entry(mineral).or_default().insert(commodity.hs6);
            }
        }
        let named = |mineral: &str| measure.minerals.iter().any(|name| name == mineral);
        if found.keys().any(|mineral| named(mineral)) {
            found.retain(|mineral, _| named(mineral));
        }
        found
    }

    fn row(
        &self,
        measure: &Measure,
        kind: &str,
        exporter: Iso3,
        mineral: &str,
        lines: &BTreeSet<u32>,
        [from, to]: [String; 2],
    ) -> Option<RestrictionRow> {
        let mineral: MineralId = mineral.parse().ok()?;
        let forms: BTreeSet<&str> =
            lines.iter().filter_map(|line| Some(self.commodities.get(line)?.form.as_str())).collect();
        let scrap_only = match measure.said("SCRAP") {
            "" => forms.iter().all(|form| *form == "scrap"),
            flag => flag == "1",
        };
        let (value, unit) = (measure.said("VAL"), measure.said("VAL_UNIT"));
        let percent = unit.contains('%') || value.ends_with('%');
        let rate = figure::amount(value.trim_end_matches('%').trim()).filter(|_| percent);
        let condition = measure.said("VAL_CONDITION");
        let terms = if rate.is_some() { condition.to_owned() } else { format!("{value} {unit} {condition}") };
        Some(RestrictionRow {
            id: measure.id.clone(),
            exporter,
            mineral,
            hs6: lines.iter().map(|line| format!("{line:06}")).collect::<Vec<_>>().join(";"),
            forms: forms.into_iter().collect::<Vec<_>>().join(";"),
            scrap_only,
            measure: kind.to_owned(),
            rate_percent: rate,
            terms: terms.split_whitespace().collect::<Vec<_>>().join(" "),
            from,
            to,
            purpose: measure.said("POM").to_owned(),
            document: measure.said("NOD").to_owned(),
            source: self.source.clone(),
            grade: Grade::B,
        })
    }
}

impl Measure {
    /// What is said of the measure; the service's marks of nothing are nothing.
    fn said(&self, key: &str) -> &str {
        let text = self.says.get(key).map_or("", |text| text.trim().trim_end_matches(';'));
        if matches!(text.to_lowercase().as_str(), "nd" | "n" | "na") { "" } else { text }
    }
}

/// A date as year, month, day; `dd/mm/yyyy` and incomplete dates are understood, nothing is an empty text.
fn day(text: &str) -> Option<String> {
    let parts: Vec<&str> = match text.split_once('/') {
        _ if text.is_empty() => return Some(String::new()),
        Some(_) => text.rsplit('/').collect(),
        None => text.split('-').collect(),
    };
    let within = |place: usize, most: u32| {
        parts
            .get(place)
            .is_none_or(|part| part.len() == 2 && part.parse().is_ok_and(|n| (1..=most).contains(&n)))
    };
    let sound = figure::year(parts[0]).is_some() && parts.len() <= 3 && within(1, 12) && within(2, 31);
    sound.then(|| parts.join("-"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn import(text: &str) -> (Vec<String>, Diagnostics) {
        let mut tables = Tables::default();
        let mut problems = Diagnostics::default();
        read(&Input::inline("oecd.csv", text), &Reference::load().unwrap(), &mut tables, &mut problems);
        let row = |r: &RestrictionRow| {
            format!(
                "{} {} {} {} {} {:?} [{}] {}..{} {} {}",
                r.id,
                r.exporter,
                r.mineral,
                r.hs6,
                r.measure,
                r.rate_percent,
                r.terms,
                r.from,
                r.to,
                r.forms,
                r.scrap_only
            )
        };
        (tables.restrictions.iter().map(row).collect(), problems)
    }

    const LISTED: &str = "measure_id,iso3,mineral_id,hs6_lines,scrap_only,oecd_type,value,unit,condition,introduced,ends,purpose,document\n";

    #[test]
    fn a_list_of_measures_has_a_row_for_each_mineral_and_names_its_lines() {
        let (found, problems) = import(&format!(
            "{LISTED}OECD24-0001,COD,copper,260300;740311,0,M1,10,%,Loi,2023-01-01,,generate revenue,Loi 22/071\n\
            OECD24-0002,CHN,gallium;germanium,811292,0,M6,,,,2023-08-01,,,Ann. 23/2023\n\
            OECD24-0003,AGO,diamonds,710210,0,M4,,,,2020,,,\n\
            OECD24-0004,IDN,copper,740400,1,M3,500,Tons,,,2024-12-31,,\n"
        ));
        assert!(problems.is_empty(), "{problems}");
        assert_eq!(
            found,
            [
                "OECD24-0001 COD copper 260300;740311 export-tax Some(10.0) [Loi] 2023-01-01.. metal;ore false",
                "OECD24-0002 CHN gallium 811292 licence None [] 2023-08-01.. metal false",
                "OECD24-0002 CHN germanium 811292 licence None [] 2023-08-01.. metal false",
                "OECD24-0004 IDN copper 740400 quota None [500 Tons] ..2024-12-31 scrap true",
            ]
        );
    }

    #[test]
    fn the_service_s_rows_are_put_together_and_only_the_latest_year_counts() {
        let head = "REF_AREA,Reference area,COMMODITY,POLICY_TYPE,Policy type,POLICY_VARIATION,POLICY_DESCRIPTION,TIME_PERIOD,OBS_VALUE\n";
        let of = |year: i32, what: &str, value: &str| {
            format!("IDN,Indonesia,HS07_260400,M1,Export tax,1,{what},{year},{value}\n")
        };
        let text = [
            of(2024, "VAL", "10"),
            of(2024, "VAL_UNIT", "%"),
            of(2024, "DATI", "17/07/2023"),
            of(2024, "END", "nd"),
            of(2023, "VAL", "5"),
            "AUS,Australia,HS07_260400,NO_RESTRICTION,None,1,VAL,2024,nd\n".to_owned(),
            "IDN,Indonesia,HS07_740811,M1,Export tax,1,VAL,2024,10\n".to_owned(),
            "IDN,Indonesia,HS07_260400,M77,Something,1,VAL,2024,10\n".to_owned(),
        ];
        let (found, problems) = import(&format!("{head}{}", text.concat()));
        assert!(problems.is_empty(), "{problems}");
        assert_eq!(
            found,
            ["OECD-IDN-260400-M1-1 IDN nickel 260400 export-tax Some(10.0) [] 2023-07-17.. ore false"]
        );
        assert_eq!(problems.remarks()[0].found, "`M77` is a new type of measure");
    }

    #[test]
    fn odd_dates_and_countries_are_reported() {
        let text = format!(
            "{LISTED}OECD24-0001,XXQ,copper,260300,0,M1,10,%,,,,,\nOECD24-0002,COD,copper,260300,0,M1,10,%,,31/31/2024,soon,,\n"
        );
        let fields: Vec<_> = import(&text).1.iter().map(|p| (p.line, p.field.clone())).collect();
        assert_eq!(fields, [(2, "country"), (3, "DATI"), (3, "END")].map(|(l, f)| (l, f.to_owned())));
    }

    #[test]
    fn dates_are_of_any_length() {
        for (text, expected) in [
            ("", Some("")),
            ("2020", Some("2020")),
            ("2020-03", Some("2020-03")),
            ("01/02/2003", Some("2003-02-01")),
        ] {
            assert_eq!(day(text).as_deref(), expected);
        }
        for wrong in ["nd", "2020-13", "20-1", "2020-01-01-01", "32/01/2020", "/"] {
            assert_eq!(day(wrong), None, "{wrong}");
        }
    }
}
