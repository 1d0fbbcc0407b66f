//! How concentrated a set of amounts is. Amounts are in any one unit and at least zero; what is not known is left out
//! before. Without a positive sum there is no share, so every function then answers with nothing.

/// Highest value of the Herfindahl-Hirschman index as it is quoted: one supplier has all.
pub const HHI_MAX: f64 = 10_000.0;

/// Shares of the whole, in the order of the amounts; they sum to 1.
pub fn shares(amounts: &[f64]) -> Option<Vec<f64>> {
    let sum: f64 = amounts.iter().sum();
    (sum > 0.0).then(|| amounts.iter().map(|amount| amount / sum).collect())
}

/// Sum of squared shares, 0 to 1 (Herfindahl 1950; Hirschman 1945).
pub fn herfindahl(amounts: &[f64]) -> Option<f64> {
    Some(shares(amounts)?.iter().map(|share| share * share).sum())
}

/// Herfindahl-Hirschman index of shares in percent, 0 to [`HHI_MAX`].
pub fn hhi(amounts: &[f64]) -> Option<f64> {
    Some(HHI_MAX * herfindahl(amounts)?)
}

/// Share of the `n` largest, 0 to 1.
pub fn top_share(amounts: &[f64], n: usize) -> Option<f64> {
    let mut shares = shares(amounts)?;
    shares.sort_by(|a, b| b.total_cmp(a));
    Some(shares.iter().take(n).sum())
}

/// Diversification as the number of equal suppliers that would be as concentrated: the inverse of the sum of squared
/// shares (Laakso and Taagepera 1979).
pub fn effective_number(amounts: &[f64]) -> Option<f64> {
    Some(1.0 / herfindahl(amounts)?)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() <= 1e-12 * a.abs().max(b.abs()).max(1.0)
    }

    #[test]
    fn textbook_values() {
        assert_eq!(hhi(&[50.0, 30.0, 20.0]), Some(3_800.0));
        assert_eq!(hhi(&[7.0]), Some(HHI_MAX));
        assert!(close(top_share(&[20.0, 50.0, 30.0], 2).unwrap(), 0.8));
        assert_eq!(effective_number(&[5.0, 5.0, 5.0, 5.0]), Some(4.0));
        assert_eq!((hhi(&[]), hhi(&[0.0, 0.0]), top_share(&[], 1)), (None, None, None));
    }

    proptest! {
        #[test]
        fn laws(amounts in prop::collection::vec(0.0..1e6_f64, 1..12), turn in 0..12_usize, scale in 1e-3..1e3_f64) {
            prop_assume!(amounts.iter().sum::<f64>() > 1e-6);
            let index = hhi(&amounts).unwrap();
            prop_assert!((0.0..=HHI_MAX * (1.0 + 1e-12)).contains(&index));
            prop_assert!(index >= HHI_MAX / amounts.len() as f64 * (1.0 - 1e-12));
            prop_assert!(close(shares(&amounts).unwrap().iter().sum(), 1.0));
            let mut permuted = amounts.clone();
            permuted.rotate_left(turn % amounts.len());
            prop_assert!(close(hhi(&permuted).unwrap() / index, 1.0));
            let scaled: Vec<f64> = amounts.iter().map(|amount| amount * scale).collect();
            prop_assert!(close(hhi(&scaled).unwrap() / index, 1.0));
            // More suppliers counted, more covered; and the largest share bounds the index from both sides.
            let top: Vec<f64> = (1..=amounts.len()).map(|n| top_share(&amounts, n).unwrap()).collect();
            prop_assert!(top.is_sorted() && close(top[amounts.len() - 1], 1.0));
            prop_assert!(index / HHI_MAX <= top[0] + 1e-12 && index / HHI_MAX >= top[0] * top[0] - 1e-12);
        }

        #[test]
        fn merging_two_suppliers_never_lowers_the_index(amounts in prop::collection::vec(0.1..1e6_f64, 2..12)) {
            let mut merged = amounts.clone();
            let last = merged.pop().unwrap();
            merged[0] += last;
            prop_assert!(hhi(&merged).unwrap() >= hhi(&amounts).unwrap() * (1.0 - 1e-12));
        }
    }
}
