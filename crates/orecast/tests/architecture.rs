//! The rooms of the library and the arrows between them: a room uses only rooms above it. The table in the book is written from the
//! same list.
#![allow(clippy::unwrap_used)]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// Rooms in the order of use, with what each holds.
const ROOMS: &[(&str, &str)] = &[
    ("base", "ids, units, ranges, dates, draws, diagnostics, progress, two small pieces of mathematics"),
    ("world", "facts: tables, checks, choice between sources, own data, look-up by name"),
    ("params", "the named assumptions as types: ranges of a case, values of a draw"),
    ("register", "promises and deliveries: clocks, rates, what became of a deal"),
    ("baseline", "one balanced mineral-year"),
    ("market", "the problem format and its solver; knows numbers only"),
    ("policy", "levers, commitments, presets, cases"),
    ("project", "one mine or plant: lead times, cost, government take, licence"),
    ("nowcast", "from the base year to today: what is known since, as states of the market"),
    ("pathway", "the years of one arm in one draw"),
    ("indicator", "numbers people quote: pure functions of an outcome"),
    ("ensemble", "draws to values by mineral, indicator, arm and year; sessions"),
    ("studies", "what runs the engine: run, path, hindcast, shock, screen, GDP at risk, risk, why"),
    ("answer", "what a reader gets: view, sections, tables, cells, sentences, figures"),
    ("ask", "the one door: engine, questions, answers, names"),
    ("render", "leaves: terminal, JSON, CSV, Parquet"),
];

