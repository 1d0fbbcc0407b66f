//! What no single cell can show: rules that rows must keep together.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    control::parse_control,
    register_rules, shares,
    table::{ByproductRow, Flag, MineralKind, ObservationRow, Place},
    tables::{Lines, Tables},
};
use crate::base::{
    diagnostic::{Diagnostics, did_you_mean},
    id::{Iso3, MineralId},
};

/// Checks all rules; `file` gives the path of a table as it is shown to the user.
pub(super) fn check(tables: &Tables, lines: &Lines, file: impl Fn(&str) -> String) -> Diagnostics {
    let mut report = Diagnostics::default();
    check_markets(tables, lines, &file("minerals"), &mut report);
    check_host_cycles(&tables.byproducts, lines.of("byproducts"), &file("byproducts"), &mut report);
    for (table, rows, lines) in [
        ("production", &tables.production, lines.of("production")),
        ("capacity", &tables.capacity, lines.of("capacity")),
        ("reserves", &tables.reserves, lines.of("reserves")),
        ("requirements", &tables.requirements, lines.of("requirements")),
        ("stocks", &tables.stocks, lines.of("stocks")),
    ] {
        check_absence(rows, lines, &file(table), &mut report);
    }
    check_pairs(tables, lines, &file("distance"), &mut report);
    check_places(tables, lines, &file("quotes"), &mut report);
    check_control(tables, lines, &file("projects"), &mut report);
    shares::check(tables, lines, &file, &mut report);
    register_rules::check(tables, lines, &file, &mut report);
    report
}

/// A market is a mineral that prices itself; only elements are priced by another.
fn check_markets(tables: &Tables, lines: &Lines, file: &str, report: &mut Diagnostics) {
    let markets: BTreeSet<&MineralId> =
        tables.minerals.iter().filter(|row| row.market == row.id).map(|row| &row.id).collect();
    let known: BTreeSet<&MineralId> = tables.minerals.iter().map(|row| &row.id).collect();
    for (row, &line) in tables.minerals.iter().zip(lines.of("minerals")) {
        let is_own = row.market == row.id;
        let is_element = row.kind == MineralKind::Element;
        if is_element && is_own {
            let found = format!("the element `{}` is its own market", row.id);
            report.push(
                file,
                line,
                "market",
                found,
                "name the market that it is sold in, or change its kind",
            );
        } else if !is_element && !is_own {
            let found = format!("`{}` is not an element but its market is `{}`", row.id, row.market);
            report.push(file, line, "market", found, format!("write `{}`, or make it an element", row.id));
        } else if !is_own && known.contains(&row.market) && !markets.contains(&row.market) {
            let found = format!("`{}` is not a market of its own", row.market);
            let remedy = did_you_mean(
                row.market.as_str(),
                markets.iter().map(|id| id.as_str()),
                "name a mineral whose market is itself",
            );
            report.push(file, line, "market", found, remedy);
        }
    }
}

/// A by-product must not be its own host through any chain: hosts are solved first.
fn check_host_cycles(rows: &[ByproductRow], lines: &[usize], file: &str, report: &mut Diagnostics) {
    let mut hosts: BTreeMap<&MineralId, BTreeMap<&MineralId, usize>> = BTreeMap::new();
    for (row, &line) in rows.iter().zip(lines) {
        hosts.entry(&row.mineral).or_default().entry(&row.host).or_insert(line);
    }
    loop {
        drop_settled(&mut hosts);
        let Some((&start, _)) = hosts.first_key_value() else { return };
        // Everything left leads into a cycle, so walking from host to host meets a mineral again.
        let mut path = vec![start];
        let (closing, line) = loop {
            let Some((&host, &line)) = path.last().and_then(|last| hosts.get(*last)?.first_key_value())
            else {
                return;
            };
            if let Some(place) = path.iter().position(|&mineral| mineral == host) {
                path.drain(..place);
                break (host, line);
            }
            path.push(host);
        };
        let chain: Vec<&str> = path.iter().chain([&closing]).map(|mineral| mineral.as_str()).collect();
        let found = format!("a by-product is its own host: {}", chain.join(" -> "));
        report.push(
            file,
            line,
            "host",
            found,
            "remove one of these rows: a host comes before its by-products",
        );
        if let Some(last) = path.last()
            && let Some(remaining) = hosts.get_mut(*last)
        {
            remaining.remove(closing);
        }
    }
}

