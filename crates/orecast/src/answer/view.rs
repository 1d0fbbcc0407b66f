//! What a reader gets, before any face renders it: sentences, tables of typed cells, notes and sources.
//!
//! A cell is a figure, not a string: what is beyond the calibrated range, withheld or absent is decided where the number is made, so
//! text, JSON, pages and spreadsheets cannot differ. Every figure carries the text that people read; a face never rounds.

use std::borrow::Cow;

use serde::Serialize;

pub use super::cell::{Cell, Why};
use super::figure::Figure;
use crate::{
    base::id::{Iso3, MineralId, SourceId},
    world::{World, table::SourceRow},
};

/// An answer as it is read from top to bottom.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct View {
    /// What the answer is about.
    pub title: String,
    /// The answer in sentences that can be quoted.
    pub lead: Vec<Sentence>,
    /// Tables with their headings.
    pub sections: Vec<Section>,
    /// What a reader must know to read the figures: what ranges hold, what is not covered.
    pub notes: Vec<String>,
    /// Where the figures come from.
    pub sources: Vec<SourceLine>,
}

impl View {
    /// A view with a title and nothing else yet.
    pub fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), ..Self::default() }
    }

    /// Adds a section, unless it says nothing.
    pub fn push(&mut self, section: Section) {
        if !section.is_empty() {
            self.sections.push(section);
        }
    }

    /// Adds a sentence to the lead.
    pub fn say(&mut self, sentence: Sentence) {
        self.lead.push(sentence);
    }

    /// Adds a note, unless it is empty.
    pub fn note(&mut self, note: impl Into<String>) {
        let note = note.into();
        if !note.is_empty() {
            self.notes.push(note);
        }
    }

    /// The view as documents hold it: what is easily passed on is without secret figures.
    pub fn for_documents(&self) -> Cow<'_, Self> {
        if self.figures().iter().all(|(_, figure)| !figure.secret) {
            return Cow::Borrowed(self);
        }
        let mut view = self.clone();
        for section in &mut view.sections {
            for row in section.table.iter_mut().flat_map(|table| &mut table.rows) {
                for cell in &mut row.cells {
                    if matches!(cell, Cell::Figure(figure) if figure.secret) {
                        *cell = Cell::absent(Why::Confidential);
                    }
                }
            }
        }
        Cow::Owned(view)
    }

    /// Every figure of the view, with the place where it stands: section, row or sentence, column or name.
    pub fn figures(&self) -> Vec<(String, &Figure)> {
        let mut list = Vec::new();
        for sentence in &self.lead {
            sentence.collect("lead", &mut list);
        }
        for section in &self.sections {
            for sentence in &section.lead {
                sentence.collect(&section.id, &mut list);
            }
            let Some(table) = &section.table else { continue };
            for (r, row) in table.rows.iter().enumerate() {
                for (column, cell) in table.columns.iter().zip(&row.cells) {
                    if let Cell::Figure(figure) = cell {
                        list.push((format!("{}/{}/{}", section.id, r + 1, column.id), figure));
                    }
                }
            }
        }
        list
    }
}

/// A sentence with the figures that it says.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Sentence {
    /// What it is about, such as `output`: the same in every run of the same question.
    pub id: String,
    /// The sentence.
    pub text: String,
    /// Its figures by name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub figures: Vec<NamedFigure>,
    /// In how many of the draws the direction that the sentence states holds, and of how many.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub runs: Option<(usize, usize)>,
}

/// A figure of a sentence.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NamedFigure {
    /// Name, such as an arm.
    pub name: String,
    /// Figure.
    #[serde(flatten)]
    pub figure: Figure,
}

impl Sentence {
    /// A sentence without figures of its own.
    pub fn new(id: impl Into<String>, text: impl Into<String>) -> Self {
        Self { id: id.into(), text: text.into(), figures: Vec::new(), runs: None }
    }

    /// Names a figure that the text holds.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, figure: Figure) -> Self {
        self.figures.push(NamedFigure { name: name.into(), figure });
        self
    }

    fn collect<'a>(&'a self, place: &str, list: &mut Vec<(String, &'a Figure)>) {
        let name = |figure: &NamedFigure| format!("{place}/{}/{}", self.id, figure.name);
        list.extend(self.figures.iter().map(|figure| (name(figure), &figure.figure)));
    }

    /// Says in how many of the draws its direction holds.
    #[must_use]
    pub fn in_runs(mut self, count: usize, draws: usize) -> Self {
        self.runs = Some((count, draws));
        self
    }
}

/// A table with its heading.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Section {
    /// Name of the section in files and links: the same in every answer to the same question.
    pub id: String,
    /// Heading; empty where the section follows the lead at once.
    pub heading: String,
    /// Sentences before the table.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lead: Vec<Sentence>,
    /// The table.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table: Option<Table>,
    /// Notes under the table.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

impl Section {
    /// A section without a table yet.
    pub fn new(id: impl Into<String>, heading: impl Into<String>) -> Self {
        Self { id: id.into(), heading: heading.into(), ..Self::default() }
    }

    /// A section that is a table.
    pub fn of(id: impl Into<String>, heading: impl Into<String>, table: Table) -> Self {
        Self { table: Some(table).filter(|table| !table.rows.is_empty()), ..Self::new(id, heading) }
    }

    /// Adds a note under the table, unless it is empty.
    #[must_use]
    pub fn with_note(mut self, note: impl Into<String>) -> Self {
        let note = note.into();
        if !note.is_empty() {
            self.notes.push(note);
        }
        self
    }

