//! Port names: `/etc/services`, read once.
//!
//! The C library reads the file from its start for every port it is asked for,
//! which for the ports of 50,000 connections takes seconds, and its
//! `getnameinfo` does not know SCTP. It is asked only where
//! `/etc/nsswitch.conf` names sources besides files.

use crate::model::Protocol;
use std::collections::HashMap;

/// The names of the ports.
#[derive(Debug, Default)]
pub struct Services {
    names: HashMap<(Protocol, u16), String>,
    other_sources: bool,
}

impl Services {
    /// Reads the system's files; one that cannot be read counts as empty.
    pub fn load() -> Self {
        let read = |path| {
            let bytes = std::fs::read(path).unwrap_or_default();
            String::from_utf8_lossy(&bytes).into_owned()
        };
        Services {
            names: parse_services(&read("/etc/services")),
            other_sources: names_other_sources(&read("/etc/nsswitch.conf")),
        }
    }

    /// The port's name in the file.
    pub fn name(&self, protocol: Protocol, port: u16) -> Option<&str> {
        self.names.get(&(protocol, port)).map(String::as_str)
    }

    /// Whether a port that the file lacks may have a name elsewhere.
    pub fn has_other_sources(&self) -> bool {
        self.other_sources
    }
}

/// Lines of `name port/protocol alias… # comment`; the first of a port counts.
fn parse_services(text: &str) -> HashMap<(Protocol, u16), String> {
    let mut names = HashMap::new();
    for line in text.lines() {
        if let Some((key, name)) = parse_line(line) {
            names.entry(key).or_insert_with(|| name.to_owned());
        }
    }
    names
}

fn parse_line(line: &str) -> Option<((Protocol, u16), &str)> {
    let line = line.split('#').next()?;
    let mut words = line.split_ascii_whitespace();
    let name = words.next()?;
    let (port, protocol) = words.next()?.split_once('/')?;
    let protocol = [Protocol::TCP, Protocol::UDP, Protocol::SCTP]
        .into_iter()
        .find(|known| known.name() == Some(protocol))?;
    Some(((protocol, port.parse().ok()?), name))
}

/// Whether the `services:` line of nsswitch.conf names more than files, and
/// `db`, which is made of the file.
fn names_other_sources(text: &str) -> bool {
    text.lines()
        .filter_map(|line| line.split('#').next()?.trim().strip_prefix("services:"))
        .flat_map(str::split_ascii_whitespace)
        .any(|source| !matches!(source, "files" | "db") && !source.starts_with('['))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_name_of_a_port_counts() {
        let names = parse_services(
            "# comment\nhttp\t80/tcp\twww # web\nother 80/tcp\nsip 5060/udp\n\
             amqp 5672/sctp\nlate 81/dccp\nbroken\nbroken 1\nbroken x/tcp\nbig 65536/tcp\n",
        );
        let name = |protocol, port| names.get(&(protocol, port)).map(String::as_str);
        assert_eq!(name(Protocol::TCP, 80), Some("http"));
        assert_eq!(name(Protocol::UDP, 5060), Some("sip"));
        assert_eq!(name(Protocol::SCTP, 5672), Some("amqp"));
        assert_eq!(names.len(), 3);
    }

    #[test]
    fn sources() {
        assert!(!names_other_sources(
            "hosts: files dns\nservices:  db files # sss\n"
        ));
        assert!(!names_other_sources(""));
        assert!(!names_other_sources("services: files [NOTFOUND=return] db"));
        assert!(names_other_sources("services:\tfiles sss\n"));
    }
}
