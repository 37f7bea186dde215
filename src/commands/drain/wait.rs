//! The wait until the connections of servers have ended.

use super::before::Switches;
use super::left::Left;
use super::progress::{Progress, event};
use super::server::{self, End, Server, is_absent, read_connections, read_counters};
use crate::cli::{Drain, Force};
use crate::commands::signals::Signals;
use crate::commands::{Failure, complain};
use crate::kernel::{Error, Kernel};
use std::time::{Duration, Instant};

/// The kernel has no events of connections that end.
const POLL: Duration = Duration::from_secs(1);
/// The list of connections may be long: reading it takes at most this part of the time.
const READING_SHARE: u32 = 20;

/// Why the wait has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// All servers are done.
    Done,
    /// Connections are left.
    Over,
    /// A signal came.
    Signal,
    /// Somebody has set the weight of this server.
    Weight(usize),
}

/// A drain at work.
pub struct Wait<'a> {
    pub kernel: &'a mut Kernel,
    pub drain: &'a Drain,
    pub switches: Switches,
    pub servers: &'a mut [Server],
    pub progress: &'a mut Progress,
    pub signals: &'a mut Signals,
    /// When the list of connections may be read again.
    pub next_reading: Instant,
}

impl Wait<'_> {
    /// Waits, and takes each server out that nothing is left of.
    pub fn run(&mut self) -> Result<Outcome, Failure> {
        let end = self
            .drain
            .wait
            .map(|wait| Instant::now() + Duration::from_secs(wait.into()));
        loop {
            let time_left = end.map(|end| end.saturating_duration_since(Instant::now()));
            let is_last = time_left.is_some_and(|left| left.is_zero());
            if is_last {
                // What is told now, and perhaps given up, must be true.
                self.next_reading = Instant::now();
            }
            if let Some(stranger) = self.look().map_err(Failure::listing)? {
                return Ok(Outcome::Weight(stranger));
            }
            self.finish(|server| server.left.is_nothing())?;
            if self.servers.iter().all(|server| server.end.is_some()) {
                return Ok(Outcome::Done);
            }
            self.progress.update(self.servers);
            if is_last {
                return match self.drain.force {
                    Force::No => Ok(Outcome::Over),
                    Force::Reset | Force::Always => self.give_up(),
                };
            }
            let pause = time_left.unwrap_or(POLL).min(POLL);
            if self.signals.wait(pause).is_break() {
                return Ok(Outcome::Signal);
            }
        }
    }

    /// Reads what is left of the servers. Returns one whose weight somebody has set.
    fn look(&mut self) -> Result<Option<usize>, Error> {
        let before: Vec<_> = self.servers.iter().map(|server| server.end).collect();
        read_counters(self.kernel, self.servers)?;
        for (server, before) in self.servers.iter().zip(before) {
            if server.end != before {
                self.progress.tell(server, event(End::Gone));
            }
        }
        let mut waiting = self.servers.iter().enumerate();
        let stranger = waiting
            .find(|(_, server)| server.end.is_none() && server.status.destination.weight != 0);
        if let Some((number, _)) = stranger {
            return Ok(Some(number));
        }
        let templates_count = self.switches.templates_count(self.drain);
        let listed = self.list(templates_count)?;
        for server in self.servers.iter_mut() {
            let listed = Some(&server.listed).filter(|_| listed);
            server.left = Left::of(&server.status, listed, templates_count);
        }
        Ok(None)
    }

    /// Reads the list of connections, where there are any and the time has come.
    fn list(&mut self, templates_count: bool) -> Result<bool, Error> {
        let begun = Instant::now();
        let counted = |server: &Server| {
            let left = Left::of(&server.status, None, true);
            server.end.is_none() && !left.is_nothing()
        };
        if begun < self.next_reading || !self.servers.iter().any(counted) {
            return Ok(false);
        }
        read_connections(self.kernel, self.servers, templates_count)?;
        self.next_reading = Instant::now() + begun.elapsed() * READING_SHARE;
        Ok(true)
    }

    /// Takes the servers out that can go.
    fn finish(&mut self, can_go: impl Fn(&Server) -> bool) -> Result<(), Failure> {
        let waiting = self
            .servers
            .iter_mut()
            .filter(|server| server.end.is_none());
        for server in waiting.filter(|server| can_go(server)) {
            let end = match self.drain.keep {
                true => End::Kept,
                false => match self.kernel.apply(&server.delete()) {
                    Ok(()) => End::Deleted,
                    Err(Error::Refused(refusal)) if is_absent(&refusal) => End::Gone,
                    Err(error) => return Err(Failure::change(error)),
                },
            };
            server.end = Some(end);
            self.progress.tell(server, event(end));
        }
        Ok(())
    }

    /// Deletes servers with the connections that they still have.
    fn give_up(&mut self) -> Result<Outcome, Failure> {
        self.progress.clear();
        let left = server::left(self.servers);
        complain(&format!("{left} given up: {}", self.switches.fate()));
        self.finish(|_| true)?;
        Ok(Outcome::Done)
    }
}
