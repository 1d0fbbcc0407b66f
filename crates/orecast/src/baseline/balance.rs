//! Balancing: the quantities closest to the observations that keep every mass balance.
//!
//! `minimise Σ_c ω_c · (z_c ln(z_c/o_c) − z_c + o_c)` over `z ≥ 0` with `ω_c = 1/(σ_c² o_c)`, subject to `A z = b` for
//! hard rows, plus `(a·z − b)²/(2τ²)` for soft rows. Near its prior a term is half the squared relative error over
//! `σ_c²`, so that the objective is a sum of squared standard deviations, whatever the size of a cell. The dual is
//! smooth, convex and unconstrained: `z_c = o_c · exp(−σ_c² o_c (Aᵀλ)_c)`, so a handful of Newton steps on `λ` end at
//! machine precision.

use crate::base::linear::SpdSolver;

const MAX_STEPS: usize = 200;
/// Relative gap at which a balance counts as closed.
const CLOSED: f64 = 1e-12;

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
    /// Multiplier of each row, per unit of the largest prior: where the next search may begin.
    pub multipliers: Vec<f64>,
    /// Largest gap of a row (for a soft row: of its optimality condition) over the size of its terms.
    pub residual: f64,
    /// Newton steps taken.
    pub iterations: usize,
}

impl Balanced {
    /// The row that pulled a cell most in the direction in which it moved.
    ///
    /// In standard deviations a cell moves by `ln(z/o)/σ = −σ·o·Σ_r a_r λ_r`, so that every row has its part.
    pub fn binding(&self, cell: usize, prior: f64, rows_of: &RowsOf) -> Option<usize> {
        let direction = if self.values[cell] > prior { -1.0 } else { 1.0 };
        let pulls = rows_of.0[cell].iter().map(|&(row, a)| (row, direction * a * self.multipliers[row]));
        let strongest = pulls.max_by(|a, b| a.1.total_cmp(&b.1))?;
        (strongest.1 > 0.0).then_some(strongest.0)
    }
}

/// The rows that each cell takes part in, with its coefficient.
#[derive(Debug)]
pub struct RowsOf(Vec<Vec<(usize, f64)>>);

impl RowsOf {
    /// Turns rows of cells into cells of rows.
    pub fn new(cells: usize, rows: &[Row]) -> Self {
        let mut found = vec![Vec::new(); cells];
        for (r, row) in rows.iter().enumerate() {
            for &(c, a) in &row.terms {
                found[c].push((r, a));
            }
        }
        Self(found)
    }
}

/// Finds the balanced quantities, beginning with the multipliers in `start` (0 for rows beyond its end). Cells must have
/// positive priors and sigmas.
pub fn balance(cells: &[Cell], rows: &[Row], start: &[f64]) -> Balanced {
    let scale = cells.iter().map(|c| c.prior).fold(f64::MIN_POSITIVE, f64::max);
    let mut dual = Dual::new(cells, rows, scale);
    let n = rows.len();
    let mut lambda = vec![0.0; n];
    lambda.iter_mut().zip(start).for_each(|(to, from)| *to = *from);
    let mut gradient = vec![0.0; n];
    dual.gradient(&lambda, &mut gradient);
    let mut iterations = 0;
    let mut residual = dual.residual(&gradient);
    let mut trial = vec![0.0; n];
    while residual > CLOSED && iterations < MAX_STEPS {
        let mut step: Vec<f64> = gradient.iter().map(|g| -g).collect();
        if !dual.newton(&mut step) {
            break;
        }
        let slope = dot(&step, &gradient);
        let mut length = 1.0;
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
    let values = dual.values.iter().map(|z| z * scale).collect();
    Balanced { values, multipliers: lambda, residual, iterations }
}

/// Where a row stands in the Newton system.
#[derive(Debug, Clone, Copy)]
enum Place {
    /// Among the rows that share no cell with each other, and are eliminated first.
    Apart(usize),
    /// Among the rest, which are solved densely.
    Dense(usize),
}

/// The dual function at one `λ`, in units of `scale` tonnes.
struct Dual<'a> {
    cells: &'a [Cell],
    rows: &'a [Row],
    columns: RowsOf,
    scale: f64,
    values: Vec<f64>,
    /// Sum of absolute terms of each row.
    sides: Vec<f64>,
    places: Vec<Place>,
    /// Dense rows that each row apart shares a cell with.
    neighbours: Vec<Vec<usize>>,
    diagonal: Vec<f64>,
    border: Vec<f64>,
    dense: Vec<f64>,
    linear: SpdSolver,
}

