//! `GeoPolRisk` of the package's own figures: by the published conventions, and corrected.
//!
//! The corrected score reads the balanced year: supply that the group buys of one stage, in contained tonnes, from
//! origins with transit taken out, less what its members sell to outsiders. What each correction does to the score is
//! shown one after the other.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::indicator::geopolrisk::{Terms, UNKNOWN};
use crate::{
    base::{
        id::{Iso3, MineralId},
        unit::{Range, Stage},
    },
    indicator::{Group, View, concentration::herfindahl, dependence, governance::political_instability},
    studies::situation::Situation,
};

/// The score of one mineral for one group, two ways.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// Mineral.
    pub mineral: MineralId,
    /// Score by the published conventions, 0 to 1; 0 where no trade is recorded, as there.
    pub published: f64,
    /// Import risk by the published conventions, 0 to 1.
    pub published_import_risk: f64,
    /// Concentration of production by the published conventions, 0 to 1.
    pub published_concentration: f64,
    /// Corrected score, 0 to 1: that of the stage with the higher one. Unknown, not 0, where nothing is bought.
    pub corrected: Option<f64>,
    /// The same with the range that other readings of the figures give.
    pub corrected_range: Option<Range>,
    /// Stage of the corrected score.
    pub stage: Option<Stage>,
    /// Corrected scores of all stages.
    pub stages: Vec<StageScore>,
    /// The score after each correction, in the order of [`Correction`]; unknown where nothing is left to count.
    pub steps: Vec<(Correction, Option<f64>)>,
    /// Share of the imports at the stage whose origin has no published governance, 0 to 1.
    pub unknown_governance: Option<f64>,
    /// The difference in words.
    pub words: String,
}

/// The corrected score of one stage.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StageScore {
    /// Stage.
    pub stage: Stage,
    /// Concentration of the stage's output, 0 to 1.
    pub concentration: f64,
    /// Import risk of what the group buys of it, 0 to 1.
    pub import_risk: f64,
    /// Score, 0 to 1.
    pub score: f64,
}

/// What is put right, one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Correction {
    /// Imports from members of the group are left out.
    IntraGroup,
    /// One stage is counted, in contained tonnes, with the concentration of that stage.
    OneStageContained,
    /// The balanced year: transit is taken out, output sold abroad is no supply at home, gaps are filled.
    Balanced,
}

impl Correction {
    /// What the correction is, for a sentence.
    pub const fn words(self) -> &'static str {
        match self {
            Self::IntraGroup => "trade among members is left out",
            Self::OneStageContained => "one stage is counted in contained tonnes",
            Self::Balanced => "transit and output sold abroad are taken out and gaps are filled",
        }
    }
}

/// Score of a mineral-year for a group, by the published conventions and corrected, with a range from drawn years.
pub fn compare(situation: &Situation<'_>, drawn: &[View<'static>], group: &Group) -> Comparison {
    let stages = situation.view.stages();
    let both = [Stage::Mine, Stage::Refine];
    let published = trade_terms(situation, group, &both, stages[0], Count::Gross, true);
    let scored = Scored::new(situation, group);
    let scores: Vec<StageScore> =
        stages.iter().filter_map(|&stage| scored.stage(&situation.view, stage)).collect();
    let worst = scores.iter().max_by(|a, b| a.score.total_cmp(&b.score));
    let at = worst.map_or(stages[stages.len() - 1], |score| score.stage);
    let known = |terms: Terms| (terms.imports + terms.domestic > 0.0).then(|| terms.score());
    let outside = trade_terms(situation, group, &both, stages[0], Count::Gross, false);
    let contained = trade_terms(situation, group, &[at], at, Count::Contained, false);
    let steps = vec![
        (Correction::IntraGroup, known(outside)),
        (Correction::OneStageContained, known(contained)),
        (Correction::Balanced, worst.map(|score| score.score)),
    ];
    Comparison {
        mineral: situation.mineral.id.clone(),
        published: published.score(),
        published_import_risk: published.import_risk(),
        published_concentration: published.concentration,
        corrected: worst.map(|score| score.score),
        corrected_range: situation.ranged(drawn, |view| scored.highest(view)),
        stage: worst.map(|score| score.stage),
        unknown_governance: worst.and_then(|score| unknown_governance(situation, group, score.stage)),
        words: words(published, worst, &steps),
        stages: scores,
        steps,
    }
}

/// Which tonnes of trade count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Count {
    Gross,
    Contained,
}

