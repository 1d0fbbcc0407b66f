//! Checks one CSV file against its description, cell by cell, and collects everything that is wrong.

use std::{collections::HashMap, io, ops::Range};

use csv::{ErrorKind, Position, StringRecord};
use rayon::prelude::*;
use serde::de::DeserializeOwned;

use super::{
    cell::Keys,
    key::KeySet,
    layer::{Extras, Layered},
    package::{Package, Resource},
    row::Check,
};
use crate::base::{
    diagnostic::{Diagnostics, did_you_mean},
    text::{LineCounter, count_line_ends},
};

/// Bytes of a file that are read in one go; the parts of a larger file are read side by side.
const PART: usize = 1 << 18;
/// Bytes of a usual row, to make room.
const USUAL_ROW: usize = 72;

/// A file of a table.
pub(super) struct TableFile<'a> {
    /// Path as it is shown.
    pub(super) name: &'a str,
    /// Its bytes.
    pub(super) text: &'a [u8],
    /// Description of the package.
    pub(super) package: &'a Package,
    /// Description of the table.
    pub(super) resource: &'a Resource,
    /// Keys of the rows of the layers above it.
    pub(super) above: &'a KeySet,
    /// Layer that it belongs to: 0 for the package, more for own data, which may withdraw rows.
    pub(super) layer: usize,
}

/// What one reading of a file found, besides its rows.
#[derive(Debug, Default)]
pub(super) struct Checked {
    /// Path as it is shown.
    pub(super) file: String,
    /// Layer that it belongs to: 0 for the package.
    pub(super) layer: usize,
    /// Everything wrong within the file.
    pub(super) report: Diagnostics,
    /// Whether the file could be read as this table at all.
    pub(super) readable: bool,
    /// Distinct texts of each column that takes part in a foreign key, by column name.
    pub(super) keys: HashMap<String, Keys>,
    /// What concerns layers of own data.
    pub(super) layered: Layered,
}

/// Rows of one file with their lines.
pub(super) struct FileRows<T> {
    pub(super) rows: Vec<T>,
    pub(super) lines: Vec<usize>,
    pub(super) checked: Checked,
}

impl<T> FileRows<T> {
    /// What a file that cannot be read leaves.
    pub(super) fn unread(name: &str, layer: usize, title: &str, error: &io::Error) -> Self {
        let mut checked = Checked { file: name.to_owned(), layer, ..Checked::default() };
        if error.kind() == io::ErrorKind::NotFound {
            let remedy = format!("add the table ({title}); an empty table is its header alone");
            checked.report.push(name, 0, "", "the file is missing", remedy);
        } else {
            let found = format!("cannot be read: {error}");
            checked.report.push(name, 0, "", found, "check the file's permissions");
        }
        Self::without_rows(checked)
    }

    fn without_rows(checked: Checked) -> Self {
        Self { rows: Vec::new(), lines: Vec::new(), checked }
    }
}

/// Reads a file and gives every sound row that no layer above replaces or withdraws.
pub(super) fn read_file<T: DeserializeOwned + Send>(file: &TableFile<'_>) -> FileRows<T> {
    let mut checked = Checked { file: file.name.to_owned(), layer: file.layer, ..Checked::default() };
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(file.text);
    let header = match reader.headers() {
        Ok(header) => header.clone(),
        Err(error) => {
            let line = LineCounter::new(file.text).line(error.position());
            let (found, remedy) = csv_problem(&error);
            checked.report.push(file.name, line, "", found, remedy);
            return FileRows::without_rows(checked);
        }
    };
    let Some((places, extras)) = match_header(&header, file, &mut checked.report) else {
        return FileRows::without_rows(checked);
    };
    checked.readable = true;
    let body = reader.position().byte() as usize;
    let frame = Frame { file, places: &places, extras, columns: header.len() };
    let parts: Vec<Part<'_, T>> =
        spans(file.text, body).into_par_iter().map(|span| frame.read(&span)).collect();
    let count: usize = parts.iter().map(|part| part.rows.len()).sum();
    let mut parts = parts.into_iter();
    let Some(mut first) = parts.next() else { return FileRows::without_rows(checked) };
    first.rows.reserve_exact(count - first.rows.len());
    first.lines.reserve_exact(count - first.lines.len());
    let Part { rows, lines, mut check } = parts.fold(first, Part::append);
    check.repeats(&places, body);
    check.finish(&mut checked);
    FileRows { rows, lines, checked }
}

/// Some of the rows of a file.
struct Span {
    bytes: Range<usize>,
    /// Line ends before it.
    line_ends: usize,
}

/// Splits the rows of a file, which begin at `body`, between lines. Where a cell may hold a line break, as quotes in the
/// file tell, it stays whole.
fn spans(text: &[u8], body: usize) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut start = body.min(text.len());
    let mut line_ends = count_line_ends(&text[..start]);
    let is_plain = text.len() > PART && !text.contains(&b'"');
    while is_plain && text.len() - start > PART {
        let Some(end) = text[start + PART..].iter().position(|&byte| byte == b'\n') else { break };
        let bytes = start..start + PART + end + 1;
        start = bytes.end;
        let within = count_line_ends(&text[bytes.clone()]);
        spans.push(Span { bytes, line_ends });
        line_ends += within;
    }
    spans.push(Span { bytes: start..text.len(), line_ends });
    spans
}

