//! What the United States imports and exports in the balanced year beside what its own statistics say, for every mineral.
//!
//! `cargo run -p orecast --example us_totals [PACKAGE] [YEAR]`

use std::{env, error::Error, path::PathBuf};

use orecast::{
    base::id::Iso3,
    baseline::{
        Baseline,
        totals::{TotalCheck, total_checks},
    },
    world::{World, table::Direction},
};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let package = arguments.next().map_or_else(|| PathBuf::from("data"), PathBuf::from);
    let year = arguments.next().map_or(Ok(2024), |text| text.parse())?;
    let world = World::load(&package).map_err(|found| format!("{found:?}"))?;
    let usa: Iso3 = "USA".parse()?;
    let (mut published, mut close) = (0, 0);
    println!("mineral,stage,direction,published_t,balanced_t,of_which_passes_through_t,ratio,used_t");
    for mineral in world.market_minerals() {
        let Ok(baseline) = Baseline::build(&world, mineral.id.as_str(), year, &[usa]) else { continue };
        let used = baseline.used().get(&usa).copied().unwrap_or(0.0);
        let checks: Vec<TotalCheck> =
            total_checks(&world, &baseline).into_iter().filter(|check| check.country == usa).collect();
        for check in &checks {
            let way = if check.direction == Direction::Imports { "imports" } else { "exports" };
            println!(
                "{},{},{way},{:.4},{:.4},{:.4},{:.2},{used:.4}",
                mineral.id,
                check.stage.map_or("all", |stage| stage.as_str()),
                check.published,
                check.balanced,
                check.passed,
                check.ratio()
            );
        }
        let imports: Vec<&TotalCheck> =
            checks.iter().filter(|check| check.direction == Direction::Imports).collect();
        if !imports.is_empty() {
            published += 1;
            close += usize::from(imports.iter().all(|check| !check.is_far()));
        }
    }
    println!("# imports within 25 % of the published total: {close} of {published} minerals");
    Ok(())
}
