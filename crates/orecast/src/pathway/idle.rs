//! Mines that stand still: suspended when prices are low, restarted when they are back.
//!
//! A country's mines are counted as so many of equal size. Each year one that runs is suspended with a chance that rises as the expected
//! price falls, one that stands still is restarted with a chance that rises with it, and one that is not may be given up for good. What
//! the base price alone does is part of
//! published output and of what is expected to replace it: only the difference to it counts, so nothing is counted twice. In the middle
//! draw the shares follow the chances.

use super::chain::Chain;
use crate::{
    base::draw::{Draw, Occasions},
    market::Feed,
    params::Params,
    pathway::calibrate::RUNNING,
};

/// Most mines that a country's output is taken to come from.
const MOST_MINES: f64 = 30.0;
/// Largest chances in a year.
const MOST_SUSPENDED: f64 = 0.5;
const MOST_RESTARTED: f64 = 0.9;
/// Events that a mine may draw in a year.
const EVENTS: u64 = 3;

/// Chances of a draw.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Hazard {
    /// Chance that a running mine is suspended in a year at the base price.
    suspend: f64,
    /// Chance that a suspended mine is restarted in a year at the base price.
    restart: f64,
    /// How strongly both answer to the expected price.
    response: f64,
    /// Chance that a mine that stands still and is not restarted is given up in a year.
    close: f64,
}

/// The chances of one year.
#[derive(Debug, Clone, Copy)]
struct Chances {
    suspend: f64,
    restart: f64,
    close: f64,
}

impl Hazard {
    /// Chances when the expected price is so many times the base price.
    fn at(self, price: f64) -> Chances {
        let tilt = price.max(0.05).powf(self.response);
        Chances {
            suspend: (self.suspend / tilt).min(MOST_SUSPENDED),
            restart: (self.restart * tilt).min(MOST_RESTARTED),
            close: self.close,
        }
    }
}

/// Mines of equal size, some of which stand still or are given up.
#[derive(Debug, Clone)]
struct Mines {
    /// Their luck; absent where shares follow the chances.
    luck: Option<Occasions>,
    count: f64,
    idle: f64,
    closed: f64,
}

impl Mines {
    fn new(luck: Option<Occasions>, count: f64) -> Self {
        Self { luck, count, idle: 0.0, closed: 0.0 }
    }

    fn running(&self) -> f64 {
        1.0 - (self.idle + self.closed) / self.count
    }

    fn pass(&mut self, year: i32, chances: Chances) {
        let drawn = |event: u64, of: f64, chance: f64| match self.luck {
            None => of * chance,
            Some(_) if of < 0.5 => 0.0,
            Some(luck) => binomial(of, chance, luck.uniform(EVENTS * year as u64 + event)),
        };
        let suspended = drawn(0, self.count - self.idle - self.closed, chances.suspend);
        let restarted = drawn(1, self.idle, chances.restart);
        let closed = drawn(2, self.idle - restarted, chances.close);
        self.idle = (self.idle + suspended - restarted - closed).max(0.0);
        self.closed += closed;
    }
}

/// How many of `count` cases happen when each does with a `chance`: the number that a share `u` of draws stays under.
fn binomial(count: f64, chance: f64, u: f64) -> f64 {
    let odds = chance / (1.0 - chance);
    let mut part = (1.0 - chance).powf(count);
    let (mut below, mut happened) = (part, 0.0);
    while below < u && happened < count {
        part *= odds * (count - happened) / (happened + 1.0);
        below += part;
        happened += 1.0;
    }
    happened
}

/// What stands still of a chain within a draw.
#[derive(Debug)]
pub(super) struct Idle {
    hazard: Hazard,
    /// Share of output whose mines are its own; the rest stands still with its hosts.
    pub own: f64,
    /// What stands still or is given up at base prices.
    usual: Mines,
    /// Running mines of each node; absent for plants that buy ore.
    nodes: Vec<Option<Mines>>,
    /// Projects, each one mine.
    slots: Vec<Mines>,
}

impl Idle {
    pub(super) fn new(chain: &Chain, draw: Draw, params: &Params<f64>) -> Self {
        let own = chain.own_share();
        let mut totals = std::collections::BTreeMap::new();
        for (node, output) in chain.market.nodes.iter().zip(&chain.base_output) {
            *totals.entry(node.stage).or_insert(0.0) += output;
        }
        let mine = params.mine_size.max(1e-3);
        let nodes = chain.market.nodes.iter().zip(&chain.base_output).map(|(node, output)| {
            let from_ground = node.tranches.iter().any(|t| t.feed == Feed::Ground && t.id == RUNNING);
            (from_ground && own > 0.0 && *output > 0.0).then(|| {
                let count = (output / totals[&node.stage] / mine).round().clamp(1.0, MOST_MINES);
                let name = [chain.mineral.as_str(), "/idle/", node.stage.as_str(), node.country.as_str()];
                Mines::new(draw.occasions(&name), count)
            })
        });
        let slots = chain
            .slots
            .iter()
            .map(|slot| Mines::new(draw.occasions(&["project/idle/", slot.project.id.as_str()]), 1.0));
        Self {
            hazard: Hazard {
                suspend: params.suspension_rate.clamp(0.0, MOST_SUSPENDED),
                restart: params.restart_rate.clamp(0.0, MOST_RESTARTED),
                response: params.suspension_response.max(0.0),
                close: params.closure_rate.clamp(0.0, 1.0),
            },
            own,
            usual: Mines::new(None, 1.0),
            nodes: nodes.collect(),
            slots: slots.collect(),
        }
    }

