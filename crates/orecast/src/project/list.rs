//! Which projects there are: place, stage, status, capacity, dates, probability and control.

use serde::Serialize;

use super::{
    lead_time::LeadTimes,
    milestone::Kind,
    trajectory::{Outlook, Timetable, readings},
};
use crate::{
    base::{
        id::{Iso3, MineralId, ProjectId},
        unit::{Grade, Range},
    },
    world::{
        World,
        control::parse_control,
        table::{ProjectRow, ProjectStage, ProjectStatus},
    },
};

/// Years by the end of which a probability of standing is given.
pub const YEARS: [i32; 2] = [2030, 2035];

/// Which projects are wanted; what is absent excludes nothing.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Mineral.
    pub mineral: Option<MineralId>,
    /// Hosts.
    pub countries: Option<Vec<Iso3>>,
    /// Status.
    pub status: Option<ProjectStatus>,
    /// Countries that own or control a part.
    pub control: Option<Vec<Iso3>>,
}

impl Filter {
    /// Whether a project is wanted.
    pub fn takes(&self, row: &ProjectRow) -> bool {
        let controlled =
            |countries: &Vec<Iso3>| owners(row).iter().any(|(country, _)| countries.contains(country));
        self.mineral.as_ref().is_none_or(|mineral| *mineral == row.mineral)
            && self.countries.as_ref().is_none_or(|countries| countries.contains(&row.iso3))
            && self.status.is_none_or(|status| status == row.status)
            && self.control.as_ref().is_none_or(controlled)
    }

    /// The wanted projects in the order of mineral and identifier.
    pub fn of<'w>(&self, world: &'w World) -> Vec<&'w ProjectRow> {
        world.tables().projects.iter().filter(|row| self.takes(row)).collect()
    }
}

/// Who controls a project, as far as it is known: shares of the whole.
pub fn owners(row: &ProjectRow) -> Vec<(Iso3, f64)> {
    shares(&row.control)
}

/// Countries that contracted output goes to: shares of the whole.
pub fn buyers(row: &ProjectRow) -> Vec<(Iso3, f64)> {
    shares(&row.buyers)
}

fn shares(text: &str) -> Vec<(Iso3, f64)> {
    let parts = parse_control(text).unwrap_or_default();
    parts.into_iter().map(|(country, share)| (country, share.0)).collect()
}

/// A project in a list.
#[derive(Debug, Clone, Serialize)]
pub struct Line {
    /// Identifier.
    pub id: ProjectId,
    /// Name.
    pub name: String,
    /// Host.
    pub country: Iso3,
    /// Mineral.
    pub mineral: MineralId,
    /// What a tonne counts.
    pub basis: String,
    /// Stages it adds to.
    pub stage: ProjectStage,
    /// Kind.
    pub kind: Kind,
    /// Status.
    pub status: ProjectStatus,
    /// Output added at design rate, tonnes contained a year; absent when not published.
    pub increment: Option<Range>,
    /// Increment by each reading of a unit that the source leaves open.
    pub readings: Vec<(String, f64)>,
    /// Whether it counts as an addition.
    pub counts: bool,
    /// Dates and probabilities; absent for what runs already and for what adds nothing.
    pub outlook: Option<Outlook>,
    /// Who controls it; empty when unknown.
    pub control: Vec<(Iso3, f64)>,
    /// Where contracted output goes; empty when unknown.
    pub buyers: Vec<(Iso3, f64)>,
    /// Grade of existence and status.
    pub grade_existence: Grade,
    /// Grade of the numbers.
    pub grade_numbers: Grade,
}

/// The lines of projects.
pub fn lines(world: &World, rows: &[&ProjectRow]) -> Vec<Line> {
    use rayon::prelude::*;
    let lead_times = LeadTimes::of(world);
    rows.par_iter().map(|row| line(world, &lead_times, row)).collect()
}

