//! What balancing moved, by how many standard deviations, and what pushed it.
//!
//! In standard deviations a quantity moves by `ln(z/o)/σ = −σ·o·Σ_r a_r λ_r` over the conditions `r` it enters
//! ([`super::balance`]), so the condition with the largest part in the direction of the move is the one that pushed it. The
//! observation that stood against it is the stiffest one in that condition: the largest `a·o/σ`.

use std::collections::BTreeSet;

use serde::Serialize;

use super::{
    Baseline, Entry, Evidence, NoBaseline, Quantity,
    conditions::{Condition, mass_balances_of},
    reliance::{Scope, coefficients},
    totals::{self, TotalCheck, total_checks},
};
use crate::{
    base::{
        id::{Iso3, MineralId, SourceId},
        unit::{Grade, Stage},
    },
    world::{World, table::Direction},
};

/// A quantity counts as moved beyond this many standard deviations.
pub const MOVED: f64 = 2.0;
/// Quantities of at least this share of the world's output are large.
const LARGE: f64 = 0.01;

/// How far a balanced year is from what was observed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TensionSummary {
    /// Quantities with a prior that is not a mere seed.
    pub cells: usize,
    /// Median of the moves, in standard deviations, without sign.
    pub median: f64,
    /// Largest move.
    pub worst: f64,
    /// Quantities that moved more than [`MOVED`] standard deviations.
    pub moved: usize,
    /// The quantity that moved most among those of at least 1 % of world output, with its move.
    pub worst_large: Option<(Quantity, f64)>,
}

impl TensionSummary {
    /// Whether a large quantity moved by more than [`MOVED`] standard deviations: results that rest on it must say so.
    pub fn is_high(&self) -> bool {
        self.worst_large.is_some_and(|(_, tension)| tension.abs() > MOVED)
    }
}

/// One quantity: what was observed, what it became, and why.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TensionCell {
    /// Mineral.
    pub mineral: MineralId,
    /// The quantity.
    pub quantity: Quantity,
    /// The quantity in words.
    pub label: String,
    /// Value before balancing, tonnes contained.
    pub observed: f64,
    /// Balanced value, tonnes contained.
    pub balanced: f64,
    /// Relative standard deviation of the prior.
    pub sigma: f64,
    /// Move in standard deviations; negative when the quantity fell.
    pub tension: f64,
    /// How the prior came about.
    pub evidence: Evidence,
    /// Grade of the prior.
    pub grade: Grade,
    /// Sources of the observation; none where it was inferred.
    pub sources: BTreeSet<SourceId>,
    /// What pushed it.
    pub because: String,
}

/// One mineral's summary.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TensionRow {
    /// Mineral.
    pub mineral: MineralId,
    /// Summary.
    #[serde(flatten)]
    pub summary: TensionSummary,
    /// Whether results that rest on the balanced year must mention it.
    pub is_high: bool,
}

/// Tension of every mineral with a balanced year.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TensionTable {
    /// Calendar year.
    pub year: i32,
    /// One row for each mineral.
    pub minerals: Vec<TensionRow>,
    /// The quantities that moved most.
    pub worst: Vec<TensionCell>,
    /// Published totals of a country's trade that the balanced year misses by more than a quarter.
    pub totals: Vec<TotalCheck>,
}

/// Balances every mineral with a market and lists the `worst` quantities that moved most.
pub fn tension_table(world: &World, year: i32, worst: usize) -> TensionTable {
    let baselines: Vec<Baseline> = world
        .market_minerals()
        .filter_map(|row| Baseline::build(world, row.id.as_str(), year, &[]).ok())
        .collect();
    let mut cells: Vec<(&Baseline, &Entry)> = baselines
        .iter()
        .flat_map(|baseline| baseline.tensions().into_iter().take(worst).map(move |entry| (baseline, entry)))
        .collect();
    cells.sort_by(|a, b| b.1.tension().abs().total_cmp(&a.1.tension().abs()));
    let worst =
        cells.iter().take(worst).map(|(baseline, entry)| baseline.tension_cell(world, entry)).collect();
    let row = |baseline: &Baseline| {
        let summary = baseline.tension_summary();
        TensionRow { mineral: baseline.mineral.clone(), is_high: summary.is_high(), summary }
    };
    let totals = baselines.iter().flat_map(|baseline| total_checks(world, baseline));
    let totals = totals.filter(TotalCheck::is_far).collect();
    TensionTable { year, minerals: baselines.iter().map(row).collect(), worst, totals }
}

