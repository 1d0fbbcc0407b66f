//! A case from file to results: what the command line, the server and Python all call.

use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::{
    answer::{
        payers::{self, Entry},
        run::{Answer, answer},
        why::{Why, why},
    },
    ask::manifest::{Convergence, FileHash, LayerHash, Manifest, PRODUCT, PackageHash, VERSION},
    render::{
        results::{self, ResultRow},
        table::Table,
    },
    studies::{
        rows::rows,
        unmodelled::{assumed_royalties, unmodelled},
    },
};
use crate::{
    base::{
        diagnostic::Diagnostics,
        date::PartialDate,
        id::{BlocId, Iso3},
    },
    ensemble::{self, Ensemble},
    indicator::Roles,
    nowcast::newest_day,
    params,
    pathway::Simulation,
    policy::{Arm, Branch, Case, Lever, Names, own_files},
    register::rate::rates,
    world::{World, columns, layer::Layer, locate::Facts, package::Package},
};

/// Year that the answer speaks of, where the case reaches it.
const ANSWER_YEAR: i32 = 2035;

/// How a case is to be run.
#[derive(Debug, Clone)]
pub struct Options {
    /// Number of draws.
    pub draws: usize,
    /// Seed of the draws.
    pub seed: u64,
    /// Whether to ask what each clause contributes and what would change the conclusion.
    pub why: bool,
    /// Last year; the case's own when absent.
    pub last_year: Option<i32>,
    /// The day that the run is made from; absent for all that is known.
    pub as_of: Option<PartialDate>,
    /// The command line, for the manifest.
    pub command: Vec<String>,
}

/// A finished run.
#[derive(Debug)]
pub struct Outcome {
    /// The case.
    pub case: Case,
    /// Every value.
    pub ensemble: Ensemble,
    /// Who plays which part.
    pub roles: Roles,
    /// The answer for a reader.
    pub answer: Answer,
    /// Year that the answer speaks of.
    pub answer_year: i32,
    /// What the case says under each reading of facts in dispute.
    pub branches: Vec<BranchOutcome>,
    /// Who pays and who gains, summed to the year of the answer.
    pub money: Vec<Entry>,
    /// The same for the last arm, with a heading.
    pub money_table: Option<(String, Table)>,
    /// Why, where that was asked.
    pub why: Option<Why>,
    /// Result rows, sorted.
    pub rows: Vec<ResultRow>,
    /// What the results came from.
    pub manifest: Manifest,
}

/// The answer under one reading of facts in dispute.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BranchOutcome {
    /// The reading.
    #[serde(flatten)]
    pub branch: Branch,
    /// The answer's sentences.
    pub answer: Vec<String>,
}

/// The document that `--json` prints.
#[derive(Debug, Serialize)]
pub struct Document<'a> {
    /// Whether confidential own data is among the inputs.
    pub confidential: bool,
    /// The case as read, with everything that presets filled in.
    pub case: &'a Case,
    /// What the results came from.
    pub manifest: &'a Manifest,
    /// The arms with their commitments.
    pub arms: &'a [Arm],
    /// The answer's sentences.
    pub answer: &'a [String],
    /// The same under each reading of facts in dispute.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub branches: &'a [BranchOutcome],
    /// Who pays and who gains, summed to the year of the answer.
    pub money: &'a [Entry],
    /// Why, where that was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<&'a Why>,
    /// Result rows.
    pub rows: &'a [ResultRow],
}

/// Why a run did not happen.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The input has problems.
    #[error(transparent)]
    Input(#[from] Diagnostics),
    /// A file could not be read.
    #[error("{0}: {1}")]
    File(PathBuf, std::io::Error),
}

