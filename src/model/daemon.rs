//! Connection synchronization daemons.

use super::{Name, ParseError};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::str::FromStr;

/// The group of a daemon that names none (`IP_VS_SYNC_GROUP` of the kernel's
/// `net/netfilter/ipvs/ip_vs_sync.c`).
const DEFAULT_GROUP: IpAddr = IpAddr::V4(Ipv4Addr::new(224, 0, 0, 81));
/// Its UDP port (`IP_VS_SYNC_PORT`).
const DEFAULT_PORT: u16 = 8848;
/// Its multicast TTL.
const DEFAULT_TTL: u8 = 1;
/// A backup takes messages of at least this length, whatever it is told.
const SHORTEST_FOR_BACKUP: u16 = 1024;

/// Which end of the synchronization a daemon is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SyncRole {
    /// Multicasts this director's connections (`IP_VS_STATE_MASTER`, 1).
    Master,
    /// Receives another director's (`IP_VS_STATE_BACKUP`, 2).
    Backup,
}

impl SyncRole {
    /// All of them.
    pub const BOTH: [SyncRole; 2] = [SyncRole::Master, SyncRole::Backup];

    /// ipvsadm's word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            SyncRole::Master => "master",
            SyncRole::Backup => "backup",
        }
    }
}

impl fmt::Display for SyncRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for SyncRole {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        [SyncRole::Master, SyncRole::Backup]
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or_else(|| ParseError::new("master or backup", text))
    }
}

/// A sync daemon, to be started or as it runs.
///
/// What is `None` is left to the kernel, which fills it in when it reports the
/// daemon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SyncDaemon {
    /// Its role.
    pub role: SyncRole,
    /// The interface that carries the messages.
    pub interface: Name,
    /// The id of this group of directors, 0 to 255; a backup with 0 takes all.
    pub sync_id: u32,
    /// The longest message, in bytes of UDP payload.
    pub max_length: Option<u16>,
    /// The multicast group; 224.0.0.81 by default.
    pub group: Option<IpAddr>,
    /// The UDP port, host byte order; 8848 by default.
    pub port: Option<u16>,
    /// The multicast TTL; 1 by default.
    pub ttl: Option<u8>,
}

impl SyncDaemon {
    /// Whether this daemon, as the kernel reports it, is what comes of starting
    /// `wanted`.
    ///
    /// Without a length the kernel computes one from the interface, so any will
    /// do. What an old kernel does not report counts as equal.
    pub fn runs_as(&self, wanted: &SyncDaemon) -> bool {
        let started = wanted.as_started();
        let length = |started| self.max_length.or(Some(started));
        let reported = SyncDaemon {
            max_length: started.max_length.and_then(length),
            group: self.group.or(started.group),
            port: self.port.or(started.port),
            ttl: self.ttl.or(started.ttl),
            ..*self
        };
        reported == started
    }

    /// The group and the UDP port that its messages go to, with the kernel's values for
    /// what was left to it.
    pub(crate) fn messages(&self) -> (IpAddr, u16) {
        (
            self.group.unwrap_or(DEFAULT_GROUP),
            self.port.unwrap_or(DEFAULT_PORT),
        )
    }

    /// With the kernel's values for what was left to it or is out of its range
    /// (`start_sync_thread` of `net/netfilter/ipvs/ip_vs_sync.c`).
    fn as_started(&self) -> SyncDaemon {
        let (group, port) = self.messages();
        // The message and its IP and UDP headers make one packet.
        let headers = if group.is_ipv4() { 20 + 8 } else { 40 + 8 };
        let shortest = match self.role {
            SyncRole::Master => 1,
            SyncRole::Backup => SHORTEST_FOR_BACKUP,
        };
        SyncDaemon {
            max_length: self
                .max_length
                .map(|length| length.clamp(shortest, u16::MAX - headers)),
            group: Some(group),
            port: Some(port),
            ttl: Some(self.ttl.unwrap_or(DEFAULT_TTL)),
            ..*self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_daemon_runs_as_it_was_started() {
        let wanted = SyncDaemon {
            role: SyncRole::Backup,
            interface: Name::from_static("lo"),
            sync_id: 1,
            max_length: Some(1000),
            group: None,
            port: None,
            ttl: None,
        };
        let reported = SyncDaemon {
            max_length: Some(1024),
            group: Some(DEFAULT_GROUP),
            port: Some(8848),
            ttl: Some(1),
            ..wanted
        };
        assert!(reported.runs_as(&wanted));
        let any_length = SyncDaemon {
            max_length: None,
            ..wanted
        };
        assert!(reported.runs_as(&any_length));
        let longer = SyncDaemon {
            max_length: Some(1025),
            ..wanted
        };
        assert!(!reported.runs_as(&longer));
        let elsewhere = SyncDaemon {
            group: Some("239.0.0.1".parse().unwrap()),
            ..reported
        };
        assert!(!elsewhere.runs_as(&wanted));
        let master = |daemon| SyncDaemon {
            role: SyncRole::Master,
            ..daemon
        };
        assert!(!master(reported).runs_as(&master(wanted)));
        let old_kernel = SyncDaemon {
            max_length: None,
            group: None,
            port: None,
            ttl: None,
            ..wanted
        };
        assert!(old_kernel.runs_as(&any_length));
    }
}
