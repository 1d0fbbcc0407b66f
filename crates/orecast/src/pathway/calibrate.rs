//! From a balanced mineral-year and response parameters to a market that reproduces it exactly.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use crate::market::network::normalise;
use crate::market::{
    curve::Backstop,
    network::{Demand, Feed, Market, Node, Recipient, Sourcing, TradeArc, Tranche, User},
};
pub use crate::params::responses::{Responses, TimeScale};
use crate::{
    base::{
        id::Iso3,
        unit::{Grade, Stage},
    },
    baseline::{Baseline, Quantity},
    world::World,
};

/// Name of the tranche that stands for running capacity.
pub const RUNNING: &str = "running";
/// Name of the tranche that stands for scrap and other secondary feed.
pub const SCRAP: &str = "scrap";
/// The mine price is held below this share of what its metal content sells for, so that refining earns a margin.
const HIGHEST_ORE_SHARE: f64 = 0.9;
/// Elasticity of secondary feed to the product's price.
const SCRAP_ELASTICITY: f64 = 0.2;
const SCRAP_UTILISATION: f64 = 0.9;

/// Base-year prices of a chain, USD per tonne contained.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct BasePrices {
    /// Ore or concentrate; the product's price where there is one stage.
    pub mine: f64,
    /// Product of the last stage.
    pub product: f64,
    /// The worse grade of the two.
    pub grade: Grade,
    /// Whether the quoted mine price was lowered to leave refining a margin.
    pub lowered: bool,
}

impl BasePrices {
    /// The prices of a baseline's year, or of the nearest year that has one; absent when none is published.
    pub fn of(world: &World, baseline: &Baseline) -> Option<Self> {
        let nearest = |stage| {
            (0..=4)
                .flat_map(|away| [baseline.year - away, baseline.year + away])
                .find_map(|year| world.price(&baseline.mineral, stage, year))
        };
        let product = nearest(baseline.last_stage);
        let mine = nearest(Stage::Mine);
        if !baseline.two_stages {
            let row = product.or(mine)?;
            return Some(Self {
                mine: row.usd_per_t,
                product: row.usd_per_t,
                grade: row.grade,
                lowered: false,
            });
        }
        let highest = |product: f64| HIGHEST_ORE_SHARE * baseline.recovery * product;
        Some(match (mine, product) {
            (Some(mine), Some(product)) => Self {
                mine: mine.usd_per_t.min(highest(product.usd_per_t)),
                product: product.usd_per_t,
                grade: mine.grade.max(product.grade),
                lowered: mine.usd_per_t > highest(product.usd_per_t),
            },
            (None, Some(product)) => Self {
                mine: 0.7 * baseline.recovery * product.usd_per_t,
                product: product.usd_per_t,
                grade: Grade::C,
                lowered: false,
            },
            (Some(mine), None) => Self {
                mine: mine.usd_per_t,
                product: mine.usd_per_t / (0.7 * baseline.recovery),
                grade: Grade::C,
                lowered: false,
            },
            (None, None) => return None,
        })
    }
}

/// How full mines and refineries run in a normal year, as shares of capacity.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Utilisation {
    /// Mines.
    pub mine: f64,
    /// Refineries.
    pub refine: f64,
}

impl Utilisation {
    /// The package's figures for a mineral (an element has its market's), or 0.85 and 0.78 (class assumptions) where it
    /// has none.
    pub fn of(world: &World, baseline: &Baseline) -> Self {
        let row = world.mineral(baseline.mineral.as_str());
        let row = row.and_then(|row| world.mineral(row.market.as_str()));
        let bounded = |value: Option<f64>, default: f64| value.unwrap_or(default).clamp(0.3, 0.97);
        Self {
            mine: bounded(row.and_then(|r| r.mine_utilisation), 0.85),
            refine: bounded(row.and_then(|r| r.refine_utilisation), 0.78),
        }
    }
}

