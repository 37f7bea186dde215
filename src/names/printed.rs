//! How addresses and ports are printed: as numbers, or as the resolver's names.

use super::resolve::{Question, ask_all, look_up};
use super::system;
use crate::model::push_text::{push_address, push_decimal, push_escaped};
use crate::model::render::EndpointText;
use crate::model::{Endpoint, Protocol, ServiceKey};
use std::collections::{HashMap, HashSet};
use std::net::IpAddr;
use std::time::Duration;

/// The names of addresses and ports; what has none is printed as a number.
///
/// All names are printable ASCII: anything else in them has been escaped.
#[derive(Debug, Clone, Default)]
pub struct Names {
    hosts: HashMap<IpAddr, String>,
    ports: HashMap<(Protocol, u16), String>,
}

/// The addresses and ports to be named, each once.
#[derive(Debug, Clone, Default)]
pub struct NameRequests {
    addresses: HashSet<IpAddr>,
    ports: HashSet<(Protocol, u16)>,
}

impl NameRequests {
    /// Adds an endpoint. Without a protocol its port has no name, as with the
    /// servers of a fwmark service.
    pub fn add(&mut self, protocol: Option<Protocol>, endpoint: Endpoint) {
        self.addresses.insert(endpoint.address);
        if let Some(protocol) = protocol {
            self.ports.insert((protocol, endpoint.port));
        }
    }

    /// Adds a service's own endpoint; a fwmark has none.
    pub fn add_service(&mut self, key: &ServiceKey) {
        if let ServiceKey::Address { protocol, endpoint } = key {
            self.add(Some(*protocol), *endpoint);
        }
    }
}

impl Names {
    /// Everything is printed as a number (`-n`).
    pub fn numeric() -> Self {
        Names::default()
    }

    /// Asks the resolver for all names, many at a time, and for no longer than
    /// `timeout` altogether. Also returns how many questions were still open
    /// then; their addresses are printed as numbers.
    pub fn resolve(requests: &NameRequests, timeout: Duration) -> (Self, usize) {
        let services = system::services();
        let mut names = Names::numeric();
        let mut questions: Vec<Question> = requests
            .addresses
            .iter()
            .copied()
            .map(Question::Host)
            .collect();
        for &(protocol, port) in &requests.ports {
            match services.name(protocol, port) {
                Some(name) => names.insert(Question::Port(protocol, port), name),
                None if services.has_other_sources() => {
                    questions.push(Question::Port(protocol, port));
                }
                None => {}
            }
        }
        let (answers, open) = ask_all(questions, timeout, look_up);
        for (question, name) in answers {
            names.insert(question, &name);
        }
        (names, open)
    }

    /// Keeps a name, made printable.
    pub(super) fn insert(&mut self, question: Question, name: &str) {
        let mut printable = Vec::with_capacity(name.len());
        push_escaped(&mut printable, name.as_bytes());
        let name = String::from_utf8(printable).unwrap_or_default();
        match question {
            Question::Host(address) => self.hosts.insert(address, name),
            Question::Port(protocol, port) => self.ports.insert((protocol, port), name),
        };
    }

    /// The name of an address.
    pub fn host(&self, address: IpAddr) -> Option<&str> {
        self.hosts.get(&address).map(String::as_str)
    }

    /// The name of a port.
    pub fn port(&self, protocol: Option<Protocol>, port: u16) -> Option<&str> {
        self.ports.get(&(protocol?, port)).map(String::as_str)
    }
}

