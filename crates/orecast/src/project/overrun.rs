//! Cost as built over the cost of the study.
//!
//! The bias of studies is uncertain and common to all projects; what each adds of its own is a shifted log-normal with mean 1 (Bertisen
//! and Davis 2008: half of 63 projects ended outside 15 % of the study once the bias was taken off, one in thirteen cost twice as much
//! or more; shift and spread lie between the two, each within the sampling error of 63 cases).

use statrs::distribution::{ContinuousCDF, Normal};

use super::lead_time::z;

/// Least cost over the study's, after the bias.
const SHIFT: f64 = 0.75;
/// Standard deviation of the logarithm of what lies above the least.
const SPREAD: f64 = 1.1;

/// A project's own cost over that of its like, with mean 1, that a share `u` of projects stay under.
pub fn quantile(u: f64) -> f64 {
    SHIFT + (1.0 - SHIFT) * (SPREAD * z(u) - SPREAD * SPREAD / 2.0).exp()
}

/// Share of projects that cost less than so many times their like.
pub fn share_under(ratio: f64) -> f64 {
    if ratio <= SHIFT {
        return 0.0;
    }
    let z = (((ratio - SHIFT) / (1.0 - SHIFT)).ln() + SPREAD * SPREAD / 2.0) / SPREAD;
    Normal::standard().cdf(z)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_is_one_and_quantiles_invert_shares() {
        let n = 20_000;
        let mean: f64 =
            (0..n).map(|i| quantile((f64::from(i) + 0.5) / f64::from(n))).sum::<f64>() / f64::from(n);
        assert!((mean - 1.0).abs() < 0.005, "{mean}");
        assert!((share_under(quantile(0.3)) - 0.3).abs() < 1e-9);
        assert!(share_under(0.5).abs() < 1e-12);
    }
}
