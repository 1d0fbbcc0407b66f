//! CEPII BACI: yearly bilateral flows by customs code.
//!
//! Download: <https://www.cepii.fr/CEPII/en/bdd_modele/bdd_modele_item.asp?id=37>, any classification (HS92 to HS22). The archive holds
//! one file a year, `BACI_HS92_Y2024_V202601.csv` with columns `t,i,j,k,v,q` (year, exporter, importer, code, thousand USD,
//! tonnes), a table of countries and a table of products, which may be given beside the flows. The tidy layout
//! `year,exp,imp,hs6,v_kusd,q_t,src` of merged editions is read too, also with `hs4` for whole headings. Etalab Open Licence 2.0.
//!
//! A file is read line by line, plain or gzip; only flows under a mapped code are kept, so memory does not depend on its size.
//!
//! Quirks: country codes are BACI's own numbers (490 is Taiwan, 251 France, 757 Switzerland, 842 the United States); some
//! countries have two (56 and 58 Belgium, 276 and 280 Germany, 729 and 736 Sudan); quantities may be missing (`NA` or
//! empty); leading zeros of codes are lost; numbers are padded with blanks; editions write other codes for the same goods
//! ([`super::baci_tables`]); code 811230 (germanium) is dead since HS 2007.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{BufRead, BufReader, Read},
};

use super::{baci_tables::Tables, figure, reference::Reference, rows::plain, sheet::UNENDED, text::Input};
use orecast::base::{
    diagnostic::Diagnostics,
    id::{Iso3, SourceId},
    unit::Grade,
};

/// One flow under one customs code, before it is converted to contained tonnes.
#[derive(Debug, Clone, PartialEq)]
pub struct Flow {
    /// Calendar year.
    pub year: i32,
    /// Exporter.
    pub exporter: Iso3,
    /// Importer.
    pub importer: Iso3,
    /// Customs code, HS 6 digits.
    pub hs6: u32,
    /// Value in thousand US dollars.
    pub kusd: Option<f64>,
    /// Gross tonnes.
    pub gross: Option<f64>,
    /// Source.
    pub source: SourceId,
    /// Grade of the quantity when it is not as published.
    pub grade: Grade,
}

/// Source of rows in CEPII's own layout.
const YEARLY: &str = "cepii-baci";
/// No line of a file of flows is longer, in bytes.
const LONGEST_LINE: u64 = 4096;
/// After this many unreadable lines the file is surely no file of flows.
const MOST_ERRORS: usize = 20;
/// Characters of an unreadable line that are shown.
const SHOWN: usize = 80;
/// Columns that the file must have, with other spellings.
const COLUMNS: [(&str, &[&str]); 6] = [
    ("t", &["year"]),
    ("i", &["exp", "exporter"]),
    ("j", &["imp", "importer"]),
    ("k", &["hs6", "hs4", "product"]),
    ("v", &["vkusd", "value"]),
    ("q", &["qt", "quantity"]),
];

/// Where the columns stand.
struct Places {
    required: [usize; 6],
    source: Option<usize>,
    grade: Option<usize>,
    count: usize,
}

impl Places {
    fn of(header: &str) -> Result<Self, Vec<&'static str>> {
        let cells: Vec<String> = header.trim_start_matches('\u{feff}').split(',').map(plain).collect();
        let mut required = [0; 6];
        let mut missing = Vec::new();
        for (place, (name, others)) in required.iter_mut().zip(COLUMNS) {
            match cells.iter().position(|cell| cell == name || others.contains(&cell.as_str())) {
                Some(found) => *place = found,
                None => missing.push(name),
            }
        }
        let optional = |name| cells.iter().position(|cell| cell == name);
        let (source, grade) = (optional("src"), optional("grade"));
        if missing.is_empty() {
            Ok(Self { required, source, grade, count: cells.len() })
        } else {
            Err(missing)
        }
    }
}

/// Streams a file and keeps the flows that `wanted` asks for by year and code.
pub fn read(
    input: &Input,
    reference: &Reference,
    wanted: impl Fn(i32, u32) -> bool,
    problems: &mut Diagnostics,
) -> Vec<Flow> {
    read_with(input, reference, &Tables::default(), wanted, problems)
}

