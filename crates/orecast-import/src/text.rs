//! Publisher files as text: where they come from and how they are encoded.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Cursor, Read},
    path::{Path, PathBuf},
};

use flate2::read::GzDecoder;
use sha2::{Digest, Sha256};

pub use super::rows::rows;
pub use orecast::base::text::{decoded, rounded};

/// Bytes of a file that is held whole; flows, which are larger, are streamed.
const MOST_BYTES: u64 = 256 << 20;

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

    /// The decompressed bytes of a file that fits into memory.
    ///
    /// # Errors
    /// When the file cannot be read or decompressed, or is too large to be what an importer expects.
    pub fn whole(&self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.open()?.take(MOST_BYTES + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > MOST_BYTES {
            return Err(io::Error::other(format!("holds more than {} MiB", MOST_BYTES >> 20)));
        }
        Ok(bytes)
    }

    /// The whole text: UTF-8 or UTF-16 by its byte-order mark, plain UTF-8, else Windows-1252, which holds Latin-1 (as older
    /// USGS releases and the UN file are).
    ///
    /// # Errors
    /// Those of [`Self::whole`].
    pub fn text(&self) -> io::Result<String> {
        Ok(decoded(&self.whole()?))
    }

    /// The first line, as far as it can mean anything.
    ///
    /// # Errors
    /// When the file cannot be read or decompressed.
    pub fn first_line(&self) -> io::Result<String> {
        let mut line = Vec::new();
        BufReader::new(self.open()?.take(1 << 16)).read_until(b'\n', &mut line)?;
        Ok(decoded(&line))
    }

    /// SHA-256 of the raw bytes in hexadecimal.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn sha256(&self) -> io::Result<String> {
        let mut raw: Box<dyn Read + '_> = match &self.body {
            Body::Path(path) => Box::new(File::open(path)?),
            Body::Bytes(bytes) => Box::new(bytes.as_slice()),
        };
        let mut hasher = Sha256::new();
        let mut block = vec![0; 1 << 16];
        loop {
            match raw.read(&mut block)? {
                0 => break,
                read => hasher.update(&block[..read]),
            }
        }
        let digest = hasher.finalize();
        Ok(digest.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}")))
    }
}

/// Lower case, blanks of any kind collapsed, typographic quotes made plain: how labels and names are compared.
pub fn normal(text: &str) -> String {
    let plain: String = text.chars().map(|c| if matches!(c, '’' | '‘') { '\'' } else { c }).collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn windows_1252_utf_16_and_byte_order_marks_are_understood() {
        let utf_16: Vec<u8> =
            "\u{feff}Côte d’Ivoire".encode_utf16().flat_map(|unit| unit.to_le_bytes().to_vec()).collect();
        for bytes in [
            b"C\xf4te d\x92Ivoire".to_vec(),
            "\u{feff}Côte d’Ivoire".as_bytes().to_vec(),
            "Côte d’Ivoire".as_bytes().to_vec(),
            utf_16,
        ] {
            assert_eq!(Input::inline("x.csv", bytes).text().unwrap(), "Côte d’Ivoire");
        }
    }

    #[test]
    fn gzip_is_read_like_plain_text_and_hashed_as_it_is() {
        let mut zipped = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        zipped.write_all(b"country,value\nPeru,1\n").unwrap();
        let bytes = zipped.finish().unwrap();
        let input = Input::inline("flows.csv.gz", bytes.clone());
        assert_eq!(input.text().unwrap(), "country,value\nPeru,1\n");
        assert_ne!(input.sha256().unwrap(), Input::inline("x", input.text().unwrap()).sha256().unwrap());
        assert_eq!(input.sha256().unwrap().len(), 64);
        let cut = Input::inline("cut.csv.gz", &bytes[..bytes.len() - 6]);
        assert!(cut.text().is_err());
    }

    #[test]
    fn rounding_leaves_seven_digits() {
        assert_eq!(rounded(9670.0 * 599.3), 5_795_231.0);
        assert_eq!(rounded(0.0), 0.0);
        assert_eq!(rounded(0.1 + 0.2), 0.3);
    }
}
