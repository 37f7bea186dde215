//! Prints the virtual services and their servers in the text format of Prometheus.
//!
//!     exporter > /var/lib/prometheus/node-exporter/ipvs.prom

use ipvs::{DestinationStatus, Kernel, ServiceKey, ServiceStatus, Stats};

/// A metric: its name, its type, its help, and how it is read from a row.
type Metric<Row> = (&'static str, &'static str, &'static str, fn(&Row) -> f64);

/// What services and servers both count.
const COUNTERS: [Metric<Stats>; 5] = [
    (
        "connections_total",
        "counter",
        "Connections scheduled.",
        |it| it.connections as f64,
    ),
    (
        "in_packets_total",
        "counter",
        "Packets from clients.",
        |it| it.in_packets as f64,
    ),
    (
        "out_packets_total",
        "counter",
        "Packets to clients.",
        |it| it.out_packets as f64,
    ),
    ("in_bytes_total", "counter", "Bytes from clients.", |it| {
        it.in_bytes as f64
    }),
    ("out_bytes_total", "counter", "Bytes to clients.", |it| {
        it.out_bytes as f64
    }),
];

/// What only servers have.
const GAUGES: [Metric<DestinationStatus>; 3] = [
    ("weight", "gauge", "The server's weight.", |it| {
        it.destination.weight.into()
    }),
    (
        "active_connections",
        "gauge",
        "Connections now active.",
        |it| it.active.into(),
    ),
    (
        "inactive_connections",
        "gauge",
        "Connections now inactive.",
        |it| it.inactive.into(),
    ),
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut kernel = Kernel::open()?;
    let services = kernel.services()?;
    let mut servers = Vec::new();
    for ServiceStatus { service, .. } in &services {
        for server in kernel.destinations(&service.key)? {
            servers.push((labels(&service.key, Some(&server)), server));
        }
    }
    let services: Vec<_> = services
        .iter()
        .map(|status| (labels(&status.service.key, None), status))
        .collect();

    // All samples of a metric have to stand together.
    for (name, kind, help, read) in COUNTERS {
        let samples = services
            .iter()
            .map(|(labels, it)| (labels, read(&it.stats)));
        print(&format!("ipvs_service_{name}"), kind, help, samples);
    }
    for (name, kind, help, read) in COUNTERS {
        let samples = servers.iter().map(|(labels, it)| (labels, read(&it.stats)));
        print(&format!("ipvs_server_{name}"), kind, help, samples);
    }
    for (name, kind, help, read) in GAUGES {
        let samples = servers.iter().map(|(labels, it)| (labels, read(it)));
        print(&format!("ipvs_server_{name}"), kind, help, samples);
    }
    Ok(())
}

/// `service="tcp 192.0.2.1:80",server="10.0.0.2:80"`
fn labels(key: &ServiceKey, server: Option<&DestinationStatus>) -> String {
    let service = match key {
        ServiceKey::Address { protocol, endpoint } => {
            format!("{} {endpoint}", protocol.to_string().to_lowercase())
        }
        ServiceKey::Fwmark { family, mark } => format!("mark {mark} {family}"),
    };
    match server {
        None => format!("service=\"{service}\""),
        Some(server) => {
            let endpoint = server.destination.endpoint;
            format!("service=\"{service}\",server=\"{endpoint}\"")
        }
    }
}

fn print<'a>(name: &str, kind: &str, help: &str, samples: impl Iterator<Item = (&'a String, f64)>) {
    println!("# HELP {name} {help}\n# TYPE {name} {kind}");
    for (labels, value) in samples {
        println!("{name}{{{labels}}} {value}");
    }
}
