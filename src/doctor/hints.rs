//! What may be meant so.

use super::finding::{Finding, Report, Severity};
use super::remedy::{Remedy, command, ipvsadm};
use super::scene::{Scene, Served, services_of};
use crate::model::{Change, ForwardMethod, SchedulerFlags, Service};

/// Whether the scheduler sh can tell clients apart: it looks at their addresses alone,
/// unless it has the flag for ports.
pub fn told_apart(scene: &Scene, report: &mut Report) {
    /// So many connections are no chance.
    const MANY: usize = 4;
    let Ok(traffic) = &scene.traffic else {
        return;
    };
    for served in &scene.services {
        let service = served.status.service;
        let by_ports = service.flags.bits() & SchedulerFlags::FLAG_2.bits() != 0;
        let Some(callers) = traffic.callers.get(&served.key()) else {
            continue;
        };
        let is_alone = !callers.several && callers.connections >= MANY;
        if service.scheduler.as_str() != "sh"
            || by_ports
            || served.taking().count() < 2
            || !is_alone
        {
            continue;
        }
        let flags = service.flags.union(SchedulerFlags::FLAG_2);
        report.findings.push(Finding {
            severity: Severity::Hint,
            id: "one-client",
            seen: format!(
                "all {} connections of {} come from {}, and its scheduler sh looks at addresses alone",
                callers.connections,
                served.key(),
                callers.first
            ),
            meaning: "one server gets them all: are the clients behind one NAT address?",
            services: vec![served.key()],
            remedy: Remedy::here(ipvsadm(&Change::EditService(Service { flags, ..service }))),
        });
    }
}

/// Whether idle connections outlive the pause before their first keepalive.
pub fn outlive_keepalive(scene: &Scene, report: &mut Report) {
    const MARGIN: i64 = 60;
    let services = scene.services_where(Served::is_tcp);
    let setting = scene.machine.settings.number("net/ipv4/tcp_keepalive_time");
    let (Ok(timeouts), Ok(keepalive)) = (&scene.timeouts, setting) else {
        return;
    };
    if services.is_empty() || i64::from(timeouts.tcp) >= keepalive {
        return;
    }
    let wanted = (keepalive + MARGIN).to_string();
    report.findings.push(Finding {
        severity: Severity::Hint,
        id: "idle-timeout",
        seen: format!(
            "TCP connections are forgotten after {} seconds without a packet, \
             and a machine set as this one asks for the first time after {keepalive}",
            timeouts.tcp
        ),
        meaning: "one that was idle for longer breaks at its next packet",
        services,
        remedy: Remedy::here(command(&["ipvsadm", "--set", &wanted, "0", "0"])),
    });
}

/// Whether a packet's connection is found soon: the kernel looks through all of its
/// bucket.
pub fn found_soon(scene: &Scene, report: &mut Report) {
    /// So many in each bucket on average.
    const MANY: usize = 8;
    /// The most that all kernels take.
    const MOST_BITS: u32 = 20;
    /// With this setting, since Linux 7, the table grows by itself.
    const GROWTH: &str = "net/ipv4/vs/conn_lfactor";
    const FILE: &str = "/etc/modprobe.d/ip_vs-conn_tab_bits.conf";
    let (Ok(traffic), buckets @ 1..) = (&scene.traffic, scene.buckets as usize) else {
        return;
    };
    let connections = traffic.connections;
    let grows = scene.machine.settings.number(GROWTH).is_ok();
    if connections <= MANY * buckets || grows || buckets >= 1 << MOST_BITS {
        return;
    }
    let bits = connections.next_power_of_two().ilog2().min(MOST_BITS);
    let line = format!("options ip_vs conn_tab_bits={bits}");
    let more = if traffic.cut { "more than " } else { "" };
    report.findings.push(Finding {
        severity: Severity::Hint,
        id: "connection-table-small",
        seen: format!("there are {more}{connections} connections in a table of {buckets} buckets"),
        meaning: "each packet takes longer to find its own; the size is set when ip_vs is loaded \
                  for the next time",
        services: Vec::new(),
        remedy: Remedy::here(format!("echo '{line}' > {FILE}")),
    });
}

/// Servers that are the director itself.
pub fn elsewhere(scene: &Scene, report: &mut Report) {
    for (address, entries) in scene.servers() {
        let forwards = entries.iter().any(|(_, server)| {
            matches!(
                server.destination.forward,
                ForwardMethod::DirectRoute | ForwardMethod::Tunnel(_)
            )
        });
        if forwards && scene.machine.is_local(address) {
            report.findings.push(Finding {
                severity: Severity::Hint,
                id: "server-local",
                seen: format!("the server {address} is this machine itself"),
                meaning: "its share of the connections is answered here",
                services: services_of(&entries),
                remedy: None,
            });
        }
    }
}
