//! An answer on a terminal: wrapped sentences and tables that fit the width.

use std::fmt::Write;

use super::table::{GAP, width};
use crate::{
    answer::view::{Cell, Row, RowKind, Section, Sentence, Table, View},
    ask::{Answer, Head},
};

/// Stands at the head of what was computed from confidential own data.
pub const CONFIDENTIAL: &str = "Confidential: own data marked as confidential is among the inputs.";
/// Narrowest column of words that still wraps.
const NARROWEST: usize = 12;
const BOLD: &str = "\x1b[1m";
const DIM: &str = "\x1b[2m";
const RESET: &str = "\x1b[0m";

/// How an answer is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    /// Columns of the terminal; absent for no limit.
    pub width: Option<usize>,
    /// Whether heads are bold and rules dim.
    pub colour: bool,
}

impl Default for Layout {
    /// A hundred columns, the width that is taken when it cannot be known.
    fn default() -> Self {
        Self { width: Some(100), colour: false }
    }
}

/// An answer as text.
pub fn text(answer: &Answer, layout: Layout) -> String {
    let Answer { head, view, .. } = answer;
    let mut out = Writer { layout, text: String::new() };
    out.title(&view.title);
    if head.confidential {
        out.paragraph(CONFIDENTIAL);
    }
    out.unsolved(head);
    out.sentences(&view.lead);
    for section in &view.sections {
        out.section(section);
    }
    out.notes(view, head);
    out.sources(view);
    out.text
}

struct Writer {
    layout: Layout,
    text: String,
}

impl Writer {
    fn styled(&mut self, text: &str, style: &str) {
        let _ = if self.layout.colour {
            writeln!(self.text, "{style}{text}{RESET}")
        } else {
            writeln!(self.text, "{text}")
        };
    }

    fn paragraph(&mut self, text: &str) {
        for line in wrapped(text, self.layout.width.unwrap_or(usize::MAX)) {
            let _ = writeln!(self.text, "{line}");
        }
    }

    fn title(&mut self, title: &str) {
        for line in wrapped(title, self.layout.width.unwrap_or(usize::MAX)) {
            self.styled(&line, BOLD);
        }
    }

    /// What was not solved comes before anything else.
    fn unsolved(&mut self, head: &Head) {
        let unsolved = head.unsolved;
        if unsolved.failed > 0 {
            self.paragraph(&format!(
                "{} of {} markets did not converge and are left out.",
                unsolved.failed, unsolved.markets
            ));
        }
    }

    fn sentences(&mut self, sentences: &[Sentence]) {
        if !sentences.is_empty() {
            self.text.push('\n');
        }
        for sentence in sentences {
            self.paragraph(&sentence.text);
        }
    }

    fn section(&mut self, section: &Section) {
        self.text.push('\n');
        if !section.heading.is_empty() {
            let heading = section.heading.clone();
            self.title(&heading);
        }
        for sentence in &section.lead {
            self.paragraph(&sentence.text);
        }
        if let Some(table) = &section.table {
            if !section.heading.is_empty() || !section.lead.is_empty() {
                self.text.push('\n');
            }
            self.table(table);
        }
        for note in &section.notes {
            self.paragraph(note);
        }
    }

    fn notes(&mut self, view: &View, head: &Head) {
        let mut notes: Vec<String> = view.notes.clone();
        if !head.limits.is_empty() {
            notes.push(format!("Not covered: {}.", head.limits.join("; ")));
        }
        if !notes.is_empty() {
            self.text.push('\n');
        }
        for note in notes {
            self.paragraph(&note);
        }
    }

    fn sources(&mut self, view: &View) {
        if view.sources.is_empty() {
            return;
        }
        let mut table = Table::titled(["Source", "Title", "Publisher", "Licence"]);
        for source in &view.sources {
            let words = [
                source.id.to_string(),
                source.title.clone(),
                source.publisher.clone(),
                source.licence.clone(),
            ];
            table.row(words.map(Cell::text));
        }
        self.section(&Section::of("sources", "Sources", table));
    }

    fn table(&mut self, table: &Table) {
        let laid = Grid::of(table);
        let limit = self.layout.width.unwrap_or(usize::MAX);
        match laid.fit(limit, table) {
            Some(grid) => self.grid(table, &grid),
            None => self.stacked(table),
        }
    }

