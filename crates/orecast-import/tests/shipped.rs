//! The shipped tables and the raw files agree.
#![allow(clippy::unwrap_used)]

use std::{fs, path::Path};

use orecast_import::compile::{Folders, compile};

/// The shipped tables are what the importers make of the raw files, to the byte. Skipped where the raw files, which are no part of the
/// repository, do not lie beside it.
#[test]
fn the_shipped_tables_come_out_of_the_importers_to_the_byte() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().map(|folder| folder.join("shared"));
    let Some(shared) = above.find(|folder| folder.join("facts/recent").is_dir()) else {
        eprintln!("skipped: no folder of curated facts and publisher files beside the repository");
        return;
    };
    let folders = Folders { facts: shared.join("facts"), sources: shared.join("sources") };
    let written = tempfile::tempdir().unwrap();
    let tables = compile(&folders).unwrap().write(written.path()).unwrap();
    for (table, _) in tables {
        let file = format!("{table}.csv");
        let (made, shipped) = (fs::read(written.path().join(&file)), fs::read(root.join("data").join(&file)));
        assert!(made.unwrap() == shipped.unwrap(), "{file} differs: run `orecast data import all`");
    }
}
