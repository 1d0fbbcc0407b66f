//! The input-output accounts as multipliers: what output and value added hang on each final use.

use std::collections::BTreeMap;

use faer::{Mat, linalg::solvers::DenseSolveCore};

use crate::{
    base::id::Iso3,
    world::{World, table::IoSectorRow},
};

/// Whose accounts the tables hold: they have the layout of the Bureau of Economic Analysis and no other country's.
pub fn country() -> Option<Iso3> {
    "USA".parse().ok()
}

/// Domestic industries, in the order of their codes. Money is in million USD a year.
#[derive(Debug, Clone)]
pub struct Accounts {
    /// Codes of the industries.
    pub codes: Vec<String>,
    /// Their titles.
    pub names: Vec<String>,
    /// Gross output.
    pub output: Vec<f64>,
    /// Value added over gross output.
    pub value_added: Vec<f64>,
    /// Gross operating surplus over gross output.
    pub surplus: Vec<f64>,
    /// Output that goes to final use at home and abroad.
    pub final_use: Vec<f64>,
    /// Domestic value added in a dollar of final use of each industry's output, 0 to 1.
    pub content: Vec<f64>,
    /// Output of the row's industry in a dollar of final use of the column's (the Leontief inverse), row by row.
    total: Vec<f64>,
    /// Year to whose size the accounts are scaled.
    pub year: i32,
}

impl Accounts {
    /// The accounts of the package; absent where it has none that balance.
    ///
    /// The structure is that of the benchmark year, blown up evenly to the gross output of the latest year. Industries
    /// make commodities in fixed proportions (market shares) and buy of each what they bought at home:
    /// `A = D B`, `L = (I - A)^-1`, `y = (I - A) x`, `w = v L`.
    pub fn of(world: &World) -> Option<Self> {
        let tables = world.tables();
        let rows: Vec<&IoSectorRow> =
            tables.io_sectors.iter().filter(|row| row.output_musd.is_some_and(|x| x > 0.0)).collect();
        let n = rows.len();
        let place: BTreeMap<&str, usize> =
            rows.iter().enumerate().map(|(i, row)| (row.code.as_str(), i)).collect();
        let sum =
            |pick: fn(&IoSectorRow) -> Option<f64>| rows.iter().filter_map(|row| pick(row)).sum::<f64>();
        let growth =
            sum(|row| row.latest_output_musd) / sum(|row| row.latest_output_musd.and(row.output_musd));
        let output: Vec<f64> = rows.iter().map(|row| row.output_musd.unwrap_or(0.0)).collect();

        let mut makers: BTreeMap<&str, Vec<(usize, f64)>> = BTreeMap::new();
        for row in &tables.io_makes {
            if let Some(&i) = place.get(row.industry.as_str()) {
                makers.entry(&row.commodity).or_default().push((i, row.musd));
            }
        }
        let mut direct = Mat::<f64>::zeros(n, n);
        for row in &tables.io_uses {
            let Some(&j) = place.get(row.industry.as_str()) else { continue };
            let domestic = (row.musd - row.imported_musd.unwrap_or(0.0)).max(0.0);
            let list = makers.get(row.commodity.as_str()).map_or(&[][..], Vec::as_slice);
            let made: f64 = list.iter().map(|(_, musd)| musd).sum();
            for &(i, musd) in list {
                direct[(i, j)] += musd / made * domestic / output[j];
            }
        }
        let sold = |i: usize| (0..n).map(|j| direct[(i, j)] * output[j]).sum::<f64>();
        let final_use: Vec<f64> = (0..n).map(|i| growth * (output[i] - sold(i)).max(0.0)).collect();
        let inverse = (Mat::<f64>::identity(n, n) - &direct).partial_piv_lu().inverse();
        let total: Vec<f64> =
            (0..n).flat_map(|i| (0..n).map(move |j| (i, j))).map(|at| inverse[at].max(0.0)).collect();
        let value_added: Vec<f64> =
            rows.iter().zip(&output).map(|(row, x)| row.value_added_musd.unwrap_or(0.0) / x).collect();
        let surplus = rows.iter().zip(&output).map(|(row, x)| row.surplus_musd.unwrap_or(0.0) / x).collect();
        let content: Vec<f64> =
            (0..n).map(|j| (0..n).map(|i| value_added[i] * total[i * n + j]).sum()).collect();
        let sound = n > 0 && growth.is_finite() && content.iter().all(|w| w.is_finite() && *w >= 0.0);
        sound.then(|| Self {
            names: rows.iter().map(|row| row.name.clone()).collect(),
            codes: rows.iter().map(|row| row.code.clone()).collect(),
            output: output.iter().map(|x| growth * x).collect(),
            value_added,
            surplus,
            final_use,
            content,
            total,
            year: rows.iter().filter_map(|row| row.latest_year).max().unwrap_or_default(),
        })
    }

