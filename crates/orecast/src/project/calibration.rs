//! The published times, costs and probabilities compared with what the samplers give over many draws.

use serde::Serialize;

use super::{
    lead_time::{LeadTime, LeadTimes, median},
    milestone::{Kind, status_words},
    overrun,
};
use crate::{
    base::{
        draw::Draw,
        unit::{Grade, Range},
    },
    world::{
        World,
        table::{FindingRow, ProjectStatus},
    },
};

/// Draws that the table rests on.
pub const DRAWS: u64 = 4096;
/// Statuses whose probabilities are elicited, from the lowest milestone up.
const STATUSES: [ProjectStatus; 9] = [
    ProjectStatus::Announced,
    ProjectStatus::Resource,
    ProjectStatus::Pfs,
    ProjectStatus::Dfs,
    ProjectStatus::Permitted,
    ProjectStatus::Financed,
    ProjectStatus::Construction,
    ProjectStatus::Commissioning,
    ProjectStatus::Suspended,
];

/// One published figure and what is sampled in its place.
#[derive(Debug, Clone, Serialize)]
pub struct Comparison {
    /// Row of `lead_times.csv` or `finance.csv`.
    pub id: String,
    /// What is compared.
    pub what: String,
    /// Place or sample.
    pub scope: String,
    /// Unit: `years`, `share` or `ratio`.
    pub unit: &'static str,
    /// Published figure.
    pub published: f64,
    /// Published ends, where there are any.
    pub ends: Option<(f64, f64)>,
    /// Sampled figure.
    pub sampled: f64,
    /// Sampled ends, of the same meaning as the published ones; else those of 9 cases in 10.
    pub sampled_ends: Option<(f64, f64)>,
    /// How far the sampled figure may lie from the published one, over it (or beside it, for shares).
    pub tolerance: f64,
    /// Whether the figure entered the fit; others are only compared.
    pub fitted: bool,
    /// Grade of the published figure.
    pub grade: Grade,
}

impl Comparison {
    /// Whether the sampled figure is as near as it should be, or lies within the published ends.
    pub fn holds(&self) -> bool {
        let off = match self.unit {
            "share" => (self.sampled - self.published).abs(),
            _ => (self.sampled / self.published - 1.0).abs(),
        };
        off <= self.tolerance || self.ends.is_some_and(|(low, high)| (low..=high).contains(&self.sampled))
    }
}

/// Compares every published figure that a sampler stands for.
pub fn calibration(world: &World) -> Vec<Comparison> {
    let lead_times = LeadTimes::of(world);
    let rows = &world.tables().lead_times;
    let mut list = Vec::new();
    wholes(&lead_times, rows, &mut list);
    parts(&lead_times, rows, &mut list);
    ramps(&lead_times, rows, &mut list);
    chances(&lead_times, rows, &mut list);
    overruns(&world.tables().finance, &mut list);
    list
}

fn sorted(sample: impl Fn(&dyn Fn(&str) -> f64) -> f64) -> Vec<f64> {
    let mut values: Vec<f64> = (0..DRAWS)
        .map(|index| {
            let draw = Draw::new(0, index);
            sample(&|part| draw.uniform(&format!("calibration/{part}")))
        })
        .collect();
    values.sort_by(f64::total_cmp);
    values
}

