#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;
use crate::base::{linear::tests::on_a_plain_processor, unit::Stage};
use crate::market::{Demand, Feed, Limit, Node, Sourcing, TradeArc, Tranche, User, curve::Backstop};

const ORE_PRICE: f64 = 2_000.0;
const METAL_PRICE: f64 = 3_500.0;
const RECOVERY: f64 = 0.9;

fn country(index: usize) -> crate::base::id::Iso3 {
    let letter = |i: usize| char::from(b'A' + u8::try_from(i % 26).unwrap());
    format!("{}{}{}", letter(index / 26), letter(index), 'Z').parse().unwrap()
}

/// A calibrated two-stage market from ore flows and metal flows (row = seller, column = buyer).
fn market(ore: &[Vec<f64>], metal: &[Vec<f64>], scrap: f64) -> Market {
    let (mines, users) = (ore.len(), metal[0].len());
    let column = |m: &[Vec<f64>], c: usize| m.iter().map(|row| row[c]).sum::<f64>();
    let mut nodes = Vec::new();
    for (i, row) in ore.iter().enumerate() {
        nodes.push(Node {
            country: country(i),
            stage: Stage::Mine,
            product: None,
            base_price: ORE_PRICE,
            tranches: vec![Tranche::calibrated("base", Feed::Ground, row.iter().sum(), 0.85, 0.3)],
            sourcing: None,
        });
    }
    for (k, row) in metal.iter().enumerate() {
        let output: f64 = row.iter().sum();
        let primary = RECOVERY * column(ore, k);
        let mut tranches = vec![Tranche::calibrated("base", Feed::Ore, primary, 0.8, 0.5)];
        if scrap > 0.0 {
            tranches.push(Tranche::calibrated("scrap", Feed::Scrap, output - primary, 0.9, 0.2));
        }
        nodes.push(Node {
            country: country(k),
            stage: Stage::Refine,
            product: None,
            base_price: METAL_PRICE,
            tranches,
            sourcing: Some(Sourcing {
                recovery: RECOVERY,
                theta: 2.5 / ORE_PRICE,
                base_margin: METAL_PRICE - ORE_PRICE / RECOVERY,
            }),
        });
    }
    let users: Vec<User> = (0..users)
        .map(|j| User {
            country: country(j),
            stage: Stage::Refine,
            product: None,
            base_price: METAL_PRICE,
            theta: 2.5 / METAL_PRICE,
            demand: Demand {
                quantity: column(metal, j),
                elasticity: 0.2,
                backstop: Backstop { multiple: 4.0, elasticity: 2.0 },
            },
        })
        .collect();
    let mut arcs = Vec::new();
    let mut add = |from: usize, to: Recipient, flow: f64, total: f64| {
        if flow > 0.0 {
            let weight = flow / total;
            arcs.push(TradeArc { from, to, weight, cost: 0.0, duty: 0.0, banned: false });
        }
    };
    for (i, row) in ore.iter().enumerate() {
        for (k, &flow) in row.iter().enumerate() {
            add(i, Recipient::Node(mines + k), flow, column(ore, k));
        }
    }
    for (k, row) in metal.iter().enumerate() {
        for (j, &flow) in row.iter().enumerate() {
            add(mines + k, Recipient::User(j), flow, column(metal, j));
        }
    }
    Market {
        mineral: "tungsten".parse().unwrap(),
        year: 2024,
        basis: "t W".to_owned(),
        nodes,
        users,
        arcs,
        limits: Vec::new(),
    }
}

