//! What indicators read: the quantities of one mineral in one year, whether balanced from observations or solved in
//! an arm of a run. Every indicator on quantities is a function of this one view.

use std::{borrow::Cow, collections::BTreeMap};

use crate::{
    base::{id::Iso3, unit::Stage},
    baseline::{Baseline, Quantity},
    market::{Equilibrium, Feed, Market, Recipient},
    pathway::{
        YearOutcome,
        calibrate::BasePrices,
        chain::{Control, running_control},
    },
    world::World,
};

/// The mines or the refineries of one country.
#[derive(Debug, Clone, PartialEq)]
pub struct Seller {
    /// Stage.
    pub stage: Stage,
    /// Country.
    pub country: Iso3,
    /// Output, tonnes contained a year.
    pub output: f64,
    /// Price at the gate, USD/t; absent where it cannot sell or none is published.
    pub price: Option<f64>,
}

/// Part of a seller's output with owners of its own.
#[derive(Debug, Clone, PartialEq)]
pub struct Part<'a> {
    /// Seller, by index.
    pub seller: usize,
    /// What it is made from.
    pub feed: Feed,
    /// Output, tonnes contained a year.
    pub output: f64,
    /// Controlling countries, shares that sum to 1.
    pub control: Cow<'a, [(Iso3, f64)]>,
}

/// A flow from a seller to a refinery or to users, abroad or at home.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Flow {
    /// Seller, by index.
    pub from: usize,
    /// Buyer: a refinery (by index among the sellers) or a user.
    pub to: Recipient,
    /// Country of the buyer.
    pub buyer: Iso3,
    /// Tonnes contained a year.
    pub tonnes: f64,
}

/// The users of one country of what one stage sells.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct User {
    /// Stage whose product is used.
    pub stage: Stage,
    /// Country.
    pub country: Iso3,
    /// Delivered price, USD/t; absent where nobody can deliver or none is published.
    pub price: Option<f64>,
}

/// One mineral in one year.
#[derive(Debug, Clone, PartialEq)]
pub struct View<'a> {
    /// Whether ore is mined and refined in this chain.
    pub two_stages: bool,
    /// Stage whose product is used.
    pub last_stage: Stage,
    /// Mines and refineries, one entry for each country and stage.
    pub sellers: Vec<Seller>,
    /// Their output by owner.
    pub parts: Vec<Part<'a>>,
    /// Flows.
    pub flows: Vec<Flow>,
    /// Users.
    pub users: Vec<User>,
}

impl<'a> View<'a> {
    /// A solved market; `control` names the owners of each part of each node's output.
    pub fn of_market(
        baseline: &Baseline,
        market: &Market,
        found: &Equilibrium,
        control: &'a [Vec<Control>],
    ) -> Self {
        let nodes = market.nodes.iter().enumerate();
        let parts = nodes.clone().flat_map(|(i, node)| {
            node.tranches.iter().enumerate().map(move |(t, tranche)| Part {
                seller: i,
                feed: tranche.feed,
                output: found.output[i][t],
                control: Cow::Borrowed(&*control[i][t]),
            })
        });
        Self {
            two_stages: baseline.two_stages,
            last_stage: baseline.last_stage,
            parts: parts.collect(),
            sellers: nodes
                .map(|(i, node)| Seller {
                    stage: node.stage,
                    country: node.country,
                    output: found.node_output(i),
                    price: found.price[i],
                })
                .collect(),
            flows: market
                .arcs
                .iter()
                .zip(&found.flow)
                .map(|(arc, &tonnes)| Flow {
                    from: arc.from,
                    to: arc.to,
                    buyer: market.recipient_country(arc.to),
                    tonnes,
                })
                .collect(),
            users: market
                .users
                .iter()
                .zip(&found.delivered_price)
                .map(|(user, &price)| User { stage: user.stage, country: user.country, price })
                .collect(),
        }
    }

    /// A solved year of an arm.
    pub fn of_outcome(outcome: &YearOutcome<'a>) -> Self {
        let chain = outcome.chain;
        Self::of_market(&chain.base.baseline, outcome.market, outcome.equilibrium, outcome.control)
    }

