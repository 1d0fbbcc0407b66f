//! Balancing: the quantities closest to the observations that keep every mass balance.
//!
//! `minimise Σ_c ω_c · (z_c ln(z_c/o_c) − z_c + o_c)` over `z ≥ 0` with `ω_c = 1/(σ_c² o_c)`, subject to `A z = b` for
//! hard rows, plus `(a·z − b)²/(2τ²)` for soft rows. Near its prior a term is half the squared relative error over
//! `σ_c²`, so that the objective is a sum of squared standard deviations, whatever the size of a cell. The dual is
//! smooth, convex and unconstrained: `z_c = o_c · exp(−σ_c² o_c (Aᵀλ)_c)`, so a handful of Newton steps on `λ` end at
//! machine precision.

use crate::linear::SpdSolver;

const MAX_STEPS: usize = 200;

/// One quantity to be found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cell {
    /// Observed or prior value, above zero.
    pub prior: f64,
    /// Relative standard deviation of the prior.
    pub sigma: f64,
}

/// One linear condition on the cells.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Cells and their coefficients.
    pub terms: Vec<(usize, f64)>,
    /// Right-hand side.
    pub target: f64,
    /// Standard deviation of a soft condition, in the units of the target; 0 for a mass balance.
    pub softness: f64,
}

/// Balanced quantities and how far the balances are from closing.
#[derive(Debug, Clone, PartialEq)]
pub struct Balanced {
    /// Quantity of each cell.
    pub values: Vec<f64>,
    /// Largest gap of a row (for a soft row: of its optimality condition) over the size of its terms.
    pub residual: f64,
    /// Newton steps taken.
    pub iterations: usize,
}

/// Finds the balanced quantities. Cells must have positive priors and sigmas.
pub fn balance(cells: &[Cell], rows: &[Row]) -> Balanced {
    let scale = cells.iter().map(|c| c.prior).fold(f64::MIN_POSITIVE, f64::max);
    let mut dual = Dual::new(cells, rows, scale);
    let mut linear = SpdSolver::default();
    let n = rows.len();
    let mut lambda = vec![0.0; n];
    let mut gradient = vec![0.0; n];
    let mut hessian = vec![0.0; n * n];
    let free: Vec<usize> = (0..n).collect();
    dual.gradient(&lambda, &mut gradient);
    let mut iterations = 0;
    let mut residual = dual.residual(&gradient);
    while residual > 1e-14 && iterations < MAX_STEPS {
        dual.hessian(&mut hessian);
        let mut step: Vec<f64> = gradient.iter().map(|g| -g).collect();
        if !linear.solve(&hessian, n, &free, &mut step) {
            break;
        }
        let slope = dot(&step, &gradient);
        let mut length = 1.0;
        let mut trial = vec![0.0; n];
        let mut accepted = false;
        for _ in 0..60 {
            for (t, (l, s)) in trial.iter_mut().zip(lambda.iter().zip(&step)) {
                *t = l + length * s;
            }
            dual.gradient(&trial, &mut gradient);
            let now = dot(&step, &gradient);
            let halved = dual.residual(&gradient) <= 0.5 * residual;
            if halved || (now <= 0.0 && now >= 0.9 * slope) || now.abs() <= 0.1 * slope.abs() {
                accepted = true;
                break;
            }
            length *= if now.is_nan() || now > 0.0 { 0.5 } else { 1.9 };
        }
        if !accepted {
            dual.gradient(&lambda, &mut gradient);
            residual = dual.residual(&gradient);
            break;
        }
        lambda.copy_from_slice(&trial);
        let before = residual;
        residual = dual.residual(&gradient);
        iterations += 1;
        if residual < 1e-11 && residual > 0.5 * before {
            break;
        }
    }
    Balanced { values: dual.values.iter().map(|z| z * scale).collect(), residual, iterations }
}

/// The dual function at one `λ`, in units of `scale` tonnes.
struct Dual<'a> {
    cells: &'a [Cell],
    rows: &'a [Row],
    columns: Vec<Vec<(usize, f64)>>,
    scale: f64,
    values: Vec<f64>,
    /// Sum of absolute terms of each row.
    sides: Vec<f64>,
}

impl<'a> Dual<'a> {
    fn new(cells: &'a [Cell], rows: &'a [Row], scale: f64) -> Self {
        let mut columns = vec![Vec::new(); cells.len()];
        for (r, row) in rows.iter().enumerate() {
            for &(c, a) in &row.terms {
                columns[c].push((r, a));
            }
        }
        Self { cells, rows, columns, scale, values: vec![0.0; cells.len()], sides: vec![0.0; rows.len()] }
    }

