//! The same equilibrium as a conic program in flows, solved by an interior-point solver (Clarabel).
//!
//! ```text
//! minimise   Σ_t s²/(2c) − credit·s  +  Σ_a cost·f + (1/θ)·f·ln(f/(w q))  −  Σ_j D⁰p⁰ ln q_j
//! subject to what nodes make = what they sell,  what plants buy = s/ρ,  limits;   q = Σ f of a buyer
//! ```
//!
//! The prices are the multipliers of the nodes' balances. Nothing of the engine's formulas in prices is used.

use clarabel::{
    algebra::CscMatrix,
    solver::{DefaultSettingsBuilder, DefaultSolver, IPSolver, SolverStatus, SupportedConeT},
};
use orecast::market::{Feed, LimitKind, Market, Recipient, Solver, Status};

use super::networks::{CONIC_KINDS, KINDS, Random, Shape, impose, network};

/// A sparse matrix in the making, with its right-hand side: `b − A x` in the cones.
#[derive(Default)]
struct Rows {
    row: Vec<usize>,
    column: Vec<usize>,
    value: Vec<f64>,
    right: Vec<f64>,
}

impl Rows {
    fn add(&mut self, right: f64, terms: impl IntoIterator<Item = (usize, f64)>) {
        for (column, value) in terms {
            self.row.push(self.right.len());
            self.column.push(column);
            self.value.push(value);
        }
        self.right.push(right);
    }
}

