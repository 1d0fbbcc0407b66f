//! One balanced mineral-year, made from observations that never quite add up.
//!
//! Each country may mine, buy ore, use ore as it is, refine ore and scrap, and use the refined product. The quantities
//! are those closest to the published ones (weighted by how sure each is) that close every mass balance. What had to
//! move, and by how many standard deviations, is the [tension](Entry::tension).

pub mod balance;
pub mod comparison;
pub mod conditions;
mod element;
mod flows;
mod import_sources;
mod observed;
mod ore;
mod priors;
pub mod reliance;
mod requirements;
mod routes;
mod sampler;
pub mod tension;
pub mod totals;
mod untraced;
mod withheld;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use sampler::Sampler;

use conditions::Condition;

use crate::{
    base::{
        id::{Iso3, MineralId},
        unit::{Grade, Stage},
    },
    world::World,
};

/// What a balanced quantity is, by country.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Quantity {
    /// Output of the first stage.
    Mined(Iso3),
    /// Ore from one country to another, or kept at home.
    OreFlow(Iso3, Iso3),
    /// Ore used as it is, outside refining.
    OreUse(Iso3),
    /// Ore taken in by refineries.
    Intake(Iso3),
    /// Product made from scrap and other secondary feed.
    Scrap(Iso3),
    /// Output of the last stage.
    Refined(Iso3),
    /// Product from one country to the users of another, or of its own.
    ProductFlow(Iso3, Iso3),
}

/// How a prior came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Evidence {
    /// Published.
    Observed,
    /// Follows from other figures by a stated rule.
    Inferred,
    /// A route not seen in the data, kept open by a small gravity prior.
    Seeded,
}

/// One balanced quantity.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// What it is.
    pub quantity: Quantity,
    /// Balanced tonnes contained a year.
    pub value: f64,
    /// Value before balancing.
    pub prior: f64,
    /// Relative standard deviation of the prior.
    pub sigma: f64,
    /// How the prior came about.
    pub evidence: Evidence,
    /// Grade of the prior.
    pub grade: Grade,
    /// The condition that pulled it most in the direction in which it moved.
    pub binding: Option<Condition>,
}

impl Entry {
    /// How far balancing moved the quantity, in standard deviations of its logarithm.
    pub fn tension(&self) -> f64 {
        (self.value / self.prior).ln() / self.sigma
    }
}

/// A balanced mineral-year.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Baseline {
    /// Mineral.
    pub mineral: MineralId,
    /// Calendar year.
    pub year: i32,
    /// Stage whose product is used; a chain with one stage has no ore quantities.
    pub last_stage: Stage,
    /// Whether ore is mined and refined in this chain.
    pub two_stages: bool,
    /// Share of the ore's content that reaches the product.
    pub recovery: f64,
    /// Balanced quantities, by kind and country.
    pub entries: Vec<Entry>,
    /// Tonnes that passed through places of transit, by stage and place.
    pub transit: Vec<(Stage, Iso3, f64)>,
    /// Output that published world totals do not hold, by stage and country: priors of withheld and of secondary output.
    pub beyond_total: Vec<(Stage, Iso3, f64)>,
    /// Sales that neither output nor purchases explain and that were left out, by stage and seller.
    pub left_out: Vec<(Stage, Iso3, f64)>,
    /// Largest open mass balance over the larger of its sides.
    pub residual: f64,
}

/// Why a mineral-year has no baseline.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoBaseline {
    /// The mineral is not in the package.
    #[error("no mineral `{0}` in the data package")]
    UnknownMineral(String),
    /// Nothing to start from.
    #[error("no output of {mineral} is published for {year} or the years around it")]
    NoOutput {
        /// Mineral.
        mineral: MineralId,
        /// Calendar year.
        year: i32,
    },
    /// The market of an element is its aggregate's.
    #[error("{mineral} is sold within the market of {market}: ask for that")]
    PartOf {
        /// Mineral.
        mineral: MineralId,
        /// Market it belongs to.
        market: MineralId,
    },
}

impl Baseline {
    /// Balances a mineral-year. Countries in `keep` stay separate however small they are.
    ///
    /// # Errors
    /// When the package has no such mineral, no output for it, or when it has no market of its own.
    pub fn build(world: &World, mineral: &str, year: i32, keep: &[Iso3]) -> Result<Self, NoBaseline> {
        Sampler::new(world, mineral, year, keep).map(Sampler::into_middle)
    }

