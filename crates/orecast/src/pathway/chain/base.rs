//! The market of a mineral's balanced base year: what a bad year disturbs and what the years of a chain start from.

use super::{NoChain, describe::headline_grade};
use crate::{
    base::{
        id::{Iso3, MineralId},
        unit::{Grade, Range, Stage},
    },
    baseline::Baseline,
    market::{Feed, Market},
    params::responses::Responses,
    pathway::calibrate::{BasePrices, Utilisation, calibrate},
    world::World,
};

/// A mineral's base year as a market in balance at base prices.
#[derive(Debug, Clone)]
pub struct BaseMarket {
    /// Mineral.
    pub mineral: MineralId,
    /// Balanced base year.
    pub baseline: Baseline,
    /// Base prices.
    pub prices: BasePrices,
    /// Ranges of the responses.
    pub responses: Responses<Range>,
    /// The market at middle responses; in a chain with nodes, empty tranches and routes for projects.
    pub market: Market,
    /// Worst grade that enters headline numbers: prices and main outputs.
    pub grade: Grade,
}

impl BaseMarket {
    /// A mineral's base year alone, without projects and new routes: what a one-year disruption needs.
    ///
    /// # Errors
    /// When the mineral has no balanced base year or no price.
    pub fn build(
        world: &World,
        mineral: &MineralId,
        base_year: i32,
        roles: &[Iso3],
    ) -> Result<Self, NoChain> {
        Self::of_baseline(world, Baseline::build(world, mineral.as_str(), base_year, roles)?)
    }

    /// The market of a balanced base year.
    ///
    /// # Errors
    /// When the mineral has no price.
    pub fn of_baseline(world: &World, baseline: Baseline) -> Result<Self, NoChain> {
        let mineral = &baseline.mineral.clone();
        let prices = BasePrices::of(world, &baseline).ok_or_else(|| NoChain::NoPrice(mineral.clone()))?;
        let responses = Responses::of(world, &baseline.mineral, baseline.two_stages, baseline.last_stage);
        let utilisation = Utilisation::of(world, &baseline);
        let basis = world.mineral(mineral.as_str()).map_or("t", |row| row.basis.as_str());
        let mut market = calibrate(&baseline, basis, &prices, &utilisation, &responses.mid());
        // In the solver's order, so that it has nothing to sort.
        market.arcs.sort_by_key(|arc| (arc.to, arc.from));
        let grade = headline_grade(&baseline).max(prices.grade);
        Ok(Self { mineral: mineral.clone(), baseline, prices, responses, market, grade })
    }

    /// Gives a market like this one the responses and the recovery of a draw.
    pub(crate) fn bend(&self, market: &mut Market, responses: &Responses<f64>, recovery: f64) {
        for node in &mut market.nodes {
            for tranche in &mut node.tranches {
                match tranche.feed {
                    Feed::Ground => tranche.elasticity = responses.mine_supply,
                    Feed::Ore => tranche.elasticity = responses.refine_supply,
                    Feed::Scrap | Feed::Stock => {}
                }
            }
            if let Some(sourcing) = &mut node.sourcing {
                sourcing.theta = responses.trade / self.prices.mine;
                sourcing.recovery = recovery;
                // A poor recovery leaves refining less, but always something, to live on.
                let margin = self.prices.product - self.prices.mine / recovery;
                sourcing.base_margin = margin.max(0.05 * self.prices.product);
            }
        }
        for user in &mut market.users {
            user.theta = responses.trade / user.base_price;
            user.demand.elasticity = responses.demand;
            user.demand.backstop.multiple = responses.backstop_multiple;
            user.demand.backstop.elasticity = responses.backstop_elasticity.max(responses.demand);
        }
    }

    /// Index of a country's node at a stage.
    pub fn node(&self, country: Iso3, stage: Stage) -> Option<usize> {
        self.market.node(country, stage)
    }

    /// Base price at a stage, USD per tonne contained.
    pub fn base_price(&self, stage: Stage) -> f64 {
        if stage == Stage::Mine && self.baseline.two_stages { self.prices.mine } else { self.prices.product }
    }
}