    fn grid(&mut self, table: &Table, grid: &Grid) {
        let rule = "─".repeat(grid.total());
        if grid.columns.iter().any(|&c| !table.columns[c].title.is_empty()) {
            for line in grid.lines(&grid.heads, table) {
                self.styled(&line, BOLD);
            }
            self.styled(&rule, DIM);
        }
        for (r, (row, cells)) in table.rows.iter().zip(&grid.cells).enumerate() {
            if r > 0 && matches!(row.kind, RowKind::Group | RowKind::Sum) {
                self.styled(&rule, DIM);
            }
            for line in grid.subjects.get(r).into_iter().flatten() {
                let _ = writeln!(self.text, "{line}");
            }
            for line in grid.lines(cells, table) {
                let _ = writeln!(self.text, "{line}");
            }
        }
    }

    /// Each row as a block of lines, `head: cell`, where no grid is narrow enough.
    fn stacked(&mut self, table: &Table) {
        let limit = self.layout.width.unwrap_or(usize::MAX);
        for Row { cells, .. } in &table.rows {
            let mut told = table.columns.iter().zip(cells).filter(|(_, cell)| **cell != Cell::Empty);
            if let Some((_, first)) = told.next() {
                self.title(&first.shown());
            }
            for (column, cell) in told {
                let line = if column.title.is_empty() {
                    cell.shown()
                } else {
                    format!("{}: {}", column.title, cell.shown())
                };
                for part in wrapped(&line, limit.saturating_sub(GAP.len())) {
                    let _ = writeln!(self.text, "{GAP}{part}");
                }
            }
        }
    }
}

/// Cells as lines of text, with the widths of their columns.
#[derive(Debug, Clone)]
struct Grid {
    /// Columns that hold anything, by position in the table.
    columns: Vec<usize>,
    heads: Vec<Vec<String>>,
    cells: Vec<Vec<Vec<String>>>,
    widths: Vec<usize>,
    /// What each row is about, on lines of its own above it, where the words would leave the numbers no room; else empty.
    subjects: Vec<Vec<String>>,
}

impl Grid {
    /// Every cell on one line; columns without any text are left out.
    fn of(table: &Table) -> Self {
        let holds = |c: &usize| {
            table.rows.iter().any(|row| row.cells.get(*c).is_some_and(|cell| *cell != Cell::Empty))
        };
        let columns: Vec<usize> = (0..table.columns.len()).filter(holds).collect();
        let heads = columns.iter().map(|&c| vec![table.columns[c].title.clone()]).collect();
        let shown = |row: &Row| columns.iter().map(|&c| vec![one_line(&row.cells[c].shown())]).collect();
        let cells = table.rows.iter().map(shown).collect();
        let mut grid = Self { columns, heads, cells, widths: Vec::new(), subjects: Vec::new() };
        grid.measure();
        grid
    }

    fn measure(&mut self) {
        let widest = |cell: &Vec<String>| cell.iter().map(|line| width(line)).max().unwrap_or(0);
        self.widths = (0..self.columns.len())
            .map(|c| {
                let cells = self.cells.iter().map(|row| widest(&row[c]));
                cells.chain([widest(&self.heads[c])]).max().unwrap_or(0)
            })
            .collect();
    }

    fn total(&self) -> usize {
        let indent = if self.subjects.is_empty() { 0 } else { GAP.len() };
        indent + self.widths.iter().sum::<usize>() + GAP.len() * self.widths.len().saturating_sub(1)
    }

    /// The grid within a width: heads are wrapped first, then ranges go under their middles, then the widest words are wrapped.
    fn fit(mut self, limit: usize, table: &Table) -> Option<Self> {
        if self.total() <= limit {
            return Some(self);
        }
        for c in 0..self.columns.len() {
            let body = self.cells.iter().flat_map(|row| &row[c]).map(|line| width(line)).max().unwrap_or(0);
            self.wrap_head(c, body.max(NARROWEST / 2));
        }
        self.measure();
        if self.total() <= limit {
            return Some(self);
        }
        for row in &mut self.cells {
            for cell in row.iter_mut() {
                if let [line] = cell.as_slice()
                    && let Some((middle, range)) = line.split_once(" (")
                    && range.ends_with(')')
                    && range.contains(" to ")
                {
                    *cell = vec![middle.to_owned(), format!("({range}")];
                }
            }
        }
        for c in 0..self.columns.len() {
            let body = self.cells.iter().flat_map(|row| &row[c]).map(|line| width(line)).max().unwrap_or(0);
            self.wrap_head(c, body.max(NARROWEST / 2));
        }
        self.measure();
        if self.total() > limit {
            self.lift_subjects(limit, table);
        }
        while self.total() > limit {
            let widest = (0..self.widths.len()).max_by_key(|&c| self.widths[c])?;
            let to = (self.widths[widest].saturating_sub(self.total() - limit)).max(NARROWEST);
            let before = self.widths[widest];
            for row in &mut self.cells {
                row[widest] = row[widest].iter().flat_map(|line| wrapped(line, to)).collect();
            }
            self.wrap_head(widest, to);
            self.measure();
            if self.widths[widest] >= before {
                return None;
            }
        }
        Some(self)
    }

