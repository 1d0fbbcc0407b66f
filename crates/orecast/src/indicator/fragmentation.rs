//! Whether the world trades across blocs or within them.

use super::{dependence::Pick, view::View};
use crate::world::table::Stage;

/// Share of cross-border trade of what a stage sells that stays on one side of the line between a bloc and everyone else,
/// 0 to 1. Absent where nothing crosses a border.
pub fn trade_inside(view: &View<'_>, stage: Stage, bloc: Pick<'_>) -> Option<f64> {
    let (mut inside, mut all) = (0.0, 0.0);
    for flow in view.flows_at(stage) {
        let origin = view.origin(flow);
        if origin != flow.buyer {
            all += flow.tonnes;
            inside += if bloc(origin) == bloc(flow.buyer) { flow.tonnes } else { 0.0 };
        }
    }
    (all > 0.0).then(|| inside / all)
}

/// What users outside a bloc pay over what users inside pay, less 1: means of delivered prices over what each buys.
/// Absent where either side buys nothing at a known price.
pub fn price_gap(view: &View<'_>, stage: Stage, bloc: Pick<'_>) -> Option<f64> {
    let mut sides = [(0.0, 0.0); 2];
    for flow in view.flows_at(stage) {
        let crate::market::Recipient::User(user) = flow.to else { continue };
        if let Some(price) = view.users[user].price {
            let side = &mut sides[usize::from(bloc(flow.buyer))];
            side.0 += flow.tonnes * price;
            side.1 += flow.tonnes;
        }
    }
    let [outside, inside] = sides.map(|(value, tonnes)| (tonnes > 0.0).then(|| value / tonnes));
    Some(outside? / inside? - 1.0)
}
