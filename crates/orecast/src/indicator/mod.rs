//! The numbers that people quote, computed on a solved year: output, price, shares, concentration, dependence, money.

use serde::{Deserialize, Serialize};

use crate::{
    id::Iso3,
    market::{Equilibrium, Feed, Market, Recipient},
    pathway::{Chain, YearOutcome},
    world::table::Stage,
};

/// Who plays which part in a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Roles {
    /// The country that wants supply.
    pub leader: Iso3,
    /// The country that has it.
    pub host: Iso3,
    /// Name of the rival bloc.
    pub rival: String,
    /// Members of the rival bloc.
    pub rival_members: Vec<Iso3>,
}

/// What an indicator measures. `docs/src/indicators.md` gives each formula.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Measure {
    /// Output of the actor, tonnes contained a year.
    Production,
    /// Output-weighted mean price at the sellers' gate, USD/t.
    Price,
    /// Share of world output made in the actor's territory.
    ShareByPlace,
    /// Share of world output controlled by owners from the actor's territory.
    ShareByOwner,
    /// Herfindahl-Hirschman index of world output by country, 0 to 10,000.
    Hhi,
    /// Net imports over apparent consumption, all forms counted.
    NetImportReliance,
    /// Share of the leader's use that the rival bloc sold it, by place of the last stage.
    SupplyFromRival,
    /// Share of the leader's use that owners from the rival bloc control at the last stage.
    SupplyFromRivalOwned,
    /// Share of the leader's use that was refined in the rival bloc or made from its ore.
    RivalContent,
    /// Share of the leader's use that comes from the host, by place of the last stage.
    SupplyFromHost,
    /// Price delivered to the leader's users, USD/t.
    DeliveredPrice,
    /// Expected public cost since the first year, USD.
    PublicCost,
    /// Public money lent, guaranteed or invested since the first year, USD.
    PublicFinance,
    /// Royalty and profit tax of the year, USD.
    HostRevenue,
}

impl Measure {
    /// Name in results.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Production => "production",
            Self::Price => "price",
            Self::ShareByPlace => "share-by-place",
            Self::ShareByOwner => "share-by-owner",
            Self::Hhi => "hhi",
            Self::NetImportReliance => "net-import-reliance",
            Self::SupplyFromRival => "supply-from-rival",
            Self::SupplyFromRivalOwned => "supply-from-rival-owned",
            Self::RivalContent => "rival-content",
            Self::SupplyFromHost => "supply-from-host",
            Self::DeliveredPrice => "delivered-price",
            Self::PublicCost => "public-cost",
            Self::PublicFinance => "public-finance",
            Self::HostRevenue => "host-revenue",
        }
    }

    /// Unit in results, for a mineral on this basis.
    pub fn unit(self, basis: &str) -> String {
        match self {
            Self::Production => basis.to_owned(),
            Self::Price | Self::DeliveredPrice => "USD/t".to_owned(),
            Self::Hhi => "HHI".to_owned(),
            Self::PublicCost | Self::PublicFinance | Self::HostRevenue => "USD".to_owned(),
            _ => "share".to_owned(),
        }
    }

    /// Whether yearly values add up over the years rather than stand for themselves.
    pub const fn accumulates(self) -> bool {
        matches!(self, Self::PublicCost | Self::PublicFinance)
    }
}

/// One indicator of a chain.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Indicator {
    /// What is measured.
    pub measure: Measure,
    /// Stage; absent where the whole chain is meant.
    pub stage: Option<Stage>,
    /// Country or bloc it belongs to; `WLD` for the world.
    pub actor: String,
}

/// The indicators of a chain, in the order that [`measure`] fills.
pub fn indicators(chain: &Chain, roles: &Roles) -> Vec<Indicator> {
    let mut list = Vec::new();
    let (world, host, leader) = (Iso3::WORLD.to_string(), roles.host.to_string(), roles.leader.to_string());
    let mut add =
        |measure, stage, actor: &str| list.push(Indicator { measure, stage, actor: actor.to_owned() });
    for stage in stages(chain) {
        let stage = Some(stage);
        add(Measure::Production, stage, &world);
        add(Measure::Production, stage, &host);
        add(Measure::Price, stage, &world);
        add(Measure::ShareByPlace, stage, &roles.rival);
        add(Measure::ShareByOwner, stage, &roles.rival);
        add(Measure::Hhi, stage, &world);
    }
    for measure in [
        Measure::NetImportReliance,
        Measure::SupplyFromRival,
        Measure::SupplyFromRivalOwned,
        Measure::RivalContent,
        Measure::SupplyFromHost,
        Measure::DeliveredPrice,
        Measure::PublicCost,
        Measure::PublicFinance,
    ] {
        add(measure, None, &leader);
    }
    add(Measure::HostRevenue, None, &host);
    list
}

/// Stages of a chain, first to last.
pub fn stages(chain: &Chain) -> Vec<Stage> {
    if chain.baseline.two_stages { vec![Stage::Mine, Stage::Refine] } else { vec![chain.baseline.last_stage] }
}

