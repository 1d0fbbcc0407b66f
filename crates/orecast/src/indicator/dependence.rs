//! What a group buys, from whom, and what it makes itself.

use std::collections::BTreeMap;

use super::{concentration, mean_price, view::View};
use crate::{
    base::{id::Iso3, unit::Stage},
    market::{Feed, Recipient},
};

/// Picks countries: a group, a bloc, one country.
pub type Pick<'p> = &'p dyn Fn(Iso3) -> bool;

/// Net imports over apparent consumption, all forms counted; negative for a net exporter.
///
/// `N / (N + Q)`: N imports of ore and product from outside less exports to outside, Q what the group mines and makes from
/// scrap (in a chain of one stage, its output). Definition of USGS, Mineral Commodity Summaries, without stocks.
/// Absent where nothing is consumed.
pub fn net_import_reliance(view: &View<'_>, members: Pick<'_>) -> Option<f64> {
    let net_imports = net_imports(view, members, |_| true);
    let produced: f64 = view
        .parts
        .iter()
        // Refining bought ore makes nothing new: it would count twice.
        .filter(|part| part.feed != Feed::Ore && members(view.sellers[part.seller].country))
        .map(|part| part.output)
        .sum();
    ratio(net_imports, net_imports + produced)
}

/// Net imports of what one stage sells over the group's apparent consumption of it: imports from outside less exports to
/// outside, over that plus the stage's output in the group.
pub fn stage_reliance(view: &View<'_>, stage: Stage, members: Pick<'_>) -> Option<f64> {
    ratio(net_imports(view, members, |at| at == stage), consumption(view, stage, members))
}

/// Apparent consumption of what one stage sells: output in the group and net imports, tonnes.
pub fn consumption(view: &View<'_>, stage: Stage, members: Pick<'_>) -> f64 {
    let produced: f64 =
        view.sellers_at(stage).filter(|seller| members(seller.country)).map(|seller| seller.output).sum();
    net_imports(view, members, |at| at == stage) + produced
}

/// Output of a stage in the group over what the group buys of it; above 1 for a net exporter.
pub fn self_sufficiency(view: &View<'_>, stage: Stage, members: Pick<'_>) -> Option<f64> {
    stage_reliance(view, stage, members).map(|reliance| 1.0 - reliance)
}

/// Share of what a group spends at its largest stage below which another stage is a trickle.
const TRICKLE: f64 = 0.15;

/// Whether what a group buys at a stage is next to nothing beside what it buys at another, by value where prices are known:
/// it then says little about what the group depends on.
pub fn is_trickle(view: &View<'_>, stage: Stage, members: Pick<'_>) -> bool {
    let prices = view.stages().iter().map(|&stage| mean_price(view, stage)).collect::<Option<Vec<f64>>>();
    let bought = |at: Stage| -> f64 {
        let tonnes: f64 = view.flows_at(at).filter(|flow| members(flow.buyer)).map(|flow| flow.tonnes).sum();
        let place = view.stages().iter().position(|other| *other == at).unwrap_or_default();
        tonnes * prices.as_ref().map_or(1.0, |prices| prices[place])
    };
    let most = view.stages().iter().map(|&stage| bought(stage)).fold(0.0, f64::max);
    bought(stage) < TRICKLE * most
}

/// Tonnes that the group's refineries and users buy of what a stage sells, by country of the seller, the group's own
/// included.
pub fn suppliers(view: &View<'_>, stage: Stage, members: Pick<'_>) -> BTreeMap<Iso3, f64> {
    let mut bought = BTreeMap::new();
    for flow in view.flows_at(stage).filter(|flow| members(flow.buyer)) {
        *bought.entry(view.origin(flow)).or_default() += flow.tonnes;
    }
    bought
}

