//! Metrics: the counters and the state as Prometheus' text format or OpenMetrics.
//!
//! Both formats want all samples of a metric together, so the rows are kept until the
//! last one is read: the labels of each once, as text, and its numbers.

mod families;
mod labels;

use crate::cli::MetricsFormat;
use crate::model::push_text::push_decimal;
use crate::model::{DestinationStatus, Info, ServiceStatus, SyncDaemon, Timeouts};
use families::{BACKEND, Family, GLOBALS, SERVICE, SERVICE_SETTINGS};
use labels::Labels;
use std::io::{self, Write};

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// A service with its servers. The labels that all of them share are kept once.
#[derive(Debug)]
struct Service {
    status: ServiceStatus,
    labels: Labels,
    /// The servers that take connections.
    usable: u64,
    /// The servers that have metrics of their own.
    backends: Vec<Backend>,
    /// The labels of all these servers in one text.
    backend_labels: Labels,
}

/// A server's numbers: no more of it is kept, as a table may have a million.
#[derive(Debug)]
struct Backend {
    connections: u64,
    in_packets: u64,
    out_packets: u64,
    in_bytes: u64,
    out_bytes: u64,
    active: u32,
    inactive: u32,
    persistent: u32,
    weight: u32,
    upper_threshold: u32,
    lower_threshold: u32,
    /// Where its labels end.
    labels_end: usize,
}

/// What belongs to no service.
#[derive(Debug)]
pub struct Globals {
    /// The IPVS.
    pub info: Info,
    /// The connection timeouts.
    pub timeouts: Timeouts,
    /// The sync daemons that run.
    pub daemons: Vec<SyncDaemon>,
}

/// Keeps the rows of a table, and writes its metrics.
#[derive(Debug)]
pub struct Metrics {
    format: MetricsFormat,
    netns: Option<String>,
    /// Whether the servers have metrics of their own.
    servers: bool,
    services: Vec<Service>,
    active: u64,
    inactive: u64,
}

impl Metrics {
    /// No rows yet; `servers` says whether the servers have metrics of their own.
    pub fn new(format: MetricsFormat, netns: Option<String>, servers: bool) -> Self {
        Metrics {
            format,
            netns,
            servers,
            services: Vec::new(),
            active: 0,
            inactive: 0,
        }
    }

    /// Takes a service with its servers.
    pub fn add(&mut self, status: &ServiceStatus, destinations: &[DestinationStatus]) {
        let usable = |it: &&DestinationStatus| it.destination.weight > 0;
        let mut service = Service {
            status: *status,
            labels: Labels::of_service(&status.service.key, self.netns.as_deref()),
            usable: destinations.iter().filter(usable).count() as u64,
            backends: Vec::new(),
            backend_labels: Labels::default(),
        };
        for destination in destinations {
            self.active += u64::from(destination.active);
            self.inactive += u64::from(destination.inactive);
        }
        if self.servers {
            service.backends.reserve_exact(destinations.len());
            for destination in destinations {
                service.add(destination);
            }
        }
        self.services.push(service);
    }

    /// Writes the metrics of the rows; those of the whole IPVS only where `globals` are
    /// given.
    ///
    /// # Errors
    /// What the writer reports.
    pub fn write(
        &self,
        out: &mut (impl Write + ?Sized),
        globals: Option<&Globals>,
    ) -> io::Result<()> {
        let mut writer = Writer {
            out,
            format: self.format,
            text: Vec::with_capacity(FULL + 4096),
        };
        let netns = self.netns.as_deref();
        for family in &SERVICE {
            writer.head(family)?;
            for service in &self.services {
                writer.sample(family, [service.labels.bytes(), b""], service)?;
            }
        }
        let services = self.services.iter();
        let settings = services.map(|it| (labels::of_settings(&it.status.service, netns), 1));
        writer.one_each(&SERVICE_SETTINGS, settings)?;
        if self.servers {
            for family in &BACKEND {
                writer.head(family)?;
                for service in &self.services {
                    writer.backends(family, service)?;
                }
            }
        }
        if let Some(globals) = globals {
            self.write_globals(&mut writer, globals)?;
        }
        writer.end()
    }

