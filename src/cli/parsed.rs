//! The values of the options: one field for each thing that options can say.

use super::command::{Colour, Limit, MetricsFormat, Mode, Network, SortBy};
use super::sort_key::SortKey;
use super::values::{HostAndPort, TunnelType};
use super::verbs::Verb;
use crate::model::{Name, Netmask, Protocol, SchedulerFlags, ServiceKey, SyncRole, Timeouts};
use std::net::IpAddr;

/// What the options of a line say. The functions of the option table's rows
/// fill it in.
#[derive(Debug, Default)]
#[allow(missing_docs)] // each is documented by its row's help
pub struct ParsedOptions {
    /// The command, where a value means something else with another one.
    pub verb: Option<Verb>,
    pub service: Option<ServiceKey>,
    /// The protocol that the names of ports belong to; TCP where `None`.
    pub protocol: Option<Protocol>,
    pub scheduler: Option<Name>,
    /// The text of `-b`. What it means depends on the scheduler.
    pub flag_names: Option<String>,
    pub flags: SchedulerFlags,
    pub persistent: Option<u32>,
    pub netmask: Option<Netmask>,
    pub engine: Option<Name>,
    pub one_packet: bool,
    pub server: Option<HostAndPort>,
    /// The addresses that `--doctor` looks for on a real server.
    pub virtual_addresses: Vec<HostAndPort>,
    pub director: Option<IpAddr>,
    pub verbose: bool,
    pub forwarding: Option<Forwarding>,
    pub weight: Option<i32>,
    pub upper_threshold: Option<u32>,
    pub lower_threshold: Option<u32>,
    pub tunnel_type: Option<TunnelType>,
    pub tunnel_port: Option<u16>,
    pub tunnel_no_checksum: bool,
    pub tunnel_checksum: bool,
    pub tunnel_remote_checksum: bool,
    pub timeouts: Timeouts,
    pub role: Option<SyncRole>,
    pub sync_id: Option<u32>,
    pub max_length: Option<u16>,
    pub interface: Option<Name>,
    pub mcast_group: Option<IpAddr>,
    pub mcast_port: Option<u16>,
    pub mcast_ttl: Option<u8>,
    pub numeric: bool,
    pub connection: bool,
    pub timeout: bool,
    pub daemon: bool,
    pub stats: bool,
    pub rate: bool,
    pub thresholds: bool,
    pub persistent_conn: bool,
    pub tun_info: bool,
    pub nosort: bool,
    pub sort_by: Option<SortKey>,
    pub exact: bool,
    pub json: bool,
    pub colour: Option<Colour>,
    pub metrics: Option<MetricsFormat>,
    pub no_servers: bool,
    pub watch: Option<u32>,
    pub top: Option<usize>,
    pub by: Option<SortBy>,
    pub client: Option<Network>,
    pub count: bool,
    pub resolve_timeout: Option<u32>,
    pub file: Option<String>,
    pub all: bool,
    pub not_empty: bool,
    pub replace: bool,
    pub dry_run: bool,
    pub exist: bool,
    pub wait: Option<u32>,
    pub keep: bool,
    /// How often `--force` was said.
    pub force: u32,
    pub connections_only: bool,
    pub stale: bool,
    pub min_servers: Option<Limit>,
    pub max_connections: Option<Limit>,
    pub netns: Option<String>,
}

impl ParsedOptions {
    /// How a change is made.
    pub fn mode(&self) -> Mode {
        Mode {
            exist: self.exist,
            dry_run: self.dry_run,
            no_method: self.forwarding.is_none(),
        }
    }
}

/// `-g`, `-i` or `-m`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Forwarding {
    /// Direct routing.
    Gatewaying,
    /// A tunnel.
    Tunnel,
    /// NAT.
    Masquerading,
}