impl<'a> Dual<'a> {
    fn new(cells: &'a [Cell], rows: &'a [Row], scale: f64) -> Self {
        let columns = RowsOf::new(cells.len(), rows);
        let (places, apart) = set_apart(rows, &columns);
        let dense = rows.len() - apart;
        let mut neighbours = vec![Vec::new(); apart];
        for column in &columns.0 {
            for &(row, _) in column {
                let Place::Apart(d) = places[row] else { continue };
                neighbours[d].extend(column.iter().filter_map(|&(other, _)| match places[other] {
                    Place::Dense(s) => Some(s),
                    Place::Apart(_) => None,
                }));
            }
        }
        for list in &mut neighbours {
            list.sort_unstable();
            list.dedup();
        }
        Self {
            cells,
            rows,
            columns,
            scale,
            values: vec![0.0; cells.len()],
            sides: vec![0.0; rows.len()],
            places,
            neighbours,
            diagonal: vec![0.0; apart],
            border: vec![0.0; apart * dense],
            dense: vec![0.0; dense * dense],
            linear: SpdSolver::default(),
        }
    }

    fn gradient(&mut self, lambda: &[f64], gradient: &mut [f64]) {
        self.sides.fill(0.0);
        gradient.fill(0.0);
        for (c, cell) in self.cells.iter().enumerate() {
            let pull: f64 = self.columns.0[c].iter().map(|&(r, a)| a * lambda[r]).sum();
            let prior = cell.prior / self.scale;
            let value = prior * (-cell.sigma * cell.sigma * prior * pull).exp();
            self.values[c] = value;
            for &(r, a) in &self.columns.0[c] {
                gradient[r] -= a * value;
                self.sides[r] += (a * value).abs();
            }
        }
        for (r, row) in self.rows.iter().enumerate() {
            let softness = row.softness / self.scale;
            gradient[r] += row.target / self.scale + softness * softness * lambda[r];
        }
    }

    /// The Hessian at the current values, in its parts: the diagonal of the rows apart, their border with the
    /// dense rows, and the dense rows (upper triangle by rows).
    fn hessian(&mut self) {
        let m = self.rows.len() - self.diagonal.len();
        for part in [&mut self.diagonal, &mut self.border, &mut self.dense] {
            part.fill(0.0);
        }
        for (cell, (column, value)) in self.cells.iter().zip(self.columns.0.iter().zip(&self.values)) {
            let weight = cell.sigma * cell.sigma * cell.prior / self.scale * value;
            for (at, &(r, a)) in column.iter().enumerate() {
                for &(s, b) in &column[at..] {
                    let term = weight * a * b;
                    match (self.places[r], self.places[s]) {
                        (Place::Apart(d), Place::Apart(_)) => self.diagonal[d] += term,
                        (Place::Apart(d), Place::Dense(s)) | (Place::Dense(s), Place::Apart(d)) => {
                            self.border[d * m + s] += term;
                        }
                        (Place::Dense(r), Place::Dense(s)) => self.dense[r.min(s) * m + r.max(s)] += term,
                    }
                }
            }
        }
        for (row, place) in self.rows.iter().zip(&self.places) {
            let squared = (row.softness / self.scale).powi(2);
            match *place {
                Place::Apart(d) => self.diagonal[d] += squared,
                Place::Dense(s) => self.dense[s * m + s] += squared,
            }
        }
    }

