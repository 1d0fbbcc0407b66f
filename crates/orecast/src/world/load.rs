//! Reads a directory into a [`World`], or says everything that is wrong with it.

use std::{collections::BTreeMap, path::Path};

use super::{
    World,
    cell::{Keys, Occurrence},
    check::Checked,
    package::{Package, Resource},
    rules,
    tables::{Reading, Tables, check_description},
};
use crate::diagnostic::{Diagnostics, nearest};

impl World {
    /// Reads, checks and indexes the facts of a directory with a `datapackage.json`.
    ///
    /// # Errors
    /// Every problem of every file, in the order of file and line.
    pub fn load(directory: &Path) -> Result<Self, Diagnostics> {
        let package = Package::read(directory)?;
        check_description(directory, &package).into_result(())?;
        let Reading { tables, lines, mut checked } = Reading::of(directory, &package);
        let mut report = Diagnostics::default();
        for table in checked.values_mut() {
            report.append(std::mem::take(&mut table.report));
        }
        report.append(check_foreign_keys(directory, &package, &checked, &tables));
        let file = |table: &str| {
            let path = package.resource(table).map_or(table, |resource| resource.path.as_str());
            directory.join(path).display().to_string()
        };
        report.append(rules::check(&tables, &lines, file));
        report.into_result(Self::from_tables(tables))
    }
}

/// Checks that every value of a foreign key exists in the table it points at.
fn check_foreign_keys(
    directory: &Path,
    package: &Package,
    checked: &BTreeMap<String, Checked>,
    tables: &Tables,
) -> Diagnostics {
    let mut report = Diagnostics::default();
    let links = package.resources.iter().flat_map(|resource| {
        resource.schema.foreign_keys.iter().filter_map(move |key| {
            Some((resource, key.field.as_str(), package.target(resource, key)?, &key.reference.field))
        })
    });
    for (resource, field, target, target_field) in links {
        let Some(known) = checked.get(&target.name).filter(|table| table.readable) else { continue };
        let (Some(used), Some(known)) = (
            checked.get(&resource.name).and_then(|table| table.keys.get(field)),
            known.keys.get(target_field.as_str()),
        ) else {
            continue;
        };
        let unknown: Vec<_> = used.iter().filter(|used| !known.contains(&used.text)).collect();
        if unknown.is_empty() {
            continue;
        }
        let spellings = Spellings::new(tables, target, known);
        let file = directory.join(&resource.path).display().to_string();
        for Occurrence { text, line, count } in unknown {
            let others = match count {
                1 => String::new(),
                2 => ", here and in one more row".to_owned(),
                count => format!(", here and in {} more rows", count - 1),
            };
            let found = format!("`{text}` is not in {}{others}", target.path);
            report.push(&file, *line, field, found, spellings.suggest(text, target));
        }
    }
    report
}

/// Every way to write the rows of a table: keys first, then names and other spellings, each with its key.
struct Spellings(Vec<(String, String)>);

impl Spellings {
    fn new(tables: &Tables, target: &Resource, known: &Keys) -> Self {
        let mut keys: Vec<&str> = known.iter().map(|key| &*key.text).collect();
        keys.sort_unstable();
        let mut spellings: Vec<(String, String)> =
            keys.into_iter().map(|key| (key.to_owned(), key.to_owned())).collect();
        spellings.extend(names(tables, &target.name).into_iter().map(|(name, key)| (name.to_owned(), key)));
        Self(spellings)
    }

    fn suggest(&self, value: &str, target: &Resource) -> String {
        let meant = nearest(value, self.0.iter().map(|(spelling, _)| spelling.as_str()))
            .and_then(|spelling| self.0.iter().find(|(other, _)| other == spelling));
        let Some((_, key)) = meant else {
            return format!("use a value that {} has, or add a row there", target.path);
        };
        // The first name of a key is its usual one.
        match self.0.iter().find(|(name, other)| other == key && name != key) {
            Some((name, _)) => format!("did you mean `{key}` ({name})?"),
            None => format!("did you mean `{key}`?"),
        }
    }
}

/// Names and other spellings in a table, each with its key; a key's usual name comes first.
fn names<'a>(tables: &'a Tables, table: &str) -> Vec<(&'a str, String)> {
    match table {
        "minerals" => tables
            .minerals
            .iter()
            .flat_map(|row| [row.name.as_str(), row.symbol.as_str()].map(|name| (name, row.id.to_string())))
            .collect(),
        "countries" => tables
            .countries
            .iter()
            .flat_map(|row| row.spellings().map(|name| (name, row.iso3.to_string())))
            .collect(),
        "projects" => tables.projects.iter().map(|row| (row.name.as_str(), row.id.to_string())).collect(),
        "sources" => tables.sources.iter().map(|row| (row.title.as_str(), row.id.to_string())).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests;
