//! The terminal that pictures are drawn on, and what interrupts them.

use super::unblocked::Unblocked;
use crate::output::{ENTER, LEAVE, Size};
use nix::sys::signal::{SigSet, Signal, raise};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::termios::tcgetwinsize;
use std::io::{self, IsTerminal};
use std::time::Instant;

/// The signals that end the pictures, stop them for a while, or change their size.
const AWAITED: [Signal; 6] = [
    Signal::SIGHUP,
    Signal::SIGINT,
    Signal::SIGQUIT,
    Signal::SIGTERM,
    Signal::SIGTSTP,
    Signal::SIGWINCH,
];

/// What ends a wait.
pub enum Event {
    /// It is time.
    Due,
    /// The terminal may have another size, or show something else.
    Redraw,
    /// The program is to end.
    End(Signal),
}

/// Standard output, as long as pictures are drawn on it. Dropped, it gives the terminal
/// back as it was.
pub struct Terminal {
    signals: SignalFd,
    before: SigSet,
}

/// Whether standard output is a terminal that can draw.
pub fn can_draw() -> bool {
    let dumb = std::env::var_os("TERM").is_none_or(|term| term.is_empty() || term == "dumb");
    io::stdout().is_terminal() && !dumb
}

/// The terminal's size now: 80 columns and 24 rows where the terminal does not say.
pub fn size() -> Size {
    let size = tcgetwinsize(io::stdout()).ok();
    let size = size.map(|it| (usize::from(it.ws_col), usize::from(it.ws_row)));
    let (columns, rows) = size.filter(|it| it.0 > 0 && it.1 > 0).unwrap_or((80, 24));
    Size { columns, rows }
}

impl Terminal {
    /// Standard output, where it is a terminal that can draw.
    pub fn open() -> Option<Self> {
        if !can_draw() {
            return None;
        }
        let awaited: SigSet = AWAITED.into_iter().collect();
        let flags = SfdFlags::SFD_NONBLOCK | SfdFlags::SFD_CLOEXEC;
        let signals = SignalFd::with_flags(&awaited, flags).ok()?;
        let before = SigSet::thread_get_mask().ok()?;
        // It fails only for a wrong constant.
        awaited.thread_block().ok()?;
        let terminal = Terminal { signals, before };
        terminal.draw(ENTER.as_bytes()).ok()?;
        Some(terminal)
    }

    /// Draws. A signal that comes while the terminal takes nothing more leaves the picture
    /// unfinished: it ends the program, or another picture follows.
    ///
    /// # Errors
    /// When the terminal can't be written to.
    pub fn draw(&self, picture: &[u8]) -> io::Result<()> {
        let mut out = Unblocked::stdout();
        out.write(picture)?;
        out.finish(&self.signals).map(drop)
    }

    /// Waits for a time or a signal.
    ///
    /// # Errors
    /// What the system reports.
    pub fn wait(&self, until: Instant) -> io::Result<Event> {
        loop {
            while let Ok(Some(signal)) = self.signals.read_signal() {
                match Signal::try_from(signal.ssi_signo as i32) {
                    Ok(Signal::SIGWINCH) => return Ok(Event::Redraw),
                    Ok(Signal::SIGTSTP) => {
                        self.stop()?;
                        return Ok(Event::Redraw);
                    }
                    Ok(signal) => return Ok(Event::End(signal)),
                    Err(_) => {}
                }
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(Event::Due);
            }
            let left = Timespec::try_from(left).map_err(io::Error::other)?;
            poll(
                &mut [PollFd::new(&self.signals, PollFlags::IN)],
                Some(&left),
            )?;
        }
    }

    /// Stops as Ctrl-Z does, with the terminal as it was, until somebody lets it go on.
    fn stop(&self) -> io::Result<()> {
        Unblocked::stdout().write(LEAVE.as_bytes())?;
        raise(Signal::SIGSTOP)?;
        self.draw(ENTER.as_bytes())
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // A terminal that has gone needs nothing back, and one that is stuck can't have it.
        let _ = Unblocked::stdout().write(LEAVE.as_bytes());
        let _ = self.before.thread_set_mask();
    }
}
