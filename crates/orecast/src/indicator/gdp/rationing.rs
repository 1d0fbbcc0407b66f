//! Doing with less at the least cost: which final uses to give up so that industries make so much less.
//!
//! ```text
//! minimise  sum_k w_k f_k (1 + SPREAD / 2 * f_k / y_k)      over final use given up, 0 <= f_k <= y_k
//! so that   sum_k L_jk f_k >= r_j                          for each industry j that must make r_j less
//! ```
//!
//! The slope spreads the loss over uses that cost nearly the same. The problem is convex; its dual has one unknown for each
//! constraint and is climbed by exact steps in one coordinate after another and Newton steps in all.

use super::accounts::Accounts;
use crate::linear::SpdSolver;

/// How much dearer the last dollar of a final use is than the first.
pub const SPREAD: f64 = 0.05;
/// Most of an industry's output that can be asked for.
const MOST: f64 = 0.99;
/// Constraints are met to this share.
const TOLERANCE: f64 = 1e-7;
const ROUNDS: usize = 200;

/// Final use given up, million USD by industry, so that the industries of `needs` make at least so much less.
pub fn ration(accounts: &Accounts, needs: &[(usize, f64)]) -> Vec<f64> {
    let needs: Vec<(usize, f64)> = needs
        .iter()
        .filter(|(_, need)| *need > 0.0)
        .map(|&(j, need)| (j, need.min(MOST * accounts.output[j])))
        .collect();
    let mut state = State::new(accounts, &needs);
    let mut solver = SpdSolver::default();
    for _ in 0..ROUNDS {
        for a in 0..needs.len() {
            state.climb(a);
        }
        if state.is_solved() || !state.newton(&mut solver) && state.is_solved() {
            break;
        }
    }
    (0..accounts.len()).map(|k| state.given_up(k)).collect()
}

struct State<'a> {
    accounts: &'a Accounts,
    needs: &'a [(usize, f64)],
    /// Shadow price of each constraint, dollars of product for a dollar of output.
    price: Vec<f64>,
    /// What giving up a dollar of each final use is worth at those prices.
    worth: Vec<f64>,
}

impl<'a> State<'a> {
    fn new(accounts: &'a Accounts, needs: &'a [(usize, f64)]) -> Self {
        Self { accounts, needs, price: vec![0.0; needs.len()], worth: vec![0.0; accounts.len()] }
    }

    fn row(&self, a: usize) -> &'a [f64] {
        self.accounts.in_final_use(self.needs[a].0)
    }

    /// Rise of the marginal cost for each dollar given up.
    fn slope(&self, k: usize) -> f64 {
        SPREAD * self.accounts.content[k] / self.accounts.final_use[k]
    }

    /// Final use given up at some worth of it, and whether more worth would change it.
    fn answer(&self, k: usize, worth: f64) -> (f64, bool) {
        let (most, cost) = (self.accounts.final_use[k], self.accounts.content[k]);
        if most <= 0.0 || cost <= 0.0 || worth <= cost {
            return (0.0, false);
        }
        let given_up = (worth - cost) / self.slope(k);
        if given_up < most { (given_up, true) } else { (most, false) }
    }

    fn given_up(&self, k: usize) -> f64 {
        self.answer(k, self.worth[k]).0
    }

    /// Output that is still to be given up by an industry, and how fast a higher price brings it.
    fn gap(&self, a: usize, step: f64) -> (f64, f64) {
        let (mut made, mut rate) = (0.0, 0.0);
        for (k, &l) in self.row(a).iter().enumerate().filter(|(_, l)| **l > 0.0) {
            let (given_up, moves) = self.answer(k, self.worth[k] + step * l);
            made += l * given_up;
            rate += if moves { l * l / self.slope(k) } else { 0.0 };
        }
        (self.needs[a].1 - made, rate)
    }

    fn shift(&mut self, a: usize, step: f64) {
        self.price[a] += step;
        for (worth, l) in self.worth.iter_mut().zip(self.accounts.in_final_use(self.needs[a].0)) {
            *worth += step * l;
        }
    }

    /// Sets the price of one constraint so that it is just met, others as they are.
    fn climb(&mut self, a: usize) {
        let (mut low, mut high) = (-self.price[a], f64::INFINITY);
        let mut step: f64 = 0.0;
        for _ in 0..80 {
            let (gap, rate) = self.gap(a, step);
            if gap.abs() <= 0.1 * TOLERANCE * self.needs[a].1 {
                break;
            }
            if gap > 0.0 { low = step } else { high = step }
            if high <= low {
                break;
            }
            let newton = step + gap / rate;
            step = if newton > low && newton < high {
                newton
            } else if high.is_finite() {
                0.5 * (low + high)
            } else {
                // No use moves here: go on to prices at which dearer ones do.
                2.0 * (low + self.price[a]) + 1.0 - self.price[a]
            };
        }
        self.shift(a, step);
    }

    fn is_solved(&self) -> bool {
        (0..self.needs.len()).all(|a| {
            let gap = self.gap(a, 0.0).0 / self.needs[a].1;
            gap <= TOLERANCE && (gap >= -TOLERANCE || self.price[a] <= 1e-12)
        })
    }

    /// Value of the dual problem: what the constraints cost at least.
    fn dual(&self) -> f64 {
        let asked: f64 = self.needs.iter().zip(&self.price).map(|((_, need), price)| need * price).sum();
        let saved = (0..self.worth.len()).map(|k| {
            let f = self.given_up(k);
            if f > 0.0 { (self.accounts.content[k] - self.worth[k] + 0.5 * self.slope(k) * f) * f } else { 0.0 }
        });
        asked + saved.sum::<f64>()
    }

    /// A step in all prices at once; whether it brought anything.
    fn newton(&mut self, solver: &mut SpdSolver) -> bool {
        let m = self.needs.len();
        let gaps: Vec<f64> = (0..m).map(|a| self.gap(a, 0.0).0).collect();
        let active: Vec<usize> = (0..m).filter(|&a| self.price[a] > 0.0 || gaps[a] > 0.0).collect();
        let moving: Vec<usize> =
            (0..self.worth.len()).filter(|&k| self.answer(k, self.worth[k]).1).collect();
        let mut lower = vec![0.0; m * m];
        for a in 0..m {
            for b in a..m {
                let (one, other) = (self.row(a), self.row(b));
                lower[a * m + b] = moving.iter().map(|&k| one[k] * other[k] / self.slope(k)).sum();
            }
        }
        let mut step = gaps;
        if !solver.solve(&lower, m, &active, &mut step) {
            return false;
        }
        let (price, worth, before) = (self.price.clone(), self.worth.clone(), self.dual());
        let mut share = 1.0;
        while share > 1e-3 {
            for a in 0..m {
                self.shift(a, (share * step[a]).max(-self.price[a]));
            }
            if self.dual() > before {
                return true;
            }
            self.price.clone_from(&price);
            self.worth.clone_from(&worth);
            share *= 0.5;
        }
        false
    }
}
