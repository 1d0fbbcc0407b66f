//! The Hessian of the market's convex function where it was last evaluated.

use pulp::{Simd, WithSimd};

use super::{
    super::layout::{Buyer, Layout},
    State, zero,
};
use crate::base::linear::processor;

/// Rows beyond the last that a column has room for, so that its parts can be walked in fours.
const ROOM: usize = 4;

/// Where a column of the Hessian of `n` variables ends and the next begins.
pub(in crate::market) fn stride(n: usize) -> usize {
    n + ROOM
}

/// Setting up a Hessian as a task that takes on the processor's vectors.
struct Slopes<'a> {
    state: &'a mut State,
    layout: &'a Layout,
    hessian: &'a mut Vec<f64>,
}

impl WithSimd for Slopes<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        self.state.hessian_on_vectors(self.layout, self.hessian);
    }
}

impl State {
    /// The Hessian where the last evaluation was: dense, column-major with columns [`stride`] apart, lower triangle filled.
    pub(in crate::market) fn hessian(&mut self, layout: &Layout, hessian: &mut Vec<f64>) {
        processor().dispatch(Slopes { state: self, layout, hessian });
    }

    #[inline(always)]
    fn hessian_on_vectors(&mut self, layout: &Layout, hessian: &mut Vec<f64>) {
        let n = layout.size();
        let stride = stride(n);
        zero(hessian, n * stride);
        zero(&mut self.direction, stride);
        let mut matrix = Lower { stride, entries: hessian };
        for t in 0..layout.priced.len() {
            let slope = self.priced.slope[t] * self.priced.kept[t];
            matrix.add_square(layout.priced.links_of(t), slope);
        }
        for (b, buyer) in layout.buyers.iter().enumerate() {
            let curvature = self.bought[b] * buyer.theta;
            let spread = self.fall[b] - curvature;
            // From here on the terms are shares.
            let scale = self.total[b].recip();
            self.total[b] = 1.0;
            if !buyer.plain {
                self.add_buyer(layout, &mut matrix, *buyer, curvature, spread, scale);
                continue;
            }
            let from = &layout.from[buyer.first..buyer.last];
            let share = &mut self.share[buyer.first..buyer.last];
            for (term, &v) in share.iter_mut().zip(from) {
                *term *= scale;
                self.direction[v] = *term;
            }
            let end = from.last().map_or(0, |&last| last + 1);
            for (&v, &part) in from.iter().zip(&*share) {
                // Fours that begin at the diagonal; what lies beyond the last share is zero.
                let fours = (end - v).next_multiple_of(4);
                let column = &mut matrix.entries[v * stride + v..][..fours];
                let along = &self.direction[v..][..fours];
                let scaled = spread * part;
                for (to, other) in column.chunks_exact_mut(4).zip(along.chunks_exact(4)) {
                    for r in 0..4 {
                        to[r] = scaled.mul_add(other[r], to[r]);
                    }
                }
                column[0] += curvature * part;
            }
            for t in buyer.activities.0..buyer.activities.1 {
                let slope = self.refined.slope[t];
                let links = layout.refining.links_of(t);
                matrix.add_square(links, slope);
                for &(own, tonnes) in links {
                    let link = -slope * buyer.per_tonne * tonnes;
                    from.iter().zip(&*share).for_each(|(&v, part)| matrix.add_pair(v, own, link * part));
                }
            }
            from.iter().for_each(|&v| self.direction[v] = 0.0);
        }
    }

    /// One buyer under limits, or with several arcs from one seller: the diagonal part `qθ w` of its arcs, the rank-one
    /// part `(−q′ − qθ) u uᵀ` along `u = Jᵀ w`, and the link between what it pays and what it earns.
    #[inline(always)]
    fn add_buyer(
        &mut self,
        layout: &Layout,
        matrix: &mut Lower<'_>,
        buyer: Buyer,
        curvature: f64,
        spread: f64,
        scale: f64,
    ) {
        let nodes = layout.active_nodes.len();
        self.touched.clear();
        for position in buyer.first..buyer.last {
            let share = self.share[position] * scale;
            self.share[position] = share;
            let v = layout.from[position];
            let weight = curvature * share;
            let limits = layout.limits_of(position);
            matrix.add(v, v, weight);
            self.touch(v, share);
            for (place, &(c, size)) in limits.iter().enumerate() {
                self.touch(nodes + c, size * share);
                matrix.add(v, nodes + c, weight * size);
                matrix.add(nodes + c, nodes + c, weight * size * size);
                for &(other, other_size) in &limits[..place] {
                    matrix.add(nodes + c, nodes + other, weight * size * other_size);
                }
            }
        }
        for t in buyer.activities.0..buyer.activities.1 {
            let slope = self.refined.slope[t];
            let links = layout.refining.links_of(t);
            matrix.add_square(links, slope);
            for &(own, tonnes) in links {
                let link = -slope * buyer.per_tonne * tonnes;
                self.touched.iter().for_each(|&v| matrix.add_pair(v, own, link * self.direction[v]));
            }
        }
        for (place, &a) in self.touched.iter().enumerate() {
            let scaled = spread * self.direction[a];
            for &b in &self.touched[..=place] {
                matrix.add(a, b, scaled * self.direction[b]);
            }
        }
        for &v in &self.touched {
            self.direction[v] = 0.0;
        }
    }

    #[inline(always)]
    fn touch(&mut self, variable: usize, amount: f64) {
        if amount == 0.0 {
            return;
        }
        if self.direction[variable] == 0.0 && !self.touched.contains(&variable) {
            self.touched.push(variable);
        }
        self.direction[variable] += amount;
    }
}

/// The lower triangle of a symmetric matrix, column-major.
struct Lower<'a> {
    stride: usize,
    entries: &'a mut [f64],
}

impl Lower<'_> {
    #[inline(always)]
    fn add(&mut self, row: usize, column: usize, amount: f64) {
        let (low, high) = if row < column { (row, column) } else { (column, row) };
        self.entries[low * self.stride + high] += amount;
    }

    /// Adds an amount and its mirror image, which on the diagonal is the same place.
    #[inline(always)]
    fn add_pair(&mut self, row: usize, column: usize, amount: f64) {
        self.add(row, column, if row == column { 2.0 * amount } else { amount });
    }

    /// Adds `amount · c cᵀ` for the few entries of `c`.
    #[inline(always)]
    fn add_square(&mut self, links: &[(usize, f64)], amount: f64) {
        for (place, &(v, tonnes)) in links.iter().enumerate() {
            for &(w, other) in &links[..=place] {
                self.add(v, w, amount * tonnes * other);
            }
        }
    }
}
