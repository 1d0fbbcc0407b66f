//! Arms that change while their draws stay: what a changed clause does not reach is not run again.
//!
//! A draw keeps the runs of its chains with what acts on each. After a change a chain is run again only in the draws in
//! which something else acts on it or on what it comes out of. The first draws are there when [`Session::change`] comes
//! back; the others follow in the background, until the next change. A session's ensemble is that of a
//! [run](super::run_scope) of its arms, to the bit.

use std::{
    ops::Range,
    sync::{
        Arc, Mutex, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
};

use rayon::prelude::*;

use super::{
    Ensemble, Frame, Scope,
    draws::{ChainRun, DrawRuns, Plan, Worker},
    put, take,
};
use crate::{base::draw::Draw, indicator::Roles, pathway::Simulation, policy::Arm};

/// Draws that are run before a change comes back.
pub const FIRST_DRAWS: usize = 20;

/// A simulation with some arms and all their draws in memory.
#[derive(Debug)]
pub struct Session {
    core: Arc<Core>,
    background: Option<Background>,
}

#[derive(Debug)]
struct Background {
    cancel: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

#[derive(Debug)]
struct Core {
    simulation: Simulation,
    roles: Roles,
    plan: Plan,
    scope: Scope,
    seed: u64,
    current: RwLock<Arc<Arrangement>>,
    draws: Vec<Mutex<State>>,
    workers: Mutex<Vec<Worker>>,
}

/// The arms between two changes.
#[derive(Debug)]
struct Arrangement {
    number: u64,
    arms: Vec<Arm>,
    frame: Frame,
}

/// One draw.
#[derive(Debug, Default)]
struct State {
    /// The arrangement that the runs are of.
    number: Option<u64>,
    runs: DrawRuns,
    /// Those of the arrangement before.
    before: DrawRuns,
}

impl Session {
    /// Runs the first draws of some arms, the reference first, and goes on with the others in the background.
    pub fn new(
        simulation: Simulation,
        arms: Vec<Arm>,
        roles: Roles,
        scope: Scope,
        draws: usize,
        seed: u64,
    ) -> Self {
        let frame = Frame::new(&simulation, &arms, scope);
        let core = Core {
            plan: Plan::new(&simulation, &roles),
            current: RwLock::new(Arc::new(Arrangement { number: 0, arms, frame })),
            draws: (0..draws).map(|_| Mutex::default()).collect(),
            workers: Mutex::default(),
            simulation,
            roles,
            scope,
            seed,
        };
        let mut session = Self { core: Arc::new(core), background: None };
        session.go();
        session
    }

    /// The arms as they are.
    pub fn arms(&self) -> Vec<Arm> {
        self.core.current().arms.clone()
    }

    /// What is simulated.
    pub fn simulation(&self) -> &Simulation {
        &self.core.simulation
    }

    /// Puts an arm in the place of another (by position; nothing happens where there is none), stops what is under way for
    /// the arms as they were, and runs the first draws. The others follow in the background.
    pub fn change(&mut self, arm: usize, new: Arm) {
        self.stop();
        self.core.change(arm, new);
        self.go();
    }

    /// Number of draws, from the first on, whose runs are those of the arms as they are.
    pub fn ready(&self) -> usize {
        let number = self.core.current().number;
        self.core.draws.iter().take_while(|draw| lock(draw).number == Some(number)).count()
    }

    /// Waits for all draws.
    pub fn finish(&mut self) {
        if let Some(background) = self.background.take() {
            // If it ended early, what is missing is run here.
            let _ = background.thread.join();
        }
        self.core.advance(0..self.core.draws.len(), &AtomicBool::new(false));
    }

    /// Stops what is under way; draws that are not ready stay so until the next change or [`Self::finish`].
    pub fn stop(&mut self) {
        if let Some(background) = self.background.take() {
            background.cancel.store(true, Ordering::Relaxed);
            let _ = background.thread.join();
        }
    }

    /// Chains that had to be run for the arms as they are, each for all years of a draw, over the draws that are ready.
    pub fn runs_made(&self) -> usize {
        let number = self.core.current().number;
        let ready = self.core.draws.iter().map(lock).filter(|state| state.number == Some(number));
        ready.map(|state| state.runs.made).sum()
    }

    /// The ensemble of the draws that are ready.
    pub fn ensemble(&self) -> Ensemble {
        self.core.ensemble()
    }

    fn go(&mut self) {
        let draws = self.core.draws.len();
        let first = draws.min(FIRST_DRAWS);
        self.core.advance(0..first, &AtomicBool::new(false));
        if first < draws {
            let (core, cancel) = (Arc::clone(&self.core), Arc::new(AtomicBool::new(false)));
            let stopped = Arc::clone(&cancel);
            let thread = thread::spawn(move || core.advance(first..draws, &stopped));
            self.background = Some(Background { cancel, thread });
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.stop();
    }
}

fn lock(draw: &Mutex<State>) -> std::sync::MutexGuard<'_, State> {
    draw.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Core {
    fn current(&self) -> Arc<Arrangement> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn change(&self, arm: usize, new: Arm) {
        let before = self.current();
        let mut arms = before.arms.clone();
        if let Some(place) = arms.get_mut(arm) {
            *place = new;
        }
        let mut frame = before.frame.clone();
        frame.take(&self.simulation, &arms, self.scope);
        let after = Arrangement { number: before.number + 1, arms, frame };
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(after);
    }

    /// Brings some draws up to the arms as they are, until `cancel` is set.
    fn advance(&self, draws: Range<usize>, cancel: &AtomicBool) {
        let current = self.current();
        let setting = current.frame.setting(&self.simulation, &current.arms, &self.roles, &self.plan, true);
        draws.into_par_iter().for_each(|d| {
            let mut state = lock(&self.draws[d]);
            if cancel.load(Ordering::Relaxed) || state.number == Some(current.number) {
                return;
            }
            let known: Vec<Vec<Arc<ChainRun>>> = (0..self.simulation.chains.len())
                .map(|chain| state.runs.of_chain(chain).chain(state.before.of_chain(chain)).collect())
                .collect();
            let mut worker = take(&self.workers);
            let runs = setting.of_draw(Draw::new(self.seed, d as u64), &known, &mut worker);
            put(&self.workers, worker);
            state.before = std::mem::replace(&mut state.runs, runs);
            state.number = Some(current.number);
        });
    }

    fn ensemble(&self) -> Ensemble {
        let current = self.current();
        let setting = current.frame.setting(&self.simulation, &current.arms, &self.roles, &self.plan, true);
        let ready = self.draws.iter().map_while(|draw| {
            let state = lock(draw);
            (state.number == Some(current.number)).then(|| state.runs.clone())
        });
        let ready: Vec<DrawRuns> = ready.collect();
        let mut ensemble = Ensemble::empty(&setting);
        ensemble.extend(&setting, &ready, None);
        ensemble
    }
}
