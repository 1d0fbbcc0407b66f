//! Rules of tables that divide a whole: uses, the industries of a use, the elements of a market; and of lists.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    table::MineralKind,
    tables::{Lines, Tables},
};
use crate::base::{diagnostic::Diagnostics, id::MineralId};

/// Rounding that shares of a whole may leave.
const ROUNDING: f64 = 0.005;

/// Checks all rules; `file` gives the path of a table as it is shown to the user.
pub(super) fn check(tables: &Tables, lines: &Lines, file: impl Fn(&str) -> String, report: &mut Diagnostics) {
    let mut sums = Sums::default();
    for (row, &line) in tables.end_uses.iter().zip(lines.of("end_uses")) {
        let whole = format!("use of {} in {} {} {}", row.mineral, row.iso3, row.year, row.part);
        sums.add("end_uses", whole.trim_end().to_owned(), "share", row.share, line, false);
    }
    for (row, &line) in tables.use_industries.iter().zip(lines.of("use_industries")) {
        sums.add("use_industries", format!("use {}", row.end_use), "share", row.share, line, false);
    }
    let elements: BTreeMap<&MineralId, &MineralId> = tables
        .minerals
        .iter()
        .filter(|row| row.kind == MineralKind::Element)
        .map(|row| (&row.id, &row.market))
        .collect();
    for (row, &line) in tables.baskets.iter().zip(lines.of("baskets")) {
        if row.mineral == row.of {
            let remedy = "name the mineral whose output it is a share of";
            report.push(&file("baskets"), line, "of", "a mineral is a share of itself", remedy);
        } else if elements.get(&row.mineral) == Some(&&row.of) {
            let stage = row.stage.to_string();
            let whole = [row.of.as_str(), &stage, &row.product, row.iso3.as_str()];
            let whole: Vec<&str> = whole.into_iter().filter(|part| !part.is_empty()).collect();
            let whole = whole.join(" ");
            sums.add("baskets", whole, "mid", row.mid, line, true);
        }
    }
    sums.report(&file, report);
    check_lists(tables, lines, &file, report);
}

/// Every list that a mineral's row names has that mineral, and lists do not end before they begin.
fn check_lists(tables: &Tables, lines: &Lines, file: &impl Fn(&str) -> String, report: &mut Diagnostics) {
    let known: BTreeSet<(&str, &MineralId)> =
        tables.lists.iter().map(|row| (row.list.as_str(), &row.mineral)).collect();
    for (row, &line) in tables.minerals.iter().zip(lines.of("minerals")) {
        for list in row.lists.split(';').filter(|list| !list.is_empty() && !known.contains(&(*list, &row.id)))
        {
            let found = format!("`{list}` does not name {} in lists.csv", row.id);
            report.push(&file("minerals"), line, "lists", found, "add the row there, or remove it here");
        }
    }
    for (row, &line) in tables.lists.iter().zip(lines.of("lists")) {
        // Dates of different precision compare as far as both go.
        let shorter = row.from.len().min(row.to.len());
        if row.to.get(..shorter) < row.from.get(..shorter) {
            let found = format!("the list ends on {} and begins on {}", row.to, row.from);
            report.push(&file("lists"), line, "to", found, "write the later date");
        }
    }
}

/// Sums of shares by table and whole, with the line of the first part.
#[derive(Default)]
struct Sums(BTreeMap<(&'static str, String), Sum>);

struct Sum {
    column: &'static str,
    line: usize,
    value: f64,
    /// Whether the parts make up the whole, rather than not exceed it.
    complete: bool,
}

impl Sums {
    fn add(
        &mut self,
        table: &'static str,
        whole: String,
        column: &'static str,
        share: f64,
        line: usize,
        complete: bool,
    ) {
        let sum = self.0.entry((table, whole)).or_insert(Sum { column, line, value: 0.0, complete });
        sum.value += share;
    }

    fn report(self, file: &impl Fn(&str) -> String, report: &mut Diagnostics) {
        for ((table, whole), sum) in self.0 {
            let short = sum.complete && sum.value < 1.0 - ROUNDING;
            if short || sum.value > 1.0 + ROUNDING {
                let found = format!("shares of {whole} add up to {:.3}", sum.value);
                let remedy =
                    if sum.complete { "shares must add up to 1" } else { "shares must not exceed 1" };
                report.push(&file(table), sum.line, sum.column, found, remedy);
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use insta::assert_snapshot;

    use crate::testing::MiniPackage;

    #[test]
    fn shares_that_do_not_divide_their_whole_are_refused() {
        let mini = MiniPackage::new()
            .with_line("end_uses.csv", "tungsten,ammunition,WLD,,2024,0.6,,,,true,false,orecast,C,")
            .with_line("use_industries.csv", "carbide_tools,332999,Other metal goods,0.2,orecast,C")
            .with_line("baskets.csv", "dysprosium,rare_earths,mine,,CHN,0,0.004,0.006,clay,orecast,B,")
            .with_line("baskets.csv", "gallium,gallium,refine,,CHN,0,0.1,0.2,,orecast,C,");
        assert_snapshot!(mini.report(), @"
        baskets.csv:2: mid: shares of rare_earths mine CHN add up to 0.004
            shares must add up to 1
        baskets.csv:3: of: a mineral is a share of itself
            name the mineral whose output it is a share of
        end_uses.csv:2: share: shares of use of tungsten in WLD 2024 add up to 1.200
            shares must not exceed 1
        use_industries.csv:3: share: shares of use carbide_tools add up to 1.100
            shares must not exceed 1
        4 problems
        ");
    }

    #[test]
    fn lists_agree_with_minerals_and_with_the_calendar() {
        let mini = MiniPackage::new()
            .with("lists.csv", "US2025,zinc,2025-11-07,,", "US2022,zinc,2022-02-24,2022-01,")
            .with_line("lists.csv", "EU2023,zinc,soon,,orecast,B,");
        assert_snapshot!(mini.report(), @"
        lists.csv:10: to: the list ends on 2022-01 and begins on 2022-02-24
            write the later date
        lists.csv:11: from: `soon` does not have the right form
            it must match ^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$: Date of the list, as year, month or day.
        minerals.csv:7: lists: `US2025` does not name zinc in lists.csv
            add the row there, or remove it here
        3 problems
        ");
    }
}
