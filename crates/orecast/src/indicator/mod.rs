//! The numbers that people quote: output, price, shares, concentration, dependence, risk, money.
//!
//! Indicators on quantities are functions of one [`View`], which a balanced year of observations and any solved year of
//! an arm both give. `docs/src/indicators.md` gives each formula in the order of the modules.

pub mod concentration;
pub mod control;
pub mod dependence;
pub mod disruption;
pub mod eu;
pub mod fragmentation;
pub mod geopolrisk;
pub mod governance;
pub mod group;
pub mod nassar;
pub mod support;
pub mod view;
pub(crate) mod walk;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use group::{Group, UnknownGroup};
pub use view::View;

use crate::{
    base::{id::Iso3, unit::Stage},
    pathway::{Chain, YearOutcome},
};
use dependence::{Pick, controlled};

/// Who plays which part in a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Roles {
    /// The country that wants supply.
    pub leader: Iso3,
    /// The country that has it.
    pub host: Iso3,
    /// The bloc that the leader signs for, with its members: their use and dependence count together.
    pub leaders: Option<(String, Vec<Iso3>)>,
    /// The bloc that the host stands for, with its members: their output counts together.
    pub hosts: Option<(String, Vec<Iso3>)>,
    /// Name of the rival bloc.
    pub rival: String,
    /// Members of the rival bloc.
    pub rival_members: Vec<Iso3>,
}

impl Roles {
    /// Name of the leading country or bloc in results.
    pub fn leader_actor(&self) -> String {
        self.leaders.as_ref().map_or_else(|| self.leader.to_string(), |(name, _)| name.clone())
    }

    /// Name of the hosting country or bloc in results.
    pub fn host_actor(&self) -> String {
        self.hosts.as_ref().map_or_else(|| self.host.to_string(), |(name, _)| name.clone())
    }

    /// Whether a country is the leader or one that the leader signs for.
    pub fn leads(&self, country: Iso3) -> bool {
        country == self.leader || self.leaders.as_ref().is_some_and(|(_, members)| members.contains(&country))
    }

    /// Whether a country is the host or one that the host stands for.
    pub fn hosts(&self, country: Iso3) -> bool {
        country == self.host || self.hosts.as_ref().is_some_and(|(_, members)| members.contains(&country))
    }
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
    /// Share of world output made in the three countries that make most.
    TopThreeShare,
    /// Herfindahl-Hirschman index of world output by country of control, 0 to 10,000.
    HhiByOwner,
    /// Share of world output that owners from the three countries that control most have.
    TopThreeShareByOwner,
    /// Output of the actor over what it buys of the stage's product.
    SelfSufficiency,
    /// Output that the actor's owners control, at home and abroad, over what the actor buys of the stage's product.
    SelfSufficiencyByOwner,
    /// Number of equal suppliers that would be as concentrated as those the actor buys the stage's product from.
    Diversification,
    /// The same, with suppliers by country of control.
    DiversificationByOwner,
    /// Share of cross-border trade that stays on one side of the line between the rival bloc and everyone else.
    TradeInsideBlocs,
    /// The same, with sellers by country of control.
    TradeInsideBlocsByOwner,
    /// Delivered price outside the rival bloc over the one inside, less 1.
    PriceGap,
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
            Self::TopThreeShare => "top-three-share",
            Self::HhiByOwner => "hhi-by-owner",
            Self::TopThreeShareByOwner => "top-three-share-by-owner",
            Self::SelfSufficiency => "self-sufficiency",
            Self::SelfSufficiencyByOwner => "self-sufficiency-by-owner",
            Self::Diversification => "diversification",
            Self::DiversificationByOwner => "diversification-by-owner",
            Self::TradeInsideBlocs => "trade-inside-blocs",
            Self::TradeInsideBlocsByOwner => "trade-inside-blocs-by-owner",
            Self::PriceGap => "price-gap",
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
            Self::Hhi | Self::HhiByOwner => "HHI".to_owned(),
            Self::Diversification | Self::DiversificationByOwner => "suppliers".to_owned(),
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
    let (world, host, leader) = (Iso3::WORLD.to_string(), roles.host_actor(), roles.leader_actor());
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
        add(Measure::TopThreeShare, stage, &world);
        add(Measure::HhiByOwner, stage, &world);
        add(Measure::TopThreeShareByOwner, stage, &world);
        add(Measure::SelfSufficiency, stage, &leader);
        add(Measure::SelfSufficiencyByOwner, stage, &leader);
        add(Measure::Diversification, stage, &leader);
        add(Measure::DiversificationByOwner, stage, &leader);
        add(Measure::TradeInsideBlocs, stage, &roles.rival);
        add(Measure::TradeInsideBlocsByOwner, stage, &roles.rival);
    }
    add(Measure::PriceGap, None, &roles.rival);
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
    if chain.base.baseline.two_stages {
        vec![Stage::Mine, Stage::Refine]
    } else {
        vec![chain.base.baseline.last_stage]
    }
}

