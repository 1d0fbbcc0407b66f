//! How an equilibrium moves when its market does: the implicit function theorem on the solver's own Hessian.
//!
//! At an equilibrium the gradient `g(y, s)` of the market's convex function is zero. When a number `s` of the market
//! moves, prices and multipliers `y` follow with `dy/ds = -H⁻¹ ∂g/∂s` on the variables that are free to move, and
//! flows, output, use and delivered prices follow from both. One factor serves all shifts; each costs two passes over
//! the routes and one solution with the factor. `docs/src/nowcast.md` states every term.
//!
//! Payments that are held beside the convex function (ad valorem duties, floors of plants that buy ore) stay where
//! they are.

use super::{
    evaluate::stride,
    layout::{Activities, Layout},
    network::{LimitKind, Market, Recipient},
    solve::Solver,
};
use crate::base::linear::Factor;

/// A direction in which numbers of a market move. Logarithms of factors, but for tonnes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Shift {
    /// Use at base prices: user, logarithm of the factor.
    pub used: Vec<(usize, f64)>,
    /// Capacity: node, tranche, logarithm of the factor.
    pub capacity: Vec<(usize, usize, f64)>,
    /// Weight of an arc, logarithm of the factor.
    pub weight: Vec<(usize, f64)>,
    /// Level of prices that a node's curves are made for (base price, base margin and tastes), logarithm of the factor.
    pub node_level: Vec<(usize, f64)>,
    /// The same of a user's.
    pub user_level: Vec<(usize, f64)>,
    /// Tonnes of a limit.
    pub tonnes: Vec<(usize, f64)>,
}

/// How an equilibrium answers to a [`Shift`], per unit of it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Answer {
    /// Price of each node, USD/t; 0 where it cannot sell.
    pub price: Vec<f64>,
    /// Output of each node's product, tonnes.
    pub output: Vec<f64>,
    /// Delivered price of each user, USD/t; 0 where nobody can deliver.
    pub delivered: Vec<f64>,
    /// Use of each user, tonnes.
    pub used: Vec<f64>,
    /// Flow on each arc, tonnes.
    pub flow: Vec<f64>,
}

/// A shift in the order in which the solver walks the market.
#[derive(Debug, Default)]
struct Dense {
    buyer_level: Vec<f64>,
    used: Vec<f64>,
    weight: Vec<f64>,
    priced: Vec<(f64, f64)>,
    refining: Vec<(f64, f64)>,
    allowance: Vec<f64>,
}

impl Dense {
    fn of(shift: &Shift, market: &Market, layout: &Layout) -> Self {
        let mut node_level = vec![0.0; market.nodes.len()];
        shift.node_level.iter().for_each(|&(i, level)| node_level[i] += level);
        let mut user_level = vec![0.0; market.users.len()];
        shift.user_level.iter().for_each(|&(j, level)| user_level[j] += level);
        let mut used = vec![0.0; market.users.len()];
        shift.used.iter().for_each(|&(j, more)| used[j] += more);
        let mut weight = vec![0.0; market.arcs.len()];
        shift.weight.iter().for_each(|&(a, more)| weight[a] += more);
        let activities = |list: &Activities| {
            let one = |&(i, u): &(usize, usize)| {
                let capacity = shift.capacity.iter().filter(|&&(n, t, _)| (n, t) == (i, u));
                (capacity.map(|(.., more)| more).sum(), node_level[i])
            };
            list.place.iter().map(one).collect()
        };
        let level = |to| match to {
            Recipient::Node(k) => node_level[k],
            Recipient::User(j) => user_level[j],
        };
        let mut allowance = vec![0.0; market.limits.len()];
        for &(c, tonnes) in &shift.tonnes {
            allowance[c] += if market.limits[c].kind == LimitKind::Cap { tonnes } else { -tonnes };
        }
        Self {
            buyer_level: layout.buyers.iter().map(|buyer| buyer.recipient.map_or(0.0, level)).collect(),
            used: layout
                .buyers
                .iter()
                .map(|buyer| match buyer.recipient {
                    Some(Recipient::User(j)) => used[j],
                    _ => 0.0,
                })
                .collect(),
            weight: layout.arcs.iter().map(|&a| weight.get(a).copied().unwrap_or(0.0)).collect(),
            priced: activities(&layout.priced),
            refining: activities(&layout.refining),
            allowance,
        }
    }
}

/// What moves when the market moves along a [`Dense`] shift and the variables along a step.
#[derive(Debug, Default)]
struct Tangent {
    gradient: Vec<f64>,
    output: Vec<f64>,
    index: Vec<f64>,
    bought: Vec<f64>,
    flow: Vec<f64>,
}

