//! What an arm's commitments come to in one draw: which materialise, when, and what they do to projects and markets.

use crate::{
    base::{
        id::{Iso3, MineralId, ProjectId},
        unit::Stage,
    },
    market::{Feed, Limit, LimitKind, Market},
    pathway::chain::{BaseMarket, ProjectSite},
    policy::{Lever, lever::Restriction},
};

mod control;
mod event;
mod flow;
mod money;
mod supply;
mod terms;

pub use control::{Screen, control, screens};
pub(crate) use event::may_materialise;
pub use event::{Event, materialise};
pub use money::{Kind, Payment, Payments, settle};
pub use supply::Stocks;
pub(crate) use supply::can_open;
pub use terms::project_terms;

use flow::{committed_flow, fit_commitments, offered, project_flow};

/// A duty or tax never takes a price below this factor of itself.
const LOWEST_PRICE_FACTOR: f64 = -0.9;
fn floor_price(base: &BaseMarket, event: &Event<'_>) -> f64 {
    let Lever::PriceFloor(l) = &event.commitment.lever else { return 0.0 };
    match (&l.usd_per_t, &l.times_base_price) {
        (Some(q), _) => event.number("usd_per_t", q),
        (None, Some(q)) => event.number("times_base_price", q) * base.base_price(l.stage),
        (None, None) => 0.0,
    }
}

