//! What an update of the facts changes: rows, values, and the figures that stand.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use csv::StringRecord;
use serde::Serialize;

use super::{
    World,
    choice::{self, Product, counts},
    package::{Field, FieldType, Package, Resource},
    show::Quantity,
    table::ObservationRow,
};
use crate::base::unit::Stage;
use crate::base::{
    diagnostic::Diagnostics,
    id::{Iso3, MineralId},
};

/// Which differences are asked for.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// One table only.
    pub table: Option<String>,
    /// One mineral only.
    pub mineral: Option<MineralId>,
}

/// Differences between two states of the facts.
#[derive(Debug, Default, Serialize)]
pub struct Diff {
    /// Tables that differ.
    pub tables: Vec<TableDiff>,
    /// Figures that stand and change, largest relative change first, then those that appear or vanish.
    pub standing: Vec<StandingChange>,
}

/// Differences of one table. Keys are cells of the columns in `key`.
#[derive(Debug, Serialize)]
pub struct TableDiff {
    /// Table.
    pub table: String,
    /// Columns that name a row.
    pub key: Vec<String>,
    /// Rows that only the new state has.
    pub added: Vec<Vec<String>>,
    /// Rows that only the old state has.
    pub removed: Vec<Vec<String>>,
    /// Rows that both have with other cells, largest relative change first.
    pub changed: Vec<RowChange>,
}

/// A row with other cells.
#[derive(Debug, Serialize)]
pub struct RowChange {
    /// The row's key.
    pub key: Vec<String>,
    /// Its cells that differ.
    pub cells: Vec<CellChange>,
}

/// A cell that differs.
#[derive(Debug, Serialize)]
pub struct CellChange {
    /// Column.
    pub column: String,
    /// Old text.
    pub old: String,
    /// New text.
    pub new: String,
    /// New over old less one; for numbers above zero.
    pub change: Option<f64>,
}

/// A figure that stands for a country, and another one that stood before.
#[derive(Debug, PartialEq, Serialize)]
pub struct StandingChange {
    /// Table.
    pub quantity: Quantity,
    /// Mineral.
    pub mineral: MineralId,
    /// Stage.
    pub stage: Stage,
    /// Country or aggregate.
    pub iso3: Iso3,
    /// Year.
    pub year: i32,
    /// Tonnes that stood; absent when there was no figure.
    pub old: Option<f64>,
    /// Tonnes that stand; absent when there is no figure.
    pub new: Option<f64>,
    /// New over old less one; for figures above zero.
    pub change: Option<f64>,
}

/// Differences between two packages.
///
/// # Errors
/// Everything that is wrong with either.
pub fn between_packages(old: &Path, new: &Path, wanted: &Wanted) -> Result<Diff, Diagnostics> {
    let (old_world, new_world) = (World::load(old)?, World::load(new)?);
    let (old_package, new_package) = (Package::read(old)?, Package::read(new)?);
    let mut diff = Diff::default();
    for resource in new_package.resources.iter().filter(|resource| wanted.has(resource)) {
        let text = |directory: &Path, path: &str| fs::read(directory.join(path)).unwrap_or_default();
        let before = old_package.resource(&resource.name);
        let (was, is) = (before.map_or_else(Vec::new, |r| text(old, &r.path)), text(new, &resource.path));
        if was != is {
            let rows =
                |text: &[u8]| rows(text, resource, &resource.schema.primary_key, |_| Some(String::new()));
            diff.tables.extend(table_diff(
                resource,
                &resource.schema.primary_key,
                rows(&was),
                rows(&is),
                wanted,
            ));
        }
    }
    diff.standing = standing_changes(wanted, |quantity| {
        (standing(&old_world, quantity, |_| true), standing(&new_world, quantity, |_| true))
    });
    Ok(diff)
}

