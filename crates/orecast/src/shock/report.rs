//! What a shock does, with ranges: the same numbers that the command prints and writes as JSON.

use rayon::prelude::*;
use serde::Serialize;

use super::{
    effects::{Disturbed, Effects, Key, OUTSIDE, Rent, Zone},
    moves::Move,
    scene::Scene,
};
use crate::{
    attribution::{Contribution, shapley},
    draw::Draw,
    ensemble::range_of,
    id::{Iso3, MineralId},
    market::{Equilibrium, Feed, Market, Solver, Status, TimeScale},
    unit::{Grade, Range},
    world::{World, table::Stage},
};

/// US dollars in a million.
const MILLION: f64 = 1e6;

/// What is asked of a scene.
#[derive(Debug)]
pub struct Request<'a> {
    /// What happens.
    pub moves: &'a [Move],
    /// Share of what bans stop that still arrives.
    pub leakage: f64,
    /// Country that is looked at; the world where absent.
    pub leader: Option<Iso3>,
    /// Number of draws.
    pub draws: usize,
    /// Seed of the draws.
    pub seed: u64,
    /// Whether the effect is divided between the moves.
    pub why: bool,
}

/// How the draws ended.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct Runs {
    /// Draws.
    pub draws: usize,
    /// Draws with an equilibrium.
    pub converged: usize,
    /// Draws in which what is imposed cannot be met.
    pub infeasible: usize,
    /// Draws in which the search failed.
    pub not_converged: usize,
    /// Draws in which some price left a fifth to five times its base.
    pub beyond_range: usize,
}

/// Sellers' price of a stage, inside and outside the restricting countries.
#[derive(Debug, Serialize)]
pub struct PriceRow {
    /// Stage.
    pub stage: Stage,
    /// Where.
    pub zone: Zone,
    /// Base price, USD/t.
    pub before_usd_per_t: f64,
    /// Price over the base price.
    pub ratio: Range,
}

/// What happens to the users of a country.
#[derive(Debug, Serialize)]
pub struct BuyerRow {
    /// Country; `WLD` for all, `ROW` for all that do not restrict.
    pub country: Iso3,
    /// Use in the base year, tonnes.
    pub use_t: f64,
    /// Delivered price over the base price.
    pub price_ratio: Range,
    /// What is bought less, tonnes.
    pub shortage_t: Range,
    /// Part of it that stocks stand in for, tonnes.
    pub from_stocks_t: Range,
    /// Loss of the users: area beside the demand curve, million USD.
    pub loss_musd: Range,
    /// Extra spending, million USD; falls where use gives way.
    pub bill_musd: Range,
}

/// What the producers of a country gain.
#[derive(Debug, Serialize)]
pub struct ProducerRow {
    /// Country; `WLD` for all, `ROW` for all that do not restrict.
    pub country: Iso3,
    /// Where it stands.
    pub zone: Zone,
    /// Gain, million USD.
    pub gain_musd: Range,
}

/// Money that a restriction makes.
#[derive(Debug, Serialize)]
pub struct RentRow {
    /// What earns it.
    pub kind: Rent,
    /// Country whose firms or treasury get it.
    pub country: Iso3,
    /// Million USD.
    pub musd: Range,
}

/// A flow that changes.
#[derive(Debug, Serialize)]
pub struct FlowRow {
    /// Stage of the goods.
    pub stage: Stage,
    /// From.
    pub exporter: Iso3,
    /// To.
    pub importer: Iso3,
    /// Base year, tonnes.
    pub before_t: f64,
    /// Change, tonnes.
    pub change_t: Range,
}

/// What happens to a mineral that comes out of the disturbed one.
#[derive(Debug, Serialize)]
pub struct ByproductRow {
    /// The by-product.
    pub mineral: MineralId,
    /// Share of its output that comes out of the disturbed mineral.
    pub host_share: f64,
    /// World output over the base year's.
    pub output_ratio: Range,
    /// World price over the base price.
    pub price_ratio: Range,
}

/// What one move contributes at middle parameters; the rows add up to the whole.
#[derive(Debug, Serialize)]
pub struct WhyRow {
    /// The move.
    pub label: String,
    /// Change of the price over the base price.
    pub price_change: f64,
    /// Tonnes.
    pub shortage_t: f64,
    /// Million USD.
    pub loss_musd: f64,
    /// Standard errors of the three, where orders were sampled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub standard_error: Option<[f64; 3]>,
}