/// Names of a world that a case is checked against.
pub fn names(world: &World) -> Names {
    let tables = world.tables();
    let mut names = Names {
        minerals: world.market_minerals().map(|row| row.id.clone()).collect(),
        countries: tables.countries.iter().map(|row| row.iso3).collect(),
        projects: tables.projects.iter().map(|row| row.id.clone()).collect(),
        sources: tables.sources.iter().map(|row| row.id.clone()).collect(),
        blocs: tables.blocs.clone(),
        scenarios: tables.demand.iter().map(|row| row.scenario.clone()).collect(),
        parameters: params::TABLE.list().iter().map(|(parameter, _)| parameter.name.to_owned()).collect(),
        prices: std::collections::BTreeMap::new(),
        columns: columns()
            .into_iter()
            .map(|(table, columns)| (table.to_owned(), columns.iter().map(|&name| name.to_owned()).collect()))
            .collect(),
        rates: rates(world).into_iter().map(|rate| (rate.prior.name.to_owned(), rate.range)).collect(),
    };
    for row in &tables.prices {
        let (low, high) = (row.low.unwrap_or(row.usd_per_t), row.high.unwrap_or(row.usd_per_t));
        names
            .prices
            .entry((row.mineral.clone(), row.stage))
            .and_modify(|seen| *seen = (seen.0.min(low), seen.1.max(high)))
            .or_insert((low, high));
    }
    names
}

/// Loads facts and a case and runs it, once as the tables say and once under each of its branches.
///
/// # Errors
/// When the package or the case has problems, or a file cannot be read.
pub fn run(facts: &Facts, case_file: &Path, options: &Options) -> Result<Outcome, RunError> {
    let base = facts.load()?;
    let case = Case::load(case_file, &names(&base))?;
    let manifest = manifest(facts, &base, case_file, &case, options)?;
    let file = case_file.display().to_string();
    let world = case.world(&base, None, &file)?;
    let Part { mut simulation, ensemble, roles, answer, answer_year } = part(&world, &case, options);
    let position = ensemble.year(answer_year).unwrap_or(0);
    let money = payers::entries(&ensemble, position);
    let money_table = payers::table(&world, &ensemble, &roles, position);
    let why = options.why.then(|| why(&world, &mut simulation, &ensemble, &roles, position, options.seed));
    let mut branches = Vec::new();
    for branch in &case.branches {
        let world = case.world(&base, Some(&branch.id), &file)?;
        let part = part(&world, &case, options);
        branches.push(BranchOutcome { branch: branch.clone(), answer: part.answer.sentences });
    }
    let mut rows = rows(&ensemble);
    results::sort(&mut rows);
    let manifest = Manifest {
        years: ensemble.years.clone(),
        converged: Convergence {
            solved: ensemble.solved - ensemble.failed.len(),
            failed: ensemble.failed.len(),
        },
        ..manifest
    };
    Ok(Outcome {
        case,
        ensemble,
        roles,
        answer,
        answer_year,
        branches,
        money,
        money_table,
        why,
        rows,
        manifest,
    })
}

/// A case run in one world.
struct Part {
    simulation: Simulation,
    ensemble: Ensemble,
    roles: Roles,
    answer: Answer,
    answer_year: i32,
}

fn part(world: &World, case: &Case, options: &Options) -> Part {
    let cut = options.as_of.map(|day| world.known_by(day));
    let world = cut.as_ref().unwrap_or(world);
    let (simulation, roles, mut left_out) = prepare(world, case, options.last_year, options.as_of);
    left_out.extend(world.layers().iter().map(Layer::in_words));
    let ensemble = ensemble::run(&simulation, &case.arms, &roles, options.draws, options.seed);
    let answer_year =
        case.answer_year.unwrap_or(ANSWER_YEAR).min(simulation.years.last().copied().unwrap_or(ANSWER_YEAR));
    let position = ensemble.year(answer_year).unwrap_or(0);
    let answer = answer(world, case, &ensemble, &roles, position, &left_out);
    Part { simulation, ensemble, roles, answer, answer_year }
}

