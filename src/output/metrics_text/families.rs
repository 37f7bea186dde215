//! The metrics: a row each.

use super::{Backend, Service};
use Kind::{Counter, Gauge, Info};

/// What kind of numbers a family has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Counter,
    Gauge,
    /// Labels alone: the value is 1.
    Info,
}

impl Kind {
    /// What the names of samples end in.
    pub(super) fn ending(self) -> &'static str {
        match self {
            Kind::Counter => "_total",
            Kind::Gauge => "",
            Kind::Info => "_info",
        }
    }

    /// Prometheus' own format has no word for labels alone.
    pub(super) fn prometheus(self) -> &'static str {
        match self {
            Kind::Counter => "counter",
            Kind::Gauge | Kind::Info => "gauge",
        }
    }

    pub(super) fn openmetrics(self) -> &'static str {
        match self {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Info => "info",
        }
    }
}

/// A family of samples: its name without the ending, and how a row's value is read;
/// `None` is no sample.
pub(super) struct Family<T> {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) help: &'static str,
    pub(super) value: fn(&T) -> Option<u64>,
}

#[rustfmt::skip] // a line a metric
pub(super) const SERVICE: [Family<Service>; 6] = [
    Family { name: "ipvs_service_connections", kind: Counter, help: "Connections scheduled.", value: |it| Some(it.status.stats.connections) },
    Family { name: "ipvs_service_incoming_packets", kind: Counter, help: "Packets from clients.", value: |it| Some(it.status.stats.in_packets) },
    Family { name: "ipvs_service_outgoing_packets", kind: Counter, help: "Packets to clients.", value: |it| Some(it.status.stats.out_packets) },
    Family { name: "ipvs_service_incoming_bytes", kind: Counter, help: "Bytes from clients.", value: |it| Some(it.status.stats.in_bytes) },
    Family { name: "ipvs_service_outgoing_bytes", kind: Counter, help: "Bytes to clients.", value: |it| Some(it.status.stats.out_bytes) },
    Family { name: "ipvs_service_backends", kind: Gauge, help: "Real servers whose weight is above 0.", value: |it| Some(it.usable) },
];

#[rustfmt::skip] // a line a metric
pub(super) const BACKEND: [Family<Backend>; 11] = [
    Family { name: "ipvs_backend_connections", kind: Counter, help: "Connections scheduled.", value: |it| Some(it.connections) },
    Family { name: "ipvs_backend_incoming_packets", kind: Counter, help: "Packets from clients.", value: |it| Some(it.in_packets) },
    Family { name: "ipvs_backend_outgoing_packets", kind: Counter, help: "Packets to clients.", value: |it| Some(it.out_packets) },
    Family { name: "ipvs_backend_incoming_bytes", kind: Counter, help: "Bytes from clients.", value: |it| Some(it.in_bytes) },
    Family { name: "ipvs_backend_outgoing_bytes", kind: Counter, help: "Bytes to clients.", value: |it| Some(it.out_bytes) },
    Family { name: "ipvs_backend_connections_active", kind: Gauge, help: "Active connections.", value: |it| Some(it.active.into()) },
    Family { name: "ipvs_backend_connections_inactive", kind: Gauge, help: "Inactive connections.", value: |it| Some(it.inactive.into()) },
    Family { name: "ipvs_backend_connections_persistent", kind: Gauge, help: "Persistence templates.", value: |it| Some(it.persistent.into()) },
    Family { name: "ipvs_backend_weight", kind: Gauge, help: "The weight.", value: |it| Some(it.weight.into()) },
    Family { name: "ipvs_backend_upper_threshold", kind: Gauge, help: "Connections at which the server takes no more, where there is a limit.", value: |it| limit(it.upper_threshold) },
    Family { name: "ipvs_backend_lower_threshold", kind: Gauge, help: "Connections below which it takes some again, where that is set.", value: |it| limit(it.lower_threshold) },
];

#[rustfmt::skip] // a line a metric
pub(super) const SERVICE_SETTINGS: Family<u64> =
    Family { name: "ipvs_service", kind: Info, help: "Scheduler, flags and persistence of the virtual service.", value: |it| Some(*it) };

/// The metrics of the whole IPVS, in the order of their samples.
#[rustfmt::skip] // a line a metric
pub(super) const GLOBALS: [Family<u64>; 5] = [
    Family { name: "ipvs_timeout_seconds", kind: Gauge, help: "Connection timeouts.", value: |it| Some(*it) },
    Family { name: "ipvs_connections", kind: Gauge, help: "Connections of all real servers.", value: |it| Some(*it) },
    Family { name: "ipvs_connection_table_buckets", kind: Gauge, help: "Buckets of the connection hash table.", value: |it| Some(*it) },
    Family { name: "ipvs_sync_daemon", kind: Info, help: "The connection synchronization daemons that run.", value: |it| Some(*it) },
    Family { name: "ipvs_build", kind: Info, help: "Versions of ipvsadm and of the kernel's IPVS.", value: |it| Some(*it) },
];

/// 0 stands for no limit.
fn limit(threshold: u32) -> Option<u64> {
    (threshold > 0).then_some(threshold.into())
}