/// The line of one project.
pub fn line(world: &World, lead_times: &LeadTimes<'_>, row: &ProjectRow) -> Line {
    let base_year = world.base_year().unwrap_or_default();
    let increment = row.increment_mid.map(|mid| {
        Range::new(row.increment_low.unwrap_or(mid).min(mid), mid, row.increment_high.unwrap_or(mid).max(mid))
    });
    let runs =
        row.status == ProjectStatus::Producing && row.start_low.is_some_and(|year| year <= base_year + 1);
    let outlook =
        (!runs && row.counts).then(|| Timetable::of(world, lead_times, row, base_year).outlook(&YEARS));
    Line {
        id: row.id.clone(),
        name: row.name.clone(),
        country: row.iso3,
        mineral: row.mineral.clone(),
        basis: world
            .mineral(row.mineral.as_str())
            .map_or_else(|| "t".to_owned(), |mineral| mineral.basis.clone()),
        stage: row.stage,
        kind: Kind::of(world, row),
        status: row.status,
        increment,
        readings: readings(&row.readings),
        counts: row.counts,
        outlook,
        control: owners(row),
        buyers: buyers(row),
        grade_existence: row.grade_existence,
        grade_numbers: row.grade_numbers,
    }
}

/// Output that a list of projects is expected to add by the end of a year, tonnes contained, by mineral and stage. A project with both
/// stages counts once at each; one that runs counts its increment.
pub fn expected(lines: &[Line], stage: ProjectStage, year: i32) -> f64 {
    let adds = |line: &&Line| line.counts && (line.stage == stage || line.stage == ProjectStage::Both);
    lines
        .iter()
        .filter(adds)
        .map(|line| {
            let chance = line.outlook.as_ref().map_or(1.0, |outlook| {
                outlook.standing.iter().find(|(at, _)| *at == year).map_or(0.0, |(_, chance)| *chance)
            });
            chance * line.increment.map_or(0.0, |range| range.mid)
        })
        .sum()
}

/// Increments by the country that controls them, largest first: shares of projects whose owners are known, the host's for others.
pub fn by_control(lines: &[Line]) -> Vec<(Iso3, f64)> {
    let mut sums: std::collections::BTreeMap<Iso3, f64> = std::collections::BTreeMap::new();
    for line in lines.iter().filter(|line| line.counts) {
        let Some(increment) = line.increment else { continue };
        let known: f64 = line.control.iter().map(|(_, share)| share).sum();
        for &(country, share) in &line.control {
            *sums.entry(country).or_default() += share * increment.mid;
        }
        *sums.entry(line.country).or_default() += (1.0 - known).max(0.0) * increment.mid;
    }
    let mut list: Vec<(Iso3, f64)> = sums.into_iter().filter(|(_, tonnes)| *tonnes > 0.0).collect();
    list.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    list
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::testing::{id, shipped_world};

    #[test]
    fn control_is_another_axis_than_place() {
        let world = shipped_world();
        let filter =
            Filter { control: Some(vec![id("CHN")]), countries: Some(vec![id("KAZ")]), ..Filter::default() };
        let found: Vec<&str> = filter.of(&world).iter().map(|row| row.id.as_str()).collect();
        assert!(found.contains(&"KZ-W-BOGUTY"), "{found:?}");
        assert!(filter.of(&world).iter().all(|row| row.iso3.as_str() == "KAZ"));
    }

    #[test]
    fn shares_by_control_add_to_the_whole_and_both_stages_count_once_each() {
        let world = shipped_world();
        let filter =
            Filter { mineral: Some(id("tungsten")), countries: Some(vec![id("KAZ")]), ..Filter::default() };
        let lines = lines(&world, &filter.of(&world));
        let whole: f64 =
            lines.iter().filter(|l| l.counts).filter_map(|l| l.increment).map(|range| range.mid).sum();
        let parts: f64 = by_control(&lines).iter().map(|(_, tonnes)| tonnes).sum();
        assert!((whole - parts).abs() < 1e-6 * whole);
        let both: Vec<Line> = lines.into_iter().filter(|line| line.stage == ProjectStage::Both).collect();
        let (mine, refine) =
            (expected(&both, ProjectStage::Mine, 2035), expected(&both, ProjectStage::Refine, 2035));
        assert!(mine > 0.0 && (mine - refine).abs() < 1e-9 && mine < whole);
    }

    #[test]
    fn what_does_not_count_and_what_is_stopped_for_good_adds_nothing() {
        let world = shipped_world();
        let all = lines(&world, &Filter::default().of(&world));
        let quota: Vec<Line> = all.into_iter().filter(|line| !line.counts).collect();
        assert!(!quota.is_empty());
        assert!(expected(&quota, ProjectStage::Mine, 2035).abs() < 1e-12);
        assert!(by_control(&quota).is_empty());
    }
}
