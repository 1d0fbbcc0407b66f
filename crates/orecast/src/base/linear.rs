//! Symmetric positive definite systems, dense: [`SpdSolver`] by the Cholesky factorisation of `faer` for those of a
//! few hundred variables, [`Factor`] for the small ones that a market solves thousands of times a second.

#![expect(
    clippy::inline_always,
    reason = "vector instructions reach only what is inlined into the dispatched function"
)]

use faer::{
    MatMut, Par,
    dyn_stack::{MemBuffer, MemStack, StackReq},
    linalg::cholesky::llt,
    prelude::default,
};
use pulp::{Arch, Simd, WithSimd};

/// A solver that keeps its scratch memory between systems.
pub(crate) struct SpdSolver {
    scratch: MemBuffer,
    matrix: Vec<f64>,
    scale: Vec<f64>,
    rhs: Vec<f64>,
}

impl std::fmt::Debug for SpdSolver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SpdSolver")
    }
}

impl Default for SpdSolver {
    fn default() -> Self {
        Self {
            scratch: MemBuffer::new(StackReq::EMPTY),
            matrix: Vec::new(),
            scale: Vec::new(),
            rhs: Vec::new(),
        }
    }
}

impl SpdSolver {
    /// Solves `H x = b` in place for the rows and columns in `free` of the `n × n` matrix `lower` (column-major,
    /// lower triangle). Other entries of `x` become 0. The matrix is scaled to a unit diagonal first, so units
    /// do not matter; a shift is added, growing from rounding level, until the factorisation succeeds.
    /// Returns false if none did, with `x` unspecified.
    pub(crate) fn solve(&mut self, lower: &[f64], n: usize, free: &[usize], x: &mut [f64]) -> bool {
        let m = free.len();
        self.scale.clear();
        self.scale.extend(free.iter().map(|&v| {
            let diagonal = lower[v * n + v];
            if diagonal > 0.0 { diagonal.sqrt().recip() } else { 0.0 }
        }));
        let need = llt::factor::cholesky_in_place_scratch::<f64>(m, Par::Seq, default());
        if self.scratch.len() < need.unaligned_bytes_required() {
            self.scratch = MemBuffer::new(need);
        }
        let mut shift = 1e-15;
        while shift < 1.0 {
            self.matrix.clear();
            self.matrix.resize(m * m, 0.0);
            for (c, &column) in free.iter().enumerate() {
                for (r, &row) in free.iter().enumerate().skip(c) {
                    let (low, high) = if row < column { (row, column) } else { (column, row) };
                    self.matrix[c * m + r] = lower[low * n + high] * self.scale[r] * self.scale[c];
                }
                self.matrix[c * m + c] = if self.scale[c] > 0.0 { 1.0 + shift } else { 1.0 };
            }
            let factor = MatMut::from_column_major_slice_mut(&mut self.matrix, m, m);
            let stack = MemStack::new(&mut self.scratch);
            if llt::factor::cholesky_in_place(factor, default(), Par::Seq, stack, default()).is_ok() {
                self.rhs.clear();
                self.rhs.extend(free.iter().zip(&self.scale).map(|(&v, s)| x[v] * s));
                let factor = faer::MatRef::from_column_major_slice(&self.matrix, m, m);
                let column = MatMut::from_column_major_slice_mut(&mut self.rhs, m, 1);
                llt::solve::solve_in_place(factor, column, Par::Seq, MemStack::new(&mut self.scratch));
                x.fill(0.0);
                for ((&v, s), value) in free.iter().zip(&self.scale).zip(&self.rhs) {
                    x[v] = value * s;
                }
                return x.iter().all(|v| v.is_finite());
            }
            shift *= 100.0;
        }
        false
    }
}

