//! Laws that any equilibrium obeys, on random networks under random conditions.

use orecast::market::{Equilibrium, Market, Recipient, Solver, Status};

use super::networks::{KINDS, Random, Shape, impose, network};

/// Random networks under up to three conditions each, with what was imposed.
fn cases(count: usize, mild: bool) -> impl Iterator<Item = (Market, Vec<&'static str>)> {
    (0..count as u64).map(move |seed| {
        let mut random = Random(seed);
        let mut market = network(Shape::random(&mut random), &mut random);
        let kinds: Vec<usize> = (0..random.below(4)).map(|_| random.below(KINDS.len())).collect();
        for &kind in &kinds {
            impose(&mut market, kind, mild, &mut random);
        }
        assert_eq!(market.problems(), []);
        (market, kinds.into_iter().map(|kind| KINDS[kind]).collect())
    })
}

/// The largest relative difference between what a seller's product is made and sold.
fn open_balance(market: &Market, found: &Equilibrium) -> f64 {
    let mut sold = vec![0.0; market.nodes.len()];
    market.arcs.iter().zip(&found.flow).for_each(|(arc, flow)| sold[arc.from] += flow);
    let traded = |i: usize| found.price[i].is_some();
    let made: Vec<f64> =
        (0..sold.len()).map(|i| if traded(i) { found.node_output(i) } else { 0.0 }).collect();
    let least = 1e-6 * made.iter().sum::<f64>();
    made.iter()
        .zip(&sold)
        .map(|(made, sold)| (made - sold).abs() / made.max(*sold).max(least).max(1e-300))
        .fold(0.0, f64::max)
}

#[test]
fn every_solution_closes_its_balances_or_says_that_it_does_not() {
    let mut converged = 0;
    for (market, kinds) in cases(2_000, false) {
        let found = Solver::default().solve(&market);
        if found.status != Status::Converged {
            assert!(
                kinds.iter().any(|k| ["committed flow", "price floor"].contains(k))
                    || found.certificate.excess > 1e-9
            );
            continue;
        }
        converged += 1;
        assert!(found.certificate.excess <= 1e-9 && found.certificate.limits <= 1e-9);
        assert!(open_balance(&market, &found) <= 1.1e-9, "{kinds:?}");
        for (k, node) in market.nodes.iter().enumerate() {
            let Some(sourcing) = node.sourcing else { continue };
            let fed = |t: &usize| node.tranches[*t].feed == orecast::market::Feed::Ore;
            let made: f64 = (0..node.tranches.len()).filter(fed).map(|t| found.output[k][t]).sum();
            let into = (0..market.arcs.len()).filter(|&a| market.arcs[a].to == Recipient::Node(k));
            let bought: f64 = into.map(|a| found.flow[a]).sum();
            assert!((bought * sourcing.recovery - made).abs() <= 1e-9 * made.max(1e-9), "{kinds:?}");
        }
    }
    assert!(converged > 1_700, "{converged}");
}

#[test]
fn the_solution_does_not_depend_on_the_start() {
    let mut random = Random(1);
    for (market, kinds) in cases(400, true) {
        let found = Solver::default().solve(&market);
        if found.status != Status::Converged {
            continue;
        }
        let mut solver = Solver::default();
        let start: Vec<f64> = market.nodes.iter().map(|n| n.base_price * random.scale(0.02, 50.0)).collect();
        solver.start_from(&start);
        let other = solver.solve(&market);
        assert_eq!(other.status, Status::Converged, "{kinds:?}");
        let scale = found.flow.iter().copied().fold(0.0, f64::max);
        for (a, b) in found.flow.iter().zip(&other.flow) {
            assert!((a - b).abs() <= 1e-6 * scale, "{kinds:?}: {a} {b} of {scale}");
        }
    }
}

#[test]
fn more_capacity_never_raises_its_own_price() {
    let mut random = Random(2);
    for (mut market, kinds) in cases(400, true) {
        let before = Solver::default().solve(&market);
        let i = random.below(market.nodes.len());
        market.nodes[i].tranches.iter_mut().for_each(|t| t.capacity *= 1.2);
        let after = Solver::default().solve(&market);
        if before.status != Status::Converged || after.status != Status::Converged {
            continue;
        }
        if let (Some(before), Some(after)) = (before.price[i], after.price[i]) {
            assert!(
                after <= before + 1e-7 * before.abs().max(market.nodes[i].base_price),
                "{kinds:?}: {before} {after}"
            );
        }
    }
}

#[test]
fn the_order_of_nodes_users_and_routes_does_not_matter() {
    for (market, kinds) in cases(300, true) {
        let (nodes, users) = (market.nodes.len(), market.users.len());
        let mut turned = market.clone();
        turned.nodes.reverse();
        turned.users.reverse();
        turned.arcs.reverse();
        for arc in &mut turned.arcs {
            arc.from = nodes - 1 - arc.from;
            arc.to = match arc.to {
                Recipient::Node(k) => Recipient::Node(nodes - 1 - k),
                Recipient::User(j) => Recipient::User(users - 1 - j),
            };
        }
        turned
            .nodes
            .iter_mut()
            .flat_map(|n| &mut n.tranches)
            .flat_map(|t| &mut t.joint)
            .for_each(|j| j.node = nodes - 1 - j.node);
        turned.limits.iter_mut().flat_map(|l| &mut l.arcs).for_each(|a| *a = market.arcs.len() - 1 - *a);
        let (found, other) = (Solver::default().solve(&market), Solver::default().solve(&turned));
        assert_eq!(found.status, other.status, "{kinds:?}");
        let scale = found.used.iter().copied().fold(0.0, f64::max);
        for (a, b) in found.used.iter().zip(other.used.iter().rev()) {
            assert!(found.status != Status::Converged || (a - b).abs() <= 1e-7 * scale, "{kinds:?}: {a} {b}");
        }
    }
}

#[test]
fn units_do_not_matter() {
    for (market, kinds) in cases(300, true) {
        let (tonne, usd) = (1e3, 0.01);
        let mut other = market.clone();
        for node in &mut other.nodes {
            node.base_price *= usd;
            for t in &mut node.tranches {
                (t.capacity, t.subsidy, t.floor) =
                    (t.capacity * tonne, t.subsidy * usd, t.floor.map(|f| f * usd));
            }
            if let Some(s) = &mut node.sourcing {
                (s.theta, s.base_margin) = (s.theta / usd, s.base_margin * usd);
            }
        }
        for user in &mut other.users {
            (user.base_price, user.theta) = (user.base_price * usd, user.theta / usd);
            user.demand.quantity *= tonne;
        }
        other.arcs.iter_mut().for_each(|a| a.cost *= usd);
        other.limits.iter_mut().for_each(|l| l.tonnes *= tonne);
        let (found, scaled) = (Solver::default().solve(&market), Solver::default().solve(&other));
        assert_eq!(found.status, scaled.status, "{kinds:?}");
        let scale = found.used.iter().copied().fold(0.0, f64::max);
        for (a, b) in found.used.iter().zip(&scaled.used) {
            assert!(
                found.status != Status::Converged || (a - b / tonne).abs() <= 1e-7 * scale,
                "{kinds:?}: {a} {b}"
            );
        }
    }
}

#[test]
fn a_market_survives_being_written_and_read() {
    for (market, _) in cases(60, true) {
        let text = serde_json::to_string(&market).unwrap();
        let read: Market = serde_json::from_str(&text).unwrap();
        assert_eq!(read, market);
        assert_eq!(Solver::default().solve(&read), Solver::default().solve(&market));
    }
}
