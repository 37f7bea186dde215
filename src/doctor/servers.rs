//! The director's way to its servers.

use super::facts::Way;
use super::finding::{Finding, Report, Severity};
use super::remedy::{Remedy, ipvsadm, out_of_all_services};
use super::scene::{Entry, Scene, services_of};
use crate::model::{Change, Destination, ForwardMethod};
use std::net::IpAddr;

/// Servers that packets can't reach.
pub fn reachable(scene: &Scene, report: &mut Report) {
    let neighbours = report.look("the neighbours", &scene.machine.neighbours);
    let Some(ways) = report.look("the routes", &scene.machine.ways) else {
        return;
    };
    let is_silent = |link, hop| neighbours.is_some_and(|them| them.contains(&(link, hop)));
    for (address, mut entries) in scene.servers() {
        let (id, seen, meaning) = match ways.get(&address) {
            Some(Way::None(why)) => (
                "server-unreachable",
                format!("this machine has no way to the server {address}: {why}"),
                "the clients that are sent there get no answer; until there is a route, take it out",
            ),
            Some(Way::Through { gateway, link, .. })
                if is_silent(*link, gateway.unwrap_or(address)) =>
            {
                (
                    "server-silent",
                    silent(address, gateway.unwrap_or(address)),
                    "the clients that are sent there get no answer; until it is back, take it out",
                )
            }
            Some(Way::Through {
                gateway: Some(gateway),
                ..
            }) => {
                entries.retain(|(_, it)| it.destination.forward == ForwardMethod::DirectRoute);
                (
                    "server-not-attached",
                    format!(
                        "the server {address} of direct routing (-g) is behind the router {gateway}"
                    ),
                    "packets don't arrive there; take it out, or use a tunnel (-i) or NAT (-m)",
                )
            }
            _ => continue,
        };
        if entries.is_empty() {
            continue;
        }
        report.findings.push(Finding {
            severity: Severity::Error,
            id,
            seen,
            meaning,
            services: services_of(&entries),
            remedy: take_out(address, &entries),
        });
    }
}

fn silent(address: IpAddr, hop: IpAddr) -> String {
    let who = match hop == address {
        true => format!("the server {address}"),
        false => format!("{hop}, the way to the server {address},"),
    };
    format!("{who} does not answer on its network (`ip neighbour`)")
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