    /// Number of industries.
    pub fn len(&self) -> usize {
        self.codes.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.codes.is_empty()
    }

    /// What an industry must make for a dollar of final use of each industry's output.
    pub fn in_final_use(&self, industry: usize) -> &[f64] {
        let n = self.len();
        &self.total[industry * n..(industry + 1) * n]
    }

    /// Output of every industry that goes with deliveries given up, million USD.
    pub fn output_of(&self, given_up: &[f64]) -> Vec<f64> {
        let dot = |i| self.in_final_use(i).iter().zip(given_up).map(|(l, f)| l * f).sum();
        (0..self.len()).map(dot).collect()
    }

    /// Sum of value added, million USD.
    pub fn product(&self) -> f64 {
        self.output.iter().zip(&self.value_added).map(|(x, v)| x * v).sum()
    }

    /// Position of an industry by its code.
    pub fn find(&self, code: &str) -> Option<usize> {
        self.codes.binary_search_by(|known| known.as_str().cmp(code)).ok()
    }

    /// What an industry is called.
    pub fn name(&self, industry: usize) -> &str {
        &self.names[industry]
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
pub(super) mod tests {
    use std::sync::LazyLock;

    use super::*;
    use crate::testing::{MiniPackage, shipped_world};

    pub(in super::super) static SHIPPED: LazyLock<Accounts> =
        LazyLock::new(|| Accounts::of(&shipped_world()).unwrap());

    #[test]
    fn two_industries_by_hand() {
        // Ore uses 100 of itself; metal uses 900 of ore, 57 of it imported.
        let accounts = Accounts::of(&MiniPackage::new().load().unwrap()).unwrap();
        assert_eq!(accounts.codes, ["2122A0", "331410"]);
        let (a, b) = (100.0 / 1000.0, 843.0 / 1500.0);
        let close = |x: f64, y: f64| (x - y).abs() < 1e-9 * y.abs().max(1.0);
        let row = accounts.in_final_use(0);
        assert!(close(row[0], 1.0 / (1.0 - a)) && close(row[1], b / (1.0 - a)), "{row:?}");
        assert_eq!(accounts.in_final_use(1), [0.0, 1.0]);
    }

    #[test]
    fn final_use_carries_the_whole_product_and_the_whole_output() {
        let accounts = &*SHIPPED;
        assert_eq!(accounts.len(), 402);
        let from_uses: f64 = accounts.final_use.iter().zip(&accounts.content).map(|(y, w)| y * w).sum();
        assert!((from_uses / accounts.product() - 1.0).abs() < 1e-5, "{from_uses}");
        for (made, output) in accounts.output_of(&accounts.final_use).iter().zip(&accounts.output) {
            // Final use is not below zero, which makes a little more of what stocks gave.
            assert!((made - output).abs() < 1e-2 * output, "{made} {output}");
        }
        assert!(accounts.content.iter().all(|w| (0.0..=1.0 + 1e-9).contains(w)));
        assert!(accounts.codes.is_sorted());
    }
}
