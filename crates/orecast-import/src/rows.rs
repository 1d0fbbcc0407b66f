//! Rows of a publisher's file: cells as written, or typed by columns that are found by meaning.

use csv::StringRecord;
use serde::de::DeserializeOwned;

use super::{sheet::Sheet, text::Input};
use orecast::base::diagnostic::{Diagnostics, did_you_mean};

/// After this many unreadable rows a file is surely not what the importer expects.
const MOST_ERRORS: usize = 20;
/// Lines above the header that a publisher may fill with titles.
const MOST_TITLES: usize = 20;

/// The columns that a publisher's file must have: the name an importer uses, then other spellings of the same.
/// Columns are found by meaning: case, blanks and punctuation do not count, nor does their order.
#[derive(Debug, Clone, Copy)]
pub struct Layout {
    /// What the file is, such as `the USGS commodity data release`.
    pub what: &'static str,
    /// Names and other spellings.
    pub columns: &'static [(&'static str, &'static [&'static str])],
}

impl Layout {
    /// The name that the importer uses for a header cell.
    fn meaning<'a>(&self, cell: &'a str) -> &'a str
    where
        'static: 'a,
    {
        let plain = plain(cell);
        let found = self.columns.iter().find(|(name, others)| {
            std::iter::once(name).chain(others.iter()).any(|spelling| self::plain(spelling) == plain)
        });
        found.map_or(cell, |(name, _)| name)
    }

    fn missing(&self, header: &StringRecord) -> Vec<&'static str> {
        let has = |name: &str| header.iter().any(|cell| self.meaning(cell) == name);
        self.columns.iter().map(|(name, _)| *name).filter(|name| !has(name)).collect()
    }

    /// The place of the header among the rows of a sheet: the first row with most of the columns.
    fn header(&self, sheet: &Sheet) -> Option<(usize, usize)> {
        let places = sheet.rows.iter().take(MOST_TITLES).enumerate();
        places
            .map(|(place, (_, row))| (self.missing(row).len(), place))
            .min()
            .map(|(missing, place)| (place, missing))
    }
}

/// Letters and digits of a column name in lower case.
pub fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The line number and the typed content of every row below a header in the first line.
pub fn rows<T: DeserializeOwned>(input: &Input, problems: &mut Diagnostics) -> Vec<(usize, T)> {
    rows_of(input, &Layout { what: "this table", columns: &[] }, problems)
}

/// A table as written, with the importer's names for the columns that it knows.
#[derive(Debug, Clone)]
pub struct Written {
    /// Names of the columns.
    pub header: StringRecord,
    /// Line number and cells of every row that has as many cells as the header.
    pub rows: Vec<(usize, StringRecord)>,
}

impl Written {
    /// The place of a column.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.header.iter().position(|cell| cell == name)
    }
}

/// The table of a file, or of the sheet of a workbook, that has the columns.
///
/// What does not fit is reported: no such columns, no rows, rows cut short.
pub fn table_of(input: &Input, layout: &Layout, problems: &mut Diagnostics) -> Option<Written> {
    let mut sheets = super::sheet::sheets(input, problems);
    let places = sheets.iter().enumerate().filter_map(|(at, sheet)| Some((at, layout.header(sheet)?)));
    let (at, (place, _)) = places.min_by_key(|(_, (_, missing))| *missing)?;
    let mut rows = sheets.swap_remove(at).rows.split_off(place).into_iter();
    let (line, written) = rows.next()?;
    if !has_columns(input.name(), line, &written, layout, problems) {
        return None;
    }
    let header: StringRecord = written.iter().map(|cell| layout.meaning(cell)).collect();
    if rows.len() == 0 && !layout.columns.is_empty() {
        problems.push(input.name(), line, "", "no rows below the header", "give a file with rows");
    }
    let mut faults = Faults::new(input, layout);
    let mut whole = Vec::with_capacity(rows.len());
    for (line, record) in rows {
        match fitting(&record, header.len()) {
            Ok(()) => whole.push((line, record)),
            Err(fault) if faults.are_too_many(line, &fault, problems) => break,
            Err(_) => {}
        }
    }
    Some(Written { header, rows: whole })
}

/// The line number and the typed content of every row of [`table_of`]; cells of another kind are reported.
pub fn rows_of<T: DeserializeOwned>(
    input: &Input,
    layout: &Layout,
    problems: &mut Diagnostics,
) -> Vec<(usize, T)> {
    let Some(Written { header, rows }) = table_of(input, layout, problems) else { return Vec::new() };
    let mut faults = Faults::new(input, layout);
    let mut typed = Vec::with_capacity(rows.len());
    for (line, record) in rows {
        match record.deserialize(Some(&header)).map_err(|error| unreadable(&error, &header)) {
            Ok(row) => typed.push((line, row)),
            Err(fault) if faults.are_too_many(line, &fault, problems) => break,
            Err(_) => {}
        }
    }
    typed
}

/// Reports rows that cannot be read, until there are too many.
struct Faults<'a> {
    file: &'a str,
    what: &'static str,
    count: usize,
}

impl<'a> Faults<'a> {
    fn new(input: &'a Input, layout: &Layout) -> Self {
        Self { file: input.name(), what: layout.what, count: 0 }
    }

