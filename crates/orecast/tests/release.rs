//! The version is the same wherever it is written.
#![allow(clippy::unwrap_used)]

use std::{fs, path::Path};

fn read(file: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    fs::read_to_string(root.join(file)).unwrap()
}

fn workspace() -> toml::Table {
    read("Cargo.toml").parse::<toml::Table>().unwrap()["workspace"]["package"].as_table().unwrap().clone()
}

/// The value of a top-level key of the citation file.
fn cited(key: &str) -> Vec<String> {
    let text = read("CITATION.cff");
    let mut lines = text.lines().skip_while(|line| !line.starts_with(&format!("{key}:")));
    let first = lines.next().unwrap().split_once(':').unwrap().1.trim();
    if !first.is_empty() {
        return vec![first.to_owned()];
    }
    lines.map_while(|line| line.strip_prefix("  - ")).map(str::to_owned).collect()
}

#[test]
fn manifest_citation_and_changelog_name_the_same_version() {
    let version = workspace()["version"].as_str().unwrap().to_owned();
    assert_eq!(version, env!("CARGO_PKG_VERSION"));
    assert_eq!(cited("version"), [version.as_str()], "CITATION.cff");
    let changelog = read("CHANGELOG.md");
    let newest =
        changelog.lines().filter_map(|line| line.strip_prefix("## ")).find(|title| *title != "Unreleased");
    assert_eq!(newest, Some(version.as_str()), "newest section of CHANGELOG.md");
}

#[test]
fn licences_are_stated_alike_and_their_texts_are_there() {
    let licence = workspace()["license"].as_str().unwrap().to_owned();
    assert_eq!(cited("license").join(" OR "), licence);
    assert!(read("LICENSE-APACHE").contains("Version 2.0, January 2004"));
    assert!(read("LICENSE-MIT").starts_with("MIT License"));
}
