//! The listing of `-L`: virtual services and, below each, its destinations.

mod format;
mod on_terminal;

use super::colours::PLAIN;
use super::columns::{pad, push_column, push_left};
use super::numbers::{push_counter, push_exact};
use crate::cli::TableFormat;
use crate::model::Info;
use crate::model::push_text::{push_decimal, push_signed};
use crate::model::render::EndpointText;
use crate::model::{
    Checksum, DestinationStatus, Endpoint, Family, ForwardMethod, Protocol, Service, ServiceKey,
    ServiceStatus, Stats, Tunnel,
};
use crate::names::Names;
use std::io::{self, Write};

/// The columns of an IPv4 endpoint; a longer name is cut to them.
const ENDPOINT: usize = 28;
/// Where an IPv6 endpoint is cut. No numeric one is that long.
const LONGEST_ENDPOINT: usize = 59;
/// The width of the first column: the endpoint, and the protocol or the arrow before it.
pub(super) const LABEL: usize = 5 + ENDPOINT;

/// Writes a listing, row by row: 1.31's bytes, unless it is given colours or made
/// to fit.
///
/// Every method returns the writer's error, if any.
#[derive(Debug)]
pub struct TableWriter<'a, W> {
    out: W,
    format: TableFormat,
    exact: bool,
    names: &'a Names,
    colours: bool,
    /// The width of the first column.
    label: usize,
    line: Vec<u8>,
}

#[allow(clippy::missing_errors_doc)] // The type says it once for all.
impl<'a, W: Write> TableWriter<'a, W> {
    /// A listing on `out`, which should buffer; `exact` prints all digits of
    /// the counters.
    pub fn new(out: W, format: TableFormat, exact: bool, names: &'a Names) -> Self {
        TableWriter {
            out,
            format,
            exact,
            names,
            colours: false,
            label: LABEL,
            line: Vec::with_capacity(256),
        }
    }

    /// Gives the writer back.
    pub fn into_inner(self) -> W {
        self.out
    }

    /// `IP Virtual Server version 1.2.1 (size=4096)`, the first line of a full
    /// listing.
    pub fn title(&mut self, info: Info) -> io::Result<()> {
        let (major, minor, patch) = info.version;
        let size = info.connection_table_size;
        writeln!(
            self.out,
            "IP Virtual Server version {major}.{minor}.{patch} (size={size})"
        )
    }

    /// The lines over the columns.
    pub fn heading(&mut self) -> io::Result<()> {
        let heading = self.format.heading(self.label);
        self.out.write_all(heading.as_bytes())
    }

    /// A virtual service.
    pub fn service(&mut self, status: &ServiceStatus) -> io::Result<()> {
        self.begin_service(&status.service.key);
        match self.format {
            TableFormat::Stats => {
                pad(&mut self.line, 0, self.label);
                self.push_stats(&status.stats);
            }
            TableFormat::Rate => {
                pad(&mut self.line, 0, self.label);
                self.push_rates(&status.stats, self.exact);
            }
            _ => push_settings(&mut self.line, &status.service),
        }
        self.end_line(None)
    }

    fn begin_service(&mut self, key: &ServiceKey) {
        self.line.clear();
        push_key(&mut self.line, key, self.names);
    }

    /// A destination of the service last written, whose key it needs for the
    /// protocol of the port.
    pub fn destination(&mut self, key: &ServiceKey, status: &DestinationStatus) -> io::Result<()> {
        self.begin_destination(key, status.destination.endpoint);
        match self.format {
            TableFormat::Stats => self.push_stats(&status.stats),
            // 1.31 never shortens the first three rates of a destination.
            TableFormat::Rate => self.push_rates(&status.stats, true),
            _ => self.push_status(status),
        }
        self.end_line(self.colour(status))
    }

    fn begin_destination(&mut self, key: &ServiceKey, endpoint: Endpoint) {
        self.line.clear();
        self.line.extend_from_slice(b"  -> ");
        push_cut_endpoint(&mut self.line, self.names, key.protocol(), endpoint);
        pad(&mut self.line, 0, self.label);
    }

    fn push_stats(&mut self, stats: &Stats) {
        for counter in [
            stats.connections,
            stats.in_packets,
            stats.out_packets,
            stats.in_bytes,
            stats.out_bytes,
        ] {
            self.push_number(counter, self.exact);
        }
    }

    fn push_rates(&mut self, stats: &Stats, exact_packets: bool) {
        for rate in [
            stats.connection_rate,
            stats.in_packet_rate,
            stats.out_packet_rate,
        ] {
            self.push_number(rate, exact_packets);
        }
        for rate in [stats.in_byte_rate, stats.out_byte_rate] {
            self.push_number(rate, self.exact);
        }
    }

    fn push_number(&mut self, number: u64, exact: bool) {
        if exact {
            push_exact(&mut self.line, number);
        } else {
            push_counter(&mut self.line, number);
        }
    }