/// Like [`read`], with CEPII's own tables of countries and products.
pub fn read_with(
    input: &Input,
    reference: &Reference,
    tables: &Tables,
    wanted: impl Fn(i32, u32) -> bool,
    problems: &mut Diagnostics,
) -> Vec<Flow> {
    let mut reading = Reading {
        input,
        reference,
        tables,
        places: None,
        countries: BTreeMap::new(),
        sources: BTreeMap::new(),
        errors: 0,
        flows: Vec::new(),
    };
    let stream = match input.open() {
        Ok(stream) => stream,
        Err(error) => {
            problems.push(input.name(), 0, "", error.to_string(), "give a readable file");
            return Vec::new();
        }
    };
    let mut stream = BufReader::with_capacity(1 << 16, stream);
    let mut bytes = Vec::new();
    for line in 1.. {
        bytes.clear();
        match stream.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut bytes) {
            Ok(0) => {
                if line <= 2 {
                    let remedy = "give a yearly file of CEPII BACI";
                    problems.push(input.name(), 0, "", "the file has no rows", remedy);
                }
                break;
            }
            Ok(read) if read as u64 == LONGEST_LINE => {
                let found = format!("a line of more than {LONGEST_LINE} bytes");
                problems.push(input.name(), line, "", found, "give a yearly file of CEPII BACI");
                break;
            }
            Ok(_) => {
                if !bytes.ends_with(b"\n") {
                    problems.remark(input.name(), line, "", UNENDED.0, UNENDED.1);
                }
            }
            Err(error) => {
                problems.push(input.name(), line, "", error.to_string(), "give the whole file");
                break;
            }
        }
        if !reading.take(line, bytes.trim_ascii(), &wanted, problems) {
            break;
        }
    }
    reading.flows
}

/// What is known while the lines of one file go by.
struct Reading<'a> {
    input: &'a Input,
    reference: &'a Reference,
    tables: &'a Tables,
    places: Option<Places>,
    countries: BTreeMap<String, Option<Iso3>>,
    sources: BTreeMap<String, Option<SourceId>>,
    errors: usize,
    flows: Vec<Flow>,
}

/// A cell that cannot be read: column, what would be right.
type Fault = (&'static str, &'static str);

impl Reading<'_> {
    /// Takes one line; `false` ends the reading.
    fn take(
        &mut self,
        line: usize,
        bytes: &[u8],
        wanted: &impl Fn(i32, u32) -> bool,
        problems: &mut Diagnostics,
    ) -> bool {
        let Some(places) = &self.places else {
            match Places::of(&String::from_utf8_lossy(bytes)) {
                Ok(places) => self.places = Some(places),
                Err(missing) => {
                    let found = format!("no columns {}", missing.join(", "));
                    let remedy = "give a yearly file of CEPII BACI: t,i,j,k,v,q separated by commas";
                    problems.push(self.input.name(), line, "", found, remedy);
                }
            }
            return self.places.is_some();
        };
        if bytes.is_empty() {
            return true;
        }
        match cells(bytes, places, wanted) {
            Ok(None) => true,
            Ok(Some(raw)) => {
                self.keep(line, &raw, problems);
                true
            }
            Err((column, remedy)) => {
                self.errors += 1;
                let shown: String = String::from_utf8_lossy(bytes).chars().take(SHOWN).collect();
                let found = format!("`{}`", shown.escape_debug());
                problems.push(self.input.name(), line, column, found, remedy);
                if self.errors == MOST_ERRORS {
                    let found = format!("{MOST_ERRORS} lines like this; the rest is not read");
                    problems.push(self.input.name(), line, "", found, "give a yearly file of CEPII BACI");
                }
                self.errors < MOST_ERRORS
            }
        }
    }

    fn keep(&mut self, line: usize, raw: &Raw<'_>, problems: &mut Diagnostics) {
        let exporter = self.country(raw.exporter, line, problems);
        let importer = self.country(raw.importer, line, problems);
        let source = self.source(raw.source, line, problems);
        let (Some(exporter), Some(importer), Some(source)) = (exporter, importer, source) else { return };
        let Raw { year, hs6, kusd, gross, grade, .. } = *raw;
        self.flows.push(Flow { year, exporter, importer, hs6, kusd, gross, source, grade });
    }

    /// The country of a number or code; an unknown one is reported where it first stands.
    fn country(&mut self, text: &str, line: usize, problems: &mut Diagnostics) -> Option<Iso3> {
        if let Some(known) = self.countries.get(text) {
            return *known;
        }
        let spelt = self.tables.country(text).unwrap_or(text);
        let found = self.reference.country(text);
        let found =
            found.or_else(|| self.reference.country_or_note(spelt, self.input.name(), line, problems));
        self.countries.insert(text.to_owned(), found);
        found
    }

    fn source(&mut self, text: &str, line: usize, problems: &mut Diagnostics) -> Option<SourceId> {
        if let Some(known) = self.sources.get(text) {
            return known.clone();
        }
        let found = if text.is_empty() {
            YEARLY.parse().ok()
        } else {
            let rule = self.reference.source_or_note(text, self.input.name(), line, problems);
            rule.map(|rule| rule.id.clone())
        };
        self.sources.insert(text.to_owned(), found.clone());
        found
    }
}

