//! Measures that hold a mineral's exports back.

use super::{Base, YEARS_BEFORE};
use crate::{
    base::{
        date::PartialDate,
        id::{Iso3, MineralId},
        unit::Stage,
    },
    nowcast::{
        measure::{Regime, Standing, in_years},
        prior::LAPSE_RATE,
    },
    world::{
        World,
        table::{MeasureRow, MeasureState},
    },
};

/// Share of a stage's output from which a country's measure counts.
const LARGE: f64 = 0.1;

/// Measures of large exporters that hold this mineral's exports back in the years looked at.
pub(super) fn standing(
    world: &World,
    mineral: &MineralId,
    base: &Base<'_>,
    as_of: PartialDate,
) -> Vec<Standing> {
    let rows = world.tables().measures.iter().filter(|row| {
        row.minerals.contains(mineral)
            && row.hs6.is_empty()
            && !row.scrap_only
            && row.duplicate_of.is_none()
            && matches!(row.kind.as_str(), "ban" | "licence" | "quota")
            && !matches!(row.state, MeasureState::Announced | MeasureState::Reported)
            // What concerns some end users alone says little of what leaves.
            && !row.strength.contains("military")
    });
    let mut found: Vec<Standing> = rows.filter_map(|row| one_standing(world, base, row)).collect();
    let first = f64::from(base.year - YEARS_BEFORE);
    found.retain(|m| {
        let since = in_years(m.from.first());
        let last = as_of.year().max(base.year + 1);
        let in_force = (base.year..=last + 1).any(|year| m.force(year, None) > 0.0);
        since >= first && since < f64::from(last + 1) && (in_force || m.returns.is_some())
    });
    found.sort_by(|a, b| a.id.cmp(&b.id));
    found
}

fn one_standing(world: &World, base: &Base<'_>, row: &MeasureRow) -> Option<Standing> {
    let members = |party: &crate::base::id::PartyId| world.party_members(party, base.year + 1);
    let exporters = members(&row.actor);
    let importers: Vec<Iso3> = row.targets.iter().flat_map(members).collect();
    let words: Vec<&str> = row.goods.split(';').map(str::trim).collect();
    let covers = |stage: Stage| {
        !base.two_stages
            || words.iter().any(|word| match *word {
                "ore" | "mine" => stage == Stage::Mine,
                "metal" | "chemical" | "refine" => stage == Stage::Refine,
                "all" | "intermediate" => true,
                _ => false,
            })
    };
    let known = ["ore", "mine", "metal", "chemical", "refine", "all", "intermediate", "magnet"];
    if exporters.is_empty() || !words.iter().any(|word| known.contains(word)) {
        return None;
    }
    let stages: Vec<Stage> = if base.two_stages {
        [Stage::Mine, Stage::Refine].into_iter().filter(|&stage| covers(stage)).collect()
    } else {
        vec![base.last_stage]
    };
    let share = |stage: Stage| {
        let nodes = base.market.nodes.iter().zip(base.output).filter(|(node, _)| node.stage == stage);
        let (mut own, mut all) = (0.0, 0.0);
        for (node, output) in nodes {
            all += output;
            own += if exporters.contains(&node.country) { *output } else { 0.0 };
        }
        if all > 0.0 { own / all } else { 0.0 }
    };
    if stages.iter().all(|&stage| share(stage) < LARGE) {
        return None;
    }
    let regime = match row.kind.as_str() {
        "ban" => Regime::Ban,
        "quota" => Regime::Quota(quota_tonnes(row)?),
        _ => Regime::Licence,
    };
    let from = row.from.or(row.announced)?;
    let is_suspended = row.state == MeasureState::Suspended;
    let suspended = row.suspended.or(if is_suspended { row.to.or(Some(from)) } else { None });
    let to = if is_suspended && row.suspended.is_none() { None } else { row.to };
    let note = if row.state_note.is_empty() { row.state.as_str().to_owned() } else { row.state_note.clone() };
    let mut measure = Standing {
        id: row.id.to_string(),
        exporters,
        importers,
        stages,
        regime,
        from,
        to: to.filter(|_| !(is_suspended && row.suspended == row.to)),
        suspended,
        returns: row.returns,
        base_force: 0.0,
        note: if row.state == MeasureState::Ended { "ended".to_owned() } else { note },
        source: row.source.clone(),
        grade: row.grade,
    };
    measure.base_force = measure.force(base.year, None);
    Some(measure)
}

/// Tonnes a year of a quota, from its words: `96600 t/yr`, or `18125 t for` its own span.
fn quota_tonnes(row: &MeasureRow) -> Option<f64> {
    let mut words = row.strength.split_whitespace();
    let tonnes: f64 = words.next()?.replace(',', "").parse().ok()?;
    let unit = words.next()?;
    match unit {
        "t/yr" => Some(tonnes),
        "t" => {
            let days = row.from?.first().days_to(row.to?.last()) + 1;
            Some(tonnes * 365.25 / f64::from(days.max(1)))
        }
        _ => None,
    }
}

/// Bans, licences and quotas on exports that ended in a year, over those in force: named measures of the register, with half
/// a case added.
pub(super) fn lapse_rate(world: &World, as_of: PartialDate) -> f64 {
    let now = in_years(as_of.last());
    let (mut ended, mut years) = (0.5, 0.5 / LAPSE_RATE);
    for row in &world.tables().measures {
        let kind = matches!(row.kind.as_str(), "ban" | "licence" | "quota");
        if !kind || !row.hs6.is_empty() || row.scrap_only || row.minerals.is_empty() {
            continue;
        }
        let Some(from) = row.from.map(|from| in_years(from.first())).filter(|from| *from < now) else {
            continue;
        };
        let over = matches!(row.state, MeasureState::Ended | MeasureState::Suspended);
        let to = row.suspended.or(row.to).map_or(now, |to| in_years(to.last())).min(now);
        years += (to - from).max(0.0);
        ended += if over && to < now { 1.0 } else { 0.0 };
    }
    ended / years
}
