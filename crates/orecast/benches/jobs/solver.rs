//! Job C: one equilibrium, warm, on one core.

use orecast::market::{Change, Conditions, Market, Prepared, Status};

use crate::{
    common::{Table, microseconds},
    networks::{Random, Shape, network},
};

/// The sizes of the table: sellers at the mine and the refinery, users of both stages, share of routes that are open.
pub(crate) const SIZES: [(&str, usize, usize, usize, f64); 3] =
    [("small", 5, 3, 5, 0.6), ("typical", 12, 8, 20, 0.4), ("large", 30, 25, 40, 0.25)];

/// A network of one of the [`SIZES`].
pub(crate) fn sized(size: (&str, usize, usize, usize, f64), conic: bool) -> Prepared {
    let (_, mines, plants, users, routes) = size;
    Prepared::new(network(Shape { mines, plants, works: 0, users, routes, conic }, &mut Random(11)))
}

/// Each seller's stop of exports, one at a time.
pub(crate) fn stops(market: &Market) -> Vec<Conditions> {
    (0..market.nodes.len())
        .map(|i| {
            let abroad = |&a: &usize| {
                let arc = &market.arcs[a];
                arc.from == i && market.recipient_country(arc.to) != market.nodes[i].country
            };
            let changes = (0..market.arcs.len()).filter(abroad).map(|a| Change::Banned(a, true)).collect();
            Conditions { changes, limits: Vec::new() }
        })
        .collect()
}

/// A year later: capacity and use have moved by some percent, all routes are open.
fn years(market: &Market) -> Vec<Conditions> {
    let mut random = Random(9);
    (0..30)
        .map(|_| {
            let users = market.users.iter().enumerate();
            let mut changes: Vec<Change> = users
                .map(|(j, user)| Change::Demand(j, user.demand.quantity * random.scale(0.97, 1.08)))
                .collect();
            for (i, node) in market.nodes.iter().enumerate() {
                let tranches = node.tranches.iter().enumerate();
                changes.extend(
                    tranches.map(|(t, own)| Change::Capacity(i, t, own.capacity * random.scale(0.9, 1.1))),
                );
            }
            Conditions { changes, limits: Vec::new() }
        })
        .collect()
}

/// Ad valorem duties on all that a seller sells, one seller at a time.
fn duties(market: &Market) -> Vec<Conditions> {
    (0..market.nodes.len())
        .map(|i| {
            let sold = (0..market.arcs.len()).filter(|&a| market.arcs[a].from == i);
            Conditions { changes: sold.map(|a| Change::Duty(a, 0.25)).collect(), limits: Vec::new() }
        })
        .collect()
}

pub(crate) fn one_equilibrium(table: &mut Table) {
    for size in SIZES {
        let prepared = sized(size, false);
        let market = prepared.market();
        let mut workspace = prepared.workspace();
        for (what, list) in [
            ("an export stop", stops(market)),
            ("the year after", years(market)),
            ("a duty of 25 %", duties(market)),
        ] {
            let (mut evaluations, mut factors) = (0, 0);
            for conditions in &list {
                workspace.with(conditions, |_, _, ending| {
                    assert_eq!(ending.status, Status::Converged, "{what}");
                    evaluations += ending.effort.evaluations;
                    factors += ending.effort.factors;
                });
            }
            let time = microseconds(list.len(), || {
                for c in &list {
                    assert!(workspace.with(c, |_, _, ending| ending.excess) < 1e-9);
                }
            });
            let typical = size.0 == "typical" && what == "an export stop";
            table.row(
                "C",
                format!(
                    "{} ({} sellers, {} users, {} routes), {what}: {:.1} evaluations, {:.1} factors",
                    size.0,
                    market.nodes.len(),
                    market.users.len(),
                    market.arcs.len(),
                    evaluations as f64 / list.len() as f64,
                    factors as f64 / list.len() as f64,
                ),
                format!("{time:.1} us"),
                if typical { "20 us" } else { "" },
                typical.then_some(time <= 20.0),
            );
        }
    }
}
