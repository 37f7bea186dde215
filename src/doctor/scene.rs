//! What the checks look at: the table and the machine.

use super::boot::Boot;
use super::facts::{Machine, Seen};
use super::traffic::Traffic;
use crate::model::{
    DestinationStatus, ForwardMethod, Protocol, ServiceKey, ServiceStatus, SyncDaemon, Timeouts,
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

    /// Whether it is a service of TCP.
    pub fn is_tcp(&self) -> bool {
        self.key().protocol() == Some(Protocol::TCP)
    }

    /// The servers that take connections.
    pub fn taking(&self) -> impl Iterator<Item = &DestinationStatus> {
        let servers = self.servers.iter();
        servers.filter(|server| server.destination.weight > 0)
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
            for server in served.taking() {
                let address = server.destination.endpoint.address;
                found.entry(address).or_default().push((served, server));
            }
        }
        found
    }

    /// The services for which `holds` is true.
    pub fn services_where(&self, holds: impl Fn(&Served) -> bool) -> Vec<ServiceKey> {
        let services = self.services.iter().filter(|served| holds(served));
        services.map(Served::key).collect()
    }

    /// The services with a server for which `holds` is true.
    pub fn services_with(&self, holds: impl Fn(&DestinationStatus) -> bool) -> Vec<ServiceKey> {
        self.services_where(|served| served.servers.iter().any(&holds))
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
