//! What can be asked of a table.

use super::{Destination, Endpoint, Family, Service, ServiceKey, SyncDaemon, SyncRole, Timeouts};

/// One change of the virtual server table or of what surrounds it: the meaning
/// of one line of a rules file, and of one changing command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change {
    /// `-A`
    AddService(Service),
    /// `-E`
    EditService(Service),
    /// `-D`
    DeleteService(ServiceKey),
    /// `-C`
    Clear,
    /// `-a`
    AddDestination(ServiceKey, Destination),
    /// `-e`
    EditDestination(ServiceKey, Destination),
    /// `-d`
    DeleteDestination(ServiceKey, Endpoint),
    /// `-Z`: one service's counters, or everyone's.
    Zero(Option<ServiceKey>),
    /// `--set`
    SetTimeouts(Timeouts),
    /// `--start-daemon`
    StartDaemon(SyncDaemon),
    /// `--stop-daemon`; the kernel wants the daemon's sync id.
    StopDaemon(SyncRole, u32),
}

impl Change {
    /// The service that it is about, if it is about one.
    pub fn service(&self) -> Option<ServiceKey> {
        match self {
            Change::AddService(service) | Change::EditService(service) => Some(service.key),
            Change::DeleteService(key)
            | Change::AddDestination(key, _)
            | Change::EditDestination(key, _)
            | Change::DeleteDestination(key, _) => Some(*key),
            Change::Zero(key) => *key,
            Change::Clear
            | Change::SetTimeouts(_)
            | Change::StartDaemon(_)
            | Change::StopDaemon(..) => None,
        }
    }

    /// Whether it makes a server of another family than its service's. The kernel
    /// tunnels to such, but runs no sync daemon beside them.
    pub fn mixes_families(&self) -> bool {
        match self {
            Change::AddDestination(key, new) | Change::EditDestination(key, new) => {
                Family::of(new.endpoint.address) != key.family()
            }
            _ => false,
        }
    }
}
