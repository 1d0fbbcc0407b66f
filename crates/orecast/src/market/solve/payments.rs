//! Prices at which the payments that depend on them agree with them: Broyden's method on the excess supply under the
//! payments that prices imply, from the minimum under held payments.
//!
//! The first step is Newton's with the Hessian under held payments, which is what duties and supports bend a little;
//! each step then shows how much. It is given up, and rounds of held payments go on, where it does not come closer fast.

use super::{super::network::Market, Solver, TARGET, ending};

/// Steps that are tried before rounds of held payments go on.
const STEPS: usize = 24;
/// Share of the best residual that one of two steps must stay below.
const GAIN: f64 = 0.5;

/// Steps taken, and their sizes squared.
#[derive(Debug, Default)]
pub(super) struct Trail {
    steps: Vec<Vec<f64>>,
    sizes: Vec<f64>,
    start: Vec<f64>,
}

impl Solver {
    /// Moves prices to where payments agree with them; returns the residual, or `None` with prices as they were.
    pub(super) fn settle(&mut self, market: &Market) -> Option<f64> {
        let nodes = self.layout.active_nodes.len();
        self.trail.start.clear();
        self.trail.start.extend_from_slice(&self.y);
        let mut best = self.residual_at_implied(market);
        if best <= TARGET {
            return Some(best);
        }
        if !self.newton_step(nodes) || !self.flat.is_empty() {
            return self.give_up();
        }
        let mut idle = 0;
        for count in 0..STEPS {
            if count > 0 && !self.broyden_step(count) {
                return self.give_up();
            }
            self.keep_step(count);
            self.y.iter_mut().zip(&self.step).for_each(|(y, step)| *y += step);
            if self.y[nodes..].iter().any(|multiplier| *multiplier < 0.0) {
                return self.give_up();
            }
            let now = self.residual_at_implied(market);
            if now <= TARGET {
                return Some(now);
            }
            if now <= GAIN * best {
                (best, idle) = (now, 0);
            } else {
                idle += 1;
                if idle > 1 || now.is_nan() {
                    return self.give_up();
                }
            }
        }
        self.give_up()
    }

    /// Evaluates under the payments that the present prices imply.
    fn residual_at_implied(&mut self, market: &Market) -> f64 {
        self.wedges_found.set(market, &self.layout, &self.y);
        self.here.evaluate(&self.layout, &self.y, &self.wedges_found);
        self.effort.evaluations += 1;
        ending::residual(market, &self.layout, &self.here, &self.y)
    }

    /// Keeps the step that is about to be made.
    fn keep_step(&mut self, place: usize) {
        let trail = &mut self.trail;
        if trail.steps.len() == place {
            trail.steps.push(Vec::new());
            trail.sizes.push(0.0);
        }
        trail.steps[place].clear();
        trail.steps[place].extend_from_slice(&self.step);
        trail.sizes[place] = product(&self.step, &self.step, &self.layout.base);
    }

    /// The next step: the factor's, corrected by all steps so far (Kelley 1995, section 7.3).
    fn broyden_step(&mut self, taken: usize) -> bool {
        let gradient = &self.here.gradient;
        // A limit that breaks, or a multiplier that comes free, changes the system.
        let nodes = self.layout.active_nodes.len();
        let bound = (nodes..self.y.len()).filter(|v| self.y[*v] > 0.0 || gradient[*v] < -1e-300);
        if !(0..nodes).chain(bound).eq(self.factor.free().iter().copied()) {
            return false;
        }
        self.step.clear();
        self.step.extend(gradient.iter().map(|g| -g));
        if !self.factor.solve(&mut self.step) {
            return false;
        }
        let (base, trail) = (&self.layout.base, &self.trail);
        for place in 0..taken - 1 {
            let (old, next) = (&trail.steps[place], &trail.steps[place + 1]);
            let by = product(old, &self.step, base) / trail.sizes[place];
            self.step.iter_mut().zip(next).for_each(|(step, next)| *step += by * next);
        }
        let last = &trail.steps[taken - 1];
        let left = 1.0 - product(last, &self.step, base) / trail.sizes[taken - 1];
        self.step.iter_mut().for_each(|step| *step /= left);
        left.is_finite() && left.abs() > 0.05
    }

    fn give_up(&mut self) -> Option<f64> {
        self.y.clear();
        self.y.extend_from_slice(&self.trail.start);
        None
    }
}

/// Scalar product in units of the variables' sizes.
fn product(a: &[f64], b: &[f64], size: &[f64]) -> f64 {
    a.iter().zip(b).zip(size).map(|((a, b), size)| (a / size) * (b / size)).sum()
}
