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

/// Looks at the setting of the interfaces on which neighbours may ask for a service's address.
fn look(scene: &RealServer, report: &mut Report, setting: &Quiet) {
    let addresses = scene.addresses().into_iter().filter(|it| it.is_ipv4());
    let links: BTreeSet<&str> = addresses
        .flat_map(|address| scene.asked_on(address))
        .map(|link| link.name.as_str())
        .collect();
    let mut low = Vec::new();
    for link in links {
        let value = scene.of_interface(report, setting.name, link);
        if value.is_some_and(|value| value < setting.enough) {
            low.push(link);
        }
    }
    if low.is_empty() {
        return;
    }
    let (name, enough, low) = (setting.name, setting.enough, low.join(", "));
    let path = format!("net/ipv4/conf/all/{name}");
    report.findings.push(Finding {
        severity: setting.severity,
        id: setting.id,
        seen: format!("{name} is below {enough} for {low}"),
        meaning: setting.meaning,
        services: Vec::new(),
        remedy: Remedy::here(sysctl(&path, &enough.to_string())),
    });
}
