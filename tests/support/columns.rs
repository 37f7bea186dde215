//! JSON documents in theirs' columns: the numbers of one can be compared with the other's.

use super::rows;
use serde_json::Value;
use std::collections::BTreeMap;

type Columns = fn(&Value) -> String;

/// A listing of theirs: its options, the width of a service's label, and what follows in the rows of services and servers.
pub type Layout = (&'static str, usize, Columns, Columns);

pub const LAYOUTS: [Layout; 6] = [
    ("-L -n", 0, settings, |server| {
        format!(
            "{:<7} {:<6} {}",
            word(&server["forward"]),
            server["weight"].to_string(),
            in_use(server)
        )
    }),
    ("-L -n --tun-info", 0, settings, |server| {
        let (forward, tunnel) = (word(&server["forward"]), tunnel(server));
        format!(
            "{forward:<7} {tunnel:<13} {:<6} {}",
            server["weight"].to_string(),
            in_use(server)
        )
    }),
    ("-L -n --thresholds", 0, settings, |server| {
        let [upper, lower] =
            ["upper_threshold", "lower_threshold"].map(|name| server[name].as_u64().unwrap_or(0));
        format!("{upper:<10} {lower:<10} {}", in_use(server))
    }),
    ("-L -n --persistent-conn", 0, settings, |server| {
        let [weight, templates] =
            ["weight", "persistent_connections"].map(|name| server[name].to_string());
        format!("{weight:<9} {templates:<11} {}", in_use(server))
    }),
    ("-L -n --stats --exact", 33, counters, counters),
    ("-L -n --rate --exact", 33, rates, rates),
];

pub fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

pub fn word(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

pub fn endpoint(value: &Value) -> String {
    match (word(&value["address"]), &value["port"]) {
        (six, port) if six.contains(':') => format!("[{six}]:{port}"),
        (four, port) => format!("{four}:{port}"),
    }
}

/// A document's services as theirs lists them.
pub fn services(
    document: &Value,
    (_, label, service_columns, server_columns): Layout,
) -> Vec<String> {
    let mut text = String::new();
    for service in list(&document["services"]) {
        let key = match service["fwmark"].as_u64() {
            Some(mark) if service["family"] == "ipv6" => format!("FWM  {mark} IPv6"),
            Some(mark) => format!("FWM  {mark}"),
            None => format!("{:<4} {}", word(&service["protocol"]), endpoint(service)),
        };
        text += &format!("{key:<label$} {}\n", service_columns(service));
        for server in list(&service["servers"]) {
            text += &format!("  -> {:<28} {}\n", endpoint(server), server_columns(server));
        }
    }
    rows(&text)
}

fn settings(service: &Value) -> String {
    let mut text = word(&service["scheduler"]).to_string();
    let flags: Vec<_> = list(&service["flags"]).iter().map(word).collect();
    if !flags.is_empty() {
        text += &format!(" ({})", flags.join(","));
    }
    if let Some(persistent) = service.get("persistent") {
        text += &format!(" persistent {}", persistent["timeout"]);
        match &persistent["netmask"] {
            Value::String(mask) if mask != "255.255.255.255" => text += &format!(" mask {mask}"),
            Value::Number(length) if length.as_u64() != Some(128) => {
                text += &format!(" mask {length}")
            }
            _ => {}
        }
        if let Some(engine) = service["pe"].as_str() {
            text += &format!(" pe {engine}");
        }
    }
    text + if service["ops"] == true { " ops" } else { "" }
}

fn in_use(server: &Value) -> String {
    let [active, inactive] =
        ["active", "inactive"].map(|kind| server[format!("{kind}_connections")].to_string());
    format!("{active:<10} {inactive:<10}")
}

fn tunnel(server: &Value) -> String {
    let Some(tunnel) = server.get("tunnel") else {
        return "n/a".to_string();
    };
    let flags: Vec<_> = list(&tunnel["flags"]).iter().map(word).collect();
    let checksum = match flags[..] {
        [] => "-c",
        ["csum"] => "+c",
        ["remcsum"] => "r+c",
        _ => "?",
    };
    match word(&tunnel["type"]) {
        "gue" => format!("gue:{}:{checksum}", tunnel["port"]),
        "gre" => format!("gre:{checksum}"),
        other => other.to_string(),
    }
}

fn counters(row: &Value) -> String {
    let names = ["conns", "inpkts", "outpkts", "inbytes", "outbytes"];
    names
        .map(|name| format!("{:>8}", row["stats"][name].to_string()))
        .join(" ")
}

fn rates(row: &Value) -> String {
    let names = ["cps", "inpps", "outpps", "inbps", "outbps"];
    names
        .map(|name| format!("{:>8}", row["rates"][name].to_string()))
        .join(" ")
}

pub fn daemon(row: &Value) -> String {
    let plain = ["syncid", "maxlen"]
        .map(|name| format!("{name}={}", row[name]))
        .join(", ");
    format!(
        "{} sync daemon (mcast={}, {plain}, group={}, port={}, ttl={})\n",
        word(&row["state"]),
        word(&row["mcast"]),
        word(&row["group"]),
        row["port"],
        row["ttl"]
    )
}

/// A connection without its expiry, and that in seconds.
pub type Connection = (String, u64);

pub fn connections(document: &Value) -> Vec<Connection> {
    let row = |row: &Value| {
        let ends = ["source", "virtual", "destination"].map(|end| endpoint(&row[end]));
        let text = format!(
            "{} {} {}",
            word(&row["protocol"]),
            word(&row["state"]),
            ends.join(" ")
        );
        (text, row["expires"].as_u64().expect("seconds"))
    };
    list(&document["connections"]).iter().map(row).collect()
}

/// The same of the text of -Lnc.
pub fn listed_connections(text: &str) -> Vec<Connection> {
    let row = |row: &str| {
        let cells: Vec<_> = row.split_whitespace().collect();
        let (minutes, seconds) = cells[1].split_once(':').expect("MM:SS");
        let [minutes, seconds] =
            [minutes, seconds].map(|text| text.parse::<u64>().expect("a number"));
        (
            format!("{} {}", cells[0], cells[2..].join(" ")),
            minutes * 60 + seconds,
        )
    };
    text.lines().skip(2).map(row).collect()
}

/// Two listings of the same connections, read within so many seconds, in any order.
#[track_caller]
pub fn same_connections(mut ours: Vec<Connection>, mut theirs: Vec<Connection>, within: u64) {
    assert_eq!(ours.len(), theirs.len());
    ours.sort();
    theirs.sort();
    for (ours, theirs) in ours.iter().zip(&theirs) {
        assert!(
            ours.0 == theirs.0 && ours.1.abs_diff(theirs.1) <= within,
            "{ours:?}, theirs {theirs:?}"
        );
    }
}

/// Protocol, service, server and state, and how many connections are alike in them.
pub type Counts = BTreeMap<[String; 4], u64>;

pub fn count(rows: &[Connection]) -> Counts {
    let mut counts = Counts::new();
    for (row, _) in rows {
        let cells: Vec<_> = row.split(' ').map(str::to_string).collect();
        let kind = [0, 3, 4, 1].map(|index| cells[index].clone());
        *counts.entry(kind).or_default() += 1;
    }
    counts
}

pub fn counted(text: &str) -> Counts {
    let row = |row: &str| {
        let cells: Vec<_> = row.split_whitespace().map(str::to_string).collect();
        assert_eq!(cells.len(), 5, "{row}");
        (
            [0, 1, 2, 3].map(|index| cells[index].clone()),
            cells[4].parse().expect("a number"),
        )
    };
    text.lines().skip(2).map(row).collect()
}

/// The counts of a document.
pub fn counts(document: &Value) -> Counts {
    let row = |row: &Value| {
        let [service, server] = ["virtual", "destination"].map(|end| endpoint(&row[end]));
        let [protocol, state] = ["protocol", "state"].map(|name| word(&row[name]).to_string());
        let connections = row["connections"].as_u64().expect("a number");
        ([protocol, service, server, state], connections)
    };
    list(&document["counts"]).iter().map(row).collect()
}
