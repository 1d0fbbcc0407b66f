//! Doing with less at the least cost: what the industries that must make less no longer deliver.
//!
//! ```text
//! minimise  sum_k  w_k f_k + DEARER (f_k - y_k)+        over deliveries f_k of the industries that must make less
//! so that   sum_k L_jk f_k >= r_j                       for each of them, 0 <= f_k <= x_k
//! ```
//!
//! An industry first gives up its final use `y_k` (exports included); beyond that its buyers at home buy abroad, dearer, and
//! go on. Each dollar not delivered takes its domestic value added `w_k` along, of the industry and of all that supply it,
//! so what two industries of one chain lose is not counted twice. A slope of [`SPREAD`] within each tranche spreads the
//! loss over deliveries that cost nearly the same. The problem is convex; its dual has one unknown for each industry and is
//! climbed by exact steps in one coordinate after another and Newton steps in all.

use super::accounts::Accounts;
use crate::linear::SpdSolver;

/// How much dearer the last dollar of a tranche is than the first, over the domestic value added in it.
pub const SPREAD: f64 = 0.05;
/// What buyers pay more abroad for what an industry at home no longer delivers, over its value.
pub const DEARER: f64 = 0.1;
/// Constraints are met to this share.
const TOLERANCE: f64 = 1e-7;
const ROUNDS: usize = 30;

/// What the industries no longer deliver, and what that costs.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rationed {
    /// Deliveries given up or replaced from abroad, million USD, by industry.
    pub deliveries: Vec<(usize, f64)>,
    /// Loss of value added and dearer imports, million USD.
    pub cost_musd: f64,
}

/// The cheapest way for the industries of `needs` to make at least so much less, in million USD.
pub fn ration(accounts: &Accounts, needs: &[(usize, f64)]) -> Rationed {
    let needs: Vec<(usize, f64)> = needs
        .iter()
        .filter(|(_, need)| *need > 0.0)
        .map(|&(j, need)| (j, need.min(accounts.output[j])))
        .collect();
    let mut state = State::new(accounts, &needs);
    let mut solver = SpdSolver::default();
    for _ in 0..ROUNDS {
        (0..needs.len()).for_each(|a| state.climb(a));
        if state.is_solved() {
            break;
        }
        state.newton(&mut solver);
    }
    let mut found = Rationed::default();
    for (k, &(industry, _)) in needs.iter().enumerate() {
        let given_up = state.given_up(k, state.worth[k]);
        let parts = state.tranches[k].iter().zip(given_up);
        found.cost_musd += parts.map(|(tranche, f)| tranche.cost * f).sum::<f64>();
        found.deliveries.push((industry, given_up.iter().sum()));
    }
    found
}

/// Deliveries that cost the same.
#[derive(Debug, Clone, Copy)]
struct Tranche {
    /// Million USD.
    width: f64,
    /// Loss for the first dollar.
    cost: f64,
    /// Rise of it for each dollar more.
    slope: f64,
}

impl Tranche {
    /// Deliveries given up where that is worth so much a dollar, and whether more worth would change it.
    fn at(&self, worth: f64) -> (f64, bool) {
        if self.width <= 0.0 || worth <= self.cost {
            return (0.0, false);
        }
        let given_up = (worth - self.cost) / self.slope;
        if given_up < self.width { (given_up, true) } else { (self.width, false) }
    }
}

struct State {
    needs: Vec<f64>,
    /// Final use, then deliveries at home that are replaced from abroad.
    tranches: Vec<[Tranche; 2]>,
    /// Output of the row's industry in a dollar delivered by the column's, row by row.
    total: Vec<f64>,
    /// Shadow price of each need, dollars of product for a dollar of output.
    price: Vec<f64>,
    /// What giving up a dollar of each delivery is worth at those prices.
    worth: Vec<f64>,
}

impl State {
    fn new(accounts: &Accounts, needs: &[(usize, f64)]) -> Self {
        let tranches = needs.iter().map(|&(k, _)| {
            let (cost, y) = (accounts.content[k], accounts.final_use[k]);
            let tranche = |width: f64, cost: f64| Tranche { width, cost, slope: SPREAD * cost / width };
            [tranche(y, cost), tranche(accounts.output[k] - y, cost + DEARER)]
        });
        let columns = |&(j, _): &(usize, f64)| {
            let row = accounts.in_final_use(j);
            needs.iter().map(|&(k, _)| row[k]).collect::<Vec<f64>>()
        };
        Self {
            tranches: tranches.collect(),
            total: needs.iter().flat_map(columns).collect(),
            price: vec![0.0; needs.len()],
            worth: vec![0.0; needs.len()],
            needs: needs.iter().map(|(_, need)| *need).collect(),
        }
    }

