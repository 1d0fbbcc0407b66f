//! Why a price is what it is: the part of each driver, year by year.
//!
//! Every set of drivers is run; a driver's part is its Shapley value, so that the parts and the price without any driver
//! add up to the price (`docs/src/pathway.md`).

use serde::Serialize;

use crate::pathway::{Driver, Drivers, Simulation, holding::Holding};
use crate::{
    base::{draw::Draw, id::MineralId, shapley::shapley, unit::Stage},
    indicator::{View, mean_price},
    market::Status,
    nowcast::Zone,
};

/// Why the price of a mineral's last stage is what it is, in the draw in which everything uncertain is at its median.
#[derive(Debug, Clone, Serialize)]
pub struct Why {
    /// Mineral.
    pub mineral: MineralId,
    /// Stage whose price is explained.
    pub stage: Stage,
    /// Price of the base year, USD/t contained.
    pub base_price: f64,
    /// The years.
    pub years: Vec<WhyYear>,
}

/// One year's price and its parts.
#[derive(Debug, Clone, Serialize)]
pub struct WhyYear {
    /// Calendar year.
    pub year: i32,
    /// Price, USD/t contained; not a number where some set of drivers has no equilibrium.
    pub price: f64,
    /// Price if no driver were at work, USD/t: the base price, moved by responses that the base year does not have.
    pub without: f64,
    /// What each driver adds, USD/t. With `without` they add up to `price`.
    pub parts: Vec<(Driver, f64)>,
}

impl WhyYear {
    /// What each driver adds, as multiples of a price.
    pub fn over_base(&self, base_price: f64) -> Vec<(Driver, f64)> {
        self.parts.iter().map(|&(driver, usd)| (driver, usd / base_price)).collect()
    }
}

impl Why {
    /// One year.
    pub fn year(&self, year: i32) -> Option<&WhyYear> {
        self.years.iter().find(|row| row.year == year)
    }
}

/// Explains the price of the last stage of the chain at a position. Its hosts run as they are.
pub fn why_price(simulation: &Simulation, position: usize) -> Why {
    let chain = &simulation.chains[position];
    let as_it_is = simulation.runner().undisturbed(Draw::MIDDLE, None, &mut |_| {});
    let others: Vec<bool> = (0..simulation.chains.len()).map(|c| c != position).collect();
    let players: Vec<Driver> =
        Driver::ALL.into_iter().filter(|&driver| can_act(simulation, position, driver)).collect();
    let stage = chain.base.baseline.last_stage;
    let prices = |mask: u64| -> Vec<f64> {
        let on = players.iter().enumerate().filter(|(bit, _)| mask & (1 << bit) != 0);
        let drivers = Drivers::of(on.map(|(_, &driver)| driver));
        let mut prices = Vec::with_capacity(simulation.years.len());
        simulation.runner().with_drivers(drivers).undisturbed(
            Draw::MIDDLE,
            Some((&others, &as_it_is)),
            &mut |outcome| {
                let solved = outcome.equilibrium.status == Status::Converged;
                let price = solved.then(|| {
                    let split = outcome.zone_price(stage, Zone::Outside);
                    split.or_else(|| mean_price(&View::of_outcome(outcome), stage))
                });
                let price = price.flatten();
                prices.push(price.unwrap_or(f64::NAN));
            },
        );
        prices
    };
    let without = prices(0);
    let price = prices((1 << players.len()) - 1);
    let parts = shapley(players.len(), prices);
    let years = simulation.years.iter().enumerate().map(|(y, &year)| WhyYear {
        year,
        price: price[y],
        without: without[y],
        parts: players.iter().zip(&parts).map(|(&driver, part)| (driver, part.value[y])).collect(),
    });
    Why {
        mineral: chain.base.mineral.clone(),
        stage,
        base_price: chain.base.base_price(stage),
        years: years.collect(),
    }
}

/// Whether a driver can do anything in a chain.
fn can_act(simulation: &Simulation, position: usize, driver: Driver) -> bool {
    let chain = &simulation.chains[position];
    match driver {
        Driver::Demand | Driver::Depletion | Driver::Expectations | Driver::Suspensions => true,
        Driver::Named => !chain.sites.is_empty(),
        Driver::Unnamed => chain.unnamed.iter().any(|extra| !extra.is_empty()),
        Driver::Ceiling => !chain.hosts.is_empty(),
        Driver::Recycling => chain.reference.values().any(|stage| stage.scrap > 0.0),
        Driver::Stocks => chain.holdings.iter().any(Holding::trades),
        Driver::Published => chain.first_step.iter().any(Option::is_some) || chain.known.is_some(),
        Driver::Measures => chain.known.as_ref().is_some_and(|known| !known.groups.is_empty()),
        Driver::Use | Driver::Unexplained => {
            chain.known.as_ref().is_some_and(super::super::nowcast::knowledge::Knowledge::has_prices)
        }
    }
}
