//! The equilibrium: Newton's method on the market's convex function, with a certificate.
//!
//! Each step solves with the Hessian on the free variables (multipliers at zero stay there while their limit is
//! slack). A step is accepted when it halves the best residual so far, or when the slope along it has risen to
//! between nine tenths of its start and zero: on a convex function the latter is a decrease that satisfies the
//! curvature condition, so one of the two rules leads to the minimum from any start.

use serde::{Deserialize, Serialize};

use super::{
    evaluate::{Layout, State, Wedges, tranche_output},
    network::{LimitKind, Market, Recipient},
};
use crate::linear::SpdSolver;

/// Relative excess at which the search stops.
const TARGET: f64 = 1e-11;
/// Relative excess that a certificate must not exceed.
pub const TOLERANCE: f64 = 1e-9;
/// Curvature over gradient, in units of the variable's size, below which a variable counts as flat.
const FLAT: f64 = 1e-9;
/// Support of a committed flow, over the base price, that shows that nothing will deliver it.
const HOPELESS_SUPPORT: f64 = 1e4;
/// Price below zero, over the base price, that shows that nobody takes what a floor price holds.
const HOPELESS_PRICE: f64 = 50.0;
/// Largest move of a price that a step tries first, as a multiple of its size.
const FIRST_MOVE: f64 = 4.0;
/// Largest move of a price in one step.
const LONGEST_MOVE: f64 = 100.0;
const MAX_STEPS: usize = 300;
const MAX_WEDGE_ROUNDS: usize = 400;
/// Price change against the base beyond which a node has left the range that its curves were made for.
const CALIBRATED_RATIO: f64 = 5.0;

/// How a solution ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// The certificate holds.
    Converged,
    /// A committed flow cannot be met at any price, or a floor price holds more output than limits let out.
    Infeasible,
    /// The search ended with a residual above the tolerance.
    NotConverged,
}

/// What can be checked about a solution without trusting the solver.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Certificate {
    /// Largest excess supply at a node over its throughput (or over a millionth of the output of all nodes, if that is
    /// larger), or the largest limit residual if that is larger.
    pub excess: f64,
    /// Largest broken or unpaid limit over its size.
    pub limits: f64,
    /// Newton steps taken.
    pub iterations: usize,
    /// Nodes whose price left a fifth to five times the base, by index.
    pub beyond_range: Vec<usize>,
}

/// Prices, flows and what follows from them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Equilibrium {
    /// How the solution ended.
    pub status: Status,
    /// Price at each node, USD/t; absent where the node cannot sell.
    pub price: Vec<Option<f64>>,
    /// Output of each node by tranche, tonnes.
    pub output: Vec<Vec<f64>>,
    /// Flow on each arc, tonnes at the seller.
    pub flow: Vec<f64>,
    /// Use of each user, tonnes.
    pub used: Vec<f64>,
    /// Delivered price of each user, USD/t; absent where nobody can deliver.
    pub delivered_price: Vec<Option<f64>>,
    /// Multiplier of each limit, USD/t: licence rent of a cap, support needed by a floor.
    pub multiplier: Vec<f64>,
    /// The certificate.
    pub certificate: Certificate,
}

impl Equilibrium {
    /// Total output of a node, tonnes.
    pub fn node_output(&self, node: usize) -> f64 {
        self.output[node].iter().sum()
    }
}

/// Buffers of the search, kept from one solution to the next. A solver starts from where the last one ended when
/// the market has the same shape.
#[derive(Debug, Default)]
pub struct Solver {
    layout: Layout,
    here: State,
    there: State,
    linear: SpdSolver,
    y: Vec<f64>,
    trial: Vec<f64>,
    step: Vec<f64>,
    free: Vec<usize>,
    wedges: Wedges,
    wedges_found: Wedges,
    last_price: Vec<f64>,
}

impl Solver {
    /// Forgets where the last solution ended.
    pub fn reset(&mut self) {
        self.last_price.clear();
    }

    /// The equilibrium of a market whose [`Market::problems`] are none.
    pub fn solve(&mut self, market: &Market) -> Equilibrium {
        let warm = !self.last_price.is_empty();
        let found = self.solve_from_last(market);
        if warm && found.status != Status::Converged {
            self.reset();
            return self.solve_from_last(market);
        }
        found
    }

