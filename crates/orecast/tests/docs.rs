//! The documentation holds together, and nothing in the repository names a place on somebody's machine.
#![allow(clippy::unwrap_used)]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use orecast::{
    base::{id::Iso3, unit::Stage},
    indicator::Roles,
    params::TABLE,
    policy::case_schema,
    studies::changes::headline_indicators,
};

/// Folders of the repository that are written by hand.
const FOLDERS: [&str; 16] = [
    ".ci",
    ".config",
    ".devcontainer",
    ".github",
    "benches",
    "claims",
    "crates",
    "data",
    "deals",
    "docs",
    "games",
    "scenarios",
    "schemas",
    "scripts",
    "tests",
    "web",
];
/// Folders within them that are made by tools.
const MADE: [&str; 4] = ["target", "node_modules", "book", "dist"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// Files under a folder, sorted; none when it does not exist.
fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let wanted = |path: &PathBuf| !MADE.iter().any(|made| path.ends_with(made));
    paths
        .into_iter()
        .filter(wanted)
        .flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] })
        .collect()
}

/// Every hand-written file: those of the root and those of [`FOLDERS`].
fn repository() -> Vec<PathBuf> {
    let top = fs::read_dir(root()).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file());
    let mut all: Vec<PathBuf> = top.filter(|path| !path.ends_with(".git")).collect();
    all.extend(FOLDERS.iter().flat_map(|folder| files(&root().join(folder))));
    all
}

/// Targets of the Markdown links in a text.
fn links(text: &str) -> Vec<&str> {
    text.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target).collect()
}

/// Whether a text holds an absolute path below one of the folders: `/folder/`, not as part of an address or of a longer path.
fn names_a_machine_path(text: &str, folders: &[&str]) -> bool {
    folders.iter().any(|folder| {
        let path = format!("/{folder}/");
        text.match_indices(&path).any(|(at, _)| {
            let before = text[..at].chars().next_back();
            !before
                .is_some_and(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '~' | '}' | ')' | '*'))
        })
    })
}

#[test]
fn every_page_of_the_book_is_in_its_summary_and_exists() {
    let folder = root().join("docs/src");
    let summary = fs::read_to_string(folder.join("SUMMARY.md")).unwrap();
    let listed: BTreeSet<PathBuf> = links(&summary).into_iter().map(|page| folder.join(page)).collect();
    let present: BTreeSet<PathBuf> = files(&folder)
        .into_iter()
        .filter(|path| path.extension().is_some_and(|e| e == "md") && !path.ends_with("SUMMARY.md"))
        .collect();
    assert!(!listed.is_empty());
    assert_eq!(listed, present);
}

