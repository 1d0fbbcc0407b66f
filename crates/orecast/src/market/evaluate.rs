//! Excess supply and its slopes at given prices: the gradient and Hessian of the market's convex function
//!
//! `Φ(p, μ) = Σ_t ∫S_t + Σ_t ∫R_t − Σ_j ∫^{P_j} D_j + Σ_c tonnes_c·μ_c`
//!
//! with `P_b = −(1/θ_b) ln Σ_a w_a exp(−θ_b e_a)` the cost index of buyer `b` over its arcs, and
//! `e_a = price + cost + Σ ±c·μ` the landed cost. Variables are the prices of active nodes, then one multiplier
//! for each limit. `docs/src/market.md` states every term.
#![allow(clippy::inline_always)]

use pulp::{Arch, Simd, WithSimd};

use super::{
    curve::{Backstop, demand, refining, supply},
    layout::{Activities, Buyer, Layout, Wedges},
    math::{exp, ln},
};

/// Everything that follows from the variables; buffers are kept between evaluations.
#[derive(Debug, Default)]
pub(super) struct State {
    /// Excess supply at each node, then slack of each limit.
    pub gradient: Vec<f64>,
    /// What is made of each active node's product, in variable order.
    pub output: Vec<f64>,
    /// Sum of all of it.
    pub world: f64,
    /// Flow on each open arc, in the layout's order, tonnes at the seller.
    pub flow: Vec<f64>,
    /// Cost index of each buyer, USD/t.
    pub index: Vec<f64>,
    /// Purchases of each buyer, tonnes, and their fall per USD/t of its index.
    pub bought: Vec<f64>,
    fall: Vec<f64>,
    /// Sum of flows times the size of their weights, by limit.
    pub moved: Vec<f64>,
    /// Output of each activity.
    pub priced: Made,
    pub refined: Made,
    share: Vec<f64>,
    total: Vec<f64>,
    direction: Vec<f64>,
    touched: Vec<usize>,
}

/// Output of some activities and what it answers to, as columns.
#[derive(Debug, Default)]
pub(super) struct Made {
    argument: Vec<f64>,
    kept: Vec<f64>,
    pub output: Vec<f64>,
    slope: Vec<f64>,
}

impl Made {
    /// Revenue per tonne of each activity, with floors, credits and supports.
    #[inline(always)]
    fn revenue(&mut self, activities: &Activities, y: &[f64], support: &[f64]) {
        let count = activities.len();
        for column in [&mut self.argument, &mut self.kept, &mut self.output, &mut self.slope] {
            column.resize(count, 0.0);
        }
        let argument = &mut self.argument[..count];
        if activities.single {
            for (price, &(v, _)) in argument.iter_mut().zip(&activities.links) {
                *price = y[v];
            }
        } else {
            for (t, price) in argument.iter_mut().enumerate() {
                *price = activities.links_of(t).iter().map(|&(v, tonnes)| tonnes * y[v]).sum();
            }
        }
        let kept = &mut self.kept[..count];
        let (floor, upside) = (&activities.floor[..count], &activities.upside[..count]);
        let (subsidy, support) = (&activities.subsidy[..count], &support[..count]);
        for t in 0..count {
            let price = argument[t];
            let guaranteed = price.max(floor[t]) - upside[t] * (price - floor[t]).max(0.0);
            kept[t] = if price >= floor[t] { 1.0 - upside[t] } else { 0.0 };
            argument[t] = guaranteed + subsidy[t] + support[t];
        }
    }

    #[inline(always)]
    fn answer(&mut self, activities: &Activities, curve: impl Fn(f64, f64, f64, f64, f64) -> (f64, f64)) {
        let count = activities.len();
        let argument = &self.argument[..count];
        let (output, slope) = (&mut self.output[..count], &mut self.slope[..count]);
        let (capacity, drive) = (&activities.capacity[..count], &activities.drive[..count]);
        let (elasticity, base) = (&activities.elasticity[..count], &activities.base[..count]);
        for t in 0..count {
            (output[t], slope[t]) = curve(capacity[t], drive[t], elasticity[t], base[t], argument[t]);
        }
    }
}

/// Empties a buffer and fills it with zeros.
#[inline(always)]
fn zero(buffer: &mut Vec<f64>, count: usize) {
    buffer.clear();
    buffer.resize(count, 0.0);
}

/// Adds what activities make to the output of the nodes that sell it.
#[inline(always)]
fn sell(activities: &Activities, made: &[f64], output: &mut [f64]) {
    if activities.single {
        for (&(v, _), made) in activities.links.iter().zip(made) {
            output[v] += made;
        }
    } else {
        for (t, made) in made.iter().enumerate() {
            for &(v, tonnes) in activities.links_of(t) {
                output[v] += tonnes * made;
            }
        }
    }
}

