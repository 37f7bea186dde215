//! Virtual services.

use super::{DEFAULT_SCHEDULER, Family, Name, SchedulerFlags, ServiceKey, Stats};
use std::net::Ipv4Addr;

/// A virtual service as it is configured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Service {
    /// What names it.
    pub key: ServiceKey,
    /// The scheduler; any name, as a newer kernel may have more.
    pub scheduler: Name,
    /// The scheduler's flags.
    pub flags: SchedulerFlags,
    /// Persistence, where clients keep to their server.
    pub persistence: Option<Persistence>,
    /// The persistence engine, such as `sip`; the kernel keeps one even where
    /// the service is not persistent.
    pub engine: Option<Name>,
    /// One-packet scheduling: no connection outlives its packet (UDP).
    pub one_packet: bool,
}

impl Service {
    /// A service with ipvsadm's defaults: scheduler wlc, not persistent.
    pub fn new(key: ServiceKey) -> Self {
        Service {
            key,
            scheduler: DEFAULT_SCHEDULER,
            flags: SchedulerFlags::default(),
            persistence: None,
            engine: None,
            one_packet: false,
        }
    }

    /// Whether the netmask is one of the service's address family. The kernel
    /// refuses a service with another one.
    pub(crate) fn has_fitting_netmask(&self) -> bool {
        let family = self.key.family();
        self.persistence
            .is_none_or(|it| it.netmask.family() == family)
    }
}

/// The persistence of a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Persistence {
    /// How long a client keeps its server after its last connection, in seconds.
    pub timeout: u32,
    /// How much of a client's address counts.
    pub netmask: Netmask,
}

/// The granularity of persistence: clients alike under the mask share a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Netmask {
    /// An IPv4 mask, such as 255.255.255.0; it need not be contiguous.
    V4(Ipv4Addr),
    /// An IPv6 prefix length in bits, 1 to 128.
    V6(u32),
}

impl Netmask {
    /// Every client by itself: /32 or /128.
    pub fn host(family: Family) -> Self {
        match family {
            Family::Inet => Netmask::V4(Ipv4Addr::BROADCAST),
            Family::Inet6 => Netmask::V6(128),
        }
    }

    /// The family of the addresses that the mask is for.
    pub fn family(&self) -> Family {
        match self {
            Netmask::V4(_) => Family::Inet,
            Netmask::V6(_) => Family::Inet6,
        }
    }

    /// Whether every client stands for itself.
    pub fn is_host(&self) -> bool {
        matches!(self, Netmask::V4(Ipv4Addr::BROADCAST) | Netmask::V6(128))
    }
}

impl std::fmt::Display for Netmask {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Netmask::V4(mask) => mask.fmt(f),
            Netmask::V6(length) => length.fmt(f),
        }
    }
}

/// A virtual service as the kernel reports it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServiceStatus {
    /// Its configuration.
    pub service: Service,
    /// Its counters.
    pub stats: Stats,
}
