//! Every exporter of every mineral stops for a year: what that costs a leader, and how likely it is.

use std::{
    cmp::Ordering,
    collections::{BTreeMap, BTreeSet},
};

use rayon::prelude::*;
use serde::Serialize;

use super::{
    effects::{OnUsers, on_producers, on_users},
    hazard::{Hazard, Regime},
    scene::Scene,
};
use crate::{
    diagnostic::Diagnostics,
    draw::Draw,
    ensemble::range_of,
    id::{Iso3, MineralId},
    market::{Market, Solver, Status, TimeScale},
    pathway::deal::base_flow,
    policy::disruption::Group,
    unit::Range,
    world::{World, table::Stage},
};

/// US dollars in a million.
const MILLION: f64 = 1e6;
/// Scenarios that one task solves.
const CHUNK: usize = 16;
/// Share of a stage's output that makes a country one of those whose restrictions were counted.
const PRODUCER: f64 = 0.005;

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
    pub groups: &'a [Group],
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
    /// Other members of the leader's group: they count as one with it, and none of them stops.
    pub partners: &'a [Iso3],
    /// What scenarios cost the economy; rows are then ranked by that.
    pub valuer: Option<&'a dyn Valuer>,
}

impl ScreenOptions<'_> {
    /// Middle parameters within a year, the package's hazard, no groups, no draws.
    pub const fn middle(year: i32) -> Self {
        Self {
            year,
            scale: TimeScale::Medium,
            regime: Regime::Mixed,
            groups: &[],
            leakage: 0.0,
            hazard: None,
            draws: 0,
            ranged: 0,
            seed: 1,
            partners: &[],
            valuer: None,
        }
    }
}

/// One scenario and what it does to the leader.
#[derive(Debug, Clone, Serialize)]
pub struct ScreenRow {
    /// Mineral.
    pub mineral: MineralId,
    /// Stage whose exports stop; absent for a group, which stops at all stages.
    pub stage: Option<Stage>,
    /// Country, or id of a group.
    pub exporter: String,
    /// `converged`, or why there is no answer.
    pub status: &'static str,
    /// Change of the price delivered to the leader's users, as a share; absent where nothing can be had or nothing is
    /// used.
    pub price_change_leader: Option<f64>,
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
    /// Of `price_change_leader`.
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
    /// The leader.
    pub leader: Iso3,
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
    /// Rows, the largest expected loss first.
    pub rows: Vec<ScreenRow>,
}

/// Who stops.
#[derive(Debug, Clone)]
struct Scenario {
    stage: Option<Stage>,
    exporter: String,
    members: Vec<Iso3>,
    stated: Option<Range>,
    /// Routes that close.
    arcs: Vec<usize>,
    /// The exporter's node, where one stage of one country stops.
    node: Option<usize>,
}

/// A scene with its scenarios.
struct Board {
    scene: Scene,
    scenarios: Vec<Scenario>,
}

/// What a scenario does to the leader.
struct Impact {
    status: Status,
    users: OnUsers,
    gain: f64,
    price: Option<f64>,
    inside: Option<f64>,
    beyond: bool,
}

