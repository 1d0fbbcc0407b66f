//! Checks one CSV file against its description, cell by cell, and collects everything that is wrong.

use std::{collections::HashMap, fs, ops::Range, path::Path};

use super::{
    cell::{Column, Keys},
    package::{Package, Resource},
};
use crate::diagnostic::{Diagnostics, did_you_mean};
use csv::{ErrorKind, Position, StringRecord};

/// Problems of one column that are spelt out before the rest is only counted.
const SPELT_OUT: usize = 20;
/// Ends a cell within a row's key: the character that is meant for separating units.
const KEY_END: char = '\u{1f}';

/// What one reading of a file found, besides its rows.
#[derive(Debug, Default)]
pub(super) struct Checked {
    /// Everything wrong within the file.
    pub(super) report: Diagnostics,
    /// Whether the file could be read as this table at all.
    pub(super) readable: bool,
    /// Number of rows.
    pub(super) rows: usize,
    /// Distinct texts of each column that takes part in a foreign key, by column name.
    pub(super) keys: HashMap<String, Keys>,
}

/// Reads the file of a table and passes every sound row, in the order of the schema's columns, to `accept`.
///
/// `accept` may refuse a row that passed the checks; its error names the column by place.
pub(super) fn check_table(
    directory: &Path,
    package: &Package,
    resource: &Resource,
    mut accept: impl FnMut(&StringRecord, usize) -> Result<(), csv::Error>,
) -> Checked {
    let path = directory.join(&resource.path);
    let file = path.display().to_string();
    let mut checked = Checked::default();
    let text = match fs::read(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let remedy = format!("add the table ({}); an empty table is its header alone", resource.title);
            checked.report.push(&file, 0, "", "the file is missing", remedy);
            return checked;
        }
        Err(error) => {
            let found = format!("cannot be read: {error}");
            checked.report.push(&file, 0, "", found, "check the file's permissions");
            return checked;
        }
    };
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_slice());
    let mut lines = LineCounter::new(&text);
    let header = match reader.headers() {
        Ok(header) => header.clone(),
        Err(error) => {
            push_csv_error(&mut checked.report, &file, &mut lines, &error);
            return checked;
        }
    };
    let Some(places) = match_header(&header, resource, &file, &mut checked.report) else { return checked };
    checked.readable = true;

    let mut table = Table::new(package, resource, &file);
    let in_order = places.iter().copied().eq(0..header.len());
    let mut raw = StringRecord::new();
    let mut ordered = StringRecord::new();
    loop {
        match reader.read_record(&mut raw) {
            Ok(false) => break,
            Ok(true) => {}
            Err(error) => {
                push_csv_error(&mut checked.report, &file, &mut lines, &error);
                continue;
            }
        }
        checked.rows += 1;
        let line = lines.line(raw.position());
        if raw.len() != header.len() {
            let found = format!("the row has {} fields, the header {}", raw.len(), header.len());
            let remedy = if raw.len() > header.len() {
                "put text that holds a comma between double quotes"
            } else {
                "write a comma for every empty cell"
            };
            checked.report.push(&file, line, "", found, remedy);
            continue;
        }
        let record = if in_order {
            &raw
        } else {
            ordered.clear();
            for &place in &places {
                ordered.push_field(&raw[place]);
            }
            &ordered
        };
        if table.check_row(record, line)
            && let Err(error) = accept(record, line)
        {
            table.refuse(&error, line);
        }
    }
    table.finish(&mut checked);
    checked
}

/// Place of every column of the schema in the file, or nothing when the header is unusable.
fn match_header(
    header: &StringRecord,
    resource: &Resource,
    file: &str,
    report: &mut Diagnostics,
) -> Option<Vec<usize>> {
    let fields = &resource.schema.fields;
    let missing: Vec<&str> = fields
        .iter()
        .map(|field| field.name.as_str())
        .filter(|name| !header.iter().any(|h| h == *name))
        .collect();
    let before = report.iter().count();
    for (place, name) in header.iter().enumerate() {
        if resource.schema.position(name).is_none() {
            let otherwise = "remove the column, or describe it in datapackage.json";
            let remedy = did_you_mean(name, missing.iter().copied(), otherwise);
            report.push(file, 1, name, "unknown column", remedy);
        } else if header.iter().take(place).any(|earlier| earlier == name) {
            report.push(file, 1, name, "the column is there twice", "remove one of the two");
        }
    }
    for field in fields.iter().filter(|field| missing.contains(&field.name.as_str())) {
        report.push(file, 1, &field.name, "missing column", format!("add it: {}", field.description));
    }
    if report.iter().count() > before {
        return None;
    }
    fields.iter().map(|field| header.iter().position(|name| name == field.name)).collect()
}

