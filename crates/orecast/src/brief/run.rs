//! A case from file to results: what the command line, the server and Python all call.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::{
    answer::{Answer, answer},
    manifest::{Convergence, FileHash, LayerHash, Manifest, PRODUCT, PackageHash, VERSION},
    results::{self, ResultRow},
    rows::rows,
};
use crate::{
    diagnostic::Diagnostics,
    ensemble::{self, Ensemble},
    id::Iso3,
    indicator::Roles,
    pathway::{
        Simulation,
        assumption::{ASSUMPTIONS, Assumptions},
        deal::unmodelled,
    },
    policy::{Arm, Case, Names, own_files},
    register::rate::rates,
    world::{World, layer::Layer, locate::Facts, package::Package},
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
    /// Last year; the case's own when absent.
    pub last_year: Option<i32>,
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
    /// Result rows, sorted.
    pub rows: Vec<ResultRow>,
    /// What the results came from.
    pub manifest: Manifest,
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
        blocs: tables.blocs.iter().map(|row| row.bloc.clone()).collect(),
        scenarios: tables.demand.iter().map(|row| row.scenario.clone()).collect(),
        parameters: ASSUMPTIONS.iter().map(|a| a.name.to_owned()).collect(),
        prices: std::collections::BTreeMap::new(),
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

/// Loads facts and a case and runs it.
///
/// # Errors
/// When the package or the case has problems, or a file cannot be read.
pub fn run(facts: &Facts, case_file: &Path, options: &Options) -> Result<Outcome, RunError> {
    let world = facts.load()?;
    let case = Case::load(case_file, &names(&world))?;
    let manifest = manifest(facts, &world, case_file, &case, options)?;
    let last_year = options.last_year.unwrap_or(case.years.to).clamp(case.base_year + 1, case.years.to);
    let roles = Roles {
        leader: case.leader,
        host: case.host,
        rival: case.rival.to_string(),
        rival_members: world.bloc_members(&case.rival, case.base_year),
    };
    let overrides = case.assumptions.iter().map(|(name, quantity)| (name.clone(), quantity.range));
    let (simulation, failed) = Simulation::prepare(
        &world,
        &case.minerals,
        case.base_year,
        last_year,
        &case.demand_scenario,
        &separate(&case, &roles),
        Assumptions::with(overrides),
    );
    let mut left_out: Vec<String> = failed.iter().map(ToString::to_string).collect();
    left_out.extend(world.layers().iter().map(Layer::in_words));
    let mut levers: Vec<&str> =
        case.arms.iter().flat_map(Arm::events).filter_map(|event| unmodelled(&event.lever)).collect();
    levers.sort_unstable();
    levers.dedup();
    if !levers.is_empty() {
        left_out.push(format!("levers without effect in this version: {}", levers.join(", ")));
    }

    let ensemble = ensemble::run(&simulation, &case.arms, &roles, options.draws, options.seed);
    let answer_year = ANSWER_YEAR.min(last_year);
    let position = ensemble.year(answer_year).unwrap_or(0);
    let answer = answer(&world, &case, &ensemble, &roles, position, &left_out);
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
    Ok(Outcome { case, ensemble, roles, answer, answer_year, rows, manifest })
}

/// Countries that stay separate in every chain: the roles, and all that a lever or a payer names.
fn separate(case: &Case, roles: &Roles) -> Vec<Iso3> {
    let mut list = vec![roles.leader, roles.host];
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
