//! Every shipped case as a reader meets it.
#![allow(clippy::unwrap_used)]

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

fn orecast(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_orecast"))
        .current_dir(root())
        .env_remove("ORECAST_PACKAGE")
        .stdin(Stdio::null())
        .args(arguments)
        .output()
        .unwrap();
    let complaint = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success() && complaint.is_empty(), "{arguments:?}: {complaint}");
    String::from_utf8(output.stdout).unwrap()
}

fn run(case: &str, more: &[&str]) -> Value {
    let arguments = [&["run", case, "--draws", "8", "--json"], more].concat();
    serde_json::from_str(&orecast(&arguments)).unwrap()
}

fn shipped() -> Vec<String> {
    let entries = fs::read_dir(root().join("deals")).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut files: Vec<String> = names
        .filter(|name| std::path::Path::new(name).extension().is_some_and(|end| end == "toml"))
        .map(|name| format!("deals/{name}"))
        .collect();
    files.sort();
    files
}

/// Middle of an indicator's rows that fit.
fn middle(document: &Value, arm: &str, mineral: &str, indicator: &str, year: i64) -> f64 {
    let rows = document["rows"].as_array().unwrap();
    let fits = |row: &&Value| {
        row["arm"] == arm && row["mineral"] == mineral && row["indicator"] == indicator && row["year"] == year
    };
    let row = rows.iter().find(fits).unwrap_or_else(|| panic!("{arm} {mineral} {indicator} {year}"));
    row["mid"].as_f64().unwrap()
}

#[test]
fn every_shipped_case_is_short_sound_and_runs_with_ranges() {
    let files = shipped();
    assert!(files.len() >= 11, "{files:?}");
    let (mut all_solved, mut all_answered) = (0, 0);
    for file in &files {
        assert!(fs::read_to_string(root().join(file)).unwrap().lines().count() < 150, "{file} is long");
        assert!(orecast(&["case", "check", file]).contains("no problems"), "{file}");
        let document = run(file, &[]);
        let converged = &document["manifest"]["converged"];
        let count = |key: &str| converged[key].as_u64().unwrap();
        let (answered, solved, failed) = (count("answered"), count("solved"), count("failed"));
        assert!(answered > 200 && failed * 100 < solved, "{file}: {failed} of {solved} failed");
        assert!(solved + failed <= answered, "{file}: {solved} solved, {answered} answered");
        all_solved += solved + failed;
        all_answered += answered;
        let answer = document["answer"].as_array().unwrap();
        assert!(!answer.is_empty(), "{file} says nothing");
        assert!(
            answer.iter().any(|s| s.as_str().unwrap().contains(" to ")),
            "{file}: no range in {answer:?}"
        );
        let rows = document["rows"].as_array().unwrap();
        for row in rows.iter().filter(|row| row["mid"].is_number()) {
            let [low, mid, high] = ["low", "mid", "high"].map(|key| row[key].as_f64().unwrap());
            assert!(low <= mid && mid <= high, "{file}: {row}");
        }
        let arms = document["arms"].as_array().unwrap();
        let spends = |event: &Value| event["payer"].is_string();
        let pays = arms.iter().any(|arm| arm["commitments"].as_array().unwrap().iter().any(spends));
        let money = document["money"].as_array().unwrap();
        assert_eq!(pays, money.iter().any(|entry| entry["who"] == "treasury"), "{file}");
        assert_eq!(
            document["case"]["branches"].as_array().map_or(0, Vec::len),
            document["branches"].as_array().map_or(0, Vec::len)
        );
    }
    // Draws in which nothing acts on a mineral are solved once for all arms.
    assert!(all_solved < all_answered, "{all_solved} solved, {all_answered} answered");
}