fn push_csv_error(report: &mut Diagnostics, file: &str, lines: &mut LineCounter<'_>, error: &csv::Error) {
    let line = lines.line(error.position());
    match error.kind() {
        ErrorKind::Utf8 { .. } => {
            report.push(file, line, "", "the text is not UTF-8", "save the file in the encoding UTF-8");
        }
        _ => report.push(file, line, "", error.to_string(), "write comma-separated values"),
    }
}

/// Lines of records. The reader's own count is one short where lines end in CR LF, which spreadsheets write.
pub(super) struct LineCounter<'a> {
    text: &'a [u8],
    byte: usize,
    line: usize,
}

impl<'a> LineCounter<'a> {
    pub(super) fn new(text: &'a [u8]) -> Self {
        Self { text, byte: 0, line: 1 }
    }

    /// Line on which the record at a position begins; positions must not go back. 0 when there is none.
    pub(super) fn line(&mut self, position: Option<&Position>) -> usize {
        let Some(position) = position else { return 0 };
        // A record may be placed at the line ends before it.
        let rest = self.text.get(position.byte() as usize..).unwrap_or_default();
        let begin = self.text.len() - rest.trim_ascii_start().len();
        let passed = self.text.get(self.byte..begin).unwrap_or_default();
        self.line += passed.split(|&byte| byte == b'\n').count().saturating_sub(1);
        self.byte = self.byte.max(begin);
        self.line
    }
}

/// The checks of one table while its rows go by.
struct Table<'a> {
    file: &'a str,
    resource: &'a Resource,
    columns: Vec<Column<'a>>,
    /// Places of the columns that name a row.
    primary_key: Vec<usize>,
    /// Places of columns that must not fall from left to right.
    ordered: Vec<Vec<usize>>,
    /// Keys of all rows, one after the other.
    key_text: String,
    /// Where each row's key stands in the text, and the row's line.
    keys: Vec<(Range<usize>, usize)>,
    report: Diagnostics,
}

impl<'a> Table<'a> {
    fn new(package: &'a Package, resource: &'a Resource, file: &'a str) -> Self {
        let mut report = Diagnostics::default();
        let schema = &resource.schema;
        let place = |names: &Vec<String>| names.iter().filter_map(|name| schema.position(name)).collect();
        let columns = schema.fields.iter().map(|field| {
            let is_foreign = schema.foreign_keys.iter().any(|key| key.field == field.name);
            let is_target = package.resources.iter().any(|other| {
                other.schema.foreign_keys.iter().any(|key| {
                    key.reference.field == field.name
                        && package.target(other, key).is_some_and(|target| target.name == resource.name)
                })
            });
            let (column, error) = Column::new(field, is_foreign, is_target);
            if let Some(error) = error {
                let found = format!("its pattern in datapackage.json is unusable: {error}");
                report.push(file, 0, &field.name, found, "write a regular expression");
            }
            column
        });
        let columns = columns.collect();
        let ordered = schema.ordered.iter().map(place).collect();
        let primary_key = place(&schema.primary_key);
        Self {
            file,
            resource,
            columns,
            primary_key,
            ordered,
            key_text: String::new(),
            keys: Vec::new(),
            report,
        }
    }

    /// Whether nothing is wrong with a row.
    fn check_row(&mut self, record: &StringRecord, line: usize) -> bool {
        let mut sound = true;
        for (place, text) in record.iter().enumerate() {
            let column = &mut self.columns[place];
            column.note(text, line);
            if let Err((found, remedy)) = column.check(text) {
                self.push(place, line, found, remedy);
                sound = false;
            }
        }
        self.note_key(record, line);
        sound && self.check_order(record, line)
    }

