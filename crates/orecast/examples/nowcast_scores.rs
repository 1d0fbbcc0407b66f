//! Prices of 2026 beside what was expected of them from what was known on 31 December 2025, as a table for the book:
//! `cargo run --release --example nowcast_scores [DATE] [YEAR] [DRAWS]`.

use orecast::{
    params::Params,
    studies::{
        forecast::ForecastOptions,
        now_scores::{Score, scores},
    },
    world::locate::Facts,
};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let day = args.next().unwrap_or_else(|| "2025-12-31".to_owned()).parse()?;
    let year: i32 = args.next().unwrap_or_else(|| "2026".to_owned()).parse()?;
    let draws = args.next().unwrap_or_else(|| "200".to_owned()).parse()?;
    let world = Facts::find(None, &[])?.load()?;
    let options = ForecastOptions {
        last_year: year,
        scenario: "STEPS".to_owned(),
        as_of: None,
        draws,
        seed: 1,
        params: Params::default(),
    };
    let found = scores(&world, day, year, &options);
    println!("| mineral | stage | side | grade | came | expected | 9 in 10 | held | score | no change |");
    println!("|---|---|---|---|---:|---:|---:|---|---:|---:|");
    for one in &found {
        let (own, still) = one.interval_scores();
        println!(
            "| {} | {} | {} | {} | {:.2} | {:.2} | {:.2} to {:.2} | {} | {own:.2} | {still:.2} |",
            one.mineral,
            one.stage,
            one.zone.as_str(),
            one.grade,
            one.came,
            one.expected.mid,
            one.expected.low,
            one.expected.high,
            if one.holds() { "yes" } else { "no" },
        );
    }
    let n = found.len().max(1) as f64;
    let held = found.iter().filter(|one| one.holds()).count();
    let mean = |pick: fn(&Score) -> f64| found.iter().map(pick).sum::<f64>() / n;
    println!(
        "\nheld {held} of {}; mean interval score {:.2}, of no change {:.2}; mean log error {:.2}, of no change {:.2}",
        found.len(),
        mean(|one| one.interval_scores().0),
        mean(|one| one.interval_scores().1),
        mean(|one| (one.expected.mid / one.came).ln().abs()),
        mean(|one| (one.no_change.mid / one.came).ln().abs()),
    );
    Ok(())
}