/// Builds the market of a baseline. Undisturbed, its equilibrium is the baseline.
pub fn calibrate(
    baseline: &Baseline,
    basis: &str,
    prices: &BasePrices,
    utilisation: &Utilisation,
    responses: &Responses<f64>,
) -> Market {
    let mut build =
        Builder { market: empty(baseline, basis), node_of: BTreeMap::new(), user_of: BTreeMap::new() };
    let last = baseline.last_stage;
    let backstop = Backstop {
        multiple: responses.backstop_multiple,
        elasticity: responses.backstop_elasticity.max(responses.demand),
    };
    let theta = |price: f64| responses.trade / price;

    for entry in &baseline.entries {
        match entry.quantity {
            Quantity::Mined(country) => {
                let price = if baseline.two_stages { prices.mine } else { prices.product };
                let tranche = Tranche::calibrated(
                    RUNNING,
                    Feed::Ground,
                    entry.value,
                    utilisation.mine,
                    responses.mine_supply,
                );
                build.node(country, Stage::Mine, price, vec![tranche], None);
            }
            Quantity::Refined(country) => {
                let scrap = baseline.value(Quantity::Scrap(country));
                let primary = (entry.value - scrap).max(0.0);
                let feed = if baseline.two_stages { Feed::Ore } else { Feed::Ground };
                let elasticity =
                    if baseline.two_stages { responses.refine_supply } else { responses.mine_supply };
                let mut tranches = Vec::new();
                if primary > 0.0 {
                    tranches.push(Tranche::calibrated(
                        RUNNING,
                        feed,
                        primary,
                        utilisation.refine,
                        elasticity,
                    ));
                }
                if scrap > 0.0 {
                    tranches.push(Tranche::calibrated(
                        SCRAP,
                        Feed::Scrap,
                        scrap,
                        SCRAP_UTILISATION,
                        SCRAP_ELASTICITY,
                    ));
                }
                let sourcing = baseline.two_stages.then(|| sourcing(baseline, prices, responses));
                build.node(country, Stage::Refine, prices.product, tranches, sourcing);
            }
            _ => {}
        }
    }
    for entry in &baseline.entries {
        match entry.quantity {
            Quantity::OreUse(country) => {
                let demand = Demand { quantity: entry.value, elasticity: responses.demand, backstop };
                build.user(country, Stage::Mine, prices.mine, theta(prices.mine), demand);
            }
            Quantity::ProductFlow(_, country) => {
                let demand = Demand { quantity: entry.value, elasticity: responses.demand, backstop };
                build.user(country, last, prices.product, theta(prices.product), demand);
            }
            _ => {}
        }
    }
    for entry in &baseline.entries {
        match entry.quantity {
            Quantity::OreFlow(from, to) => {
                let used = baseline.value(Quantity::OreUse(to));
                let intake = baseline.value(Quantity::Intake(to));
                let used_share = used / (used + intake);
                build.arc(
                    (from, Stage::Mine),
                    build.node_of.get(&(to, Stage::Refine)).map(|&k| Recipient::Node(k)),
                    entry.value * (1.0 - used_share),
                );
                build.arc(
                    (from, Stage::Mine),
                    build.user_of.get(&(to, Stage::Mine)).map(|&j| Recipient::User(j)),
                    entry.value * used_share,
                );
            }
            Quantity::ProductFlow(from, to) => {
                build.arc(
                    (from, last),
                    build.user_of.get(&(to, last)).map(|&j| Recipient::User(j)),
                    entry.value,
                );
            }
            _ => {}
        }
    }
    build.finish()
}

/// How the refineries of a chain buy ore.
pub fn sourcing(baseline: &Baseline, prices: &BasePrices, responses: &Responses<f64>) -> Sourcing {
    Sourcing {
        recovery: baseline.recovery,
        theta: responses.trade / prices.mine,
        base_margin: prices.product - prices.mine / baseline.recovery,
    }
}

fn empty(baseline: &Baseline, basis: &str) -> Market {
    Market {
        mineral: baseline.mineral.clone(),
        year: baseline.year,
        basis: basis.to_owned(),
        nodes: Vec::new(),
        users: Vec::new(),
        arcs: Vec::new(),
        limits: Vec::new(),
    }
}

struct Builder {
    market: Market,
    node_of: BTreeMap<(Iso3, Stage), usize>,
    user_of: BTreeMap<(Iso3, Stage), usize>,
}

impl Builder {
    fn node(
        &mut self,
        country: Iso3,
        stage: Stage,
        base_price: f64,
        tranches: Vec<Tranche>,
        sourcing: Option<Sourcing>,
    ) {
        self.node_of.insert((country, stage), self.market.nodes.len());
        self.market.nodes.push(Node { country, stage, product: None, base_price, tranches, sourcing });
    }

    /// Adds to a user's demand, making the user on first sight.
    fn user(&mut self, country: Iso3, stage: Stage, base_price: f64, theta: f64, demand: Demand) {
        let next = self.market.users.len();
        let j = *self.user_of.entry((country, stage)).or_insert(next);
        if j == next {
            self.market.users.push(User { country, stage, product: None, base_price, theta, demand });
        } else {
            self.market.users[j].demand.quantity += demand.quantity;
        }
    }

    fn arc(&mut self, from: (Iso3, Stage), to: Option<Recipient>, tonnes: f64) {
        if let (Some(&from), Some(to)) = (self.node_of.get(&from), to)
            && tonnes > 0.0
        {
            self.market.arcs.push(TradeArc { from, to, weight: tonnes, cost: 0.0, duty: 0.0, banned: false });
        }
    }

    /// Turns flows into shares of each buyer's purchases.
    fn finish(mut self) -> Market {
        normalise(&mut self.market.arcs);
        self.market
    }
}
