//! Payments that are held while the convex function is minimised.

use super::{super::network::Market, Layout, refill};

/// Payments that depend on the price they are paid at, and so are not part of the convex function: they are held
/// while it is minimised, and moved until they agree with the prices that they lead to.
#[derive(Debug, Default, Clone)]
pub(in crate::market) struct Wedges {
    /// Cost and ad valorem duty on each open arc, USD/t.
    pub cost: Vec<f64>,
    /// What floors outside the curves add to the revenue of each priced, then each refining activity, USD/t.
    pub support: Vec<f64>,
}

impl Wedges {
    /// The payments at given prices.
    pub(in crate::market) fn set(&mut self, market: &Market, layout: &Layout, y: &[f64]) {
        let due = layout.duty.iter().zip(&layout.from).map(|(duty, &v)| duty * y[v]);
        refill(&mut self.cost, layout.cost.iter().zip(due).map(|(cost, due)| cost + due));
        let places = layout.priced.place.iter().chain(&layout.refining.place);
        refill(
            &mut self.support,
            places.map(|&(i, u)| {
                let t = &market.nodes[i].tranches[u];
                match layout.variable[i] {
                    Some(v) if t.floor_is_a_wedge() => t.guaranteed(y[v]) - y[v],
                    _ => 0.0,
                }
            }),
        );
    }

    /// Moves every payment the share `by` of the way to `target`.
    pub(in crate::market) fn approach(&mut self, target: &Self, by: f64) {
        let pairs = self.cost.iter_mut().zip(&target.cost);
        for (value, goal) in pairs.chain(self.support.iter_mut().zip(&target.support)) {
            *value += by * (goal - *value);
        }
    }
}