/// The terms from published trade and output, as they are.
fn trade_terms(
    situation: &Situation<'_>,
    group: &Group,
    stages: &[Stage],
    made_at: Stage,
    count: Count,
    intra: bool,
) -> Terms {
    let (world, year, mineral) = (situation.world, situation.year, &situation.mineral.id);
    let production = world.chosen_production(mineral, made_at, year);
    let amount = |iso3: &Iso3| production.get(iso3).and_then(|row| row.value).unwrap_or(0.0);
    let made: Vec<f64> = production.keys().filter(|iso3| **iso3 != Iso3::WORLD).map(amount).collect();
    let mut terms = Terms {
        concentration: herfindahl(&made).unwrap_or(0.0),
        domestic: group.members.iter().map(amount).sum(),
        ..Terms::default()
    };
    for flow in stages.iter().flat_map(|&stage| world.flows(mineral, stage, year)) {
        let inside = group.has(flow.exporter);
        if !group.has(flow.importer) || (inside && !intra) {
            continue;
        }
        let tonnes = if count == Count::Gross { flow.gross_tonnes } else { flow.tonnes }.unwrap_or(0.0);
        let risk = if inside { 0.0 } else { instability_of(situation, flow.exporter) };
        terms.at_risk += risk * tonnes;
        terms.imports += tonnes;
        terms.kusd += flow.kusd.unwrap_or(0.0);
    }
    terms
}

fn instability_of(situation: &Situation<'_>, country: Iso3) -> f64 {
    political_instability(situation.world, country, situation.year).unwrap_or(UNKNOWN)
}

/// The corrected score of a mineral and a group, for the balanced year and for other readings of it.
pub struct Scored<'g> {
    group: &'g Group,
    instability: BTreeMap<Iso3, f64>,
}

impl<'g> Scored<'g> {
    /// Looks up what the score needs of each seller.
    pub fn new(situation: &Situation<'_>, group: &'g Group) -> Self {
        let sellers = situation.view.sellers.iter().map(|seller| seller.country);
        Self { group, instability: sellers.map(|c| (c, instability_of(situation, c))).collect() }
    }

    /// The higher score of the stages; absent where the group buys nothing.
    pub fn highest(&self, view: &View<'_>) -> Option<f64> {
        let scores = view.stages().iter().filter_map(|&stage| self.stage(view, stage));
        scores.map(|score| score.score).max_by(f64::total_cmp)
    }

    /// The score of a stage; absent where the group buys nothing there.
    pub fn stage(&self, view: &View<'_>, stage: Stage) -> Option<StageScore> {
        let concentration = herfindahl(&view.outputs(stage))?;
        let bought = dependence::suppliers(view, stage, &|country| self.group.has(country));
        let mut terms = Terms { concentration, ..Terms::default() };
        for (country, tonnes) in bought {
            if self.group.has(country) {
                terms.domestic += tonnes;
            } else {
                terms.imports += tonnes;
                terms.at_risk += tonnes * self.instability.get(&country).copied().unwrap_or(UNKNOWN);
            }
        }
        (terms.imports + terms.domestic > 0.0).then(|| StageScore {
            stage,
            concentration,
            import_risk: terms.import_risk(),
            score: terms.score(),
        })
    }
}

fn unknown_governance(situation: &Situation<'_>, group: &Group, stage: Stage) -> Option<f64> {
    let bought = dependence::suppliers(&situation.view, stage, &|country| group.has(country));
    let (mut unknown, mut all) = (0.0, 0.0);
    for (country, tonnes) in bought.into_iter().filter(|(country, _)| !group.has(*country)) {
        all += tonnes;
        if political_instability(situation.world, country, situation.year).is_none() {
            unknown += tonnes;
        }
    }
    (all > 0.0).then(|| unknown / all)
}

/// How the two scores differ, and the step that does most in that direction.
fn words(published: Terms, corrected: Option<&StageScore>, steps: &[(Correction, Option<f64>)]) -> String {
    let Some(corrected) = corrected else {
        return "unknown: nothing is known to be bought, which the published method reads as no risk"
            .to_owned();
    };
    if published.imports == 0.0 {
        return format!(
            "no trade is recorded, which the published method reads as no risk; the balanced year has {:.2}",
            corrected.score
        );
    }
    let change = corrected.score - published.score();
    let mut before = published.score();
    let mut largest: Option<(Correction, f64)> = None;
    for (correction, after) in steps {
        let Some(after) = after else { continue };
        let step = (after - before) * change.signum();
        if largest.is_none_or(|(_, most)| step > most) {
            largest = Some((*correction, step));
        }
        before = *after;
    }
    match largest {
        Some((correction, _)) if change.abs() >= 0.005 => {
            let direction = if change > 0.0 { "higher" } else { "lower" };
            format!("{:.2} {direction}, mostly because {}", change.abs(), correction.words())
        }
        _ => "about the same".to_owned(),
    }
}