    fn solve_from_last(&mut self, market: &Market) -> Equilibrium {
        self.layout.rebuild(market);
        let nodes = self.layout.active_nodes.len();
        if self.last_price.len() != market.nodes.len() {
            self.last_price = market.nodes.iter().map(|n| n.base_price).collect();
        }
        self.y.clear();
        self.y.extend(self.layout.active_nodes.iter().map(|&i| self.last_price[i]));
        self.y.resize(self.layout.size(market), 0.0);

        let any_wedge = Wedges::any(market, &self.layout);
        let highest_duty = self.layout.arcs.iter().map(|&a| market.arcs[a].duty).fold(0.0, f64::max);
        self.wedges.set(market, &self.layout, None);
        let mut iterations = 0;
        let mut residual = f64::INFINITY;
        for _ in 0..MAX_WEDGE_ROUNDS {
            let (steps, reached) = self.minimise(market);
            iterations += steps;
            residual = reached;
            if !any_wedge || reached.is_nan() || reached > TOLERANCE {
                break;
            }
            self.wedges_found.set(market, &self.layout, Some(&self.y));
            self.here.evaluate(market, &self.layout, &self.y, &self.wedges_found, false);
            residual = self::residual(market, &self.layout, &self.here, &self.y);
            if residual <= TOLERANCE * 1e-2 {
                break;
            }
            // A duty lowers the price that it is taken from, so its round trip needs damping to contract.
            self.wedges.approach(&self.wedges_found, 2.0 / (2.0 + highest_duty));
        }
        for (v, &i) in self.layout.active_nodes.iter().enumerate() {
            if self.y[v].is_finite() {
                self.last_price[i] = self.y[v];
            }
        }
        self.collect(market, nodes, iterations, residual)
    }

    /// Newton's method from `self.y`; returns steps taken and the residual reached.
    fn minimise(&mut self, market: &Market) -> (usize, f64) {
        let nodes = self.layout.active_nodes.len();
        let n = self.layout.size(market);
        self.here.evaluate(market, &self.layout, &self.y, &self.wedges, true);
        let mut reached = residual(market, &self.layout, &self.here, &self.y);
        let mut best = reached;
        for steps in 0..MAX_STEPS {
            if reached <= TARGET || n == 0 {
                return (steps, reached);
            }
            self.free.clear();
            self.free.extend((0..n).filter(|&v| v < nodes || self.y[v] > 0.0 || self.here.gradient[v] < 0.0));
            if !self.newton_step(market, n, nodes) {
                return (steps, reached);
            }
            let start_slope = dot(&self.step, &self.here.gradient);
            if start_slope >= 0.0 {
                return (steps, reached);
            }
            let longest = self.reach(market).min(self.length_within(market, LONGEST_MOVE));
            let (mut low, mut high) = (0.0, None);
            let mut length = longest.min(self.length_within(market, FIRST_MOVE)).min(1.0);
            let mut accepted = false;
            for _ in 0..60 {
                self.trial.clear();
                self.trial.extend(self.y.iter().zip(&self.step).map(|(y, d)| y + length * d));
                for multiplier in &mut self.trial[nodes..] {
                    *multiplier = multiplier.max(0.0);
                }
                self.there.evaluate(market, &self.layout, &self.trial, &self.wedges, true);
                let slope = dot(&self.step, &self.there.gradient);
                let now = residual(market, &self.layout, &self.there, &self.trial);
                let halves = now <= 0.5 * best;
                let downhill = slope <= 0.0 && (slope >= 0.9 * start_slope || length >= longest);
                if halves || downhill {
                    accepted = true;
                    reached = now;
                    best = best.min(now);
                    break;
                }
                if slope.is_nan() || slope > 0.0 {
                    high = Some(length);
                    let secant = length * start_slope / (start_slope - slope);
                    length = if secant.is_finite() && low == 0.0 {
                        secant.clamp(0.1 * length, 0.9 * length)
                    } else {
                        0.5 * (low + length)
                    };
                } else {
                    low = length;
                    length = high.map_or((4.0 * length).min(longest), |high| 0.5 * (low + high));
                }
            }
            if !accepted {
                // Rounding hides the slope: the residual is what it can be.
                return (steps, reached);
            }
            std::mem::swap(&mut self.y, &mut self.trial);
            std::mem::swap(&mut self.here, &mut self.there);
            if self.floor_is_hopeless(market) || self.glut_is_hopeless(market) {
                return (steps, f64::INFINITY);
            }
        }
        (MAX_STEPS, reached)
    }

