//! The firewall on a director: what it drops of the services, and what it needs of
//! IPVS.

mod output;

pub use output::lets_out;

use super::facts::{Hook, Outcome, Packet, Ruleset, Way};
use super::finding::{Finding, Report, Severity};
use super::remedy::{Remedy, command, sysctl};
use super::scene::Scene;
use crate::model::{Endpoint, Protocol, ServiceKey};

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
    if report.setting("vs.conntrack", &scene.machine.settings, CONNTRACK) == Some(0) {
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
            destination: Some(endpoint),
            protocol,
            input: None,
            output: None,
            state: "NEW",
        };
        for (ruleset, chain) in dropping(scene, report, Hook::Services, &[packet]) {
            report.findings.push(Finding {
                severity: Severity::Error,
                id: "firewall-input",
                seen: format!("{} drops new connections", named(ruleset, chain)),
                meaning: "no client gets through to the service",
                services: vec![served.key()],
                remedy: accept(ruleset, chain, &packet),
            });
        }
    }
}

/// Whether the firewall lets masqueraded servers' answers through. It sees them before
/// IPVS gives them the service's address.
pub fn lets_answers_through(scene: &Scene, report: &mut Report) {
    let Ok(ways) = &scene.machine.ways else {
        return;
    };
    let Some(is_tracked) = is_tracked(scene, report) else {
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
                source: Some(endpoint),
                destination: None,
                protocol,
                input: scene.machine.link_name(*link),
                output: None,
                state: state(protocol, is_tracked),
            };
            for (ruleset, chain) in dropping(scene, report, Hook::Forward, &[packet]) {
                let (meaning, remedy) = mend_dropped_answer(ruleset, chain, &packet);
                report.findings.push(Finding {
                    severity: Severity::Error,
                    id: "firewall-forward",
                    seen: format!("{} drops the answers of {endpoint}", named(ruleset, chain)),
                    meaning,
                    services: vec![served.key()],
                    remedy,
                });
            }
        }
    }
}

/// Whether the connection tracking knows the connections of IPVS; `None` where that can't be
/// read, or where there are no rules that ask.
fn is_tracked(scene: &Scene, report: &mut Report) -> Option<bool> {
    if scene.machine.firewall.rulesets.is_empty() {
        return None;
    }
    let value = report.setting("vs.conntrack", &scene.machine.settings, CONNTRACK)?;
    Some(value == 1)
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

/// What it means that the chain drops an answer, and what mends it.
fn mend_dropped_answer(
    ruleset: &Ruleset,
    chain: &str,
    answer: &Packet<'_>,
) -> (&'static str, Option<Remedy>) {
    let tracked = Packet {
        state: "ESTABLISHED",
        ..*answer
    };
    if ruleset.outcome(Hook::Forward, &tracked).0 == Outcome::Accepted {
        let meaning =
            "clients get none; the tracking does not know them, as net.ipv4.vs.conntrack is 0";
        return (meaning, Remedy::here(sysctl(CONNTRACK, "1")));
    }
    ("clients get none", accept(ruleset, chain, answer))
}

/// Follows the first packets of a connection through the firewall. Returns the chains that
/// drop one of them, each with its table, and reports the chains that perhaps do.
fn dropping<'a>(
    scene: &'a Scene,
    report: &mut Report,
    hook: Hook,
    packets: &[Packet<'_>],
) -> Vec<(&'a Ruleset, &'a str)> {
    let mut found = Vec::new();
    for ruleset in &scene.machine.firewall.rulesets {
        let mut outcomes = packets.iter().map(|packet| ruleset.outcome(hook, packet));
        match outcomes.find(|(outcome, _)| *outcome != Outcome::Accepted) {
            None | Some((Outcome::Accepted, _)) => {}
            Some((Outcome::Dropped, chain)) => found.push((ruleset, chain)),
            Some((Outcome::Undecided, chain)) => {
                let chain = named(ruleset, chain);
                let why = format!("what {chain} does to some services was not decided");
                report.unseen("the firewall", why);
            }
        }
    }
    found
}

/// A chain in words.
pub fn named(ruleset: &Ruleset, chain: &str) -> String {
    let table = &ruleset.table;
    format!("the chain {table} {chain} of {}", ruleset.program)
}

/// A rule before all others of the chain, for packets from the same source or to the same
/// destination.
pub fn accept(ruleset: &Ruleset, chain: &str, packet: &Packet<'_>) -> Option<Remedy> {
    let is_source = packet.source.is_some();
    let Endpoint { address, port } = packet.source.or(packet.destination)?;
    let ip = if address.is_ipv4() { "ip" } else { "ip6" };
    let (address, port) = (address.to_string(), port.to_string());
    let number = || packet.protocol.0.to_string();
    let protocol = packet.protocol.name().map_or_else(number, str::to_owned);
    let mut words = vec![ruleset.program];
    if ruleset.program == "nft" {
        let own = if ruleset.family.is_some() { ip } else { "inet" };
        let (address_field, port_field) = match is_source {
            true => ("saddr", "sport"),
            false => ("daddr", "dport"),
        };
        words.extend(["insert", "rule", own, &ruleset.table, chain]);
        words.extend([ip, address_field, &address]);
        match port.as_str() {
            "0" => words.extend(["meta", "l4proto", &protocol]),
            port => words.extend([protocol.as_str(), port_field, port]),
        }
        words.push("accept");
    } else {
        let (address_option, port_option) = match is_source {
            true => ("-s", "--sport"),
            false => ("-d", "--dport"),
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
