//! The virtual server table in memory, with the kernel's own rules.

use super::destinations::{Destinations, TableDestination};
use crate::kernel::{Refusal, RefusalKind};
use crate::model::{
    Change, Destination, Family, ForwardMethod, Service, ServiceKey, SyncDaemon, SyncRole, Timeouts,
};
use std::collections::btree_map::{BTreeMap, Entry};
use std::net::IpAddr;

/// A table: services with their destinations, in ascending order, the sync
/// daemons, and the timeouts.
///
/// [`Table::apply`] makes a change, or refuses it as the kernel refuses it. The
/// table cannot know which schedulers and interfaces a kernel has, nor how
/// addresses are routed: there it takes every change.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Table {
    /// Boxed, as a tree's nodes are half empty.
    services: BTreeMap<ServiceKey, Box<TableService>>,
    daemons: BTreeMap<SyncRole, (SyncDaemon, u32)>,
    /// The connection timeouts, where they are known; a single one that is not
    /// known is 0.
    pub timeouts: Option<Timeouts>,
    /// The line of the rules file that set the timeouts; 0 where none did.
    pub(crate) timeouts_line: u32,
}

/// A service with its destinations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableService {
    /// The service.
    pub service: Service,
    /// The line of the rules file that added or edited it last; 0 where none did.
    pub line: u32,
    /// Its destinations.
    pub destinations: Destinations,
}

impl TableService {
    /// A service with its destinations as they are.
    pub fn new(service: Service, destinations: impl Iterator<Item = Destination>) -> Self {
        TableService {
            service,
            line: 0,
            destinations: destinations.collect(),
        }
    }

    /// The changes that add the service and its destinations, in order.
    fn changes(&self) -> impl Iterator<Item = Change> {
        let key = self.service.key;
        let servers = self.destinations.iter();
        let servers = servers.map(move |it| Change::AddDestination(key, it.destination));
        std::iter::once(Change::AddService(self.service)).chain(servers)
    }

    /// Whether a destination is of another family than the service.
    pub fn has_mixed_families(&self) -> bool {
        let family = self.service.key.family();
        let mut all = self.destinations.iter();
        all.any(|place| Family::of(place.destination.endpoint.address) != family)
    }
}

impl Table {
    /// An empty table.
    pub fn new() -> Self {
        Table::default()
    }

    /// The services, in ascending order.
    pub fn services(&self) -> impl Iterator<Item = &TableService> {
        self.services.values().map(Box::as_ref)
    }

    /// The changes that make this table of an empty one, in order.
    pub fn changes(&self) -> impl Iterator<Item = Change> {
        let daemons = self.daemons.values().map(|(daemon, _)| *daemon);
        (self.services().flat_map(TableService::changes))
            .chain(self.timeouts.map(Change::SetTimeouts))
            .chain(daemons.map(Change::StartDaemon))
    }

    /// A service.
    pub fn get(&self, key: &ServiceKey) -> Option<&TableService> {
        self.services.get(key).map(Box::as_ref)
    }

    /// The line that made what the change would make, where one did.
    pub(crate) fn line_of(&self, change: &Change) -> Option<u32> {
        let line = match change {
            Change::AddService(service) => self.get(&service.key)?.line,
            Change::AddDestination(key, new) => {
                self.get(key)?.destinations.get(&new.endpoint)?.line
            }
            Change::StartDaemon(daemon) => self.daemon(daemon.role)?.1,
            _ => return None,
        };
        (line > 0).then_some(line)
    }

    /// The sync daemon of a role, and the line that started it.
    pub fn daemon(&self, role: SyncRole) -> Option<(SyncDaemon, u32)> {
        self.daemons.get(&role).copied()
    }

    /// Takes over a service with its destinations as they are.
    pub fn insert(&mut self, service: Service, destinations: impl Iterator<Item = Destination>) {
        let service = TableService::new(service, destinations);
        self.services.insert(service.service.key, Box::new(service));
    }

    /// Takes over a sync daemon as it is.
    pub fn insert_daemon(&mut self, daemon: SyncDaemon) {
        self.daemons.insert(daemon.role, (daemon, 0));
    }

    /// Makes the change.
    ///
    /// # Errors
    /// The kernel's refusal of it. The table is then as before.
    pub fn apply(&mut self, change: &Change) -> Result<(), Refusal> {
        self.apply_line(change, 0)
    }

