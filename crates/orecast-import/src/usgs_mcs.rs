//! USGS Mineral Commodity Summaries, commodity data release in the format since 2026: output, capacity, reserves and US
//! stocks.
//!
//! Download: <https://doi.org/10.5066/P1WKQ63T>, file `MCS2026_Commodities_Data.csv`. US public domain.
//!
//! Quirks: Windows-1252; an em dash is zero; `W` withheld, `NA`, `XX`, `s` and words carry no number; `>` bounds; each
//! row has its own unit; world totals are rows whose country is `World total` and whose label ends in `: rounded` or
//! `, rounded` with other capitals; several products of one stage (ilmenite and rutile) stand in separate rows. Labels
//! and conversions to contained tonnes are in `mapping/usgs_mcs_2026.csv`.
//!
//! The edition is the year after the last one of the file, so the next release becomes a source of its own. Chapters that are new
//! and labels that have gone are remarked upon, not refused; another unit is refused, as the conversion would be wrong.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::{
    Tables, edition,
    figure::{self, Figure},
    reference::{Reference, mapping},
    rows::{Layout, rows_of},
    text::{Input, normal, rounded},
};
use orecast::{
    base::{
        diagnostic::Diagnostics,
        id::{Iso3, MineralId, SourceId},
        unit::{Grade, Stage},
    },
    world::table::{Flag, ObservationRow},
};

/// Source of all rows of the edition of 2026.
pub const SOURCE: &str = "usgs-mcs-2026";
/// Columns of the release.
pub(super) const LAYOUT: Layout = Layout {
    what: "the USGS commodity data release (Mineral Commodity Summaries)",
    columns: &[
        ("MCS chapter", &["chapter"]),
        ("Section", &[]),
        ("Commodity", &[]),
        ("Country", &["Country or region"]),
        ("Statistics", &["Statistic"]),
        ("Statistics_detail", &["Statistic detail", "Detail"]),
        ("Unit", &["Units", "Unit of measure"]),
        ("Year", &[]),
        ("Value", &[]),
        ("Notes", &["Note"]),
    ],
};

/// A chapter of the release that holds no mineral of ours.
#[derive(Debug, Deserialize)]
struct PassedOver {
    chapter: String,
}

/// Remarks on chapters that are neither mapped nor known to be passed over: commodities that are new in the release.
pub(super) fn remark_new<'a>(
    file: &str,
    chapters: impl IntoIterator<Item = &'a String>,
    mapped: &BTreeSet<String>,
    problems: &mut Diagnostics,
) {
    let known: Vec<PassedOver> =
        mapping("usgs_passed_over.csv", include_str!("mapping/usgs_passed_over.csv"), problems);
    let known: BTreeSet<String> = known.into_iter().map(|row| row.chapter).collect();
    for chapter in chapters.into_iter().filter(|c| !mapped.contains(*c) && !known.contains(*c)) {
        let remedy = "it is passed over; to take it, add its label to the mapping";
        problems.remark(file, 0, "", format!("`{chapter}` is a new commodity"), remedy);
    }
}

/// `mapping/usgs_mcs_2026.csv`: a label of the release and what it counts.
#[derive(Debug, Clone, Deserialize)]
pub struct Label {
    /// Table that it feeds: `production`, `capacity`, `reserves` or `stocks`.
    pub table: String,
    /// Mineral.
    pub mineral: MineralId,
    /// Stage.
    pub stage: Stage,
    /// Product, when it is not the mineral's own at that stage.
    pub product: String,
    chapter: String,
    commodity: String,
    statistics: String,
    detail: String,
    unit: String,
    tonnes_per_unit: f64,
    grade: Grade,
    note: String,
}

impl Label {
    /// Whether rows of a section of the release feed this label's table.
    fn stands_in(&self, section: &str) -> bool {
        section.starts_with(if self.table == "stocks" { "Salient" } else { "World" })
    }
}

/// A row of the release.
#[derive(Debug, Deserialize)]
struct Raw {
    #[serde(rename = "MCS chapter")]
    chapter: String,
    #[serde(rename = "Section")]
    section: String,
    #[serde(rename = "Commodity")]
    commodity: String,
    #[serde(rename = "Country")]
    country: String,
    #[serde(rename = "Statistics")]
    statistics: String,
    #[serde(rename = "Statistics_detail")]
    detail: String,
    #[serde(rename = "Unit")]
    unit: String,
    #[serde(rename = "Year")]
    year: String,
    #[serde(rename = "Value")]
    value: String,
    #[serde(rename = "Notes")]
    notes: String,
}

