//! How a search ended: its certificate, its status, and the solution as it is handed out.

use super::{
    super::{
        evaluate::State,
        layout::Layout,
        network::{LimitKind, Market},
        outcome::{Certificate, Equilibrium},
    },
    Ending, Solver, TOLERANCE,
};

/// Support of a committed flow, over the base price, that shows that nothing will deliver it.
const HOPELESS_SUPPORT: f64 = 1e4;
/// Price below zero, over the base price, that shows that nobody takes what a floor price holds.
const HOPELESS_PRICE: f64 = 50.0;
/// Price change against the base beyond which a node has left the range that its curves were made for.
const CALIBRATED_RATIO: f64 = 5.0;

impl Solver {
    /// Copies out the last solution.
    pub(in crate::market) fn equilibrium(&self, market: &Market, ending: Ending) -> Equilibrium {
        let (layout, here) = (&self.layout, &self.here);
        let nodes = layout.active_nodes.len();
        let price: Vec<Option<f64>> = (0..market.nodes.len()).map(|i| self.price(i)).collect();
        let mut flow = vec![0.0; market.arcs.len()];
        self.flows().for_each(|(a, tonnes)| flow[a] = tonnes);
        let mut used = vec![0.0; market.users.len()];
        let mut delivered_price = vec![None; market.users.len()];
        for (j, tonnes, paid) in self.purchases() {
            used[j] = tonnes;
            delivered_price[j] = Some(paid);
        }
        let mut output: Vec<Vec<f64>> = market.nodes.iter().map(|n| vec![0.0; n.tranches.len()]).collect();
        let mut by_product = Vec::new();
        let made = [(&layout.priced, &here.priced), (&layout.refining, &here.refined)];
        for (activities, made) in made {
            for (&(i, u), &tonnes) in activities.place.iter().zip(&made.output) {
                output[i][u] = tonnes;
                for joint in &market.nodes[i].tranches[u].joint {
                    by_product.resize(market.nodes.len(), 0.0);
                    by_product[joint.node] += joint.tonnes * tonnes;
                }
            }
        }
        let beyond_range = (0..market.nodes.len())
            .filter(|&i| {
                price[i].is_some_and(|p| {
                    let ratio = p / market.nodes[i].base_price;
                    !(1.0 / CALIBRATED_RATIO..=CALIBRATED_RATIO).contains(&ratio)
                })
            })
            .collect();
        let certificate = Certificate {
            excess: ending.excess,
            limits: limit_residual(market, layout, here, &self.y),
            iterations: ending.iterations,
            beyond_range,
        };
        Equilibrium {
            status: ending.status,
            price,
            output,
            by_product,
            flow,
            used,
            delivered_price,
            multiplier: self.y[nodes..].to_vec(),
            certificate,
        }
    }

    /// Whether the support of a committed flow has left all bounds.
    pub(super) fn floor_is_hopeless(&self, market: &Market) -> bool {
        let nodes = self.layout.active_nodes.len();
        market.limits.iter().enumerate().any(|(c, limit)| {
            let v = nodes + c;
            limit.kind == LimitKind::Floor && self.y[v] > HOPELESS_SUPPORT * self.layout.base[v]
        })
    }

    /// Whether a guaranteed price holds output that nobody takes even when paid for it.
    pub(super) fn glut_is_hopeless(&self, market: &Market) -> bool {
        self.layout.floors
            && self.layout.active_nodes.iter().enumerate().any(|(v, &i)| {
                let node = &market.nodes[i];
                let held = node.tranches.iter().any(|t| t.floor.is_some() && t.capacity > 0.0);
                held && self.y[v] < -HOPELESS_PRICE * node.base_price
            })
    }

    /// Whether a guaranteed price above the market's leaves output unsold.
    pub(super) fn floor_holds_a_glut(&self, market: &Market) -> bool {
        let unsold = self.layout.active_nodes.iter().enumerate().any(|(v, &i)| {
            let held = market.nodes[i].tranches.iter().any(|t| t.floor.is_some_and(|f| f > self.y[v]));
            held && self.here.gradient[v] > TOLERANCE * self.here.output[v]
        });
        unsold || self.glut_is_hopeless(market)
    }

    /// Whether a committed flow is short of its tonnes.
    pub(super) fn floor_is_short(&self, market: &Market) -> bool {
        let nodes = self.layout.active_nodes.len();
        market.limits.iter().enumerate().any(|(c, limit)| {
            let size = limit.tonnes.max(self.here.moved[c]);
            limit.kind == LimitKind::Floor && -self.here.gradient[nodes + c] > TOLERANCE * size
        })
    }
}

/// Largest relative excess over nodes and limits.
pub(super) fn residual(market: &Market, layout: &Layout, state: &State, y: &[f64]) -> f64 {
    let least = (1e-6 * state.world).max(f64::MIN_POSITIVE);
    let excess = state
        .gradient
        .iter()
        .zip(&state.output)
        .map(|(g, output)| g.abs() / output.max(output - g).max(least))
        .fold(0.0, max_or_nan);
    max_or_nan(excess, limit_residual(market, layout, state, y))
}

/// Largest broken limit, or slack of a limit that still has a price, over the limit's size: its tonnes, or the flows it
/// weighs where those are more.
fn limit_residual(market: &Market, layout: &Layout, state: &State, y: &[f64]) -> f64 {
    let nodes = layout.active_nodes.len();
    let least = (1e-6 * state.world).max(f64::MIN_POSITIVE);
    market
        .limits
        .iter()
        .enumerate()
        .map(|(c, limit)| {
            let slack = state.gradient[nodes + c];
            let broken = if y[nodes + c] > 0.0 { slack.abs() } else { (-slack).max(0.0) };
            broken / limit.tonnes.max(state.moved[c]).max(least)
        })
        .fold(0.0, max_or_nan)
}

/// The larger of two numbers; not a number if either is not, so that nothing hides.
fn max_or_nan(a: f64, b: f64) -> f64 {
    if a.is_nan() || b.is_nan() { f64::NAN } else { a.max(b) }
}
