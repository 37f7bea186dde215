//! Whether the machine forwards: the answers of masqueraded servers pass it.

use super::facts::Way;
use super::finding::{Finding, Report, Severity};
use super::remedy::{Remedy, sysctl};
use super::scene::Scene;
use crate::model::{DestinationStatus, Family, ServiceKey};

/// Whether answers of masqueraded servers are forwarded.
pub fn enabled(scene: &Scene, report: &mut Report) {
    for (family, path) in [
        (Family::Inet, "net/ipv4/ip_forward"),
        (Family::Inet6, "net/ipv6/conf/all/forwarding"),
    ] {
        let services = scene.services_with(|server| is_of(scene, server, family));
        if services.is_empty() {
            continue;
        }
        match report.setting("forwarding", &scene.machine.settings, path) {
            Some(0) => report.findings.push(off(path, services)),
            Some(_) if family == Family::Inet => by_interface(scene, report),
            _ => {}
        }
    }
}

fn is_of(scene: &Scene, server: &DestinationStatus, family: Family) -> bool {
    scene.is_masqueraded(server) && Family::of(server.destination.endpoint.address) == family
}

/// An interface may be set otherwise than the machine. IPv6 has no such exception.
fn by_interface(scene: &Scene, report: &mut Report) {
    let Ok(links) = &scene.machine.links else {
        return;
    };
    for link in links {
        let services = scene.services_with(|server| {
            let way = scene.machine.way(server.destination.endpoint.address);
            is_of(scene, server, Family::Inet)
                && matches!(way, Some(Way::Through { link: by, .. }) if *by == link.index)
        });
        if services.is_empty() {
            continue;
        }
        let path = format!("net/ipv4/conf/{}/forwarding", link.name);
        if report.setting("forwarding", &scene.machine.settings, &path) == Some(0) {
            report.findings.push(off(&path, services));
        }
    }
}

fn off(path: &str, services: Vec<ServiceKey>) -> Finding {
    Finding {
        severity: Severity::Error,
        id: "forwarding-off",
        seen: format!("{} is 0", path.replace('/', ".")),
        meaning: "the answers of masqueraded servers (-m) are not forwarded",
        services,
        remedy: Remedy::here(sysctl(path, "1")),
    }
}