    /// Share of a node's own mines that runs, over the share that would at base prices.
    pub(super) fn running(&self, node: usize) -> f64 {
        self.nodes[node].as_ref().map_or(1.0, Mines::running) / self.usual_running(node)
    }

    /// Plants that buy ore do not stand still.
    fn usual_running(&self, node: usize) -> f64 {
        if self.nodes[node].is_some() { self.usual.running() } else { 1.0 }
    }

    /// The same for a project, which never makes more than its design.
    pub(super) fn project_running(&self, slot: usize) -> f64 {
        (self.slots[slot].running() / self.usual.running()).min(1.0)
    }

    /// Lets a year pass. `price` tells the expected price over the base price that a node's running mines see, `project` the one that a
    /// project sees; absent while it does not run.
    pub(super) fn pass(
        &mut self,
        year: i32,
        price: &dyn Fn(usize) -> f64,
        project: &dyn Fn(usize) -> Option<f64>,
    ) {
        if self.own <= 0.0 {
            return;
        }
        // Most mines of a chain see one price.
        let mut last = (1.0, self.hazard.at(1.0));
        let hazard = self.hazard;
        let mut chances = |price: f64| {
            if price != last.0 {
                last = (price, hazard.at(price));
            }
            last.1
        };
        for (i, mines) in self.nodes.iter_mut().enumerate() {
            if let Some(mines) = mines {
                mines.pass(year, chances(price(i)));
            }
        }
        for (p, mine) in self.slots.iter_mut().enumerate() {
            if let Some(price) = project(p) {
                mine.pass(year, chances(price));
            }
        }
        self.usual.pass(year, hazard.at(1.0));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_binomial_quantile_has_its_mean() {
        let mean =
            (0..1000).map(|k| binomial(8.0, 0.15, (f64::from(k) + 0.5) / 1000.0)).sum::<f64>() / 1000.0;
        assert!((mean - 1.2).abs() < 0.01, "{mean}");
        assert_eq!(
            (binomial(8.0, 0.0, 0.99), binomial(1.0, 0.3, 0.69), binomial(1.0, 0.3, 0.71)),
            (0.0, 0.0, 1.0)
        );
    }

    #[test]
    fn at_base_prices_the_middle_draw_runs_as_usual_and_low_prices_close_mines_that_come_back() {
        let hazard = Hazard { suspend: 0.015, restart: 0.15, response: 2.0, close: 0.1 };
        let mines = Mines::new(None, 7.0);
        let mut idle = Idle {
            hazard,
            own: 1.0,
            usual: Mines::new(None, 1.0),
            nodes: vec![Some(mines.clone()), None],
            slots: vec![mines],
        };
        for year in 0..20 {
            idle.pass(year, &|_| 1.0, &|_| Some(1.0));
            assert!((idle.running(0) - 1.0).abs() < 1e-12 && idle.running(1) == 1.0);
            assert!((idle.project_running(0) - 1.0).abs() < 1e-12);
        }
        for year in 0..5 {
            idle.pass(year, &|_| 0.6, &|_| Some(0.6));
        }
        let low = idle.running(0);
        assert!((0.6..0.9).contains(&low), "{low}");
        for year in 0..5 {
            idle.pass(year, &|_| 1.4, &|_| Some(1.4));
        }
        let back = idle.running(0);
        assert!(back > low + 0.1 && back < 1.0, "{back}: some were given up");
    }

    proptest! {
        #[test]
        fn low_prices_leave_more_standing_still_and_shares_are_shares(
            prices in proptest::collection::vec(0.1..3.0_f64, 1..25), cut in 0.3..1.0_f64, index in 0..500_u64,
        ) {
            let hazard = Hazard { suspend: 0.015, restart: 0.15, response: 2.0, close: 0.1 };
            let run = |cut: f64, draw: Draw| {
                let mut mines = Mines::new(draw.occasions(&["tungsten/idle/mineKAZ"]), 12.0);
                for (year, price) in (2025..).zip(&prices) {
                    mines.pass(year, hazard.at(cut * price));
                    assert!(mines.idle >= 0.0 && mines.closed >= 0.0 && mines.running() >= -1e-12);
                }
                mines.running()
            };
            prop_assert!(run(cut, Draw::MIDDLE) <= run(1.0, Draw::MIDDLE) + 1e-12);
            prop_assert!(run(cut, Draw::new(3, index)) <= 1.0);
        }
    }
}
