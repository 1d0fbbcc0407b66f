//! Trade as observed: flows of a stage with places of transit taken out, and sellers that no table names.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    observed::{Prior, unaccounted},
    totals::{Passed, passed, with_totals},
};
use crate::{
    base::{
        id::Iso3,
        unit::{Grade, Stage},
    },
    world::{World, table::MineralRow},
};

/// Rerouted flows below this share of all flows of a stage are left out.
const CRUMB: f64 = 1e-7;

/// Flows of a stage between countries, with places of transit taken out: what passes through goes straight from
/// its origins to its destinations, in proportion. A listed hub passes on all it can; any other country passes on
/// exports beyond what it makes.
#[derive(Debug, Default)]
pub(super) struct Flows {
    /// Tonnes by exporter and importer.
    pub tonnes: BTreeMap<(Iso3, Iso3), Prior>,
    /// Tonnes passed through, by place.
    pub transit: BTreeMap<Iso3, f64>,
    /// Places that are listed as hubs: they neither mine nor refine, unless a table says so.
    pub hubs: BTreeSet<Iso3>,
    /// Partners that a country sells to, and buys from.
    buyers: BTreeMap<Iso3, BTreeSet<Iso3>>,
    sellers: BTreeMap<Iso3, BTreeSet<Iso3>>,
}

impl Flows {
    /// Reads a year's flows; `made` is each country's own output of the stage, absent where that is not known.
    pub(super) fn read(
        world: &World,
        mineral: &MineralRow,
        stage: Stage,
        year: i32,
        made: &dyn Fn(Iso3) -> Option<f64>,
    ) -> Self {
        let mut observed: BTreeMap<(Iso3, Iso3), Prior> = BTreeMap::new();
        for flow in world.flows(&mineral.id, stage, year) {
            let Some(value) = flow.tonnes.filter(|&t| t > 0.0 && flow.exporter != flow.importer) else {
                continue;
            };
            let sigma = match flow.grade {
                Grade::A => 0.15,
                Grade::B => 0.30,
                Grade::C => 0.60,
            };
            observed.insert((flow.exporter, flow.importer), Prior { value, sigma, grade: flow.grade });
        }
        let hubs: BTreeSet<Iso3> = world
            .tables()
            .transit
            .iter()
            .filter(|row| row.mineral.as_ref().is_none_or(|m| *m == mineral.id))
            .filter(|row| row.stage.is_none_or(|s| s == stage))
            .map(|row| row.iso3)
            .collect();
        let own: BTreeMap<Iso3, Passed> = with_totals(world, &mineral.id, year)
            .into_iter()
            .filter_map(|c| Some((c, passed(world, &mineral.id, (stage, c, year), made(c))?)))
            .collect();
        let mut grid = Grid::new(&observed);
        let mut transit = grid.take_out_all(|place, inflow, outflow| match own.get(&place) {
            Some(passed) => inflow.min(outflow * passed.of_exports),
            None if hubs.contains(&place) => inflow.min(outflow),
            None => made(place).map_or(0.0, |made| (outflow - made).clamp(0.0, inflow)),
        });
        // A country's own totals say how much passed, customs flows only along which ways.
        for (&place, passed) in &own {
            transit.remove(&place);
            if passed.tonnes > 0.0 {
                transit.insert(place, passed.tonnes);
            }
        }
        let mut flows = Self { transit, hubs, ..Self::default() };
        let crumb = CRUMB * grid.tonnes.iter().sum::<f64>();
        for (from, to, value) in grid.flows() {
            let prior = match observed.get(&(from, to)) {
                Some(seen) if value > 1e-9 * seen.value => Prior { value, ..*seen },
                None if value > crumb => Prior { value, sigma: 0.6, grade: Grade::C },
                _ => continue,
            };
            flows.add(from, to, prior);
        }
        flows
    }

    /// Adds to a flow.
    pub(super) fn add(&mut self, from: Iso3, to: Iso3, prior: Prior) {
        self.tonnes.entry((from, to)).and_modify(|old| old.join(prior)).or_insert(prior);
        self.buyers.entry(from).or_default().insert(to);
        self.sellers.entry(to).or_default().insert(from);
    }

    /// Exports of a country, tonnes.
    pub(super) fn sold(&self, from: Iso3) -> f64 {
        self.buyers.get(&from).into_iter().flatten().map(|&to| self.between(from, to)).sum()
    }

    /// Imports of a country, tonnes.
    pub(super) fn bought(&self, to: Iso3) -> f64 {
        self.sellers.get(&to).into_iter().flatten().map(|&from| self.between(from, to)).sum()
    }

    /// Countries that export.
    pub(super) fn exporters(&self) -> impl Iterator<Item = Iso3> {
        self.buyers.keys().copied()
    }

