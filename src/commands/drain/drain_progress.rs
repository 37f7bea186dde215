//! How far drains have come, on standard output: on a terminal a line a server, updated in
//! place; elsewhere, and as JSON, a line when something has changed and now and then.

use super::server::{End, Server};
use crate::commands::Failure;
use crate::commands::signals::Signals;
use crate::commands::unblocked::Unblocked;
use crate::output::{DrainCounts, DrainEvent, DrainRow, write_json_drain};
use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

/// After so long without a change a line is written all the same.
const SIGN_OF_LIFE: Duration = Duration::from_secs(30);
/// A terminal gets a line for each server up to so many, else one for all.
const MOST_LINES: usize = 10;

/// Writes how far it has come.
pub struct Progress {
    json: bool,
    terminal: bool,
    /// Whether more than one server is drained.
    many: bool,
    /// The lines that can be overwritten.
    drawn: usize,
    /// The counters that were told last, and when, of each server.
    told: Vec<Option<([u32; 3], Instant)>>,
    out: Unblocked,
    /// Why nothing can be written any more.
    failed: Option<io::Error>,
}

impl Progress {
    pub fn new(json: bool, servers: usize) -> Self {
        Progress {
            json,
            terminal: !json && io::stdout().is_terminal(),
            many: servers > 1,
            drawn: 0,
            told: vec![None; servers],
            out: Unblocked::stdout(),
            failed: None,
        }
    }

    /// Tells how far those have come that are not done.
    pub fn update(&mut self, servers: &[Server]) {
        // What was told before comes first; who reads nothing needs no news.
        self.write(|_| Ok(()));
        if self.out.is_stuck() {
            return;
        }
        if self.terminal {
            return self.draw(servers);
        }
        for (number, server) in servers.iter().enumerate() {
            let told = self.told.get(number).copied().flatten();
            let status = &server.status;
            let counters = [status.active, status.inactive, status.persistent];
            let is_news = told
                .is_none_or(|(before, when)| before != counters || when.elapsed() >= SIGN_OF_LIFE);
            if server.end.is_none() && is_news {
                self.row(&row(server, DrainEvent::Waiting));
                if let Some(told) = self.told.get_mut(number) {
                    *told = Some((counters, Instant::now()));
                }
            }
        }
    }

    /// Tells what happened to a server.
    pub fn tell(&mut self, server: &Server, event: DrainEvent) {
        self.clear();
        self.row(&row(server, event));
    }

    /// Takes the lines away that are updated in place, so that others may follow.
    pub fn clear(&mut self) {
        if self.drawn > 0 {
            let text = format!("\x1b[{}A\x1b[J", self.drawn);
            self.drawn = 0;
            self.write(|out| out.write_all(text.as_bytes()));
        }
    }

    /// Waits until all is written, or a signal comes. Whether all could be written: that a
    /// reader has gone is no failure.
    pub fn finish(mut self, signals: &mut Signals) -> Result<(), Failure> {
        self.clear();
        let finished = match self.failed {
            Some(error) => Err(error),
            None => signals.finish(&mut self.out),
        };
        match finished {
            Ok(true) => Ok(()),
            Ok(false) => {
                // The signal ends the program.
                let _ = signals.proceed();
                Ok(())
            }
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    fn draw(&mut self, servers: &[Server]) {
        let waiting = servers.iter().filter(|server| server.end.is_none());
        let rows: Vec<_> = waiting
            .map(|server| row(server, DrainEvent::Waiting))
            .collect();
        let lines = if rows.len() <= MOST_LINES {
            rows.iter().map(|row| row.line(self.many)).collect()
        } else {
            let mut sum = DrainCounts::default();
            rows.iter().for_each(|row| sum.add(row));
            vec![format!("{} servers  {sum}", rows.len())]
        };
        self.clear();
        // A line that is too long is cut, not wrapped: else it would be two.
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        self.write(|out| write!(out, "\x1b[?7l{text}\x1b[?7h"));
        self.drawn = lines.len();
    }

    fn row(&mut self, row: &DrainRow) {
        let (json, many) = (self.json, self.many);
        self.write(|out| match json {
            true => write_json_drain(out, row),
            false => writeln!(out, "{}", row.line(many)),
        });
    }

    /// The drain goes on where nobody can be told of it.
    fn write(&mut self, write: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) {
        if self.failed.is_some() {
            return;
        }
        let mut text = Vec::new();
        self.failed = write(&mut text).and_then(|()| self.out.write(&text)).err();
    }
}

/// The event of a drain's end.
pub fn event(end: End) -> DrainEvent {
    match end {
        End::Deleted => DrainEvent::Deleted,
        End::Kept => DrainEvent::Kept,
        End::Gone => DrainEvent::Gone,
    }
}

pub fn row(server: &Server, event: DrainEvent) -> DrainRow {
    let left = |end: Instant| end.saturating_duration_since(Instant::now()).as_secs();
    DrainRow {
        event,
        key: server.key(),
        status: server.status,
        last_end: server.ends.map(|end| left(end) as u32),
    }
}
