//! The kernel's table, service by service.

use super::Failure;
use super::place::Place;
use crate::kernel::proc::services::{self as proc_table, ProcTable};
use crate::kernel::{DestinationRow, Kernel, Row, ServiceRow};
use crate::model::{Destination, DestinationStatus, DestinationSummary, ServiceKey, ServiceStatus};
use crate::table::read_destinations;
use std::fs::File;

/// A service with its destinations.
pub type WithDestinations<S, D> = (S, Vec<D>);

/// All services, in ascending order or the kernel's.
pub fn services<S: ServiceRow>(kernel: &mut Kernel, sorted: bool) -> Result<Vec<S>, Failure> {
    let mut services = kernel.read_services::<S>().map_err(Failure::listing)?;
    if sorted {
        services.sort_unstable_by_key(Row::key);
    }
    Ok(services)
}

/// One service with its destinations; a failure where there is none such.
pub fn named(
    kernel: &mut Kernel,
    key: &ServiceKey,
    sorted: bool,
) -> Result<WithDestinations<ServiceStatus, DestinationStatus>, Failure> {
    let status = kernel.service(key).map_err(Failure::listing)?;
    let mut destinations = kernel.destinations(key).map_err(Failure::listing)?;
    if sorted {
        destinations.sort_unstable_by_key(Row::key);
    }
    if destinations.is_empty() {
        // Deleted since, perhaps: then the kernel says so now.
        kernel.service(key).map_err(Failure::listing)?;
    }
    Ok((status, destinations))
}

/// Where destinations are read from.
pub struct Source<'a> {
    kernel: &'a mut Kernel,
    /// What is in here is not asked of the kernel.
    file: Option<ProcTable>,
    /// In ascending order, rather than the kernel's.
    sorted: bool,
}

/// A destination, as a source has it.
pub trait Listed: DestinationRow {
    /// Takes those of a service out of the file. Whether they are certain.
    fn of_file(_: &ProcTable, _: &ServiceKey, _: &mut Vec<Self>) -> bool {
        false
    }
}

impl Listed for DestinationStatus {}

impl Listed for Destination {}

impl Listed for DestinationSummary {
    fn of_file(file: &ProcTable, key: &ServiceKey, rows: &mut Vec<Self>) -> bool {
        file.servers(key, rows)
    }
}

impl<'a> Source<'a> {
    /// Netlink, service by service.
    pub fn netlink(kernel: &'a mut Kernel, sorted: bool) -> Self {
        Source {
            kernel,
            file: None,
            sorted,
        }
    }

    /// The kernel's text as it is now, for as much as a plain listing shows, and
    /// netlink for what the text leaves open.
    pub fn text(kernel: &'a mut Kernel, place: &Place, sorted: bool) -> Result<Self, Failure> {
        let file = place.within(|| File::open(proc_table::PATH))?;
        Ok(Source {
            kernel,
            file: file.ok().and_then(ProcTable::read),
            sorted,
        })
    }

    /// Hands each of the services with its destinations to `each`. One that was
    /// deleted meanwhile is left out.
    pub fn for_each<S: ServiceRow, D: Listed>(
        &mut self,
        services: &[S],
        mut each: impl FnMut(&S, &[D]) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let mut destinations = Vec::new();
        for service in services {
            if self.read(&service.key(), &mut destinations)? {
                each(service, &destinations)?;
            }
        }
        Ok(())
    }

    /// All the rows at once.
    pub fn collect<S: ServiceRow, D: Listed>(
        &mut self,
        services: &[S],
    ) -> Result<Vec<WithDestinations<S, D>>, Failure> {
        let mut rows = Vec::with_capacity(services.len());
        self.for_each(services, |service, destinations| {
            rows.push((*service, destinations.to_vec()));
            Ok(())
        })?;
        Ok(rows)
    }

    /// Reads the destinations of a service. Whether it is there.
    fn read<D: Listed>(&mut self, key: &ServiceKey, rows: &mut Vec<D>) -> Result<bool, Failure> {
        let kernel = &mut *self.kernel;
        let certain = (self.file.as_ref()).is_some_and(|file| D::of_file(file, key, rows));
        if !certain && !read_destinations(kernel, key, rows).map_err(Failure::listing)? {
            return Ok(false);
        }
        if self.sorted {
            rows.sort_unstable_by_key(Row::key);
        }
        Ok(true)
    }
}
