//! Connection synchronization daemons.

use super::Name;
use std::net::IpAddr;

/// Which end of the synchronization a daemon is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SyncRole {
    /// Multicasts this director's connections (`IP_VS_STATE_MASTER`, 1).
    Master,
    /// Receives another director's (`IP_VS_STATE_BACKUP`, 2).
    Backup,
}

impl SyncRole {
    /// ipvsadm's word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            SyncRole::Master => "master",
            SyncRole::Backup => "backup",
        }
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
    /// Whether this running daemon is as `wanted`; what that leaves to the kernel
    /// may be anything.
    pub fn runs_as(&self, wanted: &SyncDaemon) -> bool {
        let completed = SyncDaemon {
            max_length: wanted.max_length.or(self.max_length),
            group: wanted.group.or(self.group),
            port: wanted.port.or(self.port),
            ttl: wanted.ttl.or(self.ttl),
            ..*wanted
        };
        *self == completed
    }
}
