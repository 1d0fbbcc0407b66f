//! `orecast data import`: publisher files become rows of the data package.

use std::path::{Path, PathBuf};

use clap::Args;
use orecast::{
    answer::view::{Cell, Section, Table, View},
    ask::Answer,
    base::diagnostic::{Diagnostics, did_you_mean},
};
use orecast_import::{
    IMPORTERS, Input, Reference,
    compile::{Folders, compile},
    importer,
    layer::{self, Written},
};

use crate::{Cli, Outcome};

/// Turn publisher files into rows of the data package.
#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// What to import: a name of `--list`, or `all` for the whole package.
    #[arg(required_unless_present = "list")]
    pub(crate) source: Option<String>,
    /// The publisher's files: CSV, JSON or workbook, plain or gzip.
    pub(crate) files: Vec<PathBuf>,
    /// List what can be imported, and stop.
    #[arg(long)]
    pub(crate) list: bool,
    /// Folder of curated tables, for `all`.
    #[arg(long, value_name = "DIR")]
    pub(crate) facts: Option<PathBuf>,
    /// Folder of publisher files, for `all`.
    #[arg(long, value_name = "DIR")]
    pub(crate) sources: Option<PathBuf>,
    /// Folder that the tables are written to. Of one importer it becomes a layer: rows of other sources there are kept.
    #[arg(long, value_name = "DIR", required_unless_present = "list")]
    pub(crate) out: Option<PathBuf>,
}

impl ImportArgs {
    /// Imports, or lists what can be imported.
    pub(crate) fn print(&self, cli: &Cli) -> Outcome {
        let view = run(self)?;
        cli.output.write(&Answer::outside("data-import", view))
    }
}

/// Imports, or lists what can be imported; the view says what was written.
///
/// # Errors
/// Everything that could not be read, or why the tables could not be written.
fn run(args: &ImportArgs) -> Result<View, String> {
    if args.list {
        return list().map_err(|problems| problems.to_string());
    }
    let source = args.source.as_deref().unwrap_or_default();
    let out = args.out.clone().unwrap_or_default();
    let mut view = View::new(format!("Written to {}", out.display()));
    if source == "all" {
        whole(args, &out, &mut view)?;
    } else {
        one(source, args, &out, &mut view)?;
    }
    Ok(view)
}

/// Importers with what they read and whether their rows may be passed on.
fn list() -> Result<View, Diagnostics> {
    let reference = Reference::load()?;
    let mut published = Table::titled(["Name", "Reads", "Licence", "Rows", "Download"]);
    let mut curated = Table::titled(["Name", "Reads"]);
    for importer in IMPORTERS {
        match reference.sources.iter().find(|rule| rule.id.as_str() == importer.source) {
            Some(rule) => {
                let rows = if rule.may_ship() { "shipped" } else { "user-run" };
                let texts = [importer.name, importer.about, rule.licence.as_str(), rows, rule.url.as_str()];
                published.row(texts.map(Cell::from));
            }
            None => curated.row([importer.name, importer.about].map(Cell::from)),
        }
    }
    let mut view = View::new("What can be imported");
    view.push(
        Section::of("published", "Publishers' files", published)
            .with_note("Rows marked user-run may not be passed on: they stay in a folder of your own."),
    );
    view.push(Section::of("curated", "Curated tables of this project", curated));
    Ok(view)
}

/// Tables that were written, with their rows.
fn written(rows: impl IntoIterator<Item = (String, usize, usize)>) -> Section {
    let mut table = Table::titled(["Table", ">Rows", ">Of other sources, kept"]);
    for (name, rows, kept) in rows {
        let kept = if kept == 0 { Cell::Empty } else { Cell::count(kept) };
        table.row([format!("{name}.csv").into(), Cell::count(rows), kept]);
    }
    Section::of("written", "", table)
}

