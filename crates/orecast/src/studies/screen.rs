//! Every exporter of every mineral stops for a year: what that costs a leader, and how likely it is.

mod ranges;
mod scenario_set;
mod table;

use std::{cmp::Ordering, collections::BTreeMap};

use rayon::prelude::*;
use serde::{Serialize, Serializer};

use scenario_set::{Impact, Scenario, ScenarioSet, Stopped, producers};

use crate::studies::{
    hazard::{Hazard, Regime},
    shock::effects::{CALIBRATED, OnUsers, PriceRatio},
};
use crate::{
    base::{
        diagnostic::Diagnostics,
        draw::Draw,
        id::{Iso3, MineralId},
        unit::{Range, Stage},
    },
    baseline::Baseline,
    indicator::Group,
    market::{Solver, Status},
    params::{Params, responses::TimeScale},
    policy::disruption,
    world::World,
};

/// Scenarios that one task solves.
const CHUNK: usize = 16;

/// Says what a scenario costs the leader's economy beyond the mineral's own market.
pub trait Valuer: std::fmt::Debug + Sync {
    /// Loss of gross domestic product in a full year, million USD; negative for a gain. `gain_musd` is what the leader's
    /// producers gain.
    fn gdp_loss_musd(&self, mineral: &MineralId, users: &OnUsers, gain_musd: f64, draw: Draw) -> f64;
}

/// How a screen is run.
#[derive(Debug, Clone)]
pub struct ScreenOptions<'a> {
    /// Base year.
    pub year: i32,
    /// How long the market has had to respond.
    pub scale: TimeScale,
    /// Which times are assumed.
    pub regime: Regime,
    /// Exporters that may stop together.
    pub groups: &'a [disruption::Group],
    /// Ranges of the parameters.
    pub params: Params<Range>,
    /// Share of what a stop holds back that still arrives.
    pub leakage: f64,
    /// File with numbers in place of the package's hazard: name and text.
    pub hazard: Option<(String, String)>,
    /// Draws for the ranges of the first rows.
    pub draws: usize,
    /// How many rows get ranges.
    pub ranged: usize,
    /// Seed of the draws.
    pub seed: u64,
    /// What scenarios cost the economy; rows are then ranked by that.
    pub valuer: Option<&'a dyn Valuer>,
    /// Balanced years that are known already, with those who look on kept separate; others are balanced here.
    pub balanced: &'a [&'a Baseline],
}

impl ScreenOptions<'_> {
    /// Middle parameters within a year, the package's hazard, no groups, no draws.
    pub const fn middle(year: i32) -> Self {
        Self {
            year,
            scale: TimeScale::Medium,
            regime: Regime::Mixed,
            groups: &[],
            params: Params::DOCUMENTED,
            leakage: 0.0,
            hazard: None,
            draws: 0,
            ranged: 0,
            seed: 1,
            valuer: None,
            balanced: &[],
        }
    }
}

/// One scenario and what it does to the leader.
#[derive(Debug, Clone, Serialize)]
pub struct ScreenRow {
    /// Mineral.
    pub mineral: MineralId,
    /// Aggregate market that the mineral is an element of; only the element stops.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part_of: Option<MineralId>,
    /// Stage whose exports stop; absent for a group, which stops at all stages.
    pub stage: Option<Stage>,
    /// Country, or id of a group.
    pub exporter: String,
    /// What it exported in the base year, tonnes.
    pub exports_t: f64,
    /// Whether a trade figure shows any of it; else the balanced year only keeps its routes open.
    pub exports_seen: bool,
    /// `converged`, or why there is no answer.
    pub status: &'static str,
    /// Change of the price delivered to the leader's users, as a share; absent where nothing can be had or nothing is
    /// used. In files a bound where it lies beyond what the model is made for.
    #[serde(serialize_with = "calibrated")]
    pub price_change_leader: Option<f64>,
    /// Whether that change is a lower bound.
    pub price_at_least: bool,
    /// Change of the exporter's home price, as a share; absent where it can no longer sell.
    pub price_change_inside: Option<f64>,
    /// What the leader's users buy less, tonnes.
    pub shortage_t: Option<f64>,
    /// Loss of the leader's users in a full year, million USD.
    pub loss_musd: Option<f64>,
    /// Gain of the leader's producers in a full year, million USD.
    pub producer_gain_musd: Option<f64>,
    /// Probability of the stop within a year.
    pub probability: f64,
    /// Probability times the share of the year that it lasts times the loss, million USD.
    pub expected_loss_musd: Option<f64>,
    /// Share of the leader's purchases of that stage and mineral that came straight from the exporter.
    pub share_of_purchases: Option<f64>,
    /// Whether some price left a fifth to five times its base.
    pub beyond_range: bool,
    /// What the numbers on users rest on.
    pub users: OnUsers,
    /// Loss of the leader's gross domestic product in a full year, million USD; absent where nobody was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gdp_loss_musd: Option<f64>,
    /// Probability times the share of the year that it lasts times that loss, million USD.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected_gdp_loss_musd: Option<f64>,
    /// Ranges, for the first rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ranges: Option<RowRanges>,
}