    /// Countries that import.
    pub(super) fn importers(&self) -> impl Iterator<Item = Iso3> {
        self.sellers.keys().copied()
    }

    fn between(&self, from: Iso3, to: Iso3) -> f64 {
        self.tonnes.get(&(from, to)).map_or(0.0, |prior| prior.value)
    }

    /// Where a country sells more than it makes, either figure is a second source for the other: both doubts are at least
    /// half the gap between their logarithms.
    pub(super) fn widen(&mut self, made: &mut BTreeMap<Iso3, Prior>) {
        for (&seller, buyers) in &self.buyers {
            let sold: f64 = buyers.iter().map(|&to| self.between(seller, to)).sum();
            let Some(own) = made.get_mut(&seller).filter(|own| sold > own.value) else { continue };
            let doubt = (sold / own.value).ln() / 2.0;
            own.sigma = own.sigma.max(doubt);
            for &to in buyers {
                if let Some(flow) = self.tonnes.get_mut(&(seller, to)) {
                    flow.sigma = flow.sigma.max(doubt);
                }
            }
        }
    }

    fn buyers_of(&self, seller: Iso3) -> Vec<Iso3> {
        self.buyers.get(&seller).into_iter().flatten().copied().collect()
    }

    /// What a seller sold comes from the publisher's "other countries".
    fn sell_as_other(&mut self, seller: Iso3) {
        for buyer in self.buyers_of(seller) {
            let Some(prior) = self.tonnes.get(&(seller, buyer)).copied() else { continue };
            self.shrink((seller, buyer), 0.0);
            if buyer != Iso3::REST {
                self.add(Iso3::REST, buyer, prior);
            }
        }
    }

    pub(super) fn shrink(&mut self, (from, to): (Iso3, Iso3), factor: f64) {
        if factor > 1e-9 {
            if let Some(prior) = self.tonnes.get_mut(&(from, to)) {
                prior.value *= factor;
            }
            return;
        }
        self.tonnes.remove(&(from, to));
        for (partners, of, partner) in [(&mut self.buyers, from, to), (&mut self.sellers, to, from)] {
            if let Some(list) = partners.get_mut(&of) {
                list.remove(&partner);
            }
        }
    }
}

/// Flows between all pairs of places, tonnes by seller and buyer.
struct Grid {
    places: Vec<Iso3>,
    tonnes: Vec<f64>,
}

impl Grid {
    fn new(flows: &BTreeMap<(Iso3, Iso3), Prior>) -> Self {
        let names: BTreeSet<Iso3> = flows.keys().flat_map(|&(from, to)| [from, to]).collect();
        let places: Vec<Iso3> = names.into_iter().collect();
        let at: BTreeMap<Iso3, usize> = places.iter().enumerate().map(|(i, &place)| (place, i)).collect();
        let mut tonnes = vec![0.0; places.len() * places.len()];
        for ((from, to), prior) in flows {
            tonnes[at[from] * places.len() + at[to]] = prior.value;
        }
        Self { places, tonnes }
    }

    fn flows(&self) -> impl Iterator<Item = (Iso3, Iso3, f64)> {
        let n = self.places.len();
        self.tonnes.iter().enumerate().map(move |(k, &value)| (self.places[k / n], self.places[k % n], value))
    }

    fn sold(&self, place: usize) -> f64 {
        let n = self.places.len();
        self.tonnes[place * n..(place + 1) * n].iter().sum()
    }

    fn bought(&self, place: usize) -> f64 {
        self.tonnes.iter().skip(place).step_by(self.places.len()).sum()
    }

    /// Takes every place out by what `passed` says of its imports and exports, and returns what passed through.
    fn take_out_all(&mut self, passed: impl Fn(Iso3, f64, f64) -> f64) -> BTreeMap<Iso3, f64> {
        // The largest seller first: an order by name would make results depend on spelling.
        let mut order: Vec<(usize, f64)> = (0..self.places.len()).map(|i| (i, self.sold(i))).collect();
        order.sort_by(|a, b| b.1.total_cmp(&a.1));
        let mut transit = BTreeMap::new();
        for (place, _) in order {
            let (inflow, outflow) = (self.bought(place), self.sold(place));
            let passed = passed(self.places[place], inflow, outflow);
            if passed > 0.0 {
                self.take_out(place, passed, inflow, outflow);
                transit.insert(self.places[place], passed);
            }
        }
        transit
    }

