//! What a case asks for that its run cannot show, with the reason.

use crate::{
    base::id::{Iso3, ProjectId},
    indicator::Roles,
    pathway::{Chain, Simulation, deal::can_open},
    policy::{Arm, Case, Commitment, Lever},
    world::{World, table::Levy},
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
                && chain.base.market.nodes.iter().any(|node| node.country == host)
        };
        let minerals: Vec<&str> =
            simulation.chains.iter().filter(stands_in).map(|chain| chain.base.mineral.as_str()).collect();
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
            simulation.chains.iter().any(|chain| chain.sites.iter().any(|site| site.project.id == *project));
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
            let chain = simulation.chains.iter().find(|chain| chain.base.mineral == l.mineral)?;
            if can_open(chain, l.country) {
                None
            } else {
                without(format!(
                    "nothing is refined in {} yet that its tonnes could be added to; name a project instead",
                    l.country
                ))
            }
        }
        _ => simulation.chains.iter().find_map(|chain| buyer_without_use(event, chain)).and_then(without),
    }
}

/// Why a contract binds nothing: its buyer takes nothing of what it buys in the base year, so that no flow can be held.
fn buyer_without_use(event: &Commitment, chain: &Chain) -> Option<String> {
    let of_project = |id: &ProjectId| {
        let slot = chain.sites.iter().find(|slot| slot.project.id == *id)?;
        Some(chain.sold_stage(slot))
    };
    let (buyer, stage) = match &event.lever {
        Lever::Offtake(l) => {
            let of_country = || {
                (l.mineral.as_ref() == Some(&chain.base.mineral))
                    .then(|| l.stage.unwrap_or(chain.base.baseline.last_stage))
            };
            (l.buyer, l.project.as_ref().map_or_else(of_country, of_project)?)
        }
        Lever::RightOfFirstOffer(l) => (l.buyer, of_project(l.project.as_ref()?)?),
        _ => return None,
    };
    let buys = chain.base.market.arcs.iter().any(|arc| {
        chain.base.market.recipient_country(arc.to) == buyer
            && chain.base.market.nodes[arc.from].stage == stage
    });
    (!buys).then(|| {
        format!(
            "{buyer} used no {} of the {stage} stage in the base year, so that none can be bound to go there; \
             name a buyer that did",
            chain.base.mineral
        )
    })
}

/// Contracts whose buyers used none of what they buy in the base year, each with the reason.
pub fn contracts_without_use(world: &World, case: &Case) -> Vec<String> {
    let events: Vec<&Commitment> = case.arms.iter().flat_map(Arm::events).collect();
    let buyers: Vec<Iso3> = events
        .iter()
        .filter_map(|event| match &event.lever {
            Lever::Offtake(l) => Some(l.buyer),
            _ => None,
        })
        .collect();
    if buyers.is_empty() {
        return Vec::new();
    }
    let chains = case.minerals.iter().filter_map(|mineral| {
        let years = case.base_year..=case.base_year + 1;
        Chain::prepare(
            world,
            mineral,
            case.base_year,
            years,
            &case.demand_scenario,
            &buyers,
            &case.params().mid(),
        )
        .ok()
    });
    let mut found: Vec<String> = chains
        .flat_map(|chain| {
            let why =
                |event: &&Commitment| Some(format!("`{}`: {}", event.id, buyer_without_use(event, &chain)?));
            events.iter().filter_map(why).collect::<Vec<_>>()
        })
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}
