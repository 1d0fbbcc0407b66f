//! A TOML file as a tree that remembers the line of every value.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use crate::base::{diagnostic::Diagnostics, id::Iso3};

/// A value with the line it is written on.
#[derive(Debug, Clone)]
pub(super) struct Node {
    /// Line, counted from 1: of the key where there is one, of the value otherwise.
    pub(super) line: usize,
    /// The value.
    pub(super) data: Data,
}

/// The kinds of value that a case file can hold.
#[derive(Debug, Clone)]
pub(super) enum Data {
    /// Text, or a date in its written form.
    Text(String),
    /// Whole number.
    Integer(i64),
    /// Number with a fraction.
    Float(f64),
    /// `true` or `false`.
    Boolean(bool),
    /// Array.
    List(Vec<Node>),
    /// Table.
    Table(BTreeMap<String, Node>),
}

impl Node {
    /// The entry of a table.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        match &self.data {
            Data::Table(entries) => entries.get(key),
            _ => None,
        }
    }

    /// The text under a key of a table.
    pub(super) fn text(&self, key: &str) -> Option<&str> {
        match &self.get(key)?.data {
            Data::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The items of an array under a key; none when it is absent or something else.
    pub(super) fn list(&self, key: &str) -> &[Self] {
        match self.get(key).map(|node| &node.data) {
            Some(Data::List(items)) => items,
            _ => &[],
        }
    }

    /// Line of a key at any depth (`materialises.year`), or of the deepest table on the way that exists.
    pub(super) fn line_of(&self, path: &str) -> usize {
        path.split('.')
            .try_fold(self, |node, key| node.get(key).ok_or(node))
            .map_or_else(|n| n.line, |n| n.line)
    }

    /// Replaces a word in every text of the tree.
    pub(super) fn substitute(&mut self, from: &str, to: &str) {
        match &mut self.data {
            Data::Text(text) => *text = text.replace(from, to),
            Data::List(items) => items.iter_mut().for_each(|item| item.substitute(from, to)),
            Data::Table(entries) => entries.values_mut().for_each(|entry| entry.substitute(from, to)),
            Data::Integer(_) | Data::Float(_) | Data::Boolean(_) => {}
        }
    }

    /// Writes out the members of blocs that stand in lists of countries, at any depth.
    pub(super) fn expand(&mut self, keys: &[&str], members: &impl Fn(&str) -> BTreeSet<Iso3>) {
        let expanded = |items: Vec<Self>| {
            let mut seen = BTreeSet::new();
            let written = items.into_iter().flat_map(|item| match &item.data {
                Data::Text(name) => {
                    let codes: Vec<String> = members(name).iter().map(ToString::to_string).collect();
                    let names = if codes.is_empty() { vec![name.clone()] } else { codes };
                    names.into_iter().map(|name| Self { line: item.line, data: Data::Text(name) }).collect()
                }
                _ => vec![item],
            });
            let is_new = |node: &Self| match &node.data {
                Data::Text(name) => seen.insert(name.clone()),
                _ => true,
            };
            written.filter(is_new).collect()
        };
        match &mut self.data {
            Data::List(items) => items.iter_mut().for_each(|item| item.expand(keys, members)),
            Data::Table(entries) => {
                for (key, entry) in entries {
                    match &mut entry.data {
                        Data::List(items) if keys.contains(&key.as_str()) => {
                            *items = expanded(std::mem::take(items));
                        }
                        _ => entry.expand(keys, members),
                    }
                }
            }
            _ => {}
        }
    }

    /// The value without its lines.
    pub(super) fn to_json(&self) -> Value {
        match &self.data {
            Data::Text(text) => text.clone().into(),
            Data::Integer(number) => (*number).into(),
            Data::Float(number) => (*number).into(),
            Data::Boolean(truth) => (*truth).into(),
            Data::List(items) => items.iter().map(Self::to_json).collect(),
            Data::Table(entries) => entries.iter().map(|(key, node)| (key.clone(), node.to_json())).collect(),
        }
    }
}

/// Reads a file.
///
/// # Errors
/// Every syntax error with its line.
pub(super) fn parse(file: &str, text: &str) -> Result<Node, Diagnostics> {
    let starts: Vec<usize> =
        std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
    let line_at = |offset: usize| starts.partition_point(|&start| start <= offset);
    let (root, errors) = DeTable::parse_recoverable(text);
    let mut report = Diagnostics::default();
    for error in errors {
        let line = error.span().map_or(0, |span| line_at(span.start));
        report.push(file, line, "", error.message(), "write valid TOML here; toml.io shows the syntax");
    }
    report.into_result(Node { line: 1, data: table(root.into_inner(), &line_at) })
}

fn table(entries: DeTable<'_>, line_at: &impl Fn(usize) -> usize) -> Data {
    let entries = entries.into_iter().map(|(key, value)| {
        let line = line_at(key.span().start);
        // An inline table or a value stands on its key's line; `[[entries]]` carry their own lines as items.
        (key.into_inner().into_owned(), Node { line, ..node(value, line_at) })
    });
    Data::Table(entries.collect())
}

fn node(value: Spanned<DeValue<'_>>, line_at: &impl Fn(usize) -> usize) -> Node {
    let line = line_at(value.span().start);
    let data = match value.into_inner() {
        DeValue::String(text) => Data::Text(text.into_owned()),
        DeValue::Datetime(date) => Data::Text(date.to_string()),
        DeValue::Boolean(truth) => Data::Boolean(truth),
        DeValue::Integer(number) => match i64::from_str_radix(number.as_str(), number.radix()) {
            Ok(number) => Data::Integer(number),
            Err(_) => Data::Float(f64::INFINITY),
        },
        DeValue::Float(number) => Data::Float(number.as_str().parse().unwrap_or(f64::NAN)),
        DeValue::Array(items) => Data::List(items.into_iter().map(|item| node(item, line_at)).collect()),
        DeValue::Table(entries) => table(entries, line_at),
    };
    Node { line, data }
}
