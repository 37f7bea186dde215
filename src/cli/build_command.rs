//! Parsed options to commands and to the parts of changes.

use super::command::{
    Check, Command, Connections, Doctor, Drain, Force, Limit, List, Listing, Measure, Metrics,
    Restore, Save, ServerChoice, TableFormat, Undrain, Watch,
};
use super::legality;
use super::parsed::{Forwarding, ParsedOptions};
use super::sort_key::SortKey;
use super::usage_error::UsageError;
use super::values::{HostAndPort, TunnelType};
use crate::model::{
    Checksum, DEFAULT_SCHEDULER, Destination, Endpoint, Family, ForwardMethod, Name, Netmask,
    Persistence, Service, ServiceKey, SyncDaemon, SyncRole, Tunnel,
};

/// The daemon of `--start-daemon`.
pub fn daemon(o: &ParsedOptions, role: SyncRole) -> SyncDaemon {
    const DEFAULT_INTERFACE: Name = Name::from_static("eth0");
    SyncDaemon {
        role,
        interface: o.interface.unwrap_or(DEFAULT_INTERFACE),
        sync_id: o.sync_id.unwrap_or(0),
        max_length: o.max_length,
        group: o.mcast_group,
        port: o.mcast_port,
        ttl: o.mcast_ttl,
    }
}

/// The command of `-S`.
pub fn save(o: &ParsedOptions) -> Result<Command, UsageError> {
    Ok(Command::Save(Save {
        numeric: o.numeric,
        all: o.all,
        not_empty: o.not_empty,
        file: file(o),
        resolve_timeout: resolve_timeout(o),
    }))
}

/// The command of `-R`.
pub fn restore(o: &ParsedOptions) -> Result<Command, UsageError> {
    const DEFAULT_WAIT: u32 = 10;
    legality::restore(o)?;
    Ok(Command::Restore(Restore {
        file: file(o),
        replace: o.replace,
        mode: o.mode(),
        wait: o.wait.unwrap_or(DEFAULT_WAIT),
        json: o.json,
        colour: o.colour.unwrap_or_default(),
    }))
}

/// The command of `-L`.
pub fn list(o: &ParsedOptions) -> Result<Command, UsageError> {
    legality::list(o)?;
    let what = if let Some(format) = o.metrics {
        Listing::Metrics(Metrics {
            format,
            service: o.service,
            servers: !o.no_servers,
            file: file(o),
            netns: o.netns.clone(),
        })
    } else if o.connection {
        Listing::Connections(connections(o)?)
    } else if o.timeout {
        Listing::Timeouts
    } else if o.daemon {
        Listing::Daemons
    } else {
        Listing::Table(o.service, table_format(o))
    };
    Ok(Command::List(List {
        what,
        // Names would be looked up again and again.
        numeric: o.numeric || o.watch.is_some(),
        exact: o.exact,
        order: (!o.nosort).then(|| o.sort_by.unwrap_or(SortKey::ADDRESS)),
        json: o.json,
        colour: o.colour.unwrap_or_default(),
        resolve_timeout: resolve_timeout(o),
        watch: o.watch.map(|interval| Watch {
            interval,
            top: o.top,
            by: o.by,
        }),
    }))
}

/// The command of `--check`.
pub fn check(o: &ParsedOptions) -> Result<Command, UsageError> {
    const ONE: Limit = Limit {
        warning: None,
        critical: 1,
    };
    legality::check(o)?;
    let measure = match o.file {
        Some(_) => Measure::Rules(file(o)),
        None => Measure::Limits {
            service: o.service,
            servers: o.min_servers.unwrap_or(ONE),
            connections: o.max_connections,
        },
    };
    let json = o.json;
    Ok(Command::Check(Check { measure, json }))
}

/// The command of `--doctor`.
pub fn doctor(o: &ParsedOptions) -> Result<Command, UsageError> {
    legality::doctor(o)?;
    Ok(Command::Doctor(Doctor {
        service: o.service,
        virtual_addresses: o.virtual_addresses.clone(),
        director: o.director,
        verbose: o.verbose,
        json: o.json,
    }))
}

/// The command of `--drain`.
pub fn drain(o: &ParsedOptions) -> Result<Command, UsageError> {
    let server = server(o, "drain")?;
    legality::drain(o)?;
    Ok(Command::Drain(Drain {
        server,
        wait: o.wait,
        keep: o.keep,
        force: match o.force {
            0 => Force::No,
            1 => Force::Reset,
            _ => Force::Always,
        },
        connections_only: o.connections_only,
        dry_run: o.dry_run,
        json: o.json,
    }))
}

/// The command of `--undrain`.
pub fn undrain(o: &ParsedOptions) -> Result<Command, UsageError> {
    Ok(Command::Undrain(Undrain {
        server: server(o, "undrain")?,
        weight: o.weight,
        dry_run: o.dry_run,
    }))
}