/// An evaluation as a task that takes on the processor's vectors.
struct Evaluation<'a> {
    state: &'a mut State,
    layout: &'a Layout,
    y: &'a [f64],
    wedges: &'a Wedges,
}

impl WithSimd for Evaluation<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        self.state.evaluate_on_vectors(self.layout, self.y, self.wedges);
    }
}

impl State {
    /// Computes flows and the gradient at `y` under given wedges, and keeps what [`State::hessian`] needs.
    pub(super) fn evaluate(&mut self, layout: &Layout, y: &[f64], wedges: &Wedges) {
        Arch::new().dispatch(Evaluation { state: self, layout, y, wedges });
    }

    #[inline(always)]
    fn evaluate_on_vectors(&mut self, layout: &Layout, y: &[f64], wedges: &Wedges) {
        let nodes = layout.active_nodes.len();
        zero(&mut self.gradient, layout.size());
        zero(&mut self.output, nodes);
        zero(&mut self.moved, layout.allowance.len());
        self.gradient[nodes..].copy_from_slice(&layout.allowance);
        for column in [&mut self.flow, &mut self.share] {
            column.resize(layout.arcs.len(), 0.0);
        }
        for column in [&mut self.index, &mut self.total, &mut self.bought, &mut self.fall] {
            column.resize(layout.buyers.len(), 0.0);
        }

        self.choose(layout, y, wedges);
        let (for_priced, for_refining) = wedges.support.split_at(layout.priced.len());
        self.priced.revenue(&layout.priced, y, for_priced);
        self.priced.answer(
            &layout.priced,
            #[inline(always)]
            |capacity, drive, elasticity, base, price| {
                let point = supply(capacity, drive, elasticity, base, price);
                (point.value, point.slope)
            },
        );
        sell(&layout.priced, &self.priced.output, &mut self.output);
        self.refine(layout, y, for_refining);
        self.use_up(layout);

        let (flow, share, gradient) = (&mut self.flow[..], &self.share[..], &mut self.gradient[..]);
        let totals = self.bought.iter().zip(&self.total);
        for (buyer, (bought, total)) in layout.buyers.iter().zip(totals) {
            let per_share = bought / total;
            let open = buyer.first..buyer.last;
            let routes = flow[open.clone()].iter_mut().zip(&share[open.clone()]).zip(&layout.from[open]);
            for ((flow, share), &v) in routes {
                *flow = per_share * share;
                gradient[v] -= *flow;
            }
        }
        for position in 0..if layout.limits.is_empty() { 0 } else { layout.arcs.len() } {
            let flow = self.flow[position];
            for &(c, weight) in layout.limits_of(position) {
                self.gradient[nodes + c] -= weight * flow;
                self.moved[c] += weight.abs() * flow;
            }
        }
        self.world = 0.0;
        for (gradient, output) in self.gradient.iter_mut().zip(&self.output) {
            *gradient += output;
            self.world += output;
        }
    }

    /// Cost index of each buyer and the terms of its shares, `w exp(−θ (e − least e))`.
    #[inline(always)]
    fn choose(&mut self, layout: &Layout, y: &[f64], wedges: &Wedges) {
        let nodes = layout.active_nodes.len();
        let share = &mut self.share[..layout.arcs.len()];
        for ((landed, &v), cost) in share.iter_mut().zip(&layout.from).zip(&wedges.cost) {
            *landed = y[v] + cost;
        }
        if !layout.limits.is_empty() {
            for (position, landed) in share.iter_mut().enumerate() {
                for &(c, weight) in layout.limits_of(position) {
                    *landed += weight * y[nodes + c];
                }
            }
        }
        for (buyer, index) in layout.buyers.iter().zip(&mut self.index) {
            let terms = &mut share[buyer.first..buyer.last];
            let least = terms.iter().fold(f64::INFINITY, |a, &b| if b < a { b } else { a });
            *index = least;
            for term in terms {
                *term = buyer.theta * (least - *term);
            }
        }
        for (term, weight) in self.share.iter_mut().zip(&layout.weight) {
            *term = weight * exp(*term);
        }
        let share = &self.share[..];
        for (buyer, total) in layout.buyers.iter().zip(&mut self.total) {
            *total = share[buyer.first..buyer.last].iter().sum();
        }
        for ((index, total), theta) in self.index.iter_mut().zip(&self.total).zip(&layout.theta) {
            *index -= ln(*total) / theta;
        }
    }

