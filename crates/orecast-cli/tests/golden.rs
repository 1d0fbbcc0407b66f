//! The shipped cases give what they gave: the headline rows of few draws, held to a tolerance.
//!
//! A change of the model, the data or a case moves them. To renew them all, then read what `git diff` says:
//!
//! ```text
//! ORECAST_RENEW=1 cargo nextest run -E 'binary(golden)'
//! ```
#![allow(clippy::unwrap_used)]

mod common;

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fmt, fs,
    path::PathBuf,
};

use common::{answer, root};
use serde_json::Value;

/// Relative difference that counts as none: another processor sums in another order.
const TOLERANCE: f64 = 1e-6;
/// Absolute difference that counts as none, in the unit of the row.
const NOTHING: f64 = 1e-9;
/// Differences that are printed one by one.
const SHOWN: usize = 20;
const HEADLINES: [&str; 9] = [
    "production",
    "price",
    "supply-from-host",
    "rival-content",
    "net-import-reliance",
    "delivered-price",
    "host-revenue",
    "public-cost",
    "public-finance",
];
const HEAD: &str = "mineral,stage,indicator,actor,arm,year,low,mid,high";

/// What a row is about, as its first six cells.
type Key = [String; 6];
/// Low, middle and high; absent where there is no value.
type Points = [Option<f64>; 3];
type Rows = BTreeMap<Key, Points>;

/// Headline rows of a case in the year that its answer is about, for its parties and the world.
fn run(case: &str) -> Rows {
    let file = format!("deals/{case}.toml");
    let text = answer(&["run", &file, "--draws", "8", "--seed", "1", "--years", "2035", "--json"]);
    let document: Value = serde_json::from_str(&text).unwrap();
    let rows = document["rows"].as_array().unwrap();
    let year = rows.iter().map(|row| row["year"].as_i64().unwrap()).max().unwrap();
    let word = |row: &Value, key: &str| match &row[key] {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    };
    let parties: BTreeSet<String> = ["leader", "leader_bloc", "host", "host_bloc"]
        .iter()
        .filter_map(|role| document["case"][role].as_str().map(str::to_owned))
        .chain(["WLD".to_owned()])
        .collect();
    let wanted = rows.iter().filter(|row| {
        row["year"] == year
            && HEADLINES.contains(&row["indicator"].as_str().unwrap())
            && parties.contains(row["actor"].as_str().unwrap())
    });
    wanted
        .map(|row| {
            let key = ["mineral", "stage", "indicator", "actor", "arm", "year"].map(|key| word(row, key));
            (key, ["low", "mid", "high"].map(|point| row[point].as_f64()))
        })
        // Nothing paid and nothing built stays unsaid, so that the files stay short.
        .filter(|(_, points)| points.iter().any(|point| point.is_none_or(|value| value != 0.0)))
        .collect()
}

fn path(case: &str) -> PathBuf {
    root().join("crates/orecast-cli/tests/golden").join(format!("{case}.csv"))
}

fn write(rows: &Rows) -> String {
    let point = |value: Option<f64>| value.map_or_else(String::new, |value| format!("{value:.9e}"));
    let lines = rows.iter().map(|(key, points)| {
        let points: Vec<String> = points.iter().map(|value| point(*value)).collect();
        format!("{},{}", key.join(","), points.join(","))
    });
    [HEAD.to_owned()].into_iter().chain(lines).collect::<Vec<_>>().join("\n") + "\n"
}

fn read(text: &str) -> Rows {
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some(HEAD));
    let rows = lines.map(|line| {
        let cells: Vec<&str> = line.split(',').collect();
        let point = |cell: &str| (!cell.is_empty()).then(|| cell.parse().unwrap());
        (std::array::from_fn(|i| cells[i].to_owned()), std::array::from_fn(|i| point(cells[6 + i])))
    });
    rows.collect()
}

/// A row that is not as it was.
struct Difference<'a> {
    key: &'a Key,
    was: Option<&'a Points>,
    is: Option<&'a Points>,
}

impl Difference<'_> {
    /// Largest relative change of its points; rows that came or went stand above all.
    fn size(&self) -> f64 {
        let (Some(was), Some(is)) = (self.was, self.is) else { return f64::INFINITY };
        was.iter().zip(is).map(|(was, is)| change(*was, *is)).fold(0.0, f64::max)
    }
}

impl fmt::Display for Difference<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name: Vec<&str> = self.key.iter().map(String::as_str).filter(|cell| !cell.is_empty()).collect();
        write!(f, "{}: ", name.join(" "))?;
        match (self.was, self.is) {
            (Some(_), None) => write!(f, "the row is gone"),
            (None, Some([_, mid, _])) => write!(f, "a new row, {mid:?}"),
            (Some(was), Some(is)) => {
                for (name, (was, is)) in ["low", "mid", "high"].iter().zip(was.iter().zip(is)) {
                    match (was, is) {
                        (Some(a), Some(b)) if change(*was, *is) > TOLERANCE => {
                            write!(f, "{name} {a:.6} -> {b:.6} ({:+.3} %)  ", 100.0 * (b / a - 1.0))?;
                        }
                        (Some(_), Some(_)) | (None, None) => {}
                        (was, is) => write!(f, "{name} {was:?} -> {is:?}  ")?,
                    }
                }
                Ok(())
            }
            (None, None) => Ok(()),
        }
    }
}

