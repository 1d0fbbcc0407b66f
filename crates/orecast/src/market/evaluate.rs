//! Excess supply and its slopes at given prices: the gradient and Hessian of the market's convex function
//!
//! `Φ(p, μ) = Σ_t ∫S_t + Σ_t ∫R_t − Σ_j ∫^{P_j} D_j + Σ_c tonnes_c·μ_c`
//!
//! with `P_b = −(1/θ_b) ln Σ_a w_a exp(−θ_b e_a)` the cost index of buyer `b` over its arcs, and
//! `e_a = price + cost + Σ ±c·μ` the landed cost. Variables are the prices of active nodes, then one multiplier
//! for each limit. `docs/src/market.md` states every term.
#![allow(clippy::inline_always)]

mod hessian;

pub(super) use hessian::stride;

use pulp::{Simd, WithSimd};

use super::{
    curve::{Backstop, demand, refining, supply},
    layout::{Activities, LANES, Layout, Wedges},
    math::{exp, ln},
};
use crate::base::linear::processor;

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
    pub fall: Vec<f64>,
    /// Sum of flows times the size of their weights, by limit.
    pub moved: Vec<f64>,
    /// Output of each activity.
    pub priced: Made,
    pub refined: Made,
    pub share: Vec<f64>,
    total: Vec<f64>,
    direction: Vec<f64>,
    diagonal: Vec<[f64; LANES]>,
    sold: Vec<[f64; LANES]>,
    touched: Vec<usize>,
}

/// Output of some activities and what it answers to, as columns.
#[derive(Debug, Default)]
pub(super) struct Made {
    pub argument: Vec<f64>,
    pub kept: Vec<f64>,
    pub output: Vec<f64>,
    pub slope: Vec<f64>,
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
        processor().dispatch(Evaluation { state: self, layout, y, wedges });
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

        self.sold.clear();
        self.sold.resize(nodes, [0.0; LANES]);
        let sold = &mut self.sold[..];
        let (flow, share) = (self.flow.as_chunks_mut::<LANES>().0, self.share.as_chunks::<LANES>().0);
        let from = layout.from.as_chunks::<LANES>().0;
        let (bought, total) = (self.bought.as_chunks::<LANES>().0, self.total.as_chunks::<LANES>().0);
        let mut first = 0;
        for ((&last, bought), total) in layout.rows.iter().zip(bought).zip(total) {
            let mut per_share = [0.0; LANES];
            for lane in 0..LANES {
                per_share[lane] = bought[lane] / total[lane];
            }
            let rows = flow[first..last].iter_mut().zip(&share[first..last]).zip(&from[first..last]);
            for ((flow, share), from) in rows {
                for lane in 0..LANES {
                    flow[lane] = per_share[lane] * share[lane];
                }
                // Each lane has sums of its own: neighbours often buy from the same seller.
                for lane in 0..LANES {
                    sold[from[lane]][lane] += flow[lane];
                }
            }
            first = last;
        }
        for (gradient, sold) in self.gradient.iter_mut().zip(&self.sold) {
            *gradient = -((sold[0] + sold[1]) + (sold[2] + sold[3]));
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
        let share = self.share.as_chunks_mut::<LANES>().0;
        let (from, cost) = (layout.from.as_chunks::<LANES>().0, wedges.cost.as_chunks::<LANES>().0);
        for ((landed, from), cost) in share.iter_mut().zip(from).zip(cost) {
            for lane in 0..LANES {
                landed[lane] = y[from[lane]] + cost[lane];
            }
        }
        if !layout.limits.is_empty() {
            for (position, landed) in share.as_flattened_mut().iter_mut().enumerate() {
                for &(c, weight) in layout.limits_of(position) {
                    *landed += weight * y[nodes + c];
                }
            }
        }
        let index = self.index.as_chunks_mut::<LANES>().0;
        let groups = index.iter_mut().zip(layout.theta.as_chunks::<LANES>().0);
        let mut first = 0;
        for (&last, (index, theta)) in layout.rows.iter().zip(groups) {
            let mut least = [f64::INFINITY; LANES];
            for landed in &share[first..last] {
                for lane in 0..LANES {
                    least[lane] = if landed[lane] < least[lane] { landed[lane] } else { least[lane] };
                }
            }
            for term in &mut share[first..last] {
                for lane in 0..LANES {
                    term[lane] = theta[lane] * (least[lane] - term[lane]);
                }
            }
            *index = least;
            first = last;
        }
        for (term, weight) in self.share.iter_mut().zip(&layout.weight) {
            *term = weight * exp(*term);
        }
        let share = self.share.as_chunks::<LANES>().0;
        let mut first = 0;
        for (&last, total) in layout.rows.iter().zip(self.total.as_chunks_mut::<LANES>().0) {
            let mut sum = [0.0; LANES];
            for term in &share[first..last] {
                for lane in 0..LANES {
                    sum[lane] += term[lane];
                }
            }
            *total = sum;
            first = last;
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
}
