//! What the economy would lose if one exporter stopped for a year.

use super::{
    figure::Figure,
    screen::{exporter, exporter_name, money, nothing_solved, scope},
    view::{Cell, Column, Section, Sentence, Table, View, with_article},
};
use crate::{
    base::unit::{Grade, Range},
    indicator::Group,
    studies::gdp::{Basis, GdpScreen, MineralRisk},
    world::World,
};

/// Exporters that are listed.
const EXPORTERS: usize = 5;

/// Minerals by what the economy may lose, the industries hit, and exporters.
pub fn view(world: &World, found: &GdpScreen, group: &Group, top: usize) -> View {
    let who = with_article(&group.name);
    let mut view =
        View::new(format!("If one exporter stopped for a year: what the economy of {who} would lose"));
    if let Some(sentence) = nothing_solved(&found.screen) {
        view.say(sentence);
        return view;
    }
    view.say(Sentence::new(
        "method",
        "USGS-style: our reconstruction, not the figures of the United States Geological Survey.",
    ));
    let shown = || found.minerals.iter().take(top);
    let mut table = Table::titled([
        "Mineral",
        "Class",
        ">Expected loss a year",
        "Worst stop",
        ">Probability a year",
        ">Loss in a full year",
        "Mostly",
        "Producers",
    ]);
    let mut industries = Table::titled(["Mineral", "Industry", ">Loss in that stop"]);
    for row in shown() {
        table.row([
            Cell::mineral(world, &row.mineral),
            row.class.as_str().into(),
            money(row.expected_loss_musd).into(),
            stop(world, row),
            Figure::share(Range::exact(row.probability)).graded(Grade::C).into(),
            money(row.loss_musd).into(),
            row.driver.as_str().into(),
            row.producers.as_str().into(),
        ]);
        for (place, (industry, musd)) in row.industries.iter().enumerate() {
            let starts = place == 0;
            industries.row([
                if starts { Cell::mineral(world, &row.mineral) } else { Cell::Empty },
                industry.clone().into(),
                money(Range::exact(*musd)).into(),
            ]);
        }
    }
    let hidden = found.minerals.len().saturating_sub(top);
    let more = if hidden > 0 {
        format!("{hidden} more minerals, each with a smaller expected loss.")
    } else {
        String::new()
    };
    view.push(Section::of("minerals", "Minerals by expected loss", table).with_note(more));
    view.push(Section::of("industries", "Industries that lose most in the worst stop", industries));
    view.push(exporters(world, found));
    notes(&mut view, found);
    view
}

fn stop(world: &World, row: &MineralRisk) -> Cell {
    let stage = row.stage.map_or("all", |stage| stage.as_str());
    format!("{} ({stage})", exporter_name(world, &row.exporter)).into()
}

fn exporters(world: &World, found: &GdpScreen) -> Section {
    let mut sums = Table::new([
        Column::words("Exporter"),
        Column::numbers("Expected loss a year"),
        Column::numbers("Minerals"),
        Column::numbers("All at once, a full year"),
        Column::numbers("Sum of one by one"),
    ]);
    for row in found.exporters.iter().take(EXPORTERS) {
        sums.row([
            exporter(world, &row.exporter),
            money(Range::exact(row.expected_loss_musd)).into(),
            Cell::count(row.minerals),
            money(Range::exact(row.all_at_once_musd)).into(),
            money(Range::exact(row.each_alone_musd)).into(),
        ]);
    }
    Section::of("exporters", "By exporter", sums)
}

fn notes(view: &mut View, found: &GdpScreen) {
    let share = |range: Range| Figure::share(range).text;
    let assumed = found.assumptions;
    scope(view, &found.screen);
    view.note(
        "Loss = value added of output not made + dearer purchases - gain of domestic producers; below zero is a gain. Expected loss = loss x probability x share of the year it lasts.",
    );
    view.note(match found.basis {
        Basis::Accounts => format!(
            "Lost output: value added in 402 industries, accounts of 2017 at the size of {} ({} of value added).",
            found.accounts_year,
            Figure::derived(Range::exact(found.product_musd), "M USD").text
        ),
        Basis::CostShare => "Lost output is a bound by cost share: there are no accounts of this country or group here, its users are taken to stand to the mineral as those of the United States do.".to_owned(),
    });
    view.note(format!(
        "Assumed, not published: what the mineral costs over the price of what cannot be made without it is on file for the uses where it is far from the usual, else {}; what is left goes for {} to the users that lose most without it, the rest to all alike; {} of what is lacking becomes lost output. The order of magnitude hangs on these.",
        share(assumed.cost_share),
        share(assumed.by_value),
        share(assumed.lost_output),
    ));
    view.note(
        "Classes: moderate from 2 M USD a year (the floor reported of the published method, second-hand), elevated from 20, high from 200 (ours). Producers: running plants on file at home; the file is no census. Grade C.",
    );
}
