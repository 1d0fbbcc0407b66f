//! The estimate: Gauss-Newton on priors and observations, year after year.
//!
//! `min Σ ((x − prior)/σ)² + Σ ((model(x) − observation)/σ)²`, with the derivatives of the model from the equilibrium's
//! own Hessian. A draw perturbs priors and observations by their spreads and minimises again (randomised maximum
//! likelihood), so that draws have the posterior's spread.

use std::{collections::BTreeMap, sync::Arc};

use serde::Serialize;

use super::{
    frame::Frame,
    knowledge::{Knowledge, YearKnown},
    measure::{Fate, in_years},
    observation::Observation,
    prior::{self, USE_HALF_LIFE},
    state::{Applied, State, StateKind},
    zone::Zone,
};
use crate::base::{
    draw::Draw,
    linear::{Factor, dot},
};

/// Most steps of Gauss-Newton.
const MOST_STEPS: usize = 16;
/// Most halvings of a step.
const MOST_HALVINGS: usize = 7;
/// Longest move of a state in a step, in its own coordinate.
const LONGEST: f64 = 1.0;
/// Move over the prior's spread at which the search ends.
const CLOSE: f64 = 0.01;
/// Fall of the sum of squares at which it ends.
const LITTLE: f64 = 1e-4;

/// An estimated year.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Fit {
    /// Calendar year.
    pub year: i32,
    /// States with their priors.
    pub states: Vec<State>,
    /// Estimates.
    pub values: Vec<f64>,
    /// What the model says of each observation, as logarithms.
    pub predicted: Vec<f64>,
    /// Share of the year in which each measure is in force.
    pub force: Vec<f64>,
    /// Steps taken.
    pub steps: usize,
    /// Whether the search ended by itself at an equilibrium.
    pub converged: bool,
}

impl Fit {
    /// The estimate of a state.
    pub fn value(&self, kind: StateKind) -> Option<f64> {
        let place = self.states.iter().position(|state| state.kind == kind)?;
        Some(self.values[place])
    }
}

/// The states of one chain in one draw, for all years of a run.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Estimated {
    /// What the states do in each year.
    pub applied: BTreeMap<i32, Applied>,
    /// The estimated years.
    pub fits: Vec<Fit>,
}

/// The states of one chain in one draw while the years since the base year are walked through.
#[derive(Debug)]
pub struct Estimate<'a> {
    knowledge: &'a Knowledge,
    mineral: String,
    draw: Draw,
    use_fades: f64,
    level_fades: f64,
    fates: Vec<Fate>,
    last: BTreeMap<StateKind, f64>,
    carry: [f64; 2],
    found: Estimated,
    middle: Option<Arc<Estimated>>,
}

impl<'a> Estimate<'a> {
    /// Starts at the end of the base year. `middle` is the estimate of the middle draw, from which the search of other draws
    /// starts.
    pub fn new(knowledge: &'a Knowledge, mineral: &str, draw: Draw, middle: Option<Arc<Estimated>>) -> Self {
        let now = in_years(knowledge.as_of.last());
        let fates = knowledge
            .measures
            .iter()
            .map(|m| Fate::of(m, mineral, draw, knowledge.lapse_rate, now))
            .collect();
        let half_life = knowledge.class.price_half_life();
        Self {
            use_fades: prior::fading(draw, &format!("nowcast/{mineral}/use-half-life"), USE_HALF_LIFE),
            level_fades: prior::fading(draw, &format!("nowcast/{mineral}/price-half-life"), half_life),
            knowledge,
            mineral: mineral.to_owned(),
            draw,
            fates,
            last: BTreeMap::new(),
            carry: [0.0; 2],
            found: Estimated::default(),
            middle,
        }
    }

    /// Share of a year in which each measure is in force in this draw.
    fn force(&self, year: i32) -> Vec<f64> {
        self.knowledge.measures.iter().zip(&self.fates).map(|(m, fate)| m.force(year, Some(fate))).collect()
    }

    /// A standard normal number of this draw.
    fn luck(&self, year: i32, what: &str) -> f64 {
        if self.draw == Draw::MIDDLE {
            return 0.0;
        }
        self.draw.normal(&format!("nowcast/{}/{year}/{what}", self.mineral))
    }

