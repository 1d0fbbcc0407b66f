//! Why a deal changes what it changes: what each clause contributes to each headline (Shapley), draw by draw.
//!
//! In a draw only the clauses that materialise can do anything, and a clause acts on its own minerals (and their
//! by-products) alone. So the coalitions of a draw are few, and are all run where no more than
//! [`EXACT_PLAYERS`](crate::base::shapley::EXACT_PLAYERS) clauses meet on one mineral.

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::Serialize;

use crate::studies::changes::Change;
use crate::{
    base::{
        draw::Draw,
        id::{ArmId, MineralId},
        shapley::shapley,
        unit::Range,
    },
    ensemble::{
        Ensemble, acts_on,
        money::{Account, Snapshot},
        range_of,
    },
    indicator::{self, Indicator, Roles},
    market::Status,
    pathway::{Growth, Simulation, deal::may_materialise},
    policy::{Arm, Commitment, Lever},
};

/// Headlines that are taken apart at most.
const MOST_HEADLINES: usize = 12;

/// What a contribution is a part of.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Subject {
    /// An indicator of a mineral in the year of the answer.
    Indicator {
        /// Mineral.
        mineral: MineralId,
        /// What a tonne counts.
        basis: String,
        /// Indicator.
        #[serde(flatten)]
        indicator: Indicator,
    },
    /// Money that changes hands, summed to the year of the answer.
    Money {
        /// Account.
        #[serde(flatten)]
        account: Account,
    },
}

/// One clause's part in a difference.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Part {
    /// Name of the clause.
    pub clause: String,
    /// Mean over the draws.
    pub mean: f64,
    /// 5, 50 and 95 % over the draws.
    pub range: Range,
}

/// A difference between two arms, taken apart; the parts' means add up to `total`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Headline {
    /// What differs.
    #[serde(flatten)]
    pub subject: Subject,
    /// Mean difference over the draws.
    pub total: f64,
    /// 5, 50 and 95 % of the difference over the draws.
    pub range: Range,
    /// What each clause contributes, largest first.
    pub parts: Vec<Part>,
}

/// What each clause of an arm contributes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Contributions {
    /// Arm.
    pub arm: ArmId,
    /// The arm that it is compared with.
    pub reference: ArmId,
    /// Draws that count: those in which every market of every coalition was solved.
    pub draws: usize,
    /// Differences, in the order of the answer's table.
    pub headlines: Vec<Headline>,
}

/// Chains that must be run together, because one comes out of another or a clause acts on both.
type Component = Vec<usize>;

/// Takes the differences between the last arm and the first apart, on the first `draws` draws of a run. Absent when the
/// last arm lacks something that the first one has: then no order of clauses leads from one to the other.
pub fn contributions(
    simulation: &Simulation,
    ensemble: &Ensemble,
    roles: &Roles,
    found: &[Change],
    year: usize,
    draws: usize,
    seed: u64,
) -> Option<Contributions> {
    let (reference, arm) = (ensemble.arms.first()?, ensemble.arms.last()?);
    let has = |arm: &Arm, id: &str| arm.events().any(|event| event.id == id);
    if !reference.events().all(|event| has(arm, &event.id)) {
        return None;
    }
    let clauses: Vec<&Commitment> = arm.events().filter(|event| !has(reference, &event.id)).collect();
    let study = Study { simulation, ensemble, roles, reference, arm, clauses, year, found };
    let per_draw: Vec<Option<Vec<Vec<f64>>>> =
        (0..draws as u64).into_par_iter().map(|d| study.of_draw(Draw::new(seed, d))).collect();
    let solved: Vec<&Vec<Vec<f64>>> = per_draw.iter().flatten().collect();
    let count = solved.len().max(1) as f64;
    let headline = |h: usize, subject: Subject| {
        let part = |(c, clause): (usize, &&Commitment)| Part {
            clause: clause.id.clone(),
            mean: solved.iter().map(|draw| draw[c][h]).sum::<f64>() / count,
            range: range_of(solved.iter().map(|draw| draw[c][h])),
        };
        let mut parts: Vec<Part> = study.clauses.iter().enumerate().map(part).collect();
        let total = parts.iter().map(|part| part.mean).sum();
        parts.sort_by(|a, b| b.mean.abs().total_cmp(&a.mean.abs()).then_with(|| a.clause.cmp(&b.clause)));
        let range = range_of(solved.iter().map(|draw| draw.iter().map(|part| part[h]).sum()));
        Headline { subject, total, range, parts }
    };
    let shown = study.shown();
    let mut headlines: Vec<Headline> = shown
        .iter()
        .enumerate()
        .map(|(h, change)| {
            let panel = &ensemble.minerals[change.mineral];
            let indicator = panel.indicators[change.indicator].clone();
            headline(
                h,
                Subject::Indicator { mineral: panel.mineral.clone(), basis: panel.basis.clone(), indicator },
            )
        })
        .collect();
    for (k, &account) in ensemble.accounts.list.iter().enumerate() {
        let money = headline(shown.len() + k, Subject::Money { account });
        headlines.extend(Some(money).filter(|money| money.parts.iter().any(|part| part.mean.abs() > 1.0)));
    }
    Some(Contributions {
        arm: arm.id.clone(),
        reference: reference.id.clone(),
        draws: solved.len(),
        headlines,
    })
}

struct Study<'a> {
    simulation: &'a Simulation,
    ensemble: &'a Ensemble,
    roles: &'a Roles,
    reference: &'a Arm,
    arm: &'a Arm,
    clauses: Vec<&'a Commitment>,
    year: usize,
    found: &'a [Change],
}

