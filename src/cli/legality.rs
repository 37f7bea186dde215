//! What goes together: each option with the command, and options with one another.

use super::command::Command;
use super::parsed::{Forwarding, ParsedOptions};
use super::row::{Build, Row};
use super::usage_error::UsageError;
use super::values::TunnelType;
use super::verbs::Verb;
use crate::model::{Family, Protocol, ServiceKey};

/// Makes the command of a row, where it has all that it needs and nothing that it
/// does not take. `given` are the rows of the options on the line, in the table's
/// order.
///
/// # Errors
/// The first complaint, in the table's order.
pub fn command(
    table: &[Row],
    row: &Row,
    (verb, build): (Verb, Build),
    given: impl Iterator<Item = &'static Row>,
    o: &ParsedOptions,
) -> Result<Command, UsageError> {
    let illegal = illegal(verb, given, o);
    let refused = |option: &Row| match option.needs_connections && verb == Verb::List {
        true => UsageError::NeedsConnections(option.name),
        false => UsageError::Illegal(option.name, row.name),
    };
    // Where the illegal option's row is above the missing one's, its complaint comes first.
    let missing = |name| {
        let above = table.iter().take_while(|row| row.name != name).count();
        illegal
            .filter(|illegal| illegal.number < above)
            .map_or(UsageError::Missing(name, row.name), refused)
    };
    let service = || o.service.ok_or_else(|| missing("service-address"));
    let server = || o.server.ok_or_else(|| missing("real-server"));
    let legal = || illegal.map_or(Ok(()), |option| Err(refused(option)));
    let change = match build {
        Build::Other(build) => {
            legal()?;
            return build(o);
        }
        Build::Alone(build) => {
            legal()?;
            build(o)
        }
        Build::OfService(build) => {
            let service = service()?;
            legal()?;
            build(o, service)?
        }
        Build::OfServer(build) => {
            let (service, server) = (service()?, server()?);
            legal()?;
            build(o, service, server)?
        }
        Build::OfDaemon(build) => {
            let role = o.role.ok_or_else(|| missing(row.name))?;
            legal()?;
            build(o, role)
        }
    };
    Ok(Command::Change(change, o.mode()))
}

/// The first of the options that the command does not take.
fn illegal(
    verb: Verb,
    mut given: impl Iterator<Item = &'static Row>,
    o: &ParsedOptions,
) -> Option<&'static Row> {
    let lists_no_connections = verb == Verb::List && !o.connection;
    given.find(|row| {
        let legal = row.legal.contains(verb) && !(row.needs_connections && lists_no_connections);
        row.is_option() && !row.unchecked && !legal
    })
}

/// Checks a service to be added or edited.
pub fn service(o: &ParsedOptions, key: &ServiceKey) -> Result<(), UsageError> {
    let fwmark = matches!(key, ServiceKey::Fwmark { .. });
    if !fwmark && key.port() == 0 && o.persistent.is_none() {
        return Err(UsageError::ZeroPort);
    }
    if o.one_packet && !fwmark && key.protocol() != Some(Protocol::UDP) {
        return Err(UsageError::OnePacketNotUdp);
    }
    Ok(())
}

/// Checks a server to be added or edited.
pub fn server(o: &ParsedOptions, service: Family, server: Family) -> Result<(), UsageError> {
    if o.forwarding == Some(Forwarding::Tunnel) {
        return Ok(());
    }
    if service != server {
        return Err(UsageError::OtherFamily);
    }
    if o.tunnel_type.is_some() || tunnel_options(o).next().is_some() {
        return Err(UsageError::NotATunnel);
    }
    Ok(())
}

/// The names of the options on the line that belong to a type of tunnels.
fn tunnel_options(o: &ParsedOptions) -> impl Iterator<Item = &'static str> {
    [
        (o.tunnel_port.is_some(), "tun-port"),
        (o.tunnel_no_checksum, "tun-nocsum"),
        (o.tunnel_checksum, "tun-csum"),
        (o.tunnel_remote_checksum, "tun-remcsum"),
    ]
    .into_iter()
    .filter_map(|(given, name)| given.then_some(name))
}

/// The port that a gue tunnel can't do without.
pub fn gue_port(o: &ParsedOptions) -> Result<u16, UsageError> {
    o.tunnel_port.ok_or(UsageError::MissingTunnelPort)
}

