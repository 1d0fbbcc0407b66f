//! Countries and groups side by side.

use super::{
    figure::Figure,
    view::{Cell, Column, Section, Table, View, country_name, mineral_name},
};
use crate::{
    base::{id::Iso3, unit::Range},
    baseline::comparison::Without,
    studies::compare::{CompareMeasure as Measure, Comparison, Entry},
    world::World,
};

/// Title of a measure's table.
const fn title(measure: Measure) -> &'static str {
    match measure {
        Measure::Imports => "Net imports over use of the stage's product",
        Measure::Supplier => "Largest foreign supplier and its share of what is bought",
        Measure::Owner => "Foreign country whose owners control most of what is bought",
        Measure::Output => "Share of world output made there",
        Measure::Owned => "Share of world output that its owners control, at home and abroad",
        Measure::SelfSufficiency => "Output over what is bought (1 is self-sufficient)",
        Measure::SelfSufficiencyByOwner => {
            "Output that its owners control, at home and abroad, over what is bought"
        }
        Measure::Diversification => "Diversification: equal suppliers that would be as concentrated",
        Measure::DiversificationByOwner => "Diversification by country of control",
    }
}

/// Name of a measure's section.
fn id(measure: Measure) -> String {
    serde_json::to_value(measure).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

/// One group's figure.
fn cell(measure: Measure, entry: &Entry) -> Cell {
    let number = |range: Range| Figure::derived(range, "");
    let named =
        |(country, share): (Iso3, Range)| Figure::share(share).said(|text| format!("{country} {text}"));
    Cell::known(match measure {
        Measure::Imports => entry.net_import_reliance.map(Figure::reliance),
        Measure::Supplier => entry.largest_supplier.map(named),
        Measure::Owner => entry.largest_owner.map(named),
        Measure::Output => entry.output_share.map(Figure::share),
        Measure::Owned => entry.owned_share.map(Figure::share),
        Measure::SelfSufficiency => entry.self_sufficiency.map(number),
        Measure::SelfSufficiencyByOwner => entry.self_sufficiency_by_owner.map(number),
        Measure::Diversification => entry.diversification.map(number),
        Measure::DiversificationByOwner => entry.diversification_by_owner.map(number),
    })
}

/// Groups side by side, a table for each measure, and the stop that would cost each most.
pub fn view(world: &World, found: &Comparison, measures: &[Measure]) -> View {
    let mut view = View::new(format!("Who makes, imports and depends, side by side ({})", found.year));
    for &measure in measures {
        let mut columns = vec![Column::words("Mineral"), Column::words("Stage"), Column::numbers("HHI")];
        columns.extend(found.groups.iter().map(|group| Column::words(group.name.clone())));
        columns.push(Column::words("Grade"));
        let mut table = Table::new(columns);
        for line in &found.lines {
            let mut cells = vec![
                Cell::mineral(world, &line.mineral),
                line.stage.into(),
                Cell::known(line.world.hhi.map(|hhi| Figure::derived(hhi, "HHI"))),
            ];
            cells.extend(line.groups.iter().map(|entry| cell(measure, entry)));
            cells.push(Cell::grade(line.grade));
            table.row(cells);
        }
        view.push(Section::of(id(measure), title(measure), table));
    }
    let mut stops = Table::new([
        Column::words("Group"),
        Column::words("Stop with the largest expected loss"),
        Column::numbers("Loss in a full year"),
        Column::numbers("Probability a year"),
        Column::numbers("Expected loss a year"),
    ]);
    for (group, rows) in found.groups.iter().zip(&found.stops) {
        let Some(row) = rows.first() else { continue };
        let exporter =
            row.exporter.parse().map_or_else(|_| row.exporter.clone(), |iso3| country_name(world, iso3));
        let stage = row.stage.map_or("both stages", |stage| stage.as_str());
        stops.row([
            group.name.clone().into(),
            format!("{exporter} stops {} ({stage})", mineral_name(world, &row.mineral)).into(),
            Figure::derived(row.loss_musd, "M USD").into(),
            Figure::share(row.probability).into(),
            Figure::derived(row.expected_loss_musd, "M USD").into(),
        ]);
    }
    view.push(Section::of("stops", "What one exporter's stop would cost users", stops));
    view.note(match found.sampling.draws {
        0 => "Without ranges: nothing was drawn.".to_owned(),
        draws => {
            format!(
                "Ranges hold 9 in 10 of {draws} readings of the published figures within their uncertainty."
            )
        }
    });
    view.note(
        "All is derived from one balanced year. HHI is the concentration of world output by country, 0 to 10,000; \
         the grade is that of the outputs behind a line: A published, B derived from published figures, C assumed.",
    );
    view.note(left_out(&found.without));
    view
}

/// Minerals that have no balanced year.
pub(super) fn left_out(without: &[Without]) -> String {
    let names: Vec<&str> = without.iter().map(|row| row.mineral.as_str()).collect();
    if names.is_empty() { String::new() } else { format!("No balanced year: {}.", names.join(", ")) }
}