/// A case's markets made ready for its draws, who plays which part, and what the run has to leave out, in words.
///
/// The years since the base year agree with what `world` knows of them; `as_of` is the day that it was cut at, if it was.
pub fn prepare(
    world: &World,
    case: &Case,
    last_year: Option<i32>,
    as_of: Option<PartialDate>,
) -> (Simulation, Roles, Vec<String>) {
    let last_year = last_year.unwrap_or(case.years.to).clamp(case.base_year + 1, case.years.to);
    // A bloc may have been founded after the base year.
    let year = case.signed.year.max(case.base_year);
    let members = |bloc: &BlocId| (bloc.to_string(), world.bloc_members(bloc, year));
    let roles = Roles {
        leader: case.leader,
        host: case.host,
        leaders: case.leader_bloc.as_ref().map(members),
        hosts: case.host_bloc.as_ref().map(members),
        rival: case.rival.to_string(),
        rival_members: world.bloc_members(&case.rival, case.base_year),
    };
    let (mut simulation, failed) = Simulation::prepare(
        world,
        &case.minerals,
        case.base_year,
        last_year,
        &case.demand_scenario,
        &separate(case, &roles),
        case.params(),
    );
    for event in case.arms.iter().flat_map(Arm::events) {
        if let Lever::OwnershipScreen(l) = &event.lever {
            simulation.blocs.insert(l.against.clone(), world.bloc_members(&l.against, year));
        }
    }
    simulation.time_scale = case.time_scale.time_scale();
    let starts_today = world.base_year() == Some(case.base_year);
    if let Some(day) = as_of.or_else(|| newest_day(world)).filter(|_| starts_today) {
        simulation = simulation.as_of(world, day);
    }
    let mut left_out: Vec<String> = failed.iter().map(ToString::to_string).collect();
    left_out.extend(unmodelled(case, &simulation));
    left_out.extend(assumed_royalties(&roles, &simulation));
    (simulation, roles, left_out)
}

/// Countries that stay separate in every chain: the roles, and all that a lever or a payer names.
fn separate(case: &Case, roles: &Roles) -> Vec<Iso3> {
    let mut list = vec![roles.leader, roles.host];
    list.extend(case.deals.iter().map(|deal| deal.host));
    list.extend(roles.leaders.iter().chain(&roles.hosts).flat_map(|(_, members)| members));
    for event in case.arms.iter().flat_map(Arm::events) {
        list.extend(event.payer);
        list.extend(event.lever.countries());
    }
    list.sort_unstable();
    list.dedup();
    list
}

fn manifest(
    facts: &Facts,
    world: &World,
    case_file: &Path,
    case: &Case,
    options: &Options,
) -> Result<Manifest, RunError> {
    let name = case_file.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    // Presets that the reader changed belong to the case.
    let mut text = Vec::new();
    for path in std::iter::once(case_file.to_owned()).chain(own_files(case_file)) {
        text.extend(std::fs::read(&path).map_err(|error| RunError::File(path, error))?);
    }
    let (package, layers) = input_hashes(facts, world)?;
    Ok(Manifest {
        product: PRODUCT.to_owned(),
        version: VERSION.to_owned(),
        command: options.command.clone(),
        case: FileHash::of(&name, &text),
        package,
        layers,
        base_year: case.base_year,
        seed: options.seed,
        draws: options.draws,
        years: Vec::new(),
        arms: case.arms.iter().map(|arm| arm.id.clone()).collect(),
        converged: Convergence { solved: 0, failed: 0 },
        outputs: Vec::new(),
    })
}

/// What the facts are, by content: the package, and each folder of own data over it.
///
/// # Errors
/// When a file cannot be read.
pub fn input_hashes(facts: &Facts, world: &World) -> Result<(PackageHash, Vec<LayerHash>), RunError> {
    let described = Package::read(&facts.package)?;
    let unread = |folder: &Path| {
        let folder = folder.to_owned();
        move |error| RunError::File(folder, error)
    };
    let package = PackageHash::read(&facts.package, &described).map_err(unread(&facts.package))?;
    let layers = facts.layers.iter().zip(world.layers()).map(|(folder, layer)| {
        let content = PackageHash::read_own(folder, &described).map_err(unread(folder))?;
        Ok(LayerHash { name: layer.name.clone(), confidential: layer.confidential, content })
    });
    Ok((package, layers.collect::<Result<_, RunError>>()?))
}
