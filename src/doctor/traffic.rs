//! What the connections tell: who waits in vain for an answer, and who is still sent to
//! a server that is none any more.

use super::scene::Served;
use crate::kernel::{Connection, ConnectionLine, Kernel};
use crate::model::{Endpoint, Protocol, ServiceKey};
use crate::text::without_error_number;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::net::IpAddr;

/// How many connections are read: a busy director has millions.
const MOST: usize = 300_000;
/// How long a connection is kept whose server has not answered, in seconds.
const SYN_TIMEOUT: u32 = 60;
/// After so many seconds an answer is not just late.
const PATIENCE: u32 = 3;

/// What was seen of the connections.
#[derive(Debug, Default)]
pub struct Traffic {
    /// The clients of each service's server that wait for its first answer.
    pub waiting: HashMap<(ServiceKey, Endpoint), Vec<IpAddr>>,
    /// The servers of services that have answered somebody who is still there. The
    /// kernel adds the counters up every two seconds: they may not say so yet.
    pub answering: HashSet<(ServiceKey, Endpoint)>,
    /// Who the connections of each service come from.
    pub callers: HashMap<ServiceKey, Callers>,
    /// How many connections each service has to servers that it does not have.
    pub lost: BTreeMap<ServiceKey, usize>,
    /// How many were read, of all services and of persistence.
    pub connections: usize,
    /// Whether there are more connections than were read.
    pub cut: bool,
}

/// Who the connections of a service come from.
#[derive(Debug, Clone, Copy)]
pub struct Callers {
    /// The client of the first one.
    pub first: IpAddr,
    /// Whether there are others.
    pub several: bool,
    /// How many connections there are.
    pub connections: usize,
}

impl Traffic {
    /// Reads the connections of these services.
    pub fn read(kernel: &Kernel, services: &[Served]) -> Result<Self, String> {
        let said = |error: &dyn std::fmt::Display| without_error_number(&error.to_string());
        let mut traffic = Traffic::default();
        if services.is_empty() {
            return Ok(traffic);
        }
        let servers: HashMap<ServiceKey, HashSet<Endpoint>> = services
            .iter()
            .map(|served| {
                let endpoints = served.servers.iter().map(|it| it.destination.endpoint);
                (served.key(), endpoints.collect())
            })
            .collect();
        let mut connections = kernel.connections().map_err(|error| said(&error))?;
        for _ in 0..MOST {
            match connections.next_entry().map_err(|error| said(&error))? {
                ConnectionLine::Connection(connection) => {
                    traffic.connections += 1;
                    traffic.add(&connection, &servers);
                }
                ConnectionLine::Unreadable => {}
                ConnectionLine::End => return Ok(traffic),
            }
        }
        traffic.cut = true;
        Ok(traffic)
    }

    fn add(
        &mut self,
        connection: &Connection<'_>,
        servers: &HashMap<ServiceKey, HashSet<Endpoint>>,
    ) {
        // A template of persistence is no connection.
        if connection.client.port == 0 {
            return;
        }
        let Some(protocol) = connection.transport() else {
            return;
        };
        let Endpoint { address, port } = connection.virtual_;
        let keys = [port, 0].map(|port| ServiceKey::of(protocol, Endpoint::new(address, port)));
        let Some((key, there)) = keys.iter().find_map(|key| servers.get_key_value(key)) else {
            return;
        };
        let client = connection.client.address;
        let callers = self.callers.entry(*key).or_insert(Callers {
            first: client,
            several: false,
            connections: 0,
        });
        callers.several |= callers.first != client;
        callers.connections += 1;
        if connection.state == "SYN_RECV" && connection.expires + PATIENCE <= SYN_TIMEOUT {
            let waiting = self.waiting.entry((*key, connection.destination));
            waiting.or_default().push(client);
        }
        if connection.state == "ESTABLISHED" {
            self.answering.insert((*key, connection.destination));
        }
        let goes_on = protocol == Protocol::UDP || connection.state == "ESTABLISHED";
        if goes_on && !there.contains(&connection.destination) {
            *self.lost.entry(*key).or_default() += 1;
        }
    }
}
