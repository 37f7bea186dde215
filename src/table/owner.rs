//! Which server of a table a connection belongs to.
//!
//! The kernel's list of connections names addresses, not services. A connection to
//! the address and port of a service is that service's; any other is that of the
//! service of all ports at the address, else that of a firewall mark. (The kernel
//! asks the mark first, and does not list it.)

use crate::kernel::Connection;
use crate::model::{Endpoint, Family, Protocol, ServiceKey};
use std::collections::{HashMap, HashSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Services and servers, found by the addresses of connections.
#[derive(Debug, Default)]
pub struct Owners {
    services: HashSet<(Protocol, Endpoint)>,
    /// Servers of services of one port: by protocol, service and server.
    exact: HashMap<(Protocol, Endpoint, Endpoint), usize>,
    /// Servers of services of all ports and of marks, by their address.
    wide: HashMap<IpAddr, Vec<(ServiceKey, u16, usize)>>,
}

impl Owners {
    /// Adds a service: its connections belong to no other, whatever servers it has.
    pub fn add_service(&mut self, key: &ServiceKey) {
        if let ServiceKey::Address { protocol, endpoint } = key {
            self.services.insert((*protocol, *endpoint));
        }
    }

    /// Adds a server and its service; `number` is the caller's name for the server.
    pub fn add_server(&mut self, key: &ServiceKey, server: Endpoint, number: usize) {
        self.add_service(key);
        match key {
            ServiceKey::Address { protocol, endpoint } if endpoint.port != 0 => {
                let port = match server.port {
                    0 => endpoint.port,
                    port => port,
                };
                let server = Endpoint::new(server.address, port);
                self.exact.insert((*protocol, *endpoint, server), number);
            }
            _ => {
                let servers = self.wide.entry(server.address).or_default();
                servers.push((*key, server.port, number));
            }
        }
    }

    /// Whether a server's connections can be told only when all services are known.
    pub fn needs_all_services(&self) -> bool {
        !self.wide.is_empty()
    }

    /// The server that a connection, or a persistence template, was given to.
    pub fn owner(&self, connection: &Connection<'_>) -> Option<usize> {
        let Connection {
            virtual_,
            destination,
            ..
        } = *connection;
        if let Some(protocol) = connection.transport() {
            if self.services.contains(&(protocol, virtual_)) && virtual_.port != 0 {
                let server = (protocol, virtual_, destination);
                return self.exact.get(&server).copied();
            }
            let all_ports = Endpoint::new(virtual_.address, 0);
            if self.services.contains(&(protocol, all_ports)) {
                let key = ServiceKey::of(protocol, all_ports);
                return self.wide_owner(connection, |other| *other == key);
            }
        }
        let is_template = connection.transport().is_none();
        self.wide_owner(connection, |key| match key {
            ServiceKey::Fwmark { mark, .. } if is_template => mark_of(virtual_.address) == *mark,
            ServiceKey::Fwmark { family, .. } => *family == Family::of(virtual_.address),
            ServiceKey::Address { .. } => false,
        })
    }

    fn wide_owner(
        &self,
        connection: &Connection<'_>,
        is_service: impl Fn(&ServiceKey) -> bool,
    ) -> Option<usize> {
        let Endpoint { address, port } = connection.destination;
        let servers = self.wide.get(&address)?;
        let fits = |own: u16| own == 0 || own == port || port == connection.virtual_.port;
        let mut fitting = servers
            .iter()
            .filter(|(key, own, _)| is_service(key) && fits(*own));
        fitting.next().map(|(_, _, number)| *number)
    }
}

/// A mark's template has the mark in the place of the first four bytes of the address.
fn mark_of(address: IpAddr) -> u32 {
    match address {
        IpAddr::V4(address) => u32::from(address),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = Ipv6Addr::octets(&address);
            u32::from(Ipv4Addr::new(a, b, c, d))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owners(servers: &[(&str, &str)]) -> Owners {
        let mut owners = Owners::default();
        for (number, (key, server)) in servers.iter().enumerate() {
            owners.add_server(&key.parse().unwrap(), server.parse().unwrap(), number);
        }
        owners
    }

    fn owner(owners: &Owners, line: &str) -> Option<usize> {
        owners.owner(&Connection::parse(line.as_bytes()).unwrap())
    }

    #[test]
    fn a_connection_belongs_to_the_nearest_service() {
        let owners = owners(&[
            ("-t 10.0.0.1:80", "10.0.0.2:8080"),
            ("-t 10.0.0.1:80", "10.0.0.3:80"),
            ("-t 10.0.0.1:0", "10.0.0.2:0"),
            ("-f 7", "10.0.0.2:0"),
            ("-f 8", "10.0.0.4:0"),
            ("-u 10.0.0.1:80", "10.0.0.3:80"),
        ]);
        for (line, wanted) in [
            (
                "TCP 0B000001 E877 0A000001 0050 0A000002 1F90 ESTABLISHED 9",
                Some(0),
            ),
            (
                "TCP 0B000001 E877 0A000001 0050 0A000003 0050 TIME_WAIT 9",
                Some(1),
            ),
            (
                "UDP 0B000001 E877 0A000001 0050 0A000003 0050 UDP 9",
                Some(5),
            ),
            // The service has no such server, though another one has.
            (
                "TCP 0B000001 E877 0A000001 0050 0A000004 0050 ESTABLISHED 9",
                None,
            ),
            (
                "TCP 0B000001 E877 0A000001 0051 0A000002 0051 ESTABLISHED 9",
                Some(2),
            ),
            (
                "TCP 0B000001 E877 0A000005 0051 0A000002 0051 ESTABLISHED 9",
                Some(3),
            ),
            (
                "TCP 0B000001 E877 0A000005 0051 0A000004 0051 ESTABLISHED 9",
                Some(4),
            ),
            (
                "IP 0B000001 0000 00000008 0000 0A000004 0000 NONE 9",
                Some(4),
            ),
            ("IP 0B000001 0000 00000009 0000 0A000004 0000 NONE 9", None),
            (
                "TCP 0B000001 E877 0A000005 0051 0A000009 0051 ESTABLISHED 9",
                None,
            ),
        ] {
            assert_eq!(owner(&owners, line), wanted, "{line}");
        }
    }

    #[test]
    fn a_service_without_the_server_keeps_its_connections() {
        let mut owners = owners(&[("-f 7", "10.0.0.2:0")]);
        let line = "TCP 0B000001 E877 0A000001 0050 0A000002 0050 ESTABLISHED 9";
        assert_eq!(owner(&owners, line), Some(0));
        assert!(owners.needs_all_services());
        owners.add_service(&"-t 10.0.0.1:80".parse().unwrap());
        assert_eq!(owner(&owners, line), None);
    }
}
