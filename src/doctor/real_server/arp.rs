//! ARP: only the director may be found at a service's address.

use super::RealServer;
use crate::doctor::finding::{Finding, Report, Severity};
use crate::doctor::remedy::{Remedy, sysctl};
use std::collections::BTreeSet;

/// A setting that keeps a server quiet, and its lowest value that does.
struct Quiet {
    id: &'static str,
    severity: Severity,
    name: &'static str,
    enough: i64,
    meaning: &'static str,
}

/// Whether requests for the services' addresses are left unanswered.
pub fn silent(scene: &RealServer, report: &mut Report) {
    let setting = Quiet {
        id: "arp-answers",
        severity: Severity::Error,
        name: "arp_ignore",
        enough: 1,
        meaning: "this server answers ARP requests for a service's address, and takes clients from the director",
    };
    look(scene, report, &setting);
}

/// Whether this machine's own requests go out in its own name.
pub fn discreet(scene: &RealServer, report: &mut Report) {
    let setting = Quiet {
        id: "arp-announces",
        severity: Severity::Warning,
        name: "arp_announce",
        enough: 2,
        meaning: "this server sends ARP requests in the name of a service's address, and takes clients from the director",
    };
    look(scene, report, &setting);
}

/// The higher of the values of all interfaces and of the interface counts.
fn look(scene: &RealServer, report: &mut Report, setting: &Quiet) {
    let path = |link: &str| format!("net/ipv4/conf/{link}/{}", setting.name);
    let settings = &scene.machine.settings;
    let addresses = scene.addresses().into_iter().filter(|it| it.is_ipv4());
    let links: BTreeSet<&str> = addresses
        .flat_map(|address| scene.asked_on(address))
        .map(|link| link.name.as_str())
        .collect();
    if links.is_empty() {
        return;
    }
    let all = settings.number(&path("all"));
    let Some(all) = report.look(setting.name, &all).copied() else {
        return;
    };
    let mut low = Vec::new();
    for link in links {
        let own = settings.number(&path(link));
        if let Some(own) = report.look(setting.name, &own)
            && all.max(*own) < setting.enough
        {
            low.push(link);
        }
    }
    if low.is_empty() {
        return;
    }
    report.findings.push(Finding {
        severity: setting.severity,
        id: setting.id,
        seen: format!(
            "{} is below {} for {}",
            setting.name,
            setting.enough,
            low.join(", ")
        ),
        meaning: setting.meaning,
        services: Vec::new(),
        remedy: Remedy::here(sysctl(&path("all"), &setting.enough.to_string())),
    });
}