/// Imposes a year's conditions on a market whose capacities and weights are set, with projects at some places in it: those of an arm, and
/// limits that stand in every arm, from which its exemptions free as well. Returns what has to be paid.
pub fn impose(
    base: &BaseMarket,
    sites: &[ProjectSite],
    events: &[Event<'_>],
    year: i32,
    market: &mut Market,
    stocks: &mut Stocks,
    standing: Vec<Limit>,
) -> Vec<Payment> {
    market.limits.clear();
    for arc in &mut market.arcs {
        (arc.cost, arc.duty, arc.banned) = (0.0, 0.0, false);
    }
    for tranche in market.nodes.iter_mut().flat_map(|n| &mut n.tranches) {
        (tranche.subsidy, tranche.floor, tranche.upside) = (0.0, None, 0.0);
    }
    let mut payments = Vec::new();
    for event in events {
        supply::impose(base, event, year, market, stocks, &mut payments);
    }
    for event in events {
        impose_one((base, sites), event, year, market, &mut payments);
    }
    market.limits.extend(standing);
    fit_commitments(market);
    for event in events {
        if let Lever::Exemption(l) = &event.commitment.lever
            && event.holds(year, None)
            && l.mineral.as_ref().is_none_or(|m| *m == base.mineral)
        {
            free(market, &l.exporters, &l.importers);
        }
    }
    payments
}

fn impose_one(
    (base, sites): (&BaseMarket, &[ProjectSite]),
    event: &Event<'_>,
    year: i32,
    market: &mut Market,
    payments: &mut Vec<Payment>,
) {
    let ours = |mineral: &MineralId| *mineral == base.mineral;
    let payer = event.commitment.payer;
    match &event.commitment.lever {
        Lever::PriceFloor(l) if ours(&l.mineral) && event.holds(year, Some(&l.years)) => {
            let floor = floor_price(base, event);
            let upside = event.number("upside_share", &l.upside_share);
            for (node, t) in covered(market, l.stage, l.project.as_ref().map(ProjectId::as_str), l.country) {
                let tranche = &mut market.nodes[node].tranches[t];
                (tranche.floor, tranche.upside) = (Some(floor), upside.clamp(0.0, 1.0));
                payments.push(Payment::Floor { payer, tranche: (node, t), floor, upside });
            }
        }
        Lever::ProductionCredit(l) if ours(&l.mineral) && event.holds(year, Some(&l.years)) => {
            let usd_per_t = match (&l.usd_per_t, &l.percent) {
                (Some(q), _) => event.number("usd_per_t", q),
                (None, Some(q)) => event.number("percent", q) / 100.0 * base.base_price(l.stage),
                (None, None) => 0.0,
            };
            for (node, t) in covered(market, l.stage, l.project.as_ref().map(ProjectId::as_str), l.country) {
                market.nodes[node].tranches[t].subsidy += usd_per_t;
                payments.push(Payment::Credit { payer, tranche: (node, t), usd_per_t });
            }
        }
        Lever::Infrastructure(l)
            if event.holds(year, None) && (l.minerals.is_empty() || l.minerals.contains(&base.mineral)) =>
        {
            let arcs = market.arcs_abroad(None, &l.exporters, &l.importers);
            let wanted: f64 = arcs.iter().map(|&a| market.base_flow(a)).sum();
            let most = l.capacity_t_per_year.as_ref().map(|q| event.number("capacity_t_per_year", q));
            let carried = most.map_or(1.0, |most| (most / wanted.max(f64::MIN_POSITIVE)).min(1.0));
            let saving = carried * event.number("saving_usd_per_t", &l.saving_usd_per_t);
            for a in arcs {
                market.arcs[a].cost -= saving;
            }
        }
        Lever::Duty(l) if ours(&l.mineral) && event.holds(year, None) => {
            for a in market.arcs_abroad(Some(l.stage), &l.exporters, &l.importers) {
                match (&l.percent, &l.usd_per_t) {
                    (Some(q), _) => add_duty(market, a, event.number("percent", q) / 100.0),
                    (None, Some(q)) => market.arcs[a].cost += event.number("usd_per_t", q),
                    (None, None) => {}
                }
            }
        }
        Lever::ExportRestriction(l) if ours(&l.mineral) && event.holds(year, Some(&l.years)) => {
            let arcs = market.arcs_abroad(Some(l.stage), &l.exporters, &l.importers);
            match l.kind {
                Restriction::Ban => arcs.iter().for_each(|&a| market.arcs[a].banned = true),
                Restriction::Tax => {
                    let rate = l.percent.as_ref().map_or(0.0, |q| event.number("percent", q) / 100.0);
                    for a in arcs {
                        add_duty(market, a, rate);
                    }
                }
                Restriction::Quota | Restriction::Licence => {
                    let past: f64 = arcs.iter().map(|&a| base.market.base_flow(a)).sum();
                    let tonnes = match (&l.t_per_year, &l.quota_share) {
                        (Some(q), _) => event.number("t_per_year", q),
                        (None, Some(q)) => event.number("quota_share", q) * past,
                        (None, None) => past,
                    };
                    market.limits.push(Limit::cap(&event.commitment.id, arcs, tonnes));
                }
            }
        }
        Lever::ShareCap(l) if ours(&l.mineral) && event.holds(year, None) => {
            let most = event.number("max_share", &l.max_share);
            for &importer in &l.importers {
                let into = market.arcs_abroad(Some(l.stage), &[], &[importer]);
                let mut sellers: Vec<Iso3> =
                    into.iter().map(|&a| market.nodes[market.arcs[a].from].country).collect();
                sellers.sort_unstable();
                sellers.dedup();
                for seller in sellers.into_iter().filter(|s| l.supplier.is_none_or(|only| only == *s)) {
                    let id = format!("{}:{seller}", event.commitment.id);
                    market.cap_share(&id, l.stage, seller, &[importer], most);
                }
            }
        }
        Lever::Offtake(l) if event.holds(year, Some(&l.years)) => {
            if let Some(limit) = committed_flow(base, sites, event, market) {
                market.limits.push(limit);
            }
        }
        Lever::RightOfFirstOffer(l) if event.holds(year, None) => {
            let taken = event.number("take_up", &l.take_up).min(1.0);
            for site in sites.iter().filter(|site| offered(l, site)) {
                let id = format!("{}:{}", event.commitment.id, site.project.id);
                market.limits.extend(project_flow(market, site, l.buyer, &id, |output| taken * output));
            }
        }
        _ => {}
    }
}

/// Tranches that a floor or a credit covers: a project's, or all of a country's that do not run on scrap.
fn covered(
    market: &Market,
    stage: Stage,
    project: Option<&str>,
    country: Option<Iso3>,
) -> Vec<(usize, usize)> {
    let mut list = Vec::new();
    for (i, node) in market.nodes.iter().enumerate().filter(|(_, n)| n.stage == stage) {
        if project.is_none() && country.is_some_and(|c| c != node.country) {
            continue;
        }
        for (t, tranche) in node.tranches.iter().enumerate() {
            if tranche.feed != Feed::Scrap && project.is_none_or(|id| id == tranche.id) {
                list.push((i, t));
            }
        }
    }
    list
}

fn add_duty(market: &mut Market, arc: usize, rate: f64) {
    let arc = &mut market.arcs[arc];
    arc.duty = ((1.0 + arc.duty) * (1.0 + rate) - 1.0).max(LOWEST_PRICE_FACTOR);
}

/// Takes duties and bans off some arcs, and takes the arcs out of caps.
fn free(market: &mut Market, exporters: &[Iso3], importers: &[Iso3]) {
    let arcs = market.arcs_abroad(None, exporters, importers);
    for &a in &arcs {
        let arc = &mut market.arcs[a];
        (arc.duty, arc.banned, arc.cost) = (0.0, false, arc.cost.min(0.0));
    }
    for limit in market.limits.iter_mut().filter(|l| l.kind == LimitKind::Cap) {
        let kept: Vec<(usize, f64)> = limit.terms().filter(|(a, _)| !arcs.contains(a)).collect();
        (limit.arcs, limit.weights) = kept.into_iter().unzip();
    }
}

/// Output of some tranches of a node at base prices, tonnes.
fn usual_output(market: &Market, node: usize, pick: impl Fn(usize, &crate::market::Tranche) -> bool) -> f64 {
    let node = &market.nodes[node];
    let tranches = node.tranches.iter().enumerate().filter(|(position, t)| pick(*position, t));
    tranches.map(|(_, t)| crate::market::curve::supply(t.capacity, t.drive, 1.0, 1.0, 1.0).value).sum()
}
