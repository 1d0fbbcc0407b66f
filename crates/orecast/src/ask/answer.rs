//! An answer: head, view, and the data behind it.

use std::{fmt, io, sync::Arc};

use serde::Serialize;

use super::question::{LazyResults, Results};
use crate::answer::view::View;
use crate::base::columns::Columns;
use crate::studies::manifest::{FileHash, LayerHash, PackageHash, VERSION};

/// Version of the form of answers as JSON; it rises when a documented field changes its meaning or goes.
pub(super) const FORMAT: u32 = 1;

/// What is said of every answer, whatever it is about.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Head {
    /// Kind of question, such as `shock`.
    pub kind: &'static str,
    /// Version of the form of answers.
    pub format: u32,
    /// Version of the program.
    pub version: &'static str,
    /// Date up to which facts were used; absent when all of them were.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_of: Option<String>,
    /// Date of the newest dated fact among those used; absent where the answer uses no facts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub newest_fact: Option<String>,
    /// The question as it was understood.
    pub question: serde_json::Value,
    /// What was read, by content.
    pub inputs: Inputs,
    /// Seed of the draws; absent where nothing was drawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// Number of draws.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub draws: Option<usize>,
    /// Whether confidential own data is among the inputs: the answer must not be passed on.
    pub confidential: bool,
    /// What the answer does not cover.
    pub limits: Vec<String>,
    /// Markets that were asked for and not solved.
    pub unsolved: Unsolved,
}

/// What an answer was made from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Inputs {
    /// The data package: one hash over all its files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub package: Option<String>,
    /// Folders of own data over it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub own: Vec<OwnInput>,
    /// Other files: a case with its presets, a market, a register.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<FileHash>,
}

/// A folder of own data by its content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OwnInput {
    /// Name of the folder.
    pub name: String,
    /// Whether rows rest on a source that it marks as confidential.
    pub confidential: bool,
    /// One hash over its tables.
    pub sha256: String,
}

impl Inputs {
    /// The hashes of a package and of own data over it.
    pub(super) fn of((package, layers): &(PackageHash, Vec<LayerHash>)) -> Self {
        let own = |layer: &LayerHash| OwnInput {
            name: layer.name.clone(),
            confidential: layer.confidential,
            sha256: layer.content.sha256.clone(),
        };
        Self {
            package: Some(package.sha256.clone()),
            own: layers.iter().map(own).collect(),
            files: Vec::new(),
        }
    }
}

/// Markets asked for and solved; what was not solved is said first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Unsolved {
    /// Markets that the answer rests on.
    pub markets: usize,
    /// Those without an equilibrium.
    pub failed: usize,
}

/// A document that can be written as JSON.
pub(crate) type Document = Box<dyn erased_serde::Serialize + Send + Sync>;
/// Writes the documented table of a question; the flag says whether its rows are confidential.
type Rows = Box<dyn Fn(&mut dyn io::Write, bool) -> io::Result<()> + Send + Sync>;

/// The data behind an answer.
pub struct Data {
    /// All that was computed, as one JSON object with documented fields.
    pub(crate) document: Document,
    /// The documented table of the question as CSV, where it has one.
    pub(crate) rows: Option<Rows>,
    /// The same table by columns, for files that are typed.
    pub(crate) columns: Option<Arc<Columns>>,
    /// Result rows and manifest of a run, as files hold them.
    pub(crate) results: Option<LazyResults>,
}

impl Data {
    /// Data that is one document.
    pub fn of(document: impl Serialize + Send + Sync + 'static) -> Self {
        Self { document: Box::new(document), rows: None, columns: None, results: None }
    }

    /// The same with the documented table of the question as CSV. The writer is told whether rows are confidential and then
    /// adds a column that says so.
    #[must_use]
    pub fn with_rows(
        self,
        rows: impl Fn(&mut dyn io::Write, bool) -> io::Result<()> + Send + Sync + 'static,
    ) -> Self {
        Self { rows: Some(Box::new(rows)), ..self }
    }

    /// The same with the documented table of the question by columns.
    #[must_use]
    pub fn with_columns(self, columns: Columns) -> Self {
        let columns = Arc::new(columns);
        let table = Arc::clone(&columns);
        let rows = move |out: &mut dyn io::Write, confidential: bool| {
            Columns::clone(&table).marked(confidential).write_csv(out)
        };
        Self { columns: Some(columns), ..self.with_rows(rows) }
    }

    /// The same with the result rows and the manifest of a run.
    #[must_use]
    pub(crate) fn with_results(self, results: LazyResults) -> Self {
        Self { results: Some(results), ..self }
    }

    /// The documented table of the question by columns, where it has one.
    pub fn columns(&self) -> Option<&Arc<Columns>> {
        self.columns.as_ref()
    }

    /// Result rows and manifest of a run; absent for other questions.
    pub fn results(&self) -> Option<&Results> {
        self.results.as_ref().map(|results| &***results)
    }

    /// The document as a JSON value.
    ///
    /// # Errors
    /// Never for the documents that this library makes.
    pub fn value(&self) -> serde_json::Result<serde_json::Value> {
        serde_json::to_value(&self.document)
    }
}

impl fmt::Debug for Data {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Data").finish_non_exhaustive()
    }
}

/// What a question gets.
#[derive(Debug)]
pub struct Answer {
    /// What is said of every answer.
    pub head: Head,
    /// What a reader gets.
    pub view: View,
    /// All that was computed.
    pub data: Data,
}

impl Answer {
    /// An answer that no engine gave, such as what an importer wrote; its data are its view.
    pub fn outside(kind: &'static str, view: View) -> Self {
        let head = Head {
            kind,
            format: FORMAT,
            version: VERSION,
            as_of: None,
            newest_fact: None,
            question: serde_json::Value::Null,
            inputs: Inputs::default(),
            seed: None,
            draws: None,
            confidential: false,
            limits: Vec::new(),
            unsolved: Unsolved::default(),
        };
        Self { head, view, data: Data::of(serde_json::Map::new()) }
    }
}

/// What a question returns; the engine adds the head.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) view: View,
    pub(crate) data: Data,
    pub(crate) sampling: Option<(usize, u64)>,
    pub(crate) limits: Vec<String>,
    pub(crate) unsolved: Unsolved,
    pub(crate) files: Vec<FileHash>,
}

impl Reply {
    /// A reply that was not drawn and left no market unsolved.
    pub(crate) fn new(view: View, data: Data) -> Self {
        Self {
            view,
            data,
            sampling: None,
            limits: Vec::new(),
            unsolved: Unsolved::default(),
            files: Vec::new(),
        }
    }

    /// The same with the number of draws and their seed.
    pub(crate) fn drawn(self, draws: usize, seed: u64) -> Self {
        Self { sampling: Some((draws, seed)), ..self }
    }
}
