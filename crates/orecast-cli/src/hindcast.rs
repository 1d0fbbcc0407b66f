//! How the hindcasts are shown: output by country some years on, and prices after dated restrictions.

use std::fmt::Write;

use orecast::{
    answer::number::{Style, Unit, figure},
    base::{id::MineralId, unit::Range},
    render::table::{Align, Table},
    studies::{
        hindcast::{Hindcast, HindcastRow, Ways},
        shock::hindcast::PriceHindcast,
    },
};

use crate::{path::signed, shock::short};

/// Difference between two errors under which neither is called closer.
const SAME: f64 = 0.005;

/// A column of the hindcast: its title and one way's number.
type Column = (&'static str, fn(&Ways) -> Option<f64>);

/// One span of the hindcast as a table, with how often each way was closest.
pub(crate) fn output_scores(found: &Hindcast) -> String {
    let (rows, span) = (&found.rows, found.span);
    let mut text = format!(
        "Output by country in {} from base year {}: mean absolute error over countries with 1 % of output or more\n\n",
        span.year, span.base_year
    );
    let columns: [Column; 6] = [
        ("Model", |ways| Some(ways.model)),
        ("Last value", |ways| Some(ways.last_value)),
        ("Own trend", |ways| ways.own_trend),
        ("With today's projects", |ways| ways.with_projects),
        ("Given the total: model", |ways| Some(ways.model_given_total)),
        ("same shares", |ways| Some(ways.shares_given_total)),
    ];
    let shown: Vec<Column> =
        columns.into_iter().filter(|(_, of)| rows.iter().any(|row| of(&row.error).is_some())).collect();
    let mut titles = vec![
        ("Mineral", Align::Left),
        ("Stage", Align::Left),
        ("Countries", Align::Right),
        ("Use, a year", Align::Right),
    ];
    titles.extend(shown.iter().map(|(title, _)| (*title, Align::Right)));
    titles.extend([("Closest", Align::Left), ("Total: model", Align::Right), ("last value", Align::Right)]);
    let mut table = Table::new(titles);
    for row in rows {
        let mut cells = vec![
            row.mineral.to_string(),
            row.stage.to_string(),
            row.countries.to_string(),
            format!("{:+.1} %", row.growth * 100.0),
        ];
        cells.extend(shown.iter().map(|(_, of)| of(&row.error).map_or_else(|| "–".to_owned(), percent)));
        cells.extend([
            closest(row.error.model, row.error.last_value).to_owned(),
            signed(row.total.model),
            signed(row.total.last_value),
        ]);
        table.row(cells);
    }
    text.push_str(&table.to_string());
    let summary = |title: &str, of: fn(Vec<f64>) -> f64| {
        let parts: Vec<String> = shown
            .iter()
            .map(|(title, pick)| {
                let found: Vec<f64> = rows.iter().filter_map(|row| pick(&row.error)).collect();
                let of_rows =
                    if found.len() < rows.len() { format!(" (of {})", found.len()) } else { String::new() };
                let title = if *title == "same shares" { "given the total, same shares" } else { title };
                format!("{} {}{of_rows}", title.to_lowercase(), percent(of(found)))
            })
            .collect();
        format!("{title}: {}.\n", parts.join(", "))
    };
    let _ = write!(text, "\n{} rows, {} minerals. ", rows.len(), minerals(rows));
    text.push_str(&summary("Mean", |list| list.iter().sum::<f64>() / list.len() as f64));
    text.push_str(&summary("Median", median));
    let total = |of: fn(&Ways) -> f64| percent(median(rows.iter().map(|row| of(&row.total).abs()).collect()));
    let wins = |word: &str, a: fn(&Ways) -> f64, b: fn(&Ways) -> f64| {
        rows.iter().filter(|row| closest(a(&row.error), b(&row.error)) == word).count()
    };
    let count = |a: fn(&Ways) -> f64, b: fn(&Ways) -> f64| {
        ["model", "last value", "same"].map(|word| wins(word, a, b))
    };
    let free = count(|ways| ways.model, |ways| ways.last_value);
    let given = count(|ways| ways.model_given_total, |ways| ways.shares_given_total);
    let _ = writeln!(
        text,
        "Error of the total, median: model {}, last value {}. Closer: model in {}, last value in {}, no difference in {}; given the \
         total: model in {}, same shares in {}, no difference in {}.",
        total(|ways| ways.model),
        total(|ways| ways.last_value),
        free[0],
        free[1],
        free[2],
        given[0],
        given[1],
        given[2],
    );
    text
}

/// Minerals among the rows.
fn minerals(rows: &[HindcastRow]) -> usize {
    let mut list: Vec<&MineralId> = rows.iter().map(|row| &row.mineral).collect();
    list.dedup();
    list.len()
}

/// The middle of a list, or the mean of its two middles.
fn median(mut list: Vec<f64>) -> f64 {
    list.sort_by(f64::total_cmp);
    let middle = list.len() / 2;
    match list.get(middle) {
        Some(&upper) if list.len() % 2 == 1 => upper,
        Some(&upper) => f64::midpoint(list[middle - 1], upper),
        None => f64::NAN,
    }
}

/// Which of the model and standing still is closer by half a point or more.
fn closest(model: f64, still: f64) -> &'static str {
    match model - still {
        gap if gap < -SAME => "model",
        gap if gap > SAME => "last value",
        _ => "same",
    }
}