/// Differences between two editions within one package: rows whose `vintage` is or begins with the one or the other, by
/// the publisher of their source. Only tables with editions take part, and for the figures that stand only publishers
/// with both editions.
///
/// # Errors
/// Everything that is wrong with the package.
pub fn between_editions(
    directory: &Path,
    old: &str,
    new: &str,
    wanted: &Wanted,
) -> Result<Diff, Diagnostics> {
    let world = World::load(directory)?;
    let package = Package::read(directory)?;
    let publishers: BTreeMap<&str, &str> =
        world.tables().sources.iter().map(|row| (row.id.as_str(), row.publisher.as_str())).collect();
    let is_of = |vintage: &str, edition: &str| {
        vintage.strip_prefix(edition).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    };
    let mut diff = Diff::default();
    for resource in package.resources.iter().filter(|resource| wanted.has(resource)) {
        let place = |name: &str| resource.schema.position(name);
        let (Some(vintage), Some(source)) = (place("vintage"), place("source")) else { continue };
        let key: Vec<String> = resource
            .schema
            .primary_key
            .iter()
            .filter(|n| *n != "vintage" && *n != "source")
            .cloned()
            .collect();
        let text = fs::read(directory.join(&resource.path)).unwrap_or_default();
        let of = |edition: &str| {
            rows(&text, resource, &key, |row| {
                let publisher = publishers.get(&row[source]).copied().unwrap_or_default();
                is_of(&row[vintage], edition).then(|| publisher.to_owned())
            })
        };
        diff.tables.extend(table_diff(resource, &key, of(old), of(new), wanted));
    }
    diff.standing = standing_changes(wanted, |quantity| {
        let publisher =
            |row: &ObservationRow| publishers.get(row.source.as_str()).copied().unwrap_or_default();
        let with = |edition: &str| -> BTreeSet<&str> {
            quantity.table(&world).iter().filter(|row| is_of(&row.vintage, edition)).map(publisher).collect()
        };
        // A publisher without the other edition would pass for a change of somebody else's figure.
        let both: BTreeSet<&str> = with(old).intersection(&with(new)).copied().collect();
        let of = |edition: &str| {
            standing(&world, quantity, |row| is_of(&row.vintage, edition) && both.contains(publisher(row)))
        };
        (of(old), of(new))
    });
    Ok(diff)
}

impl Wanted {
    fn has(&self, resource: &Resource) -> bool {
        self.table.as_ref().is_none_or(|table| *table == resource.name)
    }

    /// Whether a row is about the mineral that is wanted.
    fn is_about(&self, resource: &Resource, row: &StringRecord) -> bool {
        let Some(mineral) = &self.mineral else { return true };
        let column = if resource.name == "minerals" { "id" } else { "mineral" };
        resource.schema.position(column).is_some_and(|place| &row[place] == mineral.as_str())
    }
}

/// Rows of a checked table by key, in the order of the schema's columns. `part` gives a last part of the key, or nothing
/// for a row to leave out.
fn rows(
    text: &[u8],
    resource: &Resource,
    key: &[String],
    part: impl Fn(&StringRecord) -> Option<String>,
) -> BTreeMap<Vec<String>, StringRecord> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text);
    let header = reader.headers().cloned().unwrap_or_default();
    let places: Vec<Option<usize>> = resource
        .schema
        .fields
        .iter()
        .map(|field| header.iter().position(|name| name == field.name))
        .collect();
    let key: Vec<usize> = key.iter().filter_map(|name| resource.schema.position(name)).collect();
    let rows = reader.records().flatten().filter_map(|record| {
        let ordered: StringRecord = places
            .iter()
            .map(|place| place.and_then(|place| record.get(place)).unwrap_or_default())
            .collect();
        let mut cells: Vec<String> = key.iter().map(|&place| ordered[place].to_owned()).collect();
        cells.extend(Some(part(&ordered)?).filter(|part| !part.is_empty()));
        Some((cells, ordered))
    });
    rows.collect()
}

