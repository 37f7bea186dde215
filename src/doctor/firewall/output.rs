//! What the firewall does to the packets that IPVS sends to servers: they pass the
//! chains of the machine's own packets.

use super::{accept, dropping, is_tracked, named};
use crate::doctor::facts::{Hook, Packet, Ruleset, Way};
use crate::doctor::finding::{Finding, Report, Severity};
use crate::doctor::scene::{Scene, Served};
use crate::model::{
    DestinationStatus, Endpoint, Family, ForwardMethod, Protocol, ServiceKey, Tunnel,
};
use std::collections::BTreeMap;

/// The first packets of a connection, as IPVS sends them to a server.
struct Sent<'a> {
    /// The word for their protocol, or for the tunnel.
    word: &'static str,
    /// Where they go; of a tunnel, where the outer packets go.
    to: Endpoint,
    packets: Vec<Packet<'a>>,
}

/// Whether the firewall lets out what IPVS sends to servers.
pub fn lets_out(scene: &Scene, report: &mut Report) {
    let Some(is_tracked) = is_tracked(scene, report) else {
        return;
    };
    // All servers of direct routing get packets for one address.
    let mut found: BTreeMap<String, Finding> = BTreeMap::new();
    for served in &scene.services {
        for server in served.taking() {
            let Some(sent) = sent(scene, served, server, is_tracked) else {
                continue;
            };
            for (ruleset, chain) in dropping(scene, report, Hook::Output, &sent.packets) {
                let finding = dropped(&sent, ruleset, chain);
                let same = found.entry(finding.seen.clone()).or_insert(finding);
                if same.services.last() != Some(&served.key()) {
                    same.services.push(served.key());
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
    let Way::Through { link, .. } = scene.machine.way(to.address)? else {
        return None;
    };
    let (protocol, word, to) = match server.destination.forward {
        ForwardMethod::Masquerade => (protocol, protocol.as_str(), to),
        ForwardMethod::DirectRoute => (protocol, protocol.as_str(), endpoint),
        ForwardMethod::Tunnel(tunnel) => {
            let (protocol, port) = outer(tunnel, Family::of(endpoint.address))?;
            (protocol, tunnel.as_str(), Endpoint { port, ..to })
        }
        _ => return None,
    };
    // The tracking's words for the first packets.
    let states: &[&str] = match server.destination.forward {
        // The outer packets are the machine's own, and nobody answers them.
        ForwardMethod::Tunnel(_) => &["NEW"],
        _ if !tracked => &["UNTRACKED"],
        // Servers answer past the tracking, which takes the client's second packet for
        // wrong.
        ForwardMethod::DirectRoute if protocol == Protocol::TCP => &["NEW", "INVALID"],
        _ => &["NEW"],
    };
    let packet = |state: &&'static str| Packet {
        source: None,
        destination: Some(to),
        protocol,
        input: Some(""),
        output: scene.machine.link_name(*link),
        state,
    };
    let packets = states.iter().map(packet).collect();
    Some(Sent { word, to, packets })
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

fn dropped(sent: &Sent<'_>, ruleset: &Ruleset, chain: &str) -> Finding {
    let chain_name = named(ruleset, chain);
    let to = match sent.to.port {
        0 => sent.to.address.to_string(),
        _ => sent.to.to_string(),
    };
    let word = sent.word;
    let packet = sent.packets.first();
    Finding {
        severity: Severity::Error,
        id: "firewall-output",
        seen: format!("{chain_name} drops what IPVS sends to {to} by {word}"),
        meaning: "no client's packet gets to the servers",
        services: Vec::new(),
        remedy: packet.and_then(|packet| accept(ruleset, chain, packet)),
    }
}
