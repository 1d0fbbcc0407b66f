//! `GeoPolRisk`: concentration of world production times the governance-weighted share of supply that is imported.
//!
//! Gemechu et al., Int. J. Life Cycle Assess. 21 (2016); Santillán-Saldivar et al. 26 (2021); conventions as in the
//! authors' program geopolrisk-py 2.0.1. [`folder`] computes it from a folder of inputs exactly as that program does;
//! `world` computes it from the package, beside a corrected variant.

pub mod folder;
mod sheet;

/// Score times unit value of copper (mean of OECD countries, 2017 to 2021), USD per kg: the divisor of the
/// characterisation factor.
pub const COPPER: f64 = 0.409_412_948;
/// Governance of a partner whose indicator is not known, 0 to 1.
pub const UNKNOWN: f64 = 0.5;

/// Political instability from the World Bank's estimate of political stability (about -2.5 to 2.5): 0 stable, 1 not.
pub fn instability(political_stability: f64) -> f64 {
    ((2.5 - political_stability) / 5.0).clamp(0.0, 1.0)
}

/// What the score is made of.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Terms {
    /// Sum of squared shares of producers in the world, 0 to 1.
    pub concentration: f64,
    /// Imports weighted with the instability of their origin, tonnes.
    pub at_risk: f64,
    /// Imports, tonnes.
    pub imports: f64,
    /// Value of the imports, thousand USD.
    pub kusd: f64,
    /// Supply that counts as safe beside the imports, tonnes: in the published method all domestic production.
    pub domestic: f64,
}

impl Terms {
    /// Share of supply that is imported, weighted with instability, 0 to 1; 0 in the published method when there is no
    /// supply.
    pub fn import_risk(&self) -> f64 {
        over(self.at_risk, self.imports + self.domestic)
    }

    /// Unit value of imports, thousand USD per tonne; 0 without imports.
    pub fn price(&self) -> f64 {
        over(self.kusd, self.imports)
    }

    /// The score, 0 to 1.
    pub fn score(&self) -> f64 {
        self.concentration * self.import_risk()
    }

    /// Characterisation factor, kg copper equivalents per kg.
    pub fn characterisation(&self) -> f64 {
        self.score() * self.price() / COPPER
    }
}

fn over(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { 0.0 }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_case_worked_by_hand() {
        // Producers 6 : 3 : 1; 40 t from a place of instability 0.5 and 10 t from one of 0.2, 50 t at home.
        let terms = Terms { concentration: 0.46, at_risk: 22.0, imports: 50.0, kusd: 250.0, domestic: 50.0 };
        assert!((terms.import_risk() - 0.22).abs() < 1e-15 && terms.price() == 5.0);
        assert!((terms.score() - 0.1012).abs() < 1e-15);
        assert!((terms.characterisation() - 0.506 / 0.409_412_948).abs() < 1e-12);
        let nothing = Terms { concentration: 0.9, ..Terms::default() };
        assert_eq!((nothing.import_risk(), nothing.price(), nothing.characterisation()), (0.0, 0.0, 0.0));
    }

    #[test]
    fn instability_turns_the_scale_round_and_stays_in_it() {
        assert_eq!([2.5, 0.0, -2.5, -3.1, 2.9].map(instability), [0.0, 0.5, 1.0, 1.0, 0.0]);
    }

    proptest! {
        #[test]
        fn the_score_rises_with_instability_and_falls_with_output_at_home(
            concentration in 0.0..1.0_f64,
            imports in 1e-3..1e6_f64,
            unstable in 0.0..1.0_f64,
            domestic in 0.0..1e6_f64,
            more in 0.0..1e6_f64,
        ) {
            let terms = Terms { concentration, at_risk: unstable * imports, imports, kusd: 1.0, domestic };
            prop_assert!((0.0..=1.0).contains(&terms.score()));
            let safer = Terms { domestic: domestic + more, ..terms };
            prop_assert!(safer.score() <= terms.score());
            let worse = Terms { at_risk: imports, ..terms };
            prop_assert!(worse.score() >= terms.score());
        }
    }
}