/// The server of a command that needs no service. As with `-d`, a server without a
/// port has the service's.
fn server(o: &ParsedOptions, command: &'static str) -> Result<ServerChoice, UsageError> {
    let (address, port) = o
        .server
        .ok_or(UsageError::Missing("real-server", command))?;
    let service = o.service;
    Ok(ServerChoice {
        service,
        address,
        port: port.or(service.map(|key| key.port())),
    })
}

/// The path of `--file`; `-` stands for standard input or output.
fn file(o: &ParsedOptions) -> Option<String> {
    o.file.clone().filter(|path| path != "-")
}

fn resolve_timeout(o: &ParsedOptions) -> u32 {
    const DEFAULT: u32 = 5;
    o.resolve_timeout.unwrap_or(DEFAULT)
}

/// The service of `-A` or `-E`.
pub fn service(o: &ParsedOptions, key: ServiceKey) -> Result<Service, UsageError> {
    legality::service(o, &key)?;
    let netmask = o.netmask.unwrap_or_else(|| Netmask::host(key.family()));
    Ok(Service {
        key,
        scheduler: o.scheduler.unwrap_or(DEFAULT_SCHEDULER),
        flags: o.flags,
        persistence: o.persistent.map(|timeout| Persistence { timeout, netmask }),
        engine: o.engine,
        one_packet: o.one_packet,
    })
}

/// The server of `-a` or `-e`.
pub fn destination(
    o: &ParsedOptions,
    service: &ServiceKey,
    server: HostAndPort,
) -> Result<Destination, UsageError> {
    legality::server(o, service.family(), Family::of(server.0))?;
    let fwmark = matches!(service, ServiceKey::Fwmark { .. });
    // Only masquerading rewrites ports; a fwmark has none.
    let own_port = fwmark || o.forwarding == Some(Forwarding::Masquerading);
    Ok(Destination {
        endpoint: endpoint(service, server, own_port),
        forward: forward(o)?,
        weight: o.weight.unwrap_or(1),
        upper_threshold: o.upper_threshold.unwrap_or(0),
        lower_threshold: o.lower_threshold.unwrap_or(0),
    })
}

/// The server's address. Without a port of its own, or where it may have none, it
/// has the service's.
pub fn endpoint(service: &ServiceKey, (address, port): HostAndPort, own_port: bool) -> Endpoint {
    let port = port.filter(|_| own_port).unwrap_or(service.port());
    Endpoint { address, port }
}

fn forward(o: &ParsedOptions) -> Result<ForwardMethod, UsageError> {
    Ok(match o.forwarding {
        None | Some(Forwarding::Gatewaying) => ForwardMethod::DirectRoute,
        Some(Forwarding::Masquerading) => ForwardMethod::Masquerade,
        Some(Forwarding::Tunnel) => ForwardMethod::Tunnel(tunnel(o)?),
    })
}

fn tunnel(o: &ParsedOptions) -> Result<Tunnel, UsageError> {
    let checksum = if o.tunnel_checksum {
        Checksum::Full
    } else if o.tunnel_remote_checksum {
        Checksum::Remote
    } else {
        Checksum::None
    };
    let kind = o.tunnel_type.unwrap_or_default();
    let tunnel = match kind {
        TunnelType::Ipip => Tunnel::Ipip,
        TunnelType::Gre => Tunnel::Gre { checksum },
        TunnelType::Gue => Tunnel::Gue {
            port: legality::gue_port(o)?,
            checksum,
        },
    };
    legality::tunnel(o, kind)?;
    Ok(tunnel)
}

fn connections(o: &ParsedOptions) -> Result<Connections, UsageError> {
    let service = match o.service {
        None => None,
        Some(ServiceKey::Address { protocol, endpoint }) => Some((protocol, endpoint)),
        Some(ServiceKey::Fwmark { .. }) => return Err(UsageError::ConnectionsOfMark),
    };
    Ok(Connections {
        engine_data: o.persistent_conn,
        count: o.count,
        service,
        server: o.server,
        stale: o.stale,
        client: o.client,
    })
}

/// The columns of a listing: the first in this order of those that are asked for.
fn table_format(o: &ParsedOptions) -> TableFormat {
    let formats = [
        (o.stats, TableFormat::Stats),
        (o.rate, TableFormat::Rate),
        (o.thresholds, TableFormat::Thresholds),
        (o.persistent_conn, TableFormat::PersistentConnections),
        (o.tun_info, TableFormat::Tunnels),
    ];
    formats
        .into_iter()
        .find(|(given, _)| *given)
        .map_or(TableFormat::Plain, |(_, format)| format)
}
