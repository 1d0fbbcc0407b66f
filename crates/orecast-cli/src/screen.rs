//! `orecast screen`: every exporter of every mineral stops for a year, ranked by what that may cost a leader.

mod gdp;

use std::{fs, path::PathBuf};

use clap::Args;
use orecast::{
    answer::number::{Style, Unit, figure},
    base::unit::Range,
    params::responses::TimeScale,
    policy::Disruption,
    render::{
        screen::{as_csv, write_screen},
        table::{Align, Table},
    },
    studies::{
        gdp::{Assumptions, gdp_screen},
        hazard::Regime,
        run::names,
        screen::{Screen, ScreenOptions, screen},
    },
    world::World,
};
use serde::Serialize;

use crate::{
    Outcome,
    shock::{country, name, share, short},
};

/// Scenarios with ranges when minerals are ranked by what the economy loses: enough for the first of them.
const RANGED: usize = 60;

/// Every exporter of every mineral stops for a year: price, shortage, loss, chance, expected loss
#[derive(Args)]
pub(crate) struct ScreenCommand {
    /// Country that buys, such as `USA`
    leader: String,
    /// File with groups of exporters, see docs/src/shock.md
    #[arg(long, value_name = "FILE")]
    case: Option<PathBuf>,
    /// File with chances in place of the package's, see docs/src/shock.md
    #[arg(long, value_name = "FILE")]
    hazard: Option<PathBuf>,
    /// Times that are assumed: calm, tense or mixed
    #[arg(long, default_value = "mixed")]
    regime: Regime,
    /// How long the market has had to respond: short (months), medium (a year), long (years)
    #[arg(long, value_name = "TIME")]
    horizon: Option<TimeScale>,
    /// What the economy would lose, by mineral and industry (USGS-style, our reconstruction)
    #[arg(long)]
    gdp: bool,
    /// With --gdp: cost of a mineral over the price of what cannot be made without it, such as `1%`, for uses of which no
    /// cost share is on file; else 0.2 to 5 %
    #[arg(long, value_name = "SHARE", requires = "gdp")]
    cost_share: Option<String>,
    /// With --gdp: how far what is left goes to the users that lose most without it, from `0%` (all lack the same share) to
    /// `100%`; else the whole range
    #[arg(long, value_name = "SHARE", requires = "gdp")]
    by_value: Option<String>,
    /// With --gdp: part of what users lack that becomes lost output, such as `60%`; else 25 to 100 %
    #[arg(long, value_name = "SHARE", requires = "gdp")]
    lost_output: Option<String>,
    /// Share of what a stop holds back that still arrives
    #[arg(long, value_name = "SHARE")]
    leakage: Option<String>,
    /// Rows to show
    #[arg(long, default_value_t = 20)]
    top: usize,
    /// Draws for the ranges of the rows that are shown; 0 for none
    #[arg(long, default_value_t = 40, value_parser = clap::value_parser!(u32).range(0..=100_000))]
    draws: u32,
    /// Seed of the draws
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Threads; all cores when absent. Results do not depend on it
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    /// Print one JSON document instead of text
    #[arg(long, conflicts_with = "csv")]
    json: bool,
    /// Print all rows as CSV instead of text
    #[arg(long)]
    csv: bool,
    /// Folder for screen.csv and screen.parquet
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

impl ScreenCommand {
    pub(crate) fn run(&self, world: &World) -> Outcome {
        if let Some(threads) = self.threads {
            rayon::ThreadPoolBuilder::new().num_threads(usize::from(threads)).build_global()?;
        }
        let file = match &self.case {
            Some(path) => Disruption::load(path, &names(world))?,
            None => Disruption::default(),
        };
        let hazard = match &self.hazard {
            Some(path) => {
                let file = path.display().to_string();
                let text = fs::read_to_string(path).map_err(|error| format!("{file}: {error}"))?;
                Some((file, text))
            }
            None => None,
        };
        let leakage = match &self.leakage {
            Some(text) => share("leakage", text)?,
            None => file.leakage.map_or(0.0, |q| q.range.mid),
        };
        let options = ScreenOptions {
            year: world.base_year().ok_or("the package has no trade")?,
            scale: self.horizon.or(file.horizon).unwrap_or_default(),
            regime: self.regime,
            groups: &file.groups,
            params: file.params,
            leakage,
            hazard,
            draws: self.draws as usize,
            ranged: if self.gdp { RANGED.max(6 * self.top.saturating_sub(10)) } else { self.top },
            seed: self.seed,
            partners: &[],
            valuer: None,
        };
        let leader = country(world, &self.leader)?;
        if self.gdp {
            let found = gdp_screen(world, leader, &options, self.assumptions()?)?;
            return self.print(&found, &found.screen, || gdp::as_text(world, &found, self.top));
        }
        let found = screen(world, leader, &options)?;
        self.print(&found, &found, || as_text(world, &found, self.top))
    }

