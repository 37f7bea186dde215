//! Addresses: families, protocols and endpoints.

use super::ParseError;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::str::FromStr;

/// An address family, as IPVS knows them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
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

    /// The word of JSON documents.
    pub fn as_str(self) -> &'static str {
        match self {
            Family::Inet => "ipv4",
            Family::Inet6 => "ipv6",
        }
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
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

    /// The protocols that an option of ipvsadm names, with that option, the word
    /// of listings and the word of services files.
    const NAMED: [(Protocol, &'static str, &'static str, &'static str); 3] = [
        (Protocol::TCP, "-t", "TCP", "tcp"),
        (Protocol::UDP, "-u", "UDP", "udp"),
        (Protocol::SCTP, "--sctp-service", "SCTP", "sctp"),
    ];

    fn named(self) -> Option<(Protocol, &'static str, &'static str, &'static str)> {
        Self::NAMED.into_iter().find(|named| named.0 == self)
    }

    /// The lower-case word of services files; `None` for a protocol that IPVS has
    /// no option for.
    pub fn name(self) -> Option<&'static str> {
        self.named().map(|named| named.3)
    }

    /// The word of listings; `?` for a protocol that IPVS has no option for.
    pub fn as_str(self) -> &'static str {
        self.named().map_or("?", |named| named.2)
    }

    /// The option that names a service of this protocol. Of another protocol 1.31
    /// writes an option that nothing reads, and so do we: that is better than a
    /// rule that reads as another one.
    pub(crate) fn option(self) -> &'static str {
        self.named().map_or("--xxx-service", |named| named.1)
    }
}

/// The word of listings: `TCP`.
impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// `TCP` or `tcp`.
impl FromStr for Protocol {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        Self::NAMED
            .into_iter()
            .find(|named| named.2 == text || named.3 == text)
            .map(|named| named.0)
            .ok_or_else(|| ParseError::new("one of tcp, udp, sctp", text))
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

impl Endpoint {
    /// The endpoint of an address and a port in host byte order.
    pub fn new(address: impl Into<IpAddr>, port: u16) -> Self {
        let address = address.into();
        Endpoint { address, port }
    }
}

impl From<SocketAddr> for Endpoint {
    fn from(socket: SocketAddr) -> Self {
        Endpoint::new(socket.ip(), socket.port())
    }
}

impl From<Endpoint> for SocketAddr {
    fn from(endpoint: Endpoint) -> Self {
        SocketAddr::new(endpoint.address, endpoint.port)
    }
}

/// `192.0.2.1:80` or `[2001:db8::1]:80`, without names.
impl FromStr for Endpoint {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        // A scope such as `%lo` would be lost.
        let socket = text
            .parse::<SocketAddr>()
            .ok()
            .filter(|_| !text.contains('%'));
        socket
            .map(Endpoint::from)
            .ok_or_else(|| ParseError::new("an address and a port", text))
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
}