/// Flows by arc and prices by node of the conic program; nothing where the solver gives up.
pub fn solve(market: &Market) -> Option<(Vec<f64>, Vec<f64>)> {
    // Units near 1: tonnes over the largest use, prices over the first seller's.
    let tonne = market.users.iter().map(|u| u.demand.quantity).fold(0.0, f64::max);
    let usd = market.nodes[0].base_price;
    let open: Vec<usize> = (0..market.arcs.len()).filter(|&a| !market.arcs[a].banned).collect();
    let mut place = vec![None; market.arcs.len()];
    open.iter().enumerate().for_each(|(p, &a)| place[a] = Some(p));
    let tranches: Vec<(usize, usize)> = (0..market.nodes.len())
        .flat_map(|i| (0..market.nodes[i].tranches.len()).map(move |t| (i, t)))
        .collect();
    let (arcs, users) = (open.len(), market.users.len());
    let (entropy, level, log) = (arcs, 2 * arcs, 2 * arcs + tranches.len());
    let count = log + users;

    let mut cost = vec![0.0; count];
    let mut quadratic = (Vec::new(), Vec::new());
    let theta = |to| match to {
        Recipient::Node(k) => market.nodes[k].sourcing.unwrap().theta,
        Recipient::User(j) => market.users[j].theta,
    };
    for (p, &a) in open.iter().enumerate() {
        cost[p] = market.arcs[a].cost / usd;
        cost[entropy + p] = 1.0 / (theta(market.arcs[a].to) * usd);
    }
    for (p, &(i, t)) in tranches.iter().enumerate() {
        let (node, tranche) = (&market.nodes[i], &market.nodes[i].tranches[t]);
        let joint: f64 = tranche.joint.iter().map(|j| j.tonnes * market.nodes[j.node].base_price).sum();
        let base = match (tranche.feed, node.sourcing) {
            (Feed::Ore, Some(s)) => s.base_margin,
            _ => node.base_price + joint,
        };
        let slope = tranche.capacity * tranche.drive / base * usd / tonne;
        cost[level + p] = -tranche.subsidy / usd;
        quadratic.0.push(level + p);
        quadratic.1.push(slope.recip());
    }
    for (j, user) in market.users.iter().enumerate() {
        cost[log + j] = -user.demand.quantity * user.base_price / (tonne * usd);
    }

    let mut rows = Rows::default();
    for i in 0..market.nodes.len() {
        let made = tranches.iter().enumerate().flat_map(|(p, &(k, t))| {
            let own = (k == i).then_some((level + p, 1.0));
            let joint = market.nodes[k].tranches[t].joint.iter().filter(move |j| j.node == i);
            own.into_iter().chain(joint.map(move |j| (level + p, j.tonnes)))
        });
        let sold =
            open.iter().enumerate().filter(|(_, a)| market.arcs[**a].from == i).map(|(p, _)| (p, -1.0));
        let terms: Vec<_> = made.chain(sold).map(|(column, value)| (column, -value)).collect();
        rows.add(0.0, terms);
    }
    for (k, node) in market.nodes.iter().enumerate() {
        let Some(sourcing) = node.sourcing else { continue };
        let bought = open.iter().enumerate().filter(|(_, a)| market.arcs[**a].to == Recipient::Node(k));
        let used = tranches
            .iter()
            .enumerate()
            .filter(|(_, (i, t))| *i == k && node.tranches[*t].feed == Feed::Ore)
            .map(|(p, _)| (level + p, -1.0 / sourcing.recovery));
        rows.add(0.0, bought.map(|(p, _)| (p, 1.0)).chain(used).collect::<Vec<_>>());
    }
    let equalities = rows.right.len();
    for limit in &market.limits {
        let sign = if limit.kind == LimitKind::Cap { 1.0 } else { -1.0 };
        let terms: Vec<_> =
            limit.terms().filter_map(|(a, weight)| place[a].map(|p| (p, sign * weight))).collect();
        rows.add(sign * limit.tonnes / tonne, terms);
    }
    // e ≥ f ln(f / (w q)):  (−e, f, w q) in the exponential cone.
    for (p, &a) in open.iter().enumerate() {
        let arc = &market.arcs[a];
        rows.add(0.0, [(entropy + p, 1.0)]);
        rows.add(0.0, [(p, -1.0)]);
        let all = open.iter().enumerate().filter(|(_, other)| market.arcs[**other].to == arc.to);
        rows.add(0.0, all.map(|(other, _)| (other, -arc.weight)).collect::<Vec<_>>());
    }
    // u ≤ ln q:  (u, 1, q) in the exponential cone.
    for j in 0..users {
        rows.add(0.0, [(log + j, -1.0)]);
        rows.add(1.0, []);
        let all = open.iter().enumerate().filter(|(_, a)| market.arcs[**a].to == Recipient::User(j));
        rows.add(0.0, all.map(|(p, _)| (p, -1.0)).collect::<Vec<_>>());
    }
    let mut cones =
        vec![SupportedConeT::ZeroConeT(equalities), SupportedConeT::NonnegativeConeT(market.limits.len())];
    cones.extend((0..arcs + users).map(|_| SupportedConeT::ExponentialConeT()));
    let columns = quadratic.0.clone();
    let p = CscMatrix::new_from_triplets(count, count, quadratic.0, columns, quadratic.1);
    let a = CscMatrix::new_from_triplets(rows.right.len(), count, rows.row, rows.column, rows.value);
    let settings = DefaultSettingsBuilder::default()
        .verbose(false)
        .tol_gap_abs(1e-13)
        .tol_gap_rel(1e-13)
        .tol_feas(1e-12)
        .build()
        .unwrap();
    let mut solver = DefaultSolver::new(&p, &cost, &a, &rows.right, &cones, settings).ok()?;
    solver.solve();
    let solution = &solver.solution;
    if solution.status != SolverStatus::Solved {
        return None;
    }
    let mut flow = vec![0.0; market.arcs.len()];
    open.iter().enumerate().for_each(|(p, &a)| flow[a] = solution.x[p] * tonne);
    let price = solution.z[..market.nodes.len()].iter().map(|z| z.abs() * usd).collect();
    Some((flow, price))
}

/// Whether every curve stays where it is what the conic program says: prices above a twentieth of the base, margins
/// well above the softness of their lower end.
pub fn stays_conic(market: &Market, price: &[Option<f64>], ore: &[f64]) -> bool {
    (0..market.nodes.len()).all(|i| {
        let node = &market.nodes[i];
        node.tranches.iter().filter(|t| t.capacity > 0.0).all(|t| {
            let revenue = price[i].unwrap_or(0.0)
                + t.joint.iter().map(|j| j.tonnes * price[j.node].unwrap_or(0.0)).sum::<f64>()
                + t.subsidy;
            match (t.feed, node.sourcing) {
                (Feed::Ore, Some(s)) => revenue - ore[i] / s.recovery > 2.0 * s.base_margin,
                _ => revenue > 0.06 * node.base_price * 1.6,
            }
        })
    })
}

