//! What is said when a drain ends before the server is out: how it stands, how to go on
//! and how to go back.

use super::records::{elsewhere, way_back};
use super::server::{self, End, Server};
use super::wait::Outcome;
use crate::ExitStatus;
use crate::cli::{Drain, ServerChoice};
use crate::commands::Failure;
use crate::model::Endpoint;
use crate::text::quote_words;
use anyhow::anyhow;
use nix::sys::signal::Signal;
use std::collections::BTreeMap;
use std::net::IpAddr;

/// So many clients are named.
const CLIENTS: usize = 5;

/// Why the servers are not out.
pub fn failure(
    outcome: Outcome,
    caught: Option<Signal>,
    servers: &[Server],
    drain: &Drain,
) -> Failure {
    let refused = |error| Failure::new(ExitStatus::Refused, error);
    match (outcome, caught) {
        (Outcome::Weight(number), _) => match servers.get(number) {
            Some(server) => refused(strangers_weight(server)),
            None => refused(anyhow!("another program has set the weight")),
        },
        (Outcome::Signal, Some(signal)) => refused(anyhow!("stopped by {signal}")),
        (Outcome::Signal, None) => refused(anyhow!("stopped by a signal")),
        (Outcome::Over | Outcome::Done, _) => {
            let wait = drain.wait.unwrap_or_default();
            let left = server::left(servers);
            let clients = clients(servers);
            let error = anyhow!("the wait of {wait} s is over: {left} left{clients}");
            Failure::new(ExitStatus::Differs, error)
        }
    }
}

/// Says that somebody else is at work.
fn strangers_weight(server: &Server) -> anyhow::Error {
    let weight = server.status.destination.weight;
    anyhow!(
        "{} of {} has weight {weight} again: another program, such as a health checker, has set it",
        server.endpoint(),
        server.key()
    )
}

/// Adds how it stands, how to go on and how to go back, which `--undrain` knows where the
/// servers are noted.
pub fn with_ways(
    failure: Failure,
    servers: &[Server],
    drain: &Drain,
    netns: Option<&str>,
    are_noted: bool,
) -> Failure {
    let [on, back] = ways(drain, netns);
    let failure = failure.with_help(standing(servers)).with_help(on);
    if are_noted {
        return failure.with_help(back);
    }
    let changed = servers
        .iter()
        .filter(|server| server.end != Some(End::Gone));
    failure.with_lines(changed.map(|server| format!("to go back: {}", way_back(server, netns))))
}

/// The clients that have most of what is left; empty where none is known.
fn clients(servers: &[Server]) -> String {
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
        0 => String::new(),
        1..=CLIENTS => format!(", of the clients {}", named.join(", ")),
        many => format!(", of {many} clients, most of {}", named.join(", ")),
    }
}

/// What was done to the servers, and stays so.
fn standing(servers: &[Server]) -> String {
    let weightless = |server: &&Server| server.status.destination.weight == 0;
    let there = |server: &&Server| matches!(server.end, None | Some(End::Kept));
    let mut there = servers.iter().filter(there).filter(weightless);
    let weights = match (there.next(), there.count()) {
        (None, _) => "no server is left at weight 0".to_owned(),
        (Some(server), 0) => format!("{} of {} has weight 0", server.endpoint(), server.key()),
        (Some(_), others) => format!("{} servers have weight 0", others + 1),
    };
    let deleted = |server: &&Server| server.end == Some(End::Deleted);
    match servers.iter().filter(deleted).count() {
        0 => weights,
        1 => format!("{weights}, 1 was deleted"),
        many => format!("{weights}, {many} were deleted"),
    }
}

/// The command lines that go on and back.
fn ways(drain: &Drain, netns: Option<&str>) -> [String; 2] {
    let rest = chosen(&drain.server, netns);
    let mut options = String::new();
    if drain.keep {
        options += " --keep";
    }
    if drain.connections_only {
        options += " --connections-only";
    }
    [
        format!("to go on: ipvsadm --drain {rest}{options}"),
        format!("to go back: ipvsadm --undrain {rest}"),
    ]
}

fn chosen(choice: &ServerChoice, netns: Option<&str>) -> String {
    let server = match choice.port {
        Some(port) => Endpoint::new(choice.address, port).to_string(),
        None => choice.address.to_string(),
    };
    let words = match choice.service {
        Some(key) => format!("{key} -r {server}"),
        None => format!("-r {server}"),
    };
    quote_words(&words) + &elsewhere(netns)
}

fn waiting(servers: &[Server]) -> impl Iterator<Item = &Server> {
    servers.iter().filter(|server| server.end.is_none())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Connection;
    use crate::model::{Destination, DestinationStatus, Service};

    /// A server with so many connections of each of the clients 11.0.0.1, 11.0.0.2, …
    fn server(counts: &[u64]) -> Server {
        let service = Service::new("-t 10.0.0.1:80".parse().unwrap());
        let mut destination = Destination::new("10.0.0.2:80".parse().unwrap());
        destination.weight = 0;
        let mut server = Server::new(service, DestinationStatus::idle(destination));
        for (number, count) in (1..).zip(counts) {
            let line =
                format!("TCP 0B0000{number:02X} 0009 0A000001 0050 0A000002 0050 FIN_WAIT 9");
            let connection = Connection::parse(line.as_bytes()).unwrap();
            (0..*count).for_each(|_| server.listed.add(&connection, true));
        }
        server
    }

    #[test]
    fn the_clients_with_most_are_named() {
        assert_eq!(clients(&[server(&[])]), "");
        assert_eq!(
            clients(&[server(&[1, 3]), server(&[0, 2])]),
            ", of the clients 11.0.0.2 (5), 11.0.0.1 (1)"
        );
        assert_eq!(
            clients(&[server(&[1, 9, 2, 8, 3, 7])]),
            ", of 6 clients, most of 11.0.0.2 (9), 11.0.0.4 (8), 11.0.0.6 (7), 11.0.0.5 (3), 11.0.0.3 (2)"
        );
    }

    #[test]
    fn the_ways_are_command_lines() {
        let drain = Drain {
            server: ServerChoice {
                service: "-f 7 -6".parse().ok(),
                address: "fd00::2".parse().unwrap(),
                port: Some(0),
            },
            wait: Some(5),
            keep: true,
            force: crate::cli::Force::No,
            connections_only: true,
            dry_run: false,
            json: false,
        };
        let [on, back] = ways(&drain, Some("blue"));
        let rest = "-f 7 -6 -r '[fd00::2]:0' --netns blue";
        assert_eq!(
            on,
            format!("to go on: ipvsadm --drain {rest} --keep --connections-only")
        );
        assert_eq!(back, format!("to go back: ipvsadm --undrain {rest}"));
    }

    #[test]
    fn what_was_done_is_told() {
        let two = [server(&[]), server(&[])];
        assert_eq!(standing(&two), "2 servers have weight 0");
        let mut three = [server(&[]), server(&[]), server(&[])];
        three[0].end = Some(End::Deleted);
        three[1].status.destination.weight = 5;
        assert_eq!(
            standing(&three),
            "10.0.0.2:80 of -t 10.0.0.1:80 has weight 0, 1 was deleted"
        );
    }
}
