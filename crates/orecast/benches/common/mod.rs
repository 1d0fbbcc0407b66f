//! What benches share: clocks, and the table of jobs.

use std::{fmt::Write, path::Path, time::Instant};

/// CPU seconds of this thread, where Linux tells them; else seconds on the clock.
pub(crate) fn cpu_seconds(clock: Instant) -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = text.and_then(|text| text.split(' ').next()?.parse::<f64>().ok());
    nanoseconds.map_or_else(|| clock.elapsed().as_secs_f64(), |n| n * 1e-9)
}

/// Median microseconds of one call of `work`, which does `count` of them, over nine rounds of at least 40 ms.
pub(crate) fn microseconds(count: usize, mut work: impl FnMut()) -> f64 {
    let clock = Instant::now();
    work();
    let mut rounds: Vec<f64> = (0..9)
        .map(|_| {
            let (start, mut calls) = (cpu_seconds(clock), 0);
            loop {
                work();
                calls += count;
                let spent = cpu_seconds(clock) - start;
                if spent > 0.04 {
                    return spent / calls as f64 * 1e6;
                }
            }
        })
        .collect();
    rounds.sort_by(f64::total_cmp);
    rounds[rounds.len() / 2]
}

/// One line of the table.
struct Row {
    job: &'static str,
    what: String,
    measured: String,
    aim: String,
    verdict: &'static str,
}

/// The table of jobs: printed, and written into the book between two marks.
#[derive(Default)]
pub(crate) struct Table {
    rows: Vec<Row>,
    notes: Vec<String>,
}

impl Table {
    /// A figure with its aim; `met` is absent where there is none.
    pub(crate) fn row(
        &mut self,
        job: &'static str,
        what: impl Into<String>,
        measured: impl Into<String>,
        aim: impl Into<String>,
        met: Option<bool>,
    ) {
        let verdict = met.map_or("", |met| if met { "met" } else { "missed" });
        let row = Row { job, what: what.into(), measured: measured.into(), aim: aim.into(), verdict };
        println!("{:<3} {:<88} {:>16}  {:<10} {}", row.job, row.what, row.measured, row.aim, row.verdict);
        self.rows.push(row);
    }

    /// A line under the table: what was left out, or what bounds a figure.
    pub(crate) fn note(&mut self, text: impl Into<String>) {
        let text = text.into();
        println!("    {text}");
        self.notes.push(text);
    }

    /// The table in Markdown.
    fn markdown(&self) -> String {
        let mut text = "| job | what | measured | aim | |\n|---|---|---:|---|---|\n".to_owned();
        for Row { job, what, measured, aim, verdict } in &self.rows {
            let _ = writeln!(text, "| {job} | {what} | {measured} | {aim} | {verdict} |");
        }
        if !self.notes.is_empty() {
            text.push('\n');
        }
        for note in &self.notes {
            let _ = writeln!(text, "- {note}");
        }
        text
    }

    /// Writes the table into a page of the book, between `<!-- jobs -->` and `<!-- end of jobs -->`, under a line that says
    /// where and when it was measured.
    pub(crate) fn write(&self, page: &Path, heading: &str) -> std::io::Result<()> {
        const MARKS: (&str, &str) = ("<!-- jobs -->\n", "<!-- end of jobs -->");
        let old = std::fs::read_to_string(page)?;
        let (Some(start), Some(end)) = (old.find(MARKS.0), old.find(MARKS.1)) else {
            return Err(std::io::Error::other("the page has no marks for the table"));
        };
        let (before, after) = (&old[..start + MARKS.0.len()], &old[end..]);
        std::fs::write(page, format!("{before}\n{heading}\n\n{}\n{after}", self.markdown()))
    }
}
