//! Connections whose server takes no more: deleted, of weight 0, or full. Clients of UDP
//! that go on sending are kept at such a server.

use crate::kernel::Connection;
use crate::kernel::{Error, Kernel};
use crate::model::DestinationStatus;
use crate::table::Owners;

/// The servers of the table, and which of them take connections.
pub struct Stale {
    owners: Owners,
    taking: Vec<bool>,
}

impl Stale {
    /// Reads the table.
    pub fn read(kernel: &mut Kernel) -> Result<Self, Error> {
        let mut owners = Owners::default();
        let mut taking = Vec::new();
        for status in kernel.services()? {
            let key = status.service.key;
            owners.add_service(&key);
            for server in kernel.destinations(&key)? {
                owners.add_server(&key, server.destination.endpoint, taking.len());
                taking.push(takes_connections(&server));
            }
        }
        Ok(Stale { owners, taking })
    }

    /// Whether the connection's server takes no more.
    pub fn contains(&self, connection: &Connection<'_>) -> bool {
        let server = self.owners.owner(connection);
        server.is_none_or(|number| self.taking.get(number) != Some(&true))
    }
}

fn takes_connections(server: &DestinationStatus) -> bool {
    server.destination.weight > 0 && !server.is_full()
}
