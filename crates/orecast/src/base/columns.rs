//! Named columns of equal length: one table for CSV and Parquet files.

use std::io;

/// Last column of tables that rest on confidential own data; each of its cells says `yes`.
pub const CONFIDENTIAL: &str = "confidential";

/// The cells of one column.
#[derive(Debug, Clone, PartialEq)]
pub enum Cells {
    /// Texts; absent cells are null.
    Text(Vec<Option<String>>),
    /// Numbers; absent cells and those that are not finite are null.
    Number(Vec<Option<f64>>),
}

impl Cells {
    fn len(&self) -> usize {
        match self {
            Self::Text(cells) => cells.len(),
            Self::Number(cells) => cells.len(),
        }
    }

    fn shown(&self, row: usize) -> String {
        match self {
            Self::Text(cells) => cells.get(row).and_then(Option::as_deref).map_or_else(String::new, plain),
            Self::Number(cells) => {
                let value = cells.get(row).copied().flatten().filter(|value| value.is_finite());
                value.map_or_else(String::new, |value| value.to_string())
            }
        }
    }
}

/// A table by columns.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Columns(Vec<(&'static str, Cells)>);

impl Columns {
    /// A table of columns in this order.
    pub fn new(columns: impl IntoIterator<Item = (&'static str, Cells)>) -> Self {
        Self(columns.into_iter().collect())
    }

    /// The columns with their names.
    pub fn list(&self) -> &[(&'static str, Cells)] {
        &self.0
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.0.first().map_or(0, |(_, cells)| cells.len())
    }

    /// The same table, with a last column that says that its rows are confidential where they are.
    #[must_use]
    pub fn marked(mut self, confidential: bool) -> Self {
        if confidential {
            let cells = vec![Some("yes".to_owned()); self.rows()];
            self.0.push((CONFIDENTIAL, Cells::Text(cells)));
        }
        self
    }

    /// Writes the table as CSV with a header line.
    ///
    /// # Errors
    /// When `out` cannot be written to.
    pub fn write_csv(&self, out: impl io::Write) -> io::Result<()> {
        let mut writer = csv::Writer::from_writer(out);
        writer.write_record(self.0.iter().map(|(name, _)| *name))?;
        for row in 0..self.rows() {
            writer.write_record(self.0.iter().map(|(_, cells)| cells.shown(row)))?;
        }
        writer.flush()
    }
}

/// A text that no spreadsheet takes for a formula.
fn plain(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn absent_cells_are_empty_formulas_are_texts_and_confidential_rows_say_so() {
        let table = Columns::new([
            ("who", Cells::Text(vec![Some("=A1".to_owned()), None])),
            ("loss", Cells::Number(vec![Some(f64::NAN), Some(-1.5)])),
        ]);
        let mut out = Vec::new();
        table.marked(true).write_csv(&mut out).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "who,loss,confidential\n'=A1,,yes\n,-1.5,yes\n");
    }
}
