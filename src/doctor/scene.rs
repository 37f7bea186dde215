//! What the checks look at: the table and the machine.

use super::boot::Boot;
use super::facts::{Machine, Seen};
use super::traffic::Traffic;
use crate::model::{
    DestinationStatus, ForwardMethod, ServiceKey, ServiceStatus, SyncDaemon, Timeouts,
};
use std::collections::BTreeMap;
use std::net::IpAddr;

/// A service with its servers.
#[derive(Debug, Clone)]
pub struct Served {
    /// The service.
    pub status: ServiceStatus,
    /// Its servers.
    pub servers: Vec<DestinationStatus>,
}

impl Served {
    /// What names the service.
    pub fn key(&self) -> ServiceKey {
        self.status.service.key
    }

    /// Its address; a firewall mark has none.
    pub fn address(&self) -> Option<IpAddr> {
        match self.key() {
            ServiceKey::Address { endpoint, .. } => Some(endpoint.address),
            ServiceKey::Fwmark { .. } => None,
        }
    }
}

/// A director: its table and what its machine says.
#[derive(Debug)]
pub struct Scene {
    /// The services that are looked at.
    pub services: Vec<Served>,
    /// The sync daemons.
    pub daemons: Vec<SyncDaemon>,
    /// After which pauses connections are forgotten.
    pub timeouts: Seen<Timeouts>,
    /// The machine.
    pub machine: Machine,
    /// The connections.
    pub traffic: Seen<Traffic>,
    /// How many buckets the table of connections has; 0 where that is not known.
    pub buckets: u32,
    /// What the next boot makes of the table; `None` where it makes none.
    pub boot: Option<Seen<Boot>>,
}

/// A server of a service.
pub type Entry<'a> = (&'a Served, &'a DestinationStatus);

impl Scene {
    /// The services' addresses, each with its services. A firewall mark has none.
    pub fn virtual_addresses(&self) -> BTreeMap<IpAddr, Vec<ServiceKey>> {
        let mut found: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for served in &self.services {
            if let Some(address) = served.address() {
                found.entry(address).or_default().push(served.key());
            }
        }
        found
    }

    /// The addresses of the servers that take connections, each with its entries in
    /// the table.
    pub fn servers(&self) -> BTreeMap<IpAddr, Vec<Entry<'_>>> {
        let mut found: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for served in &self.services {
            let taking = served.servers.iter();
            for server in taking.filter(|server| server.destination.weight > 0) {
                let address = server.destination.endpoint.address;
                found.entry(address).or_default().push((served, server));
            }
        }
        found
    }

    /// The services with a server of which this holds.
    pub fn services_with(&self, holds: impl Fn(&DestinationStatus) -> bool) -> Vec<ServiceKey> {
        let services = self.services.iter();
        services
            .filter(|served| served.servers.iter().any(&holds))
            .map(Served::key)
            .collect()
    }

    /// Whether the server gets packets by masquerading, on another machine.
    pub fn is_masqueraded(&self, server: &DestinationStatus) -> bool {
        server.destination.forward == ForwardMethod::Masquerade
            && !self.machine.is_local(server.destination.endpoint.address)
    }
}

/// The services of these entries.
pub fn services_of(entries: &[Entry<'_>]) -> Vec<ServiceKey> {
    let mut keys: Vec<_> = entries.iter().map(|(served, _)| served.key()).collect();
    keys.dedup();
    keys
}
