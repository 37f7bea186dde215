//! nftables' own tables, as `nft -j list ruleset` prints them.

use super::rules::{Base, Chain, Condition, Hook, Rule, Ruleset, What};
use crate::cli::Network;
use crate::model::Family;
use serde_json::Value;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::ops::RangeInclusive;

/// The tables of IP; `None` where the text is not nftables'.
pub fn rulesets(text: &str) -> Option<Vec<Ruleset>> {
    let document: Value = serde_json::from_str(text).ok()?;
    let mut tables: BTreeMap<(String, String), Ruleset> = BTreeMap::new();
    for item in document.get("nftables")?.as_array()? {
        let Some((kind, object)) = item.as_object()?.iter().next() else {
            continue;
        };
        let word = |name| object.get(name).and_then(Value::as_str).unwrap_or_default();
        let family = match word("family") {
            "ip" => Some(Family::Inet),
            "ip6" => Some(Family::Inet6),
            "inet" => None,
            _ => continue,
        };
        let key = (word("family").to_owned(), word("table").to_owned());
        let table = tables.entry(key).or_insert_with(|| Ruleset {
            program: "nft",
            family,
            table: word("table").to_owned(),
            bases: Vec::new(),
            chains: Default::default(),
        });
        match kind.as_str() {
            "chain" => {
                let chain = table.chains.entry(word("name").to_owned()).or_default();
                chain.drops = word("policy") == "drop";
                let name = word("name").to_owned();
                let hook = hook(word("hook")).filter(|_| word("type") == "filter");
                table.bases.extend(hook.map(|hook| Base { hook, name }));
            }
            "rule" => {
                let chain = table.chains.entry(word("chain").to_owned()).or_default();
                add(chain, object.get("expr")?.as_array()?);
            }
            _ => {}
        }
    }
    Some(tables.into_values().collect())
}

fn hook(name: &str) -> Option<Hook> {
    match name {
        "prerouting" => Some(Hook::Every),
        "input" => Some(Hook::Input),
        "forward" => Some(Hook::Forward),
        "output" => Some(Hook::Output),
        _ => None,
    }
}

/// A rule of nftables; one that chooses a verdict by a map is several.
fn add(chain: &mut Chain, expressions: &[Value]) {
    let mut conditions = Vec::new();
    for expression in expressions {
        let Some((kind, value)) = expression.as_object().and_then(|it| it.iter().next()) else {
            continue;
        };
        match kind.as_str() {
            "match" => conditions.extend(matched(value)),
            "counter" | "log" | "mangle" | "comment" => {}
            "vmap" => {
                for (condition, verdict) in mapped(value) {
                    let mut all = conditions.clone();
                    all.extend(condition);
                    chain.rules.extend(decided(&verdict, all));
                }
            }
            _ => match decided(expression, conditions.clone()) {
                Some(rule) => chain.rules.push(rule),
                None => conditions.push(unknown()),
            },
        }
    }
}

/// The rule of a verdict.
fn decided(verdict: &Value, conditions: Vec<Condition>) -> Option<Rule> {
    let (kind, value) = verdict.as_object()?.iter().next()?;
    let chain = || {
        value
            .get("target")
            .and_then(Value::as_str)
            .map(str::to_owned)
    };
    let target = match kind.as_str() {
        "accept" => "ACCEPT".to_owned(),
        "drop" | "reject" => "DROP".to_owned(),
        "return" => "RETURN".to_owned(),
        "jump" | "goto" => chain()?,
        "queue" => "QUEUE".to_owned(),
        _ => return None,
    };
    Some(Rule {
        conditions,
        target,
        goes: kind == "goto",
    })
}

