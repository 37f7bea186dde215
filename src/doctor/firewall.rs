//! The firewall on a director: what it drops of the services, and what it needs of
//! IPVS.

use super::facts::{Firewall, Outcome, Packet, Ruleset, Way};
use super::finding::{Finding, Report, Severity};
use super::remedy::{Remedy, command, sysctl};
use super::scene::{Scene, Served};
use crate::model::{DestinationStatus, Endpoint, Family, Protocol, ServiceKey};

/// Whether IPVS tells the connection tracking of its connections.
const CONNTRACK: &str = "net/ipv4/vs/conntrack";

/// What could not be read.
pub fn readable(scene: &Scene, report: &mut Report) {
    if !scene.services.is_empty() {
        for why in &scene.machine.firewall.unseen {
            report.unseen("the firewall", why.clone());
        }
    }
}

/// Whether rules that change the source of IPVS' packets see these: full NAT.
pub fn tracked(scene: &Scene, report: &mut Report) {
    let of_ipvs = |ruleset: &&Ruleset| ruleset.has_source_nat_of_ipvs();
    let Some(ruleset) = scene.machine.firewall.rulesets.iter().find(of_ipvs) else {
        return;
    };
    let services = scene.services_with(|server| scene.is_masqueraded(server));
    if services.is_empty() {
        return;
    }
    let setting = scene.machine.settings.number(CONNTRACK);
    if let Some(0) = report.look("vs.conntrack", &setting) {
        report.findings.push(Finding {
            severity: Severity::Error,
            id: "full-nat-untracked",
            seen: format!(
                "{} has rules that masquerade packets of IPVS, and net.ipv4.vs.conntrack is 0",
                ruleset.program
            ),
            meaning: "the rules never see them, and servers answer to the clients' own addresses",
            services,
            remedy: Remedy::here(sysctl(CONNTRACK, "1")),
        });
    }
}

/// Whether the firewall lets clients' packets in.
pub fn lets_in(scene: &Scene, report: &mut Report) {
    for served in &scene.services {
        let ServiceKey::Address { protocol, endpoint } = served.key() else {
            continue;
        };
        let packet = Packet {
            source: None,
            destination: Some(endpoint.address),
            protocol,
            source_port: None,
            destination_port: (endpoint.port != 0).then_some(endpoint.port),
            input: None,
            state: "NEW",
        };
        for ruleset in rulesets(&scene.machine.firewall, Family::of(endpoint.address)) {
            match ruleset.outcome("INPUT", &packet) {
                Outcome::Accepted => {}
                Outcome::Undecided => undecided(report, ruleset, "INPUT"),
                Outcome::Dropped => report.findings.push(Finding {
                    severity: Severity::Error,
                    id: "firewall-input",
                    seen: format!(
                        "the chain INPUT of {} drops new connections",
                        ruleset.program
                    ),
                    meaning: "no client gets through to the service",
                    services: vec![served.key()],
                    remedy: insert(ruleset, "INPUT", protocol, ["-d", "--dport"], endpoint),
                }),
            }
        }
    }
}

/// Whether the firewall lets masqueraded servers' answers through. It sees them before
/// IPVS gives them the service's address.
pub fn lets_answers_through(scene: &Scene, report: &mut Report) {
    let Ok(ways) = &scene.machine.ways else {
        return;
    };
    if scene.machine.firewall.rulesets.is_empty() {
        return;
    }
    let conntrack = scene.machine.settings.number(CONNTRACK);
    let Some(conntrack) = report.look("vs.conntrack", &conntrack) else {
        return;
    };
    for served in &scene.services {
        let Some(protocol) = served.key().protocol() else {
            continue;
        };
        for server in served.servers.iter().filter(|it| scene.is_masqueraded(it)) {
            let endpoint = server.destination.endpoint;
            let Some(Way::Through { link, .. }) = ways.get(&endpoint.address) else {
                continue;
            };
            let packet = Packet {
                source: Some(endpoint.address),
                destination: None,
                protocol,
                source_port: (endpoint.port != 0).then_some(endpoint.port),
                destination_port: None,
                input: scene.machine.link_name(*link),
                state: state(protocol, *conntrack == 1),
            };
            for ruleset in rulesets(&scene.machine.firewall, Family::of(endpoint.address)) {
                match ruleset.outcome("FORWARD", &packet) {
                    Outcome::Accepted => {}
                    Outcome::Undecided => undecided(report, ruleset, "FORWARD"),
                    Outcome::Dropped => {
                        let found = dropped_answer(ruleset, &packet, served, server);
                        report.findings.push(found);
                    }
                }
            }
        }
    }
}

/// What the tracking says of an answer. Without IPVS' word it never saw the request at
/// the server's address.
fn state(protocol: Protocol, tracked: bool) -> &'static str {
    match (protocol, tracked) {
        (_, true) => "ESTABLISHED",
        (Protocol::UDP, false) => "NEW",
        (_, false) => "INVALID",
    }
}

fn dropped_answer(
    ruleset: &Ruleset,
    packet: &Packet<'_>,
    served: &Served,
    server: &DestinationStatus,
) -> Finding {
    let endpoint = server.destination.endpoint;
    let tracked = Packet {
        state: "ESTABLISHED",
        ..*packet
    };
    let wants_tracking = ruleset.outcome("FORWARD", &tracked) == Outcome::Accepted;
    Finding {
        severity: Severity::Error,
        id: "firewall-forward",
        seen: format!(
            "the chain FORWARD of {} drops the answers of {endpoint}",
            ruleset.program
        ),
        meaning: match wants_tracking {
            true => {
                "clients get none; the tracking does not know them, as net.ipv4.vs.conntrack is 0"
            }
            false => "clients get none",
        },
        services: vec![served.key()],
        remedy: match wants_tracking {
            true => Remedy::here(sysctl(CONNTRACK, "1")),
            false => insert(
                ruleset,
                "FORWARD",
                packet.protocol,
                ["-s", "--sport"],
                endpoint,
            ),
        },
    }
}

fn rulesets(firewall: &Firewall, family: Family) -> impl Iterator<Item = &Ruleset> {
    let rulesets = firewall.rulesets.iter();
    rulesets.filter(move |ruleset| ruleset.family == family)
}

fn undecided(report: &mut Report, ruleset: &Ruleset, chain: &str) {
    let why = format!(
        "what the chain {chain} of {} does to some services was not decided",
        ruleset.program
    );
    report.unseen("the firewall", why);
}

/// A rule before all others.
fn insert(
    ruleset: &Ruleset,
    chain: &str,
    protocol: Protocol,
    [address, port]: [&str; 2],
    endpoint: Endpoint,
) -> Option<Remedy> {
    let (own, protocol) = (
        endpoint.address.to_string(),
        protocol.as_str().to_lowercase(),
    );
    let number = endpoint.port.to_string();
    let mut words = vec![ruleset.program, "-I", chain, address, &own, "-p", &protocol];
    if endpoint.port != 0 {
        words.extend([port, number.as_str()]);
    }
    words.extend(["-j", "ACCEPT"]);
    Remedy::here(command(&words))
}
