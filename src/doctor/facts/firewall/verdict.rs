//! What a chain does to a packet, as far as that can be said for sure.

use super::rules::{Base, Chain, Condition, Hook, Rule, Ruleset, What};
use crate::cli::Network;
use crate::model::{Endpoint, Family, Protocol};
use std::ops::RangeInclusive;

/// A packet; of a field that is `None`, any value is possible.
#[derive(Debug, Clone, Copy)]
pub struct Packet<'a> {
    /// Where it comes from. The port 0 stands for any port, or for none.
    pub source: Option<Endpoint>,
    /// Where it goes. The port 0 stands for any port, or for none.
    pub destination: Option<Endpoint>,
    /// Its protocol.
    pub protocol: Protocol,
    /// By which interface it comes; empty where the machine makes it.
    pub input: Option<&'a str>,
    /// By which interface it goes.
    pub output: Option<&'a str>,
    /// The tracking's word for its connection.
    pub state: &'a str,
}

impl Packet<'_> {
    fn family(&self) -> Option<Family> {
        let end = self.source.or(self.destination)?;
        Some(Family::of(end.address))
    }
}

/// What becomes of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It goes on.
    Accepted,
    /// It ends here.
    Dropped,
    /// It depends on what is not known here.
    Undecided,
}

/// Whether a condition holds; `None` where that is not known.
type Holds = Option<bool>;

/// How deep chains may call one another before that is taken for a circle.
const DEEPEST: usize = 16;

/// The priority at which IPVS takes clients' packets out of the input: NF_IP_PRI_NAT_SRC - 1.
const TAKES: i64 = 99;

/// The priority at which IPVS gives forwarded answers the service's address:
/// NF_IP_PRI_NAT_SRC.
const REWRITES: i64 = 100;

/// Targets after which the packet goes on to the next rule.
const GOES_ON: [&str; 16] = [
    "", "LOG", "NFLOG", "ULOG", "MARK", "CONNMARK", "CT", "NOTRACK", "TCPMSS", "SET", "CHECKSUM",
    "DSCP", "TOS", "TTL", "CLASSIFY", "TRACE",
];

impl Ruleset {
    /// What becomes of the packet in the table's chains, and the name of the chain that
    /// drops it or may do so.
    pub fn outcome(&self, hook: Hook, packet: &Packet<'_>) -> (Outcome, &str) {
        if packet.family().is_some_and(|family| !self.is_for(family)) {
            return (Outcome::Accepted, "");
        }
        let mut doubted = None;
        for base in &self.bases {
            let outcome = match base.sees(hook) {
                Some(true) => self.outcome_in(&base.name, packet),
                Some(false) => Outcome::Accepted,
                None => self.outcome_if_seen(&base.name, packet),
            };
            match outcome {
                Outcome::Accepted => {}
                Outcome::Undecided => doubted = Some(base.name.as_str()),
                Outcome::Dropped => return (Outcome::Dropped, &base.name),
            }
        }
        doubted.map_or((Outcome::Accepted, ""), |name| (Outcome::Undecided, name))
    }

    /// What becomes of the packet where the chain sees it with another source, or not at all.
    fn outcome_if_seen(&self, chain: &str, packet: &Packet<'_>) -> Outcome {
        let packet = Packet {
            source: None,
            ..*packet
        };
        join(Some(Outcome::Accepted), self.outcome_in(chain, &packet))
    }

    fn outcome_in(&self, chain: &str, packet: &Packet<'_>) -> Outcome {
        let Some(chain) = self.chains.get(chain) else {
            return Outcome::Accepted;
        };
        let policy = match chain.drops {
            true => Outcome::Dropped,
            false => Outcome::Accepted,
        };
        let mut doubt = None;
        let outcome = self.walk(chain, packet, 0, &mut doubt);
        join(doubt, outcome.unwrap_or(policy))
    }

    /// What the chain's rules decide for sure; `None` where the packet comes out of it.
    /// `doubt` takes what rules decide that may or may not be for the packet.
    fn walk(
        &self,
        chain: &Chain,
        packet: &Packet<'_>,
        depth: usize,
        doubt: &mut Option<Outcome>,
    ) -> Option<Outcome> {
        for rule in &chain.rules {
            let holds = rule.holds(packet);
            if holds == Some(false) || GOES_ON.contains(&rule.target.as_str()) {
                continue;
            }
            if rule.target == "RETURN" {
                if holds == Some(true) {
                    return None;
                }
                *doubt = Some(join(*doubt, Outcome::Undecided));
                continue;
            }
            let decided = self.target(rule, packet, depth, doubt);
            match (holds, decided) {
                (Some(true), Some(outcome)) => return Some(outcome),
                (Some(true), None) if rule.goes => return None,
                (_, None) => {}
                (_, Some(outcome)) => *doubt = Some(join(*doubt, outcome)),
            }
        }
        None
    }

