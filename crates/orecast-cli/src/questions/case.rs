//! Case files: check, explain, start a new one.

use std::{
    fs,
    io::{self, BufRead, Write},
    path::PathBuf,
};

use clap::{Args, Subcommand};
use orecast::policy::{Presets, preset::ANY};
use serde::Serialize;
use serde_json::json;

use crate::{Cli, Outcome, questions::file};

/// What can be done with a case file.
#[derive(Subcommand)]
pub(crate) enum Case {
    /// Check a case file and say everything that is wrong, with line and remedy
    Check(Check),
    /// Say what each clause will do in the model, in words and numbers
    Explain(Explain),
    /// Start a case file from a form of deal; asks for what is not given
    New(New),
}

/// Arguments of `case check`.
#[derive(Args, Serialize)]
pub(crate) struct Check {
    /// Case file, or the name of a shipped case
    case: String,
}

/// Arguments of `case explain`.
#[derive(Args, Serialize)]
pub(crate) struct Explain {
    /// Case file, or the name of a shipped case
    case: String,
    /// Only this arm
    #[arg(long)]
    arm: Option<String>,
}

/// Arguments of `case new`.
#[derive(Args)]
pub(crate) struct New {
    /// Country or bloc that seeks supply
    #[arg(long, value_name = "COUNTRY|BLOC")]
    leader: Option<String>,
    /// Country or bloc that has it
    #[arg(long, value_name = "COUNTRY|BLOC")]
    host: Option<String>,
    /// Form of deal, such as `framework`
    #[arg(long)]
    preset: Option<String>,
    /// Mineral, by identifier, name or symbol; may be repeated
    #[arg(long = "mineral", value_name = "MINERAL", value_delimiter = ',')]
    minerals: Vec<String>,
    /// Bloc that the leader wants to depend on less; absent: the one that refines most of the first mineral
    #[arg(long)]
    rival: Option<String>,
    /// Day of signature, such as 2026-01-31
    #[arg(long)]
    signed: Option<String>,
    /// File to write; printed when absent. An existing file is not replaced
    #[arg(long, short, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Case {
    pub(crate) fn print(&self, cli: &Cli) -> Outcome {
        match self {
            Self::Check(check) => cli.print("case-check", check),
            Self::Explain(explain) => cli.print("case-explain", explain),
            Self::New(new) => new.print(cli),
        }
    }
}

impl New {
    fn print(&self, cli: &Cli) -> Outcome {
        let presets = Presets::shipped()?;
        let forms: Vec<&str> = presets.ids().filter(|id| *id != ANY).collect();
        let mut dialogue = Dialogue(io::stdin().lock());
        let leader = dialogue.answer(self.leader.as_deref(), "leader", "Who seeks supply?", "USA")?;
        let host = dialogue.answer(self.host.as_deref(), "host", "Who has it?", "KAZ")?;
        let which = format!("Which form of deal ({})?", forms.join(", "));
        let preset = dialogue.answer(self.preset.as_deref(), "preset", &which, "framework")?;
        let given = (!self.minerals.is_empty()).then(|| self.minerals.join(","));
        let which = "Which minerals (separate with commas)?";
        let list = dialogue.answer(given.as_deref(), "mineral", which, "tungsten")?;
        let minerals: Vec<&str> = list.split(',').map(str::trim).filter(|part| !part.is_empty()).collect();
        let Self { rival, signed, .. } = self;
        let asked = json!({
            "leader": leader, "host": host, "preset": preset, "minerals": minerals, "rival": rival, "signed": signed,
        });
        let answer = cli.ask("case-new", &asked)?;
        if let Some(out) = &self.out {
            let mut written = fs::File::create_new(out).map_err(|error| match error.kind() {
                io::ErrorKind::AlreadyExists => format!("{} exists\n    name another file", out.display()),
                _ => format!("{}: {error}", out.display()),
            })?;
            written.write_all(file(&answer)?.as_bytes())?;
        }
        match &self.out {
            _ if cli.output.json || cli.output.csv => cli.output.write(&answer),
            None => file(&answer),
            Some(out) => {
                Ok(format!("{out} written; next: orecast case explain {out}\n", out = out.display()))
            }
        }
    }
}

/// Asks on standard error and reads answers from standard input.
struct Dialogue<R>(R);

impl<R: BufRead> Dialogue<R> {
    /// The given answer, else what the user writes; an empty line takes the usual one.
    fn answer(
        &mut self,
        given: Option<&str>,
        option: &str,
        question: &str,
        usual: &str,
    ) -> Result<String, String> {
        if let Some(given) = given {
            return Ok(given.to_owned());
        }
        let _ = write!(io::stderr(), "{question} [{usual}] ");
        let mut line = String::new();
        match self.0.read_line(&mut line) {
            Ok(0) => Err(format!("\nno answer to: {question}\n    give --{option}")),
            Ok(_) if line.trim().is_empty() => Ok(usual.to_owned()),
            Ok(_) => Ok(line.trim().to_owned()),
            Err(error) => Err(format!("cannot read the answer: {error}")),
        }
    }
}
