//! An answer as CSV: the documented table of the question, or else every figure of the view, one a line.

use std::io;

use crate::{
    answer::{
        figure::{Bound, Figure},
        view::{Cell, Section},
    },
    ask::Answer,
};

/// Columns of figures.
const FIGURES: [&str; 10] =
    ["section", "row", "subject", "column", "text", "low", "mid", "high", "unit", "grade"];

/// Last column where confidential own data is among the inputs; each of its cells says `yes`.
pub const CONFIDENTIAL: &str = "confidential";

/// The table of the answer as CSV.
///
/// # Errors
/// When the writer fails.
pub fn write(answer: &Answer, out: &mut dyn io::Write) -> io::Result<()> {
    match &answer.data.rows {
        Some(rows) => rows(out, answer.head.confidential),
        None => figures(answer, out),
    }
}

/// Every cell of the view that says something, one a line, with the words of its row before it.
fn figures(answer: &Answer, out: &mut dyn io::Write) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    let mark = answer.head.confidential.then_some("yes");
    writer.write_record(FIGURES.iter().copied().chain(["bound"]).chain(mark.map(|_| CONFIDENTIAL)))?;
    let mut write = |place: [&str; 4], text: &str, figure: Option<&Figure>| {
        let numbers = figure.map(|f| [f.low, f.mid, f.high].map(|v| v.to_string())).unwrap_or_default();
        let [low, mid, high] = &numbers;
        let grade = figure.and_then(|f| f.grade).map(|grade| grade.to_string()).unwrap_or_default();
        let unit = figure.map_or("", |f| f.unit.as_str());
        let bound = figure.map_or("", |f| bound(f.bound));
        let fields = [low.as_str(), mid, high, unit, &grade, bound];
        let [section, row, subject, column] = place.map(safe);
        let text = safe(text);
        let words = [section, row, subject, column, text];
        writer.write_record(words.iter().map(String::as_str).chain(fields).chain(mark))
    };
    let view = answer.view.for_documents();
    for sentence in &view.lead {
        write(["lead", &sentence.id, "", ""], &sentence.text, None)?;
        for named in &sentence.figures {
            write(["lead", &sentence.id, "", &named.name], &named.figure.text, Some(&named.figure))?;
        }
    }
    for section in &view.sections {
        for sentence in &section.lead {
            write([&section.id, &sentence.id, "", ""], &sentence.text, None)?;
            for named in &sentence.figures {
                write([&section.id, &sentence.id, "", &named.name], &named.figure.text, Some(&named.figure))?;
            }
        }
        cells(section, &mut write)?;
    }
    writer.flush()
}

fn cells(
    section: &Section,
    write: &mut impl FnMut([&str; 4], &str, Option<&Figure>) -> csv::Result<()>,
) -> csv::Result<()> {
    let Some(table) = &section.table else { return Ok(()) };
    // Words that a group of rows says once hold for all of its rows.
    let mut words: Vec<String> = vec![String::new(); table.columns.len()];
    for (r, row) in table.rows.iter().enumerate() {
        for (word, cell) in words.iter_mut().zip(&row.cells) {
            let shown = cell.shown();
            let figure = matches!(cell, Cell::Figure(_) | Cell::Absent { .. });
            if !figure && !shown.is_empty() {
                *word = shown;
            }
        }
        let subject: Vec<&str> = words.iter().map(String::as_str).filter(|word| !word.is_empty()).collect();
        let subject = subject.join(" / ");
        for (column, cell) in table.columns.iter().zip(&row.cells) {
            let figure = if let Cell::Figure(figure) = cell { Some(figure) } else { None };
            if *cell != Cell::Empty {
                write([&section.id, &(r + 1).to_string(), &subject, &column.id], &cell.shown(), figure)?;
            }
        }
    }
    Ok(())
}

const fn bound(bound: Bound) -> &'static str {
    match bound {
        Bound::Exact => "exact",
        Bound::AtLeast => "at-least",
        Bound::AtMost => "at-most",
        Bound::NetExporter => "net-exporter",
    }
}

/// A cell that no spreadsheet takes for a formula.
fn safe(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}
