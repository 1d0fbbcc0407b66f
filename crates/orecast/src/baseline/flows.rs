//! Trade as observed: flows of a stage with places of transit taken out, and sellers that no table names.

use std::collections::{BTreeMap, BTreeSet};

use super::observed::Prior;
use crate::{
    id::Iso3,
    unit::Grade,
    world::{
        World,
        table::{MineralRow, Stage},
    },
};

/// Flows of a stage between countries, with places of transit taken out: what passes through goes straight from
/// its origins to its destinations, in proportion. A listed hub passes on all it can; any other country passes on
/// exports beyond what it makes.
#[derive(Debug, Default)]
pub(super) struct Flows {
    /// Tonnes by exporter and importer.
    pub tonnes: BTreeMap<(Iso3, Iso3), Prior>,
    /// Tonnes passed through, by place.
    pub transit: BTreeMap<Iso3, f64>,
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
        let mut flows = Self::default();
        for flow in world.flows(&mineral.id, stage, year) {
            let Some(value) = flow.tonnes.filter(|&t| t > 0.0 && flow.exporter != flow.importer) else {
                continue;
            };
            let sigma = match flow.grade {
                Grade::A => 0.15,
                Grade::B => 0.30,
                Grade::C => 0.60,
            };
            flows.add(flow.exporter, flow.importer, Prior { value, sigma, grade: flow.grade });
        }
        let hubs: Vec<Iso3> = world
            .tables()
            .transit
            .iter()
            .filter(|row| row.mineral.as_ref().is_none_or(|m| *m == mineral.id))
            .filter(|row| row.stage.is_none_or(|s| s == stage))
            .map(|row| row.iso3)
            .collect();
        let places: Vec<Iso3> = flows.buyers.keys().copied().collect();
        for place in places {
            let (inflow, outflow) = (flows.bought(place), flows.sold(place));
            let passed = if hubs.contains(&place) {
                inflow.min(outflow)
            } else {
                made(place).map_or(0.0, |made| (outflow - made).clamp(0.0, inflow))
            };
            if passed > 0.0 {
                flows.take_out(place, passed, inflow, outflow);
            }
        }
        flows
    }

    /// Adds to a flow; what joins a flow already seen keeps its doubt.
    fn add(&mut self, from: Iso3, to: Iso3, prior: Prior) {
        self.tonnes.entry((from, to)).and_modify(|old| old.value += prior.value).or_insert(prior);
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

    fn take_out(&mut self, place: Iso3, passed: f64, inflow: f64, outflow: f64) {
        let partners = |of: &BTreeMap<Iso3, BTreeSet<Iso3>>| -> Vec<Iso3> {
            of.get(&place).into_iter().flatten().copied().collect()
        };
        let (origins, destinations) = (partners(&self.sellers), partners(&self.buyers));
        self.transit.insert(place, passed);
        for &origin in &origins {
            let into = self.between(origin, place);
            for &destination in destinations.iter().filter(|&&d| d != origin) {
                let through = passed * (into / inflow) * (self.between(place, destination) / outflow);
                self.add(origin, destination, Prior { value: through, sigma: 0.6, grade: Grade::C });
            }
        }
        for origin in origins {
            self.shrink((origin, place), 1.0 - passed / inflow);
        }
        for destination in destinations {
            self.shrink((place, destination), 1.0 - passed / outflow);
        }
    }

    fn shrink(&mut self, (from, to): (Iso3, Iso3), factor: f64) {
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

/// Countries that sell more than any table says they make are among the publisher's "other countries": what they sell
/// is their output, taken out of that row.
pub(super) fn unnamed_sellers(
    made: &mut BTreeMap<Iso3, Prior>,
    inferred: &mut BTreeSet<Iso3>,
    flows: &Flows,
) {
    const DOUBT: f64 = 0.4;
    const LEFT_UNNAMED: f64 = 0.1;
    let mut found: Vec<(Iso3, f64)> = Vec::new();
    for seller in flows.exporters() {
        let sold = flows.sold(seller);
        let is_named = made.contains_key(&seller) && !inferred.contains(&seller);
        if !is_named && sold > made.get(&seller).map_or(0.0, |p| p.value) {
            found.push((seller, sold));
        }
    }
    let sum: f64 = found.iter().map(|(_, sold)| sold).sum();
    let fit = match made.get_mut(&Iso3::REST) {
        Some(rest) => {
            let room = (1.0 - LEFT_UNNAMED) * rest.value;
            rest.value -= sum.min(room);
            (room / sum).min(1.0)
        }
        None => 1.0,
    };
    for (seller, sold) in found {
        let value = (fit * sold).max(made.get(&seller).map_or(0.0, |p| p.value));
        made.insert(seller, Prior { value, sigma: DOUBT, grade: Grade::C });
        inferred.insert(seller);
    }
}
