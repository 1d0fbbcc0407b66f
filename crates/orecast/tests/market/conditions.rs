//! What each kind of condition does, and that scenarios of a prepared market are markets of their own.

use orecast::{
    base::unit::Stage,
    market::{
        Bill, Change, Conditions, Feed, Joint, Limit, LimitKind, Market, Node, Prepared, Recipient, Solver,
        Sourcing, Status, TradeArc, Tranche,
    },
};

use super::networks::{Random, Shape, country, extreme, network};

const SMALL: Shape = Shape { mines: 4, plants: 3, works: 0, users: 5, routes: 1.0, conic: false };

fn small(seed: u64) -> Market {
    network(SMALL, &mut Random(seed))
}

fn solved(market: &Market) -> orecast::market::Equilibrium {
    assert_eq!(market.problems(), []);
    let found = Solver::default().solve(market);
    assert_eq!(found.status, Status::Converged, "{:?}", found.certificate);
    found
}

/// Flow over some arcs.
fn over(found: &orecast::market::Equilibrium, arcs: &[usize]) -> f64 {
    arcs.iter().map(|&a| found.flow[a]).sum()
}

#[test]
fn a_share_cap_holds_the_share_of_the_same_year() {
    for seed in 0..20 {
        let mut market = small(seed);
        let importers = [country(0), country(1), country(2)];
        let all = market.arcs_abroad(Some(Stage::Mine), &[], &importers);
        let theirs = market.arcs_abroad(Some(Stage::Mine), &[country(3)], &importers);
        let share = |found: &orecast::market::Equilibrium| over(found, &theirs) / over(found, &all);
        let before = share(&solved(&market));
        market.cap_share("cap", Stage::Mine, country(3), &importers, 0.5 * before);
        // Something else moves the amounts at the same time; the cap is on what is bought then.
        market.users.iter_mut().for_each(|u| u.demand.quantity *= 1.3);
        let found = solved(&market);
        assert!((share(&found) / (0.5 * before) - 1.0).abs() < 1e-7, "{seed}");
        assert!(found.multiplier[0] > 0.0);
    }
}

#[test]
fn what_only_the_capped_supplier_sells_is_not_bought() {
    let mut market = small(1);
    let importer = market.nodes[4].country;
    for a in 0..market.arcs.len() {
        let arc = &market.arcs[a];
        let ore = market.nodes[arc.from].stage == Stage::Mine;
        let closed = ore && arc.from != 3 && market.recipient_country(arc.to) == importer;
        market.arcs[a].banned |= closed;
    }
    market.cap_share("cap", Stage::Mine, country(3), &[importer], 0.5);
    let found = solved(&market);
    let into: Vec<usize> =
        (0..market.arcs.len()).filter(|&a| market.arcs[a].to == Recipient::Node(4)).collect();
    assert_eq!(over(&found, &into), 0.0);
}

#[test]
fn a_leaky_ban_lets_through_its_share_and_evasion_earns_the_rent() {
    let mut market = small(2);
    let arcs = market.arcs_abroad(Some(Stage::Refine), &[country(0)], &[]);
    let past: f64 = arcs.iter().map(|&a| market.base_flow(a)).sum();
    assert!((over(&solved(&market), &arcs) / past - 1.0).abs() < 1e-9);
    let mut closed = market.clone();
    closed.ban_with_leakage("ban", &arcs, 0.0, 0.0);
    let inside = |found: &orecast::market::Equilibrium| found.price[4].unwrap();
    let outside = |found: &orecast::market::Equilibrium| {
        let bought: f64 = found.used.iter().sum();
        found.used.iter().zip(&found.delivered_price).map(|(q, p)| q * p.unwrap()).sum::<f64>() / bought
    };
    let tight = solved(&closed);
    assert_eq!(over(&tight, &arcs), 0.0);
    market.ban_with_leakage("ban", &arcs, 0.2, 0.05 * market.nodes[4].base_price);
    let leaky = solved(&market);
    assert!((over(&leaky, &arcs) / (0.2 * past) - 1.0).abs() < 1e-8);
    assert!(inside(&leaky) > inside(&tight) && outside(&leaky) < outside(&tight));
    let bill = Bill::of(&market, &leaky);
    assert!((bill.limits[0] / (leaky.multiplier[0] * 0.2 * past) - 1.0).abs() < 1e-8 && bill.limits[0] > 0.0);
    assert!((bill.costs / (0.05 * market.nodes[4].base_price * 0.2 * past) - 1.0).abs() < 1e-8);
}

#[test]
fn sanctions_close_both_ways_between_two_groups() {
    let mut market = small(3);
    let (west, east) = ([country(0), country(1)], [country(2), country(3), country(4)]);
    market.sanction(&west, &east);
    let found = solved(&market);
    for (arc, flow) in market.arcs.iter().zip(&found.flow) {
        let (from, to) = (market.nodes[arc.from].country, market.recipient_country(arc.to));
        let crosses = west.contains(&from) != west.contains(&to);
        assert_eq!(*flow == 0.0, crosses, "{from} to {to}: {flow}");
    }
}

