//! Progress and cancellation of long work, as the caller sees and steers it.

use std::{
    fmt,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
};

/// Called with the work done and the work in all, in draws or scenarios; from any thread, never twice at once for the same number.
pub type Progress = dyn Fn(usize, usize) + Send + Sync;

/// What a caller holds while a question is answered: asks for an end, hears of progress.
#[derive(Default)]
pub struct Control {
    cancelled: AtomicBool,
    done: AtomicUsize,
    total: AtomicUsize,
    progress: Option<Box<Progress>>,
}

/// The caller asked for an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("cancelled")]
pub struct Cancelled;

impl Control {
    /// A control that tells `progress` of each step.
    pub fn with_progress(progress: impl Fn(usize, usize) + Send + Sync + 'static) -> Self {
        Self { progress: Some(Box::new(progress)), ..Self::default() }
    }

    /// Asks the work to end: it does so before its next draw or scenario.
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }

    /// Whether an end was asked for.
    pub fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }

    /// Says that so many steps are to come.
    pub fn expect(&self, steps: usize) {
        self.total.fetch_add(steps, Ordering::Relaxed);
    }

    /// Says that a step is done.
    ///
    /// # Errors
    /// When an end was asked for.
    pub fn step(&self) -> Result<(), Cancelled> {
        let done = 1 + self.done.fetch_add(1, Ordering::Relaxed);
        if let Some(progress) = &self.progress {
            progress(done, self.total.load(Ordering::Relaxed).max(done));
        }
        if self.is_cancelled() { Err(Cancelled) } else { Ok(()) }
    }
}

impl fmt::Debug for Control {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Control")
            .field("cancelled", &self.is_cancelled())
            .field("done", &self.done)
            .field("total", &self.total)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[test]
    fn steps_are_counted_and_an_end_is_heard() {
        let heard = Arc::new(Mutex::new(Vec::new()));
        let to = Arc::clone(&heard);
        let control = Control::with_progress(move |done, total| {
            if let Ok(mut list) = to.lock() {
                list.push((done, total));
            }
        });
        control.expect(2);
        assert_eq!(control.step(), Ok(()));
        control.cancel();
        assert_eq!(control.step(), Err(Cancelled));
        assert_eq!(heard.lock().map(|list| list.clone()).unwrap_or_default(), [(1, 2), (2, 2)]);
    }
}
