//! nftables' own tables, as `nft -j list ruleset` prints them.

use super::rules::{Base, Chain, Condition, Hook, Rule, Ruleset, What};
use crate::cli::Network;
use crate::doctor::facts::full_length;
use crate::model::Family;
use serde_json::Value;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::ops::RangeInclusive;

/// The tables of IP; `None` where the text is not nftables'.
pub fn rulesets(text: &str) -> Option<Vec<Ruleset>> {
    let document: Value = serde_json::from_str(text).ok()?;
    let mut tables: BTreeMap<(String, String), Ruleset> = BTreeMap::new();
    let mut dormant = BTreeMap::new();
    for item in document.get("nftables")?.as_array()? {
        let Some((kind, object)) = item.as_object()?.iter().next() else {
            continue;
        };
        let family = match word(object, "/family") {
            "ip" => Some(Family::Inet),
            "ip6" => Some(Family::Inet6),
            "inet" => None,
            _ => continue,
        };
        let is_table = kind == "table";
        let name = word(object, if is_table { "/name" } else { "/table" });
        let key = (word(object, "/family").to_owned(), name.to_owned());
        let table = tables.entry(key.clone()).or_insert_with(|| Ruleset {
            program: "nft",
            family,
            table: name.to_owned(),
            bases: Vec::new(),
            chains: Default::default(),
        });
        match kind.as_str() {
            "table" => {
                dormant.insert(key, is_dormant(object.get("flags")));
            }
            "chain" => {
                let name = word(object, "/name").to_owned();
                let chain = table.chains.entry(name).or_default();
                chain.drops = word(object, "/policy") == "drop";
                table.bases.extend(base(object));
            }
            "rule" => {
                let name = word(object, "/chain").to_owned();
                let chain = table.chains.entry(name).or_default();
                add(chain, object.get("expr")?.as_array()?);
            }
            _ => {}
        }
    }
    tables.retain(|key, _| dormant.get(key) != Some(&Some(true)));
    for (key, table) in &mut tables {
        if dormant.get(key) == Some(&None) {
            doubt(table);
        }
    }
    Some(tables.into_values().collect())
}

/// The word at a path; empty where there is none.
fn word<'a>(object: &'a Value, path: &str) -> &'a str {
    let value = object.pointer(path);
    value.and_then(Value::as_str).unwrap_or_default()
}

/// Whether the chains of a table with these flags do nothing. nft 1.0.6 prints any word in
/// place of a single flag.
fn is_dormant(flags: Option<&Value>) -> Option<bool> {
    let flags: Vec<_> = flags.map(values).unwrap_or_default();
    let mut doubtful = false;
    for flag in flags {
        match flag.as_str().unwrap_or_default() {
            "dormant" => return Some(true),
            "owner" | "persist" => {}
            _ => doubtful = true,
        }
    }
    (!doubtful).then_some(false)
}

/// Gives each chain of the table a first rule that may accept any packet: what the chain does
/// is not known then.
fn doubt(table: &mut Ruleset) {
    for base in &table.bases {
        let rule = Rule {
            conditions: vec![unknown()],
            target: "ACCEPT".to_owned(),
            goes: false,
        };
        let chain = table.chains.entry(base.name.clone()).or_default();
        chain.rules.insert(0, rule);
    }
}

/// Which packets come to a chain by themselves; `None` where none do, or where it is not of
/// the type filter.
fn base(chain: &Value) -> Option<Base> {
    let word = |name| chain.get(name).and_then(Value::as_str);
    let hook = match word("hook")? {
        "prerouting" => Hook::Every,
        "input" => Hook::Input,
        "forward" => Hook::Forward,
        "output" => Hook::Output,
        _ => return None,
    };
    let base = Base {
        hook,
        priority: chain.get("prio")?.as_i64()?,
        name: word("name")?.to_owned(),
    };
    (word("type") == Some("filter")).then_some(base)
}

/// Adds a rule of nftables. A rule that chooses a verdict by a map becomes several rules.
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
    let target = match kind.as_str() {
        "accept" => "ACCEPT",
        "drop" | "reject" => "DROP",
        "return" => "RETURN",
        "jump" | "goto" => value.get("target")?.as_str()?,
        "queue" => "QUEUE",
        _ => return None,
    };
    Some(Rule {
        conditions,
        target: target.to_owned(),
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
    let operator = word(value, "/op");
    let (Some(left), Some(right)) = (value.get("left"), value.get("right")) else {
        return vec![unknown()];
    };
    match operator {
        "==" | "!=" | "in" => conditions(left, right, operator == "!="),
        // What is asked of the field is not read, but it must be there.
        _ => conditions(left, &Value::Null, false),
    }
}

fn unknown() -> Condition {
    Condition {
        negated: false,
        what: What::Unknown,
    }
}

/// What a match asks of a packet. A field of a protocol asks for the protocol too, or for
/// the family.
fn conditions(left: &Value, right: &Value, negated: bool) -> Vec<Condition> {
    let values = values(right);
    let protocol = word(left, "/payload/protocol");
    let field = word(left, "/payload/field");
    let (meta, tracking) = (word(left, "/meta/key"), word(left, "/ct/key"));
    let what = match (protocol, field, meta, tracking) {
        ("ip" | "ip6", "saddr", ..) => networks(&values).map(What::Source),
        ("ip" | "ip6", "daddr", ..) => networks(&values).map(What::Destination),
        ("tcp" | "udp" | "sctp" | "th", "sport", ..) => ports(&values).map(What::SourcePorts),
        ("tcp" | "udp" | "sctp" | "th", "dport", ..) => ports(&values).map(What::DestinationPorts),
        ("ip", "protocol", ..) | ("ip6", "nexthdr", ..) | (_, _, "l4proto", _) => {
            words(&values).map(What::Protocol)
        }
        (_, _, "nfproto" | "protocol", _) => words(&values).map(families),
        (_, _, "iifname" | "iif", _) => words(&values).map(What::Input),
        (_, _, "oifname" | "oif", _) => words(&values).map(What::Output),
        (_, _, _, "state") => words(&values).map(What::States),
        _ => None,
    };
    let mut conditions = vec![Condition {
        negated: negated && what.is_some(),
        what: what.unwrap_or(What::Unknown),
    }];
    let implied = match protocol {
        "ip" => Some(What::Families(vec![Family::Inet])),
        "ip6" => Some(What::Families(vec![Family::Inet6])),
        "tcp" | "udp" | "sctp" | "icmp" | "icmpv6" => {
            Some(What::Protocol(vec![protocol.to_owned()]))
        }
        _ => None,
    };
    conditions.extend(implied.map(|what| Condition {
        negated: false,
        what,
    }));
    conditions
}

/// The families of the words for them; what is of neither is not looked at.
fn families(words: Vec<String>) -> What {
    let family = |word: &String| match word.as_str() {
        "ip" | "ipv4" => Some(Family::Inet),
        "ip6" | "ipv6" => Some(Family::Inet6),
        _ => None,
    };
    What::Families(words.iter().filter_map(family).collect())
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
    // The name of a set begins with `@`.
    let word = |value: &&Value| Some(value.as_str().filter(|it| !it.starts_with('@'))?.to_owned());
    values.iter().map(word).collect()
}

fn networks(values: &[&Value]) -> Option<Vec<Network>> {
    let network = |value: &&Value| {
        let (address, length) = match value.get("prefix") {
            Some(prefix) => (prefix.get("addr")?.as_str()?, prefix.get("len")?.as_u64()),
            None => (value.as_str()?, None),
        };
        let address: IpAddr = address.parse().ok()?;
        let whole = u64::from(full_length(address));
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