/// Values of [`indicators`] for a solved year; not a number where the year has none.
pub fn measure(outcome: &YearOutcome<'_>, roles: &Roles, values: &mut Vec<f64>) {
    values.clear();
    quantities(&View::of_outcome(outcome), roles, values);
    let money = outcome.payments;
    let of = |list: &BTreeMap<Iso3, f64>, is: Pick<'_>| -> f64 {
        list.iter().filter(|(who, _)| is(**who)).map(|(_, usd)| usd).sum()
    };
    values.push(of(&money.public_cost, &|country| roles.leads(country)));
    values.push(of(&money.public_finance, &|country| roles.leads(country)));
    values.push(of(&money.host_revenue, &|country| roles.hosts(country)));
}

/// Values of the [`indicators`] on quantities and prices, which come before those on money.
fn quantities(view: &View<'_>, roles: &Roles, values: &mut Vec<f64>) {
    let leader: Pick<'_> = &|country| roles.leads(country);
    let host: Pick<'_> = &|country| roles.hosts(country);
    let rival: Pick<'_> = &|country| roles.rival_members.contains(&country);
    let mut push = |value: Option<f64>| values.push(value.unwrap_or(f64::NAN));
    for &stage in view.stages() {
        let outputs = view.outputs(stage);
        push(Some(outputs.iter().sum()));
        push(Some(output(view, stage, host)));
        push(mean_price(view, stage));
        push(share_by_place(view, stage, rival));
        push(share_by_owner(view, stage, rival));
        push(concentration::hhi(&outputs));
        push(concentration::top_share(&outputs, 3));
        let owned = control::outputs(view, stage);
        push(control::hhi(&owned));
        push(control::top_share(&owned, 3));
        push(dependence::self_sufficiency(view, stage, leader));
        push(control::self_sufficiency(view, stage, leader));
        push(dependence::diversification(view, stage, leader));
        push(control::diversification(view, stage, leader));
        push(fragmentation::trade_inside(view, stage, rival));
        push(control::trade_inside(view, stage, rival));
    }
    push(fragmentation::price_gap(view, view.last_stage, rival));
    push(dependence::net_import_reliance(view, leader));
    let from_rival = dependence::supply(view, leader, rival);
    let from_host = dependence::supply(view, leader, host);
    for share in [from_rival.by_place, from_rival.by_owner, from_rival.content, from_host.by_place] {
        push(Some(share));
    }
    push(Some(from_rival.price));
}

/// Output of a stage in the picked countries, tonnes contained a year.
pub fn output(view: &View<'_>, stage: Stage, pick: Pick<'_>) -> f64 {
    view.sellers_at(stage).filter(|seller| pick(seller.country)).map(|seller| seller.output).sum()
}

/// Mean price at the gate of the sellers that have one, weighted with output, USD/t.
pub fn mean_price(view: &View<'_>, stage: Stage) -> Option<f64> {
    let (mut value, mut sold) = (0.0, 0.0);
    for seller in view.sellers_at(stage) {
        if let Some(price) = seller.price {
            value += price * seller.output;
            sold += seller.output;
        }
    }
    (sold > 0.0).then(|| value / sold)
}

/// Share of world output of a stage made in the picked countries.
pub fn share_by_place(view: &View<'_>, stage: Stage, pick: Pick<'_>) -> Option<f64> {
    let world = output(view, stage, &|_| true);
    (world > 0.0).then(|| output(view, stage, pick) / world)
}

/// Share of world output of a stage that owners from the picked countries control.
pub fn share_by_owner(view: &View<'_>, stage: Stage, pick: Pick<'_>) -> Option<f64> {
    let world = output(view, stage, &|_| true);
    let parts = view.parts.iter().filter(|part| view.sellers[part.seller].stage == stage);
    let owned: f64 = parts.map(|part| part.output * controlled(&part.control, pick)).sum();
    (world > 0.0).then(|| owned / world)
}
