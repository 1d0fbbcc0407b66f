//! `cargo bench -p orecast --bench market`: (a) the screen of all minerals, (b) equilibria per CPU-second, (c) by size and by
//! threads, (d) with instruction counts. The jobs beside other programs are in `jobs.rs`.
//!
//! The cold screen needs the program beside this one (`cargo build --release`), instruction counts need valgrind; a part
//! whose tool is missing says so.
#![allow(clippy::unwrap_used)]

#[allow(dead_code)]
mod common;
#[allow(dead_code)]
#[path = "../tests/market/networks.rs"]
mod networks;

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Instant,
};

use common::microseconds;
use networks::{Random, Shape, network};
use orecast::{
    indicator::Group,
    market::{Change, Conditions, Market, Prepared, Recipient, Solver, Status},
    studies::screen::{ScreenOptions, screen},
    world::World,
};
use rayon::prelude::*;

/// CPU seconds of this process, or of its children that have ended, where Linux tells them (in hundredths).
fn process_cpu(children: bool) -> Option<f64> {
    let text = std::fs::read_to_string("/proc/self/stat").ok()?;
    // After the name in brackets: user and system time are fields 14 and 15, those of the children 16 and 17.
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
    let first = if children { 13 } else { 11 };
    Some((fields.get(first)?.parse::<f64>().ok()? + fields.get(first + 1)?.parse::<f64>().ok()?) / 100.0)
}

/// Least and median seconds on the clock and mean CPU seconds of a number of calls.
fn seconds(calls: usize, children: bool, mut work: impl FnMut()) -> [f64; 3] {
    let before = process_cpu(children);
    let mut clocks: Vec<f64> = (0..calls)
        .map(|_| {
            let clock = Instant::now();
            work();
            clock.elapsed().as_secs_f64()
        })
        .collect();
    let cpu = process_cpu(children).zip(before).map_or(f64::NAN, |(after, before)| after - before);
    clocks.sort_by(f64::total_cmp);
    [clocks[0], clocks[calls / 2], cpu / calls as f64]
}

fn whole_screen() {
    println!("\n(a) The screen: every exporter of every mineral stops, for the United States");
    println!("{:<48}{:>11}{:>12}{:>12}{:>12}", "", "scenarios", "least s", "median s", "CPU s");
    let package = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data");
    let world = World::load(&package).unwrap();
    let options = ScreenOptions::middle(world.base_year().unwrap());
    let leader = Group::country("USA".parse().unwrap());
    let found = screen(&world, &leader, &options).unwrap();
    let count = found.rows.len();
    let row = |what: &str, [least, median, cpu]: [f64; 3]| {
        println!("{what:<48}{count:>11}{least:>12.3}{median:>12.3}{cpu:>12.3}");
    };
    let program: Option<PathBuf> = std::env::current_exe().ok().and_then(|own| {
        let program = own.parent()?.parent()?.join("orecast");
        program.exists().then_some(program)
    });
    if let Some(program) = program {
        for (what, draws) in
            [("cold process, ranges of 20 rows from 40 draws", "40"), ("cold process, no ranges", "0")]
        {
            let work = || {
                let mut command = Command::new(&program);
                command.args(["screen", "USA", "--draws", draws, "--package"]).arg(&package);
                assert!(command.stdout(Stdio::null()).status().unwrap().success());
            };
            row(what, seconds(9, true, work));
        }
    } else {
        println!("skipped: there is no program beside this one (cargo build --release)");
    }
    row("warm, no ranges", seconds(9, false, || drop(screen(&world, &leader, &options).unwrap())));
    println!("{} threads", rayon::current_num_threads());
}

/// Each seller's stop of exports, one at a time.
fn stops(market: &Market) -> Vec<Conditions> {
    (0..market.nodes.len())
        .map(|i| {
            let abroad = |&a: &usize| {
                let arc = &market.arcs[a];
                arc.from == i && market.recipient_country(arc.to) != market.nodes[i].country
            };
            let changes = (0..market.arcs.len()).filter(abroad).map(|a| Change::Banned(a, true)).collect();
            Conditions { changes, limits: Vec::new() }
        })
        .collect()
}

