//! Curated fact tables: one row per figure with source and grade, collected by hand from many publishers.
//!
//! They carry free texts as sources; `mapping/sources.csv` turns each into an identifier and says whether the terms allow passing rows
//! on. Rows of closed sources are left out.

pub mod end_uses;
pub mod findings;
pub mod hazard;
pub mod measures;
pub mod minerals;
pub mod parameters;
pub mod projects;
pub mod recent;
pub mod recent_register;
pub mod refined;
pub mod register;
pub mod stocks;

use super::{
    Tables,
    reference::{Reference, mapping},
};
use orecast::{
    base::{diagnostic::Diagnostics, unit::Grade},
    world::table::Flag,
};

/// Countries, and the tables that the program carries whole: blocs, lists, baskets, transit places, control of output, single
/// figures.
pub fn carried(reference: &Reference, tables: &mut Tables, problems: &mut Diagnostics) {
    tables.countries.extend(reference.countries.iter().cloned());
    macro_rules! carry {
        ($($folder:literal { $($table:ident: $file:literal),* })*) => {
            $($(tables.$table.extend(mapping(
                concat!($file, ".csv"),
                include_str!(concat!($folder, $file, ".csv")),
                problems,
            ));)*)*
        };
    }
    carry!(
        "../../../../data/" { blocs: "blocs", lists: "lists", requirements: "requirements" }
        "../mapping/" {
        baskets: "baskets",
        transit: "transit",
        ownership: "ownership",
        hazard: "hazard",
        hazard_events: "hazard_events",
        price_events: "price_events",
        lead_times: "lead_times",
        finance: "finance",
        fiscal: "fiscal",
        licence_rules: "licence_rules",
        stock_holders: "stock_holders",
        agreements: "register_dialogues",
        production: "figures",
        production: "usgs_history",
        reserves: "reserve_figures"
        }
    );
    register::events(tables, problems);
    recent::unknowns(tables, problems);
}

/// A grade as curated tables write it; an empty one is a documented assumption.
fn grade(text: &str) -> Grade {
    match text {
        "A" => Grade::A,
        "B" => Grade::B,
        _ => Grade::C,
    }
}

/// A flag as curated tables write it.
fn flag(text: &str) -> Flag {
    match text {
        "estimated" => Flag::Estimated,
        "derived" | "no_price" => Flag::Derived,
        "capacity" => Flag::Capacity,
        _ => Flag::Reported,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn carried_tables_fit_their_types_and_name_known_countries_and_sources() {
        let reference = Reference::load().unwrap();
        let mut tables = Tables::default();
        let mut problems = Diagnostics::default();
        carried(&reference, &mut tables, &mut problems);
        assert!(problems.is_empty(), "{problems}");
        let places = tables.blocs.iter().map(|row| row.iso3);
        let places = places.chain(tables.transit.iter().map(|row| row.iso3));
        let places = places.chain(tables.baskets.iter().map(|row| row.iso3));
        let places = places.chain(tables.ownership.iter().flat_map(|row| [row.iso3, row.controller]));
        for place in places.chain(tables.production.iter().map(|row| row.iso3)) {
            assert!(reference.is_country(place), "{place}");
        }
        let sources =
            tables.blocs.iter().map(|row| &row.source).chain(tables.transit.iter().map(|row| &row.source));
        let sources = sources.chain(tables.ownership.iter().map(|row| &row.source));
        let sources = sources.chain(tables.lists.iter().map(|row| &row.source));
        let sources = sources.chain(tables.baskets.iter().map(|row| &row.source));
        for source in sources.chain(tables.production.iter().map(|row| &row.source)) {
            assert!(reference.sources.iter().any(|rule| &rule.id == source), "{source}");
        }
        let members = |bloc: &str, year| {
            let current = |row: &&orecast::world::table::BlocRow| {
                row.bloc.as_str() == bloc && row.from <= year && row.to.is_none_or(|to| year <= to)
            };
            tables.blocs.iter().filter(current).count()
        };
        assert_eq!((members("EU27", 2024), members("G7", 2024), members("C5", 2024)), (27, 7, 5));
        let uranium = |aggregate| -> f64 {
            let rows = tables.production.iter().filter(|r| r.mineral.as_str() == "uranium" && r.year == 2024);
            rows.filter(|r| (r.iso3.as_str() == "WLD") == aggregate).filter_map(|r| r.value).sum()
        };
        assert!((uranium(true) / uranium(false) - 1.0).abs() < 0.01);
    }
}
