//! Checks a file against the JSON Schema of its format and reports every difference with its line.
//!
//! The schema is generated from the Rust types, so the format, its check and what editors complete cannot
//! drift apart. Beyond the standard words it reads: `x-quantity` (a number, a range or `unknown`, with bounds),
//! `x-names` (the text names something that must exist; `new` for a name given here), `x-keys` (the same for the
//! keys of a table) and `x-filled` (required, but a preset may supply it).

use std::collections::{BTreeMap, BTreeSet};

use schemars::{JsonSchema, Schema, transform::transform_subschemas};
use serde_json::{Value, json};

use super::{
    document::{Data, Node},
    names::Words,
    overlay, quantity,
};
use crate::base::diagnostic::{Diagnostics, did_you_mean};

/// The JSON Schema of a format, where what a preset may supply is not required.
pub(super) fn schema_of<T: JsonSchema>() -> Value {
    fn relax(schema: &mut Schema) {
        transform_subschemas(&mut relax, schema);
        let Some(object) = schema.as_object_mut() else { return };
        let Some(Value::Array(required)) = object.remove("required") else { return };
        let Some(Value::Object(properties)) = object.get_mut("properties") else { return };
        let (filled, required): (Vec<Value>, Vec<Value>) = required.into_iter().partition(|key| {
            let property = key.as_str().and_then(|key| properties.get(key));
            property.is_some_and(|p| p.get(quantity::MARK).is_some() || p.get("x-filled").is_some())
        });
        for key in filled.iter().filter_map(Value::as_str) {
            properties[key]["x-filled"] = json!(true);
        }
        if !required.is_empty() {
            object.insert("required".to_owned(), required.into());
        }
    }
    let mut schema = schemars::schema_for!(T);
    relax(&mut schema);
    schema.to_value()
}

/// One reading of one file.
pub(super) struct Checker<'a> {
    /// File as the user named it.
    pub(super) file: &'a str,
    /// Schema of the whole format, which holds the definitions.
    pub(super) schema: &'a Value,
    /// What may be named.
    pub(super) words: &'a Words,
    /// What was found.
    pub(super) report: Diagnostics,
}

/// The keys that a table may have.
#[derive(Default)]
struct Shape<'s> {
    properties: BTreeMap<&'s str, &'s Value>,
    required: BTreeSet<&'s str>,
    others: Option<&'s Value>,
    closed: bool,
}

/// Follows a `$ref` into the definitions.
fn target<'s>(root: &'s Value, schema: &'s Value) -> Option<&'s Value> {
    root.pointer(schema.get("$ref")?.as_str()?.strip_prefix('#')?)
}

/// A word of a schema, its own or that of the definition it refers to.
fn word<'s>(root: &'s Value, schema: &'s Value, key: &str) -> Option<&'s Value> {
    schema.get(key).or_else(|| target(root, schema)?.get(key))
}

/// The branches of a tagged choice with the tag's key and value.
fn branches<'s>(root: &'s Value, schema: &'s Value) -> Vec<(&'s str, &'s str, &'s Value)> {
    let choices = word(root, schema, "oneOf").and_then(Value::as_array);
    let tagged = choices.into_iter().flatten().filter_map(|branch| {
        let (key, tag) =
            branch.get("properties")?.as_object()?.iter().find(|(_, p)| p.get("const").is_some())?;
        Some((key.as_str(), tag.get("const")?.as_str()?, branch))
    });
    tagged.collect()
}

/// The tags of a choice.
pub(super) fn tags(choice: &Value) -> Vec<&str> {
    branches(choice, choice).into_iter().map(|(_, tag, _)| tag).collect()
}

