//! The ore side of a draft: what stays, what is used as it is, what refineries take in, and what they make from scrap.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use super::{
    Evidence, Quantity, closeness, observed::Prior, priors::PriorSet, totals::with_totals, untraced::Sizes,
};
use crate::{
    base::{
        id::Iso3,
        unit::{Grade, Stage},
    },
    world::{
        World,
        table::{MineralRow, RecyclingRow},
    },
};

/// Ore beyond (or short of) what refining takes is used as it is (or replaced by other feed) from this ratio on.
const MISMATCH: f64 = 1.10;

/// One country's ore: what its refineries need, and what there is.
#[derive(Debug)]
struct OreSite {
    refined: f64,
    /// Whether a table names the country as a refiner.
    named: bool,
    /// Ore that refining takes in.
    need: f64,
    /// Own ore that stays.
    kept: f64,
    /// Ore that stays or arrives.
    available: f64,
    /// Own ore that neither stays nor is seen leaving.
    unexplained: f64,
}

impl OreSite {
    /// Ore beyond what refining takes in.
    fn spare(&self) -> f64 {
        (self.available - self.need).max(0.02 * self.available)
    }
}

impl PriorSet {
    /// Ore kept at home, ore whose destination nobody publishes, ore used as it is, intake, and secondary feed.
    pub(super) fn ore_side(&mut self, world: &World, mineral: &MineralRow, sizes: Option<&Sizes>) {
        let recovery = self.baseline.recovery;
        let places: BTreeSet<Iso3> = self
            .priors
            .keys()
            .filter_map(|q| match *q {
                Quantity::Mined(c) | Quantity::Refined(c) | Quantity::OreFlow(_, c) => Some(c),
                _ => None,
            })
            .collect();
        let scrap_share = secondary_share(world, mineral);
        let refined = self.sum(|q| matches!(q, Quantity::Refined(_)));
        let mined = self.sum(|q| matches!(q, Quantity::Mined(_)));
        let needed = refined * (1.0 - scrap_share) / recovery;
        let surplus = if mined > MISMATCH * needed { mined - needed } else { 0.0 };

        let sold = self.sums(|q| if let Quantity::OreFlow(from, _) = q { Some(from) } else { None });
        let bought = self.sums(|q| if let Quantity::OreFlow(_, to) = q { Some(to) } else { None });
        let of = |sums: &BTreeMap<Iso3, f64>, place| sums.get(&place).copied().unwrap_or(0.0);
        let mut sites: BTreeMap<Iso3, OreSite> = places
            .into_iter()
            .map(|place| {
                let trade = (of(&sold, place), of(&bought, place));
                (place, self.ore_site(place, trade, scrap_share, surplus > 0.0))
            })
            .collect();
        for (&place, site) in &sites {
            let prior = Prior { value: site.kept, sigma: 1.0, grade: Grade::C };
            self.add(Quantity::OreFlow(place, place), prior, Evidence::Inferred);
        }
        self.route_unexplained(world, &mut sites);

        let spare_total: f64 = sites.values().map(OreSite::spare).sum();
        let gap_total: f64 = sites.values().map(|site| scrap_share * site.refined).sum();
        let world_scrap = refined * scrap_share;
        let counted = with_totals(world, &self.baseline.mineral, self.baseline.year);
        for (place, site) in sites {
            let spread =
                if gap_total > 0.0 { world_scrap * scrap_share * site.refined / gap_total } else { 0.0 };
            // Product beyond what the ore at hand can give comes from other feed.
            let scrap = spread.max(site.refined - recovery * site.available).min(0.98 * site.refined);
            let prior = |value: f64, sigma: f64| Prior { value, sigma, grade: Grade::C };
            self.add(Quantity::Scrap(place), prior(scrap, 0.5), Evidence::Inferred);
            let intake = ((site.refined - scrap) / recovery).min(site.available);
            if site.available > 0.0 {
                self.add(Quantity::Intake(place), prior(intake, 1.0), Evidence::Inferred);
            }
            let used = if surplus > 0.0 && spare_total > 0.0 {
                surplus * site.spare() / spare_total
            } else if site.named {
                // A refiner's table figure may be low, so only a clear excess counts.
                (site.available - 1.5 * site.need).max(0.0)
            } else {
                site.spare()
            };
            // Ore that arrives where nothing takes it in must be used there.
            let used = if intake > 0.0 { used } else { site.available };
            let limit =
                sizes.filter(|_| !counted.contains(&place)).map_or(f64::INFINITY, |s| s.limit(place) * mined);
            // Own ore that is neither refined nor seen leaving is not use of it.
            let untraced =
                (used - limit).min(site.kept.min(0.98 * self.prior(Quantity::OreFlow(place, place))));
            if untraced > 0.0 {
                if let Some((kept, _)) = self.priors.get_mut(&Quantity::OreFlow(place, place)) {
                    kept.value -= untraced;
                }
                self.add(Quantity::OreFlow(place, Iso3::UNTRACED), prior(untraced, 0.7), Evidence::Inferred);
                self.add(Quantity::OreUse(Iso3::UNTRACED), prior(untraced, 0.7), Evidence::Inferred);
            }
            self.add(Quantity::OreUse(place), prior(used - untraced.max(0.0), 0.7), Evidence::Inferred);
        }
    }

