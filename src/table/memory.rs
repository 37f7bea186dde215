//! The virtual server table in memory, with the kernel's own rules.

use super::destinations::{Destinations, TableDestination};
use crate::model::{
    Change, Destination, Family, ForwardMethod, Service, ServiceKey, SyncDaemon, SyncRole, Timeouts,
};
use std::collections::btree_map::{BTreeMap, Entry};
use std::net::IpAddr;

/// A table: services with their destinations, in ascending order, and what
/// surrounds them where it was said.
///
/// [`Table::apply`] makes a change, or refuses it with the errno that the kernel
/// refuses it with. What only a kernel knows it takes on trust: which schedulers
/// and interfaces there are, and which addresses are routed where.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Table {
    /// Boxed, as a tree's nodes are half empty.
    services: BTreeMap<ServiceKey, Box<TableService>>,
    daemons: BTreeMap<SyncRole, (SyncDaemon, u32)>,
    /// The connection timeouts, where they were said; 0 where one was not.
    pub timeouts: Option<Timeouts>,
    /// The line that last said them; 0 where no file did.
    pub timeouts_line: u32,
}

/// A service with its destinations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableService {
    /// The service.
    pub service: Service,
    /// The line that last said how it is; 0 where no file did.
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

    /// Whether a destination is of another family than the service.
    pub fn has_mixed_families(&self) -> bool {
        let family = self.service.key.family();
        let mut all = self.destinations.iter();
        all.any(|place| Family::of(place.destination.endpoint.address) != family)
    }
}

/// A refusal: the kernel's errno, positive.
pub type Errno = i32;

impl Table {
    /// An empty table.
    pub fn new() -> Self {
        Table::default()
    }

    /// The services, in ascending order.
    pub fn services(&self) -> impl Iterator<Item = &TableService> {
        self.services.values().map(Box::as_ref)
    }

    /// A service.
    pub fn get(&self, key: &ServiceKey) -> Option<&TableService> {
        self.services.get(key).map(Box::as_ref)
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
    /// The errno with which the kernel refuses it: `EEXIST`, `ESRCH`, `ENOENT`,
    /// `ERANGE` or `EINVAL`. The table is then as before.
    pub fn apply(&mut self, change: &Change) -> Result<(), Errno> {
        self.apply_line(change, 0)
    }

    /// Makes the change that a line asks for.
    ///
    /// # Errors
    /// As [`Table::apply`].
    pub fn apply_line(&mut self, change: &Change, line: u32) -> Result<(), Errno> {
        match change {
            Change::AddService(service) => self.add_service(service, line),
            Change::EditService(service) => self.edit_service(service, line),
            Change::DeleteService(key) => self.services.remove(key).map(drop).ok_or(libc::ESRCH),
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
                destinations.remove(endpoint).map(drop).ok_or(libc::ENOENT)
            }
            Change::Zero(Some(key)) => self.service(key).map(drop),
            Change::Zero(None) => Ok(()),
            Change::SetTimeouts(timeouts) => {
                self.set_timeouts(*timeouts);
                self.timeouts_line = line;
                Ok(())
            }
            Change::StartDaemon(daemon) => self.start_daemon(daemon, line),
            Change::StopDaemon(role, _) => self.daemons.remove(role).map(drop).ok_or(libc::ESRCH),
        }
    }

    fn service(&mut self, key: &ServiceKey) -> Result<&mut TableService, Errno> {
        let service = self.services.get_mut(key).ok_or(libc::ESRCH)?;
        Ok(service)
    }

    fn add_service(&mut self, service: &Service, line: u32) -> Result<(), Errno> {
        match self.services.entry(service.key) {
            Entry::Occupied(_) => Err(libc::EEXIST),
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

    fn edit_service(&mut self, service: &Service, line: u32) -> Result<(), Errno> {
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
    ) -> Result<&mut TableService, Errno> {
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
    ) -> Result<(), Errno> {
        let service = self.service_for(key, new)?;
        if service.destinations.contains(&new.endpoint) {
            return Err(libc::EEXIST);
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
    ) -> Result<(), Errno> {
        let service = self.service_for(key, new)?;
        if !service.destinations.contains(&new.endpoint) {
            return Err(libc::ENOENT);
        }
        let destination = *new;
        service
            .destinations
            .insert(TableDestination { destination, line });
        Ok(())
    }

    /// 0 leaves a value as it is.
    fn set_timeouts(&mut self, new: Timeouts) {
        let old = self.timeouts.unwrap_or_default();
        let keep = |new, old| if new == 0 { old } else { new };
        self.timeouts = Some(Timeouts {
            tcp: keep(new.tcp, old.tcp),
            tcp_fin: keep(new.tcp_fin, old.tcp_fin),
            udp: keep(new.udp, old.udp),
        });
    }

    fn start_daemon(&mut self, daemon: &SyncDaemon, line: u32) -> Result<(), Errno> {
        if self.has_mixed_families() {
            return Err(libc::EINVAL);
        }
        match self.daemons.entry(daemon.role) {
            Entry::Occupied(_) => Err(libc::EEXIST),
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
fn check_family(key: &ServiceKey, new: &Destination, syncing: bool) -> Result<(), Errno> {
    let mixed = Family::of(new.endpoint.address) != key.family();
    let tunnel = matches!(new.forward, ForwardMethod::Tunnel(_));
    if mixed && (syncing || !tunnel) {
        Err(libc::EINVAL)
    } else {
        Ok(())
    }
}

fn check_thresholds(new: &Destination) -> Result<(), Errno> {
    if new.weight < 0 || new.lower_threshold > new.upper_threshold {
        return Err(libc::ERANGE);
    }
    Ok(())
}

/// What no routing table makes unicast.
fn check_unicast(new: &Destination) -> Result<(), Errno> {
    let unicast = match new.endpoint.address {
        IpAddr::V4(address) => {
            !address.is_unspecified() && !address.is_multicast() && !address.is_broadcast()
        }
        IpAddr::V6(address) => !address.is_unspecified() && !address.is_multicast(),
    };
    if unicast { Ok(()) } else { Err(libc::EINVAL) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::SystemLookup;
    use crate::rules;

    fn apply(table: &mut Table, line: &str) -> Result<(), Errno> {
        let line = rules::parse_line(line, &mut SystemLookup::default());
        table.apply(&line.unwrap().unwrap().change)
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
}