/// The price events as a table, with how often the market was closer than no change.
pub(crate) fn price_scores(found: &[PriceHindcast]) -> String {
    let mut table = Table::new([
        ("Event", Align::Left),
        ("Mineral", Align::Left),
        ("Price", Align::Left),
        ("Window", Align::Left),
        ("Base year", Align::Right),
        ("Run as", Align::Left),
        ("Observed", Align::Right),
        ("Model", Align::Left),
        ("Closer", Align::Left),
    ]);
    let mut scores: Vec<[f64; 2]> = Vec::new();
    let (mut within, mut left_out) = (0, String::new());
    for one in found {
        let event = &one.event;
        let observed = short(Range::exact(one.observed), &Unit::Ratio, Style::TERMINAL);
        let (Some(model), Some([error, none]), Some(year)) = (one.model, one.errors(), event.base_year)
        else {
            let _ = writeln!(
                left_out,
                "  {}: {} ({}, {observed}): {}",
                event.mineral, event.event, event.product, one.why_not
            );
            continue;
        };
        within += usize::from(model.low <= one.observed && one.observed <= model.high);
        scores.push([error, none]);
        let assumed = if event.assumed { ", assumed" } else { "" };
        table.row([
            event.event.clone(),
            event.mineral.to_string(),
            event.product.clone(),
            event.window.clone(),
            year.to_string(),
            format!("{} {}, {}{assumed}", event.option, event.argument, event.horizon),
            observed,
            figure(model, &Unit::Ratio, Style::TERMINAL).to_string(),
            if error < none { "model" } else { "no change" }.to_owned(),
        ]);
    }
    let middle = |of: usize| {
        let mut list: Vec<f64> = scores.iter().map(|errors| errors[of]).collect();
        list.sort_by(f64::total_cmp);
        let factor = list.get(list.len() / 2).map_or(f64::NAN, |error| error.exp());
        short(Range::exact(factor), &Unit::Ratio, Style::TERMINAL)
    };
    let closer = scores.iter().filter(|errors| errors[0] < errors[1]).count();
    format!(
        "Price after dated restrictions over the price before: published, and in the market outside the restricting country\n\n{table}\n\
         {} runs: model closer in {closer}, no change in {}; observed within the model's range in {within}. Off by a factor of (median): model {}, \
         no change {}.\nAssumed: nobody published what still left. Ranges hold 9 in 10 draws of uncertain responses; beyond 5 nothing was calibrated.\n\
         \nNot run:\n{left_out}",
        scores.len(),
        scores.len() - closer,
        middle(0),
        middle(1),
    )
}

fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}
