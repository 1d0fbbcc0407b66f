//! What a country or group has: reserves, output, projects, stocks, partners.

use crate::{
    answer::{
        figure::Figure,
        view::{Cell, Section, Table},
    },
    base::unit::Range,
    studies::risk::{Assets, Sale},
    world::World,
};

/// Rows of each list.
const LISTED: usize = 8;
/// Buyers that are named.
const BUYERS: usize = 2;

/// One section for each kind of thing that it has.
pub(super) fn sections(world: &World, assets: &Assets) -> Vec<Section> {
    vec![
        reserves(world, assets),
        sales(world, assets),
        projects(world, assets),
        stocks(world, assets),
        partners(assets),
    ]
}

/// A section whose heading says when the list is cut.
fn section(id: &str, heading: &str, table: Table, of: usize) -> Section {
    let more = if of > LISTED { format!(" (first {LISTED} of {of})") } else { String::new() };
    Section::of(id, format!("{heading}{more}"), table)
}

fn tonnes(value: f64) -> Figure {
    Figure::derived(Range::exact(value), "t")
}

fn reserves(world: &World, assets: &Assets) -> Section {
    let mut table = Table::titled(["Mineral", ">Year", ">Reserves", ">World share", "Grade"]);
    for row in assets.reserves.iter().take(LISTED) {
        table.row([
            Cell::mineral(world, &row.mineral),
            Cell::Year { text: row.year },
            tonnes(row.tonnes).graded(row.grade).into(),
            Figure::share(Range::exact(row.share)).into(),
            row.grade.into(),
        ]);
    }
    section("reserves", "Reserves of note", table, assets.reserves.len())
}

fn sales(world: &World, assets: &Assets) -> Section {
    let mut table = Table::titled([
        "Mineral",
        "Stage",
        ">Made there, of the world",
        ">Owned from there",
        "Foreign buyers",
        "",
        "Grade",
    ]);
    let buyer = |row: &Sale, place: usize| {
        row.buyers.get(place).map_or(Cell::Empty, |(country, share)| {
            Figure::share(*share).said(|text| format!("{country} {text}")).into()
        })
    };
    for row in assets.sales.iter().take(LISTED) {
        let owned = row.world_share_by_owner.unwrap_or(row.world_share);
        let same = (owned.mid - row.world_share.mid).abs() < 5e-3;
        let cells = [
            Cell::mineral(world, &row.mineral),
            row.stage.into(),
            Figure::share(row.world_share).into(),
            if same { "same".into() } else { Figure::share(owned).into() },
        ];
        let buyers = (0..BUYERS).map(|place| buyer(row, place));
        table.row(cells.into_iter().chain(buyers).chain([Cell::grade(row.grade)]));
    }
    section("sales", "Output of note and who buys it", table, assets.sales.len())
}

fn projects(world: &World, assets: &Assets) -> Section {
    let mut table = Table::titled([
        "Mineral",
        ">Projects",
        ">Money in hand or further",
        ">Controlled from outside",
        ">Controlled elsewhere",
    ]);
    for row in assets.projects.iter().take(LISTED) {
        table.row([
            Cell::mineral(world, &row.mineral),
            Cell::count(row.at_home),
            Cell::count(row.decided),
            Cell::count(row.foreign_controlled),
            Cell::count(row.abroad),
        ]);
    }
    section("projects", "Projects that may add output", table, assets.projects.len())
}

fn stocks(world: &World, assets: &Assets) -> Section {
    let mut table =
        Table::titled(["Mineral", "Stage", "Holder", ">Year", ">Stocks", ">In purchases of", "Grade"]);
    for row in assets.stocks.iter().take(LISTED) {
        table.row([
            Cell::mineral(world, &row.mineral),
            row.stage.into(),
            row.holder.clone().into(),
            Cell::Year { text: row.year },
            tonnes(row.tonnes).graded(row.grade).into(),
            Cell::known(row.years_of_use.map(|years| Figure::derived(years, "years"))),
            row.grade.into(),
        ]);
    }
    section("stocks", "Stocks at home", table, assets.stocks.len())
}

fn partners(assets: &Assets) -> Section {
    let mut table = Table::titled(["Deals with", ">In the register", ">Binding", "Newest"]);
    for row in assets.partners.iter().take(LISTED) {
        table.row([
            row.party.clone().into(),
            Cell::count(row.deals),
            Cell::count(row.binding),
            row.newest.clone().into(),
        ]);
    }
    section("partners", "Partners", table, assets.partners.len())
}
