//! How long a project takes from milestone to milestone: distributions by kind, country and mineral, fitted to the published means and ranges of
//! `lead_times.csv`.
//!
//! A mine's time is studies (discovery to feasibility), a wait (feasibility to construction) and construction. Each is log-normal, so
//! that one number in (0, 1) gives one time. The world's means of the wait and of construction are published, the studies take what
//! the mean of the whole leaves, and their spread is what the range of the whole leaves. A country's or a mineral's published mean
//! stretches what comes before construction. Published durations are those of mines that materialised; one that is still ahead may also
//! stall: that happens to the published share of projects, for as long as published dates were seen to slip.

use serde::Serialize;
use statrs::distribution::{ContinuousCDF, Normal};

use super::milestone::{Kind, status_key};
use crate::{
    base::{
        id::{Iso3, MineralId},
        unit::{Grade, Range},
    },
    world::{
        World,
        table::{FindingRow, ProjectStatus},
    },
};

/// Standard normal quantile.
pub(crate) fn z(u: f64) -> f64 {
    Normal::standard().inverse_cdf(u.clamp(1e-9, 1.0 - 1e-9))
}

/// A log-normal time in years.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Part {
    /// Mean.
    pub mean: f64,
    /// Standard deviation of the logarithm.
    pub spread: f64,
}

impl Part {
    /// The time that a share `u` of cases stay under.
    pub fn quantile(self, u: f64) -> f64 {
        self.median() * (self.spread * z(u)).exp()
    }

    /// The middle time.
    pub fn median(self) -> f64 {
        self.mean * (-self.spread * self.spread / 2.0).exp()
    }

    /// Share of cases that are over within so many years.
    pub fn share_within(self, years: f64) -> f64 {
        if years <= 0.0 {
            return 0.0;
        }
        Normal::standard().cdf((years / self.median()).ln() / self.spread)
    }

    fn variance(self) -> f64 {
        self.mean * self.mean * ((self.spread * self.spread).exp() - 1.0)
    }

    fn times(self, factor: f64) -> Self {
        Self { mean: self.mean * factor, ..self }
    }

    /// The time whose 9-in-10 range is given.
    fn between(range: Range) -> Self {
        let spread = (range.high / range.low).ln() / (2.0 * z(0.95));
        Self { mean: (range.low * range.high).sqrt() * (spread * spread / 2.0).exp(), spread }
    }
}

/// The times of one kind of project in one place.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct LeadTime {
    /// Discovery to feasibility study.
    pub studies: Part,
    /// Feasibility study to start of construction.
    pub wait: Part,
    /// Construction to first output.
    pub build: Part,
    /// First output to design rate.
    pub ramp: Part,
    /// A stopped project's wait for its price.
    pub restart: Part,
    /// Share of projects that stall.
    pub stall_share: f64,
    /// How long they do.
    pub stall: Part,
    /// Share of the studies that is over with a resource, and with a pre-feasibility study.
    studied: [f64; 2],
    /// Share of the wait left with permits, and with money.
    wait_left: [f64; 2],
    /// Share of construction left while being built, and while starting up.
    build_left: [f64; 2],
}

impl LeadTime {
    /// Years from now to the start of construction, without stalls. `random` gives a number in (0, 1) for each part by its name.
    pub fn before_build(&self, status: ProjectStatus, random: &dyn Fn(&str) -> f64) -> f64 {
        use ProjectStatus as S;
        let studies = |left: f64| left * self.studies.quantile(random("studies"));
        let wait = |left: f64| left * self.wait.quantile(random("wait"));
        match status {
            // What is announced in public has been found: it is about as far as a resource.
            S::Announced | S::Resource => studies(1.0 - self.studied[0]) + wait(1.0),
            S::Pfs | S::Lapsed => studies(1.0 - self.studied[1]) + wait(1.0),
            S::Dfs => wait(1.0),
            S::Permitted => wait(self.wait_left[0]),
            S::Financed => wait(self.wait_left[1]),
            S::Suspended => self.restart.quantile(random("wait")),
            S::Construction | S::Commissioning | S::Producing => 0.0,
        }
    }

    /// Share of construction that is still ahead.
    pub const fn build_ahead(&self, status: ProjectStatus) -> f64 {
        match status {
            ProjectStatus::Producing => 0.0,
            ProjectStatus::Commissioning => self.build_left[1],
            ProjectStatus::Construction => self.build_left[0],
            _ => 1.0,
        }
    }

    /// Years that a project stalls: none for those that do not, and none once it starts up.
    pub fn stalled(&self, status: ProjectStatus, random: &dyn Fn(&str) -> f64) -> f64 {
        let is_past = matches!(status, ProjectStatus::Commissioning | ProjectStatus::Producing);
        let u = random("stall");
        // One number decides whether and how long: the upper part of the range is rescaled.
        if is_past || u < 1.0 - self.stall_share {
            return 0.0;
        }
        self.stall.quantile((u - (1.0 - self.stall_share)) / self.stall_share)
    }

