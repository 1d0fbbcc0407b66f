//! What moves a price, as a table.

use std::fmt::Write as _;

use orecast::{
    answer::number::{Style, Unit, figure},
    base::unit::Range,
    pathway::Driver,
    render::table::{Align, Table},
    studies::price_drivers::Why,
    world::World,
};

use super::title;

/// One column for each driver, one row for each year.
pub(super) fn reasons(world: &World, why: &Why, scenario: &str) -> String {
    let mut text = format!(
        "Why the price of {} moves: USD/t of the {} product, demand scenario {scenario}, middle draw\n\n",
        title(world, &why.mineral).to_lowercase(),
        why.stage
    );
    let drivers: Vec<Driver> = why
        .years
        .first()
        .map_or_else(Vec::new, |year| year.parts.iter().map(|(driver, _)| *driver).collect());
    let mut table = Table::new(
        [("Year", Align::Left), ("Start", Align::Right)]
            .into_iter()
            .chain(drivers.iter().map(|driver| (driver.heading(), Align::Right)))
            .chain([("Price", Align::Right)]),
    );
    let usd = |value: f64, style| {
        figure(Range::exact(digits(value)), &Unit::Other(String::new()), style).to_string()
    };
    for year in &why.years {
        let parts = year.parts.iter().map(|(_, part)| usd(*part, Style::TERMINAL.difference()));
        let cells = [year.year.to_string(), usd(year.without, Style::TERMINAL)].into_iter().chain(parts);
        table.row(cells.chain([usd(year.price, Style::TERMINAL)]));
    }
    text.push_str(&table.to_string());
    let told = drivers.iter().filter(|driver| !driver.title().eq_ignore_ascii_case(driver.heading()));
    let legend: Vec<String> =
        told.map(|driver| format!("{}: {}", driver.heading(), driver.title())).collect();
    let _ = write!(text, "\n{}.\n", legend.join("; "));
    text.push_str(
        "Each part is the driver's Shapley value over all sets of drivers; with the start they add up to the price, but for rounding.\n\
         Middle draw alone: ranges of the price are in the forecast itself.\n",
    );
    text
}

/// Three significant digits.
fn digits(value: f64) -> f64 {
    format!("{value:.2e}").parse().unwrap_or(value)
}
