//! Result files of a run: one long table as CSV and Parquet, and a manifest that says what made it.
//!
//! The same inputs, seed and version give the same bytes: rows are sorted, nothing depends on the clock.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use crate::studies::{
    manifest::{FileHash, Manifest},
    rows::{ResultRow, sort},
};

mod columns;
#[cfg(test)]
mod tests;

pub use columns::{write_parquet, write_table};

/// File names inside a result folder.
pub const CSV_FILE: &str = "results.csv";
/// The same rows as [`CSV_FILE`], typed and compressed.
pub const PARQUET_FILE: &str = "results.parquet";
/// What made the results; written last, so a folder with a manifest is complete.
pub const MANIFEST_FILE: &str = "manifest.json";

/// Why results could not be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// A file or folder could not be created, written or renamed.
    #[error("cannot write {path}: {source}", path = path.display())]
    File {
        /// File or folder meant.
        path: PathBuf,
        /// Reason given by the system.
        source: io::Error,
    },
    /// A row does not fit CSV.
    #[error("cannot write rows as CSV: {0}")]
    Csv(#[from] csv::Error),
    /// A row does not fit Parquet.
    #[error("cannot write rows as Parquet: {0}")]
    Parquet(#[from] parquet::errors::ParquetError),
    /// The manifest does not fit JSON.
    #[error("cannot write the manifest as JSON: {0}")]
    Json(#[from] serde_json::Error),
}

impl WriteError {
    fn file(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { path, source }
    }
}

/// Last column of results that rest on confidential own data; each of its cells says `yes`.
pub const CONFIDENTIAL: &str = "confidential";

/// Writes rows as CSV with a header line, in the order given; with the column [`CONFIDENTIAL`] where asked.
///
/// # Errors
/// When `out` cannot be written to.
pub fn write_csv(out: impl io::Write, rows: &[ResultRow], confidential: bool) -> Result<(), WriteError> {
    let mut writer = csv::WriterBuilder::new().has_headers(false).from_writer(out);
    let mark = confidential.then_some("yes");
    writer.write_record(columns::NAMES.into_iter().chain(mark.map(|_| CONFIDENTIAL)))?;
    for row in rows {
        writer.serialize((row, mark.as_slice()))?;
    }
    Ok(writer.flush().map_err(csv::Error::from)?)
}

/// Writes `results.csv`, `results.parquet` and `manifest.json` into `dir`, creating it if needed.
///
/// Rows are sorted and the manifest's `outputs` filled in here. All files are first written in full beside `dir`,
/// then renamed into it, the manifest last; other files in `dir` stay as they are. After a failure no
/// half-written file remains, and an old manifest never stands beside new rows.
///
/// # Errors
/// When a file cannot be written.
pub fn write_results(dir: &Path, mut rows: Vec<ResultRow>, mut manifest: Manifest) -> Result<(), WriteError> {
    sort(&mut rows);
    let confidential = manifest.is_confidential();
    let mut csv = Vec::new();
    write_csv(&mut csv, &rows, confidential)?;
    let mut parquet = Vec::new();
    write_parquet(&mut parquet, &rows, confidential)?;
    manifest.outputs = vec![FileHash::of(CSV_FILE, &csv), FileHash::of(PARQUET_FILE, &parquet)];
    let manifest = manifest.to_json()?;
    write_whole(dir, &[(CSV_FILE, &csv), (PARQUET_FILE, &parquet), (MANIFEST_FILE, manifest.as_bytes())])
}

/// Writes named files into `dir` so that each is whole or not there. The last one completes the set: its old
/// version is removed before any other file is replaced.
///
/// # Errors
/// When a file cannot be written.
pub fn write_whole(dir: &Path, files: &[(&str, &[u8])]) -> Result<(), WriteError> {
    let Some(&(last, _)) = files.last() else {
        return Ok(());
    };
    // Same file system as `dir`, so that a rename is one step.
    let beside = dir.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(beside).map_err(WriteError::file(beside))?;
    let staging =
        tempfile::Builder::new().prefix(".orecast-").tempdir_in(beside).map_err(WriteError::file(beside))?;
    for (name, bytes) in files {
        let path = staging.path().join(name);
        fs::write(&path, bytes).map_err(WriteError::file(&path))?;
    }
    fs::create_dir_all(dir).map_err(WriteError::file(dir))?;
    let sealed = dir.join(last);
    match fs::remove_file(&sealed) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(WriteError::file(&sealed)(error));
        }
        _ => {}
    }
    for (name, _) in files {
        let path = dir.join(name);
        fs::rename(staging.path().join(name), &path).map_err(WriteError::file(&path))?;
    }
    Ok(())
}
