//! The equilibrium: Newton's method on the market's convex function, with a certificate.
//!
//! Each step solves with the Hessian on the free variables (multipliers at zero stay there while their limit is
//! slack). A step is accepted when it lowers the best residual so far by a fifth, or when the slope along it has risen to
//! between nine tenths of its start and zero: on a convex function the latter is a decrease that satisfies the
//! curvature condition, so one of the two rules leads to the minimum from any start. Near it a factorised Hessian
//! serves for several steps.

mod ending;
mod memory;
mod payments;

use super::{
    evaluate::{State, stride},
    layout::{Layout, Wedges},
    network::{Market, Recipient},
    outcome::{Equilibrium, Status},
};
use crate::base::linear::{Factor, dot};
use memory::Memory;
use payments::Trail;

/// Relative excess at which the search stops.
const TARGET: f64 = 1e-10;
/// Relative excess that a certificate must not exceed.
pub const TOLERANCE: f64 = 1e-9;
/// Curvature over gradient, in units of the variable's size, below which a variable counts as flat.
const FLAT: f64 = 1e-9;
/// Multiplier over its size that is none: a step that ends at zero may miss it by rounding, and the slack of a limit
/// without a price is allowed.
const VANISHED: f64 = 1e-14;
/// Largest move of a price that a step tries first, as a multiple of its size.
const FIRST_MOVE: f64 = 4.0;
/// Largest move of a price in one step.
const LONGEST_MOVE: f64 = 100.0;
const MAX_STEPS: usize = 300;
const MAX_WEDGE_ROUNDS: usize = 400;
/// Newton steps over all rounds after which a market counts as not converged.
const MAX_ROUND_STEPS: usize = 3_000;
/// Residual under held payments, over how far the payments are from agreeing, that is near enough for the next round.
const HELD: f64 = 1e-2;
/// Rounds of held payments after which it is tried again to settle them at once.
const SETTLE_EVERY: usize = 8;
/// Drop of the best residual so far that alone makes a step acceptable; finitely many such steps lead to the target.
const BEST_GAIN: f64 = 0.8;
/// Drop of the residual in a step below which the next step may use the same factor.
const KEEP_FACTOR: f64 = 0.1;
/// Drop of the residual that a step with an old factor must bring.
const OLD_FACTOR_GAIN: f64 = 0.5;

/// Buffers of the search, kept from one solution to the next. A solver starts from where the last one ended when
/// the market has the same shape.
#[derive(Debug, Default)]
pub struct Solver {
    pub(super) layout: Layout,
    pub(super) here: State,
    there: State,
    pub(super) hessian: Vec<f64>,
    factor: Factor,
    memory: Memory,
    trail: Trail,
    pub(super) y: Vec<f64>,
    trial: Vec<f64>,
    step: Vec<f64>,
    free: Vec<usize>,
    flat: Vec<(usize, f64)>,
    pub(super) wedges: Wedges,
    wedges_found: Wedges,
    last_price: Vec<f64>,
    effort: Effort,
}

/// How a search ended, without the figures: see [`Solver::find`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ending {
    /// How the solution ended.
    pub status: Status,
    /// Largest relative excess, as in `Certificate::excess`.
    pub excess: f64,
    /// Newton steps taken.
    pub iterations: usize,
    /// What they took.
    pub effort: Effort,
}

/// What a search took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Effort {
    /// Evaluations of all curves and flows.
    pub evaluations: usize,
    /// Hessians set up and factorised.
    pub factors: usize,
}

impl Solver {
    /// Forgets where the last solution ended.
    pub fn reset(&mut self) {
        self.last_price.clear();
    }

    /// Starts the next search from given prices of the nodes.
    pub fn start_from(&mut self, prices: &[f64]) {
        self.last_price.clear();
        self.last_price.extend_from_slice(prices);
    }

    /// The equilibrium of a market whose [`Market::problems`] are none.
    pub fn solve(&mut self, market: &Market) -> Equilibrium {
        let ending = self.find(market);
        self.equilibrium(market, ending)
    }

    /// Finds the equilibrium without copying it out; nothing is allocated once the solver has seen a market as large.
    pub fn find(&mut self, market: &Market) -> Ending {
        let warm = !self.last_price.is_empty();
        let found = self.find_from_last(market);
        if warm && found.status != Status::Converged {
            self.reset();
            return self.find_from_last(market);
        }
        found
    }

    /// Price of a node in the last solution, USD/t; absent where it cannot sell.
    pub fn price(&self, node: usize) -> Option<f64> {
        self.layout.variable[node].map(|v| self.y[v])
    }