/// Number of equal suppliers that would be as concentrated as the group's own, its members counted as one.
pub fn diversification(view: &View<'_>, stage: Stage, members: Pick<'_>) -> Option<f64> {
    let (home, abroad): (Vec<_>, Vec<_>) =
        suppliers(view, stage, members).into_iter().partition(|(country, _)| members(*country));
    let mut amounts: Vec<f64> = abroad.into_iter().map(|(_, tonnes)| tonnes).collect();
    amounts.push(home.into_iter().map(|(_, tonnes)| tonnes).sum());
    concentration::effective_number(&amounts)
}

/// Where the product that a group uses comes from, as shares of it.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Supply {
    /// Tonnes bought.
    pub bought: f64,
    /// Share from the picked countries, by place of the last stage.
    pub by_place: f64,
    /// Share that owners from the picked countries control at the last stage.
    pub by_owner: f64,
    /// Share that was refined in the picked countries or made from their ore.
    pub content: f64,
    /// Mean delivered price, USD/t; not a number where there is none.
    pub price: f64,
}

/// What the users of `buyers` buy of the last stage's product, and how much of it the countries of `from` stand for.
/// The shares are not numbers where nothing is bought.
pub fn supply(view: &View<'_>, buyers: Pick<'_>, from: Pick<'_>) -> Supply {
    let mut sold = vec![0.0; view.sellers.len()];
    let mut ore = vec![(0.0, 0.0); view.sellers.len()];
    let (mut value, mut bought) = (0.0, 0.0);
    for flow in &view.flows {
        let seller = &view.sellers[flow.from];
        match flow.to {
            Recipient::User(user) if seller.stage == view.last_stage && buyers(flow.buyer) => {
                sold[flow.from] += flow.tonnes;
                bought += flow.tonnes;
                value += flow.tonnes * view.users[user].price.unwrap_or(0.0);
            }
            Recipient::Node(refinery) => {
                ore[refinery].1 += flow.tonnes;
                ore[refinery].0 += if from(seller.country) { flow.tonnes } else { 0.0 };
            }
            Recipient::User(_) => {}
        }
    }
    let mut owned = vec![0.0; view.sellers.len()];
    let mut made_of_ore = vec![0.0; view.sellers.len()];
    for part in view.parts.iter().filter(|part| sold[part.seller] > 0.0) {
        owned[part.seller] += part.output * controlled(&part.control, from);
        made_of_ore[part.seller] += if part.feed == Feed::Ore { part.output } else { 0.0 };
    }
    let mut sum = Supply { bought, price: value / bought, ..Supply::default() };
    for (i, seller) in view.sellers.iter().enumerate().filter(|(i, _)| sold[*i] > 0.0) {
        let per_output = |tonnes: f64| if seller.output > 0.0 { tonnes / seller.output } else { 0.0 };
        let from_ore = if ore[i].1 > 0.0 { ore[i].0 / ore[i].1 * per_output(made_of_ore[i]) } else { 0.0 };
        sum.by_place += if from(seller.country) { sold[i] } else { 0.0 };
        sum.by_owner += sold[i] * per_output(owned[i]);
        sum.content += sold[i] * if from(seller.country) { 1.0 } else { from_ore };
    }
    for part in [&mut sum.by_place, &mut sum.by_owner, &mut sum.content] {
        *part /= bought;
    }
    sum
}

/// Share of an output that the picked countries control.
pub fn controlled(owners: &[(Iso3, f64)], pick: Pick<'_>) -> f64 {
    owners.iter().filter(|(country, _)| pick(*country)).map(|(_, share)| share).sum()
}

/// Imports from outside less exports to outside, of the stages that count.
fn net_imports(view: &View<'_>, members: Pick<'_>, counts: impl Fn(Stage) -> bool) -> f64 {
    let (mut imports, mut exports) = (0.0, 0.0);
    for flow in view.flows.iter().filter(|flow| counts(view.sellers[flow.from].stage)) {
        match (members(view.origin(flow)), members(flow.buyer)) {
            (false, true) => imports += flow.tonnes,
            (true, false) => exports += flow.tonnes,
            _ => {}
        }
    }
    imports - exports
}

fn ratio(part: f64, whole: f64) -> Option<f64> {
    (whole > 0.0).then(|| part / whole)
}
