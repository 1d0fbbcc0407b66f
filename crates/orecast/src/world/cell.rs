//! Checks the cells of one column against its description.

use std::collections::{HashMap, HashSet};

use regex_lite::Regex;

use super::package::{Constraints, Field, FieldType};
use crate::base::{date::PartialDate, diagnostic::did_you_mean};

/// Distinct texts of a column, in the order in which they first stand.
#[derive(Debug, Default)]
pub(super) struct Keys {
    entries: Vec<Occurrence>,
    places: HashMap<Box<str>, usize>,
    /// Place of the text noted last: the next one is mostly the same.
    last: usize,
}

/// Where a text stands in its column.
#[derive(Debug)]
pub(super) struct Occurrence {
    /// The text.
    pub(super) text: Box<str>,
    /// Line of the first row that has it.
    pub(super) line: usize,
    /// Number of rows that have it.
    pub(super) count: usize,
}

impl Keys {
    fn note(&mut self, text: &str, line: usize) {
        if self.entries.get(self.last).is_none_or(|entry| *entry.text != *text) {
            self.last = self.places.get(text).copied().unwrap_or_else(|| {
                self.places.insert(text.into(), self.entries.len());
                self.entries.push(Occurrence { text: text.into(), line, count: 0 });
                self.entries.len() - 1
            });
        }
        self.entries[self.last].count += 1;
    }

    /// Takes over the texts of a later part of the same column.
    pub(super) fn append(&mut self, later: Self) {
        for Occurrence { text, line, count } in later.entries {
            self.note(&text, line);
            self.entries[self.last].count += count - 1;
        }
    }

    /// Whether the column has a text.
    pub(super) fn contains(&self, text: &str) -> bool {
        self.places.contains_key(text)
    }

    /// Distinct texts.
    pub(super) fn iter(&self) -> std::slice::Iter<'_, Occurrence> {
        self.entries.iter()
    }
}

/// The checks of one column.
pub(super) struct Column<'a> {
    /// Its description.
    pub(super) field: &'a Field,
    pattern: Option<Regex>,
    /// Texts that match the pattern: a column repeats few.
    matched: HashSet<Box<str>>,
    /// Distinct texts, kept when the column is on either side of a foreign key.
    pub(super) keys: Option<Keys>,
    /// Whether the column's values must exist in another table, which is checked once all are read.
    pub(super) is_foreign: bool,
}

impl<'a> Column<'a> {
    /// The checks of a column; an unusable pattern is left out and given beside them.
    pub(super) fn new(
        field: &'a Field,
        is_foreign: bool,
        is_target: bool,
    ) -> (Self, Option<regex_lite::Error>) {
        let keys = (is_foreign || is_target).then(Keys::default);
        let (pattern, error) = match field.constraints.pattern.as_deref().map(Regex::new).transpose() {
            Ok(pattern) => (pattern, None),
            Err(error) => (None, Some(error)),
        };
        (Self { field, pattern, matched: HashSet::new(), keys, is_foreign }, error)
    }

    /// Remembers a text of a column that takes part in a foreign key.
    pub(super) fn note(&mut self, text: &str, line: usize) {
        if let Some(keys) = &mut self.keys
            && !text.is_empty()
        {
            keys.note(text, line);
        }
    }

    /// What is wrong with a cell and what would be right.
    pub(super) fn check(&mut self, text: &str) -> Result<(), (String, String)> {
        let constraints = &self.field.constraints;
        if text.is_empty() {
            if constraints.required {
                return Err(("the cell is empty".to_owned(), format!("fill it: {}", self.field.description)));
            }
            return Ok(());
        }
        match self.field.kind {
            FieldType::Number => match text.parse::<f64>() {
                Ok(number) if number.is_finite() => self.check_bounds(number, text)?,
                _ => {
                    let remedy =
                        "write a plain number such as 1234.5; leave the cell empty when it is unknown";
                    return Err((format!("`{text}` is not a number"), remedy.to_owned()));
                }
            },
            FieldType::Integer => {
                let Ok(number) = text.parse::<i64>() else {
                    let remedy = format!("write a whole number: {}", self.field.description);
                    return Err((format!("`{text}` is not a whole number"), remedy));
                };
                self.check_bounds(number as f64, text)?;
            }
            FieldType::Boolean => {
                if !matches!(text, "true" | "false") {
                    return Err((
                        format!("`{text}` is neither true nor false"),
                        "write true or false".to_owned(),
                    ));
                }
            }
            FieldType::Date => {
                if text.parse::<PartialDate>().is_err() {
                    let remedy = format!(
                        "write 2026, 2025-H1, 2025-Q4, 2026-02 or 2026-02-04: {}",
                        self.field.description
                    );
                    return Err((format!("`{text}` is not a date"), remedy));
                }
            }
            FieldType::String => {}
        }
        if let Some(allowed) = &constraints.allowed
            && !allowed.iter().any(|value| value == text)
        {
            let otherwise = format!("write one of {}", allowed.join(", "));
            let remedy = did_you_mean(text, allowed.iter().map(String::as_str), &otherwise);
            return Err((format!("`{text}` is not a value of this column"), remedy));
        }
        if let Some(pattern) = &self.pattern
            && !self.matched.contains(text)
        {
            if !pattern.is_match(text) {
                let remedy = format!("it must match {}: {}", pattern.as_str(), self.field.description);
                return Err((format!("`{text}` does not have the right form"), remedy));
            }
            self.matched.insert(text.into());
        }
        Ok(())
    }

    fn check_bounds(&self, number: f64, text: &str) -> Result<(), (String, String)> {
        let Constraints { minimum, maximum, .. } = self.field.constraints;
        let found = match (minimum, maximum) {
            (Some(least), _) if number < least => format!("{text} is below {least}"),
            (_, Some(most)) if number > most => format!("{text} is above {most}"),
            _ => return Ok(()),
        };
        let legal = match (minimum, maximum) {
            (Some(least), Some(most)) => format!("from {least} to {most}"),
            (Some(least), None) => format!("{least} or more"),
            _ => "smaller".to_owned(),
        };
        Err((found, format!("write a number {legal}: {}", self.field.description)))
    }
}
