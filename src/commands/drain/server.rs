//! The servers that are drained, as the kernel has them.

use super::left::{Left, Listed};
use crate::ExitStatus;
use crate::cli::ServerChoice;
use crate::commands::{Failure, refusal_hint};
use crate::kernel::{ConnectionLine, Error, Kernel, Refusal, RefusalKind};
use crate::model::{Change, Destination, DestinationStatus, Endpoint, Service, ServiceKey};
use crate::table::{Owners, read_destinations};
use anyhow::anyhow;
use std::time::{Duration, Instant};

/// A server of a service.
pub struct Server {
    /// Its service, as it was in the beginning.
    pub service: Service,
    /// As it was before it was drained.
    pub before: Destination,
    /// As it was read last.
    pub status: DestinationStatus,
    /// What was listed of it last.
    pub listed: Listed,
    /// When the last of what was listed ends, unless it goes on.
    pub ends: Option<Instant>,
    /// What is left of it.
    pub left: Left,
    /// How its drain has ended.
    pub end: Option<End>,
}

/// How a drain has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The server was deleted.
    Deleted,
    /// It stays, at weight 0.
    Kept,
    /// Somebody else has deleted it, or its service.
    Gone,
}

impl Server {
    pub fn new(service: Service, status: DestinationStatus) -> Self {
        Server {
            service,
            before: status.destination,
            status,
            listed: Listed::default(),
            ends: None,
            left: Left::default(),
            end: None,
        }
    }

    pub fn key(&self) -> ServiceKey {
        self.service.key
    }

    pub fn endpoint(&self) -> Endpoint {
        self.status.destination.endpoint
    }

    /// The server as it was read last, with another weight.
    pub fn with_weight(&self, weight: i32) -> Destination {
        Destination {
            weight,
            ..self.status.destination
        }
    }

    /// Sets the weight.
    pub fn edit(&self, weight: i32) -> Change {
        Change::EditDestination(self.key(), self.with_weight(weight))
    }

    pub fn delete(&self) -> Change {
        Change::DeleteDestination(self.key(), self.endpoint())
    }
}

/// What is left of the servers whose drain has not ended.
pub fn left(servers: &[Server]) -> Left {
    let mut sum = Left::default();
    for server in servers.iter().filter(|server| server.end.is_none()) {
        sum.connections += server.left.connections;
        sum.templates += server.left.templates;
    }
    sum
}

/// Whether the server, or its service, is not there.
pub fn is_absent(refusal: &Refusal) -> bool {
    matches!(
        refusal.kind(),
        RefusalKind::NoSuchService | RefusalKind::NoSuchDestination
    )
}

/// The chosen servers of the table, in ascending order: none, one or many.
pub fn chosen(kernel: &mut Kernel, choice: &ServerChoice) -> Result<Vec<Server>, Error> {
    let mut services = match choice.service {
        None => kernel.services()?,
        Some(key) => match kernel.service(&key) {
            Err(Error::Refused(refusal)) if refusal.kind() == RefusalKind::NoSuchService => vec![],
            other => vec![other?],
        },
    };
    services.sort_unstable_by_key(|status| status.service.key);
    let mut servers = Vec::new();
    for status in services {
        let service = status.service;
        let mut rows = kernel.destinations(&service.key)?;
        rows.retain(|row| choice.contains(&service.key, &row.destination.endpoint));
        rows.sort_unstable_by_key(|row| row.destination.endpoint);
        servers.extend(rows.into_iter().map(|row| Server::new(service, row)));
    }
    Ok(servers)
}

/// Says what `-d` says where there is no such service or server.
pub fn no_server(kernel: &mut Kernel, choice: &ServerChoice) -> Failure {
    let Some(key) = choice.service else {
        let port = choice
            .port
            .map_or(String::new(), |port| format!(" with the port {port}"));
        let error = anyhow!("No such destination");
        return Failure::new(ExitStatus::Refused, error).with_help(format!(
            "no service has the server {}{port}",
            choice.address
        ));
    };
    let endpoint = Endpoint::new(choice.address, choice.port.unwrap_or_default());
    let change = Change::DeleteDestination(key, endpoint);
    let kind = match kernel.service(&key) {
        Ok(_) => RefusalKind::NoSuchDestination,
        Err(Error::Refused(refusal)) => refusal.kind(),
        Err(error) => return Failure::listing(error),
    };
    let refusal = Refusal::of(&change, kind);
    let help = refusal_hint::hint(kernel, &change, &refusal);
    Failure::change(refusal.into()).with_lines(help)
}

/// Reads the counters of the servers whose drain has not ended, by two system calls a
/// service. The drain of a server that is not in the table any more has ended.
pub fn read_counters(kernel: &mut Kernel, servers: &mut [Server]) -> Result<(), Error> {
    let mut rows = Vec::new();
    let mut read = None;
    for server in servers.iter_mut().filter(|server| server.end.is_none()) {
        if read.replace(server.key()) != Some(server.key()) {
            read_destinations(kernel, &server.key(), &mut rows)?;
        }
        let endpoint = server.endpoint();
        match rows.iter().find(|row| row.destination.endpoint == endpoint) {
            Some(row) => server.status = *row,
            None => server.end = Some(End::Gone),
        }
    }
    Ok(())
}

/// Reads the list of connections, for the servers whose drain has not ended.
pub fn read_connections(
    kernel: &mut Kernel,
    servers: &mut [Server],
    templates_count: bool,
) -> Result<(), Error> {
    let mut owners = Owners::default();
    for (number, server) in servers.iter_mut().enumerate() {
        server.listed = Listed::default();
        if server.end.is_none() {
            owners.add_server(&server.key(), server.endpoint(), number);
        }
    }
    if owners.needs_all_services() {
        for status in kernel.services()? {
            owners.add_service(&status.service.key);
        }
    }
    let mut connections = kernel.connections()?;
    loop {
        match connections.next_entry().map_err(Error::connections)? {
            ConnectionLine::Connection(connection) => {
                let owner = owners
                    .owner(&connection)
                    .and_then(|number| servers.get_mut(number));
                if let Some(server) = owner {
                    server.listed.add(&connection, templates_count);
                }
            }
            ConnectionLine::Unreadable => {}
            ConnectionLine::End => break,
        }
    }
    let now = Instant::now();
    for server in servers {
        let last = server.listed.last;
        server.ends = last.map(|seconds| now + Duration::from_secs(seconds.into()));
    }
    Ok(())
}
