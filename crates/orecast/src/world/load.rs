//! Reads a directory, and folders of own data over it, into a [`World`], or says everything that is wrong with them.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use super::{
    World,
    cell::{Keys, Occurrence},
    check::Checked,
    key,
    layer::{Layer, RowKey, check_folder},
    package::{Package, Resource},
    rules,
    tables::{Folders, Lines, Reading, Tables, check_description},
};
use crate::base::diagnostic::{Diagnostics, nearest};

impl World {
    /// Reads, checks and indexes the facts of a directory with a `datapackage.json`.
    ///
    /// # Errors
    /// Every problem of every file, in the order of file and line.
    pub fn load(directory: &Path) -> Result<Self, Diagnostics> {
        Self::load_with(directory, &[])
    }

    /// Reads the facts of a directory with folders of own data over them, later ones on top.
    ///
    /// # Errors
    /// Every problem of every file, in the order of file and line.
    pub fn load_with(directory: &Path, layers: &[PathBuf]) -> Result<Self, Diagnostics> {
        let package = Package::read(directory)?;
        let mut report = check_description(directory, &package);
        for folder in layers {
            report.append(check_folder(folder, &package));
        }
        report.into_result(())?;
        let folders = Folders { package: &package, base: directory, layers };
        let Reading { tables, lines, mut checked } = Reading::of(&folders);
        let mut report = Diagnostics::default();
        for file in checked.values_mut().flatten() {
            report.append(std::mem::take(&mut file.report));
        }
        report.append(check_foreign_keys(&package, &checked, &tables));
        for problem in &rules::check(&tables, &lines, |table| folders.file(0, table)) {
            let (layer, line) = Lines::split(problem.line);
            let table = package.resources.iter().find(|r| folders.file(0, &r.name) == problem.file);
            let file = table.map_or_else(|| problem.file.clone(), |r| folders.file(layer, &r.name));
            report.push(&file, line, &problem.field, problem.found.as_str(), problem.remedy.as_str());
        }
        let layers = summaries(&package, layers, &checked, &mut report);
        report.into_result(()).map(|()| Self::layered(tables, layers))
    }
}

/// What each folder of own data changes. Reports rows that withdraw nothing.
fn summaries(
    package: &Package,
    folders: &[PathBuf],
    checked: &BTreeMap<String, Vec<Checked>>,
    report: &mut Diagnostics,
) -> Vec<Layer> {
    let names = folders.iter().map(|folder| {
        folder.file_name().map_or_else(|| folder.display().to_string(), |n| n.to_string_lossy().into_owned())
    });
    let mut layers: Vec<Layer> = names.map(|name| Layer { name, ..Layer::default() }).collect();
    for (table, files) in checked {
        for file in files {
            let Some(layer) = file.layer.checked_sub(1).and_then(|place| layers.get_mut(place)) else {
                continue;
            };
            let beneath: BTreeSet<&str> = files
                .iter()
                .filter(|other| other.layer < file.layer)
                .flat_map(|other| other.layered.covered.iter().map(String::as_str))
                .collect();
            for key in &file.layered.own {
                if beneath.contains(key.as_str()) {
                    layer.replaced.push(RowKey::new(table, key));
                } else {
                    layer.added += 1;
                }
            }
            for (key, line) in &file.layered.withdrawn {
                if beneath.contains(key.as_str()) {
                    layer.withdrawn.push(RowKey::new(table, key));
                    continue;
                }
                let named =
                    package.resource(table).map_or_else(String::new, |r| r.schema.primary_key.join(", "));
                let found = format!(
                    "no row beneath has the key `{}`",
                    key::cells(key).collect::<Vec<_>>().join(", ")
                );
                let remedy = format!("copy {named} of the row to withdraw");
                report.push(&file.file, *line, "withdraw", found, remedy);
            }
            for (id, standing) in &file.layered.standing {
                let id = key::cells(id).next().and_then(|id| id.parse().ok());
                layer.sources.extend(id.map(|id| (id, *standing)));
            }
        }
    }
    let cited = |id: &str| {
        package.resources.iter().any(|resource| {
            let keys = resource.schema.foreign_keys.iter();
            keys.filter(|key| key.reference.resource == "sources").any(|key| {
                let files = checked.get(&resource.name).into_iter().flatten();
                files.filter_map(|file| file.keys.get(&key.field)).any(|keys| keys.contains(id))
            })
        })
    };
    for layer in &mut layers {
        layer.confidential =
            layer.sources.iter().any(|(id, standing)| standing.confidential && cited(id.as_str()));
    }
    layers
}

/// Checks that every value of a foreign key exists in the table it points at.
fn check_foreign_keys(
    package: &Package,
    checked: &BTreeMap<String, Vec<Checked>>,
    tables: &Tables,
) -> Diagnostics {
    let mut report = Diagnostics::default();
    let links = package.resources.iter().flat_map(|resource| {
        resource.schema.foreign_keys.iter().filter_map(move |key| {
            Some((resource, key.field.as_str(), package.target(resource, key)?, &key.reference.field))
        })
    });
    for (resource, field, target, target_field) in links {
        let Some(files) = checked.get(&target.name).filter(|files| files.iter().all(|file| file.readable))
        else {
            continue;
        };
        let known: Vec<&Keys> =
            files.iter().filter_map(|file| file.keys.get(target_field.as_str())).collect();
        for file in checked.get(&resource.name).into_iter().flatten() {
            let Some(used) = file.keys.get(field) else { continue };
            let unknown: Vec<_> =
                used.iter().filter(|used| known.iter().all(|keys| !keys.contains(&used.text))).collect();
            if unknown.is_empty() {
                continue;
            }
            let spellings = Spellings::new(tables, target, &known);
            for Occurrence { text, line, count } in unknown {
                let others = match count {
                    1 => String::new(),
                    2 => ", here and in one more row".to_owned(),
                    count => format!(", here and in {} more rows", count - 1),
                };
                let found = format!("`{text}` is not in {}{others}", target.path);
                report.push(&file.file, *line, field, found, spellings.suggest(text, target));
            }
        }
    }
    report
}

/// Every way to write the rows of a table: keys first, then names and other spellings, each with its key.
struct Spellings(Vec<(String, String)>);

impl Spellings {
    fn new(tables: &Tables, target: &Resource, known: &[&Keys]) -> Self {
        let mut keys: Vec<&str> = known.iter().flat_map(|keys| keys.iter()).map(|key| &*key.text).collect();
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