/// Ranges of one row over the draws.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct RowRanges {
    /// Of `price_change_leader`; in files a bound where it lies beyond what the model is made for.
    #[serde(serialize_with = "calibrated_range")]
    pub price_change_leader: Range,
    /// Of `shortage_t`.
    pub shortage_t: Range,
    /// Of `loss_musd`.
    pub loss_musd: Range,
    /// Of `probability`.
    pub probability: Range,
    /// Of `expected_loss_musd`.
    pub expected_loss_musd: Range,
    /// Of `gdp_loss_musd`; not numbers where nobody was asked.
    pub gdp_loss_musd: Range,
    /// Of `expected_gdp_loss_musd`.
    pub expected_gdp_loss_musd: Range,
}

/// All scenarios for one leader.
#[derive(Debug, Serialize)]
pub struct Screen {
    /// Country that buys, or the name of a group.
    pub leader: String,
    /// The countries whose users lose; none of them stops.
    pub buyers: Vec<Iso3>,
    /// Base year.
    pub year: i32,
    /// How long the market has had to respond.
    pub scale: TimeScale,
    /// Minerals that were screened.
    pub minerals: usize,
    /// Minerals without a market, with the reason.
    pub left_out: Vec<String>,
    /// Number of scenarios by status.
    pub statuses: BTreeMap<&'static str, usize>,
    /// Sums over the rows of each exporter, the largest first.
    pub exporters: Vec<ExporterSum>,
    /// Rows, the largest expected loss first.
    pub rows: Vec<ScreenRow>,
}

/// Writes a change of a price as a bound where it lies beyond what the model is made for.
#[expect(clippy::ref_option, reason = "the signature that serde calls")]
fn calibrated<S: Serializer>(change: &Option<f64>, to: S) -> Result<S::Ok, S::Error> {
    change.map(|change| change.min(CALIBRATED - 1.0)).serialize(to)
}

/// The same for a range of changes, with whether it is a bound.
fn calibrated_range<S: Serializer>(change: &Range, to: S) -> Result<S::Ok, S::Error> {
    let moved = |r: Range, by: f64| Range::new(r.low + by, r.mid + by, r.high + by);
    let PriceRatio { range, at_least } = moved(*change, 1.0).into();
    let range = if at_least { moved(range, -1.0) } else { *change };
    PriceRatio { range, at_least }.serialize(to)
}

/// Runs every scenario at middle parameters, and the first rows again in draws. The members of a group count as one, and none of
/// them stops.
///
/// # Errors
/// When the hazard file has problems.
pub fn screen(world: &World, group: &Group, options: &ScreenOptions<'_>) -> Result<Screen, Diagnostics> {
    Solved::of(world, std::slice::from_ref(group), options).screen(world, 0, options)
}

/// Set and first scenario of some scenarios, with what each does to each who looks on.
type Task = ((usize, usize), Vec<Vec<Impact>>);

/// Every scenario solved once at middle parameters, and measured on several who look on.
pub struct Solved {
    groups: Vec<Group>,
    lookers: Vec<Vec<Iso3>>,
    sets: Vec<ScenarioSet>,
    left_out: Vec<String>,
    /// Set and first scenario of each task, with what each scenario does to each who looks on.
    impacts: Vec<Task>,
}

