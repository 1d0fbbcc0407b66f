//! How tables are written: the same rows always give the same bytes.

use std::io::{self, Write};

use serde::Serialize;

/// Writes a header line and one line per row, sorted, so that the same rows always give the same bytes.
pub(super) fn write_sorted<T: Serialize>(rows: &[T], mut out: impl Write) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer.serialize(row).map_err(io::Error::other)?;
    }
    let bytes = writer.into_inner().map_err(|error| io::Error::other(error.to_string()))?;
    let text = String::from_utf8(bytes).map_err(io::Error::other)?;
    let mut lines: Vec<&str> = text.lines().collect();
    let (_, body) = lines.split_first_mut().ok_or_else(|| io::Error::other("no header"))?;
    body.sort_unstable();
    lines.dedup();
    for line in lines {
        writeln!(out, "{line}")?;
    }
    out.flush()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::world::table::DistanceRow;

    #[test]
    fn rows_are_sorted_and_repeats_dropped_whatever_their_order() {
        let row = |a: &str, b: &str, km| DistanceRow { a: a.parse().unwrap(), b: b.parse().unwrap(), km };
        let text = |rows: &[DistanceRow]| {
            let mut out = Vec::new();
            write_sorted(rows, &mut out).unwrap();
            String::from_utf8(out).unwrap()
        };
        let one = text(&[row("KAZ", "USA", 10257.0), row("CHN", "KAZ", 4008.0), row("CHN", "KAZ", 4008.0)]);
        let other = text(&[row("CHN", "KAZ", 4008.0), row("KAZ", "USA", 10257.0)]);
        assert_eq!(one, "a,b,km\nCHN,KAZ,4008.0\nKAZ,USA,10257.0\n");
        assert_eq!(one, other);
    }
}