/// Random ore flows, and metal flows that carry what refining makes of them plus scrap.
fn random_market() -> impl Strategy<Value = Market> {
    let sizes = (1..5_usize, 1..5_usize, 1..6_usize, 0.0..0.4_f64);
    sizes.prop_flat_map(|(mines, plants, users, scrap)| {
        let cell = prop_oneof![1 => Just(0.0), 4 => (-3.0..4.0_f64).prop_map(|x| 10.0_f64.powf(x))];
        let ore = prop::collection::vec(prop::collection::vec(cell, plants), mines);
        let split = prop::collection::vec(prop::collection::vec(0.0..1.0_f64, users), plants);
        (ore, split).prop_map(move |(mut ore, split)| {
            for (i, row) in ore.iter_mut().enumerate() {
                row[i % plants] += 1.0;
            }
            for k in 0..plants {
                ore[k % mines][k] += 1.0;
            }
            let metal: Vec<Vec<f64>> = split
                .iter()
                .enumerate()
                .map(|(k, shares)| {
                    let primary: f64 = RECOVERY * ore.iter().map(|row| row[k]).sum::<f64>();
                    let total: f64 = shares.iter().map(|s| s + 0.01).sum();
                    shares.iter().map(|s| primary * (1.0 + scrap) * (s + 0.01) / total).collect()
                })
                .collect();
            market(&ore, &metal, scrap)
        })
    })
}

fn assert_balanced(market: &Market, eq: &Equilibrium) {
    let scale: f64 = (0..market.nodes.len()).map(|i| eq.node_output(i)).sum::<f64>().max(1e-300);
    for i in 0..market.nodes.len() {
        let sold: f64 =
            (0..market.arcs.len()).filter(|&a| market.arcs[a].from == i).map(|a| eq.flow[a]).sum();
        let made = eq.node_output(i);
        assert!((sold - made).abs() <= 1e-8 * made.max(sold).max(1e-6 * scale), "node {i}: {sold} {made}");
    }
    for (j, &used) in eq.used.iter().enumerate() {
        let bought: f64 = (0..market.arcs.len())
            .filter(|&a| market.arcs[a].to == Recipient::User(j))
            .map(|a| eq.flow[a])
            .sum();
        assert!((used - bought).abs() <= 1e-9 * used.max(1e-12));
    }
}

fn lever(market: &mut Market, choice: usize, size: f64) {
    let arcs = market.arcs.len();
    let a = choice % arcs;
    match choice % 7 {
        0 => market.arcs[a].banned = true,
        1 => market.arcs[a].cost = 800.0 * size,
        2 => market.arcs[a].duty = 2.0 * size,
        3 => {
            let flows = Solver::default().solve(market).flow;
            market.limits.push(Limit::cap("quota", vec![a], flows[a] * size));
        }
        4 => {
            let flows = Solver::default().solve(market).flow;
            let tonnes = flows[a] * (1.0 + 0.05 * size);
            market.limits.push(Limit::floor("offtake", vec![a], tonnes));
        }
        5 => {
            let i = market.arcs[a].from;
            market.nodes[i].tranches[0].floor = Some(METAL_PRICE * 2.0 * size);
        }
        _ => {
            let i = market.arcs[a].from;
            for t in &mut market.nodes[i].tranches {
                t.capacity *= (0.001 + size).min(1.0);
            }
        }
    }
}

