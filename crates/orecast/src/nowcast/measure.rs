//! Measures that hold exports back: when they are in force, and how much still leaves.

use serde::Serialize;

use super::{
    prior::{self, BAN, CARRIED, LICENCE, QUOTA, RENEWED, RETURNS},
    state::share_of,
};
use crate::{
    base::{
        date::{Day, PartialDate},
        draw::Draw,
        id::{Iso3, SourceId},
        unit::{Grade, Stage},
    },
    market::{Limit, Market},
};

/// Days in a year.
const YEAR: f64 = 365.25;
/// Least share of base exports that a group of measures leaves, so that routes stay open.
const LEAST: f64 = 0.005;
/// A measure that was in force for this share of the base year is in the base year's exports.
const IN_BASE: f64 = 0.9;

/// What a measure does to exports.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Regime {
    /// Nothing may leave; some does.
    Ban,
    /// What is licensed leaves.
    Licence,
    /// So many tonnes a year may leave.
    Quota(f64),
}

/// A measure that stands, stood or may return since the base year.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Standing {
    /// Identifier in `measures.csv`.
    pub id: String,
    /// Who restricts.
    pub exporters: Vec<Iso3>,
    /// Whom it is aimed at; empty for all.
    pub importers: Vec<Iso3>,
    /// Stages whose products it covers.
    pub stages: Vec<Stage>,
    /// What it does.
    pub regime: Regime,
    /// When it took effect.
    pub from: PartialDate,
    /// When it ended or ends.
    pub to: Option<PartialDate>,
    /// When it was suspended.
    pub suspended: Option<PartialDate>,
    /// Last day of the suspension.
    pub returns: Option<PartialDate>,
    /// Share of the base year in which it was in force.
    pub base_force: f64,
    /// State in the source's words.
    pub note: String,
    /// Source.
    pub source: SourceId,
    /// Grade.
    pub grade: Grade,
}

/// What becomes of a measure in a draw.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fate {
    /// Whether it returns when its suspension ends.
    returns: bool,
    /// Whether it goes on beyond its end date.
    renewed: bool,
    /// When it lapses, as a year with a fraction.
    lapses: f64,
}

impl Fate {
    /// The fate of a measure in a draw, the same in all arms. What has no end date lapses at `rate` a year after `now`.
    pub fn of(measure: &Standing, mineral: &str, draw: Draw, rate: f64, now: f64) -> Self {
        let luck = |what: &str| draw.uniform(&format!("nowcast/{mineral}/measure/{}/{what}", measure.id));
        let wait = -(1.0 - luck("lapse")).max(1e-12).ln() / rate.max(1e-9);
        Self { returns: luck("return") < RETURNS, renewed: luck("renewal") < RENEWED, lapses: now + wait }
    }
}

/// A day as a year with a fraction.
pub fn in_years(day: Day) -> f64 {
    let start = Day::new(2000, 1, 1).unwrap_or(day);
    2000.0 + f64::from(start.days_to(day)) / YEAR
}

impl Standing {
    /// Share of a year in which it is in force, under a fate.
    pub fn force(&self, year: i32, fate: Option<&Fate>) -> f64 {
        let (start, end) = (f64::from(year), f64::from(year) + 1.0);
        let from = in_years(self.from.first());
        let to = match (self.to, fate) {
            (Some(_), Some(fate)) if fate.renewed && !self.is_over() => f64::INFINITY,
            (Some(to), _) => in_years(to.last()),
            (None, Some(fate)) => fate.lapses,
            (None, None) => f64::INFINITY,
        };
        let overlap = |a: f64, b: f64| (b.min(end) - a.max(start)).max(0.0);
        let whole = overlap(from, to);
        let Some(suspended) = self.suspended.map(|day| in_years(day.first())) else { return whole };
        let resumed = match (self.returns, fate) {
            (Some(day), Some(fate)) if fate.returns => in_years(day.last()),
            _ => f64::INFINITY,
        };
        whole - overlap(suspended.max(from), resumed.min(to))
    }

    /// Whether it ended by its own row.
    fn is_over(&self) -> bool {
        self.note.starts_with("ended")
    }

