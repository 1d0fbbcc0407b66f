//! How tables are written: the same rows always give the same bytes.

use std::io;

use serde::Serialize;

/// A header line and one line per row, sorted, so that the same rows always give the same bytes.
pub(super) fn sorted_csv<T: Serialize>(rows: &[T]) -> io::Result<String> {
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
    Ok(lines.join("\n") + "\n")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::world::table::DistanceRow;

    #[test]
    fn rows_are_sorted_and_repeats_dropped_whatever_their_order() {
        let row = |a: &str, b: &str, km| DistanceRow { a: a.parse().unwrap(), b: b.parse().unwrap(), km };
        let one =
            sorted_csv(&[row("KAZ", "USA", 10257.0), row("CHN", "KAZ", 4008.0), row("CHN", "KAZ", 4008.0)]);
        let other = sorted_csv(&[row("CHN", "KAZ", 4008.0), row("KAZ", "USA", 10257.0)]);
        assert_eq!(one.unwrap(), "a,b,km\nCHN,KAZ,4008.0\nKAZ,USA,10257.0\n");
        assert_eq!(
            other.unwrap(),
            sorted_csv(&[row("KAZ", "USA", 10257.0), row("CHN", "KAZ", 4008.0)]).unwrap()
        );
    }
}
