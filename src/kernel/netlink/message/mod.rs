//! What requests and replies say: the model's types to attributes and back.
//!
//! Each type's encoding stands next to its decoding. Decoding skips what it
//! does not know and never panics. A row that lacks what it needs, or whose
//! address family or forwarding method the model has no word for, fails the
//! whole listing by name: a rule left out in silence would be lost by the next
//! save and restore.

mod daemon_message;
mod destination_message;
mod rows;
mod service_message;
mod stats_message;
#[cfg(test)]
mod tests;

pub(crate) use rows::Row;

use super::attributes::{attributes, find, get_u32, info, put, put_u32, top};
use crate::kernel::error::Malformed;
use crate::model::{Change, Family, Info, ServiceKey, Timeouts};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Appends the attributes of the request that makes a change.
pub(crate) fn encode_change(change: &Change, out: &mut Vec<u8>) {
    match change {
        Change::AddService(configured) | Change::EditService(configured) => {
            service_message::encode(configured, out);
        }
        Change::DeleteService(key) | Change::Zero(Some(key)) => {
            service_message::encode_key(key, out)
        }
        Change::Clear | Change::Zero(None) => {}
        Change::AddDestination(key, configured) | Change::EditDestination(key, configured) => {
            service_message::encode_key(key, out);
            destination_message::encode(configured, out);
        }
        Change::DeleteDestination(key, endpoint) => {
            service_message::encode_key(key, out);
            destination_message::encode_key(endpoint, out);
        }
        Change::SetTimeouts(timeouts) => encode_timeouts(timeouts, out),
        Change::StartDaemon(started) => daemon_message::encode(started, out),
        Change::StopDaemon(role, sync_id) => daemon_message::encode_key(*role, *sync_id, out),
    }
}

/// Appends the attributes of a request about one service.
pub(crate) fn encode_service_key(key: &ServiceKey, out: &mut Vec<u8>) {
    service_message::encode_key(key, out);
}

fn encode_timeouts(timeouts: &Timeouts, out: &mut Vec<u8>) {
    put_u32(out, top::TIMEOUT_TCP, timeouts.tcp);
    put_u32(out, top::TIMEOUT_TCP_FIN, timeouts.tcp_fin);
    put_u32(out, top::TIMEOUT_UDP, timeouts.udp);
}

/// The nest of a reply to GET_SERVICE.
fn service_nest(bytes: &[u8]) -> Result<&[u8], Malformed> {
    find(bytes, top::SERVICE)?.ok_or(Malformed("a reply without a service"))
}

/// The nest of a reply to GET_DEST.
fn destination_nest(bytes: &[u8]) -> Result<&[u8], Malformed> {
    find(bytes, top::DESTINATION)?.ok_or(Malformed("a reply without a destination"))
}

/// The nest of a reply to GET_DAEMON.
fn daemon_nest(bytes: &[u8]) -> Result<&[u8], Malformed> {
    find(bytes, top::DAEMON)?.ok_or(Malformed("a reply without a sync daemon"))
}

/// Decodes the attributes of the reply to GET_CONFIG. A kernel without TCP or
/// UDP balancing leaves its timeouts out: they are 0.
pub(crate) fn decode_timeouts(bytes: &[u8]) -> Result<Timeouts, Malformed> {
    let mut timeouts = Timeouts::default();
    for attribute in attributes(bytes) {
        let (kind, value) = attribute?;
        match kind {
            top::TIMEOUT_TCP => timeouts.tcp = get_u32(value)?,
            top::TIMEOUT_TCP_FIN => timeouts.tcp_fin = get_u32(value)?,
            top::TIMEOUT_UDP => timeouts.udp = get_u32(value)?,
            _ => {}
        }
    }
    Ok(timeouts)
}

/// Decodes the attributes of the reply to GET_INFO.
pub(crate) fn decode_info(bytes: &[u8]) -> Result<Info, Malformed> {
    let number = |kind| {
        find(bytes, kind)?
            .ok_or(Malformed("a reply without a version or a table size"))
            .and_then(get_u32)
    };
    // The kernel's NVERSION: a byte each, above an unused one.
    let [_, major, minor, patch] = number(info::VERSION)?.to_be_bytes();
    Ok(Info {
        version: (major, minor, patch),
        connection_table_size: number(info::TABLE_SIZE)?,
    })
}

/// `AF_INET` and `AF_INET6` of Linux.
fn family_to_wire(family: Family) -> u16 {
    match family {
        Family::Inet => 2,
        Family::Inet6 => 10,
    }
}

fn family_from_wire(number: u16) -> Result<Family, Malformed> {
    match number {
        2 => Ok(Family::Inet),
        10 => Ok(Family::Inet6),
        _ => Err(Malformed("an unknown address family")),
    }
}

/// Appends an address: always 16 bytes, an IPv4 address in the first four.
fn put_address(out: &mut Vec<u8>, kind: u16, address: IpAddr) {
    match address {
        IpAddr::V4(address) => {
            let mut bytes = [0; 16];
            bytes[..4].copy_from_slice(&address.octets());
            put(out, kind, &bytes);
        }
        IpAddr::V6(address) => put(out, kind, &address.octets()),
    }
}

/// Reads an address of a family from as many bytes as it has, or more.
fn read_address(value: &[u8], family: Family) -> Result<IpAddr, Malformed> {
    let short = Malformed("an address is cut short");
    match family {
        Family::Inet => {
            let bytes = value.first_chunk::<4>().ok_or(short)?;
            Ok(Ipv4Addr::from(*bytes).into())
        }
        Family::Inet6 => {
            let bytes = value.first_chunk::<16>().ok_or(short)?;
            Ok(Ipv6Addr::from(*bytes).into())
        }
    }
}
