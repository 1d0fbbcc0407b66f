//! By-products: what their hosts let them make.

use super::chain::Chain;
use crate::{market::Equilibrium, world::table::Stage};

/// Output of a chain in one year over the base year's.
#[derive(Debug, Clone, PartialEq)]
pub struct Growth {
    /// World output of the last stage.
    pub world: f64,
    /// Output of each node; 1 for nodes without output in the base year.
    pub nodes: Vec<f64>,
}

impl Growth {
    /// The base year.
    pub(super) fn none(chain: &Chain) -> Self {
        Self { world: 1.0, nodes: vec![1.0; chain.market.nodes.len()] }
    }

    /// A solved year.
    pub(super) fn of(chain: &Chain, found: &Equilibrium) -> Self {
        let last = chain.baseline.last_stage;
        let (mut now, mut before) = (0.0, 0.0);
        let nodes = chain.market.nodes.iter().enumerate();
        let nodes = nodes
            .map(|(i, node)| {
                let (output, base) = (found.node_output(i), chain.node_base[i]);
                if node.stage == last {
                    now += output;
                    before += base;
                }
                if base > 0.0 { output / base } else { 1.0 }
            })
            .collect();
        Self { world: if before > 0.0 { now / before } else { 1.0 }, nodes }
    }
}

/// One host of a by-product.
#[derive(Debug)]
struct Host {
    /// Position of its chain; absent where the host is not part of the run and counts as unchanged.
    chain: Option<usize>,
    /// Share of the by-product's output that comes out of it.
    share: f64,
    /// Recoverable over realised output.
    most: f64,
    /// For each node of the by-product the host's node in the same country, where it made something in the base year.
    nodes: Vec<Option<usize>>,
}

/// What limits a by-product: in each country the output that its hosts there make recoverable.
#[derive(Debug, Default)]
pub(super) struct Ceiling {
    hosts: Vec<Host>,
    /// Share of output that comes out of any host; the rest has mines of its own.
    share: f64,
}

impl Ceiling {
    /// The limit of a chain whose hosts may be among `chains`, which come before it.
    pub(super) fn of(chain: &Chain, chains: &[Chain]) -> Self {
        let hosts = chain.hosts.iter().map(|(id, share, most, stage)| {
            let position = chains.iter().position(|host| host.mineral == *id);
            let place = |country| {
                let host = &chains[position?];
                let stage = if host.node_of_stage(*stage) { *stage } else { host.baseline.last_stage };
                host.node(country, stage).filter(|&node| host.node_base[node] > 0.0)
            };
            let nodes = chain.market.nodes.iter().map(|node| place(node.country)).collect();
            Host { chain: position, share: *share, most: *most, nodes }
        });
        let hosts: Vec<Host> = hosts.collect();
        let share = hosts.iter().map(|host| host.share).sum::<f64>().min(1.0);
        Self { hosts, share }
    }

    /// How far a node's running capacity may be above the base year's when by itself it would be `growth` times it.
    pub(super) fn hold(&self, node: usize, growth: f64, chains: &[Growth]) -> f64 {
        if self.hosts.is_empty() {
            return growth;
        }
        let (mut recoverable, mut shares) = (0.0, 0.0);
        for host in &self.hosts {
            let grown = host.chain.map_or(1.0, |position| {
                let growth = &chains[position];
                host.nodes[node].map_or(growth.world, |place| growth.nodes[place])
            });
            recoverable += host.share * host.most * grown;
            shares += host.share;
        }
        self.share * growth.min(recoverable / shares) + (1.0 - self.share) * growth
    }
}

impl Chain {
    /// Whether anything is made at a stage.
    fn node_of_stage(&self, stage: Stage) -> bool {
        self.market.nodes.iter().any(|node| node.stage == stage)
    }
}
