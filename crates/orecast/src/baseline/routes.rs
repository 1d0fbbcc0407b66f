//! Routes that the data do not show, kept open so that a deal can use them.

use super::{Evidence, Quantity, closeness, observed::Prior, priors::PriorSet};
use crate::{
    base::{
        id::Iso3,
        unit::{Grade, Stage},
    },
    world::World,
};

/// Sellers and buyers above these shares of the world always have a route to each other.
const SEED_SELLER: f64 = 0.01;
const SEED_BUYER: f64 = 0.005;
/// Size of a seeded route over what trade without frictions would carry.
const SEED_SIZE: f64 = 0.02;

impl PriorSet {
    /// Opens a route from every large seller to every large buyer, sized by a gravity relation: proportional to both,
    /// and to the inverse of distance.
    pub(super) fn seed_routes(&mut self, world: &World) {
        let seeds_of = |draft: &Self, sellers: Vec<(Iso3, f64)>, buyers: Vec<(Iso3, f64)>, ore: bool| {
            let total: f64 = sellers.iter().map(|(_, v)| v).sum();
            let mut seeds = Vec::new();
            for &(from, made) in sellers.iter().filter(|(_, v)| *v > SEED_SELLER * total) {
                for &(to, used) in buyers.iter().filter(|(_, v)| *v > SEED_BUYER * total) {
                    let quantity =
                        if ore { Quantity::OreFlow(from, to) } else { Quantity::ProductFlow(from, to) };
                    if from != to && to != Iso3::UNTRACED && !draft.priors.contains_key(&quantity) {
                        let value = SEED_SIZE * made * used / total * closeness(world, from, to);
                        seeds.push((quantity, value));
                    }
                }
            }
            seeds
        };
        let product_seller = |q: Quantity| match q {
            Quantity::Mined(c) if self.baseline.last_stage == Stage::Mine => Some(c),
            Quantity::Refined(c) => Some(c),
            _ => None,
        };
        let list = |pick: &dyn Fn(Quantity) -> Option<Iso3>| -> Vec<(Iso3, f64)> {
            self.sums(pick).into_iter().collect()
        };
        let mut seeds = seeds_of(
            self,
            list(&product_seller),
            list(&|q| if let Quantity::ProductFlow(_, to) = q { Some(to) } else { None }),
            false,
        );
        if self.baseline.two_stages {
            seeds.extend(seeds_of(
                self,
                list(&|q| if let Quantity::Mined(c) = q { Some(c) } else { None }),
                list(&|q| if let Quantity::Intake(c) = q { Some(c) } else { None }),
                true,
            ));
        }
        for (quantity, value) in seeds {
            self.add(quantity, Prior { value, sigma: 1.0, grade: Grade::C }, Evidence::Seeded);
        }
    }
}
