//! The published figures beside the sampled ones.

use orecast::project::calibration::{Comparison, DRAWS};

use crate::text::{Table, number, range};

/// Prints the comparison.
pub(super) fn print(rows: &[Comparison]) -> String {
    let mut table =
        Table::new(&["row", "what", "of", ">published", ">ends", ">sampled", ">9 in 10", "", "grade"]);
    let short = |value: f64, unit: &str| match unit {
        "share" => format!("{:.0} %", value * 100.0),
        "years" => format!("{} y", number((value * 100.0).round() / 100.0, 3)),
        _ => number((value * 100.0).round() / 100.0, 3),
    };
    let ends = |ends: Option<(f64, f64)>, unit: &str| {
        ends.map_or_else(String::new, |(low, high)| range(&short(low, unit), &short(high, unit)))
    };
    for row in rows {
        table.row([
            row.id.clone(),
            row.what.chars().take(62).collect(),
            row.scope.chars().take(28).collect(),
            short(row.published, row.unit),
            ends(row.ends, row.unit),
            short(row.sampled, row.unit),
            ends(row.sampled_ends, row.unit),
            match (row.holds(), row.fitted) {
                (false, _) => "off",
                (true, true) => "fitted",
                (true, false) => "holds",
            }
            .to_owned(),
            row.grade.to_string(),
        ]);
    }
    let off = rows.iter().filter(|row| !row.holds()).count();
    format!(
        "{}\n{} of {} figures hold over {DRAWS} draws. Ends of the 127 mines are the first and the last of them, so they stand beside the \
         sampled 1st and 127th of 128; others beside 9 cases in 10.\nFitted: the figure set a parameter. Holds: it was only compared.\n",
        table.print(),
        rows.len() - off,
        rows.len()
    )
}
