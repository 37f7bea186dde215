use super::super::verdict::Outcome;
use super::super::verdict::tests::REQUEST;
use super::*;

/// What a table with this policy and these rules, each a list of expressions, does.
fn outcome(policy: &str, rules: &[&str]) -> Outcome {
    let rules: String = rules
        .iter()
        .map(|rule| {
            format!(",{{\"rule\":{{\"family\":\"inet\",\"table\":\"own\",\"chain\":\"in\",\"expr\":[{rule}]}}}}")
        })
        .collect();
    let text = format!(
        "{{\"nftables\":[{{\"metainfo\":{{}}}},{{\"table\":{{\"family\":\"inet\",\"name\":\"own\"}}}},\
         {{\"chain\":{{\"family\":\"inet\",\"table\":\"own\",\"name\":\"in\",\"type\":\"filter\",\"hook\":\"input\",\"policy\":\"{policy}\"}}}}{rules}]}}"
    );
    let rulesets = rulesets(&text).unwrap();
    let outcomes = rulesets
        .iter()
        .map(|it| it.outcome(Hook::Input, &REQUEST).0);
    outcomes
        .max_by_key(|it| *it == Outcome::Dropped || *it == Outcome::Undecided)
        .unwrap()
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
