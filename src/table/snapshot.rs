//! The kernel's table, read.

use super::{Plan, Table, TableService, Target};
use crate::kernel::{Error, Kernel, RefusalKind};
use crate::model::{DestinationStatus, ServiceKey};
use std::borrow::Cow;
use std::collections::BTreeMap;

impl Kernel {
    /// The kernel's table in memory, with its timeouts and sync daemons.
    ///
    /// # Errors
    /// What the kernel refuses to tell.
    pub fn table(&mut self) -> Result<Table, Error> {
        let mut table = daemons_and_timeouts(self)?;
        let mut rows = Vec::new();
        for status in self.services()? {
            if read_destinations(self, &status.service.key, &mut rows)? {
                let destinations = rows.iter().map(|row| row.destination);
                table.insert(status.service, destinations);
            }
        }
        Ok(table)
    }

    /// The steps that make the kernel's table equal to `target`: those of
    /// [`Plan::new`] for [`Kernel::table`]. Only one service at a time is in memory
    /// with its destinations.
    ///
    /// # Errors
    /// What the kernel refuses to tell.
    pub fn plan(&mut self, target: &Target) -> Result<Plan, Error> {
        let around = daemons_and_timeouts(self)?;
        let services = self.services()?.into_iter().map(|it| it.service);
        let services: BTreeMap<_, _> = services.map(|it| (it.key, it)).collect();
        let mut rows = Vec::new();
        Plan::by_service(services.keys(), &around, target, |key| {
            Ok(match services.get(key) {
                Some(service) if read_destinations(self, key, &mut rows)? => {
                    let destinations = rows.iter().map(|row| row.destination);
                    Some(Cow::Owned(TableService::new(*service, destinations)))
                }
                _ => None,
            })
        })
    }
}

/// Reads the destinations of a service. Whether the service is there.
pub(crate) fn read_destinations(
    kernel: &mut Kernel,
    key: &ServiceKey,
    rows: &mut Vec<DestinationStatus>,
) -> Result<bool, Error> {
    kernel.read_destinations(key, rows)?;
    if !rows.is_empty() {
        return Ok(true);
    }
    // The kernel answers for a deleted service as for one without destinations.
    match kernel.service(key) {
        Ok(_) => Ok(true),
        Err(Error::Refused(refusal)) if refusal.kind() == RefusalKind::NoSuchService => Ok(false),
        Err(error) => Err(error),
    }
}

/// A table without services.
fn daemons_and_timeouts(kernel: &mut Kernel) -> Result<Table, Error> {
    let mut table = Table::new();
    table.timeouts = Some(kernel.timeouts()?);
    for daemon in kernel.daemons()? {
        table.insert_daemon(daemon);
    }
    Ok(table)
}
