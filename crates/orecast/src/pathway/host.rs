//! By-products: what their hosts let them make.

use super::chain::Chain;
use crate::{base::unit::Stage, market::Equilibrium};

/// Lowest share of running mines that output is divided by.
const LEAST_RUNNING: f64 = 0.05;

/// Output of a chain in one year over the base year's.
#[derive(Debug, Clone, PartialEq)]
pub struct Growth {
    /// World output of the last stage.
    pub world: f64,
    /// Output of each node; 1 for nodes without output in the base year.
    pub nodes: Vec<f64>,
    /// Share of each node's mines that runs over the share that would at base prices.
    pub running: Vec<f64>,
}

impl Growth {
    /// A solved year.
    pub(super) fn of(chain: &Chain, found: &Equilibrium, running: Vec<f64>) -> Self {
        let last = chain.base.baseline.last_stage;
        let (mut now, mut before) = (0.0, 0.0);
        let nodes = chain.base.market.nodes.iter().enumerate();
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
        Self { world: if before > 0.0 { now / before } else { 1.0 }, nodes, running }
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
    /// Positions of the host chains that are part of the run.
    pub(super) fn hosts(&self) -> impl Iterator<Item = usize> {
        self.hosts.iter().filter_map(|host| host.chain)
    }

    /// The limit of a chain whose hosts may be among `chains`, which come before it.
    pub(super) fn of(chain: &Chain, chains: &[Chain]) -> Self {
        let hosts = chain.hosts.iter().map(|(id, share, most, stage)| {
            let position = chains.iter().position(|host| host.base.mineral == *id);
            let place = |country| {
                let host = &chains[position?];
                let stage = if host.node_of_stage(*stage) { *stage } else { host.base.baseline.last_stage };
                host.base.node(country, stage).filter(|&node| host.node_base[node] > 0.0)
            };
            let nodes = chain.base.market.nodes.iter().map(|node| place(node.country)).collect();
            Host { chain: position, share: *share, most: *most, nodes }
        });
        let hosts: Vec<Host> = hosts.collect();
        let share = hosts.iter().map(|host| host.share).sum::<f64>().min(1.0);
        Self { hosts, share }
    }
}

/// A chain's hosts in one year of a run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hosts<'a> {
    ceiling: &'a Ceiling,
    growth: &'a [&'a [Growth]],
    year: usize,
}

impl<'a> Hosts<'a> {
    /// The hosts of a chain with a ceiling in a year (by position), given the years of the chains before it.
    pub(super) fn new(ceiling: &'a Ceiling, growth: &'a [&'a [Growth]], year: usize) -> Self {
        Self { ceiling, growth, year }
    }

    /// Output of a host at a node's place over the base year's, and the share of its mines that runs over the usual share.
    fn at(&self, host: &Host, node: usize) -> (f64, f64) {
        let Some(chain) = host.chain else { return (1.0, 1.0) };
        let year = &self.growth[chain][self.year];
        host.nodes[node].map_or((year.world, 1.0), |place| (year.nodes[place], year.running[place]))
    }

    /// What the hosts make recoverable at a node if none of their mines were suspended, over the base year's output of the by-product;
    /// absent for what has no hosts.
    pub(super) fn recoverable(&self, node: usize) -> Option<f64> {
        let (mut recoverable, mut shares) = (0.0, 0.0);
        for host in &self.ceiling.hosts {
            let (grown, running) = self.at(host, node);
            recoverable += host.share * host.most * grown / running.max(LEAST_RUNNING);
            shares += host.share;
        }
        (shares > 0.0).then(|| recoverable / shares)
    }

    /// How far a node's running capacity may be above the base year's when by itself it would be `growth` times it.
    pub(super) fn hold(&self, node: usize, growth: f64) -> f64 {
        let share = self.ceiling.share;
        self.recoverable(node).map_or(growth, |most| share * growth.min(most) + (1.0 - share) * growth)
    }

    /// Share of a node that runs over the usual share when its own mines run to the share `own` of it: what comes out of hosts stands
    /// still with them.
    pub(super) fn running(&self, node: usize, own: f64) -> f64 {
        let scale = if self.ceiling.hosts.is_empty() {
            0.0
        } else {
            self.ceiling.share / self.ceiling.hosts.iter().map(|host| host.share).sum::<f64>()
        };
        let with_hosts: f64 = self.ceiling.hosts.iter().map(|host| host.share * self.at(host, node).1).sum();
        scale * with_hosts + (1.0 - self.ceiling.share) * own
    }
}

impl Chain {
    /// Share of output that comes out of mines of its own and not out of hosts.
    pub(super) fn own_share(&self) -> f64 {
        1.0 - self.hosts.iter().map(|(_, share, ..)| share).sum::<f64>().min(1.0)
    }

    /// Whether anything is made at a stage.
    fn node_of_stage(&self, stage: Stage) -> bool {
        self.base.market.nodes.iter().any(|node| node.stage == stage)
    }
}
