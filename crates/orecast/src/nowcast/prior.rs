//! Priors of the states, each with what it rests on.
//!
//! Spreads come from `disturbances.csv` of the forecast-skill study (scale at a horizon of one year, exponent of the
//! horizon, degrees of freedom, widening). They are laid as normal spreads whose 90 % range is that of the fitted
//! Student law: half-width = widen · scale · t₉₅(ν).

use crate::base::{draw::Draw, id::MineralId, unit::Range};

/// How widely a mineral's use, output and price spread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// Metals and minerals of large, quoted markets.
    Main,
    /// All others.
    Specialty,
}

/// Quantile at 95 % of the standard normal distribution.
const Z95: f64 = 1.644_853_626_951_472_2;
/// Markets of the class `main` in the fitted tables.
const MAIN: [&str; 17] = [
    "alumina",
    "aluminum",
    "aluminium",
    "bauxite",
    "copper",
    "zinc",
    "lead",
    "nickel",
    "tin",
    "iron_ore",
    "gold",
    "silver",
    "manganese",
    "chromium",
    "phosphate",
    "potash",
    "platinum",
];

impl Class {
    /// The class of a mineral.
    pub fn of(mineral: &MineralId) -> Self {
        if MAIN.contains(&mineral.as_str()) { Self::Main } else { Self::Specialty }
    }

    const fn pick(self, main: f64, specialty: f64) -> f64 {
        match self {
            Self::Main => main,
            Self::Specialty => specialty,
        }
    }

    /// Spread of the logarithm of world use over one year: 90 % half-width 1.08 (main) and 1.19, world output 2005 to
    /// 2025, 543 pairs.
    pub fn world_use(self) -> f64 {
        self.pick(1.08_f64, 1.19).ln() / Z95
    }

    /// Spread of the logarithm of the use of one side of a split market over one year: apparent use of the United States,
    /// 76 series 2021 to 2025, scale 0.117.
    pub fn zone_use(self) -> f64 {
        self.world_use().max(0.117)
    }

    /// Spread of the logarithm of a price over one year from the last known month: 90 % half-width 1.39 (main, World Bank
    /// 1995 to 2025); from the yearly mean 2.24 for minor metals (USGS 2004 to 2015).
    pub fn price(self) -> f64 {
        self.pick(1.39_f64, 2.24).ln() / Z95
    }

    /// Spread of the logarithm of a country's output over one year at a share of the stage's output: scale at a share of
    /// 0.1 times `(share / 0.1)^-0.29`; 90 % half-width 1.14 (main) and 1.29, USGS 2014 to 2025, 4,175 pairs.
    pub fn output(self, share: f64) -> f64 {
        self.pick(1.14_f64, 1.29).ln() / Z95 * (share.clamp(0.005, 1.0) / 0.1).powf(-0.29)
    }

    /// Volatility of a price within a year, as the spread of its logarithm over a year.
    pub fn volatility(self) -> f64 {
        self.pick(1.39_f64, 2.24).ln() / Z95
    }

    /// Years in which half of an unexplained price fades. Main: fitted half-life of 8 years to the mean of ten (World
    /// Bank 1995 to 2025). Others: after 60 jumps of 70 % and more the median gives back 26 % in three years, which is a
    /// half-life of 6.9; the quartiles (-20 to 80 %) set the ends.
    pub fn price_half_life(self) -> Range {
        match self {
            Self::Main => Range::new(4.0, 8.0, 12.0),
            Self::Specialty => Range::new(2.0, 6.9, 20.0),
        }
    }
}

/// Years in which half of a shift of use is gone. Upper end: the fitted spread of use by country, which grows with the
/// horizon to the power 0.4, is that of a first-order process with a half-life of 11 years. Lower end and middle: the mean of
/// three years forecasts apparent use of the United States 10 % better than the last year, and imports by country 3 to 4 %,
/// so that half of a year's deviation is gone within one or two.
pub const USE_HALF_LIFE: Range = Range::new(1.0, 3.0, 11.0);

/// Share of base exports that still leaves under a licence (range over known regimes of dual-use licences).
pub const LICENCE: Range = Range::new(0.2, 0.6, 0.9);
/// The same under a ban: leaks through third countries and misdeclared goods.
pub const BAN: Range = Range::new(0.02, 0.1, 0.35);
/// Spread of the logarithm of a quota's use.
pub const QUOTA: f64 = 0.1;
/// Spread of the logarithm of what leaves under a regime that was in force in the base year already, over the base year's.
pub const CARRIED: f64 = 0.3;
/// Spread, in the state's own coordinate, of what still leaves under a measure from one year to the next.
pub const TIGHTENING: f64 = 0.5;
/// Chance that a suspended measure returns at the end of its suspension: none has of the one suspension (six announcements
/// of October 2025) whose end has been reached, which was extended; with half a case added to each side.
pub const RETURNS: f64 = 0.25;
/// Chance that a measure with an end date is renewed at it.
pub const RENEWED: f64 = 0.5;
/// Measures in a year that stand in for a record where there is none.
pub const LAPSE_RATE: f64 = 0.15;

/// Factor by which something fades in a year at a half-life drawn from a range.
pub fn fading(draw: Draw, name: &str, half_life: Range) -> f64 {
    0.5_f64.powf(1.0 / draw.range(name, half_life).max(0.25))
}

/// Logit.
pub fn logit(share: f64) -> f64 {
    (share / (1.0 - share)).ln()
}

/// Inverse of [`logit`].
pub fn share(logit: f64) -> f64 {
    1.0 / (1.0 + (-logit).exp())
}

/// Middle and spread, on the logit, of a range that holds 9 cases in 10.
pub fn on_logit(range: Range) -> (f64, f64) {
    (logit(range.mid), (logit(range.high) - logit(range.low)) / (2.0 * Z95))
}
