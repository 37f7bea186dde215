//! The kernel's table, service by service.

use super::Failure;
use crate::model::{DestinationStatus, ServiceKey, ServiceStatus};
use crate::netlink::{Error, Kernel};
use crate::rules::{Plan, Table, TableService, Target};
use std::collections::BTreeMap;

/// A service with its destinations.
pub type Row = (ServiceStatus, Vec<DestinationStatus>);

/// All services, in ascending order or the kernel's.
pub fn services(kernel: &mut Kernel, sorted: bool) -> Result<Vec<ServiceStatus>, Failure> {
    let mut services = kernel.services().map_err(Failure::listing)?;
    if sorted {
        services.sort_unstable_by_key(|status| status.service.key);
    }
    Ok(services)
}

/// One service with its destinations; a failure where there is none such.
pub fn named(kernel: &mut Kernel, key: &ServiceKey, sorted: bool) -> Result<Row, Failure> {
    let status = kernel.service(key).map_err(Failure::listing)?;
    let destinations = destinations(kernel, key, sorted)?;
    if destinations.is_empty() {
        // Deleted since, perhaps: then the kernel says so now.
        kernel.service(key).map_err(Failure::listing)?;
    }
    Ok((status, destinations))
}

/// Hands each of the services with its destinations to `each`. One that was
/// deleted meanwhile is left out.
pub fn for_each(
    kernel: &mut Kernel,
    services: Vec<ServiceStatus>,
    sorted: bool,
    mut each: impl FnMut(Row) -> Result<(), Failure>,
) -> Result<(), Failure> {
    for status in services {
        let key = status.service.key;
        let destinations = destinations(kernel, &key, sorted)?;
        if destinations.is_empty() && is_gone(kernel, &key)? {
            continue;
        }
        each((status, destinations))?;
    }
    Ok(())
}

fn destinations(
    kernel: &mut Kernel,
    key: &ServiceKey,
    sorted: bool,
) -> Result<Vec<DestinationStatus>, Failure> {
    let mut destinations = kernel.destinations(key).map_err(Failure::listing)?;
    if sorted {
        destinations.sort_unstable_by_key(|status| status.destination.endpoint);
    }
    Ok(destinations)
}

/// All the rows at once.
pub fn collect(
    kernel: &mut Kernel,
    services: Vec<ServiceStatus>,
    sorted: bool,
) -> Result<Vec<Row>, Failure> {
    let mut rows = Vec::with_capacity(services.len());
    for_each(kernel, services, sorted, |row| {
        rows.push(row);
        Ok(())
    })?;
    Ok(rows)
}

/// The kernel answers for a deleted service as for one without destinations.
fn is_gone(kernel: &mut Kernel, key: &ServiceKey) -> Result<bool, Failure> {
    match kernel.service(key) {
        Ok(_) => Ok(false),
        Err(Error::Refused(refusal)) if refusal.errno == libc::ESRCH => Ok(true),
        Err(error) => Err(Failure::listing(error)),
    }
}

/// The kernel's table in memory, with its timeouts and sync daemons.
pub fn snapshot(kernel: &mut Kernel) -> Result<Table, Failure> {
    let mut table = surroundings(kernel)?;
    let services = services(kernel, false)?;
    for_each(kernel, services, false, |(status, destinations)| {
        table.insert(
            status.service,
            destinations.into_iter().map(|status| status.destination),
        );
        Ok(())
    })?;
    Ok(table)
}

/// The steps that make the kernel's table equal to `target`. It is read service
/// by service, and only the differences are kept.
pub fn plan(kernel: &mut Kernel, target: &Target) -> Result<Plan, Failure> {
    let mut plan = Plan::default();
    let mut mixed = false;
    let (kept, unwanted): (BTreeMap<_, _>, BTreeMap<_, _>) = services(kernel, false)?
        .into_iter()
        .map(|status| (status.service.key, status))
        .partition(|(key, _)| target.table.get(key).is_some());
    let mut present = |kernel: &mut Kernel, status: &ServiceStatus| {
        let mut found = None;
        for_each(kernel, vec![*status], false, |(status, destinations)| {
            let destinations = destinations.into_iter().map(|status| status.destination);
            let service = TableService::new(status.service, destinations);
            mixed |= service.has_mixed_families();
            found = Some(service);
            Ok(())
        })
        .map(|()| found)
    };
    for wanted in target.table.services() {
        let now = match kept.get(&wanted.service.key) {
            Some(status) => present(kernel, status)?,
            None => None,
        };
        plan.want(now.as_ref(), wanted);
    }
    for status in unwanted.values() {
        if let Some(now) = present(kernel, status)? {
            plan.remove_service(&now);
        }
    }
    plan.surround(&surroundings(kernel)?, mixed, target);
    Ok(plan)
}

/// The timeouts and sync daemons, around an empty table.
fn surroundings(kernel: &mut Kernel) -> Result<Table, Failure> {
    let mut table = Table::new();
    table.timeouts = Some(kernel.timeouts().map_err(Failure::listing)?);
    for daemon in kernel.daemons().map_err(Failure::listing)? {
        table.insert_daemon(daemon);
    }
    Ok(table)
}
