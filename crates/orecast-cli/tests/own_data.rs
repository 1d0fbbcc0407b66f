//! The facts as an analyst trusts and extends them: coverage, gaps, differences and own data.
#![allow(clippy::unwrap_used)]

mod common;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use common::{CASE, answer, orecast, root};
use serde_json::Value;
use tempfile::TempDir;

fn document(arguments: &[&str]) -> Value {
    serde_json::from_str(&answer(arguments)).unwrap()
}

/// A folder of own data that says what Kazakhstan mined of tungsten.
struct OwnData(TempDir);

impl OwnData {
    fn new(tonnes: &str, confidential: &str) -> Self {
        let own = Self(tempfile::tempdir().unwrap());
        answer(&["data", "new-layer", &own.folder(), "--table", "production"]);
        own.add("production.csv", &format!("tungsten,mine,KAZ,2024,{tonnes},,,,,,,my-survey,2026,B,,"));
        own.add("sources.csv", &format!("my-survey,Survey of mines,Me,,own,2026,,,{confidential},,"));
        own
    }

    fn folder(&self) -> String {
        self.0.path().join("mydata").to_str().unwrap().to_owned()
    }

    fn add(&self, file: &str, line: &str) {
        let path = self.0.path().join("mydata").join(file);
        let text = fs::read_to_string(&path).unwrap();
        fs::write(path, format!("{text}{line}\n")).unwrap();
    }

    /// A short run over this folder, its results in another one.
    fn run(&self) -> (String, PathBuf) {
        let out = self.0.path().join("results");
        let said = answer(&[
            "run",
            CASE,
            "--draws",
            "2",
            "--years",
            "2026",
            "--data",
            &self.folder(),
            "--out",
            out.to_str().unwrap(),
        ]);
        (said, out)
    }
}

fn manifest(folder: &Path) -> Value {
    serde_json::from_slice(&fs::read(folder.join("manifest.json")).unwrap()).unwrap()
}

#[test]
fn own_data_changes_what_is_shown_and_what_is_run() {
    let own = OwnData::new("4321", "no");
    let said = answer(&["--wide", "--data", &own.folder(), "show", "tungsten"]);
    assert!(said.contains("4.321\u{a0}kt") && said.contains("my-survey (own)"), "{said}");
    assert!(said.contains("used: own data") && said.contains("own data: mydata (2 rows added)"), "{said}");
    assert!(!answer(&["show", "tungsten"]).contains("4.321\u{a0}kt"));

    let (said, results) = own.run();
    assert!(said.contains("own data: mydata") && !said.contains("Confidential"), "{said}");
    let plain = own.0.path().join("plain");
    answer(&["run", CASE, "--draws", "2", "--years", "2026", "--out", plain.to_str().unwrap()]);
    let rows = |folder: &Path| fs::read_to_string(folder.join("results.csv")).unwrap();
    assert_ne!(rows(&results), rows(&plain));
    let (with, without) = (manifest(&results), manifest(&plain));
    assert_eq!(with["package"], without["package"]);
    assert!(without.get("layers").is_none());
    assert_eq!(
        (&with["layers"][0]["name"], &with["layers"][0]["confidential"]),
        (&"mydata".into(), &false.into())
    );
    assert_eq!(with["layers"][0]["sha256"].as_str().unwrap().len(), 64);
    assert!(with["command"].as_array().unwrap().contains(&"mydata".into()));
    let other = OwnData::new("4322", "no");
    assert_ne!(manifest(&other.run().1)["layers"], with["layers"]);
}

#[test]
fn confidential_data_are_marked_everywhere_and_copied_nowhere() {
    let own = OwnData::new("4321", "yes");
    let said = answer(&["--wide", "--data", &own.folder(), "show", "tungsten"]);
    assert!(said.contains("my-survey (own, confidential)"), "{said}");
    let json = answer(&["--data", &own.folder(), "show", "tungsten", "--json"]);
    assert!(!json.contains("4321"), "the figure is in the document");
    assert_eq!(serde_json::from_str::<Value>(&json).unwrap()["confidential"], true);

    let (said, results) = own.run();
    assert!(said.contains("Confidential: own data"), "{said}");
    assert_eq!(manifest(&results)["layers"][0]["confidential"], true);
    let csv = fs::read_to_string(results.join("results.csv")).unwrap();
    assert!(csv.lines().skip(1).all(|line| line.ends_with(",yes")));
    assert!(csv.lines().next().unwrap().ends_with(",confidential"));
    let run = document(&["--data", &own.folder(), "run", CASE, "--draws", "2", "--years", "2026", "--json"]);
    assert_eq!(
        (&run["confidential"], run["manifest"]["layers"][0]["confidential"].as_bool()),
        (&true.into(), Some(true))
    );
    let market = document(&["--data", &own.folder(), "market", "dump", "tungsten"]);
    assert_eq!(market["confidential"], true);
    assert!(document(&["market", "dump", "tungsten"]).get("confidential").is_none());
}

