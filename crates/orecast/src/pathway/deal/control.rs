//! Levers that change who controls projects: screens of owners, and rights of first offer.

use std::collections::BTreeMap;

use super::{Event, offered};
use crate::{
    base::id::{BlocId, Iso3},
    pathway::chain::{Chain, Control, ProjectSite},
    policy::Lever,
};

/// A screen of owners in force: who may not take control of projects of a country decided from a date on.
#[derive(Debug, Clone, PartialEq)]
pub struct Screen {
    from: f64,
    country: Iso3,
    against: Vec<Iso3>,
}

impl Screen {
    /// Whether it holds for a project decided in a year.
    pub fn holds(&self, site: &ProjectSite, decided: i32) -> bool {
        site.project.country == self.country && self.from <= f64::from(decided) + 0.5
    }
}

/// The screens of a draw that a chain is subject to; `blocs` says who belongs to the blocs that they name.
pub fn screens(chain: &Chain, events: &[Event<'_>], blocs: &BTreeMap<BlocId, Vec<Iso3>>) -> Vec<Screen> {
    let screen = |event: &Event<'_>| match &event.commitment.lever {
        Lever::OwnershipScreen(l) if l.minerals.is_empty() || l.minerals.contains(&chain.base.mineral) => {
            let against = blocs.get(&l.against).cloned().unwrap_or_default();
            Some(Screen { from: event.from, country: l.country, against })
        }
        _ => None,
    };
    events.iter().filter_map(screen).collect()
}

/// Who controls each tranche of each node in a year, where a deal changes that; absent where none does. What a screened
/// owner would hold passes to the host country; what a buyer takes up passes to the buyer.
pub fn control(
    chain: &Chain,
    events: &[Event<'_>],
    screens: &[Screen],
    decided: &[Option<i32>],
    year: i32,
) -> Option<Vec<Vec<Control>>> {
    let offers: Vec<_> = events
        .iter()
        .filter_map(|event| match &event.commitment.lever {
            Lever::RightOfFirstOffer(l) if event.holds(year, None) => Some((event, l)),
            _ => None,
        })
        .collect();
    if offers.is_empty() && screens.is_empty() {
        return None;
    }
    let mut control = chain.control.clone();
    for (site, decided) in chain.sites.iter().zip(decided) {
        let mut owners = site.project.control.clone();
        for screen in screens.iter().filter(|screen| decided.is_some_and(|year| screen.holds(site, year))) {
            for (owner, _) in owners.iter_mut().filter(|(owner, _)| screen.against.contains(owner)) {
                *owner = site.project.country;
            }
        }
        for (event, l) in offers.iter().filter(|(_, l)| offered(l, site)) {
            let taken = event.number("take_up", &l.take_up).clamp(0.0, 1.0);
            for (_, share) in &mut owners {
                *share *= 1.0 - taken;
            }
            owners.push((l.buyer, taken));
        }
        for (node, t) in [site.mine, site.refine].into_iter().flatten() {
            control[node][t].clone_from(&owners);
        }
    }
    Some(control)
}