#[test]
fn a_stock_waits_at_the_base_price_and_empties_when_prices_soar() {
    let mut market = small(4);
    let before = solved(&market);
    let held = 0.5 * before.node_output(0);
    market.nodes[0].tranches.push(Tranche::stock("stock", held, 2.0));
    let calm = solved(&market);
    assert!(calm.output[0][1] < 1e-3 * held);
    for tranche in market.nodes[..4].iter_mut().map(|node| &mut node.tranches[0]) {
        tranche.capacity *= 0.001;
    }
    let crisis = solved(&market);
    assert!(crisis.output[0][1] > 0.9 * held && crisis.output[0][1] <= held);
}

#[test]
fn an_activity_with_two_outputs_answers_to_what_both_earn() {
    // The second mine's product also comes, at 0.3 t a tonne, out of the first mine.
    let mut market = small(5);
    market.nodes[0].tranches[0].joint.push(Joint { node: 1, tonnes: 0.3 });
    let found = solved(&market);
    let made = found.output[0][0];
    assert!((found.by_product[1] - 0.3 * made).abs() <= 1e-12 * made);
    let sold = |i: usize| -> f64 {
        (0..market.arcs.len()).filter(|&a| market.arcs[a].from == i).map(|a| found.flow[a]).sum()
    };
    for i in 0..2 {
        assert!((sold(i) / found.node_output(i) - 1.0).abs() < 1e-9);
    }
    // A credit on the by-product's price moves the activity by its share of it.
    let t = &market.nodes[0].tranches[0];
    let base = 1.3 * market.nodes[0].base_price;
    let revenue = found.price[0].unwrap() + 0.3 * found.price[1].unwrap();
    let expected = orecast::market::curve::supply(t.capacity, t.drive, t.elasticity, base, revenue).value;
    assert!((made / expected - 1.0).abs() < 1e-12);
    // Without an outlet of its own, the by-product still runs for the other.
    for arc in market.arcs.iter_mut().filter(|arc| arc.from == 0) {
        arc.banned = true;
    }
    let host_closed = solved(&market);
    assert!(host_closed.price[0].is_none() && host_closed.by_product[1] > 0.0);
}

#[test]
fn a_third_step_buys_what_the_second_refines() {
    let mut market = small(6);
    let (price, plants) = (market.nodes[4].base_price, 4..7);
    let works = market.nodes.len();
    market.nodes.push(Node {
        country: country(9),
        stage: Stage::Refine,
        product: Some("magnets".to_owned()),
        base_price: 2.0 * price,
        tranches: vec![Tranche::calibrated("running", Feed::Ore, 10.0, 0.8, 0.4)],
        sourcing: Some(Sourcing {
            recovery: 0.95,
            theta: 3.0 / price,
            base_margin: (2.0 - 1.0 / 0.95) * price,
        }),
    });
    let mut user = market.users.iter().find(|u| u.stage == Stage::Refine).unwrap().clone();
    (user.product, user.base_price, user.demand.quantity) = (Some("magnets".to_owned()), 2.0 * price, 10.0);
    market.users.push(user);
    let arc = |from, to, weight| TradeArc { from, to, weight, cost: 0.0, duty: 0.0, banned: false };
    market.arcs.extend(plants.map(|k| arc(k, Recipient::Node(works), 1.0 / 3.0)));
    market.arcs.push(arc(works, Recipient::User(market.users.len() - 1), 1.0));
    let found = solved(&market);
    let bought: f64 = (0..market.arcs.len())
        .filter(|&a| market.arcs[a].to == Recipient::Node(works))
        .map(|a| found.flow[a])
        .sum();
    assert!((0.95 * bought / found.node_output(works) - 1.0).abs() < 1e-9);

    // A works that would feed a refinery which feeds it is no chain.
    market.arcs.push(arc(works, Recipient::Node(4), 1.0));
    let problems = market.problems();
    assert!(problems.iter().any(|p| p.problem.contains("what it sells itself")), "{problems:?}");
    // Nor may a user of metal be sold magnets.
    market.arcs.last_mut().unwrap().to = Recipient::User(0);
    assert_eq!(market.problems().len(), 1);
}

#[test]
fn a_floor_pays_below_it_and_gives_back_its_share_above() {
    for (i, what) in [(0, "mine"), (4, "refinery")] {
        let mut market = small(7);
        let price = market.nodes[i].base_price;
        market.nodes[i].tranches[0].floor = Some(0.6 * price);
        market.nodes[i].tranches[0].upside = 0.5;
        let above = solved(&market);
        let (p, q) = (above.price[i].unwrap(), above.output[i][0]);
        assert!(p > 0.6 * price, "{what}");
        let paid = Bill::of(&market, &above).floors;
        assert!((paid / (-0.5 * (p - 0.6 * price) * q) - 1.0).abs() < 1e-9, "{what}: {paid}");
        market.nodes[i].tranches[0].upside = 0.0;
        let kept = solved(&market);
        assert!(kept.output[i][0] > q, "{what}: sharing the upside costs output");
        market.nodes[i].tranches[0].floor = Some(1.5 * price);
        let below = solved(&market);
        assert!(below.price[i].unwrap() < price && below.output[i][0] > kept.output[i][0], "{what}");
        assert!(Bill::of(&market, &below).floors > 0.0, "{what}");
    }
}

