//! Projects within a draw: what they are, what a deal offers them, and which were decided.

use crate::{
    base::{draw::Draw, id::Iso3},
    params::Params,
    pathway::{
        chain::Chain,
        deal::{self, Event},
        project::{Plan, Terms, ramp},
    },
};

use super::expectation::Expectations;

/// The projects of a chain within a draw and an arm, each list in the order of the chain's projects.
#[derive(Debug)]
pub(super) struct Investment {
    pub plans: Vec<Plan>,
    /// What the arm's deal offers.
    pub terms: Vec<Terms>,
    /// What its own output does to the price that its owners expect.
    own_effect: Vec<f64>,
    /// First output of what was decided, as a year with a fraction.
    pub started: Vec<Option<f64>>,
    /// Year in which it was decided.
    pub decided: Vec<Option<i32>>,
    /// Losses that are carried forward, US dollars.
    pub losses: Vec<f64>,
}

impl Investment {
    /// Nothing decided yet; `premium` is the risk premium of a host.
    pub(super) fn new(
        chain: &Chain,
        draw: Draw,
        params: &Params<f64>,
        premium: &dyn Fn(Iso3) -> f64,
        events: &[Event<'_>],
    ) -> Self {
        let count = chain.sites.len();
        let sites = || chain.sites.iter();
        let plan = |project: &_, country| Plan::new(project, draw, params, premium(country));
        let plans: Vec<Plan> = sites().map(|site| plan(&site.project, site.project.country)).collect();
        Self {
            terms: deal::project_terms(chain, &plans, events),
            plans,
            own_effect: sites().map(|site| site.own_effect(params.large_project)).collect(),
            started: vec![None; count],
            decided: vec![None; count],
            losses: vec![0.0; count],
        }
    }

    /// Takes the investment decisions that are due.
    pub(super) fn decide(&mut self, chain: &Chain, expectations: &Expectations, year: i32) {
        let now = f64::from(year) + 0.5;
        for (p, site) in chain.sites.iter().enumerate() {
            if self.started[p].is_some() {
                continue;
            }
            let (plan, terms) = (&self.plans[p], &self.terms[p]);
            let start = plan.earliest_start(&site.project, terms);
            let due = start - plan.build_years;
            if now < due {
                continue;
            }
            let stage = chain.sold_stage(site);
            let base = chain.base.base_price(stage);
            let price = base * self.own_effect[p] * expectations.at(stage, chain.zone(site.project.country));
            if plan.is_built(&site.project, terms, now, price, base) {
                // What was due before the first year is on its way; a decision that comes later starts later.
                let late = year > chain.base.baseline.year + 1 && now - due > 1.0;
                self.started[p] = Some(if late { now + plan.build_years } else { start });
                self.decided[p] = Some(year);
            }
        }
    }

    /// What a project adds in a year at base prices, tonnes.
    pub(super) fn output(&self, p: usize, year: i32) -> f64 {
        let running = |start: f64| ramp(f64::from(year) + 0.5 - start, self.plans[p].ramp_years);
        self.plans[p].increment * self.started[p].map_or(0.0, running)
    }

    /// Each project with its terms and the year of its decision.
    pub(super) fn projects(&self) -> Vec<(&Plan, &Terms, Option<i32>)> {
        let offers = self.plans.iter().zip(&self.terms);
        offers.zip(&self.decided).map(|((plan, terms), decided)| (plan, terms, *decided)).collect()
    }
}