    /// Whether base exports are those under the measure.
    pub fn is_in_base(&self) -> bool {
        self.base_force >= IN_BASE
    }

    /// Whether its state lies on the logit.
    fn on_logit(&self) -> bool {
        !self.is_in_base() && !matches!(self.regime, Regime::Quota(_))
    }

    /// Middle and spread of its state, given what its arcs carried in the base year.
    pub fn prior(&self, base_flow: f64) -> (f64, f64) {
        match self.regime {
            _ if self.is_in_base() => (0.0, CARRIED),
            Regime::Ban => prior::on_logit(BAN),
            Regime::Licence => prior::on_logit(LICENCE),
            Regime::Quota(tonnes) => ((tonnes / base_flow.max(f64::MIN_POSITIVE)).max(LEAST).ln(), QUOTA),
        }
    }

    /// The share that still leaves at a value of its state, and its derivative.
    pub fn share(&self, state: f64) -> (f64, f64) {
        share_of(state, self.on_logit())
    }
}

/// Measures of the same exporters towards the same importers at one stage: one limit.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CapGroup {
    /// Name of the limit.
    pub id: String,
    /// Stage.
    pub stage: Stage,
    /// Its measures, by position.
    pub measures: Vec<usize>,
    /// Arcs that it covers.
    pub arcs: Vec<usize>,
    /// What they carried in the base year, tonnes.
    pub base_flow: f64,
}

impl CapGroup {
    /// Groups the measures of a market; measures whose arcs carried nothing do nothing.
    pub fn of(market: &Market, measures: &[Standing]) -> Vec<Self> {
        let mut groups: Vec<(Vec<Iso3>, Vec<Iso3>, Self)> = Vec::new();
        for (m, measure) in measures.iter().enumerate() {
            for &stage in &measure.stages {
                let same = groups.iter_mut().find(|(exporters, importers, group)| {
                    group.stage == stage && *exporters == measure.exporters && *importers == measure.importers
                });
                if let Some((.., group)) = same {
                    group.measures.push(m);
                    continue;
                }
                let arcs = market.arcs_abroad(Some(stage), &measure.exporters, &measure.importers);
                let base_flow: f64 = arcs.iter().map(|&a| market.base_flow(a)).sum();
                if base_flow > 0.0 {
                    let id = format!("measure:{}:{stage}", measure.id);
                    let group = Self { id, stage, measures: vec![m], arcs, base_flow };
                    groups.push((measure.exporters.clone(), measure.importers.clone(), group));
                }
            }
        }
        groups.into_iter().map(|(.., group)| group).collect()
    }

    /// Share of base exports that leaves in a year, and its derivative with respect to each of its measures' states;
    /// absent where none is in force. `force` and `state` are by measure.
    pub fn share(
        &self,
        measures: &[Standing],
        force: &[f64],
        state: impl Fn(usize) -> f64,
    ) -> Option<(f64, Vec<(usize, f64)>)> {
        if self.measures.iter().all(|&m| force[m] <= 0.0) {
            return None;
        }
        let (mut now, mut before, mut carried) = (1.0, 1.0, 1.0);
        for &m in &self.measures {
            let (q, _) = measures[m].share(state(m));
            if measures[m].is_in_base() {
                carried *= 1.0 + force[m] * (q - 1.0);
            } else {
                now -= force[m] * (1.0 - q);
                before -= measures[m].base_force * (1.0 - q);
            }
        }
        let (now, before) = (now.max(LEAST), before.max(0.1));
        let share = carried * now / before;
        let slopes = self.measures.iter().map(|&m| {
            let (q, slope) = measures[m].share(state(m));
            let part = if measures[m].is_in_base() {
                force[m] / (1.0 + force[m] * (q - 1.0))
            } else {
                force[m] / now - measures[m].base_force / before
            };
            (m, share * part * slope)
        });
        Some((share, slopes.collect()))
    }

    /// The limit at a share.
    pub fn limit(&self, share: f64) -> Limit {
        Limit::cap(self.id.as_str(), self.arcs.clone(), share * self.base_flow)
    }
}
