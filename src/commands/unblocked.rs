//! Writing that holds nothing up. A pager that waits for a key and a stopped terminal take no
//! text, perhaps for hours; what has work to do, or holds signals back, must not wait for them.

use super::complain;
use nix::sys::signalfd::SignalFd;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::stdio::stdout;
use std::io;
use std::os::fd::AsFd;

/// A pipe that takes anything takes so much at once (`PIPE_BUF`).
const PIECE: usize = 4096;

/// Whether something can be written at once.
pub fn is_writable(stream: impl AsFd) -> bool {
    let mut stream = [PollFd::new(&stream, PollFlags::OUT)];
    !matches!(poll(&mut stream, Some(&Timespec::default())), Ok(0))
}

/// Says a line on standard error, where that takes it at once: for who holds a lock.
pub fn complain_at_once(line: &str) {
    if is_writable(io::stderr()) {
        complain(line);
    }
}

/// Waits until something can be written, or a signal comes. Whether it can be written.
pub fn until_writable(stream: impl AsFd, signals: &SignalFd) -> bool {
    let mut both = [
        PollFd::new(signals, PollFlags::IN),
        PollFd::new(&stream, PollFlags::OUT),
    ];
    // Cut short by another signal, it begins anew.
    while let Err(Errno::INTR) = poll(&mut both, None) {}
    is_writable(&stream)
}

/// Text on its way to standard output, which takes it when it can.
#[derive(Default)]
pub struct Unblocked {
    waiting: Vec<u8>,
}

impl Unblocked {
    /// Whether standard output has not taken all yet.
    pub fn is_stuck(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Adds text, and writes as much of all as is taken now.
    ///
    /// # Errors
    /// Why nothing can be written any more.
    pub fn write(&mut self, text: &[u8]) -> io::Result<()> {
        self.waiting.extend_from_slice(text);
        while self.is_stuck() && is_writable(stdout()) {
            let piece = &self.waiting[..self.waiting.len().min(PIECE)];
            match rustix::io::write(stdout(), piece) {
                Ok(written) => drop(self.waiting.drain(..written)),
                Err(Errno::AGAIN | Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}
