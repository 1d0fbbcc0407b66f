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

/// Every problem of one reading, in the order of file and line.
#[derive(Debug, Clone, Default, PartialEq, Eq, thiserror::Error)]
pub struct Diagnostics(Vec<Diagnostic>);

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
        self.0.push(Diagnostic {
            file: file.to_owned(),
            line,
            field: field.to_owned(),
            found: found.into(),
            remedy: remedy.into(),
        });
    }

    /// Takes over all problems of another reading.
    pub fn append(&mut self, other: Self) {
        self.0.extend(other.0);
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

/// The candidate closest to `word`, when one is close enough to be what was meant.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|candidate| (edit_distance(word, candidate), candidate))
        .filter(|&(distance, candidate)| distance <= 1 + candidate.chars().count() / 4)
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, candidate)| candidate)
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

/// Levenshtein distance over lower-cased characters.
fn edit_distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.to_lowercase().chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.to_lowercase().chars().enumerate() {
        let mut diagonal = i;
        row[0] = i + 1;
        for (j, &y) in b.iter().enumerate() {
            let substitution = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = substitution.min(row[j] + 1).min(diagonal + 1);
        }
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
    }
}
