//! The program under test: how it is run, and what it must say.
#![allow(clippy::unwrap_used)]
// Each test file is a program of its own and uses a part of this.
#![allow(dead_code)]

use std::{
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

/// The shipped case.
pub(crate) const CASE: &str = "deals/us-kazakhstan-2025.toml";

/// Root of the repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// Runs a command in the root of the repository with the shipped facts.
pub(crate) fn orecast(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_orecast"))
        .current_dir(root())
        .env_remove("ORECAST_PACKAGE")
        .env_remove("ORECAST_DATA")
        .stdin(Stdio::null())
        .args(arguments)
        .output()
        .unwrap()
}

/// Standard output of a command that must succeed without complaint.
pub(crate) fn answer(arguments: &[&str]) -> String {
    let output = orecast(arguments);
    let complaint = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success() && complaint.is_empty(), "{arguments:?}: {complaint}");
    String::from_utf8(output.stdout).unwrap()
}

/// Report of a command that must refuse its input: exit code 2 and nothing on standard output.
pub(crate) fn report(arguments: &[&str]) -> String {
    let output = orecast(arguments);
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
    assert_eq!(said, "");
    String::from_utf8(output.stderr).unwrap()
}
