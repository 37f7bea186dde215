//! A progress bar for what takes long.

use indicatif::{ProgressBar, ProgressDrawTarget};
use std::cell::{Cell, OnceCell};
use std::io::{self, IsTerminal};
use std::time::{Duration, Instant};

/// What takes less needs no bar.
const PATIENCE: Duration = Duration::from_secs(1);
/// How many steps go by between two looks at the clock.
const STRIDE: usize = 256;

/// A bar on standard error, shown when that is a terminal and the work goes on
/// for longer than a second.
pub struct Bar {
    steps: usize,
    done: Cell<usize>,
    begun: Option<Instant>,
    bar: OnceCell<ProgressBar>,
}

impl Bar {
    /// A bar for so many steps, not shown yet.
    pub fn new(steps: usize) -> Self {
        let begun = io::stderr().is_terminal().then(Instant::now);
        Bar {
            steps,
            done: Cell::new(0),
            begun,
            bar: OnceCell::new(),
        }
    }

    /// One step is done.
    pub fn advance(&self) {
        let done = self.done.get() + 1;
        self.done.set(done);
        if !done.is_multiple_of(STRIDE) || self.begun.is_none_or(|begun| begun.elapsed() < PATIENCE)
        {
            return;
        }
        let bar = self.bar.get_or_init(|| {
            ProgressBar::with_draw_target(Some(self.steps as u64), ProgressDrawTarget::stderr())
        });
        bar.set_position(done as u64);
    }

    /// All is done: takes the bar away.
    pub fn finish(&self) {
        if let Some(bar) = self.bar.get() {
            bar.finish_and_clear();
        }
    }
}
