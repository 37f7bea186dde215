//! The sync daemons: their interface and the way of their messages.

use super::facts::{Hook, Outcome, Packet};
use super::finding::{Finding, Report, Severity};
use super::firewall::{Side, accept, named};
use super::remedy::{Remedy, command};
use super::scene::Scene;
use crate::model::{Endpoint, Family, Protocol, SyncDaemon, SyncRole};
use std::net::{IpAddr, Ipv4Addr};

/// Whether the daemons' interface can send to a group.
pub fn can_send(scene: &Scene, report: &mut Report) {
    if scene.daemons.is_empty() {
        return;
    }
    let Some(links) = report.look("the interfaces", &scene.machine.links) else {
        return;
    };
    let mut interfaces: Vec<&str> = scene
        .daemons
        .iter()
        .map(|it| it.interface.as_str())
        .collect();
    interfaces.dedup();
    for name in interfaces {
        let link = links.iter().find(|link| link.name == name);
        if link.is_none_or(|link| link.up) {
            continue;
        }
        report.findings.push(Finding {
            severity: Severity::Error,
            id: "sync-interface",
            seen: format!("the sync daemons' interface {name} is down"),
            meaning: "the other director does not learn of connections",
            services: Vec::new(),
            remedy: Remedy::here(command(&["ip", "link", "set", name, "up"])),
        });
    }
}

/// Whether the firewall lets the other director's messages in.
pub fn can_receive(scene: &Scene, report: &mut Report) {
    let backups = scene
        .daemons
        .iter()
        .filter(|it| it.role == SyncRole::Backup);
    for daemon in backups {
        let (group, port) = messages(daemon);
        let packet = Packet {
            source: None,
            destination: Some(group),
            protocol: Protocol::UDP,
            source_port: None,
            destination_port: Some(port),
            input: Some(daemon.interface.as_str()),
            state: "NEW",
        };
        for ruleset in &scene.machine.firewall.rulesets {
            let (outcome, chain) = ruleset.outcome(Hook::Input, &packet);
            if !ruleset.is_for(Family::of(group)) || outcome != Outcome::Dropped {
                continue;
            }
            let endpoint = Endpoint::new(group, port);
            report.findings.push(Finding {
                severity: Severity::Error,
                id: "firewall-sync",
                seen: format!("{} drops UDP port {port} to {group}", named(ruleset, chain)),
                meaning: "the backup daemon does not learn of the other director's connections",
                services: Vec::new(),
                remedy: accept(ruleset, chain, Protocol::UDP, endpoint, Side::Destination),
            });
        }
    }
}

fn messages(daemon: &SyncDaemon) -> (IpAddr, u16) {
    const GROUP: Ipv4Addr = Ipv4Addr::new(224, 0, 0, 81);
    const PORT: u16 = 8848;
    (
        daemon.group.unwrap_or(GROUP.into()),
        daemon.port.unwrap_or(PORT),
    )
}
