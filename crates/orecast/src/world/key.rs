//! What names a row: the cells of its primary key.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use csv::StringRecord;
use rayon::prelude::*;

use super::package::Schema;
use crate::base::text::LineCounter;

/// Ends a cell within a row's key: the character that is meant for separating units.
const KEY_END: char = '\u{1f}';

/// Keys of rows, as texts.
pub(super) type KeySet = HashSet<String>;

/// Cells of a key's text.
pub(super) fn cells(key: &str) -> impl Iterator<Item = &str> {
    key.split(KEY_END).filter(|cell| !cell.is_empty())
}

/// The columns that name a row of a table.
#[derive(Debug)]
pub(super) struct Key {
    /// Their places in the schema.
    pub(super) places: Vec<usize>,
}

impl Key {
    pub(super) fn new(schema: &Schema) -> Self {
        Self { places: schema.primary_key.iter().filter_map(|name| schema.position(name)).collect() }
    }

    /// The key of a row as one text.
    pub(super) fn text(&self, record: &StringRecord) -> String {
        let mut text = String::new();
        for &place in &self.places {
            text.push_str(&record[place]);
            text.push(KEY_END);
        }
        text
    }

    /// A number that is the same for the same key.
    fn hash(&self, record: &StringRecord) -> u64 {
        // Multiply and rotate, eight bytes at a time: quick, and what looks like a repeat is looked at again.
        const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
        let mix = |hash: u64, word: u64| (hash.rotate_left(5) ^ word).wrapping_mul(FACTOR);
        self.places.iter().fold(0, |hash, &place| {
            let (words, rest) = record[place].as_bytes().as_chunks::<8>();
            let hash = words.iter().fold(hash, |hash, word| mix(hash, u64::from_le_bytes(*word)));
            let tail = rest.iter().fold(rest.len() as u64, |tail, &byte| tail << 8 | u64::from(byte));
            mix(hash, tail)
        })
    }
}

/// Keys of the rows gone by, as numbers, with the lines of the rows.
#[derive(Debug, Default)]
pub(super) struct Seen(Vec<(u64, usize)>);

impl Seen {
    pub(super) fn note(&mut self, key: &Key, record: &StringRecord, line: usize) {
        if !key.places.is_empty() {
            self.0.push((key.hash(record), line));
        }
    }

    pub(super) fn append(&mut self, mut later: Self) {
        self.0.append(&mut later.0);
    }

    /// Rows that share a key with an earlier one: line, line of the earlier one, key. `text` holds the rows of the
    /// file from the byte `body` on, and `key` is in the order of the file's columns.
    pub(super) fn repeats(&mut self, key: &Key, text: &[u8], body: usize) -> Vec<(usize, usize, String)> {
        self.0.par_sort_unstable();
        let alike = self.0.chunk_by(|(a, _), (b, _)| a == b).filter(|group| group.len() > 1);
        let suspects: BTreeSet<usize> = alike.flatten().map(|&(_, line)| line).collect();
        if suspects.is_empty() {
            return Vec::new();
        }
        let mut lines = LineCounter::new(text);
        let mut reader =
            csv::ReaderBuilder::new().flexible(true).has_headers(false).from_reader(&text[body..]);
        let mut first = BTreeMap::new();
        let mut repeats = Vec::new();
        for record in reader.records().flatten() {
            let line = record.position().map_or(0, |position| lines.line_at(body + position.byte() as usize));
            if !suspects.contains(&line) || key.places.iter().any(|&place| place >= record.len()) {
                continue;
            }
            let text = key.text(&record);
            match first.get(&text) {
                Some(&earlier) => repeats.push((line, earlier, text)),
                None => _ = first.insert(text, line),
            }
        }
        repeats
    }
}
