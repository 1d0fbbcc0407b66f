//! Where use grows: with the world's, and more than that where plants for the product are expected to be built.
//!
//! A plant for a product is built where its buyers are or will be: part of what new plants are expected to add is use of
//! their own country, and the rest of the world's growth is everybody's. World use is the scenario's either way, and the
//! expectation is that of today, the same in every arm, so that a deal's own plants do not change demand.

use std::collections::BTreeMap;

use super::{chain::Chain, reference::risked};
use crate::{
    base::{id::Iso3, unit::Stage},
    params::Params,
};

/// Part of what new plants are expected to add that is used where they stand, as far as world use grows at all. Assumption,
/// grade C: half of it, as much as a buyer takes under the usual contract of a new plant.
const USED_AT_HOME: f64 = 0.5;

/// Use of each user over its base use times the world's index, by years since the base year.
pub(super) fn growth(chain: &Chain, mid: &Params<f64>) -> Vec<Vec<f64>> {
    let first = chain.base.baseline.year;
    let last = chain.demand.keys().next_back().copied().unwrap_or(first);
    let users = &chain.base.market.users;
    let mut used: BTreeMap<Stage, f64> = BTreeMap::new();
    let mut by_country: BTreeMap<(Stage, Iso3), f64> = BTreeMap::new();
    for user in users {
        *used.entry(user.stage).or_default() += user.demand.quantity;
        *by_country.entry((user.stage, user.country)).or_default() += user.demand.quantity;
    }
    let mut growth = vec![Vec::new(); users.len()];
    for year in first..=last {
        let index = chain.demand.get(&year).map_or(1.0, |range| range.mid);
        let added = if year > first { expected(chain, mid, year) } else { BTreeMap::new() };
        let added: BTreeMap<(Stage, Iso3), f64> =
            added.into_iter().filter(|(place, _)| by_country.get(place).is_some_and(|t| *t > 0.0)).collect();
        for (user, list) in users.iter().zip(&mut growth) {
            let total: f64 =
                added.iter().filter(|((stage, _), _)| *stage == user.stage).map(|(_, t)| t).sum();
            let more = ((index - 1.0) * used[&user.stage]).max(0.0);
            let at_home = USED_AT_HOME * total.min(more);
            let own = added.get(&(user.stage, user.country)).copied().unwrap_or(0.0);
            let of_country = by_country[&(user.stage, user.country)];
            if at_home <= 0.0 || of_country <= 0.0 {
                list.push(1.0);
                continue;
            }
            let everybodys = index - at_home / used[&user.stage];
            list.push((everybodys + at_home * own / total / of_country) / index);
        }
    }
    growth
}

/// What plants of the last product are expected to add by country in a year, tonnes: named projects at their chances and
/// additions that no project names. Mines alone bring no use.
fn expected(chain: &Chain, mid: &Params<f64>, year: i32) -> BTreeMap<(Stage, Iso3), f64> {
    let mut added: BTreeMap<(Stage, Iso3), f64> = BTreeMap::new();
    let last = chain.base.baseline.last_stage;
    if last == Stage::Mine {
        return added;
    }
    for site in chain.sites.iter().filter(|site| site.refine.is_some()) {
        *added.entry((last, site.project.country)).or_default() += risked(site, mid, year);
    }
    let since = (year - chain.base.baseline.year).max(0) as usize;
    for (node, unnamed) in chain.base.market.nodes.iter().zip(&chain.unnamed) {
        if node.stage == last {
            let extra = unnamed.get(since).copied().unwrap_or(0.0);
            *added.entry((last, node.country)).or_default() += mid.unnamed_share * extra;
        }
    }
    added.retain(|_, tonnes| *tonnes > 0.0);
    added
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::testing::{MiniPackage, id};

    #[test]
    fn use_grows_more_where_plants_are_expected_and_the_world_as_the_scenario_says() {
        let world = MiniPackage::new().load().unwrap();
        let mid = Params::DOCUMENTED.mid();
        let mut chain =
            Chain::prepare(&world, &id("tungsten"), 2024, 2025..=2035, "STEPS", &[], &mid).unwrap();
        let last = chain.base.baseline.last_stage;
        let node = chain.base.market.nodes.iter().position(|n| n.stage == last).unwrap();
        let builder = chain.base.market.nodes[node].country;
        for range in chain.demand.values_mut() {
            *range = crate::base::unit::Range::exact(1.5);
        }
        chain.unnamed[node] = vec![chain.base_output[node]; chain.demand.len() + 1];
        let found = growth(&chain, &mid);
        let since = 5;
        let users = chain.base.market.users.iter().zip(&found).filter(|(user, _)| user.stage == last);
        let (mut before, mut after) = (0.0, 0.0);
        for (user, list) in users {
            before += user.demand.quantity;
            after += user.demand.quantity * list[since];
            assert_eq!(list[0], 1.0);
            assert_eq!(list[since] >= 1.0, user.country == builder, "{} {}", user.country, list[since]);
        }
        assert!((after / before - 1.0).abs() < 1e-12, "{before} {after}");
    }
}
