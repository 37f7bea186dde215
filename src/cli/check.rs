//! Whether options go together.

use super::command::UsageError;
use super::draft::{Draft, TunnelType};
use super::groups::{Takes, taken_by};
use super::options::{Entry, Group, Opt, TABLE};
use super::verbs::Verb;
use crate::model::{Family, Protocol, ServiceKey};
use std::sync::LazyLock;

/// Checks the draft against the option table.
///
/// # Errors
/// The first complaint, in the order of [`Group`].
pub fn legality(draft: &Draft<'_>) -> Result<(), UsageError> {
    let Takes { legal, required } = taken_by(draft.verb);
    if draft.given.are_within(legal) && required.are_within(draft.given) {
        return Ok(());
    }
    first_complaint(draft)
}

fn first_complaint(draft: &Draft<'_>) -> Result<(), UsageError> {
    // One entry a group will do: those of a group share their legality.
    static BY_GROUP: LazyLock<Vec<(Group, &'static Entry)>> = LazyLock::new(|| {
        let mut groups: Vec<_> = TABLE
            .iter()
            .filter_map(|entry| Some((entry.group?, entry)))
            .collect();
        groups.sort_by_key(|(group, _)| *group);
        groups.dedup_by_key(|(group, _)| *group);
        groups
    });
    for (group, entry) in BY_GROUP.iter() {
        let given = draft.has(*group);
        let lacks = |needed| draft.verb == Verb::List && !draft.has(needed);
        let legal = entry.legal.contain(draft.verb) && !entry.list_needs.is_some_and(lacks);
        let names = || (entry.group_name(), draft.verb.name());
        if given && !legal {
            let (option, command) = names();
            let error = UsageError::new(format!(
                "Illegal '{option}' option with the '{command}' command"
            ));
            let needs_connections = entry.list_needs == Some(Group::Connection);
            return Err(if draft.verb == Verb::List && needs_connections {
                error.with_hint("it goes with -c, the listing of connections")
            } else {
                error
            });
        }
        if !given && entry.required.contain(draft.verb) {
            let (option, command) = names();
            return Err(UsageError::new(format!(
                "You need to supply the '{option}' option for the '{command}' command"
            )));
        }
    }
    Ok(())
}

/// Checks which listings exclude one another.
pub fn list(draft: &Draft<'_>) -> Result<(), UsageError> {
    const CONFLICTS: [(Group, &str, Group, &str); 5] = [
        (Group::Timeout, "timeout", Group::Connection, "connection"),
        (
            Group::Timeout,
            "timeout",
            Group::ServiceAddress,
            "service-address",
        ),
        (Group::Daemon, "daemon", Group::Connection, "connection"),
        (
            Group::Daemon,
            "daemon",
            Group::ServiceAddress,
            "service-address",
        ),
        (Group::Daemon, "daemon", Group::Timeout, "timeout"),
    ];
    for (one, name, other, other_name) in CONFLICTS {
        if draft.has(one) && draft.has(other) {
            return Err(UsageError::new(format!(
                "The option '{name}' conflicts with the '{other_name}' option in the 'list' command"
            )));
        }
    }
    let any = |groups: &[Group]| groups.iter().any(|group| draft.has(*group));
    let no_columns = any(&[Group::Connection, Group::Timeout, Group::Daemon]);
    let columns = any(&[Group::Stats, Group::Rate, Group::Thresholds]);
    let no_persistence = any(&[Group::Timeout, Group::Daemon]);
    if no_columns && columns || no_persistence && draft.has(Group::PersistentConn) {
        return Err(UsageError::new("options conflicts in the list command"));
    }
    Ok(())
}

/// Checks a service to be added or edited.
pub fn service(draft: &Draft<'_>, key: &ServiceKey) -> Result<(), UsageError> {
    let fwmark = matches!(key, ServiceKey::Fwmark { .. });
    if !fwmark && key.port() == 0 && !draft.has(Group::Persistent) {
        return Err(
            UsageError::new("Zero port specified for non-persistent service").with_hint(
                "give a port (of IPv6 as [address]:port), or -p for a service of all ports",
            ),
        );
    }
    if draft.has(Group::OnePacket) && !fwmark && key.protocol() != Some(Protocol::UDP) {
        return Err(UsageError::new(
            "One-Packet Scheduling is only for UDP virtual services",
        ));
    }
    Ok(())
}

/// Checks a server to be added or edited.
pub fn server(draft: &Draft<'_>, service: Family, server: Family) -> Result<(), UsageError> {
    let tunnel = draft.forward == Some(Opt::Ipip);
    if !tunnel && service != server {
        return Err(UsageError::new(
            "Different address family is allowed only for tunneling servers",
        ));
    }
    const TUNNEL_OPTIONS: [Group; 5] = [
        Group::TunnelType,
        Group::TunnelPort,
        Group::TunnelNoChecksum,
        Group::TunnelChecksum,
        Group::TunnelRemoteChecksum,
    ];
    if tunnel {
        return tunnel_options(draft);
    }
    if TUNNEL_OPTIONS.iter().any(|group| draft.has(*group)) {
        return Err(
            UsageError::new("Tunnel options conflict with forward method")
                .with_hint("they go with -i"),
        );
    }
    Ok(())
}

/// Checks which options the type of a tunnel takes.
fn tunnel_options(draft: &Draft<'_>) -> Result<(), UsageError> {
    const OPTIONS: [(Group, &str); 4] = [
        (Group::TunnelPort, "tun-port"),
        (Group::TunnelNoChecksum, "tun-nocsum"),
        (Group::TunnelChecksum, "tun-csum"),
        (Group::TunnelRemoteChecksum, "tun-remcsum"),
    ];
    let legal: &[Group] = match draft.tunnel {
        TunnelType::Ipip => &[],
        TunnelType::Gre => &[Group::TunnelNoChecksum, Group::TunnelChecksum],
        TunnelType::Gue => &[
            Group::TunnelPort,
            Group::TunnelNoChecksum,
            Group::TunnelChecksum,
            Group::TunnelRemoteChecksum,
        ],
    };
    let kind = draft.tunnel.name();
    if draft.tunnel == TunnelType::Gue && !draft.has(Group::TunnelPort) {
        return Err(UsageError::new(
            "You need to supply the 'tun-port' option for the 'gue' tunnel type",
        ));
    }
    for (group, name) in OPTIONS {
        if draft.has(group) && !legal.contains(&group) {
            return Err(UsageError::new(format!(
                "Illegal '{name}' option with the '{kind}' tunnel type"
            )));
        }
    }
    let checksums = OPTIONS[1..].iter().filter(|(group, _)| draft.has(*group));
    let mut names = checksums.map(|(_, name)| name);
    if let (Some(first), Some(second)) = (names.next(), names.next()) {
        return Err(UsageError::new(format!(
            "The option '{second}' conflicts with the '{first}' option in the '{kind}' tunnel type"
        )));
    }
    Ok(())
}

/// Complains of words that belong to nothing.
pub fn stray(draft: &Draft<'_>, words: &[&str]) -> Result<(), UsageError> {
    let taken = if draft.verb == Verb::SetTimeouts {
        3
    } else {
        0
    };
    if words.len() < taken {
        return Err(UsageError::new("--set option requires 3 timeout values"));
    }
    match words.get(taken) {
        Some(word) => Err(UsageError::new(format!("unexpected argument {word}"))),
        None => Ok(()),
    }
}
