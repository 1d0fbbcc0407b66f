//! A layer: the rows of one importer as a folder of tables, to be laid over the shipped package.
//!
//! The folder holds only the tables that the importer fills, in the same columns, and the rows of `sources.csv` that they
//! name. Rows of other sources that already stand there are kept.

use std::{collections::BTreeSet, io, path::Path};

use csv::StringRecord;

use super::{Importer, Input, Reference, Tables, compile::used_sources};
use orecast::{base::diagnostic::Diagnostics, world::package::DESCRIPTOR};

/// What was written: table, rows of the layer, rows of other sources that were kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Name of the table.
    pub table: &'static str,
    /// Rows of the importer.
    pub rows: usize,
    /// Rows of other sources that stood there before.
    pub kept: usize,
}

/// Reads files with one importer and adds what is known of the sources of the rows.
///
/// Remarks (new commodities, vanished labels) come with the tables.
///
/// # Errors
/// Everything that could not be read; then nothing of it may be written.
pub fn import(importer: &Importer, inputs: &[Input]) -> Result<(Tables, Diagnostics), Diagnostics> {
    let reference = Reference::load()?;
    let mut tables = Tables::default();
    let mut problems = Diagnostics::default();
    importer.run(inputs, &reference, &mut tables, &mut problems);
    let hash = match inputs {
        [one] => one.sha256().unwrap_or_default(),
        _ => String::new(),
    };
    for id in used_sources(&tables) {
        match reference.rule(&id) {
            Some(rule) => tables.sources.push(rule.row(hash.clone())),
            None => problems.push(
                "sources.csv",
                0,
                "id",
                format!("`{id}` is not known"),
                "add it to mapping/sources.csv",
            ),
        }
    }
    if tables.row_count() == 0 && problems.is_empty() {
        let file = inputs.first().map_or("", Input::name);
        problems.push(file, 0, "", "the file gives no row", format!("give {}", importer.about));
    }
    let remarks = problems.clone();
    problems.into_result((tables, remarks))
}

/// Whether rows of an importer may be passed on.
pub fn may_ship(importer: &Importer, reference: &Reference) -> bool {
    let rule = reference.sources.iter().find(|rule| rule.id.as_str() == importer.source);
    rule.is_none_or(super::reference::SourceRule::may_ship)
}

/// Writes the tables of a layer. Where a table already stands in the folder, rows of other sources are kept and rows of the same
/// sources replaced; a table without a column for sources is replaced as a whole.
///
/// # Errors
/// When a table of the folder cannot be read or has other columns, when a closed source would go into a package, or
/// when the folder cannot be written.
pub fn write(importer: &Importer, tables: &Tables, directory: &Path) -> Result<Vec<Written>, Diagnostics> {
    let mut problems = Diagnostics::default();
    let folder = directory.display().to_string();
    let reference = Reference::load()?;
    if !may_ship(importer, &reference) && directory.join(DESCRIPTOR).exists() {
        let found = format!("`{}` may not be passed on, and this folder is a package", importer.source);
        problems.push(&folder, 0, "", found, "give a folder of its own to --out");
        return Err(problems);
    }
    let (fresh, written) = tempfile::tempdir()
        .and_then(|fresh| tables.write(fresh.path()).map(|written| (fresh, written)))
        .map_err(|error| unwritable("the folder for temporary files", &error))?;
    let mut merged = Vec::new();
    for (table, rows) in written {
        let name = format!("{table}.csv");
        match merge(&fresh.path().join(&name), &directory.join(&name)) {
            Ok(kept) => merged.push(Written { table, rows, kept }),
            Err(error) => {
                let remedy = "give another folder, or mend the table there";
                problems.push(&directory.join(&name).display().to_string(), 0, "", error.to_string(), remedy);
            }
        }
    }
    let merged = problems.into_result(merged)?;
    std::fs::create_dir_all(directory).map_err(|error| unwritable(&folder, &error))?;
    for Written { table, .. } in &merged {
        let name = format!("{table}.csv");
        std::fs::copy(fresh.path().join(&name), directory.join(&name))
            .map_err(|error| unwritable(&directory.join(&name).display().to_string(), &error))?;
    }
    Ok(merged)
}

fn unwritable(path: &str, error: &io::Error) -> Diagnostics {
    let mut problems = Diagnostics::default();
    problems.push(path, 0, "", error.to_string(), "give a folder that can be written to");
    problems
}

