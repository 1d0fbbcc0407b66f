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

/// The vector instructions that results are computed on; they do not depend on which.
pub(crate) fn processor() -> Arch {
    #[cfg(test)]
    if tests::PLAIN.get() {
        return Arch::Scalar;
    }
    Arch::new()
}

/// Columns and rows of a tile.
const TILE: usize = 4;

/// A Cholesky factor that can be used for several right-hand sides.
///
/// It is made in panels of four columns. Each tile of eight rows of a panel stays in registers while the columns before
/// it are taken off, so that an entry is read and written once. Sizes are filled up to a multiple of four with ones on
/// the diagonal. Its sums have one order and its products are fused on every processor: the same bits everywhere.
#[derive(Debug, Default)]
pub(crate) struct Factor {
    /// Columns of the factor, filled up.
    columns: Vec<f64>,
    /// Inverse of each diagonal entry.
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
    Factorise { lower: &'a [f64], stride: usize, free: &'a [usize] },
    Solve { x: &'a mut [f64] },
}

impl WithSimd for Task<'_> {
    type Output = bool;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> bool {
        match self.work {
            Work::Factorise { lower, stride, free } => self.factor.factorise_on_vectors(lower, stride, free),
            Work::Solve { x } => self.factor.solve_on_vectors(x),
        }
    }
}

impl Factor {
    /// Factorises the rows and columns in `free` (rising) of the matrix `lower` (column-major, columns `stride`
    /// apart, lower triangle). A share of the diagonal is added to it, growing from rounding level, until the factorisation succeeds; false if
    /// none did.
    pub(crate) fn factorise(&mut self, lower: &[f64], stride: usize, free: &[usize]) -> bool {
        processor().dispatch(Task { factor: self, work: Work::Factorise { lower, stride, free } })
    }

    /// Solves for the right-hand side `x` of all `n` variables in place; those that were not factorised become 0.
    /// Returns whether every number is finite.
    pub(crate) fn solve(&mut self, x: &mut [f64]) -> bool {
        processor().dispatch(Task { factor: self, work: Work::Solve { x } })
    }

    /// The variables that were factorised.
    pub(crate) fn free(&self) -> &[usize] {
        &self.free
    }

    #[inline(always)]
    fn factorise_on_vectors(&mut self, lower: &[f64], stride: usize, free: &[usize]) -> bool {
        let m = free.len();
        let size = m.next_multiple_of(TILE);
        self.free.clear();
        self.free.extend_from_slice(free);
        self.inverse.clear();
        self.inverse.resize(size, 1.0);
        let mut shift = 1e-15;
        while shift < 1.0 {
            self.columns.clear();
            self.columns.resize(size * size, 0.0);
            for (place, &column) in free.iter().enumerate() {
                let (from, to) =
                    (&lower[column * stride..][..stride], &mut self.columns[place * size..][..m]);
                if free[m - 1] == m - 1 {
                    to[place..].copy_from_slice(&from[place..m]);
                } else {
                    to[place..].iter_mut().zip(&free[place..]).for_each(|(to, &row)| *to = from[row]);
                }
            }
            for place in m..size {
                self.columns[place * size + place] = 1.0;
            }
            if self.decompose(size, shift) {
                return true;
            }
            shift *= 100.0;
        }
        false
    }

    #[inline(always)]
    fn decompose(&mut self, size: usize, shift: f64) -> bool {
        for first in (0..size).step_by(TILE) {
            let (done, rest) = self.columns.split_at_mut(first * size);
            let panel = &mut rest[..TILE * size];
            let Some(inverse) = self.inverse[first..].first_chunk_mut::<TILE>() else { return false };
            let diagonal: [f64; TILE] = std::array::from_fn(|c| panel[c * size + first + c]);
            let mut corner = reduced::<TILE>(done, panel, size, first, first);
            if !factorise_corner(&mut corner, inverse, diagonal, shift) {
                return false;
            }
            store(panel, size, first, &corner);
            let mut row = first + TILE;
            while row + 2 * TILE <= size {
                let mut tile = reduced::<{ 2 * TILE }>(done, panel, size, first, row);
                divide(&mut tile, &corner, inverse);
                store(panel, size, row, &tile);
                row += 2 * TILE;
            }
            if row < size {
                let mut tile = reduced::<TILE>(done, panel, size, first, row);
                divide(&mut tile, &corner, inverse);
                store(panel, size, row, &tile);
            }
        }
        true
    }

