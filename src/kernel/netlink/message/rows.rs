//! What a row of a dump is decoded into: all that the kernel says of it, or no
//! more than the caller uses. Of ten thousand rows the counters alone are the
//! larger part of the memory.

use super::{daemon, daemon_nest, destination, destination_nest, service, service_nest};
use crate::kernel::error::Malformed;
use crate::model::{
    Destination, DestinationStatus, DestinationSummary, Endpoint, Family, Service, ServiceKey,
    ServiceStatus, SyncDaemon, SyncRole,
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

/// A virtual service, in as much detail as wanted.
pub(crate) trait ServiceRow: Row<Key = ServiceKey, Context = ()> {}

impl<T: Row<Key = ServiceKey, Context = ()>> ServiceRow for T {}

/// A destination, in as much detail as wanted; old kernels leave the family to
/// that of its service.
pub(crate) trait DestinationRow: Row<Key = Endpoint, Context = Family> {}

impl<T: Row<Key = Endpoint, Context = Family>> DestinationRow for T {}

impl Row for ServiceStatus {
    type Key = ServiceKey;
    type Context = ();

    fn decode(attributes: &[u8], (): ()) -> Result<Self, Malformed> {
        service::decode(service_nest(attributes)?)
    }

    fn decode_key(attributes: &[u8], (): ()) -> Result<ServiceKey, Malformed> {
        service::decode_key(service_nest(attributes)?)
    }

    fn key(&self) -> ServiceKey {
        self.service.key
    }
}

impl Row for Service {
    type Key = ServiceKey;
    type Context = ();

    fn decode(attributes: &[u8], (): ()) -> Result<Self, Malformed> {
        service::decode_configured(service_nest(attributes)?)
    }

    fn decode_key(attributes: &[u8], (): ()) -> Result<ServiceKey, Malformed> {
        service::decode_key(service_nest(attributes)?)
    }

    fn key(&self) -> ServiceKey {
        self.key
    }
}

impl Row for DestinationStatus {
    type Key = Endpoint;
    type Context = Family;

    fn decode(attributes: &[u8], family: Family) -> Result<Self, Malformed> {
        destination::decode(destination_nest(attributes)?, family)
    }

    fn decode_key(attributes: &[u8], family: Family) -> Result<Endpoint, Malformed> {
        destination::decode_key(destination_nest(attributes)?, family)
    }

    fn key(&self) -> Endpoint {
        self.destination.endpoint
    }
}

impl Row for Destination {
    type Key = Endpoint;
    type Context = Family;

    fn decode(attributes: &[u8], family: Family) -> Result<Self, Malformed> {
        destination::decode_configured(destination_nest(attributes)?, family)
    }

    fn decode_key(attributes: &[u8], family: Family) -> Result<Endpoint, Malformed> {
        destination::decode_key(destination_nest(attributes)?, family)
    }

    fn key(&self) -> Endpoint {
        self.endpoint
    }
}

impl Row for DestinationSummary {
    type Key = Endpoint;
    type Context = Family;

    fn decode(attributes: &[u8], family: Family) -> Result<Self, Malformed> {
        destination::decode_summary(destination_nest(attributes)?, family)
    }

    fn decode_key(attributes: &[u8], family: Family) -> Result<Endpoint, Malformed> {
        destination::decode_key(destination_nest(attributes)?, family)
    }

    fn key(&self) -> Endpoint {
        self.endpoint
    }
}

impl Row for SyncDaemon {
    type Key = SyncRole;
    type Context = ();

    fn decode(attributes: &[u8], (): ()) -> Result<Self, Malformed> {
        daemon::decode(daemon_nest(attributes)?)
    }

    fn decode_key(attributes: &[u8], (): ()) -> Result<SyncRole, Malformed> {
        Ok(SyncDaemon::decode(attributes, ())?.role)
    }

    fn key(&self) -> SyncRole {
        self.role
    }
}
