//! The wait until the connections of servers have ended.

use super::before::Switches;
use super::drain_progress::{Progress, event};
use super::left::Left;
use super::records;
use super::server::{self, End, Server, is_absent, read_connections, read_counters};
use crate::cli::{Drain, Force};
use crate::commands::Failure;
use crate::commands::signals::Signals;
use crate::commands::unblocked::complain_at_once;
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
    /// The network namespace, as it was given.
    pub netns: Option<&'a str>,
    pub switches: Switches,
    pub servers: &'a mut [Server],
    pub progress: &'a mut Progress,
    pub signals: &'a mut Signals,
    /// Whether what `--undrain` needs is kept.
    pub kept: bool,
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
            let mut stranger = self.look().map_err(Failure::listing)?;
            if stranger.is_none() {
                stranger = self.finish(false)?;
            }
            if let Some(stranger) = stranger {
                return Ok(Outcome::Weight(stranger));
            }
            if self.servers.iter().all(|server| server.end.is_some()) {
                return Ok(Outcome::Done);
            }
            self.progress.update(self.servers);
            if is_last {
                return match self.drain.force {
                    Force::No => Ok(Outcome::Over),
                    // Somebody has set the switch back.
                    Force::Reset if !self.switches.no_destination => Ok(Outcome::Over),
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
        let before = self.ends();
        let stranger = self.count()?;
        self.tell_ends(&before);
        if stranger.is_some() {
            return Ok(stranger);
        }
        // Who is told of a switch may set it while the drain waits.
        self.switches = Switches::read(self.kernel);
        let templates_count = self.switches.templates_count(self.drain);
        let is_listed = self.list(templates_count)?;
        for server in self.servers.iter_mut() {
            let listed = match is_listed {
                true => Some(&server.listed),
                false => None,
            };
            server.left = Left::of(&server.status, listed, templates_count);
        }
        Ok(None)
    }

    /// Reads the counters. Returns a server whose weight somebody has set.
    fn count(&mut self) -> Result<Option<usize>, Error> {
        read_counters(self.kernel, self.servers)?;
        let stranger =
            |server: &Server| server.end.is_none() && server.status.destination.weight != 0;
        Ok(self.servers.iter().position(stranger))
    }

    fn ends(&self) -> Vec<Option<End>> {
        self.servers.iter().map(|server| server.end).collect()
    }

    /// Tells which servers are done that were not before.
    fn tell_ends(&mut self, before: &[Option<End>]) {
        for (server, before) in self.servers.iter().zip(before) {
            if let (Some(end), None) = (server.end, before) {
                self.progress.tell(server, event(end));
            }
        }
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

    /// Takes the servers out that nothing is left of, or all. Returns one whose weight
    /// somebody has set; then none was taken out.
    fn finish(&mut self, forced: bool) -> Result<Option<usize>, Failure> {
        if !self.servers.iter().any(|server| can_go(server, forced)) {
            return Ok(None);
        }
        let (before, kept) = (self.ends(), self.kept);
        let stranger = self.take_out(forced);
        self.tell_ends(&before);
        if kept && !self.kept {
            let deleted = |server: &&Server| server.end == Some(End::Deleted);
            let deleted = self.servers.iter().filter(deleted);
            records::say_way_back(deleted, self.netns);
        }
        stranger
    }

    /// Takes them out under the lock, without a word.
    ///
    /// Reading the list of connections took its time, in which `--undrain` may have been
    /// here, or a connection may have come: so the counters are read once more.
    fn take_out(&mut self, forced: bool) -> Result<Option<usize>, Failure> {
        let _lock = records::lock(self.kernel)?;
        let counted = |server: &Server| (server.status.active, server.status.inactive);
        let before: Vec<_> = self.servers.iter().map(counted).collect();
        let stranger = self.count().map_err(Failure::listing)?;
        if stranger.is_some() {
            return Ok(stranger);
        }
        let servers = self.servers.iter_mut().zip(before);
        let mut going: Vec<&mut Server> = servers
            .filter(|(server, (active, inactive))| {
                let more = server.status.active > *active || server.status.inactive > *inactive;
                can_go(server, forced) && (forced || !more)
            })
            .map(|(server, _)| server)
            .collect();
        if self.kept && !self.drain.keep {
            self.kept = records::keep(self.kernel, &going)?;
        }
        for server in &mut going {
            server.end = Some(match self.drain.keep {
                true => End::Kept,
                false => delete(self.kernel, server)?,
            });
        }
        Ok(None)
    }

    /// Deletes servers with the connections that they still have.
    fn give_up(&mut self) -> Result<Outcome, Failure> {
        self.progress.clear();
        let left = server::left(self.servers);
        let given_up = format!("{left} given up: {}", self.switches.fate());
        complain_at_once(&given_up);
        let stranger = self.finish(true)?;
        Ok(stranger.map_or(Outcome::Done, Outcome::Weight))
    }
}

fn can_go(server: &Server, forced: bool) -> bool {
    server.end.is_none() && (forced || server.left.is_nothing())
}

fn delete(kernel: &mut Kernel, server: &Server) -> Result<End, Failure> {
    match kernel.apply(&server.delete()) {
        Ok(()) => Ok(End::Deleted),
        Err(Error::Refused(refusal)) if is_absent(&refusal) => Ok(End::Gone),
        Err(error) => Err(Failure::change(error)),
    }
}
