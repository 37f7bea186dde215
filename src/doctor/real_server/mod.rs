//! A real server: of direct routing and tunnels, which has the services' addresses and
//! must not tell; or of masquerading, whose answers must pass the director.

mod arp;
mod listening;
mod own_address;
mod tunnel;
mod way_back;

use super::facts::{Link, Listeners, Machine, Seen};
use super::finding::Report;
use super::{Check, examine};
use std::net::IpAddr;

pub use way_back::anywhere;

/// A real server, and what its machine says.
#[derive(Debug)]
pub struct RealServer {
    /// The services' addresses, with the port where one is given.
    pub services: Vec<(IpAddr, Option<u16>)>,
    /// The director that masquerades; without one, packets come by direct routing or a
    /// tunnel.
    pub director: Option<IpAddr>,
    /// The machine.
    pub machine: Machine,
    /// Where programs listen.
    pub listeners: Seen<Listeners>,
}

/// The checks on a server that has the services' addresses. First what keeps it from
/// telling of them: the commands are run in this order.
#[rustfmt::skip] // a line a check
const OWN_ADDRESS: [Check<RealServer>; 6] = [
    ("ARP requests for the services' addresses are not answered", arp::silent),
    ("ARP requests are not sent in the services' name", arp::discreet),
    ("the services' addresses are this machine's, each alone", own_address::own),
    ("the interfaces of the services' addresses are up", own_address::up),
    ("the reverse path filter lets pass what comes out of tunnels", tunnel::lets_pass),
    ("a program listens on every port that was named", listening::served),
];

/// The checks on a server behind a director that masquerades.
const MASQUERADED: [Check<RealServer>; 1] = [("answers pass the director", way_back::by_director)];

/// Looks at a real server.
pub fn real_server(scene: &RealServer) -> Report {
    match scene.director {
        None => examine(&OWN_ADDRESS, scene),
        Some(_) => examine(&MASQUERADED, scene),
    }
}

impl RealServer {
    /// The services' addresses, each once.
    fn addresses(&self) -> Vec<IpAddr> {
        let mut addresses: Vec<_> = self.services.iter().map(|(address, _)| *address).collect();
        addresses.sort_unstable();
        addresses.dedup();
        addresses
    }

    /// The value of a setting that counts for an interface: the higher one of its own and
    /// that of all interfaces.
    fn of_interface(&self, report: &mut Report, name: &'static str, link: &str) -> Option<i64> {
        let mut read = |link| {
            let path = format!("net/ipv4/conf/{link}/{name}");
            report.setting(name, &self.machine.settings, &path)
        };
        let (all, own) = (read("all")?, read(link)?);
        Some(all.max(own))
    }

    /// The interfaces on which neighbours may ask for the address: one of their other
    /// networks has it.
    fn asked_on(&self, address: IpAddr) -> Vec<&Link> {
        let (Ok(links), Ok(addresses)) = (&self.machine.links, &self.machine.addresses) else {
            return Vec::new();
        };
        let has_network = |link: &&Link| {
            let mut own = addresses.iter().filter(|own| own.link == link.index);
            link.up
                && link.arp
                && !link.loopback
                && own.any(|own| own.address != address && own.network().contains(address))
        };
        links.iter().filter(has_network).collect()
    }
}
