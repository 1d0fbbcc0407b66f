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
use orecast::market::{Feed, LimitKind, Market, Recipient};

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

/// Flows by arc and prices by node of the conic program; nothing where the solver gives up before its gap and its
/// constraints are met to `tolerance`.
pub(crate) fn solve(market: &Market, tolerance: f64) -> Option<(Vec<f64>, Vec<f64>)> {
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
        .tol_gap_abs(0.1 * tolerance)
        .tol_gap_rel(0.1 * tolerance)
        .tol_feas(tolerance)
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