/// Adds to a new table the rows of an old one that come from other sources; says how many.
fn merge(new: &Path, old: &Path) -> io::Result<usize> {
    if !old.exists() {
        return Ok(0);
    }
    let (header, rows) = records(new)?;
    let (old_header, old_rows) = records(old)?;
    if header != old_header {
        return Err(io::Error::other("the table there has other columns"));
    }
    // A source is named by `source`, in the table of sources by `id`.
    let place = ["source", "id"].iter().find_map(|name| header.iter().position(|cell| cell == *name));
    let Some(place) = place else { return Ok(0) };
    let own: BTreeSet<&str> = rows.iter().filter_map(|row| row.get(place)).collect();
    let kept: Vec<&StringRecord> =
        old_rows.iter().filter(|row| row.get(place).is_none_or(|id| !own.contains(id))).collect();
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows.iter().chain(kept.iter().copied()) {
        writer.write_record(row).map_err(io::Error::other)?;
    }
    let bytes = writer.into_inner().map_err(|error| io::Error::other(error.to_string()))?;
    let text = String::from_utf8(bytes).map_err(io::Error::other)?;
    let mut lines: Vec<&str> = text.lines().collect();
    lines.sort_unstable();
    lines.dedup();
    let header = header.iter().collect::<Vec<_>>().join(",");
    std::fs::write(new, format!("{header}\n{}\n", lines.join("\n")))?;
    Ok(kept.len())
}

fn records(path: &Path) -> io::Result<(StringRecord, Vec<StringRecord>)> {
    let mut reader = csv::Reader::from_path(path).map_err(io::Error::other)?;
    let header = reader.headers().map_err(io::Error::other)?.clone();
    let rows = reader.records().collect::<Result<_, _>>().map_err(io::Error::other)?;
    Ok((header, rows))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{super::importer, *};

    const POINTS: &str = "iso3c,session,IdealPointAll\nKAZ,79,-0.4\n";

    fn points(text: &str) -> Tables {
        import(importer("un-ideal-points").unwrap(), &[Input::inline("unga.csv", text)]).unwrap().0
    }

    #[test]
    fn a_layer_holds_the_rows_and_their_source_with_the_hash_of_the_file() {
        let dir = tempfile::tempdir().unwrap();
        let written = write(importer("un-ideal-points").unwrap(), &points(POINTS), dir.path()).unwrap();
        let names: Vec<_> =
            written.iter().map(|written| (written.table, written.rows, written.kept)).collect();
        assert_eq!(names, [("governance", 1, 0), ("sources", 1, 0)]);
        let text = std::fs::read_to_string(dir.path().join("sources.csv")).unwrap();
        let hash = Input::inline("unga.csv", POINTS).sha256().unwrap();
        assert!(text.contains("voeten-ideal-points-2025") && text.contains(&hash), "{text}");
    }

    #[test]
    fn rows_of_other_sources_are_kept_and_own_ones_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let table = dir.path().join("governance.csv");
        std::fs::write(
            &table,
            "iso3,indicator,year,value,source,grade\nKAZ,wgi-pv,2024,-0.2,wb-wgi-2025,A\nKAZ,ideal-point,2024,9,voeten-ideal-points-2025,A\n",
        )
        .unwrap();
        let written = write(importer("un-ideal-points").unwrap(), &points(POINTS), dir.path()).unwrap();
        assert_eq!((written[0].rows, written[0].kept), (1, 1));
        assert_eq!(
            std::fs::read_to_string(&table).unwrap(),
            "iso3,indicator,year,value,source,grade\nKAZ,ideal-point,2024,-0.4,voeten-ideal-points-2025,A\nKAZ,wgi-pv,2024,-0.2,wb-wgi-2025,A\n"
        );
    }

    #[test]
    fn a_table_of_other_columns_stops_everything_and_closed_rows_stay_out_of_packages() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("sources.csv"), "id,name\nx,y\n").unwrap();
        let error = write(importer("un-ideal-points").unwrap(), &points(POINTS), dir.path()).unwrap_err();
        assert!(error.to_string().contains("other columns"));
        assert!(!dir.path().join("governance.csv").exists());
        std::fs::write(dir.path().join(DESCRIPTOR), "{}").unwrap();
        let error = write(importer("wmd").unwrap(), &Tables::default(), dir.path()).unwrap_err();
        assert!(error.to_string().contains("may not be passed on"));
    }
}
