//! Aligned text tables for the terminal.

/// On which side of its column a cell stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// Words.
    Left,
    /// Numbers.
    Right,
}

/// A table that is laid out when all rows are known.
#[derive(Debug, Clone)]
pub struct Table {
    columns: Vec<(String, Align)>,
    lines: Vec<Line>,
}

#[derive(Debug, Clone)]
enum Line {
    Cells(Vec<String>),
    Rule,
}

/// Space between columns.
pub(super) const GAP: &str = "  ";
const BOLD: &str = "\x1b[1m";
const DIM: &str = "\x1b[2m";
const RESET: &str = "\x1b[0m";

impl Table {
    /// A table without rows. An empty title on every column leaves the header out.
    pub fn new<T: Into<String>>(columns: impl IntoIterator<Item = (T, Align)>) -> Self {
        let columns = columns.into_iter().map(|(title, align)| (title.into(), align)).collect();
        Self { columns, lines: Vec::new() }
    }

    /// Adds a row. Missing cells stay empty; cells beyond the columns are left out.
    pub fn row<T: Into<String>>(&mut self, cells: impl IntoIterator<Item = T>) -> &mut Self {
        let mut cells: Vec<String> = cells.into_iter().map(Into::into).collect();
        cells.resize(self.columns.len(), String::new());
        self.lines.push(Line::Cells(cells));
        self
    }

    /// Adds a line across the table, to begin a new group of rows.
    pub fn rule(&mut self) -> &mut Self {
        self.lines.push(Line::Rule);
        self
    }

    /// The table as text, each line closed by a line break; with `colour`, the header is bold and rules are dim.
    pub fn render(&self, colour: bool) -> String {
        let widths: Vec<usize> = self.widths();
        let rule = "─".repeat(widths.iter().sum::<usize>() + GAP.len() * widths.len().saturating_sub(1));
        let styled = |text: &str, style: &str| {
            if colour { format!("{style}{text}{RESET}\n") } else { format!("{text}\n") }
        };
        let mut text = String::new();
        if self.columns.iter().any(|(title, _)| !title.is_empty()) {
            text.push_str(&styled(&self.aligned(self.columns.iter().map(|(title, _)| title), &widths), BOLD));
            text.push_str(&styled(&rule, DIM));
        }
        for line in &self.lines {
            match line {
                Line::Cells(cells) => {
                    text.push_str(&self.aligned(cells, &widths));
                    text.push('\n');
                }
                Line::Rule => text.push_str(&styled(&rule, DIM)),
            }
        }
        text
    }

    fn widths(&self) -> Vec<usize> {
        let mut widths: Vec<usize> = self.columns.iter().map(|(title, _)| width(title)).collect();
        for line in &self.lines {
            if let Line::Cells(cells) = line {
                for (widest, cell) in widths.iter_mut().zip(cells) {
                    *widest = (*widest).max(width(cell));
                }
            }
        }
        widths
    }

    fn aligned<'a>(&self, cells: impl IntoIterator<Item = &'a String>, widths: &[usize]) -> String {
        let padded = cells.into_iter().zip(&self.columns).zip(widths).map(|((cell, (_, align)), &column)| {
            let pad = " ".repeat(column - width(cell));
            match align {
                Align::Left => format!("{cell}{pad}"),
                Align::Right => format!("{pad}{cell}"),
            }
        });
        padded.collect::<Vec<_>>().join(GAP).trim_end_matches(' ').to_owned()
    }
}

/// The table without colour.
impl std::fmt::Display for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.render(false))
    }
}

/// Columns of a terminal that a text takes: one for each character, none for combining marks and zero-width
/// characters, two for East Asian scripts.
pub fn width(text: &str) -> usize {
    text.chars()
        .map(|c| match u32::from(c) {
            0x0300..=0x036F | 0x200B..=0x200D | 0x2060 | 0xFEFF => 0,
            0x1100..=0x115F | 0x2E80..=0xA4CF | 0xAC00..=0xD7A3 | 0xF900..=0xFAFF | 0xFF00..=0xFF60 => 2,
            _ => 1,
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> Table {
        let mut table = Table::new([("Arm", Align::Left), ("Share", Align::Right), ("Change", Align::Left)]);
        table.row(["no-deal", "54\u{a0}%", ""]).rule();
        table.row(["framework", "9\u{a0}%", "\u{2212}13\u{a0}pp"]).row(["Côte d’Ivoire", "2.6×"]);
        table
    }

    #[test]
    fn columns_align_by_characters_not_bytes() {
        let text = example().to_string().replace('\u{a0}', "_");
        insta::assert_snapshot!(text, @r"
        Arm            Share  Change
        ────────────────────────────
        no-deal         54_%
        ────────────────────────────
        framework        9_%  −13_pp
        Côte d’Ivoire   2.6×
        ");
    }

    #[test]
    fn colour_changes_no_letter_and_only_comes_when_asked() {
        let plain = example().render(false);
        let coloured = example().render(true);
        assert!(!plain.contains('\x1b') && coloured.contains(BOLD));
        let stripped = [BOLD, DIM, RESET].iter().fold(coloured, |text, code| text.replace(code, ""));
        assert_eq!(stripped, plain);
    }

    #[test]
    fn a_table_without_titles_has_no_header() {
        let mut table = Table::new([("", Align::Left), ("", Align::Right)]);
        table.row(["seed", "7"]).row(["draws", "200"]);
        assert_eq!(table.to_string(), "seed     7\ndraws  200\n");
    }

    #[test]
    fn marks_take_no_room_and_wide_letters_take_two() {
        assert_eq!(width("e\u{301}"), 1);
        assert_eq!(width("钨 W"), 4);
    }
}
