//! What interventions do: prices, use, losses, gains, rents and flows of a disturbed market against its undisturbed base.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Serialize, Serializer};

use crate::{
    base::{
        draw::Draw,
        id::Iso3,
        unit::{Range, Stage},
    },
    market::{Equilibrium, LimitKind, Market, Recipient, Status, User, curve},
    policy::{Lever, lever::Restriction},
};

use crate::studies::shock::{
    interventions::Intervention,
    market::{LEAKAGE, ShockMarket},
    surplus::{CHOKE, producer_gain, user_loss},
};

/// US dollars in a million.
const MILLION: f64 = 1e6;

/// Price over the base price beyond which the model's curves were not made: what lies further is a lower bound.
pub const CALIBRATED: f64 = 5.0;

/// A price over its base price as files hold it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct PriceRatio {
    /// The three points; all are [`CALIBRATED`] where the middle lies beyond it.
    #[serde(flatten)]
    pub range: Range,
    /// Whether the price is this or more.
    pub at_least: bool,
}

impl From<Range> for PriceRatio {
    fn from(range: Range) -> Self {
        let at_least = range.mid > CALIBRATED;
        Self { range: if at_least { Range::exact(CALIBRATED) } else { range }, at_least }
    }
}

/// Writes a price over its base price as [`PriceRatio`].
pub(crate) fn price_ratio<S: Serializer>(range: &Range, to: S) -> Result<S::Ok, S::Error> {
    PriceRatio::from(*range).serialize(to)
}

/// Where a seller stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Zone {
    /// Among those whose sales are held back.
    Inside,
    /// Everybody else.
    Outside,
}

/// What earns money that neither producers nor users earn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rent {
    /// The right to export under a quota or licence.
    Licences,
    /// Bringing out what is banned.
    Smuggling,
    /// A tax on exports.
    ExportTax,
    /// A duty on imports.
    ImportDuty,
}

impl Rent {
    /// The word in files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Licences => "licences",
            Self::Smuggling => "smuggling",
            Self::ExportTax => "export-tax",
            Self::ImportDuty => "import-duty",
        }
    }
}

/// One number that is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// Mean sellers' price over the base price.
    Price(Stage, Zone),
    /// Price delivered to a country's users over the base price.
    Delivered(Iso3),
    /// What a country's users buy less, tonnes.
    Shortage(Iso3),
    /// Part of it that stocks stand in for, tonnes.
    FromStocks(Iso3),
    /// Loss of a country's users, USD.
    Loss(Iso3),
    /// What a country's users pay more in all, USD.
    Bill(Iso3),
    /// Gain of a country's producers, USD.
    Gain(Iso3),
    /// Change of a country's output at a stage, tonnes.
    Output(Stage, Iso3),
    /// Money from a restriction and who gets it, USD.
    Rent(Rent, Iso3),
    /// Change of a flow, tonnes.
    Flow(Stage, Iso3, Iso3),
}

/// Stands for all countries that do not restrict, where sums are meant.
pub const OUTSIDE: Iso3 = Iso3::REST;

/// Measured numbers by key.
pub type Effects = BTreeMap<Key, f64>;

/// A disturbed market with its solution.
pub(super) struct Disturbed<'a> {
    pub shock: &'a ShockMarket,
    pub interventions: &'a [&'a Intervention],
    pub draw: Draw,
    /// The market before anything is imposed.
    pub before: &'a Market,
    pub after: &'a Market,
    pub equilibrium: &'a Equilibrium,
}

/// Use given up and tonnes taken from stocks by a user at a delivered price; absent: nothing can be had.
fn shortage(user: &User, bought: f64, price: Option<f64>, use_elasticity: f64) -> (f64, f64) {
    let d = &user.demand;
    let short = d.quantity - bought;
    let used = price.map_or(0.0, |p| {
        curve::demand(d.quantity, use_elasticity.min(d.elasticity), d.backstop, user.base_price, p).value
    });
    (short, (used - bought).clamp(0.0, short.max(0.0)))
}

/// What the producers of some countries gain, USD.
pub(crate) fn on_producers(
    shock: &ShockMarket,
    market: &Market,
    eq: &Equilibrium,
    countries: &[Iso3],
) -> f64 {
    let ore = ore_costs(market, eq);
    let own = market.nodes.iter().enumerate().filter(|(_, node)| countries.contains(&node.country));
    own.map(|(i, node)| producer_gain(node, node, eq.price[i], ore[i], shock.base.prices.mine)).sum()
}

/// What happens to the users of some countries.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct OnUsers {
    /// What they bought before, tonnes.
    pub use_t: f64,
    /// The same at base prices, million USD.
    pub use_musd: f64,
    /// What they buy less, tonnes.
    pub shortage_t: f64,
    /// Part of it that stocks stand in for, tonnes.
    pub from_stocks_t: f64,
    /// What the rest costs more, million USD; a price counts up to where a use counts as worth nothing.
    pub dearer_musd: f64,
    /// Area beside the demand curve, million USD.
    pub loss_musd: f64,
    /// Delivered price of the last stage over its base price, mean over what was bought before; absent where nothing can
    /// be had.
    pub price: Option<f64>,
}

