//! The DAEMON nest.

use crate::kernel::error::Malformed;
use crate::kernel::netlink::attributes::{
    attributes, daemon, get_u8, get_u16, get_u32, nest, put, put_name, put_u8, put_u16, put_u32,
    top,
};
use crate::model::{Family, Name, SyncDaemon, SyncRole};
use std::net::IpAddr;

/// Appends the nest that starts a daemon.
pub(crate) fn encode(started: &SyncDaemon, out: &mut Vec<u8>) {
    nest(out, top::DAEMON, |out| {
        put_u32(out, daemon::STATE, state(started.role));
        put_name(out, daemon::INTERFACE, &started.interface);
        put_u32(out, daemon::SYNC_ID, started.sync_id);
        if let Some(length) = started.max_length {
            put_u16(out, daemon::MAX_LENGTH, length);
        }
        match started.group {
            Some(IpAddr::V4(group)) => put(out, daemon::GROUP, &group.octets()),
            Some(IpAddr::V6(group)) => put(out, daemon::GROUP6, &group.octets()),
            None => {}
        }
        if let Some(port) = started.port {
            put_u16(out, daemon::PORT, port);
        }
        if let Some(ttl) = started.ttl {
            put_u8(out, daemon::TTL, ttl);
        }
    });
}

/// Appends the nest that stops a daemon.
pub(crate) fn encode_key(role: SyncRole, sync_id: u32, out: &mut Vec<u8>) {
    nest(out, top::DAEMON, |out| {
        put_u32(out, daemon::STATE, state(role));
        put_u32(out, daemon::SYNC_ID, sync_id);
    });
}

/// `IP_VS_STATE_MASTER` and `IP_VS_STATE_BACKUP`.
fn state(role: SyncRole) -> u32 {
    match role {
        SyncRole::Master => 1,
        SyncRole::Backup => 2,
    }
}

/// Decodes a DAEMON nest of the kernel's. Kernels before 4.3 send no more than
/// state, interface and id.
pub(crate) fn decode(nest: &[u8]) -> Result<SyncDaemon, Malformed> {
    let (mut role, mut interface, mut sync_id) = (None, None, None);
    let (mut max_length, mut group, mut port, mut ttl) = (None, None, None, None);
    for attribute in attributes(nest) {
        let (kind, value) = attribute?;
        match kind {
            daemon::STATE => role = Some(role_of(get_u32(value)?)?),
            daemon::INTERFACE => interface = Some(Name::from_wire(value)),
            daemon::SYNC_ID => sync_id = Some(get_u32(value)?),
            daemon::MAX_LENGTH => max_length = Some(get_u16(value)?),
            daemon::GROUP => group = Some(super::read_address(value, Family::Inet)?),
            daemon::GROUP6 => group = Some(super::read_address(value, Family::Inet6)?),
            daemon::PORT => port = Some(get_u16(value)?),
            daemon::TTL => ttl = Some(get_u8(value)?),
            _ => {}
        }
    }
    Ok(SyncDaemon {
        role: role.ok_or(Malformed("a sync daemon without a state"))?,
        interface: interface.ok_or(Malformed("a sync daemon without an interface"))?,
        sync_id: sync_id.ok_or(Malformed("a sync daemon without an id"))?,
        max_length,
        group,
        port,
        ttl,
    })
}

fn role_of(state: u32) -> Result<SyncRole, Malformed> {
    match state {
        1 => Ok(SyncRole::Master),
        2 => Ok(SyncRole::Backup),
        _ => Err(Malformed("a sync daemon in an unknown state")),
    }
}