    /// Years from now to first output.
    pub fn ahead(&self, status: ProjectStatus, random: &dyn Fn(&str) -> f64) -> f64 {
        let build = self.build_ahead(status) * self.build.quantile(random("build"));
        self.before_build(status, random) + build + self.stalled(status, random)
    }

    /// Years from discovery to first output of a mine that materialised.
    pub fn whole(&self, random: &dyn Fn(&str) -> f64) -> f64 {
        self.studies.quantile(random("studies"))
            + self.wait.quantile(random("wait"))
            + self.build.quantile(random("build"))
    }

    /// Years from ground that is being explored to first output, if something is found.
    pub fn from_ground(&self, random: &dyn Fn(&str) -> f64) -> f64 {
        self.whole(random) + self.stalled(ProjectStatus::Announced, random)
    }

    /// The same lead time with another mean from discovery to first output.
    #[must_use]
    pub fn lasting(mut self, years: f64) -> Self {
        let before = self.studies.mean + self.wait.mean;
        let factor = ((years - self.build.mean) / before).max(0.05);
        self.studies = self.studies.times(factor);
        self.wait = self.wait.times(factor);
        self
    }
}

/// What all clocks are made of.
#[derive(Debug, Clone)]
pub struct LeadTimes<'w> {
    rows: &'w [FindingRow],
    world: LeadTime,
}

/// Stand in where a table lacks a row.
const WHOLE: Range = Range::new(6.0, 15.7, 32.0);
const CASES: f64 = 127.0;

impl<'w> LeadTimes<'w> {
    /// Reads the clocks of the facts.
    pub fn of(world: &'w World) -> Self {
        let rows = &world.tables().lead_times;
        let find = |topic: &str, subject: &str, from: &str, to: &str| {
            rows.iter()
                .find(|row| row.topic == topic && row.subject == subject && row.from == from && row.to == to)
        };
        let value =
            |row: Option<&FindingRow>, otherwise: f64| row.and_then(|row| row.value).unwrap_or(otherwise);
        let share = |topic: &str, from: &str, to: &str, otherwise: f64| {
            value(find(topic, "all", from, to), otherwise) / 100.0
        };
        let spread = |from: &str, to: &str, otherwise: f64| value(find("spread", "all", from, to), otherwise);
        let whole =
            rows.iter().find(|row| is_whole(row) && row.subject.starts_with("all") && row.scope == "world");
        let range = whole.and_then(FindingRow::range).unwrap_or(WHOLE);
        let cases = whole.and_then(|row| row.n).unwrap_or(CASES);
        let metals = |from: &str, to: &str, otherwise: f64| {
            value(find("lead_time", "all metals", from, to), otherwise)
        };
        let wait = Part {
            mean: metals("feasibility complete", "construction start", 1.8),
            spread: spread("feasibility complete", "construction start", 0.7),
        };
        let build = Part {
            mean: metals("construction start", "production", 2.6),
            spread: spread("construction start", "production", 0.35),
        };
        let mean = range.mid - wait.mean - build.mean;
        // The lowest and highest of n cases lie about where 1 and n of n + 1 parts end.
        let all = (range.high / range.low).ln() / (2.0 * z(cases / (cases + 1.0)));
        let left = Part { mean: range.mid, spread: all }.variance() - wait.variance() - build.variance();
        let studies = Part { mean, spread: (1.0 + left.max(0.01) / (mean * mean)).ln().sqrt() };
        let slips: Vec<f64> =
            rows.iter().filter(|row| row.topic == "schedule_slip").filter_map(|row| row.value).collect();
        let slip = median(slips).map_or(1.75, |months| months / 12.0);
        let slip_spread = spread("announced date", "revised date", 0.8);
        let waiting = rows.iter().find(|row| row.topic == "restart_wait").and_then(FindingRow::range);
        let resource = share("share_of_studies", "discovery", "resource", 45.0);
        let lead_time = LeadTime {
            studies,
            wait,
            build,
            ramp: ramp(rows),
            restart: Part::between(waiting.unwrap_or(Range::new(1.0, 3.0, 8.0))),
            stall_share: rows
                .iter()
                .find(|row| row.topic == "delay_share" && row.scope == "world")
                .and_then(|row| row.value)
                .map_or(0.6, |percent| percent / 100.0),
            stall: Part { mean: slip * (slip_spread * slip_spread / 2.0).exp(), spread: slip_spread },
            studied: [resource, resource + share("share_of_studies", "resource", "prefeasibility", 25.0)],
            wait_left: [
                share("share_of_wait", "permitted", "construction start", 60.0),
                share("share_of_wait", "financed", "construction start", 15.0),
            ],
            build_left: [
                share("share_of_build", "construction", "production", 50.0),
                share("share_of_build", "commissioning", "production", 15.0),
            ],
        };
        Self { rows, world: lead_time }
    }

    /// The lead time of new mines of the whole world.
    pub const fn world(&self) -> LeadTime {
        self.world
    }

