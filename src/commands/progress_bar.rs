//! A progress bar for what takes long.
//!
//! It is our own: the crate for it draws in the C library's libm, whose loading
//! costs every start more than the bar is worth.

use super::unblocked::Unblocked;
use std::io::{self, IsTerminal};
use std::time::{Duration, Instant};

/// What takes less needs no bar.
const PATIENCE: Duration = Duration::from_secs(1);
/// The bar's columns.
const WIDTH: usize = 40;

/// A bar on standard error, shown when that is a terminal and the work goes on
/// for longer than a second.
pub struct Bar {
    steps: usize,
    begun: Option<Instant>,
    shown: bool,
}

impl Bar {
    /// A bar for so many steps, not shown yet.
    pub fn new(steps: usize) -> Self {
        let begun = io::stderr().is_terminal().then(Instant::now);
        Bar {
            steps,
            begun,
            shown: false,
        }
    }

    /// So many steps are done.
    pub fn reach(&mut self, done: usize) {
        if self.begun.is_some_and(|begun| begun.elapsed() >= PATIENCE) {
            self.shown = true;
            draw(&bar(done, self.steps));
        }
    }

    /// All is done: takes the bar away.
    pub fn finish(self) {
        if self.shown {
            draw("\r\x1b[K");
        }
    }
}

fn bar(done: usize, steps: usize) -> String {
    let filled = (done * WIDTH).checked_div(steps).unwrap_or(0).min(WIDTH);
    format!("\r[{:<WIDTH$}] {done}/{steps}", "#".repeat(filled))
}

/// A terminal that can't be written to, or is stopped, shows no bar; the work goes on.
fn draw(text: &str) {
    let _ = Unblocked::stderr().write(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_fills() {
        assert_eq!(bar(0, 4), format!("\r[{}] 0/4", " ".repeat(WIDTH)));
        assert_eq!(
            bar(1, 4),
            format!(
                "\r[{}{}] 1/4",
                "#".repeat(WIDTH / 4),
                " ".repeat(3 * WIDTH / 4)
            )
        );
        assert_eq!(bar(9, 4), format!("\r[{}] 9/4", "#".repeat(WIDTH)));
        assert_eq!(bar(0, 0), format!("\r[{}] 0/0", " ".repeat(WIDTH)));
    }
}
