//! Rows of a documented table as CSV.

use std::io;

use serde::Serialize;

use crate::base::columns::CONFIDENTIAL;

/// Writes rows with their header; where they are confidential, a last column says so. No spreadsheet takes a text for a formula.
pub(super) fn write<T: Serialize>(rows: &[T], out: &mut dyn io::Write, confidential: bool) -> io::Result<()> {
    let mut plain = csv::Writer::from_writer(Vec::new());
    for row in rows {
        plain.serialize(row)?;
    }
    let plain = plain.into_inner().map_err(csv::IntoInnerError::into_error)?;
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(plain.as_slice());
    let mut marked = csv::Writer::from_writer(out);
    for (place, record) in reader.records().enumerate() {
        let record = record?;
        let mark = confidential.then_some(if place == 0 { CONFIDENTIAL } else { "yes" });
        marked.write_record(record.iter().map(safe).chain(mark.map(str::to_owned)))?;
    }
    marked.flush()
}

fn safe(cell: &str) -> String {
    let is_formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']) && cell.parse::<f64>().is_err();
    if is_formula { format!("'{cell}") } else { cell.to_owned() }
}