/// The same cases on every machine; `PROPTEST_CASES` and other seeds are for searching by hand.
fn config(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, rng_seed: proptest::test_runner::RngSeed::Fixed(1), ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config(1500))]

    #[test]
    fn the_undisturbed_market_reproduces_its_baseline(market in random_market()) {
        let eq = Solver::default().solve(&market);
        prop_assert_eq!(eq.status, Status::Converged);
        for (i, node) in market.nodes.iter().enumerate() {
            prop_assert!((eq.price[i].unwrap() / node.base_price - 1.0).abs() < 1e-9);
        }
        for (user, used) in market.users.iter().zip(&eq.used) {
            prop_assert!((used / user.demand.quantity - 1.0).abs() < 1e-9);
        }
    }

    #[test]
    fn any_lever_ends_balanced_with_a_certificate(
        mut market in random_market(), levers in prop::collection::vec((0..1000_usize, 0.0..1.0_f64), 1..4),
    ) {
        for (choice, size) in levers {
            lever(&mut market, choice, size);
        }
        let eq = Solver::default().solve(&market);
        prop_assume!(eq.status != Status::Infeasible);
        prop_assert_eq!(eq.status, Status::Converged, "{:?}", eq.certificate);
        assert_balanced(&market, &eq);
    }

    #[test]
    fn the_solution_does_not_depend_on_the_start(
        mut market in random_market(), choice in 0..1000_usize, size in 0.05..1.0_f64, start in 0.05..20.0_f64,
    ) {
        lever(&mut market, choice, size);
        let cold = Solver::default().solve(&market);
        prop_assume!(cold.status == Status::Converged);
        let mut solver = Solver { last_price: market.nodes.iter().map(|n| n.base_price * start).collect(), ..Solver::default() };
        let warm = solver.solve(&market);
        prop_assert_eq!(warm.status, Status::Converged);
        for (i, (a, b)) in cold.price.iter().zip(&warm.price).enumerate() {
            // A node that sells next to nothing has no sharp price.
            if cold.node_output(i) > 1e-6 {
                prop_assert!((a.unwrap_or(1.0) - b.unwrap_or(1.0)).abs() <= 1e-6 * a.unwrap_or(1.0).abs().max(1.0));
            }
        }
    }

    #[test]
    fn more_capacity_never_raises_the_mean_delivered_price(mut market in random_market(), pick in 0..100_usize) {
        let mean = |market: &Market, eq: &Equilibrium| {
            let weight: f64 = market.users.iter().map(|u| u.demand.quantity).sum();
            let total: f64 = market.users.iter().zip(&eq.delivered_price)
                .map(|(u, p)| u.demand.quantity * p.unwrap_or(f64::INFINITY)).sum();
            total / weight
        };
        let before = mean(&market, &Solver::default().solve(&market));
        let mines: Vec<usize> = (0..market.nodes.len()).filter(|&i| market.nodes[i].stage == Stage::Mine).collect();
        let i = mines[pick % mines.len()];
        market.nodes[i].tranches[0].capacity *= 1.3;
        for arc in market.arcs.iter_mut().filter(|arc| arc.from == i) {
            arc.weight *= 1.3;
        }
        let after = mean(&market, &Solver::default().solve(&market));
        prop_assert!(after <= before * (1.0 + 1e-9), "{before} {after}");
    }

    #[test]
    fn units_do_not_matter(mut market in random_market(), choice in 0..1000_usize, size in 0.05..1.0_f64) {
        lever(&mut market, choice, size);
        let eq = Solver::default().solve(&market);
        prop_assume!(eq.status == Status::Converged);
        let mut kilograms = market.clone();
        for node in &mut kilograms.nodes {
            node.tranches.iter_mut().for_each(|t| t.capacity *= 1e3);
        }
        kilograms.users.iter_mut().for_each(|u| u.demand.quantity *= 1e3);
        kilograms.limits.iter_mut().for_each(|l| l.tonnes *= 1e3);
        let scaled = Solver::default().solve(&kilograms);
        for (a, b) in eq.used.iter().zip(&scaled.used) {
            prop_assert!((a * 1e3 - b).abs() <= 1e-6 * b.abs().max(1e-9));
        }
    }
}

#[test]
fn a_ban_splits_the_price_inside_from_outside() {
    let ore = vec![vec![80.0, 0.0], vec![0.0, 20.0]];
    let metal = vec![vec![40.0, 32.0], vec![2.0, 16.0]];
    let mut m = market(&ore, &metal, 0.0);
    for arc in &mut m.arcs {
        if arc.from == 2 && arc.to == Recipient::User(1) {
            arc.banned = true;
        }
    }
    let eq = Solver::default().solve(&m);
    assert_eq!(eq.status, Status::Converged);
    let (inside, outside) = (eq.delivered_price[0].unwrap(), eq.delivered_price[1].unwrap());
    assert!(outside > 2.0 * inside, "{inside} {outside}");
    assert!(inside < METAL_PRICE && outside > METAL_PRICE);
}

#[test]
fn a_binding_quota_earns_a_rent_and_a_slack_one_does_not() {
    let ore = vec![vec![80.0, 0.0], vec![0.0, 20.0]];
    let metal = vec![vec![40.0, 32.0], vec![2.0, 16.0]];
    let mut m = market(&ore, &metal, 0.0);
    let arc = m.arcs.iter().position(|a| a.from == 2 && a.to == Recipient::User(1)).unwrap();
    for (tonnes, binds) in [(10.0, true), (60.0, false)] {
        m.limits = vec![Limit::cap("quota", vec![arc], tonnes)];
        let eq = Solver::default().solve(&m);
        assert_eq!(eq.status, Status::Converged);
        assert_eq!(eq.multiplier[0] > 1.0, binds, "{tonnes}: {:?}", eq.multiplier);
        assert!(eq.flow[arc] <= tonnes * (1.0 + 1e-8));
    }
}

