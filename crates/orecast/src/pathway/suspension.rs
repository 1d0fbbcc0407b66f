//! Suspensions: mines are suspended when prices are low, restarted when they are back.
//!
//! A country's mines are counted as so many of equal size. Each year one that runs is suspended with a probability that rises as the expected
//! price falls, one that is suspended is restarted with a probability that rises with it, and one that is not may be abandoned. What
//! the base price alone does is part of
//! published output and of what is expected to replace it: only the difference to it counts, so nothing is counted twice. In the middle
//! draw the shares follow the probabilities.

use super::chain::Chain;
use crate::{
    base::draw::{Draw, Occasions},
    market::Feed,
    params::Params,
    pathway::calibrate::RUNNING,
};

/// Most mines that a country's output is taken to come from.
const MOST_MINES: f64 = 30.0;
/// Largest probabilities in a year.
const MOST_SUSPENDED: f64 = 0.5;
const MOST_RESTARTED: f64 = 0.9;
/// Events that a mine may draw in a year.
const EVENTS: u64 = 3;

/// Probabilities of a draw.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Rates {
    /// Probability that a running mine is suspended in a year at the base price.
    suspend: f64,
    /// Probability that a suspended mine is restarted in a year at the base price.
    restart: f64,
    /// How strongly both answer to the expected price.
    response: f64,
    /// Probability that a mine that is suspended and not restarted is abandoned in a year.
    close: f64,
}

/// The probabilities of one year.
#[derive(Debug, Clone, Copy)]
struct Chances {
    suspend: f64,
    restart: f64,
    close: f64,
}

impl Rates {
    /// Probabilities when the expected price is so many times the base price.
    fn at(self, price: f64) -> Chances {
        let tilt = price.max(0.05).powf(self.response);
        Chances {
            suspend: (self.suspend / tilt).min(MOST_SUSPENDED),
            restart: (self.restart * tilt).min(MOST_RESTARTED),
            close: self.close,
        }
    }
}

/// Mines of equal size, some of which are suspended or abandoned.
#[derive(Debug, Clone)]
struct Mines {
    /// Their random numbers; absent where shares follow the probabilities.
    random: Option<Occasions>,
    count: f64,
    suspended: f64,
    closed: f64,
}

impl Mines {
    fn new(random: Option<Occasions>, count: f64) -> Self {
        Self { random, count, suspended: 0.0, closed: 0.0 }
    }

    fn running(&self) -> f64 {
        1.0 - (self.suspended + self.closed) / self.count
    }

