//! What moves a price, as a table.

use crate::{
    answer::{
        figure::Figure,
        view::{Cell, Column, Section, Table, View, mineral_name},
    },
    base::unit::{Grade, Range},
    pathway::Driver,
    studies::price_drivers::Why,
    world::World,
};

/// One column for each driver, one row for each year.
pub fn view(world: &World, why: &Why, scenario: &str) -> View {
    let mut view = View::new(format!(
        "Why the price of {} moves: USD/t of the {} product, demand scenario {scenario}, middle draw",
        mineral_name(world, &why.mineral),
        why.stage
    ));
    let drivers: Vec<Driver> = why
        .years
        .first()
        .map_or_else(Vec::new, |year| year.parts.iter().map(|(driver, _)| *driver).collect());
    let mut columns = vec![Column::words("Year"), Column::numbers("Start")];
    columns.extend(drivers.iter().map(|driver| Column::numbers(driver.heading())));
    columns.push(Column::numbers("Price"));
    let mut table = Table::new(columns);
    // The unit stands in the title.
    let bare = |figure: Figure| -> Cell {
        figure.graded(Grade::C).said(|text| text.replace("\u{a0}USD/t", "")).into()
    };
    let level = |value: f64| bare(Figure::derived(Range::exact(value), "USD/t"));
    for year in &why.years {
        let parts = year.parts.iter().map(|(_, part)| bare(Figure::change(Range::exact(*part), "USD/t")));
        let cells = [Cell::Year { text: year.year }, level(year.without)].into_iter().chain(parts);
        table.row(cells.chain([level(year.price)]));
    }
    let named = drivers.iter().filter(|driver| !driver.title().eq_ignore_ascii_case(driver.heading()));
    let legend: Vec<String> =
        named.map(|driver| format!("{}: {}", driver.heading(), driver.title())).collect();
    view.push(Section::of("drivers", "", table).with_note(format!("{}.", legend.join("; "))));
    view.note(
        "Each part is the driver's Shapley value over all sets of drivers; with the start they add up to the price, but for rounding. \
         Middle draw alone: ranges of the price are in the forecast itself.",
    );
    view
}
