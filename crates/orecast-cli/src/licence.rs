//! `orecast licence`: what holding a licence obliges to and costs; what a register of licences means.

use std::{fmt::Write, path::PathBuf};

use clap::Args;
use orecast::{
    answer::number::{Style, Unit, figure, row},
    base::{diagnostic::did_you_mean, unit::Range},
    project::licence::{
        Plan, regimes,
        register::{Reading, read, readings},
    },
    world::World,
};
use serde_json::to_string_pretty;

use crate::{
    Outcome,
    text::{Table, grouped, number},
};

/// What an exploration licence obliges to and costs, year by year; or when the licences of a register could come to a mine
#[derive(Args)]
#[command(group(clap::ArgGroup::new("what").required(true).args(["regime", "register"])))]
pub(crate) struct Licence {
    /// Regime, such as `kazakhstan` or `western-australia`
    #[arg(long)]
    regime: Option<String>,
    /// Blocks of the licence
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    blocks: u32,
    /// Years that it is held
    #[arg(long, default_value_t = 6, value_parser = clap::value_parser!(u32).range(1..=100))]
    years: u32,
    /// Register of licences, CSV or `GeoJSON`
    #[arg(long, value_name = "FILE", conflicts_with_all = ["blocks", "years"])]
    register: Option<PathBuf>,
    /// Year in which the register is looked at; two years after the base year when absent
    #[arg(long, requires = "register")]
    now: Option<i32>,
    /// Print everything as JSON
    #[arg(long)]
    json: bool,
}

impl Licence {
    pub(crate) fn run(&self, world: &World) -> Outcome {
        let known = regimes(world);
        if let Some(file) = &self.register {
            let licences = read(world, file)?;
            let now = self.now.unwrap_or_else(|| world.base_year().unwrap_or_default() + 2);
            let list = readings(world, &known, &licences, now);
            return Ok(if self.json { to_string_pretty(&list)? + "\n" } else { register(&list, now) });
        }
        let wanted = self.regime.as_deref().unwrap_or_default().to_lowercase();
        let names: Vec<&str> = known.iter().map(|regime| regime.name).collect();
        let regime = known.iter().find(|regime| regime.name == wanted).ok_or_else(|| {
            let all = format!("choose from: {}", names.join(", "));
            format!("no regime `{wanted}`; {}", did_you_mean(&wanted, names.iter().copied(), &all))
        })?;
        let plan = regime.plan(self.blocks, self.years);
        Ok(if self.json { to_string_pretty(&plan)? + "\n" } else { print(&plan, self.blocks) })
    }
}

/// `108,558` thousand of the local currency, with the range where there is one and a mark where a rule was not seen.
fn local(range: Range, seen: bool) -> String {
    let thousands = |value: f64| grouped(&format!("{:.0}", value / 1e3));
    let mark = if seen { "" } else { " *" };
    if range.high > range.low {
        format!("{} ({} to {}){mark}", thousands(range.mid), thousands(range.low), thousands(range.high))
    } else {
        format!("{}{mark}", thousands(range.mid))
    }
}

fn print(plan: &Plan, blocks: u32) -> String {
    let mut text = format!("Exploration licence, {}, {blocks} blocks\n\n", plan.regime);
    for problem in &plan.problems {
        let _ = writeln!(text, "  {problem}");
    }
    let (spend, rent) = (format!(">work, k {}", plan.currency), format!(">ground, k {}", plan.currency));
    let mut table = Table::new(&[">year", ">blocks", ">km2", &spend, &rent, ">both", "falls due"]);
    let both: Vec<Range> = plan.years.iter().filter_map(|year| year.usd).collect();
    let both = row(&both, &Unit::Money, Style::TERMINAL);
    for (place, year) in plan.years.iter().enumerate() {
        table.row([
            year.year.to_string(),
            year.blocks.to_string(),
            year.area_km2.map_or_else(String::new, |km2| number(km2, 3)),
            local(year.spend, year.spend_seen),
            local(year.rent, year.rent_seen),
            both.get(place).map_or_else(String::new, ToString::to_string),
            year.duties.join("; "),
        ]);
    }
    text += &table.print();
    let all = plan.years.iter().filter_map(|year| year.usd);
    let sum = all.fold(Range::exact(0.0), |sum, usd| {
        Range::new(sum.low + usd.low, sum.mid + usd.mid, sum.high + usd.high)
    });
    let _ = writeln!(
        text,
        "\n  {} years together: {}",
        plan.years.len(),
        figure(sum, &Unit::Money, Style::TERMINAL)
    );
    if let Some(days) = plan.grant_days {
        let range = figure(days, &Unit::Other("days".to_owned()), Style::TERMINAL);
        let _ = writeln!(text, "  application to grant: {range}");
    }
    if let Some(dollar) = plan.dollar {
        let rate = figure(
            dollar,
            &Unit::Other(format!("{} for one US dollar, grade C", plan.currency)),
            Style::TERMINAL,
        );
        let _ = writeln!(text, "  rate of exchange: {rate}");
    }
    text += "  Work: least spending on exploration. Ground: payments for the land.\n  * rests on a rule that was not read at its source; values of units and rates of exchange are listed below\n\nRules\n";
    for rule in &plan.words {
        let source = if rule.seen { &rule.reference } else { "recalled, not seen at a source" };
        let _ = writeln!(text, "  {} [{source}]", rule.text);
    }
    text
}

fn register(list: &[Reading], now: i32) -> String {
    let mut table = Table::new(&[
        "licence",
        "holder",
        "place",
        "for",
        "kind",
        ">km2",
        "expires",
        ">year",
        "falls due next",
        ">first output, if found and built",
    ]);
    for reading in list {
        let licence = &reading.licence;
        table.row([
            licence.id.clone(),
            licence.holder.clone(),
            licence.country.to_string(),
            licence.mineral.as_ref().map_or_else(String::new, ToString::to_string),
            if licence.explores { "exploration" } else { "mining" }.to_owned(),
            licence.area_km2.map_or_else(|| "not known".to_owned(), |km2| number(km2, 3)),
            licence.expires.map_or_else(|| "not known".to_owned(), |date| date.to_string()),
            reading.year.map_or_else(String::new, |year| year.to_string()),
            reading.next.clone().unwrap_or_else(|| "not known".to_owned()),
            reading
                .first_output
                .map_or_else(String::new, |years| format!("{} ({} to {})", years.mid, years.low, years.high)),
        ]);
    }
    format!(
        "{} licences, looked at in {now}\n\n{}\nFirst output: middle and 9 cases in 10 of mines that come about, by the times of the country or the world \
         (`orecast projects --lead-times`).\nMost ground under exploration never becomes a mine.\n",
        list.len(),
        table.print()
    )
}