#[test]
fn a_floor_price_holds_output_when_the_market_falls() {
    let ore = vec![vec![80.0, 0.0], vec![0.0, 20.0]];
    let metal = vec![vec![40.0, 32.0], vec![2.0, 16.0]];
    let mut m = market(&ore, &metal, 0.0);
    m.nodes[0].tranches[0].capacity *= 2.0;
    let open = Solver::default().solve(&m);
    m.nodes[1].tranches[0].floor = Some(ORE_PRICE);
    let guarded = Solver::default().solve(&m);
    assert!(open.node_output(1) < 20.0);
    assert!((guarded.node_output(1) - 20.0).abs() < 1e-6);
}

#[test]
fn a_commitment_that_no_capacity_can_meet_is_infeasible() {
    let mut m = market(&[vec![10.0]], &[vec![9.0]], 0.0);
    m.limits = vec![Limit::floor("offtake", vec![0], 1e3)];
    assert_eq!(Solver::default().solve(&m).status, Status::Infeasible);
}

#[test]
fn a_seller_without_an_outlet_drops_out_with_its_suppliers() {
    let ore = vec![vec![10.0, 0.0], vec![0.0, 10.0]];
    let metal = vec![vec![9.0, 0.0], vec![0.0, 9.0]];
    let mut m = market(&ore, &metal, 0.0);
    for arc in m.arcs.iter_mut().filter(|a| a.from == 2) {
        arc.banned = true;
    }
    let eq = Solver::default().solve(&m);
    assert_eq!(eq.status, Status::Converged);
    assert_eq!((eq.price[0], eq.price[2], eq.delivered_price[0]), (None, None, None));
    assert!((eq.used[1] - 9.0).abs() < 1e-9);
}

proptest! {
    #![proptest_config(config(100))]

    #[test]
    fn the_same_bits_come_out_on_every_processor(
        mut market in random_market(), choice in 0..1000_usize, size in 0.05..1.0_f64,
    ) {
        lever(&mut market, choice, size);
        let here = Solver::default().solve(&market);
        let plain = on_a_plain_processor(|| Solver::default().solve(&market));
        prop_assert_eq!(format!("{here:?}"), format!("{plain:?}"));
    }

    #[test]
    fn the_hessian_is_the_slope_of_excess_supply(
        mut market in random_market(), choice in 0..1000_usize, size in 0.2..1.0_f64, bump in -0.2..0.2_f64,
    ) {
        lever(&mut market, choice, size);
        let mut layout = Layout::default();
        layout.rebuild(&market);
        let n = layout.size();
        let mut wedges = Wedges::default();
        wedges.set(&market, &layout, &layout.base);
        let y: Vec<f64> = (0..n)
            .map(|v| layout.active_nodes.get(v).map_or(400.0 * size, |&i| market.nodes[i].base_price * (1.1 + bump * (v as f64).sin())))
            .collect();
        let mut state = State::default();
        let mut hessian = Vec::new();
        state.evaluate(&layout, &y, &wedges);
        state.hessian(&layout, &mut hessian);
        for v in 0..n {
            let h = 1e-3;
            let mut shifted = |by: f64| {
                let mut at = y.clone();
                at[v] += by;
                state.evaluate(&layout, &at, &wedges);
                state.gradient.clone()
            };
            let (up, down) = (shifted(h), shifted(-h));
            for w in 0..n {
                let exact = hessian[v.min(w) * stride(n) + v.max(w)];
                let difference = (up[w] - down[w]) / (2.0 * h);
                let scale = (hessian[v * stride(n) + v] * hessian[w * stride(n) + w]).sqrt();
                prop_assert!((exact - difference).abs() <= 1e-4 * scale + 1e-7, "({v}, {w}): {exact} {difference}");
            }
        }
    }
}

