//! Host and port names in arguments.

use super::system;
use crate::model::Protocol;
use std::collections::HashMap;
use std::net::IpAddr;

/// Turns names into addresses and ports.
pub trait Lookup {
    /// The addresses of a host, in the resolver's order.
    fn host(&mut self, name: &str) -> &[IpAddr];
    /// The port of a service name.
    fn port(&mut self, name: &str, protocol: Protocol) -> Option<u16>;
}

/// Knows no names: for rules that hold numbers, and while somebody types.
pub struct NoNames;

impl Lookup for NoNames {
    fn host(&mut self, _: &str) -> &[IpAddr] {
        &[]
    }

    fn port(&mut self, _: &str, _: Protocol) -> Option<u16> {
        None
    }
}

/// The system's resolver, asked once for each name.
#[derive(Debug, Default)]
pub struct SystemLookup {
    hosts: HashMap<String, Vec<IpAddr>>,
    ports: HashMap<(String, Protocol), Option<u16>>,
}

impl Lookup for SystemLookup {
    fn host(&mut self, name: &str) -> &[IpAddr] {
        self.hosts
            .entry(name.to_owned())
            .or_insert_with(|| system::host_addresses(name))
    }

    fn port(&mut self, name: &str, protocol: Protocol) -> Option<u16> {
        let key = (name.to_owned(), protocol);
        *self
            .ports
            .entry(key)
            .or_insert_with(|| system::port_number(name, protocol))
    }
}
