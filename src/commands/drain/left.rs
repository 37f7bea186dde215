//! What is left of a server that is drained: from its counters, which are exact but do
//! not tell the living from the dead, and from the list of connections, which does.

use crate::kernel::Connection;
use crate::model::DestinationStatus;
use crate::text::counted;
use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;

/// What the kernel's list has of a server.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listed {
    /// Connections that may carry something yet.
    alive: u64,
    /// Connections that nobody misses.
    ended: u64,
    /// How long the last connection or template that the drain waits for can last, in seconds.
    pub last: Option<u32>,
    /// How many connections and templates that the drain waits for each client has.
    clients: BTreeMap<IpAddr, u64>,
}

impl Listed {
    /// Adds a connection or a persistence template of the server.
    pub fn add(&mut self, connection: &Connection<'_>, templates_count: bool) {
        let waited_for = if is_template(connection) {
            templates_count
        } else if has_ended(connection) {
            self.ended += 1;
            false
        } else {
            self.alive += 1;
            true
        };
        if waited_for {
            self.last = self.last.max(Some(connection.expires));
            *self.clients.entry(connection.client.address).or_default() += 1;
        }
    }

    /// Adds the clients to others.
    pub fn add_clients_to(&self, sums: &mut BTreeMap<IpAddr, u64>) {
        for (client, count) in &self.clients {
            *sums.entry(*client).or_default() += count;
        }
    }
}

/// The kernel lists templates with the client's port 0.
fn is_template(connection: &Connection<'_>) -> bool {
    connection.client.port == 0
}

/// Connections in these states last for up to two minutes, whatever `--set` says, and carry
/// nothing.
fn has_ended(connection: &Connection<'_>) -> bool {
    matches!(
        (connection.protocol, connection.state),
        ("TCP", "TIME_WAIT" | "CLOSE") | ("SCTP", "CLOSED")
    )
}

/// What has to end before the server is drained.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Left {
    /// Connections.
    pub connections: u64,
    /// Persistence templates, where they are waited for.
    pub templates: u64,
}

impl Left {
    /// What the counters, and the list where it was read after them, say.
    ///
    /// A connection that is counted and not listed as ended is alive: the list may lack
    /// it, or have it under another service, as the data connections of FTP.
    pub fn of(status: &DestinationStatus, listed: Option<&Listed>, templates_count: bool) -> Left {
        let counted = u64::from(status.active) + u64::from(status.inactive);
        let connections = listed.map_or(counted, |listed| {
            let not_ended = counted.saturating_sub(listed.ended);
            // A long list may name a connection twice while others come and go.
            let alive = listed.alive.max(status.active.into());
            not_ended.max(alive).min(counted)
        });
        let templates = match templates_count {
            true => u64::from(status.persistent),
            false => 0,
        };
        Left {
            connections,
            templates,
        }
    }

    /// Whether the server can go.
    pub fn is_nothing(self) -> bool {
        self == Left::default()
    }
}

