//! What hosts take of a year: the levies of `fiscal.csv` on running mines and plants, and on each project by itself.

use std::sync::Arc;

use super::ChainState;
use crate::{
    base::{draw::Draw, id::Iso3, unit::Stage},
    market::{Equilibrium, Feed},
    params::Params,
    pathway::{
        chain::{Chain, ProjectSite},
        deal::Payments,
    },
    project::fiscal::{Drawn, Terms},
    world::table::{Levy, ProjectStage},
};

/// Income tax of hosts that no table covers.
const TYPICAL_TAX: f64 = 0.25;

/// The levies of a draw, by node and by project.
#[derive(Debug)]
pub(in crate::pathway) struct Levies {
    nodes: Vec<Drawn>,
    sites: Vec<Drawn>,
    /// Operating cost and write-off of running mines and plants over the value of their output at base prices.
    costs: (f64, f64),
}

impl Levies {
    /// Those of a draw, from the last run if it was of the same draw.
    pub(super) fn shared(
        last: &mut Option<(Draw, Arc<Self>)>,
        chain: &Chain,
        draw: Draw,
        params: &Params<f64>,
    ) -> Arc<Self> {
        match last {
            Some((of, levies)) if *of == draw => Arc::clone(levies),
            _ => {
                let levies = Arc::new(Self::new(chain, draw, params));
                *last = Some((draw, Arc::clone(&levies)));
                levies
            }
        }
    }

    fn new(chain: &Chain, draw: Draw, params: &Params<f64>) -> Self {
        let own = chain.own_share();
        let nodes = chain.base.market.nodes.iter().map(|node| {
            let mined = node.tranches.iter().any(|t| t.feed == Feed::Ground);
            let rates = drawn(chain, node.country, mined, draw, params);
            // What comes out of hosts at their plants is not mined here.
            let mined = if node.stage == Stage::Refine { own } else { 1.0 };
            Drawn {
                royalty: mined * rates.royalty,
                profit_royalty: mined * rates.profit_royalty,
                free_share: mined * rates.free_share,
                ..rates
            }
        });
        let sites = chain.sites.iter().map(|site| of_project(chain, site, draw, params));
        let cost = params.operating_share.clamp(0.0, 1.0);
        Self {
            nodes: nodes.collect(),
            sites: sites.collect(),
            costs: (cost, (1.0 - cost - params.profit_share).max(0.0)),
        }
    }
}

/// The levies on a project in a draw: those that its page shows.
pub(in crate::pathway) fn of_project(
    chain: &Chain,
    site: &ProjectSite,
    draw: Draw,
    params: &Params<f64>,
) -> Drawn {
    drawn(chain, site.project.country, site.project.stage != ProjectStage::Refine, draw, params)
}

/// The rates of a host in a draw; the general royalty where it has none of its own.
fn drawn(chain: &Chain, host: Iso3, mined: bool, draw: Draw, params: &Params<f64>) -> Drawn {
    let Some(terms) = chain.levies.get(&(host, mined)) else { return Drawn::default() };
    let mut rates = terms.draw(host, draw);
    if stands_in(terms) {
        rates.royalty = params.royalty;
    }
    if terms.rates.iter().all(|rate| rate.levy != Levy::IncomeTax) {
        rates.income_tax = TYPICAL_TAX;
    }
    rates
}

/// Whether the general royalty stands in for the host's own.
pub(in crate::pathway) fn stands_in(terms: &Terms) -> bool {
    terms.rates.iter().any(|rate| rate.levy == Levy::Royalty && !rate.own)
}

impl ChainState<'_> {
    /// Adds what hosts take of a solved year. A project pays once, on what it sells; plants that buy ore pay on the value they add.
    pub(super) fn take(&mut self, year: i32, eq: &Equilibrium, money: &mut Payments) {
        let market = &self.solver.market;
        for (i, node) in market.nodes.iter().enumerate() {
            let Some(price) = eq.price[i].filter(|price| *price > 0.0) else { continue };
            let running: f64 = (0..node.tranches.len())
                .filter(|&t| node.tranches[t].feed != Feed::Scrap && !self.chain.is_project(i, t))
                .map(|t| eq.output[i][t])
                .sum();
            let added = node.sourcing.map_or(1.0, |s| (s.base_margin / node.base_price).clamp(0.0, 1.0));
            // Costs are in the money of the base year, whatever the price of the day.
            let usual = added * self.chain.base.market.nodes[i].base_price * running;
            let (cost, written_off) = self.levies.costs;
            let take = self.levies.nodes[i].take(
                added * price * running,
                cost * usual,
                written_off * usual,
                &mut 0.0,
            );
            *money.host_revenue.entry(node.country).or_default() += take.total();
        }
        for (p, site) in self.chain.sites.iter().enumerate() {
            let Some((start, (i, t))) = self.investment.started[p].zip(site.refine.or(site.mine)) else {
                continue;
            };
            let Some(price) = eq.price[i].filter(|price| *price > 0.0) else { continue };
            let (plan, base) = (&self.investment.plans[p], self.chain.decision_price(site));
            let tonnes = eq.output[i][t];
            let age = f64::from(year) + 0.5 - start;
            let written_off = if (0.0..plan.written_off).contains(&age) {
                plan.capex(&site.project, base) / plan.written_off
            } else {
                0.0
            };
            let take = self.levies.sites[p].take(
                price * tonnes,
                plan.opex_share * base * tonnes,
                written_off,
                &mut self.investment.losses[p],
            );
            *money.host_revenue.entry(site.project.country).or_default() += take.total();
        }
    }
}
