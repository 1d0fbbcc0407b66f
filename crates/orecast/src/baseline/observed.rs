//! From published figures to priors: a value and a relative standard deviation for each quantity.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    id::Iso3,
    unit::Grade,
    world::{
        World,
        table::{Flag, MineralRow, ObservationRow, Stage},
    },
};

/// A prior for one quantity.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Prior {
    /// Tonnes contained.
    pub value: f64,
    /// Relative standard deviation.
    pub sigma: f64,
    /// Grade of the evidence.
    pub grade: Grade,
}

/// Output of a stage by country, as far as it is published.
#[derive(Debug, Default)]
pub(super) struct Output {
    /// Countries with a figure (zero included).
    pub known: BTreeMap<Iso3, Prior>,
    /// Countries that are named without a figure: withheld or not available.
    pub unknown: Vec<Iso3>,
    /// Published world total.
    pub world: Option<Prior>,
}

impl Output {
    /// Sum over the countries with a figure, tonnes.
    pub(super) fn total(&self) -> f64 {
        self.known.values().map(|prior| prior.value).sum()
    }
}

/// Relative standard deviation that a grade stands for, when the source gives no range.
fn sigma_of_grade(row: &ObservationRow) -> f64 {
    match (row.grade, row.flag) {
        (Grade::A, Flag::Reported) => 0.05,
        (Grade::A, _) => 0.10,
        (Grade::B, _) => 0.15,
        (Grade::C, _) => 0.50,
    }
}

/// A source's range holds 9 cases in 10: 2 · 1.645 standard deviations of the logarithm.
fn sigma_of_range(row: &ObservationRow) -> Option<f64> {
    let (low, high) = (row.low?, row.high?);
    (low > 0.0 && high > low).then(|| (high / low).ln() / 3.29)
}

/// Output of a stage in a year. A country without a row for the year is taken from the year before, the year after or
/// two years before, in this order, each year of distance adding 10 % of doubt; not where the year has a world total.
pub(super) fn output(world: &World, mineral: &MineralRow, stage: Stage, year: i32) -> Output {
    let mut found = Output::default();
    for (distance, at) in [(0, year), (1, year - 1), (1, year + 1), (2, year - 2)] {
        let rows = world.chosen_production(&mineral.id, stage, at);
        let complete = distance == 0 && rows.values().any(|row| row.value.is_some_and(|v| v > 0.0));
        for (&iso3, row) in &rows {
            if found.known.contains_key(&iso3) || found.unknown.contains(&iso3) {
                continue;
            }
            if distance > 0 && iso3.is_aggregate() {
                continue;
            }
            match prior(world, row, f64::from(distance)) {
                Some(prior) if iso3 == Iso3::WORLD => {
                    if matches!(row.flag, Flag::Reported | Flag::Estimated | Flag::Derived) {
                        found.world = Some(prior);
                    }
                }
                Some(prior) => {
                    found.known.insert(iso3, prior);
                }
                None if distance == 0 && iso3 != Iso3::WORLD => found.unknown.push(iso3),
                None => {}
            }
        }
        // A table with a world total is complete: countries that it does not name are in its "other" row.
        if complete && found.world.is_some() {
            break;
        }
    }
    found
}

fn prior(world: &World, row: &ObservationRow, years_away: f64) -> Option<Prior> {
    let value = match (row.value, row.low, row.high) {
        (Some(value), _, _) => value,
        (None, Some(low), Some(high)) => (low * high).sqrt(),
        _ => return None,
    };
    let own = sigma_of_range(row).unwrap_or_else(|| sigma_of_grade(row)).clamp(0.03, 1.5);
    let spread = world.spread(row).unwrap_or(0.0);
    Some(Prior { value, sigma: own.max(spread) + 0.1 * years_away, grade: row.grade })
}

/// Flows of a stage between countries, with places of transit taken out: what passes through goes straight from
/// its origins to its destinations, in proportion. A listed hub passes on all it can; any other country passes on
/// exports beyond what it makes.
#[derive(Debug, Default)]
pub(super) struct Flows {
    /// Tonnes by exporter and importer.
    pub tonnes: BTreeMap<(Iso3, Iso3), Prior>,
    /// Tonnes passed through, by place.
    pub transit: BTreeMap<Iso3, f64>,
}