    fn pass(&mut self, year: i32, chances: Chances) {
        let drawn = |event: u64, of: f64, chance: f64| match self.random {
            None => of * chance,
            Some(_) if of < 0.5 => 0.0,
            Some(random) => binomial(of, chance, random.uniform(EVENTS * year as u64 + event)),
        };
        let newly = drawn(0, self.count - self.suspended - self.closed, chances.suspend);
        let restarted = drawn(1, self.suspended, chances.restart);
        let closed = drawn(2, self.suspended - restarted, chances.close);
        self.suspended = (self.suspended + newly - restarted - closed).max(0.0);
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

/// What is suspended of a chain within a draw.
#[derive(Debug)]
pub(super) struct Suspensions {
    rates: Rates,
    /// Share of output whose mines are its own; the rest is suspended with its hosts.
    pub own: f64,
    /// What is suspended or abandoned at base prices.
    usual: Mines,
    /// Running mines of each node; absent for plants that buy ore.
    nodes: Vec<Option<Mines>>,
    /// Projects, each one mine.
    sites: Vec<Mines>,
}

impl Suspensions {
    pub(super) fn new(chain: &Chain, draw: Draw, params: &Params<f64>) -> Self {
        let own = chain.own_share();
        let mut totals = std::collections::BTreeMap::new();
        for (node, output) in chain.base.market.nodes.iter().zip(&chain.base_output) {
            *totals.entry(node.stage).or_insert(0.0) += output;
        }
        let mine = params.mine_size.max(1e-3);
        let nodes = chain.base.market.nodes.iter().zip(&chain.base_output).map(|(node, output)| {
            let from_ground = node.tranches.iter().any(|t| t.feed == Feed::Ground && t.id == RUNNING);
            (from_ground && own > 0.0 && *output > 0.0).then(|| {
                let count = (output / totals[&node.stage] / mine).round().clamp(1.0, MOST_MINES);
                let name =
                    [chain.base.mineral.as_str(), "/idle/", node.stage.as_str(), node.country.as_str()];
                Mines::new(draw.occasions(&name), count)
            })
        });
        let sites = chain
            .sites
            .iter()
            .map(|site| Mines::new(draw.occasions(&["project/idle/", site.project.id.as_str()]), 1.0));
        Self {
            rates: Rates {
                suspend: params.suspension_rate.clamp(0.0, MOST_SUSPENDED),
                restart: params.restart_rate.clamp(0.0, MOST_RESTARTED),
                response: params.suspension_response.max(0.0),
                close: params.closure_rate.clamp(0.0, 1.0),
            },
            own,
            usual: Mines::new(None, 1.0),
            nodes: nodes.collect(),
            sites: sites.collect(),
        }
    }

    /// Share of a node's own mines that runs, over the share that would at base prices.
    pub(super) fn running(&self, node: usize) -> f64 {
        self.nodes[node].as_ref().map_or(1.0, Mines::running) / self.usual_running(node)
    }

    /// Plants that buy ore are not suspended.
    fn usual_running(&self, node: usize) -> f64 {
        if self.nodes[node].is_some() { self.usual.running() } else { 1.0 }
    }

    /// The same for a project, which never makes more than its design.
    pub(super) fn project_running(&self, site: usize) -> f64 {
        (self.sites[site].running() / self.usual.running()).min(1.0)
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
        let mut last = (1.0, self.rates.at(1.0));
        let rates = self.rates;
        let mut chances = |price: f64| {
            if price != last.0 {
                last = (price, rates.at(price));
            }
            last.1
        };
        for (i, mines) in self.nodes.iter_mut().enumerate() {
            if let Some(mines) = mines {
                mines.pass(year, chances(price(i)));
            }
        }
        for (p, mine) in self.sites.iter_mut().enumerate() {
            if let Some(price) = project(p) {
                mine.pass(year, chances(price));
            }
        }
        self.usual.pass(year, rates.at(1.0));
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
        let rates = Rates { suspend: 0.015, restart: 0.15, response: 2.0, close: 0.1 };
        let mines = Mines::new(None, 7.0);
        let mut suspensions = Suspensions {
            rates,
            own: 1.0,
            usual: Mines::new(None, 1.0),
            nodes: vec![Some(mines.clone()), None],
            sites: vec![mines],
        };
        for year in 0..20 {
            suspensions.pass(year, &|_| 1.0, &|_| Some(1.0));
            assert!((suspensions.running(0) - 1.0).abs() < 1e-12 && suspensions.running(1) == 1.0);
            assert!((suspensions.project_running(0) - 1.0).abs() < 1e-12);
        }
        for year in 0..5 {
            suspensions.pass(year, &|_| 0.6, &|_| Some(0.6));
        }
        let low = suspensions.running(0);
        assert!((0.6..0.9).contains(&low), "{low}");
        for year in 0..5 {
            suspensions.pass(year, &|_| 1.4, &|_| Some(1.4));
        }
        let back = suspensions.running(0);
        assert!(back > low + 0.1 && back < 1.0, "{back}: some were given up");
    }

    proptest! {
        #[test]
        fn low_prices_leave_more_standing_still_and_shares_are_shares(
            prices in proptest::collection::vec(0.1..3.0_f64, 1..25), cut in 0.3..1.0_f64, index in 0..500_u64,
        ) {
            let rates = Rates { suspend: 0.015, restart: 0.15, response: 2.0, close: 0.1 };
            let run = |cut: f64, draw: Draw| {
                let mut mines = Mines::new(draw.occasions(&["tungsten/idle/mineKAZ"]), 12.0);
                for (year, price) in (2025..).zip(&prices) {
                    mines.pass(year, rates.at(cut * price));
                    assert!(mines.suspended >= 0.0 && mines.closed >= 0.0 && mines.running() >= -1e-12);
                }
                mines.running()
            };
            prop_assert!(run(cut, Draw::MIDDLE) <= run(1.0, Draw::MIDDLE) + 1e-12);
            prop_assert!(run(cut, Draw::new(3, index)) <= 1.0);
        }
    }
}
