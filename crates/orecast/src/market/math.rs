//! Exponential and logarithm without branches or calls, so that loops over arcs and tranches run on vectors.
//!
//! Both are within a few units in the last place and use plain products and sums only: the same bits come out on
//! every processor, whichever vector width it has. Functions are always inlined because they take on the vector
//! width of the loop that they stand in.
#![allow(clippy::inline_always)]

/// Adding it to a number below 2^51 leaves the nearest whole number in the low bits.
const ROUNDER: f64 = 6_755_399_441_055_744.0;
/// Arguments below give 0.
const LOWEST: f64 = -708.0;
/// `ln 2` in two parts, the first exact in 33 bits.
const LN2_HIGH: f64 = 0.693_147_180_369_123_8;
const LN2_LOW: f64 = 1.908_214_929_270_587_7e-10;
/// `√½`, where the logarithm's mantissas begin.
const ROOT_HALF_BITS: u64 = 0x3fe6_a09e_667f_3bcd;
/// Exponent bits of 1.
const ONE_BITS: u64 = 0x3ff0_0000_0000_0000;
/// `2^52`: a whole number below it written into its low bits reads as the sum of both.
const TWO_52_BITS: u64 = 0x4330_0000_0000_0000;

/// `e^x`; 0 below −708, held at its value at 709 above.
#[inline(always)]
pub(super) fn exp(x: f64) -> f64 {
    let bounded = x.clamp(LOWEST, 709.0);
    let shifted = bounded * std::f64::consts::LOG2_E + ROUNDER;
    let twos = shifted - ROUNDER;
    let r = (bounded - twos * LN2_HIGH) - twos * LN2_LOW;
    // Taylor's series; |r| ≤ ln 2 / 2 leaves less than 1e-17 beyond the thirteenth power.
    let mut sum = 1.0 / 6_227_020_800.0;
    sum = sum * r + 1.0 / 479_001_600.0;
    sum = sum * r + 1.0 / 39_916_800.0;
    sum = sum * r + 1.0 / 3_628_800.0;
    sum = sum * r + 1.0 / 362_880.0;
    sum = sum * r + 1.0 / 40_320.0;
    sum = sum * r + 1.0 / 5_040.0;
    sum = sum * r + 1.0 / 720.0;
    sum = sum * r + 1.0 / 120.0;
    sum = sum * r + 1.0 / 24.0;
    sum = sum * r + 1.0 / 6.0;
    sum = sum * r + 0.5;
    sum = sum * r + 1.0;
    sum = sum * r + 1.0;
    let power = f64::from_bits(shifted.to_bits().wrapping_add(1023) << 52);
    if x < LOWEST { 0.0 } else { sum * power }
}

/// `ln x` for positive normal `x`.
#[inline(always)]
pub(super) fn ln(x: f64) -> f64 {
    let above = x.to_bits().wrapping_add(ONE_BITS - ROOT_HALF_BITS);
    let exponent = above >> 52;
    let mantissa = f64::from_bits((above & 0x000f_ffff_ffff_ffff).wrapping_add(ROOT_HALF_BITS));
    let twos = f64::from_bits(exponent | TWO_52_BITS) - (4_503_599_627_370_496.0 + 1023.0);
    let f = mantissa - 1.0;
    let s = f / (2.0 + f);
    let z = s * s;
    // 2 artanh(s) = 2s (1 + z/3 + z²/5 + ...), z ≤ 0.0295.
    let mut sum = 1.0 / 21.0;
    sum = sum * z + 1.0 / 19.0;
    sum = sum * z + 1.0 / 17.0;
    sum = sum * z + 1.0 / 15.0;
    sum = sum * z + 1.0 / 13.0;
    sum = sum * z + 1.0 / 11.0;
    sum = sum * z + 1.0 / 9.0;
    sum = sum * z + 1.0 / 7.0;
    sum = sum * z + 1.0 / 5.0;
    sum = sum * z + 1.0 / 3.0;
    let series = 2.0 * s + 2.0 * s * z * sum;
    twos * LN2_HIGH + (series + twos * LN2_LOW)
}

/// `ln(1 + x)` for `x` in `[0, 1]`, exact to rounding for small `x`: `ln(u)·x/(u − 1)` with `u` the rounded `1 + x`
/// (Kahan).
#[inline(always)]
pub(super) fn ln_1p(x: f64) -> f64 {
    let u = 1.0 + x;
    let rounded = u - 1.0;
    let scaled = ln(u) * (x / rounded);
    if rounded > 0.0 { scaled } else { x }
}

/// `x^8`.
#[inline(always)]
pub(super) fn eighth(x: f64) -> f64 {
    let square = x * x;
    let fourth = square * square;
    fourth * fourth
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn agree_with_the_library(x in -707.0..700.0_f64, magnitude in -300.0..300.0_f64, small in -18.0..0.0_f64) {
            prop_assert!((exp(x) / x.exp() - 1.0).abs() < 1e-15, "exp({x})");
            let y = 10.0_f64.powf(magnitude);
            prop_assert!((ln(y) - y.ln()).abs() <= 1e-15 * y.ln().abs().max(1e-3), "ln({y})");
            let near = 1.0 + 10.0_f64.powf(small);
            prop_assert!((ln(near) - near.ln()).abs() <= 4e-16 * near.ln().abs(), "ln({near})");
            let z = 10.0_f64.powf(small);
            prop_assert!((ln_1p(z) / z.ln_1p() - 1.0).abs() < 1e-15, "ln_1p({z})");
        }
    }

    #[test]
    fn ends_are_what_they_should_be() {
        assert_eq!(
            (exp(0.0), exp(-800.0), exp(f64::NEG_INFINITY), ln(1.0), ln_1p(0.0)),
            (1.0, 0.0, 0.0, 0.0, 0.0)
        );
        assert!(exp(1e4).is_finite() && exp(f64::NAN).is_nan());
    }
}