impl Flows {
    /// Reads a year's flows; `made` is each country's own output of the stage, where known.
    pub(super) fn read(
        world: &World,
        mineral: &MineralRow,
        stage: Stage,
        year: i32,
        made: &dyn Fn(Iso3) -> Option<f64>,
    ) -> Self {
        let mut tonnes = BTreeMap::new();
        for flow in world.flows(&mineral.id, stage, year) {
            let Some(value) = flow.tonnes.filter(|&t| t > 0.0 && flow.exporter != flow.importer) else {
                continue;
            };
            let sigma = match flow.grade {
                Grade::A => 0.15,
                Grade::B => 0.30,
                Grade::C => 0.60,
            };
            tonnes.insert((flow.exporter, flow.importer), Prior { value, sigma, grade: flow.grade });
        }
        let hubs: Vec<Iso3> = world
            .tables()
            .transit
            .iter()
            .filter(|row| row.mineral.as_ref().is_none_or(|m| *m == mineral.id))
            .filter(|row| row.stage.is_none_or(|s| s == stage))
            .map(|row| row.iso3)
            .collect();
        let mut flows = Self { tonnes, transit: BTreeMap::new() };
        let places: Vec<Iso3> = flows.exporters();
        for place in places {
            let (inflow, outflow) = (flows.total(|_, to| to == place), flows.total(|from, _| from == place));
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

    fn exporters(&self) -> Vec<Iso3> {
        let mut list: Vec<Iso3> = self.tonnes.keys().map(|&(from, _)| from).collect();
        list.dedup();
        list
    }

    /// Sum over the flows that a condition on (exporter, importer) picks.
    pub(super) fn total(&self, pick: impl Fn(Iso3, Iso3) -> bool) -> f64 {
        self.tonnes.iter().filter(|((from, to), _)| pick(*from, *to)).map(|(_, prior)| prior.value).sum()
    }

    fn take_out(&mut self, place: Iso3, passed: f64, inflow: f64, outflow: f64) {
        self.transit.insert(place, passed);
        let arriving: Vec<(Iso3, Prior)> = self
            .tonnes
            .iter()
            .filter(|((_, to), _)| *to == place)
            .map(|(&(from, _), &p)| (from, p))
            .collect();
        let leaving: Vec<(Iso3, Prior)> = self
            .tonnes
            .iter()
            .filter(|((from, _), _)| *from == place)
            .map(|(&(_, to), &p)| (to, p))
            .collect();
        for &(origin, into) in &arriving {
            for &(destination, out) in &leaving {
                if origin == destination {
                    continue;
                }
                let through = passed * (into.value / inflow) * (out.value / outflow);
                let entry = self.tonnes.entry((origin, destination));
                entry.and_modify(|prior| prior.value += through).or_insert(Prior {
                    value: through,
                    sigma: 0.6,
                    grade: Grade::C,
                });
            }
        }
        for (origin, _) in arriving {
            self.shrink((origin, place), 1.0 - passed / inflow);
        }
        for (destination, _) in leaving {
            self.shrink((place, destination), 1.0 - passed / outflow);
        }
    }

    fn shrink(&mut self, key: (Iso3, Iso3), factor: f64) {
        if factor <= 1e-9 {
            self.tonnes.remove(&key);
        } else if let Some(prior) = self.tonnes.get_mut(&key) {
            prior.value *= factor;
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
    let sellers: BTreeSet<Iso3> = flows.tonnes.keys().map(|&(from, _)| from).collect();
    let mut found: Vec<(Iso3, f64)> = Vec::new();
    for seller in sellers {
        let sold = flows.total(|from, _| from == seller);
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

/// Output by country with the withheld filled: what the world total leaves, shared evenly among those without a
/// figure, with wide doubt.
pub(super) fn complete(output: &Output) -> BTreeMap<Iso3, Prior> {
    let mut known: BTreeMap<Iso3, Prior> =
        output.known.iter().filter(|(_, p)| p.value > 0.0).map(|(&c, &p)| (c, p)).collect();
    let left = output.world.map_or(0.0, |world| world.value - output.total());
    let share = left / output.unknown.len() as f64;
    for &country in output.unknown.iter().filter(|_| left > 0.0) {
        known.insert(country, Prior { value: share, sigma: 1.0, grade: Grade::C });
    }
    known
}