    fn push_status(&mut self, status: &DestinationStatus) {
        let line = &mut self.line;
        let destination = &status.destination;
        line.push(b' ');
        match self.format {
            TableFormat::Thresholds => {
                push_field(line, destination.upper_threshold, 10);
                push_field(line, destination.lower_threshold, 10);
            }
            TableFormat::PersistentConnections => {
                // Unsigned here, signed in the plain listing: as in 1.31.
                push_field(line, destination.weight.cast_unsigned(), 9);
                push_field(line, status.persistent, 11);
            }
            _ => {
                push_column(line, destination.forward.as_str(), 8);
                if self.format == TableFormat::Tunnels {
                    push_tunnel(line, destination.forward);
                }
                return push_load(line, status);
            }
        }
        push_connections(line, status.active, status.inactive);
    }

    fn end_line(&mut self, colour: Option<&str>) -> io::Result<()> {
        // A wide row's trailing blanks could begin another line of the terminal.
        while self.label > LABEL && self.line.ends_with(b" ") {
            self.line.pop();
        }
        if let Some(colour) = colour {
            self.line.splice(0..0, colour.bytes());
            self.line.extend_from_slice(PLAIN.as_bytes());
        }
        self.line.push(b'\n');
        self.out.write_all(&self.line)
    }
}

/// The last columns of the plain format: weight and connections.
fn push_load(line: &mut Vec<u8>, status: &DestinationStatus) {
    let start = line.len();
    push_signed(line, i64::from(status.destination.weight));
    pad(line, start, 6);
    line.push(b' ');
    push_connections(line, status.active, status.inactive);
}

fn push_connections(line: &mut Vec<u8>, active: u32, inactive: u32) {
    push_field(line, active, 10);
    push_left(line, u64::from(inactive), 10);
}

/// A number at the left edge of its column, and the blank after it.
fn push_field(line: &mut Vec<u8>, number: u32, width: usize) {
    push_left(line, u64::from(number), width);
    line.push(b' ');
}

pub(super) fn push_key(line: &mut Vec<u8>, key: &ServiceKey, names: &Names) {
    match key {
        ServiceKey::Fwmark { family, mark } => {
            push_column(line, "FWM", 5);
            push_decimal(line, u64::from(*mark));
            if *family == Family::Inet6 {
                line.extend_from_slice(b" IPv6");
            }
        }
        ServiceKey::Address { protocol, endpoint } => {
            push_column(line, protocol.as_str(), 5);
            push_cut_endpoint(line, names, Some(*protocol), *endpoint);
        }
    }
}

pub(super) fn push_cut_endpoint(
    line: &mut Vec<u8>,
    names: &Names,
    protocol: Option<Protocol>,
    endpoint: Endpoint,
) {
    let start = line.len();
    names.push_endpoint(line, protocol, endpoint);
    let width = if endpoint.address.is_ipv6() {
        LONGEST_ENDPOINT
    } else {
        ENDPOINT
    };
    line.truncate(start + width);
}

/// Scheduler, flags, persistence and one-packet scheduling.
fn push_settings(line: &mut Vec<u8>, service: &Service) {
    let Service {
        key: _,
        scheduler,
        flags,
        persistence,
        engine,
        one_packet,
    } = service;
    line.push(b' ');
    line.extend_from_slice(scheduler.as_str().as_bytes());
    for (i, flag) in flags.names(scheduler).enumerate() {
        line.extend_from_slice(if i == 0 { b" (" } else { b"," });
        line.extend_from_slice(flag.as_bytes());
    }
    if !flags.is_empty() {
        line.push(b')');
    }
    if let Some(persistence) = persistence {
        line.extend_from_slice(b" persistent ");
        push_decimal(line, u64::from(persistence.timeout));
        if !persistence.netmask.is_host() {
            line.extend_from_slice(format!(" mask {}", persistence.netmask).as_bytes());
        }
        if let Some(engine) = engine {
            line.extend_from_slice(b" pe ");
            line.extend_from_slice(engine.as_str().as_bytes());
        }
    }
    if *one_packet {
        line.extend_from_slice(b" ops");
    }
}

fn push_tunnel(line: &mut Vec<u8>, forward: ForwardMethod) {
    let start = line.len();
    let checksum = match forward {
        ForwardMethod::Tunnel(Tunnel::Gue { port, checksum }) => {
            line.extend_from_slice(b"gue:");
            push_decimal(line, u64::from(port));
            line.push(b':');
            Some(checksum)
        }
        ForwardMethod::Tunnel(Tunnel::Gre { checksum }) => {
            line.extend_from_slice(b"gre:");
            Some(checksum)
        }
        ForwardMethod::Tunnel(Tunnel::Ipip) => {
            line.extend_from_slice(b"ipip");
            None
        }
        _ => {
            line.extend_from_slice(b"n/a");
            None
        }
    };
    match checksum {
        Some(Checksum::None) => line.extend_from_slice(b"-c"),
        Some(Checksum::Full) => line.extend_from_slice(b"+c"),
        Some(Checksum::Remote) => line.extend_from_slice(b"r+c"),
        Some(Checksum::Other(flags)) => line.extend_from_slice(format!("{flags:#x}").as_bytes()),
        None => {}
    }
    pad(line, start, 13);
    line.push(b' ');
}

#[cfg(test)]
mod tests;
