//! What the firewall does to the packets that IPVS sends to servers: they pass the
//! chains of the machine's own packets.

use super::{CONNTRACK, Side, accept, named, rulesets, undecided};
use crate::doctor::facts::{Hook, Outcome, Packet, Ruleset, Way};
use crate::doctor::finding::{Finding, Report, Severity};
use crate::doctor::scene::{Scene, Served};
use crate::model::{
    DestinationStatus, Endpoint, Family, ForwardMethod, Protocol, ServiceKey, Tunnel,
};
use std::collections::BTreeMap;

/// What IPVS sends to a server.
struct Sent<'a> {
    /// Of a tunnel, the outer packet's.
    protocol: Protocol,
    /// The protocol's word.
    word: &'static str,
    /// Where it goes; port 0 is any, or none.
    to: Endpoint,
    /// By which interface.
    output: Option<&'a str>,
    /// The tracking's words for the first packets of a connection.
    states: &'static [&'static str],
}

/// Whether the firewall lets out what IPVS sends to servers.
pub fn lets_out(scene: &Scene, report: &mut Report) {
    if scene.machine.firewall.rulesets.is_empty() {
        return;
    }
    let conntrack = scene.machine.settings.number(CONNTRACK);
    let Some(conntrack) = report.look("vs.conntrack", &conntrack) else {
        return;
    };
    // All servers of direct routing get packets for one address.
    let mut found: BTreeMap<String, Finding> = BTreeMap::new();
    for served in &scene.services {
        let servers = served.servers.iter();
        for server in servers.filter(|it| it.destination.weight > 0) {
            let Some(sent) = sent(scene, served, server, *conntrack == 1) else {
                continue;
            };
            for ruleset in rulesets(&scene.machine.firewall, Family::of(sent.to.address)) {
                match sent.outcome(ruleset) {
                    (Outcome::Accepted, _) => {}
                    (Outcome::Undecided, chain) => undecided(report, ruleset, chain),
                    (Outcome::Dropped, chain) => {
                        let finding = sent.dropped(ruleset, chain);
                        let same = found.entry(finding.seen.clone()).or_insert(finding);
                        if same.services.last() != Some(&served.key()) {
                            same.services.push(served.key());
                        }
                    }
                }
            }
        }
    }
    report.findings.extend(found.into_values());
}

/// `None` where it is not sent, or where it is not known what is sent.
fn sent<'a>(
    scene: &'a Scene,
    served: &Served,
    server: &DestinationStatus,
    tracked: bool,
) -> Option<Sent<'a>> {
    let ServiceKey::Address { protocol, endpoint } = served.key() else {
        return None;
    };
    let to = server.destination.endpoint;
    let way = scene.machine.ways.as_ref().ok()?.get(&to.address)?;
    let Way::Through { link, .. } = way else {
        return None;
    };
    let masqueraded = server.destination.forward == ForwardMethod::Masquerade;
    let (protocol, word, to) = match server.destination.forward {
        ForwardMethod::Masquerade => (protocol, protocol.as_str(), to),
        ForwardMethod::DirectRoute => (protocol, protocol.as_str(), endpoint),
        ForwardMethod::Tunnel(tunnel) => {
            let (protocol, port) = outer(tunnel, Family::of(endpoint.address))?;
            (protocol, tunnel.as_str(), Endpoint { port, ..to })
        }
        _ => return None,
    };
    let is_tunnel = matches!(server.destination.forward, ForwardMethod::Tunnel(_));
    let states: &[&str] = match (is_tunnel, tracked) {
        // The outer packets are the machine's own, and nobody answers them.
        (true, _) => &["NEW"],
        (_, false) => &["UNTRACKED"],
        // Servers answer past the tracking, which takes the client's second packet for
        // wrong.
        (_, true) if !masqueraded && protocol == Protocol::TCP => &["NEW", "INVALID"],
        (_, true) => &["NEW"],
    };
    Some(Sent {
        protocol,
        word,
        to,
        output: scene.machine.link_name(*link),
        states,
    })
}

/// The protocol of a tunnel's outer packets, and their port.
fn outer(tunnel: Tunnel, inner: Family) -> Option<(Protocol, u16)> {
    // Numbers of IANA.
    const IPV4: Protocol = Protocol(4);
    const IPV6: Protocol = Protocol(41);
    const GRE: Protocol = Protocol(47);
    match tunnel {
        Tunnel::Ipip if inner == Family::Inet => Some((IPV4, 0)),
        Tunnel::Ipip => Some((IPV6, 0)),
        Tunnel::Gue { port, .. } => Some((Protocol::UDP, port)),
        Tunnel::Gre { .. } => Some((GRE, 0)),
        Tunnel::Other { .. } => None,
    }
}

impl Sent<'_> {
    /// What becomes of the first of these packets that does not get through.
    fn outcome<'a>(&self, ruleset: &'a Ruleset) -> (Outcome, &'a str) {
        let packet = Packet {
            source: None,
            destination: Some(self.to.address),
            protocol: self.protocol,
            source_port: None,
            destination_port: (self.to.port != 0).then_some(self.to.port),
            input: Some(""),
            output: self.output,
            state: "",
        };
        let outcomes = self.states.iter().map(|state| {
            let packet = Packet { state, ..packet };
            ruleset.outcome(Hook::Output, &packet)
        });
        let stopped = outcomes.into_iter().find(|it| it.0 != Outcome::Accepted);
        stopped.unwrap_or((Outcome::Accepted, ""))
    }

    fn dropped(&self, ruleset: &Ruleset, chain: &str) -> Finding {
        let to = match self.to.port {
            0 => self.to.address.to_string(),
            _ => self.to.to_string(),
        };
        let chain_name = named(ruleset, chain);
        Finding {
            severity: Severity::Error,
            id: "firewall-output",
            seen: format!(
                "{chain_name} drops what IPVS sends to {to} by {}",
                self.word
            ),
            meaning: "no client's packet gets to the servers",
            services: Vec::new(),
            remedy: accept(ruleset, chain, self.protocol, self.to, Side::Destination),
        }
    }
}