    fn row(&self, a: usize) -> &[f64] {
        let m = self.needs.len();
        &self.total[a * m..(a + 1) * m]
    }

    fn given_up(&self, k: usize, worth: f64) -> [f64; 2] {
        self.tranches[k].map(|tranche| tranche.at(worth).0)
    }

    /// How fast deliveries given up rise with their worth.
    fn rate(&self, k: usize, worth: f64) -> f64 {
        let moves = |tranche: &&Tranche| tranche.at(worth).1;
        self.tranches[k].iter().filter(moves).map(|tranche| 1.0 / tranche.slope).sum()
    }

    /// Output that is still to be given up by an industry after a step of its price, and how fast a higher one brings it.
    fn gap(&self, a: usize, step: f64) -> (f64, f64) {
        let (mut gap, mut rate) = (self.needs[a], 0.0);
        for (k, &l) in self.row(a).iter().enumerate() {
            let worth = self.worth[k] + step * l;
            gap -= l * self.given_up(k, worth).iter().sum::<f64>();
            rate += l * l * self.rate(k, worth);
        }
        (gap, rate)
    }

    fn shift(&mut self, a: usize, step: f64) {
        let m = self.needs.len();
        self.price[a] += step;
        for (worth, l) in self.worth.iter_mut().zip(&self.total[a * m..]) {
            *worth += step * l;
        }
    }

    /// Sets the price of one need so that it is just met, others as they are.
    fn climb(&mut self, a: usize) {
        let (mut low, mut high) = (-self.price[a], f64::INFINITY);
        let mut step: f64 = 0.0;
        for _ in 0..80 {
            let (gap, rate) = self.gap(a, step);
            if gap.abs() <= 0.1 * TOLERANCE * self.needs[a] {
                break;
            }
            if gap > 0.0 {
                low = step
            } else {
                high = step
            }
            if high <= low {
                break;
            }
            let newton = step + gap / rate;
            step = if newton > low && newton < high {
                newton
            } else if high.is_finite() {
                0.5 * (low + high)
            } else {
                // Nothing moves here: on to prices at which dearer deliveries do.
                2.0 * (low + self.price[a]) + 1.0 - self.price[a]
            };
        }
        self.shift(a, step);
    }

    fn is_solved(&self) -> bool {
        (0..self.needs.len()).all(|a| {
            let gap = self.gap(a, 0.0).0 / self.needs[a];
            gap <= TOLERANCE && (gap >= -TOLERANCE || self.price[a] <= 1e-12)
        })
    }

    /// Value of the dual problem: what the needs cost at least.
    fn dual(&self) -> f64 {
        let asked: f64 = self.needs.iter().zip(&self.price).map(|(need, price)| need * price).sum();
        let saved = self.tranches.iter().zip(&self.worth).flat_map(|(tranches, &worth)| {
            tranches.iter().map(move |tranche| {
                let f = tranche.at(worth).0;
                if f > 0.0 { (tranche.cost - worth + 0.5 * tranche.slope * f) * f } else { 0.0 }
            })
        });
        asked + saved.sum::<f64>()
    }

