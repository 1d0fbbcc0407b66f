//! The equilibrium in prices held against the conic program in flows.

use orecast::market::{Feed, LimitKind, Market, Recipient, Solver, Status};

use super::{
    networks::{KINDS, Random, Shape, impose, network},
    program::solve,
};

/// Whether every curve stays where it is what the conic program says: prices above a twentieth of the base, margins
/// well above the softness of their lower end.
fn stays_conic(market: &Market, price: &[Option<f64>], ore: &[f64]) -> bool {
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

/// The first kind of condition that a conic program of this form cannot hold.
const CONIC_KINDS: usize = 12;

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
        for &kind in &kinds {
            impose(&mut market, kind, true, &mut random);
        }
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
        let Some((flow, price)) = solve(&market, 1e-12) else {
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
        for kind in kinds {
            seen[kind] += 1;
        }
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