    /// A balanced year. Everyone at a stage sees the one published price, where there is one.
    pub fn of_baseline(world: &World, baseline: &Baseline) -> View<'static> {
        let prices = BasePrices::of(world, baseline);
        let price = |stage: Stage| {
            let ore = stage == Stage::Mine && baseline.two_stages;
            prices.map(|prices| if ore { prices.mine } else { prices.product })
        };
        let mut view = View {
            two_stages: baseline.two_stages,
            last_stage: baseline.last_stage,
            sellers: Vec::new(),
            parts: Vec::new(),
            flows: Vec::new(),
            users: Vec::new(),
        };
        let (mut seller_of, mut user_of) = (BTreeMap::new(), BTreeMap::new());
        for entry in &baseline.entries {
            let (stage, country) = match entry.quantity {
                Quantity::Mined(country) => (Stage::Mine, country),
                Quantity::Refined(country) => (Stage::Refine, country),
                _ => continue,
            };
            let seller = view.sellers.len();
            seller_of.insert((stage, country), seller);
            view.sellers.push(Seller { stage, country, output: entry.value, price: price(stage) });
            let scrap = if stage == Stage::Refine { baseline.value(Quantity::Scrap(country)) } else { 0.0 };
            let ore = stage == Stage::Refine && baseline.two_stages;
            let owners = running_control(world, &baseline.mineral, stage, country);
            view.parts.push(Part {
                seller,
                feed: if ore { Feed::Ore } else { Feed::Ground },
                output: (entry.value - scrap).max(0.0),
                control: owners.into(),
            });
            if scrap > 0.0 {
                let control = vec![(country, 1.0)].into();
                view.parts.push(Part { seller, feed: Feed::Scrap, output: scrap, control });
            }
        }
        for entry in &baseline.entries {
            let (from, to, used) = match entry.quantity {
                Quantity::OreFlow(from, to) => {
                    let used = baseline.value(Quantity::OreUse(to));
                    let bought = used + baseline.value(Quantity::Intake(to));
                    ((Stage::Mine, from), to, if bought > 0.0 { entry.value * used / bought } else { 0.0 })
                }
                Quantity::ProductFlow(from, to) => ((baseline.last_stage, from), to, entry.value),
                _ => continue,
            };
            let Some(&seller) = seller_of.get(&from) else { continue };
            if used > 0.0 {
                let next = view.users.len();
                let user = *user_of.entry((from.0, to)).or_insert(next);
                if user == next {
                    view.users.push(User { stage: from.0, country: to, price: price(from.0) });
                }
                view.flows.push(Flow { from: seller, to: Recipient::User(user), buyer: to, tonnes: used });
            }
            if let Some(&refinery) = seller_of.get(&(Stage::Refine, to))
                && entry.value > used
            {
                let tonnes = entry.value - used;
                view.flows.push(Flow { from: seller, to: Recipient::Node(refinery), buyer: to, tonnes });
            }
        }
        view
    }

    /// Stages of the chain, first to last.
    pub fn stages(&self) -> &'static [Stage] {
        match (self.two_stages, self.last_stage) {
            (true, _) => &[Stage::Mine, Stage::Refine],
            (false, Stage::Mine) => &[Stage::Mine],
            (false, Stage::Refine) => &[Stage::Refine],
        }
    }

    /// Mines or refineries.
    pub fn sellers_at(&self, stage: Stage) -> impl Iterator<Item = &Seller> {
        self.sellers.iter().filter(move |seller| seller.stage == stage)
    }

    /// Flows of what a stage sells.
    pub fn flows_at(&self, stage: Stage) -> impl Iterator<Item = &Flow> {
        self.flows.iter().filter(move |flow| self.sellers[flow.from].stage == stage)
    }

    /// Country that a flow comes from.
    pub fn origin(&self, flow: &Flow) -> Iso3 {
        self.sellers[flow.from].country
    }

    /// Output of a stage by country, in the order of the sellers, tonnes.
    pub fn outputs(&self, stage: Stage) -> Vec<f64> {
        self.sellers_at(stage).map(|seller| seller.output).collect()
    }
}
