//! What a shock does, with ranges: the same numbers that the command prints and writes as JSON.

mod focus;
mod gather;
mod rows;
mod table;

use focus::Focus;
use gather::Gather;
use rayon::prelude::*;
pub use rows::{
    Buyer, BuyerRow, ByproductRow, FlowRow, PriceRow, ProducerRow, RentRow, Report, Runs, WhyRow,
};

use crate::studies::shock::{
    effects::{Disturbed, Effects, Key, Zone},
    interventions::Intervention,
    market::ShockMarket,
};
use crate::{
    base::{
        draw::Draw,
        id::Iso3,
        shapley::{Contribution, shapley},
        unit::Stage,
    },
    ensemble::range_of,
    indicator::Group,
    market::{Equilibrium, Feed, Market, Solver, Status},
    world::World,
};

/// US dollars in a million.
const MILLION: f64 = 1e6;

/// What is asked of a shock market.
#[derive(Debug)]
pub struct Request<'a> {
    /// What happens.
    pub interventions: &'a [Intervention],
    /// Share of what bans stop that still arrives.
    pub leakage: f64,
    /// Country or group that is looked at; the world where absent.
    pub leader: Option<&'a Group>,
    /// Number of draws.
    pub draws: usize,
    /// Seed of the draws.
    pub seed: u64,
    /// Whether the effect is divided between the interventions.
    pub why: bool,
}

/// A by-product of the disturbed mineral.
struct Byproduct {
    shock: ShockMarket,
    host_stage: Stage,
    share: f64,
}

/// One draw's findings.
struct Finding {
    status: Status,
    beyond: bool,
    effects: Effects,
    /// Output and price over the base year's, for each by-product.
    byproducts: Vec<Option<(f64, f64)>>,
}

/// Runs the draws and gathers what they say.
pub fn run(world: &World, shock: &ShockMarket, request: &Request<'_>) -> Report {
    let byproducts = byproducts(world, shock);
    let interventions: Vec<&Intervention> = request.interventions.iter().collect();
    let findings: Vec<Finding> = (0..request.draws as u64)
        .into_par_iter()
        .map_init(Solver::default, |solver, d| {
            let draw = Draw::new(request.seed, d);
            one(shock, &interventions, request.leakage, draw, solver, &byproducts)
        })
        .collect();
    let mut runs = Runs { draws: request.draws, ..Runs::default() };
    for finding in &findings {
        match finding.status {
            Status::Converged => runs.converged += 1,
            Status::Infeasible => runs.infeasible += 1,
            Status::NotConverged => runs.not_converged += 1,
        }
        runs.beyond_range += usize::from(finding.beyond);
    }
    let gather = Gather { shock, findings: &findings };
    let base = &shock.base;
    Report {
        mineral: base.mineral.clone(),
        basis: base.market.basis.clone(),
        year: base.baseline.year,
        scale: shock.scale,
        interventions: request.interventions.iter().map(|m| m.label.clone()).collect(),
        leakage: request.leakage,
        leader: request.leader.map(Group::code),
        runs,
        grade: base.grade,
        notes: notes(shock, request),
        prices: gather.prices(),
        buyers: gather.buyers(request),
        producers: gather.producers(request.interventions),
        rents: gather.rents(),
        flows: gather.flows(),
        byproducts: byproducts
            .iter()
            .enumerate()
            .map(|(b, byproduct)| ByproductRow {
                mineral: byproduct.shock.base.mineral.clone(),
                host_share: byproduct.share,
                output_ratio: range_of(
                    findings.iter().filter_map(|f| Some(f.byproducts.get(b)?.as_ref()?.0)),
                ),
                price_ratio: range_of(findings.iter().filter_map(|f| Some(f.byproducts.get(b)?.as_ref()?.1))),
            })
            .collect(),
        why: if request.why { why(shock, request) } else { Vec::new() },
    }
}

/// Solves a shock market under some moves in one draw; the market before and after, and its equilibrium.
fn disturb(
    shock: &ShockMarket,
    interventions: &[&Intervention],
    leakage: f64,
    draw: Draw,
    solver: &mut Solver,
) -> (Market, Market, Equilibrium) {
    let before = shock.market(draw);
    let mut after = before.clone();
    shock.impose(&mut after, interventions, leakage, draw);
    let equilibrium = ShockMarket::solve(solver, &after);
    (before, after, equilibrium)
}

fn one(
    shock: &ShockMarket,
    interventions: &[&Intervention],
    leakage: f64,
    draw: Draw,
    solver: &mut Solver,
    byproducts: &[Byproduct],
) -> Finding {
    let (before, after, equilibrium) = disturb(shock, interventions, leakage, draw, solver);
    let disturbed =
        Disturbed { shock, interventions, draw, before: &before, after: &after, equilibrium: &equilibrium };
    let effects = disturbed.measure();
    let solved = effects.is_some();
    let byproducts =
        byproducts.iter().map(|b| b.follow(shock, &equilibrium, draw, solver).filter(|_| solved)).collect();
    Finding {
        status: equilibrium.status,
        beyond: solved && !equilibrium.certificate.beyond_range.is_empty(),
        effects: effects.unwrap_or_default(),
        byproducts,
    }
}

