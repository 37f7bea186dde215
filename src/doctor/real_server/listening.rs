//! Whether something answers the clients.

use super::RealServer;
use crate::doctor::finding::{Finding, Report, Severity};

/// Whether programs listen on the ports that were named.
pub fn served(scene: &RealServer, report: &mut Report) {
    // The port 0 is all ports, as a listing shows them.
    let named = |(address, port): &(_, Option<u16>)| Some((*address, port.filter(|it| *it > 0)?));
    let mut ports = scene.services.iter().filter_map(named).peekable();
    if ports.peek().is_none() {
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
