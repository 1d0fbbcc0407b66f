//! What decides which parts of a market can trade: while it stays the same, a layout is only filled anew.

use super::{
    super::network::{Feed, LimitKind, Market, Recipient},
    Layout, NO_ARC,
};

impl Layout {
    /// Notes the shape of the market; whether it is that of the last one.
    pub(super) fn keeps_its_shape(&mut self, market: &Market) -> bool {
        let shape = &mut self.next_shape;
        shape.clear();
        shape.extend([market.nodes.len(), market.users.len(), market.arcs.len()].map(|n| n as u64));
        for (arc, &closed) in market.arcs.iter().zip(&self.closed) {
            let (to, stage) = match arc.to {
                Recipient::Node(k) => (2 * k, market.nodes[k].stage),
                Recipient::User(j) => (2 * j + 1, market.users[j].stage),
            };
            let ends = (arc.from as u64) << 32 | (to as u64) << 2;
            shape.push(ends | u64::from(closed) << 1 | u64::from(stage as u8));
        }
        for node in &market.nodes {
            shape.push(node.tranches.len() as u64);
            for t in &node.tranches {
                let (ore, open) = (u64::from(t.feed == Feed::Ore), u64::from(t.capacity > 0.0));
                shape.push((t.joint.len() as u64) << 2 | ore << 1 | open);
                shape.extend(t.joint.iter().map(|joint| joint.node as u64));
            }
        }
        for limit in &market.limits {
            let (cap, open) = (u64::from(limit.kind == LimitKind::Cap), u64::from(limit.tonnes > 0.0));
            shape.push((limit.arcs.len() as u64) << 2 | cap << 1 | open);
            shape.extend(limit.terms().flat_map(|(a, weight)| [a as u64, weight.to_bits()]));
        }
        let same = self.next_shape == self.shape;
        std::mem::swap(&mut self.shape, &mut self.next_shape);
        same
    }

    /// Fills in the numbers of a market of the same shape.
    pub(super) fn refresh(&mut self, market: &Market) {
        self.base.clear();
        self.base.extend(self.active_nodes.iter().map(|&i| market.nodes[i].base_price));
        let columns = self.weight.iter_mut().zip(&mut self.cost).zip(&mut self.duty);
        for (((weight, cost), duty), &a) in columns.zip(&self.arcs) {
            if a != NO_ARC {
                let arc = &market.arcs[a];
                (*weight, *cost, *duty) = (arc.weight, arc.cost, arc.duty);
            }
        }
        for (buyer, theta) in self.buyers.iter_mut().zip(&mut self.theta) {
            if let Some(to) = buyer.recipient {
                (buyer.theta, buyer.per_tonne) = taste(market, to);
                *theta = buyer.theta;
            }
            buyer.plain = true;
        }
    }
}

/// A buyer's taste for the cheapest source, and the tonnes it buys for each tonne that it makes.
pub(super) fn taste(market: &Market, buyer: Recipient) -> (f64, f64) {
    match buyer {
        Recipient::Node(k) => market.nodes[k].sourcing.map_or((1.0, 1.0), |s| (s.theta, s.recovery.recip())),
        Recipient::User(j) => (market.users[j].theta, 0.0),
    }
}
