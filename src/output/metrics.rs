//! Metrics: the counters and the state as Prometheus' text format or OpenMetrics.
//!
//! Both formats want all samples of a metric together, so the rows are kept until the
//! last one is read: the labels of each once, as text, and its numbers.

mod families;
mod labels;

use crate::cli::MetricsFormat;
use crate::model::text::push_decimal;
use crate::model::{DestinationStatus, Info, ServiceStatus, SyncDaemon, Timeouts};
use families::{BACKEND, Family, Kind, SERVICE};
use labels::{LabelText, Labels};
use std::io::{self, Write};

/// A service as its metrics show it.
#[derive(Debug)]
struct Service {
    status: ServiceStatus,
    /// The servers that take connections.
    backends: u64,
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

/// The samples' labels and what their values are read from, row by row.
#[derive(Debug)]
struct Rows<T> {
    labels: LabelText,
    values: Vec<T>,
}

/// Keeps the rows of a table, and writes its metrics.
#[derive(Debug)]
pub struct Metrics {
    format: MetricsFormat,
    netns: Option<String>,
    services: Rows<Service>,
    /// `None` where the servers' own metrics are not wanted.
    backends: Option<Rows<DestinationStatus>>,
    active: u64,
    inactive: u64,
}

impl Metrics {
    /// No rows yet; `servers` says whether the servers have metrics of their own.
    pub fn new(format: MetricsFormat, netns: Option<String>, servers: bool) -> Self {
        Metrics {
            format,
            netns,
            services: Rows::default(),
            backends: servers.then(Rows::default),
            active: 0,
            inactive: 0,
        }
    }

    /// Takes a service with its servers.
    pub fn add(&mut self, status: &ServiceStatus, destinations: &[DestinationStatus]) {
        let key = &status.service.key;
        let usable = |it: &&DestinationStatus| it.destination.weight > 0;
        self.services.values.push(Service {
            status: *status,
            backends: destinations.iter().filter(usable).count() as u64,
        });
        let labels = Labels::of_service(key, self.netns.as_deref());
        self.services.labels.push(&labels);
        for destination in destinations {
            self.active += u64::from(destination.active);
            self.inactive += u64::from(destination.inactive);
            if let Some(backends) = &mut self.backends {
                backends.values.push(*destination);
                let endpoint = destination.destination.endpoint;
                backends.labels.push(&labels.of_backend(endpoint));
            }
        }
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
            line: Vec::with_capacity(512),
        };
        let netns = self.netns.as_deref();
        writer.families(&SERVICE, &self.services)?;
        writer.one_each(
            "ipvs_service",
            Kind::Info,
            "Scheduler, flags and persistence of the virtual service.",
            (self.services.values.iter())
                .map(|it| (labels::of_settings(&it.status.service, netns), 1)),
        )?;
        if let Some(backends) = &self.backends {
            writer.families(&BACKEND, backends)?;
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
        let labelled = |pairs: &[(&str, &str)]| Labels::plain(pairs, self.netns.as_deref()).text();
        let timeouts = [
            ("tcp", globals.timeouts.tcp),
            ("tcpfin", globals.timeouts.tcp_fin),
            ("udp", globals.timeouts.udp),
        ];
        writer.one_each(
            "ipvs_timeout_seconds",
            Kind::Gauge,
            "Connection timeouts.",
            timeouts.map(|(name, value)| (labelled(&[("timeout", name)]), u64::from(value))),
        )?;
        let connections = [("active", self.active), ("inactive", self.inactive)];
        writer.one_each(
            "ipvs_connections",
            Kind::Gauge,
            "Connections of all real servers.",
            connections.map(|(state, value)| (labelled(&[("state", state)]), value)),
        )?;
        writer.one_each(
            "ipvs_connection_table_buckets",
            Kind::Gauge,
            "Buckets of the connection hash table.",
            [(labelled(&[]), u64::from(globals.info.connection_table_size))],
        )?;
        let netns = self.netns.as_deref();
        let daemons = globals.daemons.iter();
        writer.one_each(
            "ipvs_sync_daemon",
            Kind::Info,
            "The connection synchronization daemons that run.",
            daemons.map(|daemon| (labels::of_daemon(daemon, netns), 1)),
        )?;
        let (major, minor, patch) = globals.info.version;
        let ipvs = format!("{major}.{minor}.{patch}");
        let version = [
            ("version", env!("CARGO_PKG_VERSION")),
            ("ipvs_version", &ipvs),
        ];
        writer.one_each(
            "ipvs_build",
            Kind::Info,
            "Versions of ipvsadm and of the kernel's IPVS.",
            [(labelled(&version), 1)],
        )
    }
}

impl<T> Default for Rows<T> {
    fn default() -> Self {
        Rows {
            labels: LabelText::default(),
            values: Vec::new(),
        }
    }
}

struct Writer<'a, W: ?Sized> {
    out: &'a mut W,
    format: MetricsFormat,
    line: Vec<u8>,
}

impl<W: Write + ?Sized> Writer<'_, W> {
    /// Writes families whose values are read from rows.
    fn families<T>(&mut self, families: &[Family<T>], rows: &Rows<T>) -> io::Result<()> {
        for family in families {
            self.head(family.name, family.kind, family.help)?;
            for (row, labels) in rows.values.iter().zip(rows.labels.iter()) {
                if let Some(value) = (family.value)(row) {
                    self.sample(family.name, family.kind, labels, value)?;
                }
            }
        }
        Ok(())
    }

    /// Writes a family of samples that are at hand.
    fn one_each(
        &mut self,
        name: &str,
        kind: Kind,
        help: &str,
        samples: impl IntoIterator<Item = (Vec<u8>, u64)>,
    ) -> io::Result<()> {
        self.head(name, kind, help)?;
        for (labels, value) in samples {
            self.sample(name, kind, &labels, value)?;
        }
        Ok(())
    }

    /// The type and the help of a family. OpenMetrics names it without the ending of its
    /// samples.
    fn head(&mut self, name: &str, kind: Kind, help: &str) -> io::Result<()> {
        let (ending, word) = match self.format {
            MetricsFormat::Prometheus => (kind.ending(), kind.prometheus()),
            MetricsFormat::OpenMetrics => ("", kind.openmetrics()),
        };
        writeln!(self.out, "# HELP {name}{ending} {help}")?;
        writeln!(self.out, "# TYPE {name}{ending} {word}")
    }

    fn sample(&mut self, name: &str, kind: Kind, labels: &[u8], value: u64) -> io::Result<()> {
        let line = &mut self.line;
        line.clear();
        line.extend_from_slice(name.as_bytes());
        line.extend_from_slice(kind.ending().as_bytes());
        line.extend_from_slice(labels);
        line.push(b' ');
        push_decimal(line, value);
        line.push(b'\n');
        self.out.write_all(line)
    }

    /// OpenMetrics says where it ends, so that a part can't pass for the whole.
    fn end(self) -> io::Result<()> {
        match self.format {
            MetricsFormat::Prometheus => Ok(()),
            MetricsFormat::OpenMetrics => self.out.write_all(b"# EOF\n"),
        }
    }
}

#[cfg(test)]
mod tests;
