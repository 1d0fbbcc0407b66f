//! What a draw's commitments change for each project.

use super::{Event, floor_price};
use crate::{
    base::{
        id::{Iso3, ProjectId},
        unit::Stage,
    },
    pathway::{
        chain::{Chain, ProjectSite},
        project::{Finance, Plan, Terms},
    },
    policy::{Lever, Quantity, lever::Instrument},
};

/// The terms that a draw's events give each project of a chain; `plans` are the projects' draws.
pub fn project_terms(chain: &Chain, plans: &[Plan], events: &[Event<'_>]) -> Vec<Terms> {
    chain.sites.iter().zip(plans).map(|(site, plan)| terms_of(chain, site, plan, events)).collect()
}

fn terms_of(chain: &Chain, site: &ProjectSite, plan: &Plan, events: &[Event<'_>]) -> Terms {
    let project = &site.project;
    let is_ours = |id: Option<&ProjectId>| id == Some(&project.id);
    let is_here = |country: Option<Iso3>| country == Some(project.country);
    let mut terms = Terms::default();
    for event in events {
        let until = |years: &Quantity| event.from + event.number("years", years);
        match &event.commitment.lever {
            Lever::Offtake(l) if is_ours(l.project.as_ref()) => {
                terms.offtakes.push((event.from, until(&l.years)));
            }
            Lever::ProjectFinance(l) if l.project == project.id => {
                let usd = match (&l.amount_musd, &l.capex_share) {
                    (Some(q), _) => event.number("amount_musd", q) * 1e6,
                    (None, Some(q)) => {
                        event.number("capex_share", q) * plan.capex(project, chain.decision_price(site))
                    }
                    (None, None) => 0.0,
                };
                let lent = !matches!(l.instrument, Instrument::Grant | Instrument::Equity);
                let finance = Finance {
                    usd,
                    from: event.from,
                    rate: if lent { event.number("rate_percent", &l.rate_percent) / 100.0 } else { 0.0 },
                    payer: event.commitment.payer,
                    lost: (l.instrument == Instrument::Grant).then_some(1.0),
                };
                if lent { terms.loans.push(finance) } else { terms.grants.push(finance) }
            }
            Lever::PriceFloor(l) if l.mineral == chain.base.mineral => {
                let covered = is_ours(l.project.as_ref())
                    || (l.project.is_none() && (l.country.is_none() || is_here(l.country)));
                let sells = match l.stage {
                    Stage::Refine => site.refine.is_some(),
                    Stage::Mine => site.mine.is_some() && site.refine.is_none(),
                };
                if covered && sells {
                    terms.floors.push((floor_price(&chain.base, event), event.from, until(&l.years)));
                }
            }
            Lever::Permitting(l)
                if is_ours(l.project.as_ref()) || (l.project.is_none() && is_here(l.country)) =>
            {
                terms.permits.push((event.number("months_saved", &l.months_saved), event.from));
            }
            _ => {}
        }
    }
    terms
}