    #[inline(always)]
    fn solve_on_vectors(&mut self, x: &mut [f64]) -> bool {
        let size = self.inverse.len();
        self.rhs.clear();
        self.rhs.extend(self.free.iter().map(|&v| x[v]));
        self.rhs.resize(size, 0.0);
        for first in (0..size).step_by(TILE) {
            let panel = &self.columns[first * size..][..TILE * size];
            let (head, tail) = self.rhs.split_at_mut(first + TILE);
            let mut part = [0.0; TILE];
            part.copy_from_slice(&head[first..]);
            for c in 0..TILE {
                part[c] *= self.inverse[first + c];
                for r in c + 1..TILE {
                    part[r] = (-part[c]).mul_add(panel[c * size + first + r], part[r]);
                }
            }
            head[first..].copy_from_slice(&part);
            let below = |c: usize| panel[c * size + first + TILE..(c + 1) * size].chunks_exact(TILE);
            let columns = below(0).zip(below(1)).zip(below(2)).zip(below(3));
            for (y, (((a, b), c), d)) in tail.chunks_exact_mut(TILE).zip(columns) {
                for r in 0..TILE {
                    let near = (-part[1]).mul_add(b[r], (-part[0]).mul_add(a[r], y[r]));
                    y[r] = (-part[3]).mul_add(d[r], (-part[2]).mul_add(c[r], near));
                }
            }
        }
        for first in (0..size).step_by(TILE).rev() {
            let panel = &self.columns[first * size..][..TILE * size];
            let (head, tail) = self.rhs.split_at_mut(first + TILE);
            let mut sums = [[0.0; TILE]; TILE];
            let below = |c: usize| panel[c * size + first + TILE..(c + 1) * size].chunks_exact(TILE);
            let columns = below(0).zip(below(1)).zip(below(2)).zip(below(3));
            for (y, (((a, b), c), d)) in tail.chunks_exact(TILE).zip(columns) {
                for r in 0..TILE {
                    sums[0][r] = y[r].mul_add(a[r], sums[0][r]);
                    sums[1][r] = y[r].mul_add(b[r], sums[1][r]);
                    sums[2][r] = y[r].mul_add(c[r], sums[2][r]);
                    sums[3][r] = y[r].mul_add(d[r], sums[3][r]);
                }
            }
            for c in (0..TILE).rev() {
                let sum = (sums[c][0] + sums[c][1]) + (sums[c][2] + sums[c][3]);
                let mut left = head[first + c] - sum;
                for r in c + 1..TILE {
                    left = (-head[first + r]).mul_add(panel[c * size + first + r], left);
                }
                head[first + c] = left * self.inverse[first + c];
            }
        }
        x.fill(0.0);
        for (&v, value) in self.free.iter().zip(&self.rhs) {
            x[v] = *value;
        }
        x.iter().all(|v| v.is_finite())
    }
}

/// A tile of four columns of a panel that begins at column `first`, with what the columns before it take off.
#[inline(always)]
fn reduced<const ROWS: usize>(
    done: &[f64],
    panel: &[f64],
    size: usize,
    first: usize,
    row: usize,
) -> [[f64; ROWS]; TILE] {
    let mut tile = [[0.0; ROWS]; TILE];
    for (c, part) in tile.iter_mut().enumerate() {
        part.copy_from_slice(&panel[c * size + row..][..ROWS]);
    }
    for column in done.chunks_exact(size) {
        let (Some(a), Some(b)) = (column[row..].first_chunk::<ROWS>(), column[first..].first_chunk::<TILE>())
        else {
            continue;
        };
        for c in 0..TILE {
            for r in 0..ROWS {
                tile[c][r] = (-b[c]).mul_add(a[r], tile[c][r]);
            }
        }
    }
    tile
}

/// Factorises the tile on the diagonal; false if a pivot is lost to rounding.
#[inline(always)]
fn factorise_corner(
    corner: &mut [[f64; TILE]; TILE],
    inverse: &mut [f64; TILE],
    diagonal: [f64; TILE],
    shift: f64,
) -> bool {
    for c in 0..TILE {
        let pivot = shift.mul_add(diagonal[c], corner[c][c]);
        if pivot.is_nan() || pivot <= 0.5 * shift * diagonal[c] {
            return false;
        }
        inverse[c] = pivot.sqrt().recip();
        corner[c][c] = pivot * inverse[c];
        corner[c][c + 1..].iter_mut().for_each(|entry| *entry *= inverse[c]);
        for next in c + 1..TILE {
            for r in next..TILE {
                corner[next][r] = (-corner[c][next]).mul_add(corner[c][r], corner[next][r]);
            }
        }
    }
    true
}

/// Turns a tile below the diagonal into entries of the factor.
#[inline(always)]
fn divide<const ROWS: usize>(
    tile: &mut [[f64; ROWS]; TILE],
    corner: &[[f64; TILE]; TILE],
    inverse: &[f64; TILE],
) {
    for c in 0..TILE {
        tile[c].iter_mut().for_each(|entry| *entry *= inverse[c]);
        let column = tile[c];
        for next in c + 1..TILE {
            for (entry, done) in tile[next].iter_mut().zip(&column) {
                *entry = (-corner[c][next]).mul_add(*done, *entry);
            }
        }
    }
}

#[inline(always)]
fn store<const ROWS: usize>(panel: &mut [f64], size: usize, row: usize, tile: &[[f64; ROWS]; TILE]) {
    for (c, part) in tile.iter().enumerate() {
        panel[c * size + row..][..ROWS].copy_from_slice(part);
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
pub(crate) mod tests {
    use std::cell::Cell;

    use proptest::prelude::*;

    use super::*;

    thread_local! {
        /// Whether this thread does without vector instructions.
        pub(super) static PLAIN: Cell<bool> = const { Cell::new(false) };
    }

    /// What `work` gives where the processor has no vector instructions and no fused multiply-add.
    pub(crate) fn on_a_plain_processor<T>(work: impl FnOnce() -> T) -> T {
        PLAIN.set(true);
        let result = work();
        PLAIN.set(false);
        result
    }

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
            let mut plain = numbers[24 * 24..24 * 24 + n].to_vec();
            on_a_plain_processor(|| factor.factorise(&matrix, n, &free) && factor.solve(&mut plain));
            prop_assert_eq!(&y, &plain, "the same bits on every processor");
        }
    }
}
