//! Destinations: the real servers of a virtual service.

use super::{Endpoint, ForwardMethod, Stats};

/// A destination as it is configured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Destination {
    /// Its address and port, which name it within its service.
    pub endpoint: Endpoint,
    /// How packets reach it.
    pub forward: ForwardMethod,
    /// Its share relative to the others', 0 to 2147483647; 0 takes no new
    /// connections.
    pub weight: i32,
    /// Connections at which it takes no more; 0 for no limit.
    pub upper_threshold: u32,
    /// Connections below which it takes some again; 0 for three quarters of the
    /// upper threshold.
    pub lower_threshold: u32,
}

impl Destination {
    /// A destination with ipvsadm's defaults: direct routing, weight 1, no
    /// thresholds.
    pub fn new(endpoint: Endpoint) -> Self {
        Destination {
            endpoint,
            forward: ForwardMethod::DirectRoute,
            weight: 1,
            upper_threshold: 0,
            lower_threshold: 0,
        }
    }
}

/// A destination as the kernel reports it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct DestinationStatus {
    /// Its configuration.
    pub destination: Destination,
    /// Connections now active.
    pub active: u32,
    /// Connections now inactive.
    pub inactive: u32,
    /// Persistence templates that lead to it.
    pub persistent: u32,
    /// Its counters.
    pub stats: Stats,
}

impl DestinationStatus {
    /// A destination without connections, whose counters are 0.
    pub fn idle(destination: Destination) -> Self {
        DestinationStatus {
            destination,
            active: 0,
            inactive: 0,
            persistent: 0,
            stats: Stats::default(),
        }
    }

    /// Whether it has as many connections as its upper threshold allows. The kernel goes
    /// on refusing such a server until it is below the lower one, and does not tell.
    pub fn is_full(&self) -> bool {
        let limit = self.destination.upper_threshold;
        limit > 0 && self.active.saturating_add(self.inactive) >= limit
    }
}