/// A row of either layout.
struct Raw<'a> {
    year: i32,
    exporter: &'a str,
    importer: &'a str,
    hs6: u32,
    kusd: Option<f64>,
    gross: Option<f64>,
    source: &'a str,
    grade: Grade,
}

/// The row of a line, when its code is wanted.
fn cells<'a>(
    line: &'a [u8],
    places: &Places,
    wanted: &impl Fn(i32, u32) -> bool,
) -> Result<Option<Raw<'a>>, Fault> {
    if line.contains(&0) {
        return Err(("", "give text without NUL bytes"));
    }
    let mut parts = [&[][..]; 16];
    let mut count = 0;
    for part in line.split(|&byte| byte == b',') {
        if let Some(slot) = parts.get_mut(count) {
            *slot = part;
        }
        count += 1;
    }
    if count != places.count || count > parts.len() {
        return Err(("", "give as many cells as the header has"));
    }
    let text = |place: usize| std::str::from_utf8(parts[place]).unwrap_or("\u{fffd}").trim();
    let [t, i, j, k, v, q] = places.required;
    let hs6: u32 = text(k).parse().map_err(|_| ("k", "write a customs code of six digits"))?;
    let year = figure::year(text(t)).ok_or(("t", "write a year such as 2024"))?;
    if !wanted(year, hs6) {
        return Ok(None);
    }
    let grade = match places.grade.map_or("", text) {
        "" | "A" => Grade::A,
        "B" => Grade::B,
        "C" => Grade::C,
        _ => return Err(("grade", "write A, B or C")),
    };
    let number = |place, name| match text(place) {
        "" | "NA" => Ok(None),
        // BACI's zero quantities are roundings of nothing known.
        text => match figure::amount(text) {
            Some(value) => Ok(Some(value).filter(|value| *value > 0.0)),
            None => Err((name, "write a number that is not negative, or NA")),
        },
    };
    Ok(Some(Raw {
        year,
        exporter: text(i),
        importer: text(j),
        hs6,
        kusd: number(v, "v")?,
        gross: number(q, "q")?,
        source: places.source.map_or("", text),
        grade,
    }))
}

