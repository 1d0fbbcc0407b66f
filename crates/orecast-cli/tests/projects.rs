//! `orecast projects`, `orecast project` and `orecast licence` as a reader meets them.
#![allow(clippy::unwrap_used)]

mod common;

use std::fs;

use common::{answer, report};
use insta::assert_snapshot;
use serde_json::Value;

#[test]
fn projects_are_listed_by_place_and_by_control() {
    assert_snapshot!(
        "projects_tungsten_kazakhstan",
        answer(&["projects", "--mineral", "tungsten", "--country", "KAZ"])
    );
    let abroad = answer(&["projects", "--control", "CHN", "--country", "KAZ"]);
    assert!(abroad.contains("KZ-W-BOGUTY") && !abroad.contains("KZ-GA-PAVLODAR"), "{abroad}");
    let all: Value = serde_json::from_str(&answer(&["projects", "--mineral", "tungsten", "--json"])).unwrap();
    let sum = |key: &str| all[key].as_array().unwrap().len();
    assert!(sum("projects") > 15 && sum("by_control") > 3);
    let stopped = answer(&["projects", "--status", "suspended"]);
    assert!(stopped.contains("suspended") && !stopped.contains(" construction "), "{stopped}");
    assert!(answer(&["projects", "--mineral", "tungsten", "--country", "NOR"]).contains("no project of"));
    assert_eq!(
        report(&["projects", "--status", "construcion"]),
        "no status `construcion`\n    did you mean `construction`?\n"
    );
}

#[test]
fn lead_times_stand_beside_the_published_ones() {
    let text = answer(&["projects", "--lead-times"]);
    assert!(!text.contains(" off "), "{text}");
    assert_snapshot!("lead_times", text);
}

#[test]
fn one_project_is_shown_whole() {
    assert_snapshot!("project_katpar", answer(&["project", "KZ-W-NKATPAR"]));
    let page: Value = serde_json::from_str(&answer(&["project", "KZ-W-NKATPAR", "--json"])).unwrap();
    for key in ["line", "row", "times", "economics", "money", "deals"] {
        assert!(page.get(key).is_some(), "{key}");
    }
    let bare = answer(&["project", "KZ-W-YZHAUR"]);
    assert!(bare.contains("no added output is published"), "{bare}");
    assert!(report(&["project", "KZ-W-NKATPR"]).contains("nearest: KZ-W-NKATPAR"));
}

#[test]
fn a_licence_costs_and_obliges() {
    assert_snapshot!(
        "licence_kazakhstan",
        answer(&["licence", "--regime", "kazakhstan", "--blocks", "200", "--years", "11"])
    );
    assert_snapshot!(
        "licence_western_australia",
        answer(&["licence", "--regime", "western-australia", "--blocks", "70", "--years", "10"])
    );
    assert!(report(&["licence", "--regime", "kazakstan"]).contains("did you mean `kazakhstan`?"));
    assert!(answer(&["licence", "--regime", "kazakhstan", "--blocks", "250"]).contains("200 blocks at most"));
}

#[test]
fn a_register_of_licences_is_read_or_refused_whole() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("register.csv");
    let path = file.to_str().unwrap();
    fs::write(
        &file,
        "id,holder,country,mineral,kind,granted,expires,area_km2,blocks\n\
         EL-1,North,Kazakhstan,tungsten,exploration,2022-03-01,2028-03-01,400,200\n\
         ML-2,South,AUS,copper,mining,2020,2041,12,\n",
    )
    .unwrap();
    assert_snapshot!("licence_register", answer(&["licence", "--register", path]));
    fs::write(&file, "id,country,granted,area_km2\nA,Nowhere,20x4,-1\nA,KAZ,2024,\n").unwrap();
    let said = report(&["licence", "--register", path]);
    assert!(said.contains("`Nowhere`") && said.contains("`20x4`") && said.contains("`-1`"), "{said}");
}
