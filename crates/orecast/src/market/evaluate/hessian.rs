//! The Hessian of the market's convex function where it was last evaluated.

use pulp::{Simd, WithSimd};

use super::{
    super::layout::{Buyer, LANES, Layout},
    State, zero,
};
use crate::base::linear::processor;

/// Rows and columns beyond the last that there is room for, so that all can be walked in fours.
const ROOM: usize = 4;

/// Span of sellers up to which the buyers of a group are added in squares; beyond it most squares would be empty.
const WIDEST_SQUARES: usize = 32;

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
        zero(hessian, (n + ROOM) * stride);
        zero(&mut self.direction, LANES * stride);
        self.diagonal.clear();
        self.diagonal.resize(n, [0.0; LANES]);
        let mut matrix = Lower { stride, entries: hessian };
        for t in 0..layout.priced.len() {
            let slope = self.priced.slope[t] * self.priced.kept[t];
            matrix.add_square(layout.priced.links_of(t), slope);
        }
        self.turn_to_shares(layout);
        let mut first = 0;
        for (group, &last) in layout.rows.iter().enumerate() {
            let buyers = &layout.buyers[group * LANES..][..LANES];
            self.add_group(layout, &mut matrix, buyers, group, first..last);
            for (lane, buyer) in buyers.iter().enumerate() {
                let b = group * LANES + lane;
                if !buyer.plain {
                    let curvature = self.bought[b] * buyer.theta;
                    self.add_buyer(layout, &mut matrix, *buyer, curvature, self.fall[b] - curvature);
                } else if buyer.activities.0 < buyer.activities.1 {
                    self.add_links(layout, &mut matrix, *buyer);
                }
            }
            first = last;
        }
        for (v, amount) in self.diagonal.iter().enumerate() {
            matrix.entries[v * stride + v] += (amount[0] + amount[1]) + (amount[2] + amount[3]);
        }
    }

    /// Divides the terms of all choices by their sums.
    #[inline(always)]
    fn turn_to_shares(&mut self, layout: &Layout) {
        let share = self.share.as_chunks_mut::<LANES>().0;
        let mut first = 0;
        for (&last, total) in layout.rows.iter().zip(self.total.as_chunks_mut::<LANES>().0) {
            let scale = total.map(f64::recip);
            for term in &mut share[first..last] {
                for lane in 0..LANES {
                    term[lane] *= scale[lane];
                }
            }
            *total = [1.0; LANES];
            first = last;
        }
    }

    /// The buyers of a group that no limit touches: `(−q′ − qθ) w wᵀ` in squares of four, for all of them at once, and
    /// the diagonal part `qθ w` of their arcs.
    #[inline(always)]
    fn add_group(
        &mut self,
        layout: &Layout,
        matrix: &mut Lower<'_>,
        buyers: &[Buyer],
        group: usize,
        rows: std::ops::Range<usize>,
    ) {
        let stride = matrix.stride;
        let (mut curvature, mut spread) = ([0.0; LANES], [0.0; LANES]);
        for (lane, buyer) in buyers.iter().enumerate() {
            if buyer.plain {
                let b = group * LANES + lane;
                curvature[lane] = self.bought[b] * buyer.theta;
                spread[lane] = self.fall[b] - curvature[lane];
            }
        }
        let (diagonal, direction) = (&mut self.diagonal[..], &mut self.direction[..]);
        let (mut low, mut high) = (usize::MAX, 0);
        let shares = &self.share.as_chunks::<LANES>().0[rows.clone()];
        for (share, from) in shares.iter().zip(&layout.from.as_chunks::<LANES>().0[rows]) {
            for lane in 0..LANES {
                let v = from[lane];
                (low, high) = (low.min(v), high.max(v));
                diagonal[v][lane] += curvature[lane] * share[lane];
                direction[lane * stride + v] += share[lane];
            }
        }
        let low = low - low % LANES;
        let wide = (high + 1 - low).next_multiple_of(LANES);
        if wide <= WIDEST_SQUARES {
            let part = |lane: usize| direction[lane * stride + low..][..wide].as_chunks::<LANES>().0;
            matrix.add_squares(low, [part(0), part(1), part(2), part(3)], spread);
        } else {
            for (lane, buyer) in buyers.iter().enumerate() {
                let along = &direction[lane * stride..][..low + wide];
                for place in buyer.places().filter(|_| buyer.plain) {
                    matrix.add_column(layout.from[place], spread[lane] * self.share[place], along);
                }
            }
        }
        for lane in 0..LANES {
            direction[lane * stride + low..][..wide].fill(0.0);
        }
    }

    /// What a buyer's activities earn, and the links between that and what it pays for its shares.
    #[inline(always)]
    fn add_links(&self, layout: &Layout, matrix: &mut Lower<'_>, buyer: Buyer) {
        for t in buyer.activities.0..buyer.activities.1 {
            let slope = self.refined.slope[t];
            let links = layout.refining.links_of(t);
            matrix.add_square(links, slope);
            for &(own, tonnes) in links {
                let link = -slope * buyer.per_tonne * tonnes;
                for place in buyer.places() {
                    matrix.add_pair(layout.from[place], own, link * self.share[place]);
                }
            }
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
    ) {
        let nodes = layout.active_nodes.len();
        self.touched.clear();
        for position in buyer.places() {
            let share = self.share[position];
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
    /// Adds `Σ s w wᵀ` in squares of four for the four `w` and `s` of a group, whose entries begin at variable `low`.
    #[inline(always)]
    fn add_squares(&mut self, low: usize, parts: [&[[f64; LANES]]; LANES], spread: [f64; LANES]) {
        let stride = self.stride;
        let [a, b, c, d] = parts;
        for column in 0..a.len() {
            let mut by = [a[column], b[column], c[column], d[column]];
            for (along, spread) in by.iter_mut().zip(spread) {
                for share in along {
                    *share *= spread;
                }
            }
            let columns = &mut self.entries[(low + column * LANES) * stride + low..];
            for row in column..a.len() {
                let along = [a[row], b[row], c[row], d[row]];
                let mut square = [[0.0; LANES]; LANES];
                for (c, part) in square.iter_mut().enumerate() {
                    part.copy_from_slice(&columns[c * stride + row * LANES..][..LANES]);
                }
                for lane in 0..LANES {
                    for c in 0..LANES {
                        for r in 0..LANES {
                            square[c][r] = by[lane][c].mul_add(along[lane][r], square[c][r]);
                        }
                    }
                }
                for (c, part) in square.iter().enumerate() {
                    columns[c * stride + row * LANES..][..LANES].copy_from_slice(part);
                }
            }
        }
    }

    /// Adds a multiple of a vector to a column, from the diagonal down.
    #[inline(always)]
    fn add_column(&mut self, column: usize, by: f64, along: &[f64]) {
        let to = &mut self.entries[column * self.stride + column..][..along.len() - column];
        for (to, along) in to.iter_mut().zip(&along[column..]) {
            *to = by.mul_add(*along, *to);
        }
    }

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
