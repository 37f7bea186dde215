//! Whether something answers the clients.

use super::RealServer;
use crate::doctor::finding::{Finding, Report, Severity};

/// Whether programs listen on the ports that were named.
pub fn served(scene: &RealServer, report: &mut Report) {
    let mut ports = Vec::new();
    for (address, port) in &scene.services {
        // The port 0 is all ports, as a listing shows them.
        ports.extend(port.filter(|port| *port > 0).map(|port| (*address, port)));
    }
    if ports.is_empty() {
        return;
    }
    let Some(listeners) = report.look("the sockets", &scene.listeners) else {
        return;
    };
    for (address, port) in ports {
        if !listeners.serve(address, port) {
            report.findings.push(Finding {
                severity: Severity::Error,
                id: "nobody-listens",
                seen: format!("no program listens on {address} port {port}, nor on all addresses"),
                meaning: "clients that are sent here are refused",
                services: Vec::new(),
                remedy: None,
            });
        }
    }
}