/// Place of every column of the schema in the file and of the columns that layers may add, or nothing when the header
/// is unusable.
fn match_header(
    header: &StringRecord,
    file: &TableFile<'_>,
    report: &mut Diagnostics,
) -> Option<(Vec<usize>, Extras)> {
    let resource = file.resource;
    let fields = &resource.schema.fields;
    let missing: Vec<&str> = fields
        .iter()
        .map(|field| field.name.as_str())
        .filter(|name| !header.iter().any(|h| h == *name))
        .collect();
    let extras = if file.layer > 0 { Extras::find(&resource.name, header) } else { Extras::default() };
    let before = report.iter().count();
    for (place, name) in header.iter().enumerate() {
        if resource.schema.position(name).is_none() && !extras.contains(place) {
            let otherwise = "remove the column, or describe it in datapackage.json";
            let remedy = did_you_mean(name, missing.iter().copied(), otherwise);
            report.push(file.name, 1, name, "unknown column", remedy);
        } else if header.iter().take(place).any(|earlier| earlier == name) {
            report.push(file.name, 1, name, "the column is there twice", "remove one of the two");
        }
    }
    for field in fields.iter().filter(|field| missing.contains(&field.name.as_str())) {
        report.push(file.name, 1, &field.name, "missing column", format!("add it: {}", field.description));
    }
    if report.iter().count() > before {
        return None;
    }
    let places: Option<Vec<usize>> =
        fields.iter().map(|field| header.iter().position(|name| name == field.name)).collect();
    Some((places?, extras))
}

/// What is wrong with text that is not CSV, and what would be right.
fn csv_problem(error: &csv::Error) -> (String, String) {
    match error.kind() {
        ErrorKind::Utf8 { .. } => {
            ("the text is not UTF-8".to_owned(), "save the file in the encoding UTF-8".to_owned())
        }
        _ => (error.to_string(), "write comma-separated values".to_owned()),
    }
}

/// How the rows of a file are laid out.
struct Frame<'a> {
    file: &'a TableFile<'a>,
    /// Place in the file of every column of the schema.
    places: &'a [usize],
    extras: Extras,
    /// Columns in the file.
    columns: usize,
}

impl<'a> Frame<'a> {
    /// Reads some of the rows.
    fn read<T: DeserializeOwned>(&self, span: &Span) -> Part<'a, T> {
        let mut found = Part { rows: Vec::new(), lines: Vec::new(), check: Check::new(self.file) };
        let rows = span.bytes.len() / USUAL_ROW;
        found.rows.reserve(rows);
        found.lines.reserve(rows);
        let text = &self.file.text[span.bytes.clone()];
        let mut lines = LineCounter::new(text);
        let mut reader = csv::ReaderBuilder::new().flexible(true).has_headers(false).from_reader(text);
        let in_order = self.places.iter().copied().eq(0..self.columns);
        let mut raw = StringRecord::new();
        let mut ordered = StringRecord::new();
        let mut line_of = |position: Option<&Position>| {
            position.map_or(0, |position| span.line_ends + lines.line_at(position.byte() as usize))
        };
        loop {
            match reader.read_record(&mut raw) {
                Ok(false) => break,
                Ok(true) => {}
                Err(error) => {
                    let (wrong, remedy) = csv_problem(&error);
                    found.check.push(None, line_of(error.position()), wrong, remedy);
                    continue;
                }
            }
            let line = line_of(raw.position());
            if raw.len() != self.columns {
                let wrong = format!("the row has {} fields, the header {}", raw.len(), self.columns);
                let remedy = if raw.len() > self.columns {
                    "put text that holds a comma between double quotes"
                } else {
                    "write a comma for every empty cell"
                };
                found.check.push(None, line, wrong, remedy.to_owned());
                continue;
            }
            let record = if in_order {
                &raw
            } else {
                ordered.clear();
                for &place in self.places {
                    ordered.push_field(&raw[place]);
                }
                &ordered
            };
            if found.check.row_stands(record, &raw, self.extras, line) {
                match record.deserialize(None) {
                    Ok(row) => {
                        found.rows.push(row);
                        found.lines.push(line);
                    }
                    Err(error) => found.check.refuse(&error, line),
                }
            }
        }
        found
    }
}

/// What was read of a part of a file.
struct Part<'a, T> {
    rows: Vec<T>,
    lines: Vec<usize>,
    check: Check<'a>,
}

impl<T> Part<'_, T> {
    /// Takes over what was read of the next part.
    fn append(mut self, mut next: Self) -> Self {
        self.rows.append(&mut next.rows);
        self.lines.append(&mut next.lines);
        self.check.append(next.check);
        self
    }
}
