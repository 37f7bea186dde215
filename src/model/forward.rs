//! How a director hands a packet to a destination.

use super::ParseError;
use std::fmt;
use std::str::FromStr;

/// The forwarding method of a destination (`IP_VS_CONN_F_*`, the low three bits
/// of the kernel's connection flags).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ForwardMethod {
    /// Masquerading, NAT (`-m`, 0 on the wire).
    Masquerade,
    /// The director itself (1): the kernel makes it of any method when the
    /// destination's address is one of its own.
    Local,
    /// An encapsulating tunnel (`-i`, 2).
    Tunnel(Tunnel),
    /// Direct routing, gatewaying (`-g`, 3): the default.
    DirectRoute,
    /// Bypass (4): the kernel uses it for connections; no option asks for it.
    Bypass,
}

impl ForwardMethod {
    /// The word of listings.
    pub fn as_str(self) -> &'static str {
        match self {
            ForwardMethod::Masquerade => "Masq",
            ForwardMethod::Local => "Local",
            ForwardMethod::Tunnel(_) => "Tunnel",
            ForwardMethod::DirectRoute => "Route",
            ForwardMethod::Bypass => "Bypass",
        }
    }
}

/// The word of listings: `Masq`.
impl fmt::Display for ForwardMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The word of listings; `Tunnel` is IP in IP.
impl FromStr for ForwardMethod {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        [
            ForwardMethod::Masquerade,
            ForwardMethod::Local,
            ForwardMethod::Tunnel(Tunnel::Ipip),
            ForwardMethod::DirectRoute,
            ForwardMethod::Bypass,
        ]
        .into_iter()
        .find(|method| method.as_str() == text)
        .ok_or_else(|| ParseError::new("one of Masq, Local, Tunnel, Route, Bypass", text))
    }
}

/// The encapsulation of a tunnelled destination (`IP_VS_CONN_F_TUNNEL_TYPE_*`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Tunnel {
    /// IP in IP (0): the default.
    #[default]
    Ipip,
    /// Generic UDP encapsulation (1).
    Gue {
        /// The destination's UDP port, host byte order, not 0.
        port: u16,
        /// The checksum option.
        checksum: Checksum,
    },
    /// Generic routing encapsulation (2).
    Gre {
        /// The checksum option; GRE has no remote checksum offload.
        checksum: Checksum,
    },
    /// A type of a newer kernel, carried as it came.
    Other {
        /// The type's number.
        kind: u8,
        /// Its port, 0 for none.
        port: u16,
        /// Its flags.
        flags: u16,
    },
}

impl Tunnel {
    /// The word of `--tun-type`.
    pub fn as_str(self) -> &'static str {
        match self {
            Tunnel::Ipip => "ipip",
            Tunnel::Gue { .. } => "gue",
            Tunnel::Gre { .. } => "gre",
            Tunnel::Other { .. } => "unknown",
        }
    }
}

/// The checksum of a tunnel's packets (`IP_VS_TUNNEL_ENCAP_FLAG_*`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Checksum {
    /// None (0): the default.
    #[default]
    None,
    /// Checksums (1).
    Full,
    /// Remote checksum offload (2).
    Remote,
    /// Any other set of flags, such as both; only other programs make these.
    Other(u16),
}

impl Checksum {
    /// From the wire's flags.
    pub fn from_bits(flags: u16) -> Self {
        match flags {
            0 => Checksum::None,
            1 => Checksum::Full,
            2 => Checksum::Remote,
            other => Checksum::Other(other),
        }
    }

    /// The wire's flags.
    pub fn bits(self) -> u16 {
        match self {
            Checksum::None => 0,
            Checksum::Full => 1,
            Checksum::Remote => 2,
            Checksum::Other(flags) => flags,
        }
    }
}