/// What happens to the users of some countries; `own` is the elasticity of use itself, without stocks.
pub(crate) fn on_users(
    market: &Market,
    eq: &Equilibrium,
    countries: &[Iso3],
    last: Stage,
    own: f64,
) -> OnUsers {
    let (mut sum, mut price_sum, mut priced) = (OnUsers::default(), 0.0, 0.0);
    for (j, user) in market.users.iter().enumerate().filter(|(_, u)| countries.contains(&u.country)) {
        let (price, bought) = (eq.delivered_price[j], user.demand.quantity);
        let (short, stocks) = shortage(user, eq.used[j], price, own);
        sum.use_t += bought;
        sum.use_musd += bought * user.base_price / MILLION;
        sum.shortage_t += short;
        sum.from_stocks_t += stocks;
        let rise = price.map_or(0.0, |p| p.min(CHOKE * user.base_price) - user.base_price);
        sum.dearer_musd += rise * eq.used[j] / MILLION;
        sum.loss_musd += user_loss(user, price) / MILLION;
        if let Some(price) = price.filter(|_| user.stage == last) {
            price_sum += bought * price / user.base_price;
            priced += bought;
        }
    }
    sum.price = (priced > 0.0).then(|| price_sum / priced);
    sum
}

/// What ore costs each refinery, USD/t: its index over the open routes; infinite where none is open.
fn ore_costs(market: &Market, eq: &Equilibrium) -> Vec<f64> {
    let mut extra = vec![0.0; market.arcs.len()];
    for (limit, multiplier) in market.limits.iter().zip(&eq.multiplier) {
        let sign = if limit.kind == LimitKind::Cap { 1.0 } else { -1.0 };
        limit.terms().for_each(|(a, weight)| extra[a] += sign * weight * multiplier);
    }
    let mut sums = vec![0.0; market.nodes.len()];
    for (a, arc) in market.arcs.iter().enumerate().filter(|(_, arc)| !arc.banned) {
        let (Recipient::Node(k), Some(price)) = (arc.to, eq.price[arc.from]) else { continue };
        let Some(sourcing) = market.nodes[k].sourcing else { continue };
        // Against the base price, so that no term is too small to count.
        let landed = price * (1.0 + arc.duty) + arc.cost + extra[a] - market.nodes[arc.from].base_price;
        sums[k] += arc.weight * (-sourcing.theta * landed).exp();
    }
    let base = |k: usize| {
        let mut sellers = market.arcs.iter().filter(|arc| arc.to == Recipient::Node(k));
        sellers.next().map_or(0.0, |arc| market.nodes[arc.from].base_price)
    };
    let index = |(k, sum): (usize, &f64)| match market.nodes[k].sourcing {
        Some(sourcing) => base(k) - sum.ln() / sourcing.theta,
        None => 0.0,
    };
    sums.iter().enumerate().map(index).collect()
}

