//! The part of a market that can trade under its conditions, as arrays in the order in which the solver walks them.
//! Buffers are kept from one market to the next: a rebuild allocates only when a market is larger than any before.

mod activities;
mod shape;
mod wedges;

pub(super) use activities::Activities;
pub(super) use wedges::Wedges;

use super::network::{Feed, LimitKind, Market, Recipient, User};

/// Users that can buy, as columns in the order of their buyers.
#[derive(Debug, Default)]
pub(super) struct Users {
    pub quantity: Vec<f64>,
    pub elasticity: Vec<f64>,
    pub multiple: Vec<f64>,
    pub beyond: Vec<f64>,
    pub base: Vec<f64>,
}

/// Buyers that stand side by side.
pub(super) const LANES: usize = 4;
/// Cost of the empty places beside shorter lists of arcs, USD/t: nothing comes that way.
const NO_WAY: f64 = 1e300;
/// The arc of an empty place.
const NO_ARC: usize = usize::MAX;

/// One buyer and its places among the open arcs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Buyer {
    /// Absent for a buyer that only fills up its group.
    pub recipient: Option<Recipient>,
    /// Place of its first arc; the others follow [`LANES`] apart.
    pub first: usize,
    /// Number of its arcs.
    pub count: usize,
    pub theta: f64,
    /// Tonnes bought for each tonne made; 0 for users.
    pub per_tonne: f64,
    /// Its activities, a range of [`Layout::refining`]; empty for users.
    pub activities: (usize, usize),
    /// Whether no limit touches its arcs.
    pub plain: bool,
}

impl Buyer {
    /// Places of its arcs.
    #[inline]
    pub(super) fn places(&self) -> impl Iterator<Item = usize> + use<> {
        (self.first..).step_by(LANES).take(self.count)
    }
}

/// The live market.
#[derive(Debug, Default)]
pub(super) struct Layout {
    /// Variable of each node, where the node can sell.
    pub variable: Vec<Option<usize>>,
    /// Nodes in variable order.
    pub active_nodes: Vec<usize>,
    /// Size that moves of each variable are measured by: base price of a node, highest base price that a limit touches.
    pub base: Vec<f64>,
    /// Tranches that answer to a price.
    pub priced: Activities,
    /// Tranches that answer to a margin, in the order of the buyers.
    pub refining: Activities,
    pub users: Users,
    /// Buyers with at least one open arc, nodes first, and their tastes as a column. Nodes and users are filled up to whole
    /// groups of [`LANES`], and within each those with most arcs come first.
    pub buyers: Vec<Buyer>,
    pub theta: Vec<f64>,
    /// Number of places for buyers that are nodes.
    pub plants: usize,
    /// End of each group's arcs, in rows of [`LANES`].
    pub rows: Vec<usize>,
    /// Open arcs by group, a row of one arc of each buyer after another, and their columns: variable of the seller,
    /// weight, cost, duty. Empty places have no weight.
    pub arcs: Vec<usize>,
    pub from: Vec<usize>,
    pub weight: Vec<f64>,
    pub cost: Vec<f64>,
    pub duty: Vec<f64>,
    /// Limits that touch the open arcs: limit and weight in its sum (negative for floors); those of one arc lie between
    /// two entries of `limit_first`.
    pub limits: Vec<(usize, f64)>,
    pub limit_first: Vec<usize>,
    /// What the multiplier of each limit earns: tonnes of a cap, minus tonnes of a floor.
    pub allowance: Vec<f64>,
    /// Whether any duty, or any floor outside the curves, calls for rounds.
    pub wedges: bool,
    /// Whether any tranche has a floor.
    pub floors: bool,
    shape: Vec<u64>,
    next_shape: Vec<u64>,
    order: Vec<usize>,
    open: Vec<usize>,
    runs: Vec<Run>,
    position: Vec<usize>,
    touched: Vec<(usize, usize, f64)>,
    closed: Vec<bool>,
    sells: Vec<bool>,
    supplied: Vec<bool>,
    buys: Vec<bool>,
    outlet: Vec<bool>,
    offered: Vec<bool>,
}

/// The open arcs of one buyer, in the order of [`Layout::open`].
#[derive(Debug, Clone, Copy)]
struct Run {
    to: Recipient,
    first: usize,
    count: usize,
}