#[test]
fn duties_and_credits_reach_every_step() {
    for a in [0, small(8).arcs.len() - 1] {
        let mut market = small(8);
        let before = solved(&market);
        market.arcs[a].duty = 0.3;
        let taxed = solved(&market);
        assert!(taxed.flow[a] < before.flow[a]);
        let due = 0.3 * taxed.price[market.arcs[a].from].unwrap() * taxed.flow[a];
        assert!((Bill::of(&market, &taxed).duties / due - 1.0).abs() < 1e-12);
    }
    for i in [0, 4] {
        let mut market = small(9);
        let before = solved(&market);
        market.nodes[i].tranches[0].subsidy = 0.2 * market.nodes[i].base_price;
        let helped = solved(&market);
        assert!(helped.output[i][0] > before.output[i][0] && helped.price[i] < before.price[i]);
        let due = market.nodes[i].tranches[0].subsidy * helped.output[i][0];
        assert!((Bill::of(&market, &helped).credits / due - 1.0).abs() < 1e-12);
    }
}

/// One scenario for each seller: it stops, or loses half its capacity under a quota on the others.
fn scenarios(market: &Market) -> Vec<Conditions> {
    let routes = |i: usize| (0..market.arcs.len()).filter(move |&a| market.arcs[a].from == i);
    let mut list = Vec::new();
    for i in 0..market.nodes.len() {
        let stop = routes(i).skip(1).map(|a| Change::Banned(a, true)).collect();
        list.push(Conditions { changes: stop, limits: Vec::new() });
        let half = Change::Capacity(i, 0, 0.5 * market.nodes[i].tranches[0].capacity);
        let other = (i + 1) % market.nodes.len();
        let tonnes = 0.8 * routes(other).map(|a| market.base_flow(a)).sum::<f64>();
        let quota = Limit::cap("quota", routes(other).collect(), tonnes);
        list.push(Conditions { changes: vec![half, Change::Duty(0, 0.1)], limits: vec![quota] });
    }
    list
}

#[test]
fn scenarios_do_not_depend_on_their_order_or_on_threads() {
    let prepared = Prepared::new(small(10));
    let list = scenarios(prepared.market());
    let mut workspace = prepared.workspace();
    let forward: Vec<_> = list.iter().map(|c| workspace.solve(c)).collect();
    let mut backward: Vec<_> = list.iter().rev().map(|c| workspace.solve(c)).collect();
    backward.reverse();
    assert_eq!(forward, backward);
    let alone: Vec<_> = std::thread::scope(|scope| {
        let tasks: Vec<_> = list.iter().map(|c| scope.spawn(|| prepared.workspace().solve(c))).collect();
        tasks.into_iter().map(|task| task.join().unwrap()).collect()
    });
    assert_eq!(forward, alone);
    assert_eq!(workspace.solve(&Conditions::default()).used, prepared.base().used);
}

#[test]
fn a_scenario_is_the_market_with_its_changes() {
    let prepared = Prepared::new(small(11));
    let mut workspace = prepared.workspace();
    for conditions in scenarios(prepared.market()) {
        let mut market = prepared.market().clone();
        conditions.changes.iter().for_each(|change| {
            let _ = change.apply(&mut market);
        });
        market.limits.extend(conditions.limits.iter().cloned());
        let (whole, light) = (solved(&market), workspace.solve(&conditions));
        for (a, b) in whole.flow.iter().zip(&light.flow) {
            assert!((a - b).abs() <= 1e-7 * a.max(1e-3), "{a} {b}");
        }
    }
}

#[test]
fn limits_that_stop_binding_on_the_way_do_not_hold_up_the_search() {
    // A share cap binds in the first steps and not at the end, or a seller is left with neither slope nor gradient.
    for number in [9_779, 159_814, 222_818, 284_899] {
        let (market, _) = extreme(number);
        let found = solved(&market);
        for (limit, multiplier) in market.limits.iter().zip(&found.multiplier) {
            let flow: f64 = limit.terms().map(|(a, weight)| weight * found.flow[a]).sum();
            let size = limit.terms().map(|(a, weight)| weight.abs() * found.flow[a]).sum::<f64>().max(1e-300);
            let broken = if limit.kind == LimitKind::Cap { flow - limit.tonnes } else { limit.tonnes - flow };
            assert!(broken <= 1e-8 * size.max(limit.tonnes), "{number}: {} is broken", limit.id);
            assert!(
                *multiplier >= 0.0 && (*multiplier == 0.0 || *multiplier > 1e-200),
                "{number}: {multiplier}"
            );
        }
    }
}
