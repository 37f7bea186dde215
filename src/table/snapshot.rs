//! The kernel's table, read.

use super::{Plan, Table, TableService, Target};
use crate::kernel::{Error, Kernel};
use crate::model::{DestinationStatus, Service, ServiceKey, ServiceStatus};
use std::collections::BTreeMap;

/// The kernel's table in memory, with its timeouts and sync daemons.
///
/// # Errors
/// What the kernel refuses to tell.
pub fn snapshot(kernel: &mut Kernel) -> Result<Table, Error> {
    let mut table = timeouts_and_daemons(kernel)?;
    let mut destinations = Vec::new();
    for ServiceStatus { service, .. } in kernel.services()? {
        if read_destinations(kernel, &service.key, &mut destinations)? {
            table.insert(
                service,
                destinations.iter().map(|status| status.destination),
            );
        }
    }
    Ok(table)
}

/// The steps that make the kernel's table equal to `target`. It is read service
/// by service, and only the differences are kept.
///
/// # Errors
/// What the kernel refuses to tell.
pub fn plan(kernel: &mut Kernel, target: &Target) -> Result<Plan, Error> {
    let mut plan = Plan::default();
    let mut mixed = false;
    let (kept, unwanted): (BTreeMap<_, _>, BTreeMap<_, _>) = kernel
        .services()?
        .into_iter()
        .map(|status| (status.service.key, status.service))
        .partition(|(key, _)| target.table.get(key).is_some());
    let mut destinations = Vec::new();
    let mut present = |service: &Service| -> Result<Option<TableService>, Error> {
        if !read_destinations(kernel, &service.key, &mut destinations)? {
            return Ok(None);
        }
        let found = TableService::new(
            *service,
            destinations.iter().map(|status| status.destination),
        );
        mixed |= found.has_mixed_families();
        Ok(Some(found))
    };
    for wanted in target.table.services() {
        let now = match kept.get(&wanted.service.key) {
            Some(service) => present(service)?,
            None => None,
        };
        plan.want(now.as_ref(), wanted);
    }
    for service in unwanted.values() {
        if let Some(now) = present(service)? {
            plan.remove_service(&now);
        }
    }
    plan.surround(&timeouts_and_daemons(kernel)?, mixed, target);
    Ok(plan)
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
        Err(Error::Refused(refusal)) if refusal.errno == libc::ESRCH => Ok(false),
        Err(error) => Err(error),
    }
}

/// The timeouts and sync daemons, around an empty table.
fn timeouts_and_daemons(kernel: &mut Kernel) -> Result<Table, Error> {
    let mut table = Table::new();
    table.timeouts = Some(kernel.timeouts()?);
    for daemon in kernel.daemons()? {
        table.insert_daemon(daemon);
    }
    Ok(table)
}
