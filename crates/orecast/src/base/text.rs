//! Text as it comes and figures as they are stored.

use csv::Position;
use encoding_rs::Encoding;

/// The text of bytes in any of the encodings that publishers use.
pub fn decoded(bytes: &[u8]) -> String {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return encoding.decode_without_bom_handling(&bytes[mark..]).0.into_owned();
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => encoding_rs::WINDOWS_1252.decode(bytes).0.into_owned(),
    }
}

/// A quantity to seven significant digits, so that conversions leave no digits of their own.
pub fn rounded(value: f64) -> f64 {
    format!("{value:.6e}").parse().unwrap_or(value)
}

/// Lines of records. The reader's own count is one short where lines end in CR LF, which spreadsheets write.
#[derive(Debug)]
pub struct LineCounter<'a> {
    text: &'a [u8],
    byte: usize,
    line: usize,
}

impl<'a> LineCounter<'a> {
    /// Counts the lines of a text from its beginning.
    pub fn new(text: &'a [u8]) -> Self {
        Self { text, byte: 0, line: 1 }
    }

    /// Line on which the record at a position begins; positions must not go back. 0 when there is none.
    pub fn line(&mut self, position: Option<&Position>) -> usize {
        position.map_or(0, |position| self.line_at(position.byte() as usize))
    }

    /// Line on which the record at a byte begins; bytes must not go back.
    pub fn line_at(&mut self, byte: usize) -> usize {
        // A record may be placed at the line ends before it.
        let rest = self.text.get(byte..).unwrap_or_default();
        let begin = self.text.len() - rest.trim_ascii_start().len();
        let passed = self.text.get(self.byte..begin).unwrap_or_default();
        self.line += count_line_ends(passed);
        self.byte = self.byte.max(begin);
        self.line
    }
}

/// Line ends in a text.
pub(crate) fn count_line_ends(text: &[u8]) -> usize {
    // So few at a time that a byte holds the count, which lets the compiler look at many bytes at once.
    let count = |some: &[u8]| some.iter().map(|&byte| u8::from(byte == b'\n')).sum::<u8>();
    text.chunks(usize::from(u8::MAX)).map(|some| usize::from(count(some))).sum()
}
