//! CSV files of a folder of inputs, with everything that is wrong with them.

use std::path::Path;

use crate::base::diagnostic::Diagnostics;

/// Country codes are below this.
pub(super) const CODES: usize = 1_000;

/// A CSV file with its header.
pub(super) struct Sheet {
    pub(super) file: String,
    pub(super) headers: Vec<String>,
    records: Vec<csv::StringRecord>,
}

/// A row of a sheet.
pub(super) struct Row<'s> {
    pub(super) file: &'s str,
    pub(super) line: usize,
    headers: &'s [String],
    record: &'s csv::StringRecord,
}

impl Sheet {
    /// Reads a file; it has no rows when it cannot be read or lacks a column.
    pub(super) fn read(folder: &Path, name: &str, columns: &[&str], problems: &mut Diagnostics) -> Self {
        let path = folder.join(name);
        let mut sheet = Self { file: path.display().to_string(), headers: Vec::new(), records: Vec::new() };
        let read = || -> Result<(Vec<String>, Vec<csv::StringRecord>), csv::Error> {
            let mut reader = csv::Reader::from_path(&path)?;
            let headers = reader.headers()?.iter().map(|name| name.trim().to_owned()).collect();
            Ok((headers, reader.records().collect::<Result<_, _>>()?))
        };
        match read() {
            Ok((headers, records)) => (sheet.headers, sheet.records) = (headers, records),
            Err(error) => {
                let line = error.position().map_or(0, |place| place.line() as usize);
                let remedy = format!("a CSV file with the columns {}", columns.join(", "));
                problems.push(&sheet.file, line, "", error.to_string(), remedy);
                return sheet;
            }
        }
        for column in columns.iter().filter(|column| !sheet.headers.iter().any(|name| name == *column)) {
            problems.push(&sheet.file, 1, column, "the column is missing", "add it to the header");
            sheet.records.clear();
        }
        sheet
    }

    pub(super) fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.records.iter().map(|record| Row {
            file: &self.file,
            line: record.position().map_or(0, |place| place.line() as usize),
            headers: &self.headers,
            record,
        })
    }
}

impl Row<'_> {
    /// A cell; empty when the column does not exist.
    pub(super) fn text(&self, column: &str) -> &str {
        let place = self.headers.iter().position(|name| name == column);
        place.and_then(|place| self.record.get(place)).unwrap_or_default().trim()
    }

    /// A number that must be there.
    pub(super) fn number(&self, column: &str, problems: &mut Diagnostics) -> Option<f64> {
        let text = self.text(column);
        let number = text.parse().ok().filter(|number: &f64| number.is_finite());
        if number.is_none() {
            let found = format!("`{text}` is not a number");
            problems.push(self.file, self.line, column, found, "write a plain number such as 12.5");
        }
        number
    }

    /// An amount of at least zero; absent when the cell is empty.
    pub(super) fn amount(&self, column: &str, problems: &mut Diagnostics) -> Option<f64> {
        if self.text(column).is_empty() {
            return None;
        }
        let amount = self.number(column, problems)?;
        if amount < 0.0 {
            let found = format!("{amount} is below 0");
            problems.push(self.file, self.line, column, found, "write an amount of 0 or more, or nothing");
            return None;
        }
        Some(amount)
    }

    pub(super) fn parse_code(&self, text: &str, column: &str, problems: &mut Diagnostics) -> Option<u16> {
        let code = text.parse().ok().filter(|code| usize::from(*code) < CODES);
        if code.is_none() {
            let found = format!("`{text}` is not a country code");
            problems.push(self.file, self.line, column, found, "write a number from 0 to 999");
        }
        code
    }
}
