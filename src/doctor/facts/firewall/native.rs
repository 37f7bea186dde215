//! nftables' own rules: whether some may drop packets. What they do to a packet is not
//! decided here.

use serde_json::Value;

/// The tables that `iptables-nft-save` prints.
const PRINTED: [&str; 5] = ["filter", "nat", "mangle", "raw", "security"];

/// Says which chains may drop packets for services or their answers; `None` where the
/// text is not nftables'.
pub fn filters(text: &str) -> Option<Option<String>> {
    let document: Value = serde_json::from_str(text).ok()?;
    let items = document.get("nftables")?.as_array()?;
    let dropping: Vec<&str> = items.iter().filter_map(dropping_rule).collect();
    let chains: Vec<String> = items
        .iter()
        .filter_map(|item| item.get("chain"))
        .filter_map(|chain| {
            let word = |name| chain.get(name).and_then(Value::as_str);
            let (table, hook) = (word("table")?, word("hook")?);
            let printed = matches!(word("family")?, "ip" | "ip6") && PRINTED.contains(&table);
            let drops = word("policy") == Some("drop") || dropping.contains(&table);
            let filters = matches!(hook, "prerouting" | "input" | "forward" | "output");
            (filters && drops && !printed)
                .then(|| format!("{table} {}", word("name").unwrap_or("?")))
        })
        .collect();
    let what = "what these chains of nftables do to the services was not decided";
    Some((!chains.is_empty()).then(|| format!("{what}: {}", chains.join(", "))))
}

/// The table of a rule that drops or rejects.
fn dropping_rule(item: &Value) -> Option<&str> {
    let rule = item.get("rule")?;
    let drops = rule.get("expr")?.as_array()?.iter().any(|expression| {
        expression.get("drop").is_some()
            || expression.get("reject").is_some()
            || expression.to_string().contains("\"drop\"")
    });
    drops.then(|| rule.get("table").and_then(Value::as_str))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chains_that_may_drop_are_named() {
        let document = |policy: &str, rule: &str| {
            format!(
                "{{\"nftables\":[{{\"metainfo\":{{}}}},{{\"chain\":{{\"family\":\"inet\",\"table\":\"fw\",\
                 \"name\":\"in\",\"hook\":\"input\",\"policy\":\"{policy}\"}}}},{rule}]}}"
            )
        };
        let accepts = "{\"rule\":{\"table\":\"fw\",\"expr\":[{\"accept\":null}]}}";
        let drops = "{\"rule\":{\"table\":\"fw\",\"expr\":[{\"drop\":null}]}}";
        assert_eq!(filters(&document("accept", accepts)), Some(None));
        for text in [document("drop", accepts), document("accept", drops)] {
            let said = filters(&text).unwrap().unwrap();
            assert!(said.ends_with(": fw in"), "{said}");
        }
        assert_eq!(filters("x"), None);
    }
}
