//! What acts on which chain: where nothing different acts, arms need no run of their own.

use crate::{
    base::{draw::Draw, id::Iso3},
    pathway::{
        Chain, Simulation,
        deal::{self, Event},
    },
    policy::{
        Arm, Commitment, Lever,
        lever::{Permitting, RightOfFirstOffer},
    },
};

/// Whether a lever can change anything about a chain.
pub(crate) fn acts_on(lever: &Lever, chain: &Chain) -> bool {
    if let Some(project) = lever.project() {
        return chain.sites.iter().any(|site| site.project.id == *project);
    }
    match lever {
        // It acts through the restrictions that it prevents, which are in the arm themselves.
        Lever::PledgeNotToRestrict(_) => return false,
        Lever::Permitting(Permitting { country, .. })
        | Lever::RightOfFirstOffer(RightOfFirstOffer { country, .. }) => {
            return chain.sites.iter().any(|site| Some(site.project.country) == *country);
        }
        _ => {}
    }
    let named = lever.minerals();
    named.is_empty() || named.contains(&chain.base.mineral)
}

/// Which chains may differ between arms: those that some arm's commitments or shocks act on, and the by-products of such.
pub(super) fn touched(simulation: &Simulation, arms: &[Arm]) -> Vec<bool> {
    let on = |chain: &Chain| arms.iter().flat_map(Arm::events).any(|event| acts_on(&event.lever, chain));
    let mut touched: Vec<bool> = simulation.chains.iter().map(on).collect();
    // Hosts come before their by-products.
    for c in 0..touched.len() {
        touched[c] |= simulation.hosts_of(c).any(|host| touched[host]);
    }
    touched
}

/// The chains of a list with the hosts that they come out of.
pub(super) fn with_hosts(simulation: &Simulation, mut chains: Vec<bool>) -> Vec<bool> {
    for c in (0..chains.len()).rev() {
        if chains[c] {
            simulation.hosts_of(c).for_each(|host| chains[host] = true);
        }
    }
    chains
}

/// All that a commitment does once it materialises: its name, by which it draws its numbers, who pays, and its terms.
type Deed = (String, Option<Iso3>, Lever);

/// A commitment's deed by position, and since when it holds.
pub(super) type Act = (usize, u64);

/// The deeds of all arms, each once, and the chains that they act on.
#[derive(Debug, Clone, Default)]
pub(super) struct Deeds {
    list: Vec<Deed>,
    on: Vec<Vec<bool>>,
}

impl Deeds {
    /// The position of a commitment's deed; commitments of two arms have the same one if in the same draw and year they do
    /// the same.
    pub(super) fn position(&mut self, simulation: &Simulation, commitment: &Commitment) -> usize {
        let same =
            |deed: &Deed| deed.0 == commitment.id && deed.1 == commitment.payer && deed.2 == commitment.lever;
        self.list.iter().position(same).unwrap_or_else(|| {
            self.list.push((commitment.id.clone(), commitment.payer, commitment.lever.clone()));
            self.on.push(simulation.chains.iter().map(|chain| acts_on(&commitment.lever, chain)).collect());
            self.list.len() - 1
        })
    }

    /// The positions of an arm's commitments, shocks and responses, in the order of [`Arm::events`].
    pub(super) fn positions(&mut self, simulation: &Simulation, arm: &Arm) -> Vec<usize> {
        arm.events().map(|event| self.position(simulation, event)).collect()
    }

    /// What an arm comes to in a draw, given the positions of its deeds.
    pub(super) fn of_draw<'a>(&self, arm: &'a Arm, deeds: &[usize], draw: Draw) -> Acting<'a> {
        let events = deal::materialise(arm, draw);
        let deed = |event: &Event<'_>| {
            let place = arm.events().position(|commitment| std::ptr::eq(commitment, event.commitment));
            place.map_or(usize::MAX, |place| deeds[place])
        };
        Acting { acts: events.iter().map(|event| (deed(event), event.from.to_bits())).collect(), events }
    }

    /// Those that act on a chain.
    pub(super) fn on<'a>(&self, chain: usize, all: &Acting<'a>) -> (Vec<Act>, Vec<Event<'a>>) {
        let here = all.acts.iter().zip(&all.events).filter(|((deed, _), _)| self.on[*deed][chain]);
        here.map(|(act, event)| (*act, *event)).unzip()
    }
}

/// The commitments of an arm that materialise in a draw.
#[derive(Debug)]
pub(super) struct Acting<'a> {
    pub acts: Vec<Act>,
    pub events: Vec<Event<'a>>,
}
