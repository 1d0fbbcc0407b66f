//! Goods that were sold and whose user nobody knows: they are a row of their own, not use of the country that booked them.
//!
//! Three things put them there: a place of transit keeps what it bought and does not use; a customs code that several
//! minerals share books to a small economy what it could not use; ore is neither refined nor seen leaving where it was mined.

use std::collections::{BTreeMap, BTreeSet};

use super::{flows::Flows, observed::Prior};
use crate::{
    base::{
        id::Iso3,
        unit::{Grade, Stage},
    },
    world::{World, table::MineralRow},
};

/// Times its size as a user of minerals that a country may use of one of them before more counts as not traced.
const TIMES_SIZE: f64 = 10.0;
/// Shares of world use below this are not looked at.
const SMALLEST: f64 = 0.005;
/// Importers that a year's trade must have for sizes to mean anything.
const IMPORTERS: usize = 30;
/// Doubt of a flow that is not traced.
const DOUBT: f64 = 0.6;

/// How large countries are as users of minerals: the larger of the share in the value of all imports of minerals, and of
/// the median over minerals of the share in what is used.
#[derive(Debug)]
pub(super) struct Sizes(BTreeMap<Iso3, f64>);

impl Sizes {
    /// Absent where too few countries trade for a size to mean anything.
    pub(super) fn read(world: &World, year: i32) -> Option<Self> {
        let mut value: BTreeMap<Iso3, f64> = BTreeMap::new();
        let mut shares: BTreeMap<Iso3, Vec<f64>> = BTreeMap::new();
        let mut lists = 0;
        for mineral in world.market_minerals() {
            for stage in [Stage::Mine, Stage::Refine] {
                let rows = world.trade(&mineral.id, stage, year);
                for row in rows {
                    *value.entry(row.importer).or_default() += row.kusd.unwrap_or(0.0);
                }
                let mut used: BTreeMap<Iso3, f64> = world
                    .chosen_production(&mineral.id, stage, year)
                    .into_iter()
                    .filter_map(|(country, row)| Some((country, row.value?)))
                    .collect();
                let named: f64 = used.iter().filter(|(c, _)| **c != Iso3::WORLD).map(|(_, t)| t).sum();
                let total = used.remove(&Iso3::WORLD).unwrap_or(0.0).max(named);
                if total <= 0.0 {
                    continue;
                }
                for row in rows {
                    let tonnes = row.tonnes.unwrap_or(0.0);
                    *used.entry(row.importer).or_default() += tonnes;
                    *used.entry(row.exporter).or_default() -= tonnes;
                }
                lists += 1;
                for (country, tonnes) in used {
                    shares.entry(country).or_default().push(tonnes.max(0.0) / total);
                }
            }
        }
        let all: f64 = value.values().sum();
        if value.values().filter(|kusd| **kusd > 0.0).count() < IMPORTERS {
            return None;
        }
        let mut sizes: BTreeMap<Iso3, f64> = value.into_iter().map(|(c, kusd)| (c, kusd / all)).collect();
        for (country, list) in shares {
            let entry = sizes.entry(country).or_default();
            *entry = entry.max(median(list, lists));
        }
        Some(Self(sizes))
    }

    /// A country's share of the world's use of minerals.
    pub(super) fn of(&self, country: Iso3) -> f64 {
        self.0.get(&country).copied().unwrap_or(0.0)
    }

    /// The share of the world's use of one mineral beyond which a country's use is not believed.
    pub(super) fn limit(&self, country: Iso3) -> f64 {
        if country.is_aggregate() { 1.0 } else { (TIMES_SIZE * self.of(country)).max(SMALLEST) }
    }
}

/// The median of a list that stands for `length` values, the missing ones 0.
fn median(mut list: Vec<f64>, length: usize) -> f64 {
    list.resize(length.max(list.len()), 0.0);
    list.sort_by(f64::total_cmp);
    let half = list.len() / 2;
    match list.len() {
        0 => 0.0,
        odd if odd % 2 == 1 => list[half],
        _ => f64::midpoint(list[half - 1], list[half]),
    }
}

impl Flows {
    /// Sends what a country bought and cannot be thought to use to [`Iso3::UNTRACED`]. `made` is its own output, which stays;
    /// `exempt` countries publish their own totals.
    pub(super) fn trace(
        &mut self,
        world: &World,
        (mineral, stage): (&MineralRow, Stage),
        sizes: &Sizes,
        made: &BTreeMap<Iso3, Prior>,
        exempt: &BTreeSet<Iso3>,
    ) {
        let total: f64 = made.values().map(|prior| prior.value).sum();
        let only_passes: BTreeSet<Iso3> = world
            .tables()
            .transit
            .iter()
            .filter(|row| row.mineral.as_ref() == Some(&mineral.id) && row.stage.is_none_or(|s| s == stage))
            .map(|row| row.iso3)
            .collect();
        let buyers: Vec<Iso3> =
            self.importers().filter(|c| !c.is_aggregate() && !exempt.contains(c)).collect();
        for buyer in buyers {
            let makes = made.get(&buyer).map_or(0.0, |prior| prior.value);
            let bought = self.bought(buyer);
            let used = (makes + bought - self.sold(buyer)).min(bought);
            let shared = self.shared(buyer);
            let excess = if makes > 0.0 {
                // Who makes it is thought to have a use for more of it.
                0.0
            } else if only_passes.contains(&buyer) {
                used
            } else if self.hubs.contains(&buyer) {
                used - sizes.of(buyer) * total
            } else {
                (used - sizes.limit(buyer) * total).min(shared)
            };
            if excess <= 0.0 || used <= SMALLEST * total {
                continue;
            }
            let is_hub = self.hubs.contains(&buyer);
            let of = if is_hub { bought } else { shared };
            self.divert(buyer, excess / of, |grade| is_hub || grade == Grade::C);
        }
    }

    /// What a country bought under codes that several minerals share, tonnes.
    fn shared(&self, buyer: Iso3) -> f64 {
        let into = self.tonnes.iter().filter(|((_, to), prior)| *to == buyer && prior.grade == Grade::C);
        into.map(|(_, prior)| prior.value).sum()
    }

    /// Sends a part of what a country bought to [`Iso3::UNTRACED`].
    fn divert(&mut self, buyer: Iso3, part: f64, takes: impl Fn(Grade) -> bool) {
        let part = part.clamp(0.0, 1.0);
        let into: Vec<(Iso3, f64)> = self
            .tonnes
            .iter()
            .filter(|((_, to), prior)| *to == buyer && takes(prior.grade))
            .map(|((from, _), prior)| (*from, prior.value))
            .collect();
        for (from, value) in into {
            self.shrink((from, buyer), 1.0 - part);
            let prior = Prior { value: part * value, sigma: DOUBT, grade: Grade::C };
            self.add(from, Iso3::UNTRACED, prior);
        }
    }
}