fn sized(mines: usize, plants: usize, users: usize, routes: f64, conic: bool) -> Prepared {
    let shape = Shape { mines, plants, works: 0, users, routes, conic };
    Prepared::new(network(shape, &mut Random(11)))
}

/// The sizes of the tables: sellers at the mine and the refinery, users of both stages.
const SIZES: [(&str, usize, usize, usize, f64); 4] = [
    ("small", 5, 3, 5, 0.6),
    ("typical", 12, 8, 20, 0.4),
    ("large", 30, 25, 40, 0.25),
    ("very large", 60, 50, 80, 0.2),
];

/// Scalar operations that one solution cannot do without: evaluations of every route and curve, Hessians, factors.
fn floor_of_operations(market: &Market, solver: &mut Solver) -> f64 {
    // An exponential takes 30 operations, a logarithm 28, a root 1; counted in `market/math.rs` and `curve.rs`.
    const ROUTE: f64 = 30.0 + 8.0;
    const SUPPLY: f64 = 30.0 + 28.0 + 25.0;
    const REFINING: f64 = 2.0 * 30.0 + 2.0 * 28.0 + 40.0;
    const DEMAND: f64 = 30.0 + 2.0 * 28.0 + 35.0;
    let ending = solver.find(market);
    let (n, buyers) = (market.nodes.len() as f64, market.users.len());
    let mut degree = vec![0.0; buyers + market.nodes.len()];
    for arc in &market.arcs {
        degree[match arc.to {
            Recipient::Node(k) => buyers + k,
            Recipient::User(j) => j,
        }] += 1.0;
    }
    let pairs: f64 = degree.iter().map(|d| d * (d + 1.0)).sum();
    let plants = market.nodes.iter().filter(|node| node.sourcing.is_some()).count() as f64;
    let curves = (n - plants) * SUPPLY + plants * REFINING + buyers as f64 * DEMAND;
    let (evaluations, factors) = (ending.effort.evaluations as f64, ending.effort.factors as f64);
    evaluations * (market.arcs.len() as f64 * ROUTE + curves + 2.0 * n * n)
        + factors * (pairs + n * n * n / 3.0)
}

fn engine_by_size() {
    println!("\n(b) Equilibria under an export stop, one core");
    println!(
        "{:<12}{:>8}{:>8}{:>8}{:>12}{:>12}{:>14}{:>12}",
        "network", "sellers", "users", "routes", "us warm", "us cold", "per CPU-s", "evaluations"
    );
    for (name, mines, plants, users, routes) in SIZES {
        let prepared = sized(mines, plants, users, routes, false);
        let (market, list) = (prepared.market(), stops(prepared.market()));
        let mut workspace = prepared.workspace();
        let mut evaluations = 0;
        for conditions in &list {
            evaluations += workspace.with(conditions, |_, _, ending| {
                assert_eq!(ending.status, Status::Converged, "{name}");
                ending.effort.evaluations
            });
        }
        let warm = microseconds(list.len(), || {
            for c in &list {
                assert!(workspace.with(c, |_, _, ending| ending.excess) < 1e-9);
            }
        });
        let mut solver = Solver::default();
        let bases: Vec<Market> = list
            .iter()
            .map(|c| {
                let mut market = market.clone();
                c.changes.iter().for_each(|change| {
                    let _ = change.apply(&mut market);
                });
                market
            })
            .collect();
        let cold = microseconds(list.len(), || {
            for market in &bases {
                solver.reset();
                assert!(solver.find(market).excess < 1e-9);
            }
        });
        println!(
            "{name:<12}{:>8}{:>8}{:>8}{warm:>12.1}{cold:>12.1}{:>14.0}{:>12.1}",
            market.nodes.len(),
            market.users.len(),
            market.arcs.len(),
            1e6 / warm,
            evaluations as f64 / list.len() as f64
        );
    }
}

