//! `orecast path` as a reader meets it.
#![allow(clippy::unwrap_used)]

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use insta::assert_snapshot;
use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

fn orecast(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_orecast"))
        .current_dir(root())
        .env_remove("ORECAST_PACKAGE")
        .env_remove("ORECAST_DATA")
        .args(arguments)
        .output()
        .unwrap()
}

/// Standard output of a command that must succeed without complaint.
fn answer(arguments: &[&str]) -> String {
    let output = orecast(arguments);
    let complaint = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success() && complaint.is_empty(), "{arguments:?}: {complaint}");
    String::from_utf8(output.stdout).unwrap()
}

/// What a command says that must refuse its input.
fn complaint(arguments: &[&str]) -> String {
    let output = orecast(arguments);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn a_mineral_is_told_year_by_year() {
    assert_snapshot!(answer(&["path", "cobalt", "--draws", "12", "--control"]));
}

#[test]
fn a_price_is_taken_apart() {
    assert_snapshot!(answer(&["path", "lithium", "--why-price", "--to", "2032"]));
}

#[test]
fn every_mineral_has_a_line_and_the_json_says_the_same() {
    let text = answer(&["path", "--all", "--draws", "0", "--scenario", "aps"]);
    let found: Value =
        serde_json::from_str(&answer(&["path", "--all", "--draws", "0", "--scenario", "APS", "--json"]))
            .unwrap();
    let minerals = found["rows"].as_array().unwrap();
    assert!(minerals.len() >= 45);
    let shown = found["view"]["sections"][0]["table"]["rows"].as_array().unwrap();
    assert_eq!(shown.len(), minerals.len());
    for row in shown {
        let name = row["cells"][0]["text"].as_str().unwrap();
        assert!(text.lines().any(|line| line.starts_with(name)), "{name}");
    }
    for one in minerals {
        let mineral = one["mineral"].as_str().unwrap();
        assert!(one["solved"].as_array().unwrap().iter().all(|year| year["converged"] == 1), "{mineral}");
    }
}

#[test]
fn an_own_scenario_comes_with_own_data_and_an_unknown_one_is_refused() {
    let own = tempfile::tempdir().unwrap();
    let rows =
        "mineral,scenario,year,low,mid,high,source,grade\ntungsten,own,2030,2,2,2,orecast-assumption,C\n";
    fs::write(own.path().join("demand.csv"), rows).unwrap();
    let folder = own.path().to_str().unwrap();
    let price = |arguments: &[&str]| -> f64 {
        let found: Value = serde_json::from_str(&answer(arguments)).unwrap();
        let years = found["years"].as_array().unwrap();
        let row = years.iter().find(|row| row["year"] == 2028 && row["stage"] == "refine").unwrap();
        row["used"]["mid"].as_f64().unwrap()
    };
    let plain = price(&["path", "tungsten", "--draws", "0", "--json"]);
    let doubled =
        price(&["path", "tungsten", "--draws", "0", "--json", "--scenario", "own", "--data", folder]);
    assert!(doubled > 1.2 * plain, "{doubled} {plain}");
    let unknown = complaint(&["path", "tungsten", "--scenario", "own"]);
    assert!(
        unknown.starts_with("`own` is not a demand scenario\n    the facts have APS, NZE, STEPS;"),
        "{unknown}"
    );
    let country = complaint(&["path", "KAZ"]);
    assert!(country.starts_with("`KAZ` is a country: Kazakhstan"), "{country}");
}

#[test]
fn a_hindcast_of_one_base_year_scores_it_alone_and_an_unknown_year_is_refused() {
    let found: Value =
        serde_json::from_str(&answer(&["path", "--hindcast", "--base-year", "2015", "--json"])).unwrap();
    let spans = found["rows"].as_array().unwrap();
    assert_eq!((spans.len(), &spans[0]["span"]["year"]), (1, &Value::from(2024)));
    let rows = spans[0]["rows"].as_array().unwrap();
    let mut minerals: Vec<&str> = rows.iter().map(|row| row["mineral"].as_str().unwrap()).collect();
    minerals.dedup();
    assert!(minerals.len() >= 12, "{minerals:?}");
    assert!(rows.iter().all(|row| row["error"]["with_projects"].is_null()));
    let refused = complaint(&["path", "--hindcast", "--base-year", "2016"]);
    assert_eq!(
        refused.trim_end(),
        "no hindcast starts from 2016\n    the facts carry output and trade of 2015, 2018, 2023"
    );
}