    fn write_globals<W: Write + ?Sized>(
        &self,
        writer: &mut Writer<'_, W>,
        globals: &Globals,
    ) -> io::Result<()> {
        let labelled = |pairs: &[(&str, &str)]| Labels::plain(pairs, self.netns.as_deref());
        let [timeouts, connections, buckets, daemons, build] = &GLOBALS;
        let samples = [
            ("tcp", globals.timeouts.tcp),
            ("tcpfin", globals.timeouts.tcp_fin),
            ("udp", globals.timeouts.udp),
        ];
        let samples =
            samples.map(|(name, value)| (labelled(&[("timeout", name)]), u64::from(value)));
        writer.one_each(timeouts, samples)?;
        let samples = [("active", self.active), ("inactive", self.inactive)];
        let samples = samples.map(|(state, value)| (labelled(&[("state", state)]), value));
        writer.one_each(connections, samples)?;
        let size = globals.info.connection_table_size;
        writer.one_each(buckets, [(labelled(&[]), u64::from(size))])?;
        let netns = self.netns.as_deref();
        let samples = globals.daemons.iter();
        let samples = samples.map(|daemon| (labels::of_daemon(daemon, netns), 1));
        writer.one_each(daemons, samples)?;
        let (major, minor, patch) = globals.info.version;
        let ipvs = format!("{major}.{minor}.{patch}");
        let versions = labelled(&[("version", VERSION), ("ipvs_version", &ipvs)]);
        writer.one_each(build, [(versions, 1)])
    }
}

impl Service {
    fn add(&mut self, status: &DestinationStatus) {
        let DestinationStatus {
            destination, stats, ..
        } = status;
        self.backend_labels.add_backend(destination.endpoint);
        self.backends.push(Backend {
            connections: stats.connections,
            in_packets: stats.in_packets,
            out_packets: stats.out_packets,
            in_bytes: stats.in_bytes,
            out_bytes: stats.out_bytes,
            active: status.active,
            inactive: status.inactive,
            persistent: status.persistent,
            // Kernels take no weight below 0.
            weight: destination.weight.cast_unsigned(),
            upper_threshold: destination.upper_threshold,
            lower_threshold: destination.lower_threshold,
            labels_end: self.backend_labels.bytes().len(),
        });
    }
}

/// The text that is handed to the output at once, in bytes.
const FULL: usize = 64 * 1024;

struct Writer<'a, W: ?Sized> {
    out: &'a mut W,
    format: MetricsFormat,
    text: Vec<u8>,
}

impl<W: Write + ?Sized> Writer<'_, W> {
    /// Writes a service's part of a family.
    fn backends(&mut self, family: &Family<Backend>, service: &Service) -> io::Result<()> {
        let mut start = 0;
        for backend in &service.backends {
            let end = backend.labels_end;
            let own = service.backend_labels.bytes().get(start..end);
            let labels = [service.labels.bytes(), own.unwrap_or_default()];
            start = end;
            self.sample(family, labels, backend)?;
        }
        Ok(())
    }

    /// Writes a family of samples that are at hand.
    fn one_each(
        &mut self,
        family: &Family<u64>,
        samples: impl IntoIterator<Item = (Labels, u64)>,
    ) -> io::Result<()> {
        self.head(family)?;
        for (labels, value) in samples {
            self.sample(family, [labels.bytes(), b""], &value)?;
        }
        Ok(())
    }

    /// The type and the help of a family. OpenMetrics names it without the ending of its
    /// samples.
    fn head<T>(&mut self, family: &Family<T>) -> io::Result<()> {
        let Family {
            name, kind, help, ..
        } = family;
        let (ending, word) = match self.format {
            MetricsFormat::Prometheus => (kind.ending(), kind.prometheus()),
            MetricsFormat::OpenMetrics => ("", kind.openmetrics()),
        };
        writeln!(self.text, "# HELP {name}{ending} {help}")?;
        writeln!(self.text, "# TYPE {name}{ending} {word}")
    }

    /// The sample of a row, where the row has a value. Its labels are in two parts.
    fn sample<T>(&mut self, family: &Family<T>, labels: [&[u8]; 2], row: &T) -> io::Result<()> {
        let Some(value) = (family.value)(row) else {
            return Ok(());
        };
        let text = &mut self.text;
        text.extend_from_slice(family.name.as_bytes());
        text.extend_from_slice(family.kind.ending().as_bytes());
        let before = text.len();
        text.push(b'{');
        labels.iter().for_each(|part| text.extend_from_slice(part));
        // Each label ends in a comma, the last one's becomes the brace.
        match text.pop() {
            Some(b',') => text.push(b'}'),
            _ => text.truncate(before),
        }
        text.push(b' ');
        push_decimal(text, value);
        text.push(b'\n');
        if text.len() >= FULL {
            self.out.write_all(text)?;
            text.clear();
        }
        Ok(())
    }

    /// OpenMetrics says where it ends, so that a part can't pass for the whole.
    fn end(mut self) -> io::Result<()> {
        if self.format == MetricsFormat::OpenMetrics {
            self.text.extend_from_slice(b"# EOF\n");
        }
        self.out.write_all(&self.text)
    }
}

#[cfg(test)]
mod tests;