/// Values of [`indicators`] for a solved year; not a number where the year has none.
pub fn measure(outcome: &YearOutcome<'_>, roles: &Roles, values: &mut Vec<f64>) {
    let (chain, market, eq) = (outcome.chain, outcome.market, outcome.equilibrium);
    let rival = |c: Iso3| roles.rival_members.contains(&c);
    values.clear();
    for stage in stages(chain) {
        let nodes: Vec<usize> = (0..market.nodes.len()).filter(|&i| market.nodes[i].stage == stage).collect();
        let output: Vec<f64> = nodes.iter().map(|&i| eq.node_output(i)).collect();
        let world: f64 = output.iter().sum();
        let of = |pick: &dyn Fn(usize) -> f64| -> f64 {
            nodes.iter().zip(&output).map(|(&i, o)| pick(i) * o).sum()
        };
        let flag = |yes: bool| if yes { 1.0 } else { 0.0 };
        values.push(world);
        values.push(of(&|i| flag(market.nodes[i].country == roles.host)));
        let priced: f64 = of(&|i| flag(eq.price[i].is_some()));
        values.push(of(&|i| eq.price[i].unwrap_or(0.0)) / priced);
        values.push(of(&|i| flag(rival(market.nodes[i].country))) / world);
        let owned: f64 = nodes.iter().map(|&i| controlled(chain, eq, i, &rival)).sum();
        values.push(owned / world);
        values.push(1e4 * output.iter().map(|o| (o / world).powi(2)).sum::<f64>());
    }
    dependence(chain, market, eq, roles, values);
    let money = outcome.payments;
    let of = |list: &std::collections::BTreeMap<Iso3, f64>, who: Iso3| list.get(&who).copied().unwrap_or(0.0);
    values.push(of(&money.public_cost, roles.leader));
    values.push(of(&money.public_finance, roles.leader));
    values.push(of(&money.host_revenue, roles.host));
}

/// Tonnes of a node's output whose owners a condition picks.
fn controlled(chain: &Chain, eq: &Equilibrium, node: usize, pick: &dyn Fn(Iso3) -> bool) -> f64 {
    let tranches = chain.control[node].iter().zip(&eq.output[node]);
    tranches
        .map(|(owners, output)| {
            output * owners.iter().filter(|(c, _)| pick(*c)).map(|(_, share)| share).sum::<f64>()
        })
        .sum()
}

fn dependence(chain: &Chain, market: &Market, eq: &Equilibrium, roles: &Roles, values: &mut Vec<f64>) {
    let last = chain.baseline.last_stage;
    let rival = |c: Iso3| roles.rival_members.contains(&c);
    let (mut imports, mut exports) = (0.0, 0.0);
    let mut sold = vec![0.0; market.nodes.len()];
    let mut ore = vec![(0.0, 0.0); market.nodes.len()];
    let (mut value, mut bought) = (0.0, 0.0);
    for (a, arc) in market.arcs.iter().enumerate() {
        let flow = eq.flow[a];
        let seller = &market.nodes[arc.from];
        let buyer = market.recipient_country(arc.to);
        if seller.country != buyer && buyer == roles.leader {
            imports += flow;
        }
        if seller.country == roles.leader && seller.country != buyer {
            exports += flow;
        }
        match arc.to {
            Recipient::User(j) if seller.stage == last && buyer == roles.leader => {
                sold[arc.from] += flow;
                bought += flow;
                value += flow * eq.delivered_price[j].unwrap_or(0.0);
            }
            Recipient::Node(k) => {
                ore[k].1 += flow;
                ore[k].0 += if rival(seller.country) { flow } else { 0.0 };
            }
            Recipient::User(_) => {}
        }
    }
    let mut produced = 0.0;
    for (i, node) in market.nodes.iter().enumerate().filter(|(_, n)| n.country == roles.leader) {
        for (t, tranche) in node.tranches.iter().enumerate() {
            // Refining bought ore makes nothing new: it would count twice.
            if tranche.feed != Feed::Ore {
                produced += eq.output[i][t];
            }
        }
    }
    let (mut place, mut owner, mut content, mut host) = (0.0, 0.0, 0.0, 0.0);
    for (i, node) in market.nodes.iter().enumerate().filter(|(i, _)| sold[*i] > 0.0) {
        let output = eq.node_output(i);
        let owned = if output > 0.0 { controlled(chain, eq, i, &rival) / output } else { 0.0 };
        let from_ore: f64 = (0..node.tranches.len())
            .filter(|&t| node.tranches[t].feed == Feed::Ore)
            .map(|t| eq.output[i][t])
            .sum();
        let rival_ore =
            if ore[i].1 > 0.0 && output > 0.0 { ore[i].0 / ore[i].1 * from_ore / output } else { 0.0 };
        place += if rival(node.country) { sold[i] } else { 0.0 };
        owner += sold[i] * owned;
        content += sold[i] * if rival(node.country) { 1.0 } else { rival_ore };
        host += if node.country == roles.host { sold[i] } else { 0.0 };
    }
    values.push((imports - exports) / (imports - exports + produced));
    for part in [place, owner, content, host] {
        values.push(part / bought);
    }
    values.push(value / bought);
}