/// The quantities of a tagged choice's branch, with whether a preset may supply them.
pub(super) fn quantities<'s>(root: &'s Value, tag: &str) -> BTreeMap<&'s str, (&'s Value, bool)> {
    let branch = branches(root, root).into_iter().find(|&(_, name, _)| name == tag);
    let properties = branch.and_then(|(_, _, branch)| {
        // The branch's own properties hold the tag only; the definition holds the fields.
        target(root, branch).unwrap_or(branch).get("properties")?.as_object()
    });
    let marked = properties.into_iter().flatten().filter(|(_, p)| p.get(quantity::MARK).is_some());
    marked.map(|(key, p)| (key.as_str(), (p, p.get("x-filled").is_some()))).collect()
}

impl<'a> Checker<'a> {
    pub(super) fn new(file: &'a str, schema: &'a Value, words: &'a Words) -> Self {
        Self { file, schema, words, report: Diagnostics::default() }
    }

    /// Notes a problem.
    pub(super) fn fault(
        &mut self,
        line: usize,
        path: &str,
        found: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        self.report.push(self.file, line, path, found, remedy);
    }

    /// Checks one value and everything in it; `path` names it in reports.
    pub(super) fn check(&mut self, schema: &'a Value, node: &Node, path: &str) {
        let word = |key| word(self.schema, schema, key);
        if let Some(bounds) = word(quantity::MARK) {
            return self.quantity(bounds, node, path);
        }
        if word(overlay::MARK).is_some() {
            if matches!(node.data, Data::List(_) | Data::Table(_)) {
                let remedy = "write a text, a number, true or false, as the column holds them";
                self.fault(node.line, path, format!("found {}", describe(node)), remedy);
            }
            return;
        }
        if let Some(kind) = word("x-names").and_then(Value::as_str) {
            self.name(kind, node, path);
        }
        // An optional field is `anyOf` of the thing and null, which TOML cannot write.
        if let Some(choices) = word("anyOf").and_then(Value::as_array) {
            let present =
                choices.iter().find(|choice| choice.get("type").and_then(Value::as_str) != Some("null"));
            return present.into_iter().for_each(|choice| self.check(choice, node, path));
        }
        let legal = self.legal_texts(schema);
        match (&node.data, self.type_of(schema)) {
            (Data::Text(text), _) if !legal.is_empty() => {
                if !legal.contains(&text.as_str()) {
                    let all = format!("choose from: {}", legal.join(", "));
                    self.fault(
                        node.line,
                        path,
                        format!("`{text}` is not known"),
                        did_you_mean(text, legal, &all),
                    );
                }
            }
            (Data::Text(text), "string") => {
                self.text(word("format").and_then(Value::as_str), text, node, path);
            }
            (Data::Integer(_), "integer" | "number")
            | (Data::Float(_), "number")
            | (Data::Boolean(_), "boolean") => {}
            (Data::List(items), "array") => {
                if items.is_empty() && word("minItems").is_some() {
                    self.fault(node.line, path, "the list is empty", "name at least one");
                }
                if let Some(each) = word("items") {
                    for item in items {
                        self.check(each, item, path);
                    }
                }
            }
            (Data::Table(entries), "object") => self.table(schema, node, entries, path),
            (_, expected) => {
                let is_date = word("format").and_then(Value::as_str) == Some("date");
                let wanted = match expected {
                    "string" if is_date => "a date such as 2025-11-06",
                    "string" => "a text in quotes",
                    "integer" => "a whole number",
                    "number" => "a number",
                    "boolean" => "true or false",
                    "array" => "a list in [ ]",
                    _ => "a table",
                };
                self.fault(node.line, path, format!("found {}", describe(node)), format!("write {wanted}"));
            }
        }
    }

