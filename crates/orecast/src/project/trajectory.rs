//! One draw of a project's future: when it starts, how it ramps up, and whether it ends before.

use serde::Serialize;

use super::{
    lead_time::{LeadTime, LeadTimes},
    milestone::Kind,
};
use crate::{
    base::{draw::Draw, unit::Range},
    world::{
        World,
        table::{ProjectRow, ProjectStatus},
    },
};

/// Draws that a probability or a range of one project rests on.
pub const DRAWS: u64 = 512;
/// Years within which the probability by status is elicited.
const PRIOR_YEARS: f64 = 10.0;
/// Last start that the middle of a range of years is looked for in; later ones count as late.
const USUAL_SPAN: f64 = 2.0;

/// A project with what its dates depend on.
#[derive(Debug, Clone)]
pub struct Timetable {
    /// What draws know it by.
    name: String,
    /// How far it has come.
    pub status: ProjectStatus,
    /// What kind of project it is.
    pub kind: Kind,
    /// Times of its like.
    pub lead_time: LeadTime,
    /// When it was last seen, as a year with a fraction.
    pub seen: f64,
    /// First year of output by its own dates; absent where none is published.
    pub own: Option<Range>,
    /// Probability that it produces within ten years, by its status.
    pub prior: Range,
}

/// What happens to a project in one draw.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ProjectTrajectory {
    /// First output, as a year with a fraction; absent when it never comes.
    pub start: Option<f64>,
    /// When it is given up, where it is: at its next decision.
    pub given_up: Option<f64>,
    /// Years that it stalled.
    pub stalled: f64,
    /// Years from first output to design rate.
    pub ramp_years: f64,
}

impl Timetable {
    /// The timetable of a project. A status that no source dates was seen when the list was made: two years after the base year.
    pub fn of(world: &World, lead_times: &LeadTimes<'_>, row: &ProjectRow, base_year: i32) -> Self {
        let kind = Kind::of(world, row);
        let year = |year: Option<i32>| year.map(f64::from);
        let mid = year(row.start_mid).or(year(row.start_low));
        let own = mid.map(|mid| {
            Range::new(
                year(row.start_low).unwrap_or(mid).min(mid),
                mid,
                year(row.start_high).unwrap_or(mid + USUAL_SPAN).max(mid),
            )
        });
        Self {
            name: row.id.to_string(),
            status: row.status,
            kind,
            lead_time: lead_times.lead_time(row.iso3, &row.mineral, kind),
            seen: seen(&row.source_date).unwrap_or(f64::from(base_year + 2)),
            own,
            prior: lead_times.prior(row.status, 10).unwrap_or(Range::exact(0.5)),
        }
    }

    /// First output if the project materialises: its own date, but not before what its like need from where it stands.
    pub fn start(&self, draw: Draw) -> f64 {
        self.start_after(draw, self.build_years(draw))
    }

    /// Years of construction in a draw.
    pub fn build_years(&self, draw: Draw) -> f64 {
        self.lead_time.build.quantile(self.random(draw, "build"))
    }

    /// Years from first output to design rate in a draw.
    pub fn ramp_years(&self, draw: Draw) -> f64 {
        self.lead_time.ramp.quantile(self.random(draw, "ramp"))
    }

    /// The same, with construction lasting so many years.
    pub fn start_after(&self, draw: Draw, build_years: f64) -> f64 {
        let random = |part: &str| self.random(draw, part);
        let own = self.own.map(|range| draw.triangular(&format!("project/{}/start", self.name), range));
        if self.status == ProjectStatus::Producing {
            return own.unwrap_or(self.seen);
        }
        let build = self.lead_time.build_ahead(self.status) * build_years;
        let stalled = self.lead_time.stalled(self.status, &random);
        let like = self.seen + self.lead_time.before_build(self.status, &random) + build + stalled;
        own.map_or(like, |own| own.max(like))
    }

    fn random(&self, draw: Draw, part: &str) -> f64 {
        draw.uniform(&format!("project/{}/{part}", self.name))
    }

    /// Share of draws in which the lead time alone reaches output within some years of being seen.
    pub fn within(&self, years: f64) -> f64 {
        let any = self.any();
        let reached = (0..DRAWS).filter(|&index| {
            let draw = Draw::new(0, index);
            self.lead_time.ahead(self.status, &|part| any.random(draw, part)) <= years
        });
        reached.count() as f64 / DRAWS as f64
    }

    /// Probability that the project ever produces: so high that with its lead time the elicited probability for ten years comes out.
    pub fn success(&self) -> f64 {
        match self.status {
            ProjectStatus::Producing => 1.0,
            _ => (self.prior.mid / self.within(PRIOR_YEARS).max(0.05)).min(0.99),
        }
    }

    /// One draw, given the probability that [`Self::success`] says.
    pub fn trajectory(&self, draw: Draw, success: f64) -> ProjectTrajectory {
        let random = |part: &str| self.random(draw, part);
        let comes = random("success") < success;
        let stalled = self.lead_time.stalled(self.status, &random);
        let start = self.start(draw);
        let decision = start - self.build_years(draw) * self.lead_time.build_ahead(self.status);
        ProjectTrajectory {
            start: comes.then_some(start),
            given_up: (!comes).then_some(decision.max(self.seen)),
            stalled,
            ramp_years: self.ramp_years(draw),
        }
    }