/// What a shock does.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Mineral.
    pub mineral: MineralId,
    /// What a tonne counts.
    pub basis: String,
    /// Base year.
    pub year: i32,
    /// How long the market has had to respond.
    pub scale: TimeScale,
    /// What happens.
    pub moves: Vec<String>,
    /// Share of what bans stop that still arrives.
    pub leakage: f64,
    /// Country that is looked at.
    pub leader: Option<Iso3>,
    /// How the draws ended.
    pub runs: Runs,
    /// Worst grade that enters.
    pub grade: Grade,
    /// What a reader must know.
    pub notes: Vec<String>,
    /// Sellers' prices.
    pub prices: Vec<PriceRow>,
    /// Users: all, the leader, then by size of loss.
    pub buyers: Vec<BuyerRow>,
    /// Producers: all, then by size of gain or loss.
    pub producers: Vec<ProducerRow>,
    /// Rents, taxes and duties, the largest first.
    pub rents: Vec<RentRow>,
    /// Flows between countries, the largest change first.
    pub flows: Vec<FlowRow>,
    /// Minerals that come out of this one.
    pub byproducts: Vec<ByproductRow>,
    /// Contribution of each move to the leader's (else the world's) price, shortage and loss.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub why: Vec<WhyRow>,
}

/// A by-product of the disturbed mineral.
struct Byproduct {
    scene: Scene,
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
pub fn run(world: &World, scene: &Scene, request: &Request<'_>) -> Report {
    let byproducts = byproducts(world, scene);
    let moves: Vec<&Move> = request.moves.iter().collect();
    let findings: Vec<Finding> = (0..request.draws as u64)
        .into_par_iter()
        .map_init(Solver::default, |solver, d| {
            let draw = Draw::new(request.seed, d);
            one(scene, &moves, request.leakage, draw, solver, &byproducts)
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
    let gather = Gather { scene, findings: &findings };
    let chain = &scene.chain;
    Report {
        mineral: chain.mineral.clone(),
        basis: chain.market.basis.clone(),
        year: chain.baseline.year,
        scale: scene.scale,
        moves: request.moves.iter().map(|m| m.label.clone()).collect(),
        leakage: request.leakage,
        leader: request.leader,
        runs,
        grade: chain.grade,
        notes: notes(scene, request),
        prices: gather.prices(),
        buyers: gather.buyers(request),
        producers: gather.producers(request.moves),
        rents: gather.rents(),
        flows: gather.flows(),
        byproducts: byproducts
            .iter()
            .enumerate()
            .map(|(b, byproduct)| ByproductRow {
                mineral: byproduct.scene.chain.mineral.clone(),
                host_share: byproduct.share,
                output_ratio: range_of(
                    findings.iter().filter_map(|f| Some(f.byproducts.get(b)?.as_ref()?.0)),
                ),
                price_ratio: range_of(findings.iter().filter_map(|f| Some(f.byproducts.get(b)?.as_ref()?.1))),
            })
            .collect(),
        why: if request.why { why(scene, request) } else { Vec::new() },
    }
}

/// Solves a scene under some moves in one draw; the market before and after, and its equilibrium.
fn disturb(
    scene: &Scene,
    moves: &[&Move],
    leakage: f64,
    draw: Draw,
    solver: &mut Solver,
) -> (Market, Market, Equilibrium) {
    let before = scene.market(draw);
    let mut after = before.clone();
    scene.impose(&mut after, moves, leakage, draw);
    let equilibrium = Scene::solve(solver, &after);
    (before, after, equilibrium)
}

fn one(
    scene: &Scene,
    moves: &[&Move],
    leakage: f64,
    draw: Draw,
    solver: &mut Solver,
    byproducts: &[Byproduct],
) -> Finding {
    let (before, after, equilibrium) = disturb(scene, moves, leakage, draw, solver);
    let disturbed =
        Disturbed { scene, moves, draw, before: &before, after: &after, equilibrium: &equilibrium };
    let effects = disturbed.measure();
    let solved = effects.is_some();
    let byproducts =
        byproducts.iter().map(|b| b.follow(scene, &equilibrium, draw, solver).filter(|_| solved)).collect();
    Finding {
        status: equilibrium.status,
        beyond: solved && !equilibrium.certificate.beyond_range.is_empty(),
        effects: effects.unwrap_or_default(),
        byproducts,
    }
}

fn byproducts(world: &World, scene: &Scene) -> Vec<Byproduct> {
    let chain = &scene.chain;
    let rows =
        world.tables().byproducts.iter().filter(|row| row.host == chain.mineral && row.share_mid > 0.0);
    rows.filter_map(|row| {
        let scene = Scene::prepare(world, &row.mineral, chain.baseline.year, scene.scale, &[]).ok()?;
        Some(Byproduct { scene, host_stage: row.host_stage, share: row.share_mid })
    })
    .collect()
}

impl Byproduct {
    /// World output and mean price over the base year's when the host's output has moved, country by country: the
    /// host's share of the recoverable amount moves with it.
    fn follow(
        &self,
        host: &Scene,
        moved: &Equilibrium,
        draw: Draw,
        solver: &mut Solver,
    ) -> Option<(f64, f64)> {
        let stage = if host.stages().contains(&self.host_stage) {
            self.host_stage
        } else {
            host.chain.baseline.last_stage
        };
        let nodes = &host.chain.market.nodes;
        let at = |pick: &dyn Fn(Iso3) -> bool| {
            let nodes = (0..nodes.len()).filter(|&i| nodes[i].stage == stage && pick(nodes[i].country));
            let sum =
                nodes.fold((0.0, 0.0), |sum, i| (sum.0 + moved.node_output(i), sum.1 + host.base_output(i)));
            (sum.1 > 0.0).then(|| sum.0 / sum.1)
        };
        let world = at(&|_| true)?;
        let mut market = self.scene.market(draw);
        for node in &mut market.nodes {
            let ratio = at(&|c| c == node.country).unwrap_or(world);
            for tranche in node.tranches.iter_mut().filter(|t| t.feed == Feed::Ground) {
                tranche.capacity *= 1.0 - self.share * (1.0 - ratio.min(1.0));
            }
        }
        let eq = Scene::solve(solver, &market);
        if eq.status != Status::Converged {
            return None;
        }
        let last = self.scene.chain.baseline.last_stage;
        let (mut output, mut base, mut value) = (0.0, 0.0, 0.0);
        for (i, node) in market.nodes.iter().enumerate().filter(|(_, n)| n.stage == last) {
            output += eq.node_output(i);
            base += self.scene.base_output(i);
            value += eq.price[i].map_or(0.0, |p| p / node.base_price * eq.node_output(i));
        }
        Some((output / base, value / output))
    }
}

/// What a reader must know about what was asked.
fn notes(scene: &Scene, request: &Request<'_>) -> Vec<String> {
    let market = &scene.chain.market;
    let year = scene.chain.baseline.year;
    let mut notes = Vec::new();
    for action in request.moves {
        let sells = |c: Iso3| {
            (0..market.nodes.len()).any(|i| market.nodes[i].country == c && scene.base_output(i) > 0.0)
        };
        if !action.restricted.is_empty() && !action.restricted.iter().any(|&c| sells(c)) {
            let mineral = &scene.chain.mineral;
            notes
                .push(format!("{}: none of them made {mineral} in {year}, so nothing changes", action.label));
        }
    }
    if let Some(leader) = request.leader.filter(|&c| scene.base_use(c) <= 0.0) {
        notes.push(format!("{leader} used none of it in {year}, as far as is known"));
    }
    notes
}

/// Contribution of each move, at middle parameters.
fn why(scene: &Scene, request: &Request<'_>) -> Vec<WhyRow> {
    let focus = request.leader.unwrap_or(Iso3::WORLD);
    let price =
        request.leader.map_or(Key::Price(scene.chain.baseline.last_stage, Zone::Outside), Key::Delivered);
    let value = |mask: u64| -> Vec<f64> {
        let moves: Vec<&Move> =
            request.moves.iter().enumerate().filter(|(m, _)| mask >> m & 1 == 1).map(|(_, m)| m).collect();
        let mut solver = Solver::default();
        let (before, after, equilibrium) = disturb(scene, &moves, request.leakage, Draw::MIDDLE, &mut solver);
        let draw = Draw::MIDDLE;
        // Zones are those of all moves, so that a price means the same in every coalition.
        let all: Vec<&Move> = request.moves.iter().collect();
        let disturbed =
            Disturbed { scene, moves: &all, draw, before: &before, after: &after, equilibrium: &equilibrium };
        let effects = disturbed.measure().unwrap_or_default();
        let of = |key| effects.get(&key).copied().unwrap_or(f64::NAN);
        vec![of(price), of(Key::Shortage(focus)), of(Key::Loss(focus)) / MILLION]
    };
    let rows = shapley(request.moves.len(), value);
    let row = |(action, Contribution { value, error }): (&Move, Contribution)| WhyRow {
        label: action.label.clone(),
        price_change: value[0],
        shortage_t: value[1],
        loss_musd: value[2],
        standard_error: error.iter().any(|e| *e > 0.0).then(|| [error[0], error[1], error[2]]),
    };
    request.moves.iter().zip(rows).map(row).collect()
}

/// Ranges over the draws.
struct Gather<'a> {
    scene: &'a Scene,
    findings: &'a [Finding],
}

impl Gather<'_> {
    fn range(&self, key: Key) -> Range {
        range_of(self.findings.iter().filter_map(|f| f.effects.get(&key).copied()))
    }

    fn millions(&self, key: Key) -> Range {
        let range = self.range(key);
        Range::new(range.low / MILLION, range.mid / MILLION, range.high / MILLION)
    }

    /// Keys that any draw has, in their order.
    fn keys(&self) -> impl Iterator<Item = Key> + '_ {
        self.findings
            .iter()
            .find(|f| !f.effects.is_empty())
            .into_iter()
            .flat_map(|f| f.effects.keys().copied())
    }

