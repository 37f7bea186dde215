//! Writing that holds nothing up. A pager that waits for a key and a stopped terminal take no
//! text, perhaps for hours; what has work to do, or holds signals back, must not wait for them.

use nix::sys::signalfd::SignalFd;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::OFlags;
use rustix::io::Errno;
use rustix::stdio::{stderr, stdout};
use std::fs::{File, OpenOptions};
use std::io::{self, IsTerminal};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::OpenOptionsExt;

/// A pipe that takes anything takes so much at once (`PIPE_BUF`).
const PIECE: usize = 4096;
/// How often a stream that took nothing is tried again.
const RETRY: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 20_000_000,
};

/// Text on its way to a stream, which takes it when it can.
pub struct Unblocked {
    stream: BorrowedFd<'static>,
    /// A terminal that has room for a byte counts as writable, and lets a longer text wait. So
    /// it is opened once more, not to wait: that others have it open, too, forbids to change
    /// the stream itself.
    terminal: Option<File>,
    waiting: Vec<u8>,
}

impl Unblocked {
    pub fn stdout() -> Self {
        Unblocked::new(stdout(), "/proc/self/fd/1")
    }

    pub fn stderr() -> Self {
        Unblocked::new(stderr(), "/proc/self/fd/2")
    }

    fn new(stream: BorrowedFd<'static>, path: &str) -> Self {
        let flags = OFlags::NONBLOCK | OFlags::NOCTTY;
        let mut options = OpenOptions::new();
        options.write(true).custom_flags(flags.bits() as i32);
        let terminal = match stream.is_terminal() {
            true => options.open(path).ok(),
            false => None,
        };
        Unblocked {
            stream,
            terminal,
            waiting: Vec::new(),
        }
    }

    /// Whether the stream has not taken all yet.
    pub fn is_stuck(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Adds text, and writes as much of all as is taken now.
    ///
    /// # Errors
    /// Why nothing can be written any more.
    pub fn write(&mut self, text: &[u8]) -> io::Result<()> {
        self.waiting.extend_from_slice(text);
        let stream = match &self.terminal {
            Some(terminal) => terminal.as_fd(),
            None => self.stream,
        };
        while !self.waiting.is_empty() && is_writable(stream) {
            let piece = &self.waiting[..self.waiting.len().min(PIECE)];
            match rustix::io::write(stream, piece) {
                Ok(written) => drop(self.waiting.drain(..written)),
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => break,
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Waits until all is written, or a signal comes. Whether all is written.
    ///
    /// # Errors
    /// Why nothing can be written any more.
    pub fn finish(&mut self, signals: &SignalFd) -> io::Result<bool> {
        self.write(b"")?;
        while self.is_stuck() {
            let mut pending = [PollFd::new(signals, PollFlags::IN)];
            if matches!(poll(&mut pending, Some(&RETRY)), Ok(1)) {
                return Ok(false);
            }
            self.write(b"")?;
        }
        Ok(true)
    }
}

fn is_writable(stream: BorrowedFd<'_>) -> bool {
    let mut stream = [PollFd::from_borrowed_fd(stream, PollFlags::OUT)];
    !matches!(poll(&mut stream, Some(&Timespec::default())), Ok(0))
}

/// Says a line on standard error, where that takes it at once: for those that hold a lock, or
/// have an end to keep.
pub fn complain_at_once(line: &str) {
    // Where it can't be written, the exit status must do.
    let _ = Unblocked::stderr().write(&super::complaint(line));
}