    /// Priors of a year's states, given the year before.
    pub fn priors(&self, year: &YearKnown, force: &[f64]) -> Vec<State> {
        let known = self.knowledge;
        let last = |kind: StateKind| self.last.get(&kind).copied();
        let mut states = Vec::new();
        for &zone in known.split.zones() {
            let used = StateKind::Use(zone);
            let spread = if known.split.splits() { known.class.zone_use() } else { known.class.world_use() };
            states.push(State { kind: used, mean: self.use_fades * last(used).unwrap_or(0.0), spread });
            let level = StateKind::Level(zone);
            let mean = self.level_fades * last(level).unwrap_or(0.0) + self.carry[zone.index()];
            states.push(State { kind: level, mean, spread: known.class.price() });
        }
        for (m, measure) in known.measures.iter().enumerate() {
            let groups = known.groups.iter().filter(|group| group.measures.contains(&m));
            let flow: f64 = groups.map(|group| group.base_flow).sum();
            if force[m] > 0.0 && flow > 0.0 {
                let kind = StateKind::Share(m);
                let (mean, spread) = measure.prior(flow);
                let one = match last(kind) {
                    Some(mean) => State { kind, mean, spread: spread.min(prior::TIGHTENING) },
                    None => State { kind, mean, spread },
                };
                states.push(one);
            }
        }
        for &(node, share) in &year.producers {
            let kind = StateKind::Output(node);
            let spread = known.class.output(share);
            states.push(State { kind, mean: last(kind).unwrap_or(0.0), spread });
        }
        states
    }

    /// Estimates a year on its market. States stay at their priors where the market has no equilibrium.
    pub fn year(&mut self, frame: &mut Frame<'_>, year: &YearKnown) -> Applied {
        let force = self.force(year.year);
        let priors = self.priors(year, &force);
        let luck = |state: &State| self.luck(year.year, &key(self.knowledge, state.kind));
        let shifted: Vec<State> =
            priors.iter().map(|s| State { mean: s.mean + s.spread * luck(s), ..*s }).collect();
        let observed: Vec<Observation> = year
            .observations
            .iter()
            .enumerate()
            .map(|(o, one)| {
                let luck = self.luck(year.year, &format!("observation/{o}"));
                Observation { value: one.value + one.spread * luck, ..one.clone() }
            })
            .collect();
        let middle = self.middle.as_ref().and_then(|m| m.fits.iter().find(|fit| fit.year == year.year));
        let start = middle.filter(|fit| fit.states.len() == shifted.len()).map(|fit| fit.values.clone());
        let search = Search { known: self.knowledge, states: &shifted, force: &force, observed: &observed };
        let (values, predicted, steps, converged) = search.run(frame, start);
        for (state, value) in priors.iter().zip(&values) {
            self.last.insert(state.kind, *value);
        }
        self.carry = year.carry;
        let applied = search.applied(&values);
        let fit = Fit { year: year.year, states: priors, values, predicted, force, steps, converged };
        self.found.applied.insert(year.year, applied.clone());
        self.found.fits.push(fit);
        applied
    }

    /// The years after the last one that was estimated: use returns to the scenario, what is not explained fades and walks
    /// on, measures lapse or return, output stays what it became.
    pub fn onward(mut self, years: &[i32]) -> Estimated {
        let known = self.knowledge;
        let done = self.found.fits.last().map_or(i32::MIN, |fit| fit.year);
        for &year in years.iter().filter(|&&year| year > done) {
            let force = self.force(year);
            for &zone in known.split.zones() {
                let used = self.last.entry(StateKind::Use(zone)).or_default();
                *used *= self.use_fades;
                let step = known.class.price() * self.luck(year, &key(known, StateKind::Level(zone)));
                let carry = std::mem::take(&mut self.carry[zone.index()]);
                let level = self.last.entry(StateKind::Level(zone)).or_default();
                *level = self.level_fades * (*level + carry) + step;
            }
            let applied = applied(known, &force, |kind| self.last.get(&kind).copied());
            self.found.applied.insert(year, applied);
        }
        self.found
    }
}

/// Name of a state in draws.
fn key(known: &Knowledge, kind: StateKind) -> String {
    match kind {
        StateKind::Use(zone) => format!("use/{}", zone.as_str()),
        StateKind::Level(zone) => format!("level/{}", zone.as_str()),
        StateKind::Share(m) => format!("share/{}", known.measures[m].id),
        StateKind::Output(node) => format!("output/{}", known.node_names[node]),
    }
}

/// What states do to the market of a year.
pub fn applied(known: &Knowledge, force: &[f64], value: impl Fn(StateKind) -> Option<f64>) -> Applied {
    let of = |kind| value(kind).unwrap_or(0.0);
    let zones = |make: fn(Zone) -> StateKind| {
        let mut list = [0.0; 2];
        known.split.zones().iter().for_each(|&zone| list[zone.index()] = of(make(zone)));
        list
    };
    let state = |m: usize| {
        let flow = known.groups.iter().filter(|g| g.measures.contains(&m)).map(|g| g.base_flow).sum();
        value(StateKind::Share(m)).unwrap_or_else(|| known.measures[m].prior(flow).0)
    };
    let caps = known.groups.iter().map(|group| group.share(&known.measures, force, state).map(|(s, _)| s));
    Applied {
        used: zones(StateKind::Use),
        level: zones(StateKind::Level),
        output: (0..known.node_zones.len()).map(|i| of(StateKind::Output(i))).collect(),
        caps: caps.collect(),
    }
}