/// Checks which options the type of a tunnel takes.
pub fn tunnel(o: &ParsedOptions, kind: TunnelType) -> Result<(), UsageError> {
    let legal: &[&str] = match kind {
        TunnelType::Ipip => &[],
        TunnelType::Gre => &["tun-nocsum", "tun-csum"],
        TunnelType::Gue => &["tun-port", "tun-nocsum", "tun-csum", "tun-remcsum"],
    };
    if let Some(option) = tunnel_options(o).find(|name| !legal.contains(name)) {
        return Err(UsageError::IllegalInTunnel(option, kind.name()));
    }
    let mut checksums = tunnel_options(o).filter(|name| *name != "tun-port");
    if let (Some(other), Some(option)) = (checksums.next(), checksums.next()) {
        return Err(UsageError::TunnelConflict(option, other, kind.name()));
    }
    Ok(())
}

/// Checks a restore.
pub fn restore(o: &ParsedOptions) -> Result<(), UsageError> {
    if o.replace && o.exist {
        return Err(UsageError::Conflict("exist", "replace", "restore"));
    }
    if o.json && !(o.replace && o.dry_run) {
        return Err(UsageError::JsonWithoutPlan);
    }
    Ok(())
}

/// Checks a drain.
pub fn drain(o: &ParsedOptions) -> Result<(), UsageError> {
    if o.force == 0 {
        return Ok(());
    }
    if o.keep {
        return Err(UsageError::Conflict("keep", "force", "drain"));
    }
    o.wait.map_or(Err(UsageError::ForceWithoutWait), |_| Ok(()))
}

/// Checks what a doctor is told of a real server.
pub fn doctor(o: &ParsedOptions) -> Result<(), UsageError> {
    let on_server = !o.virtual_addresses.is_empty();
    if on_server && o.service.is_some() {
        return Err(UsageError::Conflict(
            "service-address",
            "real-server",
            "doctor",
        ));
    }
    if o.director.is_some() && !on_server {
        return Err(UsageError::Missing("real-server", "doctor"));
    }
    Ok(())
}

/// A rules file says all that there is to say of the table.
pub fn check(o: &ParsedOptions) -> Result<(), UsageError> {
    let limits = [
        (o.service.is_some(), "service-address"),
        (o.min_servers.is_some(), "min-servers"),
        (o.max_connections.is_some(), "max-connections"),
    ];
    match limits.iter().find(|(given, _)| *given) {
        Some((_, name)) if o.file.is_some() => Err(UsageError::Conflict(name, "file", "check")),
        _ => Ok(()),
    }
}

/// Metrics are all numbers of the table, in a format of their own.
fn metrics(o: &ParsedOptions) -> Result<(), UsageError> {
    let only_with_them = [(o.no_servers, "no-servers"), (o.file.is_some(), "file")];
    let never_with_them = [
        (o.connection, "connection"),
        (o.timeout, "timeout"),
        (o.daemon, "daemon"),
        (o.stats, "stats"),
        (o.rate, "rate"),
        (o.thresholds, "thresholds"),
        (o.persistent_conn, "persistent-conn"),
        (o.tun_info, "tun-info"),
        (o.json, "json"),
        (o.watch.is_some(), "watch"),
    ];
    let first = |of: &[(bool, &'static str)]| of.iter().find(|(given, _)| *given).map(|it| it.1);
    match o.metrics {
        None => first(&only_with_them).map_or(Ok(()), |it| Err(UsageError::NeedsMetrics(it))),
        Some(_) => first(&never_with_them).map_or(Ok(()), |it| {
            Err(UsageError::Conflict(it, "metrics", "list"))
        }),
    }
}

/// Checks which listings exclude one another.
pub fn list(o: &ParsedOptions) -> Result<(), UsageError> {
    let connection = (o.connection, "connection");
    let service = (o.service.is_some(), "service-address");
    let timeout = (o.timeout, "timeout");
    let daemon = (o.daemon, "daemon");
    let sort_by = (o.sort_by.is_some(), "sort-by");
    for (one, other) in [
        (timeout, connection),
        (timeout, service),
        (daemon, connection),
        (daemon, service),
        (daemon, timeout),
        (sort_by, connection),
        (sort_by, timeout),
        (sort_by, daemon),
        (sort_by, (o.nosort, "nosort")),
    ] {
        if one.0 && other.0 {
            return Err(UsageError::Conflict(one.1, other.1, "list"));
        }
    }
    metrics(o)?;
    let live_rates = o.watch.is_some() && o.rate && !o.json;
    let of_live_rates = [(o.top.is_some(), "top"), (o.by.is_some(), "by")];
    if let Some((_, name)) = of_live_rates
        .iter()
        .find(|(given, _)| *given && !live_rates)
    {
        return Err(UsageError::NeedsLiveRates(name));
    }
    let no_columns = o.connection || o.timeout || o.daemon;
    let columns = o.stats || o.rate || o.thresholds;
    let no_persistence = o.timeout || o.daemon;
    if no_columns && columns || no_persistence && o.persistent_conn {
        return Err(UsageError::ListConflict);
    }
    Ok(())
}