    fn check_order(&mut self, record: &StringRecord, line: usize) -> bool {
        let mut sound = true;
        for group in 0..self.ordered.len() {
            let filled = self.ordered[group].iter().filter(|&&place| !record[place].is_empty());
            let numbers: Vec<(usize, f64)> =
                filled.filter_map(|&place| Some((place, record[place].parse().ok()?))).collect();
            let fall = numbers.windows(2).find(|pair| pair[0].1 > pair[1].1);
            if let Some(&[(left, _), (right, _)]) = fall {
                let name = |place: usize| self.columns[place].field.name.as_str();
                let found =
                    format!("{} {} is above {} {}", name(left), &record[left], name(right), &record[right]);
                let names: Vec<&str> = self.ordered[group].iter().map(|&place| name(place)).collect();
                let remedy = format!("put them in order: {}", names.join(" <= "));
                self.push(left, line, found, remedy);
                sound = false;
            }
        }
        sound
    }

    fn note_key(&mut self, record: &StringRecord, line: usize) {
        if self.primary_key.is_empty() {
            return;
        }
        let begin = self.key_text.len();
        for &place in &self.primary_key {
            self.key_text.push_str(&record[place]);
            self.key_text.push(KEY_END);
        }
        self.keys.push((begin..self.key_text.len(), line));
    }

    /// Finds rows that share a key, once all are read: sorting is quicker than a set, as tables mostly are sorted.
    fn check_keys(&mut self) {
        let text = std::mem::take(&mut self.key_text);
        let mut keys = std::mem::take(&mut self.keys);
        keys.sort_by(|(a, _), (b, _)| text[a.clone()].cmp(&text[b.clone()]));
        let mut repeats = Vec::new();
        for same in keys.chunk_by(|(a, _), (b, _)| text[a.clone()] == text[b.clone()]) {
            let (key, first) = &same[0];
            repeats.extend(same[1..].iter().map(|(_, line)| (*line, *first, key.clone())));
        }
        repeats.sort_unstable_by_key(|&(line, ..)| line);
        for (line, first, key) in repeats {
            let cells: Vec<&str> = text[key].split(KEY_END).filter(|cell| !cell.is_empty()).collect();
            let found = format!("`{}` is already on line {first}", cells.join(", "));
            let remedy = format!("keep one row per {}", self.resource.schema.primary_key.join(", "));
            self.push(self.primary_key[0], line, found, remedy);
        }
    }

    /// Notes why a row that passed all checks could not be taken over.
    fn refuse(&mut self, error: &csv::Error, line: usize) {
        let (place, found) = match error.kind() {
            ErrorKind::Deserialize { err, .. } => (err.field().unwrap_or(0) as usize, err.kind().to_string()),
            _ => (0, error.to_string()),
        };
        let place = place.min(self.columns.len().saturating_sub(1));
        // A value that is not even an identifier cannot exist in the other table: reported there, with a suggestion.
        if !self.columns.get(place).is_some_and(|column| column.is_foreign) {
            let remedy = self.columns.get(place).map_or("", |column| column.field.description.as_str());
            self.push(place, line, found, remedy.to_owned());
        }
    }

    fn push(&mut self, place: usize, line: usize, found: String, remedy: String) {
        let column = &mut self.columns[place];
        column.problems += 1;
        if column.problems <= SPELT_OUT {
            self.report.push(self.file, line, &column.field.name, found, remedy);
        }
    }

    fn finish(mut self, checked: &mut Checked) {
        self.check_keys();
        for column in self.columns {
            if column.problems > SPELT_OUT {
                let found = format!("{} more problems in this column", column.problems - SPELT_OUT);
                self.report.push(
                    self.file,
                    0,
                    &column.field.name,
                    found,
                    "mend the ones above and check again",
                );
            }
            if let Some(keys) = column.keys {
                checked.keys.insert(column.field.name.clone(), keys);
            }
        }
        checked.report.append(self.report);
    }
}
