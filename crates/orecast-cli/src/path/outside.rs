//! The comparison with an outside view, as a table.

use orecast::{
    base::id::Iso3,
    render::table::{Align, Table},
    studies::outside::OutsideView,
    world::World,
};

use super::{OUTSIDE_YEAR, signed};
use crate::shock::name;

/// Growth of output outside a country beside that of the agency.
pub(super) fn views(world: &World, rows: &[OutsideView], without: Iso3) -> String {
    let mut text = format!(
        "Growth of output outside {} to {OUTSIDE_YEAR}, as a share of the base year's output there\n\n",
        name(world, without)
    );
    let mut table = Table::new([
        ("Mineral", Align::Left),
        ("Stage", Align::Left),
        ("IEA base case, net", Align::Right),
        ("Named, risked", Align::Right),
        ("Named / IEA", Align::Right),
        ("Unnamed", Align::Right),
        ("Additions less depletion", Align::Right),
        ("Pathway", Align::Right),
    ]);
    for row in rows {
        table.row([
            row.mineral.to_string(),
            row.stage.to_string(),
            signed(row.agency),
            signed(row.named),
            row.ratio().map_or_else(|| "–".to_owned(), |ratio| format!("{ratio:.2}")),
            signed(row.unnamed),
            signed(row.additions_only),
            signed(row.pathway),
        ]);
    }
    text.push_str(&table.to_string());
    text.push_str(
        "\nNamed: projects of the list at the chance of their status. The IEA nets off what running mines lose; the columns\n\
         \"less depletion\" and \"pathway\" do too. Middle draw, no ranges. Reasons for the gaps: docs/src/validation.md.\n",
    );
    text
}
