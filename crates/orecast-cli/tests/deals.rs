//! `orecast deals` and `orecast case` as a reader meets them.
#![allow(clippy::unwrap_used)]

mod common;

use std::fs;

use common::{CASE, answer, report, root};
use insta::assert_snapshot;
use serde_json::Value;

#[test]
fn deals_are_listed_filtered_and_written_out() {
    assert_snapshot!("list", answer(&["deals", "--party", "KAZ", "--since", "2025"]));
    let all: Value = serde_json::from_str(&answer(&["deals", "--json"])).unwrap();
    assert_eq!(all["rows"].as_array().unwrap().len(), 66);
    let csv = answer(&["deals", "--mineral", "tungsten", "--csv"]);
    assert!(csv.starts_with("id,name,date,") && csv.lines().count() > 5, "{csv}");
    assert!(answer(&["deals", "--mineral", "rhenium", "--party", "Chile"]).contains("No deal of 66 fits"));
}

#[test]
fn one_deal_is_shown_and_followed() {
    assert_snapshot!("show", answer(&["deals", "show", "US-KAZ-2025"]));
    let text = answer(&["deals", "follow", "us-eu-jpn-2026"]);
    assert!(text.contains("79 days") && text.contains("49 days late") && text.contains("30 days"), "{text}");
    assert!(answer(&["deals", "follow", "US-UKR-2025"]).contains("232 days"));
    assert_snapshot!("follow", answer(&["deals", "follow", "EU-KAZ-2022"]));
    let document: Value =
        serde_json::from_str(&answer(&["deals", "follow", "COVE-TKS-2025", "--json"])).unwrap();
    for key in ["deal", "clauses", "promises", "projects", "measures", "trade"] {
        assert!(document.get(key).is_some(), "{key}");
    }
    assert_eq!(
        report(&["deals", "show", "US-KAZ-2052"]),
        "no deal `US-KAZ-2052`\n    did you mean `US-KAZ-2025`?\n"
    );
}

#[test]
fn clauses_and_rates_are_printed() {
    assert_snapshot!("clauses", answer(&["deals", "clauses", "--party", "USA", "--since", "2025-10"]));
    assert_snapshot!("rates", answer(&["deals", "rates"]));
    let rates: Value = serde_json::from_str(&answer(&["deals", "rates", "--json"])).unwrap();
    let csv = answer(&["deals", "rates", "--csv"]);
    assert_eq!(rates["rows"].as_array().unwrap().len() + 1, csv.lines().count());
}

#[test]
fn unknown_words_are_met_with_the_nearest_one() {
    let said = report(&["deals", "--form", "memorandom"]);
    assert!(said.contains("did you mean `memorandum`?"), "{said}");
    let said = report(&["deals", "--party", "Kazakstan"]);
    assert!(said.contains("did you mean `KAZ` (Kazakhstan)?"), "{said}");
    assert!(report(&["deals", "--mineral", "KAZ"]).contains("name a mineral"));
    assert!(report(&["deals", "--since", "lately"]).contains("is not a date such as"));
}

#[test]
fn a_case_is_checked_and_explained() {
    let checked = answer(&["case", "check", CASE]);
    assert!(checked.starts_with("deals/us-kazakhstan-2025.toml: no problems\n"), "{checked}");
    assert!(
        answer(&["case", "check", "us-kazakhstan-2025"]).starts_with("us-kazakhstan-2025.toml: no problems")
    );
    assert_snapshot!("explain", answer(&["case", "explain", CASE, "--arm", "mou"]));
    let clauses: Value = serde_json::from_str(&answer(&["case", "explain", CASE, "--json"])).unwrap();
    assert_eq!(clauses["rows"].as_array().unwrap().len(), 22);
    assert!(report(&["case", "explain", CASE, "--arm", "muo"]).contains("did you mean `mou`?"));
}

#[test]
fn a_new_case_of_every_form_passes_its_check() {
    let folder = tempfile::tempdir().unwrap();
    for preset in ["mou", "framework", "framework-plus", "joint-investment", "right-of-first-offer"] {
        let file = folder.path().join(format!("{preset}.toml"));
        let file = file.to_str().unwrap();
        let new =
            ["case", "new", "--leader", "USA", "--host", "Kazakhstan", "--preset", preset, "--mineral", "W"];
        answer(&[&new[..], &["--mineral", "gallium", "--out", file]].concat());
        assert!(answer(&["case", "check", file]).contains("no problems"));
        let said = report(&[&new[..], &["--out", file]].concat());
        assert!(said.contains("exists"), "{said}");
    }
    let file = folder.path().join("bloc.toml");
    let file = file.to_str().unwrap();
    let new = ["case", "new", "--leader", "EU27", "--host", "KAZ", "--preset", "mou", "--mineral", "W"];
    answer(&[&new[..], &["--out", file]].concat());
    assert!(answer(&["case", "check", file]).contains("no problems"));
    let said =
        report(&["case", "new", "--leader", "USA", "--host", "KAZ", "--preset", "treaty", "--mineral", "W"]);
    assert!(said.contains("no form of deal `treaty`"), "{said}");
    assert!(report(&["case", "new", "--leader", "USA"]).contains("give --host"));
}

#[test]
fn a_preset_beside_a_case_takes_the_place_of_the_shipped_one() {
    let folder = tempfile::tempdir().unwrap();
    let root = root();
    let file = folder.path().join("case.toml");
    fs::copy(root.join(CASE), &file).unwrap();
    fs::create_dir(folder.path().join("presets")).unwrap();
    let mou = fs::read_to_string(root.join("deals/presets/mou.toml")).unwrap();
    fs::write(
        folder.path().join("presets/mou.toml"),
        mou.replace("\"observed:letter-of-interest\"", "[0.5, 0.6, 0.7]"),
    )
    .unwrap();
    let text = answer(&["case", "explain", file.to_str().unwrap(), "--arm", "mou"]);
    let text = text.replace('\u{a0}', " ");
    assert!(text.contains("60 % (50 to 70)") && !text.contains("observed rate"), "{text}");
}
