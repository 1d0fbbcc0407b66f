//! `orecast case`: checks a case file, explains it, starts a new one.

use std::{
    fmt::Write as _,
    fs,
    io::{self, BufRead, Write},
    path::{Path, PathBuf},
};

use clap::{Args, Subcommand};
use orecast::{
    answer::{
        explain::{Clause, explain},
        number::{Style, Unit, figure},
    },
    ask::draft::{Answers, draft, usual_rival},
    base::{
        diagnostic::did_you_mean,
        id::{Iso3, MineralId},
    },
    policy::{Arm, Case as CaseFile, Presets},
    studies::{run::names, unmodelled::contracts_without_use},
    world::{World, names::Subject},
};

use crate::Outcome;

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
#[derive(Args)]
pub(crate) struct Check {
    /// Case file
    file: PathBuf,
}

/// Arguments of `case explain`.
#[derive(Args)]
pub(crate) struct Explain {
    /// Case file
    file: PathBuf,
    /// Only this arm
    #[arg(long)]
    arm: Option<String>,
    /// Print everything as JSON
    #[arg(long)]
    json: bool,
}

/// Arguments of `case new`.
#[derive(Args)]
pub(crate) struct New {
    /// Country that seeks supply, by code or name
    #[arg(long)]
    leader: Option<String>,
    /// Country that has it, by code or name
    #[arg(long)]
    host: Option<String>,
    /// Form of deal, such as `framework`
    #[arg(long)]
    preset: Option<String>,
    /// Mineral, by identifier, name or symbol; may be repeated
    #[arg(long = "mineral")]
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
    pub(crate) fn run(&self, world: &World) -> Outcome {
        match self {
            Self::Check(args) => check(world, &args.file),
            Self::Explain(args) => args.run(world),
            Self::New(args) => args.run(world),
        }
    }
}

fn check(world: &World, file: &Path) -> Outcome {
    let case = CaseFile::load(file, &names(world))?;
    let shown = file.display().to_string();
    for branch in std::iter::once(None).chain(case.branches.iter().map(|branch| Some(&branch.id))) {
        case.world(world, branch, &shown)?;
    }
    let unusable = contracts_without_use(world, &case);
    if !unusable.is_empty() {
        return Err(format!("{shown}: {}", unusable.join("; ")).into());
    }
    let arms: Vec<String> = case
        .arms
        .iter()
        .map(|arm| format!("{} ({})", arm.id, plural(arm.events().count(), "clause")))
        .collect();
    Ok(format!("{}: no problems; arms {}\n", file.display(), arms.join(", ")))
}

fn plural(count: usize, thing: &str) -> String {
    if count == 1 { format!("1 {thing}") } else { format!("{count} {thing}s") }
}

impl Explain {
    fn run(&self, world: &World) -> Outcome {
        let case = CaseFile::load(&self.file, &names(world))?;
        let presets = Presets::beside(&self.file)?;
        let mut clauses = explain(world, &case, &presets);
        if let Some(wanted) = &self.arm {
            let ids = case.arms.iter().map(|arm| arm.id.as_str());
            if !ids.clone().any(|id| id == wanted) {
                let remedy = did_you_mean(
                    wanted,
                    ids.clone(),
                    &format!("the arms are {}", ids.collect::<Vec<_>>().join(", ")),
                );
                return Err(format!("no arm `{wanted}`\n    {remedy}").into());
            }
            clauses.retain(|clause| clause.arm.as_str() == wanted);
        }
        if self.json {
            return Ok(serde_json::to_string_pretty(&clauses)? + "\n");
        }
        let shown = |arm: &&Arm| self.arm.as_deref().is_none_or(|wanted| arm.id.as_str() == wanted);
        let mut text = format!("{}\n", case.title);
        for arm in case.arms.iter().filter(shown) {
            let of_arm: Vec<&Clause> = clauses.iter().filter(|clause| clause.arm == arm.id).collect();
            let _ = writeln!(text, "\n{}: {}, {}", arm.id, arm.title, plural(of_arm.len(), "clause"));
            for clause in of_arm {
                text += &paragraph(clause);
            }
        }
        Ok(text)
    }
}

