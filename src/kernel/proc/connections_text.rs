//! The connections, streamed from `/proc/net/ip_vs_conn`.
//!
//! A line of that file is `TCP 0A000001 E877 0A000064 0050 0A000002 0050
//! ESTABLISHED     899`: protocol, then the client's, the virtual and the
//! destination's address and port, state and seconds. IPv6 addresses are text.
//! A persistence engine's name and data may follow.

use super::fields::{address, decimal, field, port, word};
use crate::model::{Endpoint, Protocol};
use std::io::{self, BufRead, Read};

/// The file. Only the network namespace of the thread that opens it counts.
pub(crate) const PATH: &str = "/proc/thread-self/net/ip_vs_conn";
/// The longest line that is looked at. The kernel's are below 512 bytes.
const LONGEST_LINE: u64 = 4096;

/// One line of the kernel's connection table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Connection<'a> {
    /// The kernel's word: `TCP`, `UDP`, `SCTP`, or `IP` for a fwmark's template.
    pub protocol: &'a str,
    /// Where it comes from. A persistence template's port is 0, its address masked.
    pub client: Endpoint,
    /// The virtual service; for a fwmark's template the mark, as an address.
    pub virtual_: Endpoint,
    /// The server it was given to.
    pub destination: Endpoint,
    /// Its state: `ESTABLISHED`, `NONE`, …
    pub state: &'a str,
    /// Seconds until it is forgotten; 0 when it is about to be.
    pub expires: u32,
    /// The persistence engine's name and its data, bytes of the client's choice
    /// but for blanks around them and the end of the line.
    pub engine: Option<(&'a str, &'a [u8])>,
}

impl<'a> Connection<'a> {
    /// Reads a line; `None` where a field is missing or makes no sense.
    pub fn parse(line: &'a [u8]) -> Option<Self> {
        let mut rest = line;
        let mut next = || {
            let (field, after) = field(rest)?;
            rest = after;
            Some(field)
        };
        let protocol = word(next()?)?;
        let mut endpoint = || Some(Endpoint::new(address(next()?)?, port(next()?)?));
        let (client, virtual_, destination) = (endpoint()?, endpoint()?, endpoint()?);
        let state = word(next()?)?;
        let expires = seconds(next()?)?;
        let engine = match (next(), rest.trim_ascii()) {
            (None, _) | (_, []) => None,
            (Some(name), data) => Some((word(name)?, data)),
        };
        Some(Connection {
            protocol,
            client,
            virtual_,
            destination,
            state,
            expires,
            engine,
        })
    }

    /// The protocol that names the ports; `None` for one without names.
    pub fn transport(&self) -> Option<Protocol> {
        self.protocol.parse().ok()
    }

    /// The client, the virtual service and the destination.
    pub fn endpoints(&self) -> [Endpoint; 3] {
        [self.client, self.virtual_, self.destination]
    }
}

/// A timer that is overdue is a negative number of ticks, which the kernel
/// prints as a huge one of seconds: that is 0.
fn seconds(field: &[u8]) -> Option<u32> {
    decimal(field).map(|seconds| u32::try_from(seconds).unwrap_or(0))
}

/// What a line turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConnectionLine<'a> {
    /// A connection.
    Connection(Connection<'a>),
    /// A line that is not understood.
    Unreadable,
    /// There are no more.
    End,
}

/// Reads connections line by line, in constant memory.
#[derive(Debug)]
pub struct Connections<R> {
    reader: R,
    line: Vec<u8>,
}

impl<R: BufRead> Connections<R> {
    /// Takes the file's heading off.
    ///
    /// # Errors
    /// What the reader reports; `InvalidData` when there is not even a heading.
    pub fn new(mut reader: R) -> io::Result<Self> {
        let mut line = Vec::with_capacity(256);
        if !next_line(&mut reader, &mut line)? {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "unexpected input from /proc/net/ip_vs_conn",
            ));
        }
        Ok(Connections { reader, line })
    }

    /// Reads the next line.
    ///
    /// # Errors
    /// What the reader reports.
    pub fn next_entry(&mut self) -> io::Result<ConnectionLine<'_>> {
        if !next_line(&mut self.reader, &mut self.line)? {
            return Ok(ConnectionLine::End);
        }
        Ok(Connection::parse(&self.line)
            .map_or(ConnectionLine::Unreadable, ConnectionLine::Connection))
    }
}

/// Reads a line into the buffer, or as much of it as counts, without its end.
fn next_line(reader: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<bool> {
    line.clear();
    if reader.take(LONGEST_LINE).read_until(b'\n', line)? == 0 {
        return Ok(false);
    }
    if line.pop_if(|last| *last == b'\n').is_none() && line.len() as u64 == LONGEST_LINE {
        line.clear();
        reader.skip_until(b'\n')?;
    }
    Ok(true)
}
