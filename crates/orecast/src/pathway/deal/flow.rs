//! Flows that contracts bind: offtake and rights of first offer.

use super::{Event, usual_output};
use crate::{
    base::{id::Iso3, unit::Stage},
    market::{Feed, Limit, LimitKind, Market},
    pathway::chain::{BaseMarket, ProjectSite},
    policy::{Lever, lever::RightOfFirstOffer},
};

/// Share of a seller's output, and of a buyer's use, that a committed flow may bind at most.
const MOST_OF_OUTPUT: f64 = 0.9;
const MOST_OF_USE: f64 = 0.4;

/// Whether a right of first offer is about a project.
pub(super) fn offered(l: &RightOfFirstOffer, site: &ProjectSite) -> bool {
    match &l.project {
        Some(id) => *id == site.project.id,
        None => l.country == Some(site.project.country),
    }
}

/// A flow from a project to a buyer's users; `tonnes` of its usual output.
pub(super) fn project_flow(
    market: &Market,
    site: &ProjectSite,
    buyer: Iso3,
    id: &str,
    tonnes: impl Fn(f64) -> f64,
) -> Option<Limit> {
    let (node, t) = site.refine.or(site.mine)?;
    let output = usual_output(market, node, |position, _| position == t);
    flow_to(market, node, buyer, id, tonnes(output))
}

/// A floor under the flow from a node to a buyer, where there is a route.
fn flow_to(market: &Market, node: usize, buyer: Iso3, id: &str, tonnes: f64) -> Option<Limit> {
    let arcs: Vec<usize> = (0..market.arcs.len())
        .filter(|&a| {
            let arc = &market.arcs[a];
            arc.from == node && arc.weight > 0.0 && !arc.banned && market.recipient_country(arc.to) == buyer
        })
        .collect();
    (tonnes > 0.0 && !arcs.is_empty()).then(|| Limit::floor(id, arcs, tonnes))
}

/// The committed flow of an offtake contract, before it is fitted to what seller and buyer can bear.
pub(super) fn committed_flow(
    base: &BaseMarket,
    sites: &[ProjectSite],
    event: &Event<'_>,
    market: &Market,
) -> Option<Limit> {
    let Lever::Offtake(l) = &event.commitment.lever else { return None };
    let tonnes = |output: f64| match (&l.share, &l.t_per_year) {
        (Some(q), _) => event.number("share", q).min(1.0) * output,
        (None, Some(q)) => event.number("t_per_year", q).min(output),
        (None, None) => 0.0,
    };
    let id = &event.commitment.id;
    match (&l.project, &l.mineral) {
        (Some(project), _) => {
            let site = sites.iter().find(|site| site.project.id == *project)?;
            project_flow(market, site, l.buyer, id, tonnes)
        }
        (None, Some(mineral)) if *mineral == base.mineral => {
            let node = base.node(l.country?, l.stage.unwrap_or(base.baseline.last_stage))?;
            flow_to(market, node, l.buyer, id, tonnes(usual_output(market, node, |_, _| true)))
        }
        _ => None,
    }
}

/// Scales committed flows down where together they would bind more than a seller or a buyer can bear.
pub(super) fn fit_commitments(market: &mut Market) {
    let is_floor = |limit: &Limit| limit.kind == LimitKind::Floor && !limit.arcs.is_empty();
    let ends = |market: &Market, limit: &Limit| {
        let arc = &market.arcs[limit.arcs[0]];
        (arc.from, market.recipient_country(arc.to))
    };
    let floors: Vec<(usize, (usize, Iso3), f64)> = market
        .limits
        .iter()
        .enumerate()
        .filter(|(_, limit)| is_floor(limit))
        .map(|(position, limit)| (position, ends(market, limit), limit.tonnes))
        .collect();
    for &(position, (node, buyer), _) in &floors {
        let promised = |pick: &dyn Fn((usize, Iso3)) -> bool| -> f64 {
            floors.iter().filter(|(_, at, _)| pick(*at)).map(|(_, _, tonnes)| tonnes).sum()
        };
        let stage = market.nodes[node].stage;
        let from_seller = promised(&|(n, _)| n == node);
        let to_buyer = promised(&|(n, b)| b == buyer && market.nodes[n].stage == stage);
        let output = MOST_OF_OUTPUT * usual_output(market, node, |_, _| true);
        let used = MOST_OF_USE * use_of(market, buyer, stage);
        let fit = (output / from_seller).min(used / to_buyer).min(1.0);
        market.limits[position].tonnes *= fit;
    }
    market.limits.retain(|limit| limit.kind == LimitKind::Cap || limit.tonnes > 0.0);
}

/// Use of a country of what a stage sells, tonnes: by its users and, of ore, by its refineries.
fn use_of(market: &Market, country: Iso3, stage: Stage) -> f64 {
    let users = market.users.iter().filter(|u| u.country == country && u.stage == stage);
    let used: f64 = users.map(|u| u.demand.quantity).sum();
    let refineries =
        market.nodes.iter().enumerate().filter(|(_, n)| n.country == country && stage == Stage::Mine);
    let taken_in = refineries.filter_map(|(node, n)| {
        let made = usual_output(market, node, |_, tranche| tranche.feed == Feed::Ore);
        Some(made / n.sourcing?.recovery)
    });
    used + taken_in.sum::<f64>()
}
