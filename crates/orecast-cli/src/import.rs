//! `orecast data import`: publisher files become rows of the data package.

use std::path::PathBuf;

use clap::Args;
use orecast::{
    diagnostic::{Diagnostics, did_you_mean},
    world::import::{
        IMPORTERS, Input, Reference, Tables,
        compile::{Folders, compile},
        importer,
    },
};

/// Turn publisher files into rows of the data package.
#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// What to import: a name of `--list`, or `all` for the whole package.
    #[arg(required_unless_present = "list")]
    pub(crate) source: Option<String>,
    /// The publisher's files, plain or gzip.
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
    /// Folder that the tables are written to; tables of the same name there are replaced.
    #[arg(long, value_name = "DIR", required_unless_present = "list")]
    pub(crate) out: Option<PathBuf>,
}

/// Runs the command; the text says what was written.
///
/// # Errors
/// Everything that could not be read, or why the tables could not be written.
pub(crate) fn run(args: &ImportArgs) -> Result<String, String> {
    if args.list {
        return Ok(list());
    }
    let source = args.source.as_deref().unwrap_or_default();
    let tables = if source == "all" { whole(args)? } else { one(source, args)? };
    let out = args.out.clone().unwrap_or_default();
    let written = tables.write(&out).map_err(|error| format!("{}: {error}", out.display()))?;
    let lines: Vec<String> = written.iter().map(|(table, rows)| format!("{rows:>8}  {table}.csv")).collect();
    Ok(format!("{}\nwritten to {}", lines.join("\n"), out.display()))
}

fn list() -> String {
    let width = IMPORTERS.iter().map(|importer| importer.name.len()).max().unwrap_or(0);
    let lines: Vec<String> =
        IMPORTERS.iter().map(|importer| format!("{:width$}  {}", importer.name, importer.about)).collect();
    lines.join("\n")
}

fn whole(args: &ImportArgs) -> Result<Tables, String> {
    let (Some(facts), Some(sources)) = (&args.facts, &args.sources) else {
        return Err("`all` needs --facts DIR and --sources DIR".to_owned());
    };
    let folders = Folders { facts: facts.clone(), sources: sources.clone() };
    compile(&folders).map_err(|problems| problems.to_string())
}

fn one(source: &str, args: &ImportArgs) -> Result<Tables, String> {
    let Some(importer) = importer(source) else {
        let names = IMPORTERS.iter().map(|importer| importer.name);
        let hint = did_you_mean(source, names, "see `orecast data import --list`");
        return Err(format!("`{source}` is no known source\n    {hint}"));
    };
    if args.files.is_empty() {
        return Err(format!("`{source}` needs a file\n    {}", importer.about));
    }
    let reference = Reference::load().map_err(|problems| problems.to_string())?;
    let mut tables = Tables::default();
    let mut problems = Diagnostics::default();
    for file in &args.files {
        (importer.read)(&Input::file(file), &reference, &mut tables, &mut problems);
    }
    problems.into_result(tables).map_err(|problems| problems.to_string())
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
        assert!(said.contains("distance.csv"), "{said}");
        let text = std::fs::read_to_string(dir.path().join("out/distance.csv")).unwrap();
        assert_eq!(text, "a,b,km\nCHN,KAZ,4008.0\n");
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