impl fmt::Display for Left {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let connections = counted(self.connections, "connection");
        let templates = counted(self.templates, "persistence template");
        match (self.connections, self.templates) {
            (_, 0) => f.write_str(&connections),
            (0, _) => f.write_str(&templates),
            _ => write!(f, "{connections} and {templates}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Destination;
    use proptest::prelude::*;

    const STATES: [(&str, &str, bool); 12] = [
        ("TCP", "ESTABLISHED", true),
        ("TCP", "SYN_RECV", true),
        ("TCP", "FIN_WAIT", true),
        ("TCP", "CLOSE_WAIT", true),
        ("TCP", "LAST_ACK", true),
        ("TCP", "NONE", true),
        ("TCP", "TIME_WAIT", false),
        ("TCP", "CLOSE", false),
        ("UDP", "UDP", true),
        ("SCTP", "SHUTDOWN_SENT", true),
        ("SCTP", "CLOSED", false),
        ("ESP", "NONE", true),
    ];

    fn status(active: u32, inactive: u32, persistent: u32) -> DestinationStatus {
        let destination = Destination::new("10.0.0.2:80".parse().unwrap());
        DestinationStatus {
            active,
            inactive,
            persistent,
            ..DestinationStatus::idle(destination)
        }
    }

    fn listed(lines: &[(&str, &str, u16, u32)], templates_count: bool) -> Listed {
        let mut listed = Listed::default();
        for (protocol, state, port, expires) in lines {
            let line = format!(
                "{protocol} 0B000001 {port:04X} 0A000001 0050 0A000002 0050 {state} {expires}"
            );
            let connection = Connection::parse(line.as_bytes()).unwrap();
            listed.add(&connection, templates_count);
        }
        listed
    }

    #[test]
    fn only_the_dead_are_not_waited_for() {
        for (protocol, state, alive) in STATES {
            let listed = listed(&[(protocol, state, 9, 5)], true);
            let left = Left::of(&status(0, 1, 0), Some(&listed), true);
            assert_eq!(!left.is_nothing(), alive, "{protocol} {state}");
            assert_eq!(listed.last.is_some(), alive, "{protocol} {state}");
        }
    }

    #[test]
    fn templates_count_unless_they_do_not() {
        let lines = [("TCP", "NONE", 0, 300), ("TCP", "TIME_WAIT", 9, 60)];
        let counts = status(0, 1, 1);
        let left = Left::of(&counts, Some(&listed(&lines, true)), true);
        assert_eq!((left.connections, left.templates), (0, 1));
        assert_eq!(listed(&lines, true).last, Some(300));
        let without = listed(&lines, false);
        assert!(Left::of(&counts, Some(&without), false).is_nothing());
        assert_eq!(without.last, None);
    }

    #[test]
    fn what_is_counted_and_not_listed_is_alive() {
        let listed = listed(&[("TCP", "TIME_WAIT", 9, 60)], true);
        let left = Left::of(&status(0, 3, 0), Some(&listed), true);
        assert_eq!(left.connections, 2);
        assert_eq!(Left::of(&status(2, 3, 0), None, true).connections, 5);
        // More is listed than counted: some have ended since.
        assert!(Left::of(&status(0, 0, 0), Some(&listed), true).is_nothing());
    }

    #[test]
    fn it_is_told_in_words() {
        let left = |connections, templates| Left {
            connections,
            templates,
        };
        assert_eq!(
            left(2, 1).to_string(),
            "2 connections and 1 persistence template"
        );
        assert_eq!(left(1, 0).to_string(), "1 connection");
        assert_eq!(left(0, 2).to_string(), "2 persistence templates");
    }

    /// A list that names one twice hides none that is active.
    #[test]
    fn what_is_listed_twice_counts_for_no_other() {
        let ended = [("TCP", "TIME_WAIT", 9, 60), ("TCP", "TIME_WAIT", 9, 60)];
        let left = Left::of(&status(1, 1, 0), Some(&listed(&ended, true)), true);
        assert_eq!(left.connections, 1);
    }

    proptest! {
        /// Whatever the connections are, a server is empty exactly when none of them is alive.
        #[test]
        fn empty_when_none_is_alive(picked in prop::collection::vec((0..STATES.len(), 1..9_u16, 0..900_u32), 0..20)) {
            let lines: Vec<_> = picked
                .iter()
                .map(|(state, port, expires)| (STATES[*state].0, STATES[*state].1, *port, *expires))
                .collect();
            let alive: Vec<_> = picked.iter().filter(|(state, ..)| STATES[*state].2).collect();
            let active = lines.iter().filter(|(_, state, ..)| *state == "ESTABLISHED").count() as u32;
            let listed = listed(&lines, true);
            let counts = status(active, lines.len() as u32 - active, 0);
            let left = Left::of(&counts, Some(&listed), true);
            prop_assert_eq!(left.connections, alive.len() as u64);
            prop_assert_eq!(listed.last, alive.iter().map(|(_, _, expires)| *expires).max());
            let mut clients = BTreeMap::new();
            listed.add_clients_to(&mut clients);
            prop_assert_eq!(clients.values().sum::<u64>(), alive.len() as u64);
        }
    }
}
