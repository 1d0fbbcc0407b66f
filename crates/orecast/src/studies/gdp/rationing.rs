//! Doing with less at the least cost: what the industries that must make less no longer deliver.
//!
//! ```text
//! minimise  sum_k  w_k f_k + DEARER (f_k - y_k)+        over deliveries f_k of the industries that must make less
//! so that   x_j = sum_k L_jk f_k >= r_j                 for each of them, 0 <= f_k
//! ```
//!
//! An industry first gives up its final use `y_k` (exports included); beyond that its buyers at home buy abroad, dearer, and
//! go on. Each dollar not delivered takes its domestic value added `w_k` along, of the industry and of all that supply it,
//! so what two industries of one chain lose is not counted twice.
//!
//! With `A = I - L^-1 >= 0` (the inverse of a block of a Leontief inverse is an M-matrix), `f = x - A x`. The outputs that
//! meet `x >= r` and `x >= A x` have a least member, the fixed point of `x = max(r, A x)`, and it is the cheapest: the loss
//! rises with each `x_j` by the value added of industry `j` itself (and of its suppliers outside the block), less at most
//! `DEARER` of what it buys within the block. Only for an industry that adds less than that is the result an upper bound.
//! (Berman and Plemmons 1994, *Nonnegative Matrices in the Mathematical Sciences*, chapters 6, 9 and 10.)

use faer::{Mat, linalg::solvers::DenseSolveCore};

use crate::studies::gdp::accounts::Accounts;

/// What buyers pay more abroad for what an industry at home no longer delivers, over its value.
pub const DEARER: f64 = 0.1;
/// Outputs are found to this share.
const TOLERANCE: f64 = 1e-12;
/// More than the longest chain of industries needs.
const ROUNDS: usize = 2_000;

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
    let block = block(accounts, &needs);
    let bought = |j: usize, x: &[f64]| block[j].iter().zip(x).map(|(a, x)| a * x).sum::<f64>();
    let mut less: Vec<f64> = needs.iter().map(|(_, need)| *need).collect();
    for _ in 0..ROUNDS {
        let mut moved = false;
        for j in 0..less.len() {
            let next = bought(j, &less);
            if next > less[j] * (1.0 + TOLERANCE) {
                less[j] = next;
                moved = true;
            }
        }
        if !moved {
            break;
        }
    }
    let mut found = Rationed::default();
    for (j, &(industry, _)) in needs.iter().enumerate() {
        let delivered = (less[j] - bought(j, &less)).max(0.0);
        let replaced = (delivered - accounts.final_use[industry]).max(0.0);
        found.cost_musd += accounts.content[industry] * delivered + DEARER * replaced;
        found.deliveries.push((industry, delivered));
    }
    found
}

/// What each of the industries must deliver to each other for a dollar of the other's output, directly and through
/// industries outside the block.
fn block(accounts: &Accounts, needs: &[(usize, f64)]) -> Vec<Vec<f64>> {
    let m = needs.len();
    let total = Mat::from_fn(m, m, |a, b| accounts.in_final_use(needs[a].0)[needs[b].0]);
    let inverse = total.partial_piv_lu().inverse();
    let cell = |a: usize, b: usize| f64::from(u8::from(a == b)) - inverse[(a, b)];
    (0..m).map(|a| (0..m).map(|b| cell(a, b).max(0.0)).collect()).collect()
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
                for &(j, need) in needs {
                    assert!(lost[j] >= need * (1.0 - 1e-6), "{} of {need}", lost[j]);
                }
                for (lost, output) in lost.iter().zip(&SHIPPED.output) {
                    assert!((0.0..=output * 1.001 + 1.0).contains(lost), "{lost} of {output}");
                }
                found.cost_musd
            }).to_vec();
            prop_assert!(costs[2] <= (costs[0] + costs[1]) * 1.01 + 1e-6, "{costs:?}");
            prop_assert!(costs[2] * 1.01 >= costs[0].max(costs[1]), "{costs:?}");
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
