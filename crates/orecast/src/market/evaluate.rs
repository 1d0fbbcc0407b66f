//! Excess supply and its slopes at given prices: the gradient and Hessian of the market's convex function
//!
//! `Φ(p, r, μ) = Σ_i ∫S_i + Σ_k ∫R_k(r_k − P_k/ρ_k) − Σ_j ∫^{P_j} D_j + Σ_c (cap_c or −floor_c)·μ_c`
//!
//! with `P_b = −(1/θ_b) ln Σ_a w_a exp(−θ_b e_a)` the cost index of buyer `b` over its arcs, and
//! `e_a = price + cost + Σ ±μ` the landed cost. Variables are the prices of active nodes, then one multiplier
//! for each limit.

use super::{
    curve::{demand, refining, supply},
    network::{Feed, LimitKind, Market, Node, Recipient},
};

/// The part of a market that can trade under its bans, in the order the solver walks it.
#[derive(Debug, Default)]
pub(super) struct Layout {
    /// Variable of each node, where the node can sell.
    pub variable: Vec<Option<usize>>,
    /// Nodes in variable order.
    pub active_nodes: Vec<usize>,
    /// Buyers with at least one open arc.
    pub buyers: Vec<Buyer>,
    /// Open arcs, grouped by buyer.
    pub arcs: Vec<usize>,
    /// Limits that touch each arc of `arcs`, as (limit, sign of the multiplier in the landed cost).
    pub limits_of: Vec<Vec<(usize, f64)>>,
}

/// One buyer and its slice of [`Layout::arcs`].
#[derive(Debug, Clone, Copy)]
pub(super) struct Buyer {
    pub recipient: Recipient,
    pub first: usize,
    pub last: usize,
}

impl Layout {
    /// Finds which nodes can sell and which buyers can buy. A node without an outlet, or without anything to sell,
    /// drops out, and may take others with it.
    pub(super) fn rebuild(&mut self, market: &Market) {
        let node_count = market.nodes.len();
        let has = |node: &Node, feed: Feed| node.tranches.iter().any(|t| t.feed == feed && t.capacity > 0.0);
        let mut sells: Vec<bool> =
            market.nodes.iter().map(|n| n.tranches.iter().any(|t| t.capacity > 0.0)).collect();
        let mut buys_ore: Vec<bool> = market.nodes.iter().map(|n| has(n, Feed::Ore)).collect();
        let used: Vec<bool> = market.users.iter().map(|u| u.demand.quantity > 0.0).collect();
        let mut closed: Vec<bool> = market.arcs.iter().map(|arc| arc.banned || arc.weight <= 0.0).collect();
        for limit in market.limits.iter().filter(|l| l.kind == LimitKind::Cap && l.tonnes <= 0.0) {
            limit.arcs.iter().for_each(|&a| closed[a] = true);
        }
        let open = |a: usize, sells: &[bool], buys_ore: &[bool]| {
            let arc = &market.arcs[a];
            let wanted = match arc.to {
                Recipient::Node(k) => buys_ore[k] && sells[k],
                Recipient::User(j) => used[j],
            };
            !closed[a] && sells[arc.from] && wanted
        };
        loop {
            let mut outlet = vec![false; node_count];
            let mut ore = vec![false; node_count];
            for a in 0..market.arcs.len() {
                if open(a, &sells, &buys_ore) {
                    outlet[market.arcs[a].from] = true;
                    if let Recipient::Node(k) = market.arcs[a].to {
                        ore[k] = true;
                    }
                }
            }
            let mut changed = false;
            for k in 0..node_count {
                let supplied = market.nodes[k]
                    .tranches
                    .iter()
                    .any(|t| t.capacity > 0.0 && (t.feed != Feed::Ore || ore[k]));
                if sells[k] && !(outlet[k] && supplied) {
                    sells[k] = false;
                    changed = true;
                }
                if buys_ore[k] && !ore[k] {
                    buys_ore[k] = false;
                    changed = true;
                }
            }
            if !changed {
                break;
            }
        }

        self.variable.clear();
        self.variable.resize(node_count, None);
        self.active_nodes.clear();
        for (i, &sells) in sells.iter().enumerate() {
            if sells {
                self.variable[i] = Some(self.active_nodes.len());
                self.active_nodes.push(i);
            }
        }
        self.arcs.clear();
        self.arcs.extend((0..market.arcs.len()).filter(|&a| open(a, &sells, &buys_ore)));
        self.arcs.sort_by_key(|&a| (market.arcs[a].to, a));
        self.buyers.clear();
        for (position, &a) in self.arcs.iter().enumerate() {
            let recipient = market.arcs[a].to;
            match self.buyers.last_mut() {
                Some(buyer) if buyer.recipient == recipient => buyer.last = position + 1,
                _ => self.buyers.push(Buyer { recipient, first: position, last: position + 1 }),
            }
        }
        self.limits_of.iter_mut().for_each(Vec::clear);
        self.limits_of.resize_with(self.arcs.len(), Vec::new);
        for (c, limit) in market.limits.iter().enumerate() {
            let sign = if limit.kind == LimitKind::Cap { 1.0 } else { -1.0 };
            for (position, a) in self.arcs.iter().enumerate() {
                if limit.arcs.contains(a) {
                    self.limits_of[position].push((c, sign));
                }
            }
        }
    }