    /// Tonnes bought and price paid by each user that can buy, in the last solution: user, t, USD/t.
    pub fn purchases(&self) -> impl Iterator<Item = (usize, f64, f64)> + '_ {
        self.layout.buyers.iter().enumerate().skip(self.layout.plants).filter_map(|(b, buyer)| {
            let Some(Recipient::User(j)) = buyer.recipient else { return None };
            Some((j, self.here.bought[b], self.here.index[b]))
        })
    }

    /// Tonnes on each open arc in the last solution: arc, t.
    pub fn flows(&self) -> impl Iterator<Item = (usize, f64)> + '_ {
        self.layout.open_arcs().map(|(place, a)| (a, self.here.flow[place]))
    }

    fn find_from_last(&mut self, market: &Market) -> Ending {
        self.effort = Effort::default();
        self.layout.rebuild(market);
        if self.last_price.len() != market.nodes.len() {
            self.last_price.clear();
            self.last_price.extend(market.nodes.iter().map(|n| n.base_price));
        }
        self.y.clear();
        self.y.extend(self.layout.active_nodes.iter().map(|&i| self.last_price[i]));
        self.y.resize(self.layout.size(), 0.0);

        let highest_duty = self.layout.duty.iter().copied().fold(0.0, f64::max);
        self.wedges.set(market, &self.layout, &self.layout.base);
        let mut iterations = 0;
        let mut residual = f64::INFINITY;
        for round in 0..MAX_WEDGE_ROUNDS {
            // Held payments are only on the way: what is far from agreeing need not be solved to the end.
            let target =
                if self.layout.wedges { (HELD * residual).clamp(0.1 * TARGET, HELD) } else { TARGET };
            let (steps, reached) = self.minimise(market, round > 0, target);
            iterations += steps;
            residual = reached;
            let spent = iterations > MAX_ROUND_STEPS;
            if !self.layout.wedges || reached.is_nan() || reached > target.max(TOLERANCE) || spent {
                break;
            }
            if round % SETTLE_EVERY == 0
                && let Some(agreed) = self.settle(market)
            {
                residual = agreed;
                break;
            }
            self.wedges_found.set(market, &self.layout, &self.y);
            self.here.evaluate(&self.layout, &self.y, &self.wedges_found);
            self.effort.evaluations += 1;
            residual = ending::residual(market, &self.layout, &self.here, &self.y);
            if residual <= TARGET {
                break;
            }
            // A duty lowers the price that it is taken from, so its round trip needs damping to contract.
            self.wedges.approach(&self.wedges_found, 2.0 / (2.0 + highest_duty));
        }
        for (v, &i) in self.layout.active_nodes.iter().enumerate() {
            if self.y[v].is_finite() {
                self.last_price[i] = self.y[v];
            }
        }
        let status = if residual <= TOLERANCE {
            Status::Converged
        } else if self.floor_is_hopeless(market)
            || self.floor_is_short(market)
            || self.floor_holds_a_glut(market)
        {
            Status::Infeasible
        } else {
            Status::NotConverged
        };
        Ending { status, excess: residual, iterations, effort: self.effort }
    }

    /// Newton's method from `self.y`; returns steps taken and the residual reached. The last factor is tried first where
    /// it is of the same market.
    fn minimise(&mut self, market: &Market, mut keep_factor: bool, target: f64) -> (usize, f64) {
        let nodes = self.layout.active_nodes.len();
        self.here.evaluate(&self.layout, &self.y, &self.wedges);
        self.effort.evaluations += 1;
        let mut reached = ending::residual(market, &self.layout, &self.here, &self.y);
        let mut best = reached;
        for steps in 0..MAX_STEPS {
            if reached <= target || self.y.is_empty() {
                return (steps, reached);
            }
            let old = keep_factor && self.old_step(nodes);
            if !old && !self.newton_step(nodes) {
                return (steps, reached);
            }
            let start_slope = dot(&self.step, &self.here.gradient);
            if start_slope >= 0.0 {
                if old {
                    keep_factor = false;
                    continue;
                }
                return (steps, reached);
            }
            let longest = self.reach(nodes).min(self.length_within(LONGEST_MOVE));
            let (mut low, mut high) = (0.0, None);
            let mut length = longest.min(self.length_within(FIRST_MOVE)).min(1.0);
            let mut accepted = false;
            for _ in 0..60 {
                self.try_step(length, nodes);
                let slope = dot(&self.step, &self.there.gradient);
                let now = ending::residual(market, &self.layout, &self.there, &self.trial);
                let improves = now <= BEST_GAIN * best;
                let downhill = slope <= 0.0 && (slope >= 0.9 * start_slope || length >= longest);
                if old && now > OLD_FACTOR_GAIN * reached {
                    break;
                }
                if improves || downhill {
                    accepted = true;
                    keep_factor = length >= 1.0
                        && now <= KEEP_FACTOR * reached
                        && self.flat.is_empty()
                        && self.memory.has_room();
                    if keep_factor {
                        let gradients = (&self.here.gradient, &self.there.gradient);
                        self.memory.keep(length, &self.step, gradients.0, gradients.1);
                    }
                    reached = now;
                    best = best.min(now);
                    break;
                }
                if slope.is_nan() || slope > 0.0 {
                    high = Some(length);
                    let secant = length * start_slope / (start_slope - slope);
                    length = if secant.is_finite() && low == 0.0 {
                        secant.clamp(0.1 * length, 0.9 * length)
                    } else {
                        0.5 * (low + length)
                    };
                } else {
                    low = length;
                    length = high.map_or((4.0 * length).min(longest), |high| 0.5 * (low + high));
                }
            }
            if !accepted {
                if old {
                    keep_factor = false;
                    continue;
                }
                // Rounding hides the slope: the residual is what it can be.
                return (steps, reached);
            }
            std::mem::swap(&mut self.y, &mut self.trial);
            std::mem::swap(&mut self.here, &mut self.there);
            if self.floor_is_hopeless(market) || self.glut_is_hopeless(market) {
                return (steps, f64::INFINITY);
            }
        }
        (MAX_STEPS, reached)
    }

    /// Evaluates a step of a given length from here.
    fn try_step(&mut self, length: f64, nodes: usize) {
        self.trial.clear();
        self.trial.extend(self.y.iter().zip(&self.step).map(|(y, d)| y + length * d));
        for (multiplier, size) in self.trial[nodes..].iter_mut().zip(&self.layout.base[nodes..]) {
            if *multiplier < VANISHED * size {
                *multiplier = 0.0;
            }
        }
        self.there.evaluate(&self.layout, &self.trial, &self.wedges);
        self.effort.evaluations += 1;
    }

    /// Whether a multiplier may move: it is above zero, or its limit is broken.
    fn is_free(&self, v: usize, nodes: usize) -> bool {
        v < nodes || self.y[v] > 0.0 || self.here.gradient[v] < 0.0
    }

    /// The step by the last factor, where it stands for the same free variables.
    fn old_step(&mut self, nodes: usize) -> bool {
        let n = self.y.len();
        let same = (0..n).filter(|&v| self.is_free(v, nodes)).eq(self.factor.free().iter().copied());
        self.step.clear();
        self.step.extend(self.here.gradient.iter().map(|g| -g));
        let legal = |step: &[f64], y: &[f64]| (nodes..n).all(|v| y[v] > 0.0 || step[v] >= 0.0);
        same && self.memory.solve(&mut self.factor, &mut self.step) && legal(&self.step, &self.y)
    }

    /// The Newton step on the free variables. A multiplier at zero that the step would push below leaves the set;
    /// a variable whose curvature has died out moves downhill by its own size.
    fn newton_step(&mut self, nodes: usize) -> bool {
        let n = self.y.len();
        self.memory.clear();
        self.here.hessian(&self.layout, &mut self.hessian);
        self.effort.factors += 1;
        self.free.clear();
        self.flat.clear();
        for v in 0..n {
            if !self.is_free(v, nodes) {
                continue;
            }
            let size = self.size_of(v);
            let gradient = self.here.gradient[v];
            if gradient == 0.0 && self.hessian[v * stride(n) + v] == 0.0 {
                // Nothing depends on it here: it stays where it is.
                continue;
            }
            if self.hessian[v * stride(n) + v] * size < FLAT * gradient.abs() {
                self.flat.push((v, -size * gradient.signum()));
            } else {
                self.free.push(v);
            }
        }
        loop {
            self.step.clear();
            self.step.extend(self.here.gradient.iter().map(|g| -g));
            if !(self.factor.factorise(&self.hessian, stride(n), &self.free)
                && self.factor.solve(&mut self.step))
            {
                return false;
            }
            let before = self.free.len();
            let (y, step) = (&self.y, &self.step);
            self.free.retain(|&v| v < nodes || y[v] > 0.0 || step[v] >= 0.0);
            if self.free.len() == before {
                for &(v, move_by) in &self.flat {
                    self.step[v] = move_by;
                }
                return true;
            }
        }
    }

    /// The size that moves of a variable are measured by: its value, or the base price where that is larger.
    fn size_of(&self, v: usize) -> f64 {
        self.y[v].abs().max(self.layout.base[v])
    }

    /// The longest multiple of the step that moves no variable by more than `times` its size.
    fn length_within(&self, times: f64) -> f64 {
        let most = (0..self.y.len()).map(|v| self.step[v].abs() / self.size_of(v)).fold(0.0, f64::max);
        times / most
    }

    /// How far the step may go before a multiplier would turn negative.
    fn reach(&self, nodes: usize) -> f64 {
        self.y[nodes..]
            .iter()
            .zip(&self.step[nodes..])
            .filter(|&(_, step)| *step < 0.0)
            .map(|(value, step)| -value / step)
            .fold(f64::INFINITY, f64::min)
    }
}

#[cfg(test)]
mod tests;