    /// The same under a name that all share: what is expected of a project must not depend on what it is called.
    fn any(&self) -> Self {
        Self { name: "any".to_owned(), ..self.clone() }
    }

    /// First years of output over some draws, sorted.
    fn starts(&self, draws: u64) -> Vec<f64> {
        let any = self.any();
        let mut starts: Vec<f64> = (0..draws).map(|index| any.start(Draw::new(0, index))).collect();
        starts.sort_by(f64::total_cmp);
        starts
    }

    /// First year of output if the project materialises: middle and 9 in 10 of some draws.
    pub fn first_year(&self, draws: u64) -> Range {
        between(&self.starts(draws))
    }

    /// Range of the first year of output if the project materialises, and the probability that it has by the end of each year asked for.
    pub fn outlook(&self, years: &[i32]) -> Outlook {
        let success = self.success();
        let starts = self.starts(DRAWS);
        let by = |year: i32| {
            let started = starts.partition_point(|&start| start < f64::from(year) + 1.0);
            success * started as f64 / starts.len() as f64
        };
        Outlook {
            start: between(&starts),
            success,
            standing: years.iter().map(|&year| (year, by(year))).collect(),
        }
    }
}

/// Whole years at the 5 %, 50 % and 95 % points of sorted dates.
fn between(starts: &[f64]) -> Range {
    let at = |share: f64| starts[((share * starts.len() as f64) as usize).min(starts.len() - 1)].floor();
    Range::new(at(0.05), at(0.5), at(0.95))
}

/// When a project may start, and how likely it is to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Outlook {
    /// First year of output if it materialises, 9 cases in 10.
    pub start: Range,
    /// Probability that it ever does.
    pub success: f64,
    /// Probability that it has begun to produce by the end of a year.
    pub standing: Vec<(i32, f64)>,
}

/// A date such as `2025-04` as a year with a fraction.
fn seen(date: &str) -> Option<f64> {
    let mut parts = date.trim().split('-');
    let year: f64 = parts.next()?.parse().ok().filter(|year| (1990.0..2100.0).contains(year))?;
    let month: f64 = parts.next().and_then(|month| month.parse().ok()).unwrap_or(1.0);
    Some(year + (month - 1.0).clamp(0.0, 11.0) / 12.0)
}

/// Share of design rate reached some years after first output: a quarter at once, then in a straight line over the ramp.
pub fn ramp(years_running: f64, ramp_years: f64) -> f64 {
    if years_running < 0.0 { 0.0 } else { (0.25 + 0.75 * years_running / ramp_years.max(0.1)).min(1.0) }
}

/// What the increment is by each reading of a unit that the source leaves open; empty when it is clear.
pub fn readings(text: &str) -> Vec<(String, f64)> {
    let parts = text.split(';').filter_map(|part| part.split_once(':'));
    parts.filter_map(|(name, tonnes)| Some((name.trim().to_owned(), tonnes.trim().parse().ok()?))).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::testing::shipped_world;

    fn timetable(world: &World, id: &str) -> Timetable {
        let row = world.tables().projects.iter().find(|row| row.id.as_str() == id).unwrap();
        Timetable::of(world, &LeadTimes::of(world), row, 2024)
    }

    #[test]
    fn no_project_starts_before_its_own_first_date_or_before_its_like_can() {
        let world = shipped_world();
        let project = timetable(&world, "KZ-W-NKATPAR");
        let first = project.own.unwrap().low;
        for index in 0..200 {
            let draw = Draw::new(3, index);
            let start = project.start(draw);
            assert!(start >= first);
            let random = |part: &str| project.random(draw, part);
            assert!(start >= project.seen + project.lead_time.ahead(project.status, &random) - 1e-9);
        }
    }

    #[test]
    fn the_chance_by_status_comes_out_within_ten_years() {
        let world = shipped_world();
        let project = timetable(&world, "KZ-W-NKATPAR");
        let by_clock = project.success() * project.within(10.0);
        assert!((by_clock - project.prior.mid).abs() < 1e-9, "{by_clock}");
        let outlook = project.outlook(&[2030, 2035, 2040]);
        assert!(outlook.standing.windows(2).all(|pair| pair[0].1 <= pair[1].1));
        assert!(outlook.standing[2].1 <= outlook.success);
        let built = (0..400)
            .filter(|&i| project.trajectory(Draw::new(5, i), outlook.success).start.is_some())
            .count();
        assert!((built as f64 / 400.0 - outlook.success).abs() < 0.06, "{built}");
    }

    #[test]
    fn a_course_ends_one_way_only() {
        let world = shipped_world();
        let project = timetable(&world, "KZ-W-UKAIR");
        for index in 0..100 {
            let trajectory = project.trajectory(Draw::new(9, index), 0.4);
            assert!(trajectory.start.is_some() != trajectory.given_up.is_some());
        }
    }

    #[test]
    fn dates_and_readings_are_read() {
        assert_eq!(seen("2025-07"), Some(2025.5));
        assert_eq!((seen("2026"), seen(""), seen("n.d.")), (Some(2026.0), None, None));
        assert_eq!(readings("W:7000;WO3:5551"), [("W".to_owned(), 7000.0), ("WO3".to_owned(), 5551.0)]);
        assert!(readings("").is_empty());
    }
}