    fn prices(&self) -> Vec<PriceRow> {
        self.keys()
            .filter_map(|key| match key {
                Key::Price(stage, zone) => Some(PriceRow {
                    stage,
                    zone,
                    before_usd_per_t: self.scene.chain.base_price(stage),
                    ratio: self.range(key),
                }),
                _ => None,
            })
            .collect()
    }

    fn buyer(&self, country: Iso3, inside: &dyn Fn(Iso3) -> bool) -> BuyerRow {
        let counts = |c: Iso3| match country {
            Iso3::WORLD => true,
            OUTSIDE => !inside(c),
            one => c == one,
        };
        let users = self.scene.chain.market.users.iter();
        BuyerRow {
            country,
            use_t: users.filter(|u| counts(u.country)).map(|u| u.demand.quantity).sum(),
            price_ratio: self.range(Key::Delivered(country)),
            shortage_t: self.range(Key::Shortage(country)),
            from_stocks_t: self.range(Key::FromStocks(country)),
            loss_musd: self.millions(Key::Loss(country)),
            bill_musd: self.millions(Key::Bill(country)),
        }
    }

    fn buyers(&self, request: &Request<'_>) -> Vec<BuyerRow> {
        let inside = |c: Iso3| request.moves.iter().any(|m| m.restricted.contains(&c));
        let mut rows: Vec<BuyerRow> = self
            .keys()
            .filter_map(|key| match key {
                Key::Loss(country) => Some(self.buyer(country, &inside)),
                _ => None,
            })
            .collect();
        let rank = |row: &BuyerRow| match row.country {
            Iso3::WORLD => 0,
            OUTSIDE => 1,
            c if Some(c) == request.leader => 2,
            _ => 3,
        };
        rows.sort_by(|a, b| rank(a).cmp(&rank(b)).then(b.loss_musd.mid.total_cmp(&a.loss_musd.mid)));
        rows
    }

