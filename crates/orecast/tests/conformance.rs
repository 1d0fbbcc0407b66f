//! Numbers of others: `tests/conformance` says what they are and on what terms they are shipped.
#![allow(clippy::unwrap_used)]

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use orecast::{
    base::shapley::{EXACT_PLAYERS, shapley},
    indicator::{
        disruption::Disruption,
        eu::{self, SupplyRisk},
        geopolrisk::folder::{Case, Inputs},
        nassar::{Producer, disruption_potential},
    },
};
use serde_json::Value;

fn conformance() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/conformance")
}

/// A folder of `shared/conformance` beside the repository, whose terms do not let it be shipped.
fn beside(folder: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/conformance").join(folder);
    assert!(path.is_dir(), "{} is no folder: run without the ignored tests", path.display());
    path
}

fn document(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn vector(name: &str) -> Value {
    document(&conformance().join("vectors.json"))[name].clone()
}

/// A number that stands as such or as a fraction in a text.
fn number(value: &Value) -> f64 {
    let Some(text) = value.as_str() else { return value.as_f64().unwrap() };
    let (above, below) = text.split_once('/').unwrap_or((text, "1"));
    above.parse::<f64>().unwrap() / below.parse::<f64>().unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(number).collect()
}

/// Fails unless two numbers agree to a relative 1e-9.
fn assert_close(found: f64, expected: f64, what: &str) {
    let error = (found - expected).abs() / expected.abs().max(f64::MIN_POSITIVE);
    assert!(found == expected || error <= 1e-9, "{what}: {found}, expected {expected}");
}

/// Tables of a CSV without quotes: its heads and its rows.
fn table(path: &Path) -> (Vec<String>, Vec<Vec<String>>) {
    let text = fs::read_to_string(path).unwrap();
    let mut lines = text.lines().map(|line| line.split(',').map(str::to_owned).collect());
    (lines.next().unwrap(), lines.collect())
}

/// Compares the cases of a folder, column by column, with what the inputs beside them give. Returns how many there were.
fn compare_geopolrisk(folder: &Path) -> usize {
    let ours = Inputs::read(&folder.join("inputs")).unwrap().table();
    let key = |case: &Case| (case.year.to_string(), case.country.clone(), case.mineral.clone());
    let ours: BTreeMap<_, Value> =
        ours.iter().map(|case| (key(case), serde_json::to_value(case).unwrap())).collect();
    let (columns, rows) = table(&folder.join("cases.csv"));
    for row in &rows {
        let case = &ours[&(row[0].clone(), row[1].clone(), row[2].clone())];
        for (column, cell) in columns.iter().zip(row).skip(3) {
            let found = case[column.as_str()].as_f64().unwrap_or_else(|| panic!("no column {column}"));
            assert_close(found, cell.parse().unwrap(), &format!("{row:?}, {column}"));
        }
    }
    rows.len()
}

#[test]
fn import_risk_and_unit_price_of_geopolrisk_are_reproduced() {
    assert_eq!(compare_geopolrisk(&conformance().join("geopolrisk")), 214);
}

#[test]
#[ignore = "compares with shared/conformance beside the repository, whose terms do not let it be shipped"]
fn every_reference_case_of_geopolrisk_is_reproduced() {
    let folder = beside("geopolrisk");
    assert_eq!(compare_geopolrisk(&folder), 1_306);
    assert_eq!(Inputs::read(&folder.join("inputs")).unwrap().table().len(), 24 * 16 * 7);
    let (columns, _) = table(&folder.join("cases.csv"));
    assert_eq!(columns.len(), 10);
}

#[test]
fn a_world_that_loses_part_of_its_supply_has_the_known_price() {
    for name in ["A_uncapped", "A_capped", "A_no_excess", "A_severe"] {
        let v = vector(name);
        let market = Disruption {
            demand: number(&v["Q0"]),
            price: number(&v["P0"]),
            supply_elasticity: number(&v["eps_s"]),
            demand_elasticity: number(&v["eps_d"]),
            lost: number(&v["disrupted"]),
            spare: Some(number(&v["excess_capacity"])),
            choke: None,
        };
        let settled = market.settle().unwrap();
        assert_close(settled.price, number(&v["P1"]), name);
        assert_close(settled.quantity, number(&v["Q1"]), name);
    }
}

#[test]
fn scores_of_risk_have_the_known_values() {
    let v = vector("A_nassar");
    let columns = ["PS", "ASI", "WSI"].map(|column| numbers(&v[column]));
    let producers: Vec<Producer> = (0..columns[0].len())
        .map(|i| Producer { share: columns[0][i], inability: columns[1][i], unwillingness: columns[2][i] })
        .collect();
    assert_close(disruption_potential(&producers), number(&v["DP"]), "disruption potential");

    let v = vector("B_eu_SR");
    let sources = |shares: &str, governance: &str, trade: &str| -> Vec<eu::Source> {
        let columns = [shares, governance, trade].map(|column| numbers(&v[column]));
        (0..columns[0].len())
            .map(|i| eu::Source { share: columns[0][i], governance: columns[1][i], trade: columns[2][i] })
            .collect()
    };
    let global = eu::concentration(&sources("shares_global", "WGI_global_scaled01", "t_global"));
    let sourcing = eu::concentration(&sources("shares_EU", "WGI_EU_scaled01", "t_EU"));
    assert_close(global, number(&v["HHI_WGIt_GS"]), "global supply");
    assert_close(sourcing, number(&v["HHI_WGIt_EU"]), "sourcing");
    let risk = SupplyRisk {
        global: Some(global),
        sourcing: Some(sourcing),
        import_reliance: number(&v["IR"]),
        recycling: number(&v["EoL_RIR"]),
        substitution: number(&v["SI_SR"]),
    };
    assert_close(risk.value().unwrap(), number(&v["SR_scale1"]), "supply risk");
}

#[test]
fn shapley_values_of_small_games_are_exact() {
    let weights = [5.0, 3.0, 2.0];
    let worth = |mask: u64| {
        let sum: f64 = (0..3).filter(|p| mask & (2 << p) != 0).map(|p| weights[p]).sum();
        vec![if mask & 1 == 0 { 0.0 } else { sum.sqrt() }]
    };
    let expected = vector("E_shapley_4");
    let found = shapley(4, worth);
    for (player, found) in found.iter().enumerate() {
        let name = (player + 1).to_string();
        assert_close(found.value[0], number(&expected["phi"][&name]), &name);
        assert_eq!(found.error[0], 0.0);
    }
    assert_close(found.iter().map(|c| c.value[0]).sum(), number(&expected["sum"]), "all");
    // Player 1 has a left glove, players 2 and 3 a right one each; only a pair is worth anything.
    let found = shapley(3, |mask| vec![f64::from(u8::from(mask & 1 != 0 && mask & 6 != 0))]);
    for (found, expected) in found.iter().zip(["2/3", "1/6", "1/6"]) {
        assert_close(found.value[0], number(&Value::from(expected)), "glove");
    }
}

/// Worth of a coalition in a game of the folder: by table, or by the rule of a vote.
fn worth(game: &Value, mask: u64, players: usize) -> f64 {
    let members: Vec<usize> = (0..players).filter(|player| mask & (1 << player) != 0).collect();
    if let Some(table) = game.get("value") {
        let key: Vec<String> = members.iter().map(|player| (player + 1).to_string()).collect();
        return if key.is_empty() { 0.0 } else { number(&table[key.join(",")]) };
    }
    let rule = &game["rule"];
    let passes = if let Some(weights) = rule.get("weights") {
        let weights = numbers(weights);
        members.iter().map(|&player| weights[player]).sum::<f64>() >= number(&rule["quota"])
    } else {
        let vetoes = numbers(&rule["veto"]);
        vetoes.iter().all(|veto| members.contains(&(*veto as usize - 1)))
            && members.len() as f64 >= number(&rule["needed"])
    };
    f64::from(u8::from(passes))
}

#[test]
fn shapley_values_of_the_literature_are_reproduced() {
    let mut files: Vec<PathBuf> =
        fs::read_dir(conformance().join("cooperative")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert_eq!(files.len(), 10);
    for file in files {
        let game = document(&file);
        let name = game["id"].as_str().unwrap();
        let expected = numbers(&game["expected"]["shapley"]);
        let players = expected.len();
        let found = shapley(players, |mask| vec![worth(&game, mask, players)]);
        for (player, (found, expected)) in found.iter().zip(&expected).enumerate() {
            if players <= EXACT_PLAYERS {
                assert_close(found.value[0], *expected, &format!("{name}, player {}", player + 1));
            } else {
                // Sampled: within five of the errors that it states. A player that decides nothing in any of the 256 orders has
                // value and error 0 and may be worth up to about 3 in 256 all the same.
                let off = (found.value[0] - expected).abs();
                assert!(
                    off < 5.0 * found.error[0] + 3.0 / 256.0,
                    "{name}, player {}: {found:?}, expected {expected}",
                    player + 1
                );
            }
        }
        let whole = worth(&game, (1 << players) - 1, players);
        assert_close(found.iter().map(|part| part.value[0]).sum(), whole, name);
    }
}

#[test]
fn every_file_of_others_states_its_terms() {
    let notice = fs::read_to_string(conformance().join("NOTICE.csv")).unwrap();
    let named: Vec<&str> = notice.lines().skip(1).map(|line| line.split(',').next().unwrap()).collect();
    let mut folders = vec![conformance()];
    let mut unnamed = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let file = path.strip_prefix(conformance()).unwrap().to_str().unwrap().replace('\\', "/");
            let own = ["README.md", "NOTICE.csv"].contains(&file.as_str());
            let fits = |pattern: &&str| match pattern.split_once('*') {
                Some((start, end)) => file.starts_with(start) && file.ends_with(end),
                None => *pattern == file,
            };
            if !own && !named.iter().any(fits) {
                unnamed.push(file);
            }
        }
    }
    assert!(unnamed.is_empty(), "{unnamed:?} in no row of NOTICE.csv");
}
