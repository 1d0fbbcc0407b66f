//! What README and book quote is what the program prints.
//!
//! A block that is held follows a comment that names the command, and the lines of its output if not all are quoted:
//!
//! ````text
//! <!-- held: orecast run deals/us-kazakhstan-2025.toml | lines 3-4, 6-8 -->
//! ```text
//! ...
//! ```
//! ````
//!
//! To renew all blocks, then read what `git diff` says:
//!
//! ```text
//! ORECAST_RENEW=1 cargo nextest run -E 'binary(held)'
//! ```
#![allow(clippy::unwrap_used)]

mod common;

use std::{
    collections::BTreeMap,
    env, fs,
    ops::{Range, RangeInclusive},
    path::{Path, PathBuf},
    process::Command,
};

use common::root;

const MARK: &str = "<!-- held: orecast ";
const OPEN: &str = "```text\n";
const CLOSE: &str = "\n```";

/// A quotation on a page.
#[derive(Debug, PartialEq)]
struct Block {
    /// Arguments of the program.
    command: String,
    /// Lines of its output, from 1; all when empty.
    lines: Vec<RangeInclusive<usize>>,
    /// Bytes of the page that quote.
    at: Range<usize>,
}

/// The held blocks of a page.
fn blocks(page: &str) -> Vec<Block> {
    let starts = page.match_indices(MARK).filter(|(start, _)| *start == 0 || page[..*start].ends_with('\n'));
    starts
        .map(|(start, _)| {
            let (mark, after) = page[start + MARK.len()..].split_once(" -->\n").unwrap();
            let (command, lines) = mark.split_once(" | lines ").unwrap_or((mark, ""));
            let lines = lines.split(", ").filter(|part| !part.is_empty()).map(|part| {
                let (from, to) = part.split_once('-').unwrap_or((part, part));
                from.parse().unwrap()..=to.parse().unwrap()
            });
            assert!(after.starts_with(OPEN), "a text block must follow `{MARK}{mark} -->`");
            let from = page.len() - after.len() + OPEN.len();
            let to = from - 1 + page[from - 1..].find(CLOSE).unwrap();
            Block { command: command.to_owned(), lines: lines.collect(), at: from..to.max(from) }
        })
        .collect()
}

/// What a block must quote of an output. Trailing spaces of table lines are not quoted.
fn quoted(block: &Block, output: &str) -> String {
    let all: Vec<&str> = output.trim_end().lines().map(str::trim_end).collect();
    if block.lines.is_empty() {
        return all.join("\n");
    }
    let line = |number: usize| all.get(number - 1).copied().unwrap_or("");
    block.lines.iter().flat_map(|range| range.clone().map(line)).collect::<Vec<_>>().join("\n")
}

/// Output of the program in a folder of its own with the repository's cases, so that commands that write files can be quoted too.
fn printed(folder: &Path, command: &str) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_orecast"))
        .current_dir(folder)
        .env("ORECAST_PACKAGE", root().join("data"))
        .env_remove("ORECAST_DATA")
        .args(command.split_whitespace())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "orecast {command}: {said}");
    String::from_utf8(output.stdout).unwrap()
}

fn pages() -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join("docs/src")).unwrap().map(|entry| entry.unwrap().path());
    let mut pages: Vec<PathBuf> =
        entries.filter(|path| path.extension().is_some_and(|e| e == "md")).collect();
    pages.push(root().join("README.md"));
    pages.sort();
    pages
}

#[test]
fn quoted_output_is_what_the_program_prints() {
    let folder = tempfile::tempdir().unwrap();
    copy_cases(folder.path());
    let renew = env::var_os("ORECAST_RENEW").is_some();
    let (mut outputs, mut stale, mut held) = (BTreeMap::new(), Vec::new(), 0);
    for path in pages() {
        let mut page = fs::read_to_string(&path).unwrap();
        let before = page.clone();
        // From the last to the first, so that places stay right.
        for block in blocks(&before).iter().rev() {
            let output = outputs
                .entry(block.command.clone())
                .or_insert_with(|| printed(folder.path(), &block.command));
            let wanted = quoted(block, output);
            let there = &before[block.at.clone()];
            if there != wanted {
                stale.push(difference(&path, block, there, &wanted));
                page.replace_range(block.at.clone(), &wanted);
            }
            held += 1;
        }
        if renew && page != before {
            fs::write(&path, page).unwrap();
        }
    }
    assert!(held >= 5, "only {held} blocks are held");
    assert!(
        renew || stale.is_empty(),
        "{}\nif that is meant: ORECAST_RENEW=1 cargo nextest run -E 'binary(held)'",
        stale.join("\n")
    );
}

/// The cases under the paths that the pages name.
fn copy_cases(folder: &Path) {
    for part in ["deals", "deals/presets"] {
        fs::create_dir_all(folder.join(part)).unwrap();
        for entry in fs::read_dir(root().join(part)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                fs::copy(&path, folder.join(part).join(path.file_name().unwrap())).unwrap();
            }
        }
    }
}

/// The lines of a block that are not as printed.
fn difference(path: &Path, block: &Block, there: &str, wanted: &str) -> String {
    let mut said = vec![format!("{}: orecast {}", path.display(), block.command)];
    let (there, wanted): (Vec<&str>, Vec<&str>) = (there.lines().collect(), wanted.lines().collect());
    for i in 0..there.len().max(wanted.len()) {
        let (quoted, printed) = (there.get(i), wanted.get(i));
        if quoted != printed {
            said.extend(quoted.map(|line| format!("  quoted   {line}")));
            said.extend(printed.map(|line| format!("  printed  {line}")));
        }
    }
    said.join("\n")
}

#[test]
fn blocks_are_found_and_cut_to_their_lines() {
    let page = "# A\n\n<!-- held: orecast show W | lines 1, 3-4 -->\n```text\na\nc\n```\n\n```text\nfree\n```\n\
                <!-- held: orecast show X -->\n```text\nall\n```\n";
    let found = blocks(page);
    assert_eq!(found.len(), 2);
    assert_eq!(found[0].command, "show W");
    assert_eq!(found[0].lines, [1..=1, 3..=4]);
    assert_eq!((&page[found[0].at.clone()], &page[found[1].at.clone()]), ("a\nc", "all"));
    assert_eq!(quoted(&found[0], "a  \nb\nc\n"), "a\nc\n");
    assert_eq!(quoted(&found[1], "all\n\n"), "all");
}