/// Files that hold tests, not parts of the library.
fn is_test(path: &Path) -> bool {
    path.components().any(|part| {
        let name = part.as_os_str().to_string_lossy();
        name == "tests" || name == "tests.rs" || name == "testing.rs"
    })
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The text of a file without comments, and without the tests at its end.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let text = text.split("\n#[cfg(test)]\n#[allow").next().unwrap_or_default();
    let text = text.split("\n#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

/// Rooms that a text uses: what follows `crate::`, alone or as the heads of a list.
fn used(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (at, _) in text.match_indices("crate::") {
        let rest = &text[at + "crate::".len()..];
        let heads = match rest.strip_prefix('{') {
            Some(list) => heads(list),
            None => vec![rest],
        };
        for head in heads {
            let name: String =
                head.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            found.insert(name);
        }
    }
    found
}

/// The parts of a list in braces, as far as its closing brace.
fn heads(list: &str) -> Vec<&str> {
    let (mut depth, mut start, mut parts) = (0, 0, Vec::new());
    for (at, c) in list.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => {
                parts.push(&list[start..at]);
                break;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&list[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts
}

/// Arrows that point up: file and room, for the arrows of a library laid out in these rooms.
fn wrong_arrows(files: &BTreeMap<PathBuf, String>) -> Vec<String> {
    let place = |room: &str| ROOMS.iter().position(|(name, _)| *name == room);
    let mut wrong = Vec::new();
    for (path, text) in files {
        let room = path.components().next().unwrap().as_os_str().to_string_lossy().into_owned();
        let Some(here) = place(room.trim_end_matches(".rs")) else { continue };
        for other in used(text) {
            if place(&other).is_some_and(|there| there > here) {
                wrong.push(format!("{} uses {other}", path.display()));
            }
        }
    }
    wrong
}

fn library() -> BTreeMap<PathBuf, String> {
    let source = root().join("crates/orecast/src");
    let inside = |path: &PathBuf| path.strip_prefix(&source).unwrap().to_owned();
    sources(&source).iter().filter(|path| !is_test(path)).map(|path| (inside(path), code(path))).collect()
}

#[test]
fn a_room_uses_only_rooms_above_it() {
    let wrong = wrong_arrows(&library());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn an_arrow_turned_round_is_found() {
    for (file, text) in [
        ("market/solve.rs", "use crate::world::World;"),
        ("pathway/year.rs", "use crate::{\n    base::unit::Range,\n    indicator::{self, Roles},\n};"),
        ("studies/run.rs", "fn f() { crate::answer::number::figure() }"),
    ] {
        let files = BTreeMap::from([(PathBuf::from(file), text.to_owned())]);
        let found = wrong_arrows(&files);
        // Market is below world in the list of use, yet must not know it: that is a rule of its own.
        assert_eq!(found.len(), usize::from(!file.starts_with("market")), "{file}: {found:?}");
    }
}

#[test]
fn every_room_is_listed_and_every_listed_room_stands() {
    let listed: BTreeSet<&str> = ROOMS.iter().map(|(name, _)| *name).collect();
    let source = root().join("crates/orecast/src");
    let rooms = fs::read_dir(&source).unwrap().map(|entry| entry.unwrap().path());
    let standing: BTreeSet<String> = rooms
        .filter(|path| path.is_dir())
        .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    assert_eq!(standing.iter().map(String::as_str).collect::<BTreeSet<_>>(), listed);
}

/// What no file of a room may hold, whatever the order of rooms.
#[test]
fn the_nevers_hold() {
    let mut broken = Vec::new();
    for (path, text) in library() {
        let file = path.display().to_string();
        let in_room = |room: &str| file.starts_with(room);
        let mut never = |what: &str, found: bool| {
            if found {
                broken.push(format!("{file}: {what}"));
            }
        };
        never("the market knows no world", in_room("market") && used(&text).contains("world"));
        never("indicators run no model", in_room("indicator") && text.contains("Solver::"));
        never("the library knows no importer", text.contains("orecast_import"));
        let option = regex_lite::Regex::new(r#""[^"\n]*(^|[\s`(])--[a-z]"#).unwrap();
        never("no sentence of the library names a flag of a command line", option.is_match(&text));
    }
    for face in ["orecast-cli"] {
        for path in sources(&root().join("crates").join(face).join("src")) {
            let text = code(&path);
            let rounds = [".round()", "{:.1}", "{:.2}", "{:.0}"].iter().any(|word| text.contains(word));
            if rounds && !path.ends_with("output.rs") {
                broken.push(format!("{}: a face writes no numbers of its own", path.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// What is longer than it should be and is still to be taken apart; nothing may be added.
const STILL_LONG: &[&str] = &[
    "answer/explain.rs: fn effect",
    "baseline/priors.rs: fn fill",
    "pathway/calibrate.rs: fn calibrate",
    "pathway/deal.rs: fn impose_one",
    "studies/shock/interventions.rs: fn parse",
    "world/lookup.rs: fn layered",
    "tests/market/program.rs: fn solve",
    "tests/pathway.rs: ",
];

#[test]
fn files_and_functions_are_read_in_one_sitting() {
    let mut long = Vec::new();
    for krate in ["orecast", "orecast-import", "orecast-cli"] {
        for path in sources(&root().join("crates").join(krate)) {
            let text = fs::read_to_string(&path).unwrap();
            let lines = text.lines().count();
            if lines > 500 {
                long.push(format!("{}: {lines} lines", path.display()));
            }
            long.extend(
                long_functions(&text)
                    .into_iter()
                    .map(|(name, lines)| format!("{}: fn {name}, {lines} lines", path.display())),
            );
        }
    }
    long.retain(|line| !STILL_LONG.iter().any(|known| line.contains(known)));
    assert!(long.is_empty(), "{}", long.join("\n"));
}

/// Functions of 100 lines and more, by the indentation that the formatter gives.
fn long_functions(text: &str) -> Vec<(String, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (start, line) in lines.iter().enumerate() {
        let trimmed = line.trim_start();
        let indent = line.len() - trimmed.len();
        let Some(name) = trimmed.split("fn ").nth(1).filter(|_| {
            ["fn ", "pub fn ", "pub(crate) fn ", "pub(super) fn ", "const fn ", "pub const fn "]
                .iter()
                .any(|head| trimmed.starts_with(head))
        }) else {
            continue;
        };
        let end = format!("{}}}", " ".repeat(indent));
        let length = lines[start..].iter().position(|line| *line == end).unwrap_or(0) + 1;
        // A line that only declares has no end of its own.
        if length >= 100 && !trimmed.ends_with(';') {
            let name: String = name.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            found.push((name, length));
        }
    }
    found
}

#[test]
fn the_book_shows_the_table_of_rooms() {
    let path = root().join("docs/src/architecture.md");
    let page = fs::read_to_string(&path).unwrap();
    let rows: Vec<String> = ROOMS.iter().map(|(name, holds)| format!("| `{name}` | {holds} |")).collect();
    let shown: Vec<&str> =
        page.lines().skip_while(|line| !line.starts_with("| room")).skip(2).take(rows.len()).collect();
    assert_eq!(shown, rows, "the table should read\n{}", rows.join("\n"));
}
