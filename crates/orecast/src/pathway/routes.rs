//! Routes that projects and deals may open, and what each tonne of new capacity adds to them.

use std::collections::{BTreeMap, BTreeSet};

use super::chain::Chain;
use crate::{
    base::{id::Iso3, unit::Stage},
    baseline::closeness,
    market::{Feed, Market, Recipient, TradeArc},
    world::World,
};

/// Buyers above this share of world purchases are offered the output of new projects.
const OFFERED: f64 = 0.01;

/// What a tonne of new capacity adds to an arc's weight: affinity over the stage's base capacity.
#[derive(Debug, Clone, Copy)]
pub struct RouteAffinity {
    /// Position among [`Chain::sites`].
    pub site: usize,
    /// Affinity if buyers were chosen by size and distance alone.
    pub open: f64,
    /// Affinity if output went to its contracted buyers and owners' countries alone.
    pub owned: f64,
}

/// What each buyer takes in the base year, tonnes.
struct Buyers {
    bought: BTreeMap<Recipient, f64>,
    totals: BTreeMap<Stage, f64>,
}

impl Buyers {
    fn of(chain: &Chain) -> Self {
        let market = &chain.base.market;
        let users =
            market.users.iter().enumerate().map(|(j, user)| (Recipient::User(j), user.demand.quantity));
        let refineries =
            market.nodes.iter().enumerate().filter(|(_, node)| node.sourcing.is_some()).map(|(k, node)| {
                let capacity: f64 =
                    node.tranches.iter().filter(|t| t.feed == Feed::Ore).map(|t| t.capacity).sum();
                (Recipient::Node(k), capacity / chain.base.baseline.recovery)
            });
        let bought: BTreeMap<Recipient, f64> = users.chain(refineries).collect();
        let mut totals = BTreeMap::new();
        for (&to, &tonnes) in &bought {
            *totals.entry(bought_stage(market, to)).or_default() += tonnes;
        }
        Self { bought, totals }
    }

    /// Purchases of what a stage sells; 1 where there are none, since shares of nothing are nothing.
    fn total(&self, stage: Stage) -> f64 {
        self.totals.get(&stage).copied().unwrap_or(1.0)
    }
}

/// Stage whose product a buyer takes.
fn bought_stage(market: &Market, to: Recipient) -> Stage {
    match to {
        Recipient::User(j) => market.users[j].stage,
        Recipient::Node(_) => Stage::Mine,
    }
}

impl Chain {
    /// Draws the routes that projects and deals may open, and says what each unit of new capacity adds to them.
    pub(super) fn connect(&mut self, world: &World, roles: &[Iso3]) {
        let buyers = Buyers::of(self);
        let existing: BTreeSet<(usize, Recipient)> =
            self.base.market.arcs.iter().map(|a| (a.from, a.to)).collect();
        let new_nodes: BTreeSet<usize> =
            self.sites.iter().flat_map(|s| [s.mine, s.refine]).flatten().map(|(node, _)| node).collect();
        for from in 0..self.base.market.nodes.len() {
            let seller = &self.base.market.nodes[from];
            for (&to, &tonnes) in &buyers.bought {
                let stage = bought_stage(&self.base.market, to);
                if stage != seller.stage || existing.contains(&(from, to)) {
                    continue;
                }
                let buyer = self.base.market.recipient_country(to);
                let is_new = new_nodes.contains(&from);
                let offered = is_new && (tonnes >= OFFERED * buyers.total(stage) || buyer == seller.country);
                let owners = self
                    .sites
                    .iter()
                    .filter(|s| [s.mine, s.refine].iter().flatten().any(|&(n, _)| n == from));
                let owned = is_new && owners.flat_map(|s| &s.project.destination).any(|&(c, _)| c == buyer);
                let role = roles.contains(&seller.country) && roles.contains(&buyer);
                let to_new_refinery = matches!(to, Recipient::Node(k) if new_nodes.contains(&k) && tonnes <= 0.0)
                    && (self.base_capacity[from] >= OFFERED * self.stage_capacity[&stage]
                        || buyer == seller.country);
                if offered || owned || role || to_new_refinery {
                    self.base.market.arcs.push(TradeArc {
                        from,
                        to,
                        weight: 0.0,
                        cost: 0.0,
                        duty: 0.0,
                        banned: false,
                    });
                }
            }
        }
        // In the solver's order, so that it has nothing to sort.
        self.base.market.arcs.sort_by_key(|arc| (arc.to, arc.from));
        self.base_weight = self.base.market.arcs.iter().map(|a| a.weight).collect();
        let nodes = 0..self.base.market.nodes.len();
        let means: Vec<f64> = nodes.map(|from| self.mean_closeness(world, from, &buyers)).collect();
        self.seed_base_weights(world, &buyers, &means, roles);
        self.affinities = self.new_affinities(world, &buyers, &means);
    }