/// Runs every scenario at middle parameters, and the first rows again in draws.
///
/// # Errors
/// When the hazard file has problems.
pub fn screen(world: &World, leader: Iso3, options: &ScreenOptions<'_>) -> Result<Screen, Diagnostics> {
    let minerals: Vec<MineralId> = world.market_minerals().map(|row| row.id.clone()).collect();
    let buyers: Vec<Iso3> = std::iter::once(leader).chain(options.partners.iter().copied()).collect();
    let exporters = options.groups.iter().flat_map(|group| group.exporters.iter().copied());
    let separate: Vec<Iso3> = buyers.iter().copied().chain(exporters).collect();
    let prepared: Vec<_> = minerals
        .par_iter()
        .map(|mineral| Scene::prepare(world, mineral, options.year, options.scale, &separate))
        .collect();
    let (mut boards, mut left_out) = (Vec::new(), Vec::new());
    for result in prepared {
        match result {
            Ok(scene) => {
                let scenarios = scenarios(world, &scene, &buyers, options);
                boards.push(Board { scene, scenarios });
            }
            Err(reason) => left_out.push(reason.to_string()),
        }
    }
    let mut hazard = Hazard::of(world, leader, options.year, &producers(&boards), options.regime);
    if let Some((file, text)) = &options.hazard {
        hazard = hazard.overridden(file, text, world)?;
    }

    let tasks: Vec<(usize, usize)> = boards
        .iter()
        .enumerate()
        .flat_map(|(b, board)| (0..board.scenarios.len()).step_by(CHUNK).map(move |first| (b, first)))
        .collect();
    let impacts: Vec<Vec<Impact>> = tasks
        .par_iter()
        .map_init(Solver::default, |solver, &(b, first)| {
            let board = &boards[b];
            let last = (first + CHUNK).min(board.scenarios.len());
            let mut market = board.scene.market(Draw::MIDDLE);
            let stops = board.scenarios[first..last].iter();
            let stopped = Stopped {
                scene: &board.scene,
                buyers: &buyers,
                leakage: options.leakage,
                draw: Draw::MIDDLE,
            };
            stops.map(|s| stopped.impact(s, &mut market, solver)).collect()
        })
        .collect();

    let mut rows: Vec<((usize, usize), ScreenRow)> = Vec::new();
    for (&(b, first), found) in tasks.iter().zip(&impacts) {
        for (s, impact) in found.iter().enumerate() {
            let at = (b, first + s);
            rows.push((at, row(&boards[b], first + s, impact, &buyers, &hazard, options.valuer)));
        }
    }
    rows.sort_by(|(at, a), (bt, b)| order(a, b).then(at.cmp(bt)));
    add_ranges(&boards, &mut rows, &buyers, &hazard, options);
    let mut statuses = BTreeMap::new();
    for (_, row) in &rows {
        *statuses.entry(row.status).or_default() += 1;
    }
    Ok(Screen {
        leader,
        year: options.year,
        scale: options.scale,
        minerals: boards.len(),
        left_out,
        statuses,
        rows: rows.into_iter().map(|(_, row)| row).collect(),
    })
}

/// What one exporter's stops may cost, over minerals.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ExporterSum {
    /// Country, or id of a group.
    pub exporter: String,
    /// Sum over minerals of the larger of its stages, million USD a year.
    pub expected_loss_musd: f64,
    /// Minerals that count.
    pub minerals: usize,
    /// The mineral that counts most.
    pub largest: MineralId,
}

