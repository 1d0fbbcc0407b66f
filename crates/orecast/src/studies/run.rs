//! A case run: every arm in every draw, and why the arms differ.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::{
    changes::changes,
    manifest::{LayerHash, PackageHash},
    switching::{Robustness, robustness},
    unmodelled::{assumed_royalties, unmodelled},
    why::{Contributions, contributions},
};

use crate::{
    base::{
        control::{Cancelled, Control},
        date::PartialDate,
        diagnostic::Diagnostics,
        id::{BlocId, Iso3},
    },
    ensemble::{self, Ensemble, Scope},
    indicator::Roles,
    nowcast::usual_day,
    params,
    pathway::Simulation,
    policy::{Arm, Case, Lever, Names},
    register::rate::rates,
    world::{World, columns, layer::Layer, locate::Facts, package::Package},
};

/// Year that the answer speaks of, where the case reaches it.
const ANSWER_YEAR: i32 = 2035;
/// Draws on which contributions are computed at most.
const WHY_DRAWS: usize = 32;
/// Draws on which assumptions are moved at most.
const TRIAL_DRAWS: usize = 16;

/// How a case is to be run.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Number of draws.
    pub draws: usize,
    /// Seed of the draws.
    pub seed: u64,
    /// Whether to run minerals that no arm acts on, too.
    pub all: bool,
    /// Whether to ask what each clause contributes and what would change the conclusion.
    pub why: bool,
    /// Last year; the case's own when absent.
    pub last_year: Option<i32>,
    /// The day that the run is made from; absent for all that is known.
    pub as_of: Option<PartialDate>,
}

/// A case run in one world.
#[derive(Debug)]
pub struct Outcome {
    /// Every value.
    pub ensemble: Ensemble,
    /// Who plays which part.
    pub roles: Roles,
    /// Year that the answer speaks of, by position.
    pub year: usize,
    /// What the run has to leave out, in words.
    pub left_out: Vec<String>,
    /// What each clause contributes and what would change the conclusion, where that was asked.
    pub why: Option<Why>,
}

/// Why the arms differ.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Why {
    /// What each clause contributes; absent when the last arm lacks something that the first has.
    pub contributions: Option<Contributions>,
    /// What moving one assumption alone does; absent when no arm changes anything.
    pub robustness: Option<Robustness>,
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

/// Runs a case in one world, which is the facts with the case's overlay; `control` hears of each draw.
///
/// # Errors
/// When `control` asks for an end.
pub fn run(world: &World, case: &Case, options: &Options, control: &Control) -> Result<Outcome, Cancelled> {
    let cut = options.as_of.map(|day| world.known_by(day));
    let world = cut.as_ref().unwrap_or(world);
    let (mut simulation, roles, mut left_out) = prepare(world, case, options.last_year, options.as_of);
    left_out.extend(world.layers().iter().map(Layer::in_words));
    let scope = if options.all { Scope::All } else { Scope::Touched };
    let (draws, seed) = (options.draws, options.seed);
    let ensemble = ensemble::run_scope(&simulation, &case.arms, &roles, scope, draws, seed, control)?;
    left_out.extend(super::rows::withheld(&ensemble));
    let asked = case.answer_year.unwrap_or(ANSWER_YEAR);
    let year = ensemble.year(asked).unwrap_or_else(|| ensemble.years.len().saturating_sub(1));
    let why = options.why.then(|| why(&mut simulation, &ensemble, &roles, year, options.seed));
    Ok(Outcome { ensemble, roles, year, left_out, why })
}

/// Asks why the last arm differs from the first in a year (by position).
fn why(simulation: &mut Simulation, ensemble: &Ensemble, roles: &Roles, year: usize, seed: u64) -> Why {
    let found = changes(ensemble, roles, year);
    let draws = ensemble.draws.min(WHY_DRAWS);
    let contributions = contributions(simulation, ensemble, roles, &found, year, draws, seed);
    let trial = (ensemble.draws.min(TRIAL_DRAWS), seed);
    let robustness = robustness(simulation, ensemble, roles, &found, year, trial);
    Why { contributions, robustness }
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
    if let Some(day) = as_of.or_else(|| usual_day(world)).filter(|_| starts_today) {
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
