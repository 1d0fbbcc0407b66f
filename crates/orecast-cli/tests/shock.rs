//! Laws of shocks, screens and risk scores as any face meets them: blocs wherever a country is, one figure in text, JSON and CSV, nothing
//! solved never reads as no effect.
#![allow(clippy::unwrap_used)]

mod common;

use common::{answer, report};
use serde_json::Value;

fn document(arguments: &[&str]) -> Value {
    serde_json::from_str(&answer(&[arguments, &["--json"]].concat())).unwrap()
}

fn rows<'a>(found: &'a Value, key: &str) -> &'a [Value] {
    found[key].as_array().unwrap()
}

/// The table of a view.
fn table<'a>(found: &'a Value, section: &str) -> &'a [Value] {
    let sections = found["view"]["sections"].as_array().unwrap();
    sections.iter().find(|one| one["id"] == section).unwrap()["table"]["rows"].as_array().unwrap()
}

#[test]
fn a_bloc_is_looked_at_by_its_own_name_and_is_the_sum_of_its_members() {
    let found = document(&["shock", "gallium", "--ban", "CHN", "--for", "EU27", "--why", "--draws", "10"]);
    assert_eq!(found["leader"], "EU27");
    assert_eq!(found["moves"][0], "export ban, China");
    let buyers = rows(&found, "buyers");
    let of = |who: &str| buyers.iter().find(|row| row["country"] == who);
    let bloc = of("EU27").unwrap();
    let members = ["DEU", "FRA", "NLD", "ESP", "ITA", "AUT", "SVK"];
    let one = members.iter().find_map(|who| of(who)).unwrap_or(bloc);
    let number = |row: &Value, key: &str| row[key]["mid"].as_f64().unwrap();
    assert!(number(bloc, "loss_musd") >= number(one, "loss_musd"));
    assert!(bloc["use_t"].as_f64().unwrap() >= one["use_t"].as_f64().unwrap());
    assert!(rows(&found, "why")[0]["loss_musd"].as_f64().unwrap() > 0.0);
    let text = answer(&["shock", "gallium", "--ban", "CHN", "--for", "EU27", "--draws", "10", "--wide"]);
    assert!(text.contains("Users in EU27 pay "), "{text}");
    assert!(text.contains("Loss: what users lose") && text.contains("Extra bill: what"), "{text}");
    // One country is the same whether it stands alone or in a list with itself.
    let alone = document(&["shock", "gallium", "--ban", "CHN", "--for", "USA", "--draws", "10"]);
    let listed = document(&["shock", "gallium", "--ban", "China", "--for", "USA+USA", "--draws", "10"]);
    assert_eq!(alone["buyers"], listed["buyers"]);
}

#[test]
fn a_price_beyond_the_calibrated_range_is_a_bound_in_text_json_and_csv() {
    let arguments = ["shock", "gallium", "--ban", "CHN", "--horizon", "short", "--draws", "20"];
    let found = document(&arguments);
    let beyond: Vec<&Value> = rows(&found, "buyers")
        .iter()
        .map(|row| &row["price_ratio"])
        .filter(|p| p["at_least"] == true)
        .collect();
    assert!(!beyond.is_empty(), "no price lies beyond: take a harder shock");
    assert!(beyond.iter().all(|price| price["low"] == 5.0 && price["mid"] == 5.0 && price["high"] == 5.0));
    let prices = rows(&found, "buyers").iter().chain(rows(&found, "prices"));
    for row in prices {
        let ratio = row.get("price_ratio").unwrap_or(&row["ratio"]);
        assert!(ratio["mid"].as_f64().is_none_or(|mid| mid <= 5.0), "{row}");
    }
    let shown: Vec<&Value> = table(&found, "users").iter().map(|row| &row["cells"][2]).collect();
    assert!(shown.iter().any(|cell| cell["bound"] == "at-least" && cell["mid"] == 5.0));
    assert!(answer(&[&arguments[..], &["--wide"]].concat()).replace('\u{a0}', " ").contains("at least 5×"));
    let csv = answer(&[&arguments[..], &["--csv"]].concat());
    assert!(
        csv.lines().any(|line| line.contains("delivered-price") && line.ends_with(",5,5,5,at-least")),
        "{csv}"
    );
}

#[test]
fn a_screen_of_a_bloc_stops_none_of_its_members() {
    let found = document(&["screen", "EU27", "--draws", "0"]);
    assert_eq!(found["leader"], "EU27");
    let members: Vec<&Value> = rows(&found, "buyers").iter().collect();
    assert_eq!(members.len(), 27);
    let scenarios = rows(&found, "rows");
    assert!(scenarios.len() > 500 && scenarios.iter().all(|row| !members.contains(&&row["exporter"])));
    let unsolved = &found["unsolved"];
    let failed = scenarios.iter().filter(|row| row["loss_musd"].is_null()).count();
    assert_eq!((&unsolved["markets"], &unsolved["failed"]), (&scenarios.len().into(), &failed.into()));
    for row in scenarios {
        let change = row["price_change_leader"].as_f64();
        assert!(change.is_none_or(|change| change <= 4.0), "{row}");
        assert!(row["price_at_least"] != true || change == Some(4.0), "{row}");
    }
}

#[test]
fn sums_of_countries_and_unknown_names_are_refused_everywhere() {
    for arguments in [
        &["shock", "gallium", "--ban", "CHN", "--for", "WLD"][..],
        &["shock", "gallium", "--ban", "ROW"],
        &["screen", "WLD"],
        &["screen", "WLD", "--gdp"],
        &["risk", "WLD"],
        &["risk", "geopolrisk", "--country", "ROW"],
        &["risk", "eu", "--country", "WLD"],
        &["risk", "nassar", "--country", "WLD"],
        &["risk", "hazard", "--country", "WLD"],
    ] {
        let said = report(arguments);
        assert!(said.contains("is a sum of countries, not a party"), "{arguments:?}: {said}");
        assert!(!said.contains("--"), "{arguments:?} names an option: {said}");
    }
    assert!(report(&["risk", "USA", "--year", "2012"]).contains("there is no trade of 2012"));
}

#[test]
fn an_element_is_answered_as_itself() {
    let found = document(&["shock", "Dy", "--ban", "CHN@refine", "--draws", "5"]);
    assert_eq!(found["mineral"], "dysprosium");
}

#[test]
fn every_command_counts_threads() {
    for arguments in [
        &["screen", "USA", "--draws", "0", "--top", "1"][..],
        &["risk", "USA", "--draws", "0"],
        &["risk", "eu", "--country", "EU27", "--draws", "0"],
        &["shock", "gallium", "--ban", "CHN", "--draws", "4"],
    ] {
        let one = answer(&[arguments, &["--threads", "1"]].concat());
        assert_eq!(one, answer(&[arguments, &["--threads", "2"]].concat()), "{arguments:?}");
    }
}
