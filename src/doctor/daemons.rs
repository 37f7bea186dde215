//! The sync daemons: their interface, the way of their messages, and what these leave
//! out.

use super::facts::{Hook, Outcome, Packet};
use super::finding::{Finding, Report, Severity};
use super::firewall::{accept, named};
use super::remedy::{Remedy, command, sysctl};
use super::scene::Scene;
use crate::model::{Endpoint, Protocol, SyncRole};

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
        let (group, port) = daemon.messages();
        let packet = Packet {
            source: None,
            destination: Some(Endpoint::new(group, port)),
            protocol: Protocol::UDP,
            input: Some(daemon.interface.as_str()),
            output: None,
            state: "NEW",
        };
        for ruleset in &scene.machine.firewall.rulesets {
            let (outcome, chain) = ruleset.outcome(Hook::Input, &packet);
            if outcome != Outcome::Dropped {
                continue;
            }
            report.findings.push(Finding {
                severity: Severity::Error,
                id: "firewall-sync",
                seen: format!("{} drops UDP port {port} to {group}", named(ruleset, chain)),
                meaning: "the backup daemon does not learn of the other director's connections",
                services: Vec::new(),
                remedy: accept(ruleset, chain, &packet),
            });
        }
    }
}

/// Whether this machine carries on the connections of persistent clients: it may have
/// learned nothing but their servers.
pub fn carries_on(scene: &Scene, report: &mut Report) {
    const TEMPLATES_ALONE: &str = "net/ipv4/vs/sync_persist_mode";
    const SETTING: &str = "net/ipv4/vs/sloppy_tcp";
    let services = scene
        .services_where(|served| served.is_tcp() && served.status.service.persistence.is_some());
    let mut daemons = scene.daemons.iter();
    if services.is_empty() || !daemons.any(|it| it.role == SyncRole::Backup) {
        return;
    }
    let settings = &scene.machine.settings;
    if report.setting("sync_persist_mode", settings, TEMPLATES_ALONE) != Some(1)
        || report.setting("sloppy_tcp", settings, SETTING) != Some(0)
    {
        return;
    }
    report.findings.push(Finding {
        severity: Severity::Warning,
        id: "failover-resets",
        seen: "net.ipv4.vs.sync_persist_mode is 1 and net.ipv4.vs.sloppy_tcp is 0".to_owned(),
        meaning: "after a switch to this machine, open connections of persistent clients are reset",
        services,
        remedy: Remedy::here(sysctl(SETTING, "1")),
    });
}