    fn are_too_many(&mut self, line: usize, fault: &Fault, problems: &mut Diagnostics) -> bool {
        let (field, found, remedy) = fault;
        problems.push(self.file, line, field, found, remedy);
        self.count += 1;
        if self.count == MOST_ERRORS {
            let found = format!("{MOST_ERRORS} rows like this; the rest is not read");
            problems.push(self.file, line, "", found, format!("give {}", self.what));
        }
        self.count == MOST_ERRORS
    }
}

type Fault = (String, String, String);

/// Whether the record has as many cells as the header.
fn fitting(record: &StringRecord, cells: usize) -> Result<(), Fault> {
    if record.len() == cells {
        return Ok(());
    }
    let plural = if record.len() == 1 { "" } else { "s" };
    let found = format!("the row has {} cell{plural}, the header {cells}", record.len());
    let remedy = if record.len() < cells {
        "give the whole file: the row is cut short"
    } else {
        "put text that holds a comma between double quotes"
    };
    Err((String::new(), found, remedy.to_owned()))
}

/// What is wrong with a cell, with the name of its column.
fn unreadable(error: &csv::Error, header: &StringRecord) -> Fault {
    let csv::ErrorKind::Deserialize { err, .. } = error.kind() else {
        return (String::new(), error.to_string(), "give a row of the publisher's file".to_owned());
    };
    let field = err.field().and_then(|place| header.get(place as usize)).unwrap_or_default();
    (field.to_owned(), err.kind().to_string(), "write a value of the kind that this column holds".to_owned())
}

/// Whether a header names all columns of a layout; what is missing is reported.
fn has_columns(
    file: &str,
    line: usize,
    header: &StringRecord,
    layout: &Layout,
    problems: &mut Diagnostics,
) -> bool {
    let missing = layout.missing(header);
    if missing.is_empty() {
        return true;
    }
    if let Some(separator) = separator(header) {
        let found = format!("columns are separated by {separator}");
        problems.push(file, line, "", found, "separate columns by commas");
    } else if missing.len() * 2 > layout.columns.len() {
        let found = format!("not {}: {} of its columns are missing", layout.what, missing.len());
        let names: Vec<&str> = layout.columns.iter().map(|(name, _)| *name).collect();
        problems.push(file, line, "", found, format!("give a file with the columns {}", names.join(", ")));
    } else {
        for name in missing {
            let remedy = did_you_mean(name, header, &format!("give {} with this column", layout.what));
            problems.push(file, line, name, "missing column", remedy);
        }
    }
    false
}

/// The other separator that a header of one cell seems to use.
fn separator(header: &StringRecord) -> Option<&'static str> {
    let cell = header.get(0).filter(|_| header.len() == 1)?;
    [(';', "semicolons"), ('\t', "tabs"), ('|', "bars")]
        .into_iter()
        .find_map(|(sign, name)| cell.contains(sign).then_some(name))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use insta::assert_snapshot;
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    struct Row {
        country: String,
        value: f64,
    }

    const LAYOUT: Layout = Layout {
        what: "the table of outputs",
        columns: &[("country", &["Name of country"]), ("value", &[]), ("unit", &[])],
    };

    fn read(text: &str) -> (Vec<(usize, Row)>, String) {
        let mut problems = Diagnostics::default();
        let found = rows_of(&Input::inline("x.csv", text), &LAYOUT, &mut problems);
        (found, if problems.is_empty() { String::new() } else { problems.to_string() })
    }

    #[test]
    fn columns_are_found_by_meaning_below_titles_and_in_any_order() {
        let (found, problems) =
            read("Output 2024,,,\n,,,\nUNIT,VALUE ,NAME_OF COUNTRY,New column\nt,3,Peru,x\n");
        assert_eq!(problems, "");
        assert_eq!((found[0].0, found[0].1.country.as_str(), found[0].1.value), (4, "Peru", 3.0));
    }

    #[test]
    fn an_unreadable_row_is_reported_with_its_line_and_the_rest_is_read() {
        let (found, problems) = read("country,value,unit\r\nPeru,many,t\r\nChile,2,t\r\nKaz");
        assert_eq!(found.len(), 1);
        assert_snapshot!(problems, @r"
        x.csv:4: the row has 1 cell, the header 3
            give the whole file: the row is cut short
        x.csv:2: value: invalid float literal
            write a value of the kind that this column holds
        2 problems
        ");
    }

    #[test]
    fn another_file_is_recognised_as_such() {
        assert_snapshot!(read("a,b,c\n1,2,3\n").1, @r"
        x.csv:1: not the table of outputs: 3 of its columns are missing
            give a file with the columns country, value, unit
        1 problem
        ");
        assert_snapshot!(read("country;value;unit\nPeru;1;t\n").1, @r"
        x.csv:1: columns are separated by semicolons
            separate columns by commas
        1 problem
        ");
        assert_snapshot!(read("country,valu,unit\nPeru,1,t\n").1, @r"
        x.csv:1: value: missing column
            did you mean `valu`?
        1 problem
        ");
        assert_snapshot!(read("country,value,unit\n").1, @r"
        x.csv:1: no rows below the header
            give a file with rows
        1 problem
        ");
        assert_snapshot!(read("").1, @r"
        x.csv: the file is empty
            give a file with rows
        1 problem
        ");
        assert_snapshot!(read("country,value,unit\nPe\0ru,1,t\n").1, @r"
        x.csv:2: the file holds NUL bytes
            save the file as CSV; cells hold text without NUL bytes
        1 problem
        ");
        assert_snapshot!(read(&format!("country,value,unit\n{}", "Peru,x,t\n".repeat(50))).1.lines().count(), @"43");
    }
}
