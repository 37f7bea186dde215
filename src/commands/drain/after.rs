//! What is said when a drain ends before the server is out: how it stands, how to go on
//! and how to go back.

use super::left::Left;
use super::server::Server;
use crate::cli::{Drain, ServerChoice};
use std::collections::BTreeMap;
use std::net::IpAddr;

/// So many clients are named.
const CLIENTS: usize = 5;

/// What is left, such as `2 connections and 1 persistence template`.
pub fn left(servers: &[Server]) -> String {
    let mut sum = Left::default();
    for server in waiting(servers) {
        sum.connections += server.left.connections;
        sum.templates += server.left.templates;
    }
    let counted = |count: u64, what: &str| match count {
        1 => format!("1 {what}"),
        many => format!("{many} {what}s"),
    };
    let connections = counted(sum.connections, "connection");
    let templates = counted(sum.templates, "persistence template");
    match (sum.connections, sum.templates) {
        (_, 0) => connections,
        (0, _) => templates,
        _ => format!("{connections} and {templates}"),
    }
}

/// The clients that have most of what is left; `None` where none is known.
pub fn clients(servers: &[Server]) -> Option<String> {
    let mut sums: BTreeMap<IpAddr, u64> = BTreeMap::new();
    for server in waiting(servers) {
        server.listed.add_clients_to(&mut sums);
    }
    let mut sums: Vec<_> = sums.into_iter().collect();
    sums.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let named = sums.iter().take(CLIENTS);
    let named: Vec<_> = named
        .map(|(client, count)| format!("{client} ({count})"))
        .collect();
    match sums.len() {
        0 => None,
        1..=CLIENTS => Some(format!("of the clients {}", named.join(", "))),
        many => Some(format!("of {many} clients, most of {}", named.join(", "))),
    }
}

/// How those servers stand that are not done.
pub fn standing(servers: &[Server]) -> String {
    let weightless = |server: &&Server| server.status.destination.weight == 0;
    let mut waiting = waiting(servers).filter(weightless);
    match (waiting.next(), waiting.count()) {
        (None, _) => "no server is left at weight 0".to_owned(),
        (Some(server), 0) => format!("{} of {} has weight 0", server.endpoint(), server.key()),
        (Some(_), others) => format!("{} servers have weight 0", others + 1),
    }
}

/// The command lines that go on and back.
pub fn ways(drain: &Drain, netns: Option<&str>) -> [String; 2] {
    let rest = chosen(&drain.server, netns);
    let given = [
        (drain.keep, " --keep"),
        (drain.connections_only, " --connections-only"),
    ];
    let options = given.into_iter().filter(|(given, _)| *given);
    let options: String = options.map(|(_, option)| option).collect();
    [
        format!("to go on: ipvsadm --drain{rest}{options}"),
        format!("to go back: ipvsadm --undrain{rest}"),
    ]
}

fn chosen(choice: &ServerChoice, netns: Option<&str>) -> String {
    let service = choice
        .service
        .map_or(String::new(), |key| format!(" {key}"));
    let server = match (choice.port, choice.address) {
        (None, address) => address.to_string(),
        (Some(port), IpAddr::V4(address)) => format!("{address}:{port}"),
        (Some(port), IpAddr::V6(address)) => format!("[{address}]:{port}"),
    };
    let netns = netns.map_or(String::new(), |netns| format!(" --netns {netns}"));
    format!("{service} -r {server}{netns}")
}

fn waiting(servers: &[Server]) -> impl Iterator<Item = &Server> {
    servers.iter().filter(|server| server.end.is_none())
}