    /// Value of one quantity; 0 when it does not exist.
    pub fn value(&self, quantity: Quantity) -> f64 {
        self.entries
            .binary_search_by(|entry| entry.quantity.cmp(&quantity))
            .map_or(0.0, |position| self.entries[position].value)
    }

    /// Output of a stage by country, largest first.
    pub fn output(&self, stage: Stage) -> Vec<(Iso3, f64)> {
        let mut list: Vec<(Iso3, f64)> = self
            .entries
            .iter()
            .filter_map(|entry| match entry.quantity {
                Quantity::Mined(c) if stage == Stage::Mine => Some((c, entry.value)),
                Quantity::Refined(c) if stage == Stage::Refine => Some((c, entry.value)),
                _ => None,
            })
            .collect();
        list.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        list
    }

    /// Use of the last stage's product by country.
    pub fn used(&self) -> BTreeMap<Iso3, f64> {
        let mut used = BTreeMap::new();
        for entry in &self.entries {
            if let Quantity::ProductFlow(_, to) = entry.quantity {
                *used.entry(to).or_default() += entry.value;
            }
        }
        used
    }

    /// The entries that balancing moved most, in standard deviations, largest first. Seeds do not count.
    pub fn tensions(&self) -> Vec<&Entry> {
        let mut list: Vec<&Entry> = self.entries.iter().filter(|e| e.evidence != Evidence::Seeded).collect();
        list.sort_by(|a, b| b.tension().abs().total_cmp(&a.tension().abs()));
        list
    }
}

/// Inverse of distance against a typical 8,000 km, so that neighbours trade more; 1 where unknown.
pub(crate) fn closeness(world: &World, a: Iso3, b: Iso3) -> f64 {
    const TYPICAL_KM: f64 = 8_000.0;
    world.distance_km(a, b).map_or(1.0, |km| (TYPICAL_KM / km.max(200.0)).min(10.0))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::testing::{MiniPackage, id};

    #[test]
    fn one_producer_without_trade_or_price_has_a_baseline() {
        let world = MiniPackage::new().load().unwrap();
        let gallium = Baseline::build(&world, "gallium", 2024, &[]).unwrap();
        assert_eq!((gallium.last_stage, gallium.two_stages), (Stage::Refine, false));
        assert_eq!(gallium.output(Stage::Refine), [(id("CHN"), 750.0)]);
        assert_eq!(gallium.used(), [(id("CHN"), 750.0)].into());
        let summary = gallium.tension_summary();
        assert_eq!((summary.cells, summary.moved, summary.is_high()), (2, 0, false));
    }

    #[test]
    fn where_nobody_publishes_refined_output_the_ore_at_hand_makes_it() {
        let world = MiniPackage::new().load().unwrap();
        let zinc = Baseline::build(&world, "zinc", 2024, &[]).unwrap();
        assert_eq!((zinc.last_stage, zinc.two_stages), (Stage::Refine, true));
        let refined: BTreeMap<Iso3, f64> = zinc.output(Stage::Refine).into_iter().collect();
        let mined: f64 = zinc.output(Stage::Mine).iter().map(|(_, tonnes)| tonnes).sum();
        assert!((refined.values().sum::<f64>() / (zinc.recovery * mined) - 1.0).abs() < 0.05, "{refined:?}");
        assert!(refined[&id("CHN")] > 10.0 * refined[&id("KAZ")]);
        assert!(zinc.residual < 1e-9);
    }

    #[test]
    fn what_has_no_baseline_says_why() {
        let world = MiniPackage::new().load().unwrap();
        let why = |mineral| Baseline::build(&world, mineral, 2024, &[]).unwrap_err().to_string();
        assert_eq!(why("alumina"), "no output of alumina is published for 2024 or the years around it");
        assert_eq!(why("dysprosium"), "dysprosium is sold within the market of rare_earths: ask for that");
        assert_eq!(why("unobtainium"), "no mineral `unobtainium` in the data package");
    }

    #[test]
    fn tension_names_the_condition_and_the_figure_that_held() {
        // China is seen to sell abroad three times what it makes.
        let package = MiniPackage::new().with(
            "trade.csv",
            "refine,CHN,USA,2024,284180,900",
            "refine,CHN,USA,2024,284180,180000",
        );
        let cells = tension::tension_cells(&package.load().unwrap(), "tungsten", 2024).unwrap();
        let flow = cells.iter().find(|cell| cell.label == "refined, China to United States").unwrap();
        assert!(flow.balanced < flow.observed && flow.tension < 0.0, "{flow:?}");
        assert!(
            flow.because.contains("China makes 60.0 kt and was seen to sell and keep"),
            "{}",
            flow.because
        );
    }
}