/// One year's least squares.
struct Search<'a> {
    known: &'a Knowledge,
    states: &'a [State],
    force: &'a [f64],
    observed: &'a [Observation],
}

impl Search<'_> {
    fn applied(&self, values: &[f64]) -> Applied {
        applied(self.known, self.force, |kind| {
            self.states.iter().position(|state| state.kind == kind).map(|place| values[place])
        })
    }

    /// Sum of squares, with the model's answers.
    fn cost(&self, values: &[f64], predicted: &[f64]) -> f64 {
        let prior: f64 = self.states.iter().zip(values).map(|(s, v)| ((v - s.mean) / s.spread).powi(2)).sum();
        let misfit: f64 =
            self.observed.iter().zip(predicted).map(|(o, p)| ((p - o.value) / o.spread).powi(2)).sum();
        prior + misfit
    }

    /// Minimises; returns estimates, the model's answers, steps, and whether the search ended by itself.
    fn run(&self, frame: &mut Frame<'_>, start: Option<Vec<f64>>) -> (Vec<f64>, Vec<f64>, usize, bool) {
        let means = || self.states.iter().map(|state| state.mean).collect::<Vec<f64>>();
        let n = self.states.len();
        let mut here = start.unwrap_or_else(means);
        frame.apply(&self.applied(&here));
        let mut found = frame.solve();
        if found.is_none() {
            here = means();
            frame.apply(&self.applied(&here));
            found = frame.solve();
        }
        let Some(mut found) = found else { return (here, Vec::new(), 0, false) };
        let mut predicted = frame.predict(&found, self.observed);
        let mut cost = self.cost(&here, &predicted);
        if self.observed.is_empty() {
            let here = means();
            return (here, predicted, 0, true);
        }
        for step in 0..MOST_STEPS {
            let Some(rows) = frame.jacobian(&found, self.states, &here, self.force, self.observed) else {
                return (here, predicted, step, false);
            };
            let Some(mut way) = self.step(&here, &predicted, &rows) else {
                return (here, predicted, step, false);
            };
            let longest = way.iter().fold(0.0_f64, |most, d| most.max(d.abs()));
            if longest > LONGEST {
                for d in &mut way {
                    *d *= LONGEST / longest;
                }
            }
            let size = (0..n).map(|s| way[s].abs() / self.states[s].spread).fold(0.0, f64::max);
            if size < CLOSE {
                return (here, predicted, step, true);
            }
            let mut length = 1.0;
            let mut better = None;
            for _ in 0..MOST_HALVINGS {
                let there: Vec<f64> = here.iter().zip(&way).map(|(x, d)| x + length * d).collect();
                frame.apply(&self.applied(&there));
                if let Some(solved) = frame.solve() {
                    let answers = frame.predict(&solved, self.observed);
                    let now = self.cost(&there, &answers);
                    if now < cost {
                        better = Some((there, solved, answers, now));
                        break;
                    }
                }
                length *= 0.5;
            }
            let Some((there, solved, answers, now)) = better else {
                return (here, predicted, step, true);
            };
            let gain = cost - now;
            (here, found, predicted, cost) = (there, solved, answers, now);
            if gain < LITTLE {
                return (here, predicted, step + 1, true);
            }
        }
        (here, predicted, MOST_STEPS, false)
    }

    /// The Gauss-Newton step: `(Σ⁻¹ + JᵀRJ) d = −Σ⁻¹(x − prior) − JᵀR(model − observation)`.
    fn step(&self, here: &[f64], predicted: &[f64], rows: &[Vec<f64>]) -> Option<Vec<f64>> {
        let n = self.states.len();
        let (mut matrix, mut right) = (vec![0.0; n * n], vec![0.0; n]);
        for (s, state) in self.states.iter().enumerate() {
            let weight = state.spread.powi(-2);
            matrix[s * n + s] = weight;
            right[s] = weight * (state.mean - here[s]);
        }
        for ((row, one), answer) in rows.iter().zip(self.observed).zip(predicted) {
            let weight = one.spread.powi(-2);
            let miss = one.value - answer;
            for c in 0..n {
                right[c] += weight * row[c] * miss;
                for r in c..n {
                    matrix[c * n + r] += weight * row[c] * row[r];
                }
            }
        }
        let all: Vec<usize> = (0..n).collect();
        let mut factor = Factor::default();
        let fine = factor.factorise(&matrix, n, &all) && factor.solve(&mut right);
        (fine && dot(&right, &right).is_finite()).then_some(right)
    }
}
