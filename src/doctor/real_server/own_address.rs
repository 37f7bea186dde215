//! The services' addresses on a real server.

use super::RealServer;
use crate::doctor::facts::{Address, Link, full_length};
use crate::doctor::finding::{Finding, Report, Severity};
use crate::doctor::remedy::{Remedy, command};
use std::net::IpAddr;

/// Whether the machine has the addresses, without their networks.
pub fn own(scene: &RealServer, report: &mut Report) {
    let machine = &scene.machine;
    let facts = (
        report.look("the routes", &machine.ways),
        report.look("the addresses", &machine.addresses),
        report.look("the interfaces", &machine.links),
    );
    let (Some(_), Some(addresses), Some(links)) = facts else {
        return;
    };
    for address in scene.addresses() {
        if !scene.is_own(address) {
            report.findings.push(missing(address));
        }
        let mut own = addresses.iter().filter(|own| own.address == address);
        let told = own.find_map(|own| {
            let link = links.iter().find(|link| link.index == own.link)?;
            let is_told = link.up && link.arp && !link.loopback && tells(scene, own, link);
            let is_wide = own.prefix_length < full_length(address);
            let found = (is_told || is_wide) && !own.address.is_loopback();
            found.then(|| with_network(own, link, is_told, addresses))
        });
        report.findings.extend(told);
    }
}

/// Whether neighbours can ask for the address on its own interface.
fn tells(scene: &RealServer, own: &Address, link: &Link) -> bool {
    let mut asked_on = scene.asked_on(own.address).into_iter();
    own.prefix_length < full_length(own.address) || asked_on.any(|it| it.index == link.index)
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
    let remedy = Remedy {
        on: None,
        commands: vec![alone(address), delete],
    };
    Finding {
        severity: Severity::Error,
        id,
        seen: format!("{with_length} is on {}", link.name),
        meaning,
        services: Vec::new(),
        remedy: may_go(own, is_told, all).then_some(remedy),
    }
}

/// Whether nothing else goes with the address. The first one of a network takes the
/// others with it; and one that is alone in its network may be the server's own, named by
/// mistake, without which nobody reaches the server.
fn may_go(own: &Address, is_told: bool, all: &[Address]) -> bool {
    let others = all.iter().filter(|other| {
        other.link == own.link
            && other.address != own.address
            && other.address.is_ipv4() == own.address.is_ipv4()
    });
    let mut same = others.clone().filter(|other| {
        other.prefix_length == own.prefix_length && own.network().contains(other.address)
    });
    let takes_none = own.address.is_ipv6() || own.secondary || same.next().is_none();
    let mut others = others;
    let stays = others.any(|other| other.network().contains(own.address));
    takes_none && (!is_told || stays)
}

/// Whether packets can come in for the addresses.
pub fn up(scene: &RealServer, report: &mut Report) {
    let (Ok(links), Ok(addresses)) = (&scene.machine.links, &scene.machine.addresses) else {
        return;
    };
    for address in scene.addresses() {
        let own = addresses.iter().filter(|own| own.address == address);
        let of_tunnels = own
            .filter_map(|own| links.iter().find(|link| link.index == own.link))
            .filter(|link| link.tunnel);
        report
            .findings
            .extend(of_tunnels.filter(|link| !link.up).map(|link| Finding {
                severity: Severity::Error,
                id: "tunnel-down",
                seen: format!("the tunnel {} of {address} is down", link.name),
                meaning: "nothing comes out of it",
                services: Vec::new(),
                remedy: Remedy::here(command(&["ip", "link", "set", &link.name, "up"])),
            }));
    }
}
