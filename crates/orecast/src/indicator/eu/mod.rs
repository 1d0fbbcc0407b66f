//! Supply risk and economic importance by the method of the European Commission's list of critical raw materials (2017
//! guidelines; used for the lists of 2017, 2020 and 2023). [`STEPS`] says what of it could be confirmed.

use super::support::{Step, Support};

/// Score of supply risk from which a material is critical, if its economic importance is high too.
pub const CRITICAL_SUPPLY_RISK: f64 = 1.0;
/// Score of economic importance from which a material is critical, if its supply risk is high too.
pub const CRITICAL_IMPORTANCE: f64 = 2.8;
/// Highest governance score: badly governed.
pub const GOVERNANCE_SCALE: f64 = 10.0;
/// Most of a material's use that substitutes can stand for.
pub const MOST_SUBSTITUTED: f64 = 0.5;

/// What is known of the method, step by step.
pub const STEPS: [Step; 10] = [
    Step {
        what: "supply risk, weights of world supply and own sourcing, import reliance halved",
        support: Support::Confirmed,
        here: "as published; with one of the two concentrations unknown, the other alone",
    },
    Step {
        what: "concentration weighted with governance and trade parameter",
        support: Support::Confirmed,
        here: "sum of share squared x governance x trade parameter",
    },
    Step {
        what: "governance 0 to 10",
        support: Support::Remembered,
        here: "mean of the six World Bank dimensions, (2.5 - estimate) / 5 x 10; 5 where none is published",
    },
    Step {
        what: "trade parameter of members and partners in trade agreements",
        support: Support::Remembered,
        here: "0.8 for members of the group, 1 for everyone else: agreements are not in the package",
    },
    Step {
        what: "trade parameter of countries that tax, limit or forbid exports",
        support: Support::Unread,
        here: "the step table could not be read: 1, so supply risk is a lower bound for restricted exports",
    },
    Step {
        what: "import reliance",
        support: Support::Confirmed,
        here: "net imports over apparent consumption of the stage, 0 to 1; 1 without output in the group",
    },
    Step {
        what: "end-of-life recycling input rate",
        support: Support::StandIn,
        here: "the published rate of the European Union or the world; 0 where none is published",
    },
    Step {
        what: "substitution index of supply risk",
        support: Support::NoData,
        here: "1: the package has no substitutes; supply risk is an upper bound in this respect",
    },
    Step {
        what: "economic importance",
        support: Support::StandIn,
        here: "uses by division through our map of uses to industries, value added of the divisions from value_added.csv (the package has the United States; give others as own data); the largest manufacturing division is 10",
    },
    Step { what: "the higher of the stages counts", support: Support::Confirmed, here: "as published" },
];

/// A country in the supply of a material.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Source {
    /// Share of supply, 0 to 1.
    pub share: f64,
    /// Bad governance, 0 to 1 or 0 to [`GOVERNANCE_SCALE`]; the scale of the result is the same.
    pub governance: f64,
    /// Trade parameter: 1 free trade, above 1 restricted exports, below 1 partners.
    pub trade: f64,
}

/// Concentration of supply weighted with governance and trade.
pub fn concentration(sources: &[Source]) -> f64 {
    sources.iter().map(|source| source.share.powi(2) * source.governance * source.trade).sum()
}

/// The terms of supply risk.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SupplyRisk {
    /// [`concentration`] of world supply, where known.
    pub global: Option<f64>,
    /// [`concentration`] of the group's own sourcing, where known.
    pub sourcing: Option<f64>,
    /// Import reliance, 0 to 1.
    pub import_reliance: f64,
    /// Share of supply from old scrap, 0 to 1.
    pub recycling: f64,
    /// Substitution index, 0 to 1; 1 without substitutes.
    pub substitution: f64,
}

impl SupplyRisk {
    /// Supply risk on the scale of the governance: `[GS · IR/2 + sourcing · (1 − IR/2)] · (1 − recycling) · substitution`.
    /// Absent where neither concentration is known.
    pub fn value(&self) -> Option<f64> {
        let half = self.import_reliance.clamp(0.0, 1.0) / 2.0;
        let concentration = match (self.global, self.sourcing) {
            (Some(global), Some(sourcing)) => global * half + sourcing * (1.0 - half),
            (Some(only), None) | (None, Some(only)) => only,
            (None, None) => return None,
        };
        Some(concentration * (1.0 - self.recycling) * self.substitution)
    }
}

/// Use of a material in one sector.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SectorUse {
    /// Share of the material's use, 0 to 1.
    pub share: f64,
    /// Value added of the sector, in any one currency.
    pub value_added: f64,
}

/// Economic importance, 0 to 10: value added of the using sectors, weighted with their shares of use, over the largest
/// sector's, times the substitution index. Absent without a positive largest value added.
pub fn economic_importance(uses: &[SectorUse], largest_value_added: f64, substitution: f64) -> Option<f64> {
    let weighted: f64 = uses.iter().map(|sector| sector.share * sector.value_added).sum();
    (largest_value_added > 0.0).then(|| 10.0 * substitution * weighted / largest_value_added)
}

/// A substitute in one use of a material.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Substitute {
    /// Share of the use in the material's total, 0 to 1.
    pub use_share: f64,
    /// Share of that use that the substitute can take, 0 to 1.
    pub sub_share: f64,
    /// Factor: for importance the cost-performance value (0.7 to 1), for risk [`risk_factor`].
    pub factor: f64,
}

