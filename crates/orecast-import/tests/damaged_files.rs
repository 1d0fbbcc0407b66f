//! No damaged file makes a reader panic: a short run of the fuzzer, the same inputs every time.

#![allow(clippy::unwrap_used, missing_docs)]

mod fuzz;

use orecast_import::IMPORTERS;

/// Inputs for each reader; `scripts/fuzz` runs as many as time allows.
const INPUTS: u64 = 60;

#[test]
fn damaged_files_are_read_or_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut broken = Vec::new();
    for target in fuzz::targets(folder.path()) {
        for number in 0..INPUTS {
            if let Err(error) = target.read(1, number) {
                broken.push(format!("{} {number}: {error}", target.name));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn inputs_depend_on_seed_and_number_only_and_do_differ() {
    let folder = tempfile::tempdir().unwrap();
    let targets = fuzz::targets(folder.path());
    let bytes = |seed, number| targets[0].input(seed, number)[0].bytes.clone();
    assert_eq!(bytes(1, 7), bytes(1, 7));
    assert_ne!(bytes(1, 7), bytes(1, 8));
    assert_ne!(bytes(1, 7), bytes(2, 7));
}

#[test]
fn every_importer_is_a_target() {
    let folder = tempfile::tempdir().unwrap();
    let names: Vec<String> = fuzz::targets(folder.path()).into_iter().map(|target| target.name).collect();
    for importer in IMPORTERS {
        assert!(names.contains(&format!("import-{}", importer.name)), "{}", importer.name);
    }
}
