//! The connections of `-L -c`, in columns.

use super::columns::{pad, push_column};
use super::numbers::push_minutes;
use crate::kernel::proc::connections::Connection;
use crate::model::render::EndpointText;
use crate::model::text::push_escaped;
use crate::names::Names;
use std::io::{self, Write};

/// Where a name is cut.
const LONGEST_ENDPOINT: usize = 59;

/// Writes connections in the columns of the listing, row by row.
///
/// Every method returns the writer's error, if any.
#[derive(Debug)]
pub struct ConnectionWriter<'a, W> {
    out: W,
    names: &'a Names,
    engine: bool,
    row: Vec<u8>,
}

#[allow(clippy::missing_errors_doc)] // The type says it once for all.
impl<'a, W: Write> ConnectionWriter<'a, W> {
    /// A listing on `out`, which should buffer; `engine` adds the persistence
    /// engine's columns.
    pub fn new(out: W, names: &'a Names, engine: bool) -> Self {
        ConnectionWriter {
            out,
            names,
            engine,
            row: Vec::with_capacity(256),
        }
    }

    /// The lines over the columns.
    pub fn heading(&mut self) -> io::Result<()> {
        self.out.write_all(heading(self.engine).as_bytes())
    }

    /// A connection.
    pub fn connection(&mut self, connection: &Connection<'_>) -> io::Result<()> {
        self.row.clear();
        push_connection(&mut self.row, connection, self.names, self.engine);
        self.out.write_all(&self.row)
    }
}

fn heading(engine: bool) -> &'static str {
    if engine {
        "IPVS connection entries\npro expire state       source             virtual            \
         destination        pe name          pe_data\n"
    } else {
        "IPVS connection entries\npro expire state       source             virtual            \
         destination\n"
    }
}

fn push_connection(row: &mut Vec<u8>, connection: &Connection, names: &Names, engine: bool) {
    push_column(row, connection.protocol, 3);
    row.push(b' ');
    let start = row.len();
    push_minutes(row, connection.expires);
    pad(row, start, 6);
    row.push(b' ');
    push_column(row, connection.state, 11);
    row.push(b' ');
    let data = connection.engine.filter(|_| engine);
    for (endpoint, width) in [
        (connection.client, 18),
        (connection.virtual_, 18),
        (connection.destination, if data.is_some() { 16 } else { 0 }),
    ] {
        let start = row.len();
        names.push_endpoint(row, connection.transport(), endpoint);
        row.truncate(start + LONGEST_ENDPOINT);
        pad(row, start, width);
        row.push(b' ');
    }
    match data {
        Some((name, data)) => {
            push_column(row, name, 18);
            row.push(b' ');
            // A column has no blanks.
            let first = data.split(u8::is_ascii_whitespace).next();
            push_escaped(row, first.unwrap_or_default());
        }
        None => drop(row.pop()),
    }
    row.push(b'\n');
}

#[cfg(test)]
mod tests;
