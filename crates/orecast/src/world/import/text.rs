//! Publisher files as text: where they come from, how they are encoded, and their rows.

use std::{
    fs::File,
    io::{self, BufReader, Cursor, Read},
    path::{Path, PathBuf},
};

use flate2::read::GzDecoder;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use crate::diagnostic::Diagnostics;

/// After this many unreadable rows a file is surely not what the importer expects.
const MOST_ERRORS: usize = 20;

/// A publisher's file, on disk or in memory.
#[derive(Debug, Clone)]
pub struct Input {
    name: String,
    body: Body,
}

#[derive(Debug, Clone)]
enum Body {
    Path(PathBuf),
    Bytes(Vec<u8>),
}

impl Input {
    /// A file on disk, plain or gzip.
    pub fn file(path: &Path) -> Self {
        Self { name: path.display().to_string(), body: Body::Path(path.to_owned()) }
    }

    /// A file in memory, with the name that messages use.
    pub fn inline(name: &str, bytes: impl Into<Vec<u8>>) -> Self {
        Self { name: name.to_owned(), body: Body::Bytes(bytes.into()) }
    }

    /// The name that messages use.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The raw bytes as published, still compressed where they were.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn bytes(&self) -> io::Result<Vec<u8>> {
        match &self.body {
            Body::Path(path) => std::fs::read(path),
            Body::Bytes(bytes) => Ok(bytes.clone()),
        }
    }

    /// A stream of the decompressed bytes, for files that are too large to hold.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub fn open(&self) -> io::Result<Box<dyn Read + '_>> {
        let mut raw: Box<dyn Read + '_> = match &self.body {
            Body::Path(path) => Box::new(BufReader::new(File::open(path)?)),
            Body::Bytes(bytes) => Box::new(bytes.as_slice()),
        };
        let mut magic = Vec::new();
        raw.by_ref().take(2).read_to_end(&mut magic)?;
        let zipped = magic == [0x1f, 0x8b];
        let whole = Cursor::new(magic).chain(raw);
        Ok(if zipped { Box::new(BufReader::new(GzDecoder::new(whole))) } else { Box::new(whole) })
    }

    /// The whole text: UTF-8 with or without a byte-order mark, else Windows-1252 (as older USGS releases are).
    ///
    /// # Errors
    /// When the file cannot be read or decompressed.
    pub fn text(&self) -> io::Result<String> {
        let mut bytes = Vec::new();
        self.open()?.read_to_end(&mut bytes)?;
        Ok(match String::from_utf8(bytes) {
            Ok(text) => text.trim_start_matches('\u{feff}').to_owned(),
            Err(error) => encoding_rs::WINDOWS_1252.decode(error.as_bytes()).0.into_owned(),
        })
    }

    /// SHA-256 of the raw bytes in hexadecimal.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn sha256(&self) -> io::Result<String> {
        let digest = Sha256::digest(self.bytes()?);
        Ok(digest.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}")))
    }
}

/// Calls `each` with the line number and the typed content of every row of a CSV file.
///
/// The file is streamed; it must be UTF-8. Rows that do not fit are reported and passed over.
pub fn for_each_row<T: DeserializeOwned>(
    input: &Input,
    problems: &mut Diagnostics,
    each: impl FnMut(usize, T, &mut Diagnostics),
) {
    match input.open() {
        Ok(stream) => walk(input.name(), stream, problems, each),
        Err(error) => problems.push(input.name(), 0, "", error.to_string(), "give a readable file"),
    }
}

/// The line number and the typed content of every row of a CSV file of any encoding that [`Input::text`] knows.
pub fn rows<T: DeserializeOwned>(input: &Input, problems: &mut Diagnostics) -> Vec<(usize, T)> {
    let mut found = Vec::new();
    match input.text() {
        Ok(text) => walk(input.name(), text.as_bytes(), problems, |line, row, _| found.push((line, row))),
        Err(error) => problems.push(input.name(), 0, "", error.to_string(), "give a readable file"),
    }
    found
}

fn walk<T: DeserializeOwned>(
    name: &str,
    stream: impl Read,
    problems: &mut Diagnostics,
    mut each: impl FnMut(usize, T, &mut Diagnostics),
) {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(stream);
    let headers = match reader.headers() {
        Ok(headers) => headers.clone(),
        Err(error) => {
            problems.push(name, 1, "", error.to_string(), "give a CSV file with a header line");
            return;
        }
    };
    let mut errors = 0;
    for record in reader.records() {
        let line = record.as_ref().ok().and_then(|r| r.position()).map_or(0, |p| p.line() as usize);
        match record.and_then(|r| r.deserialize(Some(&headers))) {
            Ok(row) => each(line, row, problems),
            Err(error) => {
                errors += 1;
                let line = error.position().map_or(line, |p| p.line() as usize);
                problems.push(
                    name,
                    line,
                    "",
                    error.to_string(),
                    "give the columns that the importer documents",
                );
                if errors == MOST_ERRORS {
                    return;
                }
            }
        }
    }
}

/// Lower case, blanks of any kind collapsed, typographic quotes made plain: how labels and names are compared.
pub fn normal(text: &str) -> String {
    let plain: String = text.chars().map(|c| if matches!(c, '’' | '‘') { '\'' } else { c }).collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// A quantity to seven significant digits, so that conversions leave no digits of their own.
pub fn rounded(value: f64) -> f64 {
    format!("{value:.6e}").parse().unwrap_or(value)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::io::Write;

    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    struct Row {
        country: String,
        value: f64,
    }

    #[test]
    fn windows_1252_and_a_byte_order_mark_are_understood() {
        let old = Input::inline("old.csv", b"country,value\nC\xf4te d\x92Ivoire,3\n".to_vec());
        let new = Input::inline("new.csv", "\u{feff}country,value\nCôte d’Ivoire,3\n");
        let mut problems = Diagnostics::default();
        for input in [old, new] {
            let found: Vec<(usize, Row)> = rows(&input, &mut problems);
            assert_eq!(
                (found[0].0, found[0].1.country.as_str(), found[0].1.value),
                (2, "Côte d’Ivoire", 3.0)
            );
        }
        assert!(problems.is_empty(), "{problems}");
    }

    #[test]
    fn gzip_is_read_like_plain_text() {
        let mut zipped = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        zipped.write_all(b"country,value\nPeru,1\n").unwrap();
        let input = Input::inline("flows.csv.gz", zipped.finish().unwrap());
        let mut seen = Vec::new();
        let mut problems = Diagnostics::default();
        for_each_row(&input, &mut problems, |_, row: Row, _| seen.push(row.country));
        assert_eq!(seen, ["Peru"]);
    }

    #[test]
    fn an_unreadable_row_is_reported_with_its_line_and_the_rest_is_read() {
        let input = Input::inline("x.csv", "country,value\nPeru,many\nChile,2\n");
        let mut problems = Diagnostics::default();
        let found: Vec<(usize, Row)> = rows(&input, &mut problems);
        assert_eq!(found.len(), 1);
        assert_eq!(problems.iter().next().unwrap().line, 2);
    }

    #[test]
    fn rounding_leaves_seven_digits() {
        assert_eq!(rounded(9670.0 * 599.3), 5_795_231.0);
        assert_eq!(rounded(0.0), 0.0);
        assert_eq!(rounded(0.1 + 0.2), 0.3);
    }
}
