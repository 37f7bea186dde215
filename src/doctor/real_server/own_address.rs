//! The services' addresses on a real server.

use super::RealServer;
use crate::doctor::facts::{Address, Link, full_length};
use crate::doctor::finding::{Finding, Report, Severity};
use crate::doctor::remedy::{Remedy, command};
use std::net::IpAddr;

/// Whether the machine has the addresses, without their networks.
pub fn own(scene: &RealServer, report: &mut Report) {
    let machine = &scene.machine;
    let Some(addresses) = report.look_at_addresses(machine) else {
        return;
    };
    for address in scene.addresses() {
        if !machine.is_local(address) {
            report.findings.push(missing(address));
        }
        for own in addresses.iter().filter(|own| own.address == address) {
            let Some(link) = machine.link(own.link) else {
                continue;
            };
            let is_wide = own.prefix_length < full_length(address);
            let asked_on = scene.asked_on(address);
            // Neighbours can ask for the address on its own interface.
            let is_told = (link.up && link.arp && !link.loopback)
                && (is_wide || asked_on.iter().any(|it| it.index == link.index));
            if (is_told || is_wide) && !address.is_loopback() {
                let finding = with_network(own, link, is_told, addresses);
                report.findings.push(finding);
                break;
            }
        }
    }
}

fn missing(address: IpAddr) -> Finding {
    Finding {
        severity: Severity::Error,
        id: "server-lacks-vip",
        seen: format!("{address} is no address of this machine"),
        meaning: "what the director sends here is not for this server, which drops it",
        services: Vec::new(),
        remedy: Remedy::here(alone(address)),
    }
}

fn alone(address: IpAddr) -> String {
    let with_length = format!("{address}/{}", full_length(address));
    command(&["ip", "address", "add", &with_length, "dev", "lo"])
}

fn with_network(own: &Address, link: &Link, is_told: bool, all: &[Address]) -> Finding {
    let address = own.address;
    let with_length = format!("{address}/{}", own.prefix_length);
    let (id, meaning) = match is_told {
        true => (
            "vip-on-the-network",
            "this server answers for the service's address, and takes clients from the director",
        ),
        false => (
            "vip-with-network",
            "answers to clients of that network stay on this machine",
        ),
    };
    let delete = command(&["ip", "address", "delete", &with_length, "dev", &link.name]);
    let remedy = Remedy::in_order(vec![alone(address), delete]);
    Finding {
        severity: Severity::Error,
        id,
        seen: format!("{with_length} is on {}", link.name),
        meaning,
        services: Vec::new(),
        remedy: may_go(own, is_told, all).then_some(remedy),
    }
}

/// Whether the address can be deleted without harm. The first address of a network takes the
/// other addresses of the network with it. An address that is alone in its network may be the
/// server's own, named by mistake: without it nobody reaches the server.
fn may_go(own: &Address, is_told: bool, all: &[Address]) -> bool {
    let mut others: Vec<&Address> = all.iter().collect();
    others.retain(|other| {
        other.link == own.link
            && other.address != own.address
            && other.address.is_ipv4() == own.address.is_ipv4()
    });
    let shares_network = others.iter().any(|other| {
        other.prefix_length == own.prefix_length && own.network().contains(other.address)
    });
    let takes_none = own.address.is_ipv6() || own.secondary || !shares_network;
    let mut networks = others.iter().map(|other| other.network());
    let stays = networks.any(|network| network.contains(own.address));
    takes_none && (!is_told || stays)
}

/// Whether packets can come in for the addresses.
pub fn up(scene: &RealServer, report: &mut Report) {
    let Ok(addresses) = &scene.machine.addresses else {
        return;
    };
    for address in scene.addresses() {
        for own in addresses.iter().filter(|own| own.address == address) {
            let link = scene.machine.link(own.link);
            let Some(link) = link.filter(|link| link.tunnel && !link.up) else {
                continue;
            };
            report.findings.push(Finding {
                severity: Severity::Error,
                id: "tunnel-down",
                seen: format!("the tunnel {} of {address} is down", link.name),
                meaning: "nothing comes out of it",
                services: Vec::new(),
                remedy: Remedy::here(command(&["ip", "link", "set", &link.name, "up"])),
            });
        }
    }
}
