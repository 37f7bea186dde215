//! Whether the services' servers take connections.

use super::finding::{Finding, Report, Severity};
use super::remedy::{Remedy, ipvsadm, sysctl};
use super::scene::{Scene, Served};
use crate::model::{Change, Destination, DestinationStatus, Protocol, Service};

/// Services that no server takes connections of.
pub fn takes_connections(scene: &Scene, report: &mut Report) {
    let findings = scene.services.iter().filter_map(without_server);
    report.findings.extend(findings);
}

fn without_server(served: &Served) -> Option<Finding> {
    let Some(first) = served.servers.first() else {
        return Some(Finding {
            severity: Severity::Error,
            id: "no-servers",
            seen: format!("{} has no servers", served.key()),
            meaning: "its clients are refused until one is added by -a",
            services: vec![served.key()],
            remedy: None,
        });
    };
    let mut taking = served.taking();
    let Some(taken) = taking.next() else {
        return Some(Finding {
            severity: Severity::Error,
            id: "all-weight-0",
            seen: format!("every server of {} has weight 0", served.key()),
            meaning: "new clients are refused",
            services: vec![served.key()],
            remedy: edit(served, first, |it| it.weight = 1),
        });
    };
    if !taken.is_full() || !taking.all(DestinationStatus::is_full) {
        return None;
    }
    Some(Finding {
        severity: Severity::Error,
        id: "all-full",
        seen: format!(
            "every server of {} has as many connections as its upper threshold allows",
            served.key()
        ),
        meaning: "new clients are refused until connections end",
        services: vec![served.key()],
        remedy: edit(served, taken, |it| {
            (it.upper_threshold, it.lower_threshold) = (0, 0);
        }),
    })
}

fn edit(
    served: &Served,
    server: &DestinationStatus,
    change: impl FnOnce(&mut Destination),
) -> Option<Remedy> {
    let mut destination = server.destination;
    change(&mut destination);
    let edit = Change::EditDestination(served.key(), destination);
    Remedy::here(ipvsadm(&edit))
}

/// Servers of weight 0 that persistence brings new connections.
pub fn released(scene: &Scene, report: &mut Report) {
    const SETTING: &str = "net/ipv4/vs/expire_quiescent_template";
    let held = scene.services_with(|it| it.destination.weight == 0 && it.persistent > 0);
    if held.is_empty() {
        return;
    }
    let settings = &scene.machine.settings;
    if report.setting("expire_quiescent_template", settings, SETTING) != Some(0) {
        return;
    }
    report.findings.push(Finding {
        severity: Severity::Warning,
        id: "held-by-persistence",
        seen: "servers of weight 0 have persistent clients, \
               and net.ipv4.vs.expire_quiescent_template is 0"
            .to_owned(),
        meaning: "new connections of these clients still go there",
        services: held,
        remedy: Remedy::here(sysctl(SETTING, "1")),
    });
}

/// Whether persistence engines get what they understand.
pub fn engines(scene: &Scene, report: &mut Report) {
    let misled = scene.services.iter().filter(|served| {
        let engine = served.status.service.engine;
        let is_sip = engine.is_some_and(|engine| engine.as_str() == "sip");
        is_sip
            && served
                .key()
                .protocol()
                .is_some_and(|it| it != Protocol::UDP)
    });
    report.findings.extend(misled.map(|served| {
        let service = Service {
            engine: None,
            ..served.status.service
        };
        Finding {
            severity: Severity::Error,
            id: "sip-not-udp",
            seen: format!("{} has the persistence engine sip", served.key()),
            meaning: "the engine reads UDP alone",
            services: vec![served.key()],
            remedy: Remedy::here(ipvsadm(&Change::EditService(service))),
        }
    }));
}
