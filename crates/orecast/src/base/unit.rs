//! Light numeric types for the units of the field. Arithmetic exists only where it makes sense.

use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub};

use serde::{Deserialize, Serialize};

macro_rules! unit {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Default, Serialize, Deserialize, schemars::JsonSchema)]
        #[serde(transparent)]
        pub struct $name(pub f64);

        impl Add for $name {
            type Output = Self;
            fn add(self, other: Self) -> Self {
                Self(self.0 + other.0)
            }
        }
        impl AddAssign for $name {
            fn add_assign(&mut self, other: Self) {
                self.0 += other.0;
            }
        }
        impl Sub for $name {
            type Output = Self;
            fn sub(self, other: Self) -> Self {
                Self(self.0 - other.0)
            }
        }
        impl Neg for $name {
            type Output = Self;
            fn neg(self) -> Self {
                Self(-self.0)
            }
        }
        impl Mul<f64> for $name {
            type Output = Self;
            fn mul(self, factor: f64) -> Self {
                Self(self.0 * factor)
            }
        }
        impl Div for $name {
            type Output = f64;
            fn div(self, other: Self) -> f64 {
                self.0 / other.0
            }
        }
        impl std::iter::Sum for $name {
            fn sum<I: Iterator<Item = Self>>(items: I) -> Self {
                Self(items.map(|item| item.0).sum())
            }
        }
    };
}

unit!(
    /// Tonnes of contained mineral a year, on the basis that the mineral names (t W, t REO, ...).
    Tonnes
);
unit!(
    /// Price or cost in United States dollars per tonne contained.
    UsdPerTonne
);
unit!(
    /// Money in United States dollars.
    Usd
);
unit!(
    /// A fraction of a whole, 0 to 1.
    Share
);
unit!(
    /// A span of time in years.
    Years
);

impl Mul<Tonnes> for UsdPerTonne {
    type Output = Usd;
    fn mul(self, quantity: Tonnes) -> Usd {
        Usd(self.0 * quantity.0)
    }
}

/// Where in the chain a quantity is counted.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// Out of the ground, as ore or concentrate.
    Mine,
    /// Out of the refinery, smelter or separation plant, in the form that users buy.
    Refine,
}

impl Stage {
    /// The word used in files and on screens.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Mine => "mine",
            Self::Refine => "refine",
        }
    }
}

impl std::fmt::Display for Stage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

/// An uncertain figure: the low and high ends bracket 9 cases in 10.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Range {
    /// Value that 5 % of cases lie under.
    pub low: f64,
    /// Middle case.
    pub mid: f64,
    /// Value that 5 % of cases lie above.
    pub high: f64,
}

impl Range {
    /// A figure without doubt.
    pub const fn exact(value: f64) -> Self {
        Self { low: value, mid: value, high: value }
    }

    /// A range from its three points.
    pub const fn new(low: f64, mid: f64, high: f64) -> Self {
        Self { low, mid, high }
    }

    /// Mean by Swanson's rule for a range that holds 9 cases in 10: 30 % of the low, 40 % of the middle, 30 % of the high.
    pub fn mean(&self) -> f64 {
        0.3 * self.low + 0.4 * self.mid + 0.3 * self.high
    }

    /// Whether the points are finite and in order.
    pub fn is_ordered(&self) -> bool {
        self.low <= self.mid && self.mid <= self.high && self.low.is_finite() && self.high.is_finite()
    }
}

/// How well a figure is supported.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema,
)]
pub enum Grade {
    /// Published for exactly this.
    A,
    /// Derived, or a close analogue.
    B,
    /// A documented assumption.
    C,
}

impl std::fmt::Display for Grade {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::A => "A",
            Self::B => "B",
            Self::C => "C",
        })
    }
}
