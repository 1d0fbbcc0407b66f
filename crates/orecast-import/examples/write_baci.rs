//! Writes a synthetic yearly file of CEPII BACI of any size, to measure the importer: `scripts/measure-baci`.
//!
//! `cargo run --release --example write_baci -- MIB > BACI_HS92_Y2024.csv`. Pairs of countries trade random codes out of 5,000; those that
//! belong to a mineral occur a third as often as others, as in the published files.

#![allow(clippy::unwrap_used)]

use std::{
    collections::BTreeSet,
    io::{self, BufWriter, Write},
};

/// One in so many codes of a pair is traded, before minerals are thinned out.
const TRADED: u64 = 7;
/// Minerals are traded that many times less often.
const THINNER: u64 = 3;

fn main() -> io::Result<()> {
    let mib: u64 = std::env::args().nth(1).map_or(1024, |text| text.parse().expect("a number of MiB"));
    let numbers = column(include_str!("../../../data/countries.csv"), 1);
    let minerals: BTreeSet<u64> = column(include_str!("../src/mapping/hs_codes.csv"), 0).collect();
    let countries: Vec<u64> = numbers.collect();
    let others = (0..5000).map(|n| 10_000 + n * 197).filter(|code| !minerals.contains(code));
    let codes: BTreeSet<u64> = others.chain(minerals.iter().copied()).collect();
    let mut out = BufWriter::with_capacity(1 << 20, io::stdout().lock());
    writeln!(out, "t,i,j,k,v,q")?;
    let mut written = 0;
    let mut state = 1_u64;
    let mut random = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state >> 33
    };
    'all: loop {
        for exporter in &countries {
            for importer in countries.iter().filter(|importer| *importer != exporter) {
                for code in &codes {
                    let rarity = if minerals.contains(code) { TRADED * THINNER } else { TRADED };
                    if random() % rarity > 0 {
                        continue;
                    }
                    let value = random() % 10_000_000 + 1;
                    let quantity = match random() % 30 {
                        0 => "NA".to_owned(),
                        _ => format!("{:11.3}", value as f64 / 3.0 / 1000.0),
                    };
                    let row = format!(
                        "2024,{exporter},{importer},{code:06},{:11.3},{quantity}\n",
                        value as f64 / 1000.0
                    );
                    out.write_all(row.as_bytes())?;
                    written += row.len() as u64;
                }
                if written >> 20 >= mib {
                    break 'all;
                }
            }
        }
    }
    out.flush()
}

/// The numbers of a column of a small CSV file whose first cells hold no commas.
fn column(text: &'static str, place: usize) -> impl Iterator<Item = u64> {
    text.lines().filter_map(move |line| line.split(',').nth(place)?.parse().ok())
}