/// A label without the marks of a world total.
pub fn bare(detail: &str) -> String {
    let detail = normal(detail);
    let bare =
        detail.strip_suffix("rounded").map_or(detail.as_str(), |rest| rest.trim_end_matches([':', ',', ' ']));
    bare.to_owned()
}

type Key = (String, String, String, String);

fn key(chapter: &str, commodity: &str, statistics: &str, detail: &str) -> Key {
    (normal(chapter), normal(commodity), normal(statistics), bare(detail))
}

/// What one observation is summed from.
#[derive(Debug)]
pub(super) struct Sum {
    pub figures: Vec<(Figure, f64, String)>,
    pub unit: String,
    pub estimated: bool,
    pub grade: Grade,
    pub note: String,
}

impl Sum {
    /// The observation: parts converted to contained tonnes and added, absent ones left out.
    pub(super) fn into_row(
        self,
        (mineral, stage, product, iso3, year): (MineralId, Stage, String, Iso3, i32),
        source: &SourceId,
        vintage: &str,
    ) -> ObservationRow {
        let total = |pick: fn(&Figure) -> Option<f64>| {
            self.figures
                .iter()
                .filter_map(|(figure, factor, _)| Some(pick(figure)? * factor))
                .reduce(|a, b| a + b)
        };
        let value = total(|figure| figure.value).map(rounded);
        let ranged = self.figures.iter().any(|(figure, ..)| figure.range.is_some());
        let end = |pick: fn(&Figure) -> Option<f64>| if ranged { total(pick).map(rounded) } else { None };
        let flags: Vec<Flag> = self.figures.iter().map(|(figure, ..)| figure.flag).collect();
        let bound = flags.iter().copied().find(|flag| matches!(flag, Flag::AtLeast | Flag::AtMost));
        let flag = match value {
            None => flags.first().copied().unwrap_or_default(),
            Some(_) => bound.unwrap_or(if self.estimated { Flag::Estimated } else { Flag::Reported }),
        };
        let raw: Vec<&str> = self.figures.iter().map(|(_, _, raw)| raw.as_str()).collect();
        ObservationRow {
            mineral,
            stage,
            iso3,
            year,
            value,
            low: end(|figure| figure.range.map(|(low, _)| low).or(figure.value)),
            high: end(|figure| figure.range.map(|(_, high)| high).or(figure.value)),
            raw: raw.join(" + "),
            raw_unit: self.unit,
            flag,
            product,
            source: source.clone(),
            vintage: vintage.to_owned(),
            grade: self.grade,
            note: self.note,
        }
    }
}

/// Reads the release into output, capacity, reserves and stocks.
pub fn read(input: &Input, reference: &Reference, tables: &mut Tables, problems: &mut Diagnostics) {
    let labels = mapping("usgs_mcs_2026.csv", include_str!("mapping/usgs_mcs_2026.csv"), problems);
    read_labels(input, &labels, reference, tables, problems);
}

