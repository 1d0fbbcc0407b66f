//! Rows of a documented table as CSV.

use std::io;

use serde::Serialize;

/// Writes rows with their header; where they are confidential, a last column says so.
pub(super) fn write<T: Serialize>(rows: &[T], out: &mut dyn io::Write, confidential: bool) -> io::Result<()> {
    let mut plain = csv::Writer::from_writer(Vec::new());
    for row in rows {
        plain.serialize(row)?;
    }
    let plain = plain.into_inner().map_err(|error| error.into_error())?;
    if !confidential {
        return out.write_all(&plain);
    }
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(plain.as_slice());
    let mut marked = csv::Writer::from_writer(out);
    for (place, record) in reader.records().enumerate() {
        let mut record = record?;
        record.push_field(if place == 0 { "confidential" } else { "yes" });
        marked.write_record(&record)?;
    }
    marked.flush()
}
