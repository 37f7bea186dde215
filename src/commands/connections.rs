//! `-L -c`: the connections, each or counted.

mod stale;

use super::names::resolve;
use super::{Failure, complain, terminal};
use crate::cli::{Connections as Wanted, List};
use crate::kernel::proc::connections_text::PATH;
use crate::kernel::{Connection, ConnectionLine, Connections, Error, Kernel};
use crate::names::{NameRequests, Names};
use crate::output::{ConnectionCounts, ConnectionWriter, JsonList, json_connection};
use crate::text::counted;
use stale::Stale;
use std::fs::File;
use std::io::{self, BufReader, Write};

/// Writes the connections that are wanted.
pub fn list(
    kernel: &mut Kernel,
    list: &List,
    wanted: &Wanted,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let stale = match wanted.stale {
        true => Some(Stale::read(kernel).map_err(Failure::listing)?),
        false => None,
    };
    let wanted = &Filter { wanted, stale };
    if wanted.wanted.count {
        return count(kernel, list, wanted, out);
    }
    let names = match list.numeric || list.json {
        true => Names::numeric(),
        false => names(kernel, list, wanted)?,
    };
    // Opened before a heading is written: without the file there is none.
    let source = open(kernel)?;
    if list.json {
        let mut document = JsonList::new(&mut *out, "connections")?;
        let lost = for_each(source, wanted, |connection| {
            document.item(&json_connection(connection))
        })?;
        complain_of(lost);
        return Ok(document.end()?);
    }
    let mut writer = ConnectionWriter::new(&mut *out, &names, wanted.wanted.engine_data);
    if terminal::attached() {
        for_each(open(kernel)?, wanted, |connection| {
            writer.fit(connection);
            Ok(())
        })?;
    }
    writer.heading()?;
    let lost = for_each(source, wanted, |connection| writer.connection(connection))?;
    complain_of(lost);
    Ok(())
}

fn count(
    kernel: &Kernel,
    list: &List,
    wanted: &Filter<'_>,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let mut counts = ConnectionCounts::default();
    let lost = for_each(open(kernel)?, wanted, |connection| {
        counts.add(connection);
        Ok(())
    })?;
    complain_of(lost);
    if list.json {
        return Ok(counts.write_json(out)?);
    }
    let names = match list.numeric {
        true => Names::numeric(),
        false => resolve(&counts.name_requests(), list.resolve_timeout),
    };
    Ok(counts.write(out, &names, terminal::attached())?)
}

/// The names of all ends of the connections: a first reading asks, the second
/// prints.
fn names(kernel: &Kernel, list: &List, wanted: &Filter<'_>) -> Result<Names, Failure> {
    let mut requests = NameRequests::default();
    for_each(open(kernel)?, wanted, |connection| {
        for endpoint in connection.endpoints() {
            requests.add(connection.transport(), endpoint);
        }
        Ok(())
    })?;
    Ok(resolve(&requests, list.resolve_timeout))
}

fn open(kernel: &Kernel) -> Result<Connections<BufReader<File>>, Failure> {
    kernel.connections().map_err(Failure::listing)
}

/// Hands each connection that is wanted to `each`, and returns how many lines could
/// not be read.
fn for_each(
    mut connections: Connections<BufReader<File>>,
    wanted: &Filter<'_>,
    mut each: impl FnMut(&Connection<'_>) -> io::Result<()>,
) -> Result<u64, Failure> {
    let mut lost = 0_u64;
    loop {
        let entry = connections.next_entry();
        match entry.map_err(|error| Failure::listing(Error::connections(error)))? {
            ConnectionLine::Connection(connection) if wanted.contains(&connection) => {
                each(&connection)?
            }
            ConnectionLine::Connection(_) => {}
            ConnectionLine::Unreadable => lost += 1,
            ConnectionLine::End => return Ok(lost),
        }
    }
}

fn complain_of(lost: u64) {
    if lost > 0 {
        let lines = counted(lost, "line");
        complain(&format!("{lines} of {PATH} could not be read"));
    }
}

/// Which connections are wanted.
struct Filter<'a> {
    wanted: &'a Wanted,
    /// The servers, where only connections are wanted whose server takes no more.
    stale: Option<Stale>,
}

impl Filter<'_> {
    fn contains(&self, connection: &Connection<'_>) -> bool {
        is_wanted(self.wanted, connection)
            && (self.stale.as_ref()).is_none_or(|stale| stale.contains(connection))
    }
}

fn is_wanted(wanted: &Wanted, connection: &Connection<'_>) -> bool {
    let service = wanted.service.is_none_or(|(protocol, endpoint)| {
        connection.transport() == Some(protocol)
            && connection.virtual_.address == endpoint.address
            && (endpoint.port == 0 || connection.virtual_.port == endpoint.port)
    });
    let server = wanted.server.is_none_or(|(address, port)| {
        connection.destination.address == address
            && port.is_none_or(|port| port == 0 || connection.destination.port == port)
    });
    let client = wanted
        .client
        .is_none_or(|client| client.contains(connection.client.address));
    service && server && client
}
