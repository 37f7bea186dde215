//! Tunnels on a real server.

use super::RealServer;
use crate::doctor::facts::Link;
use crate::doctor::finding::{Finding, Report, Severity};
use crate::doctor::remedy::{Remedy, sysctl};

/// Whether the reverse path filter lets pass what comes out of the tunnels: the way
/// back to the clients is another interface.
pub fn lets_pass(scene: &RealServer, report: &mut Report) {
    let settings = &scene.machine.settings;
    let path = |link: &str| format!("net/ipv4/conf/{link}/rp_filter");
    let tunnels = tunnels(scene);
    if tunnels.is_empty() {
        return;
    }
    let all = settings.number(&path("all"));
    let Some(all) = report.look("rp_filter", &all).copied() else {
        return;
    };
    for tunnel in tunnels {
        let own = settings.number(&path(&tunnel.name));
        let Some(own) = report.look("rp_filter", &own) else {
            continue;
        };
        // The higher of the two counts: 1 is strict, 2 is content with any way back.
        if all.max(*own) == 1 {
            report.findings.push(Finding {
                severity: Severity::Error,
                id: "tunnel-rp-filter",
                seen: format!("rp_filter is strict for {}", tunnel.name),
                meaning: "clients' packets are dropped as they come out of the tunnel",
                services: Vec::new(),
                remedy: Remedy::here(sysctl(&path(&tunnel.name), "2")),
            });
        }
    }
}

/// The tunnels by which packets for the services come: those that have an address of
/// theirs and, where no other interface can get any, all.
fn tunnels(scene: &RealServer) -> Vec<&Link> {
    let (Ok(links), Ok(addresses)) = (&scene.machine.links, &scene.machine.addresses) else {
        return Vec::new();
    };
    let services: Vec<_> = scene.addresses();
    let services = services.into_iter().filter(|address| address.is_ipv4());
    let (direct, tunnelled): (Vec<_>, Vec<_>) =
        services.partition(|address| !scene.asked_on(*address).is_empty());
    let has_service = |link: &Link| {
        let mut own = addresses.iter().filter(|own| own.link == link.index);
        own.any(|own| direct.contains(&own.address) || tunnelled.contains(&own.address))
    };
    let tunnels = links.iter().filter(|link| link.tunnel && link.up);
    tunnels
        .filter(|link| !tunnelled.is_empty() || has_service(link))
        .collect()
}