/// Drops hosts that have no host themselves until only minerals that lead into cycles are left.
fn drop_settled(hosts: &mut BTreeMap<&MineralId, BTreeMap<&MineralId, usize>>) {
    loop {
        let open: BTreeSet<&MineralId> = hosts.keys().copied().collect();
        for of in hosts.values_mut() {
            of.retain(|host, _| open.contains(host));
        }
        hosts.retain(|_, of| !of.is_empty());
        if hosts.len() == open.len() {
            return;
        }
    }
}

/// An absent figure says why it is absent, and a withheld one has no value.
fn check_absence(rows: &[ObservationRow], lines: &[usize], file: &str, report: &mut Diagnostics) {
    for (row, &line) in rows.iter().zip(lines) {
        let is_absent = row.is_absent();
        let says_absent = matches!(row.flag, Flag::Withheld | Flag::Unavailable);
        if let Some(value) = row.value.filter(|_| says_absent) {
            let found = format!("the figure is marked as absent but has the value {value}");
            report.push(file, line, "flag", found, "empty the value, or write another flag");
        } else if is_absent && !says_absent {
            let remedy = "write why: withheld or unavailable; absent is not zero";
            report.push(file, line, "value", "the figure is absent and the flag does not say why", remedy);
        }
    }
}

/// Each pair of countries stands once, in alphabetical order.
fn check_pairs(tables: &Tables, lines: &Lines, file: &str, report: &mut Diagnostics) {
    for (row, &line) in tables.distance.iter().zip(lines.of("distance")) {
        if row.a > row.b {
            let found = format!("the pair {}, {} is not in alphabetical order", row.a, row.b);
            report.push(file, line, "a", found, format!("write {}, {}", row.b, row.a));
        }
    }
}

/// A price inside or outside a country names it, a price of the world names none.
fn check_places(tables: &Tables, lines: &Lines, file: &str, report: &mut Diagnostics) {
    for (row, &line) in tables.quotes.iter().zip(lines.of("quotes")) {
        if (row.place == Place::World) == row.iso3.is_some() {
            let found = format!("the place is `{}` and the country `{}`", row.place, name(row.iso3));
            let remedy = "name the country that the price is inside or outside of; for `world` none";
            report.push(file, line, "iso3", found, remedy);
        }
    }
}

fn name(country: Option<Iso3>) -> String {
    country.map_or_else(String::new, |country| country.to_string())
}

/// Controlling and buying countries are known and their shares do not exceed the whole.
fn check_control(tables: &Tables, lines: &Lines, file: &str, report: &mut Diagnostics) {
    let known: BTreeSet<Iso3> = tables.countries.iter().map(|row| row.iso3).collect();
    let rows = tables.projects.iter().zip(lines.of("projects"));
    let texts =
        rows.flat_map(|(row, &line)| [("control", &row.control, line), ("buyers", &row.buyers, line)]);
    for (field, text, line) in texts {
        match parse_control(text) {
            Err(error) => {
                report.push(file, line, field, error.to_string(), "write `CHN` or `USA:0.7;KAZ:0.3`");
            }
            Ok(controllers) => {
                // Without countries the fault lies with their table, which is reported there.
                let unknown =
                    controllers.iter().filter(|(country, _)| !known.is_empty() && !known.contains(country));
                for (country, _) in unknown {
                    let remedy = did_you_mean(
                        country.as_str(),
                        known.iter().map(Iso3::as_str),
                        "use a code that countries.csv has",
                    );
                    report.push(file, line, field, format!("`{country}` is not in countries.csv"), remedy);
                }
            }
        }
    }
}
