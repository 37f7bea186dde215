//! The rows of a dump.

use super::{
    daemon_message, daemon_nest, destination_message, destination_nest, service_message,
    service_nest,
};
use crate::kernel::error::Malformed;
use crate::model::{
    DestinationStatus, Endpoint, Family, ServiceKey, ServiceStatus, SyncDaemon, SyncRole,
};
use std::hash::Hash;

/// A row of a dump.
pub(crate) trait Row: Copy {
    /// What names it in its table.
    type Key: Copy + Eq + Hash;
    /// What must be known to read it.
    type Context: Copy;

    /// Decodes the attributes of the reply.
    fn decode(attributes: &[u8], context: Self::Context) -> Result<Self, Malformed>;

    /// Decodes no more than the name.
    fn decode_key(attributes: &[u8], context: Self::Context) -> Result<Self::Key, Malformed>;

    /// What names it.
    fn key(&self) -> Self::Key;
}

impl Row for ServiceStatus {
    type Key = ServiceKey;
    type Context = ();

    fn decode(attributes: &[u8], (): ()) -> Result<Self, Malformed> {
        service_message::decode(service_nest(attributes)?)
    }

    fn decode_key(attributes: &[u8], (): ()) -> Result<ServiceKey, Malformed> {
        service_message::decode_key(service_nest(attributes)?)
    }

    fn key(&self) -> ServiceKey {
        self.service.key
    }
}

impl Row for DestinationStatus {
    type Key = Endpoint;
    type Context = Family;

    fn decode(attributes: &[u8], family: Family) -> Result<Self, Malformed> {
        destination_message::decode(destination_nest(attributes)?, family)
    }

    fn decode_key(attributes: &[u8], family: Family) -> Result<Endpoint, Malformed> {
        destination_message::decode_key(destination_nest(attributes)?, family)
    }

    fn key(&self) -> Endpoint {
        self.destination.endpoint
    }
}

impl Row for SyncDaemon {
    type Key = SyncRole;
    type Context = ();

    fn decode(attributes: &[u8], (): ()) -> Result<Self, Malformed> {
        daemon_message::decode(daemon_nest(attributes)?)
    }

    fn decode_key(attributes: &[u8], (): ()) -> Result<SyncRole, Malformed> {
        Ok(SyncDaemon::decode(attributes, ())?.role)
    }

    fn key(&self) -> SyncRole {
        self.role
    }
}
