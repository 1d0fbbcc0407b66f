//! Ranges, and differences between arms taken run by run.

use super::Ensemble;
use crate::base::unit::Range;

/// Quantile of sorted values by linear interpolation between order statistics (Hyndman and Fan type 7); not a number
/// when there are none.
pub fn quantile(sorted: &[f64], q: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return f64::NAN };
    let position = q * last as f64;
    let below = position.floor() as usize;
    let above = (below + 1).min(last);
    sorted[below] + (position - below as f64) * (sorted[above] - sorted[below])
}

/// The 5, 50 and 95 % points of some values; those that are not numbers are left out.
pub fn range_of(values: impl Iterator<Item = f64>) -> Range {
    let mut values: Vec<f64> = values.filter(|v| v.is_finite()).collect();
    let Some(last) = values.len().checked_sub(1) else { return Range::exact(f64::NAN) };
    // Only the values around the three points need their places; what is below the last point is in place already.
    let mut placed = 0;
    let mut at = |q: f64| {
        let position = q * last as f64;
        let below = position.floor() as usize;
        let (_, low, above) = values[placed..].select_nth_unstable_by(below - placed, f64::total_cmp);
        let low = *low;
        let high = above.iter().copied().min_by(f64::total_cmp).unwrap_or(low);
        placed = below;
        low + (position - below as f64) * (high - low)
    };
    Range::new(at(0.05), at(0.5), at(0.95))
}

/// How an arm differs from the reference, run by run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Difference {
    /// Range of the difference.
    pub range: Range,
    /// Runs in which the arm is lower.
    pub lower: usize,
    /// Runs in which it is higher.
    pub higher: usize,
    /// Runs that count.
    pub runs: usize,
}

impl Ensemble {
    /// Range of an indicator.
    pub fn range(&self, mineral: usize, indicator: usize, arm: usize, year: usize) -> Range {
        range_of(self.values(mineral, indicator, arm, year))
    }

    /// Differences of an arm from another, run by run, where both are numbers.
    pub fn differences(
        &self,
        mineral: usize,
        indicator: usize,
        arm: usize,
        from: usize,
        year: usize,
    ) -> Vec<f64> {
        let pairs =
            self.values(mineral, indicator, arm, year).zip(self.values(mineral, indicator, from, year));
        pairs.map(|(a, b)| a - b).filter(|d| d.is_finite()).collect()
    }

    /// Difference of an arm from another, run by run.
    pub fn difference(
        &self,
        mineral: usize,
        indicator: usize,
        arm: usize,
        from: usize,
        year: usize,
    ) -> Difference {
        let gaps = self.differences(mineral, indicator, arm, from, year);
        Difference {
            lower: gaps.iter().filter(|d| **d < 0.0).count(),
            higher: gaps.iter().filter(|d| **d > 0.0).count(),
            runs: gaps.len(),
            range: range_of(gaps.into_iter()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_points_are_those_of_the_sorted_values() {
        for length in 0..60_u64 {
            let values: Vec<f64> =
                (0..length).map(|i| ((i * 7919 + length) % 31) as f64 / 7.0 - 2.0).collect();
            let mut sorted = values.clone();
            sorted.sort_by(f64::total_cmp);
            let found = range_of(values.into_iter());
            for (found, q) in [(found.low, 0.05), (found.mid, 0.5), (found.high, 0.95)] {
                assert_eq!(found.to_bits(), quantile(&sorted, q).to_bits(), "{length} {q}");
            }
        }
    }

    #[test]
    fn quantiles_interpolate() {
        let values = [1.0, 2.0, 3.0, 4.0];
        assert_eq!(quantile(&values, 0.5), 2.5);
        assert_eq!(quantile(&values, 0.0), 1.0);
        assert_eq!(quantile(&values, 1.0), 4.0);
        assert!(quantile(&[], 0.5).is_nan());
    }
}