    /// Number of variables: active nodes, then limits.
    pub(super) fn size(&self, market: &Market) -> usize {
        self.active_nodes.len() + market.limits.len()
    }
}

/// Payments that depend on the price they are paid at, and so are not part of the convex function: they are held
/// while it is minimised, and moved until they agree with the prices that they lead to.
#[derive(Debug, Default, Clone)]
pub(super) struct Wedges {
    /// Ad valorem duty on each open arc, USD/t.
    pub duty: Vec<f64>,
    /// What a floor adds to the price of each ore-fed tranche, USD/t, by node and tranche.
    pub support: Vec<Vec<f64>>,
}

impl Wedges {
    /// Whether any payment of this kind exists in the market.
    pub(super) fn any(market: &Market, layout: &Layout) -> bool {
        layout.arcs.iter().any(|&a| market.arcs[a].duty != 0.0)
            || market.nodes.iter().flat_map(|n| &n.tranches).any(|t| t.feed == Feed::Ore && t.floor.is_some())
    }

    /// The payments at given prices, or at base prices.
    pub(super) fn set(&mut self, market: &Market, layout: &Layout, y: Option<&[f64]>) {
        let price = |i: usize| match (y, layout.variable[i]) {
            (Some(y), Some(v)) => y[v],
            _ => market.nodes[i].base_price,
        };
        self.duty.clear();
        self.duty.extend(layout.arcs.iter().map(|&a| market.arcs[a].duty * price(market.arcs[a].from)));
        self.support.resize_with(market.nodes.len(), Vec::new);
        for (i, (node, support)) in market.nodes.iter().zip(&mut self.support).enumerate() {
            support.clear();
            support.extend(node.tranches.iter().map(|t| match (t.feed, t.floor) {
                (Feed::Ore, Some(floor)) => (floor - price(i)).max(0.0),
                _ => 0.0,
            }));
        }
    }

    /// Moves every payment the share `by` of the way to `target`.
    pub(super) fn approach(&mut self, target: &Self, by: f64) {
        let pairs = self.duty.iter_mut().zip(&target.duty);
        let support = self.support.iter_mut().flatten().zip(target.support.iter().flatten());
        for (value, goal) in pairs.chain(support) {
            *value += by * (goal - *value);
        }
    }
}

/// Everything that follows from the variables; buffers are kept between evaluations.
#[derive(Debug, Default)]
pub(super) struct State {
    /// Excess supply at each node, then slack of each limit.
    pub gradient: Vec<f64>,
    /// Output of each active node, in variable order.
    pub output: Vec<f64>,
    /// Flow on each open arc, in the layout's order, tonnes at the seller.
    pub flow: Vec<f64>,
    /// Cost index of each buyer, USD/t.
    pub index: Vec<f64>,
    /// Purchases of each buyer, tonnes.
    pub bought: Vec<f64>,
    /// Dense symmetric Hessian in column-major order, lower triangle filled.
    pub hessian: Vec<f64>,
    share: Vec<f64>,
    direction: Vec<f64>,
    touched: Vec<usize>,
}

