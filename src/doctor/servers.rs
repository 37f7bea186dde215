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
            Some(Way::None(why)) => Some(unreachable(address, &entries, why)),
            Some(Way::Through { gateway, link, .. }) => {
                let hop = gateway.unwrap_or(address);
                let failed = |known: &Neighbours| known.contains(&(*link, hop));
                if neighbours.is_some_and(failed) {
                    Some(silent(address, hop, &entries))
                } else {
                    gateway.and_then(|gateway| not_attached(address, gateway, entries))
                }
            }
        };
        report.findings.extend(found);
    }
}

fn unreachable(address: IpAddr, entries: &[Entry<'_>], why: &str) -> Finding {
    let meaning =
        "the clients that are sent there get no answer; until there is a route, take it out";
    let seen = format!("this machine has no way to the server {address}: {why}");
    no_way("server-unreachable", seen, meaning, address, entries)
}

fn silent(address: IpAddr, hop: IpAddr, entries: &[Entry<'_>]) -> Finding {
    let who = match hop == address {
        true => format!("the server {address}"),
        false => format!("{hop}, the way to the server {address},"),
    };
    let meaning = "the clients that are sent there get no answer; until it is back, take it out";
    let seen = format!("{who} does not answer on its network (`ip neighbour`)");
    no_way("server-silent", seen, meaning, address, entries)
}

fn not_attached(address: IpAddr, gateway: IpAddr, mut entries: Vec<Entry<'_>>) -> Option<Finding> {
    entries.retain(|(_, server)| server.destination.forward == ForwardMethod::DirectRoute);
    let meaning = "packets don't arrive there; take it out, or use a tunnel (-i) or NAT (-m)";
    let seen =
        format!("the server {address} of direct routing (-g) is behind the router {gateway}");
    (!entries.is_empty()).then(|| no_way("server-not-attached", seen, meaning, address, &entries))
}

/// What is sent to the server does not arrive: it is taken out.
fn no_way(
    id: &'static str,
    seen: String,
    meaning: &'static str,
    address: IpAddr,
    entries: &[Entry<'_>],
) -> Finding {
    Finding {
        severity: Severity::Error,
        id,
        seen,
        meaning,
        services: services_of(entries),
        remedy: take_out(address, entries),
    }
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
