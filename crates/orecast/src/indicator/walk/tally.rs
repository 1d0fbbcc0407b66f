//! Sums that a walk fills, and what follows from a list of amounts.

use super::EMPTY;
use crate::indicator::concentration::HHI_MAX;

/// Sums over one stage.
#[derive(Debug, Clone, Copy)]
pub(super) struct StageTally {
    /// Output of the world, of the leader's countries, of the host's, of the rival's.
    pub world: f64,
    pub leader: f64,
    pub host: f64,
    pub rival: f64,
    /// Value of what has a price, and its tonnes.
    pub value: f64,
    pub priced: f64,
    pub owned_by_rival: f64,
    pub owned_by_leader: f64,
    /// What the leader's countries buy from outside and sell to it.
    pub imports: f64,
    pub exports: f64,
    /// Trade across borders, and what of it stays on one side.
    pub crossing: f64,
    pub inside: f64,
}

impl Default for StageTally {
    fn default() -> Self {
        Self {
            world: EMPTY,
            leader: EMPTY,
            host: EMPTY,
            rival: EMPTY,
            value: 0.0,
            priced: 0.0,
            owned_by_rival: EMPTY,
            owned_by_leader: EMPTY,
            imports: 0.0,
            exports: 0.0,
            crossing: 0.0,
            inside: 0.0,
        }
    }
}

/// Sums over all routes.
#[derive(Debug, Default)]
pub(super) struct Cross {
    pub imports: f64,
    pub exports: f64,
    /// Value and tonnes of what users outside the rival bloc buy of the last stage's product, and of what those inside buy.
    pub sides: [(f64, f64); 2],
    /// What the leader's users buy of it, and what they pay.
    pub bought: f64,
    pub value: f64,
}

impl Cross {
    /// What users outside the bloc pay over what users inside pay, less 1.
    pub(super) fn price_gap(&self) -> f64 {
        let [outside, inside] = self.sides;
        if outside.1 > 0.0 && inside.1 > 0.0 {
            outside.0 / outside.1 / (inside.0 / inside.1) - 1.0
        } else {
            f64::NAN
        }
    }
}

/// How concentrated a list of amounts is; nothing is a number where their sum is not positive.
#[derive(Debug, Clone, Copy)]
pub(super) struct Concentration {
    /// Herfindahl-Hirschman index, 0 to 10,000.
    pub hhi: f64,
    /// Share of the three largest.
    pub top: f64,
    /// Number of equal amounts that would be as concentrated.
    pub number: f64,
}

/// The functions of [`concentration`](crate::indicator::concentration) in one pass.
pub(super) fn concentration(amounts: &[f64]) -> Concentration {
    let sum: f64 = amounts.iter().sum();
    if sum.is_nan() || sum <= 0.0 {
        return Concentration { hhi: f64::NAN, top: f64::NAN, number: f64::NAN };
    }
    let mut herfindahl = EMPTY;
    let mut largest = [None::<f64>; 3];
    for amount in amounts {
        let share = amount / sum;
        herfindahl += share * share;
        let mut moving = Some(share);
        for place in &mut largest {
            let Some(share) = moving else { break };
            if place.is_none_or(|held| share > held) {
                moving = place.replace(share);
            }
        }
    }
    let top = largest.iter().flatten().sum();
    Concentration { hhi: HHI_MAX * herfindahl, top, number: 1.0 / herfindahl }
}
