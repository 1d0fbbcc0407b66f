//! Small equilibria whose solution is known exactly. The numbers and where they are from stand in
//! `tests/conformance/vectors.json`.

use orecast::{
    base::unit::Stage,
    market::{
        Demand, Feed, Limit, Market, Node, Recipient, Solver, Status, TradeArc, Tranche, User,
        curve::Backstop,
    },
};
use serde_json::Value;

use super::networks::country;

fn vector(name: &str) -> Value {
    let all: Value =
        serde_json::from_str(include_str!("../../../../tests/conformance/vectors.json")).unwrap();
    all[name].clone()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

fn seller(index: usize, base_price: f64, tranche: Tranche) -> Node {
    Node {
        country: country(index),
        stage: Stage::Mine,
        product: None,
        base_price,
        tranches: vec![tranche],
        sourcing: None,
    }
}

fn buyer(index: usize, base_price: f64, theta: f64, quantity: f64, elasticity: f64) -> User {
    let demand = Demand { quantity, elasticity, backstop: Backstop { multiple: 4.0, elasticity } };
    User { country: country(index), stage: Stage::Mine, product: None, base_price, theta, demand }
}

fn arc(from: usize, to: usize, weight: f64, cost: f64) -> TradeArc {
    TradeArc { from, to: Recipient::User(to), weight, cost, duty: 0.0, banned: false }
}

fn market(nodes: Vec<Node>, users: Vec<User>, arcs: Vec<TradeArc>) -> Market {
    let (mineral, basis) = ("tungsten".parse().unwrap(), "t".to_owned());
    let market = Market { mineral, year: 2024, basis, nodes, users, arcs, limits: Vec::new() };
    assert_eq!(market.problems(), []);
    market
}

/// Supply far from capacity: a pure power law.
fn open_ended(output: f64, elasticity: f64) -> Tranche {
    Tranche::calibrated("running", Feed::Ground, output, 1e-4, elasticity)
}

#[test]
fn a_world_that_loses_part_of_its_supply() {
    for name in ["A_uncapped", "A_capped", "A_no_excess", "A_severe"] {
        let v = vector(name);
        let (base, use_, price) = (number(&v["Q0"]), -number(&v["eps_d"]), number(&v["P0"]));
        let left = base - number(&v["disrupted"]);
        let nodes = vec![seller(0, price, open_ended(left, number(&v["eps_s"])))];
        let users = vec![buyer(0, price, 2.5 / price, base, use_)];
        let mut world = market(nodes, users, vec![arc(0, 0, 1.0, 0.0)]);
        world.limits = vec![Limit::cap("capacity", vec![0], left + number(&v["excess_capacity"]))];
        let found = Solver::default().solve(&world);
        assert_eq!(found.status, Status::Converged, "{name}: {:?}", found.certificate);
        let paid = found.delivered_price[0].unwrap();
        assert!((paid / number(&v["P1"]) - 1.0).abs() < 1e-8, "{name}: {paid}");
        assert!((found.used[0] / number(&v["Q1"]) - 1.0).abs() < 1e-9, "{name}: {}", found.used[0]);
    }
}

/// Linear demand `(choke − P) / slope`: the straight part that the use curve has below a twentieth of its base price.
fn straight(index: usize, choke: f64, slope: f64, theta: f64) -> User {
    const ELASTICITY: f64 = 9.0;
    const TAIL: f64 = 0.05;
    let at_the_tail = choke / slope / (1.0 + ELASTICITY);
    let base = ELASTICITY * slope * at_the_tail / TAIL;
    buyer(index, base, theta, at_the_tail * TAIL.powf(ELASTICITY), ELASTICITY)
}

/// Linear supply `(p − choke) / slope`.
fn rising(index: usize, choke: f64, slope: f64) -> Node {
    let tranche = Tranche { subsidy: -choke, ..open_ended(1.0, 1.0) };
    seller(index, slope, tranche)
}

#[test]
fn the_spatial_price_equilibrium_of_two_by_two() {
    let v = vector("D_spe_2x2");
    let at = |key: &str, i: usize| number(&v[key][i]);
    let fraction = |text: &Value| {
        let (top, bottom) = text.as_str().unwrap().split_once('/').unwrap_or((text.as_str().unwrap(), "1"));
        top.parse::<f64>().unwrap() / bottom.parse::<f64>().unwrap()
    };
    let exact = &v["exact"];
    let mut last = f64::INFINITY;
    // The taste for the cheapest source grows without bound: shares tend to the cheapest source alone.
    for theta in [10.0, 1e2, 1e3, 1e4, 1e5] {
        let nodes = (0..2).map(|i| rising(i, at("sa", i), at("sb", i))).collect();
        let users = (0..2).map(|j| straight(j, at("da", j), at("db", j), theta)).collect();
        let arcs = (0..4).map(|a| arc(a / 2, a % 2, 0.5, number(&v["t"][a / 2][a % 2]))).collect();
        let found = Solver::default().solve(&market(nodes, users, arcs));
        assert_eq!(found.status, Status::Converged, "{theta}: {:?}", found.certificate);
        let mut gap = 0.0_f64;
        for (a, key) in ["x11", "x12", "x21", "x22"].iter().enumerate() {
            gap = gap.max((found.flow[a] - fraction(&exact[key])).abs());
        }
        for i in 0..2 {
            gap = gap.max((found.price[i].unwrap() - fraction(&exact["ps"][i])).abs());
            gap = gap.max((found.delivered_price[i].unwrap() - fraction(&exact["pd"][i])).abs());
        }
        assert!(gap < 0.5 * last.min(1.0), "{theta}: {gap} after {last}");
        last = gap;
    }
    assert!(last < 1e-4, "{last}");
}

#[test]
fn shares_after_a_cost_shock_by_exact_hat_algebra() {
    // With costs in logarithms, a taste of σ − 1 makes the logit the constant-elasticity form.
    let v = vector("D_exact_hat");
    let theta = number(&v["sigma"]) - 1.0;
    let cell = |key: &str, a: usize| number(&v[key][a / 2][a % 2]);
    let nodes = (0..2).map(|i| seller(i, 1.0, open_ended(1.0, 1e6))).collect();
    let users = (0..2).map(|j| buyer(j, 1.0, theta, 1.0, 0.0)).collect();
    let arcs = (0..4).map(|a| arc(a / 2, a % 2, cell("pi0", a), cell("tau_hat", a).ln())).collect();
    let found = Solver::default().solve(&market(nodes, users, arcs));
    assert_eq!(found.status, Status::Converged, "{:?}", found.certificate);
    for a in 0..4 {
        assert!((found.flow[a] - cell("pi1", a)).abs() < 1e-6, "{a}: {}", found.flow[a]);
    }
    for j in 0..2 {
        let hat = (found.delivered_price[j].unwrap() - 1.0).exp();
        assert!((hat - number(&v["P_hat"][j])).abs() < 1e-6, "{j}: {hat}");
    }
}
