//! What steps since the last factor have shown of the curvature: the update of Broyden, Fletcher, Goldfarb and Shanno in
//! its two-loop form, over the last Cholesky factor.

use crate::base::linear::{Factor, dot};

/// Pairs that are kept; later steps set up the Hessian anew.
const PAIRS: usize = 8;

/// One step and how it changed the gradient.
#[derive(Debug, Default)]
struct Pair {
    step: Vec<f64>,
    change: Vec<f64>,
    /// One over the product of the two.
    inverse: f64,
    weight: f64,
}

/// Steps taken with one factor.
#[derive(Debug, Default)]
pub(super) struct Memory {
    pairs: Vec<Pair>,
    used: usize,
}

impl Memory {
    /// Forgets all pairs: there is a new factor.
    pub(super) fn clear(&mut self) {
        self.used = 0;
    }

    /// Whether another step can be kept.
    pub(super) fn has_room(&self) -> bool {
        self.used < PAIRS
    }

    /// Keeps the step of a given length along `direction` that changed the gradient from `before` to `after`.
    pub(super) fn keep(&mut self, length: f64, direction: &[f64], before: &[f64], after: &[f64]) {
        if self.used == self.pairs.len() {
            self.pairs.push(Pair::default());
        }
        let pair = &mut self.pairs[self.used];
        pair.step.clear();
        pair.step.extend(direction.iter().map(|d| length * d));
        pair.change.clear();
        pair.change.extend(after.iter().zip(before).map(|(after, before)| after - before));
        let product = dot(&pair.step, &pair.change);
        // On a convex function the product is positive, but for rounding.
        if product > 0.0 && product.recip().is_finite() {
            pair.inverse = product.recip();
            self.used += 1;
        }
    }

    /// Turns the negative gradient `x` into a step. Returns whether every number is finite.
    pub(super) fn solve(&mut self, factor: &mut Factor, x: &mut [f64]) -> bool {
        let pairs = &mut self.pairs[..self.used];
        for pair in pairs.iter_mut().rev() {
            pair.weight = pair.inverse * dot(&pair.step, x);
            x.iter_mut().zip(&pair.change).for_each(|(x, change)| *x -= pair.weight * change);
        }
        if !factor.solve(x) {
            return false;
        }
        for pair in pairs {
            let by = pair.weight - pair.inverse * dot(&pair.change, x);
            x.iter_mut().zip(&pair.step).for_each(|(x, step)| *x += by * step);
        }
        true
    }
}
