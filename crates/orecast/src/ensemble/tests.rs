//! Laws of the ensemble on the shipped cases: what is run once is what would be run again.
#![allow(clippy::unwrap_used)]

use std::{collections::BTreeMap, path::Path, sync::LazyLock};

use super::{
    Ensemble, Frame, IN_MEMORY, Scope, Session,
    draws::Plan,
    ledger::{Ledger, OF_GROUPS},
    money::{Accounts, Snapshot},
    run_scope,
};
use crate::{
    base::{
        control::Control,
        draw::{Draw, Occasions},
        unit::Range,
    },
    indicator::{
        self, Roles,
        walk::{Buffers, Walk},
    },
    market::Status,
    pathway::Simulation,
    policy::{Arm, Case, Commitment, Lever, Quantity},
    studies::run::{names, prepare},
    testing::shipped_world,
    world::World,
};

const SEED: u64 = 5;

static WORLD: LazyLock<World> = LazyLock::new(shipped_world);

/// Every shipped case, with its simulation to a few years after the base year.
fn cases(years: i32) -> Vec<(String, Vec<Arm>, Simulation, Roles)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deals");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|end| end == "toml"));
    files.sort();
    assert!(files.len() >= 13);
    let load = |file: &std::path::PathBuf| {
        let case = Case::load(file, &names(&WORLD)).unwrap();
        let world = case.world(&WORLD, None, "case").unwrap();
        let (simulation, roles, _) = prepare(&world, &case, Some(case.base_year + years), None);
        (file.display().to_string(), case.arms, simulation, roles)
    };
    files.iter().map(load).collect()
}

/// All values and amounts, bit by bit.
fn bits(ensemble: &Ensemble, computed: impl Fn(usize) -> bool) -> Vec<u64> {
    let mut bits = Vec::new();
    for a in 0..ensemble.arms.len() {
        for (m, panel) in ensemble.minerals.iter().enumerate().filter(|(m, _)| computed(*m)) {
            for k in 0..panel.indicators.len() {
                for y in 0..ensemble.years.len() {
                    bits.extend(ensemble.values(m, k, a, y).map(f64::to_bits));
                }
            }
        }
        for account in 0..ensemble.accounts.list.len() {
            bits.extend(ensemble.amounts(account, a, ensemble.years.len() - 1).into_iter().map(f64::to_bits));
        }
    }
    bits
}

#[test]
fn one_walk_gives_the_values_and_amounts_of_the_formulas() {
    let mut compared = 0;
    for (file, arms, simulation, roles) in cases(8) {
        let walks: Vec<Walk> = simulation.chains.iter().map(|chain| Walk::new(chain, &roles)).collect();
        let ledgers: Vec<Ledger> = simulation.chains.iter().map(|chain| Ledger::new(chain, &roles)).collect();
        let accounts = Accounts::of(&arms);
        let (mut buffers, mut formulas) = (Buffers::default(), Vec::new());
        let (mut snapshots, mut left) = (BTreeMap::new(), BTreeMap::new());
        for (a, arm) in arms.iter().enumerate() {
            simulation.run(arm, Draw::new(SEED, 1), None, &mut |outcome| {
                if outcome.equilibrium.status != Status::Converged {
                    return;
                }
                let what = format!("{file} {} {} {}", arm.id, outcome.chain.base.mineral, outcome.year);
                indicator::measure(outcome, &roles, &mut formulas);
                let row = walks[outcome.position].row(outcome, &roles, &mut buffers);
                let of = |values: &[f64]| values.iter().map(|v| v.to_bits()).collect::<Vec<u64>>();
                let same = |(a, b): (&f64, &f64)| a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan());
                assert!(
                    row.len() == formulas.len() && row.iter().zip(&formulas).all(same),
                    "{what}: {:?} {:?}",
                    of(row),
                    of(&formulas)
                );
                let key = (outcome.position, outcome.year);
                let mut wanted = vec![0.0; accounts.list.len()];
                accounts.add(snapshots.get(&key), outcome, &roles, &mut wanted);
                let mut found = vec![0.0; OF_GROUPS];
                let ledger = &ledgers[outcome.position];
                ledger.add(left.get(&key).map(Vec::as_slice), outcome, &roles, &mut found);
                assert_eq!(wanted[wanted.len() - OF_GROUPS..], found, "{what}");
                if a == 0 {
                    snapshots.insert(key, Snapshot::of(outcome));
                    let mut year = Vec::new();
                    ledger.take_down(outcome.equilibrium, &mut year);
                    left.insert(key, year);
                }
                compared += 1;
            });
        }
    }
    assert!(compared > 1_500, "{compared}");
}

#[test]
fn what_is_run_once_for_several_arms_is_what_each_would_be_by_itself() {
    let mut saved = 0;
    for (file, arms, simulation, roles) in cases(10) {
        let plan = Plan::new(&simulation, &roles);
        let run = |scope: Scope, reuse: bool, in_memory: usize| {
            let frame = Frame::new(&simulation, &arms, scope);
            frame.run(&simulation, &arms, &roles, &plan, 3, SEED, reuse, in_memory, &Control::default())
        };
        let apart = run(Scope::All, false, IN_MEMORY);
        let once = run(Scope::All, true, IN_MEMORY);
        assert!(bits(&apart, |_| true) == bits(&once, |_| true), "{file}");
        assert_eq!(apart.solved, apart.answered);
        assert_eq!(once.answered, apart.answered);
        saved += once.answered - once.solved;
        let touched = run(Scope::Touched, true, 0);
        let computed = |m: usize| touched.minerals[m].computed;
        assert!(touched.minerals.iter().all(|panel| panel.computed || !panel.touched));
        assert!(bits(&touched, computed) == bits(&once, computed), "{file}");
        assert!(touched.solved <= once.solved && touched.failed.len() <= once.failed.len());
    }
    assert!(saved > 1_000, "{saved}");
}

