//! Tunnels: whether clients' packets fit into them.

use super::facts::{Machine, Way};
use super::finding::{Finding, Report, Severity};
use super::remedy::{Remedy, sysctl};
use super::scene::{Scene, Served};
use crate::model::{Checksum, DestinationStatus, ForwardMethod, Tunnel};
use std::net::IpAddr;

/// Whether clients' full packets fit into the tunnels. Where a packet does not fit, IPVS asks
/// its client for smaller packets; it does so for IPv6 whatever the setting says.
pub fn have_room(scene: &Scene, report: &mut Report) {
    const SETTING: &str = "net/ipv4/vs/pmtu_disc";
    if scene.machine.settings.number(SETTING).unwrap_or(0) == 0 {
        return;
    }
    let mut services = Vec::new();
    let mut narrowest = None;
    for served in &scene.services {
        let Some(full) = full_packet(&scene.machine, served) else {
            continue;
        };
        let taking = served.taking();
        let rooms = taking.filter_map(|it| Some((room(&scene.machine, it)?, it)));
        let least = rooms.min_by_key(|(room, _)| *room);
        if let Some((room, server)) = least.filter(|(room, _)| *room < full) {
            services.push(served.key());
            narrowest.get_or_insert((room, server.destination.endpoint.address, full));
        }
    }
    let Some((room, server, full)) = narrowest else {
        return;
    };
    report.findings.push(Finding {
        severity: Severity::Hint,
        id: "tunnel-mtu",
        seen: format!(
            "clients may send packets of {full} bytes, and the tunnel to {server} has room for {room}"
        ),
        meaning: "IPVS asks them by ICMP for smaller ones: uploads hang where a firewall drops that",
        services,
        remedy: Remedy::here(sysctl(SETTING, "0")),
    });
}

/// How long the packets are that come in by the interface with the service's address; `None`
/// for the loopback, by which no packet comes in.
fn full_packet(machine: &Machine, served: &Served) -> Option<u32> {
    let address = served.address().filter(IpAddr::is_ipv4)?;
    let mut addresses = machine.addresses.as_ref().ok()?.iter();
    let own = addresses.find(|own| own.address == address)?;
    let link = machine.link(own.link)?;
    (!link.loopback).then_some(link.mtu)
}

/// How long a packet may be that goes into the tunnel to the server.
fn room(machine: &Machine, server: &DestinationStatus) -> Option<u32> {
    let ForwardMethod::Tunnel(tunnel) = server.destination.forward else {
        return None;
    };
    let address = server.destination.endpoint.address;
    let Way::Through { link, mtu, .. } = machine.way(address)? else {
        return None;
    };
    let mtu = mtu.or_else(|| Some(machine.link(*link)?.mtu))?;
    Some(mtu.saturating_sub(ip_header(address) + header(tunnel)?))
}

fn ip_header(server: IpAddr) -> u32 {
    match server {
        IpAddr::V4(_) => 20,
        IpAddr::V6(_) => 40,
    }
}

/// What comes between the outer and the inner IP header, in bytes: for GUE also the
/// header of UDP.
fn header(tunnel: Tunnel) -> Option<u32> {
    match tunnel {
        Tunnel::Ipip => Some(0),
        Tunnel::Gue {
            checksum: Checksum::Remote,
            ..
        } => Some(20),
        Tunnel::Gue { .. } => Some(12),
        Tunnel::Gre {
            checksum: Checksum::Full,
        } => Some(8),
        Tunnel::Gre { .. } => Some(4),
        Tunnel::Other { .. } => None,
    }
}
