//! `cargo bench -p orecast --bench jobs` (`make bench`): the jobs that the engine is to do fast, in one table, beside other
//! programs on the same markets in the same run. `-- C H` runs some of them; `-- --write` puts the table into
//! `docs/src/benchmarks.md`.
//!
//! Other programs need Python with scipy, highspy and pypsa (`ORECAST_PYTHON` names the interpreter); what is missing is
//! said under the table.
#![allow(clippy::unwrap_used)]

mod common;
#[allow(dead_code)]
#[path = "../tests/market/networks.rs"]
mod networks;
#[path = "../tests/market/program.rs"]
mod program;
#[path = "jobs/rivals.rs"]
mod rivals;
#[path = "jobs/solver.rs"]
mod solver;

use std::path::Path;

use common::Table;

/// What fills some rows of the table.
type Job = fn(&mut Table);

/// Every job by its letter.
const JOBS: [(&str, Job); 2] = [("C", solver::one_equilibrium), ("H", rivals::same_markets)];

/// The processor's name, where Linux tells it.
fn processor() -> String {
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = text.lines().find_map(|line| line.strip_prefix("model name")?.split(": ").nth(1));
    name.unwrap_or("unknown processor").to_owned()
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let chosen = |letter: &str| {
        let named = JOBS.iter().any(|(job, _)| arguments.iter().any(|argument| argument == job));
        !named || arguments.iter().any(|argument| argument == letter)
    };
    let mut table = Table::default();
    for (_, job) in JOBS.iter().filter(|(letter, _)| chosen(letter)) {
        job(&mut table);
    }
    if arguments.iter().any(|argument| argument == "--write") {
        let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/src/benchmarks.md");
        let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
        let heading = format!(
            "{}, {} threads, load {} over the last minute; medians of CPU time.",
            processor(),
            std::thread::available_parallelism().map_or(1, usize::from),
            load.split(' ').next().unwrap_or("unknown"),
        );
        table.write(&page, &heading).unwrap();
    }
}
