//! Rates between two readings of the counters, and the services in their order.

use super::Failure;
use crate::cli::{SortBy, Watch};
use crate::kernel::Kernel;
use crate::model::{DestinationStatus, Endpoint, ServiceKey, ServiceStatus, Stats};
use crate::output::{LIVE_HEADING, Live, Picture, Rates, write_live};
use crate::table::read_destinations;
use std::cmp::Reverse;
use std::collections::HashMap;
use std::time::Instant;

/// A service, or one of its servers.
type Key = (ServiceKey, Option<Endpoint>);

/// A reading of the counters, and when that was.
type Reading = (Stats, Instant);

/// Compares each reading with the last.
pub struct LiveRates {
    top: Option<usize>,
    by: Option<SortBy>,
    last: HashMap<Key, Reading>,
    now: HashMap<Key, Reading>,
}

impl LiveRates {
    /// Nothing read yet.
    pub fn new(watch: &Watch) -> Self {
        LiveRates {
            top: watch.top,
            // The first of an order by address are none that somebody asks for.
            by: watch.by.or(watch.top.map(|_| SortBy::Connections)),
            last: HashMap::new(),
            now: HashMap::new(),
        }
    }

    /// Reads the services, and the servers of those that fit into so many lines.
    pub fn read(
        &mut self,
        kernel: &mut Kernel,
        named: Option<&ServiceKey>,
        rows: Option<usize>,
    ) -> Result<Picture, Failure> {
        let services = match named {
            Some(key) => kernel.service(key).map(|service| vec![service]),
            None => kernel.services(),
        };
        if services.is_err() {
            // A service that comes again begins anew.
            self.last.clear();
        }
        let at = Instant::now();
        let mut services: Vec<Live<ServiceKey>> = (services.map_err(Failure::listing)?.iter())
            .map(|status| self.service(status, at))
            .collect();
        services.sort_unstable_by_key(|service| service.name);
        let mut servers = Vec::new();
        if self.by == Some(SortBy::Active) {
            for service in &mut services {
                read(kernel, &service.name, &mut servers)?;
                service.active = active(&servers);
            }
        }
        if let Some(by) = self.by {
            services.sort_by_key(|service| Reverse(measure(service, by)));
        }
        services.truncate(self.top.unwrap_or(usize::MAX));
        let picture = self.picture(kernel, services, rows);
        std::mem::swap(&mut self.last, &mut self.now);
        self.now.clear();
        picture
    }

    fn picture(
        &mut self,
        kernel: &mut Kernel,
        services: Vec<Live<ServiceKey>>,
        rows: Option<usize>,
    ) -> Result<Picture, Failure> {
        let mut text = LIVE_HEADING.as_bytes().to_vec();
        let mut lines = LIVE_HEADING.lines().count();
        let (mut servers, mut shown) = (Vec::new(), 0);
        let count = services.len();
        for mut service in services {
            if rows.is_some_and(|rows| lines >= rows) {
                break;
            }
            read(kernel, &service.name, &mut servers)?;
            let at = Instant::now();
            servers.sort_unstable_by_key(|status| status.destination.endpoint);
            service.active = active(&servers);
            service.weight = servers.iter().map(|it| u64::from(weight(it))).sum();
            let live: Vec<_> = (servers.iter())
                .map(|status| self.server(service.name, status, at))
                .collect();
            write_live(&mut text, &service, &live)?;
            lines += 1 + live.len();
            shown += 1;
        }
        let hidden = count - shown;
        Ok(Picture { text, hidden })
    }

    fn service(&mut self, status: &ServiceStatus, at: Instant) -> Live<ServiceKey> {
        let name = status.service.key;
        Live {
            name,
            rates: self.rates((name, None), status.stats, at),
            active: 0,
            weight: 0,
        }
    }

    fn server(
        &mut self,
        service: ServiceKey,
        status: &DestinationStatus,
        at: Instant,
    ) -> Live<Endpoint> {
        let name = status.destination.endpoint;
        Live {
            name,
            rates: self.rates((service, Some(name)), status.stats, at),
            active: status.active.into(),
            weight: weight(status).into(),
        }
    }

    fn rates(&mut self, key: Key, stats: Stats, at: Instant) -> Option<Rates> {
        self.now.insert(key, (stats, at));
        let (old, then) = self.last.get(&key)?;
        Rates::between(old, &stats, at.saturating_duration_since(*then))
    }
}

fn read(
    kernel: &mut Kernel,
    key: &ServiceKey,
    servers: &mut Vec<DestinationStatus>,
) -> Result<(), Failure> {
    // A service that was deleted meanwhile has none.
    if !read_destinations(kernel, key, servers).map_err(Failure::listing)? {
        servers.clear();
    }
    Ok(())
}

fn active(servers: &[DestinationStatus]) -> u64 {
    servers.iter().map(|status| u64::from(status.active)).sum()
}

fn weight(status: &DestinationStatus) -> u32 {
    status.destination.weight.cast_unsigned()
}

/// What services are ordered by.
fn measure(service: &Live<ServiceKey>, by: SortBy) -> u64 {
    let rates = service.rates.unwrap_or_default();
    match by {
        SortBy::Connections => rates.connections,
        SortBy::Packets => rates.in_packets.saturating_add(rates.out_packets),
        SortBy::Bits => rates.in_bits.saturating_add(rates.out_bits),
        SortBy::Active => service.active,
    }
}