/// The pairs of a map of verdicts.
fn mapped(map: &Value) -> Vec<(Vec<Condition>, Value)> {
    let pairs = map.pointer("/data/set").and_then(Value::as_array);
    let (Some(key), Some(pairs)) = (map.get("key"), pairs) else {
        // A map with a name: whatever it says.
        return vec![(vec![unknown()], serde_json::json!({"queue": null}))];
    };
    let pair = |pair: &Value| Some((conditions(key, pair.get(0)?, false), pair.get(1)?.clone()));
    pairs.iter().filter_map(pair).collect()
}

fn matched(value: &Value) -> Vec<Condition> {
    let operator = value.get("op").and_then(Value::as_str).unwrap_or_default();
    match (value.get("left"), value.get("right")) {
        (Some(left), Some(right)) if matches!(operator, "==" | "!=" | "in") => {
            conditions(left, right, operator == "!=")
        }
        _ => vec![unknown()],
    }
}

fn unknown() -> Condition {
    Condition {
        negated: false,
        what: What::Unknown,
    }
}

/// What a match asks of a packet. A field of a protocol asks for the protocol too.
fn conditions(left: &Value, right: &Value, negated: bool) -> Vec<Condition> {
    let word = |path| {
        left.pointer(path)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    let values = values(right);
    let (protocol, field) = (word("/payload/protocol"), word("/payload/field"));
    let what = match (protocol, field, word("/meta/key"), word("/ct/key")) {
        ("ip" | "ip6", "saddr", ..) => networks(&values).map(What::Source),
        ("ip" | "ip6", "daddr", ..) => networks(&values).map(What::Destination),
        ("tcp" | "udp" | "sctp" | "th", "sport", ..) => ports(&values).map(What::SourcePorts),
        ("tcp" | "udp" | "sctp" | "th", "dport", ..) => ports(&values).map(What::DestinationPorts),
        ("ip", "protocol", ..) | ("ip6", "nexthdr", ..) | (_, _, "l4proto", _) => {
            words(&values).map(What::Protocol)
        }
        (_, _, "iifname" | "iif", _) => words(&values).map(What::Input),
        (_, _, "oifname" | "oif", _) => words(&values).map(What::Output),
        (_, _, _, "state") => words(&values).map(What::States),
        _ => None,
    };
    let mut conditions = vec![Condition {
        negated: negated && what.is_some(),
        what: what.unwrap_or(What::Unknown),
    }];
    if matches!(protocol, "tcp" | "udp" | "sctp") {
        conditions.push(Condition {
            negated: false,
            what: What::Protocol(vec![protocol.to_owned()]),
        });
    }
    conditions
}

/// The elements of a set, or one value.
fn values(right: &Value) -> Vec<&Value> {
    let set = right.get("set").unwrap_or(right);
    match set.as_array() {
        Some(elements) => elements.iter().collect(),
        None => vec![set],
    }
}

fn words(values: &[&Value]) -> Option<Vec<String>> {
    let word = |value: &&Value| {
        value
            .as_str()
            .filter(|it| !it.starts_with('@'))
            .map(str::to_owned)
    };
    values.iter().map(word).collect()
}

fn networks(values: &[&Value]) -> Option<Vec<Network>> {
    let network = |value: &&Value| {
        let (address, length) = match value.get("prefix") {
            Some(prefix) => (prefix.get("addr")?.as_str()?, prefix.get("len")?.as_u64()),
            None => (value.as_str()?, None),
        };
        let address: IpAddr = address.parse().ok()?;
        let whole = u64::from(crate::doctor::facts::full_length(address));
        let length = u8::try_from(length.unwrap_or(whole)).ok()?;
        Some(Network { address, length })
    };
    values.iter().map(network).collect()
}

fn ports(values: &[&Value]) -> Option<Vec<RangeInclusive<u16>>> {
    let port = |value: &Value| u16::try_from(value.as_u64()?).ok();
    let range = |value: &&Value| match value.get("range") {
        Some(range) => Some(port(range.get(0)?)?..=port(range.get(1)?)?),
        None => port(value).map(|port| port..=port),
    };
    values.iter().map(range).collect()
}

#[cfg(test)]
mod tests;