    /// Makes the change that a line asks for.
    ///
    /// # Errors
    /// As [`Table::apply`].
    pub fn apply_line(&mut self, change: &Change, line: u32) -> Result<(), Refusal> {
        self.make(change, line)
            .map_err(|kind| Refusal::of(change, kind))
    }

    fn make(&mut self, change: &Change, line: u32) -> Result<(), RefusalKind> {
        match change {
            Change::AddService(service) | Change::EditService(service)
                if !service.has_fitting_netmask() =>
            {
                Err(RefusalKind::Invalid)
            }
            Change::AddService(service) => self.add_service(service, line),
            Change::EditService(service) => self.edit_service(service, line),
            Change::DeleteService(key) => {
                let removed = self.services.remove(key);
                removed.map(drop).ok_or(RefusalKind::NoSuchService)
            }
            Change::Clear => {
                self.services.clear();
                Ok(())
            }
            Change::AddDestination(key, destination) => {
                self.add_destination(key, destination, line)
            }
            Change::EditDestination(key, destination) => {
                self.edit_destination(key, destination, line)
            }
            Change::DeleteDestination(key, endpoint) => {
                let destinations = &mut self.service(key)?.destinations;
                let removed = destinations.remove(endpoint);
                removed.map(drop).ok_or(RefusalKind::NoSuchDestination)
            }
            Change::Zero(Some(key)) => self.service(key).map(drop),
            Change::Zero(None) => Ok(()),
            Change::SetTimeouts(timeouts) => {
                let old = self.timeouts.unwrap_or_default();
                self.timeouts = Some(timeouts.set_over(old));
                self.timeouts_line = line;
                Ok(())
            }
            Change::StartDaemon(daemon) => self.start_daemon(daemon, line),
            Change::StopDaemon(role, _) => {
                let stopped = self.daemons.remove(role);
                stopped.map(drop).ok_or(RefusalKind::NoDaemon)
            }
        }
    }

    fn service(&mut self, key: &ServiceKey) -> Result<&mut TableService, RefusalKind> {
        let service = self.services.get_mut(key).map(Box::as_mut);
        service.ok_or(RefusalKind::NoSuchService)
    }

    fn add_service(&mut self, service: &Service, line: u32) -> Result<(), RefusalKind> {
        match self.services.entry(service.key) {
            Entry::Occupied(_) => Err(RefusalKind::ServiceExists),
            Entry::Vacant(place) => {
                place.insert(Box::new(TableService {
                    service: *service,
                    line,
                    destinations: Destinations::default(),
                }));
                Ok(())
            }
        }
    }

    fn edit_service(&mut self, service: &Service, line: u32) -> Result<(), RefusalKind> {
        let place = self.service(&service.key)?;
        place.service = *service;
        place.line = line;
        Ok(())
    }

    /// The service, where the destination suits it.
    fn service_for(
        &mut self,
        key: &ServiceKey,
        new: &Destination,
    ) -> Result<&mut TableService, RefusalKind> {
        let syncing = !self.daemons.is_empty();
        let service = self.service(key)?;
        check_family(key, new, syncing)?;
        check_thresholds(new)?;
        Ok(service)
    }

    fn add_destination(
        &mut self,
        key: &ServiceKey,
        new: &Destination,
        line: u32,
    ) -> Result<(), RefusalKind> {
        let service = self.service_for(key, new)?;
        if service.destinations.contains(&new.endpoint) {
            return Err(RefusalKind::DestinationExists);
        }
        check_unicast(new)?;
        let destination = *new;
        service
            .destinations
            .insert(TableDestination { destination, line });
        Ok(())
    }

    fn edit_destination(
        &mut self,
        key: &ServiceKey,
        new: &Destination,
        line: u32,
    ) -> Result<(), RefusalKind> {
        let service = self.service_for(key, new)?;
        if !service.destinations.contains(&new.endpoint) {
            return Err(RefusalKind::NoSuchDestination);
        }
        let destination = *new;
        service
            .destinations
            .insert(TableDestination { destination, line });
        Ok(())
    }

    fn start_daemon(&mut self, daemon: &SyncDaemon, line: u32) -> Result<(), RefusalKind> {
        if self.has_mixed_families() {
            return Err(RefusalKind::Invalid);
        }
        match self.daemons.entry(daemon.role) {
            Entry::Occupied(_) => Err(RefusalKind::DaemonRuns),
            Entry::Vacant(place) => {
                place.insert((*daemon, line));
                Ok(())
            }
        }
    }