fn at(values: &[f64], share: f64) -> f64 {
    values[((share * values.len() as f64) as usize).min(values.len() - 1)]
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn ends(row: &FindingRow) -> Option<(f64, f64)> {
    row.low.zip(row.high)
}

/// Discovery to production: the world, countries, minerals, cohorts.
fn wholes(lead_times: &LeadTimes<'_>, rows: &[FindingRow], list: &mut Vec<Comparison>) {
    for row in rows
        .iter()
        .filter(|row| row.topic == "lead_time" && row.from == "discovery" && row.to == "production")
    {
        let Some(published) = row.value else { continue };
        let is_world =
            row.iso3.is_none() && row.scope == "world" && row.n.is_some() && row.subject.starts_with("all");
        let lead_time = if is_world { lead_times.world() } else { lead_times.world().lasting(published) };
        let values = sorted(|random| lead_time.whole(random));
        // Ends of a sample are its extremes; ends of a country are uncertainty about its mean.
        let cases = row.n.filter(|_| is_world).unwrap_or(19.0);
        list.push(Comparison {
            id: row.id.clone(),
            what: format!("discovery to production, {}", row.subject.replace(';', ", ")),
            scope: format!("{} {}", row.scope, row.period).trim().to_owned(),
            unit: "years",
            published,
            ends: ends(row),
            sampled: mean(&values),
            sampled_ends: Some((at(&values, 1.0 / (cases + 1.0)), at(&values, cases / (cases + 1.0)))),
            tolerance: 0.05,
            fitted: true,
            grade: row.grade,
        });
    }
}

/// The waits, construction by kind, slips.
fn parts(lead_times: &LeadTimes<'_>, rows: &[FindingRow], list: &mut Vec<Comparison>) {
    let world = lead_times.world();
    let large = rows
        .iter()
        .find(|row| row.to == "production" && row.from == "discovery" && row.scope.contains("largest"))
        .and_then(|row| row.value)
        .map_or(world, |years| world.lasting(years));
    let mut add = |row: &FindingRow, what: String, values: &[f64], fitted: bool| {
        list.push(Comparison {
            id: row.id.clone(),
            what,
            scope: row.scope.clone(),
            unit: "years",
            published: row.value.unwrap_or(f64::NAN),
            ends: ends(row),
            sampled: mean(values),
            sampled_ends: Some((at(values, 0.05), at(values, 0.95))),
            tolerance: 0.15,
            fitted,
            grade: row.grade,
        });
    };
    for row in rows.iter().filter(|row| row.topic == "lead_time" && row.subject == "all metals") {
        type Take = fn(&LeadTime, &dyn Fn(&str) -> f64) -> f64;
        let (take, fitted): (Take, bool) = match (row.from.as_str(), row.to.as_str()) {
            ("discovery", "feasibility complete") => {
                (|c, random| c.studies.quantile(random("studies")), false)
            }
            ("feasibility complete", "construction start") => {
                (|c, random| c.wait.quantile(random("wait")), true)
            }
            ("construction start", "production") => (|c, random| c.build.quantile(random("build")), true),
            _ => continue,
        };
        // The wait and the construction are the world's own; the studies those of the sample that they are published for.
        let lead_time = if fitted { world } else { large };
        add(row, format!("{} to {}", row.from, row.to), &sorted(|random| take(&lead_time, random)), fitted);
    }
    for kind in Kind::ALL.into_iter().filter(|&kind| kind != Kind::Mine) {
        let Some(row) = rows.iter().find(|row| row.topic == "build_time" && row.subject == kind.as_str())
        else {
            continue;
        };
        let (Ok(country), Ok(mineral)) = ("WLD".parse(), "any".parse()) else { continue };
        let lead_time = lead_times.lead_time(country, &mineral, kind);
        add(
            row,
            format!("construction, {}", kind.words()),
            &sorted(|random| lead_time.build.quantile(random("build"))),
            true,
        );
    }
    let slips: Vec<f64> =
        rows.iter().filter(|row| row.topic == "schedule_slip").filter_map(|row| row.value).collect();
    let first = rows.iter().find(|row| row.topic == "schedule_slip");
    if let (Some(row), Some(published)) = (first, median(slips.clone())) {
        let values = sorted(|random| world.stall.quantile(random("stall")));
        list.push(Comparison {
            id: row.id.clone(),
            what: format!("slip of a published date, median of {}", slips.len()),
            scope: "various".to_owned(),
            unit: "years",
            published: published / 12.0,
            ends: None,
            sampled: at(&values, 0.5),
            sampled_ends: Some((at(&values, 0.05), at(&values, 0.95))),
            tolerance: 0.05,
            fitted: true,
            grade: row.grade,
        });
    }
}

/// First output to design rate.
fn ramps(lead_times: &LeadTimes<'_>, rows: &[FindingRow], list: &mut Vec<Comparison>) {
    let ramp = lead_times.world().ramp;
    for row in rows.iter().filter(|row| row.topic == "ramp_up") {
        let Some(value) = row.value else { continue };
        let (unit, published, sampled, tolerance) = match row.to.as_str() {
            "design throughput" => ("years", value, ramp.mean, 0.15),
            "design within 1 year" => ("share", value / 100.0, ramp.share_within(1.0), 0.05),
            "below design after 4 years" => ("share", value / 100.0, 1.0 - ramp.share_within(4.0), 0.05),
            _ => continue,
        };
        let spread = (unit == "years").then(|| (ramp.quantile(0.05), ramp.quantile(0.95)));
        list.push(Comparison {
            id: row.id.clone(),
            what: format!(
                "first output to {}",
                row.to
                    .replace("design within", "design: within")
                    .replace("below design", "design: later than")
                    .replace(" after 4 years", " four years")
            ),
            scope: row.scope.clone(),
            unit,
            published,
            ends: None,
            sampled,
            sampled_ends: spread,
            tolerance,
            fitted: true,
            grade: row.grade,
        });
    }
}

/// Probability to produce within five and ten years, by status: the second is met, the first is compared.
fn chances(lead_times: &LeadTimes<'_>, rows: &[FindingRow], list: &mut Vec<Comparison>) {
    for status in STATUSES {
        let kind = if status == ProjectStatus::Suspended { Kind::Restart } else { Kind::Mine };
        let (Ok(country), Ok(mineral)) = ("WLD".parse(), "any".parse()) else { continue };
        let lead_time = lead_times.lead_time(country, &mineral, kind);
        let values = sorted(|random| lead_time.ahead(status, random));
        let within = |years: f64| values.partition_point(|&v| v <= years) as f64 / values.len() as f64;
        let Some(ten) = lead_times.prior(status, 10) else { continue };
        let success = (ten.mid / within(10.0).max(0.05)).min(0.99);
        for (years, fitted) in [(5, false), (10, true)] {
            let Some(Range { low, mid, high }) = lead_times.prior(status, years) else { continue };
            let to = format!("producing within {years} years");
            let key = super::milestone::status_key(status);
            let row = rows.iter().find(|row| row.from == key && row.to == to);
            list.push(Comparison {
                id: row.map(|row| row.id.clone()).unwrap_or_default(),
                what: format!("{} project produces within {years} years", status_words(status)),
                scope: "elicited".to_owned(),
                unit: "share",
                published: mid,
                ends: Some((low, high)),
                sampled: success * within(f64::from(years)),
                sampled_ends: None,
                tolerance: 0.02,
                fitted,
                grade: Grade::C,
            });
        }
    }
}

/// Cost as built over the study's.
fn overruns(rows: &[FindingRow], list: &mut Vec<Comparison>) {
    let bias = rows
        .iter()
        .find(|row| row.topic == "capex_overrun" && row.name.starts_with("mean as-built"))
        .and_then(|row| row.value)
        .unwrap_or(1.14);
    let values = sorted(|random| bias * overrun::quantile(random("overrun")));
    let outside = overrun::share_under(0.85) + 1.0 - overrun::share_under(1.15);
    let doubled = 1.0 - overrun::share_under(2.0 / bias);
    for row in rows.iter().filter(|row| row.topic == "capex_overrun" && row.n == Some(63.0)) {
        let Some(value) = row.value else { continue };
        let (unit, published, sampled, tolerance) = match row.name.as_str() {
            name if name.starts_with("mean") => ("ratio", value, mean(&values), 0.03),
            name if name.contains("outside") => ("share", value / 100.0, outside, 0.07),
            _ => ("share", value / 100.0, doubled, 0.05),
        };
        list.push(Comparison {
            id: row.id.clone(),
            what: format!("capital cost: {}", row.name),
            scope: row.scope.clone(),
            unit,
            published,
            ends: None,
            sampled,
            sampled_ends: (unit == "ratio").then(|| (at(&values, 0.05), at(&values, 0.95))),
            tolerance,
            fitted: true,
            grade: row.grade,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::shipped_world;

    #[test]
    fn the_samplers_give_the_published_means_and_ranges() {
        let list = calibration(&shipped_world());
        assert!(list.len() > 40, "{}", list.len());
        let off: Vec<String> = list
            .iter()
            .filter(|row| !row.holds())
            .map(|row| format!("{} {}: {} not {}", row.id, row.what, row.sampled, row.published))
            .collect();
        assert!(off.is_empty(), "{off:#?}");
        let whole = list.iter().find(|row| row.ends == Some((6.0, 32.0)) && row.published < 16.0);
        let (low, high) = whole.and_then(|row| row.sampled_ends).unwrap_or_default();
        assert!((low / 6.0 - 1.0).abs() < 0.2 && (high / 32.0 - 1.0).abs() < 0.2, "{low} {high}");
    }
}
