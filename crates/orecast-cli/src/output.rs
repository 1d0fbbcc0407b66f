//! How an answer reaches the terminal: as text, JSON or CSV, with progress on the way.

use std::{
    io::{self, IsTerminal, Write},
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use clap::Args;
use orecast::{
    ask::{Answer, Control},
    render::{
        csv,
        json::json,
        terminal::{Layout, text},
    },
};

use crate::Outcome;

/// Work that takes longer tells how far it is.
const QUIET: Duration = Duration::from_secs(1);
/// Time between two lines of progress.
const OFTEN: Duration = Duration::from_millis(200);

/// The form of an answer.
#[derive(Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct Output {
    /// One JSON document instead of text
    #[arg(long, global = true, conflicts_with = "csv")]
    pub(crate) json: bool,
    /// One CSV table instead of text
    #[arg(long, global = true)]
    pub(crate) csv: bool,
    /// Tables as wide as they are, instead of folded to the width of the terminal
    #[arg(long, global = true)]
    wide: bool,
}

impl Output {
    /// The answer in the form that was asked for.
    pub(crate) fn write(&self, answer: &Answer) -> Outcome {
        if self.json {
            return Ok(json(answer)?);
        }
        if self.csv {
            let mut bytes = Vec::new();
            csv::write(answer, &mut bytes)?;
            return Ok(String::from_utf8(bytes)?);
        }
        Ok(text(answer, self.layout()))
    }

    fn layout(&self) -> Layout {
        let terminal = io::stdout().is_terminal();
        let known =
            terminal.then(terminal_size::terminal_size).flatten().map(|(width, _)| usize::from(width.0));
        let usual = Layout::default();
        let colour = terminal && std::env::var_os("NO_COLOR").is_none();
        Layout { width: if self.wide { None } else { known.or(usual.width) }, colour }
    }

    /// Tells on a terminal how far long work is; Ctrl-C ends the program at once, and nothing is written half.
    #[expect(clippy::unused_self, reason = "a form of output may want silence")]
    pub(crate) fn control(&self) -> Control {
        if !io::stderr().is_terminal() {
            return Control::default();
        }
        let begun = Instant::now();
        let last = Mutex::new(begun);
        Control::with_progress(move |done, total| {
            let now = Instant::now();
            let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
            let quiet = now - begun < QUIET || (now - *last < OFTEN && done < total);
            if quiet {
                return;
            }
            *last = now;
            let left = (now - begun).mul_f64((total - done) as f64 / done.max(1) as f64);
            let line = if done < total {
                format!("\r{done} of {total} done, about {:.0} s left   ", left.as_secs_f64().ceil())
            } else {
                format!("\r{:60}\r", "")
            };
            let _ = io::stderr().write_all(line.as_bytes());
        })
    }
}