    /// Whether a destination is of another family than its service: the kernel
    /// runs no sync daemon beside one.
    pub fn has_mixed_families(&self) -> bool {
        self.services().any(TableService::has_mixed_families)
    }
}

/// The kernel tunnels between families, but its sync messages can't say so.
fn check_family(key: &ServiceKey, new: &Destination, syncing: bool) -> Result<(), RefusalKind> {
    let mixed = Family::of(new.endpoint.address) != key.family();
    let tunnel = matches!(new.forward, ForwardMethod::Tunnel(_));
    if mixed && (syncing || !tunnel) {
        Err(RefusalKind::Invalid)
    } else {
        Ok(())
    }
}

fn check_thresholds(new: &Destination) -> Result<(), RefusalKind> {
    if new.weight < 0 || new.lower_threshold > new.upper_threshold {
        return Err(RefusalKind::OutOfRange);
    }
    Ok(())
}

/// The kernel refuses an address that no routing table can make unicast.
fn check_unicast(new: &Destination) -> Result<(), RefusalKind> {
    let unicast = match new.endpoint.address {
        IpAddr::V4(address) => {
            !address.is_unspecified() && !address.is_multicast() && !address.is_broadcast()
        }
        IpAddr::V6(address) => !address.is_unspecified() && !address.is_multicast(),
    };
    if unicast {
        Ok(())
    } else {
        Err(RefusalKind::Invalid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Netmask, Persistence};
    use crate::names::SystemLookup;
    use crate::rules;

    fn apply(table: &mut Table, line: &str) -> Result<(), i32> {
        let line = rules::parse_line(line, &mut SystemLookup::default());
        let change = line.unwrap().unwrap().change;
        let refused = |refusal: Refusal| refusal.errno;
        table.apply(&change).map_err(refused)
    }

    #[test]
    fn refuses_as_the_kernel_does() {
        let mut table = Table::new();
        let expectations = [
            ("-a -t 10.0.0.1:80 -r 10.0.0.2", Err(libc::ESRCH)),
            ("-A -t 10.0.0.1:80", Ok(())),
            ("-A -t 10.0.0.1:80", Err(libc::EEXIST)),
            ("-e -t 10.0.0.1:80 -r 10.0.0.2", Err(libc::ENOENT)),
            ("-a -t 10.0.0.1:80 -r 10.0.0.2 -y 5", Err(libc::ERANGE)),
            ("-a -t 10.0.0.1:80 -r 224.0.0.1", Err(libc::EINVAL)),
            ("-a -t 10.0.0.1:80 -r 10.0.0.2", Ok(())),
            ("-a -t 10.0.0.1:80 -r 10.0.0.2 -w 9", Err(libc::EEXIST)),
            ("-a -t 10.0.0.1:80 -r fe80::1 -i", Ok(())),
            ("--start-daemon master", Err(libc::EINVAL)),
            ("-d -t 10.0.0.1:80 -r [fe80::1]:80", Ok(())),
            ("--start-daemon master", Ok(())),
            ("--start-daemon master", Err(libc::EEXIST)),
            ("-a -t 10.0.0.1:80 -r fe80::1 -i", Err(libc::EINVAL)),
            ("--stop-daemon master", Ok(())),
            ("--stop-daemon master", Err(libc::ESRCH)),
            ("-Z -t 10.0.0.1:81", Err(libc::ESRCH)),
            ("-D -t 10.0.0.1:81", Err(libc::ESRCH)),
            ("-C", Ok(())),
            ("-E -t 10.0.0.1:80", Err(libc::ESRCH)),
        ];
        for (line, expected) in expectations {
            assert_eq!(apply(&mut table, line), expected, "{line}");
        }
        assert_eq!(table, Table::new());
    }

    #[test]
    fn a_netmask_of_the_other_family_is_refused() {
        let (mut table, key) = (Table::new(), "-t 10.0.0.1:80".parse().unwrap());
        let mut service = Service::new(key);
        table.apply(&Change::AddService(service)).unwrap();
        service.persistence = Some(Persistence {
            timeout: 300,
            netmask: Netmask::V6(64),
        });
        for change in [Change::AddService(service), Change::EditService(service)] {
            let refusal = table.apply(&change).unwrap_err();
            assert_eq!(refusal.kind(), RefusalKind::Invalid);
        }
        assert_eq!(table.get(&key).unwrap().service, Service::new(key));
    }
}
