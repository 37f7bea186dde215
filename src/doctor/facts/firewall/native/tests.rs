use super::super::Firewall;
use super::super::verdict::tests::REQUEST;
use super::super::verdict::{Outcome, Packet};
use super::*;

/// What a table with this policy and these rules, each a list of expressions, does.
fn outcome(policy: &str, rules: &[&str]) -> Outcome {
    let chain = format!(r#""hook":"input","prio":0,"policy":"{policy}""#);
    outcome_of("", &chain, rules, Hook::Input, &REQUEST)
}

/// What a table does to a packet; `flags` and `chain` are JSON of its objects.
fn outcome_of(
    flags: &str,
    chain: &str,
    rules: &[&str],
    hook: Hook,
    packet: &Packet<'_>,
) -> Outcome {
    let rules: String = rules
        .iter()
        .map(|rule| {
            format!(",{{\"rule\":{{\"family\":\"inet\",\"table\":\"own\",\"chain\":\"in\",\"expr\":[{rule}]}}}}")
        })
        .collect();
    let text = format!(
        "{{\"nftables\":[{{\"metainfo\":{{}}}},{{\"table\":{{\"family\":\"inet\",\"name\":\"own\",\"handle\":1{flags}}}}},\
         {{\"chain\":{{\"family\":\"inet\",\"table\":\"own\",\"name\":\"in\",\"type\":\"filter\",{chain}}}}}{rules}]}}"
    );
    let rulesets = rulesets(&text).unwrap();
    let outcomes = rulesets.iter().map(|it| it.outcome(hook, packet).0);
    outcomes
        .max_by_key(|it| *it == Outcome::Dropped || *it == Outcome::Undecided)
        .unwrap_or(Outcome::Accepted)
}

#[test]
fn rules_are_followed() {
    use Outcome::{Accepted, Dropped, Undecided};
    const ACCEPT: &str = r#"{"accept":null}"#;
    const PORT: &str =
        r#"{"match":{"op":"==","left":{"payload":{"protocol":"tcp","field":"dport"}},"right":80}}"#;
    const OTHERS: &str = r#"{"match":{"op":"==","left":{"payload":{"protocol":"tcp","field":"dport"}},"right":{"set":[22,{"range":[81,90]}]}}}"#;
    const UDP: &str =
        r#"{"match":{"op":"==","left":{"payload":{"protocol":"udp","field":"dport"}},"right":80}}"#;
    const NETWORK: &str = r#"{"match":{"op":"==","left":{"payload":{"protocol":"ip","field":"daddr"}},"right":{"prefix":{"addr":"10.1.0.0","len":24}}}}"#;
    const NOT_NETWORK: &str = r#"{"match":{"op":"!=","left":{"payload":{"protocol":"ip","field":"daddr"}},"right":{"prefix":{"addr":"10.1.0.0","len":24}}}}"#;
    const NAMED: &str = r#"{"match":{"op":"==","left":{"payload":{"protocol":"tcp","field":"dport"}},"right":"@web"}}"#;
    const KNOWN: &str =
        r#"{"match":{"op":"in","left":{"ct":{"key":"state"}},"right":["established","related"]}}"#;
    const MAP: &str = r#"{"vmap":{"key":{"ct":{"key":"state"}},"data":{"set":[["established",{"accept":null}],["new",{"drop":null}]]}}}"#;
    const LOOPBACK: &str =
        r#"{"match":{"op":"==","left":{"meta":{"key":"iifname"}},"right":"lo"}}"#;
    const LIMIT: &str = r#"{"limit":{"rate":5,"per":"second"}}"#;
    let join = |parts: &[&str]| parts.join(",");
    for (policy, rules, wanted) in [
        ("accept", vec![], Accepted),
        ("drop", vec![], Dropped),
        ("drop", vec![join(&[PORT, ACCEPT])], Accepted),
        (
            "drop",
            vec![join(&[r#"{"counter":{}}"#, PORT, ACCEPT])],
            Accepted,
        ),
        ("drop", vec![join(&[OTHERS, ACCEPT])], Dropped),
        ("drop", vec![join(&[UDP, ACCEPT])], Dropped),
        ("drop", vec![join(&[NETWORK, ACCEPT])], Accepted),
        ("drop", vec![join(&[NOT_NETWORK, ACCEPT])], Dropped),
        (
            "drop",
            vec![join(&[KNOWN, ACCEPT]), join(&[LOOPBACK, ACCEPT])],
            Dropped,
        ),
        ("accept", vec![MAP.to_owned()], Dropped),
        (
            "accept",
            vec![join(&[PORT, r#"{"reject":{"type":"tcp reset"}}"#])],
            Dropped,
        ),
        ("drop", vec![join(&[NAMED, ACCEPT])], Undecided),
        ("drop", vec![join(&[LIMIT, ACCEPT])], Undecided),
        (
            "drop",
            vec![r#"{"jump":{"target":"missing"}}"#.to_owned()],
            Undecided,
        ),
    ] {
        let words: Vec<&str> = rules.iter().map(String::as_str).collect();
        assert_eq!(outcome(policy, &words), wanted, "{policy} {rules:?}");
    }
    assert!(rulesets("x").is_none());
}

/// A match as nft prints it; `left` and `right` are JSON.
fn matching(operator: &str, left: &str, right: &str) -> String {
    format!(r#"{{"match":{{"op":"{operator}","left":{left},"right":{right}}}}}"#)
}

fn field(protocol: &str, field: &str) -> String {
    format!(r#"{{"payload":{{"protocol":"{protocol}","field":"{field}"}}}}"#)
}

/// A field of a family is in no packet of the other one.
#[test]
fn families_are_told_apart() {
    use Outcome::{Accepted, Dropped, Undecided};
    const NFPROTO: &str = r#"{"meta":{"key":"nfproto"}}"#;
    const PROTOCOL: &str = r#"{"meta":{"key":"protocol"}}"#;
    let everything = r#"{"prefix":{"addr":"0.0.0.0","len":0}}"#;
    let of_ipv6 = Packet {
        destination: Some("[fd01::100]:80".parse().unwrap()),
        ..REQUEST
    };
    for (rule, of_ipv4, of_ipv6_wanted) in [
        (
            matching("!=", &field("ip", "daddr"), r#""10.9.9.9""#),
            Dropped,
            Accepted,
        ),
        (
            matching("==", &field("ip", "saddr"), everything),
            Dropped,
            Accepted,
        ),
        (
            matching("!=", &field("ip", "protocol"), r#""udp""#),
            Dropped,
            Accepted,
        ),
        (matching("<", &field("ip", "ttl"), "3"), Undecided, Accepted),
        (
            matching("!=", &field("ip6", "daddr"), r#""fd01::1""#),
            Accepted,
            Dropped,
        ),
        (
            matching("==", &field("ip6", "nexthdr"), r#""tcp""#),
            Accepted,
            Dropped,
        ),
        (
            matching("==", &field("icmp", "type"), r#""redirect""#),
            Accepted,
            Accepted,
        ),
        (
            matching("==", &field("icmpv6", "type"), r#""nd-redirect""#),
            Accepted,
            Accepted,
        ),
        (matching("==", NFPROTO, r#""ipv4""#), Dropped, Accepted),
        (matching("!=", NFPROTO, r#""ipv4""#), Accepted, Dropped),
        (
            matching("==", NFPROTO, r#"{"set":["ipv4","ipv6"]}"#),
            Dropped,
            Dropped,
        ),
        (matching("==", PROTOCOL, r#""ip6""#), Accepted, Dropped),
        (matching("==", PROTOCOL, r#""arp""#), Accepted, Accepted),
    ] {
        let chain = r#""hook":"input","prio":0,"policy":"accept""#;
        let drops = format!(r#"{rule},{{"drop":null}}"#);
        for (packet, wanted) in [(REQUEST, of_ipv4), (of_ipv6, of_ipv6_wanted)] {
            let found = outcome_of("", chain, &[&drops], Hook::Services, &packet);
            assert_eq!(found, wanted, "{rule} {packet:?}");
        }
    }
}

/// IPVS takes clients' packets, and changes answers, between chains.
#[test]
fn chains_behind_ipvs_are_told_apart() {
    use Outcome::{Accepted, Dropped, Undecided};
    let answer = Packet {
        source: Some("10.2.0.11:8080".parse().unwrap()),
        destination: None,
        ..REQUEST
    };
    let accept = matching("==", &field("ip", "saddr"), r#""10.2.0.11""#) + r#",{"accept":null}"#;
    for (hook, priority, rules, asked, wanted) in [
        ("prerouting", 150, &[][..], Hook::Services, Dropped),
        ("input", -150, &[], Hook::Services, Dropped),
        ("input", 98, &[], Hook::Services, Dropped),
        ("input", 99, &[], Hook::Services, Undecided),
        ("input", 100, &[], Hook::Services, Accepted),
        // The messages of another director are for the machine itself.
        ("input", 150, &[], Hook::Input, Dropped),
        ("forward", 99, &[], Hook::Forward, Dropped),
        ("forward", 99, &[accept.as_str()], Hook::Forward, Accepted),
        ("forward", 100, &[], Hook::Forward, Undecided),
        ("forward", 150, &[accept.as_str()], Hook::Forward, Undecided),
        ("forward", 0, &[], Hook::Services, Accepted),
        ("output", 150, &[], Hook::Output, Dropped),
        ("prerouting", 0, &[], Hook::Output, Accepted),
    ] {
        let chain = format!(r#""hook":"{hook}","prio":{priority},"policy":"drop""#);
        let packet = if asked == Hook::Forward {
            answer
        } else {
            REQUEST
        };
        let found = outcome_of("", &chain, rules, asked, &packet);
        assert_eq!(found, wanted, "{chain} {rules:?} {asked:?}");
    }
}

/// What is dormant does nothing, and drops nothing for sure where nft's word for it is wrong.
#[test]
fn dormant_tables_do_nothing() {
    use Outcome::{Accepted, Dropped, Undecided};
    for (flags, policy, wanted) in [
        ("", "drop", Dropped),
        (r#","flags":"dormant""#, "drop", Accepted),
        (r#","flags":["dormant","owner"]"#, "drop", Accepted),
        (r#","flags":"owner""#, "drop", Dropped),
        (r#","flags":["owner","persist"]"#, "drop", Dropped),
        (r#","flags":"own""#, "drop", Undecided),
        (r#","flags":"own""#, "accept", Accepted),
    ] {
        let chain = format!(r#""hook":"input","prio":0,"policy":"{policy}""#);
        let found = outcome_of(flags, &chain, &[], Hook::Services, &REQUEST);
        assert_eq!(found, wanted, "{flags} {policy}");
    }
}

/// The type of a chain counts, not the name of its table.
#[test]
fn tables_may_be_named_nat() {
    let text = r#"{"nftables":[{"table":{"family":"ip","name":"nat","handle":2}},
        {"chain":{"family":"ip","table":"nat","name":"INPUT","type":"nat","hook":"input","prio":100,"policy":"accept"}},
        {"chain":{"family":"ip","table":"nat","name":"i","type":"filter","hook":"input","prio":0,"policy":"drop"}}]}"#;
    let saved = "*nat\n:INPUT DROP [0:0]\nCOMMIT\n*filter\n:i DROP [0:0]\nCOMMIT\n";
    for program in ["iptables-nft", "iptables-legacy"] {
        let mut firewall = Firewall {
            rulesets: super::super::rulesets(program, Family::Inet, saved),
            unseen: Vec::new(),
        };
        firewall.add_tables_of_nft(rulesets(text).unwrap());
        let dropping = firewall.rulesets.iter().filter_map(|it| {
            let (outcome, chain) = it.outcome(Hook::Services, &REQUEST);
            (outcome == Outcome::Dropped).then_some((it.program, it.table.as_str(), chain))
        });
        let dropping: Vec<_> = dropping.collect();
        assert_eq!(dropping, [("nft", "nat", "i")]);
    }
}

/// What iptables-nft prints of its own tables is not said twice.
#[test]
fn chains_of_iptables_are_judged_once() {
    let text = r#"{"nftables":[{"table":{"family":"ip","name":"filter","handle":2}},
        {"chain":{"family":"ip","table":"filter","name":"INPUT","type":"filter","hook":"input","prio":0,"policy":"drop"}}]}"#;
    let saved = "*filter\n:INPUT DROP [0:0]\nCOMMIT\n";
    for (program, wanted) in [("iptables-nft", 1), ("iptables", 1), ("iptables-legacy", 2)] {
        let mut firewall = Firewall {
            rulesets: super::super::rulesets(program, Family::Inet, saved),
            unseen: Vec::new(),
        };
        firewall.add_tables_of_nft(rulesets(text).unwrap());
        assert_eq!(firewall.rulesets.len(), wanted, "{program}");
    }
}