/// A market, moved along a shift by a small length.
fn moved(market: &Market, shift: &crate::market::Shift, by: f64) -> Market {
    let mut market = market.clone();
    let factor = |more: f64| (by * more).exp();
    for &(j, more) in &shift.used {
        market.users[j].demand.quantity *= factor(more);
    }
    for &(i, t, more) in &shift.capacity {
        market.nodes[i].tranches[t].capacity *= factor(more);
    }
    for &(a, more) in &shift.weight {
        market.arcs[a].weight *= factor(more);
    }
    for &(i, more) in &shift.node_level {
        let node = &mut market.nodes[i];
        node.base_price *= factor(more);
        if let Some(sourcing) = &mut node.sourcing {
            sourcing.base_margin *= factor(more);
            sourcing.theta /= factor(more);
        }
    }
    for &(j, more) in &shift.user_level {
        market.users[j].base_price *= factor(more);
        market.users[j].theta /= factor(more);
    }
    for &(c, more) in &shift.tonnes {
        market.limits[c].tonnes += by * more;
    }
    market
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn answers_to_small_shifts_are_those_of_solving_again(
        market in random_market(), kept in 0.3..0.9_f64, pick in 0..1000_usize, grown in 0.8..1.4_f64,
    ) {
        use crate::market::Shift;
        let mut market = market;
        let first = market.nodes.iter().position(|n| n.stage == Stage::Refine).unwrap();
        let arcs: Vec<usize> = (0..market.arcs.len()).filter(|&a| market.arcs[a].from == first).collect();
        let past: f64 = arcs.iter().map(|&a| market.base_flow(a)).sum();
        market.limits.push(Limit::cap("cap", arcs, kept * past));
        for user in &mut market.users {
            user.demand.quantity *= grown;
        }
        let (j, i, a) = (pick % market.users.len(), pick % market.nodes.len(), pick % market.arcs.len());
        let shifts = [
            Shift { used: vec![(j, 1.0)], ..Shift::default() },
            Shift { capacity: vec![(i, 0, 1.0)], ..Shift::default() },
            Shift { weight: vec![(a, 1.0)], ..Shift::default() },
            Shift { node_level: vec![(i, 1.0)], ..Shift::default() },
            Shift { user_level: vec![(j, 1.0)], ..Shift::default() },
            Shift { tonnes: vec![(0, past)], ..Shift::default() },
        ];
        let mut solver = Solver::default();
        let here = solver.solve(&market);
        prop_assume!(here.status == Status::Converged && here.multiplier[0] > 1.0);
        let answers = solver.answers(&market, &shifts).unwrap();
        let step = 1e-5;
        for (shift, answer) in shifts.iter().zip(&answers) {
            let up = Solver::default().solve(&moved(&market, shift, step));
            let down = Solver::default().solve(&moved(&market, shift, -step));
            prop_assume!(up.status == Status::Converged && down.status == Status::Converged);
            for i in 0..market.nodes.len() {
                let (Some(high), Some(low)) = (up.price[i], down.price[i]) else { continue };
                let slope = (high - low) / (2.0 * step);
                let size = market.nodes[i].base_price;
                prop_assert!(
                    (slope - answer.price[i]).abs() <= 1e-3 * (slope.abs() + size),
                    "{shift:?} node {i}: {slope} {}", answer.price[i]
                );
                let made = (up.node_output(i) - down.node_output(i)) / (2.0 * step);
                prop_assert!((made - answer.output[i]).abs() <= 1e-3 * (made.abs() + here.node_output(i)));
            }
            for j in 0..market.users.len() {
                let (Some(high), Some(low)) = (up.delivered_price[j], down.delivered_price[j]) else { continue };
                let slope = (high - low) / (2.0 * step);
                prop_assert!((slope - answer.delivered[j]).abs() <= 1e-3 * (slope.abs() + METAL_PRICE));
            }
            for (a, flow) in answer.flow.iter().enumerate() {
                let slope = (up.flow[a] - down.flow[a]) / (2.0 * step);
                prop_assert!((slope - flow).abs() <= 1e-3 * (slope.abs() + here.flow[a] + 1e-6 * past));
            }
        }
    }
}