    /// Puts the words that a row begins with on lines of their own above its numbers, where they take much room.
    fn lift_subjects(&mut self, limit: usize, table: &Table) {
        let lead = self.columns.iter().take_while(|&&c| !table.columns[c].right).count();
        let room: usize = self.widths.iter().take(lead).sum();
        if lead == 0 || lead == self.columns.len() || room < 2 * NARROWEST {
            return;
        }
        let subject = |row: &Vec<Vec<String>>| {
            let words: Vec<String> = row.iter().take(lead).map(|cell| cell.join(" ")).collect();
            let said: Vec<&str> = words.iter().map(String::as_str).filter(|word| !word.is_empty()).collect();
            wrapped(&said.join(": "), limit)
        };
        self.subjects = self.cells.iter().map(subject).collect();
        self.columns.drain(..lead);
        self.heads.drain(..lead);
        for row in &mut self.cells {
            row.drain(..lead);
        }
        self.measure();
    }

    fn wrap_head(&mut self, column: usize, to: usize) {
        let head = self.heads[column].join(" ");
        self.heads[column] = wrapped(&head, to);
    }

    /// A row of cells as lines.
    fn lines(&self, cells: &[Vec<String>], table: &Table) -> Vec<String> {
        let height = cells.iter().map(Vec::len).max().unwrap_or(0);
        let line = |at: usize| {
            let parts = cells.iter().zip(&self.widths).zip(&self.columns).map(|((cell, &wide), &c)| {
                let text = cell.get(at).map_or("", String::as_str);
                let pad = " ".repeat(wide.saturating_sub(width(text)));
                if table.columns[c].right { format!("{pad}{text}") } else { format!("{text}{pad}") }
            });
            let line = parts.collect::<Vec<_>>().join(GAP);
            let indent = if self.subjects.is_empty() { "" } else { GAP };
            format!("{indent}{line}").trim_end_matches(' ').to_owned()
        };
        (0..height).map(line).collect()
    }
}

/// Text on one line: what a file brought that would move the cursor is shown as a mark.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

/// Lines no wider than so many columns, broken between words; a word that is wider stands alone. Line breaks stay.
pub fn wrapped(text: &str, to: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for part in text.split('\n') {
        let mut line = String::new();
        for word in one_line(part).split(' ') {
            let grown = width(&line) + usize::from(!line.is_empty()) + width(word);
            if !line.is_empty() && grown > to {
                lines.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{answer::figure::Figure, base::unit::Range};

    fn table() -> Table {
        let mut table = Table::titled(["Mineral", "In 2035", ">no-deal", ">framework", "Grade"]);
        let (figures, _) = Figure::row(&[Range::new(1e3, 7e3, 13e3), Range::new(5e3, 12e3, 18e3)], "t W");
        let [before, after] = [figures[0].clone(), figures[1].clone()];
        table.row([
            "tungsten".into(),
            "mined in Kazakhstan, kt W".into(),
            before.into(),
            after.into(),
            "C".into(),
        ]);
        table
    }

    fn laid(to: Option<usize>) -> String {
        let mut writer = Writer { layout: Layout { width: to, colour: false }, text: String::new() };
        writer.table(&table());
        writer.text.replace('\u{a0}', " ")
    }

    #[test]
    fn a_table_is_folded_then_wrapped_then_stacked() {
        insta::assert_snapshot!(laid(None), @r"
        Mineral   In 2035                        no-deal     framework  Grade
        ─────────────────────────────────────────────────────────────────────
        tungsten  mined in Kazakhstan, kt W  7 (1 to 13)  12 (5 to 18)  C
        ");
        for limit in [70, 60, 50, 40, 20] {
            let text = laid(Some(limit));
            let widest = text.lines().map(width).max().unwrap_or(0);
            assert!(widest <= limit.max(25), "{limit}: {widest}\n{text}");
            let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(flat.contains("12") && flat.contains("5 to 18"), "{text}");
        }
    }

    #[test]
    fn words_are_kept_whole_and_line_breaks_stay() {
        assert_eq!(wrapped("one two three", 7), ["one two", "three"]);
        assert_eq!(wrapped("a\nb", 9), ["a", "b"]);
        assert_eq!(wrapped("incomprehensible is", 6), ["incomprehensible", "is"]);
    }

    #[test]
    fn what_moves_the_cursor_is_shown_as_a_mark() {
        assert_eq!(one_line("a\u{1b}[2Jb"), "a\u{fffd}[2Jb");
    }
}
