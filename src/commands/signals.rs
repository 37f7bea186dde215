//! Signals that end the program, held back while a table is changed.
//!
//! They are blocked, not handled: no system call is cut short by one. A restore
//! has no other thread, which a signal would reach.

use super::unblocked::Unblocked;
use crate::ExitStatus;
use nix::sys::signal::{SigSet, Signal, raise};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::fs;
use std::io;
use std::ops::ControlFlow;
use std::thread;
use std::time::Duration;

/// The signals that are held back. `SIGQUIT` still ends the program at once.
const HELD: [Signal; 3] = [Signal::SIGHUP, Signal::SIGINT, Signal::SIGTERM];

/// Signals held back, since it was made.
pub struct Signals {
    /// `None` where signals can't be held: then they end the program at once.
    pending: Option<SignalFd>,
    before: SigSet,
    caught: Option<Signal>,
}

impl Signals {
    /// Holds the signals back that would end the program. What its caller blocked
    /// or wants ignored, as `nohup` does, stays so.
    pub fn hold() -> Self {
        let ignored = ignored();
        let before = SigSet::thread_get_mask().unwrap_or_else(|_| SigSet::all());
        let free = |signal: &Signal| {
            let bit = 1_u64 << (*signal as i32 - 1);
            !before.contains(*signal) && ignored & bit == 0
        };
        let held: SigSet = HELD.into_iter().filter(free).collect();
        let flags = SfdFlags::SFD_NONBLOCK | SfdFlags::SFD_CLOEXEC;
        let pending = SignalFd::with_flags(&held, flags).ok();
        if pending.is_some() {
            // It fails only for a wrong constant.
            let _ = held.thread_block();
        }
        Signals {
            pending,
            before,
            caught: None,
        }
    }

    /// Whether to go on: not once a signal came.
    pub fn proceed(&mut self) -> ControlFlow<()> {
        if let Some(pending) = &self.pending {
            while let Ok(Some(signal)) = pending.read_signal() {
                let signal = Signal::try_from(signal.ssi_signo as i32).ok();
                self.caught = self.caught.or(signal);
            }
        }
        match self.caught {
            Some(_) => ControlFlow::Break(()),
            None => ControlFlow::Continue(()),
        }
    }

    /// Waits, at most so long, for a signal. Whether to go on.
    pub fn wait(&mut self, time: Duration) -> ControlFlow<()> {
        match (&self.pending, Timespec::try_from(time)) {
            (Some(pending), Ok(time)) => {
                let mut pending = [PollFd::new(pending, PollFlags::IN)];
                // Cut short, it is a short wait.
                let _ = poll(&mut pending, Some(&time));
            }
            _ => thread::sleep(time),
        }
        self.proceed()
    }

    /// Waits until all is written, or a signal comes: nobody who wants the program to end has
    /// to wait for a reader. Whether all is written.
    ///
    /// # Errors
    /// Why nothing can be written any more.
    pub fn finish(&self, out: &mut Unblocked) -> io::Result<bool> {
        match (&self.pending, self.caught) {
            (Some(pending), None) => out.finish(pending),
            _ => out.write(b"").map(|()| !out.is_stuck()),
        }
    }

    /// Lets signals end the program again, but for those that came meanwhile.
    /// Returns the signal that stopped the work, if there was one.
    pub fn release(mut self) -> Option<Signal> {
        let caught = self.caught;
        let _ = self.proceed();
        let _ = self.before.thread_set_mask();
        caught
    }
}

/// Ends the program as the signal does.
pub fn end_by(signal: Signal) -> ExitStatus {
    let _ = raise(signal);
    ExitStatus::Refused
}

/// The signals that the caller wants ignored, a bit each.
fn ignored() -> u64 {
    let status = fs::read_to_string("/proc/thread-self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .unwrap_or(0)
}