    fn producers(&self, moves: &[Move]) -> Vec<ProducerRow> {
        let inside = |c: Iso3| moves.iter().any(|m| m.restricted.contains(&c));
        let mut rows: Vec<ProducerRow> = self
            .keys()
            .filter_map(|key| match key {
                Key::Gain(country) => Some(ProducerRow {
                    country,
                    zone: if inside(country) { Zone::Inside } else { Zone::Outside },
                    gain_musd: self.millions(key),
                }),
                _ => None,
            })
            .collect();
        let rank = |row: &ProducerRow| match row.country {
            Iso3::WORLD => 0,
            OUTSIDE => 1,
            _ => 2,
        };
        rows.sort_by(|a, b| {
            rank(a).cmp(&rank(b)).then(b.gain_musd.mid.abs().total_cmp(&a.gain_musd.mid.abs()))
        });
        rows
    }

    fn rents(&self) -> Vec<RentRow> {
        let mut rows: Vec<RentRow> = self
            .keys()
            .filter_map(|key| match key {
                Key::Rent(kind, country) => Some(RentRow { kind, country, musd: self.millions(key) }),
                _ => None,
            })
            .collect();
        rows.sort_by(|a, b| b.musd.mid.total_cmp(&a.musd.mid));
        rows
    }

    fn flows(&self) -> Vec<FlowRow> {
        let mut rows: Vec<FlowRow> = self
            .keys()
            .filter_map(|key| match key {
                Key::Flow(stage, exporter, importer) if exporter != importer => Some(FlowRow {
                    stage,
                    exporter,
                    importer,
                    before_t: self.scene.base_trade(stage, exporter, importer),
                    change_t: self.range(key),
                }),
                _ => None,
            })
            .collect();
        rows.sort_by(|a, b| b.change_t.mid.abs().total_cmp(&a.change_t.mid.abs()));
        rows
    }
}
