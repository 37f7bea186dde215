//! Clients that wait in vain.

use super::facts::{Address, Way};
use super::finding::{Finding, Report, Severity};
use super::remedy::{Remedy, command, default_route, sysctl};
use super::scene::{Scene, Served};
use crate::model::{DestinationStatus, Family, ServiceKey};
use std::collections::BTreeMap;
use std::net::IpAddr;

/// Whether the connections were read.
pub fn readable(scene: &Scene, report: &mut Report) {
    if let Some(traffic) = report.look("the connections", &scene.traffic)
        && traffic.cut
    {
        let why = "there are too many: only the first ones were read";
        report.unseen("the connections", why.to_owned());
    }
}

/// Connections to servers that were taken out of the table.
pub fn not_lost(scene: &Scene, report: &mut Report) {
    const SETTING: &str = "net/ipv4/vs/expire_nodest_conn";
    let Ok(traffic) = &scene.traffic else {
        return;
    };
    let count: usize = traffic.lost.values().sum();
    if count == 0 {
        return;
    }
    let settings = &scene.machine.settings;
    if report.setting("expire_nodest_conn", settings, SETTING) != Some(0) {
        return;
    }
    report.findings.push(Finding {
        severity: Severity::Warning,
        id: "lost-connections",
        seen: format!(
            "{count} connections are of servers that their services don't have any more, \
             and net.ipv4.vs.expire_nodest_conn is 0"
        ),
        meaning: "their packets are dropped, instead of finding another server",
        services: traffic.lost.keys().copied().collect(),
        remedy: Remedy::here(sysctl(SETTING, "1")),
    });
}

/// Masqueraded servers whose answers do not pass this machine.
pub fn come_back(scene: &Scene, report: &mut Report) {
    let (Ok(traffic), Ok(addresses)) = (&scene.traffic, &scene.machine.addresses) else {
        return;
    };
    let mut mute: BTreeMap<IpAddr, Vec<ServiceKey>> = BTreeMap::new();
    for served in &scene.services {
        let mut beside = None;
        for server in served.servers.iter().filter(|it| is_asked(scene, it)) {
            let endpoint = server.destination.endpoint;
            let Some(clients) = traffic.waiting.get(&(served.key(), endpoint)) else {
                continue;
            };
            let network = network_of(scene, endpoint.address, addresses);
            let near = |client: &&IpAddr| network.is_some_and(|it| it.network().contains(**client));
            if let (Some(client), Some(network)) = (clients.iter().find(near), network) {
                beside = Some(Finding {
                    severity: Severity::Warning,
                    id: "client-beside-server",
                    seen: format!(
                        "the client {client} waits for an answer of {endpoint}, in its own network"
                    ),
                    meaning: "such clients are answered past this machine, by a server that they never asked",
                    services: vec![served.key()],
                    remedy: masquerade(scene, served, network),
                });
            } else if server.stats.out_packets == 0
                && server.stats.in_packets > 0
                && !traffic.answering.contains(&(served.key(), endpoint))
            {
                mute.entry(endpoint.address).or_default().push(served.key());
            }
        }
        report.findings.extend(beside);
    }
    let mute = mute.into_iter();
    let findings = mute.map(|(server, services)| gateway(scene, server, services, addresses));
    report.findings.extend(findings);
}

/// Whether clients are sent to the server, by a way that is there.
fn is_asked(scene: &Scene, server: &DestinationStatus) -> bool {
    let address = server.destination.endpoint.address;
    let Some(Way::Through { link, gateway, .. }) = scene.machine.way(address) else {
        return false;
    };
    let Ok(silent) = &scene.machine.neighbours else {
        return false;
    };
    server.destination.weight > 0
        && scene.is_masqueraded(server)
        && !silent.contains(&(*link, gateway.unwrap_or(address)))
}

/// This machine's address on the server's network.
fn network_of<'a>(scene: &Scene, server: IpAddr, own: &'a [Address]) -> Option<&'a Address> {
    let Way::Through {
        link,
        gateway: None,
        ..
    } = scene.machine.way(server)?
    else {
        return None;
    };
    own.iter()
        .find(|own| own.link == *link && own.network().contains(server))
}

fn gateway(
    scene: &Scene,
    server: IpAddr,
    services: Vec<ServiceKey>,
    addresses: &[Address],
) -> Finding {
    let remedy = network_of(scene, server, addresses).map(|own| Remedy {
        on: Some(server),
        commands: vec![default_route(own.address)],
    });
    Finding {
        severity: Severity::Error,
        id: "answers-missing",
        seen: format!(
            "clients wait for an answer of {server}, of which no packet ever passed here"
        ),
        meaning: "its default route is another one than this machine, or it never answers",
        services,
        remedy,
    }
}

/// Has the servers of a network answer their neighbours by way of this machine: they don't
/// see the clients' own addresses then.
fn masquerade(scene: &Scene, served: &Served, network: &Address) -> Option<Remedy> {
    let family = Family::of(network.address);
    let mut program = match family {
        Family::Inet => "iptables",
        Family::Inet6 => "ip6tables",
    };
    let mut rulesets = scene.machine.firewall.rulesets.iter();
    if let Some(own) = rulesets.find(|it| it.family == Some(family) && it.program != "nft") {
        program = own.program;
    }
    let (vip, port) = (
        served.address()?.to_string(),
        served.key().port().to_string(),
    );
    let from = format!("{}/{}", network.address, network.prefix_length);
    let mut words = vec![program, "-t", "nat", "-A", "POSTROUTING", "-s", &from];
    words.extend(["-m", "ipvs", "--vaddr", &vip]);
    if port != "0" {
        words.extend(["--vport", port.as_str()]);
    }
    words.extend(["-j", "MASQUERADE"]);
    let track = sysctl("net/ipv4/vs/conntrack", "1");
    Some(Remedy::in_order(vec![track, command(&words)]))
}