/// Empties and refills a buffer.
fn refill<T>(buffer: &mut Vec<T>, values: impl Iterator<Item = T>) {
    buffer.clear();
    buffer.extend(values);
}

impl Layout {
    /// Number of variables: active nodes, then limits.
    pub(super) fn size(&self) -> usize {
        self.base.len()
    }

    /// Open arcs with their places.
    pub(super) fn open_arcs(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        self.arcs.iter().copied().enumerate().filter(|&(_, a)| a != NO_ARC)
    }

    /// Limits that touch the open arc at a position, with its weight in their sums.
    pub(super) fn limits_of(&self, position: usize) -> &[(usize, f64)] {
        &self.limits[self.limit_first[position]..self.limit_first[position + 1]]
    }

    /// Lays out what can trade. A node without an outlet, or without anything to sell, drops out, and may take others
    /// with it; so does a buyer that no seller reaches.
    pub(super) fn rebuild(&mut self, market: &Market) {
        self.close(market);
        if self.keeps_its_shape(market) {
            self.refresh(market);
        } else {
            self.drop_out(market);
            self.number_nodes(market);
            self.lay_arcs(market);
        }
        self.lay_limits(market);
        self.lay_activities(market);
    }

    /// Arcs that nothing can pass: banned, without weight, to a user without use, or under a cap of nothing.
    fn close(&mut self, market: &Market) {
        let used = |to| !matches!(to, Recipient::User(j) if market.users[j].demand.quantity <= 0.0);
        refill(
            &mut self.closed,
            market.arcs.iter().map(|arc| arc.banned || arc.weight <= 0.0 || !used(arc.to)),
        );
    }

    /// Closes arcs that a limit leaves nothing for: those that count towards a cap of zero when no open arc counts
    /// against it. Returns whether any arc closed.
    fn close_by_limits(&mut self, market: &Market) -> bool {
        let mut changed = false;
        for limit in &market.limits {
            let sign = if limit.kind == LimitKind::Cap { 1.0 } else { -1.0 };
            if sign * limit.tonnes > 0.0 {
                continue;
            }
            let closed = &mut self.closed;
            if limit.terms().any(|(a, weight)| sign * weight < 0.0 && !closed[a])
                || (limit.kind == LimitKind::Floor && limit.tonnes > 0.0)
            {
                continue;
            }
            for (a, weight) in limit.terms() {
                changed |= sign * weight > 0.0 && !closed[a];
                closed[a] |= sign * weight > 0.0;
            }
        }
        changed
    }

    fn drop_out(&mut self, market: &Market) {
        let count = market.nodes.len();
        self.sells.clear();
        self.sells.resize(count, true);
        refill(
            &mut self.buys,
            market.nodes.iter().map(|n| n.tranches.iter().any(|t| t.feed == Feed::Ore && t.capacity > 0.0)),
        );
        loop {
            let mut changed = !market.limits.is_empty() && self.close_by_limits(market);
            self.supplied.clear();
            self.supplied.resize(count, false);
            for (i, node) in market.nodes.iter().enumerate() {
                for t in &node.tranches {
                    if t.capacity > 0.0 && (t.feed != Feed::Ore || self.buys[i]) {
                        self.supplied[i] = true;
                        t.joint.iter().for_each(|j| self.supplied[j.node] = true);
                    }
                }
            }
            self.outlet.clear();
            self.outlet.resize(count, false);
            self.offered.clear();
            self.offered.resize(count, false);
            for (arc, closed) in market.arcs.iter().zip(&mut self.closed) {
                if *closed {
                    continue;
                }
                let wanted = match arc.to {
                    Recipient::Node(k) => self.buys[k],
                    Recipient::User(_) => true,
                };
                if !(wanted && self.sells[arc.from] && self.supplied[arc.from]) {
                    *closed = true;
                    changed = true;
                    continue;
                }
                self.outlet[arc.from] = true;
                if let Recipient::Node(k) = arc.to {
                    self.offered[k] = true;
                }
            }
            for k in 0..count {
                let sells = self.sells[k] && self.outlet[k] && self.supplied[k];
                changed |= sells != self.sells[k];
                self.sells[k] = sells;
            }
            for (k, node) in market.nodes.iter().enumerate() {
                if !self.buys[k] {
                    continue;
                }
                let useful = self.sells[k]
                    || node.tranches.iter().any(|t| {
                        t.feed == Feed::Ore && t.capacity > 0.0 && t.joint.iter().any(|j| self.sells[j.node])
                    });
                let buys = self.offered[k] && useful;
                changed |= !buys;
                self.buys[k] = buys;
            }
            if !changed {
                return;
            }
        }
    }

