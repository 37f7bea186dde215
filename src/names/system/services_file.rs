//! Port names: `/etc/services`, read once.
//!
//! The C library reads the file from its start for every port it is asked for,
//! which for the ports of 50,000 connections takes seconds, and its
//! `getnameinfo` does not know SCTP.

use crate::model::Protocol;
use std::collections::HashMap;

/// The names of the ports.
#[derive(Debug, Default)]
pub struct Services {
    names: HashMap<(Protocol, u16), String>,
    numbers: HashMap<(String, Protocol), u16>,
    other_sources: bool,
}

impl Services {
    /// Reads the system's files; one that cannot be read counts as empty.
    pub fn load() -> Self {
        let read = |path| {
            let bytes = std::fs::read(path).unwrap_or_default();
            String::from_utf8_lossy(&bytes).into_owned()
        };
        let mut services = Services::parse(&read("/etc/services"));
        services.other_sources = has_other_sources(&read("/etc/nsswitch.conf"));
        services
    }

    /// Lines of `name port/protocol alias… # comment`; the first of a port, and
    /// the first of a name or alias, counts.
    fn parse(text: &str) -> Self {
        let mut services = Services::default();
        for line in text.lines() {
            services.take_line(line);
        }
        services
    }

    /// Takes a line; `None` where it is none of the kind.
    fn take_line(&mut self, line: &str) -> Option<()> {
        let mut words = line.split('#').next()?.split_ascii_whitespace();
        let name = words.next()?;
        let (port, protocol) = words.next()?.split_once('/')?;
        let port: u16 = port.parse().ok()?;
        let protocol = [Protocol::TCP, Protocol::UDP, Protocol::SCTP]
            .into_iter()
            .find(|known| known.name() == Some(protocol))?;
        self.names
            .entry((protocol, port))
            .or_insert_with(|| name.to_owned());
        for known in std::iter::once(name).chain(words) {
            self.numbers
                .entry((known.to_owned(), protocol))
                .or_insert(port);
        }
        Some(())
    }

    /// The port's name in the file.
    pub fn name(&self, protocol: Protocol, port: u16) -> Option<&str> {
        self.names.get(&(protocol, port)).map(String::as_str)
    }

    /// The port of a name or alias in the file.
    pub fn number(&self, name: &str, protocol: Protocol) -> Option<u16> {
        self.numbers.get(&(name.to_owned(), protocol)).copied()
    }

    /// Whether a port that the file lacks may have a name elsewhere.
    pub fn has_other_sources(&self) -> bool {
        self.other_sources
    }
}

/// Whether services have sources besides the file, and `db`, which is made of it.
fn has_other_sources(text: &str) -> bool {
    super::sources(text, "services").any(|source| !matches!(source, "files" | "db"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_name_of_a_port_counts() {
        let services = Services::parse(
            "# comment\nhttp\t80/tcp\twww # web\nother 80/tcp\nsip 5060/udp\n\
             amqp 5672/sctp\nlate 81/dccp\nbroken\nbroken 1\nbroken x/tcp\nbig 65536/tcp\n",
        );
        assert_eq!(services.name(Protocol::TCP, 80), Some("http"));
        assert_eq!(services.name(Protocol::UDP, 5060), Some("sip"));
        assert_eq!(services.name(Protocol::SCTP, 5672), Some("amqp"));
        assert_eq!(services.names.len(), 3);
        for (name, port) in [
            ("http", Some(80)),
            ("www", Some(80)),
            ("other", Some(80)),
            ("web", None),
            ("sip", None),
        ] {
            assert_eq!(services.number(name, Protocol::TCP), port, "{name}");
        }
    }

    #[test]
    fn sources() {
        assert!(!has_other_sources(
            "hosts: files dns\nservices:  db files # sss\n"
        ));
        assert!(!has_other_sources(""));
        assert!(!has_other_sources("services: files [NOTFOUND=return] db"));
        assert!(has_other_sources("services:\tfiles sss\n"));
    }
}