impl Disturbed<'_> {
    /// Everything that is measured; nothing when there is no solution.
    pub(crate) fn measure(&self) -> Option<Effects> {
        if self.equilibrium.status != Status::Converged {
            return None;
        }
        let mut found = Effects::new();
        self.sellers(&mut found);
        self.users(&mut found);
        self.rents(&mut found);
        self.flows(&mut found);
        self.sums(&mut found);
        Some(found)
    }

    /// Sums over all countries, and over those that do not restrict.
    fn sums(&self, found: &mut Effects) {
        let inside = self.inside();
        let mut sums = Effects::new();
        for (key, value) in found.iter() {
            let (of, country): (fn(Iso3) -> Key, Iso3) = match *key {
                Key::Shortage(c) => (Key::Shortage, c),
                Key::FromStocks(c) => (Key::FromStocks, c),
                Key::Loss(c) => (Key::Loss, c),
                Key::Bill(c) => (Key::Bill, c),
                Key::Gain(c) => (Key::Gain, c),
                _ => continue,
            };
            *sums.entry(of(Iso3::WORLD)).or_default() += value;
            if !inside.contains(&country) {
                *sums.entry(of(OUTSIDE)).or_default() += value;
            }
        }
        found.extend(sums);
    }

    fn inside(&self) -> BTreeSet<Iso3> {
        self.interventions.iter().flat_map(|m| m.restricted.iter().copied()).collect()
    }

    fn sellers(&self, found: &mut Effects) {
        let (eq, market) = (self.equilibrium, self.after);
        let ore = ore_costs(market, eq);
        let inside = self.inside();
        let mut mean: BTreeMap<(Stage, Zone), (f64, f64)> = BTreeMap::new();
        for (i, node) in market.nodes.iter().enumerate() {
            let output = eq.node_output(i);
            let base: f64 = self.shock.base_output(i);
            let zone = if inside.contains(&node.country) { Zone::Inside } else { Zone::Outside };
            let entry = mean.entry((node.stage, zone)).or_default();
            if let Some(price) = eq.price[i] {
                // Below nothing, a price says that nobody takes the output.
                entry.0 += (price / node.base_price).max(0.0) * output;
                entry.1 += output;
            }
            let base_ore = self.shock.base.prices.mine;
            let gain = producer_gain(&self.before.nodes[i], node, eq.price[i], ore[i], base_ore);
            *found.entry(Key::Gain(node.country)).or_default() += gain;
            *found.entry(Key::Output(node.stage, node.country)).or_default() += output - base;
        }
        for ((stage, zone), (sum, weight)) in mean {
            let price = if weight > 0.0 { sum / weight } else { f64::NAN };
            found.insert(Key::Price(stage, zone), price);
        }
    }

    fn users(&self, found: &mut Effects) {
        let (eq, market) = (self.equilibrium, self.after);
        let last = self.shock.base.baseline.last_stage;
        let own = self.shock.responses(self.draw).demand;
        for (j, user) in market.users.iter().enumerate() {
            let price = eq.delivered_price[j];
            let (short, stocks) = shortage(user, eq.used[j], price, own);
            let mut add = |key, value: f64| *found.entry(key).or_default() += value;
            add(Key::Shortage(user.country), short);
            add(Key::FromStocks(user.country), stocks);
            add(Key::Loss(user.country), user_loss(user, price));
            let paid = price.map_or(0.0, |p| p * eq.used[j]);
            add(Key::Bill(user.country), paid - user.base_price * user.demand.quantity);
            if user.stage == last {
                let ratio = price.map_or(f64::NAN, |p| p / user.base_price);
                found.insert(Key::Delivered(user.country), ratio);
            }
        }
    }

    fn rents(&self, found: &mut Effects) {
        let (eq, market) = (self.equilibrium, self.after);
        for (limit, multiplier) in market.limits.iter().zip(&eq.multiplier) {
            // A cap on a share takes from one source what it gives to the others, so it earns nothing.
            if limit.kind != LimitKind::Cap || !limit.weights.is_empty() {
                continue;
            }
            let kind = if limit.id.starts_with(LEAKAGE) { Rent::Smuggling } else { Rent::Licences };
            for &a in &limit.arcs {
                let seller = market.nodes[market.arcs[a].from].country;
                *found.entry(Key::Rent(kind, seller)).or_default() += multiplier * eq.flow[a];
            }
        }
        for event in self.shock.events(self.interventions, self.draw) {
            let (kind, stage, exporters, importers, percent, per_tonne) = match &event.commitment.lever {
                Lever::Duty(l) => {
                    (Rent::ImportDuty, l.stage, &l.exporters, &l.importers, &l.percent, &l.usd_per_t)
                }
                Lever::ExportRestriction(l) if l.kind == Restriction::Tax => {
                    (Rent::ExportTax, l.stage, &l.exporters, &l.importers, &l.percent, &None)
                }
                _ => continue,
            };
            let rate = percent.as_ref().map_or(0.0, |q| event.number("percent", q) / 100.0);
            let fixed = per_tonne.as_ref().map_or(0.0, |q| event.number("usd_per_t", q));
            for a in market.arcs_abroad(Some(stage), exporters, importers) {
                let arc = &market.arcs[a];
                let Some(price) = eq.price[arc.from] else { continue };
                let who = match kind {
                    Rent::ImportDuty => market.recipient_country(arc.to),
                    _ => market.nodes[arc.from].country,
                };
                *found.entry(Key::Rent(kind, who)).or_default() += (rate * price + fixed) * eq.flow[a];
            }
        }
    }

    fn flows(&self, found: &mut Effects) {
        let market = self.after;
        for (a, arc) in market.arcs.iter().enumerate() {
            let seller = &market.nodes[arc.from];
            let key = Key::Flow(seller.stage, seller.country, market.recipient_country(arc.to));
            let change = self.equilibrium.flow[a] - self.shock.base.market.base_flow(a);
            *found.entry(key).or_default() += change;
        }
    }
}

impl ShockMarket {
    /// Output of a node in the base year, tonnes.
    pub(crate) fn base_output(&self, node: usize) -> f64 {
        let tranches = &self.base.market.nodes[node].tranches;
        tranches.iter().map(|t| curve::supply(t.capacity, t.drive, 1.0, 1.0, 1.0).value).sum()
    }

    /// Use of a country in the base year, tonnes, at all stages.
    pub(crate) fn base_use(&self, country: Iso3) -> f64 {
        let users = self.base.market.users.iter().filter(|u| u.country == country);
        users.map(|u| u.demand.quantity).sum()
    }

    /// Flow between two countries in the base year, tonnes.
    pub(crate) fn base_trade(&self, stage: Stage, from: Iso3, to: Iso3) -> f64 {
        let market = &self.base.market;
        let fits = |&a: &usize| {
            let seller = &market.nodes[market.arcs[a].from];
            seller.stage == stage
                && seller.country == from
                && market.recipient_country(market.arcs[a].to) == to
        };
        (0..market.arcs.len()).filter(fits).map(|a| market.base_flow(a)).sum()
    }
}