fn whole(args: &ImportArgs, out: &Path, view: &mut View) -> Result<(), String> {
    let (Some(facts), Some(sources)) = (&args.facts, &args.sources) else {
        return Err("`all` needs --facts DIR and --sources DIR".to_owned());
    };
    let folders = Folders { facts: facts.clone(), sources: sources.clone() };
    let tables = compile(&folders).map_err(|problems| problems.to_string())?;
    let rows = tables.write(out).map_err(|error| format!("{}: {error}", out.display()))?;
    view.push(written(rows.iter().map(|(table, rows)| ((*table).to_owned(), *rows, 0))));
    Ok(())
}

/// One importer's rows as a layer, with remarks above.
fn one(source: &str, args: &ImportArgs, out: &Path, view: &mut View) -> Result<(), String> {
    let Some(importer) = importer(source) else {
        let names = IMPORTERS.iter().map(|importer| importer.name);
        let hint = did_you_mean(source, names, "see `orecast data import --list`");
        return Err(format!("`{source}` is no known source\n    {hint}"));
    };
    if args.files.is_empty() {
        return Err(format!("`{source}` needs a file\n    {}", importer.about));
    }
    let inputs: Vec<Input> = args.files.iter().map(|file| Input::file(file)).collect();
    let (tables, remarks) = layer::import(importer, &inputs).map_err(|problems| problems.to_string())?;
    let rows = layer::write(importer, &tables, out).map_err(|problems| problems.to_string())?;
    for remark in remarks.remarks() {
        view.note(format!("Note: {remark}"));
    }
    view.push(written(rows.iter().map(|Written { table, rows, kept }| ((*table).to_owned(), *rows, *kept))));
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn args(source: &str, files: &[PathBuf], out: PathBuf) -> ImportArgs {
        ImportArgs {
            source: Some(source.to_owned()),
            files: files.to_vec(),
            list: false,
            facts: None,
            sources: None,
            out: Some(out),
        }
    }

    #[test]
    fn one_file_becomes_one_table() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("dist.csv");
        std::fs::write(&file, "iso_o,iso_d,dist,distw\nKAZ,CHN,3289,4008.2\n").unwrap();
        let said = run(&args("geodist", &[file], dir.path().join("out"))).unwrap();
        let table = said.sections[0].table.as_ref().unwrap();
        assert!(table.rows.iter().any(|row| row.cells[0].shown() == "distance.csv"), "{said:?}");
        let text = std::fs::read_to_string(dir.path().join("out/distance.csv")).unwrap();
        assert_eq!(text, "a,b,km\nCHN,KAZ,4008.0\n");
        let sources = std::fs::read_to_string(dir.path().join("out/sources.csv")).unwrap();
        assert!(sources.contains("cepii-geodist") && sources.lines().count() == 2, "{sources}");
    }

    #[test]
    fn the_list_says_where_files_come_from_and_what_may_be_passed_on() {
        let view = list().unwrap();
        let rows = &view.sections[0].table.as_ref().unwrap().rows;
        let line = |name: &str| -> String {
            let row = rows.iter().find(|row| row.cells[0].shown() == name).unwrap();
            row.cells.iter().map(Cell::shown).collect::<Vec<_>>().join(" ")
        };
        assert!(line("wmd").contains("user-run") && line("bgs").contains("user-run"), "{view:?}");
        assert!(line("baci").contains("Etalab") && line("baci").contains("https://www.cepii.fr"), "{view:?}");
    }

    #[test]
    fn a_file_that_is_not_understood_writes_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("dist.csv");
        std::fs::write(&file, "iso_o,iso_d,dist,distw\nKAZ,CHN,3289,4008.2\nKAZ,USA,-1,-1\n").unwrap();
        let said = run(&args("geodist", &[file], dir.path().join("out"))).unwrap_err();
        assert!(said.contains("dist.csv:3: distw: `-1`"), "{said}");
        assert!(!dir.path().join("out").exists());
    }

    #[test]
    fn mistakes_say_what_would_be_right() {
        let dir = tempfile::tempdir().unwrap();
        let of = |source: &str| run(&args(source, &[], dir.path().to_owned())).unwrap_err();
        assert!(of("geodst").contains("did you mean `geodist`?"));
        assert!(of("geodist").contains("needs a file"));
        assert!(of("all").contains("--facts DIR and --sources DIR"));
    }
}