    fn type_of(&self, schema: &'a Value) -> &'a str {
        match word(self.schema, schema, "type") {
            Some(Value::String(name)) => name,
            Some(Value::Array(names)) => {
                names.iter().filter_map(Value::as_str).find(|n| *n != "null").unwrap_or("")
            }
            _ if word(self.schema, schema, "oneOf").is_some() => "string",
            _ => "object",
        }
    }

    /// The texts that an enumeration allows; none for free text.
    fn legal_texts(&self, schema: &'a Value) -> Vec<&'a str> {
        let listed = word(self.schema, schema, "enum").and_then(Value::as_array);
        let described = word(self.schema, schema, "oneOf").and_then(Value::as_array);
        let described = described.into_iter().flatten();
        let constants = described.flat_map(|choice| {
            let several = choice.get("enum").and_then(Value::as_array);
            choice.get("const").into_iter().chain(several.into_iter().flatten())
        });
        listed.into_iter().flatten().chain(constants).filter_map(Value::as_str).collect()
    }

    fn text(&mut self, format: Option<&str>, text: &str, node: &Node, path: &str) {
        if format == Some("date") && text.parse::<super::commitment::Date>().is_err() {
            self.fault(node.line, path, format!("`{text}` is not a date"), "write a date such as 2025-11-06");
        }
    }

    fn name(&mut self, kind: &str, node: &Node, path: &str) {
        match &node.data {
            Data::List(items) => items.iter().for_each(|item| self.name(kind, item, path)),
            Data::Text(text) if kind == "new" => {
                let legal = |c: char| c.is_ascii_alphanumeric() || "_-.+".contains(c);
                if text.is_empty() || !text.chars().all(legal) {
                    let remedy = "use letters, digits, `_`, `-`, `.` or `+`";
                    self.fault(node.line, path, format!("`{text}` cannot be a name"), remedy);
                }
            }
            Data::Text(text) if !self.words.contains(kind, text) => {
                let remedy = did_you_mean(text, self.words.of(kind), &self.words.whereabouts(kind));
                self.fault(node.line, path, format!("no {kind} `{text}`"), remedy);
            }
            _ => {}
        }
    }

    fn table(&mut self, schema: &'a Value, node: &Node, entries: &BTreeMap<String, Node>, path: &str) {
        let mut shape = Shape::default();
        self.shape(schema, node, path, &mut shape);
        for key in shape.required.iter().filter(|key| !entries.contains_key(**key)) {
            let remedy = format!("add `{key} = ...`");
            self.fault(node.line, path, format!("`{key}` is missing"), remedy);
        }
        let kind_of_keys = schema.get("x-keys").and_then(Value::as_str);
        for (key, entry) in entries {
            let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
            if let Some(kind) = kind_of_keys {
                self.name(kind, &Node { line: entry.line, data: Data::Text(key.clone()) }, &path);
            }
            match shape.properties.get(key.as_str()).copied().or(shape.others) {
                Some(property) => self.check(property, entry, &path),
                None if shape.closed => {
                    let keys: Vec<&str> = shape.properties.keys().copied().collect();
                    let all = format!("the keys here are: {}", keys.join(", "));
                    self.fault(entry.line, &path, "unknown key", did_you_mean(key, keys, &all));
                }
                None => {}
            }
        }
    }

    /// Gathers the keys of a table from its schema, the definitions it refers to and the branch it chooses.
    fn shape(&mut self, schema: &'a Value, node: &Node, path: &str, shape: &mut Shape<'a>) {
        if let Some(target) = target(self.schema, schema) {
            self.shape(target, node, path, shape);
        }
        let properties = schema.get("properties").and_then(Value::as_object);
        shape.properties.extend(properties.into_iter().flatten().map(|(key, value)| (key.as_str(), value)));
        let required = schema.get("required").and_then(Value::as_array);
        shape.required.extend(required.into_iter().flatten().filter_map(Value::as_str));
        let closes = |key| schema.get(key).and_then(Value::as_bool) == Some(false);
        shape.closed |= closes("additionalProperties") || closes("unevaluatedProperties");
        shape.others = shape.others.or(schema.get("additionalProperties").filter(|s| s.is_object()));
        if schema.get("oneOf").is_some() {
            self.branch(schema, node, path, shape);
        }
    }

    fn branch(&mut self, schema: &'a Value, node: &Node, path: &str, shape: &mut Shape<'a>) {
        let branches = branches(self.schema, schema);
        let Some(&(tag, _, _)) = branches.first() else { return };
        let names: Vec<&str> = branches.iter().map(|&(_, name, _)| name).collect();
        let all = format!("choose from: {}", names.join(", "));
        let path_of_tag = format!("{path}.{tag}");
        if let Some(found) = node.text(tag) {
            if let Some(&(_, _, branch)) = branches.iter().find(|&&(_, name, _)| name == found) {
                return self.shape(branch, node, path, shape);
            }
            let remedy = did_you_mean(found, names, &all);
            self.fault(node.line_of(tag), &path_of_tag, format!("no {tag} `{found}`"), remedy);
        } else if node.get(tag).is_some() {
            self.fault(node.line_of(tag), &path_of_tag, "found no text", all);
        } else {
            self.fault(node.line, path, format!("`{tag}` is missing"), all);
        }
        // Without a branch nobody can say which further keys are wrong.
        shape.closed = false;
    }

    fn quantity(&mut self, bounds: &Value, node: &Node, path: &str) {
        let bound = |key: &str| bounds.get(key).and_then(Value::as_f64);
        let (min, max) = (bound("min"), bound("max"));
        let is = |key: &str| bounds.get(key) == Some(&Value::Bool(true));
        let (unknown_is_legal, observed_is_legal) = (is("unknown"), is("observed"));
        if observed_is_legal
            && let Data::Text(text) = &node.data
            && let Some(name) = text.strip_prefix(quantity::OBSERVED)
        {
            let names = || quantity::rate_names();
            if names().all(|known| known != name) {
                let all = format!("choose from: {}", names().collect::<Vec<_>>().join(", "));
                let remedy = did_you_mean(name, names(), &all);
                self.fault(node.line, path, format!("no observed rate `{name}`"), remedy);
            }
            return;
        }
        let kind = match (min, max) {
            (Some(min), Some(max)) => format!("a number from {min} to {max}"),
            (Some(_), None) => "a number that is not negative".to_owned(),
            _ => "a number".to_owned(),
        };
        let ending = match (unknown_is_legal, observed_is_legal) {
            (true, _) => ", or \"unknown\"",
            (_, true) => ", or \"observed:NAME\"",
            _ => "",
        };
        let remedy = format!("write {kind}, a range [low, middle, high]{ending}");
        let points: Vec<f64> = match &node.data {
            Data::Text(text) if unknown_is_legal && text == "unknown" => return,
            Data::List(items) => items.iter().filter_map(number).collect(),
            _ => number(node).into_iter().collect(),
        };
        let wanted = if matches!(node.data, Data::List(_)) { 3 } else { 1 };
        let complete = points.len() == wanted && points.iter().all(|point| point.is_finite());
        if !complete || matches!(&node.data, Data::List(items) if items.len() != 3) {
            return self.fault(node.line, path, format!("found {}", describe(node)), remedy);
        }
        let outside = |&point: &f64| min.is_some_and(|min| point < min) || max.is_some_and(|max| point > max);
        if let Some(point) = points.iter().copied().find(outside) {
            return self.fault(node.line, path, format!("{point} is out of bounds"), remedy);
        }
        if !points.is_sorted() {
            let found = format!("{} is not in order", describe(node));
            self.fault(
                node.line,
                path,
                found,
                "write the range as [low, middle, high] with low <= middle <= high",
            );
        }
    }
}

fn number(node: &Node) -> Option<f64> {
    match node.data {
        Data::Integer(number) => Some(number as f64),
        Data::Float(number) => Some(number),
        _ => None,
    }
}

/// A value in the words of a report.
fn describe(node: &Node) -> String {
    match &node.data {
        Data::Text(text) => format!("the text \"{text}\""),
        Data::Integer(number) => format!("{number}"),
        Data::Float(number) => format!("{number}"),
        Data::Boolean(truth) => format!("{truth}"),
        Data::List(items) if items.iter().all(|item| number(item).is_some()) => {
            let items: Vec<String> = items.iter().map(describe).collect();
            format!("[{}]", items.join(", "))
        }
        Data::List(_) => "a list".to_owned(),
        Data::Table(_) => "a table".to_owned(),
    }
}