    fn ore_site(
        &self,
        place: Iso3,
        (sold, bought): (f64, f64),
        scrap_share: f64,
        ore_is_used: bool,
    ) -> OreSite {
        let mined = self.prior(Quantity::Mined(place));
        let (refined, named) = self
            .priors
            .get(&Quantity::Refined(place))
            .map_or((0.0, false), |(prior, evidence)| (prior.value, *evidence == Evidence::Observed));
        let need = refined * (1.0 - scrap_share) / self.baseline.recovery;
        let left = (mined - sold).max(0.05 * mined);
        let kept = if ore_is_used { left } else { left.min((1.2 * need).max(0.05 * mined)) };
        OreSite { refined, named, need, kept, available: kept + bought, unexplained: (left - kept).max(0.0) }
    }

    /// Sends ore that is neither kept nor seen in trade to the refineries that lack it, by need and closeness.
    fn route_unexplained(&mut self, world: &World, sites: &mut BTreeMap<Iso3, OreSite>) {
        const SMALL: f64 = 0.1;
        // A country whose own statistics say what it takes in takes no more.
        let counted: BTreeSet<Iso3> = world
            .trade_totals(&self.baseline.mineral)
            .iter()
            .filter(|row| row.year == self.baseline.year && row.stage != Some(Stage::Refine))
            .map(|row| row.iso3)
            .collect();
        let lacking: Vec<(Iso3, f64)> = sites
            .iter()
            .map(|(&c, s)| (c, (s.need - s.available).max(0.0)))
            .filter(|(c, n)| *n > 0.0 && !counted.contains(c))
            .collect();
        let lack: f64 = lacking.iter().map(|(_, n)| n).sum();
        let unexplained: Vec<(Iso3, f64)> = sites
            .iter()
            .map(|(&c, s)| (c, s.unexplained))
            .filter(|&(c, tonnes)| tonnes > SMALL * self.prior(Quantity::Mined(c)))
            .collect();
        let offered: f64 = unexplained.iter().map(|(_, t)| t).sum();
        let fit = (lack / offered.max(f64::MIN_POSITIVE)).min(1.0);
        for (from, tonnes) in unexplained {
            let pulls: Vec<(Iso3, f64)> = lacking
                .iter()
                .filter(|(to, _)| *to != from)
                .map(|&(to, need)| (to, need * closeness(world, from, to)))
                .collect();
            let total: f64 = pulls.iter().map(|(_, p)| p).sum();
            for (to, pull) in pulls {
                let value = fit * tonnes * pull / total;
                if value > 1e-3 * tonnes {
                    let prior = Prior { value, sigma: 0.8, grade: Grade::C };
                    self.add(Quantity::OreFlow(from, to), prior, Evidence::Inferred);
                    if let Some(site) = sites.get_mut(&to) {
                        site.available += value;
                    }
                }
            }
        }
    }
}

/// Share of refined output that comes from scrap in the world, from the measure that is closest to it.
fn secondary_share(world: &World, mineral: &MineralRow) -> f64 {
    let rows = world.tables().recycling.iter().filter(|row| row.mineral == mineral.id);
    let rank = |metric: &str| match metric {
        "input-rate" => 0,
        "eol-rir" => 1,
        _ => 2,
    };
    let own = |row: &RecyclingRow| Reverse(world.ranks().rank(&row.source));
    rows.min_by_key(|row| (rank(&row.metric), own(row), row.grade)).map_or(0.0, |row| row.mid.clamp(0.0, 0.9))
}