    fn number_nodes(&mut self, market: &Market) {
        self.variable.clear();
        self.active_nodes.clear();
        self.base.clear();
        for (i, &sells) in self.sells.iter().enumerate() {
            self.variable.push(sells.then_some(self.active_nodes.len()));
            if sells {
                self.active_nodes.push(i);
                self.base.push(market.nodes[i].base_price);
            }
        }
    }

    fn lay_arcs(&mut self, market: &Market) {
        let key = |&a: &usize| (market.arcs[a].to, market.arcs[a].from, a);
        if self.order.len() != market.arcs.len() || !self.order.is_sorted_by_key(key) {
            refill(&mut self.order, 0..market.arcs.len());
            self.order.sort_unstable_by_key(key);
        }
        self.open.clear();
        self.runs.clear();
        for &a in self.order.iter().filter(|&&a| !self.closed[a]) {
            let arc = &market.arcs[a];
            if self.variable[arc.from].is_none() {
                continue;
            }
            match self.runs.last_mut() {
                Some(run) if run.to == arc.to => run.count += 1,
                _ => self.runs.push(Run { to: arc.to, first: self.open.len(), count: 1 }),
            }
            self.open.push(a);
        }
        let plants = self.runs.iter().take_while(|run| matches!(run.to, Recipient::Node(_))).count();
        for runs in [0..plants, plants..self.runs.len()] {
            // Buyers of one stage stand together: they share sellers.
            let stage = |to| match to {
                Recipient::Node(k) => market.nodes[k].stage,
                Recipient::User(j) => market.users[j].stage,
            };
            self.runs[runs]
                .sort_unstable_by_key(|run| (stage(run.to), std::cmp::Reverse(run.count), run.first));
        }
        for column in [&mut self.weight, &mut self.cost, &mut self.duty, &mut self.theta] {
            column.clear();
        }
        self.arcs.clear();
        self.from.clear();
        self.buyers.clear();
        self.rows.clear();
        for first in (0..plants).step_by(LANES) {
            self.lay_group(market, first..plants.min(first + LANES));
        }
        self.plants = self.buyers.len();
        for first in (plants..self.runs.len()).step_by(LANES) {
            self.lay_group(market, first..self.runs.len().min(first + LANES));
        }
    }

    /// Lays the arcs of a few buyers side by side.
    fn lay_group(&mut self, market: &Market, runs: std::ops::Range<usize>) {
        let start = self.arcs.len();
        let rows = self.runs[runs.clone()].iter().map(|run| run.count).max().unwrap_or(0);
        let places = start + rows * LANES;
        self.arcs.resize(places, NO_ARC);
        let seller =
            self.open.get(self.runs[runs.start].first).and_then(|&a| self.variable[market.arcs[a].from]);
        self.from.resize(places, seller.unwrap_or_default());
        self.weight.resize(places, 0.0);
        self.cost.resize(places, NO_WAY);
        self.duty.resize(places, 0.0);
        self.rows.push(places / LANES);
        for lane in 0..LANES {
            let first = start + lane;
            let Some(&run) = self.runs[runs.clone()].get(lane) else {
                // It takes nothing, at the price of the first seller.
                (self.weight[first], self.cost[first]) = (1.0, 0.0);
                self.theta.push(1.0);
                self.buyers.push(Buyer {
                    recipient: None,
                    first,
                    count: 0,
                    theta: 1.0,
                    per_tonne: 0.0,
                    activities: (0, 0),
                    plain: true,
                });
                continue;
            };
            let (theta, per_tonne) = shape::taste(market, run.to);
            for (row, &a) in self.open[run.first..][..run.count].iter().enumerate() {
                let (place, arc) = (first + row * LANES, &market.arcs[a]);
                let from = self.variable[arc.from].unwrap_or_default();
                self.arcs[place] = a;
                self.from[place] = from;
                self.weight[place] = arc.weight;
                self.cost[place] = arc.cost;
                self.duty[place] = arc.duty;
            }
            self.theta.push(theta);
            self.buyers.push(Buyer {
                recipient: Some(run.to),
                first,
                count: run.count,
                theta,
                per_tonne,
                activities: (0, 0),
                plain: true,
            });
        }
    }

