//! Numbers of many draws, cell by cell: in memory, or beyond a size in a temporary file.

use std::{
    fs::File,
    io,
    sync::{Arc, Mutex, PoisonError},
};

/// Cells of some draws, one cell's draws side by side.
#[derive(Debug)]
enum Place {
    Memory(Vec<f64>),
    File(Arc<Spill>, u64),
}

/// The same cells of all draws.
#[derive(Debug, Default)]
pub(super) struct Cells {
    batches: Vec<(usize, Place)>,
}

impl Cells {
    /// Adds draws, whose cells are `of_draw` by draw; to a file where one is given and can be written.
    pub(super) fn push(&mut self, cells: usize, of_draw: &[&[f64]], spill: Option<&Arc<Spill>>) {
        let draws = of_draw.len();
        let mut turned = vec![0.0; cells * draws];
        for (d, values) in of_draw.iter().enumerate() {
            for (cell, value) in values.iter().enumerate() {
                turned[cell * draws + d] = *value;
            }
        }
        let place = match spill.map(|spill| (spill, spill.append(&turned))) {
            Some((spill, Ok(offset))) => Place::File(Arc::clone(spill), offset),
            // A full disk is no reason to stop while there is memory.
            _ => Place::Memory(turned),
        };
        self.batches.push((draws, place));
    }

    /// The draws of one cell.
    ///
    /// # Panics
    /// When the temporary file cannot be read any more.
    pub(super) fn draws(&self, cell: usize) -> Vec<f64> {
        let mut all = Vec::with_capacity(self.batches.iter().map(|(draws, _)| draws).sum());
        for (draws, place) in &self.batches {
            match place {
                Place::Memory(values) => all.extend_from_slice(&values[cell * draws..(cell + 1) * draws]),
                Place::File(spill, offset) => {
                    let read = spill.read(offset + (8 * cell * draws) as u64, *draws, &mut all);
                    assert!(read.is_ok(), "the temporary file of the draws cannot be read: {read:?}");
                }
            }
        }
        all
    }
}

/// A temporary file of numbers; the system removes it with the process.
#[derive(Debug)]
pub(super) struct Spill {
    file: Mutex<(File, u64)>,
}

impl Spill {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self { file: Mutex::new((tempfile::tempfile()?, 0)) })
    }

    /// Writes numbers at the end; returns where they begin.
    fn append(&self, values: &[f64]) -> io::Result<u64> {
        use std::io::{Seek, SeekFrom, Write};
        let mut held = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let (file, end) = &mut *held;
        let start = *end;
        file.seek(SeekFrom::Start(start))?;
        let mut bytes = Vec::with_capacity(8 * PIECE);
        for piece in values.chunks(PIECE) {
            bytes.clear();
            bytes.extend(piece.iter().flat_map(|value| value.to_le_bytes()));
            file.write_all(&bytes)?;
        }
        *end = start + 8 * values.len() as u64;
        Ok(start)
    }

    /// Reads numbers and adds them to a list.
    fn read(&self, offset: u64, count: usize, to: &mut Vec<f64>) -> io::Result<()> {
        use std::io::{Read, Seek, SeekFrom};
        let mut bytes = vec![0; 8 * count];
        {
            let mut held = self.file.lock().unwrap_or_else(PoisonError::into_inner);
            held.0.seek(SeekFrom::Start(offset))?;
            held.0.read_exact(&mut bytes)?;
        }
        let number = |bytes: &[u8]| f64::from_le_bytes(bytes.try_into().unwrap_or_default());
        to.extend(bytes.chunks_exact(8).map(number));
        Ok(())
    }
}

/// Numbers that are turned into bytes at a time.
const PIECE: usize = 1 << 16;

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_file_gives_back_what_memory_does() {
        let spill = Arc::new(Spill::new().unwrap());
        let (mut memory, mut file) = (Cells::default(), Cells::default());
        let draws: Vec<Vec<f64>> =
            (0..7).map(|d| (0..5).map(|c| f64::from(d * 10 + c) / 3.0).collect()).collect();
        for batch in draws.chunks(3) {
            let batch: Vec<&[f64]> = batch.iter().map(Vec::as_slice).collect();
            memory.push(5, &batch, None);
            file.push(5, &batch, Some(&spill));
        }
        for cell in 0..5 {
            let wanted: Vec<f64> = draws.iter().map(|draw| draw[cell]).collect();
            assert_eq!(memory.draws(cell), wanted);
            assert_eq!(file.draws(cell), wanted);
        }
    }
}
