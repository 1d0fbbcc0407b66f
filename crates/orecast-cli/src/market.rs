//! `orecast market`: one mineral-year as a file that can be solved, changed and solved again.

use std::{fs, path::PathBuf};

use clap::{Args, Subcommand};
use orecast::{
    answer::number::{Style, Unit, figure},
    base::{
        diagnostic::{Diagnostics, did_you_mean},
        unit::Range,
    },
    baseline::Baseline,
    market::{Market, Solver, Status},
    params::responses::Responses,
    pathway::calibrate::{BasePrices, Utilisation, calibrate},
    render::table::{Align, Table},
    world::World,
};

use crate::Outcome;

/// What can be done with a market.
#[derive(Subcommand)]
pub(crate) enum MarketCommand {
    /// Write the calibrated market of a mineral and year as JSON
    Dump(Dump),
    /// Solve a market from JSON: prices, flows, multipliers, certificate
    Solve(Solve),
}

/// Arguments of `market dump`.
#[derive(Args)]
pub(crate) struct Dump {
    /// Mineral, such as `tungsten`
    mineral: String,
    /// Year; the last one with complete trade when absent
    #[arg(long)]
    year: Option<i32>,
    /// File to write; standard output when absent
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Arguments of `market solve`.
#[derive(Args)]
pub(crate) struct Solve {
    /// Market as JSON, as `market dump` writes it
    file: PathBuf,
    /// Print the whole solution as JSON
    #[arg(long)]
    json: bool,
}

impl Dump {
    pub(crate) fn run(&self, world: &World) -> Outcome {
        let names: Vec<&str> = world.market_minerals().map(|row| row.id.as_str()).collect();
        if !names.contains(&self.mineral.as_str()) {
            let hint = did_you_mean(&self.mineral, names, "`orecast show` lists what is known");
            return Err(format!("no market for `{}`\n    {hint}", self.mineral).into());
        }
        let year = self.year.or_else(|| world.base_year()).ok_or("the package has no trade")?;
        let baseline = Baseline::build(world, &self.mineral, year, &[])?;
        let prices = BasePrices::of(world, &baseline)
            .ok_or_else(|| format!("no price of {} is published", self.mineral))?;
        let basis = world.mineral(&self.mineral).map_or("t", |row| row.basis.as_str());
        let utilisation = Utilisation::of(world, &baseline);
        let responses = Responses::of(world, &baseline).mid();
        let market = calibrate(&baseline, basis, &prices, &utilisation, &responses);
        let mut text = serde_json::to_string_pretty(&market)? + "\n";
        if world.has_confidential() {
            text = text.replacen('{', "{\n  \"confidential\": true,", 1);
        }
        let Some(file) = &self.out else { return Ok(text) };
        fs::write(file, text).map_err(|error| format!("{}: {error}", file.display()))?;
        let (nodes, users, arcs) = (market.nodes.len(), market.users.len(), market.arcs.len());
        Ok(format!("{}: {nodes} sellers, {users} users, {arcs} routes\n", file.display()))
    }
}

impl Solve {
    pub(crate) fn run(&self) -> Outcome {
        let name = self.file.display().to_string();
        let text = fs::read_to_string(&self.file).map_err(|error| format!("{name}: {error}"))?;
        let market: Market = serde_json::from_str(&text).map_err(|error| {
            let mut problems = Diagnostics::default();
            problems.push(&name, error.line(), "", error.to_string(), "see docs/schemas/market.schema.json");
            problems
        })?;
        let mut problems = Diagnostics::default();
        for problem in market.problems() {
            problems.push(&name, 0, &problem.place, "not a legal market", problem.problem);
        }
        problems.into_result(())?;
        let solution = Solver::default().solve(&market);
        if self.json {
            return Ok(serde_json::to_string_pretty(&solution)? + "\n");
        }
        let mut table = Table::new([
            ("Seller", Align::Left),
            ("Stage", Align::Left),
            ("Output", Align::Right),
            ("Price", Align::Right),
            ("against base", Align::Right),
        ]);
        let exact = |value: f64, unit: &Unit| figure(Range::exact(value), unit, Style::TERMINAL).to_string();
        for (i, node) in market.nodes.iter().enumerate() {
            let price = solution.price[i];
            table.row([
                node.country.to_string(),
                node.product.clone().unwrap_or_else(|| node.stage.to_string()),
                exact(solution.node_output(i), &Unit::parse(&market.basis)),
                price.map_or_else(|| "cannot sell".to_owned(), |p| exact(p, &Unit::parse("USD/t"))),
                price.map_or_else(String::new, |p| exact(p / node.base_price, &Unit::Ratio)),
            ]);
        }
        let word = match solution.status {
            Status::Converged => "converged",
            Status::Infeasible => "infeasible: a committed flow or a floor price cannot be met",
            Status::NotConverged => "did not converge",
        };
        let certificate = &solution.certificate;
        Ok(format!(
            "{table}\n{} {}: {word}, largest relative excess {:.1e}, {} steps, {} sellers beyond the calibrated range\n",
            market.mineral,
            market.year,
            certificate.excess,
            certificate.iterations,
            certificate.beyond_range.len()
        ))
    }
}
