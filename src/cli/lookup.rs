//! Host and port names in arguments.

use crate::model::Protocol;
use crate::system_names;
use std::collections::HashMap;
use std::net::IpAddr;

/// Turns names into addresses and ports.
pub trait Lookup {
    /// The address of a host: the first IPv4 one, else the first IPv6 one.
    fn host(&mut self, name: &str) -> Option<IpAddr>;
    /// The port of a service name.
    fn port(&mut self, name: &str, protocol: Protocol) -> Option<u16>;
}

/// The system's resolver, asked once for each name.
#[derive(Debug, Default)]
pub struct SystemLookup {
    hosts: HashMap<String, Option<IpAddr>>,
    ports: HashMap<(String, Protocol), Option<u16>>,
}

impl Lookup for SystemLookup {
    fn host(&mut self, name: &str) -> Option<IpAddr> {
        *self
            .hosts
            .entry(name.to_owned())
            .or_insert_with(|| resolve_host(name))
    }

    fn port(&mut self, name: &str, protocol: Protocol) -> Option<u16> {
        let key = (name.to_owned(), protocol);
        *self
            .ports
            .entry(key)
            .or_insert_with(|| system_names::port_number(name, protocol))
    }
}

fn resolve_host(name: &str) -> Option<IpAddr> {
    let addresses = system_names::host_addresses(name);
    addresses
        .iter()
        .find(|address| address.is_ipv4())
        .or(addresses.first())
        .copied()
}