fn read_labels(
    input: &Input,
    labels: &[Label],
    reference: &Reference,
    tables: &mut Tables,
    problems: &mut Diagnostics,
) {
    let mut by_key: BTreeMap<Key, Vec<&Label>> = BTreeMap::new();
    for label in labels {
        by_key
            .entry(key(&label.chapter, &label.commodity, &label.statistics, &label.detail))
            .or_default()
            .push(label);
    }
    let mut sums = BTreeMap::new();
    let mut chapters = BTreeSet::new();
    let mut seen = BTreeSet::new();
    let mut last = None;
    let raw_rows = rows_of::<Raw>(input, &LAYOUT, problems);
    let empty = raw_rows.is_empty();
    for (line, raw) in raw_rows {
        chapters.insert(normal(&raw.chapter));
        last = last.max(figure::years(&raw.year).map(|(_, to)| to));
        let found = key(&raw.chapter, &raw.commodity, &raw.statistics, &raw.detail);
        let Some(meant) =
            by_key.get(&found).filter(|labels| labels.iter().any(|l| l.stands_in(&raw.section)))
        else {
            continue;
        };
        seen.insert(found);
        let Some(iso3) = reference.country_or_note(&raw.country, input.name(), line, problems) else {
            continue;
        };
        let Some((year, _)) = figure::years(&raw.year) else {
            problems.push(input.name(), line, "Year", format!("`{}`", raw.year), "write a year such as 2024");
            continue;
        };
        let Some(figure) = figure::parse(&raw.value) else {
            let remedy = "write a number that is not negative, a bound, `W`, `NA` or an em dash";
            problems.push(input.name(), line, "Value", format!("`{}`", raw.value), remedy);
            continue;
        };
        for label in meant {
            if normal(&raw.unit) != normal(&label.unit) {
                let found = format!("`{}` where `{}` is known", raw.unit, label.unit);
                problems.push(
                    input.name(),
                    line,
                    "Unit",
                    found,
                    "correct the conversion in mapping/usgs_mcs_2026.csv",
                );
            }
            let cell = (label.mineral.clone(), label.stage, label.product.clone(), iso3, year);
            let sum = sums.entry((label.table.clone(), cell)).or_insert_with(|| Sum {
                figures: Vec::new(),
                unit: raw.unit.clone(),
                estimated: false,
                grade: label.grade,
                note: label.note.clone(),
            });
            sum.figures.push((figure, label.tonnes_per_unit, raw.value.clone()));
            sum.estimated |= raw.notes.starts_with("Estimated");
            sum.grade = sum.grade.max(label.grade);
        }
    }
    for (missing, label) in by_key.iter().filter(|(key, _)| chapters.contains(&key.0) && !seen.contains(*key))
    {
        let found =
            format!("no row `{}` of {} in chapter {}", missing.3, label[0].commodity, label[0].chapter);
        let remedy = "if the label has changed, correct it in mapping/usgs_mcs_2026.csv";
        problems.remark(input.name(), 0, "Statistics_detail", found, remedy);
    }
    let mut mapped: BTreeSet<String> = by_key.keys().map(|key| key.0.clone()).collect();
    mapped.extend(super::usgs_reliance::chapters(problems));
    remark_new(input.name(), &chapters, &mapped, problems);
    if seen.is_empty() && !empty {
        problems.push(input.name(), 0, "", "no row is of a known commodity", format!("give {}", LAYOUT.what));
    }
    let Some((source, vintage)) = edition(SOURCE, last) else { return };
    for ((table, cell), sum) in sums {
        let row = sum.into_row(cell, &source, &vintage);
        match table.as_str() {
            "capacity" => tables.capacity.push(row),
            "reserves" => tables.reserves.push(row),
            "stocks" => tables.stocks.push(row),
            _ => tables.production.push(row),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const HEADER: &str = "MCS chapter,Section,Commodity,Country,Statistics,Statistics_detail,Unit,Year,Value,Notes,Is critical mineral 2025,Other notes\n";

    fn labels() -> Vec<Label> {
        let text = "table,mineral,stage,product,chapter,commodity,statistics,detail,unit,tonnes_per_unit,grade,note\n\
            production,titanium,mine,,TI,Ti,Production,Mine production: Ilmenite,thousand metric tons,600,A,summed\n\
            production,titanium,mine,,TI,Ti,Production,Mine production: Rutile,thousand metric tons,600,A,summed\n\
            reserves,tungsten,mine,,W,W,Reserves,Reserves,metric tons,1,A,\n";
        mapping("labels", text, &mut Diagnostics::default())
    }

    fn import(rows: &[u8]) -> (Tables, Diagnostics) {
        import_with(HEADER, rows)
    }

    fn import_with(header: &str, rows: &[u8]) -> (Tables, Diagnostics) {
        let mut tables = Tables::default();
        let mut problems = Diagnostics::default();
        let bytes = [header.as_bytes(), rows].concat();
        let reference = Reference::load().unwrap();
        read_labels(&Input::inline("mcs.csv", bytes), &labels(), &reference, &mut tables, &mut problems);
        (tables, problems)
    }

    #[test]
    fn products_of_a_stage_add_up_and_world_totals_are_found_whatever_their_capitals() {
        // 0x97 is the em dash of Windows-1252.
        let (tables, problems) = import(
            b"TI,World Mine Production,Ti,Australia,Production,Mine production: Ilmenite,thousand metric tons,2024,600,Estimated.,Yes,\n\
            TI,World Mine Production,Ti,Australia,Production,Mine production: Rutile,thousand metric tons,2024,\"1,200\",Estimated.,Yes,\n\
            TI,World Mine Production,Ti,United States,Production,Mine production: Ilmenite,thousand metric tons,2024,100,,Yes,\n\
            TI,World Mine Production,Ti,United States,Production,Mine production: Rutile,thousand metric tons,2024,s,,Yes,\n\
            TI,World Mine Production,Ti,Burma,Production,Mine production: Ilmenite,thousand metric tons,2024,W,,Yes,\n\
            TI,World Mine Production,Ti,Peru,Production,Mine production: Ilmenite,thousand metric tons,2024,\x97,,Yes,\n\
            TI,World Mine Production,Ti,World total,Production,\"Mine production: ilmenite, rounded\",thousand metric tons,2024,\"2,000\",,Yes,\n\
            TI,Salient Statistics,Ti,United States,Production,Mine production: Ilmenite,thousand metric tons,2024,999,,Yes,\n",
        );
        assert!(problems.is_empty(), "{problems}");
        let cell = |iso3: &str| {
            let row = tables.production.iter().find(|row| row.iso3.as_str() == iso3).unwrap();
            (row.value, row.flag, row.raw.as_str())
        };
        assert_eq!(cell("AUS"), (Some(1_080_000.0), Flag::Estimated, "600 + 1,200"));
        assert_eq!(cell("USA"), (Some(60_000.0), Flag::Reported, "100 + s"));
        assert_eq!(cell("MMR"), (None, Flag::Withheld, "W"));
        assert_eq!(cell("PER"), (Some(0.0), Flag::Reported, "—"));
        assert_eq!(cell("WLD").0, Some(1_200_000.0));
        assert_eq!(tables.production.len(), 5);
    }

    #[test]
    fn bounds_units_names_and_vanished_labels_are_noticed() {
        let (tables, problems) = import(
            b"W,World Mine Production and Reserves,W,World total,Reserves,Reserves: rounded,metric tons,2025,\">4,700,000\",,Yes,\n\
            W,World Mine Production and Reserves,W,Kazakstan,Reserves,Reserves,metric tons,2025,NA,,Yes,\n\
            TI,World Mine Production,Ti,Chad,Production,Mine production: Ilmenite,kilograms,2024,about 5,,Yes,\n\
            TI,World Mine Production,Ti,Chad,Production,Mine production: Ilmenite,kilograms,2024,5,,Yes,\n",
        );
        assert_eq!(tables.reserves[0].flag, Flag::AtLeast);
        let remarks: Vec<&str> = problems.remarks().iter().map(|remark| remark.found.as_str()).collect();
        assert!(remarks.contains(&"no row `mine production: rutile` of Ti in chapter TI"), "{remarks:?}");
        let text = problems.into_result(()).unwrap_err().to_string();
        for part in ["did you mean `Kazakhstan`", "`about 5`", "`kilograms` where"] {
            assert!(text.contains(part), "{part} in {text}");
        }
    }

    #[test]
    fn the_next_edition_is_a_source_of_its_own_with_new_years_columns_and_commodities() {
        let header = "Chapter,SECTION,Commodity,Country or region,Statistics,Statistics detail,Units,Year,Value,Notes,New column\n";
        let (tables, problems) = import_with(
            header,
            b"W,World Mine Production and Reserves,W,China,Reserves,Reserves,metric tons,2026,\"2,500,000\",,x\n\
            TI,World Mine Production,Ti,Australia,Production,Mine production: Rutile,thousand metric tons,2026,1,,x\n\
            TI,World Mine Production,Ti,Australia,Production,Mine production: Ilmenite,thousand metric tons,2026,1,,x\n\
            UNOBTAINIUM,World Mine Production,U,China,Production,Mine production,metric tons,2026,7,,x\n\
            HELIUM AND RARE GASES,World,Helium,China,Production,Production,metric tons,2026,7,,x\n",
        );
        assert!(problems.is_empty(), "{problems}");
        let row = &tables.reserves[0];
        assert_eq!((row.source.as_str(), row.vintage.as_str(), row.year), ("usgs-mcs-2027", "2027", 2026));
        let remarks: Vec<&str> = problems.remarks().iter().map(|remark| remark.found.as_str()).collect();
        assert_eq!(remarks, ["`unobtainium` is a new commodity"]);
    }

    #[test]
    fn words_and_year_spans_carry_no_number_and_negative_or_huge_ones_are_refused() {
        let (tables, problems) = import(
            b"W,World Mine Production and Reserves,W,China,Reserves,Reserves,metric tons,2025,Large,,Yes,\n\
            W,World Mine Production and Reserves,W,Peru,Reserves,Reserves,metric tons,2021\x9624,XX,,Yes,\n\
            W,World Mine Production and Reserves,W,Chile,Reserves,Reserves,metric tons,2025,-5,,Yes,\n\
            W,World Mine Production and Reserves,W,Spain,Reserves,Reserves,metric tons,2025,1e300,,Yes,\n",
        );
        let found: Vec<_> =
            tables.reserves.iter().map(|r| (r.iso3.to_string(), r.year, r.value, r.flag)).collect();
        let absent = |iso3: &str, year| (iso3.to_owned(), year, None, Flag::Unavailable);
        assert_eq!(found, [absent("CHN", 2025), absent("PER", 2021)]);
        let lines: Vec<usize> = problems.iter().map(|problem| problem.line).collect();
        assert_eq!(lines, [4, 5]);
    }
}