impl Solved {
    /// Solves the scenarios. Each of the `groups` counts as one; the markets keep the countries of all of them separate. Of the
    /// options those on the market count.
    pub fn of(world: &World, groups: &[Group], options: &ScreenOptions<'_>) -> Self {
        let lookers: Vec<Vec<Iso3>> = groups.iter().map(Group::list).collect();
        let minerals: Vec<&MineralId> = world.market_minerals().map(|row| &row.id).collect();
        let separate: Vec<Iso3> = lookers.iter().flatten().copied().collect();
        // What one looks at alone, none of it stops; what several look at stops for the others.
        let none_stop = if lookers.len() == 1 { separate.as_slice() } else { &[] };
        let prepared: Vec<Vec<_>> = minerals
            .par_iter()
            .map(|mineral| ScenarioSet::of_market(world, mineral, &separate, none_stop, options))
            .collect();
        let (mut sets, mut left_out) = (Vec::new(), Vec::new());
        for result in prepared.into_iter().flatten() {
            match result {
                Ok(set) => sets.push(set),
                Err(reason) => left_out.push(reason.to_string()),
            }
        }
        let tasks: Vec<(usize, usize)> = sets
            .iter()
            .enumerate()
            .flat_map(|(b, set)| (0..set.scenarios.len()).step_by(CHUNK).map(move |first| (b, first)))
            .collect();
        let solve = |solver: &mut Solver, (b, first): (usize, usize)| {
            let set: &ScenarioSet = &sets[b];
            let last = (first + CHUNK).min(set.scenarios.len());
            let mut market = set.shock.market(Draw::MIDDLE);
            let stopped = Stopped { shock: &set.shock, leakage: options.leakage, draw: Draw::MIDDLE };
            let stops = set.scenarios[first..last].iter();
            stops.map(|stop| stopped.impacts(stop, &lookers, &mut market, solver)).collect::<Vec<_>>()
        };
        let impacts = tasks
            .into_par_iter()
            .map_init(Solver::default, |solver, task| (task, solve(solver, task)))
            .collect();
        Self { groups: groups.to_vec(), lookers, sets, left_out, impacts }
    }

    /// The screen of one who looks on, by position.
    ///
    /// # Errors
    /// When the hazard file has problems.
    pub fn screen(
        &self,
        world: &World,
        looker: usize,
        options: &ScreenOptions<'_>,
    ) -> Result<Screen, Diagnostics> {
        let (sets, buyers) = (&self.sets, &self.lookers[looker]);
        let mut hazard = Hazard::of(world, buyers, options.year, &producers(sets), options.regime);
        if let Some((file, text)) = &options.hazard {
            hazard = hazard.overridden(file, text, world)?;
        }
        let mut rows: Vec<((usize, usize), ScreenRow)> = Vec::new();
        for ((b, first), found) in &self.impacts {
            for (s, impacts) in found.iter().enumerate() {
                let at = (*b, first + s);
                let stops_itself = sets[*b].scenarios[at.1].members.iter().any(|c| buyers.contains(c));
                if !stops_itself {
                    let row = row(&sets[*b], at.1, &impacts[looker], buyers, &hazard, options.valuer);
                    rows.push((at, row));
                }
            }
        }
        rows.sort_by(|(at, a), (bt, b)| order(a, b).then(at.cmp(bt)));
        ranges::add_ranges(sets, &mut rows, buyers, &hazard, options);
        let mut statuses = BTreeMap::new();
        for (_, row) in &rows {
            *statuses.entry(row.status).or_default() += 1;
        }
        let rows: Vec<ScreenRow> = rows.into_iter().map(|(_, row)| row).collect();
        Ok(Screen {
            leader: self.groups[looker].code(),
            buyers: buyers.clone(),
            year: options.year,
            scale: options.scale,
            minerals: sets.len(),
            left_out: self.left_out.clone(),
            statuses,
            exporters: ExporterSum::of(&rows),
            rows,
        })
    }
}

/// What one exporter's stops may cost, over minerals.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ExporterSum {
    /// Country, or id of a group.
    pub exporter: String,
    /// Sum over markets of the largest of its stages and elements, million USD a year.
    pub expected_loss_musd: f64,
    /// Markets that count.
    pub minerals: usize,
    /// The market that counts most.
    pub largest: MineralId,
}