    /// The Newton step on the free variables. A multiplier at zero that the step would push below leaves the set;
    /// a variable whose curvature has died out moves downhill by its own size.
    fn newton_step(&mut self, market: &Market, n: usize, nodes: usize) -> bool {
        let mut flat = Vec::new();
        self.free.retain(|&v| {
            let size = size_of(market, &self.layout, &self.y, v);
            let gradient = self.here.gradient[v];
            let is_flat = self.here.hessian[v * n + v] * size < FLAT * gradient.abs();
            if is_flat {
                flat.push((v, -size * gradient.signum()));
            }
            !is_flat
        });
        loop {
            self.step.clear();
            self.step.extend(self.here.gradient.iter().map(|g| -g));
            if !self.linear.solve(&self.here.hessian, n, &self.free, &mut self.step) {
                return false;
            }
            let before = self.free.len();
            let (y, step) = (&self.y, &self.step);
            self.free.retain(|&v| v < nodes || y[v] > 0.0 || step[v] >= 0.0);
            if self.free.len() == before {
                for (v, move_by) in flat {
                    self.step[v] = move_by;
                }
                return true;
            }
        }
    }

    /// The longest multiple of the step that moves no variable by more than `times` its size.
    fn length_within(&self, market: &Market, times: f64) -> f64 {
        (0..self.y.len())
            .map(|v| times * size_of(market, &self.layout, &self.y, v) / self.step[v].abs())
            .fold(f64::INFINITY, f64::min)
    }

    /// How far the step may go before a multiplier would turn negative.
    fn reach(&self, market: &Market) -> f64 {
        let nodes = self.layout.active_nodes.len();
        (0..market.limits.len())
            .map(|c| (self.y[nodes + c], self.step[nodes + c]))
            .filter(|&(_, step)| step < 0.0)
            .map(|(value, step)| -value / step)
            .fold(f64::INFINITY, f64::min)
    }

    fn collect(&mut self, market: &Market, nodes: usize, iterations: usize, residual: f64) -> Equilibrium {
        let layout = &self.layout;
        let price: Vec<Option<f64>> =
            (0..market.nodes.len()).map(|i| layout.variable[i].map(|v| self.y[v])).collect();
        let mut flow = vec![0.0; market.arcs.len()];
        for (&a, &tonnes) in layout.arcs.iter().zip(&self.here.flow) {
            flow[a] = tonnes;
        }
        let mut ore_cost = vec![f64::INFINITY; market.nodes.len()];
        let mut used = vec![0.0; market.users.len()];
        let mut delivered_price = vec![None; market.users.len()];
        for (b, buyer) in layout.buyers.iter().enumerate() {
            match buyer.recipient {
                Recipient::Node(k) => ore_cost[k] = self.here.index[b],
                Recipient::User(j) => {
                    used[j] = self.here.bought[b];
                    delivered_price[j] = Some(self.here.index[b]);
                }
            }
        }
        let output = (0..market.nodes.len())
            .map(|i| {
                let node = &market.nodes[i];
                (0..node.tranches.len())
                    .map(|t| price[i].map_or(0.0, |p| tranche_output(node, t, p, ore_cost[i])))
                    .collect()
            })
            .collect();
        let multiplier: Vec<f64> = self.y[nodes..].to_vec();
        let limits = limit_residual(market, layout, &self.here, &self.y);
        let beyond_range = (0..market.nodes.len())
            .filter(|&i| {
                price[i].is_some_and(|p| {
                    let ratio = p / market.nodes[i].base_price;
                    !(1.0 / CALIBRATED_RATIO..=CALIBRATED_RATIO).contains(&ratio)
                })
            })
            .collect();
        let status = if residual <= TOLERANCE {
            Status::Converged
        } else if self.floor_is_hopeless(market)
            || self.floor_is_short(market)
            || self.floor_holds_a_glut(market)
        {
            Status::Infeasible
        } else {
            Status::NotConverged
        };
        let excess = residual;
        let certificate = Certificate { excess, limits, iterations, beyond_range };
        Equilibrium { status, price, output, flow, used, delivered_price, multiplier, certificate }
    }

