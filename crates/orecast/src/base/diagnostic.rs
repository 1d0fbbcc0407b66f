//! Input problems, collected and reported together: file, line, what was found and what would be right.

use std::fmt;

/// One thing that is wrong with an input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// File as the user named it.
    pub file: String,
    /// Line in the file, counted from 1; 0 when the whole file is meant.
    pub line: usize,
    /// Column name or key that holds the problem; empty when the whole line is meant.
    pub field: String,
    /// What was found, in words that name the value.
    pub found: String,
    /// What would be right.
    pub remedy: String,
}

impl Diagnostic {
    fn new(
        file: &str,
        line: usize,
        field: &str,
        found: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        let (file, field) = (file.to_owned(), field.to_owned());
        Self { file, line, field, found: found.into(), remedy: remedy.into() }
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file)?;
        if self.line > 0 {
            write!(f, ":{}", self.line)?;
        }
        if !self.field.is_empty() {
            write!(f, ": {}", self.field)?;
        }
        write!(f, ": {}\n    {}", self.found, self.remedy)
    }
}

/// Every problem of one reading, in the order of file and line, and beside them remarks that stop nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, thiserror::Error)]
pub struct Diagnostics(Vec<Diagnostic>, Vec<Diagnostic>);

impl Diagnostics {
    /// Notes one problem. `line` counts from 1; 0 means the whole file.
    pub fn push(
        &mut self,
        file: &str,
        line: usize,
        field: &str,
        found: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        self.0.push(Diagnostic::new(file, line, field, found, remedy));
    }

    /// Notes something that the user should know although nothing is wrong: it never makes a reading fail.
    pub fn remark(
        &mut self,
        file: &str,
        line: usize,
        field: &str,
        found: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        self.1.push(Diagnostic::new(file, line, field, found, remedy));
    }

    /// The remarks, in the order they were made.
    pub fn remarks(&self) -> &[Diagnostic] {
        &self.1
    }

    /// Takes over all problems and remarks of another reading.
    pub fn append(&mut self, other: Self) {
        self.0.extend(other.0);
        self.1.extend(other.1);
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The problems, in the order they were found.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.0.iter()
    }

    /// `Ok(value)` when nothing is wrong, otherwise the whole report.
    ///
    /// # Errors
    /// The collected problems, sorted by file and line.
    pub fn into_result<T>(mut self, value: T) -> Result<T, Self> {
        if self.0.is_empty() {
            return Ok(value);
        }
        self.0.sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
        Err(self)
    }
}

impl<'a> IntoIterator for &'a Diagnostics {
    type Item = &'a Diagnostic;
    type IntoIter = std::slice::Iter<'a, Diagnostic>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for item in &self.0 {
            writeln!(f, "{item}")?;
        }
        let plural = if self.0.len() == 1 { "" } else { "s" };
        write!(f, "{} problem{plural}", self.0.len())
    }
}

/// The candidate closest to `word`, when one is close enough to be what was meant. Of equally close ones, the one
/// with the same letters: `KZA` is rather `KAZ` than `DZA`.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = letters(word);
    let sorted = |word: &[char]| {
        let mut letters = word.to_vec();
        letters.sort_unstable();
        letters
    };
    candidates
        .into_iter()
        .map(|candidate| (letters(candidate), candidate))
        .map(|(letters, candidate)| (edit_distance(&word, &letters), letters, candidate))
        .filter(|(distance, letters, _)| *distance <= 1 + letters.len() / 4)
        .min_by_key(|(distance, letters, _)| (*distance, sorted(letters) != sorted(&word)))
        .map(|(.., candidate)| candidate)
}

/// "did you mean `x`?" for a misspelt word, or where to find the legal ones.
pub fn did_you_mean<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
    otherwise: &str,
) -> String {
    match nearest(word, candidates) {
        Some(candidate) => format!("did you mean `{candidate}`?"),
        None => otherwise.to_owned(),
    }
}

fn letters(word: &str) -> Vec<char> {
    word.to_lowercase().chars().collect()
}

/// Fewest letters to insert, drop, change or swap with a neighbour (optimal string alignment).
fn edit_distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut next = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let changed = row[j] + usize::from(x != y);
            let mut fewest = changed.min(next[j] + 1).min(row[j + 1] + 1);
            if i > 0 && j > 0 && *x == b[j - 1] && a[i - 1] == *y {
                fewest = fewest.min(before[j - 1] + 1);
            }
            next.push(fewest);
        }
        before = std::mem::replace(&mut row, next);
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_lists_every_problem_in_file_order() {
        let mut report = Diagnostics::default();
        report.push("b.csv", 3, "year", "`20x4`", "write a year such as 2024");
        report.push("a.csv", 9, "", "row has 3 fields", "give 4");
        let text = report.into_result(()).map_err(|e| e.to_string());
        let expected = "a.csv:9: row has 3 fields\n    give 4\nb.csv:3: year: `20x4`\n    write a year such as 2024\n2 problems";
        assert_eq!(text, Err(expected.to_owned()));
    }

    #[test]
    fn misspelt_words_find_their_neighbour() {
        assert_eq!(nearest("tungstn", ["tin", "tungsten", "titanium"]), Some("tungsten"));
        assert_eq!(nearest("banana", ["tin", "tungsten"]), None);
        assert_eq!(nearest("KZA", ["DZA", "KAZ", "KGZ"]), Some("KAZ"));
        assert_eq!(nearest("", ["x"]), Some("x"));
    }

    #[test]
    fn distances_count_single_slips() {
        let distance = |a, b| edit_distance(&letters(a), &letters(b));
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("ca", "abc"), 3);
        assert_eq!(distance("duty", "duyt"), 1);
        assert_eq!(distance("", "abc"), 3);
    }
}
