//! What a case asks for that its run cannot show, with the reason.

use crate::{
    base::id::Iso3,
    indicator::Roles,
    pathway::{Chain, Simulation, deal::can_open},
    policy::{Arm, Case, Commitment, Lever},
    world::table::Levy,
};

/// Clauses without effect in this run, each with the reason, without repetition.
pub fn unmodelled(case: &Case, simulation: &Simulation) -> Vec<String> {
    let of_arm = |arm: &Arm| -> Vec<String> {
        arm.events().filter_map(|event| reason(arm, event, simulation)).collect()
    };
    let mut list: Vec<String> = case.arms.iter().flat_map(of_arm).collect();
    list.sort_unstable();
    list.dedup();
    list
}

/// Hosts whose royalty on a mineral no table has, so that the general one stands in.
pub fn assumed_royalties(roles: &Roles, simulation: &Simulation) -> Vec<String> {
    let members = roles.hosts.iter().flat_map(|(_, members)| members.iter().copied());
    let mut hosts: Vec<Iso3> = std::iter::once(roles.host).chain(members).collect();
    hosts.sort_unstable();
    hosts.dedup();
    let assumed = hosts.into_iter().filter_map(|host| {
        let stands_in = |chain: &&Chain| {
            let terms = chain.levies.get(&(host, true));
            terms.is_some_and(|terms| terms.rates.iter().any(|r| r.levy == Levy::Royalty && !r.own))
                && chain.market.nodes.iter().any(|node| node.country == host)
        };
        let minerals: Vec<&str> =
            simulation.chains.iter().filter(stands_in).map(|chain| chain.mineral.as_str()).collect();
        (!minerals.is_empty()).then(|| {
            format!(
                "no royalty of {host} on {} is in data/fiscal.csv: the general assumption stands in",
                minerals.join(", ")
            )
        })
    });
    assumed.collect()
}

/// Why a clause changes nothing in an arm; absent when it can.
fn reason(arm: &Arm, event: &Commitment, simulation: &Simulation) -> Option<String> {
    let without = |why: String| Some(format!("`{}` changes nothing: {why}", event.id));
    if let Some(project) = event.lever.project() {
        let placed =
            simulation.chains.iter().any(|chain| chain.slots.iter().any(|slot| slot.project.id == *project));
        if !placed {
            return without(format!(
                "data/projects.csv gives {project} no added output or no date, or its mineral is not run"
            ));
        }
    }
    match &event.lever {
        Lever::PledgeNotToRestrict(l) => {
            let meant = |other: &Commitment| match &other.lever {
                Lever::ExportRestriction(r) => {
                    l.mineral.as_ref().is_none_or(|m| *m == r.mineral)
                        && r.exporters.iter().all(|c| l.exporters.contains(c))
                }
                _ => false,
            };
            let any = arm.shocks.iter().chain(&arm.responses).any(meant);
            let who = l.exporters.iter().map(Iso3::as_str).collect::<Vec<_>>().join(", ");
            if any {
                None
            } else {
                without(format!("the case has no restriction by {who} that it could prevent"))
            }
        }
        Lever::TechTransfer(l) if l.t_per_year.is_some() => {
            let chain = simulation.chains.iter().find(|chain| chain.mineral == l.mineral)?;
            if can_open(chain, l.country) {
                None
            } else {
                without(format!(
                    "nothing is refined in {} yet that its tonnes could be added to; name a project instead",
                    l.country
                ))
            }
        }
        _ => None,
    }
}