/// A Cholesky factor that can be used for several right-hand sides.
///
/// Below a hundred variables it takes less than half the time of the general one (`cargo bench -p orecast`): it walks
/// down whole columns, four at a time, and keeps no scratch. Its sums have one order on every processor.
#[derive(Debug, Default)]
pub(crate) struct Factor {
    columns: Vec<f64>,
    inverse: Vec<f64>,
    rhs: Vec<f64>,
    free: Vec<usize>,
}

/// A task that takes on the processor's vectors.
struct Task<'a> {
    factor: &'a mut Factor,
    work: Work<'a>,
}

enum Work<'a> {
    Factorise { lower: &'a [f64], n: usize, free: &'a [usize] },
    Solve { x: &'a mut [f64] },
}

impl WithSimd for Task<'_> {
    type Output = bool;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> bool {
        match self.work {
            Work::Factorise { lower, n, free } => self.factor.factorise_on_vectors(lower, n, free),
            Work::Solve { x } => self.factor.solve_on_vectors(x),
        }
    }
}

impl Factor {
    /// Factorises the rows and columns in `free` (rising) of the `n × n` matrix `lower` (column-major, lower triangle).
    /// A share of the diagonal is added to it, growing from rounding level, until the factorisation succeeds; false if
    /// none did.
    pub(crate) fn factorise(&mut self, lower: &[f64], n: usize, free: &[usize]) -> bool {
        Arch::new().dispatch(Task { factor: self, work: Work::Factorise { lower, n, free } })
    }

    /// The variables that were factorised.
    pub(crate) fn free(&self) -> &[usize] {
        &self.free
    }

    #[inline(always)]
    fn factorise_on_vectors(&mut self, lower: &[f64], n: usize, free: &[usize]) -> bool {
        let m = free.len();
        self.free.clear();
        self.free.extend_from_slice(free);
        self.inverse.resize(m, 0.0);
        let mut shift = 1e-15;
        while shift < 1.0 {
            self.columns.clear();
            if m == n {
                self.columns.extend_from_slice(lower);
            } else {
                for &column in free {
                    self.columns.extend(free.iter().map(|&row| lower[column * n + row]));
                }
            }
            if self.decompose(m, shift) {
                return true;
            }
            shift *= 100.0;
        }
        false
    }

    #[inline(always)]
    fn decompose(&mut self, m: usize, shift: f64) -> bool {
        for j in 0..m {
            let (done, rest) = self.columns.split_at_mut(j * m);
            let column = &mut rest[j..m];
            let diagonal = column[0];
            column[0] += shift * diagonal;
            let mut k = 0;
            while k + 4 <= j {
                let tail = |k: usize| &done[k * m + j..(k + 1) * m];
                let (a, b, c, d) = (tail(k), tail(k + 1), tail(k + 2), tail(k + 3));
                let (u, v, w, x) = (a[0], b[0], c[0], d[0]);
                for ((((y, a), b), c), d) in column.iter_mut().zip(a).zip(b).zip(c).zip(d) {
                    *y -= (u * a + v * b) + (w * c + x * d);
                }
                k += 4;
            }
            for k in k..j {
                let a = &done[k * m + j..(k + 1) * m];
                let u = a[0];
                column.iter_mut().zip(a).for_each(|(y, a)| *y -= u * a);
            }
            let pivot = column[0];
            if pivot.is_nan() || pivot <= 0.5 * shift * diagonal {
                return false;
            }
            let inverse = pivot.sqrt().recip();
            self.inverse[j] = inverse;
            for y in column {
                *y *= inverse;
            }
        }
        true
    }

    /// Solves for the right-hand side `x` of all `n` variables in place; those that were not factorised become 0.
    /// Returns whether every number is finite.
    pub(crate) fn solve(&mut self, x: &mut [f64]) -> bool {
        Arch::new().dispatch(Task { factor: self, work: Work::Solve { x } })
    }

