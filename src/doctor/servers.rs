//! The director's way to its servers.

use super::facts::{Neighbours, Way};
use super::finding::{Finding, Report, Severity};
use super::remedy::{Remedy, ipvsadm, out_of_all_services};
use super::scene::{Entry, Scene, services_of};
use crate::model::{Change, Destination, ForwardMethod};
use std::net::IpAddr;

/// Servers that packets can't reach.
pub fn reachable(scene: &Scene, report: &mut Report) {
    let machine = &scene.machine;
    let neighbours = report.look("the neighbours", &machine.neighbours);
    let Some(ways) = report.look("the routes", &machine.ways) else {
        return;
    };
    for (address, entries) in scene.servers() {
        let found = match ways.get(&address) {
            None | Some(Way::Local) => None,
            Some(Way::None(why)) => Some(unreachable(address, entries, why)),
            Some(Way::Through { gateway, link }) => {
                let hop = gateway.unwrap_or(address);
                let failed = |known: &Neighbours| known.contains(&(*link, hop));
                if neighbours.is_some_and(failed) {
                    Some(silent(address, hop, entries))
                } else {
                    gateway.and_then(|gateway| not_attached(address, gateway, entries))
                }
            }
        };
        report.findings.extend(found);
    }
}

fn unreachable(address: IpAddr, entries: Vec<Entry<'_>>, why: &str) -> Finding {
    Finding {
        severity: Severity::Error,
        id: "server-unreachable",
        seen: format!("this machine has no way to the server {address}: {why}"),
        meaning: "the clients that are sent there get no answer; until there is a route, take it out",
        services: services_of(&entries),
        remedy: take_out(address, &entries),
    }
}

fn silent(address: IpAddr, hop: IpAddr, entries: Vec<Entry<'_>>) -> Finding {
    let who = match hop == address {
        true => format!("the server {address}"),
        false => format!("{hop}, the way to the server {address},"),
    };
    Finding {
        severity: Severity::Error,
        id: "server-silent",
        seen: format!("{who} does not answer on its network (`ip neighbour`)"),
        meaning: "the clients that are sent there get no answer; until it is back, take it out",
        services: services_of(&entries),
        remedy: take_out(address, &entries),
    }
}

/// Direct routing changes nothing but the Ethernet address: a router would send the
/// packet back, as it is for the director's address.
fn not_attached(address: IpAddr, gateway: IpAddr, mut entries: Vec<Entry<'_>>) -> Option<Finding> {
    entries.retain(|(_, server)| server.destination.forward == ForwardMethod::DirectRoute);
    (!entries.is_empty()).then(|| Finding {
        severity: Severity::Error,
        id: "server-not-attached",
        seen: format!("the server {address} of direct routing (-g) is behind the router {gateway}"),
        meaning: "packets don't arrive there; take it out, or use a tunnel (-i) or NAT (-m)",
        services: services_of(&entries),
        remedy: take_out(address, &entries),
    })
}

/// Weight 0: no new client is sent there.
fn take_out(address: IpAddr, entries: &[Entry<'_>]) -> Option<Remedy> {
    let [(served, server)] = entries else {
        return Remedy::here(out_of_all_services(address));
    };
    let destination = Destination {
        weight: 0,
        ..server.destination
    };
    let edit = Change::EditDestination(served.key(), destination);
    Remedy::here(ipvsadm(&edit))
}
