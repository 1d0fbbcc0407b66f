//! How strongly a market responds: elasticities of supply, use and substitution, and how they grow with time.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    base::{
        id::MineralId,
        unit::{Range, Stage},
    },
    world::{
        World,
        table::{Horizon, Side},
    },
};

/// How long a market has had to respond. Quantities stay yearly rates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum TimeScale {
    /// The first months: trade is rigid, capacity fixed, stocks cover part of the loss.
    Short,
    /// A year: what the yearly pathway assumes.
    #[default]
    Medium,
    /// Some years: capacity has moved, stocks are gone.
    Long,
}

impl TimeScale {
    /// The word used in files and on screens.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Short => "short",
            Self::Medium => "medium",
            Self::Long => "long",
        }
    }

    /// Time that passes, in years, over which stocks are drawn down and delays count; absent when both are long over.
    pub const fn window_years(self) -> Option<f64> {
        match self {
            Self::Short => Some(1.0 / 3.0),
            Self::Medium => Some(1.0),
            Self::Long => None,
        }
    }

    /// Substitution between origins over that of a year. Estimates for the long run are about twice those for the
    /// short run (Gallaway and others 2003, 311 US industries).
    const fn trade_factor(self) -> f64 {
        match self {
            Self::Short => 0.5,
            Self::Medium => 1.0,
            Self::Long => 2.0,
        }
    }
}

impl std::str::FromStr for TimeScale {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        [Self::Short, Self::Medium, Self::Long]
            .into_iter()
            .find(|scale| scale.as_str() == text)
            .ok_or_else(|| format!("`{text}` is not a time scale: write short, medium or long"))
    }
}

/// The numbers that bend a market's curves: one value each, or a [`Range`] each.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Responses<T> {
    /// Price elasticity of mine output (of primary output where there is one stage).
    pub mine_supply: T,
    /// Margin elasticity of refined output.
    pub refine_supply: T,
    /// Price elasticity of use, positive, within a year.
    pub demand: T,
    /// Price elasticity of use, positive, after some years.
    pub demand_long: T,
    /// Price elasticity of capacity after some years.
    pub mine_supply_long: T,
    /// Price elasticity of refining capacity after some years.
    pub refine_supply_long: T,
    /// Elasticity of substitution between origins.
    pub trade: T,
    /// Multiple of the base price at which use gives way.
    pub backstop_multiple: T,
    /// Elasticity of use beyond the backstop.
    pub backstop_elasticity: T,
}

impl Responses<Range> {
    /// Response ranges of a mineral from the data package; grade C defaults stand in for what it lacks.
    pub fn of(world: &World, mineral: &MineralId, two_stages: bool, last: Stage) -> Self {
        let first = if two_stages { Stage::Mine } else { last };
        let find = |side, stage, horizon, default: Range| {
            world.elasticity(mineral, side, stage, horizon).map_or(default, |row| {
                let (a, b) = (row.low.abs(), row.high.abs());
                Range::new(a.min(b).max(0.01), row.mid.abs().max(0.01), a.max(b).max(0.01))
            })
        };
        Self {
            mine_supply: find(Side::Supply, first, Horizon::Short, Range::new(0.05, 0.15, 0.35)),
            refine_supply: find(Side::Supply, Stage::Refine, Horizon::Short, Range::new(0.15, 0.35, 0.7)),
            demand: find(Side::Demand, last, Horizon::Short, Range::new(0.03, 0.12, 0.3)),
            demand_long: find(Side::Demand, last, Horizon::Long, Range::new(0.15, 0.4, 0.8)),
            mine_supply_long: find(Side::Supply, first, Horizon::Long, Range::new(0.4, 0.8, 1.5)),
            refine_supply_long: find(Side::Supply, Stage::Refine, Horizon::Long, Range::new(0.8, 1.5, 3.0)),
            // Published medians over minerals lie between 1.3 and 3 (Broda and Weinstein 2006).
            trade: find(Side::Trade, last, Horizon::Short, Range::new(1.5, 2.5, 4.0)),
            backstop_multiple: Range::new(3.0, 5.0, 8.0),
            backstop_elasticity: Range::new(1.0, 1.5, 2.5),
        }
    }

    /// One value for each response; `pick` is given the response's name and range.
    pub fn map(&self, mut pick: impl FnMut(&'static str, Range) -> f64) -> Responses<f64> {
        Responses {
            mine_supply: pick("mine-supply", self.mine_supply),
            refine_supply: pick("refine-supply", self.refine_supply),
            demand: pick("demand", self.demand),
            demand_long: pick("demand-long", self.demand_long),
            mine_supply_long: pick("mine-supply-long", self.mine_supply_long),
            refine_supply_long: pick("refine-supply-long", self.refine_supply_long),
            trade: pick("trade", self.trade),
            backstop_multiple: pick("backstop-multiple", self.backstop_multiple),
            backstop_elasticity: pick("backstop-elasticity", self.backstop_elasticity),
        }
    }

    /// The middle of every range.
    pub fn mid(&self) -> Responses<f64> {
        self.map(|_, range| range.mid)
    }
}

impl Responses<f64> {
    /// Responses on a time scale. In the first months the short-run elasticities hold; within a year the first year's
    /// part of the way to the long run is added, which takes `adjustment` years; in the long run the whole way is made.
    #[must_use]
    pub fn at(mut self, scale: TimeScale, adjustment: f64) -> Self {
        let way = match scale {
            TimeScale::Short => 0.0,
            TimeScale::Medium => 1.0 / adjustment,
            TimeScale::Long => 1.0,
        };
        let go = |short: f64, long: f64| short + (long - short).max(0.0) * way;
        self.mine_supply = go(self.mine_supply, self.mine_supply_long);
        self.refine_supply = go(self.refine_supply, self.refine_supply_long);
        self.demand = go(self.demand, self.demand_long);
        self.trade *= scale.trade_factor();
        self
    }
}
