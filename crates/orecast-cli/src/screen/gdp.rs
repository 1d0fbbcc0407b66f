//! The screen with the economy's losses, in print.

use orecast::{
    answer::number::{Style, Unit, figure},
    base::unit::Range,
    render::table::{Align, Table},
    studies::gdp::{Basis, GdpScreen},
    world::World,
};

use crate::shock::{name, short};

/// Letters of an industry's name that are shown.
const LETTERS: usize = 34;
/// Exporters that are listed.
const EXPORTERS: usize = 5;

fn money(musd: Range) -> String {
    short(Range::new(musd.low * 1e6, musd.mid * 1e6, musd.high * 1e6), &Unit::Money, Style::TERMINAL)
}

fn share(range: Range) -> String {
    figure(range, &Unit::Share, Style::TERMINAL).to_string()
}

/// A name that fits a column.
fn cut(text: &str) -> String {
    if text.chars().count() <= LETTERS {
        return text.to_owned();
    }
    let head: String = text.chars().take(LETTERS - 1).collect();
    format!("{}…", head.trim_end_matches([' ', ',', '(']))
}

/// A country by its name, a group by its id.
fn exporter(world: &World, code: &str) -> String {
    code.parse().map_or_else(|_| code.to_owned(), |iso3| name(world, iso3))
}

pub(super) fn as_text(world: &World, found: &GdpScreen, top: usize) -> String {
    let leader = name(world, found.screen.leader);
    let mut out = vec![format!(
        "If one exporter stopped for a year: what the economy would lose ({leader})\n\
         USGS-style: our reconstruction, not the figures of the United States Geological Survey\n\
         {} scenarios over {} minerals, base year {}\n\n",
        found.screen.rows.len(),
        found.screen.minerals,
        found.screen.year
    )];
    let mut table = Table::new([
        ("Mineral", Align::Left),
        ("Class", Align::Left),
        ("Expected loss a year", Align::Left),
        ("Worst stop", Align::Left),
        ("Chance a year", Align::Left),
        ("Loss in a full year", Align::Left),
        ("Mostly", Align::Left),
        ("Producers", Align::Left),
    ]);
    let mut industries = Table::new([
        ("Mineral", Align::Left),
        ("Industries that lose most in that stop, each M USD", Align::Left),
        ("", Align::Left),
        ("", Align::Left),
    ]);
    for row in found.minerals.iter().take(top) {
        let stage = row.stage.map_or("all", |stage| stage.as_str());
        table.row([
            row.mineral.to_string(),
            row.class.as_str().to_owned(),
            money(row.expected_loss_musd),
            format!("{} ({stage})", exporter(world, &row.exporter)),
            share(Range::exact(row.probability)),
            money(row.loss_musd),
            row.driver.as_str().to_owned(),
            row.producers.as_str().to_owned(),
        ]);
        let mut cells = vec![row.mineral.to_string()];
        cells.extend(
            row.industries
                .iter()
                .map(|(industry, musd)| format!("{} {}", cut(industry), crate::text::number(*musd, 2))),
        );
        industries.row(cells);
    }
    out.push(format!("{table}"));
    let hidden = found.minerals.len().saturating_sub(top);
    if hidden > 0 {
        out.push(format!("{hidden} more with --top {}.\n", found.minerals.len()));
    }
    out.push(format!("\n{industries}\n"));
    let mut sums = Table::new([
        ("By exporter", Align::Left),
        ("Expected loss a year", Align::Right),
        ("Minerals", Align::Right),
        ("All of them at once, a full year", Align::Right),
        ("Sum of one by one", Align::Right),
    ]);
    for row in found.exporters.iter().take(EXPORTERS) {
        sums.row([
            exporter(world, &row.exporter),
            money(Range::exact(row.expected_loss_musd)),
            row.minerals.to_string(),
            money(Range::exact(row.all_at_once_musd)),
            money(Range::exact(row.each_alone_musd)),
        ]);
    }
    out.push(format!("{sums}\n"));
    out.push(notes(found));
    out.concat()
}

fn notes(found: &GdpScreen) -> String {
    let assumed = found.assumptions;
    let basis = match found.basis {
        Basis::Accounts => format!(
            "Lost output: value added in {} industries, accounts of 2017 at the size of {} ({} of value added).",
            "402",
            found.accounts_year,
            money(Range::exact(found.product_musd))
        ),
        Basis::CostShare => "Lost output is a bound by cost share: the country has no accounts here, its users are taken to stand to the mineral as those of the United States do.".to_owned(),
    };
    format!(
        "Loss = value added of output not made + dearer purchases - gain of domestic producers; below zero is a gain. Expected = loss x chance x share of the year it lasts.\n\
         {basis}\n\
         Assumed, not published: what the mineral costs over the price of what cannot be made without it is on file for the uses where it is far from the usual, else {}; what is left goes for {} to the users that lose most without it, the rest to all alike; {} of what is lacking becomes lost output. The order of magnitude hangs on these.\n\
         Classes: moderate from 2 M USD a year (the floor reported of the published method, second-hand), elevated from 20, high from 200 (ours). Producers: running plants on file at home; the file is no census.\n",
        share(assumed.cost_share),
        share(assumed.by_value),
        share(assumed.lost_output),
    )
}
