//! The curves of a market: supply that saturates at capacity, refining that follows its margin, use that gives
//! way to price. Each is smooth, monotone, and defined for every real argument, so that no search can leave its
//! domain: below a twentieth of the base price the power laws continue with the same slope.
//!
//! They have no branches and are always inlined, so that loops over tranches and users run on vectors.
#![allow(clippy::inline_always)]

use super::math::{eighth, exp, ln, ln_1p};

/// Sharpness of the bend at full capacity.
const GAMMA: f64 = 8.0;
/// Price ratio under which power laws continue in another form.
const TAIL: f64 = 0.05;
/// Softness of the margin's lower end, as a share of the base margin.
const MARGIN_SOFTNESS: f64 = 0.05;
/// Drives beyond it run at capacity to the last bit; holding them there keeps their powers finite.
const FULL: f64 = 1e30;

/// A value and its slope.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Value of the curve.
    pub value: f64,
    /// Derivative with respect to the argument.
    pub slope: f64,
}

/// `x^(1/8)`.
#[inline(always)]
fn eighth_root(x: f64) -> f64 {
    x.sqrt().sqrt().sqrt()
}

/// The drive at which capacity is used to the share `utilisation`: the inverse of `σ`.
///
/// `utilisation` must lie in `[0, 1)`.
pub fn drive(utilisation: f64) -> f64 {
    utilisation / eighth_root(1.0 - eighth(utilisation))
}

/// Output of `capacity` at drive `x`, `κ·σ(x)` with `σ(x) = x / (1 + x^γ)^(1/γ)`; `log_slope` is that of the drive.
#[inline(always)]
fn output(capacity: f64, drive: f64, log_slope: f64) -> Point {
    let x = drive.min(FULL);
    let power = eighth(x);
    let value = capacity * (x / eighth_root(1.0 + power));
    Point { value, slope: value * log_slope / (1.0 + power) }
}

/// Output `κ·σ(x·(price/base)^ε)` of a source with capacity `κ` and drive `x`, in tonnes a year. Below `TAIL` the
/// power law continues as an exponential, which stays positive.
#[inline(always)]
pub fn supply(capacity: f64, drive: f64, elasticity: f64, base: f64, price: f64) -> Point {
    let ratio = price / base;
    let inside = ratio.max(TAIL);
    let law = exp(elasticity * (ln(inside) + (ratio - TAIL).min(0.0) / TAIL));
    output(capacity, drive * law, elasticity / (inside * base))
}

/// Refined output `κ·σ(x·(m̃/m̃⁰)^η)` at a margin `m` in USD per refined tonne; `base` is the base margin, `m̃` its
/// smooth positive part `w ln(1 + exp(m/w))` with `w` a twentieth of the base margin.
#[inline(always)]
pub fn refining(capacity: f64, drive: f64, elasticity: f64, base: f64, margin: f64) -> Point {
    /// `ln ln(1 + exp(1/0.05))`, the logarithm of the soft base margin over the softness.
    const LN_BASE: f64 = 2.995_732_273_657_049;
    /// Below it `ln(1 + e^z)` is `e^z` to the last bit.
    const VANISHING: f64 = -40.0;
    let width = MARGIN_SOFTNESS * base;
    let z = margin / width;
    let small = exp(-z.abs());
    let soft = z.max(0.0) + ln_1p(small);
    let rise = (if z > 0.0 { 1.0 } else { small }) / (1.0 + small);
    let shrunk = z < VANISHING;
    let log_soft = ln(if shrunk { 1.0 } else { soft });
    let log = if shrunk { z } else { log_soft };
    let log_rise = if shrunk { 1.0 } else { rise / soft };
    output(capacity, drive * exp(elasticity * (log - LN_BASE)), elasticity * log_rise / width)
}

/// Use at a delivered price: `D⁰·h^(−δ)`, and beyond the backstop multiple `M` of the base price much more
/// elastic, `h^(−δ_b)`, joined smoothly. `h` is the price over the base price; below `TAIL` the law continues as a
/// straight line, which stays finite.
///
/// Constant elasticity alone gives absurd prices when most supply vanishes; the backstop stands for
/// substitution, closures and stocks.
#[inline(always)]
pub fn demand(quantity: f64, elasticity: f64, backstop: Backstop, base: f64, price: f64) -> Point {
    let h = price / base;
    let inside = h.max(TAIL);
    let below = (h - TAIL).min(0.0);
    let bend = eighth((inside / backstop.multiple).min(FULL));
    let extra = (backstop.elasticity - elasticity).max(0.0) / GAMMA;
    let normal = eighth(backstop.multiple.recip());
    let law = quantity * exp(extra * ln((1.0 + normal) / (1.0 + bend)) - elasticity * ln(inside));
    let line = 1.0 - elasticity * below / TAIL;
    let steeper = if h > TAIL { extra * GAMMA * bend / (1.0 + bend) } else { 0.0 };
    Point { value: law * line, slope: -law * (elasticity + line * steeper) / (inside * base) }
}

/// Where demand stops being inelastic.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
pub struct Backstop {
    /// Multiple of the base price at which substitution and closures set in.
    pub multiple: f64,
    /// Price elasticity beyond it (positive number).
    pub elasticity: f64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const BACKSTOP: Backstop = Backstop { multiple: 4.0, elasticity: 2.0 };

    #[test]
    fn base_points_are_exact() {
        let s = supply(100.0, drive(0.85), 0.3, 2_000.0, 2_000.0).value;
        assert!((s - 85.0).abs() < 1e-12, "{s}");
        let r = refining(50.0, drive(0.78), 0.6, 700.0, 700.0).value;
        assert!((r - 39.0).abs() < 1e-12, "{r}");
        let d = demand(70.0, 0.2, BACKSTOP, 900.0, 900.0).value;
        assert!((d - 70.0).abs() < 1e-12, "{d}");
    }

    #[test]
    fn the_bend_makes_demand_elastic() {
        let elasticity = |h: f64| {
            let p = demand(1.0, 0.1, BACKSTOP, 1.0, h);
            -p.slope * h / p.value
        };
        assert!((elasticity(1.0) - 0.1).abs() < 1e-3);
        assert!((elasticity(40.0) - 2.0).abs() < 1e-3);
    }

    proptest! {
        #[test]
        fn slopes_match_differences_and_never_change_sign(
            price in -3_000.0..60_000.0_f64, elasticity in 0.02..2.0_f64, utilisation in 0.05..0.98_f64,
        ) {
            let base = 1_000.0;
            let x = drive(utilisation);
            let curves: [&dyn Fn(f64) -> Point; 3] = [
                &|p| supply(10.0, x, elasticity, base, p),
                &|p| refining(10.0, x, elasticity, base, p),
                &|p| demand(10.0, elasticity, BACKSTOP, base, p),
            ];
            for (curve, sign) in curves.iter().zip([1.0, 1.0, -1.0]) {
                let h = 1e-3;
                let at = curve(price);
                prop_assert!(at.value >= 0.0 && at.value.is_finite());
                prop_assert!(sign * at.slope >= 0.0);
                let kink = (price - base * TAIL).abs() < 2.0 * h;
                if !kink {
                    let difference = (curve(price + h).value - curve(price - h).value) / (2.0 * h);
                    prop_assert!((difference - at.slope).abs() <= 1e-5 * (at.slope.abs() + at.value / base + 1e-9));
                }
            }
        }
    }
}
