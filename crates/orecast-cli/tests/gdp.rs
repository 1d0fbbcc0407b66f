//! The economy's losses as a reader meets them.
#![allow(clippy::unwrap_used)]

use std::{path::Path, process::Command};

use serde_json::Value;

fn answer(arguments: &[&str]) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let output = Command::new(env!("CARGO_BIN_EXE_orecast"))
        .current_dir(root)
        .env_remove("ORECAST_PACKAGE")
        .env_remove("ORECAST_DATA")
        .args(arguments)
        .output()
        .unwrap();
    let complaint = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success() && complaint.is_empty(), "{arguments:?}: {complaint}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_screen_ranks_minerals_by_what_the_economy_would_lose() {
    let found: Value =
        serde_json::from_str(&answer(&["screen", "USA", "--gdp", "--draws", "0", "--json"])).unwrap();
    assert_eq!(found["basis"], "accounts");
    let minerals = found["minerals"].as_array().unwrap();
    let expected: Vec<f64> =
        minerals.iter().map(|row| row["expected_loss_musd"]["mid"].as_f64().unwrap()).collect();
    assert!(expected.len() > 40 && expected.is_sorted_by(|a, b| a >= b), "{expected:?}");
    assert!(minerals[0]["industries"].as_array().unwrap().len() == 3);
    let rows = found["screen"]["rows"].as_array().unwrap();
    let losses: Vec<f64> = rows.iter().filter_map(|row| row["gdp_loss_musd"].as_f64()).collect();
    assert_eq!(losses.len(), rows.len());
    let product = found["product_musd"].as_f64().unwrap();
    assert!(losses.iter().all(|loss| *loss < product), "no loss exceeds the whole product");
    assert!(losses.iter().any(|loss| *loss < 0.0), "some stop is a gain for a net exporter");
    for row in found["exporters"].as_array().unwrap() {
        let [once, alone] = ["all_at_once_musd", "each_alone_musd"].map(|key| row[key].as_f64().unwrap());
        assert!(once <= alone + 0.03 * alone.abs() + 1.0, "{row}");
    }
}

#[test]
fn the_hazard_shows_its_fit_and_its_limits() {
    let text = answer(&["risk", "hazard", "--country", "USA", "--wide"]);
    for part in ["Predicted against observed", "Brier score", "2023 to 2024", "Associations, not causes"] {
        assert!(text.contains(part), "{part}: {text}");
    }
}
