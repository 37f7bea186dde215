//! How far the drain of a server has come: a document a line.

use super::{VERSION, write_document};
use crate::output::DrainRow;
use serde::Serialize;
use std::io::{self, Write};
use std::net::IpAddr;

#[derive(Serialize)]
struct DrainDocument {
    version: u32,
    event: &'static str,
    service: String,
    address: IpAddr,
    port: u16,
    weight: i32,
    active_connections: u32,
    inactive_connections: u32,
    persistent_connections: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_end: Option<u32>,
}

/// Writes the document of a server that is drained.
///
/// # Errors
/// What the writer reports.
pub fn write_json_drain(out: &mut (impl Write + ?Sized), row: &DrainRow) -> io::Result<()> {
    let status = &row.status;
    let document = DrainDocument {
        version: VERSION,
        event: row.event.word(),
        service: row.key.to_string(),
        address: status.destination.endpoint.address,
        port: status.destination.endpoint.port,
        weight: status.destination.weight,
        active_connections: status.active,
        inactive_connections: status.inactive,
        persistent_connections: status.persistent,
        last_end: row.last_end,
    };
    write_document(out, &document)
}