/// Gives flows of an edition the codes that the mapping uses for the same goods, where the mapping's own code does not occur.
pub fn in_mapped_codes(flows: &mut [Flow], twins: &BTreeMap<u32, u32>) {
    let seen: BTreeSet<u32> = flows.iter().map(|flow| flow.hs6).collect();
    for flow in flows {
        if let Some(kept) = twins.get(&flow.hs6).filter(|kept| !seen.contains(kept)) {
            flow.hs6 = *kept;
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use insta::assert_snapshot;

    use super::*;

    fn import(text: impl Into<Vec<u8>>) -> (Vec<Flow>, Diagnostics) {
        let mut problems = Diagnostics::default();
        let reference = Reference::load().unwrap();
        let flows =
            read(&Input::inline("baci.csv", text), &reference, |y, k| y > 2021 && k > 99, &mut problems);
        (flows, problems)
    }

    fn report(text: impl Into<Vec<u8>>) -> String {
        let (flows, problems) = import(text);
        format!("{} flows\n{problems}", flows.len())
    }

    #[test]
    fn the_yearly_layout_with_its_own_country_numbers() {
        let (flows, problems) = import(
            "t,i,j,k,v,q\n2024,490,842,811292,  12.5,  0.040\n2024,251,757,050100,1.0,NA\n2021,4,8,811292,1,1\n",
        );
        assert!(problems.is_empty(), "{problems}");
        let found: Vec<_> =
            flows.iter().map(|f| format!("{}>{} {} {:?}", f.exporter, f.importer, f.hs6, f.gross)).collect();
        assert_eq!(found, ["TWN>USA 811292 Some(0.04)", "FRA>CHE 50100 None"]);
        assert_eq!(flows[0].source.as_str(), "cepii-baci");
    }

    #[test]
    fn countries_with_two_numbers_are_one() {
        let (flows, problems) = import(
            "t,i,j,k,v,q\r\n2024,56,58,811292,1,\r\n2024,276,280,811292,1,0\r\n2024,729,736,811292,1,1\r\n",
        );
        assert!(problems.is_empty(), "{problems}");
        let found: Vec<_> =
            flows.iter().map(|f| format!("{} {} {:?}", f.exporter, f.importer, f.gross)).collect();
        assert_eq!(found, ["BEL BEL None", "DEU DEU None", "SDN SDN Some(1.0)"]);
    }

    #[test]
    fn the_tidy_layout_names_its_edition_and_grade() {
        let (flows, problems) = import(
            "year,exp,imp,hs6,v_kusd,q_t,src,grade,scope,q_flag\n\
             2024,KAZ,CHN,720241,1079032,978001.8,derived_from_hs7202_top200_x_exporter_mix,B,720241+720249,\n\
             2024,ZAR,XXX,720241,1,1,gpr_baci_hs92,B,,\n2024,PER,XXX,720241,1,1,gpr_baci_hs92,B,,\n",
        );
        assert_eq!(flows.len(), 1);
        assert_eq!((flows[0].source.as_str(), flows[0].grade), ("orecast-ferroalloy-split", Grade::B));
        assert_snapshot!(problems, @r"
        baci.csv:3: country: `XXX` is not a known country
            add the spelling to data/countries.csv
        1 problem
        ");
    }

    #[test]
    fn an_edition_s_own_codes_become_the_mapped_ones_unless_both_occur() {
        let (mut flows, _) = import("t,i,j,k,v,q\n2024,36,156,810310,1,1\n2024,36,156,811291,1,1\n");
        let twins = [(810_310, 810_320), (811_291, 811_292)].into();
        in_mapped_codes(&mut flows, &twins);
        assert_eq!(flows.iter().map(|flow| flow.hs6).collect::<Vec<_>>(), [810_320, 811_292]);
        let (mut flows, _) = import("t,i,j,k,v,q\n2024,36,156,810310,1,1\n2024,36,156,810320,1,1\n");
        in_mapped_codes(&mut flows, &twins);
        assert_eq!(flows.iter().map(|flow| flow.hs6).collect::<Vec<_>>(), [810_310, 810_320]);
    }

    #[test]
    fn what_is_no_file_of_flows_is_reported() {
        assert_snapshot!(report("t;i;j;k;v;q\n2024;4;8;811292;1;1\n"), @r"
        0 flows
        baci.csv:1: no columns t, i, j, k, v, q
            give a yearly file of CEPII BACI: t,i,j,k,v,q separated by commas
        1 problem
        ");
        assert_snapshot!(report("iso_o,iso_d,dist,distw\nKAZ,CHN,1,1\n"), @r"
        0 flows
        baci.csv:1: no columns t, i, j, k, v, q
            give a yearly file of CEPII BACI: t,i,j,k,v,q separated by commas
        1 problem
        ");
        assert_snapshot!(report("t,i,j,k,v,q\n"), @r"
        0 flows
        baci.csv: the file has no rows
            give a yearly file of CEPII BACI
        1 problem
        ");
        assert_snapshot!(report(""), @r"
        0 flows
        baci.csv: the file has no rows
            give a yearly file of CEPII BACI
        1 problem
        ");
        assert_snapshot!(report("t,i,j,k,v,q\n2024,4,8,811292,-1,1\n2024,4,8,811292,1,1e300\n2024,4,8,811292,1\n"), @r"
        0 flows
        baci.csv:2: v: `2024,4,8,811292,-1,1`
            write a number that is not negative, or NA
        baci.csv:3: q: `2024,4,8,811292,1,1e300`
            write a number that is not negative, or NA
        baci.csv:4: `2024,4,8,811292,1`
            give as many cells as the header has
        3 problems
        ");
        assert_snapshot!(report(b"t,i,j,k,v,q\n2024,4,8,81\xff292,1,1\n2024,4\0,8,811292,1,1\n99999,4,8,811292,1,1\n".to_vec()), @r"
        0 flows
        baci.csv:2: k: `2024,4,8,81�292,1,1`
            write a customs code of six digits
        baci.csv:3: `2024,4\0,8,811292,1,1`
            give text without NUL bytes
        baci.csv:4: t: `99999,4,8,811292,1,1`
            write a year such as 2024
        3 problems
        ");
        assert_snapshot!(report([b"t,i,j,k,v,q\n".to_vec(), vec![b'7'; 10_000]].concat()), @r"
        0 flows
        baci.csv:2: a line of more than 4096 bytes
            give a yearly file of CEPII BACI
        1 problem
        ");
        assert_snapshot!(report(format!("t,i,j,k,v,q\n{}", "x,y\n".repeat(100))).lines().last().unwrap(), @"21 problems");
    }
}
