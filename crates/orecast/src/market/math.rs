//! Exponential and logarithm without branches or calls, so that loops over arcs and tranches run on vectors.
//!
//! Both are within a few units in the last place. They use products, sums and fused multiply-adds, which every
//! processor rounds alike: where it has no instruction for the last, the standard library computes the same number
//! step by step. So the same bits come out everywhere, whichever vector width there is. Functions are always inlined
//! because they take on the vector width of the loop that they stand in.
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
///
/// `e^r = 1 + r + r² q(r)` on `|r| ≤ ln 2 / 2`, with `q` the polynomial of least relative error (4e-18), summed in pairs
/// (Estrin) so that its terms do not wait for each other.
#[inline(always)]
pub(super) fn exp(x: f64) -> f64 {
    let bounded = x.clamp(LOWEST, 709.0);
    let shifted = bounded.mul_add(std::f64::consts::LOG2_E, ROUNDER);
    let twos = shifted - ROUNDER;
    let r = (-twos).mul_add(LN2_LOW, (-twos).mul_add(LN2_HIGH, bounded));
    let square = r * r;
    let fourth = square * square;
    let a = r.mul_add(0.166_666_666_666_664_13, 0.500_000_000_000_001_1);
    let b = r.mul_add(0.008_333_333_333_494_465, 0.041_666_666_666_530_155);
    let c = r.mul_add(0.000_198_412_695_065_716_27, 0.001_388_888_894_363_018_8);
    let d = r.mul_add(2.755_758_638_051_042_7e-6, 2.480_149_309_881_643_3e-5);
    let e = r.mul_add(2.500_005_939_079_034_4e-8, 2.763_024_841_405_389e-7);
    let low = square.mul_add(b, a);
    let middle = square.mul_add(d, c);
    let q = fourth.mul_add(fourth.mul_add(e, middle), low);
    let sum = 1.0 + square.mul_add(q, r);
    let power = f64::from_bits(shifted.to_bits().wrapping_add(1023) << 52);
    if x < LOWEST { 0.0 } else { sum * power }
}

/// `ln x` for positive normal `x`.
///
/// `2 artanh(s) = 2s + s³ R(s²)` for the mantissa `(1 + s) / (1 − s)`, with `R` the polynomial of least relative error
/// (2e-18 of the whole).
#[inline(always)]
pub(super) fn ln(x: f64) -> f64 {
    let above = x.to_bits().wrapping_add(ONE_BITS - ROOT_HALF_BITS);
    let exponent = above >> 52;
    let mantissa = f64::from_bits((above & 0x000f_ffff_ffff_ffff).wrapping_add(ROOT_HALF_BITS));
    let twos = f64::from_bits(exponent | TWO_52_BITS) - (4_503_599_627_370_496.0 + 1023.0);
    let f = mantissa - 1.0;
    let s = f / (2.0 + f);
    let z = s * s;
    let square = z * z;
    let a = z.mul_add(0.399_999_999_994_128_7, 0.666_666_666_666_673_5);
    let b = z.mul_add(0.222_221_985_243_421_8, 0.285_714_287_428_276_65);
    let c = z.mul_add(0.153_139_766_200_846_46, 0.181_835_670_446_680_23);
    let high = square.mul_add(0.147_967_313_584_652_62, c);
    let sum = square.mul_add(square.mul_add(high, b), a);
    // ln(1 + f) = f − s (f − z R): the leading term is exact.
    let series = f - s * (-z).mul_add(sum, f);
    twos.mul_add(LN2_HIGH, twos.mul_add(LN2_LOW, series))
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
