//! JSON: the same facts for programs. `docs/json.md` is the schema.
//!
//! Numbers are numbers, addresses numeric, what is absent is absent, and words are
//! those of the listings.

mod connections_json;
mod doctor_json;
mod drain_json;
mod plan_json;
mod table_json;

pub use connections_json::json_connection;
pub(super) use connections_json::json_count;
pub use doctor_json::write_json_report;
pub use drain_json::write_json_drain;
pub use plan_json::write_json_plan;
pub use table_json::{json_daemon, json_row};

use crate::model::{Info, Timeouts};
use serde::Serialize;
use std::io::{self, Write};

/// The version of the schema: it grows when a program that reads the old one
/// could be misled by the new.
pub const VERSION: u32 = 1;

/// A document with one list, written item by item, so that its length takes no
/// memory.
#[derive(Debug)]
pub struct JsonList<W> {
    out: W,
    first: bool,
}

impl<W: Write> JsonList<W> {
    /// Begins `{"version":1,"NAME":[`.
    ///
    /// # Errors
    /// What the writer reports.
    pub fn new(mut out: W, name: &str) -> io::Result<Self> {
        write!(out, "{{\"version\":{VERSION},\"{name}\":[")?;
        Ok(JsonList { out, first: true })
    }

    /// Begins the document of a table, which says what IPVS it is of.
    ///
    /// # Errors
    /// What the writer reports.
    pub fn of_services(mut out: W, info: Info) -> io::Result<Self> {
        let (major, minor, patch) = info.version;
        let size = info.connection_table_size;
        write!(
            out,
            "{{\"version\":{VERSION},\"ipvs\":{{\"version\":\"{major}.{minor}.{patch}\",\
             \"connection_table_size\":{size}}},\"services\":["
        )?;
        Ok(JsonList { out, first: true })
    }

    /// Writes the next item.
    ///
    /// # Errors
    /// What the writer reports.
    pub fn item(&mut self, item: &impl Serialize) -> io::Result<()> {
        let separator: &[u8] = if self.first { b"\n" } else { b",\n" };
        self.first = false;
        self.out.write_all(separator)?;
        Ok(serde_json::to_writer(&mut self.out, item)?)
    }

    /// Ends the document.
    ///
    /// # Errors
    /// What the writer reports.
    pub fn end(mut self) -> io::Result<()> {
        let end: &[u8] = if self.first { b"]}\n" } else { b"\n]}\n" };
        self.out.write_all(end)
    }
}

/// Writes a whole document.
pub(super) fn write_document(
    out: &mut (impl Write + ?Sized),
    document: &impl Serialize,
) -> io::Result<()> {
    serde_json::to_writer(&mut *out, document)?;
    out.write_all(b"\n")
}

#[derive(Serialize)]
struct TimeoutsDocument {
    version: u32,
    timeouts: JsonTimeouts,
}

#[derive(Serialize)]
struct JsonTimeouts {
    tcp: u32,
    tcpfin: u32,
    udp: u32,
}

/// Writes the document of the connection timeouts.
///
/// # Errors
/// What the writer reports.
pub fn write_json_timeouts(out: &mut (impl Write + ?Sized), timeouts: &Timeouts) -> io::Result<()> {
    let Timeouts { tcp, tcp_fin, udp } = *timeouts;
    let timeouts = JsonTimeouts {
        tcp,
        tcpfin: tcp_fin,
        udp,
    };
    write_document(
        out,
        &TimeoutsDocument {
            version: VERSION,
            timeouts,
        },
    )
}

#[cfg(test)]
mod tests;