    /// What the options put in place of the assumptions.
    fn assumptions(&self) -> Result<Assumptions, String> {
        let mut assumptions = Assumptions::default();
        for (name, text, range) in [
            ("cost-share", &self.cost_share, &mut assumptions.cost_share),
            ("by-value", &self.by_value, &mut assumptions.by_value),
            ("lost-output", &self.lost_output, &mut assumptions.lost_output),
        ] {
            if let Some(text) = text {
                *range = Range::exact(share(name, text)?);
            }
        }
        if assumptions.cost_share.low <= 0.0 {
            return Err("--cost-share: not above zero\n    write a share such as 1%".to_owned());
        }
        Ok(assumptions)
    }

    /// Files, then JSON, CSV or text.
    fn print(&self, whole: &impl Serialize, found: &Screen, text: impl FnOnce() -> String) -> Outcome {
        if let Some(folder) = &self.out {
            write_screen(folder, found)?;
        }
        if self.json {
            return Ok(serde_json::to_string(whole)? + "\n");
        }
        if self.csv {
            return Ok(as_csv(found)?);
        }
        let mut text = text();
        if let Some(folder) = &self.out {
            text.push_str("All rows: ");
            text.push_str(&folder.display().to_string());
            text.push('\n');
        }
        Ok(text)
    }
}

fn as_text(world: &World, found: &Screen, top: usize) -> String {
    let leader = name(world, found.leader);
    let count = |n: usize| figure(Range::exact(n as f64), &Unit::Other(String::new()), Style::TERMINAL).value;
    let statuses: Vec<String> =
        found.statuses.iter().map(|(status, n)| format!("{} {status}", count(*n))).collect();
    let mut out = vec![format!(
        "If one exporter stopped for a year: what {leader} would lose\n{} scenarios over {} minerals, base year {}: {}\n",
        count(found.rows.len()),
        found.minerals,
        found.year,
        statuses.join(", ")
    )];
    let assumed = found.rows.iter().filter(|row| !row.exports_seen).count();
    if assumed > 0 {
        let assumed = count(assumed);
        out.push(format!(
            "In {assumed} of them no trade figure shows the exports that stop; they are assumed\n"
        ));
    }
    if !found.left_out.is_empty() {
        out.push(format!("Left out: {}\n", found.left_out.join("; ")));
    }
    let mut table = Table::new([
        ("Mineral", Align::Left),
        ("Stage", Align::Left),
        ("Exporter", Align::Left),
        ("Price paid", Align::Left),
        ("Loss in a full year", Align::Left),
        ("Chance a year", Align::Left),
        ("Expected loss a year", Align::Left),
    ]);
    let money = |range: Range| {
        let usd = Range::new(range.low * 1e6, range.mid * 1e6, range.high * 1e6);
        short(usd, &Unit::Money, Style::TERMINAL)
    };
    for row in found.rows.iter().filter(|row| row.loss_musd.is_some()).take(top) {
        let exact = |value: Option<f64>| Range::exact(value.unwrap_or(f64::NAN));
        let (price, loss, chance, expected) = match &row.ranges {
            Some(r) => (r.price_change_leader, r.loss_musd, r.probability, r.expected_loss_musd),
            None => (
                exact(row.price_change_leader),
                exact(row.loss_musd),
                exact(Some(row.probability)),
                exact(row.expected_loss_musd),
            ),
        };
        let ratio = Range::new(1.0 + price.low, 1.0 + price.mid, 1.0 + price.high);
        let exporter = row.exporter.parse().map_or_else(|_| row.exporter.clone(), |iso3| name(world, iso3));
        table.row([
            row.mineral.to_string(),
            row.stage.map_or("all", |s| s.as_str()).to_owned(),
            exporter,
            crate::shock::ratio(ratio),
            money(loss),
            figure(chance, &Unit::Share, Style::TERMINAL).to_string(),
            money(expected),
        ]);
    }
    out.push(format!("\n{table}\n"));
    let mut sums = Table::new([
        ("By exporter", Align::Left),
        ("Expected loss a year", Align::Right),
        ("Markets", Align::Right),
        ("Largest", Align::Left),
    ]);
    for sum in found.by_exporter().into_iter().take(5) {
        let who = sum.exporter.parse().map_or_else(|_| sum.exporter.clone(), |iso3| name(world, iso3));
        sums.row([
            who,
            money(Range::exact(sum.expected_loss_musd)),
            count(sum.minerals),
            sum.largest.to_string(),
        ]);
    }
    out.push(format!("{sums}\n"));
    out.push("Expected loss = loss of users in a full year x chance x share of the year that a stop lasts. Middle and 9 in 10 draws.\n".to_owned());
    out.concat()
}