impl Screen {
    /// Expected loss by exporter, the largest first. Of the stages of a mineral the larger counts: a country that stops
    /// its ore as well as its metal is not lost twice.
    pub fn by_exporter(&self) -> Vec<ExporterSum> {
        let mut worst: BTreeMap<(&str, &MineralId), f64> = BTreeMap::new();
        for row in &self.rows {
            let Some(loss) = row.expected_loss_musd.filter(|loss| *loss > 0.0) else { continue };
            let entry = worst.entry((&row.exporter, &row.mineral)).or_default();
            *entry = entry.max(loss);
        }
        let mut sums: Vec<ExporterSum> = Vec::new();
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
                sums.push(ExporterSum {
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

/// Every stop of one exporter at one stage, and of every group, that closes a route.
fn scenarios(world: &World, scene: &Scene, buyers: &[Iso3], options: &ScreenOptions<'_>) -> Vec<Scenario> {
    let market = &scene.chain.market;
    let closes = |pick: &dyn Fn(usize) -> bool| -> Vec<usize> {
        let leaves = |&a: &usize| {
            let arc = &market.arcs[a];
            pick(arc.from)
                && arc.weight > 0.0
                && market.nodes[arc.from].country != market.recipient_country(arc.to)
        };
        (0..market.arcs.len()).filter(leaves).collect()
    };
    let single =
        market.nodes.iter().enumerate().filter(|(_, n)| !buyers.contains(&n.country)).map(|(i, node)| {
            Scenario {
                stage: Some(node.stage),
                exporter: node.country.to_string(),
                members: vec![node.country],
                stated: None,
                arcs: closes(&|from| from == i),
                node: Some(i),
            }
        });
    let grouped = options.groups.iter().map(|group| {
        let mut members = group.exporters.clone();
        if let Some(bloc) = &group.bloc {
            members.extend(world.bloc_members(bloc, options.year));
        }
        members.sort_unstable();
        members.dedup();
        let inside = |c: Iso3| members.contains(&c);
        let mut arcs = closes(&|from| inside(market.nodes[from].country));
        // Members go on trading with each other.
        arcs.retain(|&a| !inside(market.recipient_country(market.arcs[a].to)));
        let stated = group.probability.map(|q| q.range);
        Scenario { stage: None, exporter: group.id.clone(), members, stated, arcs, node: None }
    });
    single.chain(grouped).filter(|s| !s.arcs.is_empty()).collect()
}

/// Countries that make a noticeable part of some stage's output.
fn producers(boards: &[Board]) -> BTreeSet<Iso3> {
    let mut list = BTreeSet::new();
    for board in boards {
        let nodes = &board.scene.chain.market.nodes;
        for stage in board.scene.stages() {
            let at: Vec<usize> = (0..nodes.len()).filter(|&i| nodes[i].stage == stage).collect();
            let world: f64 = at.iter().map(|&i| board.scene.base_output(i)).sum();
            let large = at.iter().filter(|&&i| board.scene.base_output(i) >= PRODUCER * world);
            list.extend(large.map(|&i| nodes[i].country).filter(|c| !c.is_aggregate()));
        }
    }
    list
}

/// What stops are measured on.
struct Stopped<'a> {
    scene: &'a Scene,
    buyers: &'a [Iso3],
    leakage: f64,
    draw: Draw,
}

impl Stopped<'_> {
    /// Closes the routes, solves from base prices, looks at the leader, and opens the routes again.
    fn impact(&self, scenario: &Scenario, market: &mut Market, solver: &mut Solver) -> Impact {
        let (scene, buyers) = (self.scene, self.buyers);
        scenario.arcs.iter().for_each(|&a| market.arcs[a].banned = true);
        if self.leakage > 0.0 {
            scene.leak(market, self.leakage);
        }
        let eq = Scene::solve(solver, market);
        let own = scene.responses(self.draw).demand;
        let users = on_users(market, &eq, buyers, scene.chain.baseline.last_stage, own);
        let gain = on_producers(scene, market, &eq, buyers);
        let inside = scenario.node.and_then(|i| Some(eq.price[i]? / market.nodes[i].base_price));
        market.limits.clear();
        scenario.arcs.iter().for_each(|&a| market.arcs[a].banned = false);
        Impact {
            status: eq.status,
            users,
            gain: gain / MILLION,
            price: users.price.map(|p| p - 1.0),
            // Below nothing, a price says that nobody takes the output.
            inside: inside.map(|p| p.max(0.0) - 1.0),
            beyond: !eq.certificate.beyond_range.is_empty(),
        }
    }
}

fn probability(scenario: &Scenario, board: &Board, hazard: &Hazard, draw: Draw) -> (f64, f64) {
    let mineral = &board.scene.chain.mineral;
    let stage = scenario.stage.unwrap_or(board.scene.chain.baseline.last_stage);
    let own = scenario.members.iter().map(|&c| hazard.probability(c, mineral, stage, draw));
    let chance = match scenario.stated {
        Some(range) => draw.range(&format!("hazard/group/{}", scenario.exporter), range),
        None => own.fold(1.0, f64::min),
    };
    let lasts = scenario.members.iter().map(|&c| hazard.duration(c, draw));
    (chance, lasts.fold(1.0, f64::min))
}

fn row(
    board: &Board,
    s: usize,
    impact: &Impact,
    buyers: &[Iso3],
    hazard: &Hazard,
    valuer: Option<&dyn Valuer>,
) -> ScreenRow {
    let scenario = &board.scenarios[s];
    let (probability, lasts) = probability(scenario, board, hazard, Draw::MIDDLE);
    let solved = impact.status == Status::Converged;
    let (users, mineral) = (impact.users, &board.scene.chain.mineral);
    let gdp_loss = valuer
        .filter(|_| solved)
        .map(|valuer| valuer.gdp_loss_musd(mineral, &users, impact.gain, Draw::MIDDLE));
    ScreenRow {
        mineral: mineral.clone(),
        stage: scenario.stage,
        exporter: scenario.exporter.clone(),
        status: match impact.status {
            Status::Converged => "converged",
            Status::Infeasible => "infeasible",
            Status::NotConverged => "not converged",
        },
        price_change_leader: impact.price.filter(|_| solved),
        price_change_inside: impact.inside.filter(|_| solved),
        shortage_t: solved.then_some(users.shortage_t),
        loss_musd: solved.then_some(users.loss_musd),
        producer_gain_musd: solved.then_some(impact.gain),
        probability,
        expected_loss_musd: solved.then_some(probability * lasts * users.loss_musd),
        share_of_purchases: direct_share(&board.scene, scenario, buyers),
        beyond_range: impact.beyond,
        users,
        gdp_loss_musd: gdp_loss,
        expected_gdp_loss_musd: gdp_loss.map(|loss| probability * lasts * loss),
        ranges: None,
    }
}

/// Share of what the leader's users and refineries bought at the stage that closes.
fn direct_share(scene: &Scene, scenario: &Scenario, buyers: &[Iso3]) -> Option<f64> {
    let market = &scene.chain.market;
    let into = |a: &usize| buyers.contains(&market.recipient_country(market.arcs[*a].to));
    let at = |a: &usize| scenario.stage.is_none_or(|s| market.nodes[market.arcs[*a].from].stage == s);
    let all: f64 =
        (0..market.arcs.len()).filter(|a| into(a) && at(a)).map(|a| base_flow(&scene.chain, a)).sum();
    let closed: f64 = scenario.arcs.iter().filter(|a| into(a)).map(|&a| base_flow(&scene.chain, a)).sum();
    (all > 0.0).then(|| closed / all)
}

/// Solves the first rows again in draws of responses and hazard.
fn add_ranges(
    boards: &[Board],
    rows: &mut [((usize, usize), ScreenRow)],
    buyers: &[Iso3],
    hazard: &Hazard,
    options: &ScreenOptions<'_>,
) {
    let first: Vec<(usize, usize)> = rows.iter().take(options.ranged).map(|(at, _)| *at).collect();
    let used: BTreeSet<usize> = first.iter().map(|(b, _)| *b).collect();
    let draws = options.draws as u64;
    let tasks: Vec<(usize, u64)> = used.iter().flat_map(|&b| (0..draws).map(move |d| (b, d))).collect();
    // For each scenario in each draw: price, shortage, loss, probability, expected loss, and the economy's two.
    let found: Vec<Vec<(usize, [f64; 7])>> = tasks
        .par_iter()
        .map_init(Solver::default, |solver, &(b, d)| {
            let (board, draw) = (&boards[b], Draw::new(options.seed, d));
            let mut market = board.scene.market(draw);
            let stopped = Stopped { scene: &board.scene, buyers, leakage: options.leakage, draw };
            let wanted = first.iter().filter(|(at, _)| *at == b);
            wanted
                .map(|&(_, s)| {
                    let scenario = &board.scenarios[s];
                    let impact = stopped.impact(scenario, &mut market, solver);
                    let (chance, lasts) = probability(scenario, board, hazard, draw);
                    let users = impact.users;
                    let solved = impact.status == Status::Converged;
                    let known = |value: Option<f64>| value.filter(|_| solved).unwrap_or(f64::NAN);
                    let loss = known(Some(users.loss_musd));
                    let mineral = &board.scene.chain.mineral;
                    let economy = |v: &dyn Valuer| v.gdp_loss_musd(mineral, &users, impact.gain, draw);
                    let gdp = known(options.valuer.map(economy));
                    let (price, short) = (known(impact.price), known(Some(users.shortage_t)));
                    let lost = chance * lasts;
                    let values = [price, short, loss, chance, lost * loss, gdp, lost * gdp];
                    (s, values)
                })
                .collect()
        })
        .collect();
    for ((b, s), row) in rows.iter_mut().take(options.ranged).map(|(at, row)| (*at, row)) {
        let values: Vec<[f64; 7]> = tasks
            .iter()
            .zip(&found)
            .filter(|((at, _), _)| *at == b)
            .flat_map(|(_, list)| list.iter().filter(|(at, _)| *at == s).map(|(_, values)| *values))
            .collect();
        let range = |i: usize| range_of(values.iter().map(|v| v[i]));
        row.ranges = (!values.is_empty()).then(|| RowRanges {
            price_change_leader: range(0),
            shortage_t: range(1),
            loss_musd: range(2),
            probability: range(3),
            expected_loss_musd: range(4),
            gdp_loss_musd: range(5),
            expected_gdp_loss_musd: range(6),
        });
    }
}