/// What differs between two states of a table; nothing when nothing does.
fn table_diff(
    resource: &Resource,
    key: &[String],
    mut old: BTreeMap<Vec<String>, StringRecord>,
    mut new: BTreeMap<Vec<String>, StringRecord>,
    wanted: &Wanted,
) -> Option<TableDiff> {
    for rows in [&mut old, &mut new] {
        rows.retain(|_, row| wanted.is_about(resource, row));
    }
    let only = |a: &BTreeMap<Vec<String>, _>, b: &BTreeMap<Vec<String>, _>| {
        a.keys().filter(|key| !b.contains_key(*key)).cloned().collect::<Vec<_>>()
    };
    let (added, removed) = (only(&new, &old), only(&old, &new));
    let mut changed: Vec<RowChange> = Vec::new();
    for (key, before) in &old {
        let Some(after) = new.get(key).filter(|after| *after != before) else { continue };
        let fields = resource.schema.fields.iter().zip(before).zip(after);
        let cells: Vec<CellChange> =
            fields.filter_map(|((field, old), new)| cell_change(field, old, new)).collect();
        if !cells.is_empty() {
            changed.push(RowChange { key: key.clone(), cells });
        }
    }
    let size = |row: &RowChange| {
        row.cells.iter().filter_map(|cell| cell.change).fold(0.0, |a: f64, b| a.max(b.abs()))
    };
    // Stable: rows of equal size stay in the order of their keys.
    changed.sort_by(|a, b| size(b).total_cmp(&size(a)));
    let any = !(added.is_empty() && removed.is_empty() && changed.is_empty());
    any.then(|| TableDiff { table: resource.name.clone(), key: key.to_vec(), added, removed, changed })
}

/// What differs between two texts of a cell; the same number written otherwise, and the name of the edition, do not count.
fn cell_change(field: &Field, old: &str, new: &str) -> Option<CellChange> {
    if old == new || matches!(field.name.as_str(), "source" | "vintage") {
        return None;
    }
    let number = |text: &str| text.parse::<f64>().ok().filter(|_| field.kind == FieldType::Number);
    let (was, is) = (number(old), number(new));
    if was.is_some() && was == is {
        return None;
    }
    let change = relative(was, is);
    Some(CellChange { column: field.name.clone(), old: old.to_owned(), new: new.to_owned(), change })
}

fn relative(old: Option<f64>, new: Option<f64>) -> Option<f64> {
    let (old, new) = (old.filter(|old| *old > 0.0)?, new?);
    Some(new / old - 1.0)
}

/// The tonnes that stand for a mineral, stage, year and country.
type Standing<'w> = BTreeMap<(&'w MineralId, Stage, i32, Iso3), Option<f64>>;

/// The figures that stand in a table, among the rows to keep.
fn standing(world: &World, quantity: Quantity, keep: impl Fn(&ObservationRow) -> bool) -> Standing<'_> {
    let mut found = Standing::new();
    for row in quantity.table(world).iter().filter(|row| keep(row)) {
        let Some(mineral) = world.mineral(row.mineral.as_str()) else { continue };
        if counts(row, Product::Usual, mineral) {
            // Rows of a cell stand in the order of preference.
            found.entry((&row.mineral, row.stage, row.year, row.iso3)).or_insert_with(|| choice::middle(row));
        }
    }
    found
}

