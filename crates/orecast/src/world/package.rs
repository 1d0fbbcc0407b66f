//! The schema of the facts: `datapackage.json`, a Frictionless Data Package that describes every column.

use std::path::Path;

use serde::Deserialize;

use super::built_in;
use crate::base::diagnostic::Diagnostics;

/// Name of the file that describes the tables, in the directory of the package.
pub const DESCRIPTOR: &str = "datapackage.json";

/// A directory of tables and what their columns mean.
#[derive(Debug, Clone, Deserialize)]
pub struct Package {
    /// Short name.
    pub name: String,
    /// Title.
    pub title: String,
    /// Terms of use of the compilation.
    pub licenses: Vec<License>,
    /// One entry per table.
    pub resources: Vec<Resource>,
}

/// Terms of use.
#[derive(Debug, Clone, Deserialize)]
pub struct License {
    /// Identifier of the licence, such as `CC-BY-4.0`.
    pub name: String,
}

/// A table.
#[derive(Debug, Clone, Deserialize)]
pub struct Resource {
    /// Name of the table.
    pub name: String,
    /// File of the table, relative to the package's directory.
    pub path: String,
    /// What a row is.
    pub title: String,
    /// Its columns and keys.
    pub schema: Schema,
}

/// Columns and keys of a table.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Schema {
    /// Columns in the order of the file.
    pub fields: Vec<Field>,
    /// Columns that together name a row; empty when rows may repeat.
    #[serde(default)]
    pub primary_key: Vec<String>,
    /// Columns whose values must exist in another table.
    #[serde(default)]
    pub foreign_keys: Vec<ForeignKey>,
    /// Lists of columns that must not fall from left to right, such as low, mid, high. Empty cells are passed over.
    #[serde(default)]
    pub ordered: Vec<Vec<String>>,
}

/// A column.
#[derive(Debug, Clone, Deserialize)]
pub struct Field {
    /// Name in the header.
    pub name: String,
    /// What its cells hold.
    #[serde(rename = "type")]
    pub kind: FieldType,
    /// Meaning and unit.
    #[serde(default)]
    pub description: String,
    /// What its cells may be.
    #[serde(default)]
    pub constraints: Constraints,
}

/// What the cells of a column hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FieldType {
    /// Text.
    String,
    /// A finite decimal number.
    Number,
    /// A whole number.
    Integer,
    /// `true` or `false`.
    Boolean,
    /// A date as far as it is known: a year, half-year, quarter, month or day.
    Date,
}

/// What the cells of a column may be.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Constraints {
    /// Whether a cell must be filled.
    #[serde(default)]
    pub required: bool,
    /// The only legal values.
    #[serde(default, rename = "enum")]
    pub allowed: Option<Vec<String>>,
    /// Least legal number.
    pub minimum: Option<f64>,
    /// Largest legal number.
    pub maximum: Option<f64>,
    /// Regular expression that the text must match.
    pub pattern: Option<String>,
}

/// A column whose values must exist in another table.
#[derive(Debug, Clone, Deserialize)]
pub struct ForeignKey {
    /// The column.
    #[serde(rename = "fields")]
    pub field: String,
    /// Where its values must exist.
    pub reference: Reference,
}

/// The column that a foreign key points at.
#[derive(Debug, Clone, Deserialize)]
pub struct Reference {
    /// Table; empty for the table itself.
    pub resource: String,
    /// Column.
    #[serde(rename = "fields")]
    pub field: String,
}

impl Package {
    /// Reads `datapackage.json` of a directory.
    ///
    /// # Errors
    /// When the file is missing or is not a data package, or a table's file lies outside the directory.
    pub fn read(directory: &Path) -> Result<Self, Diagnostics> {
        let path = directory.join(DESCRIPTOR);
        let file = path.display().to_string();
        let mut report = Diagnostics::default();
        let text = built_in::read(&path).map_err(|error| {
            let remedy = "name a directory that holds a data package of this program";
            report.push(&file, 0, "", format!("cannot be read: {error}"), remedy);
            report.clone()
        })?;
        let text = String::from_utf8_lossy(&text);
        let package: Self = serde_json::from_str(&text).map_err(|error| {
            let remedy = "restore the file of this version of the program";
            report.push(&file, error.line(), "", format!("is not a data package: {error}"), remedy);
            report.clone()
        })?;
        package.check(&file).into_result(package)
    }

    /// The table of that name.
    pub fn resource(&self, name: &str) -> Option<&Resource> {
        self.resources.iter().find(|resource| resource.name == name)
    }

    /// The table and column that a foreign key of `resource` points at.
    pub fn target<'a>(&'a self, resource: &'a Resource, key: &'a ForeignKey) -> Option<&'a Resource> {
        if key.reference.resource.is_empty() {
            return Some(resource);
        }
        self.resource(&key.reference.resource)
    }

    /// Checks that the description agrees with itself.
    fn check(&self, file: &str) -> Diagnostics {
        let mut report = Diagnostics::default();
        let remedy = "name a column of the schema";
        for resource in &self.resources {
            let name = &resource.name;
            let schema = &resource.schema;
            if !Path::new(&resource.path)
                .components()
                .all(|part| matches!(part, std::path::Component::Normal(_)))
            {
                let found = format!("`{}` leaves the package's directory", resource.path);
                report.push(file, 0, &format!("{name}.path"), found, "give a path inside the directory");
            }
            let named = schema.primary_key.iter().chain(schema.ordered.iter().flatten());
            let named = named.chain(schema.foreign_keys.iter().map(|key| &key.field));
            for column in named.filter(|column| schema.position(column).is_none()) {
                report.push(file, 0, name, format!("`{column}` is not a column of this table"), remedy);
            }
            for key in &schema.foreign_keys {
                let Reference { resource: table, field } = &key.reference;
                if self.target(resource, key).is_none_or(|target| target.schema.position(field).is_none()) {
                    report.push(file, 0, name, format!("there is no column `{field}` in `{table}`"), remedy);
                }
            }
        }
        report
    }
}

impl Schema {
    /// Place of a column, counted from 0.
    pub fn position(&self, column: &str) -> Option<usize> {
        self.fields.iter().position(|field| field.name == column)
    }
}
