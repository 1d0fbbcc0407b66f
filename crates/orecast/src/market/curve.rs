//! The curves of a market: supply that saturates at capacity, refining that follows its margin, use that gives
//! way to price. Each is smooth, monotone, and defined for every real argument, so that no search can leave its
//! domain: below a twentieth of the base price the power laws continue with the same slope.

/// Sharpness of the bend at full capacity.
const GAMMA: i32 = 8;
/// Price ratio under which power laws continue in another form.
const TAIL: f64 = 0.05;
/// Softness of the margin's lower end, as a share of the base margin.
const MARGIN_SOFTNESS: f64 = 0.05;

/// A value and its slope.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Value of the curve.
    pub value: f64,
    /// Derivative with respect to the argument.
    pub slope: f64,
}

/// Utilisation `σ(x) = x / (1 + x^γ)^(1/γ)` of capacity at drive `x`, with its logarithmic slope.
fn saturate(x: f64) -> (f64, f64) {
    let power = x.powi(GAMMA);
    if power.is_finite() {
        let root = (1.0 + power).sqrt().sqrt().sqrt();
        (x / root, 1.0 / (1.0 + power))
    } else {
        (1.0, 0.0)
    }
}

/// The drive at which capacity is used to the share `utilisation`: the inverse of `σ`.
///
/// `utilisation` must lie in `[0, 1)`.
pub fn drive(utilisation: f64) -> f64 {
    utilisation / (1.0 - utilisation.powi(GAMMA)).sqrt().sqrt().sqrt()
}

/// `ratio^exponent` for every real `ratio`, with its slope. Below [`TAIL`] a rising law continues as an
/// exponential, which stays positive, and a falling one as a straight line, which stays finite.
fn power_law(ratio: f64, exponent: f64) -> Point {
    if ratio > TAIL {
        let value = ratio.powf(exponent);
        return Point { value, slope: exponent * value / ratio };
    }
    let (value, slope) = (TAIL.powf(exponent), exponent * TAIL.powf(exponent) / TAIL);
    if exponent > 0.0 {
        let decay = (exponent / TAIL * (ratio - TAIL)).exp();
        Point { value: value * decay, slope: slope * decay }
    } else {
        Point { value: value + slope * (ratio - TAIL), slope }
    }
}

/// Output of `capacity` at drive `x·law`.
fn output(capacity: f64, drive: f64, law: Point) -> Point {
    let (share, log_slope) = saturate(drive * law.value);
    let value = capacity * share;
    let slope = if law.value > 0.0 { value * log_slope * law.slope / law.value } else { 0.0 };
    Point { value, slope }
}

/// Output `κ·σ(x·(price/base)^ε)` of a source with capacity `κ` and drive `x`, in tonnes a year.
pub fn supply(capacity: f64, drive: f64, elasticity: f64, base: f64, price: f64) -> Point {
    let law = power_law(price / base, elasticity);
    output(capacity, drive, Point { value: law.value, slope: law.slope / base })
}

/// Smooth positive part of a margin: `softplus` with a softness that scales with the base margin.
fn positive_margin(margin: f64, base: f64) -> Point {
    let width = MARGIN_SOFTNESS * base;
    let z = margin / width;
    if z > 30.0 {
        Point { value: margin, slope: 1.0 }
    } else {
        let e = z.exp();
        Point { value: width * e.ln_1p(), slope: e / (1.0 + e) }
    }
}

/// Refined output `κ·σ(x·(m̃/m̃⁰)^η)` at a margin `m` in USD per refined tonne; `base` is the base margin.
pub fn refining(capacity: f64, drive: f64, elasticity: f64, base: f64, margin: f64) -> Point {
    let soft = positive_margin(margin, base);
    let value = (soft.value / positive_margin(base, base).value).powf(elasticity);
    let slope = if soft.value > 0.0 { elasticity * value * soft.slope / soft.value } else { 0.0 };
    output(capacity, drive, Point { value, slope })
}

/// Use at a delivered price: `D⁰·h^(−δ)`, and beyond the backstop multiple `M` of the base price much more
/// elastic, `h^(−δ_b)`, joined smoothly. `h` is the price over the base price.
///
/// Constant elasticity alone gives absurd prices when most supply vanishes; the backstop stands for
/// substitution, closures and stocks.
pub fn demand(quantity: f64, elasticity: f64, backstop: Backstop, base: f64, price: f64) -> Point {
    let h = price / base;
    let law = power_law(h, -elasticity);
    // The ratio lies near 1, so both powers are safe; prices under the tail are far below the bend.
    let bend = (h.max(TAIL) / backstop.multiple).powi(GAMMA);
    let extra = (backstop.elasticity - elasticity).max(0.0) / f64::from(GAMMA);
    let normal = (1.0 + backstop.multiple.powi(-GAMMA)).powf(extra);
    let factor = if bend.is_finite() { normal * (1.0 + bend).powf(-extra) } else { 0.0 };
    let value = quantity * law.value * factor;
    let bend_slope =
        if h > TAIL && bend.is_finite() { -extra * f64::from(GAMMA) * bend / (1.0 + bend) / h } else { 0.0 };
    let slope = value * (law.slope / law.value.max(f64::MIN_POSITIVE) + bend_slope) / base;
    Point { value, slope }
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