fn standing_changes<'w>(
    wanted: &Wanted,
    states: impl Fn(Quantity) -> (Standing<'w>, Standing<'w>),
) -> Vec<StandingChange> {
    let mut changes = Vec::new();
    for quantity in Quantity::ALL {
        if wanted.table.as_ref().is_some_and(|table| table != quantity.as_str()) {
            continue;
        }
        let (old, new) = states(quantity);
        let cells: BTreeSet<_> = old.keys().chain(new.keys()).copied().collect();
        for cell in cells {
            let (mineral, stage, year, iso3) = cell;
            let of = |state: &Standing<'_>| state.get(&cell).copied().flatten();
            let (old, new) = (of(&old), of(&new));
            if old != new && wanted.mineral.as_ref().is_none_or(|only| only == mineral) {
                let change = relative(old, new);
                let mineral = mineral.clone();
                changes.push(StandingChange { quantity, mineral, stage, iso3, year, old, new, change });
            }
        }
    }
    let size = |change: &StandingChange| change.change.map_or(-1.0, f64::abs);
    changes.sort_by(|a, b| size(b).total_cmp(&size(a)));
    changes
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::testing::{MiniPackage, id};

    fn root(mini: &MiniPackage) -> std::path::PathBuf {
        mini.path("")
    }

    #[test]
    fn a_package_does_not_differ_from_itself() {
        let mini = MiniPackage::new();
        let diff = between_packages(&root(&mini), &root(&mini), &Wanted::default()).unwrap();
        assert!(diff.tables.is_empty() && diff.standing.is_empty());
    }

    #[test]
    fn rows_values_and_standing_figures_that_change_are_told_apart() {
        let old = MiniPackage::new();
        let new = MiniPackage::new()
            .with("production.csv", "CHN,2024,67000,,,67000", "CHN,2024,73700,,,73700")
            .with("production.csv", "tungsten,mine,KAZ,2024,0,,,-,t,,,usgs-mcs-2026,2026,A,\n", "")
            .with("production.csv", "VNM,2024,3400,", "VNM,2024,3400.0,")
            .with_line("production.csv", "tungsten,mine,AUT,2024,850,,,850,t,,,usgs-mcs-2026,2026,A,");
        let diff = between_packages(&root(&old), &root(&new), &Wanted::default()).unwrap();
        let [table] = diff.tables.as_slice() else { panic!("{:?}", diff.tables) };
        assert_eq!((table.added.len(), table.removed.len(), table.changed.len()), (1, 1, 1));
        let cells: Vec<&str> = table.changed[0].cells.iter().map(|cell| cell.column.as_str()).collect();
        assert_eq!(cells, ["value", "raw"]);
        let change = &diff.standing[0];
        assert_eq!((change.iso3, change.old, change.new), (id("CHN"), Some(67_000.0), Some(73_700.0)));
        assert!((change.change.unwrap() - 0.1).abs() < 1e-12);
        assert_eq!(diff.standing.len(), 3);
    }

    #[test]
    fn one_table_or_one_mineral_may_be_asked_for() {
        let old = MiniPackage::new();
        let new = MiniPackage::new().with("production.csv", "CHN,2024,67000,", "CHN,2024,70000,").with(
            "capacity.csv",
            "CHN,2024,1000,",
            "CHN,2024,1200,",
        );
        let counted = |table: Option<&str>, mineral: Option<&str>| {
            let wanted = Wanted { table: table.map(str::to_owned), mineral: mineral.map(id) };
            let diff = between_packages(&root(&old), &root(&new), &wanted).unwrap();
            (diff.tables.len(), diff.standing.len())
        };
        assert_eq!(counted(None, None), (2, 2));
        assert_eq!(counted(Some("capacity"), None), (1, 1));
        assert_eq!(counted(None, Some("tungsten")), (1, 1));
        assert_eq!(counted(None, Some("zinc")), (0, 0));
    }

    #[test]
    fn editions_of_one_publisher_are_compared_within_a_package() {
        let mini = MiniPackage::new();
        let diff = between_editions(&root(&mini), "2025", "2026", &Wanted::default()).unwrap();
        let china = diff.standing.iter().find(|change| change.change.is_some()).unwrap();
        assert_eq!((china.old, china.new), (Some(63_000.0), Some(67_000.0)));
        assert_eq!(diff.standing.iter().filter(|change| change.change.is_some()).count(), 1);
    }
}