impl ExporterSum {
    /// Expected loss by exporter, the largest first. Of the stages and elements of a market the larger counts: a country
    /// that stops its ore as well as its metal is not lost twice.
    fn of(rows: &[ScreenRow]) -> Vec<Self> {
        let mut worst: BTreeMap<(&str, &MineralId), f64> = BTreeMap::new();
        for row in rows {
            let Some(loss) = row.expected_loss_musd.filter(|loss| *loss > 0.0) else { continue };
            let entry =
                worst.entry((&row.exporter, row.part_of.as_ref().unwrap_or(&row.mineral))).or_default();
            *entry = entry.max(loss);
        }
        let mut sums: Vec<Self> = Vec::new();
        let mut largest = 0.0;
        for ((exporter, mineral), loss) in worst {
            if let Some(sum) = sums.last_mut().filter(|sum| sum.exporter == exporter) {
                sum.expected_loss_musd += loss;
                sum.minerals += 1;
                if loss > largest {
                    largest = loss;
                    sum.largest = mineral.clone();
                }
            } else {
                largest = loss;
                sums.push(Self {
                    exporter: exporter.to_owned(),
                    expected_loss_musd: loss,
                    minerals: 1,
                    largest: mineral.clone(),
                });
            }
        }
        sums.sort_by(|a, b| b.expected_loss_musd.total_cmp(&a.expected_loss_musd));
        sums
    }
}

/// The largest expected loss first (of the economy, where known), then the largest loss; rows without an answer last.
fn order(a: &ScreenRow, b: &ScreenRow) -> Ordering {
    let key = |x: Option<f64>| x.unwrap_or(f64::NEG_INFINITY);
    key(b.expected_gdp_loss_musd)
        .total_cmp(&key(a.expected_gdp_loss_musd))
        .then_with(|| key(b.expected_loss_musd).total_cmp(&key(a.expected_loss_musd)))
        .then_with(|| key(b.loss_musd).total_cmp(&key(a.loss_musd)))
}

fn probability(scenario: &Scenario, set: &ScenarioSet, hazard: &Hazard, draw: Draw) -> (f64, f64) {
    let mineral = &set.shock.base.mineral;
    let stage = scenario.stage.unwrap_or(set.shock.base.baseline.last_stage);
    let own = scenario.members.iter().map(|&c| hazard.probability(c, mineral, stage, draw));
    let chance = match scenario.stated {
        Some(range) => draw.range(&format!("hazard/group/{}", scenario.exporter), range),
        None => own.fold(1.0, f64::min),
    };
    let lasts = scenario.members.iter().map(|&c| hazard.duration(c, draw));
    (chance, lasts.fold(1.0, f64::min))
}

fn row(
    set: &ScenarioSet,
    s: usize,
    impact: &Impact,
    buyers: &[Iso3],
    hazard: &Hazard,
    valuer: Option<&dyn Valuer>,
) -> ScreenRow {
    let scenario = &set.scenarios[s];
    let (probability, lasts) = probability(scenario, set, hazard, Draw::MIDDLE);
    let solved = impact.status == Status::Converged;
    let (users, mineral) = (impact.users, &set.shock.base.mineral);
    let gdp_loss = valuer
        .filter(|_| solved)
        .map(|valuer| valuer.gdp_loss_musd(mineral, &users, impact.gain, Draw::MIDDLE));
    ScreenRow {
        mineral: mineral.clone(),
        part_of: set.part_of.clone(),
        stage: scenario.stage,
        exporter: scenario.exporter.clone(),
        exports_t: scenario.exports_t,
        exports_seen: scenario.exports_seen,
        status: match impact.status {
            Status::Converged => "converged",
            Status::Infeasible => "infeasible",
            Status::NotConverged => "not converged",
        },
        price_change_leader: impact.price.filter(|_| solved),
        price_at_least: impact.price.is_some_and(|change| solved && 1.0 + change > CALIBRATED),
        price_change_inside: impact.inside.filter(|_| solved),
        shortage_t: solved.then_some(users.shortage_t),
        loss_musd: solved.then_some(users.loss_musd),
        producer_gain_musd: solved.then_some(impact.gain),
        probability,
        expected_loss_musd: solved.then_some(probability * lasts * users.loss_musd),
        share_of_purchases: set.direct_share(scenario, buyers),
        beyond_range: impact.beyond,
        users,
        gdp_loss_musd: gdp_loss,
        expected_gdp_loss_musd: gdp_loss.map(|loss| probability * lasts * loss),
        ranges: None,
    }
}