    /// Whether the support of a committed flow has left all bounds.
    fn floor_is_hopeless(&self, market: &Market) -> bool {
        let nodes = self.layout.active_nodes.len();
        market.limits.iter().enumerate().any(|(c, limit)| {
            limit.kind == LimitKind::Floor && self.y[nodes + c] > HOPELESS_SUPPORT * limit_base(market, c)
        })
    }

    /// Whether a guaranteed price holds output that nobody takes even when paid for it.
    fn glut_is_hopeless(&self, market: &Market) -> bool {
        self.layout.active_nodes.iter().enumerate().any(|(v, &i)| {
            let node = &market.nodes[i];
            let held = node.tranches.iter().any(|t| t.floor.is_some() && t.capacity > 0.0);
            held && self.y[v] < -HOPELESS_PRICE * node.base_price
        })
    }

    /// Whether a guaranteed price above the market's leaves output unsold.
    fn floor_holds_a_glut(&self, market: &Market) -> bool {
        let unsold = self.layout.active_nodes.iter().enumerate().any(|(v, &i)| {
            let held = market.nodes[i].tranches.iter().any(|t| t.floor.is_some_and(|f| f > self.y[v]));
            held && self.here.gradient[v] > TOLERANCE * self.here.output[v]
        });
        unsold || self.glut_is_hopeless(market)
    }

    /// Whether a committed flow is short of its tonnes.
    fn floor_is_short(&self, market: &Market) -> bool {
        let nodes = self.layout.active_nodes.len();
        market.limits.iter().enumerate().any(|(c, limit)| {
            limit.kind == LimitKind::Floor && -self.here.gradient[nodes + c] > TOLERANCE * limit.tonnes
        })
    }
}

/// The size that moves of a variable are measured by: its value, or the base price where that is larger.
fn size_of(market: &Market, layout: &Layout, y: &[f64], v: usize) -> f64 {
    let base = match layout.active_nodes.get(v) {
        Some(&i) => market.nodes[i].base_price,
        None => limit_base(market, v - layout.active_nodes.len()),
    };
    y[v].abs().max(base)
}

/// The highest base price among the sellers that a limit touches.
fn limit_base(market: &Market, limit: usize) -> f64 {
    let arcs = &market.limits[limit].arcs;
    arcs.iter().map(|&a| market.nodes[market.arcs[a].from].base_price).fold(0.0, f64::max)
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

/// Largest relative excess over nodes and limits.
fn residual(market: &Market, layout: &Layout, state: &State, y: &[f64]) -> f64 {
    let nodes = layout.active_nodes.len();
    let world: f64 = state.output.iter().sum();
    let excess = state.gradient[..nodes]
        .iter()
        .zip(&state.output)
        .map(|(g, output)| g.abs() / output.max(output - g).max(1e-6 * world).max(f64::MIN_POSITIVE))
        .fold(0.0, max_or_nan);
    max_or_nan(excess, limit_residual(market, layout, state, y))
}

/// Largest broken limit, or slack of a limit that still has a price, over the limit's size.
fn limit_residual(market: &Market, layout: &Layout, state: &State, y: &[f64]) -> f64 {
    let nodes = layout.active_nodes.len();
    let world: f64 = state.output.iter().sum();
    market
        .limits
        .iter()
        .enumerate()
        .map(|(c, limit)| {
            let slack = state.gradient[nodes + c];
            let broken = if y[nodes + c] > 0.0 { slack.abs() } else { (-slack).max(0.0) };
            broken / limit.tonnes.max(1e-6 * world).max(f64::MIN_POSITIVE)
        })
        .fold(0.0, max_or_nan)
}

/// The larger of two numbers; not a number if either is not, so that nothing hides.
fn max_or_nan(a: f64, b: f64) -> f64 {
    if a.is_nan() || b.is_nan() { f64::NAN } else { a.max(b) }
}

#[cfg(test)]
mod tests;
