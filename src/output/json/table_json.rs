//! Services, servers and sync daemons.

use crate::model::{
    Checksum, Destination, DestinationStatus, Family, ForwardMethod, Netmask, Service, ServiceKey,
    ServiceStatus, Stats, SyncDaemon, Tunnel,
};
use serde::Serialize;
use std::net::IpAddr;

#[derive(Serialize)]
struct JsonService {
    protocol: &'static str,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<IpAddr>,
    #[serde(skip_serializing_if = "Option::is_none")]
    port: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fwmark: Option<u32>,
    family: &'static str,
    scheduler: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    flags: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    persistent: Option<JsonPersistence>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pe: Option<String>,
    ops: bool,
    stats: JsonStats,
    rates: JsonRates,
    servers: Vec<JsonServer>,
}

#[derive(Serialize)]
struct JsonPersistence {
    timeout: u32,
    netmask: JsonNetmask,
}

#[derive(Serialize)]
#[serde(untagged)]
enum JsonNetmask {
    Mask(IpAddr),
    Prefix(u32),
}

#[derive(Serialize)]
struct JsonStats {
    conns: u64,
    inpkts: u64,
    outpkts: u64,
    inbytes: u64,
    outbytes: u64,
}

#[derive(Serialize)]
struct JsonRates {
    cps: u64,
    inpps: u64,
    outpps: u64,
    inbps: u64,
    outbps: u64,
}

#[derive(Serialize)]
struct JsonServer {
    address: IpAddr,
    port: u16,
    forward: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    tunnel: Option<JsonTunnel>,
    weight: i32,
    #[serde(skip_serializing_if = "is_zero")]
    upper_threshold: u32,
    #[serde(skip_serializing_if = "is_zero")]
    lower_threshold: u32,
    active_connections: u32,
    inactive_connections: u32,
    persistent_connections: u32,
    stats: JsonStats,
    rates: JsonRates,
}

#[derive(Serialize)]
struct JsonTunnel {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "is_zero_port")]
    port: u16,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    flags: Vec<&'static str>,
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}

fn is_zero_port(port: &u16) -> bool {
    *port == 0
}

/// A service with its servers.
pub fn json_row(status: &ServiceStatus, destinations: &[DestinationStatus]) -> impl Serialize {
    let Service {
        key,
        scheduler,
        flags,
        persistence,
        engine,
        one_packet,
    } = status.service;
    let (protocol, name, endpoint, fwmark) = match key {
        ServiceKey::Fwmark { family, mark } => {
            let suffix = if family == Family::Inet6 { " IPv6" } else { "" };
            ("FWM", format!("FWM {mark}{suffix}"), None, Some(mark))
        }
        ServiceKey::Address { protocol, endpoint } => {
            let name = endpoint.to_string();
            (protocol.as_str(), name, Some(endpoint), None)
        }
    };
    JsonService {
        protocol,
        name,
        address: endpoint.map(|endpoint| endpoint.address),
        port: endpoint.map(|endpoint| endpoint.port),
        fwmark,
        family: key.family().as_str(),
        scheduler: scheduler.to_string(),
        flags: flags.names(&scheduler).collect(),
        persistent: persistence.map(|persistence| JsonPersistence {
            timeout: persistence.timeout,
            netmask: match persistence.netmask {
                Netmask::V4(mask) => JsonNetmask::Mask(mask.into()),
                Netmask::V6(length) => JsonNetmask::Prefix(length),
            },
        }),
        pe: engine.map(|engine| engine.to_string()),
        ops: one_packet,
        stats: stats(&status.stats),
        rates: rates(&status.stats),
        servers: destinations.iter().map(server).collect(),
    }
}

fn server(status: &DestinationStatus) -> JsonServer {
    let Destination {
        endpoint,
        forward,
        weight,
        upper_threshold,
        lower_threshold,
    } = status.destination;
    JsonServer {
        address: endpoint.address,
        port: endpoint.port,
        forward: forward.as_str(),
        tunnel: match forward {
            ForwardMethod::Tunnel(tunnel) => Some(json_tunnel(tunnel)),
            _ => None,
        },
        weight,
        upper_threshold,
        lower_threshold,
        active_connections: status.active,
        inactive_connections: status.inactive,
        persistent_connections: status.persistent,
        stats: stats(&status.stats),
        rates: rates(&status.stats),
    }
}

fn json_tunnel(tunnel: Tunnel) -> JsonTunnel {
    let (port, flags) = match tunnel {
        Tunnel::Ipip => (0, 0),
        Tunnel::Gue { port, checksum } => (port, checksum.bits()),
        Tunnel::Gre { checksum } => (0, checksum.bits()),
        Tunnel::Other { port, flags, .. } => (port, flags),
    };
    let words = [(Checksum::Full, "csum"), (Checksum::Remote, "remcsum")];
    let flags = words
        .iter()
        .filter(|(flag, _)| flags & flag.bits() != 0)
        .map(|(_, word)| *word);
    JsonTunnel {
        kind: tunnel.as_str(),
        port,
        flags: flags.collect(),
    }
}

fn stats(stats: &Stats) -> JsonStats {
    JsonStats {
        conns: stats.connections,
        inpkts: stats.in_packets,
        outpkts: stats.out_packets,
        inbytes: stats.in_bytes,
        outbytes: stats.out_bytes,
    }
}

fn rates(stats: &Stats) -> JsonRates {
    JsonRates {
        cps: stats.connection_rate,
        inpps: stats.in_packet_rate,
        outpps: stats.out_packet_rate,
        inbps: stats.in_byte_rate,
        outbps: stats.out_byte_rate,
    }
}

#[derive(Serialize)]
struct JsonDaemon {
    state: &'static str,
    mcast: String,
    syncid: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    maxlen: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<IpAddr>,
    #[serde(skip_serializing_if = "Option::is_none")]
    port: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ttl: Option<u8>,
}

/// A sync daemon.
pub fn json_daemon(daemon: &SyncDaemon) -> impl Serialize + use<> {
    JsonDaemon {
        state: daemon.role.as_str(),
        mcast: daemon.interface.to_string(),
        syncid: daemon.sync_id,
        maxlen: daemon.max_length,
        group: daemon.group,
        port: daemon.port,
        ttl: daemon.ttl,
    }
}
