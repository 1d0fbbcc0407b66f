//! Whether the world trades across blocs or within them.

use super::{dependence::Pick, view::View};
use crate::{
    base::{id::MineralId, unit::Stage},
    world::World,
};

/// Share of a stage's recorded trade that each side must buy for its customs values to be compared.
const LEAST_SIDE: f64 = 0.01;

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

/// Customs value a tonne of what countries outside a bloc import over that of what its members import, less 1: the price gap
/// that observations show. Grades and forms differ between buyers, so a gap of one mineral may be one of quality. Absent
/// where either side imports less than 1 % of the tonnes that have a value.
pub fn customs_gap(
    world: &World,
    mineral: &MineralId,
    stage: Stage,
    year: i32,
    bloc: Pick<'_>,
) -> Option<f64> {
    let mut sides = [(0.0, 0.0); 2];
    for flow in world.flows(mineral, stage, year) {
        if let (Some(tonnes), Some(kusd)) = (flow.tonnes, flow.kusd)
            && tonnes > 0.0
        {
            let side = &mut sides[usize::from(bloc(flow.importer))];
            side.0 += kusd;
            side.1 += tonnes;
        }
    }
    let all = sides[0].1 + sides[1].1;
    let [outside, inside] =
        sides.map(|(value, tonnes)| (value > 0.0 && tonnes > LEAST_SIDE * all).then(|| value / tonnes));
    Some(outside? / inside? - 1.0)
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