    /// Adds a sentence before the table.
    #[must_use]
    pub fn with_sentence(mut self, sentence: Sentence) -> Self {
        self.lead.push(sentence);
        self
    }

    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        self.table.is_none() && self.lead.is_empty() && self.notes.is_empty()
    }
}

/// Columns and rows.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Table {
    /// Columns.
    pub columns: Vec<Column>,
    /// Rows, each with a cell for every column.
    pub rows: Vec<Row>,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Column {
    /// Name in files: the same in every answer to the same question.
    pub id: String,
    /// Head as people read it.
    pub title: String,
    /// Whether its cells are numbers, which stand flush right.
    pub right: bool,
}

impl Column {
    /// A column of words; its name in files is the head in small letters with hyphens.
    pub fn words(title: impl Into<String>) -> Self {
        let title = title.into();
        Self { id: slug(&title), title, right: false }
    }

    /// A column of numbers.
    pub fn numbers(title: impl Into<String>) -> Self {
        Self { right: true, ..Self::words(title) }
    }

    /// The same column under another name in files.
    #[must_use]
    pub fn named(self, id: impl Into<String>) -> Self {
        Self { id: id.into(), ..self }
    }
}

/// Small letters and digits with hyphens between words.
fn slug(title: &str) -> String {
    let plain: String = title.chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
    plain.to_lowercase().split_whitespace().collect::<Vec<_>>().join("-")
}

/// A row.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// What kind of row it is.
    #[serde(skip_serializing_if = "RowKind::is_plain")]
    pub kind: RowKind,
    /// Cells, one for every column.
    pub cells: Vec<Cell>,
}

/// What kind of row it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RowKind {
    /// One subject.
    #[default]
    Plain,
    /// The first of a group of rows.
    Group,
    /// A sum of other rows.
    Sum,
}

impl RowKind {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde calls")]
    fn is_plain(&self) -> bool {
        *self == Self::Plain
    }
}

impl Table {
    /// A table without rows.
    pub fn new(columns: impl IntoIterator<Item = Column>) -> Self {
        Self { columns: columns.into_iter().collect(), rows: Vec::new() }
    }

    /// A table whose heads say which columns hold numbers: a head that begins with `>` makes its column flush right.
    pub fn titled<T: AsRef<str>>(heads: impl IntoIterator<Item = T>) -> Self {
        let column = |head: T| match head.as_ref().strip_prefix('>') {
            Some(title) => Column::numbers(title),
            None => Column::words(head.as_ref()),
        };
        Self::new(heads.into_iter().map(column))
    }

    /// Adds a row; missing cells stay empty, cells beyond the columns are left out.
    pub fn row(&mut self, cells: impl IntoIterator<Item = Cell>) {
        self.add(RowKind::Plain, cells);
    }

    /// Adds the first row of a group.
    pub fn group(&mut self, cells: impl IntoIterator<Item = Cell>) {
        self.add(RowKind::Group, cells);
    }

    /// Adds a row that sums others.
    pub fn sum(&mut self, cells: impl IntoIterator<Item = Cell>) {
        self.add(RowKind::Sum, cells);
    }

    /// Adds a row of a kind.
    pub fn add(&mut self, kind: RowKind, cells: impl IntoIterator<Item = Cell>) {
        let mut cells: Vec<Cell> = cells.into_iter().collect();
        cells.resize(self.columns.len(), Cell::Empty);
        self.rows.push(Row { kind, cells });
    }
}

/// A source as it is listed under an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SourceLine {
    /// Identifier in `sources.csv`.
    pub id: SourceId,
    /// Title with edition.
    pub title: String,
    /// Publisher.
    pub publisher: String,
    /// Terms of use.
    pub licence: String,
    /// Address.
    pub url: String,
}

impl From<&SourceRow> for SourceLine {
    fn from(row: &SourceRow) -> Self {
        let SourceRow { id, title, publisher, licence, url, .. } = row;
        Self {
            id: id.clone(),
            title: title.clone(),
            publisher: publisher.clone(),
            licence: licence.clone(),
            url: url.clone(),
        }
    }
}

/// The sources that a view cites, each once, in the order of their identifiers.
pub fn cited<'a>(world: &World, ids: impl IntoIterator<Item = &'a SourceId>) -> Vec<SourceLine> {
    let ids: std::collections::BTreeSet<&SourceId> = ids.into_iter().collect();
    ids.into_iter().filter_map(|id| world.source(id)).map(SourceLine::from).collect()
}

/// A country's usual name; `World` and `All others` for sums.
pub fn country_name(world: &World, iso3: Iso3) -> String {
    match iso3.as_str() {
        "WLD" => return "World".to_owned(),
        "ROW" => return "All others".to_owned(),
        _ => {}
    }
    world.country(iso3).map_or_else(|| iso3.to_string(), |row| row.name.clone())
}

/// A country's name as it stands within a sentence: `the United States`.
pub fn country_in_text(world: &World, iso3: Iso3) -> String {
    with_article(&country_name(world, iso3))
}

/// A name with its article, where it takes one.
pub fn with_article(name: &str) -> String {
    let takes_one = name.starts_with("United ") || name.contains("Republic") || name.ends_with("Islands");
    if takes_one { format!("the {name}") } else { name.to_owned() }
}

/// A mineral's name in small letters, as it stands in a table or within a sentence; chemical symbols stay as they are.
pub fn mineral_name(world: &World, id: &MineralId) -> String {
    world.mineral(id.as_str()).map_or_else(|| id.to_string().replace('_', " "), |row| row.name.to_lowercase())
}
