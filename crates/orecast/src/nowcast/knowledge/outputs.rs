//! Published output of a year, and the producers that have a state.

use super::Base;
use crate::{
    base::{
        date::PartialDate,
        id::MineralId,
        unit::{Grade, Stage},
    },
    nowcast::observation::{Observation, Quantity},
    world::{
        World,
        table::{Flag, GuidanceKind},
    },
};

/// Share of a stage's output from which a producer has a state of its own.
const PRODUCER: f64 = 0.02;
/// Most producers of a stage that have one.
const MOST_PRODUCERS: usize = 12;
/// A published figure of output moves the balanced base year's by its change where that is within this factor; else it is
/// taken as it is.
const LARGEST_STEP: f64 = 3.0;

/// Published output of the year by node, guidance where nothing is published.
pub(super) fn outputs(world: &World, mineral: &MineralId, base: &Base<'_>, year: i32) -> Vec<Observation> {
    let chosen = |stage: Stage, year: i32| {
        let rows = world.chosen_production(mineral, stage, year);
        let told = rows.into_iter().filter_map(|(iso3, row)| {
            let value = row.value.filter(|value| *value > 0.0)?;
            matches!(row.flag, Flag::Reported | Flag::Estimated).then_some((iso3, (value, row)))
        });
        told.collect::<std::collections::BTreeMap<_, _>>()
    };
    let mut found = Vec::new();
    for stage in [Stage::Mine, Stage::Refine] {
        let (before, now) = (chosen(stage, base.year), chosen(stage, year));
        let last = chosen(stage, year - 1);
        for (i, node) in base.market.nodes.iter().enumerate() {
            if node.stage != stage || node.country.is_aggregate() {
                continue;
            }
            let past = before.get(&node.country).map(|(value, _)| *value);
            let level = |value: f64| match past {
                Some(past) if base.output[i] > 0.0 && within(value / past) => base.output[i] * value / past,
                _ => value,
            };
            if let Some((value, row)) = now.get(&node.country) {
                let spread = if row.flag == Flag::Estimated { 0.06 } else { 0.04 };
                found.push(Observation {
                    quantity: Quantity::Output(i),
                    country: Some(node.country),
                    label: format!("{stage} output"),
                    value: level(*value).ln(),
                    spread: spread + if row.grade == Grade::C { 0.1 } else { 0.0 },
                    figure: *value,
                    date: PartialDate::of_year(year),
                    sources: vec![row.source.clone()],
                    grade: row.grade,
                });
                continue;
            }
            let told = world.guidance(mineral).iter().filter(|row| {
                row.stage == stage
                    && row.iso3 == node.country
                    && row.kind == GuidanceKind::Guidance
                    && row.from.year() == year
                    && row.to.is_none_or(|to| to.year() == year)
            });
            let usual = last.get(&node.country).map_or(0.0, |(value, _)| *value);
            // What is said by a company counts for its country only where it is most of it.
            let whole = told.filter_map(|row| row.value.map(|value| (value, row)));
            let mut whole = whole.filter(|(value, _)| *value > 0.7 * usual && usual > 0.0);
            if let Some((value, row)) = whole.next() {
                let range = match (row.low, row.high) {
                    (Some(low), Some(high)) if low > 0.0 => (high / low).ln() / 3.3,
                    _ => 0.1,
                };
                found.push(Observation {
                    quantity: Quantity::Output(i),
                    country: Some(node.country),
                    label: format!("{stage} output, guidance"),
                    value: level(value).ln(),
                    spread: range.hypot(0.06),
                    figure: value,
                    date: row.seen.unwrap_or(row.from),
                    sources: vec![row.source.clone()],
                    grade: row.grade.max(Grade::B),
                });
            }
        }
    }
    found
}

fn within(ratio: f64) -> bool {
    (1.0 / LARGEST_STEP..=LARGEST_STEP).contains(&ratio)
}

/// Nodes with a state: large producers, and those whose output is published.
pub(super) fn producers(base: &Base<'_>, observations: &[Observation]) -> Vec<(usize, f64)> {
    let mut found = Vec::new();
    for stage in [Stage::Mine, Stage::Refine] {
        let of_stage: Vec<usize> =
            (0..base.market.nodes.len()).filter(|&i| base.market.nodes[i].stage == stage).collect();
        let total: f64 = of_stage.iter().map(|&i| base.output[i]).sum();
        let share = |i: usize| base.output[i] / total.max(f64::MIN_POSITIVE);
        let mut large: Vec<usize> = of_stage.iter().copied().filter(|&i| share(i) >= PRODUCER).collect();
        large.sort_by(|&a, &b| share(b).total_cmp(&share(a)).then(a.cmp(&b)));
        large.truncate(MOST_PRODUCERS);
        let seen = |i: &usize| {
            let at = observations.iter().find(|one| one.quantity == Quantity::Output(*i));
            at.is_some_and(|one| one.value.exp() >= 0.005 * total)
        };
        large.extend(of_stage.iter().copied().filter(seen));
        large.sort_unstable();
        large.dedup();
        found.extend(large.into_iter().map(|i| (i, share(i))));
    }
    found
}