    #[inline(always)]
    fn solve_on_vectors(&mut self, x: &mut [f64]) -> bool {
        let m = self.free.len();
        self.rhs.clear();
        self.rhs.extend(self.free.iter().map(|&v| x[v]));
        for j in 0..m {
            let (head, tail) = self.rhs.split_at_mut(j + 1);
            let value = head[j] * self.inverse[j];
            head[j] = value;
            let column = &self.columns[j * m + j + 1..(j + 1) * m];
            tail.iter_mut().zip(column).for_each(|(y, a)| *y -= value * a);
        }
        for j in (0..m).rev() {
            let (head, tail) = self.rhs.split_at_mut(j + 1);
            let column = &self.columns[j * m + j + 1..(j + 1) * m];
            head[j] = (head[j] - dot(column, tail)) * self.inverse[j];
        }
        x.fill(0.0);
        for (&v, value) in self.free.iter().zip(&self.rhs) {
            x[v] = *value;
        }
        x.iter().all(|v| v.is_finite())
    }
}

/// Scalar product in a fixed order: four sums side by side, then the rest.
#[inline(always)]
pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; 4];
    let (a_parts, b_parts) = (a.chunks_exact(4), b.chunks_exact(4));
    let rest: f64 = a_parts.remainder().iter().zip(b_parts.remainder()).map(|(x, y)| x * y).sum();
    for (x, y) in a_parts.zip(b_parts) {
        for lane in 0..4 {
            sums[lane] += x[lane] * y[lane];
        }
    }
    (sums[0] + sums[1]) + (sums[2] + sums[3]) + rest
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn solves_badly_scaled_systems_on_a_subset() {
        // [[4e6, 2, .], [2, 3e-6, .], [., ., 9]] with only the first two free; column-major lower triangle.
        let lower = [4e6, 2.0, 7.0, 0.0, 3e-6, 7.0, 0.0, 0.0, 9.0];
        let right = [4e6 + 2.0e6 * 1e-6, 2.0 + 3e-6, 5.0];
        let expected = {
            let (a, b, c) = (4e6, 2.0, 3e-6);
            let det = a * c - b * b;
            [(c * right[0] - b * right[1]) / det, (a * right[1] - b * right[0]) / det]
        };
        let mut x = right;
        assert!(SpdSolver::default().solve(&lower, 3, &[0, 1], &mut x));
        let mut factor = Factor::default();
        let mut y = right;
        assert!(factor.factorise(&lower, 3, &[0, 1]) && factor.solve(&mut y));
        for found in [x, y] {
            for i in 0..2 {
                assert!((found[i] - expected[i]).abs() <= 1e-8 * expected[i].abs(), "{found:?} {expected:?}");
            }
            assert_eq!(found[2], 0.0);
        }
    }

    proptest! {
        #[test]
        fn the_two_solvers_agree(
            n in 1..24_usize, skip in 0..24_usize, numbers in prop::collection::vec(-1.0..1.0_f64, 24 * 25),
        ) {
            // G Gᵀ + I, whose condition is modest, on all but one of the variables.
            let g = |row: usize, column: usize| numbers[row * 24 + column];
            let mut matrix = vec![0.0; n * n];
            for column in 0..n {
                for row in column..n {
                    let sum: f64 = (0..n).map(|k| g(row, k) * g(column, k)).sum();
                    matrix[column * n + row] = sum + f64::from(u8::from(row == column));
                }
            }
            let free: Vec<usize> = (0..n).filter(|v| *v != skip).collect();
            let mut x = numbers[24 * 24..24 * 24 + n].to_vec();
            let mut y = x.clone();
            let mut factor = Factor::default();
            prop_assert!(SpdSolver::default().solve(&matrix, n, &free, &mut x));
            prop_assert!(factor.factorise(&matrix, n, &free) && factor.solve(&mut y));
            for (x, y) in x.iter().zip(&y) {
                prop_assert!((x - y).abs() <= 1e-10 * (1.0 + x.abs()));
            }
        }
    }
}
