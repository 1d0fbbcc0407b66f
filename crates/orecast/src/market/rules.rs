//! The rules of the format: what makes a market one that can be solved.

use super::network::{Feed, Market, Recipient};

/// Why a market cannot be solved as it is written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {problem}")]
pub struct InvalidMarket {
    /// Where, in the words of the JSON.
    pub place: String,
    /// What is wrong, and what would be right.
    pub problem: String,
}

fn positive(x: f64) -> bool {
    x.is_finite() && x > 0.0
}

fn not_negative(x: f64) -> bool {
    x.is_finite() && x >= 0.0
}

impl Market {
    /// Every way in which the numbers or indices break the rules of the format.
    pub fn problems(&self) -> Vec<InvalidMarket> {
        let mut found = Vec::new();
        let mut note = |place: String, problem: &str| {
            found.push(InvalidMarket { place, problem: problem.to_owned() });
        };
        self.check_nodes(&mut note);
        self.check_users(&mut note);
        self.check_arcs(&mut note);
        self.check_limits(&mut note);
        if let Some(k) = self.node_on_a_cycle() {
            note(format!("nodes[{k}]"), "a node must not buy, through others, what it sells itself");
        }
        found
    }

    fn check_nodes(&self, note: &mut impl FnMut(String, &str)) {
        for (i, node) in self.nodes.iter().enumerate() {
            let place = format!("nodes[{i}]");
            if !positive(node.base_price) {
                note(place.clone(), "base_price must be a positive number");
            }
            if let Some(s) = &node.sourcing
                && !(positive(s.recovery) && positive(s.theta) && positive(s.base_margin))
            {
                note(place.clone(), "recovery, theta and base_margin must be positive");
            }
            for (u, t) in node.tranches.iter().enumerate() {
                let place = format!("{place}.tranches[{u}]");
                if !(not_negative(t.capacity) && not_negative(t.drive) && not_negative(t.elasticity)) {
                    note(place.clone(), "capacity, drive and elasticity must be numbers of at least 0");
                }
                if !t.subsidy.is_finite() || t.floor.is_some_and(|f| !not_negative(f)) {
                    note(place.clone(), "subsidy must be a number, floor at least 0");
                }
                if !(0.0..=1.0).contains(&t.upside) {
                    note(place.clone(), "upside must lie between 0 and 1");
                }
                if t.feed == Feed::Ore && node.sourcing.is_none() {
                    note(place.clone(), "a tranche fed by ore needs the node's `sourcing`");
                }
                let fine = |j: &super::Joint| j.node < self.nodes.len() && j.node != i && positive(j.tonnes);
                if !t.joint.iter().all(fine) {
                    note(place, "a joint output needs the index of another node and tonnes above 0");
                }
            }
        }
    }

    fn check_users(&self, note: &mut impl FnMut(String, &str)) {
        for (j, user) in self.users.iter().enumerate() {
            let d = &user.demand;
            let fine = positive(user.base_price)
                && positive(user.theta)
                && not_negative(d.quantity)
                && not_negative(d.elasticity)
                && positive(d.backstop.multiple)
                && not_negative(d.backstop.elasticity);
            if !fine {
                note(
                    format!("users[{j}]"),
                    "base_price, theta and backstop.multiple must be positive, the rest at least 0",
                );
            }
        }
    }

    fn check_arcs(&self, note: &mut impl FnMut(String, &str)) {
        for (a, arc) in self.arcs.iter().enumerate() {
            let place = format!("arcs[{a}]");
            let Some(seller) = self.nodes.get(arc.from) else {
                note(place, "`from` must be the index of a node");
                continue;
            };
            let fits = match arc.to {
                Recipient::Node(k) => {
                    self.nodes.get(k).map(|n| n.sourcing.is_some() && seller.stage <= n.stage)
                }
                Recipient::User(j) => {
                    self.users.get(j).map(|u| u.stage == seller.stage && u.product == seller.product)
                }
            };
            match fits {
                Some(true) => {}
                Some(false) => note(
                    place.clone(),
                    "a user must buy what the seller sells, and a node that buys needs `sourcing` and a stage that \
                     is not before the seller's",
                ),
                None => note(place.clone(), "`to` must be the index of a node or a user"),
            }
            if !(not_negative(arc.weight) && arc.cost.is_finite() && arc.duty.is_finite() && arc.duty > -1.0)
            {
                note(place, "weight must be at least 0, cost a number, duty above -1");
            }
        }
    }

    fn check_limits(&self, note: &mut impl FnMut(String, &str)) {
        for (c, limit) in self.limits.iter().enumerate() {
            let place = format!("limits[{c}]");
            if !not_negative(limit.tonnes) || limit.arcs.iter().any(|&a| a >= self.arcs.len()) {
                note(place.clone(), "tonnes must be at least 0 and arcs must be indices of arcs");
            }
            let matched = limit.weights.is_empty() || limit.weights.len() == limit.arcs.len();
            if !(matched && limit.weights.iter().all(|w| w.is_finite())) {
                note(place, "weights must be numbers, one for each arc, or be left out");
            }
        }
    }

    /// A node that buys, directly or through others, what it makes; absent in a chain, where each step buys from
    /// earlier ones only.
    fn node_on_a_cycle(&self) -> Option<usize> {
        let mut suppliers = vec![0_usize; self.nodes.len()];
        let mut customers = vec![Vec::new(); self.nodes.len()];
        for arc in &self.arcs {
            if let Recipient::Node(k) = arc.to
                && k < self.nodes.len()
                && arc.from < self.nodes.len()
            {
                suppliers[k] += 1;
                customers[arc.from].push(k);
            }
        }
        let mut ready: Vec<usize> = (0..suppliers.len()).filter(|&i| suppliers[i] == 0).collect();
        while let Some(i) = ready.pop() {
            for &k in &customers[i] {
                suppliers[k] -= 1;
                if suppliers[k] == 0 {
                    ready.push(k);
                }
            }
        }
        suppliers.iter().position(|&left| left > 0)
    }
}