/// Every quantity of a mineral, the most moved first.
///
/// # Errors
/// When the year cannot be balanced.
pub fn tension_cells(world: &World, mineral: &str, year: i32) -> Result<Vec<TensionCell>, NoBaseline> {
    let baseline = Baseline::build(world, mineral, year, &[])?;
    Ok(baseline.tensions().into_iter().map(|entry| baseline.tension_cell(world, entry)).collect())
}

impl Baseline {
    /// How far the balanced year is from what was observed; seeded routes do not count.
    pub fn tension_summary(&self) -> TensionSummary {
        let ranked = self.tensions();
        let size = |entry: &Entry| entry.value.max(entry.prior);
        let large = LARGE * self.output(self.last_stage).iter().map(|(_, tonnes)| tonnes).sum::<f64>();
        TensionSummary {
            cells: ranked.len(),
            median: ranked.get(ranked.len() / 2).map_or(0.0, |entry| entry.tension().abs()),
            worst: ranked.first().map_or(0.0, |entry| entry.tension().abs()),
            moved: ranked.iter().filter(|entry| entry.tension().abs() > MOVED).count(),
            worst_large: ranked
                .iter()
                .find(|entry| size(entry) >= large)
                .map(|entry| (entry.quantity, entry.tension())),
        }
    }

    fn tension_cell(&self, world: &World, entry: &Entry) -> TensionCell {
        TensionCell {
            mineral: self.mineral.clone(),
            quantity: entry.quantity,
            label: self.label(world, entry.quantity),
            observed: entry.prior,
            balanced: entry.value,
            sigma: entry.sigma,
            tension: entry.tension(),
            evidence: entry.evidence,
            grade: entry.grade,
            sources: self.sources(world, entry),
            because: self.because(world, entry),
        }
    }

    /// Sources of the observation behind an entry.
    fn sources(&self, world: &World, entry: &Entry) -> BTreeSet<SourceId> {
        let of_output = |stage, country| {
            let rows = world.chosen_production(&self.mineral, stage, self.year);
            rows.get(&country).map(|row| row.source.clone()).into_iter().collect()
        };
        let of_flow = |stage, from, to| {
            let flows = world.flows(&self.mineral, stage, self.year);
            let same = flows.into_iter().find(|flow| (flow.exporter, flow.importer) == (from, to));
            same.map(|flow| flow.sources).unwrap_or_default()
        };
        match entry.quantity {
            _ if entry.evidence != Evidence::Observed => BTreeSet::new(),
            Quantity::Mined(c) => of_output(Stage::Mine, c),
            Quantity::Refined(c) => of_output(Stage::Refine, c),
            Quantity::OreFlow(from, to) => of_flow(Stage::Mine, from, to),
            Quantity::ProductFlow(from, to) => of_flow(self.last_stage, from, to),
            Quantity::OreUse(_) | Quantity::Intake(_) | Quantity::Scrap(_) => BTreeSet::new(),
        }
    }

    /// A quantity in words.
    fn label(&self, world: &World, quantity: Quantity) -> String {
        let name = |iso3: Iso3| country_name(world, iso3);
        let product = if self.two_stages { "refined" } else { "sales" };
        match quantity {
            Quantity::Mined(c) => format!("mine output of {}", name(c)),
            Quantity::Refined(c) => format!("refined output of {}", name(c)),
            Quantity::OreUse(c) => format!("ore used as it is in {}", name(c)),
            Quantity::Intake(c) => format!("ore taken in by refineries of {}", name(c)),
            Quantity::Scrap(c) => format!("output from scrap in {}", name(c)),
            Quantity::OreFlow(a, b) if a == b => format!("ore kept in {}", name(a)),
            Quantity::OreFlow(a, b) => format!("ore, {} to {}", name(a), name(b)),
            Quantity::ProductFlow(a, b) if a == b => format!("{product}, kept in {}", name(a)),
            Quantity::ProductFlow(a, b) => format!("{product}, {} to {}", name(a), name(b)),
        }
    }