fn by_growth() {
    println!("\n(c) Cost against size and threads");
    println!("{:<26}{:>8}{:>8}{:>8}{:>12}", "what grows", "sellers", "users", "routes", "us warm");
    let row = |what: &str, mines, plants, users, routes| {
        let prepared = sized(mines, plants, users, routes, false);
        let list = stops(prepared.market());
        let mut workspace = prepared.workspace();
        let time = microseconds(list.len(), || list.iter().for_each(|c| workspace.with(c, |_, _, _| ())));
        let market = prepared.market();
        let (nodes, users, arcs) = (market.nodes.len(), market.users.len(), market.arcs.len());
        println!("{what:<26}{nodes:>8}{users:>8}{arcs:>8}{time:>12.1}");
    };
    for times in [1, 2, 4] {
        row("sellers", 10 * times, 8 * times, 20, 0.8 / times as f64);
    }
    for times in [1, 2, 4] {
        row("users", 12, 8, 15 * times, 0.4);
    }
    for routes in [0.2, 0.4, 0.8] {
        row("routes", 20, 15, 30, routes);
    }
    let prepared = sized(12, 8, 20, 0.4, false);
    let list: Vec<Conditions> = stops(prepared.market()).into_iter().cycle().take(20_000).collect();
    let most = std::thread::available_parallelism().map_or(1, usize::from);
    for threads in [1, 2, 4, 8, 16].into_iter().filter(|&t| t <= most) {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let clock = Instant::now();
        pool.install(|| {
            list.par_chunks(500).for_each(|part| {
                let mut workspace = prepared.workspace();
                for c in part {
                    workspace.with(c, |_, _, _| ());
                }
            });
        });
        let rate = list.len() as f64 / clock.elapsed().as_secs_f64();
        println!("{threads:>2} threads, typical network: {rate:>10.0} equilibria a second on the clock");
    }
}

/// `count` solutions of the typical network, for an instruction counter to watch.
fn solve_typical(count: usize) {
    let prepared = sized(12, 8, 20, 0.4, false);
    let list = stops(prepared.market());
    let mut workspace = prepared.workspace();
    for place in 0..count {
        workspace.with(&list[place % list.len()], |_, _, ending| assert!(ending.excess < 1e-9));
    }
}

fn instructions() {
    println!("\n(d) Instructions for one solution of the typical network (callgrind)");
    let counted = |count: usize| -> Option<f64> {
        let output = Command::new("valgrind")
            .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
            .arg(std::env::current_exe().ok()?)
            .args(["--solve", &count.to_string()])
            .output()
            .ok()?;
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        text.lines().find_map(|line| line.split("Collected : ").nth(1)?.trim().parse().ok())
    };
    let prepared = sized(12, 8, 20, 0.4, false);
    let list = stops(prepared.market());
    let mut workspace = prepared.workspace();
    let floors = list.iter().map(|c| {
        workspace.with(c, |_, market, _| {
            let mut solver = Solver::default();
            let base = prepared.base();
            let start: Vec<f64> =
                market.nodes.iter().zip(&base.price).map(|(n, p)| p.unwrap_or(n.base_price)).collect();
            solver.start_from(&start);
            floor_of_operations(market, &mut solver)
        })
    });
    let floor = floors.sum::<f64>() / list.len() as f64;
    println!(
        "operations that cannot be avoided: {floor:.0}, or {:.0} vector instructions of four",
        floor / 4.0
    );
    let (none, some) = (counted(0), counted(10 * list.len()));
    let (Some(none), Some(some)) = (none, some) else {
        println!("skipped: valgrind is not installed (apt-get install valgrind)");
        return;
    };
    let each = (some - none) / (10 * list.len()) as f64;
    println!("instructions: {each:.0}, {:.2} of the scalar floor", each / floor);
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(place) = arguments.iter().position(|a| a == "--solve") {
        solve_typical(arguments[place + 1].parse().unwrap());
        return;
    }
    whole_screen();
    println!("\nTimes below are medians of nine rounds of CPU time.");
    engine_by_size();
    by_growth();
    instructions();
}