fn paragraph(clause: &Clause) -> String {
    let chance = figure(clause.probability, &Unit::Share, Style::TERMINAL);
    let year = figure(clause.year, &Unit::Year, Style::TERMINAL);
    let payer =
        clause.payer.map_or_else(|| "nobody's budget".to_owned(), |payer| format!("the budget of {payer}"));
    let shock = if clause.is_shock { ", agreed by nobody" } else { "" };
    let mut lines = vec![
        format!("\n  {} on {}{shock}", clause.lever, clause.object),
        format!("    chance   {chance}, {}", clause.probability_from),
        format!("    from     {year}"),
        format!("    payer    {payer}"),
        format!("    does     {}", clause.effect),
        format!("    grade    {} ({})", clause.grade, clause.id),
    ];
    if !clause.note.is_empty() {
        lines.push(format!("    note     {}", clause.note));
    }
    lines.join("\n") + "\n"
}

impl New {
    fn run(&self, world: &World) -> Outcome {
        let presets = Presets::shipped()?;
        let forms: Vec<&str> = presets.ids().filter(|id| *id != orecast::policy::preset::ANY).collect();
        let mut questions = Questions(io::stdin().lock());
        let leader =
            country(world, &questions.answer(self.leader.as_deref(), "leader", "Who seeks supply?", "USA")?)?;
        let host = country(world, &questions.answer(self.host.as_deref(), "host", "Who has it?", "KAZ")?)?;
        let question = format!("Which form of deal ({})?", forms.join(", "));
        let preset = questions.answer(self.preset.as_deref(), "preset", &question, "framework")?;
        if !forms.contains(&preset.as_str()) {
            let remedy =
                did_you_mean(&preset, forms.iter().copied(), &format!("choose from: {}", forms.join(", ")));
            return Err(format!("no form of deal `{preset}`\n    {remedy}").into());
        }
        let texts = if self.minerals.is_empty() {
            let list =
                questions.answer(None, "mineral", "Which minerals (separate with commas)?", "tungsten")?;
            list.split(',').map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
        } else {
            self.minerals.clone()
        };
        let minerals: Vec<MineralId> =
            texts.iter().map(|text| mineral(world, text)).collect::<Result<_, _>>()?;
        let rival = match &self.rival {
            Some(text) => Some(bloc(world, text)?),
            None => minerals.first().and_then(|first| usual_rival(world, leader, host, first)),
        };
        if let Some(signed) = &self.signed {
            signed
                .parse::<orecast::policy::Date>()
                .map_err(|error| format!("{error}\n    write year, month and day"))?;
        }
        let answers = Answers { leader, host, preset, minerals, rival, signed: self.signed.clone() };
        let text = draft(world, &answers)?;
        let Some(out) = &self.out else { return Ok(text) };
        let mut file = fs::File::create_new(out).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => format!("{} exists\n    name another file", out.display()),
            _ => format!("{}: {error}", out.display()),
        })?;
        file.write_all(text.as_bytes())?;
        Ok(format!("{out} written; next: orecast case explain {out}\n", out = out.display()))
    }
}

/// Asks on standard error and reads answers from standard input.
struct Questions<R>(R);

impl<R: BufRead> Questions<R> {
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
        eprint!("{question} [{usual}] ");
        let mut line = String::new();
        match self.0.read_line(&mut line) {
            Ok(0) => Err(format!("\nno answer to: {question}\n    give --{option}")),
            Ok(_) if line.trim().is_empty() => Ok(usual.to_owned()),
            Ok(_) => Ok(line.trim().to_owned()),
            Err(error) => Err(format!("cannot read the answer: {error}")),
        }
    }
}

fn country(world: &World, text: &str) -> Result<Iso3, String> {
    match world.find(text).map_err(|error| error.to_string())? {
        Subject::Country(row) => Ok(row.iso3),
        Subject::Mineral(row) => Err(format!("`{}` is a mineral\n    name a country", row.id)),
    }
}

fn mineral(world: &World, text: &str) -> Result<MineralId, String> {
    match world.find(text).map_err(|error| error.to_string())? {
        Subject::Mineral(row) => Ok(row.market.clone()),
        Subject::Country(row) => Err(format!("`{}` is a country\n    name a mineral", row.iso3)),
    }
}

fn bloc(world: &World, text: &str) -> Result<orecast::base::id::BlocId, String> {
    let blocs = || world.tables().blocs.iter().map(|row| &row.bloc);
    blocs().find(|bloc| bloc.as_str().eq_ignore_ascii_case(text)).cloned().ok_or_else(|| {
        let remedy = did_you_mean(text, blocs().map(orecast::base::id::BlocId::as_str), "see data/blocs.csv");
        format!("no bloc `{text}`\n    {remedy}")
    })
}