#[test]
fn wrong_own_data_are_reported_with_file_and_line() {
    let own = OwnData::new("-5", "perhaps");
    own.add("production.csv", "tungsten,mine,KZA,2024,7,,,,,,,my-survey,2026,B,,");
    for command in [&["data", "check"][..], &["show", "tungsten"], &["run", CASE]] {
        let output = orecast(&[&["--data", &own.folder()], command].concat());
        assert_eq!(output.status.code(), Some(2));
        let said = String::from_utf8(output.stderr).unwrap();
        for expected in [
            "mydata/production.csv:2: value: -5 is below 0",
            "mydata/production.csv:3: iso3: `KZA` is not in countries.csv",
            "mydata/sources.csv:2: confidential: `perhaps` is neither yes nor no",
            "3 problems",
        ] {
            assert!(said.contains(expected), "{expected}: {said}");
        }
    }
}

#[test]
fn the_environment_names_own_data_and_the_option_comes_first() {
    let (one, two) = (OwnData::new("4321", "no"), OwnData::new("1234", "no"));
    let show = |option: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_orecast"));
        command.current_dir(root()).env_remove("ORECAST_PACKAGE").env("ORECAST_DATA", one.folder());
        let output = command.args(option).args(["--wide", "show", "tungsten"]).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let said = show(&[]);
    assert!(said.contains("4.321\u{a0}kt"), "{said}");
    let said = show(&["--data", &two.folder()]);
    assert!(said.contains("1.234\u{a0}kt") && !said.contains("4.321\u{a0}kt"), "{said}");
}

#[test]
fn coverage_names_sources_for_every_filled_cell() {
    let found = document(&["data", "coverage", "--json"]);
    let minerals = found["minerals"].as_array().unwrap();
    assert!(minerals.len() >= 50);
    for cell in minerals.iter().flat_map(|mineral| mineral["cells"].as_array().unwrap()) {
        assert_eq!(cell["rows"] == 0, cell["sources"].as_array().unwrap().is_empty(), "{cell}");
    }
    let text = answer(&["data", "coverage"]);
    assert!(text.contains("Tungsten") && text.contains("through their market"), "{text}");
    let output = orecast(&["data", "coverage", "--list", "US2035"]);
    assert!(String::from_utf8(output.stderr).unwrap().contains("did you mean `US2025`?"));
}

#[test]
fn gaps_are_grouped_and_can_be_asked_of_one_mineral() {
    let text = answer(&["data", "gaps", "--mineral", "tungsten"]);
    assert!(text.contains("tungsten") && !text.contains("zinc"), "{text}");
    let all = document(&["data", "gaps", "--json"]);
    let kinds = |kind: &str| all["rows"].as_array().unwrap().iter().filter(|gap| gap["kind"] == kind).count();
    for kind in ["absent", "withheld", "one-sided", "inferred"] {
        assert!(kinds(kind) > 0, "{kind}");
    }
}

#[test]
fn a_difference_shows_the_effect_on_the_figure_in_use() {
    let place = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(root().join("data")).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, place.path().join(path.file_name().unwrap())).unwrap();
    }
    let file = place.path().join("production.csv");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replacen("tungsten,mine,CHN,2024,67000.0", "tungsten,mine,CHN,2024,70350.0", 1))
        .unwrap();
    let said = answer(&["data", "diff", "data", place.path().to_str().unwrap()]);
    assert!(said.contains("Selected figures") && said.contains("+5\u{a0}%"), "{said}");
    let changed = document(&["data", "diff", "data", place.path().to_str().unwrap(), "--json"]);
    let standing = changed["standing"].as_array().unwrap();
    assert_eq!((standing.len(), &standing[0]["new"]), (1, &70350.0.into()));
    let same = document(&["data", "diff", "data", "data", "--json"]);
    assert_eq!((&same["tables"], &same["standing"]), (&Value::Array(vec![]), &Value::Array(vec![])));
    assert!(answer(&["data", "diff", "data", "data"]).contains("No differences."));
    let editions =
        document(&["data", "diff", "--vintage", "2025", "2026", "--table", "production", "--json"]);
    assert_eq!(editions["tables"][0]["table"], "production");
    let standing = editions["standing"].as_array().unwrap();
    assert!(!standing.is_empty() && standing.iter().all(|change| change["quantity"] == "production"));
}

#[test]
fn value_added_of_ones_own_gives_economic_importance() {
    let own = tempfile::tempdir().unwrap();
    let folder = own.path().join("mydata").to_str().unwrap().to_owned();
    answer(&["data", "new-layer", &folder, "--table", "value_added"]);
    let add = |file: &str, line: &str| {
        let path = own.path().join("mydata").join(file);
        let text = fs::read_to_string(&path).unwrap();
        fs::write(path, format!("{text}{line}\n")).unwrap();
    };
    for line in ["EU27,24,2023,80000,my-survey,B,", "EU27,25,2023,200000,my-survey,B,"] {
        add("value_added.csv", line);
    }
    add("sources.csv", "my-survey,Survey of industries,Me,,own,2026,,,,,");
    let importance = |data: &[&str]| {
        let ask = ["risk", "eu", "--country", "EU27", "--draws", "0", "--json"];
        let found = document(&[&ask[..], data].concat());
        let rows = found["rows"].as_array().unwrap().clone();
        rows.iter().filter_map(|row| row["importance"].as_f64()).collect::<Vec<f64>>()
    };
    assert!(importance(&[]).is_empty(), "the package has no value added of the European Union");
    let found = importance(&["--data", &folder]);
    // Metals and metal products are the only divisions known: 4 and 10 of 10.
    assert!(found.len() > 20 && found.iter().all(|value| (4.0..=10.0).contains(value)), "{found:?}");
}