    /// Sends what passes through a place straight from its origins to its destinations, in proportion to both.
    fn take_out(&mut self, place: usize, passed: f64, inflow: f64, outflow: f64) {
        let n = self.places.len();
        let leaving: Vec<(usize, f64)> =
            (0..n).map(|to| (to, self.tonnes[place * n + to])).filter(|(_, tonnes)| *tonnes > 0.0).collect();
        for origin in 0..n {
            let into = self.tonnes[origin * n + place];
            if into <= 0.0 {
                continue;
            }
            for &(destination, out) in leaving.iter().filter(|(to, _)| *to != origin) {
                self.tonnes[origin * n + destination] += passed * (into / inflow) * (out / outflow);
            }
            self.tonnes[origin * n + place] *= 1.0 - passed / inflow;
        }
        for (to, _) in leaving {
            self.tonnes[place * n + to] *= 1.0 - passed / outflow;
        }
    }
}

/// Who may be found to be a maker by what it sells.
#[derive(Debug, Default)]
pub(super) struct Makers {
    /// Countries that some table of any year names as makers, or that have a project.
    pub named: BTreeSet<Iso3>,
    /// Countries of which a table of the year says that they make nothing.
    pub none: BTreeSet<Iso3>,
}

/// Countries that sell more than any table says they make are among the publisher's "other countries": what they sell
/// is their output, taken out of that row, or out of what the world total leaves when there is no such row. Only a country
/// that some table names as a maker becomes one by its sales; what others sell comes from the other countries. Sales for
/// which there is no room, and those of a country whose output is published as nothing, are not output of this chain
/// (secondary metal, stocks, misreporting, or sales of a listed hub beyond its purchases): they are left out and returned
/// by seller.
pub(super) fn unnamed_sellers(
    made: &mut BTreeMap<Iso3, Prior>,
    inferred: &mut BTreeSet<Iso3>,
    flows: &mut Flows,
    total: Option<f64>,
    makers: &Makers,
) -> Vec<(Iso3, f64)> {
    const DOUBT: f64 = 0.4;
    const LEFT_UNNAMED: f64 = 0.1;
    let mut found: Vec<(Iso3, f64)> = Vec::new();
    for seller in flows.exporters() {
        let sold = flows.sold(seller);
        let is_named = made.contains_key(&seller) && !inferred.contains(&seller);
        if seller != Iso3::REST && !is_named && sold > made.get(&seller).map_or(0.0, |p| p.value) {
            found.push((seller, sold));
        }
    }
    let makes_nothing = |flows: &Flows, c: Iso3| flows.hubs.contains(&c) || makers.none.contains(&c);
    let sum: f64 = found.iter().filter(|(c, _)| !makes_nothing(flows, *c)).map(|(_, sold)| sold).sum();
    let held: f64 =
        made.iter().filter(|(c, _)| found.iter().all(|(s, _)| s != *c)).map(|(_, p)| p.value).sum();
    let fit = match (made.get_mut(&Iso3::REST), total) {
        (Some(rest), _) => {
            let room = (1.0 - LEFT_UNNAMED) * rest.value;
            rest.value -= sum.min(room);
            (room / sum).min(1.0)
        }
        (None, Some(total)) => (unaccounted(total, held) / sum).min(1.0),
        (None, None) => 1.0,
    };
    let mut left_out = Vec::new();
    for (seller, sold) in found {
        let fit = if makes_nothing(flows, seller) { 0.0 } else { fit };
        let value = (fit * sold).max(made.get(&seller).map_or(0.0, |p| p.value));
        if value < sold {
            left_out.push((seller, sold - value));
            for buyer in flows.buyers_of(seller) {
                flows.shrink((seller, buyer), value / sold);
            }
        }
        if value <= 0.0 {
            continue;
        }
        let prior = Prior { value, sigma: DOUBT, grade: Grade::C };
        if makers.named.contains(&seller) || made.contains_key(&seller) {
            made.insert(seller, prior);
            inferred.insert(seller);
        } else {
            flows.sell_as_other(seller);
            made.entry(Iso3::REST).and_modify(|rest| rest.value += value).or_insert(prior);
        }
    }
    left_out
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::testing::id;

    fn prior(value: f64) -> Prior {
        Prior { value, sigma: 0.1, grade: Grade::A }
    }

    fn flows(list: &[(&str, &str, f64)]) -> Flows {
        let mut flows = Flows::default();
        for &(from, to, tonnes) in list {
            flows.add(id(from), id(to), prior(tonnes));
        }
        flows
    }

    fn made(list: &[(&str, f64)]) -> BTreeMap<Iso3, Prior> {
        list.iter().map(|&(country, tonnes)| (id(country), prior(tonnes))).collect()
    }

    fn named(list: &[&str]) -> Makers {
        Makers { named: list.iter().map(|country| id(country)).collect(), none: BTreeSet::new() }
    }

    #[test]
    fn whom_no_table_names_sells_what_other_countries_make_and_nothing_where_a_table_says_so() {
        let mut flows = flows(&[("DNK", "USA", 10.0), ("ISR", "USA", 5.0), ("ISR", "JPN", 5.0)]);
        let mut made = made(&[("CHN", 100.0), ("ROW", 20.0)]);
        let makers = Makers { none: [id("ISR")].into(), ..Makers::default() };
        let left_out = unnamed_sellers(&mut made, &mut BTreeSet::new(), &mut flows, Some(120.0), &makers);
        assert_eq!(left_out, [(id("ISR"), 10.0)]);
        assert_eq!(made.keys().collect::<Vec<_>>(), [&id("CHN"), &Iso3::REST]);
        assert_eq!((made[&Iso3::REST].value, flows.sold(Iso3::REST)), (20.0, 10.0));
        assert_eq!(flows.sold(id("DNK")) + flows.sold(id("ISR")), 0.0);
    }

    #[test]
    fn unnamed_sellers_share_the_row_of_other_countries_and_the_rest_of_their_sales_is_left_out() {
        let mut flows = flows(&[("CHN", "USA", 50.0), ("BEL", "USA", 30.0), ("THA", "IND", 90.0)]);
        let mut made = made(&[("CHN", 100.0), ("ROW", 20.0)]);
        let mut inferred = BTreeSet::new();
        let left_out =
            unnamed_sellers(&mut made, &mut inferred, &mut flows, Some(120.0), &named(&["BEL", "THA"]));
        // Nine tenths of the row are shared in proportion to sales.
        assert_eq!(made[&id("BEL")].value, 30.0 * 18.0 / 120.0);
        assert_eq!(made[&id("THA")].value, 90.0 * 18.0 / 120.0);
        assert!((made[&Iso3::REST].value - 2.0).abs() < 1e-12);
        assert_eq!(left_out, [(id("BEL"), 25.5), (id("THA"), 76.5)]);
        assert!((flows.sold(id("THA")) - 13.5).abs() < 1e-12);
        assert_eq!(flows.sold(id("CHN")), 50.0);
    }

    #[test]
    fn a_listed_hub_makes_nothing() {
        let mut flows = flows(&[("SGP", "USA", 30.0), ("BEL", "USA", 20.0)]);
        flows.hubs.insert(id("SGP"));
        let mut made = BTreeMap::new();
        let left_out = unnamed_sellers(&mut made, &mut BTreeSet::new(), &mut flows, None, &named(&["BEL"]));
        assert_eq!(made.keys().collect::<Vec<_>>(), [&id("BEL")]);
        assert_eq!((left_out, flows.sold(id("SGP"))), (vec![(id("SGP"), 30.0)], 0.0));
    }

    #[test]
    fn without_a_table_unnamed_sellers_make_what_they_sell() {
        let mut flows = flows(&[("BEL", "USA", 30.0)]);
        let mut made = BTreeMap::new();
        let left_out = unnamed_sellers(&mut made, &mut BTreeSet::new(), &mut flows, None, &named(&["BEL"]));
        assert_eq!((made[&id("BEL")].value, left_out.len()), (30.0, 0));
    }

    #[test]
    fn output_and_larger_sales_are_two_sources_that_disagree() {
        let mut flows = flows(&[("CHN", "USA", 150.0), ("CHN", "JPN", 50.0), ("KAZ", "USA", 5.0)]);
        let mut made = made(&[("CHN", 50.0), ("KAZ", 10.0)]);
        flows.widen(&mut made);
        let doubt = 4.0_f64.ln() / 2.0;
        assert!((made[&id("CHN")].sigma - doubt).abs() < 1e-12);
        assert!((flows.tonnes[&(id("CHN"), id("JPN"))].sigma - doubt).abs() < 1e-12);
        assert_eq!((made[&id("KAZ")].sigma, flows.tonnes[&(id("KAZ"), id("USA"))].sigma), (0.1, 0.1));
    }

    #[test]
    fn what_passes_through_a_place_goes_straight_from_origins_to_destinations() {
        let seen = flows(&[("ZAF", "MOZ", 80.0), ("ZWE", "MOZ", 20.0), ("MOZ", "CHN", 50.0)]);
        let mut grid = Grid::new(&seen.tonnes);
        let transit = grid.take_out_all(
            |place, inflow, outflow| if place == id("MOZ") { inflow.min(outflow) } else { 0.0 },
        );
        assert_eq!(transit, [(id("MOZ"), 50.0)].into());
        let left: BTreeMap<(Iso3, Iso3), f64> =
            grid.flows().filter(|flow| flow.2 > 0.0).map(|(from, to, tonnes)| ((from, to), tonnes)).collect();
        let expected = [
            ((id("ZAF"), id("CHN")), 40.0),
            ((id("ZAF"), id("MOZ")), 40.0),
            ((id("ZWE"), id("CHN")), 10.0),
            ((id("ZWE"), id("MOZ")), 10.0),
        ];
        assert_eq!(left, expected.into());
    }
}
