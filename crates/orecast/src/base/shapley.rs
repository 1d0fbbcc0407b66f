//! Who contributes what to a total: Shapley values.
//!
//! A player's value is its marginal contribution, averaged over all orders in which the players could join (Shapley
//! 1953). The values add up to the whole, equal players get equal values, and a player that never changes anything
//! gets nothing.

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::base::draw::Draw;

/// Up to so many players all coalitions are evaluated.
pub const EXACT_PLAYERS: usize = 10;
/// Pairs of an order and its reverse that are sampled beyond.
const SAMPLED_PAIRS: u64 = 128;
/// Most players that a coalition's bits can hold.
const MOST_PLAYERS: usize = 64;

/// One player's part, for each component of the value.
#[derive(Debug, Clone, PartialEq)]
pub struct Contribution {
    /// Shapley value.
    pub value: Vec<f64>,
    /// Standard error of the value where orders were sampled; zero where all coalitions were evaluated.
    pub error: Vec<f64>,
}

/// Shapley values of `players` (at most 64). `value` gives the worth of a coalition, whose members are the bits of
/// the mask; all its answers have the same length. Up to [`EXACT_PLAYERS`] players the values are exact, beyond they
/// come from sampled orders, each with its reverse (antithetic), and add up to the whole all the same.
pub fn shapley(players: usize, value: impl Fn(u64) -> Vec<f64> + Sync) -> Vec<Contribution> {
    if players <= EXACT_PLAYERS { exact(players, value) } else { sampled(players.min(MOST_PLAYERS), value) }
}

fn exact(players: usize, value: impl Fn(u64) -> Vec<f64> + Sync) -> Vec<Contribution> {
    let worth: Vec<Vec<f64>> = (0..1_u64 << players).into_par_iter().map(&value).collect();
    // |S|! (n - |S| - 1)! / n!, for each size of S
    let mut weight = vec![1.0 / players.max(1) as f64; players];
    for size in 1..players {
        weight[size] = weight[size - 1] * size as f64 / (players - size) as f64;
    }
    (0..players)
        .map(|player| {
            let mut sum = vec![0.0; worth[0].len()];
            for without in (0..worth.len()).filter(|mask: &usize| mask & (1 << player) == 0) {
                let w = weight[without.count_ones() as usize];
                let (before, after) = (&worth[without], &worth[without | 1 << player]);
                for ((sum, before), after) in sum.iter_mut().zip(before).zip(after) {
                    *sum += w * (after - before);
                }
            }
            Contribution { error: vec![0.0; sum.len()], value: sum }
        })
        .collect()
}

fn sampled(players: usize, value: impl Fn(u64) -> Vec<f64> + Sync) -> Vec<Contribution> {
    let orders: Vec<Vec<usize>> = (0..SAMPLED_PAIRS)
        .map(|pair| {
            let mut order: Vec<usize> = (0..players).collect();
            let luck: Vec<f64> =
                order.iter().map(|p| Draw::new(1, pair).uniform(&format!("order/{p}"))).collect();
            order.sort_by(|&a, &b| luck[a].total_cmp(&luck[b]));
            order
        })
        .collect();
    let coalitions = |order: &[usize]| -> Vec<u64> {
        let grow = order.iter().scan(0_u64, |mask, player| {
            *mask |= 1 << player;
            Some(*mask)
        });
        std::iter::once(0).chain(grow).collect()
    };
    let both: Vec<[Vec<usize>; 2]> =
        orders.into_iter().map(|order| [order.iter().rev().copied().collect(), order]).collect();
    let mut wanted: Vec<u64> = both.iter().flatten().flat_map(|order| coalitions(order)).collect();
    wanted.sort_unstable();
    wanted.dedup();
    let worth: BTreeMap<u64, Vec<f64>> =
        wanted.par_iter().map(|&mask| (mask, value(mask))).collect::<Vec<_>>().into_iter().collect();
    let width = worth[&0].len();
    let mut sum = vec![vec![0.0; width]; players];
    let mut squares = vec![vec![0.0; width]; players];
    for pair in &both {
        let mut mean = vec![vec![0.0; width]; players];
        for order in pair {
            for (steps, &player) in coalitions(order).windows(2).zip(order) {
                for (c, mean) in mean[player].iter_mut().enumerate() {
                    *mean += 0.5 * (worth[&steps[1]][c] - worth[&steps[0]][c]);
                }
            }
        }
        for ((sum, squares), mean) in sum.iter_mut().zip(&mut squares).zip(&mean) {
            for ((sum, squares), mean) in sum.iter_mut().zip(squares).zip(mean) {
                *sum += mean;
                *squares += mean * mean;
            }
        }
    }
    let n = both.len() as f64;
    sum.into_iter()
        .zip(squares)
        .map(|(sum, squares)| Contribution {
            value: sum.iter().map(|s| s / n).collect(),
            error: sum
                .iter()
                .zip(squares)
                .map(|(s, square)| ((square / n - (s / n).powi(2)).max(0.0) / (n - 1.0)).sqrt())
                .collect(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Worth of a coalition that needs its first player: the root of the others' weights.
    fn needs_the_first(weights: &[f64]) -> impl Fn(u64) -> Vec<f64> + Sync + '_ {
        |mask| {
            let sum: f64 =
                weights.iter().enumerate().filter(|(p, _)| mask & (2 << p) != 0).map(|(_, w)| w).sum();
            vec![if mask & 1 == 0 { 0.0 } else { sum.sqrt() }]
        }
    }

    #[test]
    fn sampled_values_agree_with_exact_ones_within_their_error_and_add_up() {
        let weights: Vec<f64> = (1..9).map(f64::from).collect();
        let (all, some) = (exact(9, needs_the_first(&weights)), sampled(9, needs_the_first(&weights)));
        for (a, b) in all.iter().zip(&some) {
            assert!(b.error[0] > 0.0 && (a.value[0] - b.value[0]).abs() < 4.0 * b.error[0], "{a:?} {b:?}");
        }
        let total: f64 = some.iter().map(|c| c.value[0]).sum();
        assert!((total - 36.0_f64.sqrt()).abs() < 1e-12);
    }

    #[test]
    fn a_dummy_gets_nothing_and_twins_the_same() {
        let found = shapley(3, |mask| vec![f64::from(u8::from(mask & 3 == 3)), mask.count_ones().into()]);
        let values: Vec<&[f64]> = found.iter().map(|c| c.value.as_slice()).collect();
        assert_eq!(values, [&[0.5, 1.0], &[0.5, 1.0], &[0.0, 1.0]]);
        assert_eq!(shapley(0, |_| vec![1.0]), []);
    }
}
