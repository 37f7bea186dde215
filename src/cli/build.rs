//! Drafts to commands.

use super::check;
use super::command::{
    Command, Connections, Invocation, List, Listing, Mode, NO_COMMAND, Restore, Save, UsageError,
};
use super::draft::{Draft, TunnelType};
use super::options::{Group, Opt};
use super::program::Program;
use super::reader::{SyntaxError, Tokens};
use super::value;
use super::verbs::Verb;
use crate::model::{
    Change, Checksum, DEFAULT_SCHEDULER, Destination, Endpoint, Family, ForwardMethod, Name,
    Netmask, Persistence, SchedulerFlags, Service, ServiceKey, SyncDaemon, SyncRole, Timeouts,
    Tunnel,
};
use crate::names::Lookup;
use crate::output::TableFormat;

/// Makes the invocation of what was read; `fault` is where the reading ended early.
///
/// # Errors
/// The first thing wrong, from left to right, then in the checks' order.
pub fn invocation(
    read: &Tokens<'_>,
    fault: Option<SyntaxError<'_>>,
    names: &mut dyn Lookup,
) -> Result<Invocation, UsageError> {
    let draft = Draft::new(read, names).ok_or_else(|| no_command(fault, &read.stray))??;
    let informs = matches!(draft.verb, Verb::Help | Verb::Version);
    if let Some(fault) = fault
        && !informs
    {
        return Err(syntax(fault));
    }
    let command = command(&draft, &read.stray)?;
    Ok(Invocation {
        command,
        netns: draft.netns.map(str::to_owned),
    })
}

fn command(draft: &Draft<'_>, stray: &[&str]) -> Result<Command, UsageError> {
    match draft.verb {
        Verb::Help => return Ok(Command::Help(Program::Ipvsadm)),
        Verb::Version => return Ok(Command::Version),
        _ => {}
    }
    check::stray(draft, stray)?;
    let timeouts = timeouts(draft, stray)?;
    let flags = scheduler_flags(draft)?;
    check::legality(draft)?;
    let change = match draft.verb {
        Verb::List => return list(draft).map(Command::List),
        Verb::Save => return Ok(Command::Save(save(draft))),
        Verb::Restore => return restore(draft).map(Command::Restore),
        Verb::Help => return Ok(Command::Help(Program::Ipvsadm)),
        Verb::Version => return Ok(Command::Version),
        Verb::AddService => Change::AddService(service(draft, flags)?),
        Verb::EditService => Change::EditService(service(draft, flags)?),
        Verb::DeleteService => Change::DeleteService(key(draft)?),
        Verb::AddServer => Change::AddDestination(key(draft)?, destination(draft)?),
        Verb::EditServer => Change::EditDestination(key(draft)?, destination(draft)?),
        Verb::DeleteServer => Change::DeleteDestination(key(draft)?, endpoint(draft)?),
        Verb::Clear => Change::Clear,
        Verb::Zero => Change::Zero(draft.service),
        Verb::SetTimeouts => Change::SetTimeouts(timeouts),
        Verb::StartDaemon => Change::StartDaemon(daemon(draft)),
        Verb::StopDaemon => Change::StopDaemon(role(draft), draft.sync_id.unwrap_or(0)),
    };
    Ok(Command::Change(change, mode(draft)))
}

/// The error of a line without a command.
fn no_command(fault: Option<SyntaxError<'_>>, stray: &[&str]) -> UsageError {
    let hint = match (fault, stray) {
        (Some(fault), _) => syntax(fault).message,
        (None, []) => "no command is given, such as -A, -a or -D".to_owned(),
        (None, [word, ..]) => format!("`{word}' is no command, such as -A, -a or -D"),
    };
    UsageError::refused(NO_COMMAND).with_hint(hint)
}

fn syntax(error: SyntaxError<'_>) -> UsageError {
    UsageError::refused(error.to_string())
}

