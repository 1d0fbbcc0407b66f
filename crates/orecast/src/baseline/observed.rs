//! From published figures to priors: a value and a relative standard deviation for each quantity.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    base::{
        id::Iso3,
        unit::{Grade, Stage},
    },
    world::{
        World,
        choice::{Product, counts},
        table::{Flag, MineralRow, ObservationRow},
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

impl Prior {
    /// Adds another part of the same quantity. Both keep their say whatever their order: the mean doubt, the worst grade.
    pub(super) fn join(&mut self, other: Self) {
        let sum = self.value + other.value;
        if sum > 0.0 {
            self.sigma = (self.sigma * self.value + other.sigma * other.value) / sum;
        }
        self.value = sum;
        self.grade = self.grade.max(other.grade);
    }
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

/// Countries that some table of any year names as makers of a stage's product, or that have a project of it.
pub(super) fn ever_named(world: &World, mineral: &MineralRow, stage: Stage) -> BTreeSet<Iso3> {
    let tables = world.tables();
    let figures = [&tables.production, &tables.capacity].into_iter();
    let rows = figures.flat_map(|table| World::of_mineral(table, &mineral.id));
    let makes = |row: &&ObservationRow| row.value.or(row.high).is_none_or(|tonnes| tonnes > 0.0);
    let of_stage = |row: &&ObservationRow| row.stage == stage && counts(row, Product::Usual, mineral);
    let named = rows.filter(of_stage).filter(makes).map(|row| row.iso3);
    let projects = world.projects(&mineral.id).iter().map(|project| project.iso3);
    named.chain(projects).filter(|country| !country.is_aggregate()).collect()
}

/// Part of the refined output that ore would give which is taken at least; where a table of refiners exists, most of
/// that ore goes elsewhere.
pub(super) const ELSEWHERE: f64 = 0.1;
/// Part of a published world total that countries without a figure may make beyond it.
const BEYOND_TOTAL: f64 = 0.03;

/// Share of the refined output that ore would give which is taken where no table names the country: what the world total
/// leaves, at most all and at least the lesser of [`ELSEWHERE`] and what makes [`BEYOND_TOTAL`]; without a total,
/// [`ELSEWHERE`] where there is a table of refiners.
pub(super) fn unpublished_share(made: &Output, known: &BTreeMap<Iso3, Prior>, implied: f64) -> f64 {
    let sum: f64 = known.values().map(|prior| prior.value).sum();
    match made.world {
        Some(total) => {
            let least = ELSEWHERE.min(BEYOND_TOTAL * total.value / implied);
            ((total.value - sum) / implied).clamp(least, 1.0)
        }
        None if made.known.len() > 2 => ELSEWHERE,
        None => 1.0,
    }
}

/// What a world total holds beyond the countries' sum, tonnes; up to 1 % of it is rounding.
pub(super) fn unaccounted(total: f64, sum: f64) -> f64 {
    const ROUNDING: f64 = 0.01;
    if total - sum > ROUNDING * total { total - sum } else { 0.0 }
}

/// What a world total holds beyond all countries is output of other countries.
pub(super) fn fill_up(made: &mut BTreeMap<Iso3, Prior>, total: Option<f64>) {
    let left = total.map_or(0.0, |total| unaccounted(total, made.values().map(|prior| prior.value).sum()));
    if left > 0.0 {
        let unnamed = Prior { value: 0.0, sigma: 0.5, grade: Grade::C };
        made.entry(Iso3::REST).or_insert(unnamed).value += left;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::id;

    fn prior(value: f64) -> Prior {
        Prior { value, sigma: 0.1, grade: Grade::A }
    }

    fn table(countries: &[(&str, f64)], world: Option<f64>) -> Output {
        let known = countries.iter().map(|&(country, tonnes)| (id(country), prior(tonnes))).collect();
        Output { known, unknown: Vec::new(), world: world.map(prior) }
    }

    #[test]
    fn ore_fills_what_a_world_total_leaves_and_no_more() {
        let named = [("CHN", 60.0), ("KAZ", 10.0)];
        let share = |made: &Output, implied| unpublished_share(made, &made.known, implied);
        assert_eq!(share(&table(&named, Some(100.0)), 60.0), 0.5);
        assert_eq!(share(&table(&named, Some(100.0)), 20.0), 1.0);
        assert_eq!(share(&table(&named, Some(70.0)), 20.0), 0.1);
        assert_eq!(share(&table(&named, None), 20.0), 1.0);
        assert_eq!(share(&table(&[named[0], named[1], ("VNM", 1.0)], None), 20.0), 0.1);
    }

    #[test]
    fn what_is_left_of_a_world_total_is_output_of_other_countries() {
        let mut made = table(&[("CHN", 60.0), ("ROW", 5.0)], None).known;
        fill_up(&mut made, Some(100.0));
        assert_eq!(made[&Iso3::REST].value, 40.0);
        fill_up(&mut made, Some(100.5));
        assert_eq!(made[&Iso3::REST].value, 40.0, "less than 1 % is rounding");
        fill_up(&mut made, None);
        assert_eq!(made.len(), 2);
    }
}
