//! Supply risk after Nassar and others: disruption potential, trade exposure, economic vulnerability.
//!
//! Nassar et al., Sci. Adv. 6, eaay8647 (2020); Nassar and Fortier, USGS Open-File Report 2021-1045. [`STEPS`] says what of
//! it could be confirmed.

use super::support::{Step, Support};

/// Score from which the list of 2021 counted a mineral as at risk (as recalled).
pub const AT_RISK: f64 = 0.40;

/// What is known of the method, step by step.
pub const STEPS: [Step; 7] = [
    Step {
        what: "disruption potential",
        support: Support::Confirmed,
        here: "sum of squared production share x (lack of) ability x (lack of) willingness to supply",
    },
    Step {
        what: "ability to supply: 1 - policy perception index / 100 (Fraser Institute)",
        support: Support::StandIn,
        here: "mean of the six World Bank governance dimensions, turned round; 0.5 where none is published",
    },
    Step {
        what: "willingness to supply: trade ties, shared values, military cooperation",
        support: Support::StandIn,
        here: "distance of votes in the United Nations over the largest of the year; 0.5 where none is published",
    },
    Step {
        what: "trade exposure: net import reliance, at least 0",
        support: Support::Confirmed,
        here: "of the balanced year at the stage that counts, without stocks",
    },
    Step {
        what: "economic vulnerability: value added of using industries x expenditure over operating profit",
        support: Support::StandIn,
        here: "with our map of uses to industries and the accounts of 2017 at the size of the latest year; use at the year's price; only for the country of the accounts",
    },
    Step {
        what: "economic vulnerability scaled to 0 to 1",
        support: Support::Remembered,
        here: "on a logarithmic scale over the minerals with a price, least 0 and largest 1",
    },
    Step {
        what: "score: cube root of the product, recency-weighted mean over years, list from 0.40",
        support: Support::Remembered,
        here: "of one year, without weights over years",
    },
];

/// A producing country.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Producer {
    /// Share of world production, primary and secondary, 0 to 1.
    pub share: f64,
    /// Lack of ability to supply, 0 to 1.
    pub inability: f64,
    /// Lack of willingness to supply, 0 to 1.
    pub unwillingness: f64,
}

/// Disruption potential, 0 to 1.
pub fn disruption_potential(producers: &[Producer]) -> f64 {
    producers.iter().map(|p| p.share.powi(2) * p.inability * p.unwillingness).sum()
}

/// Trade exposure from net import reliance: a net exporter is not exposed.
pub fn trade_exposure(net_import_reliance: f64) -> f64 {
    net_import_reliance.clamp(0.0, 1.0)
}

/// An industry that uses the mineral.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Industry {
    /// Value added over gross domestic product.
    pub weight: f64,
    /// Expenditure on the mineral over operating profit.
    pub burden: f64,
}

/// Economic vulnerability before it is scaled to 0 to 1.
pub fn economic_vulnerability(industries: &[Industry]) -> f64 {
    industries.iter().map(|industry| industry.weight * industry.burden).sum()
}

/// Supply risk: the geometric mean of the three parts, each 0 to 1.
pub fn supply_risk(disruption_potential: f64, trade_exposure: f64, economic_vulnerability: f64) -> f64 {
    (disruption_potential * trade_exposure * economic_vulnerability).cbrt()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-12
    }

    /// A worked case of the method.
    #[test]
    fn reference_vector() {
        let rows = [(0.6, 0.5, 0.9), (0.25, 0.3, 0.2), (0.1, 0.7, 0.6), (0.05, 0.4, 0.5)];
        let producers =
            rows.map(|(share, inability, unwillingness)| Producer { share, inability, unwillingness });
        assert!(close(disruption_potential(&producers), 0.170_45));
    }

    #[test]
    fn exposure_and_score() {
        assert_eq!([-0.4, 0.3, 1.2].map(trade_exposure), [0.0, 0.3, 1.0]);
        assert!(close(supply_risk(0.125, 1.0, 0.216), 0.3));
        let industries = [Industry { weight: 0.02, burden: 0.1 }, Industry { weight: 0.01, burden: 0.3 }];
        assert!(close(economic_vulnerability(&industries), 0.005));
    }

    proptest! {
        #[test]
        fn potential_is_bounded_and_rises_with_each_part(
            rows in prop::collection::vec((0.0..1.0_f64, 0.0..1.0_f64, 0.0..1.0_f64), 1..8),
        ) {
            let sum: f64 = rows.iter().map(|row| row.0).sum();
            prop_assume!(sum > 1e-6);
            let producers: Vec<Producer> = rows.iter().map(|&(share, inability, unwillingness)| {
                Producer { share: share / sum, inability, unwillingness }
            }).collect();
            let potential = disruption_potential(&producers);
            prop_assert!((0.0..=1.0 + 1e-12).contains(&potential));
            let worse: Vec<Producer> = producers.iter().map(|p| Producer { inability: 1.0, ..*p }).collect();
            prop_assert!(disruption_potential(&worse) >= potential);
        }
    }
}