impl State {
    /// Computes flows and the gradient at `y` under given wedges, and the Hessian if asked.
    pub(super) fn evaluate(
        &mut self,
        market: &Market,
        layout: &Layout,
        y: &[f64],
        wedges: &Wedges,
        with_hessian: bool,
    ) {
        let n = layout.size(market);
        let nodes = layout.active_nodes.len();
        self.gradient.clear();
        self.gradient.resize(n, 0.0);
        self.output.clear();
        self.output.resize(nodes, 0.0);
        self.flow.clear();
        self.flow.resize(layout.arcs.len(), 0.0);
        self.share.resize(layout.arcs.len(), 0.0);
        self.index.clear();
        self.bought.clear();
        self.direction.resize(n, 0.0);
        if with_hessian {
            self.hessian.clear();
            self.hessian.resize(n * n, 0.0);
        }
        for (c, limit) in market.limits.iter().enumerate() {
            self.gradient[nodes + c] =
                if limit.kind == LimitKind::Cap { limit.tonnes } else { -limit.tonnes };
        }

        for (v, &i) in layout.active_nodes.iter().enumerate() {
            let node = &market.nodes[i];
            for t in node.tranches.iter().filter(|t| t.feed != Feed::Ore && t.capacity > 0.0) {
                let price = t.producer_price(y[v]);
                let point = supply(t.capacity, t.drive, t.elasticity, node.base_price, price);
                self.output[v] += point.value;
                let free = t.floor.is_none_or(|floor| y[v] >= floor);
                if with_hessian && free {
                    self.hessian[v * n + v] += point.slope;
                }
            }
        }
        for buyer in &layout.buyers {
            self.buy(market, layout, *buyer, y, wedges, with_hessian);
        }
        for v in 0..nodes {
            self.gradient[v] += self.output[v];
        }
    }

    /// One buyer: its cost index, shares, purchases, and their part in gradient and Hessian.
    fn buy(
        &mut self,
        market: &Market,
        layout: &Layout,
        buyer: Buyer,
        y: &[f64],
        wedges: &Wedges,
        with_hessian: bool,
    ) {
        let n = layout.size(market);
        let nodes = layout.active_nodes.len();
        let theta = match buyer.recipient {
            Recipient::Node(k) => market.nodes[k].sourcing.map_or(1.0, |s| s.theta),
            Recipient::User(j) => market.users[j].theta,
        };
        let seller = |position: usize| layout.variable[market.arcs[layout.arcs[position]].from].unwrap_or(0);

        let mut cheapest = f64::INFINITY;
        for position in buyer.first..buyer.last {
            let arc = &market.arcs[layout.arcs[position]];
            let mut landed = y[seller(position)] + arc.cost + wedges.duty[position];
            for &(c, sign) in &layout.limits_of[position] {
                landed += sign * y[nodes + c];
            }
            self.share[position] = landed;
            cheapest = cheapest.min(landed);
        }
        let mut total = 0.0;
        for position in buyer.first..buyer.last {
            let weight = market.arcs[layout.arcs[position]].weight;
            let term = weight * (-theta * (self.share[position] - cheapest)).exp();
            self.share[position] = term;
            total += term;
        }
        let index = cheapest - total.ln() / theta;
        self.index.push(index);

        // Purchases q(P) and −dq/dP; for a refinery also the link to its own price.
        let (bought, fall, link) = match buyer.recipient {
            Recipient::User(j) => {
                let user = &market.users[j];
                let d = &user.demand;
                let point = demand(d.quantity, d.elasticity, d.backstop, user.base_price, index);
                (point.value, -point.slope, None)
            }
            Recipient::Node(k) => {
                let own = layout.variable[k].unwrap_or(0);
                let (output, slope, recovery) = refined(&market.nodes[k], &wedges.support[k], y[own], index);
                self.output[own] += output;
                if with_hessian {
                    self.hessian[own * n + own] += slope;
                }
                (output / recovery, slope / (recovery * recovery), Some((own, slope / recovery)))
            }
        };
        self.bought.push(bought);

        self.touched.clear();
        for position in buyer.first..buyer.last {
            let share = self.share[position] / total;
            self.share[position] = share;
            let flow = bought * share;
            self.flow[position] = flow;
            let v = seller(position);
            self.gradient[v] -= flow;
            for &(c, sign) in &layout.limits_of[position] {
                self.gradient[nodes + c] -= sign * flow;
            }
            if with_hessian {
                self.add_arc(position, v, nodes, n, bought * theta * share, &layout.limits_of[position]);
            }
        }
        if with_hessian {
            self.add_buyer(n, fall - bought * theta, link);
        }
    }

