//! One sample of everything uncertain.
//!
//! A number depends only on the seed, the draw and the parameter's name: arms share draws, a shard of the draws equals
//! its part of the whole, and a parameter added later moves no other. Within a parameter the draws are a scrambled
//! Sobol sequence (Burley 2020), so a few hundred cover its range evenly.

use statrs::distribution::{ContinuousCDF, Normal};

use crate::base::unit::Range;

/// Dimensions that the Sobol generator offers.
const DIMENSIONS: u64 = 256;
/// Points of one sequence; later draws continue under another scramble.
const POINTS: u64 = 1 << 16;
/// Standard normal quantile at 95 %.
const Z95: f64 = 1.644_853_626_951_472_2;

/// One draw of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Draw {
    seed: u64,
    index: u64,
}

impl Draw {
    /// Draw number `index` of the run with this seed.
    pub const fn new(seed: u64, index: u64) -> Self {
        Self { seed, index }
    }

    /// The draw in which everything uncertain is at its median.
    pub const MIDDLE: Self = Self { seed: 0, index: u64::MAX };

    /// A number in (0, 1) for a parameter.
    pub fn uniform(self, name: &str) -> f64 {
        if self == Self::MIDDLE {
            return 0.5;
        }
        let hash = fnv1a(name);
        let scramble = mix(self.seed ^ hash.rotate_left(32) ^ (self.index / POINTS));
        let dimension = (hash % DIMENSIONS) as u32;
        let point = sobol_burley::sample((self.index % POINTS) as u32, dimension, scramble as u32);
        // Single precision in [0, 1): the offset keeps quantiles finite.
        f64::from(point) + f64::from(f32::EPSILON) / 4.0
    }

    /// Numbers for the many small occasions of a parameter, such as the years of a mine: cheaper than [`Self::uniform`], and not evenly
    /// spread over the draws. Absent in the middle draw. The parts of the name are read as one.
    pub fn occasions(self, name: &[&str]) -> Option<Occasions> {
        let hash = name.iter().fold(OFFSET, |hash, part| fnv1a_from(hash, part));
        let key = mix(self.seed ^ hash.rotate_left(32)) ^ mix(self.index.wrapping_add(0x9e37_79b9_7f4a_7c15));
        (self != Self::MIDDLE).then_some(Occasions(key))
    }

    /// A standard normal number for a parameter.
    pub fn normal(self, name: &str) -> f64 {
        let uniform = self.uniform(name);
        Normal::standard().inverse_cdf(uniform)
    }

    /// A value of an uncertain figure whose ends bracket 9 cases in 10: two half-normals that meet in the middle,
    /// on the logarithm where all three points are positive.
    pub fn range(self, name: &str, range: Range) -> f64 {
        if range.low == range.high {
            return range.mid;
        }
        let z = self.normal(name) / Z95;
        let split = |low: f64, mid: f64, high: f64| mid + z * if z < 0.0 { mid - low } else { high - mid };
        if range.low > 0.0 {
            split(range.low.ln(), range.mid.ln(), range.high.ln()).exp()
        } else {
            split(range.low, range.mid, range.high)
        }
    }

    /// A value between two hard ends, most often near the middle (triangular).
    pub fn triangular(self, name: &str, range: Range) -> f64 {
        let Range { low, mid, high } = range;
        let width = high - low;
        if width <= 0.0 {
            return mid;
        }
        let u = self.uniform(name);
        let bend = (mid - low) / width;
        if u < bend {
            low + (u * width * (mid - low)).sqrt()
        } else {
            high - ((1.0 - u) * width * (high - mid)).sqrt()
        }
    }
}

/// What happens on the occasions of one parameter in one draw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Occasions(u64);

impl Occasions {
    /// A number in (0, 1) for an occasion.
    pub fn uniform(self, occasion: u64) -> f64 {
        let bits = mix(self.0 ^ mix(occasion)) >> 11;
        (bits as f64 + 0.5) / (1_u64 << 53) as f64
    }
}

/// Where the hash begins.
const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;

/// FNV-1a: a hash that is the same on every machine and version.
fn fnv1a(text: &str) -> u64 {
    fnv1a_from(OFFSET, text)
}

fn fnv1a_from(hash: u64, text: &str) -> u64 {
    text.bytes().fold(hash, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// Finaliser of `SplitMix64`: spreads every bit of the input over the output.
fn mix(mut x: u64) -> u64 {
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_are_even_and_names_are_independent() {
        let n = 256_u32;
        let (mut mean, mut cross) = (0.0, 0.0);
        for i in 0..n {
            let draw = Draw::new(1, u64::from(i));
            let (a, b) = (draw.uniform("demand/tungsten"), draw.uniform("demand/titanium"));
            mean += a / f64::from(n);
            cross += (a - 0.5) * (b - 0.5) / f64::from(n);
        }
        assert!((mean - 0.5).abs() < 0.005, "{mean}");
        assert!(cross.abs() < 0.02, "{cross}");
    }

    #[test]
    fn occasions_are_independent_of_each_other_and_of_the_draw() {
        let (mut mean, mut over_time, mut over_draws) = (0.0, 0.0, 0.0);
        for index in 0..2000 {
            let of =
                |index| Draw::new(4, index).occasions(&["lead", "/mine/", "PER"]).unwrap_or(Occasions(0));
            let (a, b, c) = (of(index).uniform(1), of(index).uniform(2), of(index + 1).uniform(1));
            mean += a / 2000.0;
            over_time += (a - 0.5) * (b - 0.5) / 2000.0;
            over_draws += (a - 0.5) * (c - 0.5) / 2000.0;
        }
        assert!((mean - 0.5).abs() < 0.02 && over_time.abs() < 0.008 && over_draws.abs() < 0.008);
        assert_eq!(Draw::MIDDLE.occasions(&["lead"]), None);
    }

    #[test]
    fn range_ends_bracket_nine_in_ten() {
        let range = Range::new(0.1, 0.2, 0.8);
        let mut values: Vec<f64> = (0..1000).map(|i| Draw::new(7, i).range("x", range)).collect();
        values.sort_by(f64::total_cmp);
        assert!((values[50] / 0.1 - 1.0).abs() < 0.05 && (values[949] / 0.8 - 1.0).abs() < 0.05);
        assert!((values[500] / 0.2 - 1.0).abs() < 0.05);
    }

    #[test]
    fn a_triangle_keeps_its_ends() {
        let range = Range::new(2029.0, 2030.0, 2033.0);
        let values: Vec<f64> = (0..500).map(|i| Draw::new(3, i).triangular("start", range)).collect();
        assert!(values.iter().all(|v| (2029.0..=2033.0).contains(v)));
        let mean = values.iter().sum::<f64>() / 500.0;
        assert!((mean - 2030.667).abs() < 0.05, "{mean}");
    }
}