    /// Base weights where there was no flow: for routes between the roles of the case, and for refineries that start
    /// from nothing, what gravity alone would give.
    fn seed_base_weights(&mut self, world: &World, buyers: &Buyers, means: &[f64], roles: &[Iso3]) {
        const FIRST_CONTACT: f64 = 0.02;
        for a in 0..self.base.market.arcs.len() {
            let arc = &self.base.market.arcs[a];
            let seller = &self.base.market.nodes[arc.from];
            let buyer = self.base.market.recipient_country(arc.to);
            let starts_empty = buyers.bought.get(&arc.to).is_none_or(|t| *t <= 0.0);
            let role = roles.contains(&seller.country) && roles.contains(&buyer);
            if arc.weight > 0.0 || !(starts_empty || role) {
                continue;
            }
            let neutral = self.base_capacity[arc.from]
                / self.stage_capacity.get(&seller.stage).copied().unwrap_or(1.0)
                * self.gravity(world, arc.from, buyer, buyers, means);
            self.base_weight[a] = if starts_empty { neutral } else { FIRST_CONTACT * neutral };
        }
    }

    /// A seller's closeness to all who buy what it sells, times what they buy.
    fn mean_closeness(&self, world: &World, from: usize, buyers: &Buyers) -> f64 {
        let market = &self.base.market;
        let seller = &market.nodes[from];
        let near = |to: Iso3| closeness(world, seller.country, to);
        buyers
            .bought
            .iter()
            .filter(|(to, _)| bought_stage(market, **to) == seller.stage)
            .map(|(&to, &tonnes)| tonnes * near(market.recipient_country(to)))
            .sum()
    }

    /// Closeness of a seller and a buyer over the seller's mean closeness to all who buy; `means` are those of all sellers.
    fn gravity(&self, world: &World, from: usize, buyer: Iso3, buyers: &Buyers, means: &[f64]) -> f64 {
        let seller = &self.base.market.nodes[from];
        let (mean, scale) = (means[from], buyers.total(seller.stage));
        if mean > 0.0 { closeness(world, seller.country, buyer) * scale / mean } else { 1.0 }
    }

    /// For each arc, the affinity of each project that may sell along it.
    fn new_affinities(&self, world: &World, buyers: &Buyers, means: &[f64]) -> Vec<Vec<RouteAffinity>> {
        self.base
            .market
            .arcs
            .iter()
            .map(|arc| {
                let stage = self.base.market.nodes[arc.from].stage;
                let buyer = self.base.market.recipient_country(arc.to);
                let mut affinities = Vec::new();
                for (position, site) in self.sites.iter().enumerate() {
                    let at_mine = site.mine.is_some_and(|(node, _)| node == arc.from);
                    let at_plant = site.refine.is_some_and(|(node, _)| node == arc.from);
                    if !(at_mine || at_plant) {
                        continue;
                    }
                    // A mine with its own refinery feeds it; other output follows its owners.
                    let feeds_own = at_mine && site.refine.is_some();
                    let share = if feeds_own {
                        f64::from(u8::from(site.refine.map(|(k, _)| Recipient::Node(k)) == Some(arc.to)))
                    } else {
                        site.project
                            .destination
                            .iter()
                            .filter(|(c, _)| *c == buyer)
                            .map(|(_, share)| share)
                            .sum()
                    };
                    let size = buyers.bought.get(&arc.to).copied().unwrap_or(0.0) / buyers.total(stage);
                    // A buyer that starts from nothing is as large as what is built for it.
                    let own = if size > 1e-4 { share / size } else { share * 1e2 };
                    let per_tonne =
                        self.stage_capacity.get(&stage).map_or(0.0, |capacity| 1.0 / capacity.max(1e-9));
                    let open =
                        if feeds_own { own } else { self.gravity(world, arc.from, buyer, buyers, means) };
                    affinities.push(RouteAffinity {
                        site: position,
                        open: open * per_tonne,
                        owned: own * per_tonne,
                    });
                }
                affinities
            })
            .collect()
    }
}
