//! Rules as `iptables-save` prints them.

use super::rules::{Base, Chain, Condition, Hook, Rule, Ruleset, What};
use crate::cli::Network;
use crate::model::Family;
use std::collections::HashMap;
use std::ops::RangeInclusive;

/// The priority of the table filter; all tables but nat come before IPVS.
const PRIORITY: i64 = 0;

/// The rules of a program's tables.
pub fn rulesets(program: &'static str, family: Family, text: &str) -> Vec<Ruleset> {
    let mut rulesets = Vec::new();
    for table in text.split("\n*").map(|text| text.trim_start_matches('*')) {
        let (name, lines) = table.split_once('\n').unwrap_or((table, ""));
        if !name.starts_with('#') {
            rulesets.push(ruleset(program, family, name, lines));
        }
    }
    rulesets
}

fn ruleset(program: &'static str, family: Family, table: &str, lines: &str) -> Ruleset {
    let mut chains: HashMap<String, Chain> = HashMap::new();
    for line in lines.lines() {
        if let Some(chain) = line.strip_prefix(':') {
            let mut words = chain.split(' ');
            let name = words.next().unwrap_or_default().to_owned();
            chains.entry(name).or_default().drops = words.next() == Some("DROP");
        } else if let Some(rule) = line.strip_prefix("-A ") {
            let mut words = words(rule).into_iter();
            let name = words.next().unwrap_or_default();
            chains.entry(name).or_default().rules.push(parse(words));
        }
    }
    let base = |(hook, name): (Hook, &str)| Base {
        hook,
        priority: PRIORITY,
        name: name.to_owned(),
    };
    let hooks = [
        (Hook::Input, "INPUT"),
        (Hook::Forward, "FORWARD"),
        (Hook::Output, "OUTPUT"),
    ];
    Ruleset {
        program,
        family: Some(family),
        table: table.to_owned(),
        // Of nat, chains get the first packets too, and drop none.
        bases: match table {
            "nat" => Vec::new(),
            _ => hooks.map(base).into(),
        },
        chains,
    }
}

fn parse(mut words: impl Iterator<Item = String>) -> Rule {
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
            "-p" => What::Protocol(vec![value()]),
            "-i" => What::Input(vec![value()]),
            "-o" => What::Output(vec![value()]),
            "--sport" | "--sports" => ports(&value()).map_or(What::Unknown, What::SourcePorts),
            "--dport" | "--dports" => ports(&value()).map_or(What::Unknown, What::DestinationPorts),
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

fn network(text: &str) -> Option<Vec<Network>> {
    let (address, length) = text.split_once('/')?;
    Some(vec![Network {
        address: address.parse().ok()?,
        length: length.parse().ok()?,
    }])
}

fn ports(text: &str) -> Option<Vec<RangeInclusive<u16>>> {
    let range = |text: &str| {
        let (first, last) = text.split_once(':').unwrap_or((text, text));
        Some(first.parse().ok()?..=last.parse().ok()?)
    };
    text.split(',').map(range).collect()
}
