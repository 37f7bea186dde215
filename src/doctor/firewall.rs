//! The firewall on a director: what it drops of the services, and what it needs of
//! IPVS.

mod output;

pub use output::lets_out;

use super::facts::{Firewall, Hook, Outcome, Packet, Ruleset, Way};
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
            output: None,
            state: "NEW",
        };
        for ruleset in rulesets(&scene.machine.firewall, Family::of(endpoint.address)) {
            let (outcome, chain) = ruleset.outcome(Hook::Services, &packet);
            match outcome {
                Outcome::Accepted => {}
                Outcome::Undecided => undecided(report, ruleset, chain),
                Outcome::Dropped => report.findings.push(Finding {
                    severity: Severity::Error,
                    id: "firewall-input",
                    seen: format!("{} drops new connections", named(ruleset, chain)),
                    meaning: "no client gets through to the service",
                    services: vec![served.key()],
                    remedy: accept(ruleset, chain, protocol, endpoint, Side::Destination),
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
                output: None,
                state: state(protocol, *conntrack == 1),
            };
            for ruleset in rulesets(&scene.machine.firewall, Family::of(endpoint.address)) {
                let (outcome, chain) = ruleset.outcome(Hook::Forward, &packet);
                match outcome {
                    Outcome::Accepted => {}
                    Outcome::Undecided => undecided(report, ruleset, chain),
                    Outcome::Dropped => {
                        let found = dropped_answer(ruleset, chain, &packet, served, server);
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
    chain: &str,
    packet: &Packet<'_>,
    served: &Served,
    server: &DestinationStatus,
) -> Finding {
    let endpoint = server.destination.endpoint;
    let tracked = Packet {
        state: "ESTABLISHED",
        ..*packet
    };
    let wants_tracking = ruleset.outcome(Hook::Forward, &tracked).0 == Outcome::Accepted;
    Finding {
        severity: Severity::Error,
        id: "firewall-forward",
        seen: format!("{} drops the answers of {endpoint}", named(ruleset, chain)),
        meaning: match wants_tracking {
            true => {
                "clients get none; the tracking does not know them, as net.ipv4.vs.conntrack is 0"
            }
            false => "clients get none",
        },
        services: vec![served.key()],
        remedy: match wants_tracking {
            true => Remedy::here(sysctl(CONNTRACK, "1")),
            false => accept(ruleset, chain, packet.protocol, endpoint, Side::Source),
        },
    }
}

fn rulesets(firewall: &Firewall, family: Family) -> impl Iterator<Item = &Ruleset> {
    let rulesets = firewall.rulesets.iter();
    rulesets.filter(move |ruleset| ruleset.is_for(family))
}

/// A chain in words.
pub fn named(ruleset: &Ruleset, chain: &str) -> String {
    let table = &ruleset.table;
    format!("the chain {table} {chain} of {}", ruleset.program)
}

fn undecided(report: &mut Report, ruleset: &Ruleset, chain: &str) {
    let chain = named(ruleset, chain);
    let why = format!("what {chain} does to some services was not decided");
    report.unseen("the firewall", why);
}

/// The end of a packet's way that an address is of.
#[derive(Clone, Copy)]
pub enum Side {
    /// Where it comes from.
    Source,
    /// Where it goes.
    Destination,
}

/// A rule before all others of the chain, for packets of an address and port.
pub fn accept(
    ruleset: &Ruleset,
    chain: &str,
    protocol: Protocol,
    Endpoint { address, port }: Endpoint,
    side: Side,
) -> Option<Remedy> {
    let number = || protocol.0.to_string();
    let (protocol, port) = (
        protocol.name().map_or_else(number, str::to_owned),
        port.to_string(),
    );
    let family = Family::of(address);
    let address = address.to_string();
    let mut words = vec![ruleset.program];
    if ruleset.program == "nft" {
        let ip = if family == Family::Inet { "ip" } else { "ip6" };
        let own = if ruleset.family.is_some() { ip } else { "inet" };
        let (address_field, port_field) = match side {
            Side::Source => ("saddr", "sport"),
            Side::Destination => ("daddr", "dport"),
        };
        words.extend(["insert", "rule", own, &ruleset.table, chain]);
        words.extend([ip, address_field, &address]);
        match port.as_str() {
            "0" => words.extend(["meta", "l4proto", &protocol]),
            port => words.extend([protocol.as_str(), port_field, port]),
        }
        words.push("accept");
    } else {
        let (address_option, port_option) = match side {
            Side::Source => ("-s", "--sport"),
            Side::Destination => ("-d", "--dport"),
        };
        words.extend(["-t", &ruleset.table, "-I", chain]);
        words.extend([address_option, &address, "-p", &protocol]);
        if port != "0" {
            words.extend([port_option, &port]);
        }
        words.extend(["-j", "ACCEPT"]);
    }
    Remedy::here(command(&words))
}