/// A page without its blocks of code, in which nothing is a link or a heading.
fn prose(text: &str) -> String {
    let mut fenced = false;
    let lines = text.lines().filter(|line| {
        let fence = line.trim_start().starts_with("```");
        fenced ^= fence;
        !fenced && !fence
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Names under which the headings of a page can be linked to, as mdbook and public forges make them: letters, digits, `-` and
/// `_` in lower case, spaces as `-`, and a number after the second heading of one name.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for line in prose(text).lines().filter(|line| line.starts_with('#')) {
        let name: String = line
            .trim_start_matches('#')
            .trim()
            .chars()
            .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
            .map(|c| if c == ' ' { '-' } else { c.to_ascii_lowercase() })
            .collect();
        let mut numbered = (1..).map(|n| format!("{name}-{n}"));
        let mut free = name.clone();
        while !found.insert(free.clone()) {
            free = numbered.next().unwrap();
        }
    }
    found
}

#[test]
fn links_between_files_and_to_headings_lead_somewhere() {
    let mut broken = Vec::new();
    for page in repository().iter().filter(|path| path.extension().is_some_and(|e| e == "md")) {
        let text = fs::read_to_string(page).unwrap();
        let prose = prose(&text);
        for link in links(&prose).into_iter().filter(|link| !link.contains("://")) {
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() { page.clone() } else { page.parent().unwrap().join(file) };
            let missing = !target.exists()
                || !anchor.is_empty() && !anchors(&fs::read_to_string(&target).unwrap()).contains(anchor);
            if missing {
                broken.push(format!("{}: {link}", page.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn files_and_folders_that_the_book_names_exist() {
    let code = files(&root().join("crates"));
    let mut missing = Vec::new();
    for page in
        files(&root().join("docs/src")).iter().filter(|path| path.extension().is_some_and(|e| e == "md"))
    {
        let text = fs::read_to_string(page).unwrap();
        for name in prose(&text).split('`').skip(1).step_by(2) {
            let code_file = Path::new(name).extension().is_some_and(|e| e == "rs");
            let file = code_file && !name.contains(char::is_whitespace);
            let found = !file || code.iter().any(|path| path.ends_with(name));
            let folder = name.starts_with("crates/") && !name.contains(char::is_whitespace);
            if !found || folder && !root().join(name).exists() {
                missing.push(format!("{}: {name}", page.display()));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn anchors_are_those_of_the_headings() {
    let page = "# What it is\n```text\n# no heading\n```\n## 9. `orecast run`: why?\n## What it is\n";
    assert_eq!(
        anchors(page).into_iter().collect::<Vec<_>>(),
        ["9-orecast-run-why", "what-it-is", "what-it-is-1"]
    );
}

#[test]
fn the_table_of_assumptions_is_written_from_the_code() {
    let path = root().join("docs/src/assumptions.md");
    let page = fs::read_to_string(&path).unwrap();
    let rows: Vec<String> = TABLE.list().iter().map(|(parameter, _)| parameter.row()).collect();
    let mut written = false;
    let lines = page.lines().filter_map(|line| {
        if line.starts_with("| `") {
            // The table stands where its first row did.
            (!std::mem::replace(&mut written, true)).then(|| rows.join("\n"))
        } else {
            Some(line.to_owned())
        }
    });
    let expected = lines.collect::<Vec<_>>().join("\n") + "\n";
    if std::env::var_os("INSTA_UPDATE").is_some_and(|update| update == "always") {
        fs::write(&path, &expected).unwrap();
        return;
    }
    assert!(
        page == expected,
        "INSTA_UPDATE=always writes the table anew; it should read\n{}",
        rows.join("\n")
    );
}

#[test]
fn the_page_of_indicators_names_the_headlines_of_the_code() {
    let page = fs::read_to_string(root().join("docs/src/indicators.md")).unwrap();
    let roles = Roles {
        leader: Iso3::WORLD,
        host: Iso3::WORLD,
        leaders: None,
        hosts: None,
        rival: String::new(),
        rival_members: Vec::new(),
    };
    let missing: Vec<&str> = headline_indicators(&roles, Stage::Refine)
        .iter()
        .map(|indicator| indicator.measure.as_str())
        .filter(|name| !page.contains(&format!("`{name}`")))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn the_page_of_cases_names_every_lever_of_the_format() {
    let page = fs::read_to_string(root().join("docs/src/cases.md")).unwrap();
    let schema = case_schema().to_string();
    let levers: BTreeSet<&str> = schema
        .split("\"lever\":{")
        .skip(1)
        .filter_map(|rest| rest.split_once("\"const\":\"")?.1.split('"').next())
        .collect();
    assert!(levers.len() > 10, "{levers:?}");
    let missing: Vec<&&str> = levers.iter().filter(|name| !page.contains(&format!("`{name}`"))).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn the_readme_opens_with_the_two_commands() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let commands: Vec<&str> = readme.lines().filter_map(|line| line.strip_prefix("    ")).take(2).collect();
    assert!(commands[0].starts_with("make demo") && commands[1].starts_with("make test"), "{commands:?}");
    let makefile = fs::read_to_string(root().join("Makefile")).unwrap();
    for target in ["demo:", "test:", "setup:", "lint:", "clean:", "book:"] {
        assert!(makefile.lines().any(|line| line == target), "{target}");
    }
}

#[test]
fn no_file_names_a_place_on_a_machine() {
    let folders = ["work", "tmp", "root", "home"];
    let named: Vec<PathBuf> = repository()
        .into_iter()
        .filter(|path| fs::read_to_string(path).is_ok_and(|text| names_a_machine_path(&text, &folders)))
        .collect();
    assert!(named.is_empty(), "absolute paths in {named:#?}");
}

#[test]
fn machine_paths_are_told_from_addresses() {
    let folders = ["home"];
    let inside =
        |text: &str| names_a_machine_path(&text.replace('@', &format!("/{}/", folders[0])), &folders);
    assert!(inside("see @me/file") && inside("\"@x\"") && inside("@x"));
    assert!(!inside("https://example.org@page") && !inside("a relative crates@x") && !inside("home"));
}