/// Changes an arm: the chance of a clause, a clause less, one again, another order, a clause of another payer.
fn changed(arm: &Arm, whole: &Arm, chance: Occasions, step: u64) -> Arm {
    let mut new = arm.clone();
    let pick = |of: usize, occasion: u64| (chance.uniform(occasion) * of as f64) as usize;
    let at = pick(new.commitments.len(), 8 * step + 1);
    match (pick(5, 8 * step), new.commitments.get_mut(at)) {
        (0 | 1, Some(clause)) => {
            let probability = [0.0, 0.3, 0.8, 1.0][pick(4, 8 * step + 2)];
            clause.materialises.probability = Quantity::stated(Range::exact(probability));
        }
        (2, Some(_)) => {
            new.commitments.remove(at);
        }
        (3, Some(clause)) => {
            clause.payer = [None, Some(crate::testing::id("USA")), Some(crate::testing::id("JPN"))]
                [pick(3, 8 * step + 2)];
            new.commitments.reverse();
        }
        _ => {
            let again = whole.commitments.iter().find(|c| new.commitments.iter().all(|own| own.id != c.id));
            new.commitments.extend(again.cloned());
        }
    }
    new
}

#[test]
fn a_change_runs_what_it_reaches_and_nothing_else() {
    let draws = 24;
    let (_, arms, simulation, roles) =
        cases(3).into_iter().find(|(file, ..)| file.ends_with("us-kazakhstan-2025.toml")).unwrap();
    let last = arms.len() - 1;
    let arm = arms[last].clone();
    let mut session = Session::new(simulation, arms, roles, Scope::Touched, draws, SEED);
    session.finish();
    assert!(session.runs_made() > draws);
    session.change(last, arm.clone());
    session.finish();
    assert_eq!(session.runs_made(), 0);
    let by_itself = |clause: &Commitment| {
        clause.lever.minerals().len() == 1
            && !matches!(clause.lever, Lever::PledgeNotToRestrict(_))
            && clause.materialises.probability.range.mean() < 0.9
            && arm.responses.iter().all(|response| response.answers.as_ref() != Some(&clause.id))
    };
    let at = arm.commitments.iter().position(by_itself).unwrap();
    let mut surer = arm.clone();
    surer.commitments[at].materialises.probability = Quantity::stated(Range::exact(1.0));
    session.change(last, surer);
    session.finish();
    let simulation = session.simulation();
    let mut reached: Vec<bool> =
        simulation.chains.iter().map(|chain| super::acts_on(&arm.commitments[at].lever, chain)).collect();
    for c in 0..reached.len() {
        reached[c] |= simulation.hosts_of(c).any(|host| reached[host]);
    }
    let reached = reached.iter().filter(|reached| **reached).count();
    assert!((1..=reached * draws).contains(&session.runs_made()), "{reached} {}", session.runs_made());
    // What was there before a change is still known.
    session.change(last, arm);
    session.finish();
    assert_eq!(session.runs_made(), 0);
}

#[test]
fn a_changed_session_is_a_fresh_run() {
    let draws = 24;
    let (_, arms, simulation, roles) =
        cases(3).into_iter().find(|(file, ..)| file.ends_with("us-kazakhstan-2025.toml")).unwrap();
    let (_, again, simulation_again, _) =
        cases(3).into_iter().find(|(file, ..)| file.ends_with("us-kazakhstan-2025.toml")).unwrap();
    assert_eq!(arms, again);
    let mut session = Session::new(simulation_again, again, roles.clone(), Scope::Touched, draws, SEED);
    let chance = Draw::new(9, 0).occasions(&["changes"]).unwrap();
    let mut checked = 0;
    for step in 0..50 {
        let current = session.arms();
        // Mostly an arm with a deal, at times the reference.
        let at = if step % 9 == 8 { 0 } else { 1 + step as usize % (arms.len() - 1) };
        let new = changed(&current[at], &arms[arms.len() - 1], chance, step);
        session.change(at, new);
        if chance.uniform(8 * step + 5) < 0.5 {
            // The next change comes while this one is under way.
            continue;
        }
        if chance.uniform(8 * step + 6) < 0.3 {
            session.stop();
        } else {
            session.finish();
            assert_eq!(session.ready(), draws);
        }
        let found = session.ensemble();
        let fresh = run_scope(
            &simulation,
            &session.arms(),
            &roles,
            Scope::Touched,
            found.draws,
            SEED,
            &Control::default(),
        )
        .unwrap();
        assert!(found.draws >= super::session::FIRST_DRAWS);
        assert_eq!(
            (found.answered, found.solved, &found.failed),
            (fresh.answered, fresh.solved, &fresh.failed)
        );
        let computed = |m: usize| fresh.minerals[m].computed;
        assert!(bits(&found, computed) == bits(&fresh, computed), "step {step}");
        checked += 1;
    }
    assert!(checked > 15, "{checked}");
}
