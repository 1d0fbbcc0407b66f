//! What every importer says of files that are cut, mixed up or of another kind.

#![allow(clippy::unwrap_used, missing_docs)]

use std::{fmt::Write, path::Path};

use orecast_import::{Importer, Input, importer, layer};

/// Publishers' importers, their fixture, and a quantity in it with the text around it.
const FILES: &[(&str, &[&str], &str, &str)] = &[
    ("usgs-mcs-2026", &["usgs-mcs-2026.csv"], "\"70,000\"", ""),
    ("usgs-reliance", &["usgs-mcs-2026.csv"], ">50", ""),
    ("usgs-mcs-2025", &["usgs-mcs-2025.csv"], "1600", ""),
    ("usgs-yearbook", &["usgs-yearbook.csv"], "65000.0", ""),
    ("iea", &["iea.json"], "200.5", ""),
    ("wgi-stability", &["wgi-stability.csv"], "2024,-0.25", "2024,"),
    ("wgi-six", &["wgi-six.csv"], "-0.4", ""),
    ("un-ideal-points", &["un-ideal-points.csv"], "-0.5", ""),
    ("geodist", &["geodist.csv"], "5712.6", ""),
    ("country-risk", &["country-risk.csv"], "0.02,", ""),
    ("oecd-restrictions", &["oecd-restrictions.csv"], "2023-01-01", ""),
    ("bea-io", &["io-use.csv", "io-make.csv", "io-import.csv", "io-output.csv"], "T006,900", "T006,"),
    ("baci", &["baci.csv"], "3705", ""),
    ("pink-sheet", &["pink-sheet.csv"], "2024M05,105", "2024M05,"),
    ("wmd", &["wmd.csv"], "20000", ""),
    ("bgs", &["bgs.csv"], "1500", ""),
];

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/import").join(name)).unwrap()
}

/// What an importer says when the first of its files is changed.
fn report(importer: &Importer, files: &[&str], change: impl Fn(&str, Vec<u8>) -> Vec<u8>) -> String {
    let inputs: Vec<Input> = files
        .iter()
        .enumerate()
        .map(|(place, name)| {
            let bytes = fixture(name);
            Input::inline(name, if place == 0 { change(importer.name, bytes) } else { bytes })
        })
        .collect();
    match layer::import(importer, &inputs) {
        Ok((tables, remarks)) => {
            let remarks: Vec<String> =
                remarks.remarks().iter().map(|remark| format!("\nnote: {remark}")).collect();
            format!("read, {} rows{}", tables.row_count(), remarks.concat())
        }
        Err(report) => report.to_string(),
    }
}

/// What all importers say of a change.
fn reports(change: impl Fn(&str, Vec<u8>) -> Vec<u8>) -> String {
    let mut text = String::new();
    for (name, files, ..) in FILES {
        writeln!(text, "## {name}\n{}\n", report(importer(name).unwrap(), files, &change)).unwrap();
    }
    text
}

/// The fixture of an importer with its quantity replaced.
fn with_quantity(name: &str, bytes: &[u8], quantity: &str) -> Vec<u8> {
    let (.., old, lead) = FILES.iter().find(|(other, ..)| *other == name).unwrap();
    let old = old.as_bytes();
    let at = bytes.windows(old.len()).position(|window| window == old).unwrap();
    let tail = if old.ends_with(b",") { "," } else { "" };
    let new = format!("{lead}{quantity}{tail}");
    [&bytes[..at], new.as_bytes(), &bytes[at + old.len()..]].concat()
}

#[test]
fn sound_fixtures_are_read() {
    let text = reports(|_, bytes| bytes);
    assert_eq!(text.matches("\nread, ").count(), FILES.len(), "{text}");
}

#[test]
fn truncated() {
    insta::assert_snapshot!(reports(|_, bytes| bytes[..bytes.len() * 7 / 10].to_vec()));
}

#[test]
fn other_delimiter() {
    insta::assert_snapshot!(reports(|_, bytes| {
        bytes.into_iter().map(|byte| if byte == b',' { b';' } else { byte }).collect()
    }));
}

#[test]
fn another_publisher_s_file() {
    insta::assert_snapshot!(reports(|name, _| fixture(if name == "geodist" {
        "wmd.csv"
    } else {
        "geodist.csv"
    })));
}

#[test]
fn an_archive_that_is_no_workbook() {
    insta::assert_snapshot!(reports(|_, _| b"PK\x03\x04 no workbook at all".to_vec()));
}

#[test]
fn nul_bytes() {
    insta::assert_snapshot!(reports(|_, bytes| {
        let middle = bytes.len() / 2;
        [&bytes[..middle], b"\0\0\0", &bytes[middle..]].concat()
    }));
}

#[test]
fn bytes_that_are_no_utf_8() {
    insta::assert_snapshot!(reports(|_, bytes| {
        let middle = bytes.iter().position(|&byte| byte == b'\n').unwrap() + 3;
        [&bytes[..middle], b"\xe9\xff", &bytes[middle..]].concat()
    }));
}

#[test]
fn header_only() {
    insta::assert_snapshot!(reports(|_, bytes| {
        bytes.split_inclusive(|&byte| byte == b'\n').next().unwrap().to_vec()
    }));
}

#[test]
fn a_missing_column() {
    insta::assert_snapshot!(reports(|name, bytes| {
        let second = if name.starts_with("usgs") { 3 } else { 1 };
        let without = |line: &[u8]| {
            let cells: Vec<&[u8]> = line.split(|&byte| byte == b',').collect();
            let kept = cells.iter().enumerate().filter(|(place, _)| *place != second || cells.len() < 3);
            kept.map(|(_, cell)| *cell).collect::<Vec<_>>().join(&b',')
        };
        bytes.split(|&byte| byte == b'\n').map(without).collect::<Vec<_>>().join(&b'\n')
    }));
}

#[test]
fn huge_numbers() {
    insta::assert_snapshot!(reports(|name, bytes| with_quantity(name, &bytes, "1e300")));
}

#[test]
fn negative_quantities() {
    insta::assert_snapshot!(reports(|name, bytes| with_quantity(name, &bytes, "-70")));
}

#[test]
fn an_empty_file() {
    insta::assert_snapshot!(reports(|_, _| Vec::new()));
}
