//! How far the drain of a server has come: a line of text.

use crate::model::{DestinationStatus, ServiceKey};
use std::fmt;

/// A server that is drained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DrainRow {
    /// What happened.
    pub event: DrainEvent,
    /// The server's service.
    pub key: ServiceKey,
    /// The server, as it was read last.
    pub status: DestinationStatus,
    /// In how many seconds the last of what is waited for ends, unless it goes on.
    pub last_end: Option<u32>,
}

/// What happened to a server that is drained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DrainEvent {
    /// It would be drained.
    Planned,
    /// It is waited for.
    Waiting,
    /// It was deleted.
    Deleted,
    /// It is drained, and stays.
    Kept,
    /// Somebody else has deleted it, or its service.
    Gone,
    /// The wait is over, and something is left.
    Left,
    /// A signal ended the drain.
    Stopped,
    /// Somebody else has set its weight.
    Weight,
}

impl DrainEvent {
    /// The word of the documents for programs.
    pub fn word(self) -> &'static str {
        match self {
            DrainEvent::Planned => "planned",
            DrainEvent::Waiting => "waiting",
            DrainEvent::Deleted => "deleted",
            DrainEvent::Kept => "kept",
            DrainEvent::Gone => "gone",
            DrainEvent::Left => "left",
            DrainEvent::Stopped => "stopped",
            DrainEvent::Weight => "weight",
        }
    }
}

impl DrainRow {
    /// Its line, with the service where more than one server is drained.
    pub fn line(&self, with_service: bool) -> String {
        let server = self.status.destination.endpoint;
        let service = match with_service {
            true => format!(" of {}", self.key),
            false => String::new(),
        };
        match self.event {
            DrainEvent::Deleted => format!("{server}{service}  deleted"),
            DrainEvent::Kept => format!("{server}{service}  drained, stays at weight 0"),
            DrainEvent::Gone => format!("{server}{service}  gone: another program deleted it"),
            _ => {
                let mut counts = Counts::default();
                counts.add(self);
                format!("{server}{service}  {counts}")
            }
        }
    }
}

/// `active 12  inactive 30  persistent 5  last ends in 14:59 at most`
#[derive(Debug, Clone, Copy, Default)]
pub struct Counts {
    active: u64,
    inactive: u64,
    persistent: u64,
    last_end: Option<u32>,
}

impl Counts {
    /// Adds a server.
    pub fn add(&mut self, row: &DrainRow) {
        self.active += u64::from(row.status.active);
        self.inactive += u64::from(row.status.inactive);
        self.persistent += u64::from(row.status.persistent);
        self.last_end = self.last_end.max(row.last_end);
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Counts {
            active,
            inactive,
            persistent,
            last_end,
        } = self;
        write!(
            f,
            "active {active}  inactive {inactive}  persistent {persistent}"
        )?;
        let Some(seconds) = last_end else {
            return Ok(());
        };
        let (minutes, seconds) = (seconds / 60, seconds % 60);
        write!(f, "  last ends in {minutes:02}:{seconds:02} at most")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Destination;

    #[test]
    fn a_line_a_server() {
        let destination = Destination::new("10.2.0.11:80".parse().unwrap());
        let mut row = DrainRow {
            event: DrainEvent::Waiting,
            key: "-t 10.1.0.100:80".parse().unwrap(),
            status: DestinationStatus {
                active: 12,
                inactive: 30,
                persistent: 5,
                ..DestinationStatus::idle(destination)
            },
            last_end: Some(899),
        };
        assert_eq!(
            row.line(false),
            "10.2.0.11:80  active 12  inactive 30  persistent 5  last ends in 14:59 at most"
        );
        let mut sum = Counts::default();
        sum.add(&row);
        row.last_end = None;
        sum.add(&row);
        assert_eq!(
            sum.to_string(),
            "active 24  inactive 60  persistent 10  last ends in 14:59 at most"
        );
        row.event = DrainEvent::Deleted;
        assert_eq!(row.line(true), "10.2.0.11:80 of -t 10.1.0.100:80  deleted");
    }
}
