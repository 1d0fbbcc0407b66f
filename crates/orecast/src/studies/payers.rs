//! Who pays and who gains because of a deal: expected, and at the ends of the range.

use serde::Serialize;

use crate::{
    base::{id::ArmId, unit::Range},
    ensemble::{Ensemble, money::Account, range_of},
};

/// One amount of one arm against the reference, summed from the first year.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Entry {
    /// Arm.
    pub arm: ArmId,
    /// Account.
    #[serde(flatten)]
    pub account: Account,
    /// Last year of the sum.
    pub year: i32,
    /// Mean over the draws, USD: what is to be expected.
    pub expected: f64,
    /// 5, 50 and 95 % over the draws, USD.
    pub range: Range,
}

/// Every account of every arm after the first, summed to a year (by position).
pub fn entries(ensemble: &Ensemble, year: usize) -> Vec<Entry> {
    let mut list = Vec::new();
    for (a, arm) in ensemble.arms.iter().enumerate().skip(1) {
        for (k, &account) in ensemble.accounts.list.iter().enumerate() {
            let amounts = ensemble.amounts(k, a, year);
            list.push(Entry {
                arm: arm.id.clone(),
                account,
                year: ensemble.years[year],
                expected: amounts.iter().sum::<f64>() / amounts.len().max(1) as f64,
                range: range_of(amounts.into_iter()),
            });
        }
    }
    list
}