    /// Mean from discovery to first output that is published for a country, else for a mineral.
    pub fn published(&self, country: Iso3, mineral: &MineralId) -> Option<&'w FindingRow> {
        let whole = || self.rows.iter().filter(|row| is_whole(row));
        let here = whole().find(|row| row.iso3 == Some(country) && row.mineral.is_none());
        here.or_else(|| {
            whole().find(|row| {
                row.iso3.is_none() && row.mineral.as_ref() == Some(mineral) && row.grade < Grade::C
            })
        })
    }

    /// The lead time of a kind of project: of its country where one is published, else of its mineral, else of the world.
    pub fn lead_time(&self, country: Iso3, mineral: &MineralId, kind: Kind) -> LeadTime {
        let mean = self.published(country, mineral).and_then(|row| row.value);
        let mine = mean.map_or(self.world, |years| self.world.lasting(years));
        let find =
            |topic: &str| self.rows.iter().find(|row| row.topic == topic && row.subject == kind.as_str());
        let factor = |topic: &str| find(topic).and_then(|row| row.value).unwrap_or(1.0);
        let build = find("build_time").and_then(FindingRow::range);
        LeadTime {
            studies: mine.studies.times(factor("study_factor")),
            wait: mine.wait.times(factor("wait_factor")),
            build: match (kind, build) {
                (Kind::Mine, _) | (_, None) => mine.build,
                (_, Some(range)) => Part::between(range),
            },
            ..mine
        }
    }

    /// Probability that a project of a status produces within 5 or 10 years, as elicited.
    pub fn prior(&self, status: ProjectStatus, years: u32) -> Option<Range> {
        let to = format!("producing within {years} years");
        let row = self.rows.iter().find(|row| row.from == status_key(status) && row.to == to)?;
        row.range().map(|range| Range::new(range.low / 100.0, range.mid / 100.0, range.high / 100.0))
    }
}

fn is_whole(row: &FindingRow) -> bool {
    row.topic == "lead_time" && row.from == "discovery" && row.to == "production"
}

/// Time to design rate. The mean, the share within a year and the share that is late after four cannot all hold under a log-normal;
/// its spread is taken midway between what the two shares and what the mean and the first share ask for.
fn ramp(rows: &[FindingRow]) -> Part {
    let of =
        |to: &str| rows.iter().find(|row| row.topic == "ramp_up" && row.to == to).and_then(|row| row.value);
    let mean = of("design throughput").unwrap_or(2.5);
    let first = z(of("design within 1 year").unwrap_or(30.0) / 100.0);
    let late = z(1.0 - of("below design after 4 years").unwrap_or(10.0) / 100.0);
    let by_shares = 4.0_f64.ln() / (late - first);
    let by_mean = first + (first * first + 2.0 * mean.ln()).sqrt();
    let spread = f64::midpoint(by_shares, by_mean);
    // A share `first` is over within one year: ln 1 = 0.
    Part { mean: (spread * spread / 2.0 - first * spread).exp(), spread }
}

/// Middle of some numbers.
pub(crate) fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let n = values.len();
    let (low, high) = (values.get((n.max(1) - 1) / 2)?, values.get(n / 2)?);
    Some(f64::midpoint(*low, *high))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::testing::shipped_world;

    #[test]
    fn quantiles_and_shares_are_each_others_inverse() {
        let part = Part { mean: 2.6, spread: 0.35 };
        for u in [0.05, 0.5, 0.95] {
            assert!((part.share_within(part.quantile(u)) - u).abs() < 1e-9);
        }
        let range = Part::between(Range::new(1.0, 1.5, 2.5));
        assert!((range.quantile(0.05) - 1.0).abs() < 1e-9 && (range.quantile(0.95) - 2.5).abs() < 1e-9);
    }

    #[test]
    fn later_milestones_are_nearer_and_slow_countries_are_slow() {
        use ProjectStatus as S;
        let world = shipped_world();
        let lead_times = LeadTimes::of(&world);
        let middle = |_: &str| 0.5;
        let copper: MineralId = "copper".parse().unwrap();
        let lead_time = |code: &str, kind| lead_times.lead_time(code.parse().unwrap(), &copper, kind);
        let usa = lead_time("USA", Kind::Mine);
        let ladder =
            [S::Resource, S::Pfs, S::Dfs, S::Permitted, S::Financed, S::Construction, S::Commissioning];
        let years: Vec<f64> = ladder.iter().map(|&status| usa.ahead(status, &middle)).collect();
        assert!(years.windows(2).all(|pair| pair[0] > pair[1]), "{years:?}");
        let whole = |code| lead_time(code, Kind::Mine).whole(&middle);
        assert!(whole("USA") > 1.5 * whole("GHA"));
        let of_kind = |kind| lead_time("KAZ", kind).ahead(S::Dfs, &middle);
        assert!(
            of_kind(Kind::Circuit) < of_kind(Kind::Plant) && of_kind(Kind::Restart) < of_kind(Kind::Mine)
        );
    }
}
