//! How the model would have done from earlier base years: output by country some years on.

use crate::{
    answer::{
        figure::Figure,
        view::{Cell, Column, Section, Sentence, Table, View},
    },
    base::{id::MineralId, unit::Range},
    studies::hindcast::{Hindcast, HindcastRow, Ways},
    world::World,
};

/// Difference between two errors under which neither is called closer.
const SAME: f64 = 0.005;

/// A column of the hindcast: its title and one way's number.
type Ways6 = (&'static str, fn(&Ways) -> Option<f64>);

const COLUMNS: [Ways6; 6] = [
    ("Model", |ways| Some(ways.model)),
    ("Last value", |ways| Some(ways.last_value)),
    ("Own trend", |ways| ways.own_trend),
    ("With today's projects", |ways| ways.with_projects),
    ("Given the total: model", |ways| Some(ways.model_given_total)),
    ("Given the total: same shares", |ways| Some(ways.shares_given_total)),
];

fn percent(share: f64) -> Figure {
    Figure::share(Range::exact(share))
}

fn change(share: f64) -> Cell {
    Figure::change(Range::exact(share), "share").said(|text| text.replace("pp", "%")).into()
}

/// One section for each span, with how often each way was closest.
pub fn view(world: &World, found: &[Hindcast]) -> View {
    let mut view =
        View::new("Output by country some years on: the model, carrying the last value forward, and trends");
    for one in found {
        view.push(span(world, one));
    }
    view.note(
        "Errors are mean absolute errors over countries with 1 % of output or more, as a share of output.",
    );
    view
}

fn span(world: &World, found: &Hindcast) -> Section {
    let (rows, span) = (&found.rows, found.span);
    let shown: Vec<Ways6> =
        COLUMNS.into_iter().filter(|(_, of)| rows.iter().any(|row| of(&row.error).is_some())).collect();
    let mut columns = vec![
        Column::words("Mineral"),
        Column::words("Stage"),
        Column::numbers("Countries"),
        Column::numbers("Use, a year"),
    ];
    columns.extend(shown.iter().map(|(title, _)| Column::numbers(*title)));
    columns.extend([
        Column::words("Closest"),
        Column::numbers("Total: model"),
        Column::numbers("Total: last value"),
    ]);
    let mut table = Table::new(columns);
    for row in rows {
        let mut cells = vec![
            Cell::mineral(world, &row.mineral),
            row.stage.into(),
            Cell::count(row.countries),
            change(row.growth),
        ];
        cells.extend(shown.iter().map(|(_, of)| Cell::known(of(&row.error).map(percent))));
        cells.push(closest(row.error.model, row.error.last_value).into());
        cells.extend([change(row.total.model), change(row.total.last_value)]);
        table.row(cells);
    }
    let heading = format!("{} from base year {}", span.year, span.base_year);
    summary(rows, &shown)
        .into_iter()
        .fold(Section::of(format!("from-{}", span.base_year), heading, table), Section::with_sentence)
}

/// The sentences under a span: errors over all rows, and how often each way was closer.
fn summary(rows: &[HindcastRow], shown: &[Ways6]) -> Vec<Sentence> {
    let over = |id: &str, word: &str, of: fn(Vec<f64>) -> f64| {
        let mut said = Vec::new();
        let mut figures = Vec::new();
        for (title, pick) in shown {
            let found: Vec<f64> = rows.iter().filter_map(|row| pick(&row.error)).collect();
            let part =
                if found.len() < rows.len() { format!(" (of {})", found.len()) } else { String::new() };
            let figure = percent(of(found));
            said.push(format!("{} {}{part}", title.to_lowercase(), figure.text));
            figures.push((title.to_lowercase(), figure));
        }
        let text = format!(
            "{word} error over {} rows and {} minerals: {}.",
            rows.len(),
            minerals(rows),
            said.join(", ")
        );
        figures
            .into_iter()
            .fold(Sentence::new(id, text), |sentence, (name, figure)| sentence.with(name, figure))
    };
    let total = |of: fn(&Ways) -> f64| percent(median(rows.iter().map(|row| of(&row.total).abs()).collect()));
    let count = |a: fn(&Ways) -> f64, b: fn(&Ways) -> f64| {
        let closer =
            |word: &str| rows.iter().filter(|row| closest(a(&row.error), b(&row.error)) == word).count();
        ["model", "last value", "same"].map(closer)
    };
    let free = count(|ways| ways.model, |ways| ways.last_value);
    let given = count(|ways| ways.model_given_total, |ways| ways.shares_given_total);
    let (model, still) = (total(|ways| ways.model), total(|ways| ways.last_value));
    let closer = format!(
        "Error of the total, median: model {}, last value {}. Closer: model in {}, last value in {}, no difference in {}; given the total: \
         model in {}, same shares in {}, no difference in {}.",
        model.text, still.text, free[0], free[1], free[2], given[0], given[1], given[2],
    );
    vec![
        over("mean", "Mean", |list| list.iter().sum::<f64>() / list.len() as f64),
        over("median", "Median", median),
        Sentence::new("closer", closer).with("model", model).with("last value", still),
    ]
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
