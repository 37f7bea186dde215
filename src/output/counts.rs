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

/// What connections are counted by, in the order of the rows.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Kind {
    pub protocol: String,
    pub service: Endpoint,
    pub destination: Endpoint,
    pub state: String,
}

impl Kind {
    /// The protocol by which the ports are named.
    fn port_names(&self) -> Option<Protocol> {
        self.protocol.parse().ok()
    }
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
        if let Some(last) = &self.last
            && last.protocol == protocol
            && last.service == virtual_
            && last.destination == destination
            && last.state == state
            && let Some(count) = self.counts.get_mut(last)
        {
            *count += 1;
            return;
        }
        let kind = Kind {
            protocol: protocol.to_owned(),
            service: virtual_,
            destination,
            state: state.to_owned(),
        };
        *self.counts.entry(kind.clone()).or_default() += 1;
        self.last = Some(kind);
    }

    /// What the resolver is asked for them.
    pub fn name_requests(&self) -> NameRequests {
        let mut requests = NameRequests::default();
        for kind in self.counts.keys() {
            requests.add(kind.port_names(), kind.service);
            requests.add(kind.port_names(), kind.destination);
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
        if fit {
            for kind in self.counts.keys() {
                for (width, endpoint) in widths.iter_mut().zip([kind.service, kind.destination]) {
                    row.clear();
                    names.push_endpoint(&mut row, kind.port_names(), endpoint);
                    *width = row.len().max(*width);
                }
            }
        }
        let [virtual_, real] = widths;
        out.write_all(b"IPVS connection counts\n")?;
        writeln!(
            out,
            "pro {:<virtual_$} {:<real$} state       connections",
            "virtual", "destination"
        )?;
        for (kind, count) in &self.counts {
            row.clear();
            push_column(&mut row, &kind.protocol, 3);
            for (endpoint, width) in [kind.service, kind.destination].into_iter().zip(widths) {
                row.push(b' ');
                let start = row.len();
                names.push_endpoint(&mut row, kind.port_names(), endpoint);
                pad(&mut row, start, width);
            }
            row.push(b' ');
            push_column(&mut row, &kind.state, 11);
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
        for (kind, count) in &self.counts {
            document.item(&json_count(kind, *count))?;
        }
        document.end()
    }
}