impl Study<'_> {
    fn shown(&self) -> &[Change] {
        &self.found[..self.found.len().min(MOST_HEADLINES)]
    }

    /// Contribution of each clause to each headline and account in one draw; absent when a market was not solved.
    fn of_draw(&self, draw: Draw) -> Option<Vec<Vec<f64>>> {
        let width = self.shown().len() + self.ensemble.accounts.list.len();
        let mut parts = vec![vec![0.0; width]; self.clauses.len()];
        let players: Vec<usize> =
            (0..self.clauses.len()).filter(|&c| may_materialise(self.clauses[c], draw)).collect();
        if players.is_empty() {
            return Some(parts);
        }
        let mut snapshots = BTreeMap::new();
        let growth = self.simulation.run(self.reference, draw, None, &mut |outcome| {
            let solved = Snapshot::solved(outcome);
            snapshots.extend(solved.map(|snapshot| ((outcome.position, outcome.year), snapshot)));
        });
        for component in components(self.simulation, &self.clauses) {
            let here: Vec<usize> =
                players.iter().copied().filter(|&c| self.concerns(self.clauses[c], &component)).collect();
            if here.is_empty() {
                continue;
            }
            let skip: Vec<bool> =
                (0..self.simulation.chains.len()).map(|chain| !component.contains(&chain)).collect();
            let worth = |mask: u64| {
                let in_it =
                    |c: usize| here.iter().position(|&h| h == c).is_some_and(|p| mask & (1 << p) != 0);
                let arm = self.coalition(&in_it);
                self.worth(&arm, draw, (&skip, &growth), &snapshots)
            };
            for (player, part) in here.iter().zip(shapley(here.len(), worth)) {
                for (sum, value) in parts[*player].iter_mut().zip(part.value) {
                    *sum += value;
                }
            }
        }
        parts.iter().flatten().all(|value| value.is_finite()).then_some(parts)
    }

    /// Whether a clause acts on a component: by itself, through a restriction that it prevents or through an answer that
    /// it provokes.
    fn concerns(&self, clause: &Commitment, component: &[usize]) -> bool {
        let on = |event: &Commitment| {
            component.iter().any(|&chain| acts_on(&event.lever, &self.simulation.chains[chain]))
        };
        on(clause)
            || matches!(clause.lever, Lever::PledgeNotToRestrict(_))
            || self.arm.responses.iter().any(|r| r.answers.as_ref() == Some(&clause.id) && on(r))
    }

    /// The reference arm with some of the clauses.
    fn coalition(&self, in_it: &dyn Fn(usize) -> bool) -> Arm {
        let kept = |list: &[Commitment]| -> Vec<Commitment> {
            let stays = |event: &&Commitment| {
                self.clauses.iter().position(|clause| clause.id == event.id).is_none_or(in_it)
            };
            list.iter().filter(stays).cloned().collect()
        };
        Arm {
            commitments: kept(&self.arm.commitments),
            shocks: kept(&self.arm.shocks),
            responses: kept(&self.arm.responses),
            ..self.reference.clone()
        }
    }

    /// Headlines and accounts of an arm in a draw, for the chains that are not skipped.
    fn worth(
        &self,
        arm: &Arm,
        draw: Draw,
        known: (&[bool], &[Vec<Growth>]),
        snapshots: &BTreeMap<(usize, i32), Snapshot>,
    ) -> Vec<f64> {
        let (shown, accounts) = (self.shown(), &self.ensemble.accounts);
        let mut values = vec![0.0; shown.len() + accounts.list.len()];
        let last = self.ensemble.years[self.year];
        let mut row = Vec::new();
        self.simulation.run(arm, draw, Some(known), &mut |outcome| {
            if outcome.year > last {
                return;
            }
            if outcome.equilibrium.status != Status::Converged {
                values.fill(f64::NAN);
                return;
            }
            indicator::measure(outcome, self.roles, &mut row);
            for (value, change) in values.iter_mut().zip(shown) {
                let measure = self.ensemble.minerals[change.mineral].indicators[change.indicator].measure;
                if change.mineral == outcome.position && (measure.accumulates() || outcome.year == last) {
                    *value += row[change.indicator];
                }
            }
            let before = snapshots.get(&(outcome.position, outcome.year));
            accounts.add(before, outcome, self.roles, &mut values[shown.len()..]);
        });
        values
    }
}

/// Chains that clauses act on, in groups that must be run together.
pub(super) fn components(simulation: &Simulation, clauses: &[&Commitment]) -> Vec<Component> {
    let chains = &simulation.chains;
    let mut label: Vec<usize> = (0..chains.len()).collect();
    let mut join = |a: usize, b: usize| {
        let (from, to) = (label[a].max(label[b]), label[a].min(label[b]));
        label.iter_mut().filter(|l| **l == from).for_each(|l| *l = to);
    };
    for c in 0..chains.len() {
        for h in 0..chains.len() {
            if h != c && chains[c].hosts.iter().any(|(id, ..)| *id == chains[h].base.mineral) {
                join(c, h);
            }
        }
    }
    let mut groups: BTreeMap<usize, Component> = BTreeMap::new();
    for (chain, &label) in label.iter().enumerate() {
        groups.entry(label).or_default().push(chain);
    }
    let touched = |group: &Component| {
        group.iter().any(|&chain| clauses.iter().any(|clause| acts_on(&clause.lever, &chains[chain])))
    };
    groups.into_values().filter(touched).collect()
}