/// Cost index of what each node buys, from flows: `P = e + ln(share/w)/θ` on its largest arc.
fn ore_cost(market: &Market, price: &[Option<f64>], flow: &[f64], multiplier: &[f64]) -> Vec<f64> {
    let mut rent = vec![0.0; market.arcs.len()];
    for (limit, mu) in market.limits.iter().zip(multiplier) {
        let sign = if limit.kind == LimitKind::Cap { 1.0 } else { -1.0 };
        limit.terms().for_each(|(a, weight)| rent[a] += sign * weight * mu);
    }
    (0..market.nodes.len())
        .map(|k| {
            let into = || (0..market.arcs.len()).filter(|&a| market.arcs[a].to == Recipient::Node(k));
            let total: f64 = into().map(|a| flow[a]).sum();
            let Some(a) = into().max_by(|&a, &b| flow[a].total_cmp(&flow[b])) else { return 0.0 };
            let arc = &market.arcs[a];
            let theta = market.nodes[k].sourcing.map_or(1.0, |s| s.theta);
            price[arc.from].unwrap_or(0.0) + arc.cost + rent[a] + (flow[a] / total / arc.weight).ln() / theta
        })
        .collect()
}

#[test]
fn an_interior_point_solver_finds_the_same_equilibrium() {
    const WANTED: usize = 240;
    let mut random = Random(7);
    let (mut compared, mut gave_up, mut seen, mut worst) = (0, 0, [0; CONIC_KINDS], 0.0_f64);
    for _ in 0..4 * WANTED {
        if compared == WANTED {
            break;
        }
        let shape = Shape {
            mines: 1 + random.below(6),
            plants: random.below(5),
            works: random.below(3),
            users: 1 + random.below(8),
            routes: random.between(0.3, 1.0),
            conic: true,
        };
        let mut market = network(shape, &mut random);
        let kinds: Vec<usize> = (0..random.below(4)).map(|_| random.below(CONIC_KINDS)).collect();
        kinds.iter().for_each(|&kind| impose(&mut market, kind, true, &mut random));
        assert!(market.problems().is_empty());
        let found = Solver::default().solve(&market);
        // What cannot trade has no counterpart in the program; nor has what leaves the straight part of a curve.
        let all_trade = found.price.iter().chain(&found.delivered_price).all(Option::is_some);
        if found.status != Status::Converged || !all_trade {
            continue;
        }
        let ore = ore_cost(&market, &found.price, &found.flow, &found.multiplier);
        if !stays_conic(&market, &found.price, &ore) {
            continue;
        }
        let Some((flow, price)) = solve(&market) else {
            gave_up += 1;
            continue;
        };
        let scale = flow.iter().copied().fold(0.0, f64::max);
        for (a, (ours, theirs)) in found.flow.iter().zip(&flow).enumerate() {
            let gap = (ours - theirs).abs() / scale;
            worst = worst.max(gap);
            assert!(gap <= 1e-6, "{kinds:?} arc {a}: {ours} against {theirs} of {scale}");
        }
        for (i, (ours, theirs)) in found.price.iter().zip(&price).enumerate() {
            if found.node_output(i) > 1e-2 * scale {
                let gap = (ours.unwrap() / theirs - 1.0).abs();
                assert!(gap <= 1e-6, "{kinds:?} price {i}: {ours:?} against {theirs}");
            }
        }
        kinds.iter().for_each(|&kind| seen[kind] += 1);
        compared += 1;
    }
    println!(
        "{compared} networks, largest gap {worst:.1e} of the largest flow; Clarabel stalled on {gave_up} others"
    );
    for (kind, count) in KINDS.iter().zip(seen) {
        println!("{kind}: {count}");
        assert!(count >= 4, "{kind} came up {count} times");
    }
    assert!(compared >= 200, "{compared}");
}