/// What the legality check has made sure of, for the compiler.
fn required<T>(value: Option<T>, option: &str) -> Result<T, UsageError> {
    value.ok_or_else(|| UsageError::new(format!("You need to supply the '{option}' option")))
}

fn key(draft: &Draft<'_>) -> Result<ServiceKey, UsageError> {
    required(draft.service, "service-address")
}

fn timeouts(draft: &Draft<'_>, words: &[&str]) -> Result<Timeouts, UsageError> {
    match (draft.verb, words) {
        (Verb::SetTimeouts, [tcp, tcp_fin, udp]) => Ok(Timeouts {
            tcp: value::timeout(tcp, 0)?,
            tcp_fin: value::timeout(tcp_fin, 0)?,
            udp: value::timeout(udp, 0)?,
        }),
        _ => Ok(Timeouts::default()),
    }
}

fn scheduler_flags(draft: &Draft<'_>) -> Result<SchedulerFlags, UsageError> {
    let scheduler = draft.scheduler.unwrap_or(DEFAULT_SCHEDULER);
    draft
        .scheduler_flags
        .map_or(Ok(SchedulerFlags::default()), |text| {
            value::scheduler_flags(text, &scheduler)
        })
}

fn service(draft: &Draft<'_>, flags: SchedulerFlags) -> Result<Service, UsageError> {
    let key = key(draft)?;
    check::service(draft, &key)?;
    let netmask = draft.netmask.unwrap_or_else(|| Netmask::host(key.family()));
    Ok(Service {
        key,
        scheduler: draft.scheduler.unwrap_or(DEFAULT_SCHEDULER),
        flags,
        persistence: draft
            .persistent
            .map(|timeout| Persistence { timeout, netmask }),
        engine: draft.engine,
        one_packet: draft.has(Group::OnePacket),
    })
}

fn destination(draft: &Draft<'_>) -> Result<Destination, UsageError> {
    let endpoint = endpoint(draft)?;
    check::server(draft, key(draft)?.family(), Family::of(endpoint.address))?;
    Ok(Destination {
        endpoint,
        forward: forward(draft)?,
        weight: draft.weight.unwrap_or(1),
        upper_threshold: draft.upper_threshold.unwrap_or(0),
        lower_threshold: draft.lower_threshold.unwrap_or(0),
    })
}

/// The server's address, with the service's port where it has none of its own,
/// or may have none: only masquerading rewrites ports.
fn endpoint(draft: &Draft<'_>) -> Result<Endpoint, UsageError> {
    let service = key(draft)?;
    let (address, port) = required(draft.server, "real-server")?;
    let fwmark = matches!(service, ServiceKey::Fwmark { .. });
    let adds = matches!(draft.verb, Verb::AddServer | Verb::EditServer);
    let keeps_port = !adds || fwmark || draft.forward == Some(Opt::Masquerading);
    let port = port.filter(|_| keeps_port).unwrap_or(service.port());
    Ok(Endpoint { address, port })
}

fn forward(draft: &Draft<'_>) -> Result<ForwardMethod, UsageError> {
    Ok(match draft.forward {
        Some(Opt::Masquerading) => ForwardMethod::Masquerade,
        Some(Opt::Ipip) => ForwardMethod::Tunnel(match draft.tunnel {
            TunnelType::Ipip => Tunnel::Ipip,
            TunnelType::Gre => Tunnel::Gre {
                checksum: checksum(draft),
            },
            TunnelType::Gue => Tunnel::Gue {
                port: required(draft.tunnel_port, "tun-port")?,
                checksum: checksum(draft),
            },
        }),
        _ => ForwardMethod::DirectRoute,
    })
}

fn checksum(draft: &Draft<'_>) -> Checksum {
    if draft.has(Group::TunnelChecksum) {
        Checksum::Full
    } else if draft.has(Group::TunnelRemoteChecksum) {
        Checksum::Remote
    } else {
        Checksum::None
    }
}

fn role(draft: &Draft<'_>) -> SyncRole {
    draft.role.unwrap_or(SyncRole::Master)
}

