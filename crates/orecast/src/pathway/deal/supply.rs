//! Levers that change what is made, recovered or held: technology, recycling, stocks.

use std::collections::BTreeMap;

use super::{Event, Payment, usual_output};
use crate::{
    base::{id::Iso3, unit::Stage},
    market::{Feed, Market, Recipient, curve},
    pathway::{
        calibrate::{RUNNING, SCRAP, normalise},
        chain::{BaseMarket, Chain},
        holding::MOST_REPLACED,
    },
    policy::{
        Lever,
        lever::{Recycling, Stockpile, TechTransfer},
    },
};

/// Highest recovery that technology can reach.
const BEST_RECOVERY: f64 = 0.995;
/// Years in which a stock is sold once prices call for it.
const RELEASE_YEARS: f64 = 2.0;

/// What public stocks hold within a draw, and the prices that their holders look at.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Stocks {
    /// Tonnes held, by the name of the commitment.
    held: BTreeMap<String, f64>,
    /// Last year's mean price over the base price, by stage.
    pub price: BTreeMap<Stage, f64>,
}

/// Imposes a lever on supply; those of other kinds do nothing here.
pub(super) fn impose(
    base: &BaseMarket,
    event: &Event<'_>,
    year: i32,
    market: &mut Market,
    stocks: &mut Stocks,
    payments: &mut Vec<Payment>,
) {
    match &event.commitment.lever {
        Lever::TechTransfer(l) if l.mineral == base.mineral => {
            technology(base, event, l, year, market, payments);
        }
        Lever::Recycling(l) if l.mineral == base.mineral => recycle(base, event, l, year, market),
        Lever::Stockpile(l) if l.mineral == base.mineral => stock(event, l, year, market, stocks, payments),
        _ => {}
    }
}

/// Raises recovery, and opens the stated capacity beside what runs, after the lead time.
fn technology(
    base: &BaseMarket,
    event: &Event<'_>,
    l: &TechTransfer,
    year: i32,
    market: &mut Market,
    payments: &mut Vec<Payment>,
) {
    if let Some(capex) = &l.capex_musd
        && event.from.floor() as i32 == year
    {
        let usd = event.number("capex_musd", capex) * 1e6;
        payments.push(Payment::Technology { payer: event.commitment.payer, usd });
    }
    let starts = event.from + event.number("lead_time_years", &l.lead_time_years);
    if f64::from(year) + 0.5 < starts {
        return;
    }
    let Some(k) = base.node(l.country, base.baseline.last_stage) else { return };
    if let Some(sourcing) = &mut market.nodes[k].sourcing {
        let gain = event.number("recovery_gain", &l.recovery_gain);
        sourcing.recovery = (sourcing.recovery + gain).min(BEST_RECOVERY);
    }
    let Some(tonnes) = l.t_per_year.as_ref().map(|q| event.number("t_per_year", q)) else { return };
    let before = usual_output(market, k, |_, _| true);
    let Some(tranche) = market.nodes[k].tranches.iter_mut().find(|t| t.id == RUNNING) else { return };
    tranche.capacity += tonnes / at_base(tranche.drive);
    if before > 0.0 {
        for arc in market.arcs.iter_mut().filter(|arc| arc.from == k) {
            arc.weight *= 1.0 + tonnes / before;
        }
        normalise(&mut market.arcs);
    }
}

/// Output over capacity at base prices.
fn at_base(drive: f64) -> f64 {
    curve::supply(1.0, drive, 1.0, 1.0, 1.0).value
}

/// Lets scrap at home cover a share of a country's use: its own secondary supply grows and its users turn to it. Where the
/// country makes none of the product, its users buy so much less.
fn recycle(base: &BaseMarket, event: &Event<'_>, l: &Recycling, year: i32, market: &mut Market) {
    let run = f64::from(year) + 0.5 - event.from;
    if run < 0.0 {
        return;
    }
    let reached = (run / event.number("ramp_years", &l.ramp_years).max(0.5)).min(1.0);
    let wanted = event.number("share", &l.share).clamp(0.0, 1.0) * reached;
    let stage = base.baseline.last_stage;
    let Some(j) = market.users.iter().position(|u| u.country == l.country && u.stage == stage) else {
        return;
    };
    let used = market.users[j].demand.quantity;
    let home = base.node(l.country, stage);
    let scrap =
        home.and_then(|i| market.nodes[i].tranches.iter().position(|t| t.id == SCRAP).map(|t| (i, t)));
    let route = scrap.and_then(|(i, _)| {
        market.arcs.iter().position(|arc| arc.from == i && arc.to == Recipient::User(j) && arc.weight > 0.0)
    });
    let today = home.map_or(0.0, |i| usual_output(market, i, |_, t| t.feed == Feed::Scrap));
    let more = (wanted - today / used.max(f64::MIN_POSITIVE)).max(0.0);
    let (Some((i, t)), Some(route)) = (scrap, route) else {
        market.users[j].demand.quantity *= 1.0 - more;
        return;
    };
    let tranche = &mut market.nodes[i].tranches[t];
    tranche.capacity += more * used / at_base(tranche.drive);
    for arc in market.arcs.iter_mut().filter(|arc| arc.to == Recipient::User(j)) {
        arc.weight *= 1.0 - more;
    }
    market.arcs[route].weight += more;
}

/// Buys while the stock fills; sells half of its size a year after a year of high prices.
fn stock(
    event: &Event<'_>,
    l: &Stockpile,
    year: i32,
    market: &mut Market,
    stocks: &mut Stocks,
    payments: &mut Vec<Payment>,
) {
    let now = f64::from(year) + 0.5;
    let Some(j) = market.users.iter().position(|u| u.country == l.holder && u.stage == l.stage) else {
        return;
    };
    if now < event.from {
        return;
    }
    let size = event.number("t", &l.t);
    let fill = event.number("fill_years", &l.fill_years).max(0.5);
    let dear =
        stocks.price.get(&l.stage).copied().unwrap_or(1.0) >= event.number("release_above", &l.release_above);
    let held = stocks.held.entry(event.commitment.id.clone()).or_default();
    let demand = &mut market.users[j].demand.quantity;
    let bought = if dear {
        -(size / RELEASE_YEARS).min(*held).min(MOST_REPLACED * *demand)
    } else if now < event.from + fill {
        (size / fill).min((size - *held).max(0.0))
    } else {
        0.0
    };
    *held += bought;
    *demand += bought;
    payments.push(Payment::Stock { payer: event.commitment.payer, user: j, tonnes: bought });
}

/// Whether technology can open capacity in a country: something must run there.
pub(crate) fn can_open(chain: &Chain, country: Iso3) -> bool {
    chain
        .base
        .node(country, chain.base.baseline.last_stage)
        .is_some_and(|k| chain.base.market.nodes[k].tranches.iter().any(|t| t.id == RUNNING))
}
