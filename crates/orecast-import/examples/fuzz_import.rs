//! Runs the fuzzer of everything that reads files: `scripts/fuzz MINUTES`.
//!
//! `cargo run --release --example fuzz_import -- MINUTES [SEED]` goes through all readers in turn until the time is over;
//! `... -- TARGET SEED NUMBER` reads one input again and writes its files to the folder `fuzz-input`.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

#[path = "../tests/fuzz/mod.rs"]
mod fuzz;

use std::{
    collections::BTreeMap,
    fs::File,
    io::{Seek, Write},
    process::ExitCode,
    time::{Duration, Instant},
};

/// Inputs for a reader before the next one has its turn.
const TURN: u64 = 50;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let folder = tempfile::tempdir().unwrap();
    let targets = fuzz::targets(folder.path());
    if let [name, seed, number] = &arguments[..] {
        let target = targets.iter().find(|target| target.name == *name).expect("a target of that name");
        let (seed, number) = (seed.parse().unwrap(), number.parse().unwrap());
        for file in target.input(seed, number) {
            std::fs::create_dir_all("fuzz-input").unwrap();
            std::fs::write(format!("fuzz-input/{}", file.name.replace("../", "")), file.bytes).unwrap();
        }
        println!("{:?}", target.read(seed, number));
        return ExitCode::SUCCESS;
    }
    let minutes: f64 = arguments.first().map_or(1.0, |text| text.parse().expect("a number of minutes"));
    let seed = arguments.get(1).map_or(1, |text| text.parse().expect("a seed"));
    let end = Instant::now() + Duration::from_secs_f64(minutes * 60.0);
    // Names the input in hand when the process is killed for memory or by hand.
    let mut hand =
        File::create(std::env::temp_dir().join(format!("orecast-fuzz-{}", std::process::id()))).unwrap();
    std::panic::set_hook(Box::new(|_| {}));
    let (mut inputs, mut broken) = (0_u64, BTreeMap::new());
    for turn in 0.. {
        for target in &targets {
            for number in turn * TURN..(turn + 1) * TURN {
                hand.rewind().unwrap();
                write!(hand, "{} {seed} {number}          ", target.name).unwrap();
                inputs += 1;
                if let Err(error) = target.read(seed, number) {
                    let known = broken.entry((target.name.clone(), error.clone())).or_insert(0);
                    *known += 1;
                    if *known == 1 {
                        println!("{} {seed} {number}: {error}", target.name);
                    }
                }
            }
            if Instant::now() > end {
                println!("{inputs} inputs, {} readers, {} kinds of failure", targets.len(), broken.len());
                return if broken.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
            }
        }
    }
    ExitCode::SUCCESS
}
