//! Job H: other programs on the same markets.

use std::{
    io::Write,
    process::{Command, Stdio},
};

use orecast::market::{Market, Prepared, Solver};
use serde_json::{Value, json};

use crate::{
    common::{Table, microseconds},
    networks::{Random, impose},
    program,
    solver::{SIZES, sized, stops},
};

/// What the conic solver is asked for: what it needs to agree to 1e-6.
const CONIC_TOLERANCE: f64 = 1e-9;

pub(crate) fn same_markets(table: &mut Table) {
    against_clarabel(table);
    for size in SIZES {
        let prepared = sized(size, false);
        let ours = engine(&prepared);
        for (program, script, input, aim) in [
            ("scipy (root of the same equations)", "rivals.py", curves(&prepared, "scipy"), Some(70.0)),
            ("HiGHS (matched linear program, warm simplex)", "highs.py", linear(&prepared), Some(5.0)),
            ("PyPSA, linopy, HiGHS (built and optimised)", "rivals.py", curves(&prepared, "pypsa"), None),
        ] {
            match ask(script, &input) {
                Ok(answer) => compare(table, size.0, program, ours, &answer, aim),
                Err(why) => table.note(format!("H: {program} was left out: {why}.")),
            }
        }
    }
}

/// Microseconds of the engine for an export stop.
fn engine(prepared: &Prepared) -> f64 {
    let list = stops(prepared.market());
    let mut workspace = prepared.workspace();
    microseconds(list.len(), || {
        for c in &list {
            assert!(workspace.with(c, |_, _, ending| ending.excess) < 1e-9);
        }
    })
}

/// Every export stop as a market of its own, where the search starts, and the engine's prices.
fn curves(prepared: &Prepared, program: &str) -> Value {
    let mut markets = Vec::new();
    let mut prices = Vec::new();
    for conditions in stops(prepared.market()) {
        let mut market: Market = prepared.market().clone();
        for change in conditions.changes {
            let _ = change.apply(&mut market);
        }
        prices.push(Solver::default().solve(&market).price);
        markets.push(market);
    }
    let start: Vec<f64> = prepared.market().nodes.iter().map(|node| node.base_price).collect();
    json!({ "program": program, "markets": markets, "start": start, "price": prices })
}

fn linear(prepared: &Prepared) -> Value {
    json!({ "market": prepared.market(), "flow": prepared.base().flow })
}

/// What a script answers, or why there is no answer.
fn ask(script: &str, input: &Value) -> Result<Value, String> {
    let python = std::env::var("ORECAST_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let script = format!("{}/benches/{script}", env!("CARGO_MANIFEST_DIR"));
    let child = Command::new(&python)
        .arg(script)
        .env("OMP_NUM_THREADS", "1")
        .env("OPENBLAS_NUM_THREADS", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = child.map_err(|_| format!("`{python}` cannot be started"))?;
    let mut pipe = child.stdin.take().ok_or("it takes no input")?;
    let text = input.to_string();
    let writer = std::thread::spawn(move || drop(pipe.write_all(text.as_bytes())));
    let output = child.wait_with_output().map_err(|error| error.to_string())?;
    writer.join().map_err(|_| "it took no input".to_owned())?;
    let text = String::from_utf8_lossy(&output.stdout);
    let last = text.lines().last().unwrap_or_default();
    serde_json::from_str(last).map_err(|_| {
        let error = String::from_utf8_lossy(&output.stderr);
        error.lines().last().unwrap_or("it said nothing").to_owned()
    })
}

fn compare(table: &mut Table, size: &str, program: &str, ours: f64, answer: &Value, aim: Option<f64>) {
    let (theirs, gap) = (answer["microseconds"].as_f64().unwrap(), answer["gap"].as_f64().unwrap());
    assert!(gap <= 1e-6, "{program}, {size}: the two disagree by {gap:.1e}");
    if let Some(failed) = answer["failed"].as_u64().filter(|failed| *failed > 0) {
        table.note(format!("H: {program} gave up {failed} markets of the {size} network."));
    }
    let times = theirs / ours;
    table.row(
        "H",
        format!("{program}, {size}: {theirs:.0} us beside {ours:.1} us"),
        format!("{times:.1} times"),
        aim.map_or_else(String::new, |aim| format!("{aim:.0} times")),
        aim.map(|aim| times >= aim),
    );
}

/// The engine and Clarabel on the same elastic problem, with conic curves.
fn against_clarabel(table: &mut Table) {
    for size in SIZES {
        let prepared = sized(size, true);
        let mut market = prepared.market().clone();
        let mut random = Random(5);
        for kind in [2, 3, 9] {
            impose(&mut market, kind, true, &mut random);
        }
        let found = Solver::default().solve(&market);
        let Some((flow, _)) = program::solve(&market, CONIC_TOLERANCE) else {
            table.note(format!("H: Clarabel gave up the {} network.", size.0));
            continue;
        };
        let scale = flow.iter().copied().fold(0.0, f64::max);
        let gap = found.flow.iter().zip(&flow).map(|(a, b)| (a - b).abs() / scale).fold(0.0, f64::max);
        let mut solver = Solver::default();
        let ours = microseconds(1, || {
            solver.reset();
            assert!(solver.find(&market).excess < 1e-9);
        });
        let theirs = microseconds(1, || assert!(program::solve(&market, CONIC_TOLERANCE).is_some()));
        let answer = json!({ "microseconds": theirs, "gap": gap });
        compare(table, size.0, "Clarabel (same problem, set-up included)", ours, &answer, Some(120.0));
    }
}