    /// The diagonal part `q θ w` of one arc, and its entry in the buyer's direction `u = Jᵀ w`.
    fn add_arc(
        &mut self,
        position: usize,
        v: usize,
        nodes: usize,
        n: usize,
        weight: f64,
        limits: &[(usize, f64)],
    ) {
        let share = self.share[position];
        self.hessian[v * n + v] += weight;
        self.touch(v, share);
        for &(c, sign) in limits {
            let m = nodes + c;
            self.touch(m, sign * share);
            add_lower(&mut self.hessian, n, v, m, weight * sign);
            for &(other, other_sign) in limits.iter().filter(|&&(other, _)| other <= c) {
                add_lower(&mut self.hessian, n, m, nodes + other, weight * sign * other_sign);
            }
        }
    }

    fn touch(&mut self, variable: usize, amount: f64) {
        if amount == 0.0 {
            return;
        }
        if self.direction[variable] == 0.0 {
            self.touched.push(variable);
        }
        self.direction[variable] += amount;
    }

    /// The rank-one part `(−q′ − qθ) u uᵀ` of a buyer, and a refinery's link between ore cost and own price.
    fn add_buyer(&mut self, n: usize, weight: f64, link: Option<(usize, f64)>) {
        for (position, &a) in self.touched.iter().enumerate() {
            let scaled = weight * self.direction[a];
            for &b in &self.touched[..=position] {
                add_lower(&mut self.hessian, n, a, b, scaled * self.direction[b]);
            }
            if let Some((own, slope)) = link {
                add_lower(&mut self.hessian, n, a, own, -slope * self.direction[a]);
            }
        }
        for &a in &self.touched {
            self.direction[a] = 0.0;
        }
    }
}

/// Output of a refinery's ore-fed tranches, its slope in the margin, and the recovery.
fn refined(node: &Node, support: &[f64], price: f64, ore_cost: f64) -> (f64, f64, f64) {
    let Some(sourcing) = node.sourcing else { return (0.0, 0.0, 1.0) };
    let (mut output, mut slope) = (0.0, 0.0);
    let tranches = node.tranches.iter().zip(support);
    for (t, support) in tranches.filter(|(t, _)| t.feed == Feed::Ore && t.capacity > 0.0) {
        let margin = price + t.subsidy + support - ore_cost / sourcing.recovery;
        let point = refining(t.capacity, t.drive, t.elasticity, sourcing.base_margin, margin);
        output += point.value;
        slope += point.slope;
    }
    (output, slope, sourcing.recovery)
}

/// Output of one tranche at given prices, tonnes.
pub(super) fn tranche_output(node: &Node, tranche: usize, price: f64, ore_cost: f64) -> f64 {
    let t = &node.tranches[tranche];
    if t.capacity <= 0.0 {
        return 0.0;
    }
    let received = t.producer_price(price);
    match (t.feed, node.sourcing) {
        (Feed::Ore, Some(s)) => {
            let margin = received - ore_cost / s.recovery;
            refining(t.capacity, t.drive, t.elasticity, s.base_margin, margin).value
        }
        (Feed::Ore, None) => 0.0,
        _ => supply(t.capacity, t.drive, t.elasticity, node.base_price, received).value,
    }
}

fn add_lower(hessian: &mut [f64], n: usize, row: usize, column: usize, amount: f64) {
    let (low, high) = if row < column { (row, column) } else { (column, row) };
    hessian[low * n + high] += amount;
}