impl Solver {
    /// How the last solution, which must have converged and be of this market, answers to each shift; nothing where the
    /// Hessian has no factor.
    pub fn answers(&mut self, market: &Market, shifts: &[Shift]) -> Option<Vec<Answer>> {
        let (layout, n) = (&self.layout, self.y.len());
        let nodes = layout.active_nodes.len();
        self.here.hessian(layout, &mut self.hessian);
        let stride = stride(n);
        let free: Vec<usize> = (0..n)
            .filter(|&v| self.hessian[v * stride + v] > f64::MIN_POSITIVE && (v < nodes || self.y[v] > 0.0))
            .collect();
        let mut factor = Factor::default();
        if !factor.factorise(&self.hessian, stride, &free) {
            return None;
        }
        let still = vec![0.0; n];
        let mut tangent = Tangent::default();
        shifts
            .iter()
            .map(|shift| {
                let dense = Dense::of(shift, market, &self.layout);
                self.tangent(&dense, &still, &mut tangent);
                let mut step: Vec<f64> = tangent.gradient.iter().map(|g| -g).collect();
                if !factor.solve(&mut step) {
                    return None;
                }
                self.tangent(&dense, &step, &mut tangent);
                Some(self.answer(market, &step, &tangent))
            })
            .collect()
    }

    fn answer(&self, market: &Market, step: &[f64], tangent: &Tangent) -> Answer {
        let layout = &self.layout;
        let mut answer = Answer {
            price: vec![0.0; market.nodes.len()],
            output: vec![0.0; market.nodes.len()],
            delivered: vec![0.0; market.users.len()],
            used: vec![0.0; market.users.len()],
            flow: vec![0.0; market.arcs.len()],
        };
        for (v, &i) in layout.active_nodes.iter().enumerate() {
            (answer.price[i], answer.output[i]) = (step[v], tangent.output[v]);
        }
        for (b, buyer) in layout.buyers.iter().enumerate() {
            if let Some(Recipient::User(j)) = buyer.recipient {
                (answer.delivered[j], answer.used[j]) = (tangent.index[b], tangent.bought[b]);
            }
        }
        for (place, a) in layout.open_arcs() {
            answer.flow[a] = tangent.flow[place];
        }
        answer
    }

    /// First-order change of everything along a shift of the market and a step of the variables. The state's terms must
    /// be shares, as the Hessian leaves them.
    fn tangent(&self, dense: &Dense, step: &[f64], found: &mut Tangent) {
        let (layout, here) = (&self.layout, &self.here);
        let nodes = layout.active_nodes.len();
        for (list, size) in [
            (&mut found.gradient, layout.size()),
            (&mut found.output, nodes),
            (&mut found.index, layout.buyers.len()),
            (&mut found.bought, layout.buyers.len()),
            (&mut found.flow, layout.arcs.len()),
        ] {
            list.clear();
            list.resize(size, 0.0);
        }
        for (t, &(capacity, level)) in dense.priced.iter().enumerate() {
            let made = &here.priced;
            let links = layout.priced.links_of(t);
            let revenue: f64 = links.iter().map(|&(v, tonnes)| tonnes * step[v]).sum();
            let more = made.slope[t] * (made.kept[t] * revenue - made.argument[t] * level)
                + made.output[t] * capacity;
            for &(v, tonnes) in links {
                found.output[v] += tonnes * more;
            }
        }
        for (b, buyer) in layout.buyers.iter().enumerate() {
            let landed = |position: usize| {
                let limits = layout.limits_of(position).iter();
                let (mut cost, mut move_by) =
                    (self.y[layout.from[position]] + self.wedges.cost[position], step[layout.from[position]]);
                for &(c, weight) in limits {
                    cost += weight * self.y[nodes + c];
                    move_by += weight * step[nodes + c];
                }
                (cost - here.index[b], move_by)
            };
            let taste = -dense.buyer_level[b];
            let index: f64 = buyer
                .places()
                .map(|position| {
                    let (over, move_by) = landed(position);
                    here.share[position] * (move_by - dense.weight[position] / buyer.theta + taste * over)
                })
                .sum();
            found.index[b] = index;
            let bought = if b < layout.plants {
                let mut bought = 0.0;
                for t in buyer.activities.0..buyer.activities.1 {
                    let (made, (capacity, level)) = (&here.refined, dense.refining[t]);
                    let links = layout.refining.links_of(t);
                    let revenue: f64 = links.iter().map(|&(v, tonnes)| tonnes * step[v]).sum();
                    let margin = revenue - buyer.per_tonne * index - made.argument[t] * level;
                    let more = made.slope[t] * margin + made.output[t] * capacity;
                    for &(v, tonnes) in links {
                        found.output[v] += tonnes * more;
                    }
                    bought += buyer.per_tonne * more;
                }
                bought
            } else {
                here.bought[b] * dense.used[b] - here.fall[b] * (index - here.index[b] * dense.buyer_level[b])
            };
            found.bought[b] = bought;
            for position in buyer.places() {
                let (over, move_by) = landed(position);
                let turn = dense.weight[position] - buyer.theta * (move_by - index + taste * over);
                found.flow[position] = here.share[position] * bought + here.flow[position] * turn;
            }
        }
        found.gradient[..nodes].copy_from_slice(&found.output);
        found.gradient[nodes..].copy_from_slice(&dense.allowance);
        for (position, flow) in found.flow.iter().enumerate() {
            found.gradient[layout.from[position]] -= flow;
            for &(c, weight) in layout.limits_of(position) {
                found.gradient[nodes + c] -= weight * flow;
            }
        }
    }
}
