//! The comparison with an outside view, as a table.

use crate::{
    answer::{
        figure::Figure,
        view::{Cell, Column, Section, Table, View, country_in_text},
    },
    base::{
        id::Iso3,
        unit::{Grade, Range},
    },
    studies::outside::OutsideView,
    world::World,
};

/// Growth of output outside a country compared with that of the agency.
pub fn view(world: &World, rows: &[OutsideView], without: Iso3, year: i32) -> View {
    let mut view = View::new(format!(
        "Growth of output outside {} to {year}, as a share of the base year's output there",
        country_in_text(world, without)
    ));
    let mut table = Table::new([
        Column::words("Mineral"),
        Column::words("Stage"),
        Column::numbers("IEA base case, net"),
        Column::numbers("Named, risked"),
        Column::numbers("Named / IEA"),
        Column::numbers("Unnamed"),
        Column::numbers("Additions less depletion"),
        Column::numbers("Pathway"),
    ]);
    let percent = |value: f64| -> Cell {
        let figure = Figure::change(Range::exact(value), "share").graded(Grade::C);
        figure.said(|text| text.replace("pp", "%")).into()
    };
    for row in rows {
        table.row([
            Cell::mineral(world, &row.mineral),
            row.stage.into(),
            percent(row.agency),
            percent(row.named),
            Cell::known(row.named_over_agency.map(|ratio| Figure::derived(Range::exact(ratio), ""))),
            percent(row.unnamed),
            percent(row.additions_only),
            percent(row.pathway),
        ]);
    }
    view.push(Section::of("growth", "", table));
    view.note(
        "Named: projects of the list at the probability of their status. The IEA nets off what running mines lose; the columns \"less \
         depletion\" and \"pathway\" do too. Middle draw, no ranges. The page on validation gives reasons for the gaps.",
    );
    view
}
