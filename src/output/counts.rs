//! `-L -c --count`: how many connections there are, by service, server and state.

use super::columns::{pad, push_column};
use super::connection_list::ENDPOINT;
use super::json::{JsonList, json_count};
use crate::kernel::Connection;
use crate::model::push_text::push_decimal;
use crate::model::render::EndpointText;
use crate::model::{Endpoint, Protocol};
use crate::names::{NameRequests, Names};
use std::collections::BTreeMap;
use std::io::{self, Write};

/// What connections are counted by: protocol, service, server and state.
type Kind = (String, Endpoint, Endpoint, String);

/// The protocol by which the ports of connections are named.
fn port_names_of(word: &str) -> Option<Protocol> {
    word.parse().ok()
}

/// Connections counted by service, server and state, in ascending order.
#[derive(Debug, Default)]
pub struct ConnectionCounts {
    counts: BTreeMap<Kind, u64>,
    /// The kind of the last connection: they come in runs.
    last: Option<Kind>,
}

impl ConnectionCounts {
    /// Counts a connection.
    pub fn add(&mut self, connection: &Connection<'_>) {
        let Connection {
            protocol,
            virtual_,
            destination,
            state,
            ..
        } = *connection;
        let same = |kind: &&Kind| {
            kind.0 == protocol && kind.1 == virtual_ && kind.2 == destination && kind.3 == state
        };
        if let Some(count) = self
            .last
            .as_ref()
            .filter(same)
            .and_then(|kind| self.counts.get_mut(kind))
        {
            *count += 1;
            return;
        }
        let kind = (protocol.to_owned(), virtual_, destination, state.to_owned());
        *self.counts.entry(kind.clone()).or_default() += 1;
        self.last = Some(kind);
    }

    /// What the resolver is asked for them.
    pub fn name_requests(&self) -> NameRequests {
        let mut requests = NameRequests::default();
        for (protocol, service, destination, _) in self.counts.keys() {
            requests.add(port_names_of(protocol), *service);
            requests.add(port_names_of(protocol), *destination);
        }
        requests
    }

    /// Writes them as a table, whose columns are as wide as those of the connections,
    /// or as wide as they must be to `fit`.
    ///
    /// # Errors
    /// What the writer reports.
    pub fn write(
        &self,
        out: &mut (impl Write + ?Sized),
        names: &Names,
        fit: bool,
    ) -> io::Result<()> {
        let mut row = Vec::with_capacity(128);
        let mut widths = [ENDPOINT; 2];
        for (protocol, service, destination, _) in self.counts.keys().filter(|_| fit) {
            for (width, endpoint) in widths.iter_mut().zip([service, destination]) {
                row.clear();
                names.push_endpoint(&mut row, port_names_of(protocol), *endpoint);
                *width = row.len().max(*width);
            }
        }
        let [virtual_, real] = widths;
        out.write_all(b"IPVS connection counts\n")?;
        writeln!(
            out,
            "pro {:<virtual_$} {:<real$} state       connections",
            "virtual", "destination"
        )?;
        for ((protocol, service, destination, state), count) in &self.counts {
            row.clear();
            push_column(&mut row, protocol, 3);
            for (endpoint, width) in [service, destination].into_iter().zip(widths) {
                row.push(b' ');
                let start = row.len();
                names.push_endpoint(&mut row, port_names_of(protocol), *endpoint);
                pad(&mut row, start, width);
            }
            row.push(b' ');
            push_column(&mut row, state, 11);
            row.push(b' ');
            push_decimal(&mut row, *count);
            row.push(b'\n');
            out.write_all(&row)?;
        }
        Ok(())
    }

    /// Writes them as JSON.
    ///
    /// # Errors
    /// What the writer reports.
    pub fn write_json(&self, out: &mut (impl Write + ?Sized)) -> io::Result<()> {
        let mut document = JsonList::new(out, "counts")?;
        for ((protocol, service, destination, state), count) in &self.counts {
            document.item(&json_count(protocol, *service, *destination, state, *count))?;
        }
        document.end()
    }
}