/// Appends `192.0.2.1:80`, `[2001:db8::1]:80`, `www.example:http` or
/// `[www.example]:http`: the brackets tell the family of a name, too.
impl EndpointText for Names {
    fn push_endpoint(&self, line: &mut Vec<u8>, protocol: Option<Protocol>, endpoint: Endpoint) {
        let bracketed = endpoint.address.is_ipv6();
        if bracketed {
            line.push(b'[');
        }
        match self.host(endpoint.address) {
            Some(name) => line.extend_from_slice(name.as_bytes()),
            None => push_address(line, endpoint.address),
        }
        if bracketed {
            line.push(b']');
        }
        line.push(b':');
        match self.port(protocol, endpoint.port) {
            Some(name) => line.extend_from_slice(name.as_bytes()),
            None => push_decimal(line, u64::from(endpoint.port)),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Names as the tests of this folder use them.
    pub fn example() -> Names {
        let mut names = Names::numeric();
        for (address, name) in [
            ("10.0.0.1", "short.example"),
            (
                "10.0.0.2",
                "a-very-long-host-name-that-goes-on-and-on.department.example.org",
            ),
            ("10.0.0.15", "a23456789012345678901234567"),
            ("2001:db8::1", "six.example"),
            (
                "2001:db8::2",
                "a-very-long-six-host-name-that-goes-on-and-on.department.example.org",
            ),
        ] {
            names.insert(Question::Host(address.parse().unwrap()), name);
        }
        for (protocol, port, name) in [
            (Protocol::TCP, 80, "http"),
            (Protocol::TCP, 443, "https"),
            (Protocol::UDP, 53, "domain"),
            (Protocol::SCTP, 5672, "amqp"),
        ] {
            names.insert(Question::Port(protocol, port), name);
        }
        names
    }

    fn text(names: &Names, protocol: Option<Protocol>, address: &str, port: u16) -> String {
        let mut line = Vec::new();
        let address = address.parse().unwrap();
        names.push_endpoint(&mut line, protocol, Endpoint { address, port });
        String::from_utf8(line).unwrap()
    }

    #[test]
    fn endpoints() {
        let (named, plain) = (example(), Names::numeric());
        let tcp = Some(Protocol::TCP);
        assert_eq!(text(&plain, tcp, "10.0.0.1", 80), "10.0.0.1:80");
        assert_eq!(text(&plain, tcp, "2001:db8::1", 80), "[2001:db8::1]:80");
        assert_eq!(text(&named, tcp, "10.0.0.1", 80), "short.example:http");
        assert_eq!(text(&named, tcp, "2001:db8::1", 80), "[six.example]:http");
        assert_eq!(text(&named, tcp, "10.0.0.4", 0), "10.0.0.4:0");
    }

    #[test]
    fn a_port_is_named_by_its_protocol() {
        let named = example();
        let udp = Some(Protocol::UDP);
        assert_eq!(text(&named, udp, "10.0.0.1", 80), "short.example:80");
        assert_eq!(text(&named, udp, "10.0.0.1", 53), "short.example:domain");
        assert_eq!(text(&named, None, "10.0.0.1", 53), "short.example:53");
        let sctp = Some(Protocol::SCTP);
        assert_eq!(text(&named, sctp, "10.0.0.1", 5672), "short.example:amqp");
    }

    #[test]
    fn a_name_cannot_steer_the_terminal() {
        let mut names = Names::numeric();
        names.insert(Question::Host("10.0.0.9".parse().unwrap()), "x\x1b]0;y\x07");
        assert_eq!(text(&names, None, "10.0.0.9", 1), r"x\x1b]0;y\x07:1");
    }

    #[test]
    fn each_address_is_asked_once() {
        let mut requests = NameRequests::default();
        let endpoint = Endpoint {
            address: "10.0.0.1".parse().unwrap(),
            port: 80,
        };
        for protocol in [Protocol::TCP, Protocol::TCP, Protocol::UDP] {
            requests.add_service(&ServiceKey::Address { protocol, endpoint });
        }
        assert_eq!((requests.addresses.len(), requests.ports.len()), (1, 2));
    }

    #[test]
    fn without_time_everything_is_numeric() {
        let mut requests = NameRequests::default();
        let endpoint = Endpoint {
            address: "127.0.0.1".parse().unwrap(),
            port: 0,
        };
        requests.add(None, endpoint);
        let (names, open) = Names::resolve(&requests, Duration::ZERO);
        assert_eq!(open, 1);
        assert_eq!(names.host(endpoint.address), None);
    }
}