/// Factor of a substitute in supply risk: the cube root of production, criticality and co-production (0.8 to 1 each).
pub fn risk_factor(production: f64, criticality: f64, co_production: f64) -> f64 {
    (production * criticality * co_production).cbrt()
}

/// Substitution index, at most 1: what is substituted counts with its factor, the rest with 1; substitutes stand for at
/// most [`MOST_SUBSTITUTED`] of all use, scaled down together.
pub fn substitution_index(substitutes: &[Substitute]) -> f64 {
    let weight = |substitute: &Substitute| substitute.use_share * substitute.sub_share;
    let all: f64 = substitutes.iter().map(weight).sum();
    let scale = if all > MOST_SUBSTITUTED { MOST_SUBSTITUTED / all } else { 1.0 };
    1.0 - scale * substitutes.iter().map(|s| weight(s) * (1.0 - s.factor)).sum::<f64>()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sources(rows: &[(f64, f64, f64)]) -> Vec<Source> {
        rows.iter().map(|&(share, governance, trade)| Source { share, governance, trade }).collect()
    }

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-12
    }

    /// A worked case of the method.
    #[test]
    fn reference_vector() {
        let global = sources(&[(0.7, 0.6, 1.1), (0.2, 0.4, 1.0), (0.1, 0.3, 1.0)]);
        let sourcing = sources(&[(0.5, 0.6, 1.1), (0.3, 0.4, 1.0), (0.2, 0.25, 0.8)]);
        assert!(close(concentration(&global), 0.3424) && close(concentration(&sourcing), 0.209));
        let risk = SupplyRisk {
            global: Some(concentration(&global)),
            sourcing: Some(concentration(&sourcing)),
            import_reliance: 0.85,
            recycling: 0.12,
            substitution: 0.92,
        };
        assert!(close(risk.value().unwrap(), 0.215_106_672));
        let scaled: Vec<Source> =
            global.iter().map(|s| Source { governance: GOVERNANCE_SCALE * s.governance, ..*s }).collect();
        assert!(close(concentration(&scaled), 3.424));
    }

    #[test]
    fn full_and_no_import_reliance() {
        let risk = |reliance| SupplyRisk {
            global: Some(3.0),
            sourcing: Some(1.0),
            import_reliance: reliance,
            recycling: 0.0,
            substitution: 1.0,
        };
        assert_eq!((risk(1.0).value(), risk(0.0).value()), (Some(2.0), Some(1.0)));
        assert_eq!(SupplyRisk { global: None, ..risk(1.0) }.value(), Some(1.0));
        assert_eq!(SupplyRisk { sourcing: None, ..risk(0.0) }.value(), Some(3.0));
        assert_eq!(SupplyRisk { global: None, sourcing: None, ..risk(0.5) }.value(), None);
    }

    #[test]
    fn economic_importance_is_ten_for_the_largest_sector_without_substitutes() {
        let uses =
            [SectorUse { share: 0.25, value_added: 80.0 }, SectorUse { share: 0.75, value_added: 200.0 }];
        assert!(close(economic_importance(&uses, 200.0, 0.9).unwrap(), 7.65));
        let all = [SectorUse { share: 1.0, value_added: 200.0 }];
        assert_eq!(economic_importance(&all, 200.0, 1.0), Some(10.0));
        assert_eq!(economic_importance(&all, 0.0, 1.0), None);
    }

    #[test]
    fn substitutes_stand_for_half_of_the_use_at_most() {
        let substitute = |sub_share, factor| Substitute { use_share: 0.8, sub_share, factor };
        assert!(close(substitution_index(&[]), 1.0));
        assert!(close(substitution_index(&[substitute(0.25, 0.7)]), 0.94));
        assert!(close(substitution_index(&[substitute(0.5, 0.7), substitute(0.5, 0.7)]), 0.85));
        assert!(close(risk_factor(0.8, 1.0, 1.0), 0.8_f64.cbrt()));
    }

    proptest! {
        #[test]
        fn risk_falls_with_recycling_and_substitutes_and_rises_with_governance(
            shares in prop::collection::vec((0.0..1.0_f64, 0.0..10.0_f64, 0.8..1.2_f64), 1..8),
            import_reliance in 0.0..1.0_f64,
            recycling in 0.0..0.9_f64,
            substitution in 0.5..1.0_f64,
        ) {
            let rows = sources(&shares);
            let concentrated = concentration(&rows);
            let risk = SupplyRisk {
                global: Some(concentrated), sourcing: Some(concentrated), import_reliance, recycling, substitution,
            };
            let value = risk.value().unwrap();
            let more = SupplyRisk { recycling: recycling + 0.05, ..risk };
            prop_assert!(value >= 0.0 && more.value().unwrap() <= value);
            let none = SupplyRisk { recycling: 0.0, ..risk };
            prop_assert!((none.value().unwrap() * (1.0 - recycling) - value).abs() <= 1e-9 * (1.0 + value));
            let worse: Vec<Source> = rows.iter().map(|s| Source { governance: s.governance + 1.0, ..*s }).collect();
            prop_assert!(concentration(&worse) >= concentrated);
        }
    }
}