/// Relative difference, 0 where it counts as none.
fn change(was: Option<f64>, is: Option<f64>) -> f64 {
    match (was, is) {
        (Some(was), Some(is)) if (was - is).abs() <= NOTHING => 0.0,
        (Some(was), Some(is)) => (was - is).abs() / was.abs().max(is.abs()),
        (None, None) => 0.0,
        _ => f64::INFINITY,
    }
}

fn differences<'a>(was: &'a Rows, is: &'a Rows) -> Vec<Difference<'a>> {
    let keys: BTreeSet<&Key> = was.keys().chain(is.keys()).collect();
    let all = keys.into_iter().map(|key| Difference { key, was: was.get(key), is: is.get(key) });
    let mut found: Vec<Difference<'a>> = all.filter(|difference| difference.size() > TOLERANCE).collect();
    found.sort_by(|a, b| b.size().total_cmp(&a.size()));
    found
}

fn hold(case: &str) {
    let rows = run(case);
    assert!(rows.len() > 5, "{case}: only {} headline rows", rows.len());
    let path = path(case);
    if env::var_os("ORECAST_RENEW").is_some() {
        fs::write(path, write(&rows)).unwrap();
        return;
    }
    let was = read(&fs::read_to_string(path).unwrap_or_else(|_| format!("{HEAD}\n")));
    let found = differences(&was, &rows);
    let shown: Vec<String> = found.iter().take(SHOWN).map(|difference| format!("  {difference}")).collect();
    assert!(
        found.is_empty(),
        "{case}: {} of {} headline rows are not as they were, the largest first\n{}\nif that is meant: \
         ORECAST_RENEW=1 cargo nextest run -E 'binary(golden)'",
        found.len(),
        rows.len(),
        shown.join("\n")
    );
}

/// One test for each case, so that they run side by side and fail one by one.
macro_rules! golden {
    ($($name:ident: $case:literal,)*) => {
        $(#[test] fn $name() { hold($case); })*

        #[test]
        fn every_shipped_case_is_held() {
            if env::var_os("ORECAST_RENEW").is_some() {
                return;
            }
            let held: BTreeSet<String> = [$($case),*].into_iter().map(str::to_owned).collect();
            let names = |folder: &str, end: &str| -> BTreeSet<String> {
                let entries = fs::read_dir(root().join(folder)).unwrap();
                let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
                names.filter_map(|name| name.strip_suffix(end).map(str::to_owned)).collect()
            };
            assert_eq!(held, names("deals", ".toml"));
            assert_eq!(held, names("crates/orecast-cli/tests/golden", ".csv"));
        }
    };
}

golden! {
    c5_antimony: "c5-antimony-2025",
    china_controls: "china-controls-2025",
    eu_kazakhstan: "eu-kazakhstan-2022",
    suspension_end: "suspension-end-2026",
    two_blocs: "two-blocs",
    us_australia: "us-australia-2025",
    us_drc: "us-drc-2025",
    us_japan: "us-japan-2025",
    us_kazakhstan: "us-kazakhstan-2025",
    us_kazakhstan_clauses: "us-kazakhstan-clauses",
    us_kazakhstan_readings: "us-kazakhstan-readings",
    us_ukraine: "us-ukraine-2025",
    us_uzbekistan: "us-uzbekistan-2026",
}

#[test]
fn a_difference_is_found_beyond_the_tolerance_alone() {
    let key = |arm: &str| ["tungsten", "mine", "production", "KAZ", arm, "2035"].map(str::to_owned);
    let rows = |mid: f64, arm: &str| Rows::from([(key(arm), [Some(1.0), Some(mid), None])]);
    let was = rows(2.0, "mou");
    assert!(differences(&was, &rows(2.0 * (1.0 + 0.5 * TOLERANCE), "mou")).is_empty());
    let moved = rows(2.1, "mou");
    let found = differences(&was, &moved);
    assert_eq!(
        found[0].to_string(),
        "tungsten mine production KAZ mou 2035: mid 2.000000 -> 2.100000 (+5.000 %)  "
    );
    let other = rows(2.0, "framework");
    let said: Vec<String> = differences(&was, &other).iter().map(ToString::to_string).collect();
    assert_eq!(said.len(), 2);
    assert!(said.iter().any(|line| line.ends_with("the row is gone")), "{said:?}");
    assert_eq!(differences(&was, &read(&write(&was))).len(), 0);
}
