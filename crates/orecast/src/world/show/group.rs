//! What a group of countries makes together, from the selected figures of its members.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::{Quantity, country_sheet};
use crate::{
    base::{
        id::{Iso3, MineralId, SourceId},
        unit::{Grade, Stage},
    },
    world::{World, table::ObservationRow},
};

/// What is known about a group of countries.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GroupSheet {
    /// Its name.
    pub name: String,
    /// Year of the membership.
    pub year: i32,
    /// Members.
    pub members: Vec<Iso3>,
    /// What they make, hold or use together, by mineral and stage.
    pub lines: Vec<GroupLine>,
}

/// One quantity of one mineral and stage, summed over members.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GroupLine {
    /// What is summed.
    pub quantity: Quantity,
    /// Mineral.
    pub mineral: MineralId,
    /// Stage.
    pub stage: Stage,
    /// Year of the figures.
    pub year: i32,
    /// Sum of the members' figures, tonnes contained.
    pub tonnes: f64,
    /// Share of the world, 0 to 1; absent where no member's share is known.
    pub share: Option<f64>,
    /// Members with their share of the sum, the largest first.
    pub members: Vec<(Iso3, f64)>,
    /// Members whose figure is withheld or unknown, so that the sum is a lower bound.
    pub lacking: usize,
    /// The worst grade among the figures.
    pub grade: Grade,
    /// Sources of the figures.
    pub sources: BTreeSet<SourceId>,
}

/// Gathers what the members of a group make, hold and use.
pub fn group_sheet(world: &World, name: &str, members: &[Iso3], year: i32) -> GroupSheet {
    type Found<'w> = Vec<(&'w ObservationRow, Option<f64>)>;
    let mut found: BTreeMap<(usize, MineralId, Stage), Found<'_>> = BTreeMap::new();
    for country in members.iter().filter_map(|&iso3| world.country(iso3)) {
        for line in country_sheet(world, country).output {
            let order = Quantity::ALL.iter().position(|quantity| *quantity == line.quantity).unwrap_or(0);
            let row = line.figure;
            found.entry((order, row.mineral.clone(), row.stage)).or_default().push((row, line.share));
        }
    }
    let lines = found.into_iter().filter_map(|((order, mineral, stage), rows)| {
        let year = rows.iter().map(|(row, _)| row.year).max()?;
        let rows: Found<'_> = rows.into_iter().filter(|(row, _)| row.year == year).collect();
        let lacking = Quantity::ALL[order].table(world).iter().filter(|row| {
            let same = row.mineral == mineral && row.stage == stage && row.year == year;
            let known = rows.iter().any(|(other, _)| other.iso3 == row.iso3 && other.value.is_some());
            same && row.value.is_none() && members.contains(&row.iso3) && !known
        });
        let lacking: BTreeSet<Iso3> = lacking.map(|row| row.iso3).collect();
        let known = rows.iter().filter_map(|(row, share)| Some((row.iso3, row.value?, *share)));
        let known: Vec<(Iso3, f64, Option<f64>)> = known.collect();
        let tonnes: f64 = known.iter().map(|(_, tonnes, _)| tonnes).sum();
        let shares: Vec<f64> = known.iter().filter_map(|(_, _, share)| *share).collect();
        let mut shares_of: Vec<(Iso3, f64)> =
            known.iter().filter(|(_, t, _)| *t > 0.0).map(|(iso3, t, _)| (*iso3, t / tonnes)).collect();
        shares_of.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        (tonnes > 0.0).then(|| GroupLine {
            quantity: Quantity::ALL[order],
            mineral,
            stage,
            year,
            tonnes,
            share: (!shares.is_empty()).then(|| shares.iter().sum()),
            members: shares_of,
            lacking: lacking.len(),
            grade: rows.iter().map(|(row, _)| row.grade).max().unwrap_or(Grade::C),
            sources: rows.iter().map(|(row, _)| row.source.clone()).collect(),
        })
    });
    GroupSheet { name: name.to_owned(), year, members: members.to_vec(), lines: lines.collect() }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::testing::{MiniPackage, id};

    #[test]
    fn a_group_sums_its_members_and_says_what_lacks() {
        let world = MiniPackage::new().load().unwrap();
        let sheet = group_sheet(&world, "USA+VNM", &[id("USA"), id("VNM")], 2024);
        let line =
            sheet.lines.iter().find(|l| l.mineral == id("tungsten") && l.stage == Stage::Mine).unwrap();
        assert_eq!((line.tonnes, line.lacking), (3400.0, 1));
        assert_eq!(line.members, [(id("VNM"), 1.0)]);
    }
}
