//! Addresses: families, protocols, endpoints and what names a virtual service.

use std::cmp::Ordering;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr};

/// An address family, as IPVS knows them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Family {
    /// IPv4 (`AF_INET`, 2 on the wire).
    Inet,
    /// IPv6 (`AF_INET6`, 10 on the wire).
    Inet6,
}

impl Family {
    /// The family of an address.
    pub fn of(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(_) => Family::Inet,
            IpAddr::V6(_) => Family::Inet6,
        }
    }
}

/// The transport protocol of a virtual service, by its IANA number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Protocol(pub u16);

impl Protocol {
    /// TCP, number 6.
    pub const TCP: Protocol = Protocol(6);
    /// UDP, number 17.
    pub const UDP: Protocol = Protocol(17);
    /// SCTP, number 132.
    pub const SCTP: Protocol = Protocol(132);

    /// The lower-case name used in services files and JSON; `None` for a
    /// protocol IPVS has no option for.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Protocol::TCP => Some("tcp"),
            Protocol::UDP => Some("udp"),
            Protocol::SCTP => Some("sctp"),
            _ => None,
        }
    }
}

/// An address and a port: where a service listens or a destination answers.
///
/// Port 0 means any port (persistent services, and servers of fwmark services).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Endpoint {
    /// The address.
    pub address: IpAddr,
    /// The port, in host byte order.
    pub port: u16,
}

impl fmt::Display for Endpoint {
    /// `192.0.2.1:80` or `[2001:db8::1]:80`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.address {
            IpAddr::V4(address) => write!(f, "{address}:{}", self.port),
            IpAddr::V6(address) => write!(f, "[{address}]:{}", self.port),
        }
    }
}

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

/// The option and value that name the service on ipvsadm's command line:
/// `-t 192.0.2.1:80`, `-f 7 -6`.
impl fmt::Display for ServiceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ServiceKey::Fwmark { family, mark } => {
                write!(f, "-f {mark}")?;
                if *family == Family::Inet6 {
                    f.write_str(" -6")?;
                }
                Ok(())
            }
            ServiceKey::Address { protocol, endpoint } => {
                let option = match *protocol {
                    Protocol::UDP => "-u",
                    Protocol::SCTP => "--sctp-service",
                    _ => "-t",
                };
                write!(f, "{option} {endpoint}")
            }
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

/// Parses an IPv4 address in every form the C library's `inet_aton` takes: one
/// to four parts, each decimal, octal (leading 0) or hexadecimal (leading 0x),
/// the last filling the bytes that remain: `10.1`, `0x0a000001`, `012.0.0.1`.
pub fn parse_ipv4(text: &str) -> Option<Ipv4Addr> {
    // The dotted quad without leading zeros is what nearly everyone writes.
    if let Ok(address) = text.parse() {
        return Some(address);
    }
    let parts: Vec<u32> = text
        .split('.')
        .map(parse_c_integer)
        .collect::<Option<_>>()?;
    let (last, leading) = parts.split_last()?;
    if leading.len() > 3 || leading.iter().any(|part| *part > 255) {
        return None;
    }
    let free_bits = 32 - 8 * leading.len() as u32;
    if free_bits < 32 && *last >= 1 << free_bits {
        return None;
    }
    let high = leading
        .iter()
        .enumerate()
        .fold(0, |sum, (i, part)| sum | part << (24 - 8 * i));
    Some(Ipv4Addr::from(high | last))
}

/// An unsigned number in C's notation: 0x hexadecimal, 0 octal, else decimal.
fn parse_c_integer(text: &str) -> Option<u32> {
    if text.starts_with('+') {
        return None;
    }
    if let Some(digits) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        // inet_aton takes a bare "0x" for zero; nobody writes it on purpose.
        return if digits.starts_with('+') {
            None
        } else {
            u32::from_str_radix(digits, 16).ok()
        };
    }
    match text.strip_prefix('0') {
        Some(digits) if !digits.is_empty() => {
            if digits.starts_with('+') {
                None
            } else {
                u32::from_str_radix(digits, 8).ok()
            }
        }
        _ => text.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classic_forms_of_ipv4() {
        let quad = |a, b, c, d| Some(Ipv4Addr::new(a, b, c, d));
        assert_eq!(parse_ipv4("10.0.0.1"), quad(10, 0, 0, 1));
        assert_eq!(parse_ipv4("10.1"), quad(10, 0, 0, 1));
        assert_eq!(parse_ipv4("10.1.258"), quad(10, 1, 1, 2));
        assert_eq!(parse_ipv4("0x0a000001"), quad(10, 0, 0, 1));
        assert_eq!(parse_ipv4("012.0.0.010"), quad(10, 0, 0, 8));
        assert_eq!(parse_ipv4("4294967295"), quad(255, 255, 255, 255));
        for bad in [
            "",
            ".",
            "10.",
            "256.1.1.1",
            "1.2.3.256",
            "1.2.65536",
            "1.2.3.4.5",
            "+1.2.3.4",
            "0x+1",
            "08.1.1.1",
            "1..2",
        ] {
            assert_eq!(parse_ipv4(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn services_sort_unsigned() {
        let tcp = |address: &str| ServiceKey::Address {
            protocol: Protocol::TCP,
            endpoint: Endpoint {
                address: address.parse().unwrap(),
                port: 80,
            },
        };
        let mark = |family, mark| ServiceKey::Fwmark { family, mark };
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
}