    /// A step in all prices at once, as far as it helps.
    fn newton(&mut self, solver: &mut SpdSolver) {
        let m = self.needs.len();
        let mut step: Vec<f64> = (0..m).map(|a| self.gap(a, 0.0).0).collect();
        let active: Vec<usize> = (0..m).filter(|&a| self.price[a] > 0.0 || step[a] > 0.0).collect();
        let rates: Vec<f64> = (0..m).map(|k| self.rate(k, self.worth[k])).collect();
        let mut lower = vec![0.0; m * m];
        for a in 0..m {
            for b in a..m {
                let cells = self.row(a).iter().zip(self.row(b)).zip(&rates);
                lower[a * m + b] = cells.map(|((one, other), rate)| one * other * rate).sum();
            }
        }
        if !solver.solve(&lower, m, &active, &mut step) {
            return;
        }
        let (price, worth, before) = (self.price.clone(), self.worth.clone(), self.dual());
        let mut share = 1.0;
        while share > 1e-3 {
            for (a, step) in step.iter().enumerate() {
                self.shift(a, (share * step).max(-self.price[a]));
            }
            if self.dual() > before {
                return;
            }
            self.price.clone_from(&price);
            self.worth.clone_from(&worth);
            share *= 0.5;
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::{super::accounts::tests::SHIPPED, *};

    /// Needs as shares of the output of some industries.
    fn needs(shares: &[(usize, f64)]) -> Vec<(usize, f64)> {
        let mut list: Vec<(usize, f64)> = shares
            .iter()
            .map(|&(place, share)| (place % SHIPPED.len(), share))
            .map(|(j, share)| (j, share * SHIPPED.output[j]))
            .collect();
        list.sort_by_key(|(j, _)| *j);
        list.dedup_by_key(|(j, _)| *j);
        list
    }

    fn output_lost(found: &Rationed) -> Vec<f64> {
        let mut given_up = vec![0.0; SHIPPED.len()];
        found.deliveries.iter().for_each(|&(k, f)| given_up[k] = f);
        SHIPPED.output_of(&given_up)
    }

    #[test]
    fn nothing_needed_costs_nothing_and_one_industry_costs_its_own_value_added_and_that_of_its_suppliers() {
        assert_eq!(ration(&SHIPPED, &[]), Rationed::default());
        assert_eq!(ration(&SHIPPED, &[(3, 0.0)]).cost_musd, 0.0);
        let j = SHIPPED.find("334413").unwrap();
        let need = 0.1 * SHIPPED.final_use[j];
        let found = ration(&SHIPPED, &[(j, need)]);
        let exact = need / SHIPPED.in_final_use(j)[j] * SHIPPED.content[j];
        assert!((found.cost_musd / exact - 1.0).abs() < 1e-6, "{found:?}");
        // Beyond final use, buyers go abroad and pay more.
        let all = ration(&SHIPPED, &[(j, SHIPPED.output[j])]).cost_musd;
        assert!(all > SHIPPED.output[j] / SHIPPED.in_final_use(j)[j] * SHIPPED.content[j]);
    }

    proptest! {
        #[test]
        fn needs_are_met_within_bounds_and_joint_needs_cost_no_more_than_their_sum(
            one in prop::collection::vec((0..402_usize, 0.0..1.0_f64), 1..12),
            other in prop::collection::vec((0..402_usize, 0.0..1.0_f64), 1..12),
        ) {
            let (one, other) = (needs(&one), needs(&other));
            let mut joint = one.clone();
            for &(j, need) in &other {
                match joint.iter_mut().find(|(known, _)| *known == j) {
                    Some(known) => known.1 = known.1.max(need),
                    None => joint.push((j, need)),
                }
            }
            joint.sort_by_key(|(j, _)| *j);
            let costs: Vec<f64> = [&one, &other, &joint].map(|needs| {
                let found = ration(&SHIPPED, needs);
                let lost = output_lost(&found);
                for &(j, need) in needs.iter() {
                    assert!(lost[j] >= need * (1.0 - 1e-6), "{} of {need}", lost[j]);
                }
                for (lost, output) in lost.iter().zip(&SHIPPED.output) {
                    assert!((0.0..=output * 1.001 + 1.0).contains(lost), "{lost} of {output}");
                }
                found.cost_musd
            }).to_vec();
            prop_assert!(costs[2] <= (costs[0] + costs[1]) * (1.0 + SPREAD / 2.0) + 1e-6, "{costs:?}");
            prop_assert!(costs[2] * (1.0 + SPREAD / 2.0) >= costs[0].max(costs[1]), "{costs:?}");
        }

        #[test]
        fn money_has_no_preferred_unit(
            shares in prop::collection::vec((0..402_usize, 0.0..1.0_f64), 1..12), scale in 1e-3..1e3_f64,
        ) {
            let mut scaled = SHIPPED.clone();
            for money in scaled.output.iter_mut().chain(&mut scaled.final_use) {
                *money *= scale;
            }
            let needs = needs(&shares);
            let more: Vec<(usize, f64)> = needs.iter().map(|&(j, need)| (j, scale * need)).collect();
            let (a, b) = (ration(&SHIPPED, &needs).cost_musd, ration(&scaled, &more).cost_musd);
            prop_assert!((b / scale - a).abs() <= 1e-6 * a.max(1.0), "{a} {b}");
        }
    }
}