    fn lay_limits(&mut self, market: &Market) {
        self.limits.clear();
        self.limit_first.clear();
        self.limit_first.resize(self.arcs.len() + 1, 0);
        self.allowance.clear();
        if market.limits.is_empty() {
            return;
        }
        self.position.clear();
        self.position.resize(market.arcs.len(), usize::MAX);
        for (position, &a) in self.arcs.iter().enumerate().filter(|(_, a)| **a != NO_ARC) {
            self.position[a] = position;
        }
        self.touched.clear();
        for (c, limit) in market.limits.iter().enumerate() {
            let sign = if limit.kind == LimitKind::Cap { 1.0 } else { -1.0 };
            self.allowance.push(sign * limit.tonnes);
            let sellers = limit.arcs.iter().map(|&a| market.nodes[market.arcs[a].from].base_price);
            self.base.push(sellers.fold(0.0, f64::max));
            let open = limit.terms().filter(|&(a, weight)| weight != 0.0 && self.position[a] != usize::MAX);
            self.touched.extend(open.map(|(a, weight)| (self.position[a], c, sign * weight)));
        }
        self.touched.sort_unstable_by_key(|&(position, c, _)| (position, c));
        for &(position, c, weight) in &self.touched {
            self.limit_first[position + 1] += 1;
            self.limits.push((c, weight));
        }
        for position in 0..self.arcs.len() {
            self.limit_first[position + 1] += self.limit_first[position];
        }
        for buyer in &mut self.buyers {
            let limited = |place: usize| self.limit_first[place] < self.limit_first[place + 1];
            buyer.plain &= !buyer.places().any(limited);
        }
    }

    fn lay_activities(&mut self, market: &Market) {
        self.priced.clear();
        self.refining.clear();
        self.floors = false;
        self.wedges = self.duty.iter().any(|&duty| duty != 0.0);
        for (i, node) in market.nodes.iter().enumerate() {
            for (u, t) in node.tranches.iter().enumerate().filter(|(_, t)| t.capacity > 0.0) {
                let sold = self.sells[i] || t.joint.iter().any(|j| self.sells[j.node]);
                if t.feed != Feed::Ore && sold {
                    self.priced.push(market, &self.variable, i, u);
                }
                self.floors |= t.floor.is_some();
                self.wedges |= t.floor.is_some() && t.floor_is_a_wedge();
            }
        }
        for buyer in &mut self.buyers[..self.plants] {
            let Some(Recipient::Node(k)) = buyer.recipient else { continue };
            let first = self.refining.len();
            for (u, t) in market.nodes[k].tranches.iter().enumerate() {
                let sold = self.sells[k] || t.joint.iter().any(|j| self.sells[j.node]);
                if t.feed == Feed::Ore && t.capacity > 0.0 && sold {
                    self.refining.push(market, &self.variable, k, u);
                }
            }
            buyer.activities = (first, self.refining.len());
        }
        let users = &mut self.users;
        let columns = [
            &mut users.quantity,
            &mut users.elasticity,
            &mut users.multiple,
            &mut users.beyond,
            &mut users.base,
        ];
        columns.into_iter().for_each(Vec::clear);
        for buyer in &self.buyers[self.plants..] {
            let column = match buyer.recipient {
                Some(Recipient::User(j)) => {
                    let User { base_price, demand, .. } = &market.users[j];
                    let backstop = demand.backstop;
                    [demand.quantity, demand.elasticity, backstop.multiple, backstop.elasticity, *base_price]
                }
                _ => [0.0, 0.0, 1.0, 0.0, 1.0],
            };
            users.quantity.push(column[0]);
            users.elasticity.push(column[1]);
            users.multiple.push(column[2]);
            users.beyond.push(column[3]);
            users.base.push(column[4]);
        }
    }
}
