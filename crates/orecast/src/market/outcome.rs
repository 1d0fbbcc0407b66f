//! What a solution is: status, certificate, prices, flows and payments.

use serde::{Deserialize, Serialize};

use super::network::Market;

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
    /// What tranches of other nodes make of each node's product, tonnes; empty where no tranche has joint outputs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub by_product: Vec<f64>,
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
    /// Total output of a node's product, tonnes.
    pub fn node_output(&self, node: usize) -> f64 {
        self.output[node].iter().sum::<f64>() + self.by_product.get(node).copied().unwrap_or(0.0)
    }
}

/// Money that changes hands because of conditions, USD a year; who pays and who receives is for the policy to say.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Bill {
    /// Paid out on floors, `(f − p)⁺·q`, less the upside share of `(p − f)⁺·q`.
    pub floors: f64,
    /// Paid out as credits; what tranches are taxed counts against it.
    pub credits: f64,
    /// Ad valorem duties collected.
    pub duties: f64,
    /// Costs on the way above the base year's: specific duties, transport, evasion.
    pub costs: f64,
    /// Rent of each cap (earned by whoever holds the licences) and support of each floor (to be paid), by limit.
    pub limits: Vec<f64>,
}

impl Bill {
    /// What the conditions on `market` come to at its equilibrium.
    pub fn of(market: &Market, found: &Equilibrium) -> Self {
        let mut bill = Self::default();
        for ((node, price), output) in market.nodes.iter().zip(&found.price).zip(&found.output) {
            let price = price.unwrap_or(0.0);
            for (t, made) in node.tranches.iter().zip(output) {
                bill.floors += (t.guaranteed(price) - price) * made;
                bill.credits += t.subsidy * made;
            }
        }
        for (arc, flow) in market.arcs.iter().zip(&found.flow) {
            bill.duties += arc.duty * found.price[arc.from].unwrap_or(0.0) * flow;
            bill.costs += arc.cost * flow;
        }
        bill.limits = market
            .limits
            .iter()
            .zip(&found.multiplier)
            .map(|(limit, multiplier)| {
                multiplier * limit.terms().map(|(a, weight)| weight * found.flow[a]).sum::<f64>()
            })
            .collect();
        bill
    }
}