    fn gradient(&mut self, lambda: &[f64], gradient: &mut [f64]) {
        self.sides.fill(0.0);
        gradient.fill(0.0);
        for (c, cell) in self.cells.iter().enumerate() {
            let pull: f64 = self.columns[c].iter().map(|&(r, a)| a * lambda[r]).sum();
            let prior = cell.prior / self.scale;
            let value = prior * (-cell.sigma * cell.sigma * prior * pull).exp();
            self.values[c] = value;
            for &(r, a) in &self.columns[c] {
                gradient[r] -= a * value;
                self.sides[r] += (a * value).abs();
            }
        }
        for (r, row) in self.rows.iter().enumerate() {
            let softness = row.softness / self.scale;
            gradient[r] += row.target / self.scale + softness * softness * lambda[r];
        }
    }

    fn hessian(&self, hessian: &mut [f64]) {
        let n = self.rows.len();
        hessian.fill(0.0);
        for (cell, (column, value)) in self.cells.iter().zip(self.columns.iter().zip(&self.values)) {
            let weight = cell.sigma * cell.sigma * cell.prior / self.scale * value;
            for &(r, a) in column {
                for &(s, b) in column.iter().filter(|&&(s, _)| s >= r) {
                    hessian[r * n + s] += weight * a * b;
                }
            }
        }
        for (r, row) in self.rows.iter().enumerate() {
            hessian[r * n + r] += (row.softness / self.scale).powi(2);
        }
    }

    /// Largest component of the gradient over the size of its row.
    fn residual(&self, gradient: &[f64]) -> f64 {
        self.rows
            .iter()
            .zip(self.sides.iter().zip(gradient))
            .map(|(row, (side, gap))| {
                gap.abs() / (0.5 * (side + row.target.abs() / self.scale)).max(f64::MIN_POSITIVE)
            })
            .fold(0.0, |a: f64, b| if b.is_nan() { f64::INFINITY } else { a.max(b) })
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cell(prior: f64, sigma: f64) -> Cell {
        Cell { prior, sigma }
    }

    #[test]
    fn a_consistent_set_is_left_alone() {
        let cells = [cell(10.0, 0.1), cell(4.0, 0.5), cell(6.0, 0.5)];
        let rows = [Row { terms: vec![(0, 1.0), (1, -1.0), (2, -1.0)], target: 0.0, softness: 0.0 }];
        let found = balance(&cells, &rows);
        assert!(found.values.iter().zip(&cells).all(|(z, c)| (z - c.prior).abs() < 1e-12));
    }

    #[test]
    fn the_surer_figure_moves_less() {
        let cells = [cell(10.0, 0.01), cell(20.0, 0.5)];
        let rows = [Row { terms: vec![(0, 1.0), (1, -1.0)], target: 0.0, softness: 0.0 }];
        let found = balance(&cells, &rows).values;
        assert!((found[0] - found[1]).abs() < 1e-9);
        assert!(found[0] < 10.1, "{found:?}");
    }

    #[test]
    fn a_soft_row_pulls_but_yields() {
        let cells = [cell(10.0, 0.1)];
        let rows = [Row { terms: vec![(0, 1.0)], target: 12.0, softness: 1.0 }];
        let found = balance(&cells, &rows).values[0];
        assert!(found > 10.0 && found < 12.0, "{found}");
    }

    proptest! {
        #[test]
        fn transport_tables_close(
            priors in prop::collection::vec((1e-3..1e6_f64, 0.01..1.5_f64), 12),
            totals in prop::collection::vec((1.0..1e6_f64, 0.02..0.5_f64), 7),
        ) {
            // Three sellers, four buyers, flows between all.
            let mut cells: Vec<Cell> = priors.iter().chain(&totals).map(|&(p, s)| cell(p, s)).collect();
            cells.truncate(19);
            let mut rows = Vec::new();
            for i in 0..3 {
                let mut terms: Vec<_> = (0..4).map(|j| (i * 4 + j, -1.0)).collect();
                terms.push((12 + i, 1.0));
                rows.push(Row { terms, target: 0.0, softness: 0.0 });
            }
            for j in 0..4 {
                let mut terms: Vec<_> = (0..3).map(|i| (i * 4 + j, 1.0)).collect();
                terms.push((15 + j, -1.0));
                rows.push(Row { terms, target: 0.0, softness: 0.0 });
            }
            let found = balance(&cells, &rows);
            prop_assert!(found.residual < 1e-9, "{found:?}");
            prop_assert!(found.values.iter().all(|z| *z >= 0.0));
        }
    }
}
