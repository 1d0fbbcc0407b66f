//! What is known about a mineral, a country or a group: every figure with source, vintage and grade.

pub mod country;
pub mod group;
pub mod mineral;
mod withheld;

pub use withheld::withhold;

use super::{
    figure::{Bound, Figure},
    view::{Cell, Column, RowKind, Section, Sentence, Table, View, Why, country_name, mineral_name},
};
use crate::{
    base::{id::SourceId, unit::Range},
    world::{
        World,
        table::{Flag, ObservationRow, ProjectRow},
    },
};

/// A source id, marked where it is own data.
fn cite(world: &World, source: &SourceId) -> Cell {
    let own = world.layers().iter().any(|layer| layer.sources.contains_key(source));
    match (world.is_confidential(source), own) {
        (true, _) => format!("{source} (own, confidential)"),
        (false, true) => format!("{source} (own)"),
        (false, false) => source.to_string(),
    }
    .into()
}

/// A published figure with its bound and range: `> 50 kt`, `3.4 kt (3 kt to 3.5 kt)`.
fn observation(world: &World, row: &ObservationRow) -> Cell {
    let unit = "t";
    let written = |value: f64| {
        // A published figure keeps its digits, a derived one has three.
        if row.flag == Flag::Derived {
            Figure::derived(Range::exact(value), unit)
        } else {
            Figure::published(value, unit)
        }
    };
    let ends = match (row.low, row.high) {
        (Some(low), Some(high)) if low == high && row.value == Some(low) => String::new(),
        (Some(low), Some(high)) => format!(" ({} to {})", written(low).text, written(high).text),
        (Some(low), None) => format!(" (from {})", written(low).text),
        (None, Some(high)) => format!(" (to {})", written(high).text),
        (None, None) => String::new(),
    };
    let Some(value) = row.value else {
        return match row.flag {
            Flag::Withheld => Cell::absent(Why::Withheld),
            _ if ends.is_empty() => Cell::Absent { why: Why::NotKnown, text: "unknown".to_owned() },
            _ => ends.trim_start().into(),
        };
    };
    let figure = Figure {
        low: row.low.unwrap_or(value),
        high: row.high.unwrap_or(value),
        bound: match row.flag {
            Flag::AtLeast => Bound::AtLeast,
            Flag::AtMost => Bound::AtMost,
            _ => Bound::Exact,
        },
        ..written(value)
    };
    let sign = match row.flag {
        Flag::AtLeast => "> ",
        Flag::AtMost => "< ",
        _ => "",
    };
    let figure =
        figure.graded(row.grade).from_source(&row.source).secret_if(world.is_confidential(&row.source));
    figure.said(|text| format!("{sign}{text}{ends}")).into()
}

/// What a publisher said besides the number; nothing where the figure itself says it.
fn remark(flag: Flag) -> Cell {
    match flag {
        Flag::Estimated => "estimated",
        Flag::Derived => "derived",
        Flag::Capacity => "capacity",
        Flag::NetExporter => "net exporter",
        Flag::Unavailable => "unavailable",
        Flag::Reported | Flag::Withheld | Flag::AtLeast | Flag::AtMost => "",
    }
    .into()
}

/// A share of which no range is published. From shares a confidential figure could be found again.
fn share(world: &World, share: Option<f64>) -> Cell {
    let secret = world.has_confidential();
    share.map_or(Cell::Empty, |share| Figure::share(Range::exact(share)).secret_if(secret).into())
}

/// A middle with its range, as far as they are known and differ.
fn spread(low: Option<f64>, mid: Option<f64>, high: Option<f64>, unit: &str) -> Cell {
    let Some(mid) = mid else { return Cell::Empty };
    let range = match (low, high) {
        (Some(low), Some(high)) if low < high => Range::new(low, mid, high),
        _ => Range::exact(mid),
    };
    let ends = if range.low < range.high {
        format!(
            " ({} to {})",
            Figure::published(range.low, unit).text,
            Figure::published(range.high, unit).text
        )
    } else {
        String::new()
    };
    let figure = Figure::published(mid, unit).said(|text| format!("{text}{ends}"));
    Figure { low: range.low, high: range.high, ..figure }.into()
}

/// The word that files use for a value of a list.
fn word(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

/// Projects, one a row.
fn projects(world: &World, rows: &[&ProjectRow], names_mineral: bool) -> Section {
    let of = if names_mineral { "Mineral" } else { "Country" };
    let mut table = Table::titled([
        "Project",
        "Name",
        of,
        "Stage",
        "Status",
        ">Adds t/yr",
        "Start",
        ">Capital cost",
        "Control",
        "Grade",
        "Source",
        "Of",
    ]);
    for row in rows {
        let year = |year: Option<i32>| year.map(f64::from);
        table.row([
            row.id.to_string().into(),
            row.name.clone().into(),
            if names_mineral { Cell::mineral(world, &row.mineral) } else { Cell::country(world, row.iso3) },
            word(&row.stage).into(),
            word(&row.status).into(),
            spread(row.increment_low, row.increment_mid, row.increment_high, ""),
            spread(year(row.start_low), year(row.start_mid), year(row.start_high), "year"),
            row.capex_musd.map_or(Cell::Empty, |musd| Figure::published(musd, "M USD").into()),
            row.control.clone().into(),
            format!("{}/{}", row.grade_existence, row.grade_numbers).into(),
            cite(world, &row.source),
            row.source_date.clone().into(),
        ]);
    }
    Section::of("projects", "Projects (grades: existence/numbers)", table)
}

/// What own data changes about a mineral or country, named as keys name it.
fn own_data(world: &World, subject: &str, view: &mut View) {
    let mut table = Table::titled(["Own data", "Table", "Row"]);
    for layer in world.layers() {
        table.add(RowKind::Group, [layer.in_words().into()]);
        for (what, rows) in [("replaced", &layer.replaced), ("withdrawn", &layer.withdrawn)] {
            for row in rows.iter().filter(|row| row.key.iter().any(|cell| cell == subject)) {
                table.row([what.into(), row.table.clone().into(), row.key.join(", ").into()]);
            }
        }
    }
    view.push(Section::of("own-data", "Own data", table));
}