    fn target(
        &self,
        rule: &Rule,
        packet: &Packet<'_>,
        depth: usize,
        doubt: &mut Option<Outcome>,
    ) -> Option<Outcome> {
        match rule.target.as_str() {
            "ACCEPT" => Some(Outcome::Accepted),
            "DROP" | "REJECT" => Some(Outcome::Dropped),
            name => match self.chains.get(name) {
                Some(chain) if depth < DEEPEST => self.walk(chain, packet, depth + 1, doubt),
                _ => Some(Outcome::Undecided),
            },
        }
    }
}

fn join(doubt: Option<Outcome>, outcome: Outcome) -> Outcome {
    match doubt {
        Some(other) if other != outcome => Outcome::Undecided,
        _ => outcome,
    }
}

impl Base {
    /// Whether the chain gets such packets, unchanged by IPVS. What has IPVS' own
    /// priority comes before or after it.
    fn sees(&self, hook: Hook) -> Holds {
        match (self.hook, hook) {
            (Hook::Every, _) => Some(hook != Hook::Output),
            (Hook::Input, Hook::Services) if self.priority == TAKES => None,
            (Hook::Input, Hook::Services) => Some(self.priority < TAKES),
            (Hook::Forward, Hook::Forward) if self.priority >= REWRITES => None,
            (own, hook) => Some(own == hook),
        }
    }
}

impl Rule {
    /// Whether the rule is for the packet.
    fn holds(&self, packet: &Packet<'_>) -> Holds {
        let mut all = Some(true);
        for condition in &self.conditions {
            match condition.holds(packet) {
                Some(false) => return Some(false),
                None => all = None,
                Some(true) => {}
            }
        }
        all
    }
}

impl Condition {
    fn holds(&self, packet: &Packet<'_>) -> Holds {
        let holds = match &self.what {
            What::Source(networks) => within(networks, packet.source),
            What::Destination(networks) => within(networks, packet.destination),
            What::Families(families) => packet.family().map(|family| families.contains(&family)),
            What::Protocol(names) => Some(names.iter().any(|name| is_named(packet.protocol, name))),
            What::SourcePorts(ranges) => within_ranges(ranges, packet.source),
            What::DestinationPorts(ranges) => within_ranges(ranges, packet.destination),
            What::Input(names) => is_interface(names, packet.input),
            What::Output(names) => is_interface(names, packet.output),
            What::States(states) => is_in_state(states, packet.state),
            What::Ipvs | What::Unknown => None,
        };
        holds.map(|holds| holds != self.negated)
    }
}

/// Rules may keep any packet from the tracking, whatever else it would say.
fn is_in_state(states: &[String], state: &str) -> Holds {
    let has = |wanted: &str| states.iter().any(|it| it.eq_ignore_ascii_case(wanted));
    match has(state) {
        false if has("UNTRACKED") => None,
        holds => Some(holds),
    }
}

/// Whether the name is the protocol's in the files of some distribution, or its number.
fn is_named(protocol: Protocol, name: &str) -> bool {
    let name = name.to_lowercase();
    match protocol.0 {
        4 if matches!(name.as_str(), "ipencap" | "ipip" | "ipv4") => true,
        41 if name == "ipv6" => true,
        47 if name == "gre" => true,
        number => protocol.name() == Some(&name) || name == number.to_string(),
    }
}

fn within(networks: &[Network], end: Option<Endpoint>) -> Holds {
    if networks.iter().any(|network| network.length == 0) {
        return Some(true);
    }
    end.map(|end| networks.iter().any(|it| it.contains(end.address)))
}

fn within_ranges(ranges: &[RangeInclusive<u16>], end: Option<Endpoint>) -> Holds {
    let port = end?.port;
    (port != 0).then(|| ranges.iter().any(|range| range.contains(&port)))
}

/// A `+` or `*` at the end stands for any end.
fn is_interface(names: &[String], interface: Option<&str>) -> Holds {
    let Some(interface) = interface else {
        // Clients are other machines.
        return names.iter().all(|name| name == "lo").then_some(false);
    };
    Some(
        names
            .iter()
            .any(|name| match name.strip_suffix(['+', '*']) {
                Some(start) => interface.starts_with(start),
                None => interface == name,
            }),
    )
}

#[cfg(test)]
pub(super) mod tests;
