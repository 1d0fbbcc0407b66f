//! Who pays and who gains because of a deal: expected, and at the ends of the range.

use serde::Serialize;

use crate::{
    answer::number::{Style, Unit, figure},
    render::table::{Align, Table},
};
use crate::{
    base::{
        id::{ArmId, Iso3},
        unit::Range,
    },
    ensemble::{
        Ensemble,
        money::{Account, Group},
        range_of,
    },
    indicator::Roles,
    world::World,
};

/// Amounts that are never above this, in US dollars, are not shown.
const SMALL: f64 = 50_000.0;

/// One amount of one arm against the reference, summed from the first year.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Entry {
    /// Arm.
    pub arm: ArmId,
    /// Account.
    #[serde(flatten)]
    pub account: Account,
    /// Last year of the sum.
    pub year: i32,
    /// Mean over the draws, USD: what is to be expected.
    pub expected: f64,
    /// 5, 50 and 95 % over the draws, USD.
    pub range: Range,
}

/// Every account of every arm after the first, summed to a year (by position).
pub fn entries(ensemble: &Ensemble, year: usize) -> Vec<Entry> {
    let mut list = Vec::new();
    for (a, arm) in ensemble.arms.iter().enumerate().skip(1) {
        for (k, &account) in ensemble.accounts.list.iter().enumerate() {
            let amounts = ensemble.amounts(k, a, year);
            list.push(Entry {
                arm: arm.id.clone(),
                account,
                year: ensemble.years[year],
                expected: amounts.iter().sum::<f64>() / amounts.len().max(1) as f64,
                range: range_of(amounts.into_iter()),
            });
        }
    }
    list
}

/// The accounts of the last arm that move, as a table; absent when none does.
pub fn table(world: &World, ensemble: &Ensemble, roles: &Roles, year: usize) -> Option<(String, Table)> {
    let (first, last) = (ensemble.arms.first()?, ensemble.arms.last()?);
    let mut table = Table::new([
        ("Who pays, who gains".to_owned(), Align::Left),
        ("expected".to_owned(), Align::Right),
        ("9 of 10 runs".to_owned(), Align::Right),
    ]);
    let moved = |entry: &Entry| {
        [entry.range.low, entry.range.high, entry.expected].iter().any(|usd| usd.abs() > SMALL)
    };
    let shown: Vec<Entry> =
        entries(ensemble, year).into_iter().filter(|entry| entry.arm == last.id && moved(entry)).collect();
    for entry in &shown {
        let dollars = Unit::parse("USD");
        let style = Style::TERMINAL.difference();
        let whole = figure(Range { mid: entry.expected, ..entry.range }, &dollars, style);
        let text = whole.to_string();
        let (number, range) = text.split_once(" (").map_or((text.as_str(), ""), |(n, r)| (n, r));
        let range = range.trim_end_matches(')');
        table.row([label(world, roles, entry.account), number.to_owned(), range.to_owned()]);
    }
    (!shown.is_empty()).then(|| {
        let from = ensemble.years[0];
        let heading = format!(
            "Money under {} against {}, {from} to {} together, not discounted; a treasury's plus is spending, \
             any other plus is gain:",
            last.id, first.id, ensemble.years[year]
        );
        (heading, table)
    })
}

pub(super) fn label(world: &World, roles: &Roles, account: Account) -> String {
    let name = |iso3: Iso3| world.country(iso3).map_or_else(|| iso3.to_string(), |row| row.name.clone());
    let whose = |group: Group| match group {
        Group::Leader => roles.leaders.as_ref().map_or_else(|| name(roles.leader), |(bloc, _)| bloc.clone()),
        Group::Host => roles.hosts.as_ref().map_or_else(|| name(roles.host), |(bloc, _)| bloc.clone()),
        Group::Rival => roles.rival_members.first().map_or_else(|| roles.rival.clone(), |&c| name(c)),
        Group::Others => "everywhere else".to_owned(),
    };
    match account {
        Account::Treasury { payer, kind } => format!("treasury, {}: {}", name(payer), kind.as_str()),
        Account::Producers { group } => format!("producers, {}", whose(group)),
        Account::Buyers { group } => format!("buyers, {}", whose(group)),
        Account::Duties { group } => format!("duties collected, {}", whose(group)),
    }
}
