//! How the hindcast is shown: output by country some years on.

use std::fmt::Write;

use orecast::{
    base::id::MineralId,
    render::table::{Align, Table},
    studies::hindcast::{Hindcast, HindcastRow, Ways},
};

use crate::path::signed;

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

fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}
