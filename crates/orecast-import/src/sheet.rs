//! A file as sheets of cells: a CSV file is one sheet, a workbook (`.xlsx`) has several.

use std::io::Cursor;

use calamine::{Data, DataRef, Reader, Xlsx};
use csv::StringRecord;

use super::text::{Input, decoded};
use orecast::{base::diagnostic::Diagnostics, base::text::LineCounter};

/// Cells of a sheet beyond which it is surely no table of a publisher.
const MOST_CELLS: usize = 5_000_000;

/// What is said of text whose last line does not end: it may be cut within a cell, which nothing else would show.
pub(super) const UNENDED: (&str, &str) =
    ("the last line does not end", "check that the file is whole: its last cell may be cut");

/// A table of cells as the publisher wrote it.
#[derive(Debug, Clone)]
pub struct Sheet {
    /// Name of the sheet; of the file when it has only one.
    pub name: String,
    /// Line number and cells, without the blanks around them; empty lines are left out.
    pub rows: Vec<(usize, StringRecord)>,
}

/// Every sheet of a file. What cannot be read at all is reported.
pub fn sheets(input: &Input, problems: &mut Diagnostics) -> Vec<Sheet> {
    let bytes = match input.whole() {
        Ok(bytes) => bytes,
        Err(error) => {
            problems.push(input.name(), 0, "", error.to_string(), "give a readable file");
            return Vec::new();
        }
    };
    if bytes.starts_with(b"PK") {
        return workbook(bytes).unwrap_or_else(|error| {
            let remedy = "give a workbook (`.xlsx`), or unpack the archive first";
            problems.push(input.name(), 0, "", error, remedy);
            Vec::new()
        });
    }
    let text = decoded(&bytes);
    if !text.ends_with('\n') {
        problems.remark(input.name(), 0, "", UNENDED.0, UNENDED.1);
    }
    if text.trim().is_empty() {
        problems.push(input.name(), 0, "", "the file is empty", "give a file with rows");
        return Vec::new();
    }
    if let Some(place) = text.find('\0') {
        let line = text[..place].matches('\n').count() + 1;
        let remedy = "save the file as CSV; cells hold text without NUL bytes";
        problems.push(input.name(), line, "", "the file holds NUL bytes", remedy);
        return Vec::new();
    }
    vec![Sheet { name: input.name().to_owned(), rows: cells(&text) }]
}

/// The cells of CSV text, line by line; lines may be of any length.
fn cells(text: &str) -> Vec<(usize, StringRecord)> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let mut lines = LineCounter::new(text.as_bytes());
    // Text is UTF-8 and lines may differ in length, so no record can fail.
    reader.records().map_while(Result::ok).map(|record| (lines.line(record.position()), record)).collect()
}

/// The sheets of a workbook. The library that reads them may panic on damaged ones (cell references that overflow), which must not
/// end the program.
fn workbook(bytes: Vec<u8>) -> Result<Vec<Sheet>, String> {
    std::panic::catch_unwind(|| sheets_of(bytes))
        .unwrap_or_else(|_| Err("the workbook is damaged".to_owned()))
}

fn sheets_of(bytes: Vec<u8>) -> Result<Vec<Sheet>, String> {
    let mut book = Xlsx::new(Cursor::new(bytes)).map_err(|error| error.to_string())?;
    let names = book.sheet_names();
    names.into_iter().map(|name| sheet(&mut book, name)).collect()
}

/// A sheet cell by cell: a dense range would allocate whatever size the file claims to have.
fn sheet(book: &mut Xlsx<Cursor<Vec<u8>>>, name: String) -> Result<Sheet, String> {
    let says = |error: calamine::XlsxError| format!("sheet {name}: {error}");
    let mut reader = book.worksheet_cells_reader(&name).map_err(says)?;
    let mut rows: Vec<(usize, StringRecord)> = Vec::new();
    let mut seen = 0;
    while let Some(cell) = reader.next_cell().map_err(says)? {
        let (row, column) = cell.get_position();
        let (line, column) = (row as usize + 1, column as usize);
        if rows.last().is_none_or(|(last, _)| *last != line) {
            rows.push((line, StringRecord::new()));
        }
        let Some((_, record)) = rows.last_mut() else { continue };
        seen += column.saturating_sub(record.len()) + 1;
        if seen > MOST_CELLS {
            return Err(format!("sheet {name}: more than {MOST_CELLS} cells"));
        }
        while record.len() < column {
            record.push_field("");
        }
        record.push_field(text(cell.get_value()).trim());
    }
    drop(reader);
    let width = rows.iter().map(|(_, record)| record.len()).max().unwrap_or(0);
    for (_, record) in &mut rows {
        seen += width - record.len();
        if seen > MOST_CELLS {
            return Err(format!("sheet {name}: more than {MOST_CELLS} cells"));
        }
        while record.len() < width {
            record.push_field("");
        }
    }
    Ok(Sheet { name, rows })
}

fn text(value: &DataRef<'_>) -> String {
    match Data::from(value.clone()) {
        Data::Empty => String::new(),
        other => other.to_string(),
    }
}
