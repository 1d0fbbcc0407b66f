//! Symmetric positive definite systems, small and dense, by the Cholesky factorisation of `faer`.

use faer::{
    MatMut, Par,
    dyn_stack::{MemBuffer, MemStack, StackReq},
    linalg::cholesky::llt,
    prelude::default,
};

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn solves_badly_scaled_systems_on_a_subset() {
        // [[4e6, 2, .], [2, 3e-6, .], [., ., 9]] with only the first two free; column-major lower triangle.
        let lower = [4e6, 2.0, 7.0, 0.0, 3e-6, 7.0, 0.0, 0.0, 9.0];
        let mut x = [4e6 + 2.0e6 * 1e-6, 2.0 + 3e-6, 5.0];
        let expected = {
            let (a, b, c) = (4e6, 2.0, 3e-6);
            let det = a * c - b * b;
            [(c * x[0] - b * x[1]) / det, (a * x[1] - b * x[0]) / det]
        };
        assert!(SpdSolver::default().solve(&lower, 3, &[0, 1], &mut x));
        for i in 0..2 {
            assert!((x[i] - expected[i]).abs() <= 1e-9 * expected[i].abs(), "{x:?} {expected:?}");
        }
        assert_eq!(x[2], 0.0);
    }
}