fn byproducts(world: &World, shock: &ShockMarket) -> Vec<Byproduct> {
    let base = &shock.base;
    let rows = world.tables().byproducts.iter().filter(|row| row.host == base.mineral && row.share_mid > 0.0);
    rows.filter_map(|row| {
        let shock = ShockMarket::prepare(world, &row.mineral, base.baseline.year, shock.scale, &[])
            .ok()?
            .with_params(shock.params);
        Some(Byproduct { shock, host_stage: row.host_stage, share: row.share_mid })
    })
    .collect()
}

impl Byproduct {
    /// World output and mean price over the base year's when the host's output has moved, country by country: the
    /// host's share of the recoverable amount moves with it.
    fn follow(
        &self,
        host: &ShockMarket,
        moved: &Equilibrium,
        draw: Draw,
        solver: &mut Solver,
    ) -> Option<(f64, f64)> {
        let stage = if host.stages().contains(&self.host_stage) {
            self.host_stage
        } else {
            host.base.baseline.last_stage
        };
        let nodes = &host.base.market.nodes;
        let at = |pick: &dyn Fn(Iso3) -> bool| {
            let nodes = (0..nodes.len()).filter(|&i| nodes[i].stage == stage && pick(nodes[i].country));
            let sum =
                nodes.fold((0.0, 0.0), |sum, i| (sum.0 + moved.node_output(i), sum.1 + host.base_output(i)));
            (sum.1 > 0.0).then(|| sum.0 / sum.1)
        };
        let world = at(&|_| true)?;
        let mut market = self.shock.market(draw);
        for node in &mut market.nodes {
            let ratio = at(&|c| c == node.country).unwrap_or(world);
            for tranche in node.tranches.iter_mut().filter(|t| t.feed == Feed::Ground) {
                tranche.capacity *= 1.0 - self.share * (1.0 - ratio.min(1.0));
            }
        }
        let eq = ShockMarket::solve(solver, &market);
        if eq.status != Status::Converged {
            return None;
        }
        let last = self.shock.base.baseline.last_stage;
        let (mut output, mut base, mut value) = (0.0, 0.0, 0.0);
        for (i, node) in market.nodes.iter().enumerate().filter(|(_, n)| n.stage == last) {
            output += eq.node_output(i);
            base += self.shock.base_output(i);
            value += eq.price[i].map_or(0.0, |p| p / node.base_price * eq.node_output(i));
        }
        Some((output / base, value / output))
    }
}

/// What a reader must know about what was asked.
fn notes(shock: &ShockMarket, request: &Request<'_>) -> Vec<String> {
    let market = &shock.base.market;
    let year = shock.base.baseline.year;
    let mut notes = Vec::new();
    for action in request.interventions {
        let sells = |c: Iso3| {
            (0..market.nodes.len()).any(|i| market.nodes[i].country == c && shock.base_output(i) > 0.0)
        };
        if !action.restricted.is_empty() && !action.restricted.iter().any(|&c| sells(c)) {
            let mineral = &shock.base.mineral;
            notes
                .push(format!("{}: none of them made {mineral} in {year}, so nothing changes", action.label));
        }
    }
    let used = |group: &Group| group.members.iter().map(|&c| shock.base_use(c)).sum::<f64>();
    if let Some(leader) = request.leader.filter(|group| used(group) <= 0.0) {
        notes.push(format!("{} used none of it in {year}, as far as is known", leader.name));
    }
    notes
}

/// Contribution of each intervention, at middle parameters.
fn why(shock: &ShockMarket, request: &Request<'_>) -> Vec<WhyRow> {
    let focus = request.leader.map(|group| Focus { shock, group });
    let last = shock.base.baseline.last_stage;
    let value = |mask: u64| -> Vec<f64> {
        let interventions: Vec<&Intervention> = request
            .interventions
            .iter()
            .enumerate()
            .filter(|(m, _)| mask >> m & 1 == 1)
            .map(|(_, m)| m)
            .collect();
        let mut solver = Solver::default();
        let (before, after, equilibrium) =
            disturb(shock, &interventions, request.leakage, Draw::MIDDLE, &mut solver);
        let draw = Draw::MIDDLE;
        // Zones are those of all interventions, so that a price means the same in every coalition.
        let all: Vec<&Intervention> = request.interventions.iter().collect();
        let disturbed = Disturbed {
            shock,
            interventions: &all,
            draw,
            before: &before,
            after: &after,
            equilibrium: &equilibrium,
        };
        let effects = disturbed.measure().unwrap_or_default();
        let of = |key| effects.get(&key).copied().unwrap_or(f64::NAN);
        match &focus {
            Some(focus) => vec![
                focus.price(&effects),
                focus.sum(&effects, Key::Shortage),
                focus.sum(&effects, Key::Loss) / MILLION,
            ],
            None => vec![
                of(Key::Price(last, Zone::Outside)),
                of(Key::Shortage(Iso3::WORLD)),
                of(Key::Loss(Iso3::WORLD)) / MILLION,
            ],
        }
    };
    let rows = shapley(request.interventions.len(), value);
    let row = |(action, Contribution { value, error }): (&Intervention, Contribution)| WhyRow {
        label: action.label.clone(),
        price_change: value[0],
        shortage_t: value[1],
        loss_musd: value[2],
        standard_error: error.iter().any(|e| *e > 0.0).then(|| [error[0], error[1], error[2]]),
    };
    request.interventions.iter().zip(rows).map(row).collect()
}
