//! Rules of a firewall, whatever program they are of.

use crate::cli::Network;
use crate::model::Family;
use std::collections::HashMap;
use std::ops::RangeInclusive;

/// A table of rules.
#[derive(Debug)]
pub struct Ruleset {
    /// The program that changes them.
    pub program: &'static str,
    /// Of which packets; `None` where of both.
    pub family: Option<Family>,
    /// Its name.
    pub table: String,
    /// The chains that packets come to by themselves.
    pub bases: Vec<Base>,
    /// All chains by name.
    pub chains: HashMap<String, Chain>,
}

/// A chain that packets come to by themselves.
#[derive(Debug)]
pub struct Base {
    /// Which packets.
    pub hook: Hook,
    /// When: chains of a lower priority come first.
    pub priority: i64,
    /// The chain's name.
    pub name: String,
}

/// The packets that a chain gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hook {
    /// Packets for this machine.
    Input,
    /// Clients' packets for services, which are packets for this machine until IPVS takes
    /// them. No chain is for them alone.
    Services,
    /// Packets that this machine forwards.
    Forward,
    /// Packets that this machine sends: its own, and the packets that IPVS sends to servers.
    Output,
    /// All packets that come in.
    Every,
}

/// A chain of rules.
#[derive(Debug, Default)]
pub struct Chain {
    /// Whether packets are dropped that no rule decides on.
    pub drops: bool,
    /// Its rules.
    pub rules: Vec<Rule>,
}

/// A rule: the packets it is for, and what happens to these.
#[derive(Debug, Default, Clone)]
pub struct Rule {
    /// All of these must hold.
    pub conditions: Vec<Condition>,
    /// The target in the words of iptables, or another chain; a rule may have none.
    pub target: String,
    /// Whether the target is a chain that the packet does not come back from.
    pub goes: bool,
}

/// What a packet must be like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// Whether it must not.
    pub negated: bool,
    /// What it is about.
    pub what: What,
}

/// What a condition is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// Where it comes from: one of these.
    Source(Vec<Network>),
    /// Where it goes: one of these.
    Destination(Vec<Network>),
    /// Packets of one of these families.
    Families(Vec<Family>),
    /// The names of protocols.
    Protocol(Vec<String>),
    /// The port where it comes from.
    SourcePorts(Vec<RangeInclusive<u16>>),
    /// The port where it goes.
    DestinationPorts(Vec<RangeInclusive<u16>>),
    /// By which interfaces it comes.
    Input(Vec<String>),
    /// By which interfaces it goes.
    Output(Vec<String>),
    /// The tracking's words for its connection.
    States(Vec<String>),
    /// Whether it is of IPVS.
    Ipvs,
    /// Something else.
    Unknown,
}

impl Ruleset {
    /// Whether rules change the source of IPVS' packets.
    pub fn has_source_nat_of_ipvs(&self) -> bool {
        let mut rules = self.chains.values().flat_map(|chain| &chain.rules);
        rules.any(|rule| {
            let of_ipvs =
                |condition: &Condition| !condition.negated && condition.what == What::Ipvs;
            matches!(rule.target.as_str(), "MASQUERADE" | "SNAT")
                && rule.conditions.iter().any(of_ipvs)
        })
    }

    /// Whether it is for packets of this family.
    pub fn is_for(&self, family: Family) -> bool {
        self.family.is_none_or(|own| own == family)
    }
}
