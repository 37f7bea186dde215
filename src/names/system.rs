//! The names the system knows: of hosts from its resolver, of ports from its
//! services file.
//!
//! The program is linked statically where it can be, for the speed of its start.
//! A static C library reads hosts files and asks DNS as any other, but other
//! sources of `/etc/nsswitch.conf` (LDAP, mDNS, …) are shared libraries, which it
//! must not load beside a C library of another version. Where such sources are
//! configured, the system's own `getent` is asked.

mod getent;
mod services_file;

use services_file::Services;

use crate::model::Protocol;
use std::net::IpAddr;
use std::sync::{LazyLock, OnceLock};

/// The addresses of a host, in the resolver's order.
pub fn host_addresses(name: &str) -> Vec<IpAddr> {
    if *HOSTS_IN_PROCESS {
        return dns_lookup::lookup_host(name)
            .map(Iterator::collect)
            .unwrap_or_default();
    }
    getent::host_addresses(name)
}

/// The name of an address.
pub fn host_name(address: IpAddr) -> Option<String> {
    let name = if *HOSTS_IN_PROCESS {
        dns_lookup::lookup_addr(&address).ok()
    } else {
        getent::host_name(address)
    };
    // The C library answers with the number where there is no name.
    name.filter(|name| name.parse::<IpAddr>().is_err())
}

/// The name of a port, from other sources than the services file.
pub fn port_name(protocol: Protocol, port: u16) -> Option<String> {
    getent::port_name(protocol, port)
}

/// The system's services file, read once.
pub fn services() -> &'static Services {
    static SERVICES: LazyLock<Services> = LazyLock::new(Services::load);
    &SERVICES
}

/// The port of a name.
pub fn port_number(name: &str, protocol: Protocol) -> Option<u16> {
    let services = services();
    match services.number(name, protocol) {
        None if services.has_other_sources() => getent::port_number(name, protocol),
        found => found,
    }
}

/// Set by a program that is linked with a static C library.
pub(crate) static STATIC_C_LIBRARY: OnceLock<()> = OnceLock::new();

/// Whether host names may be looked up by this process's own C library.
static HOSTS_IN_PROCESS: LazyLock<bool> = LazyLock::new(|| {
    if STATIC_C_LIBRARY.get().is_none() {
        return true;
    }
    let configured = std::fs::read_to_string("/etc/nsswitch.conf").unwrap_or_default();
    sources(&configured, "hosts").all(|source| matches!(source, "files" | "dns"))
});

/// The sources that nsswitch.conf names for a database; what stands in brackets
/// says how to go on and is no source.
fn sources<'a>(text: &'a str, database: &'a str) -> impl Iterator<Item = &'a str> {
    text.lines()
        .filter_map(|line| line.split('#').next())
        .filter_map(move |line| {
            line.trim()
                .strip_prefix(database)?
                .trim_start()
                .strip_prefix(':')
        })
        .flat_map(|line| line.split(']'))
        .filter_map(|part| part.split('[').next())
        .flat_map(str::split_ascii_whitespace)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_of_a_database() {
        let text = "passwd: files\nhosts:  files mdns4_minimal [NOTFOUND=return UNAVAIL=continue] dns # mymachines\n";
        assert_eq!(
            sources(text, "hosts").collect::<Vec<_>>(),
            ["files", "mdns4_minimal", "dns"]
        );
        assert_eq!(sources(text, "services").next(), None);
    }

    #[test]
    fn localhost_is_known() {
        assert!(host_addresses("localhost").iter().all(IpAddr::is_loopback));
        assert!(host_addresses("no-such-host.invalid").is_empty());
    }
}