fn daemon(draft: &Draft<'_>) -> SyncDaemon {
    const DEFAULT_INTERFACE: Name = Name::from_static("eth0");
    SyncDaemon {
        role: role(draft),
        interface: draft.interface.unwrap_or(DEFAULT_INTERFACE),
        sync_id: draft.sync_id.unwrap_or(0),
        max_length: draft.max_length,
        group: draft.mcast_group,
        port: draft.mcast_port,
        ttl: draft.mcast_ttl,
    }
}

fn mode(draft: &Draft<'_>) -> Mode {
    Mode {
        exist: draft.has(Group::Exist),
        dry_run: draft.has(Group::DryRun),
    }
}

fn save(draft: &Draft<'_>) -> Save {
    Save {
        numeric: draft.has(Group::Numeric),
        all: draft.has(Group::All),
        file: draft.file.map(str::to_owned),
        resolve_timeout: resolve_timeout(draft),
    }
}

fn restore(draft: &Draft<'_>) -> Result<Restore, UsageError> {
    const DEFAULT_WAIT: u32 = 10;
    let replace = draft.has(Group::Replace);
    if replace && draft.has(Group::Exist) {
        return Err(UsageError::new(
            "The option 'exist' conflicts with the 'replace' option in the 'restore' command",
        ));
    }
    if draft.has(Group::Json) && !(replace && draft.has(Group::DryRun)) {
        return Err(UsageError::new(
            "The 'json' option prints a plan: it needs 'replace' and 'dry-run'",
        ));
    }
    Ok(Restore {
        file: draft.file.map(str::to_owned),
        replace,
        mode: mode(draft),
        wait: draft.wait.unwrap_or(DEFAULT_WAIT),
        json: draft.has(Group::Json),
    })
}

fn list(draft: &Draft<'_>) -> Result<List, UsageError> {
    check::list(draft)?;
    let what = if draft.has(Group::Connection) {
        Listing::Connections(connections(draft)?)
    } else if draft.has(Group::Timeout) {
        Listing::Timeouts
    } else if draft.has(Group::Daemon) {
        Listing::Daemons
    } else {
        Listing::Table(draft.service, table_format(draft))
    };
    Ok(List {
        what,
        numeric: draft.has(Group::Numeric),
        exact: draft.has(Group::Exact),
        sorted: !draft.has(Group::NoSort),
        json: draft.has(Group::Json),
        resolve_timeout: resolve_timeout(draft),
    })
}

fn connections(draft: &Draft<'_>) -> Result<Connections, UsageError> {
    let service = match draft.service {
        None => None,
        Some(ServiceKey::Address { protocol, endpoint }) => Some((protocol, endpoint)),
        Some(ServiceKey::Fwmark { .. }) => {
            return Err(UsageError::new(
                "The option 'service-address' conflicts with the 'connection' option in the 'list' command",
            )
            .with_hint("connections carry addresses, not marks: choose by -r or --client"));
        }
    };
    Ok(Connections {
        engine_data: draft.has(Group::PersistentConn),
        count: draft.has(Group::Count),
        service,
        server: draft.server,
        client: draft.client,
    })
}

fn resolve_timeout(draft: &Draft<'_>) -> u32 {
    const DEFAULT: u32 = 5;
    draft.resolve_timeout.unwrap_or(DEFAULT)
}

/// Where several are asked for, the first of these is shown.
fn table_format(draft: &Draft<'_>) -> TableFormat {
    let formats = [
        (Group::Stats, TableFormat::Stats),
        (Group::Rate, TableFormat::Rate),
        (Group::Thresholds, TableFormat::Thresholds),
        (Group::PersistentConn, TableFormat::PersistentConnections),
        (Group::TunInfo, TableFormat::Tunnels),
    ];
    formats
        .into_iter()
        .find(|(group, _)| draft.has(*group))
        .map_or(TableFormat::Plain, |(_, f)| f)
}