    /// Replaces a right-hand side by the Newton step: rows apart are eliminated, the Schur complement is solved, and
    /// the rows apart follow. Returns false when the system cannot be solved.
    fn newton(&mut self, step: &mut [f64]) -> bool {
        self.hessian();
        let m = self.rows.len() - self.diagonal.len();
        let mut apart = vec![0.0; self.diagonal.len()];
        let mut rest = vec![0.0; m];
        for (value, place) in step.iter().zip(&self.places) {
            match *place {
                Place::Apart(d) => apart[d] = *value,
                Place::Dense(s) => rest[s] = *value,
            }
        }
        let inverse = |diagonal: f64| if diagonal > 0.0 { diagonal.recip() } else { 0.0 };
        for (d, list) in self.neighbours.iter().enumerate() {
            let border = &self.border[d * m..(d + 1) * m];
            let over = inverse(self.diagonal[d]);
            for (at, &s) in list.iter().enumerate() {
                let factor = border[s] * over;
                rest[s] -= factor * apart[d];
                for &t in &list[at..] {
                    self.dense[s * m + t] -= factor * border[t];
                }
            }
        }
        let free: Vec<usize> = (0..m).collect();
        if m > 0 && !self.linear.solve(&self.dense, m, &free, &mut rest) {
            return false;
        }
        for (d, list) in self.neighbours.iter().enumerate() {
            let known: f64 = list.iter().map(|&s| self.border[d * m + s] * rest[s]).sum();
            apart[d] = (apart[d] - known) * inverse(self.diagonal[d]);
        }
        for (value, place) in step.iter_mut().zip(&self.places) {
            *value = match *place {
                Place::Apart(d) => apart[d],
                Place::Dense(s) => rest[s],
            };
        }
        step.iter().all(|value| value.is_finite())
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

/// Picks mass balances that share no cell with one before them, and says where every row stands.
fn set_apart(rows: &[Row], columns: &RowsOf) -> (Vec<Place>, usize) {
    let mut is_apart = vec![false; rows.len()];
    for (r, row) in rows.iter().enumerate().filter(|(_, row)| row.softness == 0.0) {
        let mut others = row.terms.iter().flat_map(|&(cell, _)| &columns.0[cell]);
        is_apart[r] = others.all(|&(other, _)| !is_apart[other]);
    }
    let (mut apart, mut dense) = (0, 0);
    let places = is_apart.iter().map(|&is_apart| {
        let next = if is_apart { &mut apart } else { &mut dense };
        *next += 1;
        if is_apart { Place::Apart(*next - 1) } else { Place::Dense(*next - 1) }
    });
    (places.collect(), apart)
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
        let found = balance(&cells, &rows, &[]);
        assert!(found.values.iter().zip(&cells).all(|(z, c)| (z - c.prior).abs() < 1e-12));
    }

    #[test]
    fn the_surer_figure_moves_less() {
        let cells = [cell(10.0, 0.01), cell(20.0, 0.5)];
        let rows = [Row { terms: vec![(0, 1.0), (1, -1.0)], target: 0.0, softness: 0.0 }];
        let found = balance(&cells, &rows, &[]).values;
        assert!((found[0] - found[1]).abs() < 1e-9);
        assert!(found[0] < 10.1, "{found:?}");
    }

    #[test]
    fn a_soft_row_pulls_but_yields() {
        let cells = [cell(10.0, 0.1)];
        let rows = [Row { terms: vec![(0, 1.0)], target: 12.0, softness: 1.0 }];
        let found = balance(&cells, &rows, &[]).values[0];
        assert!(found > 10.0 && found < 12.0, "{found}");
    }

    #[test]
    fn the_pulls_of_the_rows_add_up_to_the_move_of_a_cell() {
        let cells = [cell(10.0, 0.1), cell(7.0, 0.5), cell(6.0, 0.3)];
        let rows = [
            Row { terms: vec![(0, 1.0), (1, -1.0), (2, -1.0)], target: 0.0, softness: 0.0 },
            Row { terms: vec![(1, 1.0)], target: 5.0, softness: 0.5 },
        ];
        let found = balance(&cells, &rows, &[]);
        let rows_of = RowsOf::new(cells.len(), &rows);
        for (c, cell) in cells.iter().enumerate() {
            let pull: f64 = rows_of.0[c].iter().map(|&(r, a)| a * found.multipliers[r]).sum();
            let moved = (found.values[c] / cell.prior).ln() / cell.sigma;
            // Multipliers are per unit of the largest prior.
            assert!((moved + cell.sigma * cell.prior / 10.0 * pull).abs() < 1e-9, "{c}: {moved}");
        }
        // Output is short of sales, so the mass balance pushed both.
        assert_eq!(found.binding(0, 10.0, &rows_of), Some(0));
        assert_eq!(found.binding(2, 6.0, &rows_of), Some(0));
    }

    #[test]
    fn a_search_that_begins_at_the_answer_stays_there() {
        let cells = [cell(10.0, 0.1), cell(20.0, 0.5)];
        let rows = [Row { terms: vec![(0, 1.0), (1, -1.0)], target: 0.0, softness: 0.0 }];
        let first = balance(&cells, &rows, &[]);
        let again = balance(&cells, &rows, &first.multipliers);
        assert_eq!((again.iterations, &again.values), (0, &first.values));
    }

    #[test]
    fn a_row_that_the_answer_fulfils_changes_nothing() {
        let cells = [cell(10.0, 0.1), cell(20.0, 0.5)];
        let mut rows = vec![Row { terms: vec![(0, 1.0), (1, -1.0)], target: 0.0, softness: 0.0 }];
        let first = balance(&cells, &rows, &[]);
        rows.push(Row { terms: vec![(1, 1.0)], target: first.values[1], softness: 0.01 });
        let again = balance(&cells, &rows, &[]);
        assert!(first.values.iter().zip(&again.values).all(|(a, b)| (a / b - 1.0).abs() < 1e-9));
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
            let found = balance(&cells, &rows, &[]);
            prop_assert!(found.residual < 1e-9, "{found:?}");
            prop_assert!(found.values.iter().all(|z| *z >= 0.0));
        }
    }
}
