//! The country or group that a report looks at.

use crate::{
    base::id::Iso3,
    indicator::Group,
    studies::shock::{
        effects::{Effects, Key},
        market::ShockMarket,
    },
};

/// Whom a report looks at, in its market.
pub(super) struct Focus<'a> {
    pub shock: &'a ShockMarket,
    pub group: &'a Group,
}

impl Focus<'_> {
    /// Sum over the members of what is measured by country.
    pub(super) fn sum(&self, effects: &Effects, of: fn(Iso3) -> Key) -> f64 {
        self.group.members.iter().filter_map(|&country| effects.get(&of(country))).sum()
    }

    /// Delivered price over the base price: the mean over what members bought before, of those that can still buy.
    pub(super) fn price(&self, effects: &Effects) -> f64 {
        let price = |country| effects.get(&Key::Delivered(country)).copied().unwrap_or(f64::NAN);
        let mut members = self.group.members.iter().copied();
        if let (Some(only), None) = (members.next(), members.next()) {
            return price(only);
        }
        let last = self.shock.base.baseline.last_stage;
        let users = self.shock.base.market.users.iter();
        let priced = users.filter(|user| user.stage == last && self.group.has(user.country));
        let (sum, weight) = priced
            .map(|user| (price(user.country), user.demand.quantity))
            .filter(|(price, _)| price.is_finite())
            .fold((0.0, 0.0), |(sum, weight), (price, bought)| (sum + price * bought, weight + bought));
        if weight > 0.0 { sum / weight } else { f64::NAN }
    }
}
