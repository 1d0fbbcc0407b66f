//! Own data: a folder of rows laid over the package, which add to its rows, replace or withdraw them.

use std::{collections::BTreeMap, fs, io, path::Path};

use csv::StringRecord;
use serde::{Deserialize, Serialize};

use super::{
    key,
    package::{Package, Resource},
};
use crate::base::{
    diagnostic::{Diagnostics, did_you_mean},
    id::SourceId,
};

/// How a source of own data stands to the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// Its figures must not be passed on.
    pub confidential: bool,
    /// Its figures come before those of the package.
    pub preferred: bool,
}

/// A row by its table and the cells of its key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct RowKey {
    /// Table.
    pub table: String,
    /// Filled cells of the key, in the order of the table's columns.
    pub key: Vec<String>,
}

impl RowKey {
    pub(super) fn new(table: &str, key: &str) -> Self {
        Self { table: table.to_owned(), key: key::cells(key).map(str::to_owned).collect() }
    }
}

/// What a folder of own data changed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Layer {
    /// Name of the folder.
    pub name: String,
    /// Sources that it declares.
    pub sources: BTreeMap<SourceId, Standing>,
    /// Number of rows that it adds.
    pub added: usize,
    /// Rows beneath that its rows replace.
    pub replaced: Vec<RowKey>,
    /// Rows beneath that it withdraws.
    pub withdrawn: Vec<RowKey>,
    /// Whether rows rest on a source that it marks as confidential.
    pub confidential: bool,
}

impl Layer {
    /// The layer in a few words, such as `own data: mydata (2 rows added, 1 replaced)`.
    pub fn in_words(&self) -> String {
        let rows = if self.added == 1 { "row" } else { "rows" };
        let mut parts = vec![format!("{} {rows} added", self.added)];
        parts.extend(Some(&self.replaced).filter(|r| !r.is_empty()).map(|r| format!("{} replaced", r.len())));
        parts.extend(
            Some(&self.withdrawn).filter(|w| !w.is_empty()).map(|w| format!("{} withdrawn", w.len())),
        );
        parts.extend(self.confidential.then(|| "confidential".to_owned()));
        format!("own data: {} ({})", self.name, parts.join(", "))
    }
}

/// Places of the columns that only own data has.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Extras {
    pub(super) withdraw: Option<usize>,
    pub(super) confidential: Option<usize>,
    pub(super) preferred: Option<usize>,
}

impl Extras {
    /// Finds them in a header; the standing of a source is said in `sources` alone.
    pub(super) fn find(table: &str, header: &StringRecord) -> Self {
        let place = |name: &str| header.iter().position(|column| column == name);
        let of_sources = |name: &str| if table == "sources" { place(name) } else { None };
        Self {
            withdraw: place("withdraw"),
            confidential: of_sources("confidential"),
            preferred: of_sources("preferred"),
        }
    }

    pub(super) fn contains(self, place: usize) -> bool {
        [self.withdraw, self.confidential, self.preferred].contains(&Some(place))
    }
}

/// What one file has to do with layers; keys are texts of [`super::key::Key`].
#[derive(Debug, Default)]
pub(super) struct Layered {
    /// Rows of own data that stand.
    pub(super) own: Vec<String>,
    /// Rows to withdraw, with their lines.
    pub(super) withdrawn: Vec<(String, usize)>,
    /// Rows that a layer above replaces or withdraws.
    pub(super) covered: Vec<String>,
    /// Sources of own data.
    pub(super) standing: Vec<(String, Standing)>,
}

impl Layered {
    pub(super) fn append(&mut self, mut next: Self) {
        self.own.append(&mut next.own);
        self.withdrawn.append(&mut next.withdrawn);
        self.covered.append(&mut next.covered);
        self.standing.append(&mut next.standing);
    }
}

/// Reports a folder of own data that cannot be read, files in it that are no tables, and one without any table.
pub(super) fn check_folder(folder: &Path, package: &Package) -> Diagnostics {
    let mut report = Diagnostics::default();
    let shown = folder.display().to_string();
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => {
            let remedy = "name a folder of own data; `orecast data new-layer DIR` writes an empty one";
            report.push(&shown, 0, "", format!("cannot be read: {error}"), remedy);
            return report;
        }
    };
    let files = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok());
    let mut files: Vec<String> = files.filter(|file| has_extension(file, "csv")).collect();
    files.sort_unstable();
    for file in &files {
        let tables = package.resources.iter().map(|resource| resource.path.as_str());
        if tables.clone().all(|table| table != file) {
            let remedy = did_you_mean(file, tables, "name it after a table of the package, or move it away");
            report.push(&folder.join(file).display().to_string(), 0, "", "there is no such table", remedy);
        }
    }
    if files.is_empty() {
        let remedy = "`orecast data new-layer DIR` writes a folder with empty tables";
        report.push(&shown, 0, "", "there is no table in this folder", remedy);
    }
    report
}

/// Tables that a new folder of own data begins with.
const FIRST_TABLES: [&str; 4] = ["production", "prices", "projects", "sources"];

/// Writes an empty folder of own data: a few tables with their header alone, and a README that says how to go on. With
/// `tables`, those tables beside `sources`.
///
/// # Errors
/// When the folder exists and is not empty, or cannot be written.
pub fn write_new(folder: &Path, package: &Package, tables: &[&Resource]) -> io::Result<Vec<String>> {
    if fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, "the folder is not empty"));
    }
    fs::create_dir_all(folder)?;
    let wanted = |resource: &&Resource| match tables {
        [] => FIRST_TABLES.contains(&resource.name.as_str()),
        tables => resource.name == "sources" || tables.iter().any(|table| table.name == resource.name),
    };
    let mut written = vec!["README.md".to_owned()];
    fs::write(folder.join("README.md"), include_str!("layer/README.md"))?;
    for resource in package.resources.iter().filter(wanted) {
        let mut header: Vec<&str> = resource.schema.fields.iter().map(|field| field.name.as_str()).collect();
        header.extend(
            (resource.name == "sources").then_some(["confidential", "preferred"]).into_iter().flatten(),
        );
        header.push("withdraw");
        fs::write(folder.join(&resource.path), header.join(",") + "\n")?;
        written.push(resource.path.clone());
    }
    Ok(written)
}

fn has_extension(file: &str, extension: &str) -> bool {
    Path::new(file).extension().is_some_and(|found| found == extension)
}

#[cfg(test)]
mod tests;
