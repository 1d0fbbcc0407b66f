//! Stocks that are held today: when their holders release and when they buy.
//!
//! Holders look at the year before. They release when its price, or for longer the expected one, passes a multiple of the base price, and
//! buy back towards a target once prices are usual again. What they release stands in for purchases of their own users; inventories are in
//! everybody's hands. Each year's account closes: opening + bought - released = closing, never below zero.

use serde::Serialize;

use super::chain::Chain;
use crate::{
    base::{
        draw::Draw,
        id::Iso3,
        unit::{Grade, Range, Stage},
    },
    market::Market,
    params::Params,
    world::{
        World,
        table::{ObservationRow, StockClass},
    },
};

/// Share of its users' purchases that a stock replaces in a year at most.
pub(super) const MOST_REPLACED: f64 = 0.9;

/// What is held of a mineral in the base year, tonnes of the product that users buy.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Holding {
    /// Where it is held; the world for what is in everybody's hands.
    pub holder: Iso3,
    /// Kind of holder.
    pub class: StockClass,
    /// Tonnes contained.
    pub tonnes: Range,
    /// Year of the figure.
    pub year: i32,
    /// What the publisher calls it.
    pub product: String,
    /// Grade.
    pub grade: Grade,
}

impl Holding {
    /// Stocks of a chain that are known in its base year: of each product that `stock_holders.csv` lists the latest figure. Ore counts
    /// as what is recovered from it.
    pub(super) fn of(world: &World, chain: &Chain) -> Vec<Self> {
        let held = |row: &&ObservationRow| {
            row.mineral == chain.base.mineral
                && row.year <= chain.base.baseline.year
                && row.value.is_some_and(|tonnes| tonnes > 0.0)
        };
        let mut list = Vec::new();
        for holder in &world.tables().stock_holders {
            let rows = world.tables().stocks.iter().filter(held).filter(|row| row.product == holder.product);
            let Some(row) = rows.max_by_key(|row| (row.year, &row.vintage)) else { continue };
            let ore = row.stage == Stage::Mine && chain.base.baseline.two_stages;
            let factor = if ore { chain.base.baseline.recovery } else { 1.0 };
            let tonnes =
                |value: Option<f64>| value.map(|tonnes| factor * (tonnes - holder.sold_since_t).max(0.0));
            let mid = tonnes(row.value).unwrap_or(0.0);
            list.push(Self {
                holder: row.iso3,
                class: holder.class,
                tonnes: Range::new(tonnes(row.low).unwrap_or(mid), mid, tonnes(row.high).unwrap_or(mid)),
                year: row.year,
                product: row.product.clone(),
                grade: row.grade.max(holder.grade),
            });
        }
        list
    }

    /// Whether its holder buys and releases; money does not.
    pub fn trades(&self) -> bool {
        self.class != StockClass::Monetary && self.tonnes.high > 0.0
    }
}

/// When a holder releases and when it buys.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rule {
    /// Price over the base price beyond which it releases.
    pub release_above: f64,
    /// Expected price over the base price beyond which a shortage counts as lasting.
    pub lasting_above: f64,
    /// Most that it releases in a year, as a share of what it holds.
    pub release_rate: f64,
    /// Price over the base price up to which it buys.
    pub buy_below: f64,
    /// Years in which it fills what is missing.
    pub refill_years: f64,
}

impl Rule {
    /// The rule of a kind of holder in a draw.
    fn of(class: StockClass, params: &Params<f64>) -> Self {
        let (above, rate) = if class == StockClass::Public {
            (params.reserve_release_above, params.reserve_release_rate)
        } else {
            (params.inventory_release_above, params.inventory_release_rate)
        };
        let release_above = above.max(1.0);
        Self {
            release_above,
            lasting_above: (params.stock_lasting * release_above).max(1.0),
            release_rate: rate.clamp(0.0, 1.0),
            buy_below: params.stock_buy_below.min(release_above),
            refill_years: params.stock_refill_years.max(1.0),
        }
    }

    /// Tonnes bought (positive) or released (negative) by a holder of `held` tonnes who aims at `target`, after a year with the price
    /// `last` and the expected price `expected`, both over the base price. The share released rises with the excess and is all that the
    /// rule allows at twice the multiple.
    pub fn trade(&self, held: f64, target: f64, last: f64, expected: f64) -> f64 {
        let pressed = (last / self.release_above).max(expected / self.lasting_above) - 1.0;
        if pressed > 0.0 {
            -held * self.release_rate * pressed.min(1.0)
        } else if last <= self.buy_below && held < target {
            (target - held) / self.refill_years
        } else {
            0.0
        }
    }
}

