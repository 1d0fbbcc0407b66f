//! Published times, costs and probabilities compared with the sampled ones.

use super::{
    figure::Figure,
    view::{Section, Sentence, Table, View},
};
use crate::{
    base::unit::Range,
    project::calibration::{Comparison, DRAWS},
};

/// A figure in the unit of its row.
fn figure(value: f64, unit: &str) -> Figure {
    match unit {
        "share" => Figure::share(Range::exact(value)),
        unit => Figure::derived(Range::exact(value), if unit == "ratio" { "" } else { unit }),
    }
}

/// Ends, `(3 to 12)`.
fn ends(ends: Option<(f64, f64)>, unit: &str) -> String {
    let bare = |value: f64| {
        let text = figure(value, unit).text;
        text.split('\u{a0}').next().unwrap_or_default().to_owned()
    };
    ends.map(|(low, high)| format!("{} to {}", bare(low), bare(high))).unwrap_or_default()
}

/// One published figure a row.
pub fn view(rows: &[Comparison]) -> View {
    let mut view = View::new("Times, costs and probabilities: published and sampled");
    let off = rows.iter().filter(|row| !row.holds()).count();
    view.say(Sentence::new(
        "holds",
        format!("{} of {} figures hold over {DRAWS} draws.", rows.len() - off, rows.len()),
    ));
    let mut table =
        Table::titled(["Row", "What", "Of", ">Published", ">Ends", ">Sampled", ">9 in 10", "Held", "Grade"]);
    for row in rows {
        table.row([
            row.id.clone().into(),
            row.what.clone().into(),
            row.scope.clone().into(),
            figure(row.published, row.unit).graded(row.grade).into(),
            ends(row.ends, row.unit).into(),
            figure(row.sampled, row.unit).into(),
            ends(row.sampled_ends, row.unit).into(),
            match (row.holds(), row.fitted) {
                (false, _) => "off",
                (true, true) => "fitted",
                (true, false) => "holds",
            }
            .into(),
            row.grade.into(),
        ]);
    }
    view.push(Section::of("figures", "", table));
    view.note(
        "Ends of the 127 mines are the first and the last of them, so they stand beside the sampled 1st and 127th of 128; others beside 9 \
         cases in 10. Fitted: the figure set a parameter. Holds: it was only compared.",
    );
    view
}
