//! What names a virtual service.

use super::{Endpoint, Family, ParseError, Protocol};
use std::cmp::Ordering;
use std::str::FromStr;

/// What names a virtual service in the kernel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ServiceKey {
    /// Packets that a firewall marked.
    Fwmark {
        /// The family of the packets.
        family: Family,
        /// The mark, 1 to 4294967295.
        mark: u32,
    },
    /// Packets to an address.
    Address {
        /// Their protocol.
        protocol: Protocol,
        /// Their destination.
        endpoint: Endpoint,
    },
}

impl ServiceKey {
    /// A TCP service.
    pub fn tcp(endpoint: Endpoint) -> Self {
        ServiceKey::of(Protocol::TCP, endpoint)
    }

    /// A UDP service.
    pub fn udp(endpoint: Endpoint) -> Self {
        ServiceKey::of(Protocol::UDP, endpoint)
    }

    /// An SCTP service.
    pub fn sctp(endpoint: Endpoint) -> Self {
        ServiceKey::of(Protocol::SCTP, endpoint)
    }

    /// A service of any protocol.
    pub fn of(protocol: Protocol, endpoint: Endpoint) -> Self {
        ServiceKey::Address { protocol, endpoint }
    }

    /// A service of the packets of a family that a firewall marked; the mark is 1
    /// to 4294967295.
    pub fn fwmark(family: Family, mark: u32) -> Self {
        ServiceKey::Fwmark { family, mark }
    }

    /// The address family of the service's packets.
    pub fn family(&self) -> Family {
        match self {
            ServiceKey::Fwmark { family, .. } => *family,
            ServiceKey::Address { endpoint, .. } => Family::of(endpoint.address),
        }
    }

    /// The service's port; 0 for a fwmark service, which has none.
    pub fn port(&self) -> u16 {
        match self {
            ServiceKey::Fwmark { .. } => 0,
            ServiceKey::Address { endpoint, .. } => endpoint.port,
        }
    }

    /// The protocol; `None` for a fwmark service, which takes any.
    pub fn protocol(&self) -> Option<Protocol> {
        match self {
            ServiceKey::Fwmark { .. } => None,
            ServiceKey::Address { protocol, .. } => Some(*protocol),
        }
    }
}

impl Ord for ServiceKey {
    /// The order of a listing: by fwmark, of which an address has none, then by
    /// family, protocol, address and port. All comparisons are unsigned.
    fn cmp(&self, other: &Self) -> Ordering {
        use ServiceKey::{Address, Fwmark};
        match (self, other) {
            (
                Fwmark { family, mark },
                Fwmark {
                    family: f2,
                    mark: m2,
                },
            ) => (mark, family).cmp(&(m2, f2)),
            (Fwmark { .. }, Address { .. }) => Ordering::Greater,
            (Address { .. }, Fwmark { .. }) => Ordering::Less,
            (
                Address { protocol, endpoint },
                Address {
                    protocol: p2,
                    endpoint: e2,
                },
            ) => self
                .family()
                .cmp(&other.family())
                .then(protocol.cmp(p2))
                .then(endpoint.cmp(e2)),
        }
    }
}

impl PartialOrd for ServiceKey {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The options that name the service, as `Display` writes them: `-t 192.0.2.1:80`,
/// `-f 7 -6`.
impl FromStr for ServiceKey {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let failed = || ParseError::new("a service such as -t 192.0.2.1:80 or -f 7", text);
        let (option, value) = text.split_once(' ').ok_or_else(failed)?;
        if option == "-f" {
            let (mark, family) = match value.strip_suffix(" -6") {
                Some(mark) => (mark, Family::Inet6),
                None => (value, Family::Inet),
            };
            let mark = mark.parse().ok().filter(|mark| *mark > 0);
            return mark
                .map(|mark| ServiceKey::fwmark(family, mark))
                .ok_or_else(failed);
        }
        let protocol = match option {
            "-t" => Protocol::TCP,
            "-u" => Protocol::UDP,
            "--sctp-service" => Protocol::SCTP,
            _ => return Err(failed()),
        };
        let endpoint = value.parse().map_err(|_| failed())?;
        Ok(ServiceKey::of(protocol, endpoint))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_sort_unsigned() {
        let tcp = |address: &str| {
            let address: std::net::IpAddr = address.parse().unwrap();
            ServiceKey::tcp(Endpoint::new(address, 80))
        };
        let mark = ServiceKey::fwmark;
        let ascending = [
            tcp("10.0.0.1"),
            tcp("127.0.0.1"),
            tcp("192.168.0.1"),
            tcp("::1"),
            tcp("fe80::1"),
            mark(Family::Inet, 1),
            mark(Family::Inet6, 1),
            mark(Family::Inet, 4_000_000_000),
        ];
        let mut shuffled = ascending;
        shuffled.reverse();
        shuffled.sort();
        assert_eq!(shuffled, ascending);
    }

    #[test]
    fn a_key_reads_back() {
        for text in [
            "-t 192.0.2.1:80",
            "-u [2001:db8::1]:0",
            "--sctp-service [::192.0.2.1]:80",
            "-f 4294967295",
            "-f 7 -6",
        ] {
            assert_eq!(text.parse::<ServiceKey>().unwrap().to_string(), text);
        }
        for bad in [
            "",
            "-t",
            "-t 192.0.2.1",
            "-x 192.0.2.1:80",
            "-f 0",
            "-f x",
            "-f 7 -6 -6",
        ] {
            assert!(bad.parse::<ServiceKey>().is_err(), "{bad}");
        }
    }
}