/// One stock through one year, tonnes: opening + bought - released = closing.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Account {
    /// Where it is held.
    pub holder: Iso3,
    /// Kind of holder.
    pub class: StockClass,
    /// At the start of the year.
    pub opening: f64,
    /// Bought in it.
    pub bought: f64,
    /// Released in it.
    pub released: f64,
    /// At its end.
    pub closing: f64,
}

/// The stocks of a chain within a draw.
#[derive(Debug, Clone, Default)]
pub(super) struct Holdings {
    accounts: Vec<Account>,
    rules: Vec<Rule>,
    targets: Vec<f64>,
}

impl Holdings {
    pub(super) fn new(chain: &Chain, draw: Draw, params: &Params<f64>) -> Self {
        let mut found = Self::default();
        for holding in chain.holdings.iter().filter(|holding| holding.trades()) {
            // Inventories have one random number in pathways and in shocks.
            let held = draw.range(&format!("{}/stock", chain.base.mineral), holding.tonnes);
            found.targets.push(held * params.stock_target.max(0.0));
            found.rules.push(Rule::of(holding.class, params));
            found.accounts.push(Account {
                holder: holding.holder,
                class: holding.class,
                opening: held,
                bought: 0.0,
                released: 0.0,
                closing: held,
            });
        }
        found
    }

    /// The accounts of the year that was traded last.
    pub(super) fn accounts(&self) -> &[Account] {
        &self.accounts
    }

    /// Opens a year and lets holders trade after a year with the price `last`: users buy what goes into stocks beside what they use, and
    /// so much less where stocks are released.
    pub(super) fn trade(&mut self, market: &mut Market, stage: Stage, last: f64, expected: f64) {
        for ((account, rule), &target) in self.accounts.iter_mut().zip(&self.rules).zip(&self.targets) {
            let own = |country: Iso3| account.holder == Iso3::WORLD || account.holder == country;
            let users: Vec<&mut f64> = market
                .users
                .iter_mut()
                .filter(|user| user.stage == stage && own(user.country))
                .map(|user| &mut user.demand.quantity)
                .collect();
            let used: f64 = users.iter().map(|quantity| **quantity).sum();
            let wanted = if used > 0.0 { rule.trade(account.closing, target, last, expected) } else { 0.0 };
            let traded = wanted.max(-MOST_REPLACED * used);
            let opening = account.closing;
            (account.opening, account.bought, account.released) =
                (opening, traded.max(0.0), (-traded).max(0.0));
            account.closing = opening + account.bought - account.released;
            if traded != 0.0 {
                for quantity in users {
                    *quantity *= 1.0 + traded / used;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rule(release_above: f64, release_rate: f64, refill_years: f64) -> Rule {
        Rule { release_above, lasting_above: 0.8 * release_above, release_rate, buy_below: 1.1, refill_years }
    }

    #[test]
    fn holders_wait_between_the_price_at_which_they_buy_and_that_at_which_they_let_go() {
        let rule = rule(2.0, 0.2, 4.0);
        assert_eq!(rule.trade(100.0, 140.0, 1.0, 1.0), 10.0);
        assert_eq!(rule.trade(100.0, 140.0, 1.5, 1.2), 0.0);
        assert_eq!(rule.trade(100.0, 100.0, 0.5, 0.5), 0.0);
        assert!((rule.trade(100.0, 140.0, 3.0, 1.2) + 10.0).abs() < 1e-9);
        assert!((rule.trade(100.0, 140.0, 9.0, 1.2) + 20.0).abs() < 1e-9);
        // The last year's price is back, but the shortage has lasted.
        assert!(rule.trade(100.0, 140.0, 1.9, 2.4) < 0.0);
    }

    proptest! {
        #[test]
        fn a_stock_is_never_negative_and_never_beyond_what_was_held_or_aimed_at(
            release_above in 1.0..4.0_f64,
            release_rate in 0.0..1.0_f64,
            refill_years in 1.0..10.0_f64,
            target in 0.0..200.0_f64,
            prices in proptest::collection::vec((0.05..20.0_f64, 0.05..20.0_f64), 1..60),
        ) {
            let rule = rule(release_above, release_rate, refill_years);
            let mut held = 100.0_f64;
            for (last, expected) in prices {
                held += rule.trade(held, target, last, expected);
                prop_assert!(held >= 0.0 && held <= target.max(100.0) + 1e-9);
            }
        }
    }
}
