//! The connections of `-L -c`, in columns.

use super::columns::{pad, push_column};
use super::numbers::push_minutes;
use crate::kernel::Connection;
use crate::model::Endpoint;
use crate::model::push_text::push_escaped;
use crate::model::render::EndpointText;
use crate::names::Names;
use std::io::{self, Write};

/// Where a name is cut.
const LONGEST_ENDPOINT: usize = 59;
/// The width of an endpoint's column in the heading.
pub(super) const ENDPOINT: usize = 18;

/// Writes connections in the columns of the listing, row by row: 1.31's bytes,
/// unless they are made to fit.
///
/// Every method returns the writer's error, if any.
#[derive(Debug)]
pub struct ConnectionWriter<'a, W> {
    out: W,
    names: &'a Names,
    engine: bool,
    /// The widths of the endpoints' columns. 1.31's rows are not as its heading.
    widths: [usize; 3],
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
            widths: [ENDPOINT, ENDPOINT, 16],
            row: Vec::with_capacity(256),
        }
    }

    /// Makes the columns wide enough for a connection. All that is listed has to fit
    /// before the heading is written.
    pub fn fit(&mut self, connection: &Connection<'_>) {
        for (width, endpoint) in self.widths.iter_mut().zip(connection.endpoints()) {
            self.row.clear();
            push_endpoint(&mut self.row, connection, endpoint, self.names);
            *width = self.row.len().max(*width).max(ENDPOINT);
        }
    }

    /// The lines over the columns.
    pub fn heading(&mut self) -> io::Result<()> {
        let [source, service, destination] = self.widths.map(|width| width.max(ENDPOINT));
        write!(
            self.out,
            "IPVS connection entries\npro expire state       {:<source$} {:<service$} ",
            "source", "virtual"
        )?;
        if self.engine {
            writeln!(
                self.out,
                "{:<destination$} pe name          pe_data",
                "destination"
            )
        } else {
            self.out.write_all(b"destination\n")
        }
    }

    /// A connection.
    pub fn connection(&mut self, connection: &Connection<'_>) -> io::Result<()> {
        self.row.clear();
        self.push_connection(connection);
        self.out.write_all(&self.row)
    }

    fn push_connection(&mut self, connection: &Connection<'_>) {
        let row = &mut self.row;
        push_column(row, connection.protocol, 3);
        row.push(b' ');
        let start = row.len();
        push_minutes(row, connection.expires);
        pad(row, start, 6);
        row.push(b' ');
        push_column(row, connection.state, 11);
        row.push(b' ');
        let data = match self.engine {
            true => connection.engine,
            false => None,
        };
        let [source, service, destination] = self.widths;
        // The last column is not padded.
        let widths = [
            source,
            service,
            if data.is_some() { destination } else { 0 },
        ];
        for (endpoint, width) in connection.endpoints().into_iter().zip(widths) {
            let start = row.len();
            push_endpoint(row, connection, endpoint, self.names);
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
}

fn push_endpoint(
    row: &mut Vec<u8>,
    connection: &Connection<'_>,
    endpoint: Endpoint,
    names: &Names,
) {
    let start = row.len();
    names.push_endpoint(row, connection.transport(), endpoint);
    row.truncate(start + LONGEST_ENDPOINT);
}

#[cfg(test)]
mod tests;
