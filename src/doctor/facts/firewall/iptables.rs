//! Rules as `iptables-save` prints them.

use crate::cli::Network;
use crate::model::Family;
use std::collections::HashMap;
use std::ops::RangeInclusive;

/// The rules of one program and family.
#[derive(Debug)]
pub struct Ruleset {
    /// The program that changes them.
    pub program: &'static str,
    /// Of which packets.
    pub family: Family,
    /// By table and name.
    chains: HashMap<(String, String), Chain>,
}

/// A chain of rules.
#[derive(Debug, Default)]
pub struct Chain {
    /// What happens to packets that no rule decides on; a chain of the administrator's
    /// has none.
    pub policy: Option<String>,
    /// Its rules.
    pub rules: Vec<Rule>,
}

/// A rule: the packets it is for, and what happens to these.
#[derive(Debug, Default)]
pub struct Rule {
    /// All of these must hold.
    pub conditions: Vec<Condition>,
    /// The target; a rule may have none.
    pub target: String,
    /// Whether the target is another chain that the packet does not come back from.
    pub goes: bool,
}

/// What a packet must be like.
#[derive(Debug, PartialEq, Eq)]
pub struct Condition {
    /// Whether it must not.
    pub negated: bool,
    /// What it is about.
    pub what: What,
}

/// What a condition is about.
#[derive(Debug, PartialEq, Eq)]
pub enum What {
    /// Where it comes from.
    Source(Network),
    /// Where it goes.
    Destination(Network),
    /// The name of its protocol.
    Protocol(String),
    /// The port where it comes from.
    SourcePorts(Vec<RangeInclusive<u16>>),
    /// The port where it goes.
    DestinationPorts(Vec<RangeInclusive<u16>>),
    /// By which interface it comes.
    Input(String),
    /// The tracking's word for its connection.
    States(Vec<String>),
    /// Whether it is of IPVS.
    Ipvs,
    /// Something else.
    Unknown,
}

impl Ruleset {
    /// Reads what the program printed.
    pub fn parse(program: &'static str, family: Family, text: &str) -> Self {
        let mut chains: HashMap<_, Chain> = HashMap::new();
        let mut table = String::new();
        for line in text.lines() {
            if let Some(name) = line.strip_prefix('*') {
                name.clone_into(&mut table);
            } else if let Some(chain) = line.strip_prefix(':') {
                let mut words = chain.split(' ');
                let name = words.next().unwrap_or_default().to_owned();
                let policy = words.next().filter(|policy| *policy != "-");
                let chain = chains.entry((table.clone(), name)).or_default();
                chain.policy = policy.map(str::to_owned);
            } else if let Some(rule) = line.strip_prefix("-A ") {
                let mut words = words(rule).into_iter();
                let name = words.next().unwrap_or_default();
                let chain = chains.entry((table.clone(), name)).or_default();
                chain.rules.push(Rule::parse(words));
            }
        }
        Ruleset {
            program,
            family,
            chains,
        }
    }

    /// A chain of a table.
    pub fn chain(&self, table: &str, name: &str) -> Option<&Chain> {
        self.chains.get(&(table.to_owned(), name.to_owned()))
    }

    /// The rules that change the source of IPVS' packets.
    pub fn has_source_nat_of_ipvs(&self) -> bool {
        let of_nat = self.chains.iter().filter(|((table, _), _)| table == "nat");
        let mut rules = of_nat.flat_map(|(_, chain)| &chain.rules);
        rules.any(|rule| {
            let of_ipvs =
                |condition: &Condition| !condition.negated && condition.what == What::Ipvs;
            matches!(rule.target.as_str(), "MASQUERADE" | "SNAT")
                && rule.conditions.iter().any(of_ipvs)
        })
    }
}

impl Rule {
    fn parse(mut words: impl Iterator<Item = String>) -> Self {
        let mut rule = Rule::default();
        let mut negated = false;
        while let Some(word) = words.next() {
            let mut value = || words.next().unwrap_or_default();
            let what = match word.as_str() {
                "!" => {
                    negated = true;
                    continue;
                }
                "-j" | "-g" => {
                    rule.target = value();
                    rule.goes = word == "-g";
                    // What follows is the target's.
                    break;
                }
                // What the module looks at follows, and is read or unknown.
                "-m" => match value().as_str() {
                    "ipvs" => What::Ipvs,
                    "comment" | "tcp" | "udp" | "sctp" | "multiport" | "conntrack" | "state" => {
                        continue;
                    }
                    _ => What::Unknown,
                },
                "--comment" => {
                    value();
                    continue;
                }
                "-s" => network(&value()).map_or(What::Unknown, What::Source),
                "-d" => network(&value()).map_or(What::Unknown, What::Destination),
                "-p" => What::Protocol(value()),
                "-i" => What::Input(value()),
                "--sport" | "--sports" => ports(&value()).map_or(What::Unknown, What::SourcePorts),
                "--dport" | "--dports" => {
                    ports(&value()).map_or(What::Unknown, What::DestinationPorts)
                }
                "--state" | "--ctstate" => {
                    What::States(value().split(',').map(str::to_owned).collect())
                }
                _ => What::Unknown,
            };
            rule.conditions.push(Condition { negated, what });
            negated = false;
        }
        rule
    }
}

/// Words between blanks; quotes hold one together.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let (mut word, mut quoted, mut begun) = (String::new(), false, false);
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => (quoted, begun) = (!quoted, true),
            '\\' if quoted => word.extend(chars.next()),
            ' ' if !quoted => {
                if begun {
                    words.push(std::mem::take(&mut word));
                }
                begun = false;
            }
            c => {
                word.push(c);
                begun = true;
            }
        }
    }
    if begun {
        words.push(word);
    }
    words
}

fn network(text: &str) -> Option<Network> {
    let (address, length) = text.split_once('/')?;
    Some(Network {
        address: address.parse().ok()?,
        length: length.parse().ok()?,
    })
}

fn ports(text: &str) -> Option<Vec<RangeInclusive<u16>>> {
    let range = |text: &str| {
        let (first, last) = text.split_once(':').unwrap_or((text, text));
        Some(first.parse().ok()?..=last.parse().ok()?)
    };
    text.split(',').map(range).collect()
}