#[test]
fn minerals_that_no_arm_acts_on_are_there_where_they_are_asked_for_and_change_nothing() {
    let case = "deals/us-kazakhstan-2025.toml";
    let (short, whole) = (run(case, &["--years", "2028"]), run(case, &["--years", "2028", "--all"]));
    let minerals = |document: &Value| document["manifest"]["minerals"].as_array().unwrap().len();
    assert!(minerals(&short) < minerals(&whole));
    assert_eq!(minerals(&whole), whole["case"]["minerals"].as_array().unwrap().len());
    let rows = |document: &Value| document["rows"].as_array().unwrap().clone();
    let (shown, all) = (rows(&short), rows(&whole));
    assert!(!shown.is_empty() && shown.len() < all.len());
    let run: Vec<&Value> = short["manifest"]["minerals"].as_array().unwrap().iter().collect();
    assert_eq!(shown, all.into_iter().filter(|row| run.contains(&&row["mineral"])).collect::<Vec<_>>());
    assert_eq!((&short["answer"], &short["money"]), (&whole["answer"], &whole["money"]));
}

#[test]
fn controls_cut_what_the_united_states_buys_from_china_and_leave_it_dearer() {
    let document = run("deals/china-controls-2025.toml", &[]);
    let of = |arm: &str, indicator: &str| middle(&document, arm, "antimony", indicator, 2027);
    assert!(of("licences", "supply-from-rival") < of("no-controls", "supply-from-rival"));
    assert!(of("licences-and-ban", "supply-from-rival") < 0.01);
    assert!(of("licences-and-ban", "delivered-price") > of("no-controls", "delivered-price"));
}

#[test]
fn oxide_read_as_metal_makes_the_deal_larger() {
    let document = run("deals/us-kazakhstan-readings.toml", &[]);
    let said = |answer: &Value| answer[0].as_str().unwrap().to_owned();
    let oxide =
        document["branches"].as_array().unwrap().iter().find(|b| b["id"] == "tungsten-as-oxide").unwrap();
    assert_ne!(said(&oxide["answer"]), said(&document["answer"]));
}

#[test]
fn members_of_a_bloc_count_together() {
    let document = run("deals/eu-kazakhstan-2022.toml", &[]);
    let rows = document["rows"].as_array().unwrap();
    assert!(rows.iter().any(|row| row["actor"] == "EU27" && row["indicator"] == "rival-content"));
    let document = run("deals/c5-antimony-2025.toml", &[]);
    let rows = document["rows"].as_array().unwrap();
    assert!(rows.iter().any(|row| row["actor"] == "C5" && row["indicator"] == "production"));
}

#[test]
fn why_adds_up_and_names_what_moves_the_answer() {
    let document = run("deals/us-kazakhstan-2025.toml", &["--why", "--years", "2032"]);
    let why = &document["why"];
    let headlines = why["contributions"]["headlines"].as_array().unwrap();
    assert!(headlines.len() > 3);
    for headline in headlines {
        let total = headline["total"].as_f64().unwrap();
        let parts: f64 =
            headline["parts"].as_array().unwrap().iter().map(|part| part["mean"].as_f64().unwrap()).sum();
        assert!((total - parts).abs() <= 1e-9 * total.abs().max(1.0), "{headline}");
    }
    assert_eq!(why["robustness"]["order"].as_array().unwrap().len(), 3);
    assert!(why["robustness"]["movers"].as_array().unwrap().len() > 20);
    let text = orecast(&["run", "deals/us-kazakhstan-2025.toml", "--draws", "4", "--years", "2030", "--why"]);
    assert!(text.contains("Why: what each clause of framework adds"), "{text}");
    assert!(text.contains("What would change the conclusion"), "{text}");
}

#[test]
fn a_contract_whose_buyer_used_none_is_refused_by_the_check() {
    let text = fs::read_to_string(root().join("deals/us-australia-2025.toml")).unwrap();
    let bought = "project = \"AU-GA-WAGERUP\", buyer = \"USA\"";
    assert!(text.contains(bought));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("case.toml");
    fs::write(&file, text.replace(bought, "project = \"AU-GA-WAGERUP\", buyer = \"TJK\"")).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_orecast"))
        .current_dir(root())
        .args(["case", "check", file.to_str().unwrap()])
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && said.contains("`gallium-offtake`: TJK used no gallium"), "{said}");
}