    /// The coefficient of a quantity in a condition.
    fn coefficient(&self, condition: Condition, quantity: Quantity) -> f64 {
        let one_stage = !self.two_stages;
        match condition {
            Condition::WorldTotal(stage) => match quantity {
                Quantity::Mined(_) if stage == Stage::Mine => 1.0,
                Quantity::Refined(_) if stage == Stage::Refine => 1.0,
                _ => 0.0,
            },
            Condition::Imports(country, stage) => {
                totals::coefficient(quantity, (country, stage), Direction::Imports, one_stage)
            }
            Condition::Exports(country, stage) => {
                totals::coefficient(quantity, (country, stage), Direction::Exports, one_stage)
            }
            Condition::Use(country) => match quantity {
                Quantity::ProductFlow(_, to) if to == country => 1.0,
                _ => 0.0,
            },
            Condition::Reliance(country, stage) => {
                let (imports, made) =
                    coefficients(quantity, country, Scope { stage, secondary: true }, one_stage);
                imports - made
            }
            _ => mass_balances_of(quantity, self.last_stage, self.two_stages, self.recovery)
                .into_iter()
                .flatten()
                .find(|(other, _)| *other == condition)
                .map_or(0.0, |(_, factor)| factor),
        }
    }

    /// Why an entry moved, in a sentence.
    fn because(&self, world: &World, entry: &Entry) -> String {
        let Some(condition) = entry.binding else { return "nothing pushed it".to_owned() };
        let (mut sides, mut stiffest) = ([0.0, 0.0], None::<(&Entry, f64)>);
        for other in &self.entries {
            let factor = self.coefficient(condition, other.quantity);
            if factor == 0.0 {
                continue;
            }
            sides[usize::from(factor < 0.0)] += factor.abs() * other.prior;
            let stiffness = factor.abs() * other.prior / other.sigma;
            if other.quantity != entry.quantity && stiffest.is_none_or(|(_, most)| stiffness > most) {
                stiffest = Some((other, stiffness));
            }
        }
        let [one, other] = sides.map(tonnes);
        let place = |c: Iso3| country_name(world, c);
        let form = |stage: Option<Stage>| match stage {
            Some(Stage::Mine) => "ore",
            Some(Stage::Refine) => "refined product",
            None => "all forms",
        };
        let what = match condition {
            Condition::OreSales(c) => {
                format!("{} mines {one} and was seen to sell and keep {other} of ore", place(c))
            }
            Condition::OreAtHand(c) => {
                format!("{} has {one} of ore at hand and was thought to use {other}", place(c))
            }
            Condition::Refining(c) => {
                format!("ore and scrap of {} give {one}, refined output is {other}", place(c))
            }
            Condition::Sales(c) => {
                format!("{} makes {one} and was seen to sell and keep {other}", place(c))
            }
            Condition::WorldTotal(stage) => {
                format!("the {stage} output of all countries adds to {one} and the world total differs")
            }
            Condition::Imports(c, stage) => {
                format!(
                    "{}'s own statistics give other imports ({}) than customs flows, which add to {one}",
                    place(c),
                    form(stage)
                )
            }
            Condition::Exports(c, stage) => {
                format!(
                    "{}'s own statistics give other exports ({}) than customs flows, which add to {one}",
                    place(c),
                    form(stage)
                )
            }
            Condition::Use(c) => {
                format!("what {} is published to use differs from what flows bring, {one}", place(c))
            }
            Condition::Reliance(c, stage) => format!(
                "the published net import reliance of {} ({}) does not fit its trade and output",
                place(c),
                form(stage)
            ),
        };
        let Some((held, _)) = stiffest else { return what };
        let sources: Vec<String> = self.sources(world, held).iter().map(ToString::to_string).collect();
        let from = if sources.is_empty() { "inferred".to_owned() } else { sources.join(", ") };
        format!(
            "{what}; {} ({}, {from}) is the surer figure and gave way less",
            self.label(world, held.quantity),
            tonnes(held.prior),
        )
    }
}

fn country_name(world: &World, iso3: Iso3) -> String {
    match iso3 {
        Iso3::REST => "other countries".to_owned(),
        _ => world.country(iso3).map_or_else(|| iso3.to_string(), |row| row.name.clone()),
    }
}

/// Tonnes to three digits with a unit.
fn tonnes(value: f64) -> String {
    let (size, unit) = match value {
        v if v < 1e3 => (v, "t"),
        v if v < 1e6 => (v / 1e3, "kt"),
        v => (v / 1e6, "Mt"),
    };
    let digits = (2 - size.max(1e-3).log10().floor() as i32).clamp(0, 5);
    format!("{size:.*} {unit}", digits as usize)
}
