//! Tunnels on a real server.

use super::RealServer;
use crate::doctor::facts::Link;
use crate::doctor::finding::{Finding, Report, Severity};
use crate::doctor::remedy::{Remedy, sysctl};
use std::net::IpAddr;

/// Whether the reverse path filter lets pass what comes out of the tunnels: the way
/// back to the clients is another interface.
pub fn lets_pass(scene: &RealServer, report: &mut Report) {
    for tunnel in tunnels(scene) {
        // 1 is strict, 2 is content with any way back.
        if scene.of_interface(report, "rp_filter", &tunnel.name) == Some(1) {
            let path = format!("net/ipv4/conf/{}/rp_filter", tunnel.name);
            report.findings.push(Finding {
                severity: Severity::Error,
                id: "tunnel-rp-filter",
                seen: format!("rp_filter is strict for {}", tunnel.name),
                meaning: "clients' packets are dropped as they come out of the tunnel",
                services: Vec::new(),
                remedy: Remedy::here(sysctl(&path, "2")),
            });
        }
    }
}

/// The tunnels by which packets for the services come: the tunnels that have a service's
/// address, or all of them where a service's address can be asked for on no interface.
fn tunnels(scene: &RealServer) -> Vec<&Link> {
    let (Ok(links), Ok(addresses)) = (&scene.machine.links, &scene.machine.addresses) else {
        return Vec::new();
    };
    let mut services = scene.addresses();
    services.retain(IpAddr::is_ipv4);
    let wants_all = services.iter().any(|it| scene.asked_on(*it).is_empty());
    let has_service = |link: &Link| {
        let mut own = addresses.iter().filter(|own| own.link == link.index);
        own.any(|own| services.contains(&own.address))
    };
    let tunnels = links.iter().filter(|link| link.tunnel && link.up);
    tunnels
        .filter(|link| wants_all || has_service(link))
        .collect()
}
