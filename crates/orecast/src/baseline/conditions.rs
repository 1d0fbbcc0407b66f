//! What balanced quantities must fulfil: mass balances, and published totals that pull.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Quantity, balance::Row};
use crate::base::{id::Iso3, unit::Stage};

/// One condition of a balance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Condition {
    /// Ore mined is sold or kept.
    OreSales(Iso3),
    /// Ore kept or bought is refined or used as it is.
    OreAtHand(Iso3),
    /// Recovery times intake, and scrap, make refined output.
    Refining(Iso3),
    /// Product made is sold or kept.
    Sales(Iso3),
    /// Output of all countries is the published world total.
    WorldTotal(Stage),
    /// Imports are as published, of a stage or of all forms.
    Imports(Iso3, Option<Stage>),
    /// Exports are as published, of a stage or of all forms.
    Exports(Iso3, Option<Stage>),
    /// Use of the last product is as published.
    Use(Iso3),
    /// Net imports over consumption are as published, of a stage or of all forms.
    Reliance(Iso3, Option<Stage>),
}

/// The mass balances that a quantity enters, with its coefficient: what comes in is positive.
pub(super) fn mass_balances_of(
    quantity: Quantity,
    last_stage: Stage,
    two_stages: bool,
    recovery: f64,
) -> [Option<(Condition, f64)>; 2] {
    use Condition::{OreAtHand, OreSales, Refining, Sales};
    match quantity {
        Quantity::Mined(c) if last_stage == Stage::Mine => [Some((Sales(c), 1.0)), None],
        Quantity::Mined(c) => [Some((OreSales(c), 1.0)), None],
        Quantity::OreFlow(from, to) => [Some((OreSales(from), -1.0)), Some((OreAtHand(to), 1.0))],
        Quantity::OreUse(c) => [Some((OreAtHand(c), -1.0)), None],
        Quantity::Intake(c) => [Some((OreAtHand(c), -1.0)), Some((Refining(c), recovery))],
        Quantity::Scrap(c) => [Some((Refining(c), 1.0)), None],
        Quantity::Refined(c) if two_stages => [Some((Refining(c), -1.0)), Some((Sales(c), 1.0))],
        Quantity::Refined(c) => [Some((Sales(c), 1.0)), None],
        Quantity::ProductFlow(from, _) => [Some((Sales(from), -1.0)), None],
    }
}

/// Every mass balance over the quantities of a chain.
pub(super) fn mass_balances(
    quantities: &[Quantity],
    last_stage: Stage,
    two_stages: bool,
    recovery: f64,
) -> Vec<(Condition, Row)> {
    let mut balances: BTreeMap<Condition, Vec<(usize, f64)>> = BTreeMap::new();
    for (cell, &quantity) in quantities.iter().enumerate() {
        let entered = mass_balances_of(quantity, last_stage, two_stages, recovery);
        for (condition, factor) in entered.into_iter().flatten() {
            balances.entry(condition).or_default().push((cell, factor));
        }
    }
    let row = |(condition, terms)| (condition, Row { terms, target: 0.0, softness: 0.0 });
    balances.into_iter().map(row).collect()
}
