//! The services and destinations of a listing or a save, read from the kernel.

use super::names::resolve;
use super::{Failure, refusal_hint};
use crate::cli::SortKey;
use crate::kernel::proc::services_text::ServersText;
use crate::kernel::{Error, Kernel};
use crate::model::{DestinationStatus, ServiceKey, ServiceStatus};
use crate::names::{NameRequests, Names};
use crate::table::read_destinations;

/// A service with its destinations.
pub type Row = (ServiceStatus, Vec<DestinationStatus>);

/// The services that are to be shown, and how their destinations are read.
pub struct Rows<'a> {
    kernel: &'a mut Kernel,
    services: Vec<ServiceStatus>,
    /// Destinations that are in here are not asked of the kernel.
    text: Option<ServersText>,
    /// The order of the destinations. Where `None`, all is in the kernel's.
    order: Option<SortKey>,
    /// All of it, where it was read at once.
    read: Option<Vec<Row>>,
    /// After so many lines, no further service is read.
    lines: usize,
    /// How many services were left out because there were enough lines.
    hidden: usize,
}

impl<'a> Rows<'a> {
    /// All services.
    pub fn all(kernel: &'a mut Kernel, order: Option<SortKey>) -> Result<Self, Failure> {
        let mut services = kernel.services().map_err(Failure::listing)?;
        if order.is_some() {
            services.sort_unstable_by_key(|status| status.service.key);
        }
        Ok(Rows::of(kernel, services, order))
    }

    fn of(kernel: &'a mut Kernel, services: Vec<ServiceStatus>, order: Option<SortKey>) -> Self {
        Rows {
            kernel,
            services,
            text: None,
            order,
            read: None,
            lines: usize::MAX,
            hidden: 0,
        }
    }

    /// One service. It is a failure if there is no such service.
    pub fn one(
        kernel: &'a mut Kernel,
        key: &ServiceKey,
        order: Option<SortKey>,
    ) -> Result<Self, Failure> {
        let service = kernel.service(key);
        let services = vec![service.map_err(|error| absent(kernel, key, error))?];
        let mut rows = Rows::of(kernel, services, order);
        let read = rows.collect()?;
        if read.is_empty() {
            // Deleted since: now the kernel says so.
            let service = rows.kernel.service(key);
            service.map_err(|error| absent(rows.kernel, key, error))?;
        }
        rows.read = Some(read);
        Ok(rows)
    }

    /// Takes the destinations from the kernel's text where the text is certain. It has all
    /// that a plain listing shows, and no more.
    #[must_use]
    pub fn with_text(mut self) -> Self {
        if !self.services.is_empty() {
            self.text = self.kernel.servers_text();
        }
        self
    }

    /// Stops after so many lines of the listing.
    #[must_use]
    pub fn down_to(mut self, lines: usize) -> Self {
        self.lines = lines;
        self
    }

    /// How many services were left out by [`down_to`](Rows::down_to).
    pub fn hidden(&self) -> usize {
        self.hidden
    }

    pub fn is_empty(&self) -> bool {
        self.services.is_empty()
    }

    /// All that is listed, read now.
    pub fn read(&mut self) -> Result<&[Row], Failure> {
        if self.read.is_none() {
            self.read = Some(self.collect()?);
        }
        Ok(self.read.as_deref().unwrap_or_default())
    }

    /// The names of all that is listed, looked up for at most so many seconds.
    /// Before the first can be asked for, all must be read.
    pub fn names(&mut self, seconds: u32) -> Result<Names, Failure> {
        let mut requests = NameRequests::default();
        for (status, destinations) in self.read()? {
            let key = status.service.key;
            requests.add_service(&key);
            for status in destinations {
                requests.add(key.protocol(), status.destination.endpoint);
            }
        }
        Ok(resolve(&requests, seconds))
    }

    /// Hands each service with its destinations to `each`, without the services that were
    /// deleted meanwhile.
    pub fn for_each(
        &mut self,
        mut each: impl FnMut(&ServiceStatus, &[DestinationStatus]) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        if let Some(rows) = &self.read {
            for (service, destinations) in rows {
                each(service, destinations)?;
            }
            return Ok(());
        }
        let mut destinations = Vec::new();
        let mut lines = 0;
        for (index, service) in self.services.iter().enumerate() {
            if lines >= self.lines {
                self.hidden = self.services.len() - index;
                break;
            }
            let key = &service.service.key;
            let certain =
                (self.text.as_ref()).is_some_and(|text| text.servers(key, &mut destinations));
            let there = certain
                || read_destinations(self.kernel, key, &mut destinations)
                    .map_err(Failure::listing)?;
            if !there {
                continue;
            }
            if let Some(key) = self.order {
                key.sort(&mut destinations);
            }
            lines += 1 + destinations.len();
            each(service, &destinations)?;
        }
        Ok(())
    }

    fn collect(&mut self) -> Result<Vec<Row>, Failure> {
        let mut rows = Vec::with_capacity(self.services.len());
        self.for_each(|service, destinations| {
            rows.push((*service, destinations.to_vec()));
            Ok(())
        })?;
        Ok(rows)
    }
}

/// A service can't be listed.
fn absent(kernel: &mut Kernel, key: &ServiceKey, error: Error) -> Failure {
    let hint = refusal_hint::listing(kernel, key, &error);
    Failure::listing(error).with_lines(hint)
}