    /// Output and purchases of the nodes that buy.
    #[inline(always)]
    fn refine(&mut self, layout: &Layout, y: &[f64], support: &[f64]) {
        self.refined.revenue(&layout.refining, y, support);
        for (b, buyer) in layout.buyers[..layout.plants].iter().enumerate() {
            for argument in &mut self.refined.argument[buyer.activities.0..buyer.activities.1] {
                *argument -= self.index[b] * buyer.per_tonne;
            }
        }
        self.refined.answer(
            &layout.refining,
            #[inline(always)]
            |capacity, drive, elasticity, base, margin| {
                let point = refining(capacity, drive, elasticity, base, margin);
                (point.value, point.slope)
            },
        );
        for (b, buyer) in layout.buyers[..layout.plants].iter().enumerate() {
            let (mut made, mut slope) = (0.0, 0.0);
            for t in buyer.activities.0..buyer.activities.1 {
                made += self.refined.output[t];
                slope += self.refined.slope[t];
            }
            self.bought[b] = made * buyer.per_tonne;
            self.fall[b] = slope * buyer.per_tonne * buyer.per_tonne;
        }
        sell(&layout.refining, &self.refined.output, &mut self.output);
    }

    /// What users take.
    #[inline(always)]
    fn use_up(&mut self, layout: &Layout) {
        let users = &layout.users;
        let count = users.base.len();
        let index = &self.index[layout.plants..][..count];
        let bought = &mut self.bought[layout.plants..][..count];
        let fall = &mut self.fall[layout.plants..][..count];
        let (quantity, elasticity) = (&users.quantity[..count], &users.elasticity[..count]);
        let (multiple, beyond, base) =
            (&users.multiple[..count], &users.beyond[..count], &users.base[..count]);
        for j in 0..count {
            let backstop = Backstop { multiple: multiple[j], elasticity: beyond[j] };
            let point = demand(quantity[j], elasticity[j], backstop, base[j], index[j]);
            bought[j] = point.value;
            fall[j] = -point.slope;
        }
    }

    /// The Hessian where the last evaluation was: dense, column-major, lower triangle filled.
    pub(super) fn hessian(&mut self, layout: &Layout, hessian: &mut Vec<f64>) {
        let n = layout.size();
        zero(hessian, n * n);
        let mut matrix = Lower { n, entries: hessian };
        for t in 0..layout.priced.len() {
            let slope = self.priced.slope[t] * self.priced.kept[t];
            matrix.add_square(layout.priced.links_of(t), slope);
        }
        self.direction.resize(n, 0.0);
        for (b, buyer) in layout.buyers.iter().enumerate() {
            let curvature = self.bought[b] * buyer.theta;
            let spread = self.fall[b] - curvature;
            // From here on the terms are shares.
            let scale = self.total[b].recip();
            self.total[b] = 1.0;
            if buyer.plain {
                let from = &layout.from[buyer.first..buyer.last];
                let share = &mut self.share[buyer.first..buyer.last];
                for term in share.iter_mut() {
                    *term *= scale;
                }
                for (place, (&v, &part)) in from.iter().zip(&*share).enumerate() {
                    let column = &mut matrix.entries[v * n..(v + 1) * n];
                    column[v] += curvature * part;
                    let scaled = spread * part;
                    for (&w, other) in from[place..].iter().zip(&share[place..]) {
                        column[w] += scaled * other;
                    }
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
            } else {
                self.add_buyer(layout, &mut matrix, *buyer, curvature, spread, scale);
            }
        }
    }

    /// One buyer under limits, or with several arcs from one seller: the diagonal part `qθ w` of its arcs, the rank-one
    /// part `(−q′ − qθ) u uᵀ` along `u = Jᵀ w`, and the link between what it pays and what it earns.
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
    n: usize,
    entries: &'a mut [f64],
}

impl Lower<'_> {
    fn add(&mut self, row: usize, column: usize, amount: f64) {
        let (low, high) = if row < column { (row, column) } else { (column, row) };
        self.entries[low * self.n + high] += amount;
    }

    /// Adds an amount and its mirror image, which on the diagonal is the same place.
    fn add_pair(&mut self, row: usize, column: usize, amount: f64) {
        self.add(row, column, if row == column { 2.0 * amount } else { amount });
    }

    /// Adds `amount · c cᵀ` for the few entries of `c`.
    fn add_square(&mut self, links: &[(usize, f64)], amount: f64) {
        for (place, &(v, tonnes)) in links.iter().enumerate() {
            for &(w, other) in &links[..=place] {
                self.add(v, w, amount * tonnes * other);
            }
        }
    }
}
