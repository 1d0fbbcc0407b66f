//! One supplier stops: the new price and use of a single world market in closed form.
//!
//! A check on the full market, which knows countries, stages and routes. Supply and use have constant elasticities;
//! the suppliers that are left can add no more than their spare capacity (USGS-style: the abstract of USGS Open-File
//! Report 2025-1047 names elasticities and excess capacity, the constant-elasticity form is ours).

/// A market that loses a supplier for a year.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Disruption {
    /// Use at the base price, tonnes a year.
    pub demand: f64,
    /// Base price, USD/t.
    pub price: f64,
    /// Price elasticity of the supply that is left, at least 0.
    pub supply_elasticity: f64,
    /// Price elasticity of use, below 0.
    pub demand_elasticity: f64,
    /// Supply that is lost, tonnes a year, at most the use.
    pub lost: f64,
    /// Spare capacity of the suppliers that are left, tonnes a year; without end where absent.
    pub spare: Option<f64>,
    /// Multiple of the base price at which users give up what is missing; never where absent. Without it a severe loss
    /// gives prices that no market has seen.
    pub choke: Option<f64>,
}

/// What sets the new price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Binding {
    /// Supply answers freely.
    Elasticities,
    /// The remaining suppliers run at full capacity.
    Capacity,
    /// Users give up at the choke price.
    Choke,
}

/// The market after the loss.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settled {
    /// New price, USD/t.
    pub price: f64,
    /// New use, tonnes a year.
    pub quantity: f64,
    /// Use given up over base use, 0 to 1.
    pub shortage: f64,
    /// What sets the price.
    pub binding: Binding,
}

impl Disruption {
    /// Price and use after the loss. Absent for numbers outside the ranges of the fields, and where nothing is left to
    /// set a price: all supply lost, no spare capacity and no choke price.
    pub fn settle(&self) -> Option<Settled> {
        let Self { demand, price, supply_elasticity, demand_elasticity, lost, .. } = *self;
        let spare = self.spare.unwrap_or(f64::INFINITY);
        let choke = self.choke.unwrap_or(f64::INFINITY);
        let legal = demand > 0.0
            && price > 0.0
            && supply_elasticity >= 0.0
            && demand_elasticity < 0.0
            && (0.0..=demand).contains(&lost)
            && spare >= 0.0
            && choke >= 1.0;
        if !legal {
            return None;
        }
        let left = demand - lost;
        let most = left + spare;
        let supply = |ratio: f64| (left * ratio.powf(supply_elasticity)).min(most);
        let free = (left / demand).powf(1.0 / (demand_elasticity - supply_elasticity));
        let (ratio, binding) = if left > 0.0 && left * free.powf(supply_elasticity) <= most {
            (free, Binding::Elasticities)
        } else {
            ((most / demand).powf(1.0 / demand_elasticity), Binding::Capacity)
        };
        let (ratio, quantity, binding) = if ratio > choke {
            (choke, if left > 0.0 { supply(choke) } else { spare.min(demand) }, Binding::Choke)
        } else {
            (ratio, demand * ratio.powf(demand_elasticity), binding)
        };
        let settled = Settled { price: price * ratio, quantity, shortage: 1.0 - quantity / demand, binding };
        settled.price.is_finite().then_some(settled)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MARKET: Disruption = Disruption {
        demand: 1_000.0,
        price: 10.0,
        supply_elasticity: 0.2,
        demand_elasticity: -0.3,
        lost: 400.0,
        spare: None,
        choke: None,
    };
    const SEVERE: Disruption = Disruption {
        supply_elasticity: 0.1,
        demand_elasticity: -0.15,
        lost: 900.0,
        spare: Some(50.0),
        ..MARKET
    };

    fn close(a: f64, b: f64) -> bool {
        (a / b - 1.0).abs() < 1e-9
    }

    /// Reference values of an independent root search on supply less use.
    #[test]
    fn reference_vectors() {
        for (name, market, price, quantity, binding) in [
            ("uncapped", MARKET, 27.777_777_777_777_77, 736.021_922_817_833_5, Binding::Elasticities),
            (
                "capped",
                Disruption { spare: Some(20.0), ..MARKET },
                49.207_092_164_962_08,
                620.0,
                Binding::Capacity,
            ),
            (
                "no excess",
                Disruption { spare: Some(0.0), ..MARKET },
                54.890_328_772_994_49,
                600.0,
                Binding::Capacity,
            ),
            ("severe", SEVERE, 3_109_746.155_815_598, 150.0, Binding::Capacity),
        ] {
            let settled = market.settle().unwrap();
            assert!(close(settled.price, price), "{name}: {settled:?}");
            assert!(close(settled.quantity, quantity), "{name}: {settled:?}");
            assert!(close(settled.shortage, 1.0 - quantity / 1_000.0), "{name}: {settled:?}");
            assert_eq!(settled.binding, binding, "{name}");
        }
    }

    #[test]
    fn a_choke_price_tames_a_severe_loss() {
        let settled = Disruption { choke: Some(8.0), ..SEVERE }.settle().unwrap();
        assert_eq!((settled.price, settled.binding), (80.0, Binding::Choke));
        assert!(close(settled.quantity, 100.0 * 8.0_f64.powf(0.1)));
        let all = Disruption { lost: 1_000.0, spare: Some(0.0), ..MARKET };
        assert_eq!(all.settle(), None);
        assert_eq!(Disruption { choke: Some(8.0), ..all }.settle().unwrap().shortage, 1.0);
        assert_eq!(Disruption { lost: 1_001.0, ..MARKET }.settle(), None);
        assert_eq!(Disruption { demand_elasticity: 0.0, ..MARKET }.settle(), None);
    }

    proptest! {
        #[test]
        fn a_larger_loss_is_never_cheaper_and_spare_capacity_never_hurts(
            supply_elasticity in 0.0..2.0_f64,
            demand_elasticity in -2.0..-0.05_f64,
            lost in 0.0..900.0_f64,
            more in 0.0..50.0_f64,
            spare in 0.0..500.0_f64,
        ) {
            let market =
                Disruption { supply_elasticity, demand_elasticity, lost, spare: Some(spare), ..MARKET };
            let settled = market.settle().unwrap();
            prop_assert!(settled.price >= market.price * (1.0 - 1e-12) && settled.shortage >= -1e-12);
            let worse = Disruption { lost: lost + more, ..market }.settle().unwrap();
            prop_assert!(worse.price >= settled.price * (1.0 - 1e-12));
            let eased = Disruption { spare: Some(spare + more), ..market }.settle().unwrap();
            prop_assert!(eased.price <= settled.price * (1.0 + 1e-12));
        }
    }
}
