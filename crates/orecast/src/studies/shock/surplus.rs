//! What a change of price is worth to those who use and those who make: areas beside the curves.

use crate::market::{Feed, Node, Tranche, User, curve};

/// Price over the base price beyond which a use counts as worth nothing: the area under the curve ends there.
pub(super) const CHOKE: f64 = 20.0;
/// Margin, over the base margin, under which a refinery's output is nil for all purposes.
const LOWEST_MARGIN: f64 = -0.5;
/// Nodes and weights of Gauss and Legendre's rule of 8 points on -1 to 1, positive half.
const GAUSS: [(f64, f64); 4] = [
    (0.183_434_642_495_649_8, 0.362_683_783_378_362),
    (0.525_532_409_916_329, 0.313_706_645_877_887_3),
    (0.796_666_477_413_626_7, 0.222_381_034_453_374_48),
    (0.960_289_856_497_536_2, 0.101_228_536_290_376_26),
];
/// Pieces that an area is cut into.
const PIECES: u32 = 4;

/// `∫ f` from `from` to `to`.
fn integral(from: f64, to: f64, f: impl Fn(f64) -> f64) -> f64 {
    let half = (to - from) / f64::from(2 * PIECES);
    let piece = |i: u32| {
        let middle = from + half * f64::from(2 * i + 1);
        GAUSS.iter().map(|&(x, w)| w * (f(middle - half * x) + f(middle + half * x))).sum::<f64>() * half
    };
    (0..PIECES).map(piece).sum()
}

/// What a user loses when its delivered price goes from the base price to `price` (absent: nothing can be had), in
/// USD: the area beside the curve of its purchases. Negative when the price falls.
pub(super) fn user_loss(user: &User, price: Option<f64>) -> f64 {
    let base = user.base_price;
    let end = price.unwrap_or(f64::INFINITY).clamp(base * 1e-3, base * CHOKE);
    let d = &user.demand;
    // On the logarithm, where the curve is nearly straight.
    integral(base.ln(), end.ln(), |log| {
        let p = log.exp();
        p * curve::demand(d.quantity, d.elasticity, d.backstop, base, p).value
    })
}

/// What the producers of a node gain when its price goes from the base price to `price` (absent: it cannot sell) and the
/// cost of its ore from the base price to `ore`, in USD: areas beside the supply curves of `after`, or all of what they
/// earned in `before` where a tranche has been halted.
pub(super) fn producer_gain(before: &Node, after: &Node, price: Option<f64>, ore: f64, base_ore: f64) -> f64 {
    before
        .tranches
        .iter()
        .zip(&after.tranches)
        .map(|(was, is)| {
            let stopped = is.capacity <= 0.0 || price.is_none();
            let (tranche, price) = if stopped { (was, None) } else { (is, price) };
            tranche_gain(before, tranche, price, ore, base_ore)
        })
        .sum()
}

fn tranche_gain(node: &Node, tranche: &Tranche, price: Option<f64>, ore: f64, base_ore: f64) -> f64 {
    let (capacity, drive, elasticity) = (tranche.capacity, tranche.drive, tranche.elasticity);
    if let (Feed::Ore, Some(sourcing)) = (tranche.feed, node.sourcing) {
        let base = sourcing.base_margin;
        let lowest = LOWEST_MARGIN * base;
        let margin = |price: f64| (tranche.producer_price(price) - ore / sourcing.recovery).max(lowest);
        let end = price.filter(|_| ore.is_finite()).map_or(lowest, margin);
        let start = node.base_price - base_ore / sourcing.recovery;
        return integral(start, end, |m| curve::refining(capacity, drive, elasticity, base, m).value);
    }
    let end = price.map_or(0.0, |price| tranche.producer_price(price));
    integral(node.base_price, end, |p| curve::supply(capacity, drive, elasticity, node.base_price, p).value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        base::unit::Stage,
        market::{Demand, curve::Backstop},
        testing::id,
    };

    #[test]
    fn the_area_beside_an_isoelastic_curve_is_exact() {
        let backstop = Backstop { multiple: 1e6, elasticity: 0.5 };
        let demand = Demand { quantity: 100.0, elasticity: 0.5, backstop };
        let user = User {
            country: id("USA"),
            stage: Stage::Refine,
            product: None,
            base_price: 10.0,
            theta: 0.2,
            demand,
        };
        // ∫ 100 (p/10)^-½ dp from 10 to 40 = 2 · 100 · √10 · (√40 − √10)
        let exact = 200.0 * 10.0_f64.sqrt() * (40.0_f64.sqrt() - 10.0_f64.sqrt());
        assert!((user_loss(&user, Some(40.0)) / exact - 1.0).abs() < 1e-9);
        assert!(user_loss(&user, Some(10.0)).abs() < 1e-9);
        assert!(user_loss(&user, None) > user_loss(&user, Some(150.0)));
    }

    #[test]
    fn a_halted_mine_loses_what_it_earned() {
        let tranche = Tranche::calibrated("running", Feed::Ground, 50.0, 0.85, 0.2);
        let node = |capacity: f64| Node {
            country: id("KAZ"),
            stage: Stage::Mine,
            product: None,
            base_price: 10.0,
            tranches: vec![Tranche { capacity, ..tranche.clone() }],
            sourcing: None,
        };
        let (before, after) = (node(tranche.capacity), node(0.0));
        let lost = producer_gain(&before, &after, Some(30.0), 0.0, 0.0);
        assert!(lost < -0.6 * 500.0 && lost > -500.0, "{lost}");
        assert!(producer_gain(&before, &before, Some(30.0), 0.0, 0.0) > 0.0);
    }
}
